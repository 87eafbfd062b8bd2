//! The sets of rules that are in use, each with its source.

use crate::slo::factor::Factor;
use crate::slo::rule::{Rule, Severity};

/// A named set of rules.
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// The period that it was made for.
    pub period_seconds: u64,
    rules: fn(u64) -> Option<Vec<Rule>>,
}

impl Scheme {
    /// Its rules for a period of so many seconds; absent for a period that is too long or too short to have them.
    pub fn rules(&self, period_seconds: u64) -> Option<Vec<Rule>> {
        (self.rules)(period_seconds)
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// All schemes; the first is the default.
pub const SCHEMES: [Scheme; 4] = [
    Scheme {
        name: "workbook",
        about: "2 % of the budget in 1h, 5 % in 6h, 10 % in 3d; short windows of a twelfth",
        source: "Beyer et al., The Site Reliability Workbook, 2018, chapter 5, table 5-8",
        period_seconds: 30 * DAY,
        rules: workbook,
    },
    Scheme {
        name: "sloth",
        about: "2 % of the budget in 1h, 5 % in 6h, 10 % in 1d, 10 % in 3d",
        source: "Sloth, internal/alert/windows/google-30d.yaml and google-28d.yaml",
        period_seconds: 30 * DAY,
        rules: sloth,
    },
    Scheme {
        name: "pyrra",
        about: "factors 14, 7, 2, 1; windows that scale with the period, and waiting times",
        source: "Pyrra, slo/slo.go and slo/rules.go",
        period_seconds: 28 * DAY,
        rules: pyrra,
    },
    Scheme {
        name: "slo-generator",
        about: "single windows: 9 in 1h, 3 in 12h, 1.5 in 7d, 1 in 28d",
        source: "slo-generator, samples/config.yaml, the default error budget policy",
        period_seconds: 28 * DAY,
        rules: slo_generator,
    },
];

/// The scheme of that name.
pub fn find(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.name == name)
}

/// Of shares of the budget: severity, percent, long window, short window.
fn of_shares(period: u64, shares: &[(Severity, u32, u64, u64)]) -> Option<Vec<Rule>> {
    let rule = |&(severity, percent, long, short): &(Severity, u32, u64, u64)| {
        let factor = Factor::of_share(percent, period, long)?;
        Some(Rule { severity, long_seconds: long, short_seconds: Some(short), factor, hold_seconds: 0 })
    };
    shares.iter().map(rule).collect()
}

fn workbook(period: u64) -> Option<Vec<Rule>> {
    of_shares(
        period,
        &[
            (Severity::Page, 2, HOUR, 5 * MINUTE),
            (Severity::Page, 5, 6 * HOUR, 30 * MINUTE),
            (Severity::Ticket, 10, 3 * DAY, 6 * HOUR),
        ],
    )
}

fn sloth(period: u64) -> Option<Vec<Rule>> {
    of_shares(
        period,
        &[
            (Severity::Page, 2, HOUR, 5 * MINUTE),
            (Severity::Page, 5, 6 * HOUR, 30 * MINUTE),
            (Severity::Ticket, 10, DAY, 2 * HOUR),
            (Severity::Ticket, 10, 3 * DAY, 6 * HOUR),
        ],
    )
}

/// Windows are parts of the period, rounded to minutes.
fn pyrra(period: u64) -> Option<Vec<Rule>> {
    let part = |of: u64| (period + of * MINUTE / 2) / (of * MINUTE) * MINUTE;
    let rule = |severity, long, short, factor, hold| {
        let (long, short) = (part(long), part(short));
        let factor = Factor::new(factor, 1)?;
        let rule = Rule { severity, long_seconds: long, short_seconds: Some(short), factor, hold_seconds: part(hold) };
        (short > 0).then_some(rule)
    };
    [
        rule(Severity::Page, 672, 8_064, 14, 20_160),
        rule(Severity::Page, 112, 1_344, 7, 2_688),
        rule(Severity::Ticket, 28, 336, 2, 672),
        rule(Severity::Ticket, 7, 112, 1, 224),
    ]
    .into_iter()
    .collect()
}

fn slo_generator(_: u64) -> Option<Vec<Rule>> {
    let rule = |severity, long_seconds, factor| {
        Some(Rule { severity, long_seconds, short_seconds: None, factor: Factor::parse(factor)?, hold_seconds: 0 })
    };
    [
        rule(Severity::Page, HOUR, "9"),
        rule(Severity::Page, 12 * HOUR, "3"),
        rule(Severity::Ticket, 7 * DAY, "1.5"),
        rule(Severity::Ticket, 28 * DAY, "1"),
    ]
    .into_iter()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, MINUTE, SCHEMES, find};

    #[test]
    fn every_scheme_has_rules_for_its_own_period() {
        for scheme in SCHEMES {
            let rules = scheme.rules(scheme.period_seconds).unwrap();
            assert!(rules.len() >= 3, "{}", scheme.name);
            assert!(rules.iter().all(|rule| rule.shortest_seconds() <= rule.long_seconds));
        }
    }

    #[test]
    fn pyrra_scales_its_windows() {
        let of = |days: u64| -> Vec<(u64, u64, u64)> {
            let rules = find("pyrra").unwrap().rules(days * DAY).unwrap();
            let minutes = |seconds: u64| seconds / MINUTE;
            let row = |rule: super::Rule| {
                let short = rule.short_seconds.unwrap();
                (minutes(rule.long_seconds), minutes(short), minutes(rule.hold_seconds))
            };
            rules.into_iter().map(row).collect()
        };
        assert_eq!(of(28), [(60, 5, 2), (360, 30, 15), (1_440, 120, 60), (5_760, 360, 180)]);
        // 30 d: 64m/5m, 386m/32m, 1543m/129m, 6171m/386m (43200 min / 672, / 8064, and so on, rounded).
        let windows: Vec<(u64, u64)> = of(30).into_iter().map(|(long, short, _)| (long, short)).collect();
        assert_eq!(windows, [(64, 5), (386, 32), (1_543, 129), (6_171, 386)]);
    }

    #[test]
    fn fixed_schemes_are_as_published() {
        let factors = |name: &str, days: u64| -> Vec<String> {
            let rules = find(name).unwrap().rules(days * DAY).unwrap();
            rules.iter().map(|rule| rule.factor.to_string()).collect()
        };
        assert_eq!(factors("workbook", 30), ["14.4", "6", "1"]);
        assert_eq!(factors("sloth", 30), ["14.4", "6", "3", "1"]);
        assert_eq!(factors("sloth", 28), ["13.44", "5.6", "2.8", "14 / 15"]);
        assert_eq!(factors("slo-generator", 28), ["9", "3", "1.5", "1"]);
        assert_eq!(find("slo-generator").unwrap().rules(28 * DAY).unwrap()[1].long_seconds, 12 * HOUR);
    }
}
