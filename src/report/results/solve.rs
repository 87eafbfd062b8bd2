//! `solve`: exact measures.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{BoundedMeasures, CapacityMeasures, ExactMeasures, PhasedTime};
use crate::quantity::{Target, Unavailability};
use crate::report::number::{Units, percent, significant, time};
use crate::report::results::bounds::BoundsInfo;
use crate::report::results::measures::{
    CapacityInfo, ContributionInfo, ContributionKind, ENDED_BY_HEADERS, Verdict, availability_text, contributions,
    nines, target_cell,
};
use crate::report::results::over_time::OverTime;
use crate::report::results::sensitivity::SensitivityInfo;
use crate::report::results::structure::StructureInfo;
use crate::report::results::{ExactSettings, Layout};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `solve`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SolveSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Length of a month.
    pub month_seconds: f64,
    /// How far the exact engine goes.
    #[serde(flatten)]
    pub exact: ExactSettings,
    /// Whether bounds were asked for; without that they are given where a chain or a diagram is too large.
    pub bounds: bool,
    /// Relative width that bounds were narrowed to.
    pub precision: f64,
    /// Times after all-up that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at_seconds: Vec<f64>,
    /// Recovery-time objectives that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rto_seconds: Vec<f64>,
}

/// Exact measures of a topology.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SolveResult {
    /// Long-run share of time down; null, as all measures, when only `bounds` are known.
    pub unavailability: Option<f64>,
    /// Long-run share of time up, all digits.
    pub availability: Option<String>,
    /// `-log10` of the unavailability; null when it is 0.
    pub nines: Option<f64>,
    /// Expected downtime.
    pub downtime_seconds_per_year: Option<f64>,
    /// Expected downtime in a month.
    pub downtime_seconds_per_month: Option<f64>,
    /// Outages in the long run; null where only probabilities are known, or there are none.
    pub failure_frequency_per_year: Option<f64>,
    /// Mean time between outages, 1 / frequency.
    pub mtbf_seconds: Option<f64>,
    /// Mean up time.
    pub mut_seconds: Option<f64>,
    /// Mean down time: the mean outage.
    pub mdt_seconds: Option<f64>,
    /// What the target allows.
    pub target_unavailability: Option<f64>,
    /// Whether the target is met.
    pub verdict: Option<Verdict>,
    /// Engines used.
    pub method: String,
    /// States of all chains that were explored; null where there are none.
    pub states: Option<u64>,
    /// Nodes of the decision diagram.
    pub bdd_nodes: Option<u64>,
    /// Bound on the relative error of the unavailability and of the frequency; null when only `bounds` are known.
    pub relative_accuracy: Option<f64>,
    /// Times of chains that were made of exponential phases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phased_times: Vec<PhasedTimeInfo>,
    /// In place of the measures, where they are not known: bounds of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<BoundsInfo>,
    /// What begins the outages, and what would end the downtime; beside `bounds`, as the explored states have it, and left out where
    /// these are too wide.
    pub contributions: Vec<ContributionInfo<f64>>,
    /// With a demand: what is carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityInfo<f64>>,
    /// With `--at`, `--first-outage`, `--rto` or `--quantile`: what happens after all-up, and how long outages last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_time: Option<OverTime>,
    /// What each number of the file does, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<SensitivityInfo>,
    /// Of fault trees, and of static topologies on request: cut sets and importance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structure: Option<StructureInfo>,
}

/// A time that was made of exponential phases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PhasedTimeInfo {
    /// The field of the file.
    pub field: String,
    /// How many phases.
    pub phases: u64,
    /// How many moments of the time the phases have; null where they are the time itself, and nothing is approximated.
    pub fitted_moments: Option<u8>,
}

impl From<&PhasedTime> for PhasedTimeInfo {
    fn from(time: &PhasedTime) -> Self {
        Self { field: time.field.clone(), phases: time.phases as u64, fitted_moments: time.fitted_moments }
    }
}

