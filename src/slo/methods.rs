//! The four ways to count a budget: they differ, and all are in use.
//!
//! - *time*: bad seconds of all seconds;
//! - *occurrences*: bad events of all events;
//! - *timeslices*: time is cut into slices of one length, and a slice is bad when its share of good events is below a
//!   target of its own: bad slices of all slices;
//! - *ratio timeslices*: the mean over all slices of their bad share.
//!
//! The last three are the budgeting methods of OpenSLO v1. Slices without any events count for nothing.

use crate::slo::curve::{Curve, Stretch};

/// A way to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Bad seconds.
    Time,
    /// Bad events.
    Occurrences,
    /// Bad slices.
    Timeslices,
    /// Bad shares of slices.
    RatioTimeslices,
}

impl Method {
    /// As in reports: `time`, `occurrences`, `timeslices`, `ratio timeslices`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Occurrences => "occurrences",
            Self::Timeslices => "timeslices",
            Self::RatioTimeslices => "ratio timeslices",
        }
    }

    /// What it counts: `s`, `events` or `slices`.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Time => "s",
            Self::Occurrences => "events",
            Self::Timeslices | Self::RatioTimeslices => "slices",
        }
    }
}

/// So much bad of so much in all, in the unit of a method.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Bad.
    pub bad: f64,
    /// All.
    pub total: f64,
}

/// How slices are cut and judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slicing {
    /// Length of a slice.
    pub seconds: f64,
    /// A slice is bad when more than this share of it is bad: one minus the target of a slice.
    pub budget: f64,
}

/// Counts what happened between two instants. Slices begin at `from`; the last one counts when it is complete.
pub fn tally(curve: &Curve, method: Method, slicing: &Slicing, from: f64, to: f64) -> Tally {
    match method {
        Method::Time | Method::Occurrences => {
            let all = curve.within(from, to);
            Tally { bad: all.bad, total: all.total }
        }
        Method::Timeslices => {
            count(slices(curve, slicing, from, to), |slice| f64::from(u8::from(is_bad(slice, slicing))))
        }
        Method::RatioTimeslices => count(slices(curve, slicing, from, to), |slice| slice.bad / slice.total),
    }
}

fn count(slices: impl Iterator<Item = Stretch>, bad: impl Fn(&Stretch) -> f64) -> Tally {
    slices.fold(Tally::default(), |sum, slice| Tally { bad: sum.bad + bad(&slice), total: sum.total + 1.0 })
}

/// Whether the good share is below the target. Both sides are rounded, so that a share equal to the budget needs some
/// room.
fn is_bad(slice: &Stretch, slicing: &Slicing) -> bool {
    slice.bad > slicing.budget * slice.total * (1.0 + 1e-12)
}

fn slices<'a>(curve: &'a Curve, slicing: &Slicing, from: f64, to: f64) -> impl Iterator<Item = Stretch> + 'a {
    // A length that divides the window but for rounding does so.
    let number = libm::floor((to - from) / slicing.seconds * (1.0 + 1e-12)) as u64;
    let length = slicing.seconds;
    let mut walk = curve.walk();
    let mut before = walk.at(from);
    let all = (1..=number).map(move |at| {
        let start = before;
        before = walk.at(from + at as f64 * length);
        Stretch { start: start.time, end: before.time, bad: before.bad - start.bad, total: before.total - start.total }
    });
    all.filter(|slice| slice.total > 0.0)
}

#[cfg(test)]
mod tests {
    use super::{Method, Slicing, Tally, tally};
    use crate::slo::curve::{Curve, Stretch};

    fn share(tally: Tally) -> f64 {
        tally.bad / tally.total
    }

    /// Ten samples, a target of 95 %: 118.646 %, 800 % and 168.571 % of the budget, by M. C. of Nobl9, "A quick write
    /// up on the different outcomes from various error budget calculation methods", gist.github.com/nobl9-mikec.
    #[test]
    fn a_published_example_burns_119_or_800_or_169_percent() {
        let good = [2, 10, 12, 13, 13, 12, 13, 13, 12, 11];
        let valid = [4, 10, 12, 13, 14, 15, 14, 13, 12, 11];
        let sample = |at: usize| Stretch {
            start: at as f64 * 60.0,
            end: (at + 1) as f64 * 60.0,
            bad: f64::from(valid[at] - good[at]),
            total: f64::from(valid[at]),
        };
        let curve = Curve::of_events(&(0..10).map(sample).collect::<Vec<_>>());
        let slicing = Slicing { seconds: 60.0, budget: 0.05 };
        let burn = |method| share(tally(&curve, method, &slicing, 0.0, 600.0)) / 0.05;
        let near = |actual: f64, expected: f64| assert!((actual / expected - 1.0).abs() < 1e-14, "{actual}");
        near(burn(Method::Occurrences), 7.0 / 118.0 / 0.05);
        assert!((burn(Method::Occurrences) - 1.18644).abs() < 5e-6);
        near(burn(Method::Timeslices), 8.0);
        // (1/2 + 1/14 + 1/5 + 1/14) / 10 / 0.05 = 59 / 35.
        near(burn(Method::RatioTimeslices), 59.0 / 35.0);
    }

    #[test]
    fn methods_of_time_agree_but_for_whole_slices() {
        // 90 s of outage from 30 s on: 90 seconds, and with slices of a minute half of the first and all of the second.
        let outage = Stretch { start: 30.0, end: 120.0, bad: 90.0, total: 90.0 };
        let curve = Curve::of_time(&[outage]);
        let slicing = Slicing { seconds: 60.0, budget: 0.1 };
        let of = |method| tally(&curve, method, &slicing, 0.0, 3_630.0);
        assert_eq!(of(Method::Time), Tally { bad: 90.0, total: 3_630.0 });
        assert_eq!(of(Method::Timeslices), Tally { bad: 2.0, total: 60.0 });
        assert_eq!(of(Method::RatioTimeslices), Tally { bad: 1.5, total: 60.0 });
    }

    #[test]
    fn a_slice_at_its_target_is_good() {
        for (bad, total, budget) in [(29.0, 100.0, 0.29), (7.0, 100.0, 0.07), (1.0, 20.0, 0.05)] {
            let curve = Curve::of_events(&[Stretch { start: 0.0, end: 60.0, bad, total }]);
            let at = tally(&curve, Method::Timeslices, &Slicing { seconds: 60.0, budget }, 0.0, 60.0);
            assert_eq!(at, Tally { bad: 0.0, total: 1.0 }, "{bad}");
        }
    }

    #[test]
    fn slices_without_events_do_not_count() {
        let stretch = |start: f64| Stretch { start, end: start + 60.0, bad: 1.0, total: 2.0 };
        let curve = Curve::of_events(&[stretch(0.0), stretch(600.0)]);
        let slicing = Slicing { seconds: 60.0, budget: 0.1 };
        assert_eq!(tally(&curve, Method::Timeslices, &slicing, 0.0, 3_600.0), Tally { bad: 2.0, total: 2.0 });
    }
}
