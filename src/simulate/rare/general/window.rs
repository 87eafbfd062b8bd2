//! Branches: one cycle under the changed measure, window by window.

use super::plain::Chain;
use super::{CERTAIN, General, MOST_LOSSES, Start, choose_of};
use crate::numeric::distribution::unit_exponential;
use crate::numeric::random::{Stream, uniform};
use crate::simulate::rare::ageing::Ageing;
use crate::simulate::rare::branch::Branch;
use crate::simulate::rare::graph::{Behaviour, Clock, FRESH, Node};
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sampler::Pulse;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::tilt::Table;

/// The share of the quantile of a loss within its window that is uniform at least.
const UNIFORM_SHARE: f64 = 0.3;
/// Hazard in a window from which on losses are not rare there: when the first one comes is left to its own law.
const FREQUENT: f64 = 1.0;
/// A recovery that so many losses are expected in is watched: each changes the weight of the branch.
const MANY_LOSSES: f64 = 20.0;

impl<M: Meter> General<'_, M> {
    /// One cycle under the changed measure from where the plain chain was, for so many cycles of it; what it contributed,
    /// or nothing when it did not come to its end.
    pub(super) fn branch(
        &mut self,
        start: &Start,
        random: &mut Stream,
        caps: [f64; 2],
        pulse: &mut Pulse<'_>,
        statistics: &mut Statistics,
    ) -> Option<[f64; 2]> {
        let mut branch = Branch::new(self.tuning.plain_share(), start.weight);
        let chain = &start.chain;
        let mut at = chain.at;
        let node = self.graph.node(at);
        self.values.clear();
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            let aged = clock.behaviour == Behaviour::Aged;
            self.values.push(if aged { chain.age[place] } else { chain.residual[place] });
        }
        self.factors.clear();
        self.factors.resize(self.values.len(), None);
        let (mut clock, mut elapsed) = self.first_of_cycle(chain, node, &mut branch, random);
        loop {
            branch.stay(&self.graph.sites, at, elapsed, elapsed, statistics);
            let was_known = self.graph.sites.site(at).is_known;
            at = self.follow(at, &clock, elapsed, &mut branch, random, statistics);
            if !was_known && self.graph.sites.site(at).is_known {
                branch.go_on_plainly();
            }
            if self.graph.sites.site(at).is_all_up {
                let contributed = branch.end(start.cycles.len() as u64, caps, statistics);
                if self.tuning.is_pilot {
                    statistics.starts[0] += start.worth;
                    for (sum, z) in statistics.starts[1..].iter_mut().zip(contributed) {
                        *sum += z * z / start.worth;
                    }
                }
                return Some(contributed);
            }
            if pulse.stops(statistics.events, self.work) {
                return None;
            }
            let node = self.graph.node(at);
            (clock, elapsed) = self.within_window(at, node, &mut branch, random);
        }
    }

    /// The first event of a cycle: its time is that of the plain chain, for a loss which one follows hazard times worth.
    pub(super) fn first_of_cycle(
        &mut self,
        chain: &Chain,
        node: Node,
        branch: &mut Branch,
        random: &mut Stream,
    ) -> (Clock, f64) {
        let (first, wait) = self.first_lasting(node, &chain.residual);
        let memoryless = if node.memoryless > 0.0 { unit_exponential(random) / node.memoryless } else { f64::INFINITY };
        let elapsed = wait.min(memoryless);
        if wait <= memoryless && self.graph.lasting(node)[first].behaviour == Behaviour::Scheduled {
            return (self.clock_of(chain.at, node, first, &chain.residual), elapsed);
        }
        self.look_ahead(chain.at, node, None, 0.0);
        (self.which_loss(node, elapsed, branch, random), elapsed)
    }

    /// Which loss it is that happens after `elapsed` seconds in a state.
    pub(super) fn which_loss(&mut self, node: Node, elapsed: f64, branch: &mut Branch, random: &mut Stream) -> Clock {
        let mut hazards = std::mem::take(&mut self.hazards);
        hazards.clear();
        hazards.extend(self.graph.losses(node).iter().map(|loss| self.hazard(loss, elapsed)));
        let base = branch.base();
        let total: f64 = hazards.iter().sum();
        let worth = |(value, hazard): (&f64, &f64)| hazard * (base + value);
        let worths: f64 = self.worths.iter().zip(&hazards).map(worth).sum();
        let chosen = choose_of(self.worths.iter().zip(&hazards).map(worth), worths, random);
        branch.likelihood_ratio *= worths / (total * (base + self.worths[chosen]));
        let clock = self.graph.losses(node)[chosen];
        self.hazards = hazards;
        clock
    }

    /// The hazard rate of a loss after `elapsed` seconds, per second.
    pub(super) fn hazard(&self, loss: &Clock, elapsed: f64) -> f64 {
        if loss.behaviour == Behaviour::Memoryless {
            return loss.rate;
        }
        if loss.speed <= 0.0 {
            return 0.0;
        }
        let age = self.values[loss.place as usize] + loss.speed * elapsed;
        let hazard = loss.speed * self.distribution(loss.distribution).hazard(age).unwrap_or(0.0);
        // At the end of a uniform life, and at age 0 of some lives, the rate is infinite.
        hazard.min(f64::MAX.sqrt())
    }

    /// The cumulative hazard of a loss over `seconds`.
    pub(super) fn hazard_over(&self, loss: &Clock, seconds: f64) -> f64 {
        match loss.behaviour {
            Behaviour::Memoryless => loss.rate * seconds,
            _ if loss.speed <= 0.0 => 0.0,
            _ => {
                let age = self.values[loss.place as usize];
                self.distribution(loss.distribution).hazard_over(age, loss.speed * seconds)
            }
        }
        .min(CERTAIN)
    }

    /// The next event in a state where something is scheduled.
    pub(super) fn within_window(
        &mut self,
        at: u32,
        node: Node,
        branch: &mut Branch,
        random: &mut Stream,
    ) -> (Clock, f64) {
        let values = std::mem::take(&mut self.values);
        let residual = |place: u32| values[place as usize];
        let (first, wait) = self.graph.first_scheduled(node, residual).expect("something is scheduled");
        let next = self.graph.ringing(at, node, first, residual);
        self.values = values;
        let mut window = std::mem::take(&mut self.window);
        window.clear();
        window.extend(self.graph.losses(node).iter().map(|loss| self.hazard_over(loss, wait)));
        let total: f64 = window.iter().sum();
        let site = self.graph.sites.site(at);
        let (base, cost, losses_to_bad) = (branch.base(), site.cost, site.losses);
        let next_value = self.look_ahead(at, node, Some(&next), wait);
        let worths: f64 = self.worths.iter().zip(&window).map(|(value, hazard)| hazard * value).sum();
        let none = libm::exp(-total) * (base + next_value + cost * wait);
        let (later, stay) = if total > 0.0 { (worths / total, base + 0.5 * cost * wait) } else { (0.0, 0.0) };
        let some = -libm::expm1(-total) * (later + stay);
        let chance = some / (some + none);
        let result = if uniform(random) >= chance {
            branch.likelihood_ratio *= libm::exp(-total) / (1.0 - chance);
            (next, wait)
        } else if total >= FREQUENT {
            branch.likelihood_ratio *= -libm::expm1(-total) / chance;
            let elapsed = self.first_of_frequent(node, wait, &window, random);
            (self.which_loss(node, elapsed, branch, random), elapsed)
        } else {
            let early = (1.0 - UNIFORM_SHARE) * later / (later + stay);
            let (elapsed, ratio) = self.first_loss(node, wait, &window, (losses_to_bad, early), random);
            branch.likelihood_ratio *= ratio / chance;
            (self.which_loss(node, elapsed, branch, random), elapsed)
        };
        self.window = window;
        result
    }

    /// The time of the first loss within a window of `wait` seconds, given that there is one, by its own law.
    fn first_of_frequent(&self, node: Node, wait: f64, window: &[f64], random: &mut Stream) -> f64 {
        let losses = self.graph.losses(node);
        // One in 1 - 1/e of the rounds brings one.
        loop {
            let mut first = f64::INFINITY;
            for (loss, &over) in losses.iter().zip(window) {
                let hazard = unit_exponential(random);
                if hazard < over {
                    first = first.min(self.time_to_hazard(loss, hazard));
                }
            }
            if first < f64::INFINITY {
                return first.min(wait);
            }
        }
    }

    /// The time of the first loss within a window of `wait` seconds, given that there is one, with the share `early` of times that leave
    /// room for so many losses more; and the true probability of it against the one used, by the probability that there is one.
    fn first_loss(
        &self,
        node: Node,
        wait: f64,
        window: &[f64],
        (losses_to_bad, early): (u32, f64),
        random: &mut Stream,
    ) -> (f64, f64) {
        let total: f64 = window.iter().sum();
        let chosen = choose_of(window.iter().copied(), total, random);
        let power = f64::from(losses_to_bad.clamp(1, MOST_LOSSES));
        let draw = uniform(random);
        let rest = if uniform(random) < early { libm::pow(draw, 1.0 / (power + 1.0)) } else { 1.0 - draw };
        let quantile = 1.0 - rest;
        let density = 1.0 - early + early * (power + 1.0) * libm::pow(rest, power);
        let losses = self.graph.losses(node);
        let hazard = -libm::log1p(quantile * libm::expm1(-window[chosen]));
        let elapsed = self.time_to_hazard(&losses[chosen], hazard).min(wait);
        let (mut rates, mut passed, mut mixture) = (0.0, 0.0, 0.0);
        for (loss, &over) in losses.iter().zip(window) {
            if over <= 0.0 {
                continue;
            }
            let (rate, before) = (self.hazard(loss, elapsed), self.hazard_over(loss, elapsed));
            rates += rate;
            passed += before;
            mixture += over / total * rate * libm::exp(-before) / -libm::expm1(-over);
        }
        (elapsed, rates * libm::exp(-passed) / (mixture * density))
    }

    pub(super) fn time_to_hazard(&self, loss: &Clock, hazard: f64) -> f64 {
        if loss.behaviour == Behaviour::Memoryless {
            return hazard / loss.rate;
        }
        let age = self.values[loss.place as usize];
        self.distribution(loss.distribution).time_to_hazard(age, hazard) / loss.speed
    }

    /// Lets `clock` ring after `elapsed` seconds; the state after it.
    pub(super) fn follow(
        &mut self,
        at: u32,
        clock: &Clock,
        elapsed: f64,
        branch: &mut Branch,
        random: &mut Stream,
        statistics: &mut Statistics,
    ) -> u32 {
        let exits = self.graph.exits(clock);
        let base = branch.base();
        let total = base + clock.value;
        let worths = exits.iter().map(|exit| exit.probability * (base + exit.value));
        let place = if exits.len() == 1 { 0 } else { choose_of(worths, total, random) };
        let exit = exits[place];
        if exits.len() > 1 {
            branch.likelihood_ratio *= total / (base + exit.value);
        }
        let node = self.graph.node(at);
        let kept = self.graph.kept(clock, place);
        let then = self.graph.node(exit.target);
        branch.go(&self.graph.sites, (at, exit.target), self.graph.counts(&exit), exit.worth, statistics);
        let (mut values, mut factors) = std::mem::take(&mut self.spare);
        values.clear();
        factors.clear();
        // What is worth more because something lasts is so however long others take.
        let value = self.graph.sites.site(exit.target).value;
        let factor =
            if self.tuning.ageing == Ageing::Ignored { 1.0 } else { self.factor_of_residuals(clock, place, elapsed) };
        let base = branch.base() + (factor - 1.0).max(0.0) * value;
        for place in 0..then.lasting {
            let new = self.graph.lasting(then)[place as usize];
            let before = self.graph.kept_places(kept.clone())[place as usize];
            factors.push(if before == FRESH { None } else { self.factors[before as usize] });
            values.push(if before == FRESH {
                match new.behaviour {
                    Behaviour::Scheduled if !new.is_loss => self.duration(exit.target, place, base, branch, random),
                    Behaviour::Scheduled => self.distribution(new.distribution).sample(random),
                    _ => 0.0,
                }
            } else {
                let used = elapsed * self.graph.lasting(node)[before as usize].speed;
                let value = self.values[before as usize];
                if new.behaviour == Behaviour::Aged { value + used } else { (value - used).max(0.0) }
            });
        }
        self.spare = (std::mem::replace(&mut self.values, values), std::mem::replace(&mut self.factors, factors));
        exit.target
    }

    /// How long a recovery takes that begins in state `at`, for a branch in which all else is worth `base`.
    fn duration(&mut self, at: u32, place: u32, base: f64, branch: &mut Branch, random: &mut Stream) -> f64 {
        let node = self.graph.node(at);
        let distribution = self.distribution(self.graph.lasting(node)[place as usize].distribution);
        if distribution.variance() <= 0.0 {
            return distribution.sample(random);
        }
        if !self.tables.contains_key(&(at, place)) {
            let residual = self.residual(at, place);
            let table = Table::of(&self.graph, at, distribution, self.residuals[residual].known());
            self.graph.sites.use_bytes(size_of::<Table>() + 64);
            self.tables.insert((at, place), table);
        }
        let (duration, ratio) = self.tables[&(at, place)].draw(distribution, base, random);
        branch.likelihood_ratio /= ratio;
        let losses: f64 = self.graph.losses(node).iter().map(|loss| loss.rate).sum();
        if losses * duration > MANY_LOSSES {
            let residual = self.residual(at, place);
            let known = self.residuals[residual].known().map(|worths| worths.at(duration));
            branch.begin_long_recovery(known.unwrap_or(self.graph.sites.site(at).value));
        }
        duration
    }
}