impl SolveResult {
    /// The measures in the units of reports.
    pub fn new(measures: &ExactMeasures, target: Option<Target>, units: Units) -> Self {
        let unavailability = measures.unavailability;
        let frequency = measures.failure_frequency;
        Self {
            unavailability: Some(unavailability),
            availability: availability_text(unavailability),
            nines: nines(unavailability),
            downtime_seconds_per_year: Some(unavailability * units.year),
            downtime_seconds_per_month: Some(unavailability * units.month),
            failure_frequency_per_year: frequency.map(|frequency| frequency * units.year),
            mtbf_seconds: frequency.map(|frequency| 1.0 / frequency),
            mut_seconds: frequency.map(|frequency| measures.availability / frequency),
            mdt_seconds: frequency.map(|frequency| unavailability / frequency),
            target_unavailability: target.map(|target| target.unavailability().value()),
            verdict: target.map(|target| Verdict::exact(unavailability, target)),
            method: measures.method.clone(),
            states: measures.states,
            bdd_nodes: measures.diagram_nodes,
            relative_accuracy: Some(measures.relative_accuracy),
            phased_times: measures.phased_times.iter().map(PhasedTimeInfo::from).collect(),
            bounds: None,
            contributions: contributions(&measures.contributions, |value| value * units.year, |value| *value),
            capacity: measures.capacity.as_ref().map(|capacity| capacity_info(capacity, units)),
            over_time: None,
            sensitivity: None,
            structure: measures.structure.as_ref().map(|structure| StructureInfo::new(structure, units)),
        }
    }
}

impl SolveResult {
    /// Bounds in the units of reports.
    pub fn bounded(measures: &BoundedMeasures, target: Option<Target>, units: Units) -> Self {
        let unavailability = measures.unavailability;
        Self {
            unavailability: None,
            availability: None,
            nines: None,
            downtime_seconds_per_year: None,
            downtime_seconds_per_month: None,
            failure_frequency_per_year: None,
            mtbf_seconds: None,
            mut_seconds: None,
            mdt_seconds: None,
            target_unavailability: target.map(|target| target.unavailability().value()),
            verdict: target.map(|target| Verdict::between(unavailability.lower, unavailability.upper, target)),
            method: measures.method.clone(),
            states: (measures.states > 0).then_some(measures.states),
            bdd_nodes: Some(measures.diagram_nodes),
            relative_accuracy: None,
            phased_times: measures.phased_times.iter().map(PhasedTimeInfo::from).collect(),
            bounds: Some(BoundsInfo::new(measures, units)),
            contributions: contributions(&measures.contributions, |value| value * units.year, |value| *value),
            capacity: None,
            over_time: None,
            sensitivity: None,
            structure: None,
        }
    }

    /// The table of the measures.
    fn measures(&self, units: Units) -> Table {
        let duration = |seconds: f64| time(seconds, DIGITS, units);
        let plain = |value: f64| significant(value, DIGITS);
        let mut table = Table::new("", &["measure", "value", "unit"]);
        let mut row = |name: &str, value: Cell, unit: &str| table.push(vec![Cell::text(name), value, Cell::text(unit)]);
        let rounded = self.unavailability.and_then(Unavailability::new);
        let rounded = rounded.map(|u| u.availability_rounded(DIGITS)).unwrap_or_default();
        let availability = self.availability.clone().unwrap_or_default();
        row("availability", Cell::Number { shown: rounded, exact: availability }, "share of time");
        row("unavailability", Cell::optional(self.unavailability, plain), "share of time");
        row("nines", Cell::optional(self.nines, |nines| significant(nines, 4)), "-log10 unavailability");
        row("downtime a year", Cell::optional(self.downtime_seconds_per_year, duration), "on average");
        row("downtime a month", Cell::optional(self.downtime_seconds_per_month, duration), "on average");
        row("outages", Cell::optional(self.failure_frequency_per_year, plain), "per year");
        row("MTBF", Cell::optional(self.mtbf_seconds, duration), "between outages");
        row("MUT", Cell::optional(self.mut_seconds, duration), "mean up time");
        row("MDT", Cell::optional(self.mdt_seconds, duration), "mean outage");
        if let Some(target) = self.target_unavailability {
            row("target", target_cell(target), &self.verdict_text());
        }
        let accuracy = format!("proven relative bound; {}", self.method);
        row("accuracy", Cell::optional(self.relative_accuracy, |accuracy| significant(accuracy, 2)), &accuracy);
        table
    }

