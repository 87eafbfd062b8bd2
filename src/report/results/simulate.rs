//! `simulate`: estimates with intervals.

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{self, CapacityMeasures, Estimate, OutageLengths, SimulatedMeasures, StopReason};
use crate::quantity::{Target, Unavailability};
use crate::report::number::{Form, Units, significant, time};
use crate::report::results::Layout;
use crate::report::results::diagnostics::DiagnosticsInfo;
use crate::report::results::measures::{
    CapacityInfo, ContributionInfo, ContributionKind, ENDED_BY_HEADERS, MethodInfo, Simulated, Verdict,
    availability_text, contributions, nines, target_cell,
};
use crate::report::sheet::{Cell, Sheet, Table};

/// Settings of `simulate`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SimulateSettings {
    /// Length of a year.
    pub year_seconds: f64,
    /// Length of a month.
    pub month_seconds: f64,
    /// How outages were to be found.
    pub method: MethodInfo,
    /// Wanted relative half width; null when only limits stop.
    pub precision: Option<f64>,
    /// Confidence level of the intervals.
    pub confidence: f64,
    /// Seed of the random streams.
    pub seed: u64,
    /// Threads; results do not depend on it.
    pub threads: u64,
    /// Limit of events.
    pub events: Option<u64>,
    /// Limit of simulated years.
    pub years: Option<f64>,
    /// Limit of running time.
    pub time_limit_seconds: Option<f64>,
    /// Recovery-time objective.
    pub rto_seconds: Option<f64>,
}

/// Why a simulation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// The wanted precision was reached.
    Precision,
    /// The limit of events.
    Events,
    /// The limit of simulated years.
    Years,
    /// The time limit.
    TimeLimit,
    /// Ctrl-C.
    Interrupted,
    /// There is no interval, and no amount of work would lead to one.
    NoInterval,
}

impl From<StopReason> for StoppedBy {
    fn from(reason: StopReason) -> Self {
        match reason {
            StopReason::Precision => Self::Precision,
            StopReason::Events => Self::Events,
            StopReason::Years => Self::Years,
            StopReason::TimeLimit => Self::TimeLimit,
            StopReason::Interrupted => Self::Interrupted,
            StopReason::NoInterval => Self::NoInterval,
        }
    }
}

/// A quantile of the outage length.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OutageQuantile {
    /// Share of the outages that are shorter.
    pub probability: f64,
    /// Their length at most.
    pub seconds: f64,
    /// Lower end of the interval of that length; null where the outages that were seen do not hold one.
    pub low_seconds: Option<f64>,
    /// Upper end likewise.
    pub high_seconds: Option<f64>,
}

impl OutageQuantile {
    fn range(&self, units: Units) -> Cell {
        let form = Form::time(self.seconds, 3, units);
        let shown = match (self.low_seconds, self.high_seconds) {
            (Some(low), Some(high)) => form.range(low, high),
            (Some(low), None) => format!("at least {}", form.show(low)),
            (None, Some(high)) => format!("at most {}", form.show(high)),
            (None, None) => "-".to_owned(),
        };
        Cell::range(self.low_seconds, self.high_seconds, shown)
    }
}

/// Lengths of the outages that were seen.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OutageLengthInfo {
    /// Quantiles, ascending, good to 0.2 % beside their sampling error.
    pub quantiles: Vec<OutageQuantile>,
    /// Outages behind them.
    pub outages: u64,
    /// The longest one.
    pub longest_seconds: f64,
}

/// Outages longer than the recovery-time objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct OutagesBeyondInfo {
    /// The objective.
    pub rto_seconds: f64,
    /// The share of the outages that are longer.
    pub share_of_outages: Simulated,
    /// The share of the downtime in them.
    pub share_of_downtime: Simulated,
}

