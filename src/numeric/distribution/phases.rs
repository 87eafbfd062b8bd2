//! Times made of exponential phases: what a clock goes through from its start until it rings.
//!
//! A clock enters one of the phases by chance, and goes from each to the next until it has left a last one. Erlang times (one
//! branch of equal phases) and hyperexponential times (a branch of one phase for each mean) are such times as they are.
//!
//! Any other time is fitted with few phases, by moments of the time over its mean (`m2`, `m3`; `c2 = m2 - 1`, the square of
//! the coefficient of variation):
//! - three moments: a mixture of two Erlang times of n phases each, n as small as can be (Johnson, Taaffe 1989; n = 1 is the
//!   hyperexponential of Whitt 1982). The means of a phase, `x_i`, and the weights have the moments
//!   `r1 = 1 / n`, `r2 = m2 / (n (n + 1))`, `r3 = m3 / (n (n + 1) (n + 2))`, so they are the roots of
//!   `x^2 - (r3 - r1 r2) / (r2 - r1^2) x + (r1 r3 - r2^2) / (r2 - r1^2)`, both positive where `c2 > 1 / n` and `r1 r3 > r2^2`;
//! - else two moments: with `c2 < 1` k - 1 or k phases of one rate, `1 / k <= c2 < 1 / (k - 1)` (Tijms 1994, appendix B);
//!   with `c2 > 1` two exponentials of balanced means (Whitt 1982);
//! - else the mean, with all the phases: no time of N phases varies less than Erlang's, `c2 = 1 / N` (Aldous, Shepp 1987).
//!
//! Bobbio, Horvath and Telek (2005) have the smallest acyclic times of three moments; mixtures need a few phases more at times,
//! and no case by case. Checked against the moments of the times that are fitted.

use crate::numeric::distribution::family::{Distribution, Family};

/// A time made of exponential phases.
#[derive(Clone, Debug, PartialEq)]
pub struct Phases {
    /// Phases that a clock may start in, and how likely it does.
    entry: Vec<(u16, f64)>,
    /// Per phase how fast it is left, per second.
    rates: Vec<f64>,
    /// Per phase whether the clock rings after it.
    is_last: Vec<bool>,
}

/// A time fitted with phases.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The phases.
    pub phases: Phases,
    /// How many moments are those of the time: 1, 2 or 3.
    pub moments: u8,
}

/// How far a moment of a fit may be from the one it was made for, relative: rounding of the roots.
const ROOM: f64 = 1e-9;
/// How far the square of a coefficient of variation may be from where it is, relative.
const ROUNDING: f64 = 1e-12;

impl Phases {
    /// Branches of equal phases: how likely each is, how many phases it has, and the mean of one, in seconds.
    fn branches(branches: &[(f64, u32, f64)]) -> Self {
        let mut phases = Self { entry: Vec::new(), rates: Vec::new(), is_last: Vec::new() };
        for &(weight, count, mean) in branches {
            phases.entry.push((phases.rates.len() as u16, weight));
            phases.rates.extend((0..count).map(|_| 1.0 / mean));
            phases.is_last.extend((1..=count).map(|phase| phase == count));
        }
        phases
    }

    /// One phase of so many seconds on average.
    pub fn exponential(mean: f64) -> Self {
        Self::branches(&[(1.0, 1, mean)])
    }

    /// Equal phases of a mean, in seconds, the first of which is left out at times.
    fn chain(count: u32, mean: f64, left_out: f64) -> Self {
        let mut phases = Self::branches(&[(1.0, count, mean)]);
        if left_out > 0.0 {
            phases.entry = vec![(0, 1.0 - left_out), (1, left_out)];
        }
        phases
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rates.len()
    }

    /// The phases that a clock may start in, and how likely it does.
    pub fn entry(&self) -> &[(u16, f64)] {
        &self.entry
    }

    /// How fast a phase is left, per second.
    pub fn rate(&self, phase: u16) -> f64 {
        self.rates[usize::from(phase)]
    }

    /// Whether the clock rings after the phase; else the next one follows.
    pub fn is_last(&self, phase: u16) -> bool {
        self.is_last[usize::from(phase)]
    }

    /// Per phase the mean time from its beginning until the clock rings, in seconds.
    pub fn means_left(&self) -> Vec<f64> {
        let mut left = vec![0.0; self.count()];
        for phase in (0..self.count()).rev() {
            let later = if self.is_last[phase] { 0.0 } else { left[phase + 1] };
            left[phase] = 1.0 / self.rates[phase] + later;
        }
        left
    }

    /// How fast a clock rings at most, per second, whatever its phase.
    pub fn fastest_ringing(&self) -> f64 {
        let last = self.rates.iter().zip(&self.is_last).filter(|(_, is_last)| **is_last);
        last.map(|(rate, _)| *rate).fold(0.0, f64::max)
    }

