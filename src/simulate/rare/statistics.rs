//! What a batch of cycles leaves behind: a few sums, whatever its length.

use serde::{Deserialize, Serialize};

use crate::simulate::lengths::Lengths;

/// Contributions that are kept for the tail index.
pub(crate) const TOP: usize = 50;

/// Contributions of which fewer than this share count are uneven: their variance is larger than their mean squared.
const EVEN: f64 = 0.5;
/// What keeps more of its weight than this may have lost the rest by chance.
const MOST_KEPT: f64 = 0.8;

/// Sums over the cycles of one batch. Two of them add up to that of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Statistics {
    /// Cycles of the plain chain.
    pub(crate) cycles: u64,
    /// Branches under the changed measure, each for one or a few cycles.
    pub(crate) branches: u64,
    /// Events of chain and branches.
    pub(crate) events: u64,
    /// Outages seen in branches.
    pub(crate) outages: u64,
    /// Cycles of the plain chain that started with two young units or more.
    pub(crate) young_starts: u64,
    /// Outages begun on the plain chain.
    pub(crate) plain_outages: u64,
    /// Cycles whose contributions had a cap.
    pub(crate) capped_cycles: u64,
    /// Seconds of the plain chain.
    pub(crate) time: f64,
    /// Losses of the plain chain less their cumulative hazards: a sum of mean 0.
    pub(crate) control: f64,
    /// Sums of squares and products over cycles: time * time, time * control, control * control.
    pub(crate) products: [f64; 3],
    /// Sum over branches of the worth that they collected, weighted.
    pub(crate) worth: f64,
    /// Of a pilot: sum of what the starts of branches are worth, and of squared contributions over that.
    pub(crate) starts: [f64; 3],
    /// Weighted sums of the quantities over branches.
    pub(crate) sums: Vec<f64>,
    /// Sums of the quantities over the cycles of the plain chain, where outages are common.
    pub(crate) plain_sums: Vec<f64>,
    /// Contributions of single branches to downtime and outages.
    pub(crate) contributions: [Contributions; 2],
    /// The same, summed as long as any life that ages goes on. Empty where none does.
    pub(crate) lives: [Lives; 2],
    /// Branches that contribute downtime of each of the twin's classes.
    pub(crate) classes: Vec<u64>,
    /// Losses on the plain chain that cannot be made likelier, because their times have atoms, by cause.
    pub(crate) fixed_losses: Vec<u64>,
    /// Sum of the likelihood ratios at the ends of branches, whose mean is 1, and of their squares.
    pub(crate) likelihood_ratios: [f64; 2],
    /// Over branches in which a recovery outlasts many losses: what it was worth when it began, weighted then and at the end. Both
    /// have the same mean.
    pub(crate) long_recoveries: [f64; 2],
    /// Weighted lengths of outages.
    pub(crate) lengths: Lengths,
    /// Weighted number of outages longer than somebody asked for, their weighted length.
    pub(crate) long: [f64; 2],
}

/// Sums over the contributions of single branches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contributions {
    pub(crate) sum: f64,
    pub(crate) squares: f64,
    /// Part of the sum that came from states without a value.
    pub(crate) unknown: f64,
    /// Sum and sum of squares of the contributions cut off at the cap of the task, where it has one.
    pub(crate) capped: [f64; 2],
    /// The largest ones, descending.
    pub(crate) top: Vec<f64>,
}

/// Sums over what branches contribute whose starts share lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lives {
    /// How many groups there are, with those that contribute nothing.
    pub(crate) number: u64,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Contributions {
    fn new() -> Self {
        Self { sum: 0.0, squares: 0.0, unknown: 0.0, capped: [0.0; 2], top: Vec::new() }
    }

    pub(crate) fn add(&mut self, z: f64, unknown: f64, cap: f64) {
        if z <= 0.0 {
            return;
        }
        self.sum += z;
        self.squares += z * z;
        self.unknown += unknown;
        if cap.is_finite() {
            let capped = z.min(cap);
            self.capped[0] += capped;
            self.capped[1] += capped * capped;
        }
        if self.top.len() < TOP || self.top.last().is_some_and(|least| z > *least) {
            let place = self.top.partition_point(|other| *other >= z);
            self.top.insert(place, z);
            self.top.truncate(TOP);
        }
    }

    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.squares += other.squares;
        self.unknown += other.unknown;
        for (mine, more) in self.capped.iter_mut().zip(other.capped) {
            *mine += more;
        }
        self.top.extend(&other.top);
        self.top.sort_by(|a, b| b.total_cmp(a));
        self.top.truncate(TOP);
    }

    /// (sum)^2 / sum of squares: how many equal contributions would vary as much.
    pub(crate) fn effective(&self) -> f64 {
        effective(self.sum, self.squares)
    }

    /// The share of the largest one.
    pub(crate) fn largest_share(&self) -> f64 {
        self.top.first().map_or(0.0, |largest| largest / self.sum)
    }

    /// Hill's estimator of the tail index from the largest ones: at 1/2 and above the variance may be infinite.
    pub(crate) fn tail_index(&self) -> f64 {
        match self.top.split_last() {
            Some((least, above)) if !above.is_empty() => {
                above.iter().map(|z| libm::log(z / least)).sum::<f64>() / above.len() as f64
            }
            _ => f64::INFINITY,
        }
    }
}

