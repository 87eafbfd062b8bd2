//! The maximum of a smooth function of a few variables whose first and second derivatives are known: Newton's method,
//! damped as Levenberg (1944) does where the function is not concave, with every step cut until the value rises.

/// A function at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local<const N: usize> {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; N],
    pub(crate) hessian: [[f64; N]; N],
}

impl<const N: usize> Local<N> {
    pub(crate) fn zero() -> Self {
        Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] }
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite()
            && self.gradient.iter().all(|slope| slope.is_finite())
            && self.hessian.iter().flatten().all(|slope| slope.is_finite())
    }
}

/// A maximum: where, the value there, and the inverse of the negative Hessian.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Maximum<const N: usize> {
    pub(crate) at: [f64; N],
    pub(crate) value: f64,
    pub(crate) covariance: [[f64; N]; N],
}

/// Steps before giving up: far more than any sample needed.
const STEPS: u32 = 300;
/// The Newton decrement (twice the rise that is left) at which the place is known to 1e-8 of its standard error.
const LAST_DECREMENT: f64 = 1e-16;
/// Below this decrement values no longer tell better from worse, and steps are taken whole.
const QUADRATIC: f64 = 1e-7;

/// The maximum near `start`; none where `evaluate` has none there, or the steps do not end.
pub(crate) fn maximise<const N: usize>(
    start: [f64; N],
    evaluate: impl Fn(&[f64; N]) -> Option<Local<N>>,
) -> Option<Maximum<N>> {
    let evaluate = |at: &[f64; N]| evaluate(at).filter(Local::is_finite);
    let (mut at, mut here) = (start, evaluate(&start)?);
    let mut damping = 0.0;
    let mut before = f64::INFINITY;
    for _ in 0..STEPS {
        let Some(factor) = cholesky(&here.hessian, damping) else {
            damping = more(damping)?;
            continue;
        };
        let step = solved(&factor, &here.gradient);
        let decrement: f64 = step.iter().zip(&here.gradient).map(|(step, slope)| step * slope).sum();
        let is_last = damping == 0.0 && decrement < QUADRATIC && (decrement < LAST_DECREMENT || decrement >= before);
        if is_last {
            return Some(Maximum { at, value: here.value, covariance: inverse(&factor) });
        }
        let next: [f64; N] = std::array::from_fn(|i| at[i] + step[i]);
        let found =
            evaluate(&next).filter(|there| there.value >= here.value || damping == 0.0 && decrement < QUADRATIC);
        match found {
            Some(there) => {
                before = if damping == 0.0 { decrement } else { f64::INFINITY };
                (at, here) = (next, there);
                damping = if damping < 1e-6 { 0.0 } else { damping / 10.0 };
            }
            None => damping = more(damping)?,
        }
    }
    None
}

fn more(damping: f64) -> Option<f64> {
    let damping = (10.0 * damping).max(1e-4);
    (damping < 1e12).then_some(damping)
}

/// The Cholesky factor of -hessian, its diagonal raised by the share `damping`; none where that is not positive
/// definite.
fn cholesky<const N: usize>(hessian: &[[f64; N]; N], damping: f64) -> Option<[[f64; N]; N]> {
    let largest = hessian.iter().enumerate().map(|(i, row)| row[i].abs()).fold(0.0, f64::max);
    let mut factor = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let raised = if i == j { damping * hessian[i][i].abs().max(1e-6 * largest) } else { 0.0 };
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = raised - hessian[i][j] - sum;
            if i != j {
                factor[i][j] = rest / factor[j][j];
            } else if rest > 1e-14 * hessian[i][i].abs() {
                factor[i][i] = libm::sqrt(rest);
            } else {
                return None;
            }
        }
    }
    Some(factor)
}

fn solved<const N: usize>(factor: &[[f64; N]; N], right: &[f64; N]) -> [f64; N] {
    let mut x = *right;
    for i in 0..N {
        let sum: f64 = (0..i).map(|k| factor[i][k] * x[k]).sum();
        x[i] = (x[i] - sum) / factor[i][i];
    }
    for i in (0..N).rev() {
        let sum: f64 = (i + 1..N).map(|k| factor[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / factor[i][i];
    }
    x
}

fn inverse<const N: usize>(factor: &[[f64; N]; N]) -> [[f64; N]; N] {
    std::array::from_fn(|i| {
        let unit: [f64; N] = std::array::from_fn(|j| f64::from(u8::from(i == j)));
        solved(factor, &unit)
    })
}

#[cfg(test)]
mod tests {
    use super::{Local, maximise};

    /// -(x - 1)^2 (1 + x^2) - 2 (y + x)^2 has its maximum at (1, -1), and is not concave everywhere.
    #[test]
    fn a_maximum_is_found_from_where_the_function_is_not_concave() {
        let evaluate = |at: &[f64; 2]| {
            let [x, y] = *at;
            let (d, s) = (x - 1.0, y + x);
            let first = -2.0 * d * (1.0 + x * x) - 2.0 * x * d * d;
            let second = -2.0 * (1.0 + x * x) - 8.0 * x * d - 2.0 * d * d;
            Some(Local {
                value: -d * d * (1.0 + x * x) - 2.0 * s * s,
                gradient: [first - 4.0 * s, -4.0 * s],
                hessian: [[second - 4.0, -4.0], [-4.0, -4.0]],
            })
        };
        for start in [[5.0, 5.0], [-3.0, 0.0], [0.3, 9.0]] {
            let found = maximise(start, evaluate).unwrap();
            assert!((found.at[0] - 1.0).abs() < 1e-12 && (found.at[1] + 1.0).abs() < 1e-12, "{found:?}");
            // -Hessian there is [[8, 4], [4, 4]] with the inverse [[1/4, -1/4], [-1/4, 1/2]].
            assert!((found.covariance[0][0] - 0.25).abs() < 1e-12 && (found.covariance[1][1] - 0.5).abs() < 1e-12);
        }
    }

    #[test]
    fn without_a_maximum_there_is_none() {
        let rising = |at: &[f64; 1]| Some(Local { value: at[0], gradient: [1.0], hessian: [[0.0]] });
        assert!(maximise([0.0], rising).is_none());
    }
}
