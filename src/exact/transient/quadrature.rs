//! Integrals from 0 of functions that change over many orders of magnitude of time.
//!
//! `[0, t]` is halved towards 0: on `[t/2, t]`, `[t/4, t/2]`, … an exponential of any rate is either smooth or over. Each panel
//! is integrated by Gauss-Legendre rules of two sizes (Davis, Rabinowitz 1984, section 2.7), which must agree in the end.

use std::f64::consts::PI;

use crate::numeric::sum::Sum;

/// Nodes and weights on [-1, 1].
#[derive(Debug)]
struct Legendre(Vec<(f64, f64)>);

/// Two rules.
#[derive(Debug)]
pub(crate) struct Quadrature {
    rules: [Legendre; 2],
}

/// Relative distance of the two results that is allowed.
const TOLERANCE: f64 = 2e-11;
/// A panel that adds less than this part is the last one: those below it add less than itself, as the function ascends.
const LEAST_PANEL: f64 = 1e-13;
/// Halvings after which nothing is left that a double could tell.
const MOST_PANELS: usize = 200;

impl Default for Quadrature {
    /// On a panel from a to 2a, 14 nodes integrate exponentials to 1e-15 of the whole, 11 to 1e-12.
    fn default() -> Self {
        Self { rules: [Legendre::new(14), Legendre::new(11)] }
    }
}

impl Quadrature {
    /// The integral of `f` over [0, t]; nothing where `f` is nothing, or where the two rules disagree.
    pub(crate) fn integral<E>(
        &self,
        t: f64,
        mut f: impl FnMut(f64) -> Result<Option<f64>, E>,
    ) -> Result<Option<f64>, E> {
        let mut sums = [Sum::default(); 2];
        let mut end = t;
        for _ in 0..MOST_PANELS {
            let mut panel = [0.0; 2];
            for (value, rule) in panel.iter_mut().zip(&self.rules) {
                match rule.integral(0.5 * end, end, &mut f)? {
                    Some(integral) => *value = integral,
                    None => return Ok(None),
                }
            }
            sums[0].add(panel[0]);
            sums[1].add(panel[1]);
            if panel[0] <= LEAST_PANEL * sums[0].value() {
                break;
            }
            end *= 0.5;
        }
        let [fine, coarse] = sums.map(Sum::value);
        Ok(((fine - coarse).abs() <= TOLERANCE * fine).then_some(fine))
    }
}

impl Legendre {
    /// The zeros of the Legendre polynomial by Newton's method.
    fn new(count: usize) -> Self {
        let node = |index: usize| {
            let mut x = libm::cos(PI * (index as f64 + 0.75) / (count as f64 + 0.5));
            let mut slope = 1.0;
            for _ in 0..100 {
                let (mut before, mut here) = (1.0, x);
                for k in 2..=count {
                    let k = k as f64;
                    (before, here) = (here, ((2.0 * k - 1.0) * x * here - (k - 1.0) * before) / k);
                }
                slope = count as f64 * (x * here - before) / (x * x - 1.0);
                let step = here / slope;
                x -= step;
                if step.abs() < 1e-16 {
                    break;
                }
            }
            (x, 2.0 / ((1.0 - x * x) * slope * slope))
        };
        Self((0..count).map(node).collect())
    }

    fn integral<E>(
        &self,
        from: f64,
        to: f64,
        f: &mut impl FnMut(f64) -> Result<Option<f64>, E>,
    ) -> Result<Option<f64>, E> {
        let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
        let mut sum = Sum::default();
        for (x, weight) in &self.0 {
            match f(centre + half * x)? {
                Some(value) => sum.add(half * weight * value),
                None => return Ok(None),
            }
        }
        Ok(Some(sum.value()))
    }
}

#[cfg(test)]
mod tests {
    use super::Quadrature;

    #[test]
    fn exponentials_of_any_rate_are_integrated() {
        for exponent in -12..12 {
            let rate = 10.0_f64.powf(f64::from(exponent) / 2.0);
            let integral = Quadrature::default().integral(1.0, |t| Ok::<_, ()>(Some(-(-rate * t).exp_m1()))).unwrap();
            // t - (1 - e^-rt) / r, by its series where that cancels.
            let series = |r: f64| 0.5 * r * (3..40).rev().fold(1.0, |rest, k| 1.0 - rest * r / f64::from(k));
            let expected = if rate < 1.0 { series(rate) } else { 1.0 + (-rate).exp_m1() / rate };
            let error = (integral.unwrap() / expected - 1.0).abs();
            assert!(error < 1e-12, "rate {rate:e}: {error:e}");
        }
    }

    #[test]
    fn what_is_not_smooth_is_not_given() {
        let step = |t: f64| Ok::<_, ()>(Some(f64::from(u8::from(t > 0.7))));
        assert_eq!(Quadrature::default().integral(1.0, step), Ok(None));
    }
}
