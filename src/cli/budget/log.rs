//! `budget --slo`: what a log or counted events have left of a budget.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::budget::counter::{AT_RISK_BELOW, Counter, account_info};
use crate::cli::events::{EventArguments, Events};
use crate::cli::exit::Exit;
use crate::cli::log_args::LogArguments;
use crate::cli::measured::Measured;
use crate::cli::objectives::{Wanted, in_one_zone, wanted};
use crate::cli::period::{Span, Window, calendar_name, shown, span};
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::{level, positive_number};
use crate::data::{Period as Calendar, Zone};
use crate::quantity::{Duration, Probability};
use crate::report::results::WarningInfo;
use crate::report::results::budget_log::{
    AccountInfo, BudgetLogResult, BudgetLogSettings, BudgetOfLog, BudgetWindow, PastInfo,
};
use crate::slo::account::{Period, account};
use crate::slo::methods::{Method, Slicing, Tally};

/// Options of budgets that something has been used of.
#[derive(Debug, Args)]
pub(crate) struct SloArguments {
    /// What is left of the budget of this target: `99.95%`, `9 nines`, or a file of OpenSLO (`.yaml`). TARGET is then
    /// a log, or several files of one Prometheus query
    #[arg(long, value_name = "TARGET|FILE")]
    pub(crate) slo: Option<String>,
    /// How the budget is counted [default: `time` for logs, `occurrences` for events, or as the file says]
    #[arg(long, value_enum, value_name = "METHOD", requires = "slo")]
    method: Option<MethodChoice>,
    /// Length of a slice
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, requires = "slo")]
    slice: Option<String>,
    /// Share of good events below which a slice is bad [default: the target]
    #[arg(long, value_name = "SHARE", requires = "slo", value_parser = level)]
    slice_target: Option<Probability>,
    /// Events of the whole window; else they are projected at the pace so far
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "slo", value_parser = positive_number)]
    expected_total: Option<f64>,
    /// Exit with 1 when less than `--min-remaining` is left
    #[arg(long, requires = "slo")]
    gate: bool,
    /// Share of the budget that must be left for the gate [default: 0%]
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true, requires = "gate")]
    min_remaining: Option<String>,
    #[command(flatten)]
    events: EventArguments,
    #[command(flatten)]
    log: LogArguments,
}

/// Ways to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MethodChoice {
    /// Bad seconds of all seconds
    Time,
    /// Bad events of all events
    Occurrences,
    /// Bad slices of time of all slices
    Timeslices,
    /// The mean bad share of slices
    RatioTimeslices,
    /// All that apply, side by side; they differ
    All,
}

/// What `budget` itself has options for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    pub(crate) files: &'a [PathBuf],
    pub(crate) window: Option<&'a str>,
    pub(crate) elapsed: Option<&'a str>,
}

/// Most slices that are counted.
const MOST_SLICES: f64 = 1e8;

pub(crate) fn run(slo: &str, given: Given<'_>, arguments: &SloArguments, session: &Session) -> Result<Exit, Problem> {
    let mut wanted = wanted(slo)?;
    let log = in_one_zone(&mut wanted, &arguments.log)?;
    let min_remaining = arguments.min_remaining.as_deref().map(min_remaining).transpose()?.unwrap_or(0.0);
    let mut warnings = Vec::new();
    let (mut budgets, mut info, mut zone) = (Vec::new(), None, None);
    match arguments.source(given, &log)? {
        Source::Numbers(total) => {
            for one in &wanted {
                budgets.push(arguments.of_numbers(one, total, given, session)?);
            }
        }
        Source::Measured(measured) => {
            arguments.check_slices(&wanted, measured.counts_events)?;
            for one in &wanted {
                budgets.push(arguments.of_measured(one, &measured, given, session, &mut warnings)?);
            }
            warnings.splice(0..0, measured.warnings.iter().cloned());
            zone = Some(measured.zone.name().to_owned());
            info = Some(measured.info);
        }
    }
    let enough =
        |budget: &BudgetOfLog| budget.accounts.first().is_some_and(|account| account.remaining_share >= min_remaining);
    let passes = budgets.iter().all(enough);
    let counts_events = info.is_none() || arguments.events.are_given();
    let settings = BudgetLogSettings {
        year_seconds: session.units.year,
        month_seconds: session.units.month,
        at_risk_below: AT_RISK_BELOW,
        min_remaining,
        rule: (!counts_events).then(|| arguments.log.rule().name),
        time_zone: zone,
    };
    let result = BudgetLogResult { budgets, gate: if passes { "open" } else { "closed" }.to_owned() };
    session.print(Report { command: "budget", model: info, settings, result, warnings })?;
    Ok(if arguments.gate && !passes { Exit::Gate } else { Exit::Done })
}

