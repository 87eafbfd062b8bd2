use super::read;
use crate::data::open_slo::slo::{Budgeting, IndicatorKind, Slo, Span};

const FILE: &str = r#"
apiVersion: openslo/v1
kind: SLO
metadata:
  name: shop
  displayName: "The shop"
  labels: {team: [a, b]}
spec:
  description: It must be up.
  service: web
  indicator:
    metadata: {name: codes}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: Prometheus, spec: {query: "sum(x)"}}}
        total: {metricSource: {type: Prometheus, spec: {query: "sum(y)"}}}
  timeWindow:
    - duration: 1M
      calendar:
        startTime: 2024-01-01 00:00:00
        timeZone: Europe/Berlin
  budgetingMethod: Timeslices
  objectives:
    - displayName: most
      targetPercent: 99.9999999
      timeSliceTarget: 0.95
      timeSliceWindow: 5
  alertPolicies:
    - alertPolicyRef: fast
    - alertPolicyRef: elsewhere
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: fast}
spec:
  alertWhenBreaching: true
  conditions:
    - kind: AlertCondition
      metadata: {name: burns}
      spec:
        severity: page
        condition: {kind: burnrate, op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}
  notificationTargets:
    - targetRef: mail
---
apiVersion: openslo/v1
kind: Service
metadata: {name: web}
spec: {description: all of it}
"#;

fn one(text: &str) -> Slo {
    let mut document = read(text).unwrap();
    assert_eq!(document.slos.len(), 1);
    document.slos.remove(0)
}

/// The file with one line replaced.
fn changed(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    FILE.replace(from, to)
}

/// The first mistake, and the text that it points at.
fn mistake(text: &str) -> (String, String) {
    let mistakes = read(text).unwrap_err();
    (mistakes[0].message.clone(), text[mistakes[0].span.clone()].to_owned())
}

#[test]
fn a_whole_file_is_read() {
    let document = read(FILE).unwrap();
    assert_eq!((document.unused[0].kind.as_str(), document.unused[0].name.as_str()), ("Service", "web"));
    let slo = one(FILE);
    assert_eq!(
        (slo.name.as_str(), slo.display_name.as_deref(), slo.service.as_deref()),
        ("shop", Some("The shop"), Some("web"))
    );
    assert_eq!(slo.indicator.as_ref().map(|found| found.kind), Some(IndicatorKind::Ratio));
    let window = slo.window.as_ref().unwrap();
    assert_eq!(
        (window.span, window.is_rolling, window.time_zone.as_deref()),
        (Span::Month, false, Some("Europe/Berlin"))
    );
    assert_eq!(window.unaligned_start, None);
    assert_eq!(slo.budgeting, Budgeting::Timeslices);
    let objective = &slo.objectives[0];
    assert_eq!(objective.objective.budget().to_string(), "0.000000001");
    assert_eq!(objective.slices.unwrap().seconds, 300);
    assert_eq!(slo.alerts.len(), 1);
    assert_eq!((slo.alerts[0].lookback_seconds, slo.alerts[0].after_seconds), (3_600, 300));
    assert_eq!(slo.missing_policies, ["elsewhere"]);
}

#[test]
fn targets_keep_every_digit() {
    let text = changed("targetPercent: 99.9999999", "target: 0.99999999999999999999");
    assert_eq!(one(&text).objectives[0].objective.budget().to_string(), "0.00000000000000000001");
    for wrong in
        ["target: 1.0", "target: \"0.99\"", "target: 99.9", "targetPercent: 100", "target: [0.9]", "target: .nan"]
    {
        let (message, place) = mistake(&changed("targetPercent: 99.9999999", wrong));
        assert!(message.contains("target") || message.contains("list"), "{message}");
        assert!(wrong.contains(&place), "{place}");
    }
}

