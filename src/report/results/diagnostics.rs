//! What decided whether a simulation gives an interval.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{CheckedPiece, ClassSeen, ContributionChecks, Diagnostics, ImportanceChecks};
use crate::report::number::percent;

/// A twin that leaves less open than this is complete.
const NEXT_TO_NOTHING: f64 = 1e-9;
/// Classes of outage that are listed one by one.
const MOST_LISTED: usize = 4;

/// What decided whether an interval is given.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DiagnosticsInfo {
    /// Effective number of cycles behind the unavailability.
    pub effective_sample_size: f64,
    /// Share of the downtime that one cycle brought.
    pub largest_share: f64,
    /// Cycles with an outage.
    pub cycles_with_outage: u64,
    /// Code of the rule that forbade an interval.
    pub refused: Option<String>,
    /// Of importance sampling; null after plain simulation.
    pub importance: Option<ImportanceInfo>,
}

/// What decided whether an interval of importance sampling is given.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ImportanceInfo {
    /// Of which piece all of this is; null where the system was sampled as a whole.
    pub piece: Option<PieceInfo>,
    /// How evenly the contributions of single cycles to the downtime are spread.
    pub downtime: ContributionChecksInfo,
    /// Of those to the outages.
    pub outages: ContributionChecksInfo,
    /// Classes of outage that should carry at least a hundredth of the downtime, by the exponential twin of the model.
    pub classes: Vec<OutageClassInfo>,
    /// The twin's downtime with everything beyond its states at its worst, over that with nothing bad beyond: 1 when all
    /// states were explored. Null when it has no bound.
    pub frontier_ratio: Option<f64>,
    /// States of the twin.
    pub twin_states: u64,
    /// Cycles that started with several units which fail much more often when new; null where that cannot be.
    pub young_starts: Option<u64>,
    /// The share of the result that vanished with the weights of cycles in which a recovery outlasts many failures.
    pub vanished_share: f64,
    /// What rare long recoveries may be missing from the time that cycles take, relative to it.
    pub unmet_share: f64,
    /// The batch farthest from the mean, in standard deviations of a batch.
    pub largest_batch_deviation: Option<f64>,
    /// The later half of the cycles against the earlier one, in standard errors.
    pub halves_difference: Option<f64>,
    /// The wider of the intervals of unavailability and frequency, given or not: half its width relative to the estimate.
    pub widest_relative_half_width: Option<f64>,
}

/// The piece of a system that checks are about: the one that fails them, else the one with the smallest effective sample.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PieceInfo {
    /// Its groups and domains.
    pub name: String,
    /// How many pieces there are.
    pub pieces: u64,
    /// The share of the unavailability that would be gone if the piece were always good; null when it cannot be told.
    pub share_of_unavailability: Option<f64>,
}

/// How evenly the contributions of single cycles are spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ContributionChecksInfo {
    /// As many equal contributions would vary as much.
    pub effective_sample_size: f64,
    /// Share of the largest one.
    pub largest_share: f64,
    /// Hill's estimate of the tail index from the 50 largest ones; null from fewer than two.
    pub tail_index: Option<f64>,
    /// The effective sample size when cycles count as one that share the life of a unit which ages; null where nothing ages.
    pub effective_lives: Option<f64>,
    /// Whether that is less than half of the number of lives: only then it must be large; null where nothing ages.
    pub lives_are_uneven: Option<bool>,
    /// Share that came from states beyond the twin's.
    pub unknown_share: f64,
}

/// A class of outage: so many losses at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OutageClassInfo {
    /// Failed units and domains down at a time.
    pub losses: u32,
    /// The share of the downtime that the twin expects of it.
    pub expected_share: f64,
    /// Cycles that contributed to it.
    pub cycles: u64,
}

impl From<&Diagnostics> for DiagnosticsInfo {
    fn from(diagnostics: &Diagnostics) -> Self {
        Self {
            effective_sample_size: diagnostics.effective_sample_size,
            largest_share: diagnostics.largest_share,
            cycles_with_outage: diagnostics.cycles_with_outage,
            refused: diagnostics.refused.clone(),
            importance: diagnostics.importance.as_ref().map(ImportanceInfo::from),
        }
    }
}

