//! What a column is, by its name.

use crate::data::read::row::is_nothing;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// When an incident began.
    Start,
    /// When it ended.
    End,
    /// How long it lasted.
    Duration,
    /// How bad it was.
    Severity,
    /// What it concerned.
    Component,
    /// Whether it was planned.
    Planned,
    /// When it was noticed, or how long after the start.
    Detected,
    /// Its name.
    Id,
    /// The time of a change of state.
    Time,
    /// The state from then on.
    State,
}

/// How many roles there are.
pub(crate) const ROLES: usize = 10;

/// Each role with its names, the best first: small letters and digits only, as [`plain`] makes them.
const NAMES: [(Role, &[&str]); ROLES] = [
    (
        Role::Start,
        &[
            "start",
            "startedat",
            "starttime",
            "begin",
            "beginning",
            "starts",
            "started",
            "startat",
            "startdate",
            "probstarted",
            "downtimestart",
            "eventstart",
            "eventstarttime",
            "outagestart",
            "incidentstart",
            "startunix",
            "scheduledfor",
            "from",
            "createdat",
            "created",
        ],
    ),
    (
        Role::End,
        &[
            "end",
            "endedat",
            "endtime",
            "ends",
            "ended",
            "endat",
            "enddate",
            "resolvedat",
            "resolved",
            "probfixed",
            "downtimeend",
            "eventend",
            "eventendtime",
            "eventstoptime",
            "outageend",
            "incidentend",
            "endunix",
            "stop",
            "stoptime",
            "finish",
            "finishedat",
            "recoveredat",
            "recovered",
            "restoredat",
            "restored",
            "fixedat",
            "fixed",
            "resolvedtime",
            "resolutiontime",
            "scheduleduntil",
            "until",
            "to",
            "closedat",
            "closed",
        ],
    ),
    (Role::Duration, &["duration", "downtime", "outage", "length", "elapsed", "timetoresolve", "toresolve", "ttr"]),
    (Role::Severity, &["severity", "impact", "statusimpact", "urgency", "priority", "sev"]),
    (
        Role::Component,
        &[
            "component",
            "components",
            "service",
            "services",
            "servicename",
            "node",
            "nodename",
            "nodeid",
            "monitor",
            "affectedcomponents",
            "affectedservices",
            "affectedproducts",
            "unit",
            "host",
            "instance",
        ],
    ),
    (Role::Planned, &["planned", "maintenance", "scheduled", "isplanned", "ismaintenance"]),
    (
        Role::Detected,
        &["detected", "detectedat", "acknowledged", "acknowledgedat", "timetodetect", "toengage", "toacknowledge"],
    ),
    (Role::Id, &["id", "incidentid", "incidentnumber", "number", "key", "title", "name"]),
    (Role::Time, &["time", "timestamp", "ts", "at", "date", "datetime"]),
    (Role::State, &["state", "eventtype", "up", "isup", "status", "value"]),
];

/// Units that a name can end with or begin with, and their nanoseconds.
const UNITS: [(&str, i64); 17] = [
    ("milliseconds", 1_000_000),
    ("millis", 1_000_000),
    ("seconds", 1_000_000_000),
    ("minutes", 60_000_000_000),
    ("hours", 3_600_000_000_000),
    ("days", 86_400_000_000_000),
    ("second", 1_000_000_000),
    ("minute", 60_000_000_000),
    ("hour", 3_600_000_000_000),
    ("secs", 1_000_000_000),
    ("mins", 60_000_000_000),
    ("hrs", 3_600_000_000_000),
    ("sec", 1_000_000_000),
    ("min", 60_000_000_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("h", 3_600_000_000_000),
];

impl Role {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; ROLES] = [
        Self::Start,
        Self::End,
        Self::Duration,
        Self::Severity,
        Self::Component,
        Self::Planned,
        Self::Detected,
        Self::Id,
        Self::Time,
        Self::State,
    ];

    /// Its name, as `--map` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
            Self::Duration => "duration",
            Self::Severity => "severity",
            Self::Component => "component",
            Self::Planned => "planned",
            Self::Detected => "detected",
            Self::Id => "id",
            Self::Time => "time",
            Self::State => "state",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Names of ends that may as well stand for lengths of time, or for yes and no: ends only where they hold times.
const DOUBTFUL_ENDS: [&str; 4] = ["recovered", "restored", "fixed", "resolutiontime"];
/// No time is shorter: a date, or seconds since 2001.
const SHORTEST_TIME: usize = 10;

/// Whether what the name says is no end after all, because of the first value in its column.
pub(crate) fn is_no_end(name: &str, first: Option<&str>) -> bool {
    let (name, _) = parts(&plain(name));
    let first = first.map_or("", str::trim);
    DOUBTFUL_ENDS.contains(&name.as_str()) && !is_nothing(first) && first.len() < SHORTEST_TIME
}

/// What the name of a column says about the times in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Nothing: times without a zone are in that of the options.
    #[default]
    AsAsked,
    /// Times without a zone are in UTC.
    Utc,
    /// Plain numbers are seconds since 1970.
    UnixSeconds,
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) role: Role,
    /// Lower is better, where several columns have the same role.
    pub(crate) rank: usize,
    /// Nanoseconds of the unit in the name.
    pub(crate) unit: Option<i64>,
}

