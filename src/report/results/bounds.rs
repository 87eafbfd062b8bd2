//! Measures that lie between proven bounds.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{BoundedMeasures, Bounds, BoundsEnd, Stop};
use crate::quantity::Unavailability;
use crate::report::number::{Units, significant, time};
use crate::report::results::measures::nines;
use crate::report::sheet::{Cell, Table};

/// A number that is known to lie between two others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Between {
    /// It is no less than this.
    pub lower: f64,
    /// Nor more than this.
    pub upper: f64,
}

/// A number of which a lower bound is known, and perhaps an upper one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AtLeast {
    /// It is no less than this.
    pub lower: f64,
    /// Nor more than this; null where no upper bound is known.
    pub upper: Option<f64>,
}

/// Why bounds are not narrower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// They are as narrow as wanted.
    Precision,
    /// All states are explored: only rounding is left.
    Complete,
    /// A chain has as many states as it may have.
    MaxStates,
    /// A chain takes as much memory as it may.
    MaxMemory,
    /// A decision diagram has as many nodes as it may have.
    MaxNodes,
    /// The time limit was reached.
    TimeLimit,
    /// The user interrupted.
    Interrupted,
}

/// Proven bounds of the measures.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BoundsInfo {
    /// Long-run share of time down.
    pub unavailability: Between,
    /// `-log10` of the unavailability; `upper` is null when the lower bound of the unavailability is 0, and all of it when the upper one is.
    pub nines: Option<AtLeast>,
    /// Expected downtime.
    pub downtime_seconds_per_year: Between,
    /// Expected downtime in a month.
    pub downtime_seconds_per_month: Between,
    /// Outages in the long run; null where only probabilities are known, or there are none.
    pub failure_frequency_per_year: Option<Between>,
    /// Mean time between outages; `upper` is null when the lower bound of the frequency is 0, and all of it where there is no frequency.
    pub mtbf_seconds: Option<AtLeast>,
    /// Mean up time; null likewise.
    pub mut_seconds: Option<AtLeast>,
    /// Mean down time; null likewise.
    pub mdt_seconds: Option<AtLeast>,
    /// The larger distance between lower and upper bound, of the unavailability or of the frequency, relative to their middle.
    pub relative_width: f64,
    /// Why it is not smaller.
    pub ended_by: EndedBy,
    /// Failures per second at most, times the mean of the slowest way back in seconds, of the part where that is most: bounds need less than
    /// 1, and are the narrower the smaller it is. Null where no part is a chain.
    pub lambda_r: Option<f64>,
}

impl Between {
    fn scaled(bounds: Bounds, factor: f64) -> Self {
        Self { lower: bounds.lower * factor, upper: bounds.upper * factor }
    }
}

impl From<Bounds> for AtLeast {
    /// An infinite upper bound is none.
    fn from(bounds: Bounds) -> Self {
        Self { lower: bounds.lower, upper: Some(bounds.upper).filter(|upper| upper.is_finite()) }
    }
}

impl BoundsInfo {
    /// The bounds in the units of reports.
    pub fn new(measures: &BoundedMeasures, units: Units) -> Self {
        let unavailability = measures.unavailability;
        let of_nines = |lower| AtLeast { lower, upper: nines(unavailability.lower) };
        Self {
            unavailability: Between::scaled(unavailability, 1.0),
            nines: nines(unavailability.upper).map(of_nines),
            downtime_seconds_per_year: Between::scaled(unavailability, units.year),
            downtime_seconds_per_month: Between::scaled(unavailability, units.month),
            failure_frequency_per_year: measures.failure_frequency.map(|bounds| Between::scaled(bounds, units.year)),
            mtbf_seconds: measures.mean_time_between_outages.map(AtLeast::from),
            mut_seconds: measures.mean_up_time.map(AtLeast::from),
            mdt_seconds: measures.mean_down_time.map(AtLeast::from),
            relative_width: measures.relative_width,
            ended_by: match measures.ended_by {
                BoundsEnd::Precision => EndedBy::Precision,
                BoundsEnd::Complete => EndedBy::Complete,
                BoundsEnd::States => EndedBy::MaxStates,
                BoundsEnd::Memory => EndedBy::MaxMemory,
                BoundsEnd::Nodes => EndedBy::MaxNodes,
                BoundsEnd::Stopped(Stop::TimeLimit) => EndedBy::TimeLimit,
                BoundsEnd::Stopped(Stop::Interrupted) => EndedBy::Interrupted,
            },
            lambda_r: measures.losses_during_way_back,
        }
    }

