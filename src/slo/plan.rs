//! What rules mean for a target: thresholds, times to notice, what is gone by then, and rules that do not work.
//!
//! All formulas are for errors at a constant ratio e that begin after a time without any, with budget q, period W,
//! and a rule of factor b, long window L, short window S and waiting time F (Beyer et al., The Site Reliability
//! Workbook, 2018, chapter 5; the waiting time is added):
//!
//! - threshold `b q`, and the rule never fires unless `e > b q`;
//! - time to detect `b q L / e + F`; the short window reaches its threshold earlier;
//! - budget gone when it fires `b L / W + F e / (q W)`;
//! - time to reset after errors that lasted longer than the windows `S (1 - b q / e)`;
//! - time until all of the budget is gone `q W / e`; never at a burn rate `e / q` up to 1, since a period holds `q W` at
//!   most.

use crate::quantity::Objective;
use crate::slo::account::allowed;
use crate::slo::rule::{Rule, Severity};

/// What a plan is for.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The target.
    pub objective: &'a Objective,
    /// The period of the budget.
    pub period_seconds: u64,
    /// How often the service is probed or its metrics are scraped.
    pub interval_seconds: f64,
    /// Requests per second, where they are known.
    pub requests_per_second: Option<f64>,
}

/// How a rule answers to one error ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// Share of events that are bad, in (0, 1].
    pub error_ratio: f64,
    /// Time until it fires; absent when it never does.
    pub detect_seconds: Option<f64>,
    /// Time after the errors until it is silent again; absent when it never fires.
    pub reset_seconds: Option<f64>,
    /// Share of the budget that is gone when it fires; absent when it never does.
    pub budget_share: Option<f64>,
}

/// A rule with what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedRule {
    /// The rule.
    pub rule: Rule,
    /// The share of bad events that must be exceeded.
    pub threshold: f64,
    /// Share of the budget that is gone when it fires, without the waiting time: `b L / W`.
    pub budget_share: f64,
    /// Answers, the largest error ratio first.
    pub answers: Vec<Answer>,
}

/// Something that does not work as its user may think.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// The threshold is 1 or more, and a ratio never exceeds 1.
    NeverFires {
        /// Which rule.
        rule: usize,
    },
    /// All of the budget is gone before the rule fires, from an error ratio on.
    FiresTooLate {
        /// Which rule.
        rule: usize,
        /// From this error ratio on; absent when that is so for all that fire it.
        from_error_ratio: Option<f64>,
        /// The share of the budget that is gone when it fires at that ratio, or in a total outage.
        budget_share: f64,
    },
    /// The factor is below 1: it fires at burn rates at which the budget lasts.
    FiresInBudget {
        /// Which rule.
        rule: usize,
    },
    /// The rule looks further back than the period of the budget.
    WindowBeyondPeriod {
        /// Which rule.
        rule: usize,
    },
    /// The shortest window holds fewer than two intervals of probes: a rate needs two samples.
    WindowTooShort {
        /// Which rule.
        rule: usize,
    },
    /// A burn rate above 1 that exceeds no factor exhausts the budget unseen, at the earliest after this time.
    SlowBurnUnseen {
        /// The smallest factor.
        factor: f64,
        /// `W / b`.
        exhausted_seconds: f64,
    },
    /// One missed probe is more than the budget of the whole period.
    ProbeBeyondBudget {
        /// How many budgets one probe is.
        budgets: f64,
    },
    /// One bad request in the long window exceeds the threshold: fewer than `1 / (b q)` are expected there.
    SingleFailureFires {
        /// Which rule.
        rule: usize,
        /// Requests that are expected in the long window.
        expected_requests: f64,
        /// Requests of which one bad one stays below the threshold.
        needed_requests: f64,
    },
    /// No rule of that severity is left that can fire.
    NobodyIsTold {
        /// Page or ticket.
        severity: Severity,
    },
}

