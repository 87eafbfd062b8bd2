//! Which downtime planned maintenance hides: that of the components that it names, or all where it names none.

use std::collections::{BTreeMap, BTreeSet};

use crate::data::incident::{Incident, IncidentLog};
use crate::data::instant::Instant;
use crate::data::interval::Interval;
use crate::data::timeline::Timeline;

/// Planned maintenance that is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exclusion {
    /// Times at which everything that was asked for is under maintenance.
    pub(crate) whole: Timeline,
    /// By the set of components of an incident: times at which all of them are, where those are more.
    of_set: BTreeMap<u32, Timeline>,
}

impl Exclusion {
    /// Of the planned among `incidents`, for those of `components`.
    pub(crate) fn of(log: &IncidentLog, components: &[u32], incidents: &[&Incident], now: Instant) -> Self {
        let mut everything = Vec::new();
        let mut of_component: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
        for incident in incidents.iter().filter(|incident| incident.planned) {
            let set = &log.component_sets[incident.components as usize];
            if set.is_empty() {
                everything.push(incident.interval(now));
            }
            for component in set {
                of_component.entry(*component).or_default().push(incident.interval(now));
            }
        }
        let everything = Timeline::from_intervals(everything);
        if of_component.is_empty() {
            return Self { whole: everything, of_set: BTreeMap::new() };
        }
        let of_component: BTreeMap<u32, Timeline> = of_component
            .into_iter()
            .map(|(component, intervals)| (component, Timeline::from_intervals(intervals).union(&everything)))
            .collect();
        let common = |set: &[u32]| {
            let of_each = set.iter().map(|component| of_component.get(component).unwrap_or(&everything));
            let mut all: Option<Timeline> = None;
            for times in of_each {
                if all.as_ref() == Some(&everything) {
                    // Nothing less is common: each holds all of it.
                    break;
                }
                all = Some(all.map_or_else(|| times.clone(), |known| known.intersection(times)));
            }
            all.unwrap_or_else(|| everything.clone())
        };
        let whole = common(components);
        let asked: BTreeSet<u32> = components.iter().copied().collect();
        let sets: BTreeSet<u32> =
            incidents.iter().filter(|incident| !incident.planned).map(|incident| incident.components).collect();
        let times = |set: u32| {
            let set = log.component_sets[set as usize].iter().copied().filter(|one| asked.contains(one));
            let set: Vec<u32> = set.collect();
            // Where one of them is never under maintenance of its own, only `whole` is common.
            let is_own = !set.is_empty() && set.iter().all(|one| of_component.contains_key(one));
            is_own.then(|| common(&set).union(&whole))
        };
        let of_set = sets.into_iter().filter_map(|set| Some((set, times(set)?))).collect();
        Self { whole, of_set }
    }

    /// Whether the same is hidden of every incident.
    pub(crate) fn is_one(&self) -> bool {
        self.of_set.is_empty()
    }

    /// Times that do not count for incidents with that set of components.
    pub(crate) fn times(&self, set: u32) -> &Timeline {
        self.of_set.get(&set).unwrap_or(&self.whole)
    }
}
