//! Lengths of outages and of times up, and what varies in them.

use crate::data::{Downtime, Interval};

/// The history of a window. Lengths are in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Lengths of the outages inside of the window.
    pub outages: Vec<f64>,
    /// The same, weighted.
    pub weighted: Vec<f64>,
    /// Times up between two outages.
    pub ups: Vec<f64>,
    /// Time up in all.
    pub up_seconds: f64,
    /// Time down in all.
    pub down_seconds: f64,
    /// Time down in all, weighted.
    pub weighted_seconds: f64,
    /// Outages that began inside of the window.
    pub failures: u64,
    /// Outages that ended inside of it.
    pub repairs: u64,
}

impl History {
    /// Of the downtime in a window; `lasts` when the outage at the end of the window is not over.
    pub fn of(downtime: &Downtime, window: &Interval, lasts: bool) -> Self {
        let inside = downtime.outages().clipped(window);
        let left_out = downtime.left_out().clipped(window);
        let counted = downtime.within(window);
        let up = downtime.outages().union(downtime.left_out()).complement(window);
        let mut history = Self {
            up_seconds: up.seconds(),
            down_seconds: counted.strict_seconds,
            weighted_seconds: counted.down_seconds,
            ..Self::default()
        };
        let edges = downtime.outages();
        for outage in inside.intervals() {
            history.outages.push(outage.seconds());
            history.weighted.push(downtime.down_seconds(outage));
            let began = outage.start > window.start || !reaches_before(edges.intervals(), outage);
            let after_gap = left_out.intervals().binary_search_by(|gap| gap.end.cmp(&outage.start)).is_ok();
            // Maintenance that hides a part of an outage makes no new one.
            let goes_on = outage.start > window.start && reaches_before(downtime.uncut().intervals(), outage);
            history.failures += u64::from(began && !after_gap && !goes_on);
            let is_over = outage.end < window.end || !lasts && !reaches_after(edges.intervals(), outage);
            let before_gap = left_out.intervals().binary_search_by(|gap| gap.start.cmp(&outage.end)).is_ok();
            let is_cut = outage.end < window.end && reaches_after(downtime.uncut().intervals(), outage);
            history.repairs += u64::from(is_over && !before_gap && !is_cut);
        }
        let between = up.intervals().iter().filter(|up| up.start > window.start && up.end < window.end);
        history.ups = between.map(Interval::seconds).collect();
        history
    }
}

impl History {
    /// The histories of several units as one, and `idle` more that were up for `seconds` each.
    pub fn pooled<'h>(histories: impl IntoIterator<Item = &'h Self>, idle: u64, seconds: f64) -> Self {
        let mut pooled = Self { up_seconds: idle as f64 * seconds, ..Self::default() };
        for history in histories {
            pooled.outages.extend(&history.outages);
            pooled.weighted.extend(&history.weighted);
            pooled.ups.extend(&history.ups);
            pooled.up_seconds += history.up_seconds;
            pooled.down_seconds += history.down_seconds;
            pooled.weighted_seconds += history.weighted_seconds;
            pooled.failures += history.failures;
            pooled.repairs += history.repairs;
        }
        pooled
    }
}

/// Whether the outage that `part` is cut from began before it.
fn reaches_before(outages: &[Interval], part: &Interval) -> bool {
    let at = outages.partition_point(|outage| outage.end <= part.start);
    outages.get(at).is_some_and(|outage| outage.start < part.start)
}

/// Whether the outage that `part` is cut from goes on after it.
fn reaches_after(outages: &[Interval], part: &Interval) -> bool {
    let at = outages.partition_point(|outage| outage.end <= part.start);
    outages.get(at).is_some_and(|outage| outage.end > part.end)
}

/// Moments of lengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Lengths {
    /// How many there are.
    pub(crate) count: f64,
    mean: f64,
    variance: f64,
    /// Mean and variance of the logarithms of those above 0, and how many they are.
    pub(crate) log_mean: f64,
    pub(crate) log_variance: f64,
    pub(crate) log_skewness: f64,
    pub(crate) positive: f64,
}

impl Lengths {
    pub(crate) fn of(lengths: &[f64]) -> Self {
        let (count, mean, variance, _) = moments(&lengths.iter().copied());
        let logs = lengths.iter().filter(|length| **length > 0.0).map(|length| libm::log(*length));
        let (positive, log_mean, log_variance, log_skewness) = moments(&logs);
        Self { count, mean, variance, log_mean, log_variance, log_skewness, positive }
    }

    /// The squared coefficient of variation; `None` below two lengths.
    pub(crate) fn variation(&self) -> Option<f64> {
        (self.count > 1.5 && self.mean > 0.0).then(|| self.variance / (self.mean * self.mean))
    }
}

/// Count, mean, variance (of `n - 1` degrees of freedom), skewness (of the sample).
fn moments(values: &(impl Iterator<Item = f64> + Clone)) -> (f64, f64, f64, f64) {
    let count = values.clone().count() as f64;
    if count < 0.5 {
        return (0.0, 0.0, 0.0, 0.0);
    }
    let mean = values.clone().sum::<f64>() / count;
    let power = |exponent: i32| values.clone().map(|value| (value - mean).powi(exponent)).sum::<f64>();
    let squares = power(2);
    let variance = if count > 1.5 { squares / (count - 1.0) } else { 0.0 };
    let deviation = (squares / count).sqrt();
    let skewness = if deviation > 0.0 { power(3) / count / deviation.powi(3) } else { 0.0 };
    (count, mean, variance, skewness)
}
