//! The time line of a system, from those of its parts and the expression that says when it is up.

use std::collections::BTreeMap;

use crate::data::{Instant, Interval, Timeline};
use crate::study::history::Unit;
use crate::topology::system::{Expression, Part};

/// The system in a window and around it: down while `up` is false over its parts. Where that hangs on a part that counts as neither
/// up nor down, the system counts as neither, too. A part without a time line is up.
pub fn composed(up: &Expression, parts: &BTreeMap<Part, Unit>, window: &Interval) -> Unit {
    let mut bends: Vec<Instant> = vec![window.start, window.end];
    for times in parts.values().flat_map(|unit| [&unit.outages, &unit.whole, &unit.left_out]) {
        // What reaches over the edges of the window does so here, too.
        bends.extend(times.intervals().iter().flat_map(|one| [one.start, one.end]));
    }
    bends.sort();
    bends.dedup();
    let (mut outages, mut whole, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
    for pair in bends.windows(2) {
        let interval = Interval { start: pair[0], end: pair[1] };
        let is_up = |unknown: bool| {
            up.evaluate(&mut |part| {
                parts.get(&part).is_none_or(|unit| {
                    let is_down = unit.outages.contains(interval.start);
                    !is_down && (unknown || !unit.left_out.contains(interval.start))
                })
            })
        };
        let in_one_piece = |part| parts.get(&part).is_none_or(|unit: &Unit| !unit.whole.contains(interval.start));
        if !up.evaluate(&mut { in_one_piece }) {
            whole.push(interval);
        }
        match (is_up(true), is_up(false)) {
            (false, _) => outages.push(interval),
            (true, false) => left_out.push(interval),
            (true, true) => {}
        }
    }
    Unit {
        name: String::new(),
        outages: Timeline::from_intervals(outages),
        whole: Timeline::from_intervals(whole),
        left_out: Timeline::from_intervals(left_out),
        open_until: parts.values().filter_map(|unit| unit.open_until).max(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::composed;
    use crate::data::{Instant, Interval, Timeline};
    use crate::study::history::Unit;
    use crate::topology::GroupId;
    use crate::topology::system::{Expression, Part};

    fn at(seconds: i64) -> Instant {
        Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).unwrap()
    }

    fn times(list: &[(i64, i64)]) -> Timeline {
        Timeline::from_intervals(list.iter().map(|(start, end)| Interval { start: at(*start), end: at(*end) }))
    }

    #[test]
    fn a_system_is_down_while_its_expression_is_false() {
        let part = |index| Expression::Part(Part::Group(GroupId(index)));
        let unit = |down: &[(i64, i64)], out: &[(i64, i64)]| Unit {
            name: String::new(),
            outages: times(down),
            whole: times(down),
            left_out: times(out),
            open_until: None,
        };
        let window = Interval { start: at(0), end: at(100) };
        // Either of two, and a third: 25 to 30 both are down; 60 to 65 the third; 80 to 85 one is down and the other is
        // in maintenance, at 90 only one of two is in maintenance.
        let parts = BTreeMap::from([
            (Part::Group(GroupId(0)), unit(&[(-20, -10), (20, 30), (80, 85)], &[])),
            (Part::Group(GroupId(1)), unit(&[(-15, 3), (25, 40)], &[(80, 95)])),
            (Part::Group(GroupId(2)), unit(&[(60, 65), (99, 110)], &[])),
        ]);
        let up = Expression::And(vec![Expression::Or(vec![part(0), part(1)]), part(2)]);
        let found = composed(&up, &parts, &window);
        assert_eq!(found.outages, times(&[(-15, -10), (25, 30), (60, 65), (99, 110)]));
        assert_eq!(found.left_out, times(&[(80, 85)]));
    }
}
