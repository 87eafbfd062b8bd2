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

mod lives;
mod plain;
mod window;
mod worth;

use std::collections::BTreeMap;

use crate::dynamics::Dynamics;
use crate::numeric::distribution::Distribution;
use crate::numeric::random::{Purpose, Stream, stream, uniform};
use crate::simulate::rare::ageing::{FEWEST_YOUNG, Tuning, fails_early, is_young};
use crate::simulate::rare::backward::{Residual, Worths};
use crate::simulate::rare::graph::{Behaviour, Graph, Lasting};
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sampler::{Pulse, SLICE, Sampler, Task};
use crate::simulate::rare::sites::Setting;
use crate::simulate::rare::statistics::Statistics;
use crate::simulate::rare::tilt::Table;
use lives::Lives;
use plain::Chain;

/// Losses to something bad that are planned for.
const MOST_LOSSES: u32 = 5;
/// What a table costs, in events.
const TABLE: u64 = SLICE / 4;
/// More hazard than this in a window is as good as certain; also stands for infinity.
const CERTAIN: f64 = 500.0;

/// A sampler of models with any distributions.
#[repr(align(128))]
pub(crate) struct General<'a, M: Meter> {
    graph: Graph<'a, M>,
    /// How durations are drawn, by state and lasting clock.
    tables: BTreeMap<(u32, u32), Table>,
    /// What states are worth with a known residual, by the number of the lasting clock.
    residuals: Vec<Residual>,
    /// Of the branch: ages and residuals of the lasting clocks.
    values: Vec<f64>,
    /// What their residuals make of the value of the state, as far as it was known.
    factors: Vec<Option<f64>>,
    spare: (Vec<f64>, Vec<Option<f64>>),
    /// Room for a step of the plain chain.
    next: Chain,
    lives: Lives,
    survives: Vec<bool>,
    /// Of losses in a window: cumulative hazards, hazard rates, worth of what follows.
    window: Vec<f64>,
    hazards: Vec<f64>,
    worths: Vec<f64>,
    tuning: Tuning,
    /// Hazards of lasting clocks against what their means say; of new ones by distribution, with the time for which.
    ratios: Vec<f64>,
    fresh: Vec<(f64, f64)>,
    /// Means of the distributions, whether a life that has one knows how old it is, and whether it fails early.
    means: Vec<f64>,
    ages: Vec<bool>,
    early: Vec<bool>,
    /// Work beside events, in their unit.
    work: u64,
    /// Whether what the plain chain brings counts, and what its latest cycles brought.
    counts_plain: bool,
    plain: Vec<f64>,
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
        let means: Vec<f64> = setting.dynamics.distributions().iter().map(Distribution::mean).collect();
        let ages = setting.dynamics.distributions().iter().map(|of| !of.is_exponential()).collect();
        let early = setting.dynamics.distributions().iter().map(fails_early).collect();
        Self {
            graph: Graph::new(setting, samplers),
            tables: BTreeMap::new(),
            residuals: Vec::new(),
            values: Vec::new(),
            factors: Vec::new(),
            spare: Default::default(),
            next: Chain::default(),
            lives: Lives::default(),
            survives: Vec::new(),
            window: Vec::new(),
            hazards: Vec::new(),
            worths: Vec::new(),
            tuning,
            ratios: Vec::new(),
            fresh: vec![(0.0, 1.0); means.len()],
            means,
            ages,
            early,
            work: 0,
            counts_plain: setting.meter.has_outages() && setting.twin.has_common_outages(),
            plain: vec![0.0; setting.meter.quantities()],
        }
    }

    fn distribution(&self, index: u32) -> &'a Distribution {
        let dynamics: &'a Dynamics = self.graph.sites.setting.dynamics;
        &dynamics.distributions()[index as usize]
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
            let is_young = self.young(chain) >= FEWEST_YOUNG;
            let Some(cycle) = self.plain(chain, plain, pulse, statistics) else { return false };
            statistics.young_starts += u64::from(is_young);
            start.cycles.push(cycle);
        }
        start.weight = total / start.worth;
        true
    }

    /// Units that are young.
    fn young(&mut self, chain: &Chain) -> usize {
        let node = self.graph.node(chain.at);
        let is_young = |(clock, age): &(&Lasting, &f64)| {
            let of = clock.distribution as usize;
            clock.speed > 0.0
                && self.early[of]
                && is_young(self.distribution(clock.distribution), self.means[of], **age)
        };
        self.graph.lasting(node).iter().zip(&chain.age).filter(is_young).count()
    }

    /// The number of what state `at` is worth when its lasting clock `place` has a known residual, which is worked out.
    fn residual(&mut self, at: u32, place: u32) -> usize {
        let node = self.graph.node(at);
        let number = node.number_of_lasting(place);
        if self.residuals.len() <= number {
            self.residuals.resize(number + 1, Residual::NotWorkedOut);
        }
        if matches!(self.residuals[number], Residual::NotWorkedOut) {
            let mean = self.means[self.graph.lasting(node)[place as usize].distribution as usize];
            let residual = Residual::of(&mut self.graph, at, place, mean);
            let bytes = residual.known().map_or(0, Worths::bytes);
            self.graph.sites.use_bytes(size_of::<Residual>() + bytes);
            self.residuals[number] = residual;
            self.work += TABLE;
        }
        number
    }

    fn make_room(&mut self, chain: &mut Chain) {
        if self.graph.is_full() {
            chain.at = self.graph.forget(chain.at);
            self.tables.clear();
            self.residuals.clear();
        }
    }
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
        self.lives = Lives::default();
        let mut chain = self.start(&mut plain);
        let mut pulse = Pulse::new(stop, task.most_events);
        self.work = 0;
        for _ in 0..task.warm_up {
            if self.plain(&mut chain, &mut plain, &mut pulse, &mut statistics).is_none() {
                break;
            }
        }
        statistics.plain_outages = 0;
        self.lives.begin();
        let mut start = Start::default();
        let mut left = task.cycles;
        while left > 0 {
            self.make_room(&mut chain);
            let cycles = left.min(self.tuning.starts);
            left -= cycles;
            let streams = (&mut plain, &mut biased);
            if !self.walk(cycles, &mut chain, &mut start, streams, &mut pulse, &mut statistics) {
                break;
            }
            let Some(contributed) = self.branch(&start, &mut biased, task.caps, &mut pulse, &mut statistics) else {
                break;
            };
            let node = self.graph.node(chain.at);
            let clocks = self.graph.lasting(node).iter().zip(chain.born.iter().zip(&chain.age));
            let ages = |clock: &Lasting| clock.behaviour == Behaviour::Aged && self.ages[clock.distribution as usize];
            // What is new and does not age is as good as born later.
            let is_old = |clock: &Lasting, age: f64| clock.speed > 0.0 || age > 0.0;
            let born =
                clocks.filter(|(clock, (_, age))| ages(clock) && is_old(clock, **age)).map(|(_, (born, _))| *born);
            self.lives.add(contributed, born, &mut statistics);
            for &(time, control) in &start.cycles {
                statistics.add_cycle(time, control);
            }
            statistics.add_plain(&self.plain);
        }
        pulse.tell(statistics.events, self.work);
        statistics
    }
}
