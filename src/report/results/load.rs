//! `throughput` and `scalability`: the formulas.

use schemars::JsonSchema;
use serde::Serialize;

use crate::formulas::scalability::Scalability;
use crate::formulas::throughput::{Throughput, mean_response_seconds};
use crate::report::number::{Units, significant, time};
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `throughput`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ThroughputSettings {
    /// Requests processed.
    pub requests: u64,
    /// Processing time.
    pub time_seconds: f64,
    /// Confidence level of the interval.
    pub confidence: f64,
    /// Requests in the system at a time.
    pub concurrency: Option<f64>,
}

/// A throughput.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ThroughputResult {
    /// Requests processed / processing time.
    pub requests_per_second: f64,
    /// Lower end of the exact Poisson interval.
    pub low_requests_per_second: f64,
    /// Upper end of the exact Poisson interval.
    pub high_requests_per_second: f64,
    /// Confidence level.
    pub confidence: f64,
    /// With a concurrency, by Little's law: mean time of a request in the system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_response_seconds: Option<f64>,
}

impl ThroughputResult {
    /// From the formula.
    pub fn new(throughput: &Throughput, settings: &ThroughputSettings) -> Self {
        let response = |concurrency| mean_response_seconds(concurrency, throughput.per_second);
        Self {
            requests_per_second: throughput.per_second,
            low_requests_per_second: throughput.low,
            high_requests_per_second: throughput.high,
            confidence: settings.confidence,
            mean_response_seconds: settings.concurrency.and_then(response),
        }
    }
}

impl Layout for ThroughputResult {
    fn sheet(&self, units: Units) -> Sheet {
        let interval = format!("{} % interval", significant(100.0 * self.confidence, 6));
        let mut table = Table::new("", &["measure", "value", &interval, "unit"]);
        let show = |value: f64| significant(value, 7);
        table.push(vec![
            Cell::text("throughput"),
            Cell::number(self.requests_per_second, show(self.requests_per_second)),
            Cell::range(
                Some(self.low_requests_per_second),
                Some(self.high_requests_per_second),
                format!("{} to {}", show(self.low_requests_per_second), show(self.high_requests_per_second)),
            ),
            Cell::text("requests per second"),
        ]);
        if let Some(seconds) = self.mean_response_seconds {
            table.push(vec![
                Cell::text("mean response time"),
                Cell::number(seconds, time(seconds, 5, units)),
                Cell::text("-"),
                Cell::text("concurrency / throughput"),
            ]);
        }
        Sheet { tables: vec![table], notes: Vec::new() }
    }
}

/// Settings of `scalability`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ScalabilitySettings {
    /// Runs that were given.
    pub runs: u64,
}

/// A scalability.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ScalabilityResult {
    /// Maximum requests processed / maximum processing time: the formula as written.
    pub requests_per_second: f64,
    /// The largest number of requests of any run.
    pub max_requests: f64,
    /// The largest processing time of any run, which may be another one.
    pub max_time_seconds: f64,
    /// The best single run, counted from 1.
    pub best_run: u64,
    /// Its requests per second.
    pub best_run_requests_per_second: f64,
}

impl From<&Scalability> for ScalabilityResult {
    fn from(scalability: &Scalability) -> Self {
        Self {
            requests_per_second: scalability.per_second,
            max_requests: scalability.max_requests,
            max_time_seconds: scalability.max_time.seconds(),
            best_run: scalability.best_run as u64 + 1,
            best_run_requests_per_second: scalability.best_per_second,
        }
    }
}

impl Layout for ScalabilityResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut table = Table::new("", &["measure", "value", "unit"]);
        let show = |value: f64| Cell::number(value, significant(value, 7));
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        row("scalability", show(self.requests_per_second), "requests per second: largest count / largest time");
        row("largest count", show(self.max_requests), "requests");
        row(
            "largest time",
            Cell::number(self.max_time_seconds, time(self.max_time_seconds, 7, units)),
            "processing time",
        );
        let best = format!("requests per second: run {}", self.best_run);
        row("best single run", show(self.best_run_requests_per_second), &best);
        Sheet { tables: vec![table], notes: Vec::new() }
    }
}