#[test]
fn windows_are_rolling_or_of_the_calendar() {
    let calendar =
        "- duration: 1M\n      calendar:\n        startTime: 2024-01-01 00:00:00\n        timeZone: Europe/Berlin";
    let rolling = one(&changed(calendar, "- {duration: 4w, isRolling: true}"));
    assert_eq!(rolling.window.unwrap().span, Span::Seconds(28 * 86_400));
    let unaligned = one(&changed("2024-01-01 00:00:00", "2020-01-21 12:30:00"));
    assert_eq!(unaligned.window.unwrap().unaligned_start.as_deref(), Some("2020-01-21 12:30:00"));
    for (to, expected) in [
        ("- {duration: 1M, isRolling: true}", "no fixed length"),
        ("- {duration: 30d, isRolling: false}", "needs `calendar`"),
        ("- {duration: 30d, isRolling: maybe}", "neither"),
        ("- {duration: 30 days, isRolling: true}", "is not a window"),
        ("- {duration: 0d, isRolling: true}", "is not a window"),
        ("- {duration: 1mo, isRolling: true}", "is not a window"),
        ("- {duration: 4294967295w, isRolling: true}", "1000 years"),
        ("- {duration: 1d, isRolling: true}\n    - {duration: 2d, isRolling: true}", "more than one"),
    ] {
        let (message, _) = mistake(&changed(calendar, to));
        assert!(message.contains(expected), "{to}: {message}");
    }
    let (message, place) = mistake(&changed("- duration: 1M", "- duration: 2M"));
    assert!(message.contains("calendar windows") && place == "2M", "{message}");
}

#[test]
fn what_is_not_read_is_named_with_its_place() {
    for (from, to, expected, place) in [
        ("kind: SLO\n", "kind: SLOO\n", "no kind `SLOO`", "SLOO"),
        ("apiVersion: openslo/v1\nkind: SLO", "apiVersion: openslo/v1alpha\nkind: SLO", "not read", "openslo/v1alpha"),
        ("  service: web", "  servis: web", "`spec` has no `servis`", "servis"),
        ("budgetingMethod: Timeslices", "budgetingMethod: Occurrences", "slices have no meaning", "0.95"),
        ("timeSliceWindow: 5", "timeSliceWindow: 1M", "is not a length", "1M"),
        ("timeSliceTarget: 0.95", "compositeWeight: 2", "`compositeWeight`", "2"),
        ("op: gt", "op: above", "no `op` `above`", "above"),
        ("threshold: 14.4", "threshold: -1", "not a number above 0", "-1"),
        ("kind: burnrate", "kind: latency", "kind `latency` are not read", "latency"),
    ] {
        let (message, found) = mistake(&changed(from, to));
        assert!(message.contains(expected), "{to}: {message}");
        assert_eq!(found, place, "{to}");
    }
}

#[test]
fn all_mistakes_are_listed_at_once_in_order() {
    let text =
        changed("budgetingMethod: Timeslices", "budgetingMethod: Slices").replace("service: web", "service: [web]");
    let mistakes = read(&text).unwrap_err();
    assert_eq!(mistakes.len(), 2, "{mistakes:?}");
    assert!(mistakes[0].span.start <= mistakes[1].span.start);
}

#[test]
fn a_file_without_objectives_is_a_mistake() {
    for text in ["", "---\n", "a", "[1, 2]", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: a}\nspec: {}\n"] {
        assert!(read(text).is_err(), "{text:?}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

    /// Whatever is done to a file, it is read or its mistakes have places inside of it.
    #[test]
    fn changed_files_never_end_in_a_panic(
        cut in 0_usize..1_600, length in 0_usize..60, more in "[\\[\\]{}:,&*!|>'\"%@#\\-? \n\t\\\\a0é\u{0}]{0,12}",
    ) {
        let boundary = |at: usize| (0..=at.min(FILE.len())).rev().find(|at| FILE.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (boundary(cut), boundary(cut + length));
        let text = format!("{}{more}{}", &FILE[..start], &FILE[end..]);
        if let Err(mistakes) = read(&text) {
            proptest::prop_assert!(!mistakes.is_empty());
            proptest::prop_assert!(mistakes.iter().all(|mistake| mistake.span.end <= text.len()));
        }
    }
}