    /// The table of the measures.
    pub(crate) fn table(&self, units: Units) -> Table {
        // So many digits that the ends differ in the last two.
        let digits = if self.relative_width > 0.0 { 2.0 - self.relative_width.log10().floor() } else { MOST_DIGITS };
        let digits = digits.clamp(FEWEST_DIGITS, MOST_DIGITS) as usize;
        let mut table = Table::new("", &["measure", "at least", "at most", "unit"]);
        let mut row = |name: &str, ends: [Cell; 2], unit: &str| {
            let [lower, upper] = ends;
            table.push(vec![Cell::text(name), lower, upper, Cell::text(unit)]);
        };
        let numbers = |between: Between, show: &dyn Fn(f64) -> String| {
            [between.lower, between.upper].map(|value| Cell::number(value, show(value)))
        };
        let optional = |between: Option<Between>, show: &dyn Fn(f64) -> String| {
            between.map_or_else(|| [Cell::text("-"), Cell::text("-")], |between| numbers(between, show))
        };
        let at_least = |ends: Option<AtLeast>, show: &dyn Fn(f64) -> String| {
            [ends.map(|ends| ends.lower), ends.and_then(|ends| ends.upper)].map(|end| Cell::optional(end, show))
        };
        let duration = |seconds: f64| time(seconds, digits, units);
        let plain = |value: f64| significant(value, digits);
        let availability = |unavailability: f64| {
            let value = Unavailability::new(unavailability);
            let shown = value.map(|value| value.availability_rounded(digits)).unwrap_or_default();
            Cell::Number { shown, exact: value.map(Unavailability::availability_text).unwrap_or_default() }
        };
        let ends = [availability(self.unavailability.upper), availability(self.unavailability.lower)];
        row("availability", ends, "share of time");
        row("unavailability", numbers(self.unavailability, &plain), "share of time");
        row("nines", at_least(self.nines, &|nines| significant(nines, 4)), "-log10 unavailability");
        row("downtime a year", numbers(self.downtime_seconds_per_year, &duration), "on average");
        row("downtime a month", numbers(self.downtime_seconds_per_month, &duration), "on average");
        row("outages", optional(self.failure_frequency_per_year, &plain), "per year");
        row("MTBF", at_least(self.mtbf_seconds, &duration), "between outages");
        row("MUT", at_least(self.mut_seconds, &duration), "mean up time");
        row("MDT", at_least(self.mdt_seconds, &duration), "mean outage");
        table
    }

    /// How good the bounds are, and why they are not better.
    pub(crate) fn note(&self, method: &str, has_contributions: bool) -> String {
        let width = significant(self.relative_width, 2);
        let why = match self.ended_by {
            EndedBy::Precision => "",
            EndedBy::Complete => "; all states are explored",
            EndedBy::MaxStates => "; `--max-states` was reached",
            EndedBy::MaxMemory => "; `--max-memory` was reached",
            EndedBy::MaxNodes => "; `--max-nodes` was reached",
            EndedBy::TimeLimit => "; the time limit was reached",
            EndedBy::Interrupted => "; interrupted",
        };
        let lambda_r = self.lambda_r.map(|product| {
            let product = significant(product, 2);
            format!(" Up to {product} failures come during the slowest way back (ΛR): bounds need fewer than 1, and the fewer the better.")
        });
        let explored =
            if has_contributions { " The shares of events and parts are those of the states explored." } else { "" };
        format!(
            "Proven bounds of relative width {width} by a {method}{why}. Nothing is said of where between them the values are.{}{explored}",
            lambda_r.unwrap_or_default()
        )
    }
}

/// Digits shown.
const FEWEST_DIGITS: f64 = 4.0;
const MOST_DIGITS: f64 = 14.0;
