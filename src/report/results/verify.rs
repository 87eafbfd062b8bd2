//! `verify`: engines side by side.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::{Units, significant};
use crate::report::results::measures::{MethodInfo, Simulated};
use crate::report::results::{ExactSettings, Layout};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `verify`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VerifySettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Confidence level at which a difference counts.
    pub confidence: f64,
    /// How far the exact engine goes.
    #[serde(flatten)]
    pub exact: ExactSettings,
    /// Seed of the simulation.
    pub seed: u64,
    /// How the simulation was to find outages.
    pub method: MethodInfo,
    /// Wanted relative half width of the simulation; null when only limits stop it.
    pub precision: Option<f64>,
    /// Limit of simulated events.
    pub events: Option<u64>,
    /// Limit of simulated years.
    pub years: Option<f64>,
    /// Limit of running time.
    pub time_limit_seconds: Option<f64>,
}

/// One measure by two engines.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The engine that is compared with the exact one: `one chain`, `fault tree`, `one diagram`, `bounds`, `plain simulation`
    /// or `importance sampling`.
    pub engine: String,
    /// The measure, with its unit.
    pub measure: String,
    /// The exact value; where the model is too large for one, the middle of its bounds.
    pub exact: f64,
    /// The other engine's value; of an exact one with its accuracy as an interval of confidence 1.
    pub simulated: Simulated,
    /// (estimate - exact) in units of the interval's half width; beyond 1 the engines disagree, but for rounding.
    pub difference_in_half_widths: Option<f64>,
    /// Whether the interval holds the exact value; null when there is only a bound, and it holds.
    pub agree: Option<bool>,
}

/// Engines side by side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VerifyResult {
    /// Measures that both engines gave.
    pub comparisons: Vec<Comparison>,
    /// Whether all of them agree; null when no interval could be compared.
    pub agree: Option<bool>,
    /// Confidence level at which a difference counts.
    pub confidence: f64,
    /// Engines that do not apply, and why.
    pub not_compared: Vec<String>,
}

impl Comparison {
    /// From a value and an estimate in the unit that `measure` names.
    pub fn new((engine, measure): (&str, String), exact: f64, simulated: Simulated, agree: Option<bool>) -> Self {
        let half_width = simulated.low.zip(simulated.high).map(|(low, high)| (high - low) / 2.0);
        let difference = simulated.estimate.zip(half_width).filter(|(_, half_width)| *half_width > 0.0);
        Self {
            engine: engine.to_owned(),
            measure,
            exact,
            simulated,
            difference_in_half_widths: difference.map(|(estimate, half_width)| (estimate - exact) / half_width),
            agree,
        }
    }
}

impl VerifyResult {
    /// Agreement follows from the comparisons.
    pub fn new(comparisons: Vec<Comparison>, confidence: f64, not_compared: Vec<String>) -> Self {
        let agree = comparisons.iter().filter_map(|comparison| comparison.agree).reduce(|all, agree| all && agree);
        Self { comparisons, agree, confidence, not_compared }
    }
}

impl Layout for VerifyResult {
    fn sheet(&self, _: Units) -> Sheet {
        let mut tables: Vec<Table> = Vec::new();
        for row in &self.comparisons {
            // Exact values differ in their last digits, if at all: their intervals are too narrow to be shown.
            let is_simulated = row.simulated.confidence < 1.0;
            let digits = if is_simulated { 4 } else { 13 };
            let ends: &[&str] = if is_simulated { &["low", "high"] } else { &[] };
            if tables.last().is_none_or(|table| table.title != row.engine) {
                let headers = [&["measure", "exact", "other"], ends, &["off by", "agree"]].concat();
                tables.push(Table::new(row.engine.as_str(), &headers));
            }
            let table = tables.last_mut().expect("one was pushed");
            let show = |value: f64| significant(value, digits);
            let agree = match row.agree {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "bound",
            };
            let mut cells = vec![
                Cell::text(&row.measure),
                Cell::number(row.exact, show(row.exact)),
                Cell::optional(row.simulated.estimate, show),
            ];
            if is_simulated {
                cells.extend([row.simulated.low, row.simulated.high].map(|end| Cell::optional(end, show)));
            }
            cells.push(Cell::optional(row.difference_in_half_widths, |value| format!("{value:.2}")));
            cells.push(Cell::text(agree));
            table.push(cells);
        }
        let mut notes = self.not_compared.clone();
        if !tables.is_empty() {
            let agreeing = self.comparisons.iter().filter(|row| row.agree == Some(true)).count();
            let undecided = self.comparisons.iter().filter(|row| row.agree.is_none()).count();
            let bounds = if undecided > 0 { format!(", {undecided} have a bound only") } else { String::new() };
            let confidence = significant(100.0 * self.confidence, 6);
            notes.push(format!("{agreeing} of {} agree at {confidence} %{bounds}.", self.comparisons.len()));
            notes.push("`off by`: other less exact value, in half widths of the interval of the other; `bound`: there is only a bound, which holds.".to_owned());
        }
        Sheet { tables, notes }
    }
}
