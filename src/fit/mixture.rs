//! The hyperexponential of two phases by maximum likelihood: expectation and maximisation to come near, Newton's method
//! to the end.
//!
//! The density is `w/a exp(-t/a) + (1-w)/b exp(-t/b)` with means a < b, searched in (ln w/(1-w), ln a, ln b). The steps
//! of expectation and maximisation (Dempster, Laird, Rubin 1977) never lower the likelihood, also with censored times,
//! but slow down near the maximum. The likelihood may have several maxima: the search begins at several splits of the
//! times and keeps the best. Where the times vary less than exponential ones, the phases run together: there is no fit.

use crate::fit::law::FitError;
use crate::fit::newton::{Local, Maximum, maximise};
use crate::fit::sample::Sample;

/// Weight of the short phase, and the two means, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Phases {
    pub(crate) weight: f64,
    pub(crate) other_weight: f64,
    pub(crate) short: f64,
    pub(crate) long: f64,
}

/// A maximum with the standard errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MixturePlace {
    pub(crate) phases: Phases,
    pub(crate) weight_error: f64,
    pub(crate) short_error: f64,
    pub(crate) long_error: f64,
    pub(crate) log_likelihood: f64,
}

/// Shares of the times that count as short at a start.
const SPLITS: [f64; 5] = [0.2, 0.5, 0.8, 0.95, 0.99];
/// Steps of expectation and maximisation before Newton's.
const STEPS: u32 = 40;
/// Likewise where the start is near.
const STEPS_FROM_NEAR: u32 = 5;
/// Phases whose means are closer than this are one, relative.
const APART: f64 = 1e-3;
/// Weights below this are none.
const LEAST_WEIGHT: f64 = 1e-9;

/// Times that ended must count for so much in each phase: a phase of fewer is there for censored times alone, and its mean
/// could as well be infinite.
const LEAST_ENDED: f64 = 0.5;

/// The best maximum found from splits of the times.
pub(crate) fn fit(sample: &Sample) -> Result<MixturePlace, FitError> {
    let finite = |place: MixturePlace| {
        let ended = place.phases.ended(sample);
        if ended.iter().all(|ended| *ended >= LEAST_ENDED) { Ok(place) } else { Err(FitError::NoMaximum) }
    };
    let starts = SPLITS.iter().filter_map(|share| split(sample, *share));
    starts.map(|start| climbed(sample, start, STEPS).and_then(finite)).fold(Err(FitError::OnePhase), better)
}

/// The maximum found from phases that are near, or else from splits; its mean may have run off towards infinity, where the
/// likelihood has its limit.
pub(crate) fn fit_near(sample: &Sample, near: Phases) -> Result<MixturePlace, FitError> {
    let starts = SPLITS.iter().filter_map(|share| split(sample, *share));
    let best = || starts.map(|start| climbed(sample, start, STEPS)).fold(Err(FitError::OnePhase), better);
    climbed(sample, near, STEPS_FROM_NEAR).or_else(|_| best())
}

/// The likelier one; of two reasons for none, that of a maximum at infinity.
fn better(
    best: Result<MixturePlace, FitError>,
    next: Result<MixturePlace, FitError>,
) -> Result<MixturePlace, FitError> {
    match (best, next) {
        (Ok(best), Ok(next)) => Ok(if best.log_likelihood >= next.log_likelihood { best } else { next }),
        (Ok(found), Err(_)) | (Err(_), Ok(found)) => Ok(found),
        (Err(FitError::OnePhase), Err(next)) => Err(next),
        (Err(best), Err(_)) => Err(best),
    }
}

fn climbed(sample: &Sample, start: Phases, steps: u32) -> Result<MixturePlace, FitError> {
    let near = (0..steps).fold(start, |phases, _| phases.step(sample));
    let at = [libm::log(near.weight / near.other_weight), libm::log(near.short), libm::log(near.long)];
    let found = maximise(at, |at| local(sample, at)).ok_or(FitError::OnePhase)?;
    place(&found).ok_or(FitError::OnePhase)
}

fn place(found: &Maximum<3>) -> Option<MixturePlace> {
    let mut phases = Phases::at(&found.at);
    let error = |i: usize| libm::sqrt(found.covariance[i][i]);
    let (mut short_error, mut long_error) = (phases.short * error(1), phases.long * error(2));
    if phases.short > phases.long {
        std::mem::swap(&mut phases.short, &mut phases.long);
        std::mem::swap(&mut phases.weight, &mut phases.other_weight);
        std::mem::swap(&mut short_error, &mut long_error);
    }
    let is_two = phases.long > phases.short * (1.0 + APART) && phases.weight.min(phases.other_weight) > LEAST_WEIGHT;
    let weight_error = phases.weight * phases.other_weight * error(0);
    is_two.then_some(MixturePlace { phases, weight_error, short_error, long_error, log_likelihood: found.value })
}

