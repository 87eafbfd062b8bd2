//! How long outages last: the time in the states that are down, from where outages of the long run begin.
//!
//! ```text
//! S(r) = P(L > r) = sum over j of y_j(r)          f(r) = -S'(r) = sum of y_j(r) a_j
//! E[L; L > r] = r S(r) + sum of y_j(r) m_j        q_j m_j = 1 + sum over k of q_jk m_k
//!
//! y_j(r)  probability to be in state j at r, without having left
//! a_j     rate from state j to states that are up
//! m_j     mean time that is left from state j
//! ```
//!
//! All three decay like e^(-d r), and an inversion has the digits of its largest term only. So it is e^(d r) times each that
//! is inverted, with the transform taken at s - d. The decay rate d is that of the slowest way out: the reciprocal of the
//! largest eigenvalue of the matrix of mean times, by power iteration, bounded from below at every step (Collatz 1942, Wielandt
//! 1950), so that the transform stays analytic to the right of 0.
//!
//! Most outages may be short, and the long ones few. What is over then still disturbs the digits of what is left. So the time is
//! halved: `S(r) = sum of y_j(r/2) S_j(r/2)`, with S_j from state j. A state that is left soon has an error in both factors,
//! but each is multiplied by what is small in the other one. Where that is not enough, both halves are made of several parts of time, each of
//! which begins with what the last one has left.
//!
//! Short lengths have small `P(L <= r)`, the integral of f, which is inverted in place of S.

use crate::exact::transient::agree::Rules;
use crate::exact::transient::complex::Complex;
use crate::exact::transient::inversion::Rule;
use crate::exact::transient::resolvent::{End, Functional, Network, Start};
use crate::measure::{Observer, Stop};
use crate::numeric::sum::Sum;

/// Outage lengths of the long run.
#[derive(Debug)]
pub(crate) struct Lengths {
    network: Network,
    /// The arcs turned around, with what is summed up as their start: 1, a_j, m_j.
    turned: [Network; 3],
    out: [Functional; 1],
    mean: f64,
    decay: f64,
}

/// A sum over the states that are down.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// S.
    Survival = 0,
    /// f.
    Density = 1,
    /// The mean time that is left.
    Left = 2,
}

/// What is known of the outages that are longer than some time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Beyond {
    pub(crate) share_of_outages: Option<f64>,
    pub(crate) share_of_downtime: Option<f64>,
}

/// A quantile: the share of the outages that are at most so long, and of those that are longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Level {
    pub(crate) within: f64,
    pub(crate) beyond: f64,
}

/// Parts of each half of the time, fewer first.
const PARTS: [u32; 3] = [1, 2, 4];
/// Steps of the power iteration.
const MOST_POWERS: usize = 40;
/// Relative width of the enclosure of the decay rate that is narrow enough.
const NARROW: f64 = 1e-2;
/// Steps of the search for a quantile: each at least halves an interval that begins with a few powers of 2.
const MOST_STEPS: usize = 200;
/// Relative change of a length after which one more step of Newton's gives all digits.
const STEP: f64 = 1e-7;

impl Lengths {
    /// Nothing where the mean times do not converge.
    pub(crate) fn new(network: Network, observer: &dyn Observer) -> Result<Option<Self>, Stop> {
        let start = match &network.start {
            Start::Spread(start) => start.clone(),
            Start::First | Start::Near(_) => return Ok(None),
        };
        let Some((left, decay)) = mean_left_and_decay(&network, observer)? else { return Ok(None) };
        let mean = start.iter().zip(&left).map(|(start, left)| start * left).sum();
        let turned = [vec![1.0; network.states()], network.leak.clone(), left];
        let turned = turned.map(|of| network.turned(Start::Spread(of)));
        let out = [Functional::of_all(&network.leak)];
        Ok(Some(Self { network, turned, out, mean, decay }))
    }

    /// The outages that are longer than `r`.
    pub(crate) fn beyond(&self, r: f64, rules: &Rules, observer: &dyn Observer) -> Result<Beyond, Stop> {
        let mut beyond = Beyond::default();
        for parts in PARTS {
            let found = rules.agreed(|rule| {
                let [survival, left] = self.at(r, parts, [Of::Survival, Of::Left], rule, observer)?;
                Ok(vec![survival, (r * survival + left) / self.mean])
            })?;
            let get = |index: usize| found.get(index).copied().flatten();
            beyond.share_of_outages = beyond.share_of_outages.or(get(0));
            beyond.share_of_downtime = beyond.share_of_downtime.or(get(1));
            if beyond.share_of_outages.is_some() && beyond.share_of_downtime.is_some() {
                break;
            }
        }
        Ok(beyond)
    }

