//! Measures of a system that follow from the parameters of its pieces, and their variances.
//!
//! With g the derivatives of a measure by the parameters of a piece (shares of time and flows) and e_b the deviation of its batch
//! b, the piece's part of the variance is `n / (n - 1) sum (g e_b)^2`, and the parts add up.

use crate::simulate::rare::estimates::{Estimates, Ratio, Variance, half_width};
use crate::simulate::rare::piece_course::PieceCourse;

/// Steps of differences: derivatives by central ones are good to the square of it.
const STEP: f64 = 1e-4;

/// A measure and its variance, part by part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Combined {
    pub(crate) value: f64,
    pub(crate) variances: Vec<Variance>,
    /// What the variance has at least beside those.
    pub(crate) least: Vec<Variance>,
    /// How much it changes with the parameters of each part, both relative: 0 where it does not depend on the part.
    pub(crate) influences: Vec<f64>,
}

impl Combined {
    pub(crate) fn ratio(&self, alpha: f64) -> Ratio {
        let all = self.variances.iter().chain(&self.least);
        let parts: Vec<Variance> = all.filter(|variance| variance.value > 0.0).copied().collect();
        let sampled: f64 = self.variances.iter().map(|variance| variance.value).sum();
        Ratio {
            value: self.value,
            error: libm::sqrt(sampled) / self.value,
            half_width: half_width(&parts, alpha) / self.value,
        }
    }

    /// The variance that comes from a part.
    pub(crate) fn variance_of(&self, part: usize) -> f64 {
        self.variances[part].value + self.least[part].value
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
            least: vec![Variance::default(); courses.len()],
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
            combined.variances[course.part] = course.variance(estimates, own, derivatives);
            combined.least[course.part] = Variance::least(changes * estimates.least_error());
            combined.influences[course.part] = changes / combined.value.abs();
        }
    }
    combined
}