/// Means of the shortest `share` of the times that ended, and of the rest.
fn split(sample: &Sample, share: f64) -> Option<Phases> {
    let wanted = share * sample.ended() as f64;
    let (mut low, mut low_count, mut high, mut high_count) = (0.0, 0.0, 0.0, 0.0);
    for point in &sample.points {
        let sum = (point.ended + point.censored) * point.seconds;
        if low_count < wanted {
            (low, low_count) = (low + sum, low_count + point.ended);
        } else {
            (high, high_count) = (high + sum, high_count + point.ended);
        }
    }
    let total = low_count + high_count;
    let is_split = low_count > 0.0 && high_count > 0.0;
    is_split.then(|| Phases {
        weight: low_count / total,
        other_weight: high_count / total,
        short: low / low_count,
        long: high / high_count,
    })
}

impl Phases {
    fn at(&[odds, short, long]: &[f64; 3]) -> Self {
        Self {
            weight: 1.0 / (1.0 + libm::exp(-odds)),
            other_weight: 1.0 / (1.0 + libm::exp(odds)),
            short: libm::exp(short),
            long: libm::exp(long),
        }
    }

    /// ln of the density at `t` (or of the survival function), and the probabilities of the two phases.
    fn parts(&self, t: f64, ended: bool) -> (f64, [f64; 2]) {
        let of = |weight: f64, mean: f64| {
            let survival = libm::log(weight) - t / mean;
            if ended { survival - libm::log(mean) } else { survival }
        };
        let (first, second) = (of(self.weight, self.short), of(self.other_weight, self.long));
        let largest = first.max(second);
        let value = largest + libm::log(libm::exp(first - largest) + libm::exp(second - largest));
        (value, [libm::exp(first - value), libm::exp(second - value)])
    }

    /// What the times that ended count for in each phase.
    fn ended(&self, sample: &Sample) -> [f64; 2] {
        sample.points_ended().fold([0.0, 0.0], |[short, long], point| {
            let (_, [first, second]) = self.parts(point.seconds, true);
            [short + point.ended * first, long + point.ended * second]
        })
    }

    /// One step of expectation and maximisation. What is left of a censored time in a phase is the mean of the phase.
    fn step(&self, sample: &Sample) -> Self {
        let (mut weight, mut other, mut short, mut long) = (0.0, 0.0, 0.0, 0.0);
        for point in &sample.points {
            for (count, ended) in [(point.ended, true), (point.censored, false)] {
                if count > 0.0 {
                    let (_, [first, second]) = self.parts(point.seconds, ended);
                    let (first, second) = (count * first, count * second);
                    let rest = |mean: f64| if ended { 0.0 } else { mean };
                    weight += first;
                    other += second;
                    short += first * (point.seconds + rest(self.short));
                    long += second * (point.seconds + rest(self.long));
                }
            }
        }
        let total = weight + other;
        let least = LEAST_WEIGHT * total;
        if weight <= least || other <= least {
            return *self;
        }
        Self { weight: weight / total, other_weight: other / total, short: short / weight, long: long / other }
    }
}

fn local(sample: &Sample, at: &[f64; 3]) -> Option<Local<3>> {
    if at.iter().any(|value| value.abs() > 100.0) {
        return None;
    }
    let phases = Phases::at(at);
    let mut sum = Local::zero();
    for point in &sample.points {
        for (count, ended) in [(point.ended, true), (point.censored, false)] {
            if count > 0.0 {
                phases.add(&mut sum, point.seconds, count, ended);
            }
        }
    }
    Some(sum)
}

impl Phases {
    /// The logarithm of a mixture: slopes and curves are means over the phases, and the slopes' covariance adds to the
    /// curves.
    fn add(&self, sum: &mut Local<3>, t: f64, count: f64, ended: bool) {
        let (value, share) = self.parts(t, ended);
        let once = f64::from(u8::from(ended));
        let slopes = [[self.other_weight, t / self.short - once, 0.0], [-self.weight, 0.0, t / self.long - once]];
        let odds = -self.weight * self.other_weight;
        let curves = [[odds, -t / self.short, 0.0], [odds, 0.0, -t / self.long]];
        let mean: [f64; 3] = std::array::from_fn(|i| share[0] * slopes[0][i] + share[1] * slopes[1][i]);
        sum.value += count * value;
        for i in 0..3 {
            sum.gradient[i] += count * mean[i];
            sum.hessian[i][i] += count * (share[0] * curves[0][i] + share[1] * curves[1][i]);
            for j in 0..3 {
                // The covariance of two slopes over two phases, without a difference of squares.
                let apart = (slopes[0][i] - slopes[1][i]) * (slopes[0][j] - slopes[1][j]);
                sum.hessian[i][j] += count * share[0] * share[1] * apart;
            }
        }
    }
}
