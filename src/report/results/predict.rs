//! `predict`: a topology's window next to what happened.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::number::{Units, percent, significant, time};
use crate::report::results::Layout;
use crate::report::results::measures::{Verdict, target_cell};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `predict`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PredictSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Name of the log.
    pub against: String,
    /// Whether each incident of the log is an outage of the system; otherwise `up` over its components says so.
    pub as_system: bool,
    /// Windows that were simulated.
    pub windows: u64,
    /// How many events a rate of the topology is worth.
    pub prior_events: f64,
    /// Confidence level of the intervals.
    pub confidence: f64,
    /// Seed of the random streams.
    pub seed: u64,
    /// Generator of the random streams.
    pub generator: String,
}

/// A prediction and what happened.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PredictResult {
    /// Length of the window, without what counts as neither up nor down.
    pub window_seconds: f64,
    /// Maintenance and missing samples in the window that count as neither up nor down and are left out of it.
    pub left_out_seconds: f64,
    /// What happened.
    pub happened: Happened,
    /// What the topology says.
    pub predicted: Predicted,
    /// How surprising the past is.
    pub surprise: Surprise,
    /// The service level objective.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slo: Option<Objective>,
    /// Rates with what was seen: the system's outages first, then components.
    pub rates: Vec<Rate>,
    /// Components of the log that the topology does not have.
    pub unknown_components: Vec<String>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Happened {
    /// Outages with a part in the window.
    pub outages: u64,
    /// Outages that began in it.
    pub outages_begun: u64,
    /// Time down.
    pub downtime_seconds: f64,
    /// Share of time down.
    pub unavailability: f64,
}

/// What the topology says about such a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Predicted {
    /// Long-run share of time down.
    pub unavailability: f64,
    /// Outages with a part in the window, on average.
    pub outages: f64,
    /// Time down, on average.
    pub downtime_seconds: f64,
    /// Whether these are exact; else they are means of the simulated windows.
    pub is_exact: bool,
    /// Outages over the simulated windows.
    pub outages_spread: SpreadInfo,
    /// Time down over the simulated windows.
    pub downtime_spread_seconds: SpreadInfo,
}

/// Quantiles over simulated windows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SpreadInfo {
    /// 5 % quantile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// 95 % quantile.
    pub high: f64,
}

/// A probability from simulated windows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Chance {
    /// Share of the windows.
    pub share: f64,
    /// P-value: (windows + 1) / (all + 1).
    pub p: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
}

/// Probabilities of what happened under the topology.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Surprise {
    /// As many outages or more.
    pub as_many_outages: Chance,
    /// As many outages or fewer.
    pub as_few_outages: Chance,
    /// As much downtime or more.
    pub as_much_downtime: Chance,
    /// As much downtime or less.
    pub as_little_downtime: Chance,
    /// Poisson approximation of as many outages or more.
    pub poisson_as_many_outages: f64,
    /// Poisson approximation of as many outages or fewer.
    pub poisson_as_few_outages: f64,
    /// As many outages or more, when the rate is no better known than the prior says.
    pub prior_as_many_outages: f64,
    /// As many outages or fewer, when the rate is no better known than the prior says.
    pub prior_as_few_outages: f64,
    /// What that comes to.
    pub verdict: SurpriseVerdict,
}

/// Whether the past fits the topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SurpriseVerdict {
    /// Neither outages nor downtime are in the outer shares of the windows.
    Expected,
    /// More outages or more downtime than the topology explains.
    Worse,
    /// Fewer outages or less downtime than the topology explains.
    Better,
}

/// An objective, judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Objective {
    /// Unavailability that it allows.
    pub target_unavailability: f64,
    /// Downtime that it allows in the window.
    pub allowed_seconds: f64,
    /// Whether the past met it.
    pub happened: Verdict,
    /// Whether the topology meets it in the long run.
    pub predicted: Verdict,
    /// Probability that a window meets it.
    pub window_meets: Chance,
}

/// A rate, before and after.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Rate {
    /// Whose.
    pub name: String,
    /// The key of the topology that sets it, where there is a single one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Units.
    pub units: u64,
    /// Failures that were seen.
    pub events: u64,
    /// Unit-time in which they could be seen.
    pub exposure_seconds: f64,
    /// Mean time between failures as the topology has it, 1 / the mean rate: of the system from outage to outage, of a
    /// component its mean up time.
    pub before_mtbf_seconds: f64,
    /// With what was seen.
    pub after_mtbf_seconds: f64,
    /// Lower end of the interval of the updated one.
    pub low_mtbf_seconds: f64,
    /// Upper end of the interval of the updated one.
    pub high_mtbf_seconds: f64,
}

impl SurpriseVerdict {
    fn sentence(self) -> &'static str {
        match self {
            Self::Expected => "what happened is what the topology lets expect",
            Self::Worse => "more happened than the topology explains",
            Self::Better => "less happened than the topology explains",
        }
    }
}

impl Layout for PredictResult {
    fn sheet(&self, units: Units) -> Sheet {
        let mut tables = vec![self.comparison(units), self.chances()];
        tables.extend(self.slo.as_ref().map(|slo| slo.table(units)));
        tables.push(self.rates_table(units));
        let mut notes = vec![format!("{}.", self.surprise.verdict.sentence())];
        if !self.unknown_components.is_empty() {
            notes.push(format!("not in the topology: {}", self.unknown_components.join(", ")));
        }
        Sheet { tables, notes }
    }
}

