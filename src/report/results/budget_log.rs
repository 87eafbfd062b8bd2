//! `budget` of a log or of events: what is left of a budget.

use schemars::JsonSchema;
use serde::Serialize;

use crate::quantity::Unavailability;
use crate::report::number::{Units, percent, significant, time};
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `budget` with `--slo`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetLogSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Length of a month.
    pub month_seconds: f64,
    /// Below this remaining share a budget is at risk.
    pub at_risk_below: f64,
    /// Share that must remain for the gate.
    pub min_remaining: f64,
    /// What counts as downtime: the rule of `--weights`; null for events.
    pub rule: Option<String>,
    /// Zone of the calendar.
    pub time_zone: Option<String>,
}

/// Budgets, one for each target.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetLogResult {
    /// One for each target.
    pub budgets: Vec<BudgetOfLog>,
    /// Whether all of them have the share left that `--min-remaining` asks for, by the first method of each.
    pub gate: String,
}

/// The budget of one target.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetOfLog {
    /// Its name in the file of objectives.
    pub name: Option<String>,
    /// The target, all digits.
    pub availability: String,
    /// The share that may be bad.
    pub unavailability: f64,
    /// The window.
    pub window: BudgetWindow,
    /// By each method that was asked for; the first decides.
    pub accounts: Vec<AccountInfo>,
    /// With planned maintenance in the window: the budget when that counts the other way; else null.
    pub other_reading: Option<OtherAccount>,
    /// With missing samples: the share left if all of what was not seen were bad, and if it were good.
    pub unobserved: Option<UnobservedInfo>,
    /// Calendar windows of the log before this one, the oldest first, by the first method.
    pub history: Vec<PastInfo>,
}

/// The window of a budget.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetWindow {
    /// `30d`, `1M` and so on, or `all` for counts without times.
    pub window: String,
    /// `rolling`, `calendar month` and so on.
    pub kind: String,
    /// When it began, in UTC; null for counts without times.
    pub start: Option<String>,
    /// When it ends, likewise.
    pub end: Option<String>,
    /// The instant that the budget is told for, likewise.
    pub at: Option<String>,
    /// Its length; null for counts without times and window.
    pub window_seconds: Option<f64>,
    /// How much of it has passed.
    pub elapsed_seconds: Option<f64>,
}

/// A budget by one method.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AccountInfo {
    /// `time`, `occurrences`, `timeslices` or `ratio timeslices`.
    pub method: String,
    /// What is counted: `s`, `events` or `slices`.
    pub unit: String,
    /// Bad so far.
    pub bad: f64,
    /// All so far.
    pub total: f64,
    /// All of the whole window, given or projected.
    pub expected_total: f64,
    /// What may be bad in the whole window.
    pub allowed: f64,
    /// What is left; negative when overspent.
    pub remaining: f64,
    /// The share of the budget that is used.
    pub used_share: f64,
    /// The share that is left; negative when overspent.
    pub remaining_share: f64,
    /// The bad share so far in units of the budget.
    pub burn_rate: f64,
    /// Time until nothing is left at the pace so far; null when that does not happen, or for counts without times.
    pub exhausted_in_seconds: Option<f64>,
    /// `ok`, `at-risk` or `exhausted`.
    pub status: String,
}

/// A budget with maintenance counted the other way.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OtherAccount {
    /// How it counts here: `count` as downtime, or `exclude`.
    pub maintenance: String,
    /// How much of it there is in the window.
    pub maintenance_seconds: f64,
    /// The budget by the first method; null when nothing is left to count.
    pub account: Option<AccountInfo>,
}

/// What missing samples leave open.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UnobservedInfo {
    /// How long nothing was seen in the window.
    pub unobserved_seconds: f64,
    /// The share left if all of it were bad.
    pub remaining_share_low: f64,
    /// The share left if all of it were good.
    pub remaining_share_high: f64,
}

/// A window that is over.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PastInfo {
    /// `2024-03`, `2024-Q1`, `2024`.
    pub period: String,
    /// Bad in it.
    pub bad: f64,
    /// What was allowed.
    pub allowed: f64,
    /// The share that was left; negative when overspent.
    pub remaining_share: f64,
    /// `met` or `missed`.
    pub verdict: String,
}

/// Digits shown.
const DIGITS: usize = 6;

/// An amount in the unit of a method.
fn amount(value: f64, unit: &str, units: Units) -> Cell {
    let shown = if unit == "s" { time(value, DIGITS, units) } else { significant(value, DIGITS) };
    Cell::number(value, shown)
}

fn share(value: f64) -> Cell {
    Cell::number(value, format!("{} %", percent(value, DIGITS)))
}

