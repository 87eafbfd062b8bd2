//! Downtime of a log under a rule.
//!
//! Where incidents overlap the largest weight holds, never the sum. So the downtime is built from levels: for each
//! weight w the union of all incidents of weight w or more. With weights `w_1 > w_2 > … > w_n > 0 = w_(n+1)` and unions `L_1` inside
//! `L_2` inside …, the weighted downtime is `sum of (w_i - w_(i+1)) |L_i|`, a sum of positive terms.

use std::collections::BTreeMap;

use crate::data::exclusion::Exclusion;
use crate::data::incident::{Incident, IncidentLog};
use crate::data::instant::{Instant, to_seconds};
use crate::data::interval::Interval;
use crate::data::timeline::Timeline;
use crate::data::weights::{LogWeights, Maintenance, Rule};

/// Downtime under a rule, as times.
#[derive(Clone, Debug, PartialEq)]
pub struct Downtime {
    /// Weights, the largest first, all above 0, and the times of at least that weight.
    levels: Vec<(f64, Timeline)>,
    /// The times of any downtime, those that maintenance hides included: each interval is an outage.
    uncut: Timeline,
    /// Planned maintenance, however it counts.
    maintenance: Timeline,
    /// Planned maintenance that is left out.
    exclusion: Exclusion,
    /// Times that are left out: maintenance where it is excluded, and times without any observation.
    left_out: Timeline,
    /// Times without any observation and without downtime.
    unobserved: Timeline,
}

/// Downtime in a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Length of the window.
    pub window_seconds: f64,
    /// Length of what is neither up nor down in it: excluded maintenance, and times without any observation.
    pub left_out_seconds: f64,
    /// Length of planned maintenance in it, however it counts.
    pub maintenance_seconds: f64,
    /// Length of the times without any observation in it.
    pub unobserved_seconds: f64,
    /// What counts: the window less what is left out.
    pub valid_seconds: f64,
    /// Downtime, weighted.
    pub down_seconds: f64,
    /// Downtime as if every incident of some weight counted in full.
    pub strict_seconds: f64,
    /// Separate times of downtime that have a part in the window.
    pub outages: u64,
}

impl Counted {
    /// Share of the valid time that is down, weighted; `None` when there is no valid time.
    pub fn unavailability(&self) -> Option<f64> {
        (self.valid_seconds > 0.0).then(|| self.down_seconds / self.valid_seconds)
    }
}

/// What is collected before it becomes downtime.
#[derive(Clone, Debug, Default)]
struct Collected<'l> {
    incidents: Vec<&'l Incident>,
    unobserved: Vec<Interval>,
}

impl Collected<'_> {
    fn finish(self, log: &IncidentLog, (rule, weights): (&Rule, &LogWeights), now: Instant, of: &[u32]) -> Downtime {
        let Self { incidents, unobserved } = self;
        let planned = incidents.iter().filter(|incident| incident.planned);
        let maintenance = Timeline::from_intervals(planned.map(|incident| incident.interval(now)));
        let exclusion = match rule.maintenance {
            Maintenance::Exclude => Exclusion::of(log, of, &incidents, now),
            Maintenance::Count | Maintenance::Ignore => Exclusion::default(),
        };
        let mut weighted: Vec<(f64, u32, Interval)> = incidents
            .iter()
            .filter(|incident| !incident.planned && weights.of(incident) > 0.0)
            .map(|incident| (weights.of(incident), incident.components, incident.interval(now)))
            .collect();
        if rule.maintenance == Maintenance::Count {
            weighted.extend(maintenance.intervals().iter().map(|interval| (1.0, 0, *interval)));
        }
        let uncut = Timeline::from_intervals(weighted.iter().map(|(_, _, interval)| *interval));
        let levels = levels(&weighted, &exclusion);
        let excluded = &exclusion.whole;
        let mut unobserved = Timeline::from_intervals(unobserved);
        if let Some((_, down)) = levels.last() {
            unobserved = unobserved.without(down);
        }
        unobserved = unobserved.without(excluded);
        let left_out = excluded.union(&unobserved);
        Downtime { levels, uncut, maintenance, exclusion, left_out, unobserved }
    }
}

impl Downtime {
    /// Of the incidents that `keep` holds for; open ones last until `now`.
    pub fn of(log: &IncidentLog, rule: &Rule, now: Instant, keep: impl FnMut(&Incident) -> bool) -> Self {
        Self::of_some(log, rule, now, (&[], keep))
    }

