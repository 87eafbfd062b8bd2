//! `compare`: topologies side by side.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{BoundedMeasures, Bounds, Estimate, ExactMeasures, SimulatedMeasures};
use crate::quantity::{Target, Unavailability};
use crate::report::number::{Units, significant, time};
use crate::report::results::measures::{Verdict, availability_text, nines};
use crate::report::results::{ExactSettings, Layout, ModelInfo};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `compare`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CompareSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// How far the exact engine goes.
    #[serde(flatten)]
    pub exact: ExactSettings,
    /// Limit of running time.
    pub time_limit_seconds: Option<f64>,
    /// Relative half width at which a simulation ends.
    pub precision: f64,
    /// Events at which a simulation ends.
    pub events: u64,
    /// Seed of simulations.
    pub seed: u64,
    /// Confidence level of intervals.
    pub confidence: f64,
}

/// How a topology was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EngineUsed {
    /// By the exact engine.
    Exact,
    /// Between proven bounds, because the exact engine has no more.
    Bounds,
    /// By simulation, because the exact engine refused.
    Simulation,
}

/// One topology.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Column {
    /// How it is called in the tables.
    pub label: String,
    /// Which topology was read.
    pub model: ModelInfo,
    /// How it was measured.
    pub engine: EngineUsed,
    /// Why the exact engine refused it; null when it did not.
    pub refusal: Option<String>,
    /// Long-run share of time down, of bounds the middle; null when a simulation supports no estimate.
    pub unavailability: Option<f64>,
    /// Lower end of its interval or its bounds; null when exact.
    pub unavailability_low: Option<f64>,
    /// Upper end of its interval or its bounds; null when exact.
    pub unavailability_high: Option<f64>,
    /// Long-run share of time up, all digits.
    pub availability: Option<String>,
    /// `-log10` of the unavailability; null when it is 0.
    pub nines: Option<f64>,
    /// Expected downtime.
    pub downtime_seconds_per_year: Option<f64>,
    /// Outages in the long run.
    pub failure_frequency_per_year: Option<f64>,
    /// Mean time between outages.
    pub mtbf_seconds: Option<f64>,
    /// Mean up time.
    pub mut_seconds: Option<f64>,
    /// Mean outage.
    pub mdt_seconds: Option<f64>,
    /// Its unavailability over that of the first topology.
    pub unavailability_ratio: Option<f64>,
    /// From its lower end and the upper end of the first; null when both are exact.
    pub unavailability_ratio_low: Option<f64>,
    /// From its upper end and the lower end of the first; null when both are exact.
    pub unavailability_ratio_high: Option<f64>,
    /// Its downtime less that of the first topology.
    pub downtime_difference_seconds_per_year: Option<f64>,
    /// Its lower end less the upper end of the first; null when both are exact.
    pub downtime_difference_low_seconds_per_year: Option<f64>,
    /// Its upper end less the lower end of the first; null when both are exact.
    pub downtime_difference_high_seconds_per_year: Option<f64>,
    /// Its outages less those of the first topology.
    pub failure_frequency_difference_per_year: Option<f64>,
    /// What its target allows.
    pub target_unavailability: Option<f64>,
    /// Whether the target is met.
    pub verdict: Option<Verdict>,
}

/// A key in which topologies differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The key.
    pub key: String,
    /// The value in each topology; null where it is not there.
    pub values: Vec<Option<String>>,
}

/// Topologies side by side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CompareResult {
    /// In the order in which they were given; each is compared with the first.
    pub topologies: Vec<Column>,
    /// The keys in which they differ.
    pub differences: Vec<Difference>,
}