/// Where the numbers come from.
enum Source {
    Numbers(Tally),
    Measured(Box<Measured>),
}

/// A share of the budget; it may be negative.
fn min_remaining(text: &str) -> Result<f64, Problem> {
    let (sign, plain) = text.trim().strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let share = Probability::parse(plain).map_err(|_| {
        Problem::value("--min-remaining", text, "it is not a share")
            .help("a share is at most `100%`, such as `10%` or `-5%`")
    })?;
    Ok(sign * share.value())
}

impl SloArguments {
    fn source(&self, given: Given<'_>, log: &LogArguments) -> Result<Source, Problem> {
        if !self.events.are_given() {
            if given.files.is_empty() {
                return Err(Problem::usage("there is nothing to count").help(
                    "name a log, or give two of `--good`, `--bad` and `--total`; `ninefold budget TARGET` needs neither",
                ));
            }
            return Ok(Source::Measured(Box::new(Measured::log(given.files, log)?)));
        }
        Ok(match self.events.load(given.files)? {
            Events::Numbers { bad, total } => Source::Numbers(Tally { bad, total }),
            Events::Series(series) => Source::Measured(Box::new(Measured::events(&series, log)?)),
        })
    }

    /// The budget of two numbers: of a window when one is given, with as much of it passed as is said.
    fn of_numbers(
        &self,
        wanted: &Wanted,
        counted: Tally,
        given: Given<'_>,
        session: &Session,
    ) -> Result<BudgetOfLog, Problem> {
        if self.methods(wanted, true) != [Method::Occurrences] {
            return Err(Problem::usage(
                "two numbers have no slices of time: only `--method occurrences` can count them",
            ));
        }
        let window = match given.window {
            Some(text) => Some((text, session.budget_window("--window", text)?)),
            None => None,
        };
        let seconds = window.map(|(_, window)| window.usual_seconds(session));
        let elapsed = given.elapsed.map(|text| session.positive_duration("--elapsed", text)).transpose()?;
        let elapsed_seconds = elapsed.map(Duration::seconds).or(seconds);
        if let (Some(text), Some(seconds)) = (given.elapsed, seconds)
            && elapsed_seconds.is_some_and(|elapsed| elapsed > seconds)
        {
            return Err(Problem::value("--elapsed", text, "more than the window has passed"));
        }
        // Without a window there is one of no length in particular, and all of it has passed.
        let period = Period {
            seconds: seconds.unwrap_or(1.0),
            elapsed_seconds: elapsed_seconds.filter(|_| seconds.is_some()).unwrap_or(1.0),
            is_rolling: elapsed.is_none(),
        };
        let found = account(counted, &wanted.objective, &period, self.expected(counted.total)?, AT_RISK_BELOW)
            .ok_or_else(|| Problem::usage("there are no events, so there is no budget to count"))?;
        let mut info = account_info(Method::Occurrences, &found);
        info.exhausted_in_seconds = info.exhausted_in_seconds.filter(|_| seconds.is_some());
        let kind = if elapsed.is_some() { "begun" } else { "rolling" };
        Ok(BudgetOfLog {
            name: wanted.name.clone(),
            availability: wanted.objective.to_string(),
            unavailability: wanted.objective.unavailability().value(),
            window: BudgetWindow {
                window: window.map_or("all", |(text, _)| text).to_owned(),
                kind: kind.to_owned(),
                start: None,
                end: None,
                at: None,
                window_seconds: seconds,
                elapsed_seconds: elapsed_seconds.filter(|_| seconds.is_some()),
            },
            accounts: vec![info],
            other_reading: None,
            unobserved: None,
            history: Vec::new(),
        })
    }

