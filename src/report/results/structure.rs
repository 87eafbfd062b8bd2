//! Minimal cut sets and importance measures, a part of the result of `solve`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::measure::{CutSetMeasures, Importance, StructureMeasures};
use crate::report::number::{Units, significant, time};
use crate::report::sheet::{Cell, Table};

/// Rows of importance that a table shows; reports for programs have all.
const MOST_ROWS: usize = 20;
/// Names of single points of failure that a table shows.
const MOST_NAMES: usize = 20;
/// Events of one cut set that a table shows.
const MOST_EVENTS: usize = 12;

/// What is said of a structure of independent events.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct StructureInfo {
    /// Name of the top event.
    pub top: String,
    /// Events that the top event depends on.
    pub events: u64,
    /// Independent modules.
    pub modules: u64,
    /// The order of variables that won for the largest module; null where any would do.
    pub order: Option<String>,
    /// Whether a failure can never help; null where that takes too long to tell.
    pub is_coherent: Option<bool>,
    /// Minimal cut sets; null where they are too many to count.
    pub minimal_cut_sets: Option<CutSetsInfo>,
    /// The events that matter, by the gain, largest first.
    pub importance: Vec<ImportanceInfo>,
}

/// Minimal cut sets.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CutSetsInfo {
    /// How many there are, with all digits; null from 2^128 on.
    pub count: Option<String>,
    /// The same as a number.
    pub approximate_count: f64,
    /// Events that are a cut set on their own.
    pub single_points_of_failure: Vec<String>,
    /// The first ones by rank.
    pub listed: Vec<CutSetInfo>,
}

/// One minimal cut set.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CutSetInfo {
    /// Its events.
    pub events: Vec<String>,
    /// The product of their probabilities.
    pub probability: f64,
}

/// How much an event matters to the top event.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ImportanceInfo {
    /// Name of the event.
    pub of: String,
    /// Its label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its attributes, name and value.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Its probability q.
    pub probability: f64,
    /// U1 - U0, the change of the probability of the top event with that of the event.
    pub birnbaum: f64,
    /// (U1 - U0) q / U.
    pub criticality: Option<f64>,
    /// P(a minimal cut set with the event has happened) / U; null where it takes too long to work out.
    pub fussell_vesely: Option<f64>,
    /// Where that is null: it is proven to be no less than this.
    pub fussell_vesely_at_least: Option<f64>,
    /// Where that is null: it is proven to be no more than this.
    pub fussell_vesely_at_most: Option<f64>,
    /// q U1 / U, the probability that the event has happened when the top event has.
    pub diagnostic: Option<f64>,
    /// U1 / U.
    pub risk_achievement_worth: Option<f64>,
    /// U / U0; null where it is infinite.
    pub risk_reduction_worth: Option<f64>,
    /// Whether the top event cannot happen without the event.
    pub risk_reduction_is_infinite: bool,
    /// Barlow and Proschan's: the share of the outages that begin with the event; null where times are unknown.
    pub barlow_proschan: Option<f64>,
    /// Downtime that there would not be if the event never happened: U - U0 in a year.
    pub gain_seconds_per_year: f64,
}

impl StructureInfo {
    /// The measures in the units of reports.
    pub fn new(measures: &StructureMeasures, units: Units) -> Self {
        Self {
            top: measures.top.clone(),
            events: measures.events,
            modules: measures.modules,
            order: measures.order.map(str::to_owned),
            is_coherent: measures.is_coherent,
            minimal_cut_sets: measures.cut_sets.as_ref().map(CutSetsInfo::new),
            importance: measures.importance.iter().map(|of| ImportanceInfo::new(of, units)).collect(),
        }
    }

    /// As tables.
    pub(crate) fn tables(&self, units: Units) -> Vec<Table> {
        let mut structure = Table::new("structure", &["measure", "value"]);
        let mut row = |name: &str, value: Cell| structure.push(vec![Cell::text(name), value]);
        row("top event", Cell::text(&self.top));
        row("events that matter", Cell::number(self.events as f64, self.events.to_string()));
        if let Some(sets) = &self.minimal_cut_sets {
            let count = sets.count.clone().unwrap_or_else(|| significant(sets.approximate_count, 7));
            row("minimal cut sets", Cell::Number { shown: count.clone(), exact: count });
            row("single points of failure", Cell::text(shortened(&sets.single_points_of_failure, MOST_NAMES)));
        }
        let cut_sets = self.minimal_cut_sets.iter().map(CutSetsInfo::table);
        let tables = [structure].into_iter().chain(cut_sets).chain(self.importance_tables(units));
        tables.filter(|table| !table.rows.is_empty()).collect()
    }