/// The ratios that a plan answers to: an outage, and parts of it.
pub const ERROR_RATIOS: [f64; 4] = [1.0, 0.5, 0.1, 0.01];

/// What each rule means for the setting.
pub fn plan(rules: &[Rule], setting: &Setting<'_>) -> Vec<PlannedRule> {
    rules.iter().map(|rule| planned(*rule, setting)).collect()
}

fn planned(rule: Rule, setting: &Setting<'_>) -> PlannedRule {
    let budget = setting.objective.budget().to_f64();
    let period = setting.period_seconds as f64;
    let threshold = rule.factor.threshold(setting.objective);
    let budget_share = rule.factor.value() * rule.long_seconds as f64 / period;
    let hold = rule.hold_seconds as f64;
    let answer = |error_ratio: f64| {
        let fires = error_ratio > threshold;
        let when = |value: f64| fires.then_some(value);
        Answer {
            error_ratio,
            detect_seconds: when(threshold * rule.long_seconds as f64 / error_ratio + hold),
            reset_seconds: when(rule.shortest_seconds() as f64 * (error_ratio - threshold) / error_ratio),
            budget_share: when(budget_share + hold * error_ratio / (budget * period)),
        }
    };
    PlannedRule { rule, threshold, budget_share, answers: ERROR_RATIOS.map(answer).to_vec() }
}

/// Time until errors at a ratio have used the whole budget; absent at a burn rate up to 1, which never does.
pub fn lasting_seconds(setting: &Setting<'_>, error_ratio: f64) -> Option<f64> {
    (error_ratio > setting.objective.budget().to_f64()).then(|| exhaustion_seconds(setting, error_ratio))
}

/// `q W / e`.
pub fn exhaustion_seconds(setting: &Setting<'_>, error_ratio: f64) -> f64 {
    allowed(setting.objective, setting.period_seconds as f64) / error_ratio
}

/// What does not work, in order of the rules.
pub fn findings(planned: &[PlannedRule], setting: &Setting<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        planned.iter().enumerate().flat_map(|(at, rule)| of_rule(at, rule, setting)).collect();
    let smallest = planned.iter().filter(|rule| rule.threshold < 1.0).map(|rule| rule.rule.factor.value());
    if let Some(factor) = smallest.min_by(f64::total_cmp).filter(|factor| *factor > 1.0) {
        let exhausted_seconds = setting.period_seconds as f64 / factor;
        found.push(Finding::SlowBurnUnseen { factor, exhausted_seconds });
    }
    for severity in [Severity::Page, Severity::Ticket] {
        let mut of_it = planned.iter().filter(|rule| rule.rule.severity == severity).peekable();
        if of_it.peek().is_some() && of_it.all(|rule| rule.threshold >= 1.0) {
            found.push(Finding::NobodyIsTold { severity });
        }
    }
    let budgets = setting.interval_seconds / exhaustion_seconds(setting, 1.0);
    if budgets > 1.0 {
        found.push(Finding::ProbeBeyondBudget { budgets });
    }
    found
}

fn of_rule(at: usize, planned: &PlannedRule, setting: &Setting<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let rule = planned.rule;
    let fires = planned.threshold < 1.0;
    if !fires {
        found.push(Finding::NeverFires { rule: at });
    }
    if fires && rule.factor.value() < 1.0 {
        found.push(Finding::FiresInBudget { rule: at });
    }
    if rule.long_seconds > setting.period_seconds {
        found.push(Finding::WindowBeyondPeriod { rule: at });
    } else if fires {
        found.extend(too_late(at, planned, setting));
    }
    if (rule.shortest_seconds() as f64) < 2.0 * setting.interval_seconds {
        found.push(Finding::WindowTooShort { rule: at });
    }
    if let Some(rate) = setting.requests_per_second {
        let expected_requests = rate * rule.long_seconds as f64;
        let needed_requests = 1.0 / planned.threshold;
        if expected_requests < needed_requests {
            found.push(Finding::SingleFailureFires { rule: at, expected_requests, needed_requests });
        }
    }
    found
}

