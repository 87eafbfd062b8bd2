//! Quantiles by a safeguarded Newton search on the logarithm of the probability, in ln x.

/// Which way a probability goes with x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// P(X <= x): rises.
    Lower,
    /// P(X > x): falls.
    Upper,
}

/// Finds x > 0 with `probability(x) = wanted`.
///
/// `density(x)` is the absolute slope of the probability. Starts at `guess`; Newton in (ln x, ln p) converges
/// quadratically in both tails; steps that leave the bracket are halved. Ends when a step moves x by less than 1e-15
/// relative.
pub(crate) fn quantile(
    tail: Tail,
    probability: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> f64,
    wanted: f64,
    guess: f64,
) -> f64 {
    let target = libm::log(wanted);
    let sign = if tail == Tail::Lower { 1.0 } else { -1.0 };
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut at = libm::log(guess);
    for _ in 0..200 {
        let x = libm::exp(at);
        let p = probability(x);
        let excess = if p > 0.0 { sign * (libm::log(p) - target) } else { -sign * f64::INFINITY };
        if excess == 0.0 {
            return x;
        }
        if excess > 0.0 {
            high = at;
        } else {
            low = at;
        }
        let newton = at - excess * p / (density(x) * x);
        let next = if newton.is_finite() && newton > low && newton < high && (newton - at).abs() < 50.0 {
            newton
        } else {
            between(low, high, at)
        };
        if (next - at).abs() <= 1e-15 * (1.0 + 0.1 * at.abs()) {
            return libm::exp(next);
        }
        at = next;
    }
    libm::exp(at)
}

fn between(low: f64, high: f64, at: f64) -> f64 {
    match (low.is_finite(), high.is_finite()) {
        (true, true) => f64::midpoint(low, high),
        (true, false) => at + 5.0,
        (false, _) => at - 5.0,
    }
}
