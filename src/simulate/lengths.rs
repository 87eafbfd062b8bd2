//! The lengths of outages in bins of equal ratio: flat memory, and quantiles good to half a bin (0.3 %).

/// Bins per power of two.
const PER_OCTAVE: f64 = 128.0;
/// Lengths from 2^-64 to 2^64 seconds.
const OCTAVES: f64 = 64.0;

/// Counts of outage lengths.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lengths {
    counts: Vec<u64>,
    pub(crate) total: u64,
    pub(crate) longest: f64,
}

impl Lengths {
    pub(crate) fn new() -> Self {
        Self { counts: Vec::new(), total: 0, longest: 0.0 }
    }

    pub(crate) fn add(&mut self, seconds: f64) {
        let bin = ((libm::log2(seconds) + OCTAVES) * PER_OCTAVE).clamp(0.0, 2.0 * OCTAVES * PER_OCTAVE);
        let bin = bin as usize;
        if bin >= self.counts.len() {
            self.counts.resize(bin + 1, 0);
        }
        self.counts[bin] += 1;
        self.total += 1;
        self.longest = self.longest.max(seconds);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
    }

    /// The length below which a share `p` of the outages lies: the middle of its bin.
    pub(crate) fn quantile(&self, p: f64) -> Option<f64> {
        let rank = libm::ceil(p * self.total as f64).max(1.0) as u64;
        let mut seen = 0;
        let bin = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank
        })?;
        let middle = libm::exp2((bin as f64 + 0.5) / PER_OCTAVE - OCTAVES);
        Some(middle.min(self.longest))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::Lengths;

    #[test]
    fn quantiles_are_good_to_half_a_bin() {
        let mut lengths = Lengths::new();
        for second in 1..=10_000 {
            lengths.add(f64::from(second));
        }
        for (p, expected) in [(0.5, 5_000.0), (0.9, 9_000.0), (0.01, 100.0)] {
            let quantile = lengths.quantile(p).unwrap();
            assert!((quantile / expected - 1.0).abs() < 0.003, "{p}: {quantile}");
        }
        assert_eq!(lengths.longest, 10_000.0);
        assert_eq!(Lengths::new().quantile(0.5), None);
    }
}
