//! Confidence intervals for counts and shares, exact ones first.
//!
//! Confidence levels are passed as `alpha`, the probability of missing (0.05 for 95 %): the small number keeps its digits.

use crate::numeric::special::{
    Tail, beta_lower_quantile, beta_upper_quantile, chi_square_lower_quantile, chi_square_upper_quantile, gamma_lower,
    gamma_lower_quantile, gamma_upper, gamma_upper_quantile, poisson_density, quantile, student_upper_quantile,
};

/// Two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The exact interval for the mean of a Poisson variable of which `count` was seen (Garwood 1936): half the
/// chi-square quantiles of `2 count` and `2 count + 2` degrees of freedom. Both misses have probability at most `alpha / 2`.
pub fn poisson(count: u64, alpha: f64) -> Interval {
    Interval { low: poisson_lower(count, alpha / 2.0), high: poisson_upper(count, alpha / 2.0) }
}

/// The one-sided exact lower bound: 0 for a count of 0.
pub fn poisson_lower(count: u64, alpha: f64) -> f64 {
    if count == 0 { 0.0 } else { 0.5 * chi_square_lower_quantile(2.0 * count as f64, alpha) }
}

/// The one-sided exact upper bound: `-ln alpha` for a count of 0.
pub fn poisson_upper(count: u64, alpha: f64) -> f64 {
    if count == 0 { -libm::log(alpha) } else { 0.5 * chi_square_upper_quantile(2.0 * (count as f64 + 1.0), alpha) }
}

/// The mid-P interval for the mean of a Poisson variable of which `count` was seen (Lancaster 1961; Cohen and Yang 1994): the
/// means for which what was seen, counted half, and everything beyond it have probability `alpha / 2`.
///
/// Formula: `P(N < n; high) + P(N = n; high) / 2 = alpha / 2` and `P(N > n; low) + P(N = n; low) / 2 = alpha / 2`. It covers
/// `1 - alpha` on average over the means, and now and then less; [`poisson`] never less, and up to `1 - alpha / 2` for small
/// means. For a count of 0 it ends at `-ln alpha`, the one-sided exact bound. Relative accuracy about 1e-12.
pub fn poisson_mid_p(count: u64, alpha: f64) -> Interval {
    let half = alpha / 2.0;
    if count == 0 {
        return Interval { low: 0.0, high: poisson_upper(0, alpha) };
    }
    let n = count as f64;
    let density = |mean: f64| poisson_density(n, mean) * f64::midpoint(n / mean, 1.0);
    let above = |mean: f64| f64::midpoint(gamma_lower(n, mean), gamma_lower(n + 1.0, mean));
    let below = |mean: f64| f64::midpoint(gamma_upper(n, mean), gamma_upper(n + 1.0, mean));
    // The tails that are averaged are those of the exact bounds.
    let exact = poisson(count, alpha);
    Interval {
        low: quantile(Tail::Lower, above, density, half, exact.low),
        high: quantile(Tail::Upper, below, density, half, exact.high),
    }
}

/// The exact interval for a probability of which `successes` in `trials` were seen (Clopper, Pearson 1934). The upper end is
/// accurate as long as it is not close to 1; ask for failures instead there.
pub fn clopper_pearson(successes: u64, trials: u64, alpha: f64) -> Interval {
    Interval {
        low: binomial_lower(successes, trials, alpha / 2.0),
        high: binomial_upper(successes, trials, alpha / 2.0),
    }
}

/// The one-sided exact lower bound.
pub fn binomial_lower(successes: u64, trials: u64, alpha: f64) -> f64 {
    if successes == 0 {
        return 0.0;
    }
    if successes == trials {
        return libm::exp(libm::log(alpha) / trials as f64);
    }
    beta_lower_quantile(successes as f64, (trials - successes) as f64 + 1.0, alpha)
}

/// The one-sided exact upper bound: `1 - alpha^(1/trials)` for no success.
pub fn binomial_upper(successes: u64, trials: u64, alpha: f64) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    if successes == 0 {
        return -libm::expm1(libm::log(alpha) / trials as f64);
    }
    beta_upper_quantile(successes as f64 + 1.0, (trials - successes) as f64, alpha)
}

