//! Lengths of time and windows.

use crate::data::mistake::{Mistake, quoted};
use crate::data::open_slo::fields::{Fields, Mistakes};
use crate::data::open_slo::slo::{Span, WindowOfFile};
use crate::data::open_slo::tree::{Node, Value};

/// A length in the format's shorthand: a whole number above 0 and one letter, case-sensitive: `5m`, `4w`, `1M`.
fn shorthand(text: &str) -> Option<(u32, char)> {
    let unit = text.chars().next_back()?;
    let number = &text[..text.len() - unit.len_utf8()];
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let number = number.parse().ok().filter(|number| *number > 0 && is_number)?;
    "mhdwMQY".contains(unit).then_some((number, unit))
}

/// Minutes, hours, days and weeks in seconds, up to 1000 years.
fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = shorthand(text)?;
    let length = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    Some(u64::from(number) * length).filter(|seconds| *seconds <= 366_000 * 86_400)
}

/// Takes a fixed length; `bare` is what a number without a unit counts, in seconds.
pub(super) fn length(node: &Node, path: &str, bare: Option<u64>, mistakes: &mut Mistakes) -> Option<u64> {
    let text = match &node.value {
        Value::Scalar { text, .. } => text.trim(),
        _ => "",
    };
    let number = bare.and_then(|bare| Some(u64::from(text.parse::<u32>().ok().filter(|number| *number > 0)?) * bare));
    let found = number.or_else(|| seconds(text));
    if found.is_none() {
        let message = format!("{} is not a length for `{path}`", quoted(text));
        mistakes.push(Mistake::new(node.span.clone(), message).help("write `5m`, `1h`, `30d` or `4w`; `m` is minutes"));
    }
    found
}

/// `timeWindow`: a list of exactly one.
pub(super) fn of_slo(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<WindowOfFile> {
    let nodes = fields.list("timeWindow", mistakes);
    if let Some(second) = nodes.get(1) {
        mistakes.push(Mistake::new(second.span.clone(), "`timeWindow` has more than one entry"));
    }
    let node = nodes.first()?;
    let mut fields = Fields::of(node, "timeWindow", mistakes)?;
    let duration = fields.needed("duration", mistakes);
    let rolling = fields.truth("isRolling", mistakes);
    let calendar = fields.take("calendar");
    let place = fields.place();
    fields.end(mistakes);
    let duration = duration?;
    let is_rolling = rolling.unwrap_or(calendar.is_none());
    let wrong = match (is_rolling, calendar) {
        (true, Some(node)) => Some((node.span.clone(), "a rolling window has no `calendar`")),
        (false, None) => Some((place, "a window that is not rolling needs `calendar`")),
        _ => None,
    };
    if let Some((span, message)) = wrong {
        mistakes.push(Mistake::new(span, message));
        return None;
    }
    let Value::Scalar { text, .. } = &duration.value else {
        mistakes.push(Mistake::new(duration.span.clone(), format!("`duration` is {}, not a text", duration.kind())));
        return None;
    };
    let span = span(duration, text.trim(), is_rolling, mistakes);
    let (time_zone, start) = calendar.map_or((None, None), |node| zone_and_start(node, mistakes));
    let span = span?;
    Some(WindowOfFile {
        text: text.trim().to_owned(),
        span,
        is_rolling,
        time_zone,
        unaligned_start: start.filter(|start| !is_aligned(start, span)),
        place: duration.span.clone(),
    })
}

fn span(node: &Node, text: &str, is_rolling: bool, mistakes: &mut Mistakes) -> Option<Span> {
    let mut wrong = |message: String, help: &str| {
        mistakes.push(Mistake::new(node.span.clone(), message).help(help));
        None
    };
    let Some((number, unit)) = shorthand(text) else {
        return wrong(format!("{} is not a window", quoted(text)), "write `30d`, `4w`, `1M`, `1Q` or `1Y`");
    };
    let is_calendar_unit = "MQY".contains(unit);
    if is_rolling && is_calendar_unit {
        let message = format!("{} has no fixed length, so no rolling window can have it", quoted(text));
        return wrong(message, "write days or weeks such as `30d`, or add `calendar`");
    }
    if !is_rolling && (number != 1 || matches!(unit, 'm' | 'h')) {
        let message = format!("calendar windows of {} are not read", quoted(text));
        return wrong(message, "`1d`, `1w`, `1M`, `1Q` and `1Y` are");
    }
    match unit {
        'M' => Some(Span::Month),
        'Q' => Some(Span::Quarter),
        'Y' => Some(Span::Year),
        _ => match seconds(text) {
            Some(seconds) => Some(Span::Seconds(seconds)),
            None => {
                wrong(format!("{} is longer than 1000 years", quoted(text)), "write `30d`, `4w`, `1M`, `1Q` or `1Y`")
            }
        },
    }
}

/// `timeZone`, and `startTime` as it is written.
fn zone_and_start(node: &Node, mistakes: &mut Mistakes) -> (Option<String>, Option<String>) {
    let Some(mut fields) = Fields::of(node, "calendar", mistakes) else { return (None, None) };
    let place = fields.place();
    let start = fields.needed_text("startTime", mistakes);
    let zone = fields.needed_text("timeZone", mistakes);
    fields.end(mistakes);
    if let Some(wrong) = start.as_deref().filter(|start| parts(start).is_none()) {
        let message = format!("`startTime` {} is not a date with a time", quoted(wrong));
        mistakes.push(Mistake::new(place, message).help("write `2024-01-01 00:00:00`, without a time zone"));
    }
    (zone, start)
}

/// Month, day and seconds of the day of `YYYY-MM-DD HH:MM:SS`.
fn parts(text: &str) -> Option<(u32, u32, u32)> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let numbers = |text: &str, mark: char| -> Option<Vec<u32>> {
        let parts = text.split(mark).map(|part| part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit())));
        parts.collect()
    };
    let [_, month @ 1..=12, day @ 1..=31] = numbers(date, '-')?[..] else { return None };
    match numbers(time, ':')?[..] {
        [hour @ 0..24, minute @ 0..60] => Some((month, day, 3_600 * hour + 60 * minute)),
        [hour @ 0..24, minute @ 0..60, second @ 0..60] => Some((month, day, 3_600 * hour + 60 * minute + second)),
        _ => None,
    }
}

/// Whether windows of this length begin with the part of the calendar that they are called by. The day of a week is
/// not looked at: weeks begin where they begin.
fn is_aligned(start: &str, span: Span) -> bool {
    let Some((month, day, seconds)) = parts(start) else { return true };
    seconds == 0
        && match span {
            Span::Seconds(_) => true,
            Span::Month => day == 1,
            Span::Quarter => day == 1 && month % 3 == 1,
            Span::Year => day == 1 && month == 1,
        }
}
