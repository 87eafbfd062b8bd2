//! All paths together, and ratio estimates from them.
//!
//! Every measure is a ratio of means over independent cycles: U = E D / E T, frequency = E N / E T, mean outage = E D / E N.
//! With X and Y summed over n cycles and r = sum X / sum Y, the variance of r is about
//! `sum (X - r Y)^2 / (sum Y)^2 * n / (n - 1)` (Crane, Iglehart 1975). The interval is symmetric for ln r, which
//! covers better than one for r when outages are few and their lengths are skewed.

use std::sync::Mutex;

use crate::measure::Estimate;
use crate::numeric::interval::{Grouped, student_factor};
use crate::simulate::lengths::Lengths;
use crate::simulate::path::{Cut, Path, Plan};
use crate::simulate::tally::{PartSums, Tally};

/// Two instants so many mean cycles apart are taken as independent, and so many times the longest mean time that leads back:
/// an outage that was never seen may last as long. For replications it is the warm-up.
const APART: f64 = 10.0;

/// All paths together.
#[derive(Debug)]
pub(crate) struct Merged {
    pub(crate) tally: Tally,
    pub(crate) lengths: Lengths,
    pub(crate) events: u64,
    pub(crate) seconds: f64,
    pub(crate) regenerative: bool,
    /// Time between instants that count as independent, in seconds.
    pub(crate) apart: f64,
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
            lengths: path.lengths.clone(),
            events: path.events,
            seconds: path.time(),
            regenerative: plan.is_regenerative(),
            apart: 0.0,
        };
        if !own.regenerative && path.is_warm() && path.cycle.time > 0.0 {
            own.tally.finish(&mut path.cycle.clone());
        } else if !path.is_warm() {
            own.lengths = Lengths::new();
        }
        own
    }

    fn add(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
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
            return Grouped { sum: tally.n, squares: tally.nn, largest: tally.most.max(1.0) };
        }
        let size = self.dispersion();
        Grouped { sum: tally.n, squares: tally.n * size, largest: size }
    }

    /// The outages of one cause likewise.
    pub(crate) fn outages_by(&self, cause: usize) -> Grouped {
        let extra = self.tally.extras[cause];
        if self.regenerative {
            return Grouped { sum: extra.x, squares: extra.xx, largest: extra.largest.max(1.0) };
        }
        let size = self.dispersion();
        Grouped { sum: extra.x, squares: extra.x * size, largest: size }
    }

    /// Quantile factor: Student's with the effective number of cycles, or of replications.
    fn factor(&self, alpha: f64) -> f64 {
        let degrees = if self.regenerative { self.effective() } else { self.replications() };
        student_factor((degrees - 1.0).max(1.0), alpha)
    }

    /// Half the width of the interval of the ratio, relative to it; infinite when there is none.
    pub(crate) fn half_width(&self, sums: Sums, alpha: f64) -> f64 {
        self.half_width_with(sums, 0.0, alpha)
    }

    /// As [`Self::half_width`], with one more cycle whose X - r Y is `unseen`, and at least the mean X: where all cycles that were
    /// seen brought the same, others may be rarer than they are many.
    fn half_width_with(&self, sums: Sums, unseen: f64, alpha: f64) -> f64 {
        let n = self.tally.cycles as f64;
        if sums.x <= 0.0 || n < 2.0 {
            return f64::INFINITY;
        }
        let ratio = sums.x / sums.y;
        // Sums of squares of X - r Y, expanded; each of the three parts is non-negative and of similar size only when X
        // and Y are nearly proportional, where the difference is small and so is its effect.
        let squares = (sums.xx - 2.0 * ratio * sums.xy + ratio * ratio * sums.yy).max(0.0);
        let unseen = unseen.max(sums.x / n);
        self.factor(alpha) * libm::sqrt((squares + unseen * unseen) * n / (n - 1.0)) / sums.x
    }

    pub(crate) fn estimate(&self, sums: Sums, alpha: f64) -> Estimate {
        within(sums, self.half_width(sums, alpha), alpha)
    }

    /// The mean outage. Where all outages that were seen passed through the same states, their expected holding times are
    /// all the same and the ratio has no variance, although rarer outages last longer. So the next outage is reckoned
    /// to be as long as the longest that was drawn (as the next group of [`Grouped::upper`] is the largest).
    pub(crate) fn mean_outage(&self, alpha: f64) -> Estimate {
        let sums = Sums::of_mean_outage(&self.tally);
        let unseen = (self.lengths.longest - sums.x / sums.y).max(0.0);
        within(sums, self.half_width_with(sums, unseen, alpha), alpha)
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

/// Sums for the ratio of X to Y.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    pub(crate) x: f64,
    pub(crate) y: f64,
    xx: f64,
    xy: f64,
    yy: f64,
}

impl Sums {
    pub(crate) fn of_downtime(tally: &Tally) -> Self {
        Self { x: tally.d, y: tally.t, xx: tally.dd, xy: tally.td, yy: tally.tt }
    }

    pub(crate) fn of_outages(tally: &Tally) -> Self {
        Self { x: tally.n, y: tally.t, xx: tally.nn, xy: tally.tn, yy: tally.tt }
    }

    pub(crate) fn of_cycle_time(tally: &Tally) -> Self {
        Self { x: tally.t, y: tally.n, xx: tally.tt, xy: tally.tn, yy: tally.nn }
    }

    pub(crate) fn of_mean_outage(tally: &Tally) -> Self {
        Self { x: tally.d, y: tally.n, xx: tally.dd, xy: tally.dn, yy: tally.nn }
    }

    /// Uptime T - D per outage.
    pub(crate) fn of_mean_up_time(tally: &Tally) -> Self {
        Self {
            x: tally.t - tally.d,
            y: tally.n,
            xx: tally.tt - 2.0 * tally.td + tally.dd,
            xy: tally.tn - tally.dn,
            yy: tally.nn,
        }
    }

    /// An extra quantity per second.
    pub(crate) fn of_extra(tally: &Tally, index: usize) -> Self {
        let extra = tally.extras[index];
        Self { x: extra.x, y: tally.t, xx: extra.xx, xy: extra.xt, yy: tally.tt }
    }

    /// A part as a share of its whole.
    pub(crate) fn of_part(of: PartSums) -> Self {
        Self { x: of.x, y: of.y, xx: of.xx, xy: of.xy, yy: of.yy }
    }

    /// An extra quantity as a share of the downtime.
    pub(crate) fn of_share(tally: &Tally, index: usize) -> Self {
        let extra = tally.extras[index];
        Self { x: extra.x, y: tally.d, xx: extra.xx, xy: extra.xd, yy: tally.dd }
    }
}