    fn importance_tables(&self, units: Units) -> [Table; 2] {
        let shown = &self.importance[..self.importance.len().min(MOST_ROWS)];
        let title = if shown.len() < self.importance.len() {
            format!("importance, the first {} of {} events", shown.len(), self.importance.len())
        } else {
            "importance".to_owned()
        };
        let headers =
            ["event", "probability", "Birnbaum", "criticality [%]", "FV by cut sets [%]", "Barlow- Proschan [%]"];
        let mut first = Table::new(&title, &headers);
        let headers = ["event", "diagnostic [%]", "RAW", "RRW", "gain a year"];
        let mut second = Table::new(title.replace("importance", "importance: what if"), &headers);
        let number = |value: f64| Cell::number(value, significant(value, 4));
        let share =
            |value: Option<f64>| Cell::optional(value.map(|value| 100.0 * value), |value| significant(value, 4));
        for of in shown {
            first.push(vec![
                Cell::text(of.name()),
                number(of.probability),
                number(of.birnbaum),
                share(of.criticality),
                of.fussell_vesely_cell(),
                share(of.barlow_proschan),
            ]);
            let reduction = if of.risk_reduction_is_infinite {
                Cell::text("infinite")
            } else {
                Cell::optional(of.risk_reduction_worth, |value| significant(value, 5))
            };
            let gain = of.gain_seconds_per_year;
            second.push(vec![
                Cell::text(of.name()),
                share(of.diagnostic),
                Cell::optional(of.risk_achievement_worth, |value| significant(value, 4)),
                reduction,
                Cell::number(gain, time(gain, 5, units)),
            ]);
        }
        [first, second]
    }
}

impl CutSetsInfo {
    fn new(measures: &CutSetMeasures) -> Self {
        let listed = measures.listed.iter();
        Self {
            count: measures.count.map(|count| count.to_string()),
            approximate_count: measures.approximate_count,
            single_points_of_failure: measures.single_points.clone(),
            listed: listed.map(|set| CutSetInfo { events: set.events.clone(), probability: set.probability }).collect(),
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new("minimal cut sets", &["rank", "order", "probability", "events"]);
        for (place, set) in self.listed.iter().enumerate() {
            table.push(vec![
                Cell::text((place + 1).to_string()),
                Cell::number(set.events.len() as f64, set.events.len().to_string()),
                Cell::number(set.probability, significant(set.probability, 4)),
                Cell::text(shortened(&set.events, MOST_EVENTS)),
            ]);
        }
        table
    }
}

impl ImportanceInfo {
    /// The name of the event, with its label where it has one.
    fn name(&self) -> String {
        match &self.label {
            Some(label) => format!("{} ({label})", self.of),
            None => self.of.clone(),
        }
    }

    /// In percent: the number, or what it lies between.
    fn fussell_vesely_cell(&self) -> Cell {
        let percent = |value: f64| significant(100.0 * value, 4);
        match (self.fussell_vesely_at_least, self.fussell_vesely_at_most) {
            (Some(least), Some(most)) => Cell::text(format!("{} to {}", percent(least), percent(most))),
            _ => Cell::optional(self.fussell_vesely.map(|value| 100.0 * value), |value| significant(value, 4)),
        }
    }

    fn new(of: &Importance, units: Units) -> Self {
        Self {
            of: of.of.clone(),
            label: of.label.clone(),
            attributes: of.attributes.iter().cloned().collect(),
            probability: of.probability,
            birnbaum: of.birnbaum,
            criticality: of.criticality,
            fussell_vesely: of.fussell_vesely,
            fussell_vesely_at_least: of.fussell_vesely_bounds.map(|bounds| bounds.lower),
            fussell_vesely_at_most: of.fussell_vesely_bounds.map(|bounds| bounds.upper),
            diagnostic: of.diagnostic,
            risk_achievement_worth: of.risk_achievement,
            risk_reduction_worth: of.risk_reduction.filter(|value| value.is_finite()),
            risk_reduction_is_infinite: of.risk_reduction.is_some_and(f64::is_infinite),
            barlow_proschan: of.barlow_proschan,
            gain_seconds_per_year: of.gain * units.year,
        }
    }
}

/// The first names of a list, and how many more there are.
fn shortened(names: &[String], most: usize) -> String {
    match names.len().saturating_sub(most) {
        _ if names.is_empty() => "none".to_owned(),
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..most].join(", ")),
    }
}
