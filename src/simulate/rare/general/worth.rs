//! What may follow is worth, with what is known of ages and residual times.
//!
//! The twin's values count on mean failure rates and mean recoveries. A state y that takes m more losses to something bad, and
//! whose losses have the weights x_i (rate times worth of what follows), is worth so many times that:
//! - for ages `e_m(x rho) / e_m(x)`, with e_m the sum over all sets of m losses of the products of their weights, and rho_i the
//!   hazard of loss i over the time that the longest recovery takes, against what its mean says; with m = 1 in place of m where
//!   that is better ([`Ageing`]);
//! - for residual times the geometric mean over its recoveries c, which ring in r_c, of `V_c(y; r_c) / V(y)` ([`backward`]).
//!
//! [`backward`]: crate::simulate::rare::backward

use super::plain::Chain;
use super::{General, MOST_LOSSES};
use crate::simulate::rare::ageing::{Ageing, LIMITS_OF_RESIDUAL, hazard_ratio};
use crate::simulate::rare::graph::{Behaviour, Clock, FRESH, Node};
use crate::simulate::rare::meter::Meter;

/// The factor for ages stays within these limits: a set of losses may be off by more than one of them.
const LIMITS_OF_SET: (f64, f64) = (1e-3, 1e4);

impl<M: Meter> General<'_, M> {
    /// What the cycle that begins is worth, by what is known of its first event.
    pub(super) fn start_worth(&mut self, chain: &Chain) -> f64 {
        let node = self.graph.node(chain.at);
        let (_, wait) = self.first_lasting(node, &chain.residual);
        self.values.clear();
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            self.values.push(chain.age[place] + clock.speed * wait);
        }
        self.factors.clear();
        self.factors.resize(self.values.len(), None);
        self.look_ahead(chain.at, node, None, 0.0);
        let (mut sum, mut total) = (0.0, 0.0);
        for (loss, worth) in self.graph.losses(node).iter().zip(&self.worths) {
            let hazard = self.hazard(loss, 0.0);
            total += hazard;
            sum += hazard * worth;
        }
        self.tuning.plain_share() + if total > 0.0 { sum / total } else { 0.0 }
    }

    /// What follows each loss is worth, at the present ages; and what follows `next`, which rings in `wait` seconds.
    pub(super) fn look_ahead(&mut self, at: u32, node: Node, next: Option<&Clock>, wait: f64) -> f64 {
        let mut worths = std::mem::take(&mut self.worths);
        worths.clear();
        let result = if !self.graph.sites.site(at).is_known {
            // What is not known is left as likely as it is.
            worths.resize(node.losses as usize, 0.0);
            0.0
        } else if self.tuning.ageing == Ageing::Ignored {
            worths.extend(self.graph.losses(node).iter().map(|loss| loss.value));
            next.map_or(0.0, |next| next.value)
        } else {
            let horizon = self.graph.horizon(at);
            self.compare_hazards(node, horizon);
            self.note_residuals(at, node);
            for index in 0..node.losses as usize {
                let loss = self.graph.losses(node)[index];
                // Losses come anywhere before `next` rings.
                worths.push(self.known_value(&loss, horizon, 0.5 * wait));
            }
            next.map_or(0.0, |next| self.known_value(next, horizon, wait))
        };
        self.worths = worths;
        result
    }

    fn compare_hazards(&mut self, node: Node, horizon: f64) {
        let mut ratios = std::mem::take(&mut self.ratios);
        ratios.clear();
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            ratios.push(if clock.behaviour == Behaviour::Aged && clock.speed > 0.0 {
                let mean = self.means[clock.distribution as usize];
                hazard_ratio(self.distribution(clock.distribution), mean, self.values[place], clock.speed * horizon)
            } else {
                1.0
            });
        }
        self.ratios = ratios;
    }

    /// Notes what the residual times make of the value of the state, where that is known.
    fn note_residuals(&mut self, at: u32, node: Node) {
        let value = self.graph.sites.site(at).value;
        for place in 0..self.factors.len() {
            let lasting = self.graph.lasting(node)[place];
            if lasting.is_loss || lasting.behaviour != Behaviour::Scheduled {
                continue;
            }
            let number = self.residual(at, place as u32);
            if let Some(worths) = self.residuals[number].known() {
                self.factors[place] =
                    Some((worths.at(self.values[place]) / value).clamp(LIMITS_OF_RESIDUAL.0, LIMITS_OF_RESIDUAL.1));
            }
        }
    }

    /// The hazard of a new life over `seconds` against what its mean says.
    fn fresh_ratio(&mut self, distribution: u32, seconds: f64) -> f64 {
        let (known_for, ratio) = self.fresh[distribution as usize];
        if known_for.total_cmp(&seconds).is_eq() {
            return ratio;
        }
        let ratio = hazard_ratio(self.distribution(distribution), self.means[distribution as usize], 0.0, seconds);
        self.fresh[distribution as usize] = (seconds, ratio);
        ratio
    }

    /// The worth of what follows `clock` when it rings after `elapsed` seconds.
    fn known_value(&mut self, clock: &Clock, horizon: f64, elapsed: f64) -> f64 {
        let mut sum = 0.0;
        for index in 0..self.graph.exits(clock).len() {
            let exit = self.graph.exits(clock)[index];
            let site = self.graph.sites.site(exit.target);
            let (value, needs_losses) = (site.value, !site.is_all_up && site.losses > 0);
            let factor = if needs_losses {
                self.factor_of_ages(clock, index, horizon) * self.factor_of_residuals(clock, index, elapsed)
            } else {
                1.0
            };
            sum += exit.probability * (exit.worth + value * factor);
        }
        sum
    }

    /// The hazards of the losses after an exit of `clock` against what their means say, in sets that lead to something bad.
    fn factor_of_ages(&mut self, clock: &Clock, exit: usize, horizon: f64) -> f64 {
        let target = self.graph.exits(clock)[exit].target;
        let kept = self.graph.kept(clock, exit);
        let then = self.graph.node(target);
        let weight = |loss: &Clock| loss.rate * loss.value;
        let heaviest = self.graph.losses(then).iter().map(weight).fold(0.0, f64::max);
        if heaviest <= 0.0 {
            return 1.0;
        }
        let needed = if self.tuning.ageing == Ageing::All { self.graph.sites.site(target).losses } else { 1 };
        let size = needed.clamp(1, MOST_LOSSES) as usize;
        let (mut with, mut without) = ([0.0; MOST_LOSSES as usize + 1], [0.0; MOST_LOSSES as usize + 1]);
        (with[0], without[0]) = (1.0, 1.0);
        for index in 0..then.losses as usize {
            let loss = self.graph.losses(then)[index];
            let weight = weight(&loss) / heaviest;
            let ratio = match loss.behaviour {
                Behaviour::Aged if loss.speed > 0.0 => {
                    match self.graph.kept_places(kept.clone())[loss.place as usize] {
                        FRESH => self.fresh_ratio(loss.distribution, loss.speed * horizon),
                        before => self.ratios[before as usize],
                    }
                }
                _ => 1.0,
            };
            for k in (1..=size).rev() {
                with[k] += with[k - 1] * weight * ratio;
                without[k] += without[k - 1] * weight;
            }
        }
        // A loss with many causes may stand for several.
        let size = (1..=size).rev().find(|&k| without[k] > 0.0).unwrap_or(0);
        (with[size] / without[size]).clamp(LIMITS_OF_SET.0, LIMITS_OF_SET.1)
    }

    /// What the residual times of the recoveries that go on after an exit of `clock` make of the value there.
    pub(super) fn factor_of_residuals(&mut self, clock: &Clock, exit: usize, elapsed: f64) -> f64 {
        let target = self.graph.exits(clock)[exit].target;
        let kept = self.graph.kept(clock, exit);
        let then = self.graph.node(target);
        let value = self.graph.sites.site(target).value;
        let (mut count, mut sum) = (0, 0.0);
        for place in 0..then.lasting {
            let lasting = self.graph.lasting(then)[place as usize];
            let before = self.graph.kept_places(kept.clone())[place as usize];
            if before == FRESH || lasting.is_loss || lasting.behaviour != Behaviour::Scheduled {
                continue;
            }
            let number = self.residual(target, place);
            let factor = match self.residuals[number].known() {
                Some(worths) => {
                    let residual = (self.values[before as usize] - elapsed * lasting.speed).max(0.0);
                    Some((worths.at(residual) / value).clamp(LIMITS_OF_RESIDUAL.0, LIMITS_OF_RESIDUAL.1))
                }
                // It is as long beside another state.
                None => self.factors[before as usize],
            };
            if let Some(factor) = factor {
                count += 1;
                sum += libm::log(factor);
            }
        }
        if count > 0 { libm::exp(sum / f64::from(count)) } else { 1.0 }
    }
}
