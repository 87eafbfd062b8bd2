//! When a rule would have fired.
//!
//! A window's condition, `bad / total > threshold`, is `bad - threshold * total > 0`. Both curves are straight between
//! bends, so the left side is, too, and the instants at which it crosses zero are found exactly instead of being
//! looked for at evaluation steps.

use crate::slo::curve::{Curve, Walk};
use crate::slo::rule::Rule;

/// A time during which a rule fires.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Firing {
    /// When it begins to fire, the waiting time included.
    pub start: f64,
    /// When it is silent again; absent while it still fires at the end of what is known.
    pub end: Option<f64>,
}

/// When the rule fires between `from` and `to`, for the share `threshold` of bad events.
pub fn firings(curve: &Curve, rule: &Rule, threshold: f64, from: f64, to: f64) -> Vec<Firing> {
    let lengths: Vec<f64> = rule.windows().map(|seconds| seconds as f64).collect();
    let mut excesses: Vec<Excess> = lengths.iter().map(|length| Excess::new(curve, *length, threshold)).collect();
    let mut before = from;
    let mut left: Vec<f64> = excesses.iter_mut().map(|excess| excess.at(from)).collect();
    let mut active: Vec<(f64, f64)> = Vec::new();
    for time in bends(curve, &lengths, from, to) {
        let right: Vec<f64> = excesses.iter_mut().map(|excess| excess.at(time)).collect();
        let above = left.iter().zip(&right).map(|(left, right)| positive(*left, *right, before, time));
        let above = above.reduce(|a, b| Some((a?.0.max(b?.0), a?.1.min(b?.1)))).flatten();
        if let Some((start, end)) = above.filter(|(start, end)| start < end) {
            match active.last_mut().filter(|last| last.1 >= start) {
                Some(last) => last.1 = end,
                None => active.push((start, end)),
            }
        }
        (before, left) = (time, right);
    }
    let hold = rule.hold_seconds as f64;
    let held = active.into_iter().filter(|(start, end)| start + hold < *end);
    held.map(|(start, end)| Firing { start: start + hold, end: (end < to).then_some(end) }).collect()
}

/// How far a window's bad events are above what the threshold allows.
struct Excess<'a> {
    now: Walk<'a>,
    then: Walk<'a>,
    length: f64,
    threshold: f64,
}

impl<'a> Excess<'a> {
    fn new(curve: &'a Curve, length: f64, threshold: f64) -> Self {
        Self { now: curve.walk(), then: curve.walk(), length, threshold }
    }

    fn at(&mut self, time: f64) -> f64 {
        let (now, then) = (self.now.at(time), self.then.at(time - self.length));
        (now.bad - then.bad) - self.threshold * (now.total - then.total)
    }
}

/// Where a straight line from `left` to `right` over the times is above zero.
fn positive(left: f64, right: f64, start: f64, end: f64) -> Option<(f64, f64)> {
    let crossing = || start + (end - start) * (left / (left - right));
    match (left > 0.0, right > 0.0) {
        (true, true) => Some((start, end)),
        (true, false) => Some((start, crossing())),
        (false, true) => Some((crossing(), end)),
        (false, false) => None,
    }
}

/// Instants between `from` and `to`, in order, between which everything is straight; the last one is `to`.
fn bends(curve: &Curve, lengths: &[f64], from: f64, to: f64) -> impl Iterator<Item = f64> {
    let shifts = std::iter::once(0.0).chain(lengths.iter().copied());
    let mut queues: Vec<_> = shifts.map(|shift| curve.bends().map(move |time| time + shift).peekable()).collect();
    let merged = std::iter::from_fn(move || {
        let heads = queues.iter_mut().enumerate();
        let heads = heads.filter_map(|(at, queue)| queue.peek().map(|time| (at, *time)));
        let (first, _) = heads.min_by(|a, b| a.1.total_cmp(&b.1))?;
        queues[first].next()
    });
    let inside = merged.skip_while(move |time| *time <= from).take_while(move |time| *time < to);
    inside.chain(std::iter::once(to))
}

#[cfg(test)]
mod tests {
    use super::{Firing, firings};
    use crate::quantity::Objective;
    use crate::slo::curve::{Curve, Stretch};
    use crate::slo::rule::Rule;
    use crate::slo::scheme::find;

    const DAY: u64 = 86_400;

    fn rules(name: &str) -> Vec<Rule> {
        let scheme = find(name).unwrap();
        scheme.rules(scheme.period_seconds).unwrap()
    }

    fn outage(start: f64, length: f64, share: f64) -> Stretch {
        Stretch { start, end: start + length, bad: share * length, total: length }
    }

