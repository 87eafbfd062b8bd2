//! `verify`: engines side by side.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::{Units, significant};
use crate::report::results::Layout;
use crate::report::results::measures::Simulated;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `verify`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VerifySettings {
    /// Confidence level at which a difference counts.
    pub confidence: f64,
    /// Seed of the simulation.
    pub seed: u64,
    /// Wanted relative half width of the simulation.
    pub precision: f64,
}

/// One measure by two engines.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The measure, with its unit.
    pub measure: String,
    /// The exact value.
    pub exact: f64,
    /// The simulated value.
    pub simulated: Simulated,
    /// (estimate - exact) in units of the interval's half width; beyond 1 the engines disagree.
    pub difference_in_half_widths: Option<f64>,
    /// Whether the interval holds the exact value; null when there is no interval.
    pub agree: Option<bool>,
}

/// Engines side by side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VerifyResult {
    /// Measures that both engines gave.
    pub comparisons: Vec<Comparison>,
    /// Whether all of them agree.
    pub agree: bool,
    /// Engines that do not apply, and why.
    pub not_compared: Vec<String>,
}

impl Layout for VerifyResult {
    fn sheet(&self, _: Units) -> Sheet {
        let headers = ["measure", "exact", "simulated", "interval", "difference [half widths]", "agree"];
        let mut table = Table::new("", &headers);
        for row in &self.comparisons {
            let show = |value: f64| significant(value, 5);
            let interval = match (row.simulated.low, row.simulated.high) {
                (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
                (None, Some(high)) => format!("at most {}", show(high)),
                _ => "-".to_owned(),
            };
            let agree = match row.agree {
                Some(true) => "yes",
                Some(false) => "NO",
                None => "-",
            };
            table.push(vec![
                Cell::text(&row.measure),
                Cell::number(row.exact, significant(row.exact, 7)),
                Cell::optional(row.simulated.estimate, show),
                Cell::text(interval),
                Cell::optional(row.difference_in_half_widths, |value| significant(value, 2)),
                Cell::text(agree),
            ]);
        }
        let tables = if table.rows.is_empty() { Vec::new() } else { vec![table] };
        Sheet { tables, notes: self.not_compared.clone() }
    }
}