    /// The first three moments, in seconds and their powers.
    pub fn moments(&self) -> [f64; 3] {
        let mut all = vec![[0.0; 3]; self.count()];
        for phase in (0..self.count()).rev() {
            let own = 1.0 / self.rates[phase];
            let [one, two, three] = if self.is_last[phase] { [0.0; 3] } else { all[phase + 1] };
            // Of own + later, independent of each other; own is exponential.
            all[phase] = [
                own + one,
                2.0 * own * own + 2.0 * own * one + two,
                6.0 * own * own * own + 6.0 * own * own * one + 3.0 * own * two + three,
            ];
        }
        let moment = |k: usize| self.entry.iter().map(|&(phase, weight)| weight * all[usize::from(phase)][k]).sum();
        [moment(0), moment(1), moment(2)]
    }
}

/// More phases than states could be told apart by.
const MOST_PHASES: u32 = 10_000;

impl Distribution {
    /// The phases that the time is made of: of exponential, Erlang and hyperexponential times.
    pub fn phases(&self) -> Option<Phases> {
        match self.family() {
            Family::Exponential { mean } => Some(Phases::exponential(*mean)),
            Family::Erlang { stages, mean } if *stages <= MOST_PHASES => {
                Some(Phases::branches(&[(1.0, *stages, mean / f64::from(*stages))]))
            }
            Family::HyperExponential { means, weights } if means.len() <= MOST_PHASES as usize => {
                let branches: Vec<_> = means.iter().zip(weights).map(|(&mean, &weight)| (weight, 1, mean)).collect();
                Some(Phases::branches(&branches))
            }
            _ => None,
        }
    }

    /// At most `most` phases with as many moments of the time as they can have; the time must be positive.
    pub fn fitted(&self, most: u32) -> Fit {
        let most = most.clamp(1, MOST_PHASES);
        let mean = self.mean();
        let variation = self.variance().max(0.0) / (mean * mean);
        let third = self.third_moment() / (mean * mean * mean);
        let three = (1..=most / 2).find_map(|count| erlang_mixture(count, mean, variation, third));
        if let Some(phases) = three {
            return Fit { phases, moments: 3 };
        }
        if variation > 1.0 + ROUNDING && most >= 2 {
            return Fit { phases: balanced_means(mean, variation), moments: 2 };
        }
        // An exponential time in all but its digits needs one phase, not two.
        let needed = (1.0 - ROUNDING) / variation;
        if variation > 1.0 + ROUNDING || needed > f64::from(most) {
            return Fit { phases: Phases::chain(most, mean / f64::from(most), 0.0), moments: 1 };
        }
        let count = needed.ceil();
        // Below the root: 0 where `c2 = 1 / k`, and rounding may make it less.
        let root = (count * (1.0 + variation) - count * count * variation).max(0.0).sqrt();
        let left_out = ((count * variation - root) / (1.0 + variation)).clamp(0.0, 1.0);
        let phase = mean / (count - left_out);
        Fit { phases: Phases::chain(count as u32, phase, if count > 1.0 { left_out } else { 0.0 }), moments: 2 }
    }

    /// The mean of the third power, in seconds to the third.
    pub fn third_moment(&self) -> f64 {
        let cube = |x: f64| x * x * x;
        match self.family() {
            Family::Fixed { value } => cube(*value),
            Family::Exponential { mean } => 6.0 * cube(*mean),
            Family::Uniform { low, high } => (low + high) * (low * low + high * high) / 4.0,
            Family::LogNormal { mu, sigma } => libm::exp(3.0 * mu + 4.5 * sigma * sigma),
            Family::Weibull { scale, shape } => cube(*scale) * libm::tgamma(1.0 + 3.0 / shape),
            Family::Gamma { shape, scale } => shape * (shape + 1.0) * (shape + 2.0) * cube(*scale),
            Family::Erlang { stages, mean } => {
                let stages = f64::from(*stages);
                (stages + 1.0) * (stages + 2.0) / (stages * stages) * cube(*mean)
            }
            Family::HyperExponential { means, weights } => {
                means.iter().zip(weights).map(|(mean, weight)| 6.0 * weight * cube(*mean)).sum()
            }
            Family::Empirical { values } => values.iter().map(|value| cube(*value)).sum::<f64>() / values.len() as f64,
        }
    }
}