impl Column {
    /// From the exact engine.
    pub fn exact(
        (label, model): (String, ModelInfo),
        measures: &ExactMeasures,
        target: Option<Target>,
        units: Units,
    ) -> Self {
        let (unavailability, frequency) = (measures.unavailability, measures.failure_frequency);
        Self {
            engine: EngineUsed::Exact,
            refusal: None,
            unavailability: Some(unavailability),
            unavailability_low: None,
            unavailability_high: None,
            failure_frequency_per_year: frequency.map(|frequency| frequency * units.year),
            mtbf_seconds: frequency.map(|frequency| 1.0 / frequency),
            mut_seconds: frequency.map(|frequency| measures.availability / frequency),
            mdt_seconds: frequency.map(|frequency| unavailability / frequency),
            verdict: target.map(|target| Verdict::exact(unavailability, target)),
            ..Self::common(label, model, Some(unavailability), target, units)
        }
    }

    /// From bounds, whose middle stands for what is between them.
    pub fn bounded(
        (label, model): (String, ModelInfo),
        measures: &BoundedMeasures,
        refusal: &str,
        target: Option<Target>,
        units: Units,
    ) -> Self {
        let middle = |bounds: &Bounds| f64::midpoint(bounds.lower, bounds.upper);
        let finite = |bounds: &Option<Bounds>| bounds.as_ref().map(middle).filter(|value| value.is_finite());
        let Bounds { lower, upper } = measures.unavailability;
        let frequency = finite(&measures.failure_frequency);
        Self {
            engine: EngineUsed::Bounds,
            refusal: Some(refusal.to_owned()),
            unavailability_low: Some(lower),
            unavailability_high: Some(upper),
            failure_frequency_per_year: frequency.map(|frequency| frequency * units.year),
            mtbf_seconds: finite(&measures.mean_time_between_outages),
            mut_seconds: finite(&measures.mean_up_time),
            mdt_seconds: finite(&measures.mean_down_time),
            verdict: target.map(|target| Verdict::between(lower, upper, target)),
            ..Self::common(label, model, Some(middle(&measures.unavailability)), target, units)
        }
    }

    /// From a simulation.
    pub fn simulated(
        (label, model): (String, ModelInfo),
        measures: &SimulatedMeasures,
        refusal: &str,
        target: Option<Target>,
        units: Units,
    ) -> Self {
        let point = |estimate: &Option<Estimate>| estimate.as_ref().and_then(|estimate| estimate.point);
        let unavailability = &measures.unavailability;
        Self {
            engine: EngineUsed::Simulation,
            refusal: Some(refusal.to_owned()),
            unavailability_low: unavailability.low,
            unavailability_high: unavailability.high,
            failure_frequency_per_year: point(&measures.failure_frequency).map(|frequency| frequency * units.year),
            mtbf_seconds: point(&measures.mean_cycle_time),
            mut_seconds: point(&measures.mean_up_time),
            mdt_seconds: point(&measures.mean_down_time),
            verdict: target.map(|target| Verdict::simulated(unavailability, target)),
            ..Self::common(label, model, unavailability.point, target, units)
        }
    }

    fn common(
        label: String,
        model: ModelInfo,
        unavailability: Option<f64>,
        target: Option<Target>,
        units: Units,
    ) -> Self {
        Self {
            label,
            model,
            engine: EngineUsed::Exact,
            refusal: None,
            unavailability,
            unavailability_low: None,
            unavailability_high: None,
            availability: unavailability.and_then(availability_text),
            nines: unavailability.and_then(nines),
            downtime_seconds_per_year: unavailability.map(|unavailability| unavailability * units.year),
            failure_frequency_per_year: None,
            mtbf_seconds: None,
            mut_seconds: None,
            mdt_seconds: None,
            unavailability_ratio: None,
            unavailability_ratio_low: None,
            unavailability_ratio_high: None,
            downtime_difference_seconds_per_year: None,
            downtime_difference_low_seconds_per_year: None,
            downtime_difference_high_seconds_per_year: None,
            failure_frequency_difference_per_year: None,
            target_unavailability: target.map(|target| target.unavailability().value()),
            verdict: None,
        }
    }
}