impl Layout for BudgetLogResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut tables = Vec::new();
        let mut notes = Vec::new();
        for budget in &self.budgets {
            tables.push(budget.main(units));
            if budget.accounts.len() > 1 {
                tables.push(budget.methods());
            }
            if !budget.history.is_empty() {
                tables.push(budget.past(units));
            }
            notes.extend(budget.other_reading.as_ref().map(|other| other.sentence(units)));
            if let Some(unobserved) = &budget.unobserved {
                notes.push(format!(
                    "Nothing was seen for {}: between {} and {} % of the budget are left.",
                    time(unobserved.unobserved_seconds, DIGITS, units),
                    percent(unobserved.remaining_share_low, DIGITS),
                    percent(unobserved.remaining_share_high, DIGITS)
                ));
            }
        }
        Sheet { tables, notes }
    }
}

impl OtherAccount {
    fn sentence(&self, units: Units) -> String {
        let maintenance = time(self.maintenance_seconds, DIGITS, units);
        let how = if self.maintenance == "count" { "counted as downtime" } else { "left out" };
        let found = self.account.as_ref().map_or_else(
            || "nothing is left to count".to_owned(),
            |account| {
                let rate = significant(account.burn_rate, DIGITS);
                let left = percent(account.remaining_share, DIGITS);
                format!("{left} % of the budget are left, the burn rate is {rate}, the status {}", account.status)
            },
        );
        format!("With the {maintenance} of planned maintenance {how}, {found}.")
    }
}

impl BudgetOfLog {
    fn main(&self, units: Units) -> Table {
        let mut table = Table::new(self.name.clone().unwrap_or_default(), &["measure", "value", "unit"]);
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let shown =
            Unavailability::new(self.unavailability).map(|u| u.availability_rounded(DIGITS)).unwrap_or_default();
        row("target", Cell::Number { shown, exact: self.availability.clone() }, "of what counts is good");
        let window = &self.window;
        if let Some(seconds) = window.window_seconds {
            let begin = window.start.as_ref().map(|start| format!(" from {start}")).unwrap_or_default();
            row("window", Cell::number(seconds, time(seconds, DIGITS, units)), &format!("{}{begin}", window.kind));
        }
        if let Some(seconds) = window.elapsed_seconds {
            let at = window.at.as_ref().map(|at| format!("until {at}")).unwrap_or_default();
            row("elapsed", Cell::number(seconds, time(seconds, DIGITS, units)), &at);
        }
        let Some(account) = self.accounts.first() else { return table };
        let unit = account.unit.as_str();
        let of = |what: &str| if unit == "s" { what.to_owned() } else { format!("{unit} {what}") };
        row("counted", amount(account.total, unit, units), &of(&format!("so far, by {}", account.method)));
        row("bad", amount(account.bad, unit, units), &of("so far"));
        row("allowed", amount(account.allowed, unit, units), &of("in the window"));
        let left = if account.remaining < 0.0 { "overspent" } else { "left" };
        row("remaining", amount(account.remaining, unit, units), &of(left));
        row("remaining share", share(account.remaining_share), "of the budget");
        row(
            "burn rate",
            Cell::number(account.burn_rate, significant(account.burn_rate, DIGITS)),
            "times the even pace",
        );
        self.exhaustion(account, units, &mut row);
        row("status", Cell::text(&account.status), "");
        table
    }

    fn exhaustion(&self, account: &AccountInfo, units: Units, row: &mut dyn FnMut(&str, Cell, &str)) {
        let (Some(window), Some(elapsed)) = (self.window.window_seconds, self.window.elapsed_seconds) else { return };
        let when = match account.exhausted_in_seconds {
            None => return row("exhausted in", Cell::text("never"), "at the pace so far"),
            Some(_) if account.remaining <= 0.0 => return row("exhausted in", Cell::text("gone"), "nothing is left"),
            Some(seconds) => seconds,
        };
        let late = self.window.kind != "rolling" && when >= window - elapsed;
        let note = if late { "after the window's end" } else { "at the pace so far" };
        row("exhausted in", Cell::number(when, time(when, DIGITS, units)), note);
    }

    fn methods(&self) -> Table {
        let mut table = Table::new("by method", &["method", "bad", "of", "used", "burn rate", "status"]);
        for account in &self.accounts {
            table.push(vec![
                Cell::text(&account.method),
                Cell::number(account.bad, significant(account.bad, DIGITS)),
                Cell::number(account.total, format!("{} {}", significant(account.total, DIGITS), account.unit)),
                share(account.used_share),
                Cell::number(account.burn_rate, significant(account.burn_rate, DIGITS)),
                Cell::text(&account.status),
            ]);
        }
        table
    }

    fn past(&self, units: Units) -> Table {
        let mut table = Table::new("windows before", &["window", "bad", "allowed", "remaining", "target"]);
        let unit = self.accounts.first().map_or("s", |account| account.unit.as_str());
        for past in &self.history {
            table.push(vec![
                Cell::text(&past.period),
                amount(past.bad, unit, units),
                amount(past.allowed, unit, units),
                share(past.remaining_share),
                Cell::text(&past.verdict),
            ]);
        }
        table
    }
}
