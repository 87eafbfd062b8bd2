//! A function of time from its Laplace transform, at one time.
//!
//! ```text
//! f(t) = (1 / t) * sum over k of Re(weight_k * F(node_k / t))
//!
//! Talbot, M nodes:    node_0 = 2M/5                                weight_0 = (1/5) e^node_0
//!   (0 < k < M)       node_k = (2 k pi / 5) (cot(k pi / M) + i)    weight_k = (2/5) (1 + i (k pi / M) (1 + cot^2) - i cot) e^node_k
//! Euler, 2M+1 nodes:  node_k = M ln(10) / 3 + i pi k               weight_k = 10^(M/3) (-1)^k xi_k
//!   (0 <= k <= 2M)    xi_0 = 1/2, xi_k = 1 for 1 <= k <= M, xi_2M = 2^-M, xi_(2M-k) = xi_(2M-k+1) + 2^-M binomial(M, k)
//! ```
//!
//! Abate, Whitt 2006, A unified framework for numerically inverting Laplace transforms, equations (28) to (37). Talbot's nodes
//! lie on a curve around the negative axis: with exact transforms the relative error is about 10^(-0.6 M), while rounding is
//! amplified by about e^(2M/5). Euler's nodes have a positive real part, so sweeps contract at each of them, but give fewer digits.
//! The transform of a small function is small, and nothing is subtracted from 1, so small values keep their digits.

use std::f64::consts::{LN_10, PI};

use crate::exact::transient::complex::Complex;
use crate::numeric::sum::Sum;

/// A node of the sum, for the time 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Complex,
    pub(crate) weight: Complex,
}

/// Nodes that together invert a transform.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) nodes: Vec<Node>,
}

/// Nodes whose weight is below this part of the largest one are left out: rounding is a million times more.
const LEAST_WEIGHT: f64 = 1e-22;

impl Rule {
    /// Talbot's contour with `nodes` nodes.
    pub(crate) fn talbot(nodes: usize) -> Self {
        let count = nodes as f64;
        let node = |k: usize| {
            if k == 0 {
                let at = 0.4 * count;
                return Node { at: Complex::real(at), weight: Complex::real(0.2 * libm::exp(at)) };
            }
            let angle = k as f64 * PI / count;
            let cot = libm::cos(angle) / libm::sin(angle);
            let at = Complex::new(cot, 1.0).times(0.4 * k as f64 * PI);
            let slope = Complex::new(1.0, angle * (1.0 + cot * cot) - cot);
            Node { at, weight: (slope * at.exp()).times(0.4) }
        };
        let first = node(0).weight.size();
        let nodes = (0..nodes).map(node).filter(|node| node.weight.size() > first * LEAST_WEIGHT);
        Self { nodes: nodes.collect() }
    }

    /// Euler summation of the Fourier series, with `2 * half + 1` nodes.
    pub(crate) fn euler(half: usize) -> Self {
        let size = libm::exp(half as f64 * LN_10 / 3.0);
        let mut xi = vec![1.0; 2 * half + 1];
        xi[0] = 0.5;
        let mut term = libm::exp2(-(half as f64));
        xi[2 * half] = term;
        for k in 1..half {
            term *= (half - k + 1) as f64 / k as f64;
            xi[2 * half - k] = xi[2 * half - k + 1] + term;
        }
        let node = |(k, xi): (usize, f64)| {
            let sign = if k % 2 == 0 { 1.0 } else { -1.0 };
            Node { at: Complex::new(half as f64 * LN_10 / 3.0, k as f64 * PI), weight: Complex::real(size * sign * xi) }
        };
        Self { nodes: xi.into_iter().enumerate().map(node).collect() }
    }

    /// The functions at the time `t` whose transforms `transform` gives; it is asked node by node, along the contour.
    pub(crate) fn invert<E>(
        &self,
        t: f64,
        mut transform: impl FnMut(Complex) -> Result<Vec<Complex>, E>,
    ) -> Result<Vec<f64>, E> {
        let mut sums: Vec<Sum> = Vec::new();
        for node in &self.nodes {
            let values = transform(node.at.times(1.0 / t))?;
            sums.resize(values.len(), Sum::default());
            for (sum, value) in sums.iter_mut().zip(values) {
                sum.add((node.weight * value).re);
            }
        }
        Ok(sums.into_iter().map(|sum| sum.value() / t).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::Rule;
    use crate::exact::transient::complex::Complex;

    fn at(rule: &Rule, t: f64, transform: impl Fn(Complex) -> Complex) -> f64 {
        rule.invert(t, |s| Ok::<_, ()>(vec![transform(s)])).unwrap()[0]
    }

    /// A power, which is tiny, and a pair with an exponential that is 1e-16 to 1 of its time.
    fn worst(rule: &Rule) -> f64 {
        let mut worst: f64 = 0.0;
        for exponent in -8..9 {
            let t = 10.0_f64.powi(exponent);
            let cube = at(rule, t, |s| s.inverse() * s.inverse() * s.inverse() * s.inverse());
            worst = worst.max((cube / (t * t * t / 6.0) - 1.0).abs());
            let down = at(rule, t, |s| (s * (s + Complex::real(1e-3))).inverse().times(1e-9));
            worst = worst.max((down / (-1e-6 * (-1e-3 * t).exp_m1()) - 1.0).abs());
        }
        worst
    }

    #[test]
    fn functions_come_back_from_their_transforms() {
        // 10^(-0.6 M) and rounding times e^(2M/5).
        assert!(worst(&Rule::talbot(20)) < 2e-12, "{:e}", worst(&Rule::talbot(20)));
        assert!(worst(&Rule::talbot(24)) < 2e-12, "{:e}", worst(&Rule::talbot(24)));
        assert!(worst(&Rule::euler(17)) < 1e-9, "{:e}", worst(&Rule::euler(17)));
    }
}
