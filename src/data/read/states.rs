//! Changes of state into incidents.

use std::collections::BTreeMap;

use crate::data::incident::{Incident, Remark};
use crate::data::interval::Interval;
use crate::data::read::build::{Builder, Change, Stay, after_now};
use crate::data::timeline::Timeline;
use crate::quantity::Duration;

/// Each run of `down` of a unit is an incident, from its first report to the next report of `up`; the last may be open.
pub(crate) fn into_incidents(builder: &mut Builder<'_>) {
    let mut units: BTreeMap<u32, Vec<Change>> = BTreeMap::new();
    for change in std::mem::take(&mut builder.changes) {
        units.entry(change.components).or_default().push(change);
    }
    let mut contradictions = 0_usize;
    for changes in units.values_mut() {
        changes.sort_by_key(|change| change.at);
        contradictions +=
            changes.windows(2).filter(|pair| pair[0].at == pair[1].at && pair[0].is_up != pair[1].is_up).count();
        let mut down: Option<Incident> = None;
        for change in changes.iter() {
            match (&mut down, change.is_up) {
                (None, false) => down = Some(begun(change)),
                (Some(incident), true) => {
                    incident.end = Some(change.at);
                    builder.log.incidents.extend(down.take());
                }
                (None, true) | (Some(_), false) => {}
            }
        }
        let Some(down) = down else { continue };
        match builder.options.now.filter(|now| down.start > *now) {
            Some(now) => {
                let byte = changes.iter().find(|change| change.line == down.line).map_or(0, |change| change.byte);
                let mistake = after_now(byte..byte, down.start, now);
                builder.mistake(mistake);
            }
            None => builder.log.incidents.push(down),
        }
    }
    if contradictions > 0 {
        let message = match contradictions {
            1 => "once a unit is up and down at the same time; the later line holds".to_owned(),
            several => format!("{several} times a unit is up and down at the same time; the later line holds"),
        };
        builder.log.reading.remarks.push(Remark { code: "contradicting_states", message });
    }
}

fn begun(change: &Change) -> Incident {
    Incident {
        id: None,
        start: change.at,
        end: None,
        detected: None,
        components: change.components,
        severity: None,
        planned: false,
        line: change.line,
    }
}

/// Notes where a unit is in a stay up and in one down at the same time. Down holds, since only stays down are incidents.
pub(crate) fn note_contradictions(builder: &mut Builder<'_>, stays: &[Stay]) {
    let mut units: BTreeMap<Option<u32>, [Vec<Interval>; 2]> = BTreeMap::new();
    for stay in stays {
        let end = stay.end.or(builder.options.now.filter(|_| !stay.is_up)).unwrap_or(stay.start);
        let interval = Interval { start: stay.start, end: end.max(stay.start) };
        let components = builder.components_of(stay.components);
        let of_all = components.is_empty().then_some(None);
        for unit in components.into_iter().map(Some).chain(of_all) {
            units.entry(unit).or_default()[usize::from(stay.is_up)].push(interval);
        }
    }
    let both = |[down, up]: [Vec<Interval>; 2]| {
        let times = Timeline::from_intervals(down).intersection(&Timeline::from_intervals(up));
        times.intervals().iter().copied().filter(|one| one.nanoseconds() >= SHORTEST).collect::<Vec<_>>()
    };
    let found: Vec<Vec<Interval>> = units.into_values().map(both).filter(|times| !times.is_empty()).collect();
    let Some(first) = found.iter().flatten().map(|one| one.start).min() else { return };
    let seconds: f64 = found.iter().flatten().map(Interval::seconds).sum();
    let units = if found.len() == 1 { "1 unit is".to_owned() } else { format!("{} units are", found.len()) };
    let length = Duration::from_seconds(seconds).map_or_else(String::new, |length| format!(" for {length} in all,"));
    let message = format!("{units} up and down at the same time,{length} first at {first}; down holds");
    builder.log.reading.remarks.push(Remark { code: "contradicting_states", message });
}

/// Shorter times up and down at once are how times are rounded: a second.
const SHORTEST: i128 = 1_000_000_000;

/// Less than this share of the time is how times are rounded.
const ROUNDING: f64 = 1e-6;

/// Notes the time that is in no stay of a unit, while any unit is in one: nothing is known about it. Where no stay is up, the log
/// is one of outages, and the rest is up.
pub(crate) fn note_gaps(builder: &mut Builder<'_>, stays: &[Stay]) {
    let mut units: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
    for Stay { components, start, end, .. } in stays {
        units.entry(*components).or_default().push(Interval { start: *start, end: end.unwrap_or(*start) });
    }
    let Some(whole) = builder.log.reading.observed.filter(|_| builder.log.reading.up_rows > 0) else { return };
    let number = units.len() as f64;
    let gaps = units.into_iter().map(|(unit, stays)| (unit, Timeline::from_intervals(stays).complement(&whole)));
    let gaps: Vec<(u32, Timeline)> = gaps.collect();
    let unseen: f64 = gaps.iter().map(|(_, times)| times.seconds()).sum();
    let share = unseen / (number * whole.seconds());
    if share.is_nan() || share <= ROUNDING {
        return;
    }
    for (unit, times) in gaps {
        let components = builder.components_of(unit);
        for gap in times.intervals() {
            let of = |component| (component, *gap);
            if components.is_empty() {
                builder.log.unobserved.push(of(None));
            }
            builder.log.unobserved.extend(components.iter().map(|component| of(Some(*component))));
        }
    }
    let message = format!(
        "{:.2} % of the time of the units is in no stay, so nothing is known about it; `--missing` says what it counts",
        100.0 * share
    );
    builder.log.reading.remarks.push(Remark { code: "unobserved_gaps", message });
}