/// Two Erlang times of `count` phases each, with the first three moments, if there are such; `variation` and `third` are of the
/// time over its mean.
fn erlang_mixture(count: u32, mean: f64, variation: f64, third: f64) -> Option<Phases> {
    let n = f64::from(count);
    let (one, two) = (1.0 / n, (1.0 + variation) / (n * (n + 1.0)));
    let three = third / (n * (n + 1.0) * (n + 2.0));
    // The digits that these differences lose make a fit worse, which is measured in the end.
    let spread = two - one * one;
    let (sum, product) = ((three - one * two) / spread, (one * three - two * two) / spread);
    if !(spread > 0.0 && product > 0.0 && sum > 0.0) {
        return None;
    }
    let large = f64::midpoint(sum, (sum * sum - 4.0 * product).max(0.0).sqrt());
    let small = product / large;
    let weight = (one - small) / (large - small);
    if !(weight > 0.0 && weight < 1.0) {
        return None;
    }
    let phases = Phases::branches(&[(1.0 - weight, count, small * mean), (weight, count, large * mean)]);
    let wanted = [mean, (1.0 + variation) * mean * mean, third * mean * mean * mean];
    let is_near = |(found, wanted): (f64, f64)| (found / wanted - 1.0).abs() <= ROOM;
    phases.moments().into_iter().zip(wanted).all(is_near).then_some(phases)
}

/// Two exponentials, each of which has half of the mean.
fn balanced_means(mean: f64, variation: f64) -> Phases {
    // The smaller weight is `(1 - sqrt((c2 - 1) / (c2 + 1))) / 2`, without the difference.
    let root = ((variation - 1.0) / (variation + 1.0)).sqrt();
    let rare = 1.0 / ((variation + 1.0) * (1.0 + root));
    let common = f64::midpoint(1.0, root);
    Phases::branches(&[(common, 1, mean / (2.0 * common)), (rare, 1, mean / (2.0 * rare))])
}

#[cfg(test)]
mod tests {
    use super::{Fit, Phases};
    use crate::numeric::distribution::{Distribution, Family};

    fn moments(distribution: &Distribution) -> [f64; 3] {
        let mean = distribution.mean();
        [mean, distribution.variance() + mean * mean, distribution.third_moment()]
    }

    fn agrees(phases: &Phases, distribution: &Distribution, count: u8) {
        let pairs = phases.moments().into_iter().zip(moments(distribution)).take(usize::from(count));
        for (k, (found, wanted)) in pairs.enumerate() {
            assert!((found / wanted - 1.0).abs() < 1e-8, "moment {}: {found} {wanted} of {distribution:?}", k + 1);
        }
        let entry: f64 = phases.entry().iter().map(|(_, weight)| weight).sum();
        assert!((entry - 1.0).abs() < 1e-12, "{entry}");
        assert!(phases.is_last(phases.count() as u16 - 1));
    }

    fn made(family: Family) -> Distribution {
        Distribution::new(family).expect("the parameters are in range")
    }

    #[test]
    fn times_made_of_phases_keep_all_their_moments() {
        for family in [
            Family::Exponential { mean: 3.0 },
            Family::Erlang { stages: 5, mean: 7.0 },
            Family::HyperExponential { means: vec![1.0, 100.0, 9.0], weights: vec![0.9, 0.01, 0.09] },
        ] {
            let distribution = made(family);
            agrees(&distribution.phases().expect("it is made of phases"), &distribution, 3);
        }
        assert_eq!(made(Family::Fixed { value: 2.0 }).phases(), None);
    }

    #[test]
    fn as_many_moments_are_fitted_as_there_is_room_for() {
        let lognormal = |cv| Distribution::lognormal_from_mean(5.0, cv).expect("the parameters are in range");
        let weibull = |shape| Distribution::weibull_from_mean(5.0, shape).expect("the parameters are in range");
        for (distribution, most, moments, count) in [
            // c2 > 1: two exponentials have three moments of most times.
            (lognormal(3.0), 2, 3, 2),
            (lognormal(1.5), 8, 3, 2),
            (weibull(0.5), 2, 3, 2),
            (made(Family::Gamma { shape: 0.3, scale: 9.0 }), 2, 3, 2),
            // 1 / 4 = c2: Erlang needs four phases, and a mixture with three moments more.
            (lognormal(0.5), 4, 2, 4),
            (lognormal(0.5), 10, 3, 10),
            (lognormal(0.6), 3, 2, 3),
            (made(Family::Uniform { low: 0.0, high: 2.0 }), 15, 2, 3),
            (made(Family::Uniform { low: 0.0, high: 2.0 }), 20, 3, 16),
            // Too little varies for so few.
            (lognormal(0.1), 20, 1, 20),
            (made(Family::Fixed { value: 60.0 }), 7, 1, 7),
            (lognormal(3.0), 1, 1, 1),
            // As varied as an exponential.
            (lognormal(1.0), 3, 2, 1),
            // Two values of c2 = 1.5 without the third moment of two exponentials.
            (made(Family::Empirical { values: vec![0.0, 0.0, 0.0, 5.0, 5.0] }), 2, 2, 2),
        ] {
            let Fit { phases, moments: fitted } = distribution.fitted(most);
            assert_eq!((fitted, phases.count()), (moments, count), "{distribution:?} with {most}");
            agrees(&phases, &distribution, moments);
        }
    }
}
