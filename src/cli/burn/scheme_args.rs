//! Which rules, for which target and period.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::quantity::Objective;
use crate::slo::scheme::{SCHEMES, Scheme, find};
use crate::slo::{Factor, Rule, Severity};

/// Options that name rules.
#[derive(Debug, Args)]
pub(crate) struct SchemeArgs {
    /// Rules that are in use
    #[arg(long, value_name = "NAME", default_value = SCHEMES[0].name, value_parser = PossibleValuesParser::new(SCHEMES.map(|scheme| scheme.name)))]
    scheme: String,
    /// A rule of your own in place of a scheme: `1h/5m=14.4`, `ticket:3d/6h=1`; may be repeated
    #[arg(long = "rule", value_name = "LONG[/SHORT]=FACTOR", conflicts_with = "scheme")]
    rules: Vec<String>,
}

/// Rules with their period.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// The name of the scheme, or `own`.
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) period_seconds: u64,
    pub(crate) rules: Vec<Rule>,
}

/// The period of own rules, where none is given: that of most schemes.
const USUAL_PERIOD: u64 = 30 * 86_400;

impl SchemeArgs {
    /// The rules for a period of a window's length, or of the period that they were made for.
    pub(crate) fn rules(&self, window: Option<&str>, session: &Session) -> Result<Chosen, Problem> {
        let given = window.map(|text| whole_seconds("--window", text, session)).transpose()?;
        if !self.rules.is_empty() {
            let rules: Result<Vec<Rule>, Problem> = self.rules.iter().map(|text| rule(text, session)).collect();
            let (name, source) = ("own".to_owned(), "`--rule`".to_owned());
            return Ok(Chosen { name, source, period_seconds: given.unwrap_or(USUAL_PERIOD), rules: rules? });
        }
        let scheme: &Scheme = find(&self.scheme).expect("clap has checked the name");
        let period_seconds = given.unwrap_or(scheme.period_seconds);
        let rules = scheme.rules(period_seconds).ok_or_else(|| {
            let reason = format!("the scheme `{}` has no rules for so short or long a period", scheme.name);
            Problem::value("--window", window.unwrap_or_default(), reason)
        })?;
        Ok(Chosen { name: scheme.name.to_owned(), source: scheme.source.to_owned(), period_seconds, rules })
    }
}

/// The period of a window, in whole seconds.
fn whole_seconds(option: &str, text: &str, session: &Session) -> Result<u64, Problem> {
    whole(session.budget_window(option, text)?.usual_seconds(session))
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

/// A target of `--slo`.
pub(crate) fn objective(text: &str) -> Result<Objective, Problem> {
    text.parse().map_err(|error| Problem::value("--slo", text, error))
}
