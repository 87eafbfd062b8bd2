//! The system of a topology in a log of its parts.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::fit::log::{named, system};
use crate::cli::log_args::{LoadedLog, concerns};
use crate::cli::problem::Problem;
use crate::data::quoted;
use crate::report::results::WarningInfo;
use crate::study::composed::composed;
use crate::study::history::Unit;
use crate::topology::Model;
use crate::topology::system::Part;

/// Names that a message lists at most.
const MOST_NAMES: usize = 8;

/// The time line of the topology's system: its `up` over the components of the log, or, as its user says, all of the
/// log.
///
/// # Errors
/// When the log does not name all parts of `up`, or cannot tell how many units of one are down.
pub(crate) fn of_system(
    model: &Model,
    log: &LoadedLog,
    as_system: bool,
    warnings: &mut Vec<WarningInfo>,
) -> Result<Unit, Problem> {
    if as_system {
        return Ok(system(log));
    }
    let (mut parts, mut used, mut missing) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    for part in model.system.up.parts() {
        match component(model, log, part) {
            Some(index) => {
                used.insert(index);
                parts.insert(part, named(log, index));
            }
            None => missing.push(absent(model, log, part)),
        }
    }
    if !missing.is_empty() {
        missing.truncate(MOST_NAMES);
        return Err(Problem::usage(format!(
            "the log cannot be compared with this system: it does not tell when {} of `up` {} down",
            missing.join(", "),
            if missing.len() == 1 { "is" } else { "are" }
        ))
        .help(format!(
            "name the components of the log as the parts of the topology ({}), or give `--as-system` when each incident \
             of the log, or of its `--component`, is an outage of the whole system",
            names(log)
        )));
    }
    if let Some(message) = others(log, &used) {
        warnings.push(WarningInfo::new("components_left_out", message));
    }
    Ok(composed(&model.system.up, &parts, &log.window))
}

/// A part that the log does not tell about, and why where its name is there.
fn absent(model: &Model, log: &LoadedLog, part: Part) -> String {
    let name = model.part_name(part);
    let is_named = log.log.component(name).is_some_and(|index| concerns(&log.components, Some(index)));
    match part {
        Part::Group(id) if is_named => {
            let (need, units) = (model.groups[id.0].need, model.groups[id.0].units());
            format!("`{name}` (its name is there, but not whether fewer than {need} of its {units} units are up)")
        }
        _ => format!("`{name}`"),
    }
}

/// What the components of a log are called.
fn names(log: &LoadedLog) -> String {
    let all = &log.log.components;
    let shown: Vec<String> = all.iter().take(MOST_NAMES).map(|name| quoted(name)).collect();
    match all.len() {
        0 => "it names none".to_owned(),
        more if more > shown.len() => format!("it names {}, …", shown.join(", ")),
        _ => format!("it names {}", shown.join(", ")),
    }
}

/// The component of the log that is a part: with its name, where that says when the part is down.
fn component(model: &Model, log: &LoadedLog, part: Part) -> Option<u32> {
    let mut names = vec![model.part_name(part)];
    if let Part::Group(id) = part {
        let group = &model.groups[id.0];
        // One unit down of several says nothing of the group, unless it needs all of them.
        if group.need as usize != group.units() {
            return None;
        }
        if group.units() == 1 {
            names.push(&model.component_of(id).name);
        }
    }
    let asked = |index: &u32| log.components.is_empty() || log.components.contains(index);
    names.into_iter().find_map(|name| log.log.component(name).filter(asked))
}

/// What of the log is no part of the system.
fn others(log: &LoadedLog, used: &BTreeSet<u32>) -> Option<String> {
    let components = (0..log.log.components.len() as u32).filter(|index| !used.contains(index)).count();
    let is_other = |incident: &&crate::data::Incident| !used.iter().any(|index| log.log.concerns(incident, *index));
    let incidents = log.log.incidents.iter().filter(is_other).count();
    let of = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    (components > 0 || incidents > 0).then(|| {
        format!(
            "{} and {} of the log concern no part of `up` and are left out",
            of(components, "component"),
            of(incidents, "incident")
        )
    })
}
