//! Rules as a Prometheus rule file: recording rules for the error ratios, alerting rules for the burn rates.
//!
//! Constants are written from the decimal text of the target, in the form in which Prometheus prints numbers
//! (`1e-09`), so none carries binary noise; a factor that is no decimal number is written as a fraction. The
//! threshold stays a product,
//! `14.4 * 1e-09`, so that both are seen.

use std::fmt::Write as _;

use crate::quantity::{Decimal, Objective};
use crate::slo::rule::Rule;

/// The word in an expression that stands for the window.
pub const WINDOW: &str = "WINDOW";

/// What the rules are about.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Value of the label `slo`, and name of the group.
    pub name: &'a str,
    /// The target.
    pub objective: &'a Objective,
    /// The period of the budget.
    pub period_seconds: u64,
    /// How the share of bad events over a window is asked for.
    pub indicator: Indicator<'a>,
}

/// Where the share of bad events comes from; selectors such as `http_requests_total{job="api"}`.
#[derive(Clone, Copy, Debug)]
pub enum Indicator<'a> {
    /// Counters of bad and of all events.
    BadTotal(&'a str, &'a str),
    /// Counters of good and of all events.
    GoodTotal(&'a str, &'a str),
    /// Any expression for the share of bad events, with [`WINDOW`] for the window.
    Ratio(&'a str),
}

impl Indicator<'_> {
    fn expression(&self, window: &str) -> String {
        match self {
            Self::BadTotal(bad, total) => format!("sum(rate({bad}[{window}]))\n/\nsum(rate({total}[{window}]))"),
            // The difference first: one minus a ratio near one would lose its digits.
            Self::GoodTotal(good, total) => {
                format!("(sum(rate({total}[{window}])) - sum(rate({good}[{window}])))\n/\nsum(rate({total}[{window}]))")
            }
            Self::Ratio(expression) => expression.replace(WINDOW, window),
        }
    }
}

/// The rule file. Rules with a threshold of 1 or more never fire and are left out, with a comment.
pub fn rule_file(rules: &[Rule], service: &Service<'_>) -> String {
    let fires = |rule: &&Rule| rule.factor.threshold(service.objective) < 1.0;
    let kept: Vec<&Rule> = rules.iter().filter(fires).collect();
    let mut windows: Vec<u64> = kept.iter().flat_map(|rule| rule.windows()).collect();
    windows.sort_unstable();
    windows.dedup();
    let mut out = String::from("groups:\n");
    let _ = writeln!(out, "  - name: {}\n    rules:", quoted(&format!("slo-{}-recordings", service.name)));
    for window in windows {
        recording(&mut out, service, window);
    }
    budget(&mut out, service);
    let _ = writeln!(out, "  - name: {}\n    rules:", quoted(&format!("slo-{}-alerts", service.name)));
    for rule in rules {
        if fires(&rule) {
            alert(&mut out, service, rule);
        } else {
            let (factor, budget) = (rule.factor, constant(service.objective.budget()));
            let _ = writeln!(
                out,
                "      # Left out: {factor} * {budget} is 1 or more, so a {} over {} never fires.",
                rule.severity.name(),
                duration(rule.long_seconds)
            );
        }
    }
    if kept.is_empty() {
        out.push_str("      []\n");
    }
    out
}

fn recording(out: &mut String, service: &Service<'_>, window: u64) {
    let window = duration(window);
    let _ = writeln!(out, "      - record: slo:error_ratio:rate{window}");
    block(out, &service.indicator.expression(&window));
    labels(out, &[("slo", service.name)]);
}

/// The budget and its period as series, for dashboards.
fn budget(out: &mut String, service: &Service<'_>) {
    let series = [
        ("slo:error_budget:ratio", constant(service.objective.budget())),
        ("slo:period:seconds", service.period_seconds.to_string()),
    ];
    for (name, value) in series {
        let _ = writeln!(out, "      - record: {name}");
        block(out, &format!("vector({value})"));
        labels(out, &[("slo", service.name)]);
    }
}

