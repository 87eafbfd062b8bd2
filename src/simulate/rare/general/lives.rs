//! Which branches belong together: what starts within the life of one old unit is as likely to end badly as that unit is old.
//!
//! The branches of a batch are cut into groups at starts where every life that ages has begun since the last cut. What groups
//! contribute is independent but for the ages at a cut; a life that outlasts the batch leaves one group.

use crate::simulate::rare::statistics::Statistics;

/// The present group.
#[derive(Debug, Default)]
pub(super) struct Lives {
    /// Number of the present start, and that of the group's first one.
    start: u64,
    first: u64,
    contributed: [f64; 2],
}

impl Lives {
    /// The number that lives bear which begin now.
    pub(super) fn now(&self) -> u64 {
        self.start
    }

    /// Adds what a branch contributed, and ends the group if all lives began in it: `born` are the numbers of those of the
    /// plain chain that age.
    pub(super) fn add(&mut self, contributed: [f64; 2], born: impl Iterator<Item = u64>, statistics: &mut Statistics) {
        for (sum, z) in self.contributed.iter_mut().zip(contributed) {
            *sum += z;
        }
        self.start += 1;
        let mut born = born.peekable();
        if born.peek().is_some() && born.all(|born| born >= self.first) {
            self.end(statistics);
        }
    }

    /// Ends the group.
    pub(super) fn end(&mut self, statistics: &mut Statistics) {
        for (lives, sum) in statistics.lives.iter_mut().zip(std::mem::take(&mut self.contributed)) {
            lives.add(sum, 0.0, f64::INFINITY);
        }
        self.first = self.start;
    }
}
