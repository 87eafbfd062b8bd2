//! Which column is what.

use std::ops::Range;

use crate::data::incident::{Reading, Remark};
use crate::data::mistake::{Mistake, quoted};
use crate::data::read::build::state;
use crate::data::read::options::ReadOptions;
use crate::data::read::role::{Clock, Meaning, ROLES, Role, clock, is_no_end, meaning, plain, unit_of};

/// A column that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its position among the names.
    pub(crate) index: usize,
    /// The nanoseconds of the unit that the name says.
    pub(crate) unit: Option<i64>,
    /// What the name says about its times.
    pub(crate) clock: Clock,
}

/// The column of each role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) of_role: [Option<Column>; ROLES],
}

/// The unit of `Down Time` in the failure data of LANL: minutes.
const LANL_DURATION: i64 = 60_000_000_000;

/// Names of states that may stand beside the start and the end of a stay in the state.
const STATES_OF_INTERVALS: [&str; 2] = ["state", "eventtype"];

impl Columns {
    /// By the names; `first` gives the value of a column in the first entry.
    pub(crate) fn recognise<'f>(
        names: &[&str],
        options: &ReadOptions,
        first: impl Fn(usize) -> Option<&'f str>,
    ) -> Self {
        let mut best: [Option<(Meaning, usize)>; ROLES] = [None; ROLES];
        let by_name = |index: usize, name: &str| {
            let is_none = |meaning: &Meaning| meaning.role == Role::End && is_no_end(name, first(index));
            mapped(name, options).or_else(|| unmapped(name, options).filter(|meaning| !is_none(meaning)))
        };
        for (index, name) in names.iter().enumerate() {
            let Some(meaning) = by_name(index, name) else { continue };
            let place = &mut best[meaning.role as usize];
            if place.is_none_or(|(known, _)| meaning.rank < known.rank) {
                *place = Some((meaning, index));
            }
        }
        let column =
            |(meaning, index): (Meaning, usize)| Column { index, unit: meaning.unit, clock: clock(names[index]) };
        let mut columns = Self { of_role: best.map(|best| best.map(column)) };
        columns.settle(names, options, first);
        let duration = &mut columns.of_role[Role::Duration as usize];
        if let Some(column) = duration.as_mut().filter(|_| is_lanl(names) && options.duration_unit.is_none()) {
            column.unit = column.unit.or(Some(LANL_DURATION));
        }
        columns
    }

    /// Times and states are of two kinds of logs: starts and ends, or changes.
    fn settle<'f>(&mut self, names: &[&str], options: &ReadOptions, first: impl Fn(usize) -> Option<&'f str>) {
        let is_mapped = |role: Role| options.map.iter().any(|(mapped, _)| *mapped == role);
        let (time, state_of) = (self.of_role[Role::Time as usize], self.of_role[Role::State as usize]);
        if self.of_role[Role::Start as usize].is_none() && time.is_some() && state_of.is_none() {
            self.of_role[Role::Start as usize] = time;
        }
        if self.of_role[Role::Start as usize].is_none() {
            return;
        }
        self.of_role[Role::Time as usize] = None;
        let is_state = state_of.is_some_and(|Column { index, .. }| {
            let named = STATES_OF_INTERVALS.contains(&plain(names[index]).as_str()) || is_mapped(Role::State);
            named && first(index).is_some_and(|text| state(text).is_some())
        });
        if !is_state {
            self.of_role[Role::State as usize] = None;
        }
    }

    /// The dialect in words: the system that writes such files, and whether they hold states.
    pub(crate) fn dialect(&self, syntax: &str, names: &[&str]) -> String {
        let states = match (self.has(Role::State), self.has(Role::Start)) {
            (true, true) => ", state log (stays)",
            (true, false) => ", state log (changes)",
            (false, _) => "",
        };
        format!("{}{states}", dialect(syntax, names))
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.of_role[role as usize].is_some()
    }

    /// Refuses a file of which nothing is a start.
    pub(crate) fn check(&self, names: &[&str], options: &ReadOptions, span: Range<usize>) -> Result<(), Mistake> {
        for (role, wanted) in &options.map {
            if !names.iter().any(|name| plain(name) == plain(wanted)) {
                let message = format!("there is no column {} for `--map {}=`", quoted(wanted), role.name());
                return Err(Mistake::new(span, message).help(listed(names)));
            }
        }
        self.twins(names, &span)?;
        if self.has(Role::Start) || self.has(Role::Time) && self.has(Role::State) {
            return Ok(());
        }
        let mistake = Mistake::new(span, "no column is the start of an incident");
        Err(mistake.help(format!("{}; `--map start=COLUMN` says which", listed(names))))
    }

    /// Whether it can be told when incidents end.
    pub(crate) fn tell_ends(&self) -> bool {
        !self.has(Role::Start) || self.has(Role::End) || self.has(Role::Duration)
    }

    /// The mistake of a log in which nothing tells when incidents end.
    pub(crate) fn no_ends(&self, names: &[&str], span: Range<usize>) -> Mistake {
        let is_unused = |index: &usize| !self.of_role.iter().flatten().any(|used| used.index == *index);
        let unused: Vec<&str> = (0..names.len()).filter(is_unused).map(|index| names[index]).collect();
        let message =
            "nothing tells when incidents end: no column is an end or a duration, so all would last until now";
        let which =
            "`--map end=COLUMN` or `--map duration=COLUMN` says which is, and an empty column `end` that they last";
        let unused = if unused.is_empty() { listed(names) } else { format!("not used: {}", several(&unused)) };
        Mistake::new(span, message).help(format!("{unused}; {which}"))
    }

    /// Refuses a second column of the same name as one that is used.
    fn twins(&self, names: &[&str], span: &Range<usize>) -> Result<(), Mistake> {
        for Column { index, .. } in self.of_role.iter().flatten() {
            let is_twin = |other: &usize| other != index && plain(names[*other]) == plain(names[*index]);
            if let Some(other) = (0..names.len()).find(is_twin) {
                let (one, two) = (index.min(&other), index.max(&other));
                let message = format!(
                    "columns {} and {} are the same: {} and {}",
                    one + 1,
                    two + 1,
                    quoted(names[*one]),
                    quoted(names[*two])
                );
                return Err(Mistake::new(span.clone(), message).help("rename or delete one of them"));
            }
        }
        Ok(())
    }

    /// The columns that have the same meaning as one that was taken.
    fn rivals(&self, names: &[&str], options: &ReadOptions, reading: &Reading) -> Option<Remark> {
        let is_free = |name: &str| !reading.columns.iter().any(|(_, used)| used == name);
        let of_role = |role: Role| {
            let taken = self.of_role[role as usize]?.index;
            let others = names.iter().filter(|name| meaning(name).is_some_and(|meaning| meaning.role == role));
            let others: Vec<String> = others.filter(|name| is_free(name)).map(|name| quoted(name)).collect();
            (!others.is_empty()).then(|| (role, quoted(names[taken]), others.join(", ")))
        };
        let is_mapped = |role: &Role| options.map.iter().any(|(mapped, _)| mapped == role);
        let found: Vec<_> = DECISIVE.into_iter().filter(|role| !is_mapped(role)).filter_map(of_role).collect();
        let (first, ..) = found.first()?;
        let shown =
            |(role, taken, others): &(Role, String, String)| format!("`{}` is {taken}, not {others}", role.name());
        let message = format!(
            "several columns have one meaning: {}; `--map {}=COLUMN` takes another",
            found.iter().map(shown).collect::<Vec<_>>().join("; "),
            first.name()
        );
        Some(Remark { code: "several_columns", message })
    }

    /// Notes what was taken for what.
    pub(crate) fn describe(&self, names: &[&str], options: &ReadOptions, reading: &mut Reading) {
        let used = |role: Role| self.of_role[role as usize].map(|column| (role.name(), names[column.index].to_owned()));
        reading.columns = Role::ALL.into_iter().filter_map(used).collect();
        let is_unused = |index: &usize| !self.of_role.iter().flatten().any(|used| used.index == *index);
        let rivals = self.rivals(names, options, reading);
        reading.remarks.extend(rivals.filter(|remark| reading.remarks.iter().all(|known| known.code != remark.code)));
        reading.unused = (0..names.len()).filter(is_unused).map(|index| names[index].to_owned()).collect();
    }
}

