//! Bounds of a union from the sums over small sets of its events.
//!
//! ```text
//! S(k) = sum over all sets of k events of P(all of them)
//! P(union) <= S(1),   >= S(1) - S(2),   <= S(1) - S(2) + S(3),   ...                 (Bonferroni 1936)
//! ```
//!
//! The same holds for the frequency with which the union begins, where no two events begin at one instant: with N(k) the sum over all sets
//! of k events of how often all of them come to hold. For what begins while m others hold is counted `C(m, k - 1)` times in N(k), and
//! `1 - m`, `1 - m + C(m, 2)`, ... lie below and above the indicator of m = 0 in turn (Galambos, Simonelli 1996, Bonferroni-type
//! Inequalities with Applications, chapter 1).

use crate::exact::enclosure::Enclosure;
use crate::numeric::special::choices;

/// Room for the rounding of sums and differences, relative to each term.
const ROOM: f64 = 1e-13;

/// A sum over all sets of so many events.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    /// Probabilities, at least and at most.
    pub(crate) unavailability: [f64; 2],
    /// Per second, at least and at most.
    pub(crate) frequency: [f64; 2],
    /// The largest lower end of one probability.
    pub(crate) largest: f64,
}

impl Sum {
    /// The larger one of probability and frequency.
    pub(crate) fn relative_width(&self) -> f64 {
        Enclosure { unavailability: self.unavailability, frequency: Some(self.frequency) }.relative_width()
    }

    /// Adds a term that occurs so many `times`.
    pub(crate) fn add(&mut self, term: &Enclosure, times: f64) {
        let add = |sum: &mut [f64; 2], [low, high]: [f64; 2]| {
            sum[0] += times * low * (1.0 - ROOM);
            sum[1] += times * high * (1.0 + ROOM);
        };
        add(&mut self.unavailability, term.unavailability);
        add(&mut self.frequency, term.frequency.unwrap_or([0.0, f64::INFINITY]));
        self.largest = self.largest.max(term.unavailability[0]);
    }
}

/// The bounds of the union of so many events by its first sums.
pub(crate) fn union(sums: &[Sum], events: usize) -> Enclosure {
    let of = |ends: fn(&Sum) -> [f64; 2]| -> [f64; 2] {
        let sums: Vec<[f64; 2]> = sums.iter().map(ends).collect();
        truncated(&sums, events)
    };
    let [low, high] = of(|sum| sum.unavailability);
    let largest = sums.iter().map(|sum| sum.largest).fold(0.0, f64::max);
    Enclosure { unavailability: [low.max(largest), high.min(1.0)], frequency: Some(of(|sum| sum.frequency)) }
}

/// The best ends of all truncations. A difference keeps the digits that the sums have in common with the union: what is
/// subtracted is far smaller, or the lower end is 0.
fn truncated(sums: &[[f64; 2]], events: usize) -> [f64; 2] {
    let (mut lowest, mut highest) = (0.0_f64, f64::INFINITY);
    let (mut low, mut high) = (0.0, 0.0);
    for (order, &[least, most]) in (1..).zip(sums) {
        let is_added = order % 2 == 1;
        (low, high) = if is_added { (low + least, high + most) } else { (low - most, high - least) };
        let room = ROOM * sums[0][1];
        if is_added || order == events {
            highest = highest.min(high + room);
        }
        if !is_added || order == events {
            lowest = lowest.max(low - room);
        }
    }
    [lowest, highest]
}

/// Sets of `size` things of so many kinds, of each of which there are `counts`: per set the number of each kind, and in how many ways it
/// is chosen.
pub(crate) fn selections(counts: &[usize], size: usize) -> Vec<(Vec<usize>, f64)> {
    let Some((&count, others)) = counts.split_first() else {
        return if size == 0 { vec![(Vec::new(), 1.0)] } else { Vec::new() };
    };
    let mut found = Vec::new();
    for taken in (0..=count.min(size)).rev() {
        for (rest, ways) in selections(others, size - taken) {
            found.push(([vec![taken], rest].concat(), ways * choices(count, taken)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Sum, selections, union};
    use crate::exact::enclosure::Enclosure;

    fn known(probability: f64, frequency: f64) -> Enclosure {
        Enclosure { unavailability: [probability; 2], frequency: Some([frequency; 2]) }
    }

    /// Three independent events of probability p that begin r (1 - p) times a second each.
    fn sums(p: f64, r: f64) -> Vec<Sum> {
        let ways = [3.0, 3.0, 1.0];
        let sum = |(order, ways): (usize, f64)| {
            let mut sum = Sum::default();
            let both = libm::pow(p, order as f64);
            // Any of them may come last.
            sum.add(&known(both, order as f64 * r * (1.0 - p) * both / p), ways);
            sum
        };
        (1..).zip(ways).map(sum).collect()
    }

    #[test]
    fn truncations_enclose_and_all_sums_are_exact() {
        let (p, r) = (0.1, 2.0);
        // 1 - 0.9^3, and three that begin while no other one holds.
        let (expected, often) = (0.271, 3.0 * r * 0.9 * 0.81);
        let inside = |ends: [f64; 2], value: f64| ends[0] <= value && value <= ends[1];
        for orders in 1..=3 {
            let union = union(&sums(p, r)[..orders], 3);
            let frequency = union.frequency.unwrap();
            assert!(inside(union.unavailability, expected) && inside(frequency, often), "{orders}: {union:?}");
            let width = union.relative_width();
            assert!(if orders == 3 { width < 1e-11 } else { width > 1e-2 }, "{orders}: {width}");
        }
    }

    #[test]
    fn selections_are_counted_once() {
        assert_eq!(selections(&[20], 2), [(vec![2], 190.0)]);
        assert_eq!(selections(&[1, 2], 2), [(vec![1, 1], 2.0), (vec![0, 2], 1.0)]);
        let three = selections(&[4, 1, 2], 3);
        assert!((three.iter().map(|(_, ways)| ways).sum::<f64>() - 35.0).abs() < 1e-12);
        assert!(selections(&[1, 1], 3).is_empty());
    }
}
