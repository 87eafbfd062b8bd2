//! The survival curve of the sample itself, and how far a distribution is from it.
//!
//! Kaplan and Meier (1958): at each time at which d of n that were still under way ended, the curve falls by the share
//! d/n of itself. Both the curve and its complement are carried as sums and products of positive terms.
//!
//! Distances are taken over the times that were seen, from 0 to the longest (censored or not):
//! - Kolmogorov-Smirnov: the largest distance between the curves.
//! - Anderson-Darling: `n times the integral of (F_n - F)^2 / (F (1 - F)) dF`, piece by piece in closed form. Without
//!   censored times this is the usual A^2; where the longest time is a censored one the integral ends at F of it.

use crate::fit::sample::Sample;
use crate::numeric::distribution::Distribution;

/// The curve from one time on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// From then on, in seconds.
    pub seconds: f64,
    /// Share that lasts longer.
    pub survival: f64,
    /// Share that does not.
    pub ended: f64,
    /// Greenwood's standard error of the share.
    pub standard_error: f64,
}

/// The curve of Kaplan and Meier, one step for each time at which something ended.
pub fn kaplan_meier(sample: &Sample) -> Vec<Step> {
    let mut under_way: f64 = sample.points.iter().map(|point| point.ended + point.censored).sum();
    let (mut survival, mut ended, mut greenwood) = (1.0, 0.0, 0.0);
    let mut steps = Vec::new();
    for point in &sample.points {
        if point.ended > 0.0 {
            ended += survival * point.ended / under_way;
            let left = under_way - point.ended;
            survival *= left / under_way;
            greenwood += if left > 0.0 { point.ended / (under_way * left) } else { 0.0 };
            let standard_error = survival * libm::sqrt(greenwood);
            steps.push(Step { seconds: point.seconds, survival, ended, standard_error });
        }
        under_way -= point.ended + point.censored;
    }
    steps
}

/// How far a distribution is from a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distance {
    /// Largest distance between the curves, from 0 to 1.
    pub kolmogorov_smirnov: f64,
    /// Weighted square distance, not negative; infinite where the sample has times the distribution cannot have.
    pub anderson_darling: f64,
}

impl Distance {
    /// Of `distribution` from `sample`.
    pub fn new(sample: &Sample, distribution: &Distribution) -> Self {
        let count = (sample.ended() + sample.censored()) as f64;
        let end = sample.points.last().map_or(0.0, |point| point.seconds);
        let mut far = Pieces { from: (0.0, 1.0), curve: (0.0, 1.0), largest: 0.0, square: 0.0 };
        for step in kaplan_meier(sample) {
            far.to(step.seconds, distribution);
            far.curve = (step.ended, step.survival);
            far.compare();
        }
        far.to(end, distribution);
        far.beyond();
        Self { kolmogorov_smirnov: far.largest, anderson_darling: count * far.square }
    }
}

/// The integral so far: F and 1 - F where it has come to, and the curve (complement, survival) from there on.
struct Pieces {
    from: (f64, f64),
    curve: (f64, f64),
    largest: f64,
    square: f64,
}

impl Pieces {
    /// `(c - u)^2 / (u (1 - u)) = -1 + c^2 / u + (1 - c)^2 / (1 - u)` from u to v.
    fn to(&mut self, seconds: f64, distribution: &Distribution) {
        let (cumulative, survival) = (distribution.cumulative(seconds), distribution.survival(seconds));
        let (ended, left) = self.curve;
        let rise = |weight: f64, ratio: f64| if weight > 0.0 { weight * weight * libm::log(ratio) } else { 0.0 };
        let below = rise(ended, cumulative / self.from.0);
        let above = rise(left, self.from.1 / survival);
        self.square += below + above - (cumulative - self.from.0);
        self.from = (cumulative, survival);
        self.compare();
    }

    /// From there to infinity, where the curve has come down to 0: the integral of `(1 - u) / u`.
    fn beyond(&mut self) {
        if self.curve.1 <= 0.0 {
            let (cumulative, survival) = self.from;
            self.square += if survival < 0.5 { -libm::log1p(-survival) } else { -libm::log(cumulative) } - survival;
        }
    }

    fn compare(&mut self) {
        self.largest = self.largest.max((self.from.0 - self.curve.0).abs());
    }
}

#[cfg(test)]
mod tests {
    use super::{Distance, kaplan_meier};
    use crate::fit::sample::{Observation, Sample};
    use crate::numeric::distribution::Distribution;

    fn sample(times: &[(f64, bool)]) -> Sample {
        let observations: Vec<Observation> =
            times.iter().map(|&(seconds, censored)| Observation { seconds, censored }).collect();
        Sample::new(&observations).unwrap()
    }

    /// Against the definitions: D = max(i/n - u_i, u_i - (i-1)/n), A^2 = -n - sum (2 i - 1) (ln u_i + ln(1 -
    /// u_(n+1-i))) / n.
    #[test]
    fn without_censored_times_the_distances_are_the_usual_ones() {
        let times = [0.3, 0.7, 1.1, 1.15, 2.8, 4.0_f64];
        let distribution = Distribution::exponential(1.5).unwrap();
        let found = Distance::new(&sample(&times.map(|time| (time, false))), &distribution);
        let n = times.len() as f64;
        let u = |i: usize| -(-times[i] / 1.5_f64).exp_m1();
        let (mut d, mut a) = (0.0_f64, -n);
        for i in 0..times.len() {
            d = d.max((i as f64 + 1.0) / n - u(i)).max(u(i) - i as f64 / n);
            a -= (2.0 * i as f64 + 1.0) * (u(i).ln() - times[times.len() - 1 - i] / 1.5) / n;
        }
        assert!((found.kolmogorov_smirnov - d).abs() < 1e-15, "{found:?} {d}");
        assert!((found.anderson_darling - a).abs() < 1e-13, "{found:?} {a}");
    }

    /// Freireich et al. (1963), 6-MP arm, as in Kalbfleisch and Prentice (2002), p. 16: S(6) = 0.857, S(10) = 0.753,
    /// S(23) = 0.448 with Greenwood's error 0.135.
    #[test]
    fn the_curve_of_a_classic_sample() {
        let ended = [6.0, 6.0, 6.0, 7.0, 10.0, 13.0, 16.0, 22.0, 23.0];
        let censored = [6.0, 9.0, 10.0, 11.0, 17.0, 19.0, 20.0, 25.0, 32.0, 32.0, 34.0, 35.0];
        let times: Vec<(f64, bool)> =
            ended.iter().map(|time| (*time, false)).chain(censored.iter().map(|time| (*time, true))).collect();
        let steps = kaplan_meier(&sample(&times));
        let at = |seconds: f64| *steps.iter().rfind(|step| step.seconds <= seconds).unwrap();
        assert!((at(6.0).survival - 0.857).abs() < 5e-4 && (at(10.0).survival - 0.753).abs() < 5e-4);
        assert!((at(23.0).survival - 0.448).abs() < 5e-4 && (at(23.0).standard_error - 0.135).abs() < 5e-4);
        assert!(steps.iter().all(|step| (step.survival + step.ended - 1.0).abs() < 1e-15));
    }
}
