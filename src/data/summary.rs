//! What a log says about a window: what was counted, and what counts most.

use crate::data::downtime::{Counted, Downtime};
use crate::data::incident::{Incident, IncidentLog};
use crate::data::instant::{Instant, to_seconds};
use crate::data::interval::Interval;
use crate::data::timeline::Timeline;
use crate::data::weights::{LogWeights, Maintenance, Rule};
use crate::data::zone::{Period, Zone};

/// Counts of a window. The incidents are those of the components that were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Incidents in the log.
    pub incidents: u64,
    /// Of these, planned maintenance inside of the window that is not counted as downtime.
    pub planned: u64,
    /// Of these, without an end.
    pub open: u64,
    /// Of these, inside of the window and of length 0.
    pub empty: u64,
    /// Of these, entirely outside of the window.
    pub outside: u64,
    /// Of these, those that reach over an edge of the window.
    pub clipped: u64,
    /// Time that was cut off at the edges.
    pub clipped_seconds: f64,
    /// Of these, inside of the window, without any weight (and not planned).
    pub weightless: u64,
    /// Of these, with a weight, but entirely hidden by planned maintenance.
    pub in_maintenance: u64,
    /// What counts as downtime inside of the window: weight above 0 and length above 0. With `outside`, `empty`, `planned`,
    /// `weightless` and `in_maintenance` it adds up to `incidents`.
    pub counted: u64,
    /// Sum of their lengths inside of the window; overlaps count as often as they occur.
    pub sum_seconds: f64,
    /// Length of their union inside of the window, before maintenance is left out.
    pub union_seconds: f64,
    /// Of these, those that were joined with another that overlaps or touches.
    pub merged: u64,
}

/// Incidents of one severity, inside of the window.
#[derive(Clone, Debug, PartialEq)]
pub struct SeverityCount {
    /// As it is written; `None` for incidents without one.
    pub severity: Option<String>,
    /// What it weighs.
    pub weight: f64,
    /// How many incidents with a part in the window have it, planned ones left out.
    pub incidents: u64,
    /// Sum of their lengths inside of the window.
    pub sum_seconds: f64,
    /// Length of their union inside of the window.
    pub union_seconds: f64,
}

/// A component on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentDowntime {
    /// Index into [`IncidentLog::components`].
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its downtime in the window.
    pub counted: Counted,
    /// Incidents with a part in the window that name it.
    pub incidents: u64,
}

/// A part of the window.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodDowntime {
    /// Its name: `2024-03`.
    pub label: String,
    /// The part of it that is inside of the window.
    pub window: Interval,
    /// Its downtime.
    pub counted: Counted,
    /// Sum of the lengths of what counts, clipped to it.
    pub sum_seconds: f64,
}

/// A long incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Longest {
    /// Index into [`IncidentLog::incidents`].
    pub index: usize,
    /// Its length inside of the window.
    pub seconds: f64,
}

/// Whether an incident has a part in the window; one of length 0 when it is in it.
fn is_inside(incident: &Incident, (now, window): (Instant, Interval)) -> bool {
    let interval = incident.interval(now);
    interval.clipped(&window).is_some() || interval.is_empty() && window.contains(interval.start)
}

/// Which incidents count.
struct View {
    weights: LogWeights,
    counts_maintenance: bool,
}

impl View {
    fn new(log: &IncidentLog, rule: &Rule) -> Self {
        Self { weights: LogWeights::new(log, rule), counts_maintenance: rule.maintenance == Maintenance::Count }
    }

    /// Whether an incident is downtime by the rule.
    fn counts(&self, incident: &Incident) -> bool {
        if incident.planned { self.counts_maintenance } else { self.weights.of(incident) > 0.0 }
    }
}

impl Summary {
    /// Of the incidents that `keep` holds for.
    pub fn of(
        log: &IncidentLog,
        (rule, downtime): (&Rule, &Downtime),
        (now, window): (Instant, Interval),
        keep: impl Fn(&Incident) -> bool,
    ) -> Self {
        let view = View::new(log, rule);
        let mut summary = Self::default();
        let (mut clipped, mut sum) = (0_i128, 0_i128);
        let mut intervals = Vec::new();
        for incident in log.incidents.iter().filter(|incident| keep(incident)) {
            let interval = incident.interval(now);
            let inside = interval.clipped(&window);
            summary.incidents += 1;
            summary.open += u64::from(incident.is_open());
            let Some(inside) = inside else {
                let is_empty = interval.is_empty() && window.contains(interval.start);
                *(if is_empty { &mut summary.empty } else { &mut summary.outside }) += 1;
                continue;
            };
            let cut = interval.nanoseconds() - inside.nanoseconds();
            clipped += cut;
            summary.clipped += u64::from(cut > 0);
            if !view.counts(incident) {
                *(if incident.planned { &mut summary.planned } else { &mut summary.weightless }) += 1;
            } else if downtime.hides(incident, &inside) {
                summary.in_maintenance += 1;
            } else {
                summary.counted += 1;
                sum += inside.nanoseconds();
                intervals.push(inside);
            }
        }
        let union = Timeline::from_intervals(intervals);
        summary.clipped_seconds = to_seconds(clipped);
        summary.sum_seconds = to_seconds(sum);
        summary.union_seconds = union.seconds();
        summary.merged = summary.counted - union.intervals().len() as u64;
        summary
    }
}

