//! One group of a module with a product form: how its units can be, as polynomials in x, whose power is the number of noticed
//! failures.

use crate::topology::component::{Failure, Mode};
use crate::topology::{DomainId, GroupId, Model, Scope};

/// A group of the module.
#[derive(Debug)]
pub(crate) struct Station {
    /// The set that it is in, if it is read.
    pub(crate) set: Option<usize>,
    need: usize,
    /// Per unit the domains that it needs, as bits by their place in the scope.
    domains: Vec<u64>,
    /// Failures per second of a working unit.
    pub(crate) rate: f64,
    /// Shares of a unit on its own: working, failed and not noticed, failed and noticed (times the scale of x).
    working: f64,
    unnoticed: f64,
    noticed: f64,
}

/// A polynomial in x, by power.
pub(crate) type Polynomial = Vec<f64>;

/// How a group can be, for each number of failed units among those that are not kept from serving (before a change): the number
/// of choices.
#[derive(Debug, Default)]
pub(crate) struct Situation {
    /// Up, and up after the change.
    pub(crate) up: Choices,
    /// Up, and down after the change.
    pub(crate) lost: Choices,
    pub(crate) down: Choices,
    /// Up with just enough units.
    pub(crate) boundary: Choices,
}

/// Per number of failed units the number of ways to choose them; and how many further units may be in any state.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    of_failed: Vec<f64>,
    free: usize,
}

impl Station {
    /// `repair` is the mean repair times the scale of x.
    pub(crate) fn new(model: &Model, scope: &Scope, group: GroupId, set: Option<usize>, repair: f64) -> Self {
        let mode = only_mode(model, group).expect("the module has a product form");
        let rate = 1.0 / mode.life.mean();
        let (unnoticed, noticed) = (rate * mode.detect.mean(), rate * repair);
        let all = 1.0 + unnoticed + noticed;
        let bits = |unit: usize| {
            let domains = model.unit_domains(group, unit);
            let place = |domain: &DomainId| scope.domains.iter().position(|other| other == domain);
            domains.iter().filter_map(place).fold(0, |bits, place| bits | 1 << place)
        };
        let of_group = &model.groups[group.0];
        let domains = (0..of_group.units()).map(bits).collect();
        let need = of_group.need as usize;
        Self { set, need, domains, rate, working: 1.0 / all, unnoticed: unnoticed / all, noticed: noticed / all }
    }

    /// While the domains `blocking` keep units from serving, and `then` afterwards, which are no fewer.
    pub(crate) fn situation(&self, blocking: u64, then: u64) -> Situation {
        let can_serve = |blocking: u64| self.domains.iter().filter(|&&domains| domains & blocking == 0).count();
        let (able, stay) = (can_serve(blocking), can_serve(then));
        let free = self.domains.len() - able;
        let empty = || Choices { of_failed: vec![0.0; able + 1], free };
        let mut situation = Situation { up: empty(), lost: empty(), down: empty(), boundary: empty() };
        for of_staying in 0..=stay {
            for of_leaving in 0..=able - stay {
                let failed = of_staying + of_leaving;
                let ways = choose(stay, of_staying) * choose(able - stay, of_leaving);
                let is_up = able - failed >= self.need;
                let stays_up = stay - of_staying >= self.need;
                let choices = match (is_up, stays_up) {
                    (true, true) => &mut situation.up,
                    (true, false) => &mut situation.lost,
                    (false, _) => &mut situation.down,
                };
                choices.of_failed[failed] += ways;
                if able - failed == self.need {
                    // Any of these may be the one that fails.
                    situation.boundary.of_failed[failed] += ways * self.need as f64;
                }
            }
        }
        situation
    }

    /// The weight of all these states, by the number of noticed failures.
    pub(crate) fn polynomial(&self, choices: &Choices) -> Polynomial {
        let able = choices.of_failed.len() - 1;
        let failed = [self.unnoticed, self.noticed];
        let mut sum = vec![0.0; able + 1];
        let mut power = vec![1.0];
        for (number, ways) in choices.of_failed.iter().enumerate() {
            let working = libm::pow(self.working, (able - number) as f64);
            for (sum, factor) in sum.iter_mut().zip(&power) {
                *sum += ways * working * factor;
            }
            power = product(&power, &failed);
        }
        let any = [self.working + self.unnoticed, self.noticed];
        (0..choices.free).fold(sum, |sum, _| product(&sum, &any))
    }
}

/// The only way to fail of the units of `group`, if they have one.
pub(crate) fn only_mode(model: &Model, group: GroupId) -> Option<&Mode> {
    match &model.component_of(group).failure {
        Failure::Modes(modes) if modes.len() == 1 => modes.first(),
        _ => None,
    }
}

fn choose(of: usize, number: usize) -> f64 {
    (1..=number).map(|k| (of - number + k) as f64 / k as f64).product()
}

pub(crate) fn product(a: &[f64], b: &[f64]) -> Polynomial {
    let mut sum = vec![0.0; a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate().filter(|(_, a)| **a > 0.0) {
        for (sum, b) in sum[i..].iter_mut().zip(b) {
            *sum += a * b;
        }
    }
    sum
}