impl Column {
    /// The ends between which the unavailability lies, which are the value itself where that is exact.
    fn ends(&self) -> [Option<f64>; 2] {
        match self.engine {
            EngineUsed::Exact => [self.unavailability; 2],
            EngineUsed::Bounds | EngineUsed::Simulation => [self.unavailability_low, self.unavailability_high],
        }
    }

    /// The ends of what compares it with the `first` one, unless that is exact.
    fn compare_ends(&mut self, first: [Option<f64>; 2], seconds_per_year: f64) {
        let ([low, high], [first_low, first_high]) = (self.ends(), first);
        let ratio = |value: Option<f64>, first: Option<f64>| Some(value? / first.filter(|first| *first > 0.0)?);
        let difference = |value: Option<f64>, first: Option<f64>| Some((value? - first?) * seconds_per_year);
        self.unavailability_ratio_low = ratio(low, first_high);
        self.unavailability_ratio_high = ratio(high, first_low);
        self.downtime_difference_low_seconds_per_year = difference(low, first_high);
        self.downtime_difference_high_seconds_per_year = difference(high, first_low);
    }
}

impl CompareResult {
    /// Each topology is compared with the first one.
    pub fn new(mut topologies: Vec<Column>, differences: Vec<Difference>, units: Units) -> Self {
        let first = topologies.first().map(|first| (first.engine, first.ends()));
        for (place, column) in topologies.iter_mut().enumerate() {
            if let Some((engine, ends)) = first
                && place > 0
                && (engine, column.engine) != (EngineUsed::Exact, EngineUsed::Exact)
            {
                column.compare_ends(ends, units.year);
            }
        }
        let (unavailability, downtime, frequency) = topologies.first().map_or((None, None, None), |first| {
            (first.unavailability, first.downtime_seconds_per_year, first.failure_frequency_per_year)
        });
        let less = |value: Option<f64>, first: Option<f64>| value.zip(first).map(|(value, first)| value - first);
        for column in &mut topologies {
            let ratio = column.unavailability.zip(unavailability.filter(|first| *first > 0.0));
            column.unavailability_ratio = ratio.map(|(value, first)| value / first);
            column.downtime_difference_seconds_per_year = less(column.downtime_seconds_per_year, downtime);
            column.failure_frequency_difference_per_year = less(column.failure_frequency_per_year, frequency);
        }
        Self { topologies, differences }
    }
}

/// Digits shown.
const DIGITS: usize = 5;
/// Digits of the ends of intervals, and of bounds.
const DIGITS_OF_INTERVALS: usize = 4;
const DIGITS_OF_BOUNDS: usize = 8;

