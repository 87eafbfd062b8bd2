//! Whether sweeps have converged, and whether they still come closer: seen on how much each has changed.

/// Sweeps that must bring the changes down to this part of them, or extrapolation is tried.
const STALLING: usize = 32;
const STALLED: f64 = 0.25;
/// Changes below this are those of the slowest mode.
const LATE: f64 = 1e-3;
/// The error of an entry that is aimed at, relative to the terms that it is the sum of: a few roundings. An inversion makes a hundred times more of it.
pub(crate) const SMALL: f64 = 4e-15;
/// Changes below this are rounding in part.
pub(crate) const NEAR_ROUNDING: f64 = 1e-13;

/// The relative changes of the sweeps so far.
#[derive(Debug, Default)]
pub(crate) struct Convergence {
    changes: Vec<f64>,
    /// The first sweep whose change was late.
    late: Option<usize>,
    /// The factor by which a sweep makes the error smaller, seen on late changes.
    speed: f64,
}

impl Convergence {
    pub(crate) fn push(&mut self, change: f64) {
        let here = self.changes.len();
        self.changes.push(change);
        if change < LATE && self.late.is_none() {
            self.late = Some(here);
        }
        let Some(late) = self.late.filter(|_| change > NEAR_ROUNDING) else { return };
        let from = late.max(here / 2);
        if from < here {
            let ratio = change / self.changes[from];
            self.speed = libm::pow(ratio, 1.0 / (here - from) as f64).min(1.0);
        }
    }

    /// Whether the last sweeps have brought little.
    pub(crate) fn is_stalled(&self) -> bool {
        let count = self.changes.len();
        count >= 2 * STALLING
            && count.is_multiple_of(STALLING)
            && self.changes[count - 1] > STALLED * self.changes[count - 1 - STALLING]
            && self.changes[count - 1] > NEAR_ROUNDING
    }

    /// Whether the sweeps have converged; nothing while that is open. With a change `c` and the speed `r` the error that is left
    /// is about `c r / (1 - r)`; changes at the level of rounding stay there.
    pub(crate) fn verdict(&self, most_left: f64) -> Option<bool> {
        let &change = self.changes.last()?;
        if !change.is_finite() || self.speed >= 1.0 && change > 1.0 {
            return Some(false);
        }
        let left = change / (1.0 - self.speed);
        if left <= SMALL {
            return Some(true);
        }
        // In so many sweeps an error that still shrinks becomes 20 times smaller.
        let window = (3.0 / (1.0 - self.speed)).clamp(6.0, 1e4) as usize;
        let before = self.changes.len().checked_sub(1 + window)?;
        let is_at_rest = change < NEAR_ROUNDING && change > 0.5 * self.changes[before];
        is_at_rest.then_some(left <= most_left)
    }
}

#[cfg(test)]
mod tests {
    use super::Convergence;

    fn verdict(changes: impl IntoIterator<Item = f64>) -> Option<bool> {
        let mut convergence = Convergence::default();
        changes.into_iter().find_map(|change| {
            convergence.push(change);
            convergence.verdict(3e-13)
        })
    }

    #[test]
    fn convergence_is_seen_at_any_speed() {
        // With nothing left after one more sweep; slowly; down to rounding; too slowly for what rounding leaves; never.
        assert_eq!(verdict([1.0, 1.0, 0.0]), Some(true));
        let slow = (0..400).map(|sweep| 0.9_f64.powi(sweep));
        assert_eq!(verdict(slow), Some(true));
        let at_rest = (0..2_000).map(|sweep| 0.9_f64.powi(sweep).max(1e-15));
        assert_eq!(verdict(at_rest), Some(true));
        let too_slow = (0..100_000).map(|sweep| 0.999_f64.powi(sweep).max(1e-15));
        assert_eq!(verdict(too_slow), Some(false));
        assert_eq!(verdict((0..2_000).map(|sweep| 1.01_f64.powi(sweep))), None);
        assert_eq!(verdict([1.0, f64::INFINITY]), Some(false));
    }
}
