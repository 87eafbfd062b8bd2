//! `uncertainty`: quantiles of the unavailability over inputs that are not known exactly.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{Quantile, Uncertainty};
use crate::quantity::Unavailability;
use crate::report::number::{Units, significant, time};
use crate::report::results::measures::{Simulated, availability_text, nines, target_cell};
use crate::report::results::{ExactSettings, Layout};
use crate::report::sheet::{Cell, Sheet, Table};
use crate::topology::uncertain::{Quantity, UncertainInput};

/// Settings of `uncertainty`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UncertaintySettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Samples that were asked for.
    pub samples: u64,
    /// Seed of the random streams.
    pub seed: u64,
    /// Name of the random generator.
    pub generator: String,
    /// Confidence level of all intervals.
    pub confidence: f64,
    /// How far the exact engine goes.
    #[serde(flatten)]
    pub exact: ExactSettings,
    /// Limit of running time.
    pub time_limit_seconds: Option<f64>,
}

/// A quantile.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QuantileInfo {
    /// The probability with which it is not exceeded.
    pub probability: f64,
    /// The unavailability.
    pub unavailability: f64,
    /// Lower end of its interval; null where there are too few samples.
    pub unavailability_low: Option<f64>,
    /// Upper end likewise.
    pub unavailability_high: Option<f64>,
    /// The availability that belongs to it, all digits.
    pub availability: Option<String>,
    /// `-log10` of the unavailability; null when it is 0.
    pub nines: Option<f64>,
    /// Downtime.
    pub downtime_seconds_per_year: f64,
    /// Lower end of its interval.
    pub downtime_seconds_per_year_low: Option<f64>,
    /// Upper end of its interval.
    pub downtime_seconds_per_year_high: Option<f64>,
}

/// The unit of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputUnit {
    /// A time.
    Seconds,
    /// A rate.
    PerSecond,
    /// A share, a count, a shape.
    Number,
}

/// An input that is not known exactly.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InputInfo {
    /// Its key, or the name of the event.
    pub key: String,
    /// What is believed of it, as it was given.
    pub belief: String,
    /// The unit of the numbers below.
    pub unit: InputUnit,
    /// Its 5 % quantile.
    pub low: f64,
    /// Its median.
    pub median: f64,
    /// Its 95 % quantile.
    pub high: f64,
    /// Spearman's rank correlation with the unavailability; null when one of them does not vary.
    pub rank_correlation: Option<f64>,
}

/// What the uncertain inputs leave open.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UncertaintyResult {
    /// Samples drawn.
    pub samples: u64,
    /// Whether these are all that were asked for.
    pub is_complete: bool,
    /// Unavailability with the numbers as they stand in the file.
    pub unavailability_as_written: f64,
    /// Quantiles of the unavailability, in the order in which they were asked for.
    pub quantiles: Vec<QuantileInfo>,
    /// Mean of the unavailability, with Student's interval.
    pub mean_unavailability: Simulated,
    /// What the target allows.
    pub target_unavailability: Option<f64>,
    /// The probability that the target is met, with the interval of Clopper and Pearson.
    pub probability_target_met: Option<Simulated>,
    /// The inputs, those with the largest correlation first.
    pub inputs: Vec<InputInfo>,
}

impl UncertaintyResult {
    /// In the units of reports.
    pub fn new(
        found: &Uncertainty,
        inputs: &[UncertainInput],
        as_written: f64,
        (wanted, target): (usize, Option<f64>),
        units: Units,
    ) -> Self {
        let mut infos: Vec<InputInfo> =
            inputs.iter().zip(&found.correlations).map(|(input, correlation)| info(input, *correlation)).collect();
        let size = |info: &InputInfo| info.rank_correlation.map_or(-1.0, f64::abs);
        infos.sort_by(|a, b| size(b).total_cmp(&size(a)));
        Self {
            samples: found.samples as u64,
            is_complete: found.samples == wanted,
            unavailability_as_written: as_written,
            quantiles: found.quantiles.iter().map(|quantile| quantile_info(quantile, units)).collect(),
            mean_unavailability: Simulated::from(&found.mean),
            target_unavailability: target,
            probability_target_met: found.target_met.as_ref().map(Simulated::from),
            inputs: infos,
        }
    }
}