/// Simulated measures of a topology.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SimulateResult {
    /// Long-run share of time down.
    pub unavailability: Simulated,
    /// The estimated share of time up, all digits of the estimate.
    pub availability: Option<String>,
    /// `-log10` of the estimated unavailability.
    pub nines: Option<f64>,
    /// Expected downtime.
    pub downtime_seconds_per_year: Simulated,
    /// Expected downtime in a month.
    pub downtime_seconds_per_month: Simulated,
    /// Outages in the long run.
    pub failure_frequency_per_year: Option<Simulated>,
    /// Mean time between outages.
    pub mtbf_seconds: Option<Simulated>,
    /// Mean up time.
    pub mut_seconds: Option<Simulated>,
    /// Mean down time: the mean outage.
    pub mdt_seconds: Option<Simulated>,
    /// Lengths of outages.
    pub outage_length: Option<OutageLengthInfo>,
    /// With a recovery-time objective: the outages that are longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outages_beyond_rto: Option<OutagesBeyondInfo>,
    /// What the target allows.
    pub target_unavailability: Option<f64>,
    /// Whether the target is met.
    pub verdict: Option<Verdict>,
    /// How it was simulated, and how the intervals were made.
    pub method: String,
    /// Why that method.
    pub method_reason: String,
    /// Seed.
    pub seed: u64,
    /// Random generator.
    pub generator: String,
    /// Events simulated.
    pub events: u64,
    /// Outages seen.
    pub outages: u64,
    /// Regenerative cycles, or replications.
    pub cycles: u64,
    /// Simulated time.
    pub simulated_years: f64,
    /// Running time.
    pub wall_seconds: f64,
    /// Why it ended.
    pub stopped_by: StoppedBy,
    /// What decided whether an interval is given.
    pub diagnostics: DiagnosticsInfo,
    /// What begins the outages, and what would end the downtime.
    pub contributions: Vec<ContributionInfo<Simulated>>,
    /// With a demand: what is carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<CapacityInfo<Simulated>>,
}

impl SimulateResult {
    /// The measures in the units of reports.
    pub fn new(measures: &SimulatedMeasures, target: Option<Target>, units: Units, wall_seconds: f64) -> Self {
        let unavailability = &measures.unavailability;
        let optional = |estimate: &Option<Estimate>| estimate.as_ref().map(Simulated::from);
        Self {
            unavailability: unavailability.into(),
            availability: unavailability.point.and_then(availability_text),
            nines: unavailability.point.and_then(nines),
            downtime_seconds_per_year: Simulated::scaled(unavailability, units.year),
            downtime_seconds_per_month: Simulated::scaled(unavailability, units.month),
            failure_frequency_per_year: measures
                .failure_frequency
                .as_ref()
                .map(|frequency| Simulated::scaled(frequency, units.year)),
            mtbf_seconds: optional(&measures.mean_cycle_time),
            mut_seconds: optional(&measures.mean_up_time),
            mdt_seconds: optional(&measures.mean_down_time),
            outage_length: measures.outage_lengths.as_ref().map(length_info),
            outages_beyond_rto: measures.outages_beyond.as_ref().map(|beyond| OutagesBeyondInfo {
                rto_seconds: beyond.objective,
                share_of_outages: (&beyond.share_of_outages).into(),
                share_of_downtime: (&beyond.share_of_downtime).into(),
            }),
            target_unavailability: target.map(|target| target.unavailability().value()),
            verdict: target.map(|target| Verdict::simulated(unavailability, target)),
            method: measures.method.clone(),
            method_reason: measures.method_reason.clone(),
            seed: measures.seed,
            generator: measures.generator.to_owned(),
            events: measures.events,
            outages: measures.outages,
            cycles: measures.cycles,
            simulated_years: measures.simulated_seconds / units.year,
            wall_seconds,
            stopped_by: measures.stopped_by.into(),
            diagnostics: (&measures.diagnostics).into(),
            contributions: contributions(
                &measures.contributions,
                |value: &Estimate| Simulated::scaled(value, units.year),
                |value: &Estimate| Simulated::from(value),
            ),
            capacity: measures.capacity.as_ref().map(|capacity| capacity_info(capacity, units)),
        }
    }
}

fn length_info(lengths: &OutageLengths) -> OutageLengthInfo {
    let quantile = |quantile: &measure::OutageQuantile| OutageQuantile {
        probability: quantile.probability,
        seconds: quantile.seconds,
        low_seconds: quantile.low,
        high_seconds: quantile.high,
    };
    OutageLengthInfo {
        quantiles: lengths.quantiles.iter().map(quantile).collect(),
        outages: lengths.count,
        longest_seconds: lengths.longest,
    }
}

fn capacity_info(capacity: &CapacityMeasures<Estimate>, units: Units) -> CapacityInfo<Simulated> {
    let share = Simulated::scaled(&capacity.lost, 1.0 / capacity.demand);
    CapacityInfo {
        demand_requests_per_second: capacity.demand,
        carried_requests_per_second: (&capacity.carried).into(),
        capacity_weighted_availability: share.estimate.and_then(availability_text),
        capacity_weighted_unavailability: share,
        probability_capacity_below_demand: (&capacity.insufficient).into(),
        lost_requests_per_year: Simulated::scaled(&capacity.lost, units.year),
    }
}

