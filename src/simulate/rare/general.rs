//! Models with any distributions: recoveries are scheduled, losses are hazards.
//!
//! A branch holds a residual time for everything scheduled and an age for every loss. Up to the next scheduled event, after
//! r seconds, loss i has the cumulative hazard `H_i`, all of them H. Either none happens (probability `exp(-H)`) or some; the
//! branch decides between the two, and for the first loss its time and which one it is, by true probability times worth, with
//! exact likelihood ratios:
//! - time: clock j with probability H_j / H, then quantile s of the law of its first loss within the window, s from
//!   `0.3 + 0.7 (k + 1) (1 - s)^k`, where k is the fewest losses to something bad: early losses leave room for more. The
//!   density of the time is that of the mixture over j;
//! - which loss: hazard rate times worth.
//!
//! The time of the first loss of a cycle is that of the plain chain. Durations of recoveries are tilted (`Table`).

use std::collections::BTreeMap;

use crate::dynamics::{ClockKey, Dynamics};
use crate::numeric::distribution::{Distribution, unit_exponential};
use crate::numeric::random::{Purpose, Stream, stream, uniform};
use crate::simulate::rare::ageing::{Ageing, Tuning, hazard_ratio};
use crate::simulate::rare::branch::Branch;
use crate::simulate::rare::graph::{Behaviour, Clock, FRESH, Graph, Node};
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sampler::{Pulse, SLICE, Sampler, Task};
use crate::simulate::rare::sites::Setting;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::tilt::Table;

/// The share of the quantile of a loss within its window that is uniform.
const UNIFORM_SHARE: f64 = 0.3;
/// Losses to something bad that are planned for.
const MOST_LOSSES: u32 = 5;
/// What a table costs, in events.
const TABLE: u64 = SLICE / 4;
/// Draws of lives that begin together, of which one is wanted that covers an instant: most often it is the first or second.
const MOST_DRAWS: u32 = 10_000;
/// More hazard than this in a window is as good as certain; also stands for infinity.
const CERTAIN: f64 = 500.0;

/// A sampler of models with any distributions.
#[repr(align(128))]
pub(crate) struct General<'a, M: Meter> {
    graph: Graph<'a, M>,
    tables: BTreeMap<(u32, u32), Table>,
    /// Of the branch: ages and residuals of the lasting clocks.
    values: Vec<f64>,
    spare: Vec<f64>,
    /// Of losses in a window: cumulative hazards, hazard rates, worth of what follows.
    window: Vec<f64>,
    hazards: Vec<f64>,
    worths: Vec<f64>,
    tuning: Tuning,
    /// Hazards of lasting clocks against what their means say.
    ratios: Vec<f64>,
    /// Work beside events, in their unit.
    work: u64,
    /// Whether what the plain chain brings counts, and what its latest cycles brought.
    counts_plain: bool,
    plain: Vec<f64>,
}

/// The plain chain: residuals of all lasting clocks, ages of losses, and the ages up to which hazards are accounted for.
#[derive(Clone, Debug, Default)]
struct Chain {
    at: u32,
    residual: Vec<f64>,
    age: Vec<f64>,
    accounted: Vec<f64>,
}

impl Chain {
    fn copy(&mut self, from: &Self) {
        self.at = from.at;
        self.residual.clone_from(&from.residual);
        self.age.clone_from(&from.age);
        self.accounted.clone_from(&from.accounted);
    }
}

/// Where a branch starts: one of some cycles of the plain chain, and for how many of them it stands.
#[derive(Debug, Default)]
struct Start {
    chain: Chain,
    /// What its cycle is worth, and one over the probability with which it was drawn.
    worth: f64,
    weight: f64,
    /// Length and control of the cycles.
    cycles: Vec<(f64, f64)>,
}

impl<'a, M: Meter> General<'a, M> {
    pub(crate) fn new(setting: Setting<'a, M>, samplers: usize, tuning: Tuning) -> Self {
        Self {
            graph: Graph::new(setting, samplers),
            tables: BTreeMap::new(),
            values: Vec::new(),
            spare: Vec::new(),
            window: Vec::new(),
            hazards: Vec::new(),
            worths: Vec::new(),
            tuning,
            ratios: Vec::new(),
            work: 0,
            counts_plain: setting.meter.has_outages() && setting.twin.has_common_outages(),
            plain: vec![0.0; setting.meter.quantities()],
        }
    }

