//! `burn FILE`: burn rates now, which alerts fire, and when they would have fired.

use std::path::PathBuf;

use clap::Args;

use crate::cli::burn::scheme_args::{Chosen, SchemeArgs};
use crate::cli::events::{EventArguments, Events};
use crate::cli::exit::Exit;
use crate::cli::log_args::LogArguments;
use crate::cli::measured::Measured;
use crate::cli::objectives::{Wanted, in_one_zone, wanted};
use crate::cli::period::{Window, span, too_long};
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::data::Zone;
use crate::report::results::WarningInfo;
use crate::report::results::burn::{BurnOfLog, BurnResult, BurnRule, BurnSettings, FiringInfo, OtherBurn};
use crate::report::results::log::maintenance_text;
use crate::slo::account::burn_rate;
use crate::slo::firings::{Firing, firings};
use crate::slo::{Curve, Rule};

/// Options of `burn FILE`.
#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Log of incidents or states, or files of one Prometheus query
    #[arg(value_name = "LOG")]
    files: Vec<PathBuf>,
    /// The target, `99.95%` or `9 nines`, or a file of OpenSLO (`.yaml`)
    #[arg(long, value_name = "TARGET|FILE", required = true)]
    slo: Option<String>,
    #[command(flatten)]
    scheme: SchemeArgs,
    /// Exit with 1 when a rule fires now
    #[arg(long)]
    gate: bool,
    #[command(flatten)]
    events: EventArguments,
    #[command(flatten)]
    log: LogArguments,
}

/// Firings that are kept.
const MOST_FIRINGS: usize = 10_000;

pub(crate) fn run(arguments: &LogArgs, session: &Session) -> Result<Exit, Problem> {
    let slo = arguments.slo.as_deref().ok_or_else(|| Problem::usage("`--slo` is missing"))?;
    let mut wanted = wanted(slo)?;
    let log = in_one_zone(&mut wanted, &arguments.log)?;
    let measured = arguments.measured(&log)?;
    let mut warnings = measured.warnings.clone();
    let mut targets = Vec::new();
    let mut last = None;
    for one in &wanted {
        let rules = arguments.scheme.rules(one, session)?;
        let new = one.refusals().into_iter().filter(|one| !warnings.contains(one)).collect::<Vec<_>>();
        warnings.extend(new);
        let mut of_log = of_log(one, &rules, &measured, &measured.curve)?;
        if let Some((maintenance, curve, maintenance_seconds)) = measured.other_within(&measured.window) {
            let other = self::of_log(one, &rules, &measured, curve)?;
            of_log.other_reading = Some(OtherBurn {
                maintenance: maintenance_text(maintenance).to_owned(),
                maintenance_seconds,
                burn_rate: other.burn_rate,
                rules: other.rules,
            });
        }
        let (from, longest) =
            (measured.seconds(measured.window.start), rules.rules.iter().map(|rule| rule.long_seconds));
        if longest.max().is_some_and(|longest| -from < longest as f64) {
            let counted = if measured.counts_events { "counts nothing" } else { "is taken as good" };
            warnings.push(WarningInfo::new(
                "window_before_log",
                format!("a window reaches back beyond the log: the time before it {counted}"),
            ));
        }
        targets.push(of_log);
        last = Some(rules);
    }
    let rules = last.ok_or_else(|| Problem::usage("there is no target"))?;
    let settings = BurnSettings {
        scheme: rules.name.clone(),
        source: rules.source.clone(),
        period_seconds: rules.period_seconds as f64,
        window: rules.window.clone(),
        window_kind: rules.kind().to_owned(),
        time_zone: measured.zone.name().to_owned(),
        rule: (!measured.counts_events).then(|| arguments.log.rule().name),
    };
    let fires = targets.iter().flat_map(|target| &target.rules).any(|rule| rule.fires);
    let result = BurnResult { targets };
    session.print(Report { command: "burn", model: Some(measured.info), settings, result, warnings })?;
    Ok(if arguments.gate && fires { Exit::Gate } else { Exit::Done })
}

