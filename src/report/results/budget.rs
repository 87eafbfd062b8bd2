//! `budget`: what a target allows, what is left, what demonstrating it takes.

use schemars::JsonSchema;
use serde::Serialize;

use crate::formulas::budget::{
    Spending, allowed_failures, allowed_seconds, requests_to_demonstrate, seconds_to_demonstrate,
};
use crate::quantity::{Duration, Unavailability};
use crate::report::number::{Units, significant, time};
use crate::report::results::Layout;
use crate::report::results::measures::{availability_text, nines};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `budget`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Length of a month.
    pub month_seconds: f64,
    /// Confidence of a demonstration.
    pub confidence: f64,
    /// Mean outage assumed for a demonstration.
    pub mean_outage_seconds: f64,
    /// Interval of probes.
    pub probe_seconds: f64,
}

/// The allowance of one window.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Window {
    /// Its name.
    pub window: String,
    /// Its length.
    pub window_seconds: f64,
    /// Downtime that the target allows in it.
    pub allowed_seconds: f64,
}

/// What it takes to show that the target is met.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Demonstration {
    /// Confidence of the demonstration.
    pub confidence: f64,
    /// Mean outage that is assumed.
    pub mean_outage_seconds: f64,
    /// Requests in a row without a failure.
    pub requests_without_failure: f64,
    /// Years in a row without an outage, if an outage lasts as long as assumed.
    pub years_without_outage: f64,
    /// Downtime that one missed probe stands for: the interval of probes.
    pub missed_probe_seconds: f64,
    /// Share of a year's budget that this is.
    pub share_of_year_per_missed_probe: f64,
    /// Missed probes that use up a year's budget: fewer than 1 means that probing so seldom cannot see the budget.
    pub missed_probes_per_year: f64,
}

/// A budget.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BudgetResult {
    /// Unavailability that is allowed.
    pub unavailability: f64,
    /// The target, all digits.
    pub availability: Option<String>,
    /// `-log10` of the unavailability.
    pub nines: Option<f64>,
    /// Allowances.
    pub windows: Vec<Window>,
    /// Demonstration.
    pub demonstration: Demonstration,
    /// With `--requests`: requests that may fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_failures: Option<u64>,
    /// With `--requests`: of so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// With `--used`: what is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spending: Option<SpendingInfo>,
}

/// What has been used of a window's budget, and what is left.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SpendingInfo {
    /// Length of the window.
    pub window_seconds: f64,
    /// How much of it has passed.
    pub elapsed_seconds: f64,
    /// Downtime that the target allows in the window.
    pub allowed_seconds: f64,
    /// Downtime so far.
    pub used_seconds: f64,
    /// What is left; negative when overspent.
    pub remaining_seconds: f64,
    /// Used share of the budget.
    pub used_share: f64,
    /// How many times faster than evenly the budget is used.
    pub burn_rate: f64,
    /// Time until nothing is left at the pace so far; null when nothing was used.
    pub exhausted_in_seconds: Option<f64>,
}

impl BudgetResult {
    /// The budget of `unavailability` for the standard windows (and those of `more`).
    /// `alpha` is the probability that a demonstration errs: one minus the confidence, from the same decimal text.
    pub fn new(
        unavailability: Unavailability,
        settings: &BudgetSettings,
        alpha: f64,
        more: &[(String, Duration)],
    ) -> Self {
        let day = 86_400.0;
        let standard = [
            ("day", day),
            ("week", 7.0 * day),
            ("month", settings.month_seconds),
            ("quarter", settings.year_seconds / 4.0),
            ("year", settings.year_seconds),
        ];
        let standard = standard.iter().map(|(name, length)| ((*name).to_owned(), *length));
        let all = standard.chain(more.iter().map(|(name, length)| (name.clone(), length.seconds())));
        let windows = all.filter_map(|(window, window_seconds)| {
            let allowed_seconds = allowed_seconds(unavailability, Duration::from_seconds(window_seconds)?);
            Some(Window { window, window_seconds, allowed_seconds })
        });
        let u = unavailability.value();
        let years = seconds_to_demonstrate(unavailability, alpha, settings.mean_outage_seconds) / settings.year_seconds;
        let probes = u * settings.year_seconds / settings.probe_seconds;
        Self {
            unavailability: u,
            availability: availability_text(u),
            nines: nines(u),
            windows: windows.collect(),
            demonstration: Demonstration {
                confidence: settings.confidence,
                mean_outage_seconds: settings.mean_outage_seconds,
                requests_without_failure: requests_to_demonstrate(unavailability, alpha),
                years_without_outage: years,
                missed_probe_seconds: settings.probe_seconds,
                share_of_year_per_missed_probe: 1.0 / probes,
                missed_probes_per_year: probes,
            },
            allowed_failures: None,
            requests: None,
            spending: None,
        }
    }

