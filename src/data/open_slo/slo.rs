//! What an OpenSLO file promises.

use crate::data::mistake::quoted;
use std::ops::Range;

use crate::quantity::{Objective, Probability};

/// An objective for a service, with its window and its method.
#[derive(Clone, Debug, PartialEq)]
pub struct Slo {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.displayName`.
    pub display_name: Option<String>,
    /// `spec.service`.
    pub service: Option<String>,
    /// What is measured.
    pub indicator: Option<Indicator>,
    /// `spec.timeWindow`.
    pub window: Option<WindowOfFile>,
    /// `spec.budgetingMethod`.
    pub budgeting: Budgeting,
    /// `spec.objectives`; at least one.
    pub objectives: Vec<ObjectiveOfFile>,
    /// Alerts on the burn rate: those of its policies that are in the file.
    pub alerts: Vec<Alert>,
    /// Names of policies that are not in the file.
    pub missing_policies: Vec<String>,
    /// Where it stands.
    pub place: Range<usize>,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// How.
    pub kind: IndicatorKind,
}

/// How something is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndicatorKind {
    /// Good or bad events of all events.
    Ratio,
    /// A ratio that another system has computed.
    RawRatio,
    /// A number that is compared with a limit.
    Threshold,
    /// Defined in another file.
    Elsewhere,
}

impl IndicatorKind {
    /// As in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::RawRatio => "raw ratio",
            Self::Threshold => "threshold",
            Self::Elsewhere => "in another file",
        }
    }
}

/// How a budget is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budgeting {
    /// Bad events of all events.
    Occurrences,
    /// Bad slices of all slices.
    Timeslices,
    /// The mean bad share of slices.
    RatioTimeslices,
}

/// The window of a budget.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowOfFile {
    /// As it is written: `30d`, `1M`.
    pub text: String,
    /// Its length.
    pub span: Span,
    /// Whether it is rolling; otherwise it is part of the calendar.
    pub is_rolling: bool,
    /// `calendar.timeZone`.
    pub time_zone: Option<String>,
    /// `calendar.startTime`, unless it is the beginning of a day (of the first one of a month, a quarter or a year
    /// for such windows).
    pub unaligned_start: Option<String>,
    /// Where it stands.
    pub place: Range<usize>,
}

/// A length of time by the format's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Minutes, hours, days, weeks: so many seconds.
    Seconds(u64),
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
}

/// One target.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectiveOfFile {
    /// `displayName`.
    pub name: Option<String>,
    /// `target` or `targetPercent`, exactly.
    pub objective: Objective,
    /// Slices, for the methods that have them.
    pub slices: Option<Slices>,
}

/// How slices are cut and judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slices {
    /// `timeSliceWindow`.
    pub seconds: u64,
    /// `timeSliceTarget`; absent for ratio timeslices.
    pub target: Option<Probability>,
}

/// An alert on the burn rate.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Name of the condition.
    pub name: String,
    /// `severity`.
    pub severity: String,
    /// `op`.
    pub comparison: Comparison,
    /// `threshold`, as it is written.
    pub threshold: String,
    /// `lookbackWindow`.
    pub lookback_seconds: u64,
    /// `alertAfter`.
    pub after_seconds: u64,
    /// Whether it alerts while its condition holds: `alertWhenBreaching` of its policy, which is so where it is absent.
    pub when_breaching: bool,
    /// Where its comparison stands.
    pub place: Range<usize>,
}

impl Alert {
    /// Why it is no rule of burn rates; `None` when it is one.
    pub fn refusal(&self) -> Option<String> {
        let name = quoted(&self.name);
        if !self.comparison.is_above() {
            let threshold = &self.threshold;
            return Some(format!(
                "the alert {name} compares by `lt` or `lte`: it alerts while the burn rate is below {threshold}"
            ));
        }
        let never =
            format!("the alert {name} has `alertWhenBreaching: false`: it does not alert while its burn rate is high");
        (!self.when_breaching).then_some(never)
    }
}

/// How a burn rate is compared with the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `lt`.
    Less,
    /// `lte`.
    LessOrEqual,
    /// `gt`.
    Greater,
    /// `gte`.
    GreaterOrEqual,
}

impl Comparison {
    /// Whether larger burn rates alert.
    pub fn is_above(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }
}