impl LogArgs {
    fn measured(&self, log: &LogArguments) -> Result<Measured, Problem> {
        if !self.events.are_given() {
            return Measured::log(&self.files, log);
        }
        match self.events.load(&self.files)? {
            Events::Numbers { .. } => Err(Problem::usage("numbers have no times, so nothing burns")
                .help("`ninefold budget --slo TARGET --good N --bad N` tells what is left")),
            Events::Series(series) => Measured::events(&series, log),
        }
    }
}

fn of_log(wanted: &Wanted, rules: &Chosen, measured: &Measured, curve: &Curve) -> Result<BurnOfLog, Problem> {
    let from = measured.seconds(measured.window.start);
    let budget = wanted.objective.unavailability().value();
    let share = |start: f64, end: f64| {
        let within = curve.within(start, end);
        (within.total > 0.0).then(|| burn_rate(&wanted.objective, within.bad, within.total))
    };
    let fired: Vec<Vec<Firing>> = rules
        .rules
        .iter()
        .map(|rule| firings(curve, rule, rule.factor.threshold(&wanted.objective), from, 0.0))
        .collect();
    let now = |seconds: u64| share(-(seconds as f64), 0.0);
    let rule = |(rule, fired): (&Rule, &Vec<Firing>)| BurnRule {
        severity: rule.severity.name().to_owned(),
        long_seconds: rule.long_seconds as f64,
        short_seconds: rule.short_seconds.map(|seconds| seconds as f64),
        for_seconds: rule.hold_seconds as f64,
        factor: rule.factor.value(),
        long_burn_rate: now(rule.long_seconds),
        short_burn_rate: rule.short_seconds.and_then(now),
        fires: fired.last().is_some_and(|firing| firing.end.is_none()),
        firings: fired.len() as u64,
        firing_seconds: fired.iter().map(length).fold(0.0, |sum, seconds| sum + seconds),
    };
    let mut all: Vec<(usize, &Firing)> =
        fired.iter().enumerate().flat_map(|(at, fired)| fired.iter().map(move |firing| (at, firing))).collect();
    all.sort_by(|a, b| a.1.start.total_cmp(&b.1.start).then(a.0.cmp(&b.0)));
    all.drain(..all.len().saturating_sub(MOST_FIRINGS));
    let zone = wanted.zone.as_ref().unwrap_or(&measured.zone);
    let begin = |seconds: f64| begin(rules, measured, zone, seconds);
    let firing = |(rule, firing): (usize, &Firing)| FiringInfo {
        rule,
        start: measured.shown(firing.start),
        end: firing.end.map(|end| measured.shown(end)),
        seconds: length(firing),
        used_share: begin(firing.start).ok().and_then(|(from, whole)| {
            // What a calendar window has used of its budget is its burn rate times the part that has passed.
            Some(share(from, firing.start)? * (firing.start - from) / whole)
        }),
    };
    let (start, _) = begin(0.0)?;
    Ok(BurnOfLog {
        name: wanted.name.clone(),
        availability: wanted.objective.to_string(),
        unavailability: budget,
        from: measured.shown(from),
        at: measured.shown(0.0),
        window_from: measured.shown(start),
        burn_rate: share(start, 0.0),
        other_reading: None,
        rules: rules.rules.iter().zip(&fired).map(rule).collect(),
        firings: all.into_iter().map(firing).collect(),
    })
}

/// When the window of the budget that a time is in begins, in seconds from the present, and how long all of it is.
fn begin(rules: &Chosen, measured: &Measured, zone: &Zone, seconds: f64) -> Result<(f64, f64), Problem> {
    let Some(calendar) = rules.calendar() else {
        let period = rules.period_seconds as f64;
        return Ok((seconds - period, period));
    };
    let at = measured.present().plus_seconds(seconds).ok_or_else(|| too_long(&rules.window))?;
    let span = span(Window::Calendar(calendar), at, zone)?;
    Ok((measured.seconds(span.interval.start), span.period.seconds))
}

fn length(firing: &Firing) -> f64 {
    firing.end.unwrap_or(0.0) - firing.start
}
