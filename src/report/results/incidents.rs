//! `incidents`: what a log says.

use schemars::JsonSchema;
use serde::Serialize;

use crate::data::{
    ComponentDowntime, Counted, IncidentLog, Longest, PeriodDowntime, Rule, SeverityCount, Summary as Counts,
};
use crate::report::number::{Units, significant, time};
use crate::report::results::Layout;
use crate::report::results::log::{DowntimeInfo, LogInfo, RuleInfo, WindowInfo};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `incidents`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct IncidentsSettings {
    /// Until when open incidents last.
    pub now: String,
    /// Zone of the calendar.
    pub zone: String,
    /// What counts as downtime.
    pub rule: RuleInfo,
    /// Components that were asked for; all when empty.
    pub components: Vec<String>,
    /// Parts of the calendar that are listed: `day`, `week`, `month`, `quarter` or `year`.
    pub by: String,
    /// Components and incidents that are listed, at most.
    pub top: u64,
}

/// What a log says.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct IncidentsResult {
    /// How it was read.
    pub log: LogInfo,
    /// The window.
    pub window: WindowInfo,
    /// What was counted.
    pub counts: CountsInfo,
    /// Downtime of the window under the rule.
    pub downtime: DowntimeInfo,
    /// Severities with their weights.
    pub severities: Vec<SeverityInfo>,
    /// The same log with planned maintenance left out, counted and ignored.
    pub maintenance: Vec<MaintenanceInfo>,
    /// Where samples are missing: the unavailability as if they were all good, and all bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<MissingInfo>,
    /// Components with the most downtime.
    pub components: Vec<ComponentInfo>,
    /// The longest incidents.
    pub longest: Vec<LongestInfo>,
    /// Parts of the calendar.
    pub periods: Vec<PeriodInfo>,
    /// The same log under every rule.
    pub rules: Vec<RuleResult>,
}

/// What was counted.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CountsInfo {
    /// Incidents of the log.
    pub incidents: u64,
    /// Of these, planned maintenance inside of the window that does not count.
    pub planned: u64,
    /// Of these, without an end.
    pub open: u64,
    /// Of these, inside of the window and of length 0.
    pub empty: u64,
    /// Of these, outside of the window.
    pub outside: u64,
    /// Of these, those that reach over an edge of the window.
    pub clipped: u64,
    /// Time cut off at the edges of the window.
    pub clipped_seconds: f64,
    /// Of these, inside of the window and without weight.
    pub weightless: u64,
    /// Of these, with a weight, but hidden by planned maintenance.
    pub in_maintenance: u64,
    /// Of these, downtime inside of the window: the rest.
    pub counted: u64,
    /// Of those that count, joined with another that overlaps or touches.
    pub merged: u64,
    /// Sum of the lengths of what counts, inside of the window.
    pub sum_seconds: f64,
    /// Length of the union of what counts, inside of the window.
    pub union_seconds: f64,
    /// The difference: what a sum counts more than once.
    pub overlap_seconds: f64,
}

/// A severity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SeverityInfo {
    /// As it is written; null for incidents without one.
    pub severity: Option<String>,
    /// What it weighs.
    pub weight: f64,
    /// Incidents with a part in the window that have it.
    pub incidents: u64,
    /// Sum of their lengths inside of the window.
    pub sum_seconds: f64,
    /// Length of their union inside of the window.
    pub union_seconds: f64,
}

/// The result for one way to count planned maintenance.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MaintenanceInfo {
    /// `exclude`, `count` or `ignore`.
    pub maintenance: String,
    /// Downtime.
    pub downtime: DowntimeInfo,
}

/// What missing samples could make of the result.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MissingInfo {
    /// Share of the window without any observation.
    pub missing_share: f64,
    /// Unavailability as if everything that is missing was up.
    pub unavailability_if_good: f64,
    /// Unavailability as if everything that is missing was down.
    pub unavailability_if_bad: f64,
}

/// A component.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ComponentInfo {
    /// Its name.
    pub component: String,
    /// Incidents with a part in the window that name it.
    pub incidents: u64,
    /// Its downtime.
    pub downtime: DowntimeInfo,
}

/// A long incident.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LongestInfo {
    /// Its name in the log.
    pub id: Option<String>,
    /// Its line in the file.
    pub line: u32,
    /// Its start.
    pub start: String,
    /// Its severity.
    pub severity: Option<String>,
    /// Its components.
    pub components: Vec<String>,
    /// Its length inside of the window.
    pub seconds: f64,
}

/// A part of the calendar.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PeriodInfo {
    /// Its name.
    pub period: String,
    /// The part of it that is inside of the window.
    pub window: WindowInfo,
    /// Sum of the lengths of what counts.
    pub sum_seconds: f64,
    /// Downtime.
    pub downtime: DowntimeInfo,
}

