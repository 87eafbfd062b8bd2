//! What happens after all-up, and how long outages last.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{BeyondObjective, ExactMeasures, LengthQuantile, PointMeasures, TransientMeasures};
use crate::report::number::{Units, significant, time};
use crate::report::sheet::{Cell, Table};

/// Exact measures that depend on a time; a number that is not there could not be computed, and a warning says why.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OverTime {
    /// For each time that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<AtTime>,
    /// Mean time from all-up to the first outage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_time_to_first_outage_seconds: Option<f64>,
    /// For each recovery-time objective.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outages_beyond_rto: Vec<ExactlyBeyondRto>,
    /// Quantiles of the outage length.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outage_length_quantiles: Vec<ExactQuantile>,
}

/// What is known of a time after everything was up.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AtTime {
    /// The time.
    pub seconds: f64,
    /// Probability of being down then.
    pub unavailability: Option<f64>,
    /// Expected downtime until then.
    pub downtime_seconds: Option<f64>,
    /// Probability that an outage begins before.
    pub outage_probability: Option<f64>,
}

/// The outages that are longer than a recovery-time objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ExactlyBeyondRto {
    /// The objective.
    pub rto_seconds: f64,
    /// Share of the outages that are longer: the probability that one is.
    pub share_of_outages: Option<f64>,
    /// Share of the downtime in these.
    pub share_of_downtime: Option<f64>,
    /// Such outages in the long run.
    pub outages_per_year: Option<f64>,
}

/// A quantile of the outage length.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ExactQuantile {
    /// Share of the outages that are at most so long.
    pub probability: f64,
    /// So long.
    pub seconds: Option<f64>,
}

/// Digits shown of these numbers, which are good to ten.
const DIGITS: usize = 7;

impl OverTime {
    /// The measures in the units of reports; `exact` are those of the long run.
    pub fn new(measures: &TransientMeasures, exact: &ExactMeasures, units: Units) -> Self {
        let at = |point: &PointMeasures| AtTime {
            seconds: point.time,
            unavailability: point.unavailability,
            downtime_seconds: point.downtime,
            outage_probability: point.outage_probability,
        };
        let per_year = exact.failure_frequency.map(|frequency| frequency * units.year);
        let beyond = |beyond: &BeyondObjective| ExactlyBeyondRto {
            rto_seconds: beyond.objective,
            share_of_outages: beyond.share_of_outages,
            share_of_downtime: beyond.share_of_downtime,
            outages_per_year: beyond.share_of_outages.zip(per_year).map(|(share, per_year)| share * per_year),
        };
        let quantile =
            |quantile: &LengthQuantile| ExactQuantile { probability: quantile.probability, seconds: quantile.length };
        Self {
            at: measures.points.iter().map(at).collect(),
            mean_time_to_first_outage_seconds: measures.mean_time_to_first_outage,
            outages_beyond_rto: measures.beyond.iter().map(beyond).collect(),
            outage_length_quantiles: measures.quantiles.iter().map(quantile).collect(),
        }
    }

    pub(crate) fn tables(&self, units: Units) -> Vec<Table> {
        let plain = |value: f64| significant(value, DIGITS);
        let duration = |seconds: f64| time(seconds, DIGITS, units);
        let asked = |seconds: f64| Cell::number(seconds, time(seconds, 4, units));
        let mut at = Table::new(
            "after everything was up",
            &["time", "unavailability", "downtime until then", "P(outage before)"],
        );
        for point in &self.at {
            at.push(vec![
                asked(point.seconds),
                Cell::optional(point.unavailability, plain),
                Cell::optional(point.downtime_seconds, duration),
                Cell::optional(point.outage_probability, plain),
            ]);
        }
        let mut first = Table::new("first outage", &["measure", "value"]);
        if let Some(mean) = self.mean_time_to_first_outage_seconds {
            first.push(vec![Cell::text("mean time from all-up"), Cell::number(mean, duration(mean))]);
        }
        let headers = ["longer than", "share of outages", "share of downtime", "outages per year"];
        let mut beyond = Table::new("long outages", &headers);
        for row in &self.outages_beyond_rto {
            beyond.push(vec![
                asked(row.rto_seconds),
                Cell::optional(row.share_of_outages, plain),
                Cell::optional(row.share_of_downtime, plain),
                Cell::optional(row.outages_per_year, plain),
            ]);
        }
        let mut lengths = Table::new("how long outages last", &["share of outages [%]", "at most"]);
        for row in &self.outage_length_quantiles {
            let share = Cell::number(100.0 * row.probability, significant(100.0 * row.probability, 9));
            lengths.push(vec![share, Cell::optional(row.seconds, duration)]);
        }
        [at, first, beyond, lengths].into_iter().filter(|table| !table.rows.is_empty()).collect()
    }
}
