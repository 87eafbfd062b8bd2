//! Incidents, and the log that they come from.

use crate::data::instant::Instant;
use crate::data::interval::Interval;
use crate::data::mistake::Mistake;
use crate::data::read::plain;
use crate::data::timeline::Timeline;

/// One entry of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Its name in the log.
    pub id: Option<Box<str>>,
    /// When it began.
    pub start: Instant,
    /// When it ended; never before the start. Absent while it lasts.
    pub end: Option<Instant>,
    /// When it was noticed.
    pub detected: Option<Instant>,
    /// Which components it concerns: index into [`IncidentLog::component_sets`]. The set of index 0 is empty.
    pub components: u32,
    /// Index into [`IncidentLog::severities`].
    pub severity: Option<u32>,
    /// Whether it was planned maintenance.
    pub planned: bool,
    /// Its line in the file, from 1.
    pub line: u32,
}

impl Incident {
    /// From its start to its end; to `now` while it lasts (empty when it begins later than that).
    pub fn interval(&self, now: Instant) -> Interval {
        let end = self.end.unwrap_or(now).max(self.start);
        Interval { start: self.start, end }
    }

    /// Whether it had not ended when the log was written.
    pub fn is_open(&self) -> bool {
        self.end.is_none()
    }

    /// How long it took to notice, in seconds; absent when the log does not say, or says that it was noticed before it began.
    pub fn detection_seconds(&self) -> Option<f64> {
        self.detected.map(|detected| detected.seconds_since(self.start)).filter(|seconds| *seconds >= 0.0)
    }
}

/// Which of `names` is meant by `wanted`: the very name, else the only one without regard to case, else the only one without
/// regard to spaces, `_` and `-` either. `None` where several are so alike, or none is.
pub fn closest<'a>(names: &(impl Iterator<Item = &'a str> + Clone), wanted: &str) -> Option<usize> {
    let wanted = wanted.trim();
    let letters = plain(wanted);
    let only = |same: &dyn Fn(&str) -> bool| {
        let mut found = names.clone().enumerate().filter(|(_, known)| same(known.trim()));
        let first = found.next();
        first.filter(|_| found.next().is_none()).map(|(index, _)| index)
    };
    let exact = names.clone().position(|known| known == wanted);
    exact
        .or_else(|| only(&|known| known.eq_ignore_ascii_case(wanted)))
        .or_else(|| only(&|known| !letters.is_empty() && plain(known) == letters))
}

/// A log of incidents, as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncidentLog {
    /// The incidents, in the order of the file.
    pub incidents: Vec<Incident>,
    /// Names of components, in the order in which they first appear.
    pub components: Vec<String>,
    /// Sets of components as incidents name them: indices into `components`, sorted. The first set is empty.
    pub component_sets: Vec<Vec<u32>>,
    /// Severities as they are written, in the order in which they first appear.
    pub severities: Vec<String>,
    /// Times in which nothing is known about a component (index into `components`; `None`: about a log that names none): missing
    /// samples, and times between stays.
    pub unobserved: Vec<(Option<u32>, Interval)>,
    /// How the file was read.
    pub reading: Reading,
}

/// How a file was read: what it was taken for, and what was noticed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The dialect that was recognised, in words.
    pub dialect: String,
    /// Which column was taken for what: meaning and name as in the file.
    pub columns: Vec<(&'static str, String)>,
    /// Columns that were not used.
    pub unused: Vec<String>,
    /// Entries of the file, those that could not be read included.
    pub rows: u64,
    /// Entries that say that a unit is up: they are no incidents.
    pub up_rows: u64,
    /// Entries that could not be read and were skipped; only the first few with their mistake.
    pub dropped: u64,
    /// The first mistakes of skipped entries.
    pub mistakes: Vec<Mistake>,
    /// Lines of the first skipped entries.
    pub dropped_lines: Vec<u32>,
    /// Times without a zone.
    pub naive_times: u64,
    /// The zone that times without one were read in.
    pub zone: String,
    /// Whether that zone was asked for.
    pub zone_given: bool,
    /// Times that the clock showed twice, because it was set back: lines.
    pub twice: Vec<u32>,
    /// Times that the clock never showed, because it was set forward: lines.
    pub never: Vec<u32>,
    /// Entries whose stated duration differs from end minus start by a second or more: lines.
    pub differs: Vec<u32>,
    /// The times that the file speaks about, where that is more than its incidents (state logs, samples).
    pub observed: Option<Interval>,
    /// More to know, each with a stable code.
    pub remarks: Vec<Remark>,
}

/// Something that the reader of a result must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Stable, snake_case.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl IncidentLog {
    /// The names of an incident's components.
    pub fn components_of(&self, incident: &Incident) -> impl Iterator<Item = &str> {
        let set = self.component_sets.get(incident.components as usize).map_or(&[][..], Vec::as_slice);
        set.iter().map(|index| self.components[*index as usize].as_str())
    }

    /// An incident's severity as it is written.
    pub fn severity_of(&self, incident: &Incident) -> Option<&str> {
        incident.severity.map(|index| self.severities[index as usize].as_str())
    }

    /// The index of a component, by the [closest](closest) of the names.
    pub fn component(&self, name: &str) -> Option<u32> {
        closest(&self.components.iter().map(String::as_str), name).map(|index| index as u32)
    }

    /// Whether an incident concerns the component of that index.
    pub fn concerns(&self, incident: &Incident, component: u32) -> bool {
        let set = self.component_sets.get(incident.components as usize);
        set.is_some_and(|set| set.binary_search(&component).is_ok())
    }

    /// The log with all of its unobserved times as downtime of their components.
    #[must_use]
    pub fn with_unobserved_down(mut self) -> Self {
        for (component, gap) in std::mem::take(&mut self.unobserved) {
            let set = component.map_or(Vec::new(), |component| vec![component]);
            let known = self.component_sets.iter().position(|one| *one == set);
            let components = known.unwrap_or_else(|| {
                self.component_sets.push(set);
                self.component_sets.len() - 1
            });
            self.incidents.push(Incident {
                id: None,
                start: gap.start,
                end: Some(gap.end),
                detected: None,
                components: components as u32,
                severity: None,
                planned: false,
                line: 0,
            });
        }
        self
    }

    /// The union of all incidents that `keep` holds for.
    pub fn union(&self, now: Instant, mut keep: impl FnMut(&Incident) -> bool) -> Timeline {
        let kept = self.incidents.iter().filter(|incident| keep(incident));
        Timeline::from_intervals(kept.map(|incident| incident.interval(now)))
    }

    /// From the first start to the last end, open incidents up to `now`; with what else the file speaks about. `None`
    /// without any.
    pub fn span(&self, now: Instant) -> Option<Interval> {
        let own = self.incidents.iter().map(|incident| incident.interval(now));
        own.chain(self.reading.observed).reduce(|a, b| Interval { start: a.start.min(b.start), end: a.end.max(b.end) })
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn the_very_name_comes_before_those_that_are_alike() {
        let found = |names: &[&str], wanted: &str| closest(&names.iter().copied(), wanted);
        assert_eq!(found(&["Web", "web"], "web"), Some(1));
        assert_eq!(found(&["Web", "web"], "WEB"), None);
        assert_eq!(found(&["Web", "db"], "web"), Some(0));
        assert_eq!(found(&["API Requests", "db"], "api-requests"), Some(0));
        assert_eq!(found(&["API Requests", "api_requests"], "api-requests"), None);
        assert_eq!(found(&["-", "db"], "_"), None);
    }
}
