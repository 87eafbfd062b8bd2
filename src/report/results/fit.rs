//! `fit`: distributions of observed times.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::{Units, significant, time};
use crate::report::plot::{Plot, terminal};
use crate::report::results::Layout;
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `fit`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FitSettings {
    /// Name of the file that was read.
    pub file: String,
    /// The column that was fitted; absent for an incident log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Samples drawn from each fit for its p-values.
    pub bootstrap: u32,
    /// Seed of the random streams.
    pub seed: u64,
    /// Generator of the random streams.
    pub generator: String,
}

/// Fits of one or more samples.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FitResult {
    /// For an incident log: the window and what happened in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<FitLog>,
    /// The samples with their fits.
    pub samples: Vec<FittedSample>,
    /// Whether plots are drawn.
    #[serde(skip)]
    pub draws_plots: bool,
}

/// What an incident log says about failures.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FitLog {
    /// Length of the window.
    pub window_seconds: f64,
    /// Units with a time line of their own: the whole system as one, or its components.
    pub units: u64,
    /// Outages of all units with a part in the window.
    pub outages: u64,
    /// Downtime of all units.
    pub downtime_seconds: f64,
    /// All up time over the outages: the `mtbf` that keeps the availability; null without outages.
    pub mean_up_seconds: Option<f64>,
    /// All downtime over the outages: the `mttr` that keeps it; null without outages.
    pub mean_down_seconds: Option<f64>,
    /// Share of time down, over all units.
    pub unavailability: f64,
    /// Failures of components, each on its own time line.
    pub component_failures: u64,
    /// Those of them that began together with one of another component.
    pub simultaneous_failures: u64,
    /// Their share of all failures: a suggestion for `common_cause.beta` of a group of such components.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested_beta: Option<f64>,
}

/// A sample with its fits.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FittedSample {
    /// What it is: a column, `time to repair`, `up time between failures`.
    pub name: String,
    /// The component it belongs to; absent for all together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Times above zero that ended.
    pub ended: u64,
    /// Times that were cut off (right censored).
    pub censored: u64,
    /// Times of zero, which are in no fit.
    pub zeros: u64,
    /// Times that are as long as another.
    pub tied: u64,
    /// All times are multiples of it; absent when there is no such grid.
    pub grid_seconds: Option<f64>,
    /// All time seen over the number of times that ended.
    pub mean_seconds: f64,
    /// Where the curve of Kaplan and Meier falls to one half; absent when it does not.
    pub median_seconds: Option<f64>,
    /// The longest time that ended.
    pub longest_seconds: f64,
    /// Fits, the smallest Akaike criterion first.
    pub fits: Vec<FitInfo>,
    /// Families that do not fit.
    pub not_fitted: Vec<NotFitted>,
    /// Tests of a trend in the order of the times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trend: Option<TrendInfo>,
    /// The curve of Kaplan and Meier, at most 200 steps.
    pub curve: Vec<CurveStep>,
    /// What is drawn.
    #[serde(skip)]
    pub plot: Option<Plot>,
}

/// A fit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FitInfo {
    /// The family, as in topology files.
    pub family: String,
    /// Its parameters.
    pub parameters: Vec<FitParameter>,
    /// Sum of ln density (per second) and, for censored times, ln survival.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// Largest distance between the curves.
    pub kolmogorov_smirnov: f64,
    /// P-value of that by the parametric bootstrap.
    pub kolmogorov_smirnov_p: Option<f64>,
    /// Weighted square distance of the curves; null when the fit rules out a time that was seen.
    pub anderson_darling: Option<f64>,
    /// P-value of that by the parametric bootstrap.
    pub anderson_darling_p: Option<f64>,
    /// Samples that were drawn and could be fitted.
    pub draws: u32,
    /// Mean of the fitted distribution.
    pub mean_seconds: f64,
    /// That over the mean of the sample.
    pub mean_ratio: f64,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FitParameter {
    /// Its name.
    pub name: String,
    /// `seconds`, `ln seconds`, or `none`.
    pub unit: String,
    /// The maximum-likelihood estimate.
    pub value: f64,
    /// From the observed information.
    pub standard_error: f64,
}

/// A family that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotFitted {
    /// The family.
    pub family: String,
    /// Why.
    pub reason: String,
}

/// Tests of a trend.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct TrendInfo {
    /// Events that count.
    pub failures: u64,
    /// Laplace's statistic: positive when events become more frequent.
    pub laplace: f64,
    /// Its two-sided p-value under a steady Poisson process.
    pub laplace_p: f64,
    /// The statistic of MIL-HDBK-189.
    pub mil_hdbk_189: f64,
    /// Its two-sided p-value under a steady Poisson process.
    pub mil_hdbk_189_p: f64,
    /// Laplace's statistic over the coefficient of variation.
    pub lewis_robinson: Option<f64>,
    /// Its two-sided p-value under any renewal process.
    pub lewis_robinson_p: Option<f64>,
}

/// One step of a survival curve.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CurveStep {
    /// From this time on.
    pub seconds: f64,
    /// Share that lasts longer.
    pub survival: f64,
    /// Greenwood's standard error.
    pub standard_error: f64,
}

impl Layout for FitResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut sheet = Sheet::default();
        sheet.tables.extend(self.log.as_ref().map(|log| log.table(units)));
        sheet.tables.push(self.samples_table(units));
        for sample in &self.samples {
            sheet.tables.extend(sample.fits_table(units));
            for refused in &sample.not_fitted {
                sheet.notes.push(format!("{}: no {} fit: {}", sample.title(), refused.family, refused.reason));
            }
        }
        sheet.tables.extend(self.trends_table());
        sheet
    }

    fn drawing(&self, columns: usize, units: Units) -> Option<String> {
        let plots = self.samples.iter().filter_map(|sample| sample.plot.as_ref());
        let drawn: Vec<String> = plots.map(|plot| terminal::plot(plot, columns, units)).collect();
        (self.draws_plots && !drawn.is_empty()).then(|| drawn.join("\n\n"))
    }
}