/// The log under another rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RuleResult {
    /// The rule.
    pub rule: RuleInfo,
    /// Where it comes from.
    pub source: String,
    /// Downtime.
    pub downtime: DowntimeInfo,
}

impl From<&Counts> for CountsInfo {
    fn from(counts: &Counts) -> Self {
        Self {
            incidents: counts.incidents,
            planned: counts.planned,
            open: counts.open,
            empty: counts.empty,
            outside: counts.outside,
            clipped: counts.clipped,
            clipped_seconds: counts.clipped_seconds,
            weightless: counts.weightless,
            in_maintenance: counts.in_maintenance,
            counted: counts.counted,
            merged: counts.merged,
            sum_seconds: counts.sum_seconds,
            union_seconds: counts.union_seconds,
            overlap_seconds: counts.sum_seconds - counts.union_seconds,
        }
    }
}

impl From<&SeverityCount> for SeverityInfo {
    fn from(count: &SeverityCount) -> Self {
        Self {
            severity: count.severity.clone(),
            weight: count.weight,
            incidents: count.incidents,
            sum_seconds: count.sum_seconds,
            union_seconds: count.union_seconds,
        }
    }
}

impl From<&ComponentDowntime> for ComponentInfo {
    fn from(component: &ComponentDowntime) -> Self {
        Self {
            component: component.name.clone(),
            incidents: component.incidents,
            downtime: DowntimeInfo::from(&component.counted),
        }
    }
}

impl From<&PeriodDowntime> for PeriodInfo {
    fn from(period: &PeriodDowntime) -> Self {
        Self {
            period: period.label.clone(),
            window: WindowInfo::from(&period.window),
            sum_seconds: period.sum_seconds,
            downtime: DowntimeInfo::from(&period.counted),
        }
    }
}

impl LongestInfo {
    /// With the words of the log.
    pub fn new(longest: &Longest, log: &IncidentLog) -> Self {
        let incident = &log.incidents[longest.index];
        Self {
            id: incident.id.as_deref().map(str::to_owned),
            line: incident.line,
            start: incident.start.to_string(),
            severity: log.severity_of(incident).map(str::to_owned),
            components: log.components_of(incident).map(str::to_owned).collect(),
            seconds: longest.seconds,
        }
    }
}

impl RuleResult {
    /// Downtime under a rule.
    pub fn new(rule: &Rule, counted: &Counted) -> Self {
        Self { rule: RuleInfo::from(rule), source: rule.source.to_owned(), downtime: DowntimeInfo::from(counted) }
    }
}

impl MissingInfo {
    /// Of a window with missing samples; `None` when nothing is missing.
    pub fn of(counted: &Counted) -> Option<Self> {
        let known = counted.window_seconds - (counted.left_out_seconds - counted.unobserved_seconds);
        (counted.unobserved_seconds > 0.0).then(|| Self {
            missing_share: counted.unobserved_seconds / counted.window_seconds,
            unavailability_if_good: counted.down_seconds / known,
            unavailability_if_bad: (counted.down_seconds + counted.unobserved_seconds) / known,
        })
    }
}

impl IncidentsResult {
    fn result_table(&self, units: Units) -> Table {
        let mut table = Table::new("", &["measure", "value"]);
        let span = |seconds: f64| Cell::number(seconds, time(seconds, 5, units));
        let mut row = |name: &str, value: Cell| table.push(vec![Cell::text(name), value]);
        row("availability", self.downtime.availability_cell());
        row("downtime", self.downtime.downtime_cell(units));
        if (self.downtime.strict_downtime_seconds - self.downtime.downtime_seconds).abs() > 0.0 {
            row("downtime in full", span(self.downtime.strict_downtime_seconds));
        }
        row("of", self.downtime.valid_cell(units));
        if self.downtime.maintenance_seconds > 0.0 {
            row("maintenance", span(self.downtime.maintenance_seconds));
        }
        row("outages", count(self.downtime.outages));
        row("sum of incidents", span(self.counts.sum_seconds));
        row("their union", span(self.counts.union_seconds));
        if let Some(missing) = &self.missing {
            let percent = |share: f64| significant(100.0 * share, 4);
            row("missing [%]", Cell::number(missing.missing_share, percent(missing.missing_share)));
            let (good, bad) = (missing.unavailability_if_good, missing.unavailability_if_bad);
            let shown = format!("{} to {}", significant(good, 4), significant(bad, 4));
            row("unavailability if missing is good, bad", Cell::range(Some(good), Some(bad), shown));
        }
        table
    }

