//! `availability FILE`: what a log says about the long run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::data::Counted;
use crate::measure::{Estimate, ObservedMeasures};
use crate::quantity::{Target, Unavailability};
use crate::report::number::{Form, Units, significant, time};
use crate::report::results::Layout;
use crate::report::results::incidents::{MissingInfo, count, shortened};
use crate::report::results::log::{DowntimeInfo, LogInfo, RuleInfo, WindowInfo, percent_of_availability};
use crate::report::results::measures::{Simulated, Verdict, availability_text, nines, target_cell};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `availability` with a log.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ObservedSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Until when open incidents last.
    pub now: String,
    /// Zone of the calendar.
    pub zone: String,
    /// What counts as downtime.
    pub rule: RuleInfo,
    /// Components that were asked for; all when empty.
    pub components: Vec<String>,
    /// Confidence level of all intervals.
    pub confidence: f64,
    /// Mean length of an outage, assumed where none was seen.
    pub mean_outage_seconds: f64,
    /// Units of the fleet, where they were given.
    pub units: Option<u64>,
}

/// What a log says about the long run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ObservedResult {
    /// How it was read.
    pub log: LogInfo,
    /// The window.
    pub window: WindowInfo,
    /// Downtime of the window under the rule.
    pub downtime: DowntimeInfo,
    /// Everything together: down while any component is.
    pub whole: ObservedInfo,
    /// One unit on average, all components taken as alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_unit: Option<AverageInfo>,
    /// Where samples are missing: the unavailability as if they were all good, and all bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingInfo>,
    /// Components with the most downtime.
    pub components: Vec<PartInfo>,
    /// Parts of the calendar.
    pub periods: Vec<PartInfo>,
    /// What the target allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_unavailability: Option<f64>,
    /// Whether the target is met in the long run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Whether the window itself met the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_verdict: Option<Verdict>,
}

/// Measures with their intervals.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ObservedInfo {
    /// Share of time down; without an outage only the upper bound, with outages of the mean length that is assumed.
    pub unavailability: Simulated,
    /// The complement of the estimate, all digits.
    pub availability: Option<String>,
    /// `-log10` of the estimate.
    pub nines: Option<f64>,
    /// Failures per time up.
    pub failures_per_year_up: Simulated,
    /// Mean time from failure to failure.
    pub mtbf_seconds: Simulated,
    /// Mean time up.
    pub mut_seconds: Simulated,
    /// Mean time down.
    pub mdt_seconds: Simulated,
    /// Mean time to detect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mttd_seconds: Option<Simulated>,
    /// Failures inside of the window.
    pub failures: u64,
    /// Outages with a part in the window.
    pub outages: u64,
    /// Outages that ended inside of it.
    pub repairs: u64,
    /// Incidents that say when they were noticed.
    pub detections: u64,
    /// Time up.
    pub up_seconds: f64,
    /// Time down.
    pub down_seconds: f64,
    /// Squared coefficient of variation of the times up.
    pub up_variation: Option<f64>,
    /// Squared coefficient of variation of the outages.
    pub down_variation: Option<f64>,
    /// Whether the interval also holds what a lognormal law of the outages says.
    pub heavy_tail: bool,
    /// Mean length of an outage that was assumed, because none was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_outage_seconds: Option<f64>,
}

/// One unit on average.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AverageInfo {
    /// Units: those that the log names, or as many as were given.
    pub units: u64,
    /// Its measures.
    pub measures: ObservedInfo,
}

/// A component, or a part of the calendar.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PartInfo {
    /// Its name.
    pub name: String,
    /// Its downtime.
    pub downtime: DowntimeInfo,
    /// Its measures.
    pub measures: ObservedInfo,
}

impl ObservedInfo {
    /// In the units of reports.
    pub fn new(measures: &ObservedMeasures, units: Units) -> Self {
        let point = measures.unavailability.point;
        Self {
            unavailability: Simulated::from(&measures.unavailability),
            availability: point.and_then(availability_text),
            nines: point.and_then(nines),
            failures_per_year_up: Simulated::scaled(&measures.failure_rate, units.year),
            mtbf_seconds: Simulated::from(&measures.mean_cycle_time),
            mut_seconds: Simulated::from(&measures.mean_up_time),
            mdt_seconds: Simulated::from(&measures.mean_down_time),
            mttd_seconds: measures.mean_detection_time.as_ref().map(Simulated::from),
            failures: measures.failures,
            outages: measures.outages,
            repairs: measures.repairs,
            detections: measures.detections,
            up_seconds: measures.up_seconds,
            down_seconds: measures.down_seconds,
            up_variation: measures.up_variation,
            down_variation: measures.down_variation,
            heavy_tail: measures.has_heavy_tail,
            assumed_outage_seconds: measures.assumed_outage_seconds,
        }
    }

    fn table(&self, title: &str, units: Units) -> Table {
        let level = significant(100.0 * self.unavailability.confidence, 6);
        let interval = format!("{level} % interval");
        let mut table = Table::new(title, &["measure", "estimate", &interval]);
        let mut row = |name: &str, estimate: Cell, interval: Cell| {
            table.push(vec![Cell::text(name), estimate, interval]);
        };
        row("availability", self.availability_cell(), self.availability_range());
        let plain = |value: f64| significant(value, 4);
        row("unavailability", Cell::optional(self.unavailability.estimate, plain), range(&self.unavailability, None));
        let failures = &self.failures_per_year_up;
        row("failures per year up", Cell::optional(failures.estimate, plain), range(failures, None));
        let mut timed = |name: &str, number: &Simulated| {
            let estimate = Cell::optional(number.estimate, |seconds| time(seconds, 5, units));
            row(name, estimate, range(number, Some(units)));
        };
        timed("MTBF, failure to failure", &self.mtbf_seconds);
        timed("MUT, mean time up", &self.mut_seconds);
        timed("MDT, mean time down", &self.mdt_seconds);
        if let Some(detection) = &self.mttd_seconds {
            timed("MTTD, mean time to detect", detection);
        }
        row("failures", count(self.failures), Cell::text(""));
        row("outages that ended", count(self.repairs), Cell::text(""));
        table
    }