/// A plain name without what stands in parentheses or brackets at its end, and that: `duration` and `min`.
fn parts(name: &str) -> (String, Option<&str>) {
    let within = |open: char, close: char| name.strip_suffix(close)?.rsplit_once(open);
    let found = within('(', ')').or_else(|| within('[', ']')).filter(|(front, _)| !front.is_empty());
    found.map_or_else(|| (name.to_owned(), None), |(front, note)| (front.to_owned(), Some(note)))
}

/// What a name says about the times of its column.
pub(crate) fn clock(name: &str) -> Clock {
    let name = plain(name);
    match parts(&name) {
        (_, Some("utc" | "gmt" | "z")) => Clock::Utc,
        (_, Some("unix" | "epoch" | "unixseconds" | "epochseconds")) => Clock::UnixSeconds,
        (name, None) if ["unix", "unixseconds", "epochseconds"].iter().any(|end| name.ends_with(end)) => {
            Clock::UnixSeconds
        }
        _ => Clock::AsAsked,
    }
}

/// The nanoseconds of the unit that a name says.
pub(crate) fn unit_of(name: &str) -> Option<i64> {
    let name = plain(name);
    parts(&name).1.and_then(unit_nanoseconds).or_else(|| meaning(&name).and_then(|meaning| meaning.unit))
}

/// Small letters and digits only: `Prob Started`, `prob_started` and `prob-started` are the same name.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '\t')).flat_map(char::to_lowercase).collect()
}

/// The meaning of a column by its name.
pub(crate) fn meaning(name: &str) -> Option<Meaning> {
    let name = plain(name);
    let find = |name: &str| {
        NAMES.iter().find_map(|(role, names)| names.iter().position(|known| *known == name).map(|rank| (*role, rank)))
    };
    if let Some((role, rank)) = find(&name) {
        return Some(Meaning { role, rank, unit: None });
    }
    if let (front, Some(note)) = parts(&name) {
        let (role, rank) = find(&front)?;
        let unit = unit_nanoseconds(note).filter(|_| matches!(role, Role::Duration | Role::Detected));
        let is_known = unit.is_some() || clock(&name) != Clock::AsAsked;
        return is_known.then_some(Meaning { role, rank, unit });
    }
    let timed = |(role, rank): (Role, usize), unit: i64| {
        matches!(role, Role::Duration | Role::Detected).then_some(Meaning { role, rank: rank + 100, unit: Some(unit) })
    };
    UNITS.iter().find_map(|(unit, nanoseconds)| {
        let rest = name.strip_suffix(unit).or_else(|| name.strip_prefix(unit)).filter(|rest| !rest.is_empty())?;
        let rest = rest.strip_suffix("in").unwrap_or(rest);
        find(rest).and_then(|found| timed(found, *nanoseconds))
    })
}

/// The nanoseconds of a unit by its name, for `--duration-unit`.
pub fn unit_nanoseconds(name: &str) -> Option<i64> {
    let name = plain(name);
    let known = UNITS.iter().find(|(unit, _)| *unit == name).map(|(_, nanoseconds)| *nanoseconds);
    known.or(match name.as_str() {
        "m" => Some(60_000_000_000),
        "d" | "day" => Some(86_400_000_000_000),
        _ => None,
    })
}