    fn distribution(&self, index: u32) -> &'a Distribution {
        let dynamics: &'a Dynamics = self.graph.sites.setting.dynamics;
        &dynamics.distributions()[index as usize]
    }

    /// All-up, with every life at an age that it has long after its start.
    fn start(&mut self, random: &mut Stream) -> Chain {
        let at = self.graph.start(random);
        let node = self.graph.node(at);
        let dynamics: &'a Dynamics = self.graph.sites.setting.dynamics;
        let clocks = dynamics.clocks(self.graph.sites.state(at));
        let mut lives: BTreeMap<ClockKey, (f64, f64)> = BTreeMap::new();
        for together in clocks.chunk_by(|a, b| dynamics.are_renewed_together(a.key, b.key)) {
            let distributions: Vec<&Distribution> =
                together.iter().map(|clock| &dynamics.distributions()[clock.distribution]).collect();
            if distributions.iter().all(|life| life.is_exponential()) {
                continue;
            }
            // What does not age is new: it was renewed when it was last repaired.
            let drawn = if together[0].speed > 0.0 {
                ages_in_equilibrium(&distributions, random)
            } else {
                distributions.iter().map(|life| (0.0, life.sample(random))).collect()
            };
            lives.extend(together.iter().map(|clock| clock.key).zip(drawn));
        }
        let mut chain = Chain { at, ..Chain::default() };
        for clock in self.graph.lasting(node) {
            let (age, residual) = lives[&clock.key];
            chain.residual.push(residual);
            chain.age.push(age);
            chain.accounted.push(age);
        }
        chain
    }

    /// One cycle of the plain chain; its length and its control. Nothing when it is ended before.
    fn plain(
        &mut self,
        chain: &mut Chain,
        random: &mut Stream,
        pulse: &mut Pulse<'_>,
        statistics: &mut Statistics,
    ) -> Option<(f64, f64)> {
        let (mut time, mut control) = (0.0, 0.0);
        loop {
            let node = self.graph.node(chain.at);
            let (first, wait) = self.first_lasting(node, &chain.residual);
            let memoryless =
                if node.memoryless > 0.0 { unit_exponential(random) / node.memoryless } else { f64::INFINITY };
            let elapsed = wait.min(memoryless);
            time += elapsed;
            control -= node.memoryless * elapsed;
            let clock = if memoryless < wait {
                control += 1.0;
                self.one_memoryless(node, random)
            } else {
                let clock = self.clock_of(chain.at, node, first, &chain.residual);
                control += f64::from(u8::from(clock.behaviour == Behaviour::Aged));
                clock
            };
            let place = choose(self.graph.exits(&clock).iter().map(|exit| exit.probability), random);
            if let Some(cause) = clock.fixed_cause {
                statistics.fixed_losses[cause as usize] += 1;
            }
            let exit = self.graph.exits(&clock)[place];
            if self.counts_plain {
                let Self { graph, plain, .. } = self;
                graph.sites.count(chain.at, elapsed, graph.counts(&exit), plain);
            }
            let target = exit.target;
            let was_good = self.graph.sites.site(chain.at).badness == 0.0;
            statistics.plain_outages += u64::from(was_good && self.graph.sites.site(target).badness > 0.0);
            control -= self.follow_plain(chain, node, &clock, place, elapsed, random);
            statistics.events += 1;
            if self.graph.sites.site(chain.at).is_all_up {
                control -= self.account(chain);
                return Some((time, control));
            }
            if pulse.stops(statistics.events, self.work) {
                return None;
            }
        }
    }

    fn first_lasting(&self, node: Node, residual: &[f64]) -> (usize, f64) {
        let mut best = (usize::MAX, f64::INFINITY);
        for (place, (clock, residual)) in self.graph.lasting(node).iter().zip(residual).enumerate() {
            let wait = residual / clock.speed;
            if wait < best.1 {
                best = (place, wait);
            }
        }
        best
    }

    fn one_memoryless(&self, node: Node, random: &mut Stream) -> Clock {
        let losses = self.graph.losses(node);
        let rate = |clock: &Clock| if clock.behaviour == Behaviour::Memoryless { clock.rate } else { 0.0 };
        let mut left = uniform(random) * node.memoryless;
        let found = losses.iter().find(|clock| {
            left -= rate(clock);
            left < 0.0 && rate(clock) > 0.0
        });
        *found.or_else(|| losses.iter().rfind(|clock| rate(clock) > 0.0)).expect("the total rate is positive")
    }

    /// The clock at a place among the lasting ones; all scheduled ones of its instant together.
    fn clock_of(&mut self, at: u32, node: Node, place: usize, residual: &[f64]) -> Clock {
        let of_place = |clock: &&Clock| clock.place as usize == place;
        if let Some(loss) = self.graph.losses(node).iter().find(of_place) {
            return *loss;
        }
        let first = self.graph.scheduled(node).iter().position(|clock| clock.place as usize == place);
        let first = first.expect("a lasting clock is a loss or scheduled");
        self.graph.ringing(at, node, first, |place| residual[place as usize])
    }

    /// Moves the plain chain; the hazard that clocks which end here have not been charged for.
    fn follow_plain(
        &mut self,
        chain: &mut Chain,
        node: Node,
        clock: &Clock,
        place: usize,
        elapsed: f64,
        random: &mut Stream,
    ) -> f64 {
        let target = self.graph.exits(clock)[place].target;
        let kept = self.graph.kept(clock, place);
        let then = self.graph.node(target);
        let mut next = Chain { at: target, ..Chain::default() };
        let mut survives = vec![false; node.lasting as usize];
        for (new, &before) in self.graph.lasting(then).iter().zip(self.graph.kept_places(kept)) {
            if before == FRESH {
                let life = self.distribution(new.distribution).sample(random);
                next.residual.push(life);
                next.age.push(0.0);
                next.accounted.push(0.0);
            } else {
                let before = before as usize;
                survives[before] = true;
                let used = elapsed * self.graph.lasting(node)[before].speed;
                next.residual.push((chain.residual[before] - used).max(0.0));
                next.age.push(chain.age[before] + used);
                next.accounted.push(chain.accounted[before]);
            }
        }
        let mut charge = 0.0;
        for (place, old) in self.graph.lasting(node).iter().enumerate() {
            if !survives[place] && old.behaviour == Behaviour::Aged {
                let age = chain.age[place] + elapsed * old.speed;
                charge += self.charge(old.distribution, chain.accounted[place], age);
            }
        }
        *chain = next;
        charge
    }

    fn charge(&self, distribution: u32, from: f64, to: f64) -> f64 {
        if to > from { self.distribution(distribution).hazard_over(from, to - from).min(CERTAIN) } else { 0.0 }
    }

    /// Charges all lives up to their present age.
    fn account(&mut self, chain: &mut Chain) -> f64 {
        let node = self.graph.node(chain.at);
        let mut charge = 0.0;
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            if clock.behaviour == Behaviour::Aged {
                charge += self.charge(clock.distribution, chain.accounted[place], chain.age[place]);
                chain.accounted[place] = chain.age[place];
            }
        }
        charge
    }

    /// One cycle under the changed measure from where the plain chain was, for so many cycles of it; whether it came to its
    /// end.
    fn branch(
        &mut self,
        start: &Start,
        random: &mut Stream,
        caps: [f64; 2],
        pulse: &mut Pulse<'_>,
        statistics: &mut Statistics,
    ) -> bool {
        let mut branch = Branch::new(self.tuning.plain_share(), start.weight);
        let chain = &start.chain;
        let mut at = chain.at;
        let node = self.graph.node(at);
        self.values.clear();
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            let aged = clock.behaviour == Behaviour::Aged;
            self.values.push(if aged { chain.age[place] } else { chain.residual[place] });
        }
        let (mut clock, mut elapsed) = self.first_of_cycle(chain, node, &mut branch, random);
        loop {
            branch.stay(&self.graph.sites, at, elapsed, elapsed, statistics);
            at = self.follow(at, &clock, elapsed, &mut branch, random, statistics);
            if self.graph.sites.site(at).is_all_up {
                let contributed = branch.end(start.cycles.len() as u64, caps, statistics);
                if self.tuning.is_pilot {
                    statistics.starts[0] += start.worth;
                    for (sum, z) in statistics.starts[1..].iter_mut().zip(contributed) {
                        *sum += z * z / start.worth;
                    }
                }
                return true;
            }
            if pulse.stops(statistics.events, self.work) {
                return false;
            }
            let node = self.graph.node(at);
            (clock, elapsed) = self.within_window(at, node, &mut branch, random);
        }
    }

    /// So many cycles of the plain chain, and one of their starts, drawn by what its cycle is worth; whether they were
    /// completed.
    fn walk(
        &mut self,
        cycles: u64,
        chain: &mut Chain,
        start: &mut Start,
        (plain, biased): (&mut Stream, &mut Stream),
        pulse: &mut Pulse<'_>,
        statistics: &mut Statistics,
    ) -> bool {
        start.cycles.clear();
        self.plain.fill(0.0);
        let weighs = self.tuning.is_pilot || cycles > 1;
        let mut total = 0.0;
        for _ in 0..cycles {
            let worth = if weighs { self.start_worth(chain) } else { 1.0 };
            total += worth;
            if start.cycles.is_empty() || uniform(biased) * total < worth {
                start.chain.copy(chain);
                start.worth = worth;
            }
            let Some(cycle) = self.plain(chain, plain, pulse, statistics) else { return false };
            start.cycles.push(cycle);
        }
        start.weight = total / start.worth;
        true
    }

    /// What the cycle that begins is worth, by what is known of its first event.
    fn start_worth(&mut self, chain: &Chain) -> f64 {
        let node = self.graph.node(chain.at);
        let (_, wait) = self.first_lasting(node, &chain.residual);
        self.values.clear();
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            self.values.push(chain.age[place] + clock.speed * wait);
        }
        self.look_ahead(chain.at, node, None);
        let (mut sum, mut total) = (0.0, 0.0);
        for (loss, worth) in self.graph.losses(node).iter().zip(&self.worths) {
            let hazard = self.hazard(loss, 0.0);
            total += hazard;
            sum += hazard * worth;
        }
        self.tuning.plain_share() + if total > 0.0 { sum / total } else { 0.0 }
    }

    /// The first event of a cycle: its time is that of the plain chain, for a loss which one follows hazard times worth.
    fn first_of_cycle(&mut self, chain: &Chain, node: Node, branch: &mut Branch, random: &mut Stream) -> (Clock, f64) {
        let (first, wait) = self.first_lasting(node, &chain.residual);
        let memoryless = if node.memoryless > 0.0 { unit_exponential(random) / node.memoryless } else { f64::INFINITY };
        let elapsed = wait.min(memoryless);
        if wait <= memoryless && self.graph.lasting(node)[first].behaviour == Behaviour::Scheduled {
            return (self.clock_of(chain.at, node, first, &chain.residual), elapsed);
        }
        self.look_ahead(chain.at, node, None);
        (self.which_loss(node, elapsed, branch, random), elapsed)
    }

    /// Which loss it is that happens after `elapsed` seconds in a state.
    fn which_loss(&mut self, node: Node, elapsed: f64, branch: &mut Branch, random: &mut Stream) -> Clock {
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
    fn hazard(&self, loss: &Clock, elapsed: f64) -> f64 {
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
    fn hazard_over(&self, loss: &Clock, seconds: f64) -> f64 {
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
    fn within_window(&mut self, at: u32, node: Node, branch: &mut Branch, random: &mut Stream) -> (Clock, f64) {
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
        let next_value = self.look_ahead(at, node, Some(&next));
        let worths: f64 = self.worths.iter().zip(&window).map(|(value, hazard)| hazard * value).sum();
        let none = libm::exp(-total) * (base + next_value + cost * wait);
        let some = if total > 0.0 { -libm::expm1(-total) * (base + worths / total + 0.5 * cost * wait) } else { 0.0 };
        let chance = some / (some + none);
        let result = if uniform(random) >= chance {
            branch.likelihood_ratio *= libm::exp(-total) / (1.0 - chance);
            (next, wait)
        } else {
            let elapsed = self.first_loss(node, wait, &window, losses_to_bad, chance, branch, random);
            (self.which_loss(node, elapsed, branch, random), elapsed)
        };
        self.window = window;
        result
    }

    /// What follows each loss is worth, at the present ages; and what follows `next`.
    fn look_ahead(&mut self, at: u32, node: Node, next: Option<&Clock>) -> f64 {
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
            for index in 0..node.losses as usize {
                let loss = self.graph.losses(node)[index];
                worths.push(self.aged_value(&loss, horizon));
            }
            next.map_or(0.0, |next| self.aged_value(next, horizon))
        };
        self.worths = worths;
        result
    }

    fn compare_hazards(&mut self, node: Node, horizon: f64) {
        let mut ratios = std::mem::take(&mut self.ratios);
        ratios.clear();
        for (place, clock) in self.graph.lasting(node).iter().enumerate() {
            ratios.push(if clock.behaviour == Behaviour::Aged && clock.speed > 0.0 {
                hazard_ratio(self.distribution(clock.distribution), self.values[place], clock.speed * horizon)
            } else {
                1.0
            });
        }
        self.ratios = ratios;
    }

    /// The worth of what follows `clock` when it rings now.
    fn aged_value(&mut self, clock: &Clock, horizon: f64) -> f64 {
        let mut sum = 0.0;
        for index in 0..self.graph.exits(clock).len() {
            let exit = self.graph.exits(clock)[index];
            let site = self.graph.sites.site(exit.target);
            let (value, needs_losses) = (site.value, !site.is_all_up && site.losses > 0);
            let factor = if needs_losses { self.ratio_after(clock, index, horizon) } else { 1.0 };
            sum += exit.probability * (exit.worth + value * factor);
        }
        sum
    }

    /// The hazards of the losses after an exit of `clock` against what their means say, each with its weight.
    fn ratio_after(&mut self, clock: &Clock, exit: usize, horizon: f64) -> f64 {
        let target = self.graph.exits(clock)[exit].target;
        let kept = self.graph.kept(clock, exit);
        let then = self.graph.node(target);
        let kept = self.graph.kept_places(kept);
        let (mut weights, mut sum) = (0.0, 0.0);
        for loss in self.graph.losses(then) {
            let weight = loss.rate * loss.value;
            let ratio = match loss.behaviour {
                Behaviour::Aged if loss.speed > 0.0 => match kept[loss.place as usize] {
                    FRESH => hazard_ratio(self.distribution(loss.distribution), 0.0, loss.speed * horizon),
                    before => self.ratios[before as usize],
                },
                _ => 1.0,
            };
            weights += weight;
            sum += weight * ratio;
        }
        if weights > 0.0 { sum / weights } else { 1.0 }
    }

    /// The time of the first loss within a window of `wait` seconds, given that there is one.
    #[expect(clippy::too_many_arguments, reason = "one step of the branch, cut in two")]
    fn first_loss(
        &mut self,
        node: Node,
        wait: f64,
        window: &[f64],
        losses_to_bad: u32,
        chance: f64,
        branch: &mut Branch,
        random: &mut Stream,
    ) -> f64 {
        let total: f64 = window.iter().sum();
        let chosen = choose_of(window.iter().copied(), total, random);
        let power = f64::from(losses_to_bad.clamp(1, MOST_LOSSES));
        let draw = uniform(random);
        let rest = if uniform(random) < UNIFORM_SHARE { 1.0 - draw } else { libm::pow(draw, 1.0 / (power + 1.0)) };
        let quantile = 1.0 - rest;
        let density = UNIFORM_SHARE + (1.0 - UNIFORM_SHARE) * (power + 1.0) * libm::pow(rest, power);
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
        branch.likelihood_ratio *= rates * libm::exp(-passed) / (chance * mixture * density);
        elapsed
    }

    fn time_to_hazard(&self, loss: &Clock, hazard: f64) -> f64 {
        if loss.behaviour == Behaviour::Memoryless {
            return hazard / loss.rate;
        }
        let age = self.values[loss.place as usize];
        self.distribution(loss.distribution).time_to_hazard(age, hazard) / loss.speed
    }

    /// Lets `clock` ring after `elapsed` seconds; the state after it.
    fn follow(
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
        let mut values = std::mem::take(&mut self.spare);
        values.clear();
        for place in 0..then.lasting {
            let new = self.graph.lasting(then)[place as usize];
            let before = self.graph.kept_places(kept.clone())[place as usize];
            values.push(if before == FRESH {
                match new.behaviour {
                    Behaviour::Scheduled if !new.is_loss => self.duration(exit.target, place, branch, random),
                    Behaviour::Scheduled => self.distribution(new.distribution).sample(random),
                    _ => 0.0,
                }
            } else {
                let used = elapsed * self.graph.lasting(node)[before as usize].speed;
                let value = self.values[before as usize];
                if new.behaviour == Behaviour::Aged { value + used } else { (value - used).max(0.0) }
            });
        }
        self.spare = std::mem::replace(&mut self.values, values);
        exit.target
    }

    /// How long a recovery takes that begins in state `at`.
    fn duration(&mut self, at: u32, place: u32, branch: &mut Branch, random: &mut Stream) -> f64 {
        let node = self.graph.node(at);
        let distribution = self.distribution(self.graph.lasting(node)[place as usize].distribution);
        if distribution.variance() <= 0.0 {
            return distribution.sample(random);
        }
        if !self.tables.contains_key(&(at, place)) {
            let table = Table::of(&mut self.graph, at, place, distribution);
            self.graph.sites.use_bytes(size_of::<Table>() + 64);
            self.tables.insert((at, place), table);
            self.work += TABLE;
        }
        let (duration, ratio) = self.tables[&(at, place)].draw(distribution, branch.base(), random);
        branch.likelihood_ratio /= ratio;
        duration
    }

    fn make_room(&mut self, chain: &mut Chain) {
        if self.graph.is_full() {
            chain.at = self.graph.forget(chain.at);
            self.tables.clear();
        }
    }
}

/// Age and residual time of lives that begin together, and all end with the first of them, long after their start: that of the
/// shortest mean covers an instant, and no other one has ended before.
fn ages_in_equilibrium(lives: &[&Distribution], random: &mut Stream) -> Vec<(f64, f64)> {
    let means = lives.iter().map(|life| life.mean());
    let shortest = means.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(place, _)| place);
    let mut drawn = vec![(0.0, 0.0); lives.len()];
    for _ in 0..MOST_DRAWS {
        let (age, residual) = lives[shortest].sample_age_in_equilibrium(random);
        for (place, life) in lives.iter().enumerate() {
            let length = if place == shortest { age + residual } else { life.sample(random) };
            drawn[place] = (age, if place == shortest { residual } else { length - age });
        }
        if drawn.iter().all(|(_, residual)| *residual > 0.0) {
            break;
        }
    }
    for (_, residual) in &mut drawn {
        *residual = residual.max(0.0);
    }
    drawn
}