    /// Of some components, or of all when there are none: maintenance of all of them is left out in full, that of a
    /// single one hides its own downtime only.
    pub fn of_some(
        log: &IncidentLog,
        rule: &Rule,
        now: Instant,
        (components, mut keep): (&[u32], impl FnMut(&Incident) -> bool),
    ) -> Self {
        let weights = LogWeights::new(log, rule);
        let incidents = log.incidents.iter().filter(|incident| keep(incident)).collect();
        let concerns = |component: Option<u32>| {
            components.is_empty() || component.is_some_and(|component| components.contains(&component))
        };
        let unobserved = log.unobserved.iter().filter(|(component, _)| concerns(*component));
        let unobserved = unobserved.map(|(_, interval)| *interval).collect();
        let all: Vec<u32> = (0..log.components.len() as u32).collect();
        let of = if components.is_empty() { &all } else { components };
        Collected { incidents, unobserved }.finish(log, (rule, &weights), now, of)
    }

    /// Of each component on its own, in the order of [`IncidentLog::components`]. An incident without a component, planned or not,
    /// is in none.
    pub fn of_components(log: &IncidentLog, rule: &Rule, now: Instant) -> Vec<Self> {
        let weights = LogWeights::new(log, rule);
        let mut collected = vec![Collected::default(); log.components.len()];
        for incident in &log.incidents {
            let set = &log.component_sets[incident.components as usize];
            for index in set {
                collected[*index as usize].incidents.push(incident);
            }
        }
        for (component, interval) in &log.unobserved {
            if let Some(component) = component {
                collected[*component as usize].unobserved.push(*interval);
            }
        }
        let finish =
            |(index, collected): (usize, Collected<'_>)| collected.finish(log, (rule, &weights), now, &[index as u32]);
        collected.into_iter().enumerate().map(finish).collect()
    }

    /// The levels: weights, the largest first, and the times of at least that weight.
    pub fn levels(&self) -> &[(f64, Timeline)] {
        &self.levels
    }

    /// The times of any downtime: each interval is an outage.
    pub fn outages(&self) -> &Timeline {
        static NONE: Timeline = Timeline::EMPTY;
        self.levels.last().map_or(&NONE, |(_, times)| times)
    }

    /// The times of any downtime, those that maintenance hides included: each interval is an outage, though maintenance
    /// may cut it.
    pub fn uncut(&self) -> &Timeline {
        &self.uncut
    }

    /// Whether maintenance hides all of an incident that is inside of `part`.
    pub fn hides(&self, incident: &Incident, part: &Interval) -> bool {
        self.exclusion.times(incident.components).nanoseconds_within(part) == part.nanoseconds()
    }

    /// The times of planned maintenance, however it counts.
    pub fn maintenance(&self) -> &Timeline {
        &self.maintenance
    }

    /// The times that are neither up nor down: excluded maintenance, and times without any observation.
    pub fn left_out(&self) -> &Timeline {
        &self.left_out
    }

    /// The times without any observation and without downtime.
    pub fn unobserved(&self) -> &Timeline {
        &self.unobserved
    }

    /// Weighted downtime in a window, in seconds.
    pub fn down_seconds(&self, window: &Interval) -> f64 {
        let below = self.levels.iter().skip(1).map(|(weight, _)| *weight).chain([0.0]);
        let parts = self.levels.iter().zip(below);
        // From 0, because the sum of no numbers is -0.
        parts.fold(0.0, |sum, ((weight, times), below)| {
            sum + (weight - below) * to_seconds(times.nanoseconds_within(window))
        })
    }

    /// Everything about a window.
    pub fn within(&self, window: &Interval) -> Counted {
        let left_out = self.left_out.nanoseconds_within(window);
        let down = self.outages();
        let whole = self.uncut.clipped(window);
        let outages = whole.intervals().iter().filter(|outage| down.nanoseconds_within(outage) > 0).count();
        Counted {
            window_seconds: window.seconds(),
            left_out_seconds: to_seconds(left_out),
            maintenance_seconds: to_seconds(self.maintenance.nanoseconds_within(window)),
            unobserved_seconds: to_seconds(self.unobserved.nanoseconds_within(window)),
            valid_seconds: to_seconds(window.nanoseconds() - left_out),
            down_seconds: self.down_seconds(window),
            strict_seconds: to_seconds(down.nanoseconds_within(window)),
            outages: outages as u64,
        }
    }
}

fn levels(weighted: &[(f64, u32, Interval)], exclusion: &Exclusion) -> Vec<(f64, Timeline)> {
    let mut weights: Vec<f64> = weighted.iter().map(|(weight, _, _)| *weight).collect();
    weights.sort_by(|a, b| b.total_cmp(a));
    weights.dedup();
    let times = |least: f64| {
        let mut of_set: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
        for (_, set, interval) in weighted.iter().filter(|(weight, _, _)| *weight >= least) {
            of_set.entry(if exclusion.is_one() { 0 } else { *set }).or_default().push(*interval);
        }
        let parts = of_set.into_iter().flat_map(|(set, intervals)| {
            let (times, excluded) = (Timeline::from_intervals(intervals), exclusion.times(set));
            let times = if excluded.is_empty() { times } else { times.without(excluded) };
            times.intervals().to_vec()
        });
        Timeline::from_intervals(parts)
    };
    weights.into_iter().map(|weight| (weight, times(weight))).collect()
}
