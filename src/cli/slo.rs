//! `slo`: objectives from a file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::data_file::{mistakes, read_data};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::source::sha256;
use crate::data::Mistake;
use crate::data::open_slo::{
    Alert, Budgeting, Document, IndicatorKind, ObjectiveOfFile, Slo, Span, WindowOfFile, read,
};
use crate::quantity::{Objective, Probability};
use crate::report::results::slo::{SloAlert, SloInfo, SloObjective, SloResult, SloSettings, SloWindow, UnusedInfo};
use crate::report::results::{ModelInfo, WarningInfo};
use crate::slo::Factor;
use crate::slo::account::allowed;

/// Read objectives in OpenSLO v1 and check them: targets, windows, methods, and alerts that can never fire.
///
/// All mistakes are listed at once, each with its line. Queries of metrics systems are left alone.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold slo shop.yaml\n  ninefold slo shop.yaml --format json\n  ninefold budget incidents.csv --slo shop.yaml    what a log has left of the budgets\n  ninefold burn incidents.csv --slo shop.yaml      which of the alerts fire, and would have fired"
)]
pub(crate) struct Arguments {
    /// File of OpenSLO v1 objectives, YAML or JSON; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let file = File::read(&arguments.file)?;
    let mut warnings = Vec::new();
    let slos = file.document.slos.iter().map(|slo| info(slo, session, &mut warnings)).collect();
    let unused = file.document.unused.iter().map(|part| UnusedInfo {
        kind: part.kind.clone(),
        name: part.name.clone(),
        line: file.line(part.place.start),
    });
    let result = SloResult { slos, unused: unused.collect() };
    let settings = SloSettings { year_seconds: session.units.year, month_seconds: session.units.month };
    let name = file.document.slos.first().map(|slo| slo.name.clone());
    let model = Some(ModelInfo { name, sha256: sha256(&file.text), set: Vec::new() });
    session.print(Report { command: "slo", model, settings, result, warnings })?;
    Ok(Exit::Done)
}

/// A file of objectives that has been read.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) document: Document,
    pub(crate) name: String,
    pub(crate) text: String,
}

impl File {
    /// Reads it, or shows all of its mistakes.
    pub(crate) fn read(path: &Path) -> Result<Self, Problem> {
        let (name, text) = read_data(path)?;
        match read(&text) {
            Ok(document) => Ok(Self { document, name, text }),
            Err(found) => Err(mistakes(name, text, found)),
        }
    }

    /// A mistake in it that shows only when it is used.
    pub(crate) fn mistake(&self, place: &Range<usize>, message: String) -> Problem {
        let mistake = Mistake { span: place.clone(), message, help: None };
        mistakes(self.name.clone(), self.text.clone(), vec![mistake])
    }

    /// The line of a byte, from 1.
    fn line(&self, byte: usize) -> usize {
        self.text.get(..byte).unwrap_or_default().matches('\n').count() + 1
    }
}

fn info(slo: &Slo, session: &Session, warnings: &mut Vec<WarningInfo>) -> SloInfo {
    let seconds = slo.window.as_ref().map(|window| usual_seconds(window.span, session));
    let objectives: Vec<SloObjective> = slo.objectives.iter().map(|found| objective(found, seconds)).collect();
    remarks(slo, warnings);
    let alerts = slo.alerts.iter().filter_map(|found| alert(found, slo, warnings)).collect();
    SloInfo {
        name: slo.name.clone(),
        display_name: slo.display_name.clone(),
        service: slo.service.clone(),
        indicator: slo.indicator.as_ref().map_or("none", |found| found.kind.name()).to_owned(),
        method: method_name(slo.budgeting).to_owned(),
        window: slo.window.as_ref().map(|window| window_info(window, session)),
        objectives,
        alerts,
    }
}

fn method_name(budgeting: Budgeting) -> &'static str {
    match budgeting {
        Budgeting::Occurrences => "occurrences",
        Budgeting::Timeslices => "timeslices",
        Budgeting::RatioTimeslices => "ratio timeslices",
    }
}

