//! Changes of state into incidents.

use std::collections::BTreeMap;

use crate::data::incident::{Incident, Remark};
use crate::data::interval::Interval;
use crate::data::read::build::{Builder, Change, after_now};
use crate::data::timeline::Timeline;

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

/// Less than this share of the time is how times are rounded.
const ROUNDING: f64 = 1e-6;

/// Notes the time that is in no stay of a unit, while any unit is in one: nothing is known about it. Where no stay is up, the log
/// is one of outages, and the rest is up.
pub(crate) fn note_gaps(builder: &mut Builder<'_>) {
    let mut units: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
    for (unit, stay) in std::mem::take(&mut builder.stays) {
        units.entry(unit).or_default().push(stay);
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