    /// Adds how many of `requests` may fail.
    #[must_use]
    pub fn with_requests(mut self, unavailability: Unavailability, requests: u64) -> Self {
        self.requests = Some(requests);
        self.allowed_failures = Some(allowed_failures(unavailability, requests));
        self
    }

    /// Adds what is left.
    #[must_use]
    pub fn with_spending(mut self, spending: &Spending) -> Self {
        self.spending = Some(SpendingInfo {
            window_seconds: spending.window,
            elapsed_seconds: spending.elapsed,
            allowed_seconds: spending.allowed,
            used_seconds: spending.used,
            remaining_seconds: spending.remaining(),
            used_share: spending.used_share(),
            burn_rate: spending.burn_rate(),
            exhausted_in_seconds: spending.exhausted_in(),
        });
        self
    }
}

/// The length of a window: in days from one day on, since years and months differ in what they are.
fn in_days(seconds: f64, units: Units) -> String {
    const DAY: f64 = 86_400.0;
    if seconds < DAY { time(seconds, DIGITS, units) } else { format!("{} d", significant(seconds / DAY, DIGITS)) }
}

/// Digits shown.
const DIGITS: usize = 7;

impl Layout for BudgetResult {
    fn sheet(&self, units: Units) -> Sheet {
        let duration = |seconds: f64| Cell::number(seconds, time(seconds, DIGITS, units));
        let plain = |value: f64| Cell::number(value, significant(value, DIGITS));
        let mut target = Table::new("", &["measure", "value", "unit"]);
        let mut row =
            |name: &str, value: Cell, unit: &str| target.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let rounded =
            Unavailability::new(self.unavailability).map(|u| u.availability_rounded(DIGITS)).unwrap_or_default();
        let exact = self.availability.clone().unwrap_or_default();
        row("availability", Cell::Number { shown: rounded, exact }, "share of time");
        row("unavailability", plain(self.unavailability), "share of time");
        row("nines", Cell::optional(self.nines, |nines| significant(nines, 4)), "-log10 unavailability");
        let mut windows = Table::new("allowed downtime", &["window", "length", "allowed", "allowed [s]"]);
        for window in &self.windows {
            let allowed = window.allowed_seconds;
            windows.push(vec![
                Cell::text(&window.window),
                Cell::number(window.window_seconds, in_days(window.window_seconds, units)),
                duration(allowed),
                Cell::number(allowed, significant(allowed, 12)),
            ]);
        }
        let mut tables = vec![target, windows];
        if let Some(spending) = &self.spending {
            let mut spent = Table::new("spending", &["measure", "value", "unit"]);
            let mut row = |name: &str, value: Cell, unit: &str| {
                spent.push(vec![Cell::text(name), value, Cell::text(unit)]);
            };
            row("window", duration(spending.window_seconds), "of the budget");
            row("elapsed", duration(spending.elapsed_seconds), "of the window");
            row("allowed", duration(spending.allowed_seconds), "in the window");
            row("used", duration(spending.used_seconds), "of downtime");
            row("used share", plain(100.0 * spending.used_share), "% of the budget");
            let remaining = spending.remaining_seconds;
            row("remaining", duration(remaining), if remaining < 0.0 { "overspent" } else { "of downtime" });
            row("burn rate", plain(spending.burn_rate), "times the even pace");
            let gone = spending.exhausted_in_seconds;
            let pace = match gone {
                None => "nothing was used",
                Some(_) if remaining <= 0.0 => "overspent already",
                Some(seconds) if seconds > spending.window_seconds - spending.elapsed_seconds => {
                    "after the window's end"
                }
                Some(_) => "from now, at the pace so far",
            };
            row("exhausted in", gone.map_or_else(|| Cell::text("never"), duration), pace);
            tables.push(spent);
        }
        if let (Some(requests), Some(failures)) = (self.requests, self.allowed_failures) {
            let mut table = Table::new("requests", &["of requests", "may fail"]);
            table.push(vec![Cell::text(requests.to_string()), Cell::number(failures as f64, failures.to_string())]);
            tables.push(table);
        }
        let demonstration = &self.demonstration;
        let mut table = Table::new("what demonstrating the target takes", &["measure", "value", "unit"]);
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let confidence = format!("in a row, at {} % confidence", significant(100.0 * demonstration.confidence, 6));
        row("requests without failure", plain(demonstration.requests_without_failure), &confidence);
        let without = demonstration.years_without_outage * units.year;
        let mean_outage = time(demonstration.mean_outage_seconds, DIGITS, units);
        row("time without outage", duration(without), &format!("if an outage takes {mean_outage} on average"));
        row("one missed probe", duration(demonstration.missed_probe_seconds), "of downtime");
        let share = 100.0 * demonstration.share_of_year_per_missed_probe;
        row("its share", plain(share), "% of a year's budget");
        tables.push(table);
        Sheet { tables, notes: Vec::new() }
    }
}
