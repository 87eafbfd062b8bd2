//! Parts that fail and come back on their own: only means matter.
//!
//! A unit alternates between up times of mean MUT and down times of mean MDT: in the long run it is down for the share
//! MDT / (MUT + MDT) and fails 1 / (MUT + MDT) times a second, whatever the distributions (renewal reward theorem).
//! With several exponential modes of rates lambda_j, MUT = 1 / sum lambda_j, and a failure is of mode j with
//! probability lambda_j MUT. A failure that is over at once is not counted.
//!
//! Units are independent in the long run as soon as one of their times varies at all; where none does, [`in_step`] warns.

use crate::measure::{Cause, Warning};
use crate::numeric::distribution::Distribution;
use crate::numeric::sum::Sum;
use crate::structure::partition::Partition;
use crate::structure::variable::{Flow, Variable};
use crate::topology::component::{Component, Failure, Mode};
use crate::topology::domain::Domain;
use crate::topology::{DomainId, GroupId, Model};

/// The long run of one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Share of time up.
    pub up: f64,
    /// Share of time down.
    pub down: f64,
    /// Share of time down without anybody having noticed.
    pub unnoticed: f64,
    /// Share of time down after it has been noticed.
    pub noticed: f64,
    /// Failures per second that are not over at once, by mode; absent where only a probability is known.
    pub failures: Option<Vec<f64>>,
}

impl Unit {
    /// A unit of a group of this component, its domains left aside.
    pub fn of_component(component: &Component) -> Self {
        match &component.failure {
            Failure::Probability(down) => Self {
                up: down.complement(),
                down: down.value(),
                unnoticed: 0.0,
                noticed: down.value(),
                failures: None,
            },
            Failure::Modes(modes) => Self::of_modes(modes),
        }
    }

    fn of_modes(modes: &[Mode]) -> Self {
        let rates: Vec<f64> = modes.iter().map(|mode| 1.0 / mode.life.mean()).collect();
        let total: f64 = rates.iter().sum();
        let up = if let [only] = modes { only.life.mean() } else { 1.0 / total };
        let share = |index: usize| rates[index] / total;
        let down: f64 = modes.iter().enumerate().map(|(index, mode)| share(index) * mean_down_time(mode)).sum();
        let unnoticed: f64 = modes.iter().enumerate().map(|(index, mode)| share(index) * mode.detect.mean()).sum();
        let noticed: f64 = modes.iter().enumerate().map(|(index, mode)| share(index) * mean_way_back(mode)).sum();
        let cycle = up + down;
        let lasting = |(index, mode): (usize, &Mode)| share(index) * lasts(mode) / cycle;
        Self {
            up: up / cycle,
            down: down / cycle,
            unnoticed: unnoticed / cycle,
            noticed: noticed / cycle,
            failures: Some(modes.iter().enumerate().map(lasting).collect()),
        }
    }

    /// A domain, the outer ones left aside.
    pub fn of_domain(domain: &Domain) -> Self {
        let (up, down) = (domain.life.mean(), domain.repair.mean());
        let cycle = up + down;
        let lasting = takes_time(&domain.repair);
        let down = down / cycle;
        Self { up: up / cycle, down, unnoticed: 0.0, noticed: down, failures: Some(vec![lasting / cycle]) }
    }

    /// The number of failed units among `count` like this one, with flows of the given causes (one per mode).
    pub fn failed_of(&self, count: usize, causes: &[usize]) -> Variable {
        let probabilities = binomial(count, self.up, self.down);
        let others = binomial(count - 1, self.up, self.down);
        let flows = self.failures.iter().flat_map(|failures| {
            failures.iter().zip(causes).filter(|(rate, _)| **rate > 0.0).flat_map(|(rate, &cause)| {
                others.iter().enumerate().map(move |(failed, p)| Flow {
                    from: failed,
                    to: failed + 1,
                    // A unit fails while `failed` of the others are down; its own being up is in its rate.
                    rate: count as f64 * rate * p,
                    cause,
                })
            })
        });
        Variable { flows: flows.collect(), probabilities, has_flows: self.failures.is_some() || self.down == 0.0 }
    }
}

/// The cause of each mode's failures in a group.
pub fn causes_of(group: &str, component: &Component) -> Vec<Cause> {
    let cause = |mode: &Mode| Cause::Mode { group: group.to_owned(), mode: mode.name.clone() };
    component.modes().iter().map(cause).collect()
}

