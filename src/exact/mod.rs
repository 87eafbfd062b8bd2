//! Exact solution: which share of the time the system is down, how often it fails, and why.
//!
//! The model falls apart into independent pieces ([`partition`](crate::structure::partition)): plain groups whose units fail and come back on their own,
//! domains that no dependent group feels, and modules of dependent groups (standbys, crews, common causes, load) with the
//! domains they feel. A module of which a closed form is known needs no more ([`product`]); any other is a Markov chain over
//! canonical states, explored from [`dynamics`](crate::dynamics) and solved with proven bounds ([`chain`]); each plain part is a closed form ([`plain`](crate::structure::plain)). All are variables of one
//! decision diagram ([`structure`](crate::structure)), which gives unavailability and failure frequency of the system.
//!
//! Only sums of non-negative products occur, so relative accuracy survives at 1e-15; it is reported. Checked in
//! `tests/agreement` against closed forms and an independent solver.

pub mod applies;
mod approximate;
mod bounds;
mod capacity;
mod chain;
mod enclosure;
pub mod fault_tree;
pub mod kept;
mod product;
mod sensitivity;
mod slopes;
mod subsets;
mod system;
pub mod transient;

use thiserror::Error;

pub use sensitivity::sensitivity;

use crate::measure::{BoundedMeasures, ExactMeasures, Observer, PhasedTime, Stop, Warning};
use crate::quantity::counted;
use crate::structure::apply::Ended;
use crate::structure::build::{BuildError, tried};
use crate::structure::diagram::{MOST_NODES, TooLarge};
use crate::structure::solved::StructureSettings;
use crate::structure::static_tree;
use crate::topology::Model;

/// Nodes of the diagram of a static topology, before it is bounded as a fault tree: a fraction of a second.
const MOST_NODES_BEFORE_TREE: usize = 200_000;

/// How to solve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Canonical states that one module may have.
    pub max_states: usize,
    /// Bytes that the chain of one module may take, about.
    pub max_bytes: u64,
    /// Whether dependent times that are not exponential are replaced by exponentials of the same mean.
    pub approximate: bool,
    /// Phases, at most, that a dependent time is fitted with when it is not made of phases; without it such times are refused.
    pub phases: Option<u32>,
    /// Nodes that the decision diagram of the system may have.
    pub max_nodes: usize,
}

impl Default for Settings {
    /// 200,000 states take about a second and 50 MB; with very many units each takes more.
    fn default() -> Self {
        Self { max_states: 200_000, max_bytes: 2 << 30, approximate: false, phases: None, max_nodes: MOST_NODES }
    }
}

/// Why there is no exact solution.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum Error {
    /// A time that matters is not made of exponential phases.
    #[error("{what}, but {} {} not exponential, Erlang or hyperexponential", list(fields), verb(fields))]
    NotMadeOfPhases {
        /// Who needs such times, and where.
        what: &'static str,
        /// The fields of the file, such as `component.web.mttr`.
        fields: Vec<String>,
    },
    /// A chain over everything is asked for, and a time that matters to it is not exponential.
    #[error("{what} exponential times everywhere, but {} {} not exponential", list(fields), verb(fields))]
    NotExponentialAnywhere {
        /// Who needs them, with the verb.
        what: &'static str,
        /// The fields of the file.
        fields: Vec<String>,
    },
    /// A part that matters has only a probability.
    #[error("a part has only an `unavailability`: nothing can be said about a time, or the length of an outage")]
    NoTimes,
    /// A module has too many states.
    #[error("the Markov chain of {} has more than {}{}", list(groups), counted(*limit as u64, "state"), far_more(*least))]
    TooManyStates {
        /// Names of its groups.
        groups: Vec<String>,
        /// The limit.
        limit: usize,
        /// How many it has at least; 0 where exploring it has not come to an end.
        least: f64,
        /// Bytes that each of them takes, about.
        bytes_each: u64,
    },
    /// A module has so many or so large states that memory is short.
    #[error(
        "the Markov chain of {} takes more than {} MiB of memory: {} so far, and that was not all",
        list(groups),
        limit >> 20,
        counted(*states as u64, "state")
    )]
    TooMuchMemory {
        /// Names of its groups.
        groups: Vec<String>,
        /// States found.
        states: usize,
        /// The limit, in bytes.
        limit: u64,
    },
    /// Bounds need a part whose failures are repaired faster than they come.
    #[error(
        "no bounds hold for the Markov chain of {}: up to {:.4} failures come during the slowest way back of {:.4} h, and bounds need fewer than 1",
        list(groups),
        losses_per_second * way_back_seconds,
        way_back_seconds / 3_600.0
    )]
    TooFastForBounds {
        /// Names of its groups.
        groups: Vec<String>,
        /// Failures of units and domains, at most.
        losses_per_second: f64,
        /// The longest mean time from a failure to service, when nothing stands in the way.
        way_back_seconds: f64,
    },
    /// Bounds need a solution from every state in which everything is up.
    #[error(
        "no bounds are known for the Markov chain of {}: all is up in more than {limit} different states",
        list(groups)
    )]
    TooManyAllUp {
        /// Names of its groups.
        groups: Vec<String>,
        /// The limit.
        limit: usize,
    },
    /// The decision diagram is too large.
    #[error(transparent)]
    Diagram(#[from] TooLarge),
    /// The decision diagram of a structure could not be built.
    #[error(
        "the decision diagram of a part with {inputs} inputs is too large for {} in {}",
        counted(*limit as u64, "node"),
        tried(*orders)
    )]
    Structure {
        /// Inputs of the part.
        inputs: usize,
        /// The limit.
        limit: usize,
        /// Orders tried.
        orders: usize,
    },
    /// The iteration did not reach its accuracy.
    #[error("the solution of the Markov chain of {} did not converge: relative residual {residual:e}", list(groups))]
    NotConverged {
        /// Names of its groups.
        groups: Vec<String>,
        /// Largest relative residual of a balance equation.
        residual: f64,
    },
    /// The unavailability is too small for doubles.
    #[error("the unavailability is not 0, but below 1e-290: too small to compute with")]
    TooSmall,
    /// The observer ended the computation.
    #[error("{}", stopped(*.0))]
    Stopped(Stop),
}

