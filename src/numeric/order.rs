//! Order statistics: quantiles of a sample with their intervals, and rank correlation.

/// The places (from 1) in an ascending sample between which a quantile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// The quantile itself: the smallest value that a share `p` of the sample does not exceed.
    pub point: usize,
    /// Lower end; absent where the sample is too small to have one.
    pub low: Option<usize>,
    /// Upper end likewise.
    pub high: Option<usize>,
}

/// Where the quantile of `p` stands in a sample of `count` independent draws.
///
/// The number of draws below the true quantile is binomial, whatever the distribution. `low` is the last place that lies above the
/// quantile with a probability of at most `alpha / 2`, `high` the first one that lies below with at most that (David, Nagaraja
/// 2003, section 7.1). So the interval covers with at least `1 - alpha`.
pub fn quantile_places(count: usize, p: f64, alpha: f64) -> Places {
    // `ceil` of a product that rounding made larger than a whole number would give the next place.
    let point = (libm::ceil(count as f64 * p * (1.0 - 1e-15)) as usize).clamp(1, count.max(1));
    let mut below = 0.0;
    let mut low = 0;
    while low < count {
        below += binomial(low, count, p);
        if below > alpha / 2.0 {
            break;
        }
        low += 1;
    }
    let mut above = 0.0;
    let mut high = count + 1;
    while high > 0 {
        // P(at least `high - 1` draws below the quantile).
        above += binomial(high - 1, count, p);
        if above > alpha / 2.0 {
            break;
        }
        high -= 1;
    }
    Places { point, low: (low > 0).then_some(low), high: (high <= count).then_some(high) }
}

/// The probability of `k` successes in `n` trials of probability `p` in (0, 1).
fn binomial(k: usize, n: usize, p: f64) -> f64 {
    let (k, n) = (k as f64, n as f64);
    let choices = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    libm::exp(choices + k * libm::log(p) + (n - k) * libm::log1p(-p))
}

/// Spearman's rank correlation: that of Pearson between the ranks, equal values sharing the mean of theirs. Nothing where one of
/// the lists does not vary.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let middle = f64::midpoint(a.len() as f64, 1.0);
    let (mut product, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(&b) {
        product += (x - middle) * (y - middle);
        of_a += (x - middle) * (x - middle);
        of_b += (y - middle) * (y - middle);
    }
    (of_a > 0.0 && of_b > 0.0).then(|| product / libm::sqrt(of_a * of_b))
}

/// Ranks from 1.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    while first < order.len() {
        let value = values[order[first]];
        let equals = order[first..].iter().take_while(|index| values[**index].total_cmp(&value).is_eq()).count();
        let rank = first as f64 + f64::midpoint(equals as f64, 1.0);
        order[first..first + equals].iter().for_each(|index| ranks[*index] = rank);
        first += equals;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::{Places, quantile_places, rank_correlation};

    #[test]
    fn places_are_those_of_the_tables() {
        // Median of 10 draws: the interval (2, 9) covers with 1 - 2 * 11/1024 = 0.979, (3, 8) with 0.891 only.
        assert_eq!(quantile_places(10, 0.5, 0.05), Places { point: 5, low: Some(2), high: Some(9) });
        // Upper bounds of the 95 % quantile at 95 % need 59 draws (Wilks 1941): 0.95^59 < 0.05 < 0.95^58.
        assert_eq!(quantile_places(59, 0.95, 0.1).high, Some(59));
        assert_eq!(quantile_places(58, 0.95, 0.1).high, None);
        assert_eq!(quantile_places(100, 0.05, 0.05).point, 5);
        assert_eq!(quantile_places(1, 0.5, 0.05), Places { point: 1, low: None, high: None });
    }

    #[test]
    fn correlation_is_that_of_the_ranks() {
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[1.0, 10.0, 1000.0]), Some(1.0));
        assert_eq!(rank_correlation(&[1.0, 2.0, 3.0], &[5.0, 4.0, -1.0]), Some(-1.0));
        // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
        let tied = rank_correlation(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]);
        assert!((tied.unwrap_or_default() - 4.5 / 22.5_f64.sqrt()).abs() < 1e-15);
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
    }
}