/// A warning when several units are always in the same step: with fixed up and down times their phases never mix, and how
/// often they are down together depends on how they started.
pub fn in_step(model: &Model, partition: &Partition) -> Option<Warning> {
    let units = |group: &GroupId| match model.component_of(*group).modes() {
        [mode] if is_fixed(mode) => model.groups[group.0].units(),
        _ => 0,
    };
    let is_fixed_domain = |domain: &&DomainId| {
        let domain = &model.domains[domain.0];
        domain.life.variance() == 0.0 && domain.repair.variance() == 0.0
    };
    let groups = partition.plain.iter().filter(|group| units(group) > 0).map(|group| &model.groups[group.0].name);
    let domains = partition.domains.iter().filter(is_fixed_domain).map(|domain| &model.domains[domain.0].name);
    let names: Vec<String> = groups.chain(domains).map(|name| format!("`{name}`")).collect();
    let in_all =
        partition.plain.iter().map(units).sum::<usize>() + partition.domains.iter().filter(is_fixed_domain).count();
    (in_all > 1).then(|| Warning {
        code: "in_step",
        message: format!(
            "all times of {} are fixed, so their units never get out of step; the exact engine and importance sampling take them to be independent, \
             and `simulate --method plain` starts them together",
            names.join(", ")
        ),
    })
}

/// Whether a unit that fails in this mode only takes the same time for every cycle.
fn is_fixed(mode: &Mode) -> bool {
    let restart_is_fixed = mode.restart.as_ref().is_none_or(|restart| {
        restart.takes.variance() == 0.0 && (mode.repair.is_none() || restart.works.complement() == 0.0)
    });
    let repair_is_fixed = mode.repair.as_ref().is_none_or(|repair| repair.variance() == 0.0);
    mode.life.variance() == 0.0 && mode.detect.variance() == 0.0 && restart_is_fixed && repair_is_fixed
}

/// Mean time from a failure of a mode to service.
fn mean_down_time(mode: &Mode) -> f64 {
    mode.detect.mean() + mean_way_back(mode)
}

/// Mean time from the notice of a failure to service.
fn mean_way_back(mode: &Mode) -> f64 {
    let repair = mode.repair.as_ref().map_or(0.0, Distribution::mean);
    mode.restart.as_ref().map_or(repair, |restart| restart.takes.mean() + restart.works.complement() * repair)
}

/// The probability that a failure is not over at the instant at which it happens: positive terms only, since a restart that
/// takes no time may fail very rarely.
fn lasts(mode: &Mode) -> f64 {
    let repair = mode.repair.as_ref().map_or(1.0, takes_time);
    let way_back = mode.restart.as_ref().map_or(repair, |restart| {
        takes_time(&restart.takes) + restart.takes.cumulative(0.0) * restart.works.complement() * repair
    });
    takes_time(&mode.detect) + mode.detect.cumulative(0.0) * way_back
}

/// The share of `lasts` that is there because a restart that takes no time has failed.
pub(crate) fn lasts_after_failed_restart(mode: &Mode) -> f64 {
    let repair = mode.repair.as_ref().map_or(1.0, takes_time);
    mode.restart.as_ref().map_or(0.0, |restart| {
        let at_once = mode.detect.cumulative(0.0) * restart.takes.cumulative(0.0);
        at_once * restart.works.complement() * repair
    })
}

fn takes_time(delay: &Distribution) -> f64 {
    delay.survival(0.0)
}

/// Probabilities of 0, 1, … `count` failures, from the most likely number outwards and then normalised: every
/// entry is good to a few ulp per step from there.
pub fn binomial(count: usize, up: f64, down: f64) -> Vec<f64> {
    let mode = ((count + 1) as f64 * down).floor().min(count as f64) as usize;
    let mut weights = vec![0.0; count + 1];
    weights[mode] = 1.0;
    for k in mode + 1..=count {
        weights[k] = weights[k - 1] * ((count - k + 1) as f64 / k as f64) * (down / up);
    }
    for k in (0..mode).rev() {
        weights[k] = weights[k + 1] * ((k + 1) as f64 / (count - k) as f64) * (up / down);
    }
    let total = weights.iter().copied().collect::<Sum>().value();
    weights.iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::{Unit, binomial};
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn failures_of_a_restart_at_once_are_as_rare_as_they_are() {
        let text = "[component.a]\nmtbf = \"1h\"\nrestart = { takes = \"0s\", works = \"99.999999999999%\" }\nrepair = \"1h\"\n\
                    [system]\nup = \"a\"\n";
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let unit = Unit::of_component(&model.components[0]);
        // One failure in 1e14 lasts; the cycle is an hour and 1e-14 of one.
        let expected = 1e-14 / 3_600.0;
        assert!((unit.failures.unwrap()[0] / expected - 1.0).abs() < 1e-13);
    }

    #[test]
    fn binomials_are_exact_in_the_tail() {
        // 10 choose 8 * q^8 a^2, q = 1e-3.
        let p = binomial(10, 0.999, 0.001);
        let expected = 45.0 * 1e-24 * 0.999 * 0.999;
        assert!((p[8] / expected - 1.0).abs() < 5e-15, "{}", p[8]);
        let heavy = binomial(10_000, 0.01, 0.99);
        assert!((heavy.iter().sum::<f64>() - 1.0).abs() < 1e-13);
        assert_eq!(binomial(0, 0.5, 0.5), [1.0]);
    }
}
