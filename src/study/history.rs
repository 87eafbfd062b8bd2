//! What a log says about the failures and repairs of units: samples to fit, and the shares of time to keep.
//!
//! A unit is what has a time line of its own: a component, or the whole system. In a window
//! - each outage that begins in it gives a time to repair; one that goes on at the end of the window, or of the log, is
//!   censored;
//! - each up time between two outages gives a time between failures; the one that goes on at the end is censored. The
//!   time before the first outage is the rest of an up time that began unseen, and is left out: from its first failure
//!   on, each unit is a renewal process.
//!
//! Times that count as neither up nor down (maintenance, missing samples) are no part of up times. The mean up and down
//! times that keep the availability of the log are those of [`Counts`].

use crate::data::{Instant, Interval, Timeline};
use crate::fit::{Course, Observation};

/// One unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Its name; empty for the whole system.
    pub name: String,
    /// When it was down, as it counts: maintenance may cut an outage in parts.
    pub outages: Timeline,
    /// Its outages in one piece each, from begin to end, those times included that maintenance hides.
    pub whole: Timeline,
    /// When it counts as neither up nor down.
    pub left_out: Timeline,
    /// Until when it is known, where an incident has no end.
    pub open_until: Option<Instant>,
}

/// Units in a window.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The window.
    pub window: Interval,
    /// Units of which there are incidents.
    pub units: Vec<Unit>,
    /// Further units, of which there are none.
    pub idle: u64,
}

/// What is counted over all units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counts {
    /// Units.
    pub units: u64,
    /// Outages with a part in the window.
    pub outages: u64,
    /// Outages that begin in the window.
    pub begun: u64,
    /// Seconds down.
    pub down: f64,
    /// Seconds up.
    pub up: f64,
}

impl Counts {
    /// Share of time down.
    pub fn unavailability(&self) -> f64 {
        self.down / (self.down + self.up)
    }

    /// Mean up time that keeps the share, in seconds; absent without outages.
    pub fn mean_up(&self) -> Option<f64> {
        (self.outages > 0).then(|| self.up / self.outages as f64)
    }

    /// Mean down time that keeps the share, in seconds; absent without outages.
    pub fn mean_down(&self) -> Option<f64> {
        (self.outages > 0).then(|| self.down / self.outages as f64)
    }
}

/// Failures that came with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Together {
    /// Failures that began with one of another unit.
    pub together: u64,
    /// All.
    pub failures: u64,
}

impl Together {
    /// The share that came with others: what beta is in the beta-factor model (Fleming 1975), absent without failures.
    pub fn share(&self) -> Option<f64> {
        (self.failures > 0).then(|| self.together as f64 / self.failures as f64)
    }
}

impl History {
    /// The outages of a unit with a part in the window that counts, in one piece each.
    fn whole(&self, unit: &Unit) -> Vec<Interval> {
        let counts = |outage: &Interval| unit.outages.nanoseconds_within(outage) > 0;
        unit.whole.clipped(&self.window).intervals().iter().copied().filter(counts).collect()
    }

    /// Counts over all units.
    pub fn counts(&self) -> Counts {
        let idle = self.idle as f64 * self.window.seconds();
        let none = Counts { units: self.units.len() as u64 + self.idle, outages: 0, begun: 0, down: 0.0, up: idle };
        self.units.iter().fold(none, |sum, unit| {
            let outages = unit.outages.clipped(&self.window);
            let down = outages.nanoseconds();
            let up =
                self.window.nanoseconds() - down - unit.left_out.without(&outages).nanoseconds_within(&self.window);
            Counts {
                outages: sum.outages + self.whole(unit).len() as u64,
                begun: sum.begun + self.begun(unit).count() as u64,
                down: sum.down + seconds(down),
                up: sum.up + seconds(up),
                ..sum
            }
        })
    }

