use crate::numeric::interval::student_factor;
use crate::simulate::rare::estimates::{Estimates, LEAST_VARIATION, Variance, half_width};
use crate::simulate::rare::statistics::Statistics;

/// 32 batches of 100 cycles of one second, each for 25 branches, with these sums.
fn batches(sum: impl Fn(usize) -> f64) -> Estimates {
    let batch = |index: usize| {
        let mut batch = Statistics::new(2, 0, 0);
        (0..100).for_each(|_| batch.add_cycle(1.0, 0.0));
        batch.branches = 25;
        batch.sums = vec![sum(index), 0.0];
        batch
    };
    Estimates::new((0..32).map(batch).collect(), 0.05)
}

#[test]
fn what_does_not_vary_still_has_a_width() {
    let ratio = batches(|_| 7.0).rate(0);
    // 800 branches that vary by a tenth; the quantile is that of a normal law, as nothing of it is estimated.
    let expected = 1.959_963_984_540_054 * LEAST_VARIATION / libm::sqrt(800.0);
    assert!((ratio.half_width / expected - 1.0).abs() < 1e-9, "{ratio:?}");
    assert!(ratio.error < 1e-15);
    // A spread of rounding alone has no say about the degrees of freedom either.
    let rounded = batches(|index| 7.0 * (1.0 + f64::EPSILON * (index % 3) as f64)).rate(0);
    assert!((rounded.half_width / expected - 1.0).abs() < 1e-9, "{rounded:?}");
}

#[test]
fn what_varies_much_has_the_width_of_batches() {
    let ratio = batches(|index| if index % 2 == 0 { 4.0 } else { 10.0 }).rate(0);
    // Deviations of 3 from 7: s = 3 * sqrt(32 * 32 / 31) of a sum of 224, with 31 degrees of freedom but for the least term.
    let error = 3.0 * libm::sqrt(32.0 * 32.0 / 31.0) / 224.0;
    assert!((ratio.error / error - 1.0).abs() < 1e-12);
    let widened = libm::hypot(error, LEAST_VARIATION / libm::sqrt(800.0));
    let least = student_factor(32.0, 0.05) * widened;
    let most = student_factor(31.0, 0.05) * widened;
    assert!(ratio.half_width > least && ratio.half_width < most, "{ratio:?} {least} {most}");
}

#[test]
fn parts_add_up_with_the_degrees_of_satterthwaite() {
    // (1 + 3)^2 / (1 / 4 + 9 / 12) = 16.
    let parts = [Variance { value: 1.0, degrees: 4.0 }, Variance { value: 3.0, degrees: 12.0 }];
    assert!((half_width(&parts, 0.05) - 2.0 * student_factor(16.0, 0.05)).abs() < 1e-12);
}
