//! Parts that several results share.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{Cause, Contributions, Estimate};
use crate::quantity::{Target, Unavailability};
use crate::report::sheet::Cell;

/// A simulated number: absent fields are not known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Simulated {
    /// The estimate; null when the data do not support one.
    pub estimate: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval, or the upper bound that holds when there is no estimate.
    pub high: Option<f64>,
    /// Confidence level of the interval, or of the bound.
    pub confidence: f64,
    /// Half the width of the interval relative to the estimate.
    pub relative_half_width: Option<f64>,
}

impl Simulated {
    /// `estimate` in another unit.
    pub fn scaled(estimate: &Estimate, factor: f64) -> Self {
        let times = |value: Option<f64>| value.map(|value| value * factor);
        Self {
            estimate: times(estimate.point),
            low: times(estimate.low),
            high: times(estimate.high),
            confidence: estimate.confidence,
            relative_half_width: estimate.relative_half_width(),
        }
    }
}

impl Simulated {
    /// A share as a percentage.
    pub(crate) fn in_percent(&self) -> Self {
        let times = |value: Option<f64>| value.map(|value| 100.0 * value);
        Self { estimate: times(self.estimate), low: times(self.low), high: times(self.high), ..*self }
    }
}

impl From<&Estimate> for Simulated {
    fn from(estimate: &Estimate) -> Self {
        Self::scaled(estimate, 1.0)
    }
}

/// How a simulation was to find outages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MethodInfo {
    /// As suits the model.
    Auto,
    /// As they come.
    Plain,
    /// By making them likelier and weighing them accordingly.
    Importance,
}

/// Whether the target is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The unavailability is at most the target's.
    Meets,
    /// It is above.
    Misses,
    /// The interval holds both.
    Undecided,
}

impl Verdict {
    /// Of an exact unavailability.
    pub fn exact(unavailability: f64, target: Target) -> Self {
        if unavailability <= target.unavailability().value() { Self::Meets } else { Self::Misses }
    }

    /// Of an unavailability between bounds: decided when both are on one side.
    pub fn between(lower: f64, upper: f64, target: Target) -> Self {
        let limit = target.unavailability().value();
        match (upper <= limit, lower > limit) {
            (true, _) => Self::Meets,
            (false, true) => Self::Misses,
            (false, false) => Self::Undecided,
        }
    }

    /// Of an interval: decided when it lies on one side.
    pub fn simulated(unavailability: &Estimate, target: Target) -> Self {
        let limit = target.unavailability().value();
        match (unavailability.low, unavailability.high) {
            (_, Some(high)) if high <= limit => Self::Meets,
            (Some(low), _) if low > limit => Self::Misses,
            _ => Self::Undecided,
        }
    }

    /// In a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Meets => "met",
            Self::Misses => "missed",
            Self::Undecided => "undecided",
        }
    }
}

/// A target as the availability that it asks for.
pub(crate) fn target_cell(unavailability: f64) -> Cell {
    let text = Unavailability::new(unavailability).map(|u| u.availability_rounded(7)).unwrap_or_default();
    Cell::Number { shown: text.clone(), exact: text }
}

/// Headers of what would end the downtime.
pub(crate) const ENDED_BY_HEADERS: [&str; 2] = ["name in `up`, if always up", "share of downtime [%]"];

/// What a contribution tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContributionKind {
    /// The event begins outages; these add up to the failure frequency.
    BeginsOutages,
    /// The system would be up during this share of the downtime if the part were; these need not add up.
    WouldEndDowntime,
}

/// One contribution; `T` is a number or a simulated one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ContributionInfo<T> {
    /// What it tells.
    pub kind: ContributionKind,
    /// The event (`db.crash`) or the part.
    pub of: String,
    /// Outages per year that the event begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outages_per_year: Option<T>,
    /// Share of the downtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_of_downtime: Option<T>,
}

/// Contributions in the units of reports.
pub fn contributions<T, N>(
    contributions: &Contributions<T>,
    per_year: impl Fn(&T) -> N,
    share: impl Fn(&T) -> N,
) -> Vec<ContributionInfo<N>> {
    let begun = contributions.begun_by.iter().map(|contribution| ContributionInfo {
        kind: ContributionKind::BeginsOutages,
        of: Cause::to_string(&contribution.of),
        outages_per_year: Some(per_year(&contribution.value)),
        share_of_downtime: None,
    });
    let ended = contributions.ended_by.iter().map(|contribution| ContributionInfo {
        kind: ContributionKind::WouldEndDowntime,
        of: contribution.of.clone(),
        outages_per_year: None,
        share_of_downtime: Some(share(&contribution.value)),
    });
    begun.chain(ended).collect()
}

/// Measures of a system with a demand; `T` is a number or a simulated one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CapacityInfo<T> {
    /// Requested load.
    pub demand_requests_per_second: f64,
    /// Expected carried demand.
    pub carried_requests_per_second: T,
    /// Carried share of the demand, with all its digits; absent when not estimated.
    pub capacity_weighted_availability: Option<String>,
    /// The complement of that share.
    pub capacity_weighted_unavailability: T,
    /// Long-run share of time with less capacity than the demand.
    pub probability_capacity_below_demand: T,
    /// Expected requests that are not carried.
    pub lost_requests_per_year: T,
}

/// Availability with all the digits that `unavailability` has.
pub(crate) fn availability_text(unavailability: f64) -> Option<String> {
    Unavailability::new(unavailability).map(Unavailability::availability_text)
}

/// Nines, when finite.
pub(crate) fn nines(unavailability: f64) -> Option<f64> {
    Unavailability::new(unavailability)
        .map(Unavailability::nines)
        .filter(|nines| nines.is_finite())
        .map(|nines| nines + 0.0)
}
