//! Windows of budgets: rolling ones such as `30d`, and calendar ones such as `1M`.

use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::data::{Instant, Interval, Period, Zone};
use crate::quantity::Duration;
use crate::slo::account::Period as Passed;

/// The window of a budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Window {
    /// The time up to now, of this length.
    Rolling(Duration),
    /// The part of the calendar that now is in; days and weeks only of files, else `1M`, `1Q`, `1Y`.
    Calendar(Period),
}

/// A part of the calendar, as in reports.
pub(crate) fn calendar_name(period: Period) -> &'static str {
    match period {
        Period::Day => "calendar day",
        Period::Week => "calendar week",
        Period::Month => "calendar month",
        Period::Quarter => "calendar quarter",
        Period::Year => "calendar year",
    }
}

impl Window {
    /// As it is written: `30d`, `1M`.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Rolling(length) => length.to_string(),
            Self::Calendar(Period::Day) => "1d".to_owned(),
            Self::Calendar(Period::Week) => "1w".to_owned(),
            Self::Calendar(Period::Month) => "1M".to_owned(),
            Self::Calendar(Period::Quarter) => "1Q".to_owned(),
            Self::Calendar(Period::Year) => "1Y".to_owned(),
        }
    }

    /// Its length; of a calendar one that of the options `--month` and `--year`.
    pub(crate) fn usual_seconds(self, session: &Session) -> f64 {
        match self {
            Self::Rolling(length) => length.seconds(),
            Self::Calendar(Period::Day) => 86_400.0,
            Self::Calendar(Period::Week) => 604_800.0,
            Self::Calendar(Period::Month) => session.units.month,
            Self::Calendar(Period::Quarter) => session.units.year / 4.0,
            Self::Calendar(Period::Year) => session.units.year,
        }
    }
}

/// The window that the present is in.
pub(crate) struct Span {
    /// All of it.
    pub(crate) interval: Interval,
    pub(crate) period: Passed,
}

/// The window up to the present, or the part of the calendar that the last instant before the present is in.
pub(crate) fn span(window: Window, present: Instant, zone: &Zone) -> Result<Span, Problem> {
    match window {
        Window::Rolling(length) => {
            let seconds = length.seconds();
            let start = present.plus_seconds(-seconds).ok_or_else(|| too_long(&length.to_string()))?;
            let interval = Interval { start, end: present };
            Ok(Span { interval, period: Passed { seconds, elapsed_seconds: seconds, is_rolling: true } })
        }
        Window::Calendar(calendar) => {
            let last = present.plus_nanoseconds(-1).unwrap_or(present);
            let interval = zone.period(last, calendar);
            let elapsed_seconds = present.min(interval.end).seconds_since(interval.start);
            Ok(Span { interval, period: Passed { seconds: interval.seconds(), elapsed_seconds, is_rolling: false } })
        }
    }
}

/// An instant as people read it, with the zone that it is told in.
pub(crate) fn shown(instant: Instant, zone: &Zone) -> String {
    format!("{} {}", zone.shown(instant), zone.name())
}

/// A window that cannot be computed with.
pub(crate) fn too_long(text: &str) -> Problem {
    Problem::usage(format!("the window `{text}` is too long to compute with"))
}

impl Session {
    /// A window: `30d` and `4w` are rolling, `1M`, `1Q` and `1Y` are parts of the calendar, and `m` is always minutes.
    pub(crate) fn budget_window(&self, option: &str, text: &str) -> Result<Window, Problem> {
        let calendar = |part| Ok(Window::Calendar(part));
        match text.trim() {
            "1M" => return calendar(Period::Month),
            "1Q" => return calendar(Period::Quarter),
            "1Y" => return calendar(Period::Year),
            _ => {}
        }
        let is_calendar = text.trim_end().ends_with(['M', 'Q', 'Y']);
        self.positive_duration(option, text).map(Window::Rolling).map_err(|problem| {
            let hint =
                "`30d` and `4w` are rolling; `1M`, `1Q` and `1Y` are a month, a quarter and a year of the calendar";
            if is_calendar {
                Problem::value(option, text, "one month, one quarter or one year is expected").help(hint)
            } else {
                problem.help(hint)
            }
        })
    }
}