    fn of_measured(
        &self,
        wanted: &Wanted,
        measured: &Measured,
        given: Given<'_>,
        session: &Session,
        warnings: &mut Vec<WarningInfo>,
    ) -> Result<BudgetOfLog, Problem> {
        if given.elapsed.is_some() {
            return Err(Problem::usage("`--elapsed` has no meaning for a log: its times tell how much has passed"));
        }
        let window = match given.window {
            Some(text) => session.budget_window("--window", text)?,
            None => wanted.window.unwrap_or_else(|| Window::Rolling(thirty_days())),
        };
        let zone = wanted.zone.as_ref().unwrap_or(&measured.zone);
        let span = span(window, measured.present(), zone)?;
        let slicing = self.slicing(wanted, session)?;
        let start = measured.seconds(span.interval.start);
        let so_far = measured.curve.within(start, start + span.period.elapsed_seconds).total;
        let counter = Counter { measured, wanted, slicing, expected_total: self.expected(so_far)? };
        let methods = self.methods(wanted, measured.counts_events);
        self.check(&methods, wanted, measured, warnings)?;
        let has_slices = |method: &Method| matches!(method, Method::Timeslices | Method::RatioTimeslices);
        if slicing.seconds > span.interval.seconds() && methods.iter().any(has_slices) {
            let (slice, whole) = (slicing.seconds, span.interval.seconds());
            let message = format!("a slice of {slice} s is longer than the window, {whole} s: none fits into it");
            return Err(Problem::usage(message).help("shorten `--slice`, or lengthen `--window`"));
        }
        if slicing.seconds > span.period.elapsed_seconds && methods.first().is_some_and(has_slices) {
            let message = format!("no slice of {} s is over yet: the window has begun", slicing.seconds);
            return Err(Problem::usage(format!("{message} {} s ago", span.period.elapsed_seconds))
                .help("shorten `--slice`, or set a later `--to`"));
        }
        if (span.interval.seconds() / slicing.seconds) > MOST_SLICES {
            return Err(
                Problem::usage(format!("the window has more than {MOST_SLICES:e} slices")).help("lengthen `--slice`")
            );
        }
        let accounts: Vec<AccountInfo> = methods
            .iter()
            .filter_map(|method| Some(account_info(*method, &counter.account(*method, &span)?)))
            .collect();
        if accounts.is_empty() {
            return Err(nothing_counted(&span, measured, zone));
        }
        early(&span, measured, zone, warnings);
        if span.interval.end > measured.present() && !self.log.names_end() {
            goes_on(&span, measured, zone, warnings);
        }
        let calendar = if let Window::Calendar(calendar) = window { Some(calendar) } else { None };
        let history =
            calendar.map_or_else(Vec::new, |calendar| counter.history(methods[0], calendar, &span, zone, warnings));
        if let Some(calendar) = calendar {
            early_past(&history, (measured, calendar, zone), warnings);
        }
        Ok(BudgetOfLog {
            name: wanted.name.clone(),
            availability: wanted.objective.to_string(),
            unavailability: wanted.objective.unavailability().value(),
            window: BudgetWindow {
                window: given.window.map_or_else(|| window.text(), str::to_owned),
                kind: calendar.map_or("rolling", calendar_name).to_owned(),
                start: Some(shown(span.interval.start, zone)),
                end: Some(shown(span.interval.end, zone)),
                at: Some(shown(measured.present(), zone)),
                window_seconds: Some(span.period.seconds),
                elapsed_seconds: Some(span.period.elapsed_seconds),
            },
            other_reading: counter.other(methods[0], &span),
            unobserved: counter.unobserved(&accounts[0], &span),
            accounts,
            history,
        })
    }

    /// Methods in the order in which they are shown; the first decides.
    fn methods(&self, wanted: &Wanted, counts_events: bool) -> Vec<Method> {
        let own = if counts_events { Method::Occurrences } else { Method::Time };
        match self.method {
            Some(MethodChoice::Time) => vec![Method::Time],
            Some(MethodChoice::Occurrences) => vec![Method::Occurrences],
            Some(MethodChoice::Timeslices) => vec![Method::Timeslices],
            Some(MethodChoice::RatioTimeslices) => vec![Method::RatioTimeslices],
            Some(MethodChoice::All) => vec![own, Method::Timeslices, Method::RatioTimeslices],
            // A log has no events: its time is the nearest.
            None => vec![wanted.method.filter(|method| counts_events || *method != Method::Occurrences).unwrap_or(own)],
        }
    }

    /// Refuses options of slices where none are counted.
    fn check_slices(&self, wanted: &[Wanted], counts_events: bool) -> Result<(), Problem> {
        let has_slices = |method: &Method| matches!(method, Method::Timeslices | Method::RatioTimeslices);
        let option = self.slice.as_ref().map(|_| "--slice").or(self.slice_target.map(|_| "--slice-target"));
        match option.filter(|_| !wanted.iter().any(|one| self.methods(one, counts_events).iter().any(has_slices))) {
            Some(option) => Err(Problem::usage(format!("`{option}` says nothing about a budget without slices"))
                .help("it goes with `--method timeslices`, `ratio-timeslices` or `all`")),
            None => Ok(()),
        }
    }

