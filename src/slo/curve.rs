//! What happened, as two curves: bad and all events (or seconds) up to each instant.

/// What happened between two instants: so much bad of so much in all, spread evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Its begin, in seconds from any origin.
    pub start: f64,
    /// Its end, after the begin.
    pub end: f64,
    /// Bad events, or bad seconds.
    pub bad: f64,
    /// All events, or seconds that count.
    pub total: f64,
}

/// Bad and all events up to each instant: straight lines between points.
#[derive(Clone, Debug)]
pub struct Curve {
    points: Vec<Point>,
    /// Whether time outside of the stretches counts as good; otherwise nothing is known of it.
    gaps_are_good: bool,
}

/// What has happened up to an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// When, in seconds.
    pub time: f64,
    /// Bad so far.
    pub bad: f64,
    /// All so far.
    pub total: f64,
}

impl Curve {
    /// Of outages in time: all that is outside of the stretches is good time. Stretches are in order and do not
    /// overlap.
    pub fn of_time(stretches: &[Stretch]) -> Self {
        Self::new(stretches, true)
    }

    /// Of counted events: outside of the stretches nothing is known. Stretches are in order and do not overlap.
    pub fn of_events(stretches: &[Stretch]) -> Self {
        Self::new(stretches, false)
    }

    fn new(stretches: &[Stretch], gaps_are_good: bool) -> Self {
        let mut points: Vec<Point> = Vec::with_capacity(2 * stretches.len());
        let mut now = Point::default();
        for stretch in stretches {
            if points.is_empty() {
                now.time = stretch.start;
            } else if gaps_are_good {
                now.total += stretch.start - now.time;
            }
            now.time = stretch.start;
            if points.last().is_none_or(|last: &Point| last.time < stretch.start) {
                points.push(now);
            }
            now = Point { time: stretch.end, bad: now.bad + stretch.bad, total: now.total + stretch.total };
            points.push(now);
        }
        Self { points, gaps_are_good }
    }

    /// The instants at which a curve bends.
    pub fn bends(&self) -> impl Iterator<Item = f64> + '_ {
        self.points.iter().map(|point| point.time)
    }

    /// What has happened up to `time`.
    pub fn at(&self, time: f64) -> Point {
        self.between(self.points.partition_point(|point| point.time <= time), time)
    }

    /// What happened in a window.
    pub fn within(&self, start: f64, end: f64) -> Stretch {
        let (before, after) = (self.at(start), self.at(end));
        Stretch { start, end, bad: after.bad - before.bad, total: after.total - before.total }
    }

    /// `after` is the first point later than `time`.
    fn between(&self, after: usize, time: f64) -> Point {
        let outside = |from: &Point| {
            let more = if self.gaps_are_good { time - from.time } else { 0.0 };
            Point { time, bad: from.bad, total: from.total + more }
        };
        match (after.checked_sub(1).and_then(|before| self.points.get(before)), self.points.get(after)) {
            (None, None) => Point { time, bad: 0.0, total: if self.gaps_are_good { time } else { 0.0 } },
            (None, Some(first)) => outside(first),
            (Some(last), None) => outside(last),
            (Some(from), Some(to)) => {
                let share = (time - from.time) / (to.time - from.time);
                let along = |from: f64, to: f64| from + share * (to - from);
                Point { time, bad: along(from.bad, to.bad), total: along(from.total, to.total) }
            }
        }
    }

    /// A reader for instants that only grow: a walk over the whole curve takes as many steps as it has points.
    pub fn walk(&self) -> Walk<'_> {
        Walk { curve: self, after: 0 }
    }
}

/// Reads a curve at growing instants.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    curve: &'a Curve,
    after: usize,
}

impl Walk<'_> {
    /// What has happened up to `time`, which is not before the last one asked for.
    pub fn at(&mut self, time: f64) -> Point {
        while self.curve.points.get(self.after).is_some_and(|point| point.time <= time) {
            self.after += 1;
        }
        self.curve.between(self.after, time)
    }
}

#[cfg(test)]
mod tests {
    use super::{Curve, Stretch};

    const OUTAGES: [Stretch; 2] = [
        Stretch { start: 10.0, end: 20.0, bad: 10.0, total: 10.0 },
        Stretch { start: 40.0, end: 50.0, bad: 5.0, total: 10.0 },
    ];

    #[test]
    fn time_outside_of_outages_is_good() {
        let curve = Curve::of_time(&OUTAGES);
        let all = curve.within(0.0, 100.0);
        assert_eq!((all.bad, all.total), (15.0, 100.0));
        let part = curve.within(15.0, 45.0);
        assert_eq!((part.bad, part.total), (7.5, 30.0));
        let none = Curve::of_time(&[]).within(5.0, 25.0);
        assert_eq!((none.bad, none.total), (0.0, 20.0));
    }

    #[test]
    fn nothing_is_known_outside_of_counts() {
        let curve = Curve::of_events(&OUTAGES);
        let all = curve.within(0.0, 100.0);
        assert_eq!((all.bad, all.total), (15.0, 20.0));
        let gap = curve.within(22.0, 38.0);
        assert_eq!((gap.bad, gap.total), (0.0, 0.0));
    }

    #[test]
    fn a_walk_reads_the_same_as_jumps() {
        for curve in [Curve::of_time(&OUTAGES), Curve::of_events(&OUTAGES)] {
            let mut walk = curve.walk();
            for step in 0..240 {
                let time = f64::from(step) / 4.0;
                assert_eq!(walk.at(time), curve.at(time));
            }
        }
    }
}
