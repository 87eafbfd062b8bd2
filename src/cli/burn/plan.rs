//! `burn plan`: what each rule means for a target.

use clap::Args;

use crate::cli::burn::findings::warning;
use crate::cli::burn::scheme_args::{Chosen, SchemeArgs};
use crate::cli::exit::Exit;
use crate::cli::objectives::single;
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::positive_number;
use crate::quantity::Objective;
use crate::report::results::burn_plan::{AnswerInfo, BurnPlanResult, BurnPlanSettings, ExhaustionInfo, RuleInfo};
use crate::slo::plan::{ERROR_RATIOS, PlannedRule, Setting, exhaustion_seconds, findings, lasting_seconds, plan};

/// What alerts on the burn rate mean for a target: thresholds, times to notice, what is gone by then.
///
/// Times are for errors at a constant share of all events that begin after a time without any.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold burn plan --slo 99.95%\n  ninefold burn plan --slo 99.9% --scheme pyrra --window 30d\n  ninefold burn plan --slo 9nines --traffic 5000\n  ninefold burn plan --slo 99.9% --rule 30m/5m=20 --rule ticket:1d/2h=3"
)]
pub(crate) struct Arguments {
    /// The target, `99.95%` or `9 nines`, or a file of OpenSLO (`.yaml`) with one target
    #[arg(long, value_name = "TARGET|FILE")]
    slo: String,
    #[command(flatten)]
    scheme: SchemeArgs,
    /// Interval of the probes, or of the collection of metrics
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, default_value = "15s")]
    probe: String,
    /// Requests per second, to find alerts that a single bad request fires
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = positive_number)]
    traffic: Option<f64>,
}

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let wanted = single(&arguments.slo)?;
    let objective = wanted.objective.clone();
    let rules = arguments.scheme.rules(&wanted, session)?;
    let setting = Setting {
        objective: &objective,
        period_seconds: rules.period_seconds,
        interval_seconds: session.positive_duration("--probe", &arguments.probe)?.seconds(),
        requests_per_second: arguments.traffic,
    };
    let planned = plan(&rules.rules, &setting);
    let found = findings(&planned, &setting);
    let lint = found.iter().map(|finding| warning(finding, &planned, session.units));
    let warnings = wanted.refusals().into_iter().chain(lint).collect();
    let settings = BurnPlanSettings {
        scheme: rules.name.clone(),
        source: rules.source.clone(),
        period_seconds: rules.period_seconds as f64,
        window: rules.window.clone(),
        window_kind: rules.kind().to_owned(),
        probe_seconds: setting.interval_seconds,
        requests_per_second: setting.requests_per_second,
    };
    let result = result(&objective, &rules, &planned, &setting);
    session.print(Report { command: "burn plan", model: None, settings, result, warnings })?;
    Ok(Exit::Done)
}

fn result(objective: &Objective, rules: &Chosen, planned: &[PlannedRule], setting: &Setting<'_>) -> BurnPlanResult {
    let exhaustion = |error_ratio| ExhaustionInfo { error_ratio, seconds: lasting_seconds(setting, error_ratio) };
    BurnPlanResult {
        unavailability: objective.unavailability().value(),
        availability: objective.to_string(),
        period_seconds: rules.period_seconds as f64,
        period: rules.period_text(),
        allowed_seconds: exhaustion_seconds(setting, 1.0),
        rules: planned.iter().map(info).collect(),
        exhaustion: ERROR_RATIOS.map(exhaustion).to_vec(),
    }
}

fn info(planned: &PlannedRule) -> RuleInfo {
    let rule = planned.rule;
    let answers = planned.answers.iter().map(|answer| AnswerInfo {
        error_ratio: answer.error_ratio,
        detect_seconds: answer.detect_seconds,
        reset_seconds: answer.reset_seconds,
        budget_share: answer.budget_share,
    });
    RuleInfo {
        severity: rule.severity.name().to_owned(),
        long_seconds: rule.long_seconds as f64,
        short_seconds: rule.short_seconds.map(|seconds| seconds as f64),
        for_seconds: rule.hold_seconds as f64,
        factor: rule.factor.value(),
        threshold: planned.threshold,
        can_fire: planned.threshold < 1.0,
        budget_share: planned.budget_share,
        answers: answers.collect(),
    }
}
