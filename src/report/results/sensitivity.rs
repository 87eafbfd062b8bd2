//! What each number of a topology does: part of the result of `solve`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{IMPROVEMENT, Lever, Sensitivity, Step};
use crate::report::number::{Units, significant, time};
use crate::report::sheet::{Cell, Table};

/// What each number of the file does.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SensitivityInfo {
    /// The relative improvement that `saved_…` speak of.
    pub improvement: f64,
    /// Numbers that matter to first order, those that save most first.
    pub levers: Vec<LeverInfo>,
    /// Counts with one more, solved again, those that save most first.
    pub steps: Vec<StepInfo>,
    /// Counts that were not tried, because that would take much longer than the solution.
    pub steps_left_out: u64,
}

/// The unit of a number of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeverUnit {
    /// A time; of a distribution the mean.
    Seconds,
    /// A probability, a share or an exponent.
    Number,
}

/// The derivatives by one number.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LeverInfo {
    /// Its key in full, as `--set` takes it; of names that say the same `mtbf`, `mttr` and `standby.count`.
    pub key: String,
    /// Its unit.
    pub unit: LeverUnit,
    /// Its value.
    pub value: f64,
    /// Derivative of the unavailability by the value.
    pub unavailability_derivative: f64,
    /// Derivative of the outages per year by the value; null without a frequency.
    pub failure_frequency_derivative_per_year: Option<f64>,
    /// Downtime that the improvement saves, to first order.
    pub saved_seconds_per_year: f64,
    /// Outages that it saves, to first order.
    pub saved_outages_per_year: Option<f64>,
}

/// The system with one more of a count.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StepInfo {
    /// Its key in full, as `--set` takes it; of names that say the same `mtbf`, `mttr` and `standby.count`.
    pub key: String,
    /// As it is.
    pub from: u32,
    /// As it was tried.
    pub to: u32,
    /// Unavailability then; null when that is too large to solve.
    pub unavailability: Option<f64>,
    /// Outages then.
    pub failure_frequency_per_year: Option<f64>,
    /// Downtime that it saves.
    pub saved_seconds_per_year: Option<f64>,
}

impl SensitivityInfo {
    /// In the units of reports.
    pub fn new(sensitivity: &Sensitivity, units: Units) -> Self {
        let lever = |lever: &Lever| LeverInfo {
            key: lever.key.clone(),
            unit: if lever.is_time { LeverUnit::Seconds } else { LeverUnit::Number },
            value: lever.value,
            unavailability_derivative: lever.unavailability,
            failure_frequency_derivative_per_year: lever.frequency.map(|frequency| frequency * units.year),
            saved_seconds_per_year: IMPROVEMENT * lever.saved * units.year,
            saved_outages_per_year: lever.saved_outages.map(|outages| IMPROVEMENT * outages * units.year),
        };
        let step = |step: &Step| StepInfo {
            key: step.key.clone(),
            from: step.from,
            to: step.to,
            unavailability: step.found.map(|found| found.unavailability),
            failure_frequency_per_year: step.found.and_then(|found| Some(found.failure_frequency? * units.year)),
            saved_seconds_per_year: step.found.map(|found| found.saved * units.year),
        };
        Self {
            improvement: IMPROVEMENT,
            levers: sensitivity.levers.iter().map(lever).collect(),
            steps: sensitivity.steps.iter().map(step).collect(),
            steps_left_out: sensitivity.steps_left_out as u64,
        }
    }

    /// What is not in the tables.
    pub(crate) fn note(&self) -> Option<String> {
        let left_out = self.steps_left_out;
        let counts = if left_out == 1 { "count was" } else { "counts were" };
        (left_out > 0)
            .then(|| format!("{left_out} more {counts} not tried: it would take much longer than the solution."))
    }

    /// As tables.
    pub(crate) fn tables(&self, downtime: f64, units: Units) -> Vec<Table> {
        let of = |saved: f64| if downtime > 0.0 { 100.0 * saved / downtime } else { 0.0 };
        let share = |saved: f64| Cell::number(of(saved), significant(of(saved), 3));
        let mut levers = Table::new(
            "what each number buys: 10 % better, by derivatives",
            &["key", "value", "saves a year", "share [%]", "dU/dvalue"],
        );
        for lever in &self.levers {
            let value = match lever.unit {
                LeverUnit::Seconds => time(lever.value, 5, units),
                LeverUnit::Number => significant(lever.value, 5),
            };
            let unit = if lever.unit == LeverUnit::Seconds { " /s" } else { "" };
            let derivative = lever.unavailability_derivative;
            levers.push(vec![
                Cell::text(&lever.key),
                Cell::number(lever.value, value),
                Cell::number(lever.saved_seconds_per_year, saved(lever.saved_seconds_per_year, units)),
                share(lever.saved_seconds_per_year),
                Cell::number(derivative, significant(derivative, 4) + unit),
            ]);
        }
        let mut steps = Table::new(
            "what one more buys: solved again",
            &["key", "from", "to", "saves a year", "share [%]", "unavailability"],
        );
        for step in &self.steps {
            steps.push(vec![
                Cell::text(&step.key),
                Cell::number(f64::from(step.from), step.from.to_string()),
                Cell::number(f64::from(step.to), step.to.to_string()),
                Cell::optional(step.saved_seconds_per_year, |seconds| saved(seconds, units)),
                step.saved_seconds_per_year.map_or_else(|| Cell::text("too large"), share),
                Cell::optional(step.unavailability, |unavailability| significant(unavailability, 5)),
            ]);
        }
        [levers, steps].into_iter().filter(|table| !table.rows.is_empty()).collect()
    }
}

fn saved(seconds: f64, units: Units) -> String {
    if seconds < 0.0 { format!("-{}", time(-seconds, 4, units)) } else { time(seconds, 4, units) }
}