impl FitLog {
    fn table(&self, units: Units) -> Table {
        let mut table = Table::new("log", &["measure", "value", "of"]);
        let mut row = |name: &str, value: Cell, of: &str| table.push(vec![Cell::text(name), value, Cell::text(of)]);
        let count = |count: u64| Cell::number(count as f64, count.to_string());
        row("window", Cell::number(self.window_seconds, time(self.window_seconds, 6, units)), "time");
        row("units", count(self.units), if self.units == 1 { "one time line" } else { "with a time line each" });
        row("outages", count(self.outages), "over all units");
        row("downtime", Cell::number(self.downtime_seconds, time(self.downtime_seconds, 6, units)), "over all units");
        let mut mean = |name: &str, seconds: Option<f64>, of: &str| {
            row(name, Cell::optional(seconds, |seconds| time(seconds, 6, units)), of);
        };
        mean("mean up time", self.mean_up_seconds, "all up time over outages: `mtbf` of a topology");
        mean("mean down time", self.mean_down_seconds, "downtime over outages: `mttr` of a topology");
        row("unavailability", Cell::number(self.unavailability, significant(self.unavailability, 6)), "share of time");
        if let Some(beta) = self.suggested_beta {
            let count = format!("{} of {} failures of components", self.simultaneous_failures, self.component_failures);
            row("together", Cell::number(beta, significant(beta, 3)), &format!("suggested beta: {count}"));
        }
        table
    }
}

impl FitResult {
    fn samples_table(&self, units: Units) -> Table {
        let headers = ["sample", "ended", "cut off", "zero", "mean", "median", "longest"];
        let mut table = Table::new("samples", &headers);
        let count = |count: u64| Cell::number(count as f64, count.to_string());
        let shown = |seconds: f64| time(seconds, 4, units);
        for sample in &self.samples {
            table.push(vec![
                Cell::text(sample.title()),
                count(sample.ended),
                count(sample.censored),
                count(sample.zeros),
                Cell::number(sample.mean_seconds, shown(sample.mean_seconds)),
                Cell::optional(sample.median_seconds, shown),
                Cell::number(sample.longest_seconds, shown(sample.longest_seconds)),
            ]);
        }
        table
    }

    fn trends_table(&self) -> Option<Table> {
        let headers = ["trend", "events", "Laplace", "p", "MIL-HDBK p", "Lewis-Robinson p"];
        let mut table = Table::new("trend", &headers);
        for sample in &self.samples {
            let Some(trend) = &sample.trend else { continue };
            table.push(vec![
                Cell::text(sample.title()),
                Cell::number(trend.failures as f64, trend.failures.to_string()),
                Cell::number(trend.laplace, significant(trend.laplace, 3)),
                Cell::number(trend.laplace_p, significant(trend.laplace_p, 2)),
                Cell::number(trend.mil_hdbk_189_p, significant(trend.mil_hdbk_189_p, 2)),
                Cell::optional(trend.lewis_robinson_p, |p| significant(p, 2)),
            ]);
        }
        (!table.rows.is_empty()).then_some(table)
    }
}

impl FittedSample {
    fn title(&self) -> String {
        self.component.as_ref().map_or_else(|| self.name.clone(), |component| format!("{component}: {}", self.name))
    }

    fn fits_table(&self, units: Units) -> Vec<Table> {
        let headers = ["family", "AIC - best", "K-S p", "A-D p", "mean", "mean / sample"];
        let mut fits = Table::new(format!("{}: fits", self.title()), &headers);
        let headers = ["parameter", "estimate", "standard error"];
        let mut parameters = Table::new(format!("{}: parameters", self.title()), &headers);
        let best = self.fits.first().map_or(0.0, |fit| fit.aic);
        for fit in &self.fits {
            let p = |p: Option<f64>| Cell::optional(p, |p| p_value(p, fit.draws));
            let apart = fit.aic - best;
            fits.push(vec![
                Cell::text(&fit.family),
                Cell::number(apart, significant(apart, 3)),
                p(fit.kolmogorov_smirnov_p),
                p(fit.anderson_darling_p),
                Cell::number(fit.mean_seconds, time(fit.mean_seconds, 4, units)),
                Cell::number(fit.mean_ratio, significant(fit.mean_ratio, 3)),
            ]);
            for parameter in &fit.parameters {
                parameters.push(vec![
                    Cell::text(format!("{} {}", fit.family, parameter.name)),
                    Cell::number(parameter.value, parameter.shown(parameter.value, 5, units)),
                    Cell::number(parameter.standard_error, parameter.shown(parameter.standard_error, 2, units)),
                ]);
            }
        }
        vec![fits, parameters]
    }
}

/// A p-value of a parametric bootstrap, which tells none below one over the draws and one more.
pub(crate) fn p_value(p: f64, draws: u32) -> String {
    let floor = 1.0 / (f64::from(draws) + 1.0);
    let sign = if p <= floor { "≤ " } else { "" };
    format!("{sign}{}", significant(p, 2))
}

impl FitParameter {
    fn shown(&self, value: f64, digits: usize, units: Units) -> String {
        if self.unit == "seconds" { time(value, digits, units) } else { significant(value, digits) }
    }
}
