//! Portable random streams: one named stream per (seed, purpose, replication).

use rand::rngs::ChaCha8Rng;

/// The generator behind every stream: ChaCha8, portable and value-stable.
pub type Stream = ChaCha8Rng;

/// What a stream is used for; streams of different purposes never share a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Plain simulation.
    Plain,
    /// The branch under the changed measure.
    Biased,
    /// Resampling of statistics.
    Bootstrap,
}

/// The stream of `purpose` number `replication` under `seed`.
pub fn stream(seed: u64, purpose: Purpose, replication: u64) -> Stream {
    let _ = (seed, purpose, replication);
    unimplemented!()
}