impl SeverityCount {
    /// Each severity of the log, in the order of their weights, the largest first; then those without one.
    pub fn all(
        log: &IncidentLog,
        rule: &Rule,
        (now, window): (Instant, Interval),
        keep: impl Fn(&Incident) -> bool,
    ) -> Vec<Self> {
        let mut intervals: Vec<Vec<Interval>> = vec![Vec::new(); log.severities.len() + 1];
        let mut incidents = vec![0_u64; log.severities.len() + 1];
        let counts = |incident: &&Incident| !incident.planned && keep(incident) && is_inside(incident, (now, window));
        for incident in log.incidents.iter().filter(counts) {
            let place = incident.severity.map_or(log.severities.len(), |index| index as usize);
            incidents[place] += 1;
            intervals[place].extend(incident.interval(now).clipped(&window));
        }
        let count = |(place, intervals): (usize, Vec<Interval>)| {
            let severity = log.severities.get(place).cloned();
            let sum: i128 = intervals.iter().map(Interval::nanoseconds).sum();
            let union_seconds = Timeline::from_intervals(intervals).seconds();
            let weight = rule.weight(severity.as_deref());
            Self { severity, weight, incidents: incidents[place], sum_seconds: to_seconds(sum), union_seconds }
        };
        let mut all: Vec<Self> = intervals.into_iter().enumerate().map(count).collect();
        all.retain(|count| count.incidents > 0);
        all.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        all
    }
}

impl ComponentDowntime {
    /// The components that have an incident with a part in the window, the one with most downtime first; of the same, in the order
    /// of the log.
    pub fn all(log: &IncidentLog, rule: &Rule, (now, window): (Instant, Interval)) -> Vec<Self> {
        let mut incidents = vec![0_u64; log.components.len()];
        for incident in log.incidents.iter().filter(|incident| is_inside(incident, (now, window))) {
            for index in &log.component_sets[incident.components as usize] {
                incidents[*index as usize] += 1;
            }
        }
        let downtimes = Downtime::of_components(log, rule, now);
        let named = (0..).zip(&downtimes).zip(&log.components).zip(incidents);
        let mut all: Vec<Self> = named
            .map(|(((index, downtime), name), incidents)| Self {
                index,
                name: name.clone(),
                counted: downtime.within(&window),
                incidents,
            })
            .collect();
        all.retain(|component| component.incidents > 0);
        all.sort_by(|a, b| b.counted.down_seconds.total_cmp(&a.counted.down_seconds));
        all
    }
}

impl PeriodDowntime {
    /// The days, weeks, months, quarters or years of a window.
    pub fn all(
        log: &IncidentLog,
        (rule, downtime): (&Rule, &Downtime),
        (now, window): (Instant, Interval),
        (zone, period): (&Zone, Period),
        keep: impl Fn(&Incident) -> bool,
    ) -> Vec<Self> {
        let view = View::new(log, rule);
        let periods = zone.periods(&window, period);
        let mut sums = vec![0_i128; periods.len()];
        for incident in log.incidents.iter().filter(|incident| keep(incident) && view.counts(incident)) {
            let Some(inside) = incident.interval(now).clipped(&window) else { continue };
            let first = periods.partition_point(|period| period.end <= inside.start);
            for (index, period) in periods.iter().enumerate().skip(first) {
                let Some(part) = inside.clipped(period) else { break };
                sums[index] += part.nanoseconds();
            }
        }
        let row = |(whole, sum): (&Interval, i128)| {
            let inside = whole.clipped(&window)?;
            let (label, counted) = (zone.label(whole.start, period), downtime.within(&inside));
            Some(Self { label, window: inside, counted, sum_seconds: to_seconds(sum) })
        };
        periods.iter().zip(sums).filter_map(row).collect()
    }
}

impl Longest {
    /// The incidents that count and are longest inside of the window; of the same length, in the order of the log.
    pub fn of(
        log: &IncidentLog,
        rule: &Rule,
        (now, window): (Instant, Interval),
        (count, keep): (usize, impl Fn(&Incident) -> bool),
    ) -> Vec<Self> {
        let view = View::new(log, rule);
        let counted = log.incidents.iter().enumerate().filter(|(_, incident)| keep(incident) && view.counts(incident));
        let mut all: Vec<Self> = counted
            .filter_map(|(index, incident)| {
                let inside = incident.interval(now).clipped(&window)?;
                Some(Self { index, seconds: inside.seconds() })
            })
            .collect();
        let order = |a: &Self, b: &Self| b.seconds.total_cmp(&a.seconds).then(a.index.cmp(&b.index));
        // Few of many: the others need no order.
        if count < all.len() {
            all.select_nth_unstable_by(count, order);
            all.truncate(count);
        }
        all.sort_unstable_by(order);
        all
    }
}
