//! All paths together, and ratio estimates from them.
//!
//! Every measure is a ratio of means over independent cycles: U = E D / E T, frequency = E N / E T, mean outage = E D / E N.
//! With X and Y summed over n cycles and r = sum X / sum Y, the variance of r is about
//! `sum (X - r Y)^2 / (sum Y)^2 * n / (n - 1)` (Crane, Iglehart 1975). The interval is symmetric for ln r, which
//! covers better than one for r when outages are few and their lengths are skewed.

use std::sync::Mutex;

use crate::measure::Estimate;
use crate::numeric::interval::{Grouped, degrees_of_deviations, student_factor};
use crate::simulate::lengths::Lengths;
use crate::simulate::path::{Cut, Path, Plan};
use crate::simulate::tally::Tally;

/// Two instants so many mean cycles apart are taken as independent, and so many times the longest mean time that leads back:
/// an outage that was never seen may last as long. For replications it is the warm-up.
const APART: f64 = 10.0;

/// All paths together.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) tally: Tally,
    /// Those of each stream.
    streams: Vec<Tally>,
    pub(crate) lengths: Lengths,
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    pub(crate) regenerative: bool,
    /// Time between instants that count as independent, in seconds.
    pub(crate) apart: f64,
    /// The longest mean time that may be left of what leads back, in seconds.
    longest_unseen: f64,
    /// Outages that a recovery may hold which lasts so long.
    most_outages: f64,
}

impl Merged {
    /// In the order of the streams.
    pub(crate) fn of(paths: &[Mutex<Path>], plan: &Plan) -> Self {
        let mut merged: Option<Self> = None;
        for path in paths {
            let path = path.lock().expect("no thread panics while it holds a path");
            let own = Self::of_one(&path, plan);
            match &mut merged {
                None => merged = Some(own),
                Some(merged) => merged.add(&own),
            }
        }
        let mut merged = merged.expect("there are streams");
        merged.apart = match plan.cut {
            Cut::Regenerative { .. } => {
                APART * (merged.tally.t / merged.tally.cycles.max(1) as f64).max(plan.longest_recovery)
            }
            Cut::Replications { warm_up } => warm_up,
        };
        merged
    }

    /// Of a path with cycles, those that are complete; otherwise all since the warm-up.
    fn of_one(path: &Path, plan: &Plan) -> Self {
        let mut own = Self {
            tally: path.tally.clone(),
            streams: Vec::new(),
            lengths: path.lengths.clone(),
            events: path.events,
            seconds: path.time(),
            regenerative: plan.is_regenerative(),
            apart: 0.0,
            longest_unseen: plan.longest_unseen,
            most_outages: plan.most_outages,
        };
        if !own.regenerative && path.is_warm() && path.cycle.time > 0.0 {
            own.tally.finish(&mut path.cycle.clone());
        } else if !path.is_warm() {
            own.lengths = Lengths::new();
        }
        own.streams.push(own.tally.clone());
        own
    }

    fn add(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        self.streams.extend_from_slice(&other.streams);
        self.lengths.merge(&other.lengths);
        self.events += other.events;
        self.seconds += other.seconds;
    }

    /// Effective number of cycles behind the downtime; of replications, which hold many outages each, of outages.
    pub(crate) fn effective(&self) -> f64 {
        let tally = &self.tally;
        match (tally.dd > 0.0, self.regenerative) {
            (false, _) => 0.0,
            (true, true) => tally.d * tally.d / tally.dd,
            (true, false) => self.lengths.effective().min(tally.n / self.dispersion()),
        }
    }

    /// Whether the uptime rests on next to nothing: on few cycles, or on the rounding of time less downtime.
    pub(crate) fn is_hardly_up(&self) -> bool {
        const FEWEST: f64 = 100.0;
        const ROUNDING: f64 = 1e-9;
        let tally = &self.tally;
        let up = tally.t - tally.d;
        if up > 0.5 * tally.t || tally.t <= 0.0 {
            return false;
        }
        let squares = tally.tt - 2.0 * tally.td + tally.dd;
        up <= ROUNDING * tally.t || self.regenerative && up * up < FEWEST * squares
    }