    /// Whether the methods can be counted.
    fn check(
        &self,
        methods: &[Method],
        wanted: &Wanted,
        measured: &Measured,
        warnings: &mut Vec<WarningInfo>,
    ) -> Result<(), Problem> {
        if !measured.counts_events && methods.contains(&Method::Occurrences) {
            return Err(Problem::usage("a log of outages has no events: `--method occurrences` cannot count it")
                .help("`--method time` counts seconds; `--good`, `--bad` and `--total` name counts of events"));
        }
        if measured.counts_events && methods.contains(&Method::Time) {
            return Err(Problem::usage(
                "counts of events say nothing about seconds: `--method time` cannot count them",
            )
            .help("`--method occurrences`, `timeslices` and `ratio-timeslices` can"));
        }
        if self.method.is_none() && !measured.counts_events && wanted.method == Some(Method::Occurrences) {
            let message = format!(
                "`{}` counts occurrences, and a log has none: its time is counted in their place",
                wanted.name.as_deref().unwrap_or_default()
            );
            warnings.push(WarningInfo::new("time_for_occurrences", message));
        }
        Ok(())
    }

    /// What is expected in all cannot be less than there is.
    fn expected(&self, so_far: f64) -> Result<Option<f64>, Problem> {
        match self.expected_total.filter(|expected| *expected < so_far) {
            Some(less) => {
                Err(Problem::value("--expected-total", &less.to_string(), format!("there are {so_far} already")))
            }
            None => Ok(self.expected_total),
        }
    }

    fn slicing(&self, wanted: &Wanted, session: &Session) -> Result<Slicing, Problem> {
        const MINUTE: f64 = 60.0;
        let given = self.slice.as_deref().map(|text| session.positive_duration("--slice", text)).transpose()?;
        let seconds = given.map(Duration::seconds).or(wanted.slice_seconds).unwrap_or(MINUTE);
        let own = self.slice_target.map(Probability::complement).or(wanted.slice_budget);
        Ok(Slicing { seconds, budget: own.unwrap_or_else(|| wanted.objective.unavailability().value()) })
    }
}

fn thirty_days() -> Duration {
    Duration::from_seconds(30.0 * 86_400.0).expect("30 days are a duration")
}

/// Why there is nothing to count in a window.
fn nothing_counted(span: &Span, measured: &Measured, zone: &Zone) -> Problem {
    let start = shown(span.interval.start, zone);
    if measured.other_within(&span.interval).is_some() {
        return Problem::usage(format!("all of the window from {start} on is planned maintenance, which is left out"))
            .help("`--maintenance count` counts it as downtime, `--maintenance ignore` as if it were not in the log");
    }
    Problem::usage(format!("nothing is known of the window from {start} on"))
        .help("`--from`, `--to` and `--during` choose the part of the log")
}

/// Says that the first of the windows before begins before the log.
fn early_past(
    history: &[PastInfo],
    (measured, calendar, zone): (&Measured, Calendar, &Zone),
    warnings: &mut Vec<WarningInfo>,
) {
    let begin = measured.window.start;
    let name = zone.label(begin, calendar);
    if zone.period(begin, calendar).start < begin && history.first().is_some_and(|past| past.period == name) {
        let known = shown(begin, zone);
        let counted = if measured.counts_events { "counts nothing" } else { "is taken as good" };
        let message = format!("`{name}` begins before the log, at {known}: the time before it {counted}");
        warnings.push(WarningInfo::new("window_before_log", message));
    }
}

/// Says that a window of the calendar goes on after the last entry of a log, and what is taken as now.
fn goes_on(span: &Span, measured: &Measured, zone: &Zone, warnings: &mut Vec<WarningInfo>) {
    // Samples say themselves until when something was seen.
    if measured.warnings.iter().any(|one| one.code == "window_from_log") {
        let message = format!(
            "the window goes on until {}, and the end of the last incident, at {}, is taken as now: `--to now`, with \
             `--now` where it is not the clock's, says otherwise",
            shown(span.interval.end, zone),
            shown(measured.present(), zone)
        );
        warnings.push(WarningInfo::new("present_from_log", message));
    }
}

/// Says that a window reaches back beyond the log.
fn early(span: &Span, measured: &Measured, zone: &Zone, warnings: &mut Vec<WarningInfo>) {
    if span.interval.start < measured.window.start {
        let known = shown(measured.window.start, zone);
        let counted = if measured.counts_events { "counts nothing" } else { "is taken as good" };
        let message = format!("the window begins before the log, at {known}: the time before it {counted}");
        warnings.push(WarningInfo::new("window_before_log", message));
    }
}