fn quantile_info(quantile: &Quantile, units: Units) -> QuantileInfo {
    let a_year = |share: f64| share * units.year;
    QuantileInfo {
        probability: quantile.probability,
        unavailability: quantile.unavailability,
        unavailability_low: quantile.low,
        unavailability_high: quantile.high,
        availability: availability_text(quantile.unavailability),
        nines: nines(quantile.unavailability),
        downtime_seconds_per_year: a_year(quantile.unavailability),
        downtime_seconds_per_year_low: quantile.low.map(a_year),
        downtime_seconds_per_year_high: quantile.high.map(a_year),
    }
}

fn info(input: &UncertainInput, rank_correlation: Option<f64>) -> InputInfo {
    InputInfo {
        key: input.key.clone(),
        belief: input.given.clone(),
        unit: match input.quantity {
            Quantity::Time => InputUnit::Seconds,
            Quantity::Rate => InputUnit::PerSecond,
            Quantity::Number => InputUnit::Number,
        },
        low: input.belief.quantile(0.05),
        median: input.belief.quantile(0.5),
        high: input.belief.quantile(0.95),
        rank_correlation,
    }
}

/// Digits shown: more than the samples support, so that the ends of intervals differ.
const DIGITS: usize = 4;

impl Layout for UncertaintyResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut tables = vec![self.quantile_table(units), self.summary(units)];
        tables.push(self.input_table(units));
        let noise = significant(2.0 / (self.samples as f64).sqrt(), 2);
        let notes = vec![
            "Each quantile has an interval from order statistics, which holds whatever the distribution.".to_owned(),
            format!(
                "Rank correlation: Spearman's, of input and unavailability; one below {noise} in size may be chance."
            ),
        ];
        Sheet { tables, notes }
    }
}

impl UncertaintyResult {
    fn quantile_table(&self, units: Units) -> Table {
        let headers = ["quantile [%]", "unavailability", "low", "high", "availability", "downtime a year"];
        let mut table = Table::new("", &headers);
        let show = |value: f64| significant(value, DIGITS);
        for quantile in &self.quantiles {
            let percent = 100.0 * quantile.probability;
            let rounded = Unavailability::new(quantile.unavailability)
                .map(|u| u.availability_rounded(DIGITS))
                .unwrap_or_default();
            let downtime = quantile.downtime_seconds_per_year;
            table.push(vec![
                Cell::number(percent, significant(percent, 7)),
                Cell::number(quantile.unavailability, show(quantile.unavailability)),
                Cell::optional(quantile.unavailability_low, show),
                Cell::optional(quantile.unavailability_high, show),
                Cell::Number { shown: rounded, exact: quantile.availability.clone().unwrap_or_default() },
                Cell::number(downtime, time(downtime, DIGITS, units)),
            ]);
        }
        table
    }

    fn summary(&self, units: Units) -> Table {
        let mut table = Table::new("", &["measure", "value", "low", "high"]);
        let show = |value: f64| significant(value, DIGITS);
        let mut row = |name: &str, value: Cell, low: Cell, high: Cell| {
            table.push(vec![Cell::text(name), value, low, high]);
        };
        let none = || Cell::text("-");
        let (as_written, mean) = (self.unavailability_as_written, &self.mean_unavailability);
        row("unavailability as written", Cell::number(as_written, show(as_written)), none(), none());
        row(
            "mean unavailability",
            Cell::optional(mean.estimate, show),
            Cell::optional(mean.low, show),
            Cell::optional(mean.high, show),
        );
        let downtime = |value: Option<f64>| {
            Cell::optional(value.map(|share| share * units.year), |seconds| time(seconds, DIGITS, units))
        };
        row("mean downtime a year", downtime(mean.estimate), downtime(mean.low), downtime(mean.high));
        if let (Some(target), Some(met)) = (self.target_unavailability, &self.probability_target_met) {
            row("target: availability", target_cell(target), none(), none());
            row(
                "chance that it is met",
                Cell::optional(met.estimate, show),
                Cell::optional(met.low, show),
                Cell::optional(met.high, show),
            );
        }
        table
    }

    fn input_table(&self, units: Units) -> Table {
        let headers = ["input", "belief", "median", "rank correlation"];
        let mut table = Table::new("which input carries the uncertainty", &headers);
        for input in &self.inputs {
            let value = |value: f64| {
                let shown = match input.unit {
                    InputUnit::Seconds => time(value, DIGITS, units),
                    InputUnit::PerSecond => format!("{} /s", significant(value, DIGITS)),
                    InputUnit::Number => significant(value, DIGITS),
                };
                Cell::number(value, shown)
            };
            table.push(vec![
                Cell::text(&input.key),
                Cell::text(&input.belief),
                value(input.median),
                Cell::optional(input.rank_correlation, |value| format!("{value:+.3}")),
            ]);
        }
        table
    }
}
