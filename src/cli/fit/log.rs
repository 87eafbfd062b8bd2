//! Samples of an incident log: times to repair and times between failures, of the whole system or of its components.

use std::path::Path;

use clap::{Args, ValueEnum};

use crate::cli::fit::Input;
use crate::cli::fit::convert::Titled;
use crate::cli::log_args::{LoadedLog, LogArguments};
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::cli::values::positive_count;
use crate::data::{Downtime, Incident, Instant};
use crate::fit::{Course, Sample};
use crate::report::results::WarningInfo;
use crate::report::results::fit::FitLog;
use crate::study::history::{History, Unit};

/// What of a log is fitted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Incident log")]
pub(crate) struct FitLogArguments {
    /// Whose failures and repairs are fitted
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::System)]
    by: By,
    /// With `--by pooled`: how many units there are, those without incidents included [default: those with incidents]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = positive_count)]
    units: Option<u64>,
    /// Failures of different components that begin at most so long after one another came together
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, default_value = "0s")]
    together: String,
    #[command(flatten)]
    log: LogArguments,
}

/// Whose failures and repairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// The whole: down while any incident is
    System,
    /// Each component by itself
    Component,
    /// All components together, as units of one kind
    Pooled,
}

/// Components that are fitted one by one at most: those with the most outages.
const MOST_COMPONENTS: usize = 20;

/// One kind of unit with its history.
pub(crate) struct Kind {
    pub(crate) name: String,
    pub(crate) history: History,
    /// Places of its samples among all: repairs, lives.
    pub(crate) repairs: Option<usize>,
    pub(crate) lives: Option<usize>,
}

impl FitLogArguments {
    pub(crate) fn read(&self, path: &Path, session: &Session) -> Result<Input, Problem> {
        let apart = session.duration("--together", &self.together)?.seconds();
        if let Some(units) = self.units.filter(|_| self.by != By::Pooled) {
            return Err(Problem::value("--units", &units.to_string(), "only `--by pooled` has a number of units"));
        }
        let loaded = self.log.load(&[path.to_path_buf()])?;
        let components = History { window: loaded.window, units: components(&loaded), idle: 0 };
        let mut kinds = match self.by {
            By::System => vec![kind("service", History { units: vec![system(&loaded)], ..components.clone() })],
            By::Pooled => vec![kind("unit", History { idle: self.idle(&components)?, ..components.clone() })],
            By::Component => each(&components),
        };
        let (mut samples, mut warnings) = (Vec::new(), loaded.warnings.clone());
        for kind in &mut kinds {
            let component = (self.by == By::Component).then(|| kind.name.clone());
            kind.repairs = titled(&mut samples, "time to repair", component.clone(), &kind.history.repairs(), None);
            let courses = Some(kind.history.courses());
            kind.lives = titled(&mut samples, "up time between failures", component, &kind.history.lives(), courses);
        }
        if samples.is_empty() {
            return Err(Problem::usage("no outage begins and ends in the window, so there is nothing to fit")
                .help("`--from` and `--to` set the window, `--weights` what counts as an outage"));
        }
        if self.by == By::Component && components.units.len() > MOST_COMPONENTS {
            let message = format!(
                "{} of {} components are fitted: those with the most outages",
                MOST_COMPONENTS,
                components.units.len()
            );
            warnings.push(WarningInfo::new("components_left_out", message));
        }
        if let Some((severity, weight)) = loaded.part_weight() {
            let message = format!(
                "incidents of severity {severity} weigh {weight}, and count in full here: a component is up or down"
            );
            warnings.push(WarningInfo::new("weights_in_full", message));
        }
        let whole = History { units: vec![system(&loaded)], ..components.clone() };
        let whole_unavailability = (self.by == By::Component).then(|| whole.counts().unavailability());
        let log = Some(summary(&kinds, &components, apart));
        Ok(Input {
            name: loaded.info.name.clone().unwrap_or_default(),
            samples,
            log,
            warnings,
            kinds,
            whole_unavailability,
        })
    }

    fn idle(&self, components: &History) -> Result<u64, Problem> {
        let with = components.units.len() as u64;
        let Some(units) = self.units else { return Ok(0) };
        units
            .checked_sub(with)
            .ok_or_else(|| Problem::value("--units", &units.to_string(), format!("{with} units have incidents")))
    }
}