fn usual_seconds(span: Span, session: &Session) -> f64 {
    match span {
        Span::Seconds(seconds) => seconds as f64,
        Span::Month => session.units.month,
        Span::Quarter => session.units.year / 4.0,
        Span::Year => session.units.year,
    }
}

fn window_info(window: &WindowOfFile, session: &Session) -> SloWindow {
    SloWindow {
        window: window.text.clone(),
        kind: if window.is_rolling { "rolling" } else { "calendar" }.to_owned(),
        window_seconds: usual_seconds(window.span, session),
        time_zone: window.time_zone.clone(),
    }
}

fn objective(found: &ObjectiveOfFile, window_seconds: Option<f64>) -> SloObjective {
    let slices = found.slices.as_ref();
    let slice_seconds = slices.map(|slices| slices.seconds as f64);
    let number = window_seconds.zip(slice_seconds).map(|(window, slice)| window / slice);
    SloObjective {
        name: found.name.clone(),
        availability: found.objective.to_string(),
        unavailability: found.objective.unavailability().value(),
        allowed_seconds: window_seconds.map(|seconds| allowed(&found.objective, seconds)),
        slice_seconds,
        slice_target: slices.and_then(|slices| slices.target).map(Probability::value),
        allowed_slices: number.map(|number| allowed(&found.objective, number)),
    }
}

/// What the reader of the file must know.
fn remarks(slo: &Slo, warnings: &mut Vec<WarningInfo>) {
    let mut warn = |code: &str, message: String| warnings.push(WarningInfo::new(code, message));
    let name = &slo.name;
    match &slo.window {
        None => warn("no_window", format!("`{name}` has no `timeWindow`, so its budget has no length")),
        Some(window) => {
            if let Some(start) = &window.unaligned_start {
                let message = format!(
                    "the windows of `{name}` begin at `{start}`; budgets here begin with the calendar's {}",
                    match window.span {
                        Span::Month => "month",
                        Span::Quarter => "quarter",
                        Span::Year => "year",
                        Span::Seconds(_) => "day",
                    }
                );
                warn("unaligned_window", message);
            }
        }
    }
    if slo.indicator.as_ref().is_some_and(|found| found.kind == IndicatorKind::Elsewhere) {
        warn("other_file", format!("the indicator of `{name}` is not in this file"));
    }
    for policy in &slo.missing_policies {
        warn("other_file", format!("the alert policy or condition `{policy}` of `{name}` is not in this file"));
    }
}

/// An alert, judged for the loosest target: an alert that can fire there can fire for all.
fn alert(found: &Alert, slo: &Slo, warnings: &mut Vec<WarningInfo>) -> Option<SloAlert> {
    let budget = |at: &usize| slo.objectives[*at].objective.unavailability().value();
    let at = (0..slo.objectives.len()).max_by(|a, b| budget(a).total_cmp(&budget(b)))?;
    let objective: &Objective = &slo.objectives[at].objective;
    let factor = Factor::parse(&found.threshold);
    let burn_rate = factor.map_or_else(|| found.threshold.parse().unwrap_or(f64::MAX), Factor::value);
    let threshold = factor.map_or(burn_rate * budget(&at), |factor| factor.threshold(objective));
    let (lookback, after) = (found.lookback_seconds as f64, found.after_seconds as f64);
    let can_fire = threshold < 1.0;
    let mut warn = |code: &str, message: String| warnings.push(WarningInfo::new(code, message));
    if !can_fire {
        let message = format!(
            "the alert `{}` of `{}` can never fire: {} times the budget is all events or more",
            found.name, slo.name, found.threshold
        );
        warn("never_fires", message);
    }
    if let Some(refusal) = found.refusal() {
        let code = if found.comparison.is_above() { "alert_not_breaching" } else { "alerts_below" };
        warn(code, format!("{refusal}; no rule here does (`{}`)", slo.name));
    }
    Some(SloAlert {
        name: found.name.clone(),
        severity: found.severity.clone(),
        burn_rate,
        lookback_seconds: lookback,
        for_seconds: after,
        objective: at,
        threshold,
        can_fire,
        detect_seconds: can_fire.then_some(threshold * lookback + after),
    })
}