    fn counts_table(&self) -> Table {
        let counts = &self.counts;
        let mut table = Table::new("incidents", &["what", "incidents"]);
        let rows = [
            ("in the log", counts.incidents),
            ("- outside of the window", counts.outside),
            ("- planned maintenance", counts.planned),
            ("- empty", counts.empty),
            ("- without weight", counts.weightless),
            ("- inside of maintenance", counts.in_maintenance),
            ("= counted", counts.counted),
            ("merged with others", counts.merged),
            ("clipped at the edges of the window", counts.clipped),
            ("open", counts.open),
            ("dropped entries", self.log.dropped),
        ];
        let up = Some(("entries that say up", self.log.up_entries)).filter(|(_, entries)| *entries > 0);
        for (name, number) in rows.into_iter().chain(up) {
            table.push(vec![Cell::text(name), count(number)]);
        }
        table
    }

    fn severities_table(&self, units: Units) -> Table {
        let headers = ["severity", "weight", "incidents", "sum", "union"];
        let mut table = Table::new("severities", &headers);
        for severity in &self.severities {
            table.push(vec![
                Cell::text(severity.severity.as_deref().unwrap_or("(none given)")),
                Cell::number(severity.weight, significant(severity.weight, 4)),
                count(severity.incidents),
                Cell::number(severity.sum_seconds, time(severity.sum_seconds, 5, units)),
                Cell::number(severity.union_seconds, time(severity.union_seconds, 5, units)),
            ]);
        }
        table
    }

    fn maintenance_table(&self, units: Units) -> Table {
        let mut table = Table::new("planned maintenance", &["how", "downtime", "of", "availability"]);
        for way in &self.maintenance {
            table.push(vec![
                Cell::text(&way.maintenance),
                way.downtime.downtime_cell(units),
                way.downtime.valid_cell(units),
                way.downtime.availability_cell(),
            ]);
        }
        table
    }

    fn components_table(&self, units: Units) -> Table {
        let headers = ["component", "incidents", "outages", "downtime", "availability"];
        let mut table = Table::new("most downtime", &headers);
        for component in &self.components {
            table.push(vec![
                Cell::text(shortened(&component.component, 30)),
                count(component.incidents),
                count(component.downtime.outages),
                component.downtime.downtime_cell(units),
                component.downtime.availability_cell(),
            ]);
        }
        table
    }

    fn longest_table(&self, units: Units) -> Table {
        let headers = ["incident", "start", "severity", "length"];
        let mut table = Table::new("longest incidents", &headers);
        for incident in &self.longest {
            // What comes from samples or from gaps has no line.
            let of_line = || if incident.line == 0 { "-".to_owned() } else { format!("line {}", incident.line) };
            let name = incident.id.clone().unwrap_or_else(of_line);
            table.push(vec![
                Cell::text(shortened(&name, 26)),
                Cell::text(&incident.start),
                Cell::text(incident.severity.as_deref().unwrap_or("-")),
                Cell::number(incident.seconds, time(incident.seconds, 5, units)),
            ]);
        }
        table
    }

    fn periods_table(&self, units: Units) -> Table {
        let headers = ["period", "outages", "sum", "downtime", "of", "availability"];
        let mut table = Table::new("calendar", &headers);
        for period in &self.periods {
            table.push(vec![
                Cell::text(&period.period),
                count(period.downtime.outages),
                Cell::number(period.sum_seconds, time(period.sum_seconds, 5, units)),
                period.downtime.downtime_cell(units),
                period.downtime.valid_cell(units),
                period.downtime.availability_cell(),
            ]);
        }
        table
    }

    fn rules_table(&self, units: Units) -> Table {
        let headers = ["rule", "weights", "maintenance", "downtime", "availability"];
        let mut table = Table::new("every rule (weights of critical, major, minor, degraded, none)", &headers);
        for rule in &self.rules {
            let weights = rule.rule.weights.iter().take(5).map(|weight| significant(weight.weight, 2));
            table.push(vec![
                Cell::text(&rule.rule.rule),
                Cell::text(weights.collect::<Vec<_>>().join(" ")),
                Cell::text(&rule.rule.maintenance),
                rule.downtime.downtime_cell(units),
                rule.downtime.availability_cell(),
            ]);
        }
        table
    }
}

impl Layout for IncidentsResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut tables = vec![self.log.table(&self.window, units), self.result_table(units), self.counts_table()];
        tables.push(self.severities_table(units));
        if self.counts.planned > 0 || self.downtime.maintenance_seconds > 0.0 {
            tables.push(self.maintenance_table(units));
        }
        tables.extend([self.components_table(units), self.longest_table(units), self.periods_table(units)]);
        tables.push(self.rules_table(units));
        tables.retain(|table| !table.rows.is_empty());
        Sheet { tables, notes: Vec::new() }
    }
}

/// A whole number.
pub(crate) fn count(number: u64) -> Cell {
    Cell::Number { shown: number.to_string(), exact: number.to_string() }
}

/// A name, cut where it is long.
pub(crate) fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars().take(longest - 1).chain(['…']).collect()
}
