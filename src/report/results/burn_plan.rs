//! `burn plan`: what alerts on the burn rate mean for a target.

use schemars::JsonSchema;
use serde::Serialize;

use crate::quantity::Unavailability;
use crate::report::number::{Units, percent, significant, time};
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `burn plan`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BurnPlanSettings {
    /// The scheme of the rules: `workbook`, `sloth`, `pyrra`, `slo-generator`, or `own`.
    pub scheme: String,
    /// Where it comes from.
    pub source: String,
    /// The period of the budget.
    pub period_seconds: f64,
    /// Its window as `budget --window` takes it: `30d`, `1M`.
    pub window: String,
    /// `rolling`, `calendar month` and so on.
    pub window_kind: String,
    /// Interval of probes.
    pub probe_seconds: f64,
    /// Requests per second; null when they are not given.
    pub requests_per_second: Option<f64>,
}

/// How a rule answers to one error ratio.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AnswerInfo {
    /// Share of events that are bad.
    pub error_ratio: f64,
    /// Time until the rule fires; null when it never does.
    pub detect_seconds: Option<f64>,
    /// Time after long errors until it is silent again; null when it never fires.
    pub reset_seconds: Option<f64>,
    /// Share of the budget that is gone when it fires; null when it never does.
    pub budget_share: Option<f64>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RuleInfo {
    /// `page` or `ticket`.
    pub severity: String,
    /// The long window, or the only one.
    pub long_seconds: f64,
    /// The short window; null when there is one window only.
    pub short_seconds: Option<f64>,
    /// How long the condition must hold before the rule fires.
    pub for_seconds: f64,
    /// The burn rate that must be exceeded.
    pub factor: f64,
    /// The share of bad events that must be exceeded.
    pub threshold: f64,
    /// Whether the threshold is below 1, so that it can be exceeded.
    pub can_fire: bool,
    /// Share of the budget that is gone when its long window reaches the factor, before the waiting time.
    pub budget_share: f64,
    /// Answers to error ratios.
    pub answers: Vec<AnswerInfo>,
}

/// How long a budget lasts.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ExhaustionInfo {
    /// Share of events that are bad.
    pub error_ratio: f64,
    /// Time until the whole budget is gone; null at a burn rate up to 1, which never uses it up.
    pub seconds: Option<f64>,
}

/// What alerts mean for a target.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BurnPlanResult {
    /// The budget: the share that may be bad.
    pub unavailability: f64,
    /// The target, all digits.
    pub availability: String,
    /// The period of the budget.
    pub period_seconds: f64,
    /// Which period that is: `rolling`, or the usual length of a calendar month.
    pub period: String,
    /// Downtime that the budget allows in the period.
    pub allowed_seconds: f64,
    /// The rules.
    pub rules: Vec<RuleInfo>,
    /// How long the budget lasts at the error ratios of the answers.
    pub exhaustion: Vec<ExhaustionInfo>,
}

/// Digits shown.
const DIGITS: usize = 5;

/// A window: `1 h`, `5 min`, `3 d`.
pub(crate) fn window(seconds: f64, units: Units) -> Cell {
    Cell::number(seconds, time(seconds, DIGITS, units))
}

impl Layout for BurnPlanResult {
    fn sheet(&self, units: Units) -> Sheet {
        Sheet {
            tables: vec![self.target(units), self.rules(units), self.detection(units), self.gone(units)],
            notes: Vec::new(),
        }
    }
}

impl BurnPlanResult {
    fn target(&self, units: Units) -> Table {
        let mut table = Table::new("", &["measure", "value", "unit"]);
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let shown = Unavailability::new(self.unavailability).map(|u| u.availability_rounded(7)).unwrap_or_default();
        row("target", Cell::Number { shown, exact: self.availability.clone() }, "share of good events");
        row("budget", Cell::number(self.unavailability, significant(self.unavailability, 7)), "share of bad events");
        row("period", Cell::number(self.period_seconds, time(self.period_seconds, 7, units)), &self.period);
        row(
            "allowed",
            Cell::number(self.allowed_seconds, time(self.allowed_seconds, 7, units)),
            "of downtime in the period",
        );
        table
    }

    fn rules(&self, units: Units) -> Table {
        let headers = ["rule", "long", "short", "for", "burn rate", "errors above"];
        let mut table = Table::new("rules", &headers);
        for rule in &self.rules {
            table.push(vec![
                Cell::text(&rule.severity),
                window(rule.long_seconds, units),
                Cell::optional(rule.short_seconds, |seconds| time(seconds, DIGITS, units)),
                window(rule.for_seconds, units),
                Cell::number(rule.factor, significant(rule.factor, DIGITS)),
                Cell::number(rule.threshold, format!("{} %", percent(rule.threshold, DIGITS))),
            ]);
        }
        table
    }

    fn ratios(&self) -> impl Iterator<Item = String> {
        self.exhaustion.iter().map(|exhaustion| format!("{} %", percent(exhaustion.error_ratio, DIGITS)))
    }

    /// What is gone when each rule fires, the waiting time included: a column for each error ratio.
    fn gone(&self, units: Units) -> Table {
        let headers: Vec<String> = ["rule", "long"].map(str::to_owned).into_iter().chain(self.ratios()).collect();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let mut table = Table::new("budget gone when it fires at errors of", &headers);
        for rule in &self.rules {
            let gone = |answer: &AnswerInfo| match answer.budget_share {
                Some(share) => Cell::number(share, format!("{} %", percent(share, 4))),
                None => Cell::text("-"),
            };
            let named = [Cell::text(&rule.severity), window(rule.long_seconds, units)];
            table.push(named.into_iter().chain(rule.answers.iter().map(gone)).collect());
        }
        table
    }

    /// A column for each error ratio.
    fn detection(&self, units: Units) -> Table {
        let ratios = self.ratios();
        let headers: Vec<String> =
            ["rule", "long"].map(str::to_owned).into_iter().chain(ratios).chain(["reset".to_owned()]).collect();
        let mut table = Table::new("time to detect errors of", &headers.iter().map(String::as_str).collect::<Vec<_>>());
        let shown = |seconds: f64| time(seconds, 4, units);
        for rule in &self.rules {
            let mut row = vec![Cell::text(&rule.severity), window(rule.long_seconds, units)];
            let detect = |answer: &AnswerInfo| match answer.detect_seconds {
                Some(seconds) => Cell::number(seconds, shown(seconds)),
                None => Cell::text("never"),
            };
            row.extend(rule.answers.iter().map(detect));
            row.push(Cell::optional(rule.answers.first().and_then(|answer| answer.reset_seconds), shown));
            table.push(row);
        }
        let mut gone = vec![Cell::text("all gone"), Cell::text("")];
        gone.extend(self.exhaustion.iter().map(|gone| match gone.seconds {
            Some(seconds) => Cell::number(seconds, shown(seconds)),
            None => Cell::text("never"),
        }));
        gone.push(Cell::text(""));
        table.push(gone);
        table
    }
}
