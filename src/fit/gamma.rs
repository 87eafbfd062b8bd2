//! Gamma by maximum likelihood, in (ln shape, ln mean).
//!
//! With shape k, mean m and x = k t / m, a time that ended has the log-density `ln k - ln t + k ln x - x - ln Gamma(k +
//! 1)` and a censored one `ln Q(k, x)`, with Q the regularised incomplete gamma function. The derivatives of ln Q to x
//! are closed; those to the shape are central differences of order eight, of a function that has 13 digits: good to
//! about 1e-11 and 1e-9, of which only the first moves the maximum. Checked in `tests/fit.rs`.

use crate::fit::newton::{Local, Maximum, maximise};
use crate::fit::sample::Sample;
use crate::numeric::special::{digamma, gamma_cumulative_hazard, gamma_hazard, log_poisson_density, trigamma};

/// Step of the differences in ln shape: the ninth derivative times this to the eighth is below the digits of the
/// function.
const STEP: f64 = 0.03;
/// Central differences of order eight (Fornberg 1988): weights of f(h) - f(-h), …, f(4 h) - f(-4 h) in h f'.
const FIRST: [f64; 4] = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
/// Likewise of f(h) + f(-h), … in h^2 f'', and of f(0).
const SECOND: [f64; 4] = [8.0 / 5.0, -1.0 / 5.0, 8.0 / 315.0, -1.0 / 560.0];
const SECOND_MIDDLE: f64 = -205.0 / 72.0;
/// Shapes beyond are no fit of anything, and the incomplete gamma function is not made for them.
const SHAPES: std::ops::RangeInclusive<f64> = 0.01..=9e3;

/// Shape and scale with standard errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GammaPlace {
    pub(crate) shape: f64,
    pub(crate) shape_error: f64,
    pub(crate) scale: f64,
    pub(crate) scale_error: f64,
    pub(crate) log_likelihood: f64,
}

/// The maximum of the likelihood, searched from `start` (shape and scale) or from the moments of the times that ended.
pub(crate) fn fit(sample: &Sample, start: Option<(f64, f64)>) -> Option<GammaPlace> {
    if sample.distinct() < 2 {
        return None;
    }
    let from = |(shape, mean): (f64, f64)| {
        maximise([libm::log(shape), libm::log(mean)], |at| local(sample, at)).map(|found| place(&found))
    };
    let near = start.and_then(|(shape, scale)| from((shape, shape * scale)));
    near.or_else(|| from(guess(sample))).or_else(|| from((1.0, sample.mean())))
}

/// Thom's (1958) approximation of the shape from s = ln mean - mean ln, of the times that ended; the mean with the
/// censored ones.
fn guess(sample: &Sample) -> (f64, f64) {
    let ended = sample.ended() as f64;
    let mean = sample.points_ended().map(|point| point.ended * point.seconds).sum::<f64>() / ended;
    let mean_log = sample.points_ended().map(|point| point.ended * libm::log(point.seconds)).sum::<f64>() / ended;
    let s = (libm::log(mean) - mean_log).max(1e-4);
    let shape = (1.0 + libm::sqrt(1.0 + 4.0 * s / 3.0)) / (4.0 * s);
    (shape.clamp(0.05, 5e3), sample.mean())
}

fn local(sample: &Sample, &[log_shape, log_mean]: &[f64; 2]) -> Option<Local<2>> {
    let shape = libm::exp(log_shape);
    if !SHAPES.contains(&shape) {
        return None;
    }
    let rate = libm::exp(log_shape - log_mean);
    let (first, second) = (shape * digamma(shape), shape * shape * trigamma(shape));
    let mut sum = Local::zero();
    for point in &sample.points {
        let x = rate * point.seconds;
        if point.ended > 0.0 {
            let by_shape = shape * (libm::log(point.seconds) + log_shape - log_mean) - first + (shape - x);
            let value = log_shape - libm::log(point.seconds) + log_poisson_density(shape, x);
            sum.add(point.ended, value, [by_shape, x - shape], [by_shape + shape - second, x - shape, -x]);
        }
        if point.censored > 0.0 {
            let tail = Tail::of(log_shape, x);
            let bend = tail.slope * x * x + tail.hazard * x;
            let by_shape = -(tail.first + tail.hazard * x);
            let to_shape_twice = -(tail.second + 2.0 * tail.mixed * x + bend);
            let curves = [to_shape_twice, tail.mixed * x + bend, -bend];
            sum.add(point.censored, -tail.value, [by_shape, tail.hazard * x], curves);
        }
    }
    Some(sum)
}

impl Local<2> {
    fn add(&mut self, weight: f64, value: f64, slopes: [f64; 2], [first, mixed, last]: [f64; 3]) {
        self.value += weight * value;
        self.gradient[0] += weight * slopes[0];
        self.gradient[1] += weight * slopes[1];
        self.hessian[0][0] += weight * first;
        self.hessian[0][1] += weight * mixed;
        self.hessian[1][0] += weight * mixed;
        self.hessian[1][1] += weight * last;
    }
}

/// H = -ln Q(k, x) and its derivatives: to x (hazard, slope of the hazard), to ln k (first, second), to both.
struct Tail {
    value: f64,
    hazard: f64,
    slope: f64,
    first: f64,
    second: f64,
    mixed: f64,
}

impl Tail {
    fn of(log_shape: f64, x: f64) -> Self {
        let shape = libm::exp(log_shape);
        let value = gamma_cumulative_hazard(shape, x);
        let hazard = gamma_hazard(shape, x);
        let (mut first, mut second, mut mixed) = (0.0, SECOND_MIDDLE * value, 0.0);
        for (place, (odd, even)) in FIRST.iter().zip(SECOND).enumerate() {
            let away = STEP * (place + 1) as f64;
            let (above, below) = (libm::exp(log_shape + away), libm::exp(log_shape - away));
            let (high, low) = (gamma_cumulative_hazard(above, x), gamma_cumulative_hazard(below, x));
            first += odd * (high - low);
            second += even * (high + low);
            mixed += odd * (gamma_hazard(above, x) - gamma_hazard(below, x));
        }
        let slope = hazard * ((shape - 1.0) / x - 1.0 + hazard);
        Self { value, hazard, slope, first: first / STEP, second: second / (STEP * STEP), mixed: mixed / STEP }
    }
}

/// From (ln shape, ln mean): ln scale = ln mean - ln shape.
fn place(found: &Maximum<2>) -> GammaPlace {
    let (shape, scale) = (libm::exp(found.at[0]), libm::exp(found.at[1] - found.at[0]));
    let [[ss, sm], [_, mm]] = found.covariance;
    GammaPlace {
        shape,
        shape_error: shape * libm::sqrt(ss),
        scale,
        scale_error: scale * libm::sqrt((ss - 2.0 * sm + mm).max(0.0)),
        log_likelihood: found.value,
    }
}