    /// Share of the downtime that the worst cycle brought; of replications, the longest outage.
    pub(crate) fn largest_share(&self) -> f64 {
        let largest = if self.regenerative { self.tally.largest } else { self.lengths.longest };
        if self.tally.d > 0.0 { (largest / self.tally.d).min(1.0) } else { 0.0 }
    }

    /// Effective number of replications, whose lengths may differ when the clock ended them.
    pub(crate) fn replications(&self) -> f64 {
        if self.tally.tt > 0.0 { self.tally.t * self.tally.t / self.tally.tt } else { 0.0 }
    }

    /// How many times as much the numbers of outages of replications vary as independent outages would; at least 1.
    pub(crate) fn dispersion(&self) -> f64 {
        let tally = &self.tally;
        if tally.n <= 0.0 || tally.cycles < 2 {
            return 1.0;
        }
        let rate = tally.n / tally.t;
        let squares = tally.nn - 2.0 * rate * tally.tn + rate * rate * tally.tt;
        (squares / tally.n * tally.cycles as f64 / (tally.cycles - 1) as f64).max(1.0)
    }

    /// The outages as counts in groups: those of one cycle belong together.
    pub(crate) fn outages(&self) -> Grouped {
        let tally = &self.tally;
        if self.regenerative {
            return Grouped { sum: tally.n, squares: tally.nn, largest: tally.most.max(self.most_outages) };
        }
        let size = self.dispersion();
        Grouped { sum: tally.n, squares: tally.n * size, largest: size.max(self.most_outages) }
    }

    /// The outages of one cause likewise.
    pub(crate) fn outages_by(&self, cause: usize) -> Grouped {
        let extra = self.tally.extras[cause];
        if self.regenerative {
            return Grouped { sum: extra.x, squares: extra.xx, largest: extra.largest.max(self.most_outages) };
        }
        let size = self.dispersion();
        Grouped { sum: extra.x, squares: extra.x * size, largest: size.max(self.most_outages) }
    }

    /// Quantile factor: Student's with the effective number of cycles, or of replications, and with fewer degrees of freedom
    /// where few streams hold all that varies.
    fn factor(&self, ratio: f64, of: Measure, alpha: f64) -> f64 {
        let effective = if self.regenerative { self.effective() } else { self.replications() };
        let streams = self.streams.iter().filter(|stream| stream.cycles > 0);
        let deviations: Vec<f64> = streams.map(|stream| of.sums(stream)).map(|sums| sums.x - ratio * sums.y).collect();
        student_factor(degrees_of_deviations(&deviations, (effective - 1.0).max(1.0)).max(1.0), alpha)
    }

    /// Half the width of the interval of the ratio, relative to it; infinite when there is none.
    pub(crate) fn half_width(&self, of: Measure, alpha: f64) -> f64 {
        let HalfWidth { sampled, unseen } = self.half_widths(of, alpha);
        libm::hypot(sampled, unseen)
    }

    /// How many times as much data makes half the width `precision`, relative to the value.
    pub(crate) fn times_for(&self, of: Measure, alpha: f64, precision: f64) -> f64 {
        let HalfWidth { sampled, unseen } = self.half_widths(of, alpha);
        let (p, s, u) = (precision * precision, sampled * sampled, unseen * unseen);
        // p = s / times + u / times^2.
        (s + libm::sqrt(s * s + 4.0 * p * u)) / (2.0 * p)
    }

    /// The sum of squares has room for one part of the data more: where all that were seen brought much the same, X / Y hardly
    /// varies, although others may be rarer than they are many.
    fn half_widths(&self, of: Measure, alpha: f64) -> HalfWidth {
        let sums = of.sums(&self.tally);
        let n = self.tally.cycles as f64;
        if sums.x <= 0.0 || n < 2.0 {
            return HalfWidth { sampled: f64::INFINITY, unseen: 0.0 };
        }
        let ratio = sums.x / sums.y;
        // Sums of squares of X - r Y, expanded; each of the three parts is non-negative and of similar size only when X
        // and Y are nearly proportional, where the difference is small and so is its effect.
        let squares = (sums.xx - 2.0 * ratio * sums.xy + ratio * ratio * sums.yy).max(0.0);
        let unseen = self.unseen(of, ratio).max(sums.x / self.parts());
        let factor = self.factor(ratio, of, alpha) / sums.x;
        HalfWidth { sampled: factor * libm::sqrt(squares * n / (n - 1.0)), unseen: factor * unseen }
    }

