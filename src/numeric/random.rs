//! Portable random streams: one named stream per (seed, purpose, replication).
//!
//! The generator is ChaCha8 with its 64-bit stream identifier: purpose in the upper 8 bits, replication below.
//! Values are the same on every machine and for any number of threads, and adding a draw to one purpose changes
//! no other. Uniform draws use integer arithmetic and multiplications only; what other draws use stands in
//! `distribution::sample`.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// The generator behind every stream: ChaCha8, portable and value-stable.
pub type Stream = ChaCha8Rng;

/// Name and version of the generator, for reports.
pub const GENERATOR: &str = "ChaCha8, streams/1";

/// What a stream is used for; streams of different purposes never share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Plain simulation.
    Plain = 1,
    /// The pilot that fixes how a simulation is run.
    Pilot = 2,
    /// The plain chain of cycles beside branches under a changed measure.
    Chain = 3,
    /// Branches under a changed measure.
    Branch = 4,
    /// Tables of a changed measure.
    Table = 5,
    /// Inputs that are not known exactly.
    Inputs = 6,
    /// Samples drawn from a fitted distribution.
    Fit = 7,
    /// Windows of time that are compared with what happened.
    Window = 8,
}

/// The stream of `purpose` number `replication` (below 2^56) under `seed`.
pub fn stream(seed: u64, purpose: Purpose, replication: u64) -> Stream {
    let mut stream = Stream::seed_from_u64(seed);
    stream.set_stream(((purpose as u64) << 56) | (replication & 0x00FF_FFFF_FFFF_FFFF));
    stream
}

/// A uniform draw from the open interval (0, 1): an odd multiple of 2^-54.
pub fn uniform(stream: &mut Stream) -> f64 {
    let bits = stream.next_u64() >> 11;
    (bits as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
}

#[cfg(test)]
mod tests {
    use super::{Purpose, stream, uniform};
    use rand::Rng;

    #[test]
    fn the_first_values_are_pinned() {
        let mut first = stream(1, Purpose::Plain, 0);
        let drawn = [first.next_u64(), first.next_u64()];
        assert_eq!(drawn, PINNED, "a changed stream is a visible decision");
    }

    const PINNED: [u64; 2] = [10800135718733647046, 15779222209643635861];

    #[test]
    fn purposes_and_replications_share_no_values() {
        let names = [(Purpose::Plain, 0), (Purpose::Plain, 1), (Purpose::Pilot, 0), (Purpose::Pilot, 1)];
        let mut drawn: Vec<u64> = names.iter().map(|&(purpose, k)| stream(7, purpose, k).next_u64()).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), names.len());
    }

    #[test]
    fn uniforms_are_inside_the_open_interval_with_the_right_mean() {
        let mut random = stream(3, Purpose::Plain, 0);
        let n = 100_000;
        let mean: f64 =
            (0..n).map(|_| uniform(&mut random)).inspect(|u| assert!(*u > 0.0 && *u < 1.0)).sum::<f64>() / f64::from(n);
        // Standard deviation of the mean: 0.2887 / sqrt(1e5) = 9.1e-4; five of them.
        assert!((mean - 0.5).abs() < 4.6e-3, "{mean}");
    }
}