    fn availability_cell(&self) -> Cell {
        let Some(u) = self.unavailability.estimate else { return Cell::text("-") };
        let exact = self.availability.clone().unwrap_or_default();
        Cell::Number { shown: format!("{}%", percent_of_availability(u)), exact }
    }

    fn availability_range(&self) -> Cell {
        let shown = |u: f64| Unavailability::new(u).map(|u| u.availability_rounded(2)).unwrap_or_default();
        let percent = |u: f64| {
            let text = shown(u);
            crate::quantity::Decimal::parse(&text).map_or(text, |decimal| format!("{}%", decimal.shifted(2)))
        };
        let exact = |u: Option<f64>| u.and_then(availability_text).unwrap_or_default();
        let (low, high) = (self.unavailability.low, self.unavailability.high);
        let shown = match (high, low) {
            (Some(high), Some(low)) => format!("{} to {}", percent(high).trim_end_matches('%'), percent(low)),
            (Some(high), None) => format!("at least {}", percent(high)),
            _ => "-".to_owned(),
        };
        Cell::Range { shown, low: exact(high), high: exact(low) }
    }
}

/// An interval or a bound; times in the unit that fits.
fn range(number: &Simulated, units: Option<Units>) -> Cell {
    let shown = |value: f64| match units {
        Some(units) => time(value, 4, units),
        None => significant(value, 3),
    };
    let text = match (number.low, number.high) {
        (Some(low), Some(high)) => match units {
            Some(units) => Form::time(number.estimate.unwrap_or(high), 4, units).range(low, high),
            None => format!("{} to {}", shown(low), shown(high)),
        },
        (Some(low), None) => format!("at least {}", shown(low)),
        (None, Some(high)) => format!("at most {}", shown(high)),
        (None, None) => "-".to_owned(),
    };
    Cell::range(number.low, number.high, text)
}

impl PartInfo {
    /// A part by its name.
    pub fn new(name: &str, counted: &Counted, measures: &ObservedMeasures, units: Units) -> Self {
        Self {
            name: name.to_owned(),
            downtime: DowntimeInfo::from(counted),
            measures: ObservedInfo::new(measures, units),
        }
    }

    fn row(&self, units: Units) -> Vec<Cell> {
        let measures = &self.measures;
        let shown = |number: &Simulated| Cell::optional(number.estimate, |seconds| time(seconds, 3, units));
        vec![
            Cell::text(shortened(&self.name, 16)),
            count(measures.failures),
            measures.availability_cell(),
            measures.availability_range(),
            shown(&measures.mut_seconds),
            shown(&measures.mdt_seconds),
        ]
    }
}

impl ObservedResult {
    /// Judges by a target.
    #[must_use]
    pub fn judged(mut self, unavailability: &Estimate, target: Option<Target>) -> Self {
        self.target_unavailability = target.map(|target| target.unavailability().value());
        self.verdict = target.map(|target| Verdict::simulated(unavailability, target));
        self.window_verdict = target.zip(self.downtime.unavailability).map(|(target, u)| Verdict::exact(u, target));
        self
    }

    fn parts_table(title: &str, first: &str, parts: &[PartInfo], units: Units) -> Table {
        let mut table = Table::new(title, &[first, "failures", "availability", "interval", "MUT", "MDT"]);
        for part in parts {
            table.push(part.row(units));
        }
        table
    }

    fn missing_table(&self) -> Option<Table> {
        let missing = self.missing.as_ref()?;
        let mut table = Table::new("missing samples", &["if they are", "unavailability"]);
        let number = |value: f64| Cell::number(value, significant(value, 4));
        table.push(vec![Cell::text("all good"), number(missing.unavailability_if_good)]);
        table.push(vec![Cell::text("all bad"), number(missing.unavailability_if_bad)]);
        Some(table)
    }

    fn target_table(&self) -> Option<Table> {
        let target = self.target_unavailability?;
        let mut table = Table::new("target", &["of", "availability", "verdict"]);
        let verdict = |verdict: Option<Verdict>| Cell::text(verdict.map_or("-", Verdict::text));
        table.push(vec![Cell::text("the window"), target_cell(target), verdict(self.window_verdict)]);
        table.push(vec![Cell::text("the long run"), target_cell(target), verdict(self.verdict)]);
        Some(table)
    }
}

impl Layout for ObservedResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut tables = vec![self.log.table(&self.window, units), self.whole.table("", units)];
        if let Some(average) = &self.average_unit {
            let title = format!("one of {} units on average", average.units);
            tables.push(average.measures.table(&title, units));
        }
        tables.extend(self.missing_table());
        tables.extend(self.target_table());
        tables.push(Self::parts_table("components with most downtime", "component", &self.components, units));
        tables.push(Self::parts_table("calendar", "period", &self.periods, units));
        tables.retain(|table| !table.rows.is_empty());
        Sheet { tables, notes: Vec::new() }
    }
}
