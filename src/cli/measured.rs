//! What happened, for budgets and burn rates: a log of outages, or counted events, as curves.

use std::path::PathBuf;

use crate::cli::events::EventSeries;
use crate::cli::log_args::{LoadedLog, LogArguments};
use crate::cli::period::shown;
use crate::cli::problem::Problem;
use crate::cli::source::sha256;
use crate::data::{Downtime, IncidentLog, Instant, Interval, Maintenance, Reading, Rule, Timeline, Zone};
use crate::report::results::{ModelInfo, WarningInfo};
use crate::slo::{Curve, Stretch};

/// A measured service.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Bad and all, in seconds from [`Self::present`]: the past is negative.
    pub(crate) curve: Curve,
    /// Whether the curve counts events; otherwise it counts seconds.
    pub(crate) counts_events: bool,
    /// The window of the log; its end is the present.
    pub(crate) window: Interval,
    /// The zone of the calendar.
    pub(crate) zone: Zone,
    /// Times of a log that are neither up nor down since nothing was seen.
    pub(crate) unobserved: Timeline,
    /// Planned maintenance, however it counts.
    pub(crate) maintenance: Timeline,
    /// The curve with maintenance counted the other way: as downtime, or, where it is that already, left out.
    pub(crate) other: Option<(Maintenance, Curve)>,
    /// Which files.
    pub(crate) info: ModelInfo,
    pub(crate) warnings: Vec<WarningInfo>,
}

impl Measured {
    /// Outages of a log.
    pub(crate) fn log(paths: &[PathBuf], arguments: &LogArguments) -> Result<Self, Problem> {
        let loaded = arguments.load(paths)?;
        let downtime = loaded.downtime(&loaded.rule);
        let stretches = stretches(&downtime, loaded.window.end);
        let other = (!downtime.maintenance().is_empty()).then(|| {
            let maintenance = match loaded.rule.maintenance {
                Maintenance::Count => Maintenance::Exclude,
                Maintenance::Exclude | Maintenance::Ignore => Maintenance::Count,
            };
            let other = loaded.downtime(&Rule { maintenance, ..loaded.rule.clone() });
            (maintenance, Curve::of_time(&self::stretches(&other, loaded.window.end)))
        });
        let (maintenance, unobserved) = (downtime.maintenance().clone(), downtime.unobserved().clone());
        let measured = Self::new(loaded, Curve::of_time(&stretches), false, unobserved);
        Ok(Self { maintenance, other, ..measured })
    }

    /// Counted events.
    pub(crate) fn events(series: &EventSeries, arguments: &LogArguments) -> Result<Self, Problem> {
        let (first, last) = series.stretches.first().zip(series.stretches.last()).expect("there are stretches");
        let observed = Some(Interval { start: first.0.start, end: last.0.end });
        let log = IncidentLog { reading: Reading { observed, ..Reading::default() }, ..IncidentLog::default() };
        let hash = series.texts.iter().map(|text| sha256(text)).collect::<Vec<_>>().join(",");
        let info = ModelInfo { name: Some(series.names.join(", ")), sha256: hash, set: Vec::new() };
        let mut loaded = arguments.settle(log, info)?;
        loaded.warnings.splice(0..0, series.warnings.iter().cloned());
        let present = loaded.window.end;
        let stretch = |(interval, bad, total): &(Interval, f64, f64)| Stretch {
            start: interval.start.seconds_since(present),
            end: interval.end.seconds_since(present),
            bad: *bad,
            total: *total,
        };
        let curve = Curve::of_events(&series.stretches.iter().map(stretch).collect::<Vec<_>>());
        Ok(Self::new(loaded, curve, true, Timeline::EMPTY))
    }

    fn new(loaded: LoadedLog, curve: Curve, counts_events: bool, unobserved: Timeline) -> Self {
        let LoadedLog { zone, window, info, warnings, .. } = loaded;
        let maintenance = Timeline::EMPTY;
        Self { curve, counts_events, window, zone, unobserved, maintenance, other: None, info, warnings }
    }

    /// The instant that everything is told for.
    pub(crate) fn present(&self) -> Instant {
        self.window.end
    }

    /// The other reading, where there is maintenance between two times.
    pub(crate) fn other_within(&self, window: &Interval) -> Option<(Maintenance, &Curve, f64)> {
        let seconds = self.maintenance.clipped(window).seconds();
        self.other.as_ref().filter(|_| seconds > 0.0).map(|(maintenance, curve)| (*maintenance, curve, seconds))
    }

    /// Seconds from the present; negative for the past.
    pub(crate) fn seconds(&self, instant: Instant) -> f64 {
        instant.seconds_since(self.present())
    }

    /// As people read it, in the zone of the calendar.
    pub(crate) fn shown(&self, seconds: f64) -> String {
        self.present().plus_seconds(seconds).map_or_else(String::new, |instant| shown(instant, &self.zone))
    }
}

/// Downtime as stretches: bad seconds by their weight; what is left out counts nothing.
fn stretches(downtime: &Downtime, present: Instant) -> Vec<Stretch> {
    // Each begin and end changes the share that is bad, or whether time counts.
    let mut changes: Vec<(Instant, f64, i32)> = Vec::new();
    let below = downtime.levels().iter().skip(1).map(|(weight, _)| *weight).chain([0.0]);
    for ((weight, times), below) in downtime.levels().iter().zip(below) {
        for interval in times.intervals() {
            changes.push((interval.start, weight - below, 0));
            changes.push((interval.end, below - weight, 0));
        }
    }
    for interval in downtime.left_out().intervals() {
        changes.push((interval.start, 0.0, 1));
        changes.push((interval.end, 0.0, -1));
    }
    changes.sort_by_key(|change| change.0);
    let mut stretches = Vec::with_capacity(changes.len());
    let (mut share, mut open, mut left_out) = (0.0, 0_usize, 0);
    for (at, (instant, more, out)) in changes.iter().enumerate() {
        share += more;
        open = if *more > 0.0 {
            open + 1
        } else if *more < 0.0 {
            open - 1
        } else {
            open
        };
        // Sums of weights that cancel leave nothing behind.
        share = if open == 0 { 0.0 } else { share };
        left_out += out;
        let Some(next) = changes.get(at + 1).map(|next| next.0).filter(|next| next > instant) else { continue };
        if open == 0 && left_out == 0 {
            continue;
        }
        let (start, end) = (instant.seconds_since(present), next.seconds_since(present));
        let length = next.seconds_since(*instant);
        let total = if left_out > 0 { 0.0 } else { length };
        stretches.push(Stretch { start, end, bad: share.min(1.0) * total, total });
    }
    stretches
}
