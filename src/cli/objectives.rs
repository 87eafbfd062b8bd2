//! Objectives of `--slo`: a target, or those of an OpenSLO file.

use std::path::Path;

use crate::cli::log_args::LogArguments;
use crate::cli::period::{Window, too_long};
use crate::cli::problem::Problem;
use crate::cli::slo::File;
use crate::data::open_slo::{Alert, Budgeting, Slices, Slo, Span, WindowOfFile};
use crate::data::{Period, Zone};
use crate::quantity::{Duration, Objective, Probability};
use crate::report::results::WarningInfo;
use crate::slo::methods::Method;
use crate::slo::{Factor, Rule, Severity};

/// A target with what its file says of window and method.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// Its name in a file.
    pub(crate) name: Option<String>,
    pub(crate) objective: Objective,
    pub(crate) window: Option<Window>,
    pub(crate) zone: Option<Zone>,
    pub(crate) method: Option<Method>,
    /// Length of a slice, and the share of it that may be bad.
    pub(crate) slice_seconds: Option<f64>,
    pub(crate) slice_budget: Option<f64>,
    /// Alerts of the file on burn rates above a threshold.
    pub(crate) rules: Vec<Rule>,
    /// Why other alerts of the file are no rules.
    pub(crate) refused: Vec<String>,
}

impl Wanted {
    /// Alerts of the file that are left out, as warnings.
    pub(crate) fn refusals(&self) -> Vec<WarningInfo> {
        self.refused.iter().map(|reason| WarningInfo::new("alert_left_out", reason.clone())).collect()
    }
}

/// Reads `--slo`: a file when its name ends as one of YAML or JSON, else a target.
pub(crate) fn wanted(text: &str) -> Result<Vec<Wanted>, Problem> {
    let path = Path::new(text);
    let is_file = path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known));
    if !is_file {
        let objective = text.parse().map_err(|error| Problem::value("--slo", text, error))?;
        return Ok(vec![Wanted {
            name: None,
            objective,
            window: None,
            zone: None,
            method: None,
            slice_seconds: None,
            slice_budget: None,
            rules: Vec::new(),
            refused: Vec::new(),
        }]);
    }
    of_file(&File::read(path)?)
}

/// One zone for the window of the log and the calendar of its budgets: that of `--tz`, else that of the file.
pub(crate) fn in_one_zone(wanted: &mut [Wanted], log: &LogArguments) -> Result<LogArguments, Problem> {
    if log.names_zone() {
        for one in wanted {
            one.zone = None;
        }
        return Ok(log.clone());
    }
    let mut zones: Vec<&Zone> = wanted.iter().filter_map(|one| one.zone.as_ref()).collect();
    zones.sort_by_key(|zone| zone.name());
    zones.dedup_by_key(|zone| zone.name());
    match zones.as_slice() {
        [zone] => Ok(log.with_calendar((*zone).clone())),
        [one, other, ..] if log.names_window() => {
            let message = format!(
                "the file has windows in several zones, `{}` and `{}`, and does not say which one the window of the log \
                 is meant in",
                one.name(),
                other.name()
            );
            Err(Problem::usage(message).help(format!("`--tz {}` reads all of them in this one", one.name())))
        }
        _ => Ok(log.clone()),
    }
}

/// All objectives of a file.
fn of_file(file: &File) -> Result<Vec<Wanted>, Problem> {
    let slos = file.document.slos.iter().map(|slo| of_slo(slo, file));
    Ok(slos.collect::<Result<Vec<_>, _>>()?.concat())
}

fn of_slo(slo: &Slo, file: &File) -> Result<Vec<Wanted>, Problem> {
    let window = slo.window.as_ref().map(|window| window_of(window, file)).transpose()?;
    let zone = slo.window.as_ref().and_then(|window| Some((window, window.time_zone.as_ref()?)));
    let zone = zone.map(|(window, name)| {
        Zone::parse(name).ok_or_else(|| file.mistake(&window.place, format!("there is no time zone `{name}`")))
    });
    let zone = zone.transpose()?;
    let method = match slo.budgeting {
        Budgeting::Occurrences => Method::Occurrences,
        Budgeting::Timeslices => Method::Timeslices,
        Budgeting::RatioTimeslices => Method::RatioTimeslices,
    };
    let several = slo.objectives.len() > 1;
    let wanted = slo.objectives.iter().enumerate().map(|(at, found)| {
        let part = found.name.clone().or_else(|| several.then(|| format!("{}", at + 1)));
        let slices = found.slices.as_ref();
        Wanted {
            name: Some(part.map_or_else(|| slo.name.clone(), |part| format!("{}: {part}", slo.name))),
            objective: found.objective.clone(),
            window,
            zone: zone.clone(),
            method: Some(method),
            slice_seconds: slices.map(|slices| slices.seconds as f64),
            slice_budget: slices.and_then(|slices: &Slices| slices.target).map(Probability::complement),
            rules: slo.alerts.iter().filter_map(rule).collect(),
            refused: slo.alerts.iter().filter_map(refusal).collect(),
        }
    });
    Ok(wanted.collect())
}

/// The one target of a text or a file.
pub(crate) fn single(text: &str) -> Result<Wanted, Problem> {
    let mut all = wanted(text)?;
    match all.len() {
        1 => Ok(all.remove(0)),
        count => Err(Problem::value("--slo", text, format!("the file has {count} targets, and one is expected"))
            .help("write the target, such as `99.95%`")),
    }
}

/// An alert on burn rates above a threshold as a rule of one window.
fn rule(alert: &Alert) -> Option<Rule> {
    let slow = ["ticket", "warning", "low", "info"];
    let severity = alert.severity.to_lowercase();
    Some(Rule {
        severity: if slow.iter().any(|word| severity.contains(word)) { Severity::Ticket } else { Severity::Page },
        long_seconds: alert.lookback_seconds,
        short_seconds: None,
        factor: Factor::parse(&alert.threshold).filter(|_| alert.refusal().is_none())?,
        hold_seconds: alert.after_seconds,
    })
}

/// Why an alert is no rule.
fn refusal(alert: &Alert) -> Option<String> {
    let unread = || {
        Factor::parse(&alert.threshold)
            .is_none()
            .then(|| format!("the alert `{}` has a threshold of more than 9 decimals, {}", alert.name, alert.threshold))
    };
    alert.refusal().or_else(unread).map(|reason| format!("{reason}; it is left out"))
}

fn window_of(window: &WindowOfFile, file: &File) -> Result<Window, Problem> {
    if let Some(start) = &window.unaligned_start {
        let message =
            format!("windows that begin at `{start}` are not counted; they begin with a month, quarter or year");
        return Err(file.mistake(&window.place, message));
    }
    Ok(match (window.span, window.is_rolling) {
        (Span::Month, _) => Window::Calendar(Period::Month),
        (Span::Quarter, _) => Window::Calendar(Period::Quarter),
        (Span::Year, _) => Window::Calendar(Period::Year),
        (Span::Seconds(86_400), false) => Window::Calendar(Period::Day),
        (Span::Seconds(604_800), false) => Window::Calendar(Period::Week),
        (Span::Seconds(seconds), _) => {
            let length = Duration::from_seconds(seconds as f64);
            Window::Rolling(length.ok_or_else(|| too_long(&window.text))?)
        }
    })
}