impl Layout for CompareResult {
    fn sheet(&self, units: Units) -> Sheet {
        let labels = self.topologies.iter().map(|column| column.label.as_str());
        let headers: Vec<&str> = std::iter::once("measure").chain(labels.clone()).collect();
        let mut table = Table::new("", &headers);
        let mut row = |name: &str, cell: &dyn Fn(&Column) -> Cell| {
            table.push(std::iter::once(Cell::text(name)).chain(self.topologies.iter().map(cell)).collect());
        };
        let plain = |value: f64| significant(value, DIGITS);
        let duration = |seconds: f64| time(seconds, DIGITS, units);
        row("availability", &availability_cell);
        row("unavailability", &|column| Cell::optional(column.unavailability, plain));
        // Bounds are so narrow that few digits would not tell their ends apart.
        let is_bounded = self.topologies.iter().any(|column| column.engine == EngineUsed::Bounds);
        let of_ends = if is_bounded { DIGITS_OF_BOUNDS } else { DIGITS_OF_INTERVALS };
        let has_ends = self.topologies.iter().any(|column| column.engine != EngineUsed::Exact);
        if has_ends {
            row("unavailability between", &|column| {
                ends_cell([column.unavailability_low, column.unavailability_high], &|value| significant(value, of_ends))
            });
        }
        row("nines", &|column| Cell::optional(column.nines, |nines| significant(nines, 4)));
        row("downtime a year", &|column| Cell::optional(column.downtime_seconds_per_year, duration));
        row("outages per year", &|column| Cell::optional(column.failure_frequency_per_year, plain));
        row("MTBF", &|column| Cell::optional(column.mtbf_seconds, duration));
        row("MUT", &|column| Cell::optional(column.mut_seconds, duration));
        row("MDT", &|column| Cell::optional(column.mdt_seconds, duration));
        row("unavailability ratio", &|column| Cell::optional(column.unavailability_ratio, plain));
        if has_ends {
            row("ratio between", &|column| {
                let ends = [column.unavailability_ratio_low, column.unavailability_ratio_high];
                ends_cell(ends, &|value| significant(value, of_ends))
            });
        }
        row("downtime difference a year", &|column| {
            Cell::optional(column.downtime_difference_seconds_per_year, |seconds| signed(seconds, DIGITS, units))
        });
        if has_ends {
            row("difference between", &|column| {
                let ends =
                    [column.downtime_difference_low_seconds_per_year, column.downtime_difference_high_seconds_per_year];
                ends_cell(ends, &|seconds| signed(seconds, of_ends, units))
            });
        }
        if self.topologies.iter().any(|column| column.target_unavailability.is_some()) {
            row("target", &target_of);
        }
        row("by", &|column| {
            Cell::text(match column.engine {
                EngineUsed::Exact => "exact engine",
                EngineUsed::Bounds => "proven bounds",
                EngineUsed::Simulation => "simulation",
            })
        });
        let mut tables = vec![table];
        if !self.differences.is_empty() {
            let headers: Vec<&str> = std::iter::once("key").chain(labels).collect();
            let mut differences = Table::new("what differs", &headers);
            for difference in &self.differences {
                let values = difference.values.iter().map(|value| Cell::text(value.as_deref().unwrap_or("-")));
                differences.push(std::iter::once(Cell::text(&difference.key)).chain(values).collect());
            }
            tables.push(differences);
        }
        let refused = |column: &Column| {
            let refusal = column.refusal.as_ref()?;
            let how = if column.engine == EngineUsed::Bounds { "bounded" } else { "simulated" };
            Some(format!("`{}` is {how}: {refusal}", column.label))
        };
        let mut notes: Vec<String> = self.topologies.iter().filter_map(refused).collect();
        if self.differences.is_empty() {
            notes.push("The topologies do not differ in any key.".to_owned());
        }
        Sheet { tables, notes }
    }
}

fn availability_cell(column: &Column) -> Cell {
    let rounded = column.unavailability.and_then(Unavailability::new).map(|u| u.availability_rounded(DIGITS));
    match (rounded, &column.availability) {
        (Some(shown), Some(exact)) => Cell::Number { shown, exact: exact.clone() },
        _ => Cell::text("-"),
    }
}

fn ends_cell([low, high]: [Option<f64>; 2], show: &dyn Fn(f64) -> String) -> Cell {
    let shown = match (low, high) {
        (Some(low), Some(high)) => format!("{} to {}", show(low), show(high)),
        (None, Some(high)) => format!("at most {}", show(high)),
        (Some(low), None) => format!("at least {}", show(low)),
        (None, None) => "-".to_owned(),
    };
    Cell::range(low, high, shown)
}

fn target_of(column: &Column) -> Cell {
    let target = column.target_unavailability.and_then(Unavailability::new);
    let verdict = column.verdict.map_or("", Verdict::text);
    Cell::text(target.map_or("-".to_owned(), |target| format!("{} {verdict}", target.availability_rounded(DIGITS))))
}

/// A difference of times.
fn signed(seconds: f64, digits: usize, units: Units) -> String {
    let size = time(seconds.abs(), digits, units);
    match seconds {
        s if s > 0.0 => format!("+{size}"),
        s if s < 0.0 => format!("-{size}"),
        _ => size,
    }
}