    /// The outages of a unit that begin in the window.
    fn begun<'a>(&self, unit: &'a Unit) -> impl Iterator<Item = &'a Interval> {
        let window = self.window;
        let counts = move |outage: &&Interval| {
            window.contains(outage.start)
                && outage.clipped(&window).is_some_and(|part| unit.outages.nanoseconds_within(&part) > 0)
        };
        unit.whole.intervals().iter().filter(counts)
    }

    /// Times to repair: as much of each outage as counts, without what maintenance hides.
    pub fn repairs(&self) -> Vec<Observation> {
        let of_unit = |unit: &Unit| -> Vec<Observation> {
            let repair = |outage: &Interval| {
                let part = Interval { start: outage.start, end: outage.end.min(self.window.end) };
                let censored = outage.end > self.window.end || unit.open_until == Some(outage.end);
                Observation { seconds: seconds(unit.outages.nanoseconds_within(&part)), censored }
            };
            self.begun(unit).map(repair).collect()
        };
        self.units.iter().flat_map(of_unit).collect()
    }

    /// Up times between failures.
    pub fn lives(&self) -> Vec<Observation> {
        self.units.iter().flat_map(|unit| self.lives_of(unit)).collect()
    }

    fn lives_of(&self, unit: &Unit) -> Vec<Observation> {
        let within = self.whole(unit);
        let up = |start: Instant, end: Instant| -> f64 {
            let Some(gap) = Interval::new(start, end) else { return 0.0 };
            seconds(gap.nanoseconds() - unit.left_out.nanoseconds_within(&gap))
        };
        let mut lives: Vec<Observation> = within
            .windows(2)
            .map(|pair| Observation { seconds: up(pair[0].end, pair[1].start), censored: false })
            .collect();
        let rest = within.last().map(|last| up(last.end, self.window.end)).filter(|rest| *rest > 0.0);
        lives.extend(rest.map(|seconds| Observation { seconds, censored: true }));
        lives
    }

    /// The up times of each unit between failures, in their order, for tests of a trend.
    pub fn courses(&self) -> Vec<Course> {
        let of_unit = |unit: &Unit| {
            let (rest, ended): (Vec<_>, Vec<_>) = self.lives_of(unit).into_iter().partition(|life| life.censored);
            let ended = ended.into_iter().map(|life| life.seconds).collect();
            Course { ended, rest: rest.first().map(|life| life.seconds) }
        };
        self.units.iter().map(of_unit).collect()
    }

    /// Failures that began with one of another unit: each at most `apart` seconds after the one before.
    pub fn together(&self, apart: f64) -> Together {
        let of_unit = |(number, unit): (usize, &Unit)| -> Vec<(f64, usize)> {
            let start = |outage: &Interval| (outage.start.seconds_since(self.window.start), number);
            self.begun(unit).map(start).collect()
        };
        let mut starts: Vec<(f64, usize)> = self.units.iter().enumerate().flat_map(of_unit).collect();
        starts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let groups = starts.chunk_by(|before, after| after.0 - before.0 <= apart);
        let shared = groups.filter(|group| group.iter().any(|(_, unit)| *unit != group[0].1));
        Together { together: shared.map(|group| group.len() as u64).sum(), failures: starts.len() as u64 }
    }
}

