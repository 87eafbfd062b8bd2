//! `burn rules`: alerts as a file for a monitoring system.

use clap::{ArgGroup, Args, ValueEnum};

use crate::cli::burn::findings::warning;
use crate::cli::burn::scheme_args::SchemeArgs;
use crate::cli::exit::Exit;
use crate::cli::objectives::single;
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::slo::plan::{Finding, Setting, findings, plan};
use crate::slo::prometheus::{Indicator, Service, WINDOW, rule_file};

/// Write alerts on the burn rate as rules of Prometheus: recordings of the error ratio, and one alert for each rule.
///
/// Constants are those of the target's text, without binary noise. Rules that can never fire are left out.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold burn rules --slo 99.95% --name shop --bad 'http_requests_total{job=\"shop\",code=~\"5..\"}' --total 'http_requests_total{job=\"shop\"}'\n  ninefold burn rules --slo 9nines --name api --error-ratio '1 - avg_over_time(probe_success[WINDOW])' -o api.rules.yml"
)]
#[command(group = ArgGroup::new("indicator").required(true).args(["bad", "good", "error_ratio"]))]
pub(crate) struct Arguments {
    /// The system that reads the rules
    #[arg(long, value_enum, value_name = "SYSTEM", default_value_t = System::Prometheus)]
    to: System,
    /// The target, `99.95%` or `9 nines`, or a file of OpenSLO (`.yaml`) with one target
    #[arg(long, value_name = "TARGET|FILE")]
    slo: String,
    #[command(flatten)]
    scheme: SchemeArgs,
    /// What the rules are about: the value of the label `slo`
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Counter of bad events, with its labels; needs `--total`
    #[arg(long, value_name = "SELECTOR", requires = "total")]
    bad: Option<String>,
    /// Counter of good events, with its labels; needs `--total`
    #[arg(long, value_name = "SELECTOR", requires = "total")]
    good: Option<String>,
    /// Counter of all events, with its labels
    #[arg(long, value_name = "SELECTOR", conflicts_with = "error_ratio")]
    total: Option<String>,
    /// In place of counters: an expression for the share of bad events in which `WINDOW` stands for the window
    #[arg(long, value_name = "EXPRESSION")]
    error_ratio: Option<String>,
}

/// Monitoring systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum System {
    /// A rule file of Prometheus, in YAML
    Prometheus,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let System::Prometheus = arguments.to;
    let wanted = single(&arguments.slo)?;
    let objective = wanted.objective.clone();
    let name = arguments.name.trim();
    // Prometheus reads braces in labels as templates.
    if name.is_empty() || name.contains("{{") || name.chars().any(char::is_control) {
        return Err(Problem::value("--name", name, "a name without `{{` and line breaks is expected"));
    }
    let rules = arguments.scheme.rules(&wanted, session)?;
    let service = Service {
        name,
        objective: &objective,
        period_seconds: rules.period_seconds,
        indicator: arguments.indicator()?,
    };
    let setting = Setting {
        objective: &objective,
        period_seconds: rules.period_seconds,
        interval_seconds: 0.0,
        requests_per_second: None,
    };
    let planned = plan(&rules.rules, &setting);
    let matters = |finding: &&Finding| matches!(finding, Finding::NeverFires { .. } | Finding::NobodyIsTold { .. });
    let found = findings(&planned, &setting);
    let warnings: Vec<_> = found.iter().filter(matters).map(|one| warning(one, &planned, session.units)).collect();
    session.warn(&wanted.refusals());
    session.warn(&warnings);
    session.write(&rule_file(&rules.rules, &service))?;
    Ok(Exit::Done)
}

impl Arguments {
    fn indicator(&self) -> Result<Indicator<'_>, Problem> {
        let total = self.total.as_deref().unwrap_or_default();
        let indicator = match (&self.bad, &self.good, &self.error_ratio) {
            (Some(bad), _, _) => Indicator::BadTotal(selector("--bad", bad)?, selector("--total", total)?),
            (_, Some(good), _) => Indicator::GoodTotal(selector("--good", good)?, selector("--total", total)?),
            (_, _, Some(expression)) => {
                if !expression.contains(WINDOW) {
                    let reason = format!("the word `{WINDOW}` must stand where the window goes");
                    return Err(Problem::value("--error-ratio", expression, reason));
                }
                if let Some(reason) = unbalanced(expression) {
                    return Err(Problem::value("--error-ratio", expression, reason));
                }
                Indicator::Ratio(expression)
            }
            (None, None, None) => return Err(Problem::usage("no counters are given")),
        };
        Ok(indicator)
    }
}

/// What is not closed, or closed without being open, in an expression of PromQL.
fn unbalanced(expression: &str) -> Option<String> {
    let mut open = Vec::new();
    let mut rest = expression.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' | '\'' | '`' if closes(&mut rest, c) => {}
            '"' | '\'' | '`' => return Some(format!("the quote `{c}` is never closed")),
            '#' => {
                rest.find(|c| *c == '\n');
            }
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(c) => return Some(format!("the `{c}` closes nothing")),
            _ => {}
        }
    }
    open.pop().map(|closing| format!("a `{closing}` is missing"))
}

/// Goes to the end of a quoted text; whether there is one. Backslashes escape, but not between backticks.
fn closes(rest: &mut std::str::Chars<'_>, quote: char) -> bool {
    while let Some(c) = rest.next() {
        match c {
            '\\' if quote != '`' => {
                rest.next();
            }
            c if c == quote => return true,
            _ => {}
        }
    }
    false
}

/// A name of a metric, perhaps with labels in braces: what `[5m]` can follow.
fn selector<'a>(option: &str, text: &'a str) -> Result<&'a str, Problem> {
    let text = text.trim();
    let (name, labels) = text.split_once('{').map_or((text, None), |(name, labels)| (name, Some(labels)));
    let is_name = |name: &str| {
        let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        name.chars().all(letters) && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let closed = labels.is_none_or(|labels| labels.ends_with('}') && !labels.contains('\n'));
    if is_name(name) && closed && !text.is_empty() {
        return Ok(text);
    }
    Err(Problem::value(option, text, "a metric such as `requests_total{job=\"api\"}` is expected")
        .help("`--error-ratio` takes any expression"))
}
