//! The first two derivatives of ln Gamma, for positive arguments.

/// From here on the asymptotic series has 1e-16 after eight terms.
const SERIES_FROM: f64 = 10.0;

/// psi(x) = d ln Gamma(x) / dx, for x > 0: recurrence psi(x) = psi(x + 1) - 1/x up to 10, then the asymptotic series
/// (Abramowitz, Stegun 1964, 6.3.5 and 6.3.18). Absolute accuracy about 1e-15 max(1, 1/x).
pub fn digamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32_760.0,
        1.0 / 12.0,
        -3617.0 / 8_160.0,
    ];
    let (mut at, mut below) = (x, 0.0);
    while at < SERIES_FROM {
        below += 1.0 / at;
        at += 1.0;
    }
    let square = 1.0 / (at * at);
    let series = TERMS.iter().rev().fold(0.0, |inner, term| square * (term + inner));
    libm::log(at) - 0.5 / at - series - below
}

/// psi'(x), for x > 0: recurrence psi'(x) = psi'(x + 1) + 1/x^2 up to 10, then the asymptotic series (Abramowitz, Stegun 1964,
/// 6.4.6 and 6.4.12). All large terms are positive: relative accuracy about 1e-15.
pub fn trigamma(x: f64) -> f64 {
    const TERMS: [f64; 8] =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2_730.0, 7.0 / 6.0, -3617.0 / 510.0];
    let (mut at, mut below) = (x, 0.0);
    while at < SERIES_FROM {
        below += 1.0 / (at * at);
        at += 1.0;
    }
    let square = 1.0 / (at * at);
    let series = TERMS.iter().rev().fold(0.0, |inner, term| square * (term + inner));
    below + 1.0 / at + 0.5 * square + series / at
}

#[cfg(test)]
mod tests {
    use super::{digamma, trigamma};

    /// psi(1) = -gamma, psi(1/2) = -gamma - 2 ln 2, psi'(1) = pi^2/6, psi'(1/2) = pi^2/2 (Abramowitz, Stegun 1964, 6.3.2 ff.);
    /// the others by mpmath 1.3 in 40 digits.
    #[test]
    fn known_values() {
        let pi2 = std::f64::consts::PI * std::f64::consts::PI;
        let cases = [
            (1.0, -0.577_215_664_901_532_9, pi2 / 6.0),
            (0.5, -1.963_510_026_021_423_5, pi2 / 2.0),
            (0.1, -10.423_754_940_411_076, 101.433_299_150_792_76),
            (1234.5, 7.118_016_231_827_998, 8.103_727_271_269_667e-4),
        ];
        for (x, first, second) in cases {
            assert!((digamma(x) - first).abs() <= 4e-15 * first.abs(), "psi({x}) = {:?}", digamma(x));
            assert!((trigamma(x) - second).abs() <= 4e-15 * second, "psi'({x}) = {:?}", trigamma(x));
        }
    }
}
