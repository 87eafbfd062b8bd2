//! Distributions of times, and how failures are noticed.

use crate::numeric::distribution::{Distribution, DistributionError, Family};
use crate::topology::read::context::Context;
use crate::topology::read::fields::Fields;
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Node, Value};

/// Whether "at once" makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zero {
    /// The delay may be zero.
    Allowed,
    /// The time must be positive.
    Refused,
}

const FAMILIES: [&str; 8] =
    ["fixed", "uniform", "lognormal", "weibull", "gamma", "erlang", "hyperexponential", "empirical"];
/// Stages of an Erlang distribution.
const MOST_STAGES: u32 = 10_000;

impl Context<'_> {
    /// A distribution of a time: a duration (the mean of an exponential), or a table that names its family.
    pub(crate) fn distribution(&mut self, node: &Node, zero: Zero) -> Option<Distribution> {
        let read = match &node.value {
            Value::Table(_) => self.family(node)?,
            _ => match self.duration(node)? {
                0.0 => Distribution::fixed(0.0),
                mean => Distribution::exponential(mean),
            },
        };
        let distribution = self.valid(node, read)?;
        if zero == Zero::Refused && distribution.is_zero() {
            return self.invalid(node, "the time is zero", "a time above zero");
        }
        Some(distribution)
    }

    /// How a failure is noticed: a distribution of the delay, or a health check.
    pub(crate) fn noticing(&mut self, node: &Node) -> Option<Distribution> {
        let is_check = |key: &str| key == "every" || key == "misses";
        match &node.value {
            Value::Table(entries) if entries.iter().any(|entry| is_check(&entry.key)) => self.health_check(node),
            _ => self.distribution(node, Zero::Allowed),
        }
    }

    /// `{ every, misses }`: uniform on [(misses - 1) every, misses every].
    fn health_check(&mut self, node: &Node) -> Option<Distribution> {
        let mut fields = Fields::new(node, "the health check", self)?;
        let every = fields.required("every", self).and_then(|node| self.positive_duration(node));
        let misses = fields.get("misses").map_or(Some(1), |node| self.count(node, 1..=1_000_000));
        fields.finish(self);
        let (every, misses) = (every?, f64::from(misses?));
        let uniform = Family::Uniform { low: (misses - 1.0) * every, high: misses * every };
        self.valid(node, Distribution::new(uniform))
    }

    fn valid(&mut self, node: &Node, read: Result<Distribution, DistributionError>) -> Option<Distribution> {
        match read {
            Ok(distribution) => Some(distribution),
            Err(DistributionError::Parameter { parameter, value, expected }) => {
                let article = if parameter.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                let expected = format!("{article} {parameter} that is {expected}");
                self.invalid(node, format!("the {parameter} is {value}"), &expected)
            }
            Err(error @ DistributionError::Lengths { .. }) => {
                self.invalid(node, error.to_string(), "as many weights as means")
            }
            Err(error @ DistributionError::Empty) => self.invalid(node, error.to_string(), "at least one value"),
        }
    }

    /// A table with one key that names the family.
    fn family(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let mut fields = Fields::new(node, "the distribution", self)?;
        let given: Vec<(&str, &Node)> =
            FAMILIES.iter().filter_map(|family| fields.get(family).map(|node| (*family, node))).collect();
        fields.finish(self);
        match given[..] {
            [(family, parameters)] => self.parameters(family, parameters),
            [] => {
                if matches!(&node.value, Value::Table(entries) if entries.is_empty()) {
                    self.report(Mistake::new(node.span.clone(), "the distribution is empty").expected(families()));
                }
                None
            }
            _ => {
                self.report(Mistake::new(node.span.clone(), "more than one distribution").expected("one of them"));
                None
            }
        }
    }

    fn parameters(&mut self, family: &str, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        match family {
            "fixed" => Some(Distribution::fixed(self.duration(node)?)),
            "uniform" => self.uniform(node),
            "empirical" => Some(Distribution::new(Family::Empirical { values: self.durations(node)? })),
            "lognormal" => self.lognormal(node),
            "weibull" => self.weibull(node),
            "gamma" => self.gamma(node),
            "erlang" => self.erlang(node),
            _ => self.hyperexponential(node),
        }
    }

    fn uniform(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let [low, high] = self.durations(node)?[..] else {
            return self.invalid(node, "a uniform distribution has two ends", "two durations: `[\"1m\", \"3m\"]`");
        };
        if let Some(mistake) = misordered(node, [low, high]) {
            self.report(mistake);
            return None;
        }
        Some(Distribution::new(Family::Uniform { low, high }))
    }

    fn lognormal(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let mut fields = Fields::new(node, "the lognormal distribution", self)?;
        let mean = fields.get("mean").map(|node| self.positive_duration(node));
        let cv =
            fields.get("cv").map(|node| self.number(node, 1e-6..=1e6, "a coefficient of variation from 1e-6 to 1e6"));
        let median = fields.get("median").map(|node| self.positive_duration(node));
        let p95 = fields.get("p95").map(|node| self.positive_duration(node));
        let mu = fields.get("mu").map(|node| self.signed_number(node, "the mean of ln seconds"));
        let sigma = fields.get("sigma").map(|node| self.number(node, 1e-6..=7.0, "a number from 1e-6 to 7"));
        fields.finish(self);
        match (mean, cv, median, p95, mu, sigma) {
            (Some(mean), Some(cv), None, None, None, None) => Some(Distribution::lognormal_from_mean(mean?, cv?)),
            (None, None, Some(median), Some(p95), None, None) => {
                Some(Distribution::lognormal_from_median(median?, p95?))
            }
            (None, None, None, None, Some(mu), Some(sigma)) => {
                Some(Distribution::new(Family::LogNormal { mu: mu?, sigma: sigma? }))
            }
            _ => self.invalid(
                node,
                "a lognormal distribution needs one pair of parameters",
                "`mean` and `cv`, or `median` and `p95`, or `mu` and `sigma`",
            ),
        }
    }

    fn weibull(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let mut fields = Fields::new(node, "the Weibull distribution", self)?;
        let shape = fields.required("shape", self).and_then(|node| self.shape(node));
        let time = fields.one_of(&["mean", "scale"], self);
        let seconds = time.and_then(|(_, node)| self.positive_duration(node));
        if time.is_none() {
            self.report(
                Mistake::new(node.span.clone(), "the Weibull distribution has no `mean`").expected("`mean` or `scale`"),
            );
        }
        fields.finish(self);
        let (shape, seconds) = (shape?, seconds?);
        Some(match time?.0 {
            "mean" => Distribution::weibull_from_mean(seconds, shape),
            _ => Distribution::new(Family::Weibull { scale: seconds, shape }),
        })
    }

    fn gamma(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let mut fields = Fields::new(node, "the gamma distribution", self)?;
        let mean = fields.required("mean", self).and_then(|node| self.positive_duration(node));
        let shape = fields.required("shape", self).and_then(|node| self.shape(node));
        fields.finish(self);
        let (mean, shape) = (mean?, shape?);
        Some(Distribution::new(Family::Gamma { shape, scale: mean / shape }))
    }

    fn shape(&mut self, node: &Node) -> Option<f64> {
        self.number(node, 0.05..=1e4, "a shape from 0.05 to 10000")
    }

    fn erlang(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let mut fields = Fields::new(node, "the Erlang distribution", self)?;
        let mean = fields.required("mean", self).and_then(|node| self.positive_duration(node));
        let stages = fields.required("stages", self).and_then(|node| self.count(node, 1..=MOST_STAGES));
        fields.finish(self);
        Some(Distribution::new(Family::Erlang { stages: stages?, mean: mean? }))
    }

    fn hyperexponential(&mut self, node: &Node) -> Option<Result<Distribution, DistributionError>> {
        let mut fields = Fields::new(node, "the hyperexponential distribution", self)?;
        let means = fields.required("means", self).and_then(|node| self.durations(node));
        let weights = fields.required("weights", self).and_then(|node| self.weights(node));
        fields.finish(self);
        Some(Distribution::new(Family::HyperExponential { means: means?, weights: weights? }))
    }

    fn weights(&mut self, node: &Node) -> Option<Vec<f64>> {
        let Value::List(items) = &node.value else { return self.wrong_kind(node, "a list of weights") };
        let read: Vec<_> = items.iter().map(|item| self.number(item, 0.0..=1.0, "a weight from 0 to 1")).collect();
        read.into_iter().collect()
    }

    fn durations(&mut self, node: &Node) -> Option<Vec<f64>> {
        let Value::List(items) = &node.value else { return self.wrong_kind(node, "a list of durations") };
        let read: Vec<_> = items.iter().map(|item| self.duration(item)).collect();
        read.into_iter().collect()
    }
}

/// What is wrong with a list of two ends, in which the upper one is not above the lower one. Both are shown as they are written.
pub(crate) fn misordered(node: &Node, [low, high]: [f64; 2]) -> Option<Mistake> {
    let Value::List(items) = &node.value else { return None };
    let texts: Vec<&str> = items.iter().filter_map(Node::written).collect();
    match texts[..] {
        [lower, upper] if high <= low => {
            let message = format!("the upper end `{upper}` is not above the lower end `{lower}`");
            Some(Mistake::new(node.span.clone(), message).expected("an upper end that is above the lower one"))
        }
        _ => None,
    }
}

fn families() -> String {
    format!("one of {}", FAMILIES.map(|family| format!("`{family}`")).join(", "))
}
