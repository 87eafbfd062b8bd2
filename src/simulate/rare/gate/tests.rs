use crate::simulate::rare::estimates::Estimates;
use crate::simulate::rare::gate::{Share, estimate, supports};
use crate::simulate::rare::statistics::Statistics;

/// Batches of 100 cycles of one second, with these sums of a whole and of its part.
fn batches(sums: impl Fn(usize) -> [f64; 2]) -> Estimates {
    let batch = |index: usize| {
        let mut batch = Statistics::new(2, 0, 0);
        (0..100).for_each(|_| batch.add_cycle(1.0, 0.0));
        batch.sums = sums(index).to_vec();
        batch
    };
    Estimates::new((0..32).map(batch).collect(), 0.05)
}

fn part(batch: &Statistics) -> f64 {
    batch.sums[1]
}

#[test]
fn what_rests_on_few_branches_has_no_interval() {
    // Each batch saw one or three: as many equal branches would vary by a half from batch to batch.
    let even = batches(|index| [9.0, [1.0, 3.0][index % 2]]);
    assert!(supports(&even, &part));
    assert!(estimate(&even, even.rate(1), &part).point.is_some());
    // One batch brought as much as half of the others together, and the interval alone would let it pass.
    let uneven = batches(|index| [9.0, if index == 0 { 4.0 } else { 1.0 }]);
    assert!(uneven.rate(1).half_width < 0.5);
    assert!(!supports(&uneven, &part));
    assert_eq!(estimate(&uneven, uneven.rate(1), &part).point, None);
    // A few batches saw it, and the others did not.
    let seldom = batches(|index| [9.0, f64::from(u8::from(index < 14))]);
    assert!(seldom.rate(1).half_width < 0.5 && !supports(&seldom, &part));
    assert!(!supports(&batches(|_| [9.0, 0.0]), &part));
}

#[test]
fn a_share_whose_rest_rests_on_few_branches_is_a_bound() {
    let share = Share { part: &part, whole: &|batch| batch.sums[0], unseen: 0.02 };
    // Of two batches that brought more, one was all of the part, and one not.
    let rest = |index: usize| if index == 3 { 2.0 } else { 0.0 };
    let nearly_all =
        share.estimate(&batches(|index| [100.0 + (index % 5) as f64, 100.0 + (index % 5) as f64 - rest(index)]));
    assert!(nearly_all.point.is_some_and(|point| point > 0.999));
    assert!(nearly_all.low.is_some_and(|low| low < 0.98), "{nearly_all:?}");
    assert_eq!(nearly_all.high, Some(1.0));
    // A quarter of the batches saw it a little: there is no interval, but it cannot be much more.
    let seldom = share.estimate(&batches(|index| [100.0 + (index % 5) as f64, f64::from(u8::from(index < 8))]));
    assert_eq!((seldom.point, seldom.low), (None, None));
    assert!(seldom.high.is_some_and(|high| (0.02..0.04).contains(&high)), "{seldom:?}");
    let none = share.estimate(&batches(|_| [100.0, 0.0]));
    assert_eq!((none.point, none.high), (None, Some(0.02)));
}
