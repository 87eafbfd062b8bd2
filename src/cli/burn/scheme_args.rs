//! Which rules, for which target and period.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::objectives::Wanted;
use crate::cli::period::{Window, calendar_name};
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::data::Period;
use crate::quantity::Duration;
use crate::slo::scheme::{SCHEMES, Scheme, find};
use crate::slo::{Factor, Rule, Severity};

/// Options that name rules and their period.
#[derive(Debug, Args)]
pub(crate) struct SchemeArgs {
    /// The period of the budget: `30d`, `4w`, `1M`, `1Q`, `1Y` [default: that of the file, or of the scheme]
    #[arg(long, value_name = "WINDOW", allow_hyphen_values = true)]
    window: Option<String>,
    /// Rules that are in use [default: the alerts of the file of `--slo`, or `workbook`]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(SCHEMES.map(|scheme| scheme.name)))]
    scheme: Option<String>,
    /// A rule of your own in place of a scheme: `1h/5m=14.4`, `ticket:3d/6h=1`; may be repeated
    #[arg(long = "rule", value_name = "LONG[/SHORT]=FACTOR", conflicts_with = "scheme")]
    rules: Vec<String>,
}

/// Rules with their period.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The name of the scheme, `own`, or `file`.
    pub(crate) name: String,
    pub(crate) source: String,
    /// The period that the rules are for; of a part of the calendar its usual length.
    pub(crate) period_seconds: u64,
    /// The window that is the period, where one was given.
    pub(crate) given: Option<Window>,
    /// As it is written.
    pub(crate) window: String,
    pub(crate) rules: Vec<Rule>,
}

/// The period of own rules, where none is given: that of most schemes.
const USUAL_PERIOD: u64 = 30 * 86_400;

impl SchemeArgs {
    /// The rules for a target: for the window that is given, that of its file, or the one that they were made for.
    pub(crate) fn rules(&self, wanted: &Wanted, session: &Session) -> Result<Chosen, Problem> {
        let of_file = wanted.window.and_then(|window| Some((window, whole(window.usual_seconds(session))?)));
        let chosen =
            self.window.as_deref().map(|text| whole_seconds("--window", text, session)).transpose()?.or(of_file);
        let mut rules = self.of_period(chosen.map(|(_, seconds)| seconds), wanted, session)?;
        if let Some((window, _)) = chosen {
            (rules.given, rules.window) = (Some(window), window.text());
        }
        Ok(rules)
    }

    fn of_period(&self, given: Option<u64>, wanted: &Wanted, session: &Session) -> Result<Chosen, Problem> {
        if !self.rules.is_empty() {
            let rules: Result<Vec<Rule>, Problem> = self.rules.iter().map(|text| rule(text, session)).collect();
            let rules = rules?;
            if let Some(twice) = (1..rules.len()).find(|at| rules[..*at].contains(&rules[*at])) {
                return Err(Problem::value("--rule", &self.rules[twice], "this rule is there twice"));
            }
            return Ok(Chosen::new("own", "`--rule`", given.unwrap_or(USUAL_PERIOD), rules));
        }
        if self.scheme.is_none() && !wanted.rules.is_empty() {
            let source = "the alert policies of the file";
            return Ok(Chosen::new("file", source, given.unwrap_or(USUAL_PERIOD), wanted.rules.clone()));
        }
        let name = self.scheme.as_deref().unwrap_or(SCHEMES[0].name);
        let scheme: &Scheme = find(name).expect("clap has checked the name");
        let period_seconds = given.unwrap_or(scheme.period_seconds);
        let rules = scheme.rules(period_seconds).ok_or_else(|| {
            Problem::usage(format!("the scheme `{name}` has no rules for so short or long a period"))
                .help("`--window` says how long the period is")
        })?;
        Ok(Chosen::new(scheme.name, scheme.source, period_seconds, rules))
    }
}

impl Chosen {
    fn new(name: &str, source: &str, period_seconds: u64, rules: Vec<Rule>) -> Self {
        let length = Duration::from_seconds(period_seconds as f64);
        let window = length.map_or_else(String::new, |length| length.to_string());
        Self { name: name.to_owned(), source: source.to_owned(), period_seconds, given: None, window, rules }
    }

    /// The part of the calendar, if the period is one.
    pub(crate) fn calendar(&self) -> Option<Period> {
        match self.given {
            Some(Window::Calendar(calendar)) => Some(calendar),
            _ => None,
        }
    }

    /// `rolling`, `calendar month` and so on.
    pub(crate) fn kind(&self) -> &'static str {
        self.calendar().map_or("rolling", calendar_name)
    }

    /// Which period numbers are for that no log gives a date.
    pub(crate) fn period_text(&self) -> String {
        match self.calendar() {
            None => "of the budget, rolling".to_owned(),
            Some(calendar) => format!("of the budget: a {} of usual length", calendar_name(calendar)),
        }
    }
}

/// The period of a window, in whole seconds.
fn whole_seconds(option: &str, text: &str, session: &Session) -> Result<(Window, u64), Problem> {
    let window = session.budget_window(option, text)?;
    whole(window.usual_seconds(session))
        .map(|seconds| (window, seconds))
        .ok_or_else(|| Problem::value(option, text, "whole seconds up to 1000 years are expected"))
}

fn whole(seconds: f64) -> Option<u64> {
    const LONGEST: f64 = 1_000.0 * 366.0 * 86_400.0;
    (seconds.fract() == 0.0 && (1.0..=LONGEST).contains(&seconds)).then_some(seconds as u64)
}

/// `[page:|ticket:]LONG[/SHORT]=FACTOR`.
fn rule(text: &str, session: &Session) -> Result<Rule, Problem> {
    let wrong = |reason: &str| Problem::value("--rule", text, reason);
    let (severity, rest) = match text.split_once(':') {
        None => (Severity::Page, text),
        Some(("page", rest)) => (Severity::Page, rest),
        Some(("ticket", rest)) => (Severity::Ticket, rest),
        Some(_) => return Err(wrong("`page:` or `ticket:` is expected before the windows")),
    };
    let (windows, factor) =
        rest.split_once('=').ok_or_else(|| wrong("windows and a factor such as `1h/5m=14.4` are expected"))?;
    let (long, short) = windows.split_once('/').map_or((windows, None), |(long, short)| (long, Some(short)));
    let seconds = |part: &str| {
        let length = session.positive_duration("--rule", part)?;
        whole(length.seconds()).ok_or_else(|| wrong("windows of whole seconds are expected"))
    };
    let long_seconds = seconds(long)?;
    let short_seconds = short.map(seconds).transpose()?;
    if short_seconds.is_some_and(|short| short >= long_seconds) {
        return Err(wrong("the second window must be shorter than the first"));
    }
    let factor = Factor::parse(factor)
        .ok_or_else(|| wrong("a burn rate above 0 with at most 9 decimals, such as `14.4`, is expected"))?;
    Ok(Rule { severity, long_seconds, short_seconds, factor, hold_seconds: 0 })
}
