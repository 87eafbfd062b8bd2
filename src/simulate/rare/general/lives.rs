//! Which branches belong together: what starts within the life of one old unit is as likely to end badly as that unit is old.
//!
//! The branches of a batch are cut into groups at starts where every life that ages has begun since the last cut. What groups
//! contribute is independent but for the ages at a cut. A group that the end of the batch cuts off is left out: it is no whole
//! life, and its length is that of the batch.

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
    /// The first group begins: what was born before is older.
    pub(super) fn begin(&mut self) {
        *self = Self { start: 1, first: 1, contributed: [0.0; 2] };
    }

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
        let ages = born.peek().is_some();
        if born.any(|born| born < self.first) {
            return;
        }
        let sums = std::mem::take(&mut self.contributed);
        if ages {
            for (lives, sum) in statistics.lives.iter_mut().zip(sums) {
                lives.add(sum);
            }
        }
        self.first = self.start;
    }
}

#[cfg(test)]
mod tests {
    use super::{Lives, Statistics};

    /// The groups of starts that contribute 1, 2, 3 and so on, with the lives that go on after each.
    fn groups(born: &[&[u64]]) -> (f64, f64, u64) {
        let (mut lives, mut statistics) = (Lives::default(), Statistics::new(2, 0, 0));
        lives.begin();
        for (start, born) in born.iter().enumerate() {
            lives.add([start as f64 + 1.0, 0.0], born.iter().copied(), &mut statistics);
        }
        let [downtime, _] = statistics.lives;
        (downtime.sum, downtime.squares, downtime.number)
    }

    #[test]
    fn starts_in_the_same_lives_are_one() {
        // Two units; at first what was born before counts as born at 1. The first group ends at the third start, after which both
        // are younger than it, so 1 + 2 + 3; the fourth is one of its own, as both began in it; the last one is cut off.
        assert_eq!(groups(&[&[0, 0], &[2, 0], &[2, 3], &[4, 4], &[4, 5]]), (10.0, 36.0 + 16.0, 2));
    }

    #[test]
    fn where_nothing_ages_there_are_no_lives() {
        assert_eq!(groups(&[&[], &[], &[]]), (0.0, 0.0, 0));
    }
}