impl Error {
    /// Whether a chain or the diagram over all parts is beyond its limit, so that bounds may be had.
    pub fn is_too_large(&self) -> bool {
        matches!(self, Self::TooManyStates { .. } | Self::TooMuchMemory { .. } | Self::Diagram(_))
    }
}

/// How many states there are at least.
fn far_more(least: f64) -> String {
    match least {
        0.0 => String::new(),
        _ if least < 1e6 => format!(": at least {least:.0}"),
        _ => format!(": at least {least:.1e}"),
    }
}

fn stopped(stop: Stop) -> &'static str {
    match stop {
        Stop::Interrupted => "stopped before the solution was complete",
        Stop::TimeLimit => "the time limit ended before there was a solution, or bounds of it",
    }
}

impl From<Ended> for Error {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::TooLarge(error) => Self::Diagram(error),
            Ended::Stopped(stop) => Self::Stopped(stop),
        }
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::TooLarge { inputs, limit, orders } => Self::Structure { inputs, limit, orders },
            BuildError::Stopped(stop) => Self::Stopped(stop),
        }
    }
}

/// The first names of a list.
fn list(fields: &[String]) -> String {
    let more = if fields.len() > 5 { format!(" and {} more", fields.len() - 5) } else { String::new() };
    quoted(&fields[..fields.len().min(5)]) + &more
}

fn verb(fields: &[String]) -> &'static str {
    if fields.len() == 1 { "is" } else { "are" }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Proven bounds of the long-run measures of `model`, of whose chains only the states that weigh most are explored: until the relative
/// width of unavailability and frequency is `precision` (positive) or less, all is explored, a module has `settings.max_states`
/// explored states, or `observer` ends it. Bounds are never refused for being wide.
///
/// # Errors
/// When a dependent part is neither made of phases nor to be fitted, when failures come faster than they are repaired ([`Error::TooFastForBounds`]), when all is up
/// in too many states ([`Error::TooManyAllUp`]), when the diagram over dependent parts is too large, or when `observer` stops it before there are any bounds.
pub fn bounds(
    model: &Model,
    settings: &Settings,
    precision: f64,
    observer: &dyn Observer,
) -> Result<BoundedMeasures, Error> {
    let twin = settings.approximate.then(|| approximate::exponential(model));
    let solved = twin.as_ref().map_or(model, |(twin, _)| twin);
    let tree = static_tree::fault_tree(solved).ok();
    // The diagram of a static topology need not be complete: its fault tree has bounds, for which there must be time.
    let most = if tree.is_some() { MOST_NODES_BEFORE_TREE } else { usize::MAX };
    let limited = Settings { max_nodes: settings.max_nodes.min(most), ..settings.clone() };
    let mut measures = match (bounds::bounds(solved, &limited, precision, observer), tree) {
        (Err(Error::Diagram(_)), Some(tree)) => {
            let structure = StructureSettings { most_nodes: settings.max_nodes, ..StructureSettings::default() };
            fault_tree::bound_tree(&tree, &structure, precision, observer)
        }
        (found, _) => found,
    }?;
    measures.warnings.extend(twin.and_then(|(_, fields)| approximation(&fields)));
    measures.warnings.extend(fits(&measures.phased_times));
    Ok(measures)
}

/// What to say where other times were replaced.
fn approximation(fields: &[String]) -> Option<Warning> {
    let message =
        format!("an approximation: {} taken as exponential with the same mean; the error is not bounded", list(fields));
    (!fields.is_empty()).then_some(Warning { code: "approximate", message })
}

/// What to say where times were fitted.
fn fits(times: &[PhasedTime]) -> Option<Warning> {
    let message = |fitted| format!("an approximation: fitted {fitted}; the error is not bounded");
    fitted(times).map(|fitted| Warning { code: "fitted_phases", message: message(fitted) })
}

/// The times that were fitted, and how.
fn fitted(times: &[PhasedTime]) -> Option<String> {
    let fitted = |time: &PhasedTime| {
        let what = match time.fitted_moments? {
            1 => "its mean",
            2 => "two moments",
            _ => "three moments",
        };
        let phases = if time.phases == 1 { "phase" } else { "phases" };
        Some(format!("`{}` by {what} with {} {phases}", time.field, time.phases))
    };
    let fitted: Vec<String> = times.iter().filter_map(fitted).collect();
    (!fitted.is_empty()).then(|| fitted.join(", "))
}

/// Solves `model`.
///
/// # Errors
/// When a dependent part is neither made of phases nor to be fitted, or too large, when the iteration does not converge, or when `observer`
/// stops it.
pub fn solve(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<ExactMeasures, Error> {
    let twin = settings.approximate.then(|| approximate::exponential(model));
    let mut measures = system::solve(twin.as_ref().map_or(model, |(twin, _)| twin), settings, observer)?;
    measures.warnings.extend(twin.and_then(|(_, fields)| approximation(&fields)));
    measures.warnings.extend(fits(&measures.phased_times));
    Ok(measures)
}

/// Solves `model` as one Markov chain over everything that matters, without taking it apart first: far more work, and another way
/// to the same numbers.
///
/// # Errors
/// As [`solve`], where every time must be exponential.
pub fn solve_as_one_chain(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<ExactMeasures, Error> {
    system::solve_as_one_chain(model, settings, observer)
}