fn seconds(nanoseconds: i128) -> f64 {
    nanoseconds as f64 / 1e9
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact seconds are the claim")]
mod tests {
    use super::{History, Unit};
    use crate::data::{Instant, Interval, Timeline};
    use crate::fit::{Course, Observation};

    fn at(seconds: i64) -> Instant {
        Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).unwrap()
    }

    fn interval((start, end): (i64, i64)) -> Interval {
        Interval::new(at(start), at(end)).unwrap()
    }

    fn unit(name: &str, outages: &[(i64, i64)]) -> Unit {
        let outages = Timeline::from_intervals(outages.iter().copied().map(interval));
        let whole = outages.clone();
        Unit { name: name.to_owned(), outages, whole, left_out: Timeline::EMPTY, open_until: None }
    }

    fn history(units: Vec<Unit>) -> History {
        History { window: interval((0, 100)), units, idle: 0 }
    }

    fn seen(list: &[(f64, bool)]) -> Vec<Observation> {
        list.iter().map(|&(seconds, censored)| Observation { seconds, censored }).collect()
    }

    #[test]
    fn what_reaches_over_the_edges_is_cut_off_or_left_out() {
        let history = history(vec![unit("a", &[(-10, 5), (20, 30), (60, 61), (90, 120)])]);
        // The first outage began before the window, the last one goes on after it.
        assert_eq!(history.repairs(), seen(&[(10.0, false), (1.0, false), (10.0, true)]));
        // From 5 to 20, 30 to 60, 61 to 90; nothing is left after the last outage.
        assert_eq!(history.lives(), seen(&[(15.0, false), (30.0, false), (29.0, false)]));
        let counts = history.counts();
        assert_eq!((counts.outages, counts.begun, counts.down, counts.up), (4, 3, 26.0, 74.0));
        assert_eq!(counts.mean_down().unwrap() / counts.mean_up().unwrap(), 26.0 / 74.0);
    }

    #[test]
    fn the_up_time_at_the_end_and_an_open_outage_are_censored() {
        let mut open = unit("a", &[(20, 30), (60, 80)]);
        open.open_until = Some(at(80));
        let found = history(vec![open, unit("b", &[(50, 55)])]);
        assert_eq!(found.repairs(), seen(&[(10.0, false), (20.0, true), (5.0, false)]));
        assert_eq!(found.lives(), seen(&[(30.0, false), (20.0, true), (45.0, true)]));
        let course = |ended: &[f64], rest: f64| Course { ended: ended.to_vec(), rest: Some(rest) };
        assert_eq!(found.courses(), [course(&[30.0], 20.0), course(&[], 45.0)]);
    }

    #[test]
    fn maintenance_is_no_part_of_up_times() {
        let mut with = unit("a", &[(20, 30), (60, 70)]);
        with.left_out = Timeline::from_intervals([interval((40, 50)), interval((80, 95))]);
        let found = history(vec![with]);
        assert_eq!(found.lives(), seen(&[(20.0, false), (15.0, true)]));
        assert_eq!((found.counts().up, found.counts().down), (55.0, 20.0));
    }

    #[test]
    fn an_outage_that_maintenance_cuts_is_one() {
        // From 20 to 40 with maintenance from 25 to 35: one outage of ten seconds that count. That at 60 is hidden.
        let mut cut = unit("a", &[(20, 25), (35, 40), (80, 85)]);
        cut.whole = Timeline::from_intervals([interval((20, 40)), interval((60, 65)), interval((80, 85))]);
        cut.left_out = Timeline::from_intervals([interval((25, 35)), interval((60, 65))]);
        let found = history(vec![cut]);
        assert_eq!(found.repairs(), seen(&[(10.0, false), (5.0, false)]));
        assert_eq!(found.lives(), seen(&[(35.0, false), (15.0, true)]));
        assert_eq!((found.counts().outages, found.counts().begun), (2, 2));
        assert_eq!((found.counts().down, found.counts().up), (15.0, 70.0));
    }

    #[test]
    fn idle_units_add_up_time_only() {
        let found = History { idle: 3, ..history(vec![unit("a", &[(0, 10)])]) };
        assert_eq!((found.counts().units, found.counts().up, found.counts().down), (4, 390.0, 10.0));
    }

    #[test]
    fn failures_of_different_units_at_one_instant_came_together() {
        let units =
            vec![unit("a", &[(10, 11), (40, 41), (70, 71)]), unit("b", &[(10, 20), (42, 43)]), unit("c", &[(90, 91)])];
        let found = history(units);
        let together = |apart: f64| (found.together(apart).together, found.together(apart).failures);
        assert_eq!(together(0.0), (2, 6));
        assert_eq!(together(2.0), (4, 6));
        // Failures of one unit alone are not together however close they are.
        let alone = history(vec![unit("a", &[(10, 11), (12, 13)])]);
        assert_eq!(alone.together(5.0).together, 0);
    }
}
