//! Derivatives of the long run of independent units by their numbers.
//!
//! With the rates lambda_j of the modes and the mean down times d_j after them, `S = sum lambda_j d_j`: a unit is up for the share
//! `a = 1 / (1 + S)` of the time, so `dq = a^2 dS`, and the failures in mode j, `a lambda_j` times the chance that one is not over
//! at once, follow by the product rule. Of n units like it k are down with a binomial probability, whose derivative by q is
//! `n (b(n-1, k-1) - b(n-1, k))`. All derivatives are logarithmic in the number: by its relative change; for a probability that something works, by
//! the relative change of its complement.

use std::collections::BTreeMap;

use crate::numeric::distribution::Distribution;
use crate::structure::gradient::Worth;
use crate::structure::plain::{Unit, binomial, lasts_after_failed_restart};
use crate::topology::component::{Component, Failure, Mode};
use crate::topology::domain::Domain;
use crate::topology::parameter::Parameter;
use crate::topology::{ComponentId, DomainId};

/// A unit and what its numbers do to it.
pub(crate) struct UnitSlopes {
    unit: Unit,
    by: BTreeMap<Parameter, Slope>,
}

/// What a relative change of one number does.
#[derive(Clone, Debug, Default)]
struct Slope {
    /// To the sum S.
    down_per_up: f64,
    /// To the failures of each mode, S left aside.
    failures: Vec<f64>,
}

impl UnitSlopes {
    pub(crate) fn of_component(id: ComponentId, component: &Component) -> Self {
        let mut slopes = Self { unit: Unit::of_component(component), by: BTreeMap::new() };
        match &component.failure {
            Failure::Probability(down) if down.value() > 0.0 => {
                // dq = q, and q = S / (1 + S).
                let up = down.complement();
                slopes.add(Parameter::Unavailability(id), down.value() / (up * up));
            }
            Failure::Probability(_) => {}
            Failure::Modes(modes) => {
                for (index, mode) in modes.iter().enumerate() {
                    slopes.add_mode(id, index, mode);
                }
            }
        }
        slopes
    }

    pub(crate) fn of_domain(id: DomainId, domain: &Domain) -> Self {
        let mut slopes = Self { unit: Unit::of_domain(domain), by: BTreeMap::new() };
        let ratio = domain.repair.mean() / domain.life.mean();
        slopes.add(Parameter::DomainLife(id), -ratio);
        slopes.add_failures(Parameter::DomainLife(id), 0, -1.0);
        slopes.add(Parameter::DomainRepair(id), ratio);
        slopes
    }

    fn add_mode(&mut self, id: ComponentId, index: usize, mode: &Mode) {
        let rate = 1.0 / mode.life.mean();
        let repair = mode.repair.as_ref().map_or(0.0, Distribution::mean);
        let (mut takes, mut repairs) = (0.0, repair);
        if let Some(restart) = &mode.restart {
            takes = restart.takes.mean();
            repairs = restart.works.complement() * repair;
            if restart.works.value() > 0.0 && restart.works.complement() > 0.0 {
                self.add(Parameter::RestartWorks(id, index), rate * repairs);
                let lasts = self.unit.up * rate * lasts_after_failed_restart(mode);
                let failures = self.unit.failures.as_ref().map_or(0.0, |failures| failures[index]);
                if failures > 0.0 {
                    self.add_failures(Parameter::RestartWorks(id, index), index, lasts / failures);
                }
            }
        }
        self.add(Parameter::Life(id, index), -rate * (mode.detect.mean() + takes + repairs));
        self.add_failures(Parameter::Life(id, index), index, -1.0);
        self.add(Parameter::detect(id, index, mode), rate * mode.detect.mean());
        self.add(Parameter::RestartTakes(id, index), rate * takes);
        self.add(Parameter::Repair(id, index), rate * repairs);
    }

    fn add(&mut self, parameter: Parameter, down_per_up: f64) {
        if down_per_up != 0.0 {
            self.slope(parameter).down_per_up += down_per_up;
        }
    }

    /// `power`: of the number in the failures of a mode.
    fn add_failures(&mut self, parameter: Parameter, mode: usize, power: f64) {
        let failures = self.unit.failures.as_ref().map_or(0.0, |failures| failures[mode]);
        self.slope(parameter).failures[mode] += power * failures;
    }

    fn slope(&mut self, parameter: Parameter) -> &mut Slope {
        let modes = self.unit.failures.as_ref().map_or(0, Vec::len);
        self.by.entry(parameter).or_insert_with(|| Slope { down_per_up: 0.0, failures: vec![0.0; modes] })
    }

    /// What the numbers of `count` units do to the system, whose variable is the number of failed ones: to its unavailability, and to
    /// its frequency.
    pub(crate) fn of_system(&self, count: usize, worth: &Worth) -> Vec<(Parameter, f64, f64)> {
        let Unit { up, down, failures, .. } = &self.unit;
        let n = count as f64;
        let others = binomial(count - 1, *up, *down);
        let by_share = |worths: &[f64]| -> f64 {
            n * others.iter().zip(worths.windows(2)).map(|(p, ends)| p * (ends[1] - ends[0])).sum::<f64>()
        };
        let flow = |failed: usize| worth.flows.get(&(failed, failed + 1)).copied().unwrap_or(0.0);
        let by_failures = n * others.iter().enumerate().map(|(failed, p)| p * flow(failed)).sum::<f64>();
        let mut by_share_of_flows = 0.0;
        if count > 1 {
            let rest = binomial(count - 2, *up, *down);
            let steps = rest.iter().enumerate().map(|(failed, p)| p * (flow(failed + 1) - flow(failed)));
            by_share_of_flows = n * (n - 1.0) * steps.sum::<f64>();
        }
        let all_failures: f64 = failures.iter().flatten().sum();
        let (share_down, share_frequency) = (by_share(&worth.down), by_share(&worth.frequency));
        let of = |(parameter, slope): (&Parameter, &Slope)| {
            let share = up * up * slope.down_per_up;
            let direct: f64 = slope.failures.iter().sum();
            let failures = direct - all_failures * up * slope.down_per_up;
            let frequency = share * (share_frequency + all_failures * by_share_of_flows) + failures * by_failures;
            (*parameter, share * share_down, frequency)
        };
        self.by.iter().map(of).collect()
    }
}
