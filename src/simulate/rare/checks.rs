//! Whether an interval can be trusted.
//!
//! Weights that are too uneven make intervals too narrow before they make estimates wrong (Tuffin, L'Ecuyer, Sandmann 2006).
//! What never happened leaves no trace in the weights at all: there the twin tells what should have been seen.

use crate::measure::{ClassSeen, ContributionChecks, ImportanceChecks};
use crate::simulate::rare::estimates::Estimates;
use crate::simulate::rare::statistics::{Contributions, Statistics};
use crate::simulate::rare::twin::Twin;

/// Contributions must weigh like so many equal ones.
pub(crate) const FEWEST_EFFECTIVE: f64 = 100.0;
/// No single one may be a larger share.
const LARGEST_SHARE: f64 = 0.03;
/// From 0.5 on the variance may be infinite; the estimate from 50 contributions varies by 0.1.
const LARGEST_TAIL_INDEX: f64 = 0.6;
/// Wider intervals are no use, and not symmetric either.
pub(crate) const WIDEST: f64 = 0.5;
/// Cycles that must have seen each class of outage that matters.
const FEWEST_OF_CLASS: u64 = 30;
/// What is beyond the explored states may add so much at most, by the twin.
pub(crate) const LARGEST_FRONTIER: f64 = 1.5;
/// The part of the result that came from states without a value.
const LARGEST_UNKNOWN: f64 = 0.05;
/// Normal deviations: the largest of 32 is beyond 4.5 once in 5,000 runs.
const LARGEST_DEVIATION: f64 = 4.5;
/// The later half of the cycles against the earlier one, in standard errors.
const LARGEST_DIFFERENCE: f64 = 3.3;

/// The first rule that forbids an interval.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doubt {
    TooFew,
    OneDominates,
    HeavyTail,
    TooWide,
    ClassUnseen { losses: u32, share: f64, seen: u64 },
    LossUnseen { cause: String, seen: u64 },
    Frontier,
    Unknown,
    BatchesDiffer,
    HalvesDiffer,
}

impl Doubt {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::TooFew => "too_few_outages",
            Self::OneDominates => "one_cycle_dominates",
            Self::HeavyTail => "heavy_tailed_weights",
            Self::TooWide => "interval_too_wide",
            Self::ClassUnseen { .. } => "outage_class_unseen",
            Self::LossUnseen { .. } => "fixed_loss_unseen",
            Self::Frontier => "importance_function_too_short",
            Self::Unknown => "states_without_value",
            Self::BatchesDiffer => "batches_differ",
            Self::HalvesDiffer => "halves_differ",
        }
    }

    /// What is wrong, a fragment.
    pub(crate) fn reason(&self, checks: &ImportanceChecks) -> String {
        let downtime = &checks.downtime;
        match self {
            Self::TooFew => format!(
                "the outages that were sampled weigh like {:.0} equal ones, and {FEWEST_EFFECTIVE} are needed",
                downtime.effective_sample_size.min(checks.outages.effective_sample_size)
            ),
            Self::OneDominates => format!(
                "one cycle brought {:.0} % of the result",
                100.0 * downtime.largest_share.max(checks.outages.largest_share)
            ),
            Self::HeavyTail => format!(
                "the weights have a tail index of {:.2}, so that their variance may be infinite",
                downtime.tail_index.max(checks.outages.tail_index)
            ),
            Self::TooWide => "the interval would be wider than half of the estimate".into(),
            Self::ClassUnseen { losses, share, seen } => format!(
                "outages with {losses} losses at a time should carry {:.0} % of the downtime, but only {seen} sampled \
                 cycles had one",
                100.0 * share
            ),
            Self::LossUnseen { cause, seen } => format!(
                "the times to `{cause}` are fixed or from a list, so that it cannot be made likelier, and it happened only \
                 {seen} times"
            ),
            Self::Frontier => format!(
                "the states that could be explored leave open how likely outages with more losses at a time are (by a \
                 factor of {:.1})",
                checks.frontier_ratio
            ),
            Self::Unknown => format!(
                "{:.0} % of the result came from states beyond those that could be explored",
                100.0 * downtime.unknown_share.max(checks.outages.unknown_share)
            ),
            Self::BatchesDiffer => {
                format!("one batch is {:.1} standard deviations from the others", checks.largest_batch_deviation)
            }
            Self::HalvesDiffer => {
                format!("the later half of the cycles differs by {:.1} standard errors", checks.halves_difference)
            }
        }
    }

    /// How many times the work so far would help, as far as can be told.
    pub(crate) fn more_work(&self, checks: &ImportanceChecks) -> Option<f64> {
        let effective = checks.downtime.effective_sample_size.min(checks.outages.effective_sample_size);
        let share = checks.downtime.largest_share.max(checks.outages.largest_share);
        match self {
            Self::TooFew if effective > 0.0 => Some(FEWEST_EFFECTIVE / effective),
            Self::OneDominates => Some(share / LARGEST_SHARE),
            Self::ClassUnseen { seen, .. } | Self::LossUnseen { seen, .. } if *seen > 0 => {
                Some(FEWEST_OF_CLASS as f64 / *seen as f64)
            }
            Self::TooWide => Some(checks.widest / WIDEST * checks.widest / WIDEST),
            Self::HeavyTail | Self::BatchesDiffer | Self::HalvesDiffer => Some(4.0),
            _ => None,
        }
    }
}