    /// The table of the bounds.
    fn bounds_table(&self, bounds: &BoundsInfo, units: Units) -> Table {
        let mut table = bounds.table(units);
        if let Some(target) = self.target_unavailability {
            let limit = target_cell(target);
            table.push(vec![Cell::text("target"), limit, Cell::text(""), Cell::text(self.verdict_text())]);
        }
        table
    }

    fn verdict_text(&self) -> String {
        format!("availability: {}", self.verdict.map_or("", Verdict::text))
    }
}

fn capacity_info(capacity: &CapacityMeasures<f64>, units: Units) -> CapacityInfo<f64> {
    let share = capacity.lost / capacity.demand;
    CapacityInfo {
        demand_requests_per_second: capacity.demand,
        carried_requests_per_second: capacity.carried,
        capacity_weighted_availability: availability_text(share),
        capacity_weighted_unavailability: share,
        probability_capacity_below_demand: capacity.insufficient,
        lost_requests_per_year: capacity.lost * units.year,
    }
}

/// Digits shown of exact numbers.
const DIGITS: usize = 7;

impl Layout for SolveResult {
    fn sheet(&self, units: Units) -> Sheet {
        let bounds = self.bounds.as_ref();
        let mut tables = vec![match bounds {
            Some(bounds) => self.bounds_table(bounds, units),
            None => self.measures(units),
        }];
        tables.extend(capacity_table(self.capacity.as_ref()));
        tables.extend(self.over_time.iter().flat_map(|over_time| over_time.tables(units)));
        tables.extend(contribution_tables(&self.contributions));
        tables.extend(self.structure.iter().flat_map(|structure| structure.tables(units)));
        let sensitivity = self.sensitivity.as_ref();
        tables.extend(
            sensitivity.into_iter().flat_map(|info| info.tables(self.downtime_seconds_per_year.unwrap_or(0.0), units)),
        );
        let notes = bounds.map(|bounds| bounds.note(&self.method, !self.contributions.is_empty()));
        Sheet { tables, notes: notes.into_iter().chain(sensitivity.and_then(SensitivityInfo::note)).collect() }
    }
}

fn capacity_table(capacity: Option<&CapacityInfo<f64>>) -> Option<Table> {
    let capacity = capacity?;
    let mut table = Table::new("capacity", &["measure", "value", "unit"]);
    let mut row = |name: &str, value: f64, unit: &str| {
        table.push(vec![Cell::text(name), Cell::number(value, significant(value, DIGITS)), Cell::text(unit)]);
    };
    row("demand", capacity.demand_requests_per_second, "requests per second");
    row("carried", capacity.carried_requests_per_second, "requests per second");
    row("lost requests", capacity.lost_requests_per_year, "per year");
    row("lost share", capacity.capacity_weighted_unavailability, "of the demand");
    row("too little capacity", capacity.probability_capacity_below_demand, "share of time");
    Some(table)
}

fn contribution_tables(contributions: &[ContributionInfo<f64>]) -> Vec<Table> {
    let of = |kind| contributions.iter().filter(move |contribution| contribution.kind == kind);
    let total: f64 = contributions.iter().filter_map(|contribution| contribution.outages_per_year).sum();
    let mut begun = Table::new("what begins the outages", &["event", "outages per year", "share [%]"]);
    let mut rows: Vec<_> = of(ContributionKind::BeginsOutages).collect();
    rows.sort_by(|a, b| b.outages_per_year.unwrap_or(0.0).total_cmp(&a.outages_per_year.unwrap_or(0.0)));
    for contribution in rows {
        let value = contribution.outages_per_year.unwrap_or(0.0);
        let share = value / total;
        begun.push(vec![
            Cell::text(&contribution.of),
            Cell::number(value, significant(value, 4)),
            Cell::number(100.0 * share, percent(share, 3)),
        ]);
    }
    let mut ended = Table::new("what would end the downtime", &ENDED_BY_HEADERS);
    for contribution in of(ContributionKind::WouldEndDowntime) {
        let share = contribution.share_of_downtime.unwrap_or(0.0);
        ended.push(vec![Cell::text(&contribution.of), Cell::number(100.0 * share, percent(share, 4))]);
    }
    [begun, ended].into_iter().filter(|table| !table.rows.is_empty()).collect()
}
