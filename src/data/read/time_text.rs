//! Times as logs write them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;

use crate::data::instant::Instant;
use crate::data::mistake::quoted;
use crate::data::zone::{Local, Zone};

/// How times without a zone, and times in an unusual layout, are read.
#[derive(Clone, Debug)]
pub(crate) struct TimeReader<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) layout: Option<&'a str>,
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// It says itself which instant it is.
    Instant(Instant),
    /// It is local time.
    Local(Local),
}

/// Why a text is not a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoTime {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl TimeReader<'_> {
    pub(crate) fn read(&self, text: &str) -> Result<Read, NoTime> {
        let text = text.trim();
        if let Some(layout) = self.layout {
            return self.laid_out(text, layout);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !text.is_empty() {
            return if text.len() == 8 && !text.contains('.') {
                let message = format!("{} may be a date, or seconds since 1970", quoted(text));
                Err(NoTime { message, help: Some("for dates: `--time-format \"%Y%m%d\"`".to_owned()) })
            } else {
                epoch(text).map(Read::Instant)
            };
        }
        if !names_a_zone(text)
            && let Some(time) = civil(text)
        {
            return self.local(time, text);
        }
        if has_far_offset(text) {
            return Err(unknown_layout(text));
        }
        let with_zone = match text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
            Some(front) => format!("{}Z", front.trim_end()).parse::<Timestamp>(),
            None => text.parse::<Timestamp>(),
        };
        match with_zone {
            Ok(timestamp) => Instant::from_timestamp(timestamp).map(Read::Instant).ok_or_else(|| out_of_range(text)),
            Err(_) if has_far_year(text) => Err(out_of_range(text)),
            Err(_) => Err(unknown_layout(text)),
        }
    }

    /// In a column whose name says seconds since 1970.
    pub(crate) fn seconds(&self, text: &str) -> Result<Read, NoTime> {
        let text = text.trim();
        let whole = text.split('.').next().unwrap_or_default();
        let is_doubtful =
            whole.len() == 12 && whole.bytes().all(|byte| byte.is_ascii_digit()) && !whole.starts_with('0');
        if self.layout.is_none() && is_doubtful {
            let message =
                format!("{} is after 2199 in seconds since 1970, and before 2002 in milliseconds", quoted(text));
            let help = Some("write seconds (10 digits), or a time such as `2024-03-31T02:30:00Z`".to_owned());
            return Err(NoTime { message, help });
        }
        self.read(text)
    }

    fn laid_out(&self, text: &str, layout: &str) -> Result<Read, NoTime> {
        let unreadable = |error: jiff::Error| NoTime {
            message: format!("{} is not a time in the layout `{layout}`", quoted(text)),
            help: Some(format!("{error}")),
        };
        let parsed = strtime::parse(layout, text).map_err(unreadable)?;
        if parsed.offset().is_some() || parsed.timestamp().is_some() {
            let timestamp = parsed.to_timestamp().map_err(unreadable)?;
            return Instant::from_timestamp(timestamp).map(Read::Instant).ok_or_else(|| out_of_range(text));
        }
        let day = parsed.to_date().map_err(unreadable)?;
        let time =
            if parsed.hour().is_some() { day.to_datetime(parsed.to_time().map_err(unreadable)?) } else { day.into() };
        self.local(time, text)
    }

    fn local(&self, time: DateTime, text: &str) -> Result<Read, NoTime> {
        self.zone.local(time).map(Read::Local).ok_or_else(|| out_of_range(text))
    }
}

/// Whether a text begins with a year that no log is about.
fn has_far_year(text: &str) -> bool {
    let year = text.split_once('-').and_then(|(year, _)| year.parse::<u64>().ok());
    year.is_some_and(|year| !(1900..2200).contains(&year))
}

/// Whether a time is more than 23 hours from UTC, which no clock is.
fn has_far_offset(text: &str) -> bool {
    let time = text.get(11..).and_then(|time| time.split('[').next()).unwrap_or_default();
    let hours = time.rsplit_once(['+', '-']).and_then(|(_, offset)| offset.get(..2)?.parse::<u32>().ok());
    hours.is_some_and(|hours| hours > 23)
}

fn civil(text: &str) -> Option<DateTime> {
    text.parse::<DateTime>().ok().or_else(|| text.parse::<Date>().ok().map(Into::into))
}

/// Whether a date and time is followed by a zone: `Z`, `UTC`, `GMT`, an offset, or a name in brackets.
fn names_a_zone(text: &str) -> bool {
    text.ends_with(['Z', 'z', ']', 'C', 'T']) || text.get(11..).is_some_and(|time| time.contains(['+', '-']))
}

/// Seconds since 1970, and never parts of them.
pub(crate) fn epoch_seconds(text: &str) -> Result<Instant, NoTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i128 = whole.parse().map_err(|_| unknown_layout(text))?;
    in_units((seconds, fraction), 1_000_000_000, text)
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970: the one that gives a time between 1973 and 2286.
pub(crate) fn epoch(text: &str) -> Result<Instant, NoTime> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number: i128 = whole.parse().map_err(|_| unknown_layout(text))?;
    let unit: i128 = match number {
        number if number < 100_000_000_000 => 1_000_000_000,
        number if number < 100_000_000_000_000 => 1_000_000,
        number if number < 100_000_000_000_000_000 => 1_000,
        _ => 1,
    };
    in_units((number, fraction), unit, text)
}

/// So many units of nanoseconds, with decimals.
fn in_units((number, fraction): (i128, &str), unit: i128, text: &str) -> Result<Instant, NoTime> {
    let mut nanoseconds = number.checked_mul(unit).ok_or_else(|| out_of_range(text))?;
    let mut place = unit;
    for digit in fraction.bytes() {
        if !digit.is_ascii_digit() {
            return Err(unknown_layout(text));
        }
        place /= 10;
        nanoseconds += i128::from(digit - b'0') * place;
    }
    Instant::from_nanoseconds(nanoseconds).ok_or_else(|| out_of_range(text))
}

fn out_of_range(text: &str) -> NoTime {
    NoTime {
        message: format!("the time {} is outside of the years 1900 to 2199", quoted(text)),
        help: Some("an incident that has not ended has an empty end".to_owned()),
    }
}

fn unknown_layout(text: &str) -> NoTime {
    let parts: Vec<&str> = text.split([' ', 'T']).collect();
    let help = if parts.first().is_some_and(|day| day.matches('/').count() == 2) {
        let example = if parts.len() > 1 { "%m/%d/%Y %H:%M" } else { "%m/%d/%Y" };
        format!("say which number is what: `--time-format \"{example}\"` when the month comes first")
    } else {
        "times are like `2024-03-31T02:30:00Z`, `2024-03-31 02:30`, seconds since 1970, or as `--time-format` says"
            .to_owned()
    };
    NoTime { message: format!("{} is not a time", quoted(text)), help: Some(help) }
}

/// Reads a time for an option such as `--from`.
pub(crate) fn instant(text: &str, zone: &Zone) -> Result<Instant, String> {
    match (TimeReader { zone, layout: None }).read(text) {
        Ok(Read::Instant(instant) | Read::Local(Local::One(instant))) => Ok(instant),
        Ok(Read::Local(Local::Twice { earlier, later })) => {
            Err(format!("the clock showed this time twice; write {earlier} or {later}"))
        }
        Ok(Read::Local(Local::Never(_))) => Err("the clock never showed this time".to_owned()),
        Err(no_time) => Err(no_time.message),
    }
}