    /// The length that outages exceed with the probability `level.beyond`.
    pub(crate) fn quantile(&self, level: Level, rules: &Rules, observer: &dyn Observer) -> Result<Option<f64>, Stop> {
        match self.search(level, rules.first(), observer) {
            Ok(Some(length)) => {
                // A last step by each rule: the lengths must agree.
                for parts in PARTS {
                    let step = |rule: &Rule| self.step((length, parts), level, rule, observer);
                    let found = rules.agreed(|rule| Ok(vec![length + step(rule)?.1]))?;
                    if let Some(found) = found.first().copied().flatten() {
                        return Ok(Some(found));
                    }
                }
                Ok(None)
            }
            Ok(None) | Err(End::NotConverged) => Ok(None),
            Err(End::Stopped(stop)) => Err(stop),
        }
    }

    /// Newton's method within an interval that shrinks.
    fn search(&self, level: Level, rule: &Rule, observer: &dyn Observer) -> Result<Option<f64>, End> {
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut length = self.mean;
        for _ in 0..MOST_STEPS {
            let (is_low, step) = self.step((length, PARTS[0]), level, rule, observer)?;
            if is_low {
                low = length;
            } else {
                high = length;
            }
            let straight = length + step;
            let is_inside = straight > low && straight < high;
            let middle = if high.is_infinite() { 2.0 * length } else { 0.5 * (low + high) };
            let next = if is_inside { straight } else { middle };
            if step.abs() <= STEP * length || (next - length).abs() <= STEP * length {
                return Ok(Some(next));
            }
            length = next;
        }
        Ok(None)
    }

    /// Whether the quantile is above `r`, and the step towards it: for ln S, which is nearly straight, or where it is small for
    /// ln P(L <= r), which is in ln r.
    fn step(
        &self,
        (r, parts): (f64, u32),
        level: Level,
        rule: &Rule,
        observer: &dyn Observer,
    ) -> Result<(bool, f64), End> {
        if level.within < 0.5 {
            let mut w = Vec::new();
            let values = rule.invert(r, |s| {
                let density = self.network.transforms(s, &self.out, &mut w, observer)?[0];
                Ok(vec![density, density * s.inverse()])
            })?;
            let (density, within) = (values[0], values[1]);
            let step = r * libm::expm1(libm::log(level.within / within) * within / (r * density));
            return Ok((within < level.within, step));
        }
        let [survival, density] = self.at(r, parts, [Of::Survival, Of::Density], rule, observer)?;
        Ok((survival > level.beyond, libm::log(survival / level.beyond) * survival / density))
    }

    /// Two sums at `r`, each half of which is made of so many parts.
    fn at(&self, r: f64, parts: u32, of: [Of; 2], rule: &Rule, observer: &dyn Observer) -> Result<[f64; 2], End> {
        let part = 0.5 * r / f64::from(parts);
        let half = |network: &Network| {
            let mut after = self.grown(network, part, rule, observer)?;
            for _ in 1..parts {
                // What rounding has made negative is nothing.
                for value in &mut after {
                    *value = value.max(0.0);
                }
                let network = Network { start: Start::Spread(after), ..network.clone() };
                after = self.grown(&network, part, rule, observer)?;
            }
            Ok(after)
        };
        let before = half(&self.network)?;
        let factor = libm::exp(-self.decay * r);
        let mut values = [0.0; 2];
        for (value, of) in values.iter_mut().zip(of) {
            let after = half(&self.turned[of as usize])?;
            *value = factor * before.iter().zip(&after).map(|(before, after)| before * after).collect::<Sum>().value();
        }
        Ok(values)
    }

    /// What the start of `network` has become after `t`, times e^(d t).
    fn grown(&self, network: &Network, t: f64, rule: &Rule, observer: &dyn Observer) -> Result<Vec<f64>, End> {
        let mut w = Vec::new();
        rule.invert(t, |s| {
            network.solve(s - Complex::real(self.decay), &mut w, observer)?;
            Ok(w.clone())
        })
    }
}

/// The mean time that is left from each state, and a lower bound of the decay rate.
fn mean_left_and_decay(network: &Network, observer: &dyn Observer) -> Result<Option<(Vec<f64>, f64)>, Stop> {
    let mut before = vec![1.0; network.states()];
    let mut first = None;
    let mut decay: f64 = 0.0;
    let mut turned = network.turned(Start::Spread(before.clone()));
    for _ in 0..MOST_POWERS {
        let mut w = Vec::new();
        match turned.transforms(Complex::default(), &[], &mut w, observer) {
            Ok(_) => {}
            Err(End::NotConverged) => return Ok(None),
            Err(End::Stopped(stop)) => return Err(stop),
        }
        let after: Vec<f64> = w.iter().map(|w| w.re).collect();
        let ratios = before.iter().zip(&after).map(|(before, after)| before / after);
        let (least, most) = ratios.fold((f64::INFINITY, 0.0_f64), |(least, most), r| (least.min(r), most.max(r)));
        decay = decay.max(least);
        let largest = after.iter().copied().fold(0.0, f64::max);
        before = after.iter().map(|entry| entry / largest).collect();
        turned.start = Start::Spread(before.clone());
        first.get_or_insert(after);
        if most - least <= NARROW * least {
            break;
        }
    }
    // Room for the rounding of the sums.
    Ok(first.map(|left| (left, decay * (1.0 - 1e-9))))
}
