//! Gauss-Seidel sweeps over non-negative equations, until values change little.
//!
//! Where states lead to one another many times before they lead elsewhere, each sweep adds little for long. The sums of all changes
//! then shrink by the same factor r in every sweep, and what is still to come is r / (1 - r) times the last change (Aitken 1926):
//! now and then it is added at once, and sweeps go on from there.

use crate::measure::Observer;

/// Sweeps between two such leaps.
const LEAP: u32 = 16;
/// Changes that shrink faster than this need no leap.
const SLOW: f64 = 0.5;

/// Sets `v[index]` to `update(index, v)` for each index of `order`, again and again: until what is left to change is at most `tolerance`
/// of each, as far as it can be seen, at most `most` times, unless the observer ends it before.
pub(crate) fn sweep(
    order: &(impl Iterator<Item = usize> + Clone),
    v: &mut [f64],
    (tolerance, most): (f64, u32),
    observer: &dyn Observer,
    update: impl Fn(usize, &[f64]) -> f64,
) {
    let (mut before, mut last) = (Vec::new(), f64::INFINITY);
    for sweep in 1..=most {
        let is_leap = sweep % LEAP == 0;
        if is_leap {
            before.clear();
            before.extend_from_slice(v);
        }
        let (mut change, mut sum) = (0.0_f64, 0.0);
        for index in order.clone() {
            let new = update(index, v);
            let by = (new - v[index]).abs();
            if new > 0.0 {
                change = change.max(by / new);
            }
            sum += by;
            v[index] = new;
        }
        let shrinks = sum / last;
        last = sum;
        let is_slow = shrinks > SLOW && shrinks < 1.0;
        let left = if is_slow { change / (1.0 - shrinks) } else { change };
        if left <= tolerance || observer.stop().is_some() {
            break;
        }
        if is_leap && is_slow {
            let factor = shrinks / (1.0 - shrinks);
            for (v, before) in v.iter_mut().zip(&before) {
                *v = (*v + (*v - before) * factor).max(0.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sweep;
    use crate::measure::NoObserver;

    #[test]
    fn states_that_hardly_let_go_are_left_in_few_sweeps() {
        // Two states lead to one another, and elsewhere with probability p: each visit costs 1, so v = 1 / p.
        let p = 1e-6;
        let mut v = [0.0; 2];
        let count = std::cell::Cell::new(0);
        sweep(&(0..2), &mut v, (1e-4, 100), &NoObserver, |index, v| {
            count.set(count.get() + 1);
            1.0 + (1.0 - p) * v[1 - index]
        });
        assert!(v.iter().all(|v| (v * p - 1.0).abs() < 1e-3), "{v:?}");
        assert!(count.get() < 200, "{}", count.get());
    }
}
