//! One cycle under the changed measure: its likelihood ratio, what it collected, and where that is counted.
//!
//! Choices are made with their true probability times `H = w_0 + A + v` of what follows, where A is what the branch has
//! collected so far (not weighted), v what is still to be expected, and w_0 the share of plain simulation. With exact v that is
//! the mixture of plain simulation and of the zero-variance measures of all targets (L'Ecuyer, Tuffin 2011). What counts
//! is added with the likelihood ratio of that moment.

use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sites::{NO_CLASS, Sites};
use crate::simulate::rare::statistics::Statistics;

/// A share of plain simulation beside which no worth counts.
const PLAINLY: f64 = 1e100;

/// A branch under way.
#[derive(Debug)]
pub(crate) struct Branch {
    /// What is always added to the worth of what may follow.
    plain_share: f64,
    /// True density over used density of everything chosen so far.
    pub(crate) likelihood_ratio: f64,
    /// Worth of what was collected.
    pub(crate) collected: f64,
    /// Weighted badness times time, and increases of badness.
    weighted: [f64; 2],
    /// The parts of them that came from states without a value.
    unknown: [f64; 2],
    /// Classes of outage seen, one bit each.
    classes: u64,
    /// Length so far of the outage that is going on.
    outage: Option<f64>,
    /// What the first recovery that outlasts many losses was worth when it began, weighted then and not.
    long_recovery: Option<[f64; 2]>,
}

impl Branch {
    pub(crate) fn new(plain_share: f64, likelihood_ratio: f64) -> Self {
        Self {
            plain_share,
            likelihood_ratio,
            collected: 0.0,
            weighted: [0.0; 2],
            unknown: [0.0; 2],
            classes: 0,
            outage: None,
            long_recovery: None,
        }
    }

    /// Goes on as a plain cycle: where it has been, values are a guess, and it would be led there again and again.
    pub(crate) fn go_on_plainly(&mut self) {
        self.plain_share = PLAINLY;
    }

    /// A recovery begins that outlasts many losses, and is worth so much.
    pub(crate) fn begin_long_recovery(&mut self, worth: f64) {
        self.long_recovery.get_or_insert([self.likelihood_ratio * worth, worth]);
    }

    /// `w_0 + A`: what is added to the value of everything that may follow.
    pub(crate) fn base(&self) -> f64 {
        self.plain_share + self.collected
    }

    /// Spends `seconds` in state `at`, of which the outage lengths take `drawn`.
    #[inline]
    pub(crate) fn stay<M: Meter>(
        &mut self,
        sites: &Sites<'_, M>,
        at: u32,
        seconds: f64,
        drawn: f64,
        statistics: &mut Statistics,
    ) {
        let site = sites.site(at);
        let rates = sites.rates(site);
        if rates.is_empty() {
            return;
        }
        let weighted = self.likelihood_ratio * seconds;
        for &(quantity, rate) in rates {
            statistics.sums[quantity as usize] += weighted * rate;
        }
        if site.badness > 0.0 {
            self.weighted[0] += weighted * site.badness;
            if !site.is_known {
                self.unknown[0] += weighted * site.badness;
            }
            if site.class != NO_CLASS {
                self.classes |= 1 << site.class;
            }
            if let Some(length) = &mut self.outage {
                *length += drawn;
            }
        }
        self.collected += site.cost * seconds;
    }

    /// Goes from one state to the next; `counts` and `worth` are those of the step.
    #[inline]
    pub(crate) fn go<M: Meter>(
        &mut self,
        sites: &Sites<'_, M>,
        (from, to): (u32, u32),
        counts: &[(u32, f64)],
        worth: f64,
        statistics: &mut Statistics,
    ) {
        statistics.events += 1;
        if counts.is_empty() && self.outage.is_none() {
            return;
        }
        for &(quantity, amount) in counts {
            statistics.sums[quantity as usize] += self.likelihood_ratio * amount;
        }
        let (before, after) = (sites.site(from), sites.site(to));
        let increase = after.badness - before.badness;
        if increase > 0.0 {
            self.weighted[1] += self.likelihood_ratio * increase;
            if !after.is_known {
                self.unknown[1] += self.likelihood_ratio * increase;
            }
            self.collected += worth;
        }
        if before.badness == 0.0 && after.badness > 0.0 {
            statistics.outages += 1;
            self.outage = Some(0.0);
        } else if before.badness > 0.0
            && after.badness == 0.0
            && let Some(length) = self.outage.take()
        {
            self.end_outage(sites, length, statistics);
        }
    }

    fn end_outage<M: Meter>(&self, sites: &Sites<'_, M>, length: f64, statistics: &mut Statistics) {
        let setting = sites.setting;
        if !setting.meter.has_outages() {
            return;
        }
        statistics.lengths.add(length, self.likelihood_ratio);
        if setting.long_outage.is_some_and(|long| length > long) {
            statistics.long[0] += self.likelihood_ratio;
            statistics.long[1] += self.likelihood_ratio * length;
        }
    }

    /// Ends the branch at all-up, which stands for so many cycles; what it contributed to downtime and outages.
    pub(crate) fn end(self, cycles: u64, caps: [f64; 2], statistics: &mut Statistics) -> [f64; 2] {
        for (index, contributions) in statistics.contributions.iter_mut().enumerate() {
            contributions.add(self.weighted[index], self.unknown[index], caps[index]);
        }
        statistics.branches += 1;
        statistics.capped_cycles += if caps[0].is_finite() { cycles } else { 0 };
        statistics.worth += self.likelihood_ratio * self.collected;
        if let Some([begun, worth]) = self.long_recovery {
            statistics.long_recoveries[0] += begun;
            statistics.long_recoveries[1] += self.likelihood_ratio * worth;
        }
        statistics.likelihood_ratios[0] += self.likelihood_ratio;
        statistics.likelihood_ratios[1] += self.likelihood_ratio * self.likelihood_ratio;
        let mut classes = self.classes;
        while classes != 0 {
            statistics.classes[classes.trailing_zeros() as usize] += 1;
            classes &= classes - 1;
        }
        self.weighted
    }
}