/// All figures.
pub(crate) fn checks(estimates: &Estimates, latest: &[Statistics], twin: &Twin) -> ImportanceChecks {
    let total = &estimates.total;
    ImportanceChecks {
        downtime: of_contributions(&total.contributions[0]),
        outages: of_contributions(&total.contributions[1]),
        classes: twin
            .classes
            .iter()
            .zip(&total.classes)
            .map(|(&(losses, expected_share), &cycles)| ClassSeen { losses, expected_share, cycles })
            .collect(),
        frontier_ratio: twin.frontier_ratio,
        twin_states: twin.explored() as u64,
        largest_batch_deviation: estimates.largest_deviation(0).max(estimates.largest_deviation(1)),
        halves_difference: halves(estimates, latest, 0).max(halves(estimates, latest, 1)),
        widest: estimates.rate(0).half_width.max(estimates.rate(1).half_width),
    }
}

fn of_contributions(contributions: &Contributions) -> ContributionChecks {
    let unknown_share = if contributions.sum > 0.0 { contributions.unknown / contributions.sum } else { 0.0 };
    ContributionChecks {
        effective_sample_size: contributions.effective(),
        largest_share: contributions.largest_share(),
        tail_index: contributions.tail_index(),
        unknown_share,
    }
}

/// The difference between the latest round, about half of all cycles, and what was before it, in standard errors.
fn halves(estimates: &Estimates, latest: &[Statistics], quantity: usize) -> f64 {
    let rest: Vec<Statistics> = estimates.batches.iter().zip(latest).map(|(all, latest)| all.less(latest)).collect();
    if rest.iter().any(|batch| batch.cycles == 0) || latest.iter().any(|batch| batch.cycles == 0) {
        return 0.0;
    }
    let alpha = estimates.alpha;
    let (earlier, later) = (Estimates::new(rest, alpha), Estimates::new(latest.to_vec(), alpha));
    let degrees = latest.len() as f64 - 1.0;
    let (a, b) = (earlier.rate(quantity), later.rate(quantity));
    let (error_a, error_b) = (a.standard_error(degrees, alpha), b.standard_error(degrees, alpha));
    let error = libm::hypot(error_a, error_b);
    if error > 0.0 && error.is_finite() { (a.value - b.value).abs() / error } else { 0.0 }
}

/// The first doubt. Where frequencies do not exist, only the downtime counts.
pub(crate) fn doubt(checks: &ImportanceChecks, total: &Statistics, twin: &Twin, has_times: bool) -> Option<Doubt> {
    let mut measured = vec![&checks.downtime];
    if has_times {
        measured.push(&checks.outages);
    }
    let any = |rule: &dyn Fn(&ContributionChecks) -> bool| measured.iter().any(|&of| rule(of));
    let fixed = twin.fixed_causes.iter().find(|(cause, _)| total.fixed_losses[*cause] < FEWEST_OF_CLASS);
    let unseen = checks.classes.iter().find(|class| class.cycles < FEWEST_OF_CLASS);
    if checks.frontier_ratio > LARGEST_FRONTIER {
        Some(Doubt::Frontier)
    } else if any(&|of| of.effective_sample_size < FEWEST_EFFECTIVE) {
        Some(Doubt::TooFew)
    } else if any(&|of| of.largest_share > LARGEST_SHARE) {
        Some(Doubt::OneDominates)
    } else if any(&|of| of.tail_index > LARGEST_TAIL_INDEX) {
        Some(Doubt::HeavyTail)
    } else if checks.widest > WIDEST {
        Some(Doubt::TooWide)
    } else if let Some(class) = unseen {
        Some(Doubt::ClassUnseen { losses: class.losses, share: class.expected_share, seen: class.cycles })
    } else if let Some((cause, name)) = fixed {
        Some(Doubt::LossUnseen { cause: name.clone(), seen: total.fixed_losses[*cause] })
    } else if any(&|of| of.unknown_share > LARGEST_UNKNOWN) {
        Some(Doubt::Unknown)
    } else if checks.largest_batch_deviation > LARGEST_DEVIATION {
        Some(Doubt::BatchesDiffer)
    } else if checks.halves_difference > LARGEST_DIFFERENCE {
        Some(Doubt::HalvesDiffer)
    } else {
        None
    }
}