fn alert(out: &mut String, service: &Service<'_>, rule: &Rule) {
    let (factor, budget) = (rule.factor, constant(service.objective.budget()));
    let selected = |window: u64| {
        let name = label_value(service.name);
        format!("slo:error_ratio:rate{}{{slo=\"{name}\"}} > ({factor} * {budget})", duration(window))
    };
    let long = duration(rule.long_seconds);
    let condition = match rule.short_seconds {
        Some(short) => format!("{}\nand\n{}", selected(rule.long_seconds), selected(short)),
        None => selected(rule.long_seconds),
    };
    let _ = writeln!(out, "      - alert: ErrorBudgetBurn");
    block(out, &condition);
    if rule.hold_seconds > 0 {
        let _ = writeln!(out, "        for: {}", duration(rule.hold_seconds));
    }
    let short = rule.short_seconds.map(duration);
    let mut named = vec![("slo", service.name), ("severity", rule.severity.name()), ("long_window", &long)];
    named.extend(short.as_deref().map(|short| ("short_window", short)));
    labels(out, &named);
    let period = duration(service.period_seconds);
    let factor = rule.factor.value();
    let summary = format!(
        "The error budget of {} burns at more than {} times the even pace of {period}",
        service.name,
        if rule.factor.to_string().contains('/') { format!("{factor:.4}") } else { factor.to_string() }
    );
    let _ = writeln!(out, "        annotations:\n          summary: {}", quoted(&summary));
}

fn labels(out: &mut String, labels: &[(&str, &str)]) {
    out.push_str("        labels:\n");
    for (name, value) in labels {
        let _ = writeln!(out, "          {name}: {}", quoted(value));
    }
}

/// An expression as a block scalar.
fn block(out: &mut String, expression: &str) {
    out.push_str("        expr: |\n");
    for line in expression.trim().lines() {
        let _ = writeln!(out, "          {line}");
    }
}

/// A YAML string in single quotes. Line breaks and other controls become spaces.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", plain.replace('\'', "''"))
}

/// A value inside of a selector's double quotes.
fn label_value(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.replace('\\', "\\\\").replace('"', "\\\"")
}

/// A time in the grammar of Prometheus: `1h`, `5m`, `1h4m`, `3d`.
pub fn duration(seconds: u64) -> String {
    let mut left = seconds;
    let mut out = String::new();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)] {
        if left >= length {
            let _ = write!(out, "{}{unit}", left / length);
            left %= length;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

/// A number as Prometheus prints it, with all digits of the decimal: `0.0005`, `1e-09`.
pub fn constant(number: &Decimal) -> String {
    let plain = number.to_string();
    let Some(digits) = plain.strip_prefix("0.") else { return plain };
    let zeros = digits.bytes().take_while(|digit| *digit == b'0').count();
    if zeros < 4 {
        return plain;
    }
    let (first, rest) = digits[zeros..].split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e-{:02}", zeros + 1)
}

#[cfg(test)]
mod tests {
    use super::{Indicator, Service, constant, duration, rule_file};
    use crate::quantity::{Decimal, Objective};
    use crate::slo::scheme::find;

    fn file(target: &str, scheme: &str, days: u64) -> String {
        let objective: Objective = target.parse().unwrap();
        let service = Service {
            name: "it's",
            objective: &objective,
            period_seconds: days * 86_400,
            indicator: Indicator::BadTotal("bad_total", "all_total"),
        };
        rule_file(&find(scheme).unwrap().rules(days * 86_400).unwrap(), &service)
    }

    #[test]
    fn numbers_are_written_as_prometheus_writes_them() {
        let cases = [
            ("0.0005", "0.0005"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1e-9", "1e-09"),
            ("1.25e-15", "1.25e-15"),
            ("0.5", "0.5"),
            ("1e-100", "1e-100"),
        ];
        for (text, expected) in cases {
            assert_eq!(constant(&Decimal::parse(text).unwrap()), expected);
        }
        assert_eq!([duration(300), duration(3_840), duration(259_200), duration(0)], ["5m", "1h4m", "3d", "0s"]);
    }

    #[test]
    fn nine_nines_carry_no_noise() {
        let text = file("99.9999999%", "sloth", 28);
        assert!(text.contains("> (13.44 * 1e-09)") && text.contains("vector(1e-09)"), "{text}");
        assert!(text.contains("> (14 / 15 * 1e-09)"), "{text}");
        assert!(!text.contains("99999999999") && !text.contains("00000000"), "{text}");
    }

    #[test]
    fn rules_that_never_fire_are_left_out() {
        let text = file("90%", "workbook", 30);
        assert!(text.contains("# Left out: 14.4 * 0.1"), "{text}");
        assert_eq!(text.matches("- alert:").count(), 2, "{text}");
        assert!(!text.contains("rate5m"), "{text}");
        let none = file("u=0.9999", "slo-generator", 28);
        assert!(none.contains("\n      []\n") || none.contains("- alert:"), "{none}");
    }
}
