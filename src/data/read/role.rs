//! What a column is, by its name.

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

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) role: Role,
    /// Lower is better, where several columns have the same role.
    pub(crate) rank: usize,
    /// Nanoseconds of the unit in the name.
    pub(crate) unit: Option<i64>,
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