/// Digits of a simulated number: one beyond those that its interval supports, from 2 to 7.
fn digits(simulated: &Simulated) -> usize {
    let supported = simulated.relative_half_width.map_or(2.0, |width| 2.0 - libm::log10(width.max(1e-9)));
    (supported.ceil() as usize).clamp(2, 7)
}

/// A number and its interval: estimate, low to high, or the bound alone. `form` is that of the row, for its estimate or bound
/// and so many digits.
fn cells(simulated: &Simulated, form: impl Fn(f64, usize) -> Form) -> [Cell; 2] {
    let reference = simulated.estimate.or(simulated.high).or(simulated.low).unwrap_or(0.0);
    let bounds = form(simulated.low.unwrap_or(0.0), digits(simulated));
    let form = form(reference, digits(simulated));
    let range = match (simulated.low, simulated.high) {
        // Two bounds may be far apart.
        (Some(low), Some(high)) if simulated.estimate.is_none() => {
            format!("{} to {}", bounds.show(low), form.show(high))
        }
        (Some(low), Some(high)) => form.range(low, high),
        (None, Some(high)) => format!("at most {}", form.show(high)),
        (Some(low), None) => format!("at least {}", form.show(low)),
        (None, None) => "-".to_owned(),
    };
    let range = Cell::range(simulated.low, simulated.high, range);
    [Cell::optional(simulated.estimate, |value| form.show(value)), range]
}

impl Layout for SimulateResult {
    fn sheet(&self, units: Units) -> Sheet {
        let interval = self.interval_header();
        let mut table = Table::new("", &["measure", "estimate", &interval, "unit"]);
        let duration = |seconds: f64, digits: usize| Form::time(seconds, digits, units);
        let mut row = |name: &str, [value, range]: [Cell; 2], unit: &str| {
            table.push(vec![Cell::text(name), value, range, Cell::text(unit)]);
        };
        row("availability", self.availability_cells(), "share of time");
        row("unavailability", cells(&self.unavailability, Form::number), "share of time");
        row("nines", [Cell::optional(self.nines, |nines| significant(nines, 4)), self.nines_range()], "-log10 U");
        row("downtime a year", cells(&self.downtime_seconds_per_year, duration), "on average");
        row("downtime a month", cells(&self.downtime_seconds_per_month, duration), "on average");
        let optional = [
            ("outages", &self.failure_frequency_per_year, "per year", false),
            ("MTBF", &self.mtbf_seconds, "between outages", true),
            ("MUT", &self.mut_seconds, "mean up time", true),
            ("MDT", &self.mdt_seconds, "mean outage", true),
        ];
        for (name, value, unit, is_time) in optional {
            if let Some(value) = value {
                row(name, if is_time { cells(value, duration) } else { cells(value, Form::number) }, unit);
            }
        }
        if let Some(target) = self.target_unavailability {
            let verdict = self.verdict.map_or("", Verdict::text);
            row("target", [target_cell(target), Cell::text(verdict)], "availability");
        }
        let mut tables = vec![table];
        tables.extend(self.capacity_table());
        tables.extend(self.length_table(units));
        tables.extend(self.objective_table(units));
        tables.extend(self.contribution_tables());
        let checks = self.diagnostics.summary();
        Sheet { tables, notes: std::iter::once(self.summary()).chain(checks).collect() }
    }
}

impl SimulateResult {
    fn availability_cells(&self) -> [Cell; 2] {
        let digits = digits(&self.unavailability);
        let text = |u: f64| Unavailability::new(u).map(|u| u.availability_rounded(digits)).unwrap_or_default();
        let exact = self.availability.clone().unwrap_or_default();
        let value = self.unavailability.estimate.map(|u| Cell::Number { shown: text(u), exact });
        let exact = |u: Option<f64>| u.and_then(availability_text).unwrap_or_default();
        let range = Cell::Range {
            shown: self.turned_range(text),
            low: exact(self.unavailability.high),
            high: exact(self.unavailability.low),
        };
        [value.unwrap_or_else(|| Cell::text("-")), range]
    }

