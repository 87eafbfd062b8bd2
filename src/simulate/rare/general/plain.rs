//! The plain chain: ordinary simulation that never stops.

use std::collections::BTreeMap;

use super::{CERTAIN, General, choose};
use crate::dynamics::{ClockKey, Dynamics};
use crate::numeric::distribution::{Distribution, unit_exponential};
use crate::numeric::random::{Stream, uniform};
use crate::simulate::rare::graph::{Behaviour, Clock, FRESH, Node};
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sampler::Pulse;
use crate::simulate::rare::statistics::Statistics;

/// Draws of lives that begin together, of which one is wanted that covers an instant: most often it is the first or second.
const MOST_DRAWS: u32 = 10_000;

/// The plain chain: residuals of all lasting clocks, ages of losses, and the ages up to which hazards are accounted for.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    pub(super) at: u32,
    pub(super) residual: Vec<f64>,
    pub(super) age: Vec<f64>,
    accounted: Vec<f64>,
    /// In which start each began.
    pub(super) born: Vec<u64>,
}

impl Chain {
    /// In state `at`, without any clock.
    fn clear(&mut self, at: u32) {
        self.at = at;
        self.residual.clear();
        self.age.clear();
        self.accounted.clear();
        self.born.clear();
    }

    pub(super) fn copy(&mut self, from: &Self) {
        self.at = from.at;
        self.residual.clone_from(&from.residual);
        self.age.clone_from(&from.age);
        self.accounted.clone_from(&from.accounted);
        self.born.clone_from(&from.born);
    }
}

impl<'a, M: Meter> General<'a, M> {
    /// All-up, with every life at an age that it has long after its start.
    pub(super) fn start(&mut self, random: &mut Stream) -> Chain {
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
            chain.born.push(self.lives.now());
        }
        chain
    }

    /// One cycle of the plain chain; its length and its control. Nothing when it is ended before.
    pub(super) fn plain(
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

    pub(super) fn first_lasting(&self, node: Node, residual: &[f64]) -> (usize, f64) {
        let mut best = (usize::MAX, f64::INFINITY);
        for (place, (clock, residual)) in self.graph.lasting(node).iter().zip(residual).enumerate() {
            let wait = residual / clock.speed;
            if wait < best.1 {
                best = (place, wait);
            }
        }
        best
    }

    pub(super) fn one_memoryless(&self, node: Node, random: &mut Stream) -> Clock {
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
    pub(super) fn clock_of(&mut self, at: u32, node: Node, place: usize, residual: &[f64]) -> Clock {
        let of_place = |clock: &&Clock| clock.place as usize == place;
        if let Some(loss) = self.graph.losses(node).iter().find(of_place) {
            return *loss;
        }
        let first = self.graph.scheduled(node).iter().position(|clock| clock.place as usize == place);
        let first = first.expect("a lasting clock is a loss or scheduled");
        self.graph.ringing(at, node, first, |place| residual[place as usize])
    }

    /// Moves the plain chain; the hazard that clocks which end here have not been charged for.
    pub(super) fn follow_plain(
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
        let mut next = std::mem::take(&mut self.next);
        next.clear(target);
        let mut survives = std::mem::take(&mut self.survives);
        survives.clear();
        survives.resize(node.lasting as usize, false);
        for (new, &before) in self.graph.lasting(then).iter().zip(self.graph.kept_places(kept)) {
            if before == FRESH {
                let life = self.distribution(new.distribution).sample(random);
                next.residual.push(life);
                next.age.push(0.0);
                next.accounted.push(0.0);
                next.born.push(self.lives.now());
            } else {
                let before = before as usize;
                survives[before] = true;
                let used = elapsed * self.graph.lasting(node)[before].speed;
                next.residual.push((chain.residual[before] - used).max(0.0));
                next.age.push(chain.age[before] + used);
                next.accounted.push(chain.accounted[before]);
                next.born.push(chain.born[before]);
            }
        }
        let mut charge = 0.0;
        for (place, old) in self.graph.lasting(node).iter().enumerate() {
            if !survives[place] && old.behaviour == Behaviour::Aged {
                let age = chain.age[place] + elapsed * old.speed;
                charge += self.charge(old.distribution, chain.accounted[place], age);
            }
        }
        self.survives = survives;
        self.next = std::mem::replace(chain, next);
        charge
    }

    pub(super) fn charge(&self, distribution: u32, from: f64, to: f64) -> f64 {
        if to > from { self.distribution(distribution).hazard_over(from, to - from).min(CERTAIN) } else { 0.0 }
    }

    /// Charges all lives up to their present age.
    pub(super) fn account(&mut self, chain: &mut Chain) -> f64 {
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
