//! The lengths of outages in bins: flat memory, and quantiles good to half a bin (0.2 %). An outage may have a weight.
//!
//! A bin is the exponent and the first eight bits of the mantissa of the length, so that adding one takes a shift.

use serde::{Deserialize, Serialize};

/// Bits of the mantissa that tell bins apart: 256 bins per power of two.
const BITS: u32 = 8;
const PER_OCTAVE: usize = 1 << BITS;
/// Lengths below 2^-34 seconds (58 ps) share the first bin.
const SHORTEST: f64 = 1.0 / 17_179_869_184.0;
/// Lengths above 1e18 seconds share the last one.
const LONGEST: f64 = 1e18;

/// Weights of outage lengths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lengths {
    /// Per power of two the weights of its bins; empty where there is none.
    octaves: Vec<Box<[f64]>>,
    /// Outages.
    pub(crate) count: u64,
    /// Their weights together.
    pub(crate) total: f64,
    pub(crate) longest: f64,
    /// Weighted sum of the lengths, and of their squares.
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Lengths {
    pub(crate) fn new() -> Self {
        Self { octaves: Vec::new(), count: 0, total: 0.0, longest: 0.0, sum: 0.0, squares: 0.0 }
    }

    pub(crate) fn add(&mut self, seconds: f64, weight: f64) {
        let bin = bin(seconds);
        let octave = bin / PER_OCTAVE;
        match self.octaves.get_mut(octave) {
            Some(counts) if !counts.is_empty() => counts[bin % PER_OCTAVE] += weight,
            _ => self.octave(octave)[bin % PER_OCTAVE] += weight,
        }
        self.count += 1;
        self.total += weight;
        self.longest = self.longest.max(seconds);
        self.sum += weight * seconds;
        self.squares += weight * seconds * seconds;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (octave, more) in other.octaves.iter().enumerate().filter(|(_, counts)| !counts.is_empty()) {
            for (count, more) in self.octave(octave).iter_mut().zip(more) {
                *count += more;
            }
        }
        self.count += other.count;
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn octave(&mut self, octave: usize) -> &mut [f64] {
        if octave >= self.octaves.len() {
            self.octaves.resize(octave + 1, Box::default());
        }
        let counts = &mut self.octaves[octave];
        if counts.is_empty() {
            *counts = vec![0.0; PER_OCTAVE].into();
        }
        counts
    }

    /// Effective number of outages behind their total length: (sum)^2 / sum of squares.
    pub(crate) fn effective(&self) -> f64 {
        if self.squares > 0.0 { self.sum * self.sum / self.squares } else { 0.0 }
    }

    /// The length below which a share `p` of the outages lies: the middle of its bin.
    pub(crate) fn quantile(&self, p: f64) -> Option<f64> {
        let wanted = p * self.total;
        let mut seen = 0.0;
        let bin = |(octave, counts): (usize, &[f64])| {
            let place = counts.iter().position(|count| {
                seen += count;
                *count > 0.0 && seen >= wanted
            });
            place.map(|place| octave * PER_OCTAVE + place)
        };
        let bin = self.octaves.iter().map(|counts| &**counts).enumerate().find_map(bin)?;
        Some(f64::midpoint(start_of(bin), start_of(bin + 1)).min(self.longest))
    }

    /// The weight of the outages in shorter bins than that of `seconds`, and with that bin.
    pub(crate) fn up_to(&self, seconds: f64) -> [f64; 2] {
        let bin = bin(seconds);
        let weights = || {
            self.octaves.iter().enumerate().flat_map(|(octave, weights)| {
                weights.iter().enumerate().map(move |(place, weight)| (octave * PER_OCTAVE + place, weight))
            })
        };
        let within = |last: usize| weights().take_while(|(place, _)| *place < last).map(|(_, weight)| weight).sum();
        [within(bin), within(bin + 1)]
    }
}

fn bin(seconds: f64) -> usize {
    (number(seconds.clamp(SHORTEST, LONGEST)) - number(SHORTEST)) as usize
}

/// Exponent and first bits of the mantissa, one number.
fn number(seconds: f64) -> u64 {
    seconds.to_bits() >> (f64::MANTISSA_DIGITS - 1 - BITS)
}

fn start_of(bin: usize) -> f64 {
    f64::from_bits((bin as u64 + number(SHORTEST)) << (f64::MANTISSA_DIGITS - 1 - BITS))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::Lengths;

    #[test]
    fn quantiles_are_good_to_half_a_bin() {
        let mut lengths = Lengths::new();
        for second in 1..=10_000 {
            lengths.add(f64::from(second), 1.0);
        }
        for (p, expected) in [(0.5, 5_000.0), (0.9, 9_000.0), (0.01, 100.0)] {
            let quantile = lengths.quantile(p).unwrap();
            assert!((quantile / expected - 1.0).abs() < 0.002, "{p}: {quantile}");
        }
        assert_eq!(lengths.longest, 10_000.0);
        assert_eq!(Lengths::new().quantile(0.5), None);
    }

    #[test]
    fn the_weight_up_to_a_length_is_that_of_all_bins_before_it_and_of_its_own() {
        let mut lengths = Lengths::new();
        for (seconds, weight) in [(1.0, 0.5), (100.0, 0.25), (1e4, 2.0)] {
            lengths.add(seconds, weight);
        }
        for (seconds, expected) in [(0.5, [0.0, 0.0]), (1.0, [0.0, 0.5]), (100.0, [0.5, 0.75]), (1e5, [2.75, 2.75])] {
            assert_eq!(lengths.up_to(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn extreme_lengths_take_the_outermost_bins() {
        let mut lengths = Lengths::new();
        lengths.add(0.0, 1.0);
        lengths.add(1e300, 1.0);
        assert_eq!(lengths.count, 2);
        assert!(lengths.quantile(0.4).unwrap() < 1e-10);
        assert!(lengths.octaves.len() < 100);
    }

    #[test]
    fn equal_lengths_all_count_and_one_giant_counts_as_one() {
        let mut lengths = Lengths::new();
        (0..50).for_each(|_| lengths.add(3.0, 1.0));
        assert_eq!(lengths.effective(), 50.0);
        lengths.add(1e9, 1.0);
        assert!(lengths.effective() < 1.001);
    }
}