impl Lives {
    pub(crate) fn add(&mut self, contributed: f64) {
        self.merge(&Self { number: 1, sum: contributed, squares: contributed * contributed });
    }

    fn merge(&mut self, other: &Self) {
        self.number += other.number;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// As [`Contributions::effective`].
    pub(crate) fn effective(&self) -> f64 {
        effective(self.sum, self.squares)
    }

    /// Whether they are so uneven that most of them hardly count.
    pub(crate) fn are_uneven(&self) -> bool {
        self.effective() < EVEN * self.number as f64
    }
}

/// How many equal contributions would vary as much.
fn effective(sum: f64, squares: f64) -> f64 {
    if squares > 0.0 { sum * sum / squares } else { 0.0 }
}

impl Statistics {
    pub(crate) fn new(quantities: usize, classes: usize, causes: usize) -> Self {
        Self {
            cycles: 0,
            branches: 0,
            young_starts: 0,
            events: 0,
            outages: 0,
            plain_outages: 0,
            capped_cycles: 0,
            time: 0.0,
            control: 0.0,
            products: [0.0; 3],
            worth: 0.0,
            starts: [0.0; 3],
            sums: vec![0.0; quantities],
            plain_sums: vec![0.0; quantities],
            contributions: [Contributions::new(), Contributions::new()],
            lives: [Lives::default(); 2],
            classes: vec![0; classes],
            fixed_losses: vec![0; causes],
            likelihood_ratios: [0.0; 2],
            long_recoveries: [0.0; 2],
            lengths: Lengths::new(),
            long: [0.0; 2],
        }
    }

    /// Adds a cycle of the plain chain.
    pub(crate) fn add_cycle(&mut self, time: f64, control: f64) {
        self.cycles += 1;
        self.time += time;
        self.control += control;
        self.products[0] += time * time;
        self.products[1] += time * control;
        self.products[2] += control * control;
    }

    /// Adds what cycles of the plain chain brought.
    pub(crate) fn add_plain(&mut self, quantities: &[f64]) {
        for (sum, more) in self.plain_sums.iter_mut().zip(quantities) {
            *sum += more;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.cycles += other.cycles;
        self.branches += other.branches;
        self.young_starts += other.young_starts;
        self.events += other.events;
        self.outages += other.outages;
        self.plain_outages += other.plain_outages;
        self.capped_cycles += other.capped_cycles;
        self.time += other.time;
        self.control += other.control;
        self.worth += other.worth;
        for (mine, more) in self.starts.iter_mut().zip(other.starts) {
            *mine += more;
        }
        for (mine, more) in self.products.iter_mut().zip(other.products) {
            *mine += more;
        }
        for (mine, more) in self.sums.iter_mut().zip(&other.sums) {
            *mine += more;
        }
        for (mine, more) in self.plain_sums.iter_mut().zip(&other.plain_sums) {
            *mine += more;
        }
        for (mine, more) in self.contributions.iter_mut().zip(&other.contributions) {
            mine.merge(more);
        }
        for (mine, more) in self.lives.iter_mut().zip(&other.lives) {
            mine.merge(more);
        }
        for (mine, more) in self.classes.iter_mut().zip(&other.classes) {
            *mine += more;
        }
        self.lengths.merge(&other.lengths);
        for (mine, more) in self.fixed_losses.iter_mut().zip(&other.fixed_losses) {
            *mine += more;
        }
        for (mine, more) in self.likelihood_ratios.iter_mut().zip(other.likelihood_ratios) {
            *mine += more;
        }
        for (mine, more) in self.long_recoveries.iter_mut().zip(other.long_recoveries) {
            *mine += more;
        }
        for (mine, more) in self.long.iter_mut().zip(other.long) {
            *mine += more;
        }
    }

    /// The share of the result that vanished with the weights of branches in which a recovery outlasts many losses.
    pub(crate) fn vanished_share(&self) -> f64 {
        let [begun, kept] = self.long_recoveries;
        if kept < MOST_KEPT * begun { (begun - kept) / (self.worth + begun - kept) } else { 0.0 }
    }

    /// What these sums are without those of `part`: cycles, branches, lengths, and the sums of the quantities only.
    pub(crate) fn less(&self, part: &Self) -> Self {
        let mut rest = Self::new(self.sums.len(), self.classes.len(), self.fixed_losses.len());
        rest.cycles = self.cycles - part.cycles;
        rest.branches = self.branches - part.branches;
        rest.time = self.time - part.time;
        rest.control = self.control - part.control;
        for (rest, (all, part)) in rest.products.iter_mut().zip(self.products.iter().zip(part.products)) {
            *rest = all - part;
        }
        for (rest, (all, part)) in rest.sums.iter_mut().zip(self.sums.iter().zip(&part.sums)) {
            *rest = all - part;
        }
        rest
    }
}