fn kind(name: &str, history: History) -> Kind {
    Kind { name: name.to_owned(), history, repairs: None, lives: None }
}

/// Each component by itself, those with the most outages first.
fn each(components: &History) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = components
        .units
        .iter()
        .map(|unit| kind(&unit.name, History { window: components.window, units: vec![unit.clone()], idle: 0 }))
        .collect();
    kinds.sort_by_cached_key(|kind| std::cmp::Reverse(kind.history.counts().outages));
    kinds.truncate(MOST_COMPONENTS);
    kinds
}

/// Adds a sample when there is something to fit; its place.
fn titled(
    samples: &mut Vec<Titled>,
    name: &str,
    component: Option<String>,
    observations: &[crate::fit::Observation],
    courses: Option<Vec<Course>>,
) -> Option<usize> {
    let sample = Sample::new(observations).ok()?;
    samples.push(Titled { name: name.to_owned(), component, sample, courses });
    Some(samples.len() - 1)
}

fn summary(kinds: &[Kind], components: &History, apart: f64) -> FitLog {
    let counts: Vec<_> = kinds.iter().map(|kind| kind.history.counts()).collect();
    let sum = |of: fn(&crate::study::history::Counts) -> f64| counts.iter().map(of).sum::<f64>();
    let (down, up) = (sum(|counts| counts.down), sum(|counts| counts.up));
    let outages: u64 = counts.iter().map(|counts| counts.outages).sum();
    let together = components.together(apart);
    FitLog {
        window_seconds: components.window.seconds(),
        units: counts.iter().map(|counts| counts.units).sum(),
        outages,
        downtime_seconds: down,
        mean_up_seconds: (outages > 0).then(|| up / outages as f64),
        mean_down_seconds: (outages > 0).then(|| down / outages as f64),
        unavailability: if down + up > 0.0 { down / (down + up) } else { 0.0 },
        component_failures: together.failures,
        simultaneous_failures: together.together,
        suggested_beta: (components.units.len() > 1).then(|| together.share()).flatten(),
    }
}

/// The whole of what was asked for, as one unit.
pub(crate) fn system(loaded: &LoadedLog) -> Unit {
    unit(loaded, String::new(), (&loaded.components, |incident| loaded.keeps(incident)))
}

/// The components that were asked for, one by one, those that were ever down: in one pass over the log for all of them.
pub(crate) fn components(loaded: &LoadedLog) -> Vec<Unit> {
    let log = &loaded.log;
    let mut is_open = vec![false; log.components.len()];
    for incident in log.incidents.iter().filter(|incident| incident.is_open()) {
        for index in &log.component_sets[incident.components as usize] {
            is_open[*index as usize] = true;
        }
    }
    let all = Downtime::of_components(log, &loaded.rule, loaded.now);
    let asked = |index: u32| loaded.components.is_empty() || loaded.components.contains(&index);
    let units = all.iter().zip(is_open).enumerate().filter(|(index, _)| asked(*index as u32));
    units
        .filter(|(_, (downtime, _))| !downtime.outages().clipped(&loaded.window).is_empty())
        .map(|(index, (downtime, is_open))| of(log.components[index].clone(), downtime, is_open.then_some(loaded.now)))
        .collect()
}

/// One component.
pub(crate) fn named(loaded: &LoadedLog, index: u32) -> Unit {
    let name = loaded.log.components[index as usize].clone();
    unit(loaded, name, (&[index], |incident| loaded.log.concerns(incident, index)))
}

fn unit(loaded: &LoadedLog, name: String, (components, keep): (&[u32], impl Fn(&Incident) -> bool)) -> Unit {
    let is_open = loaded.log.incidents.iter().any(|incident| incident.is_open() && keep(incident));
    let downtime = Downtime::of_some(&loaded.log, &loaded.rule, loaded.now, (components, keep));
    of(name, &downtime, is_open.then_some(loaded.now))
}

fn of(name: String, downtime: &Downtime, open_until: Option<Instant>) -> Unit {
    Unit {
        name,
        outages: downtime.outages().clone(),
        whole: downtime.uncut().clone(),
        left_out: downtime.left_out().clone(),
        open_until,
    }
}