/// Whether the whole budget is gone before a rule fires: always, or from an error ratio on, since what is used during
/// the waiting time grows with the ratio. A rule that fires when exactly all is gone, as a burn rate of 1 over the whole
/// period does, says just that and is not late.
fn too_late(at: usize, planned: &PlannedRule, setting: &Setting<'_>) -> Option<Finding> {
    let rule = planned.rule;
    let period = setting.period_seconds as f64;
    let least = rule.factor.value() * (rule.long_seconds + rule.hold_seconds) as f64 / period;
    let most = planned.answers.first()?.budget_share?;
    let finding = |from_error_ratio, budget_share| Finding::FiresTooLate { rule: at, from_error_ratio, budget_share };
    if least > 1.0 || (least >= 1.0 && rule.factor.value() > 1.0) {
        return Some(finding(None, most));
    }
    let hold = rule.hold_seconds as f64;
    let budget = setting.objective.budget().to_f64();
    let from = (1.0 - planned.budget_share) * budget * period / hold;
    (hold > 0.0 && most > 1.0 && from < 1.0).then(|| finding(Some(from), most))
}

#[cfg(test)]
mod tests {
    use super::{Finding, PlannedRule, Setting, exhaustion_seconds, findings, lasting_seconds, plan};
    use crate::quantity::Objective;
    use crate::slo::scheme::find;

    const DAY: u64 = 86_400;

    fn planned(scheme: &str, target: &str, days: u64) -> (Vec<PlannedRule>, Vec<Finding>) {
        let objective: Objective = target.parse().unwrap();
        let setting = Setting {
            objective: &objective,
            period_seconds: days * DAY,
            interval_seconds: 15.0,
            requests_per_second: None,
        };
        let planned = plan(&find(scheme).unwrap().rules(days * DAY).unwrap(), &setting);
        let found = findings(&planned, &setting);
        (planned, found)
    }

    fn near(actual: Option<f64>, expected: f64) {
        let actual = actual.unwrap();
        assert!((actual / expected - 1.0).abs() < 4.0 * f64::EPSILON, "{actual} is not {expected}");
    }

    #[test]
    fn the_workbook_detects_and_spends_as_published() {
        // Table 5-8 for 99.9 %: 2, 5 and 10 % of the budget; a total outage is seen after 0.001 * 14.4 * 1 h = 51.84 s,
        // and the alert resets within its short window.
        let (rules, found) = planned("workbook", "99.9%", 30);
        let shares: Vec<f64> = rules.iter().map(|rule| rule.budget_share).collect();
        assert!(shares.iter().zip([0.02, 0.05, 0.1]).all(|(share, expected)| (share / expected - 1.0).abs() < 1e-15));
        near(rules[0].answers[0].detect_seconds, 51.84);
        near(rules[0].answers[2].detect_seconds, 518.4);
        near(rules[1].answers[0].detect_seconds, 129.6);
        near(rules[2].answers[3].detect_seconds, 25_920.0);
        near(rules[0].answers[0].reset_seconds, 300.0 * (1.0 - 0.0144));
        // 1 % of errors is a burn rate of 10: below 14.4, above 6.
        assert_eq!(rules[0].answers[3].detect_seconds, None);
        assert!(rules[1].answers[3].detect_seconds.is_some());
        assert_eq!(found, []);
    }

    #[test]
    fn waiting_adds_to_the_time_and_to_what_is_gone() {
        // Pyrra, 28 d, 99 %: b L / W = 14 / 672 = 1/48; two minutes of a total outage are 2 / 403.2 more.
        let (rules, _) = planned("pyrra", "99%", 28);
        near(rules[0].answers[0].detect_seconds, 0.14 * 3_600.0 + 120.0);
        near(rules[0].answers[0].budget_share, 1.0 / 48.0 + 2.0 / 403.2);
    }