    fn near(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-6, "{actual} is not {expected}");
    }

    #[test]
    fn a_total_outage_fires_and_resets_as_planned() {
        // 99.9 %, workbook: 51.84 s to detect; after two hours the short window resets 300 (1 - 0.0144) s later.
        let objective: Objective = "99.9%".parse().unwrap();
        let rule = rules("workbook")[0];
        let curve = Curve::of_time(&[outage(1_000_000.0, 7_200.0, 1.0)]);
        let found = firings(&curve, &rule, rule.factor.threshold(&objective), 0.0, 2_000_000.0);
        assert_eq!(found.len(), 1, "{found:?}");
        near(found[0].start, 1_000_051.84);
        near(found[0].end.unwrap(), 1_007_200.0 + 300.0 * (1.0 - 0.0144));
        // Still firing at the end of what is known.
        let open = firings(&curve, &rule, 0.0144, 0.0, 1_000_100.0);
        assert!(matches!(open[..], [Firing { end: None, .. }]), "{open:?}");
    }

    #[test]
    fn short_outages_and_small_ratios_do_not_fire() {
        let rule = rules("workbook")[0];
        for outage in [outage(5_000.0, 51.0, 1.0), outage(5_000.0, 50_000.0, 0.0143)] {
            assert_eq!(firings(&Curve::of_time(&[outage]), &rule, 0.0144, 0.0, 1e6), []);
        }
        // Half the errors take twice as long.
        let half = firings(&Curve::of_time(&[outage(5_000.0, 50_000.0, 0.5)]), &rule, 0.0144, 0.0, 1e6);
        near(half[0].start, 5_103.68);
    }

    #[test]
    fn waiting_must_be_over_before_it_fires() {
        // Pyrra at 99 %, 28 d: threshold 0.14 over 1 h, two minutes of waiting.
        let rule = rules("pyrra")[0];
        let long = firings(&Curve::of_time(&[outage(1e6, 3_600.0, 1.0)]), &rule, 0.14, 0.0, 2e6);
        near(long[0].start, 1e6 + 504.0 + 120.0);
        // 505 s of outage: the condition holds while the short window is above its threshold, 300 * 0.86 s longer.
        let short = firings(&Curve::of_time(&[outage(1e6, 505.0, 1.0)]), &rule, 0.14, 0.0, 2e6);
        near(short[0].start, 1e6 + 624.0);
        near(short[0].end.unwrap(), 1e6 + 505.0 + 258.0);
    }

    #[test]
    fn exact_crossings_agree_with_small_steps() {
        // Outages and partial outages at odd times, against an evaluation every half second.
        let outages: Vec<Stretch> = (0..40_u32)
            .map(|at| {
                let start = f64::from(at) * 9_000.0 + f64::from(at * at % 97) * 13.0;
                outage(start, 20.0 + f64::from(at * 37 % 101) * 6.0, if at % 3 == 0 { 1.0 } else { 0.2 })
            })
            .collect();
        let curve = Curve::of_time(&outages);
        let rule = rules("workbook")[0];
        let found = firings(&curve, &rule, 0.0144, 0.0, 400_000.0);
        assert!(found.len() > 5, "{found:?}");
        let ratio = |time: f64, length: f64| curve.within(time - length, time).bad / length;
        for step in 1..800_000_u32 {
            let time = f64::from(step) / 2.0;
            let fires = ratio(time, 3_600.0) > 0.0144 && ratio(time, 300.0) > 0.0144;
            let said = found.iter().any(|firing| firing.start < time && firing.end.is_none_or(|end| time < end));
            let edge = |at: f64| (at - time).abs() < 1e-3;
            let at_edge = found.iter().any(|firing| edge(firing.start) || firing.end.is_some_and(edge));
            assert!(fires == said || at_edge, "{time}: {fires}, {found:?}");
        }
    }

    #[test]
    fn events_are_weighted_by_their_number() {
        // Ten days of 1000 events an hour; one hour with 20 % bad: 200 of 1000 is above 0.0144 as soon as 14.4 are bad.
        let hour = |at: u32| Stretch {
            start: f64::from(at) * 3_600.0,
            end: f64::from(at + 1) * 3_600.0,
            bad: if at == 100 { 200.0 } else { 0.0 },
            total: 1_000.0,
        };
        let stretches: Vec<Stretch> = (0..240).map(hour).collect();
        let rule = rules("workbook")[0];
        let found = firings(&Curve::of_events(&stretches), &rule, 0.0144, 0.0, (10 * DAY) as f64);
        assert_eq!(found.len(), 1);
        near(found[0].start, 360_000.0 + 3_600.0 * 14.4 / 200.0);
    }
}