/// The equal-tailed interval of Jeffreys' prior: quantiles of Beta(successes + 1/2, failures + 1/2); the ends at no success and
/// at no failure are 0 and 1 (Brown, Cai, DasGupta 2001).
pub fn jeffreys(successes: u64, trials: u64, alpha: f64) -> Interval {
    let (a, b) = (successes as f64 + 0.5, (trials - successes) as f64 + 0.5);
    let low = if successes == 0 { 0.0 } else { beta_lower_quantile(a, b, alpha / 2.0) };
    let high = if successes == trials { 1.0 } else { beta_upper_quantile(a, b, alpha / 2.0) };
    Interval { low, high }
}

/// Counts that come in groups: a sum of group sizes, the sum of their squares, and the largest size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grouped {
    /// What was counted in all.
    pub sum: f64,
    /// Sum of the squares of the group sizes.
    pub squares: f64,
    /// The largest group that has to be reckoned with.
    pub largest: f64,
}

impl Grouped {
    /// The one-sided upper bound for the mean of the sum, when groups arrive as a Poisson process (Fay, Feuer 1997): the
    /// next group might have been of the largest size. For groups of one this is the exact Poisson bound.
    pub fn upper(self, alpha: f64) -> f64 {
        let (sum, squares) = (self.sum + self.largest, self.squares + self.largest * self.largest);
        let size = squares / sum;
        if self.sum == 0.0 { -libm::log(alpha) * size } else { gamma_upper_quantile(sum / size, alpha) * size }
    }

    /// The one-sided lower bound: 0 where nothing was counted.
    pub fn lower(self, alpha: f64) -> f64 {
        if self.sum == 0.0 {
            return 0.0;
        }
        let size = self.squares / self.sum;
        gamma_lower_quantile(self.sum / size, alpha) * size
    }
}

/// The factor of a two-sided Student t interval.
pub fn student_factor(degrees_of_freedom: f64, alpha: f64) -> f64 {
    student_upper_quantile(degrees_of_freedom, alpha / 2.0)
}

