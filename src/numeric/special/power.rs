//! Real powers, fast where the exponent is a small multiple of one half, as shapes of lives often are.

/// Larger exponents are left to the general power.
const LARGEST: f64 = 4.0;
/// Of `(1 + x)^p - 1` with `|p x|` up to this the series is used.
const SMALL: f64 = 0.03;

/// How many halves `exponent` is the sum of, where it is a small number of them.
fn halves(exponent: f64) -> Option<u32> {
    let halves = 2.0 * exponent.abs();
    (halves <= 2.0 * LARGEST && libm::floor(halves) >= halves).then_some(halves as u32)
}

/// `base` to the power `exponent`, for `base` >= 0. Relative accuracy a few ulp.
pub(crate) fn power(base: f64, exponent: f64) -> f64 {
    let Some(halves) = halves(exponent) else { return libm::pow(base, exponent) };
    let mut result = if halves % 2 == 1 { libm::sqrt(base) } else { 1.0 };
    for _ in 0..halves / 2 {
        result *= base;
    }
    if exponent < 0.0 { 1.0 / result } else { result }
}

/// `(1 + x)^exponent - 1` for x >= 0 (infinite where x is), `exponent` > 0, to a few ulp for small x, too.
pub(crate) fn power_of_1p_less_1(x: f64, exponent: f64) -> f64 {
    if let Some(halves) = halves(exponent)
        && x < f64::INFINITY
    {
        // With y = sqrt(1 + x) - 1 it is y times the sum of (1 + y)^k over k below the number of halves: all positive.
        let root = libm::sqrt(1.0 + x);
        let sum = (0..halves).fold(0.0, |sum, _| sum * root + 1.0);
        return x / (1.0 + root) * sum;
    }
    if x * exponent.max(1.0) > SMALL {
        return libm::expm1(exponent * libm::log1p(x));
    }
    // Binomial series: each term is at most 0.03 times the one before it.
    let (mut term, mut sum, mut n) = (exponent * x, 0.0, 1.0);
    while term.abs() > f64::EPSILON / 4.0 * sum {
        sum += term;
        n += 1.0;
        term *= (exponent - n + 1.0) / n * x;
    }
    sum
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the ends are exact")]
mod tests {
    use super::{power, power_of_1p_less_1};

    #[test]
    fn small_halves_are_the_powers_of_the_library() {
        for exponent in [-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 0.7, 4.5] {
            for base in [1e-40, 0.3, 1.0, 7.7, 1e30] {
                let (fast, slow) = (power(base, exponent), libm::pow(base, exponent));
                assert!((fast / slow - 1.0).abs() < 2e-15, "{base}^{exponent}: {fast} and {slow}");
            }
        }
        assert_eq!(power(0.0, 3.0), 0.0);
        assert_eq!(power(0.0, -0.5), f64::INFINITY);
    }

    #[test]
    fn the_series_meets_the_closed_form_on_both_sides_of_its_limit() {
        // (1 + x)^p - 1 in 30 digits.
        for (x, exponent, expected) in [
            (1e-9, 0.5, 4.999_999_998_75e-10),
            (0.02, 3.0, 0.061208),
            (0.009, 3.0, 0.027243729),
            (0.0009, 30.0, 0.027355327804885400),
            (0.029, 0.7, 0.020212786542229135),
            (3.0, 0.5, 1.0),
            (8.0, 1.5, 26.0),
            (1e-12, 3.5, 3.500_000_000_004_375e-12),
        ] {
            let value = power_of_1p_less_1(x, exponent);
            assert!((value / expected - 1.0).abs() < 4e-15, "x {x}, p {exponent}: {value}");
        }
        assert_eq!(power_of_1p_less_1(f64::INFINITY, 0.5), f64::INFINITY);
    }
}
