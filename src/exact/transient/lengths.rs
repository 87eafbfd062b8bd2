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

use crate::exact::transient::agree::Rules;
use crate::exact::transient::complex::Complex;
use crate::exact::transient::inversion::Rule;
use crate::exact::transient::resolvent::{End, Functional, Network, Start};
use crate::measure::{Observer, Stop};

/// Outage lengths of the long run.
#[derive(Debug)]
pub(crate) struct Lengths {
    network: Network,
    /// S, f, and the mean time that is left.
    functionals: [Functional; 3],
    mean: f64,
    decay: f64,
}

/// What is known of the outages that are longer than some time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Beyond {
    pub(crate) share_of_outages: Option<f64>,
    pub(crate) share_of_downtime: Option<f64>,
}

/// Steps of the power iteration.
const MOST_POWERS: usize = 40;
/// Relative width of the enclosure of the decay rate that is narrow enough.
const NARROW: f64 = 1e-2;
/// Steps of the search for a quantile: each at least halves an interval that begins with a few powers of 2.
const MOST_STEPS: usize = 200;
/// Relative change of a length that is small enough.
const STEP: f64 = 1e-13;

impl Lengths {
    /// Nothing where the mean times do not converge.
    pub(crate) fn new(network: Network, observer: &dyn Observer) -> Result<Option<Self>, Stop> {
        let start = match &network.start {
            Start::Spread(start) => start.clone(),
            Start::First => return Ok(None),
        };
        let Some((left, decay)) = mean_left_and_decay(&network, observer)? else { return Ok(None) };
        let mean = start.iter().zip(&left).map(|(start, left)| start * left).sum();
        let functionals = [
            Functional::of_all(&vec![1.0; network.states()]),
            Functional::of_all(&network.leak),
            Functional::of_all(&left),
        ];
        Ok(Some(Self { network, functionals, mean, decay }))
    }

    /// The outages that are longer than `r`.
    pub(crate) fn beyond(&self, r: f64, rules: &Rules, observer: &dyn Observer) -> Result<Beyond, Stop> {
        let found = rules.agreed(|rule| {
            let [survival, _, left] = self.at(r, rule, observer)?;
            Ok(vec![survival, (r * survival + left) / self.mean])
        })?;
        let get = |index: usize| found.get(index).copied().flatten();
        Ok(Beyond { share_of_outages: get(0), share_of_downtime: get(1) })
    }

    /// The length that outages exceed with the probability `beyond`.
    pub(crate) fn quantile(&self, beyond: f64, rules: &Rules, observer: &dyn Observer) -> Result<Option<f64>, Stop> {
        match self.search(beyond, rules.first(), observer) {
            Ok(Some(length)) => {
                // Good only if another rule finds the same probability there; the slope turns its error into one of the length.
                let found = rules.agreed(|rule| {
                    let [survival, density, _] = self.at(length, rule, observer)?;
                    Ok(vec![survival, length + (survival - beyond) / density])
                })?;
                Ok(found.get(1).copied().flatten())
            }
            Ok(None) | Err(End::NotConverged) => Ok(None),
            Err(End::Stopped(stop)) => Err(stop),
        }
    }

    /// Newton's method for ln S, which is nearly straight, within an interval that shrinks.
    fn search(&self, beyond: f64, rule: &Rule, observer: &dyn Observer) -> Result<Option<f64>, End> {
        let (mut low, mut high) = (0.0, f64::INFINITY);
        let mut length = self.mean;
        for _ in 0..MOST_STEPS {
            let [survival, density, _] = self.at(length, rule, observer)?;
            if survival > beyond {
                low = length;
            } else {
                high = length;
            }
            let straight = length + libm::log(survival / beyond) * survival / density;
            let is_inside = straight > low && straight < high && straight.is_finite();
            let middle = if high.is_infinite() { 2.0 * length } else { 0.5 * (low + high) };
            let next = if is_inside { straight } else { middle };
            if (next - length).abs() <= STEP * length {
                return Ok(Some(next));
            }
            length = next;
        }
        Ok(None)
    }

    /// S(r), f(r) and the mean time that is left times S(r).
    fn at(&self, r: f64, rule: &Rule, observer: &dyn Observer) -> Result<[f64; 3], End> {
        let mut w = Vec::new();
        let values = rule.invert(r, |s| {
            self.network.transforms(s - Complex::real(self.decay), &self.functionals, &mut w, observer)
        })?;
        let factor = libm::exp(-self.decay * r);
        Ok([values[0] * factor, values[1] * factor, values[2] * factor])
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