/// Degrees of freedom of a variance that is estimated from these deviations from a mean, of batches of equal size, where the
/// variance would have `otherwise` of them if the deviations were normal.
///
/// A variance s^2 from m values of kurtosis k has the relative variance `2 / degrees + (k - 3) / m` (Mood, Graybill, Boes
/// 1974, chapter VI, theorem 2, with the degrees of normal values in the first term), and 2 over that are its degrees of
/// freedom (Satterthwaite 1946). Where very few batches hold all that varies, these are about twice their number.
pub fn degrees_of_deviations(deviations: &[f64], otherwise: f64) -> f64 {
    // Relative to the largest, so that no square underflows.
    let largest = deviations.iter().fold(0.0_f64, |largest, d| largest.max(d.abs()));
    let squares: Vec<f64> = deviations.iter().map(|d| (d / largest) * (d / largest)).collect();
    let sum: f64 = squares.iter().sum();
    let kurtosis = deviations.len() as f64 * squares.iter().map(|square| (square / sum) * (square / sum)).sum::<f64>();
    if !kurtosis.is_finite() {
        return otherwise;
    }
    2.0 / (2.0 / otherwise + (kurtosis - 3.0).max(0.0) / deviations.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::{Grouped, Interval, degrees_of_deviations, poisson, poisson_lower, poisson_mid_p, poisson_upper};

    #[test]
    fn mid_p_intervals_match_an_independent_solution() {
        // scipy 1.17: brentq of poisson.sf(n, m) + poisson.pmf(n, m) / 2 - 0.025, and of cdf(n - 1) for the upper end.
        let expected = [
            (0, 0.0, 2.995_732_273_553_991),
            (1, 0.050_020_344_835_336_55, 4.931_860_524_706_773_5),
            (3, 0.763_096_297_797_779_5, 8.164_469_208_368_367),
            (7, 3.061_589_139_740_937_6, 13.847_096_697_814_246),
            (2_478, 2_381.869_809_410_335_6, 2_577.024_537_063_376_6),
            (100_000, 99_381.650_340_701_76, 100_621.243_966_184_61),
        ];
        for (count, low, high) in expected {
            let found = poisson_mid_p(count, 0.05);
            // The roots of the reference are good to about 1e-12.
            assert!((found.low - low).abs() <= 1e-11 * low, "{count}: {found:?}");
            assert!((found.high - high).abs() <= 1e-11 * high, "{count}: {found:?}");
            let exact = poisson(count, 0.05);
            assert!(exact.low <= found.low && found.high < exact.high, "{count}: {found:?} {exact:?}");
        }
    }

    /// How often intervals of the counts from 1 on hold the mean, summed over the Poisson law of the counts.
    fn coverage(intervals: &[Interval], mean: f64) -> f64 {
        let mut probability = (-mean).exp();
        let none = probability;
        let mut covered = 0.0;
        for (before, Interval { low, high }) in intervals.iter().enumerate() {
            probability *= mean / (before + 1) as f64;
            covered += if *low <= mean && mean <= *high { probability } else { 0.0 };
        }
        covered / (1.0 - none)
    }

    #[test]
    fn mid_p_covers_what_it_says_where_the_exact_interval_covers_more() {
        let all = |interval: fn(u64, f64) -> Interval| (1..80).map(|count| interval(count, 0.05)).collect::<Vec<_>>();
        let (mid, exact) = (all(poisson_mid_p), all(poisson));
        // Counts 1 to 7 hold the mean 3 (exact: 1 to 8): P(1 <= N <= 7) / P(N >= 1), which scipy 1.17 sums to 0.96473576
        // (exact: 0.98747175).
        let three = (coverage(&mid, 3.0), coverage(&exact, 3.0));
        assert!((three.0 - 0.964_735_761_6).abs() < 1e-9 && (three.1 - 0.987_471_751_4).abs() < 1e-9, "{three:?}");
        // scipy 1.17 over the same means: from 0.93329073 to 0.98585477, on average 0.95479467.
        let means = || (300..2_000).map(|hundredth| f64::from(hundredth) / 100.0);
        let shares: Vec<f64> = means().map(|mean| coverage(&mid, mean)).collect();
        let ends = (shares.iter().copied().fold(1.0, f64::min), shares.iter().copied().fold(0.0, f64::max));
        assert!((ends.0 - 0.933_290_7).abs() < 1e-6 && (ends.1 - 0.985_854_8).abs() < 1e-6, "{ends:?}");
        let average = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!((average - 0.954_794_7).abs() < 1e-6, "{average}");
        assert!(means().all(|mean| coverage(&exact, mean) >= 0.95), "the exact interval never covers less");
    }

    #[test]
    fn groups_of_one_have_the_exact_poisson_bounds() {
        for count in [0_u64, 1, 7, 60] {
            let grouped = Grouped { sum: count as f64, squares: count as f64, largest: 1.0 };
            let pairs =
                [(grouped.upper(0.05), poisson_upper(count, 0.05)), (grouped.lower(0.05), poisson_lower(count, 0.05))];
            for (actual, expected) in pairs {
                // The same quantile by the same code; the shape is formed by a division.
                assert!((actual - expected).abs() <= 1e-12 * expected, "{count}: {actual} {expected}");
            }
        }
    }

    #[test]
    fn deviations_of_few_tell_less() {
        // Of 64 deviations K alike ones are the only ones: kurtosis 64 / K, so 2 / (2 / 63 + (64 / K - 3) / 64).
        for (few, expected) in [(1_usize, 2.030_6), (3, 6.285_0), (16, 42.219_9)] {
            let deviations: Vec<f64> = (0..64).map(|index| if index < few { 3e-200 } else { 0.0 }).collect();
            let degrees = degrees_of_deviations(&deviations, 63.0);
            assert!((degrees / expected - 1.0).abs() < 1e-4, "{few}: {degrees}");
        }
        // Kurtosis 1, and of a normal law 3: those of normal deviations. Without any deviation there is no kurtosis.
        let even: Vec<f64> = (0..64).map(|index| if index % 2 == 0 { 1.0 } else { -1.0 }).collect();
        assert!((degrees_of_deviations(&even, 63.0) - 63.0).abs() < 1e-12);
        assert!((degrees_of_deviations(&[0.0; 64], 63.0) - 63.0).abs() < 1e-12);
    }

    #[test]
    fn larger_groups_tell_less() {
        let single = Grouped { sum: 12.0, squares: 12.0, largest: 1.0 };
        let triple = Grouped { sum: 12.0, squares: 36.0, largest: 3.0 };
        assert!(triple.upper(0.05) > single.upper(0.05) && triple.lower(0.05) < single.lower(0.05));
    }
}
