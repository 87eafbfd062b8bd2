//! A pair with one crew, repaired as its repair distribution will have it: values in closed form.

use std::f64::consts::PI;

use crate::library::Reference;

/// Two units with exponential lives, lognormal repairs and one crew; one of them is enough. Times in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) life: f64,
    pub(crate) repair: f64,
    /// Standard deviation of the repair over its mean.
    pub(crate) variation: f64,
}

impl Pair {
    pub(crate) fn text(&self) -> String {
        let Self { life, repair, variation } = self;
        format!(
            "[component.server]\nmtbf = \"{life}s\"\n\
             mttr = {{ lognormal = {{ mean = \"{repair}s\", cv = {variation} }} }}\n\
             [crew.one]\nsize = 1\n[group.servers]\ncomponent = \"server\"\nactive = 2\nneed = 1\ncrew = \"one\"\n\
             [system]\nup = \"servers\"\n"
        )
    }

    /// M/G/1//2 (Takacs 1962). With lambda the failure rate and S a repair, each repair begins with the other unit up, which
    /// fails within it with probability `f = E[1 - exp(-lambda S)]`, and is then down for `d = E[S] - f / lambda` in the mean;
    /// if it does not fail, both are up, for `1 / (2 lambda)`. A cycle has `1 / (1 - f)` repairs in the mean:
    /// `U = d / ((1 - f) / (2 lambda) + E[S])`, `nu = f / ((1 - f) / (2 lambda) + E[S])`.
    pub(crate) fn reference(&self) -> Reference {
        let lambda = 1.0 / self.life;
        let fails = self.mean(|s| -(-lambda * s).exp_m1());
        let down = self.mean(|s| s * lost_share(lambda * s));
        let cycle = (1.0 - fails) / (2.0 * lambda) + self.repair;
        Reference { unavailability: down / cycle, frequency: fails / cycle }
    }

    /// The mean of a function of the repair, by the trapezoidal rule in the normal variable: for a smooth function that
    /// vanishes at both ends its error falls faster than any power of the step.
    fn mean(&self, of: impl Fn(f64) -> f64) -> f64 {
        const STEP: f64 = 1.0 / 64.0;
        let variance = (self.variation * self.variation).ln_1p();
        let (sigma, mu) = (variance.sqrt(), self.repair.ln() - variance / 2.0);
        let term = |k: i32| {
            let z = f64::from(k) * STEP;
            of((mu + sigma * z).exp()) * (-z * z / 2.0).exp()
        };
        (-15 * 64..=20 * 64).map(term).sum::<f64>() * STEP / (2.0 * PI).sqrt()
    }
}

/// The share of a repair that is downtime: `1 - (1 - exp(-x)) / x`, by its series where that would cancel.
fn lost_share(x: f64) -> f64 {
    if x > 0.1 {
        return 1.0 + (-x).exp_m1() / x;
    }
    // x/2! - x^2/3! + x^3/4! ...; the tenth term is below 1e-17 of the first.
    let (mut term, mut sum) = (x / 2.0, 0.0);
    for k in 3..14 {
        sum += term;
        term *= -x / f64::from(k);
    }
    sum
}
