//! What the reader of a log must know of it, and of the window.

use std::collections::BTreeMap;

use crate::data::{IncidentLog, Instant, Interval, Rule, quoted};
use crate::report::results::WarningInfo;

/// What was noticed in reading, and names that may not mean what they seem to.
pub(super) fn about_log(log: &IncidentLog, rule: &Rule) -> Vec<WarningInfo> {
    let mut warnings = of_reading(log);
    warnings.extend(alike_but_for_case(log));
    warnings.extend(unknown_severities(log, rule));
    warnings.extend(unused_weights(log, rule));
    warnings
}

/// The window ends before it was asked to.
pub(super) fn ends_now(window: &Interval, asked: &Interval) -> Option<WarningInfo> {
    let message = || format!("the window ends now, at {}, and not at {}", window.end, asked.end);
    (window != asked).then(|| WarningInfo::new("window_ends_now", message()))
}

/// Ends of the window that nobody gave.
pub(super) fn taken_from_log(window: &Interval, is_start_given: bool, is_end_given: bool) -> Option<WarningInfo> {
    let message = match (is_start_given, is_end_given) {
        (true, true) => return None,
        (false, false) => format!(
            "the window {} to {} is that of the incidents; `--from` and `--to` say what was observed",
            window.start, window.end
        ),
        (false, true) => format!(
            "the window begins with the first incident, at {}; `--from` says since when was observed",
            window.start
        ),
        (true, false) => {
            format!("the window ends with the last incident, at {}; `--to` says until when was observed", window.end)
        }
    };
    Some(WarningInfo::new("window_from_log", message))
}

/// Parts of the window that the log says nothing about.
pub(super) fn beyond_log(window: &Interval, said: &Interval, until: Instant) -> Option<WarningInfo> {
    if window.end <= said.start || window.start >= until {
        let message = format!(
            "the log says nothing about the window, which counts as up: its entries are from {} to {}",
            said.start, said.end
        );
        return Some(WarningInfo::new("window_outside_log", message));
    }
    let before = (window.start < said.start).then(|| {
        format!("begins {} before the log does ({})", days_or_hours(said.start.seconds_since(window.start)), said.start)
    });
    let after = (window.end > until)
        .then(|| format!("ends {} after the log does ({until})", days_or_hours(window.end.seconds_since(until))));
    let parts: Vec<String> = before.into_iter().chain(after).collect();
    let now = if window.end > until { " and the window is over (`--now` says what now is)" } else { "" };
    let message = || {
        let parts = parts.join(" and ");
        format!("the window {parts}; this time counts as up, which is right if the log is complete{now}")
    };
    (!parts.is_empty()).then(|| WarningInfo::new("window_beyond_log", message()))
}

fn days_or_hours(seconds: f64) -> String {
    if seconds < 86_400.0 {
        format!("{:.1} hours", seconds / 3_600.0)
    } else {
        format!("{:.1} days", seconds / 86_400.0)
    }
}

/// Severities that no rule knows.
fn unknown_severities(log: &IncidentLog, rule: &Rule) -> Option<WarningInfo> {
    let mut counts = vec![0_u64; log.severities.len()];
    for incident in log.incidents.iter().filter(|incident| !incident.planned) {
        if let Some(index) = incident.severity {
            counts[index as usize] += 1;
        }
    }
    let unknown = |(name, count): &(&String, u64)| *count > 0 && !rule.knows(name);
    let found: Vec<_> = log.severities.iter().zip(counts).filter(unknown).collect();
    let shown = |(name, count): &(&String, u64)| format!("{} ({count})", quoted(name));
    let names: Vec<String> = found.iter().take(8).map(shown).collect();
    let more = if found.len() > names.len() { ", …" } else { "" };
    let message = || {
        format!("severities that are not known count in full: {}{more}; `--weights` says otherwise", names.join(", "))
    };
    (!found.is_empty()).then(|| WarningInfo::new("unknown_severity", message()))
}

/// Names of components that differ in case only: each is the component that it is written as.
fn alike_but_for_case(log: &IncidentLog) -> Option<WarningInfo> {
    let mut spellings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in &log.components {
        spellings.entry(name.to_ascii_lowercase()).or_default().push(name);
    }
    let found: Vec<String> = spellings
        .into_values()
        .filter(|names| names.len() > 1)
        .map(|names| names.into_iter().map(quoted).collect::<Vec<_>>().join(" and "))
        .collect();
    let more = if found.len() > 4 { "; …" } else { "" };
    let names = || found.iter().take(4).map(String::as_str).collect::<Vec<_>>().join("; ");
    let message = || format!("components differ in case only and are counted apart: {}{more}", names());
    (!found.is_empty()).then(|| WarningInfo::new("names_differ_in_case", message()))
}

/// Weights of severities that no entry has.
fn unused_weights(log: &IncidentLog, rule: &Rule) -> Option<WarningInfo> {
    let found: Vec<String> = rule.unused(&log.severities).map(quoted).collect();
    let message = || format!("no entry of the log has the severity {} of `--weights`", found.join(", "));
    (!found.is_empty()).then(|| WarningInfo::new("unused_weight", message()))
}

/// What was noticed in reading.
fn of_reading(log: &IncidentLog) -> Vec<WarningInfo> {
    let reading = &log.reading;
    let mut warnings: Vec<WarningInfo> =
        reading.remarks.iter().map(|remark| WarningInfo::new(remark.code, remark.message.clone())).collect();
    let lines = |lines: &[u32]| {
        let shown: Vec<String> = lines.iter().take(5).map(u32::to_string).collect();
        format!("{}{}", shown.join(", "), if lines.len() > 5 { ", …" } else { "" })
    };
    if reading.naive_times > 0 && !reading.zone_given {
        let message = format!("{} times name no zone and are taken as UTC; `--tz` says otherwise", reading.naive_times);
        warnings.push(WarningInfo::new("naive_times", message));
    }
    let doubtful = [
        (
            "time_shown_twice",
            &reading.twice,
            "with a time that the clock showed twice; the one that the stated duration asks for is taken, else the \
             earlier that is not before the start",
        ),
        (
            "time_never_shown",
            &reading.never,
            "with a time that the clock never showed; it is taken by the clock before",
        ),
        ("duration_differs", &reading.differs, "whose duration is not end minus start, which holds"),
    ];
    for (code, found, what) in doubtful {
        if !found.is_empty() {
            let line = if found.len() == 1 { "line" } else { "lines" };
            let message = format!("{} {what} ({line} {})", entries(found.len() as u64), lines(found));
            warnings.push(WarningInfo::new(code, message));
        }
    }
    if reading.dropped > 0 {
        let line = if reading.dropped == 1 { "line" } else { "lines" };
        let shown = lines(&reading.dropped_lines);
        let message = format!("skipped {} that cannot be read ({line} {shown})", entries(reading.dropped));
        warnings.push(WarningInfo::new("dropped_entries", message));
    }
    warnings
}

fn entries(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
