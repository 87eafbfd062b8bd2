//! Gauss-Seidel sweeps over non-negative equations, until values change little.

use crate::measure::Observer;

/// Sets `v[index]` to `update(index, v)` for each index of `order`, again and again: until the largest relative change of a
/// sweep is at most `tolerance`, at most `most` times, or the observer ends it.
pub(crate) fn sweep(
    order: &(impl Iterator<Item = usize> + Clone),
    v: &mut [f64],
    (tolerance, most): (f64, u32),
    observer: &dyn Observer,
    update: impl Fn(usize, &[f64]) -> f64,
) {
    for _ in 0..most {
        let mut change = 0.0_f64;
        for index in order.clone() {
            let new = update(index, v);
            if new > 0.0 {
                change = change.max((new - v[index]).abs() / new);
            }
            v[index] = new;
        }
        if change <= tolerance || observer.stop().is_some() {
            break;
        }
    }
}