impl PredictResult {
    fn comparison(&self, units: Units) -> Table {
        let mut title = format!("a window of {}", time(self.window_seconds, 4, units));
        if self.left_out_seconds > 0.0 {
            let left_out = time(self.left_out_seconds, 4, units);
            title = format!("{title}, without {left_out} of planned maintenance or missing samples");
        }
        let headers = ["measure", "happened", "predicted mean", "median", "5 % to 95 % of windows"];
        let mut table = Table::new(title, &headers);
        let (happened, predicted) = (&self.happened, &self.predicted);
        let number = |value: f64| significant(value, 4);
        let span = |spread: &SpreadInfo, show: &dyn Fn(f64) -> String| {
            let shown = format!("{} to {}", show(spread.low), show(spread.high));
            (Cell::number(spread.median, show(spread.median)), Cell::range(Some(spread.low), Some(spread.high), shown))
        };
        let (median, range) = span(&predicted.outages_spread, &number);
        table.push(vec![
            Cell::text("outages"),
            Cell::number(happened.outages as f64, happened.outages.to_string()),
            Cell::number(predicted.outages, number(predicted.outages)),
            median,
            range,
        ]);
        let seconds = |value: f64| time(value, 4, units);
        let (median, range) = span(&predicted.downtime_spread_seconds, &seconds);
        table.push(vec![
            Cell::text("downtime"),
            Cell::number(happened.downtime_seconds, seconds(happened.downtime_seconds)),
            Cell::number(predicted.downtime_seconds, seconds(predicted.downtime_seconds)),
            median,
            range,
        ]);
        table.push(vec![
            Cell::text("unavailability"),
            Cell::number(happened.unavailability, number(happened.unavailability)),
            Cell::number(predicted.unavailability, number(predicted.unavailability)),
            Cell::text("-"),
            Cell::text("-"),
        ]);
        table
    }

    fn chances(&self) -> Table {
        let headers = ["probability", "simulated", "interval", "Poisson", "with the prior"];
        let mut table = Table::new("probability of what happened, were the topology true", &headers);
        let show = |p: f64| significant(p, 3);
        let surprise = &self.surprise;
        let mut row = |name: &str, chance: &Chance, others: [Option<f64>; 2]| {
            let interval = format!("{} to {}", show(chance.low), show(chance.high));
            table.push(vec![
                Cell::text(name),
                Cell::number(chance.p, show(chance.p)),
                Cell::range(Some(chance.low), Some(chance.high), interval),
                Cell::optional(others[0], show),
                Cell::optional(others[1], show),
            ]);
        };
        let more = [Some(surprise.poisson_as_many_outages), Some(surprise.prior_as_many_outages)];
        row("as many outages or more", &surprise.as_many_outages, more);
        let fewer = [Some(surprise.poisson_as_few_outages), Some(surprise.prior_as_few_outages)];
        row("as many outages or fewer", &surprise.as_few_outages, fewer);
        row("as much downtime or more", &surprise.as_much_downtime, [None, None]);
        row("as much downtime or less", &surprise.as_little_downtime, [None, None]);
        table
    }

    fn rates_table(&self, units: Units) -> Table {
        let headers = ["mean time between failures", "of", "failures", "in", "stated", "updated", "interval"];
        let mut table = Table::new("rates with what was seen", &headers);
        let show = |seconds: f64| time(seconds, 4, units);
        for rate in &self.rates {
            let interval = format!("{} to {}", show(rate.low_mtbf_seconds), show(rate.high_mtbf_seconds));
            table.push(vec![
                Cell::text(&rate.name),
                Cell::number(rate.units as f64, rate.units.to_string()),
                Cell::number(rate.events as f64, rate.events.to_string()),
                Cell::number(rate.exposure_seconds, show(rate.exposure_seconds)),
                Cell::number(rate.before_mtbf_seconds, show(rate.before_mtbf_seconds)),
                Cell::number(rate.after_mtbf_seconds, show(rate.after_mtbf_seconds)),
                Cell::range(Some(rate.low_mtbf_seconds), Some(rate.high_mtbf_seconds), interval),
            ]);
        }
        table
    }
}

impl Objective {
    fn table(&self, units: Units) -> Table {
        let mut table = Table::new("objective", &["measure", "value", "verdict"]);
        table.push(vec![Cell::text("target"), target_cell(self.target_unavailability), Cell::text("availability")]);
        let allowed = Cell::number(self.allowed_seconds, time(self.allowed_seconds, 4, units));
        table.push(vec![Cell::text("allowed downtime"), allowed, Cell::text("in the window")]);
        table.push(vec![Cell::text("what happened"), Cell::text("-"), Cell::text(self.happened.text())]);
        table.push(vec![Cell::text("topology in the long run"), Cell::text("-"), Cell::text(self.predicted.text())]);
        let chance = self.window_meets;
        let between = format!("{} to {} %", percent(chance.low, 3), percent(chance.high, 3));
        let meets = Cell::number(chance.share, format!("{} %", percent(chance.share, 3)));
        table.push(vec![Cell::text("windows that meet it"), meets, Cell::text(between)]);
        table
    }
}
