//! `availability`: the formula.

use schemars::JsonSchema;
use serde::Serialize;

use crate::quantity::{Target, Unavailability};
use crate::report::number::{Units, significant, time};
use crate::report::results::Layout;
use crate::report::results::measures::{Verdict, availability_text, nines, target_cell};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `availability`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AvailabilitySettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Length of a month.
    pub month_seconds: f64,
    /// The formula that was used.
    pub formula: String,
}

/// An availability.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AvailabilityResult {
    /// Share of time down.
    pub unavailability: f64,
    /// Share of time up, all digits.
    pub availability: Option<String>,
    /// `-log10` of the unavailability; null when it is 0.
    pub nines: Option<f64>,
    /// Expected downtime.
    pub downtime_seconds_per_year: f64,
    /// Expected downtime in a month.
    pub downtime_seconds_per_month: f64,
    /// Failures, where mean times are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_frequency_per_year: Option<f64>,
    /// What the target allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_unavailability: Option<f64>,
    /// Whether the target is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl AvailabilityResult {
    /// From an unavailability, and failures per second where known.
    pub fn new(unavailability: Unavailability, frequency: Option<f64>, target: Option<Target>, units: Units) -> Self {
        let u = unavailability.value();
        Self {
            unavailability: u,
            availability: availability_text(u),
            nines: nines(u),
            downtime_seconds_per_year: u * units.year,
            downtime_seconds_per_month: u * units.month,
            failure_frequency_per_year: frequency.map(|frequency| frequency * units.year),
            target_unavailability: target.map(|target| target.unavailability().value()),
            verdict: target.map(|target| Verdict::exact(u, target)),
        }
    }
}

impl Layout for AvailabilityResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut table = Table::new("", &["measure", "value", "unit"]);
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let rounded = Unavailability::new(self.unavailability).map(|u| u.availability_rounded(7)).unwrap_or_default();
        let exact = self.availability.clone().unwrap_or_default();
        let plain = |value: f64| significant(value, 7);
        row("availability", Cell::Number { shown: rounded, exact }, "share of time");
        row("unavailability", Cell::number(self.unavailability, plain(self.unavailability)), "share of time");
        row("nines", Cell::optional(self.nines, |nines| significant(nines, 4)), "-log10 unavailability");
        let year = self.downtime_seconds_per_year;
        row("downtime a year", Cell::number(year, time(year, 7, units)), "on average");
        let month = self.downtime_seconds_per_month;
        row("downtime a month", Cell::number(month, time(month, 7, units)), "on average");
        if let Some(frequency) = self.failure_frequency_per_year {
            row("failures", Cell::number(frequency, plain(frequency)), "per year");
        }
        if let Some(target) = self.target_unavailability {
            let verdict = self.verdict.map_or("", Verdict::text);
            row("target", target_cell(target), &format!("availability: {verdict}"));
        }
        Sheet { tables: vec![table], notes: Vec::new() }
    }
}
