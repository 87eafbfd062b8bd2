//! Numbers that two rules of inversion give alike.

use crate::exact::transient::inversion::Rule;
use crate::exact::transient::resolvent::End;
use crate::measure::Stop;

/// Two rules of each kind, the better one first.
#[derive(Debug)]
pub(crate) struct Rules {
    talbot: [Rule; 2],
    euler: [Rule; 2],
}

/// Relative distance up to which Talbot's rules agree; each is then good to 1e-10 with room to spare.
const TALBOT_TOLERANCE: f64 = 2e-11;
/// The same for Euler's rules, whose own error decreases by 4 from one to the next.
const EULER_TOLERANCE: f64 = 5e-11;

impl Rules {
    /// Of 20 and 24 nodes: the errors of the method are about 1e-12 and 4e-15, those of rounding some 1e-13 and 1e-12.
    pub(crate) fn new() -> Self {
        Self { talbot: [Rule::talbot(20), Rule::talbot(24)], euler: [Rule::euler(18), Rule::euler(17)] }
    }

    /// The rule for numbers that are checked in another way.
    pub(crate) fn first(&self) -> &Rule {
        &self.talbot[0]
    }

    /// What both rules of a kind give alike; nothing where they do not.
    pub(crate) fn agreed(
        &self,
        mut evaluate: impl FnMut(&Rule) -> Result<Vec<f64>, End>,
    ) -> Result<Vec<Option<f64>>, Stop> {
        let mut found = both(&self.talbot, TALBOT_TOLERANCE, &mut evaluate)?;
        if found.is_empty() || found.contains(&None) {
            let others = both(&self.euler, EULER_TOLERANCE, &mut evaluate)?;
            found.resize(found.len().max(others.len()), None);
            for (value, other) in found.iter_mut().zip(others) {
                *value = value.or(other);
            }
        }
        Ok(found)
    }
}

/// A probability that rounding has lifted above 1.
pub(crate) fn at_most_one(probability: f64) -> f64 {
    probability.min(1.0)
}

/// Empty when a rule gives nothing at all.
fn both(
    rules: &[Rule; 2],
    tolerance: f64,
    evaluate: &mut impl FnMut(&Rule) -> Result<Vec<f64>, End>,
) -> Result<Vec<Option<f64>>, Stop> {
    let mut values = Vec::new();
    for rule in rules {
        match evaluate(rule) {
            Ok(found) => values.push(found),
            Err(End::NotConverged) => return Ok(Vec::new()),
            Err(End::Stopped(stop)) => return Err(stop),
        }
    }
    let alike = |(&a, &b): (&f64, &f64)| (a >= 0.0 && (a - b).abs() <= tolerance * a).then_some(a);
    Ok(values[0].iter().zip(&values[1]).map(alike).collect())
}

#[cfg(test)]
mod tests {
    use super::Rules;
    use crate::exact::transient::complex::Complex;
    use crate::exact::transient::resolvent::End;

    #[test]
    fn what_rules_do_not_agree_on_is_not_given() {
        let rules = Rules::new();
        // An oscillation of frequency 1 and of frequency 1,000, after one second: no rule sees the second one.
        let circle = |s: Complex, frequency: f64| s * (s * s + Complex::real(frequency * frequency)).inverse();
        let transform = |s| Ok::<_, End>(vec![circle(s, 1.0), circle(s, 1e3)]);
        let found = rules.agreed(|rule| rule.invert(1.0, transform)).unwrap();
        assert!((found[0].unwrap() / 1.0_f64.cos() - 1.0).abs() < 1e-10);
        assert_eq!(found[1], None);
    }
}