    #[test]
    fn waiting_can_use_up_the_budget() {
        // Pyrra, 28 d, 99.9 %: 40.32 min of budget. The third rule has used 2 * 24 / 672 = 1/14 of it and waits for an
        // hour: 60 / 40.32 more in a total outage; all is gone from (13/14) * 40.32 / 60 = 0.624 of errors on.
        let (rules, found) = planned("pyrra", "99.9%", 28);
        near(rules[2].answers[0].budget_share, 1.0 / 14.0 + 60.0 / 40.32);
        let late: Vec<(usize, f64, f64)> = found
            .iter()
            .filter_map(|finding| match finding {
                Finding::FiresTooLate { rule, from_error_ratio, budget_share } => {
                    Some((*rule, from_error_ratio.unwrap(), *budget_share))
                }
                _ => None,
            })
            .collect();
        assert_eq!(late.iter().map(|(rule, ..)| *rule).collect::<Vec<_>>(), [2, 3]);
        assert!((late[0].1 / 0.624 - 1.0).abs() < 1e-12 && (late[0].2 - (1.0 / 14.0 + 60.0 / 40.32)).abs() < 1e-12);
    }

    #[test]
    fn a_burn_rate_up_to_one_lasts_forever() {
        let objective: Objective = "90%".parse().unwrap();
        let setting = Setting {
            objective: &objective,
            period_seconds: 30 * DAY,
            interval_seconds: 15.0,
            requests_per_second: None,
        };
        near(lasting_seconds(&setting, 0.5), 0.1 * 30.0 * 86_400.0 / 0.5);
        assert_eq!((lasting_seconds(&setting, 0.1), lasting_seconds(&setting, 0.01)), (None, None));
    }

    #[test]
    fn rules_that_can_never_fire_are_found() {
        // A burn rate of 14.4 at 93 % is an error ratio of 1.008.
        assert!(planned("workbook", "93%", 30).1.contains(&Finding::NeverFires { rule: 0 }));
        assert!(!planned("workbook", "93.1%", 30).1.contains(&Finding::NeverFires { rule: 0 }));
        let (_, found) = planned("workbook", "50%", 30);
        assert!(matches!(found.last(), Some(Finding::NobodyIsTold { .. })), "{found:?}");
    }

    #[test]
    fn nine_nines_are_beyond_probes() {
        // 2.592 ms of budget; a probe of 15 s is 5787.04 of them.
        let (rules, found) = planned("workbook", "9 nines", 30);
        near(rules[0].answers[0].detect_seconds, 51.84e-6);
        let Some(Finding::ProbeBeyondBudget { budgets }) = found.last() else { panic!("{found:?}") };
        assert!((budgets / 5_787.037_037_037_037 - 1.0).abs() < 1e-15, "{budgets}");
        let objective: Objective = "9 nines".parse().unwrap();
        let setting = Setting {
            objective: &objective,
            period_seconds: 30 * DAY,
            interval_seconds: 15.0,
            requests_per_second: Some(10.0),
        };
        near(Some(exhaustion_seconds(&setting, 1.0)), 2.592e-3);
        assert!(findings(&rules, &setting).iter().any(|finding| matches!(finding, Finding::SingleFailureFires { .. })));
    }

    #[test]
    fn windows_and_periods_must_fit() {
        let (_, found) = planned("slo-generator", "99.9%", 7);
        assert!(found.contains(&Finding::WindowBeyondPeriod { rule: 3 }), "{found:?}");
        assert!(
            found
                .iter()
                .any(|finding| matches!(finding, Finding::FiresTooLate { rule: 2, from_error_ratio: None, .. })),
            "{found:?}"
        );
        let (_, found) = planned("workbook", "99.9%", 90);
        assert!(
            found.iter().any(
                |finding| matches!(finding, Finding::SlowBurnUnseen { factor, .. } if (factor - 3.0).abs() < 1e-15)
            )
        );
    }
}