/// Meanings of which another column changes what is counted.
const DECISIVE: [Role; 7] =
    [Role::Start, Role::End, Role::Duration, Role::Severity, Role::Component, Role::Planned, Role::Detected];

fn listed(names: &[&str]) -> String {
    format!("the columns are {}", several(names))
}

fn several(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(12).map(|name| quoted(name)).collect();
    format!("{}{}", shown.join(", "), if names.len() > 12 { ", …" } else { "" })
}

fn mapped(name: &str, options: &ReadOptions) -> Option<Meaning> {
    let (role, _) = options.map.iter().find(|(_, wanted)| plain(wanted) == plain(name))?;
    Some(Meaning { role: *role, rank: 0, unit: unit_of(name) })
}

/// By its own name, unless another column was named for that role.
fn unmapped(name: &str, options: &ReadOptions) -> Option<Meaning> {
    meaning(name).filter(|meaning| !options.map.iter().any(|(role, _)| *role == meaning.role))
}

fn is_lanl(names: &[&str]) -> bool {
    names.iter().any(|name| plain(name) == "probstarted")
}

/// The system that writes such files, by the names of its columns.
fn dialect(syntax: &str, names: &[&str]) -> String {
    let has = |wanted: &str| names.iter().any(|name| plain(name) == wanted);
    let system = if has("impact") && has("resolvedat") {
        "Statuspage"
    } else if has("begin") && (has("statusimpact") || has("externaldesc")) {
        "Google Cloud status"
    } else if has("incidentnumber") || has("urgency") && has("createdat") {
        "PagerDuty"
    } else if has("eventstarttime") && has("eventtype") {
        "Failure Trace Archive"
    } else if is_lanl(names) {
        "LANL"
    } else {
        return syntax.to_owned();
    };
    format!("{syntax} ({system})")
}