/// An index with probability proportional to its weight.
fn choose_of(weights: impl Iterator<Item = f64>, total: f64, random: &mut Stream) -> usize {
    let mut left = uniform(random) * total;
    let mut last = 0;
    for (index, weight) in weights.enumerate() {
        if weight > 0.0 {
            last = index;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
    }
    last
}

/// An index with its probability; a single one takes no draw.
fn choose(probabilities: impl ExactSizeIterator<Item = f64>, random: &mut Stream) -> usize {
    if probabilities.len() == 1 { 0 } else { choose_of(probabilities, 1.0, random) }
}

impl<M: Meter> Sampler for General<'_, M> {
    fn run(&mut self, task: &Task, stop: &dyn Fn(u64) -> bool) -> Statistics {
        let setting = self.graph.sites.setting;
        let mut statistics =
            Statistics::new(setting.meter.quantities(), setting.twin.classes.len(), setting.dynamics.causes().len());
        let mut plain = stream(task.seed, Purpose::Chain, task.stream());
        let mut biased = stream(task.seed, Purpose::Branch, task.stream());
        let mut chain = self.start(&mut plain);
        let mut pulse = Pulse::new(stop, task.most_events);
        self.work = 0;
        for _ in 0..task.warm_up {
            if self.plain(&mut chain, &mut plain, &mut pulse, &mut statistics).is_none() {
                break;
            }
        }
        statistics.plain_outages = 0;
        let mut start = Start::default();
        let mut left = task.cycles;
        while left > 0 {
            self.make_room(&mut chain);
            let cycles = left.min(self.tuning.starts);
            left -= cycles;
            let streams = (&mut plain, &mut biased);
            if !self.walk(cycles, &mut chain, &mut start, streams, &mut pulse, &mut statistics)
                || !self.branch(&start, &mut biased, task.caps, &mut pulse, &mut statistics)
            {
                break;
            }
            for &(time, control) in &start.cycles {
                statistics.add_cycle(time, control);
            }
            statistics.add_plain(&self.plain);
        }
        pulse.tell(statistics.events, self.work);
        statistics
    }
}
