//! Relative distances of numbers.

/// Asserts that `actual` is within `tolerance` of `expected`, relative to it. Purely relative: 1e-17 and 9e-17 are not
/// close.
#[track_caller]
pub(crate) fn assert_rel(actual: f64, expected: f64, tolerance: f64, what: &str) {
    let error = relative(actual, expected);
    assert!(error <= tolerance, "{what}: {actual:e} is {error:.1e} from {expected:e}, more than {tolerance:.0e}");
}

/// The relative distance of two numbers; 0 when both are 0.
#[expect(clippy::float_cmp, reason = "equal numbers are no distance apart, also when both are 0")]
pub(crate) fn relative(actual: f64, expected: f64) -> f64 {
    if actual == expected { 0.0 } else { ((actual - expected) / expected).abs() }
}
