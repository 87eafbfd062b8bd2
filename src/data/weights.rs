//! How much an incident counts, by its severity.
//!
//! Vendors count differently (a partial outage is 1, 0.5, 0.3 or nothing of an outage), so the weights are a table that the reader
//! sees. A severity belongs to one of five classes; a rule gives each class a weight, and single severities may be given
//! their own.

use crate::data::incident::{Incident, IncidentLog};
use crate::data::read::plain;

/// Classes of severities, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Everything is down: `critical`, `P1`, `SEV1`, `full_outage`.
    Critical,
    /// Much is down: `major`, `P2`, `high`, `major_outage`.
    Major,
    /// A part is down: `minor`, `P3`, `partial_outage`, `medium`, `low`.
    Minor,
    /// It works, but worse: `degraded`, `degraded_performance`, `P4`.
    Degraded,
    /// No effect: `none`, `operational`.
    None,
}

/// Severities and their classes: small letters without spaces, `_` and `-`.
const CLASSES: [(Class, &[&str]); 5] = [
    (
        Class::Critical,
        &["critical", "full", "fulloutage", "p0", "p1", "sev0", "sev1", "blocker", "fatal", "serviceoutage", "down"],
    ),
    (Class::Major, &["major", "majoroutage", "high", "p2", "sev2", "error"]),
    (
        Class::Minor,
        &["minor", "partial", "partialoutage", "medium", "moderate", "low", "p3", "sev3", "servicedisruption"],
    ),
    (Class::Degraded, &["degraded", "degradedperformance", "p4", "sev4", "p5", "sev5", "warning"]),
    (Class::None, &["none", "operational", "info", "informational", "notice", "serviceinformation"]),
];

impl Class {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::Major, Self::Minor, Self::Degraded, Self::None];

    /// The class of a severity, if it is a known one.
    pub fn of(severity: &str) -> Option<Self> {
        let plain = plain(severity.trim());
        CLASSES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(class, _)| *class)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Degraded => "degraded",
            Self::None => "none",
        }
    }
}

/// How planned maintenance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintenance {
    /// Neither as up nor as down: the time of maintenance is left out, with the outages inside of it.
    Exclude,
    /// As downtime.
    Count,
    /// As if it were not in the log.
    Ignore,
}

/// A rule: what counts as downtime, and how much.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub source: &'static str,
    /// The weight of each class, in the order of [`Class::ALL`]; each from 0 to 1.
    pub weights: [f64; 5],
    /// Weights of single severities, by their name without regard to case, spaces, `_` and `-`.
    pub own: Vec<(String, f64)>,
    /// What planned maintenance counts.
    pub maintenance: Maintenance,
}

/// Rules by name: weights of critical, major, minor, degraded, none; maintenance; source.
const RULES: [(&str, [f64; 5], Maintenance, &str); 7] = [
    ("default", [1.0, 1.0, 1.0, 0.0, 0.0], Maintenance::Exclude, "every incident with an effect counts in full"),
    ("major", [1.0, 1.0, 0.0, 0.0, 0.0], Maintenance::Exclude, "major and worse only"),
    ("critical", [1.0, 0.0, 0.0, 0.0, 0.0], Maintenance::Exclude, "critical only"),
    ("half", [1.0, 1.0, 0.5, 0.0, 0.0], Maintenance::Exclude, "minor counts half (codingissolved.com)"),
    ("statuspage", [1.0, 1.0, 0.3, 0.0, 0.0], Maintenance::Exclude, "partial outages count 0.3 (Statuspage, Instatus)"),
    ("incident-io", [1.0, 1.0, 1.0, 0.0, 0.0], Maintenance::Ignore, "degraded and maintenance are up (incident.io)"),
    ("openstatus", [1.0, 1.0, 1.0, 0.0, 0.0], Maintenance::Count, "maintenance is downtime (openstatus)"),
];

impl Default for Rule {
    fn default() -> Self {
        Self::named("default").expect("the default has its name")
    }
}

impl Rule {
    /// Names of the rules that are there.
    pub fn names() -> impl Iterator<Item = &'static str> {
        RULES.iter().map(|(name, ..)| *name)
    }

    /// All rules that have a name.
    pub fn all() -> Vec<Self> {
        Self::names().filter_map(Self::named).collect()
    }

    /// The rule of that name.
    pub fn named(wanted: &str) -> Option<Self> {
        let (name, weights, maintenance, source) = RULES.iter().find(|(name, ..)| *name == wanted)?;
        let (weights, maintenance) = (*weights, *maintenance);
        Some(Self { name: (*name).to_owned(), source, weights, own: Vec::new(), maintenance })
    }

    /// The weight of a severity: its own, or that of its class. What has no severity, or none that is known, counts in full.
    pub fn weight(&self, severity: Option<&str>) -> f64 {
        let Some(severity) = severity else { return 1.0 };
        let own = self.own(severity);
        let of_class = || Class::of(severity).map_or(1.0, |class| self.weights[class as usize]);
        own.unwrap_or_else(of_class)
    }

    /// The weight that a severity was given of its own.
    fn own(&self, severity: &str) -> Option<f64> {
        let wanted = plain(severity.trim());
        self.own.iter().find(|(name, _)| plain(name.trim()) == wanted).map(|(_, weight)| *weight)
    }

    /// Severities with a weight of their own that are not among `severities`.
    pub fn unused<'a>(&'a self, severities: &[String]) -> impl Iterator<Item = &'a str> {
        let present: Vec<String> = severities.iter().map(|one| plain(one.trim())).collect();
        let own = self.own.iter().map(|(name, _)| name.as_str());
        own.filter(move |name| !present.contains(&plain(name.trim())))
    }

    /// Whether it is known how much a severity weighs; what is not known counts in full.
    pub fn knows(&self, severity: &str) -> bool {
        self.own(severity).is_some() || Class::of(severity).is_some()
    }
}

/// The weight of each severity of a log under a rule, looked up once.
#[derive(Clone, Debug, PartialEq)]
pub struct LogWeights {
    of_severity: Vec<f64>,
    without: f64,
}

impl LogWeights {
    /// Of the severities of `log`.
    pub fn new(log: &IncidentLog, rule: &Rule) -> Self {
        let of_severity = log.severities.iter().map(|severity| rule.weight(Some(severity))).collect();
        Self { of_severity, without: rule.weight(None) }
    }

    /// Of an incident of that log, planned or not.
    pub fn of(&self, incident: &Incident) -> f64 {
        incident.severity.map_or(self.without, |index| self.of_severity[index as usize])
    }
}
