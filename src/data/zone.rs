//! Time zones and calendars: which instant a local time is, and when days, months and quarters begin.
//!
//! The zones are those of the IANA database that is built in, so that results are the same on every machine.

use jiff::civil::{Date, DateTime, date};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Span, ToSpan};

use crate::data::instant::Instant;
use crate::data::interval::Interval;

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// Parts of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// From midnight to midnight: 23 or 25 hours long when the clocks change.
    Day,
    /// From Monday to Monday.
    Week,
    /// A calendar month.
    Month,
    /// Three calendar months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
}

/// How a local time stands to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// There is one such instant.
    One(Instant),
    /// The clock was set back and showed this time twice.
    Twice {
        /// Before the clock was set back.
        earlier: Instant,
        /// After it.
        later: Instant,
    },
    /// The clock was set forward over this time: the instant by the clock before.
    Never(Instant),
}

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// `UTC`, a name of the IANA database such as `Europe/Berlin`, or an offset such as `+02:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("utc") || text == "Z" {
            return Some(Self::utc());
        }
        if let Some(seconds) = offset_seconds(text) {
            let zone = TimeZone::fixed(Offset::from_seconds(seconds).ok()?);
            return Some(Self { name: text.to_owned(), zone });
        }
        let zone = TimeZone::get(text).ok()?;
        Some(Self { name: zone.iana_name().unwrap_or(text).to_owned(), zone })
    }

    /// As it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instants that a local time may be; `None` outside of the years from 1900 to 2199.
    pub(crate) fn local(&self, time: DateTime) -> Option<Local> {
        let ambiguous = self.zone.to_ambiguous_timestamp(time);
        let instant =
            |timestamp: Result<jiff::Timestamp, jiff::Error>| timestamp.ok().and_then(Instant::from_timestamp);
        Some(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => Local::One(instant(offset.to_timestamp(time))?),
            AmbiguousOffset::Fold { before, after } => {
                Local::Twice { earlier: instant(before.to_timestamp(time))?, later: instant(after.to_timestamp(time))? }
            }
            AmbiguousOffset::Gap { before, .. } => Local::Never(instant(before.to_timestamp(time))?),
        })
    }

    /// The day, week, month, quarter or year that `instant` is in.
    pub fn period(&self, instant: Instant, period: Period) -> Interval {
        let day = self.zone.to_datetime(instant.timestamp()).date();
        let first = match period {
            Period::Day => day,
            Period::Week => {
                let days = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(days.days()).expect("1900 has days before it")
            }
            Period::Month => day.first_of_month(),
            Period::Quarter => date(day.year(), (day.month() - 1) / 3 * 3 + 1, 1),
            Period::Year => day.first_of_year(),
        };
        self.between(first, first.checked_add(period.span()).expect("2199 has days after it"))
    }

    /// The periods that have time in common with `window`, in order; the first and the last may reach beyond it.
    pub fn periods(&self, window: &Interval, period: Period) -> Vec<Interval> {
        let mut found = Vec::new();
        let mut from = window.start;
        while from < window.end {
            let next = self.period(from, period);
            found.push(next);
            from = next.end.max(Instant::from_nanoseconds(i128::from(from.nanoseconds()) + 1).unwrap_or(window.end));
        }
        found
    }

    /// From the start of one day to the start of another; years beyond those of instants are cut off.
    fn between(&self, first: Date, after: Date) -> Interval {
        let start = self.start_of_day(first).unwrap_or(Instant::FIRST);
        let end = self.start_of_day(after).unwrap_or_else(last);
        Interval { start, end: end.max(start) }
    }

    /// The first instant of a day.
    pub(crate) fn start_of_day(&self, day: Date) -> Option<Instant> {
        let start = self.zone.to_ambiguous_zoned_datetime(day.at(0, 0, 0, 0)).compatible().ok()?;
        Instant::from_timestamp(start.timestamp())
    }

    /// The local date and time, with the offset: `2024-03-31 01:00:00+01:00`, for people.
    pub fn shown(&self, instant: Instant) -> String {
        self.zone.to_datetime(instant.timestamp()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The name of the period that begins at `instant`: `2024-03-31`, `2024-03`, `2024-Q1`, `2024`.
    pub fn label(&self, instant: Instant, period: Period) -> String {
        let day = self.zone.to_datetime(instant.timestamp()).date();
        match period {
            Period::Day | Period::Week => day.to_string(),
            Period::Month => day.strftime("%Y-%m").to_string(),
            Period::Quarter => format!("{}-Q{}", day.year(), (day.month() - 1) / 3 + 1),
            Period::Year => day.year().to_string(),
        }
    }

    /// What a calendar name stands for: `2024`, `2024-Q1`, `2024-03`, `2024-03-31`.
    pub fn named(&self, text: &str) -> Option<Interval> {
        let text = text.trim();
        let year = |text: &str| text.parse::<i16>().ok().filter(|year| text.len() == 4 && (1900..2200).contains(year));
        let (first, period) = match *text.split('-').collect::<Vec<_>>().as_slice() {
            [one] => (date(year(one)?, 1, 1), Period::Year),
            [one, quarter] if quarter.starts_with(['Q', 'q']) => {
                let quarter: i8 = quarter[1..].parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
                (date(year(one)?, 3 * quarter - 2, 1), Period::Quarter)
            }
            [one, month] if month.len() == 2 => (Date::new(year(one)?, month.parse().ok()?, 1).ok()?, Period::Month),
            [one, month, day] if month.len() == 2 && day.len() == 2 => {
                (Date::new(year(one)?, month.parse().ok()?, day.parse().ok()?).ok()?, Period::Day)
            }
            _ => return None,
        };
        Some(self.between(first, first.checked_add(period.span()).ok()?))
    }
}

/// The last nanosecond of 2199.
fn last() -> Instant {
    Instant::END.plus_nanoseconds(-1).expect("just before the end")
}

impl Period {
    fn span(self) -> Span {
        match self {
            Self::Day => 1.day(),
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::Year => 1.year(),
        }
    }
}

/// `+02:00`, `-0330`, `+02`.
fn offset_seconds(text: &str) -> Option<i32> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|rest| !rest.is_empty()).map_or(Some(0), |rest| rest.parse().ok())?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}
