//! Measures of a system that follow from the parameters of its pieces, and their variances.
//!
//! With g the derivatives of a measure by the parameters of a piece (shares of time and flows) and e_b the deviation of its batch
//! b, the piece's part of the variance is `n / (n - 1) sum (g e_b)^2`, and the parts add up.

use crate::simulate::rare::estimates::{Estimates, Ratio, Variance};
use crate::simulate::rare::piece_course::PieceCourse;
use crate::simulate::rare::sampler::BATCHES;

/// Steps of differences: derivatives by central ones are good to the square of it.
const STEP: f64 = 1e-4;

/// A measure and its variance, part by part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Combined {
    pub(crate) value: f64,
    pub(crate) variances: Vec<Variance>,
    /// How much it changes with the parameters of each part, both relative: 0 where it does not depend on the part.
    pub(crate) influences: Vec<f64>,
}

impl Combined {
    /// Half the width of the interval, relative to the value; degrees of freedom by Satterthwaite (1946).
    pub(crate) fn ratio(&self, alpha: f64) -> Ratio {
        let known = || self.variances.iter().filter(|variance| variance.value > 0.0);
        let sum: f64 = known().map(|variance| variance.value).sum();
        let squares: f64 = known().map(|variance| variance.value * variance.value / variance.degrees).sum();
        let degrees = if squares > 0.0 { sum * sum / squares } else { BATCHES as f64 - 1.0 };
        Ratio::new(self.value, libm::sqrt(sum) / self.value, degrees, alpha)
    }
}

/// Values that follow from the parameters, with their variances.
pub(crate) fn combined(
    courses: &[Option<PieceCourse<'_>>],
    estimates: &[Option<Estimates>],
    parameters: &[Vec<f64>],
    values: &dyn Fn(&[Vec<f64>]) -> Vec<f64>,
) -> Vec<Combined> {
    let points = values(parameters);
    let mut combined: Vec<Combined> = points
        .iter()
        .map(|&value| Combined {
            value,
            variances: vec![Variance::default(); courses.len()],
            influences: vec![0.0; courses.len()],
        })
        .collect();
    let mut moved = parameters.to_vec();
    for course in courses.iter().flatten() {
        let Some(estimates) = &estimates[course.part] else { continue };
        let own = &parameters[course.part];
        let mut derivatives = vec![vec![0.0; own.len()]; points.len()];
        for (index, &parameter) in own.iter().enumerate().filter(|(_, parameter)| **parameter > 0.0) {
            let mut at = |factor: f64| {
                moved[course.part][index] = parameter * factor;
                values(&moved)
            };
            let (high, low) = (at(1.0 + STEP), at(1.0 - STEP));
            moved[course.part][index] = parameter;
            for (derivatives, (high, low)) in derivatives.iter_mut().zip(high.iter().zip(&low)) {
                derivatives[index] = (high - low) / (2.0 * STEP * parameter);
            }
        }
        for (combined, derivatives) in combined.iter_mut().zip(&derivatives) {
            let changes = derivatives.iter().zip(own).map(|(derivative, parameter)| (derivative * parameter).abs());
            let changes: f64 = changes.sum();
            let unseen = changes * estimates.least_error();
            let mut variance = course.variance(estimates, own, derivatives);
            variance.value += unseen * unseen;
            combined.variances[course.part] = variance;
            combined.influences[course.part] = changes / combined.value.abs();
        }
    }
    combined
}
