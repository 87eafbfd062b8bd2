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
        let message = format!("{contradictions} times a unit is up and down at the same time; the later line holds");
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

/// Notes how much of the time between the stays of the units is in none of them.
pub(crate) fn note_gaps(builder: &mut Builder<'_>) {
    let mut units: BTreeMap<u32, Vec<Interval>> = BTreeMap::new();
    for (unit, stay) in std::mem::take(&mut builder.stays) {
        units.entry(unit).or_default().push(stay);
    }
    let (mut seen, mut spans) = (0.0, 0.0);
    for stays in units.into_values().map(Timeline::from_intervals) {
        seen += stays.seconds();
        spans += stays.span().map_or(0.0, |span| span.seconds());
    }
    let share = if spans > 0.0 { 1.0 - seen / spans } else { 0.0 };
    // Less than a part in a million is how times are rounded.
    if share > 1e-6 {
        let message = format!(
            "{:.2} % of the time of the units, from their first stay to their last, is in no stay; it counts as up",
            100.0 * share
        );
        builder.log.reading.remarks.push(Remark { code: "unobserved_gaps", message });
    }
}