    fn nines_range(&self) -> Cell {
        let shown = self.turned_range(|u| nines(u).map(|nines| significant(nines, 4)).unwrap_or_default());
        Cell::range(self.unavailability.high.and_then(nines), self.unavailability.low.and_then(nines), shown)
    }

    /// The interval of something that falls as the unavailability rises.
    fn turned_range(&self, text: impl Fn(f64) -> String) -> String {
        match (self.unavailability.low, self.unavailability.high) {
            (Some(low), Some(high)) => format!("{} to {}", text(high), text(low)),
            (None, Some(high)) => format!("at least {}", text(high)),
            (Some(low), None) => format!("at most {}", text(low)),
            (None, None) => "-".to_owned(),
        }
    }

    fn capacity_table(&self) -> Option<Table> {
        let capacity = self.capacity.as_ref()?;
        let mut table = Table::new("capacity", &["measure", "estimate", &self.interval_header(), "unit"]);
        let rows = [
            ("carried", &capacity.carried_requests_per_second, "requests per second"),
            ("lost requests", &capacity.lost_requests_per_year, "per year"),
            ("lost share", &capacity.capacity_weighted_unavailability, "of the demand"),
            ("too little capacity", &capacity.probability_capacity_below_demand, "share of time"),
        ];
        for (name, value, unit) in rows {
            let [value, range] = cells(value, Form::number);
            table.push(vec![Cell::text(name), value, range, Cell::text(unit)]);
        }
        Some(table)
    }

    fn length_table(&self, units: Units) -> Option<Table> {
        let lengths = self.outage_length.as_ref()?;
        let headers = ["share of outages [%]", "is at most", &self.interval_header()];
        let mut table = Table::new("outage length", &headers);
        for quantile in &lengths.quantiles {
            let share = significant(100.0 * quantile.probability, 3);
            let length = Cell::number(quantile.seconds, time(quantile.seconds, 3, units));
            table.push(vec![Cell::text(share), length, quantile.range(units)]);
        }
        let longest = time(lengths.longest_seconds, 3, units);
        let longest = Cell::number(lengths.longest_seconds, longest);
        table.push(vec![Cell::text("longest seen"), longest, Cell::text("-")]);
        Some(table)
    }

    fn objective_table(&self, units: Units) -> Option<Table> {
        let beyond = self.outages_beyond_rto.as_ref()?;
        let title = format!("outages longer than {}", time(beyond.rto_seconds, 6, units));
        let mut table = Table::new(title, &["measure", "share [%]", &self.interval_header()]);
        for (name, share) in
            [("of the outages", beyond.share_of_outages), ("of the downtime", beyond.share_of_downtime)]
        {
            let [value, range] = cells(&share.in_percent(), Form::number);
            table.push(vec![Cell::text(name), value, range]);
        }
        Some(table)
    }

    fn contribution_tables(&self) -> Vec<Table> {
        let of = |kind| self.contributions.iter().filter(move |contribution| contribution.kind == kind);
        let interval = self.interval_header();
        let mut begun = Table::new("what begins the outages", &["event", "outages per year", &interval]);
        let mut events: Vec<_> = of(ContributionKind::BeginsOutages)
            .filter_map(|event| Some((&event.of, event.outages_per_year?)))
            .collect();
        let size = |value: &Simulated| value.estimate.unwrap_or(0.0);
        events.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
        for (event, value) in events {
            let [value, range] = cells(&value, Form::number);
            begun.push(vec![Cell::text(event), value, range]);
        }
        let headers = [ENDED_BY_HEADERS[0], ENDED_BY_HEADERS[1], &interval];
        let mut ended = Table::new("what would end the downtime", &headers);
        for contribution in of(ContributionKind::WouldEndDowntime) {
            if let Some(value) = &contribution.share_of_downtime {
                let [value, range] = cells(&value.in_percent(), Form::number);
                ended.push(vec![Cell::text(&contribution.of), value, range]);
            }
        }
        [begun, ended].into_iter().filter(|table| !table.rows.is_empty()).collect()
    }

    fn interval_header(&self) -> String {
        format!("{} % interval", significant(100.0 * self.unavailability.confidence, 6))
    }

    fn summary(&self) -> String {
        format!(
            "{}; {}. Simulated: {} events, {} outages, {} cycles in {} years; seed {}, {}.",
            self.method,
            self.method_reason,
            self.events,
            self.outages,
            self.cycles,
            significant(self.simulated_years, 3),
            self.seed,
            self.generator,
        )
    }
}
