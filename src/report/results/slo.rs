//! `slo`: what a file of objectives promises.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::{Units, percent, significant, time};
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `slo`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SloSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Length of a month.
    pub month_seconds: f64,
}

/// The objectives of a file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SloResult {
    /// In order.
    pub slos: Vec<SloInfo>,
    /// Parts of the file that only a metrics system or a pager needs.
    pub unused: Vec<UnusedInfo>,
}

/// One `SLO`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SloInfo {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.displayName`.
    pub display_name: Option<String>,
    /// `spec.service`.
    pub service: Option<String>,
    /// `ratio`, `raw ratio`, `threshold`, or `in another file`.
    pub indicator: String,
    /// `occurrences`, `timeslices` or `ratio timeslices`.
    pub method: String,
    /// The window; null when the file has none.
    pub window: Option<SloWindow>,
    /// The targets.
    pub objectives: Vec<SloObjective>,
    /// Alerts on the burn rate.
    pub alerts: Vec<SloAlert>,
}

/// The window of a budget.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SloWindow {
    /// As it is written: `30d`, `1M`.
    pub window: String,
    /// `rolling` or `calendar`.
    pub kind: String,
    /// Its length; of parts of the calendar as `--month` and `--year` say.
    pub window_seconds: f64,
    /// Time zone of a calendar window.
    pub time_zone: Option<String>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SloObjective {
    /// `displayName`.
    pub name: Option<String>,
    /// The target, all digits.
    pub availability: String,
    /// The share that may be bad.
    pub unavailability: f64,
    /// Time that may be bad in the window; null without a window.
    pub allowed_seconds: Option<f64>,
    /// Length of a slice, for methods that have slices.
    pub slice_seconds: Option<f64>,
    /// Share of good events below which a slice is bad, for timeslices.
    pub slice_target: Option<f64>,
    /// Slices that may be bad in the window.
    pub allowed_slices: Option<f64>,
}

/// An alert for the strictest target.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SloAlert {
    /// Name of its condition.
    pub name: String,
    /// Its severity, as it is written.
    pub severity: String,
    /// The burn rate of the alert.
    pub burn_rate: f64,
    /// The window that the burn rate is measured over.
    pub lookback_seconds: f64,
    /// How long the condition must hold.
    pub for_seconds: f64,
    /// Which target of the list it is judged for.
    pub objective: usize,
    /// The share of bad events at that burn rate.
    pub threshold: f64,
    /// Whether that can be exceeded.
    pub can_fire: bool,
    /// Time until it fires when everything fails; null when it never does.
    pub detect_seconds: Option<f64>,
}

/// A part that is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UnusedInfo {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its line in the file.
    pub line: usize,
}

/// Digits shown.
const DIGITS: usize = 6;

impl Layout for SloResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut tables = Vec::new();
        for slo in &self.slos {
            tables.push(slo.objectives(units));
            if !slo.alerts.is_empty() {
                tables.push(slo.alerts(units));
            }
        }
        let unused: Vec<String> =
            self.unused.iter().map(|part| format!("{} {} (line {})", part.kind, part.name, part.line)).collect();
        let notes =
            if unused.is_empty() { Vec::new() } else { vec![format!("Not needed here: {}.", unused.join(", "))] };
        Sheet { tables, notes }
    }
}

impl SloInfo {
    fn objectives(&self, units: Units) -> Table {
        let window = self.window.as_ref().map_or_else(
            || "no window".to_owned(),
            |window| {
                let zone = window.time_zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default();
                let usual = if window.kind == "calendar" {
                    format!(", counted as {}", time(window.window_seconds, DIGITS, units))
                } else {
                    String::new()
                };
                format!("{} {}{zone}{usual}", window.kind, window.window)
            },
        );
        let title = format!("{}: {}, {window}", self.name, self.method);
        let mut table =
            Table::new(title, &["objective", "target", "allowed downtime", "slice", "slice target", "bad slices"]);
        for objective in &self.objectives {
            let shown = crate::quantity::Unavailability::new(objective.unavailability)
                .map(|u| u.availability_rounded(DIGITS))
                .unwrap_or_default();
            table.push(vec![
                Cell::text(objective.name.as_deref().unwrap_or(&self.name)),
                Cell::Number { shown, exact: objective.availability.clone() },
                Cell::optional(objective.allowed_seconds, |seconds| time(seconds, DIGITS, units)),
                Cell::optional(objective.slice_seconds, |seconds| time(seconds, DIGITS, units)),
                Cell::optional(objective.slice_target, |target| significant(target, DIGITS)),
                Cell::optional(objective.allowed_slices, |slices| significant(slices, DIGITS)),
            ]);
        }
        table
    }

    fn alerts(&self, units: Units) -> Table {
        let headers = ["alert", "severity", "burn rate", "window", "for", "errors above", "outage seen in"];
        let mut table = Table::new("", &headers);
        for alert in &self.alerts {
            table.push(vec![
                Cell::text(&alert.name),
                Cell::text(&alert.severity),
                Cell::number(alert.burn_rate, significant(alert.burn_rate, DIGITS)),
                Cell::number(alert.lookback_seconds, time(alert.lookback_seconds, DIGITS, units)),
                Cell::number(alert.for_seconds, time(alert.for_seconds, DIGITS, units)),
                Cell::number(alert.threshold, format!("{} %", percent(alert.threshold, DIGITS))),
                match alert.detect_seconds {
                    Some(seconds) => Cell::number(seconds, time(seconds, DIGITS, units)),
                    None => Cell::text("never"),
                },
            ]);
        }
        table
    }
}