    /// X - r Y of an outage as none was seen. It may last as long as what is left of the longest recovery on average, where none
    /// that was drawn was as long; for the mean outage also as long as the longest that was drawn, because the expected times in states
    /// that are counted in place of drawn ones are all the same as long as all outages pass through the same states.
    fn unseen(&self, of: Measure, ratio: f64) -> f64 {
        let drawn = self.lengths.longest;
        match of {
            Measure::Downtime if drawn < self.longest_unseen => self.longest_unseen,
            Measure::MeanOutage => (drawn.max(self.longest_unseen) - ratio).max(0.0),
            _ => 0.0,
        }
    }

    /// How many parts of the data could have brought something else: cycles, and of replications outages.
    fn parts(&self) -> f64 {
        if self.regenerative { self.tally.cycles as f64 } else { self.tally.n.max(self.tally.cycles as f64) }
    }

    pub(crate) fn estimate(&self, of: Measure, alpha: f64) -> Estimate {
        within(of.sums(&self.tally), self.half_width(of, alpha), alpha)
    }
}

/// The ratio, with an interval of that relative half width for its logarithm.
fn within(sums: Sums, half_width: f64, alpha: f64) -> Estimate {
    let confidence = 1.0 - alpha;
    if sums.x <= 0.0 {
        return Estimate { point: None, low: None, high: None, confidence };
    }
    let point = sums.x / sums.y;
    let spread = libm::exp(half_width);
    if !(point * spread).is_finite() {
        return Estimate { point: None, low: None, high: None, confidence };
    }
    Estimate { point: Some(point), low: Some(point / spread), high: Some(point * spread), confidence }
}

/// Half the width of an interval, relative to the value, in two parts whose squares add up.
#[derive(Clone, Copy, Debug)]
struct HalfWidth {
    /// From the spread of what was seen: it falls with the square root of the data.
    sampled: f64,
    /// For one part of the data of a kind that was not seen: it falls with the data.
    unseen: f64,
}

/// A measure that is a ratio of means over cycles.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure {
    Downtime,
    Outages,
    CycleTime,
    MeanOutage,
    MeanUpTime,
    /// An extra quantity per second.
    Extra(usize),
    /// An extra quantity as a share of the downtime.
    ShareOfDowntime(usize),
    /// The share of long outages, or of the time in them.
    Long(usize),
}

/// Sums for the ratio of X to Y.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    pub(crate) x: f64,
    pub(crate) y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Measure {
    pub(crate) fn sums(self, tally: &Tally) -> Sums {
        match self {
            Self::Downtime => Sums { x: tally.d, y: tally.t, xx: tally.dd, xy: tally.td, yy: tally.tt },
            Self::Outages => Sums { x: tally.n, y: tally.t, xx: tally.nn, xy: tally.tn, yy: tally.tt },
            Self::CycleTime => Sums { x: tally.t, y: tally.n, xx: tally.tt, xy: tally.tn, yy: tally.nn },
            Self::MeanOutage => Sums { x: tally.d, y: tally.n, xx: tally.dd, xy: tally.dn, yy: tally.nn },
            // Uptime T - D per outage.
            Self::MeanUpTime => Sums {
                x: tally.t - tally.d,
                y: tally.n,
                xx: tally.tt - 2.0 * tally.td + tally.dd,
                xy: tally.tn - tally.dn,
                yy: tally.nn,
            },
            Self::Extra(index) => {
                let extra = tally.extras[index];
                Sums { x: extra.x, y: tally.t, xx: extra.xx, xy: extra.xt, yy: tally.tt }
            }
            Self::ShareOfDowntime(index) => {
                let extra = tally.extras[index];
                Sums { x: extra.x, y: tally.d, xx: extra.xx, xy: extra.xd, yy: tally.dd }
            }
            Self::Long(index) => {
                let long = tally.long[index];
                Sums { x: long.x, y: long.y, xx: long.xx, xy: long.xy, yy: long.yy }
            }
        }
    }
}

#[cfg(test)]
mod tests;
