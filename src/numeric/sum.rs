//! Compensated summation (Neumaier 1974): the error of a sum does not grow with the number of its terms.

/// A running sum with its compensation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    total: f64,
    compensation: f64,
}

impl Sum {
    /// Adds a term.
    pub fn add(&mut self, term: f64) {
        let total = self.total + term;
        self.compensation +=
            if self.total.abs() >= term.abs() { (self.total - total) + term } else { (term - total) + self.total };
        self.total = total;
    }

    /// Adds a product, with what its rounding leaves (Ogita, Rump, Oishi 2005): a sum of products comes out as if it were worked out in
    /// twice the precision.
    pub(crate) fn add_product(&mut self, a: f64, b: f64) {
        let product = a * b;
        self.add(product);
        self.compensation += a.mul_add(b, -product);
    }

    /// The sum so far.
    pub fn value(self) -> f64 {
        self.total + self.compensation
    }
}

impl FromIterator<f64> for Sum {
    fn from_iter<I: IntoIterator<Item = f64>>(terms: I) -> Self {
        let mut sum = Self::default();
        for term in terms {
            sum.add(term);
        }
        sum
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::Sum;

    #[test]
    fn small_terms_survive_beside_a_large_one() {
        let sum: Sum = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
        assert_eq!(sum.value(), 2.0);
    }

    #[test]
    fn products_keep_twice_the_digits() {
        let third = 1.0 / 3.0;
        let mut sum = Sum::default();
        sum.add_product(third, 3.0);
        sum.add(-1.0);
        // 1/3 in doubles is 6004799503160661 / 2^54.
        assert_eq!(sum.value(), -2.0_f64.powi(-54));
    }

    #[test]
    fn a_million_tenths_are_a_hundred_thousand() {
        let sum: Sum = std::iter::repeat_n(0.1, 1_000_000).collect();
        assert_eq!(sum.value(), 100_000.0);
    }
}
