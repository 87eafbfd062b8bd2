//! What does not work about rules, in words.

use crate::report::number::{Units, significant, time};
use crate::report::results::WarningInfo;
use crate::slo::plan::{Finding, PlannedRule};
use crate::slo::prometheus::duration;

/// Digits in sentences.
const DIGITS: usize = 5;

/// The finding as a warning.
pub(crate) fn warning(finding: &Finding, planned: &[PlannedRule], units: Units) -> WarningInfo {
    let rule = |at: &usize| named(&planned[*at]);
    let factor = |at: &usize| planned[*at].rule.factor;
    let number = |value: f64| significant(value, DIGITS);
    let (code, message) = match finding {
        Finding::NeverFires { rule: at } => (
            "never_fires",
            format!(
                "{} can never fire: {} times the budget is {} % of all events",
                rule(at),
                factor(at),
                number(100.0 * planned[*at].threshold)
            ),
        ),
        Finding::FiresTooLate { rule: at, from_error_ratio, budget_share } => {
            let from = match from_error_ratio {
                None => "all of the budget is gone before it fires".to_owned(),
                Some(ratio) => {
                    format!("all of the budget is gone before it fires from {} % of errors on", number(100.0 * ratio))
                }
            };
            let outage = number(100.0 * budget_share);
            ("fires_too_late", format!("{} fires too late: {from}, {outage} % of it in a total outage", rule(at)))
        }
        Finding::FiresInBudget { rule: at } => (
            "fires_in_budget",
            format!("{} fires at burn rates between {} and 1, at which the budget lasts", rule(at), factor(at)),
        ),
        Finding::WindowBeyondPeriod { rule: at } => {
            ("window_beyond_period", format!("{} looks further back than the period of the budget", rule(at)))
        }
        Finding::WindowTooShort { rule: at } => (
            "window_too_short",
            format!("the shortest window of {} holds fewer than two samples; a rate needs two", rule(at)),
        ),
        Finding::SlowBurnUnseen { factor, exhausted_seconds } => (
            "slow_burn_unseen",
            format!(
                "a burn rate between 1 and {} fires nothing and uses up the budget, at the earliest in {}",
                number(*factor),
                time(*exhausted_seconds, DIGITS, units)
            ),
        ),
        Finding::ProbeBeyondBudget { budgets } => (
            "probe_beyond_budget",
            format!(
                "one missed probe is {} times the budget of the whole period: probes of this interval cannot watch \
                 this target",
                number(*budgets)
            ),
        ),
        Finding::SingleFailureFires { rule: at, expected_requests, needed_requests } => (
            "single_failure_fires",
            format!(
                "a single bad request fires {}: its window holds {} requests, and one bad one stays below the threshold \
                 from {} on",
                rule(at),
                number(*expected_requests),
                number(*needed_requests)
            ),
        ),
        Finding::NobodyIsTold { severity } => {
            ("nobody_is_told", format!("no {} can fire at this target", severity.name()))
        }
    };
    WarningInfo::new(code, message)
}

/// `page 1h/5m`.
fn named(planned: &PlannedRule) -> String {
    let rule = &planned.rule;
    let short = rule.short_seconds.map(|short| format!("/{}", duration(short))).unwrap_or_default();
    format!("{} {}{short}", rule.severity.name(), duration(rule.long_seconds))
}
