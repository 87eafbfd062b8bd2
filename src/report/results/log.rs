//! Parts that the reports on logs share: what was read, the window, the rule.

use schemars::JsonSchema;
use serde::Serialize;

use crate::data::{Class, Counted, IncidentLog, Interval, Maintenance, Rule};
use crate::quantity::Unavailability;
use crate::report::number::{Units, time};
use crate::report::results::measures::{availability_text, nines};
use crate::report::sheet::{Cell, Table};

/// How a log was read.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LogInfo {
    /// The dialect that was recognised.
    pub dialect: String,
    /// Which column was taken for what.
    pub columns: Vec<ColumnInfo>,
    /// Zone of times that name none.
    pub zone: String,
    /// Entries of the file.
    pub entries: u64,
    /// Entries that could not be read and are skipped.
    pub dropped: u64,
    /// Entries that say that a unit is up: they are no incidents.
    pub up_entries: u64,
    /// Times that named no zone.
    pub times_without_zone: u64,
    /// Entries with a time that the clock showed twice.
    pub times_shown_twice: u64,
    /// Entries with a time that the clock never showed.
    pub times_never_shown: u64,
    /// Entries whose stated duration differs from end minus start.
    pub durations_that_differ: u64,
}

/// A column and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ColumnInfo {
    /// What it was taken for.
    pub meaning: String,
    /// Its name in the file.
    pub column: String,
}

/// A window of time.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WindowInfo {
    /// Its start.
    pub from: String,
    /// Its end, which is not in it.
    pub to: String,
    /// Its length.
    pub seconds: f64,
}

/// What counts as downtime, and how much.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RuleInfo {
    /// Its name.
    pub rule: String,
    /// Weights of the classes of severities, and of single severities.
    pub weights: Vec<WeightInfo>,
    /// What planned maintenance counts: `exclude`, `count` or `ignore`.
    pub maintenance: String,
}

/// The weight of a severity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WeightInfo {
    /// The severity, or the class of severities.
    pub severity: String,
    /// From 0 to 1.
    pub weight: f64,
}

/// Downtime in a window.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DowntimeInfo {
    /// Length of what counts: the window less what is left out.
    pub valid_seconds: f64,
    /// Length of what is neither up nor down: excluded maintenance, and times without any observation.
    pub left_out_seconds: f64,
    /// Length of planned maintenance, however it counts.
    pub maintenance_seconds: f64,
    /// Length of times without any observation.
    pub unobserved_seconds: f64,
    /// Downtime, weighted; overlaps count once, with the largest weight.
    pub downtime_seconds: f64,
    /// Downtime as if every incident of some weight counted in full.
    pub strict_downtime_seconds: f64,
    /// Separate times of downtime.
    pub outages: u64,
    /// Share of the valid time that is down; null without valid time.
    pub unavailability: Option<f64>,
    /// The complement, all digits.
    pub availability: Option<String>,
    /// `-log10` of the unavailability; null when it is 0.
    pub nines: Option<f64>,
}

impl From<&IncidentLog> for LogInfo {
    fn from(log: &IncidentLog) -> Self {
        let reading = &log.reading;
        let column =
            |(meaning, column): &(&str, String)| ColumnInfo { meaning: (*meaning).to_owned(), column: column.clone() };
        Self {
            dialect: reading.dialect.clone(),
            columns: reading.columns.iter().map(column).collect(),
            zone: reading.zone.clone(),
            entries: reading.rows,
            dropped: reading.dropped,
            up_entries: reading.up_rows,
            times_without_zone: reading.naive_times,
            times_shown_twice: reading.twice.len() as u64,
            times_never_shown: reading.never.len() as u64,
            durations_that_differ: reading.differs.len() as u64,
        }
    }
}

impl From<&Interval> for WindowInfo {
    fn from(window: &Interval) -> Self {
        Self { from: window.start.to_string(), to: window.end.to_string(), seconds: window.seconds() }
    }
}

impl From<&Rule> for RuleInfo {
    fn from(rule: &Rule) -> Self {
        let classes = Class::ALL.iter().zip(rule.weights).map(|(class, weight)| (class.name().to_owned(), weight));
        let weights = classes.chain(rule.own.iter().cloned());
        Self {
            rule: rule.name.clone(),
            weights: weights.map(|(severity, weight)| WeightInfo { severity, weight }).collect(),
            maintenance: maintenance_text(rule.maintenance).to_owned(),
        }
    }
}

impl From<&Counted> for DowntimeInfo {
    fn from(counted: &Counted) -> Self {
        let unavailability = counted.unavailability();
        Self {
            valid_seconds: counted.valid_seconds,
            left_out_seconds: counted.left_out_seconds,
            maintenance_seconds: counted.maintenance_seconds,
            unobserved_seconds: counted.unobserved_seconds,
            downtime_seconds: counted.down_seconds,
            strict_downtime_seconds: counted.strict_seconds,
            outages: counted.outages,
            unavailability,
            availability: unavailability.and_then(availability_text),
            nines: unavailability.and_then(nines),
        }
    }
}

/// How maintenance counts, in a word.
pub(crate) fn maintenance_text(maintenance: Maintenance) -> &'static str {
    match maintenance {
        Maintenance::Exclude => "exclude",
        Maintenance::Count => "count",
        Maintenance::Ignore => "ignore",
    }
}

impl DowntimeInfo {
    /// The availability as people read it, `-` without valid time.
    pub(crate) fn availability_cell(&self) -> Cell {
        let Some(u) = self.unavailability.and_then(Unavailability::new) else { return Cell::text("-") };
        let shown = format!("{}%", percent_of_availability(u.value()));
        Cell::Number { shown, exact: self.availability.clone().unwrap_or_default() }
    }

    pub(crate) fn downtime_cell(&self, units: Units) -> Cell {
        Cell::number(self.downtime_seconds, time(self.downtime_seconds, 5, units))
    }

    pub(crate) fn valid_cell(&self, units: Units) -> Cell {
        Cell::number(self.valid_seconds, time(self.valid_seconds, 5, units))
    }
}

/// An availability in percent, with three digits of the unavailability.
pub(crate) fn percent_of_availability(unavailability: f64) -> String {
    let rounded = Unavailability::new(unavailability).map(|u| u.availability_rounded(4)).unwrap_or_default();
    let Ok(decimal) = crate::quantity::Decimal::parse(&rounded) else { return rounded };
    decimal.shifted(2).to_string()
}

impl LogInfo {
    /// What was read, as a table.
    pub(crate) fn table(&self, window: &WindowInfo, units: Units) -> Table {
        let mut table = Table::new("", &["log", ""]);
        let mut row = |name: &str, value: Cell| table.push(vec![Cell::text(name), value]);
        row("read as", Cell::text(&self.dialect));
        if !self.columns.is_empty() {
            let named: Vec<String> = self
                .columns
                .iter()
                .map(|column| {
                    if column.meaning == column.column {
                        column.column.clone()
                    } else {
                        format!("{}={}", column.meaning, column.column)
                    }
                })
                .collect();
            row("columns", Cell::text(named.join(", ")));
        }
        row("from", Cell::text(&window.from));
        row("to", Cell::text(&window.to));
        row("window", Cell::text(time(window.seconds, 6, units)));
        table
    }
}
