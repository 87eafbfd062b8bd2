//! Which events begin the outages, and which part would end the downtime.

use std::fmt;

/// The event that began an outage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A unit of a group failed in a mode: `db.crash`.
    Mode {
        /// Group (or component named directly).
        group: String,
        /// Failure mode.
        mode: String,
    },
    /// The common cause of a mode hit a group.
    CommonCause {
        /// Group.
        group: String,
        /// Failure mode.
        mode: String,
    },
    /// A domain went down.
    Domain(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode { group, mode } => write!(f, "{group}.{mode}"),
            Self::CommonCause { group, mode } => write!(f, "{group}.{mode} (common cause)"),
            Self::Domain(name) => f.write_str(name),
        }
    }
}

/// One line of the contributions.
#[derive(Clone, Debug, PartialEq)]
pub struct Contribution<K, T> {
    /// The event or the part.
    pub of: K,
    /// Its value.
    pub value: T,
}

/// Contributions to the outages and to the downtime (`T` is a number or an estimate).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contributions<T> {
    /// Outages per second by the event that began them; they add up to the failure frequency. Only causes that can begin one.
    pub begun_by: Vec<Contribution<Cause, T>>,
    /// For each name in `up`, in order of appearance: the share of the downtime during which the system would be up if
    /// that part were. These need not add up.
    pub ended_by: Vec<Contribution<String, T>>,
}