impl From<&ImportanceChecks> for ImportanceInfo {
    fn from(checks: &ImportanceChecks) -> Self {
        let class = |class: &ClassSeen| OutageClassInfo {
            losses: class.losses,
            expected_share: class.expected_share,
            cycles: class.cycles,
        };
        Self {
            piece: checks.piece.as_ref().map(PieceInfo::from),
            downtime: (&checks.downtime).into(),
            outages: (&checks.outages).into(),
            classes: checks.classes.iter().map(class).collect(),
            frontier_ratio: finite(checks.frontier_ratio),
            twin_states: checks.twin_states,
            young_starts: checks.young_starts,
            vanished_share: checks.vanished_share,
            unmet_share: checks.unmet_share,
            largest_batch_deviation: finite(checks.largest_batch_deviation),
            halves_difference: finite(checks.halves_difference),
            widest_relative_half_width: finite(checks.widest),
        }
    }
}

impl From<&CheckedPiece> for PieceInfo {
    fn from(piece: &CheckedPiece) -> Self {
        Self { name: piece.name.clone(), pieces: piece.pieces, share_of_unavailability: finite(piece.share) }
    }
}

impl From<&ContributionChecks> for ContributionChecksInfo {
    fn from(checks: &ContributionChecks) -> Self {
        Self {
            effective_sample_size: checks.effective_sample_size,
            largest_share: checks.largest_share,
            tail_index: finite(checks.tail_index),
            effective_lives: checks.effective_lives,
            lives_are_uneven: checks.effective_lives.map(|_| checks.lives_are_uneven),
            unknown_share: checks.unknown_share,
        }
    }
}

/// Reports hold finite numbers only.
fn finite(number: f64) -> Option<f64> {
    Some(number).filter(|number| number.is_finite())
}

impl DiagnosticsInfo {
    /// One line about the checks of importance sampling.
    pub(crate) fn summary(&self) -> Option<String> {
        let checks = self.importance.as_ref()?;
        let verdict = match (&self.refused, &checks.piece) {
            (None, None) => "checks passed".to_owned(),
            (None, Some(piece)) => {
                format!("checks passed by {} pieces, of which `{}` is the weakest", piece.pieces, piece.name)
            }
            (Some(code), None) => format!("check failed, {code}"),
            (Some(code), Some(piece)) => {
                format!("check failed, {code}, by one of {} pieces, `{}`", piece.pieces, piece.name)
            }
        };
        let tail = checks.downtime.tail_index.map_or("unknown".to_owned(), |index| format!("{index:.2}"));
        Some(format!(
            "{verdict}: effective sample of {:.0} cycles, largest share {} %, tail index {tail}, {}{}.",
            checks.downtime.effective_sample_size.floor(),
            percent(checks.downtime.largest_share, 2),
            classes(&checks.classes),
            checks.twin(),
        ))
    }
}

/// What each class of outage was seen in; of many only the range.
fn classes(classes: &[OutageClassInfo]) -> String {
    let least = classes.iter().map(|class| class.cycles).min().unwrap_or(0);
    let most = classes.iter().map(|class| class.cycles).max().unwrap_or(0);
    match classes {
        [first, .., last] if classes.len() > MOST_LISTED => {
            let range = if least == most { format!("{least}") } else { format!("{least} to {most}") };
            format!("outages of {} to {} losses, each number in {range} cycles, ", first.losses, last.losses)
        }
        few => few.iter().map(OutageClassInfo::text).collect(),
    }
}

impl OutageClassInfo {
    fn text(&self) -> String {
        let plural = if self.losses == 1 { "loss" } else { "losses" };
        format!("outages of {} {plural} in {} cycles, ", self.losses, self.cycles)
    }
}

impl ImportanceInfo {
    fn twin(&self) -> String {
        let open = match self.frontier_ratio {
            Some(ratio) if ratio < 1.0 + NEXT_TO_NOTHING => "complete".to_owned(),
            Some(ratio) => format!("that leave at most {} % of the downtime open", percent(ratio - 1.0, 2)),
            None => "that leave all open".to_owned(),
        };
        format!("twin of {} states {open}", self.twin_states)
    }
}
