use crate::numeric::interval::student_factor;
use crate::simulate::lengths::Lengths;
use crate::simulate::merged::{Measure, Merged};
use crate::simulate::tally::{Cycle, Shape, Tally};

const SHAPE: Shape = Shape { causes: 0, parts: 0 };

/// So many cycles of 100 seconds with an outage of these seconds each.
fn merged(cycles: usize, seconds: impl Fn(usize) -> f64, longest_unseen: f64) -> Merged {
    let (mut tally, mut lengths) = (Tally::new(SHAPE), Lengths::new());
    for index in 0..cycles {
        let mut cycle = Cycle::new(SHAPE);
        (cycle.time, cycle.down, cycle.outages) = (100.0, seconds(index), 1.0);
        tally.finish(&mut cycle);
        lengths.add(seconds(index), 1.0);
    }
    Merged {
        streams: vec![tally.clone()],
        seconds: tally.t,
        tally,
        lengths,
        events: 0,
        regenerative: true,
        apart: 0.0,
        longest_unseen,
        most_outages: 1.0,
    }
}

#[test]
fn an_outage_as_none_was_seen_has_room() {
    let n = 1_000;
    let factor = student_factor(999.0, 0.05);
    let expect = |merged: &Merged, of: Measure, half_width: f64| {
        let actual = merged.half_width(of, 0.05);
        assert!((actual / half_width - 1.0).abs() < 1e-9, "{of:?}: {actual} {half_width}");
    };
    // All outages last a second, although a recovery takes 50: one of these more makes 50 / 1000 of the downtime.
    let alike = merged(n, |_| 1.0, 50.0);
    expect(&alike, Measure::Downtime, factor * 50.0 / 1_000.0);
    // How many there are does not depend on how long they are: one cycle more or less.
    expect(&alike, Measure::Outages, factor / 1_000.0);
    expect(&alike, Measure::MeanOutage, factor * 49.0 / 1_000.0);
    // One that was drawn is as long: of the downtime the spread has it, and of the mean outage there is room for another.
    let drawn = merged(n, |index| if index == 0 { 51.0 } else { 1.0 }, 50.0);
    assert!(drawn.half_width(Measure::Downtime, 0.05) > 50.0 / 1_050.0);
    assert!(drawn.half_width(Measure::MeanOutage, 0.05) > factor * libm::hypot(50.0, 49.95) / 1_050.0);
}

#[test]
fn the_work_that_is_left_follows_from_both_parts() {
    let few = merged(1_000, |index| 1.0 + (index % 3) as f64, 50.0);
    let times = few.times_for(Measure::Downtime, 0.05, 0.01);
    let enough = merged((1_000.0 * times) as usize, |index| 1.0 + (index % 3) as f64, 50.0);
    // The quantile of Student's law changes by 0.1 % and n / (n - 1) by as much.
    let width = enough.half_width(Measure::Downtime, 0.05);
    assert!((width / 0.01 - 1.0).abs() < 3e-3, "{times} {width}");
    // Where only what was not seen counts, twice the precision takes twice the data, and not four times as much.
    let alike = merged(1_000, |_| 1.0, 50.0);
    let [once, twice] = [0.01, 0.005].map(|precision| alike.times_for(Measure::Downtime, 0.05, precision));
    assert!((twice / once - 2.0).abs() < 1e-6, "{once} {twice}");
}
