//! `burn`: how fast a budget burns in a log, and which alerts that fires.

use schemars::JsonSchema;
use serde::Serialize;

use crate::quantity::Unavailability;
use crate::report::number::{Units, percent, significant, time};
use crate::report::results::Layout;
use crate::report::results::burn_plan::window;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `burn`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BurnSettings {
    /// The scheme of the rules, or `own`.
    pub scheme: String,
    /// Where it comes from.
    pub source: String,
    /// The period of the budget.
    pub period_seconds: f64,
    /// Its window as `budget --window` takes it: `30d`, `1M`.
    pub window: String,
    /// `rolling`, `calendar month` and so on.
    pub window_kind: String,
    /// Zone of the times in the report.
    pub time_zone: String,
    /// What counts as downtime: the rule of `--weights`; null for events.
    pub rule: Option<String>,
}

/// Burn rates and alerts of a log.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BurnResult {
    /// One for each target.
    pub targets: Vec<BurnOfLog>,
}

/// Burn rates and alerts for one target.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BurnOfLog {
    /// Its name in the file of objectives.
    pub name: Option<String>,
    /// The target, all digits.
    pub availability: String,
    /// The share that may be bad.
    pub unavailability: f64,
    /// Begin of the log.
    pub from: String,
    /// The instant that everything is told for.
    pub at: String,
    /// Begin of the period of the budget that `at` is in.
    pub window_from: String,
    /// Burn rate over that period so far; null when nothing was counted.
    pub burn_rate: Option<f64>,
    /// With planned maintenance in the log: the same when that counts the other way; else null.
    pub other_reading: Option<OtherBurn>,
    /// The rules.
    pub rules: Vec<BurnRule>,
    /// When they would have fired, in order of time; the newest 10,000.
    pub firings: Vec<FiringInfo>,
}

/// Burn rates with maintenance counted the other way.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OtherBurn {
    /// How it counts here: `count` as downtime, or `exclude`.
    pub maintenance: String,
    /// How much of it there is in the log's window.
    pub maintenance_seconds: f64,
    /// Burn rate over the period of the budget; null when nothing was counted.
    pub burn_rate: Option<f64>,
    /// The rules.
    pub rules: Vec<BurnRule>,
}

/// One rule now, and what it would have done.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BurnRule {
    /// `page` or `ticket`.
    pub severity: String,
    /// The long window, or the only one.
    pub long_seconds: f64,
    /// The short window.
    pub short_seconds: Option<f64>,
    /// How long the condition must hold.
    pub for_seconds: f64,
    /// The burn rate that must be exceeded.
    pub factor: f64,
    /// Burn rate over the long window now; null when nothing was counted.
    pub long_burn_rate: Option<f64>,
    /// Burn rate over the short window now; null without one, or when nothing was counted.
    pub short_burn_rate: Option<f64>,
    /// Whether it fires now.
    pub fires: bool,
    /// How often it would have fired.
    pub firings: u64,
    /// For how long in all.
    pub firing_seconds: f64,
}

/// A time during which a rule would have fired.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FiringInfo {
    /// Which rule of the list.
    pub rule: usize,
    /// When it begins.
    pub start: String,
    /// When it ends; null while it fires.
    pub end: Option<String>,
    /// How long; until now while it fires.
    pub seconds: f64,
    /// Share of the budget used in the period up to its begin.
    pub used_share: Option<f64>,
}

/// Digits shown.
const DIGITS: usize = 5;
/// Firings shown.
const SHOWN: usize = 20;

impl Layout for BurnResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut sheet = Sheet::default();
        for target in &self.targets {
            sheet.tables.push(target.main());
            sheet.tables.push(target.rules(units));
            if target.firings.is_empty() {
                sheet.notes.push("No rule would have fired.".to_owned());
            } else {
                sheet.tables.push(target.firings(units));
            }
            sheet.notes.extend(target.other_reading.as_ref().map(|other| other.sentence(units)));
            if target.firings.len() > SHOWN {
                sheet.notes.push(format!("The last {SHOWN} of {} are shown.", target.firings.len()));
            }
        }
        sheet
    }
}

impl OtherBurn {
    fn sentence(&self, units: Units) -> String {
        let maintenance = time(self.maintenance_seconds, DIGITS, units);
        let how = if self.maintenance == "count" { "counted as downtime" } else { "left out" };
        let rate = self.burn_rate.map_or_else(|| "unknown".to_owned(), |rate| significant(rate, DIGITS));
        let fires = self.rules.iter().filter(|rule| rule.fires).count();
        let fired: Vec<String> = self.rules.iter().map(|rule| rule.firings.to_string()).collect();
        format!(
            "With the {maintenance} of planned maintenance {how}, the burn rate is {rate}, {fires} of {} rules fire now, \
             and the rules would have fired {} times.",
            self.rules.len(),
            fired.join(", ")
        )
    }
}

impl BurnOfLog {
    fn main(&self) -> Table {
        let mut table = Table::new(self.name.clone().unwrap_or_default(), &["measure", "value", "unit"]);
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let shown =
            Unavailability::new(self.unavailability).map(|u| u.availability_rounded(DIGITS)).unwrap_or_default();
        row("target", Cell::Number { shown, exact: self.availability.clone() }, "of what counts is good");
        let burn_rate = Cell::optional(self.burn_rate, |rate| significant(rate, DIGITS));
        row("burn rate", burn_rate, &format!("over the budget's window, from {}", self.window_from));
        row("from", Cell::text(&self.from), "begin of the log");
        row("now", Cell::text(&self.at), "end of the log");
        table
    }

    fn rules(&self, units: Units) -> Table {
        let headers = ["rule", "long", "burn", "short", "burn", "above", "fires", "fired", "in all"];
        let mut table = Table::new("rules now, and in the log", &headers);
        let rate = |rate: Option<f64>| Cell::optional(rate, |rate| significant(rate, 4));
        for rule in &self.rules {
            table.push(vec![
                Cell::text(&rule.severity),
                window(rule.long_seconds, units),
                rate(rule.long_burn_rate),
                Cell::optional(rule.short_seconds, |seconds| time(seconds, DIGITS, units)),
                rate(rule.short_burn_rate),
                Cell::number(rule.factor, significant(rule.factor, DIGITS)),
                Cell::text(if rule.fires { "YES" } else { "no" }),
                Cell::number(rule.firings as f64, format!("{}", rule.firings)),
                Cell::number(rule.firing_seconds, time(rule.firing_seconds, 4, units)),
            ]);
        }
        table
    }

    fn firings(&self, units: Units) -> Table {
        let mut table = Table::new("would have fired", &["rule", "from", "to", "for", "budget used"]);
        for firing in self.firings.iter().skip(self.firings.len().saturating_sub(SHOWN)) {
            let rule = &self.rules[firing.rule];
            table.push(vec![
                Cell::text(format!("{} {}", rule.severity, time(rule.long_seconds, DIGITS, units))),
                Cell::text(&firing.start),
                Cell::text(firing.end.as_deref().unwrap_or("still firing")),
                Cell::number(firing.seconds, time(firing.seconds, 4, units)),
                Cell::optional(firing.used_share, |share| format!("{} %", percent(share, 4))),
            ]);
        }
        table
    }
}
