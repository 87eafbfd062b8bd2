//! Weibull and lognormal by maximum likelihood: ln T is a location and a scale away from a standard variable Z.
//!
//! With y = ln t and z = alpha y - beta the log-likelihood is `sum over ended (ln alpha + ln f(z)) + sum over censored
//! ln S(z)`, with f the density and S the survival function of Z. For the normal and for the smallest extreme value
//! both ln f and ln S are concave in z, and z is linear in (alpha, beta), so the whole is concave: Newton's method
//! finds the one maximum (Burridge 1981, "A note on maximum likelihood estimation for regression models using grouped
//! data"). y is centred and scaled before, so that nothing depends on the unit of time. Checked in `tests/fit.rs`.

use crate::fit::newton::{Local, Maximum, maximise};
use crate::fit::sample::Sample;
use crate::numeric::special::{normal_cumulative_hazard, normal_hazard};

/// The standard variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// Normal: T is lognormal.
    Normal,
    /// Smallest extreme value, S(z) = exp(-e^z): T is Weibull.
    Extreme,
}

/// Location (mean of ln T for the normal, ln scale for the Weibull) and scale (sigma, 1/shape) with standard errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) location: f64,
    pub(crate) location_error: f64,
    pub(crate) scale: f64,
    pub(crate) scale_error: f64,
    pub(crate) log_likelihood: f64,
}

impl Kernel {
    /// ln f(z) and its first two derivatives.
    fn ended(self, z: f64) -> [f64; 3] {
        match self {
            Self::Normal => [-z * z / 2.0 - libm::log(std::f64::consts::TAU) / 2.0, -z, -1.0],
            Self::Extreme => {
                let hazard = libm::exp(z);
                [z - hazard, 1.0 - hazard, -hazard]
            }
        }
    }

    /// ln S(z) and its first two derivatives. The normal's h (h - z) loses about z^2 units of the last digit far up,
    /// where the censored time adds next to nothing to the curvature.
    fn censored(self, z: f64) -> [f64; 3] {
        match self {
            Self::Normal => {
                let hazard = normal_hazard(z);
                [-normal_cumulative_hazard(z), -hazard, -hazard * (hazard - z)]
            }
            Self::Extreme => {
                let hazard = libm::exp(z);
                [-hazard, -hazard, -hazard]
            }
        }
    }

    /// The maximum of the likelihood; none where it has none.
    pub(crate) fn fit(self, sample: &Sample) -> Option<Place> {
        let (centre, spread) = centred(sample);
        if spread <= 0.0 {
            return None;
        }
        let found = maximise([1.0, 0.0], |&[alpha, beta]| self.local(sample, (centre, spread), alpha, beta))?;
        let ended = sample.ended() as f64;
        let logs: f64 = sample.points_ended().map(|point| point.ended * libm::log(point.seconds)).sum();
        Some(place(&found, (centre, spread), found.value - logs - ended * libm::log(spread)))
    }

    fn local(self, sample: &Sample, (centre, spread): (f64, f64), alpha: f64, beta: f64) -> Option<Local<2>> {
        if alpha <= 0.0 {
            return None;
        }
        let mut sum = Local::zero();
        for point in &sample.points {
            let y = (libm::log(point.seconds) - centre) / spread;
            let z = alpha * y - beta;
            let mut add = |weight: f64, [value, first, second]: [f64; 3]| {
                sum.value += weight * value;
                sum.gradient[0] += weight * first * y;
                sum.gradient[1] -= weight * first;
                sum.hessian[0][0] += weight * second * y * y;
                sum.hessian[1][0] -= weight * second * y;
                sum.hessian[1][1] += weight * second;
            };
            if point.ended > 0.0 {
                add(point.ended, self.ended(z));
            }
            if point.censored > 0.0 {
                add(point.censored, self.censored(z));
            }
        }
        let ended = sample.ended() as f64;
        sum.value += ended * libm::log(alpha);
        sum.gradient[0] += ended / alpha;
        sum.hessian[0][0] -= ended / (alpha * alpha);
        sum.hessian[0][1] = sum.hessian[1][0];
        Some(sum)
    }
}

/// Mean and standard deviation of ln t over the times that ended; the latter is 0 where they are all equal.
fn centred(sample: &Sample) -> (f64, f64) {
    let ended = sample.ended() as f64;
    let centre = sample.points_ended().map(|point| point.ended * libm::log(point.seconds)).sum::<f64>() / ended;
    let square = |apart: f64| apart * apart;
    let squares =
        sample.points_ended().map(|point| point.ended * square(libm::log(point.seconds) - centre)).sum::<f64>();
    (centre, if sample.distinct() > 1 { libm::sqrt(squares / ended) } else { 0.0 })
}

/// Back from (alpha, beta) of the centred ln t; the errors by the derivatives, exactly so at a maximum.
fn place(found: &Maximum<2>, (centre, spread): (f64, f64), log_likelihood: f64) -> Place {
    let [alpha, beta] = found.at;
    let [[aa, ab], [_, bb]] = found.covariance;
    let by_alpha = -spread * beta / (alpha * alpha);
    let by_beta = spread / alpha;
    let variance = by_alpha * by_alpha * aa + 2.0 * by_alpha * by_beta * ab + by_beta * by_beta * bb;
    Place {
        location: centre + spread * beta / alpha,
        location_error: libm::sqrt(variance),
        scale: spread / alpha,
        scale_error: spread / (alpha * alpha) * libm::sqrt(aa),
        log_likelihood,
    }
}
