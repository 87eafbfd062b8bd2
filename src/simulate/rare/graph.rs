//! States of a model with any distributions, the clocks that run in them, and where these lead; worked out once.
//!
//! Exponential losses have no memory; alike ones are one clock. Every other clock lasts: a loss with a hazard rate has an age,
//! anything else a residual time. Which lasting clocks survive a step is worked out with the step.

use std::collections::BTreeMap;

use crate::dynamics::{Clock as Running, ClockKey, Kind, Origin, Outcome, State};
use crate::numeric::random::Stream;
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sites::{Setting, Sites};

/// Stands for a clock that starts afresh.
pub(crate) const FRESH: u32 = u32::MAX;
/// Stands for what has not been worked out.
const UNKNOWN: u32 = u32::MAX;
/// Residuals of clocks with atoms that differ by less than this share of the longest time are one instant.
const SAME_INSTANT: f64 = 1e-12;

/// What runs in a state: losses first, then what is scheduled.
#[derive(Clone, Copy, Default)]
pub(crate) struct Node {
    first_clock: u32,
    pub(crate) losses: u32,
    scheduled: u32,
    first_lasting: u32,
    pub(crate) lasting: u32,
    /// Total rate of the memoryless losses, per second.
    pub(crate) memoryless: f64,
    is_worked_out: bool,
}

impl Node {
    /// The number of a lasting clock among those of all states.
    pub(crate) fn number_of_lasting(self, place: u32) -> usize {
        (self.first_lasting + place) as usize
    }
}

/// How a clock behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// An exponential loss.
    Memoryless,
    /// A loss with a hazard rate, and an age.
    Aged,
    /// A recovery, or a loss whose times have atoms: has a residual time.
    Scheduled,
}

/// A clock of a state.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) behaviour: Behaviour,
    /// Its place among the lasting clocks of the state.
    pub(crate) place: u32,
    /// Per second, with the mean in place of the distribution.
    pub(crate) rate: f64,
    pub(crate) speed: f64,
    pub(crate) distribution: u32,
    /// The longest time with an atom, or 0.
    grain: f64,
    /// Expected worth of what follows when it rings.
    pub(crate) value: f64,
    /// The cause of a loss whose times have atoms.
    pub(crate) fixed_cause: Option<u32>,
    first_exit: u32,
    exits: u32,
}

/// A lasting clock of a state.
#[derive(Clone, Copy)]
pub(crate) struct Lasting {
    pub(crate) key: ClockKey,
    stage: u32,
    pub(crate) behaviour: Behaviour,
    pub(crate) is_loss: bool,
    pub(crate) distribution: u32,
    pub(crate) speed: f64,
}

/// One outcome of a clock's ringing.
#[derive(Clone, Copy)]
pub(crate) struct Exit {
    pub(crate) probability: f64,
    pub(crate) target: u32,
    /// Worth of the step, and of the step and what follows.
    pub(crate) worth: f64,
    pub(crate) value: f64,
    first_count: u32,
    counts: u32,
    /// Where it is noted which clocks survive, once that is worked out.
    first_kept: u32,
    pending: u32,
}

/// What is needed to tell which clocks survive a step.
struct Pending {
    from: u32,
    origin: Origin,
    renewed: Vec<ClockKey>,
    rang: Vec<(ClockKey, u32)>,
}

/// States, clocks and steps of one sampler.
pub(crate) struct Graph<'a, M: Meter> {
    pub(crate) sites: Sites<'a, M>,
    nodes: Vec<Node>,
    clocks: Vec<Clock>,
    lasting: Vec<Lasting>,
    exits: Vec<Exit>,
    counts: Vec<(u32, f64)>,
    kept: Vec<u32>,
    pending: Vec<Pending>,
    /// Exits of several clocks at one instant, by state and places.
    together: BTreeMap<(u32, Vec<u32>), (u32, u32)>,
    grains: Vec<f64>,
    /// Longest mean recoveries, by state; 0 where not worked out.
    horizons: Vec<f64>,
}

impl<'a, M: Meter> Graph<'a, M> {
    pub(crate) fn new(setting: Setting<'a, M>, samplers: usize) -> Self {
        let distributions = setting.dynamics.distributions();
        Self {
            sites: Sites::new(setting, samplers),
            nodes: Vec::new(),
            clocks: Vec::new(),
            lasting: Vec::new(),
            exits: Vec::new(),
            counts: Vec::new(),
            kept: Vec::new(),
            pending: Vec::new(),
            together: BTreeMap::new(),
            horizons: Vec::new(),
            grains: distributions.iter().map(|d| d.longest_atom().unwrap_or(0.0)).collect(),
        }
    }

    pub(crate) fn start(&mut self, random: &mut Stream) -> u32 {
        let state = self.sites.setting.twin.start(random);
        self.number(state)
    }

    pub(crate) fn number(&mut self, state: &State) -> u32 {
        let (number, is_new) = self.sites.number(state);
        if is_new {
            self.nodes.push(Node::default());
            self.horizons.push(0.0);
            self.sites.use_bytes(size_of::<Node>());
        }
        number
    }

    #[inline]
    pub(crate) fn node(&mut self, at: u32) -> Node {
        let node = self.nodes[at as usize];
        if node.is_worked_out { node } else { self.work_out(at) }
    }

    /// The longest mean of the recoveries that run in a state, or after a loss from it where there are none, in seconds.
    pub(crate) fn horizon(&mut self, at: u32) -> f64 {
        if self.horizons[at as usize] == 0.0 {
            let node = self.node(at);
            let own = self.longest_recovery(node);
            let clocks = self.losses(node).to_vec();
            let targets = clocks.iter().flat_map(|clock| self.exits(clock)).map(|exit| exit.target);
            let targets: Vec<u32> = if own > 0.0 { Vec::new() } else { targets.collect() };
            let after = targets.into_iter().map(|target| {
                let node = self.node(target);
                self.longest_recovery(node)
            });
            self.horizons[at as usize] = after.fold(own, f64::max).max(f64::MIN_POSITIVE);
        }
        self.horizons[at as usize]
    }

    fn longest_recovery(&self, node: Node) -> f64 {
        let means = self.lasting(node).iter().filter(|clock| clock.behaviour == Behaviour::Scheduled && !clock.is_loss);
        let distributions = self.sites.setting.dynamics.distributions();
        means.map(|clock| distributions[clock.distribution as usize].mean()).fold(0.0, f64::max)
    }

    pub(crate) fn losses(&self, node: Node) -> &[Clock] {
        &self.clocks[node.first_clock as usize..(node.first_clock + node.losses) as usize]
    }

    pub(crate) fn scheduled(&self, node: Node) -> &[Clock] {
        let first = node.first_clock + node.losses;
        &self.clocks[first as usize..(first + node.scheduled) as usize]
    }

    pub(crate) fn lasting(&self, node: Node) -> &[Lasting] {
        &self.lasting[node.first_lasting as usize..(node.first_lasting + node.lasting) as usize]
    }

    pub(crate) fn exits(&self, clock: &Clock) -> &[Exit] {
        &self.exits[clock.first_exit as usize..(clock.first_exit + clock.exits) as usize]
    }

    pub(crate) fn counts(&self, exit: &Exit) -> &[(u32, f64)] {
        &self.counts[exit.first_count as usize..(exit.first_count + exit.counts) as usize]
    }

    #[cold]
    fn work_out(&mut self, at: u32) -> Node {
        let dynamics = self.sites.setting.dynamics;
        let distributions = dynamics.distributions();
        let state = self.sites.state(at).clone();
        let behaviour = |clock: &Running| {
            let distribution = &distributions[clock.distribution];
            match clock.kind {
                Kind::Loss if distribution.is_exponential() => Behaviour::Memoryless,
                Kind::Loss if distribution.has_hazard() => Behaviour::Aged,
                _ => Behaviour::Scheduled,
            }
        };
        let mut running = dynamics.clocks_of_alike_memoryless_losses(&state);
        running.retain(|clock| clock.speed > 0.0 || behaviour(clock) != Behaviour::Memoryless);
        let mut lasts: Vec<&Running> = running.iter().filter(|c| behaviour(c) != Behaviour::Memoryless).collect();
        lasts.sort_by_key(|clock| clock.key);
        let first_lasting = self.lasting.len() as u32;
        self.lasting.extend(lasts.iter().map(|clock| Lasting {
            key: clock.key,
            stage: clock.stage,
            behaviour: behaviour(clock),
            is_loss: clock.kind == Kind::Loss,
            distribution: clock.distribution as u32,
            speed: clock.speed,
        }));
        let mut clocks = Vec::with_capacity(running.len());
        for clock in &running {
            let exits = self.ring(at, &state, std::slice::from_ref(clock));
            let behaviour = behaviour(clock);
            clocks.push(Clock {
                behaviour,
                place: lasts.iter().position(|last| last.key == clock.key).map_or(UNKNOWN, |place| place as u32),
                rate: dynamics.rate(clock),
                speed: clock.speed,
                distribution: clock.distribution as u32,
                grain: self.grains[clock.distribution],
                value: self.exits[exits.0 as usize..(exits.0 + exits.1) as usize]
                    .iter()
                    .map(|exit| exit.probability * exit.value)
                    .sum(),
                fixed_cause: clock
                    .cause
                    .filter(|_| clock.kind == Kind::Loss && behaviour == Behaviour::Scheduled)
                    .map(|cause| cause as u32),
                first_exit: exits.0,
                exits: exits.1,
            });
        }
        clocks.sort_by_key(|clock| clock.behaviour == Behaviour::Scheduled);
        let scheduled = clocks.iter().filter(|clock| clock.behaviour == Behaviour::Scheduled).count() as u32;
        let node = Node {
            first_clock: self.clocks.len() as u32,
            losses: clocks.len() as u32 - scheduled,
            scheduled,
            first_lasting,
            lasting: lasts.len() as u32,
            memoryless: clocks.iter().filter(|c| c.behaviour == Behaviour::Memoryless).map(|clock| clock.rate).sum(),
            is_worked_out: true,
        };
        self.sites.use_bytes(clocks.len() * size_of::<Clock>() + lasts.len() * size_of::<Lasting>());
        self.clocks.extend(clocks);
        self.nodes[at as usize] = node;
        node
    }

    /// Where the ringing of `clocks` in state `at` leads: first exit and number of exits.
    fn ring(&mut self, at: u32, state: &State, clocks: &[Running]) -> (u32, u32) {
        let outcomes = self.sites.setting.dynamics.ring(state, clocks);
        let rang: Vec<(ClockKey, u32)> = clocks.iter().map(|clock| (clock.key, clock.stage)).collect();
        let cause = clocks.iter().find_map(|clock| clock.cause).map(|cause| cause as u32);
        let exits: Vec<Exit> = outcomes.into_iter().map(|outcome| self.exit(at, outcome, &rang, cause)).collect();
        let first = self.exits.len() as u32;
        self.sites.use_bytes(exits.len() * (size_of::<Exit>() + size_of::<Pending>() + 64));
        self.exits.extend(&exits);
        (first, exits.len() as u32)
    }

    fn exit(&mut self, from: u32, outcome: Outcome, rang: &[(ClockKey, u32)], cause: Option<u32>) -> Exit {
        let (state, origin) = self.sites.setting.dynamics.canonical_with_origin(&outcome.state);
        let target = self.number(&state);
        let (worth, counts) = self.sites.step(from, target, cause);
        let first_count = self.counts.len() as u32;
        self.counts.extend(&counts);
        self.pending.push(Pending { from, origin, renewed: outcome.renewed, rang: rang.to_vec() });
        Exit {
            probability: outcome.probability,
            target,
            worth,
            value: worth + self.sites.site(target).value,
            first_count,
            counts: counts.len() as u32,
            first_kept: UNKNOWN,
            pending: self.pending.len() as u32 - 1,
        }
    }

    /// For each lasting clock of the target its place among those before the step, or [`FRESH`]; as a range of
    /// [`Self::kept_places`].
    pub(crate) fn kept(&mut self, clock: &Clock, place: usize) -> std::ops::Range<usize> {
        let index = clock.first_exit as usize + place;
        let target = self.node(self.exits[index].target);
        if self.exits[index].first_kept == UNKNOWN {
            self.work_out_kept(index, target);
        }
        let first = self.exits[index].first_kept as usize;
        first..first + target.lasting as usize
    }

    pub(crate) fn kept_places(&self, range: std::ops::Range<usize>) -> &[u32] {
        &self.kept[range]
    }

    #[cold]
    fn work_out_kept(&mut self, index: usize, target: Node) {
        let exit = self.exits[index];
        let pending = &self.pending[exit.pending as usize];
        let old = self.lasting(self.nodes[pending.from as usize]);
        let dynamics = self.sites.setting.dynamics;
        let place_before = |clock: &Lasting| {
            let (key, stage) = dynamics.original(&pending.origin, clock.key, clock.stage);
            let is_new = pending.renewed.contains(&key) || pending.rang.contains(&(key, stage));
            let place = old.binary_search_by_key(&key, |clock| clock.key).ok();
            place.filter(|&place| !is_new && old[place].stage == stage).map_or(FRESH, |place| place as u32)
        };
        let kept: Vec<u32> = self.lasting(target).iter().map(place_before).collect();
        self.exits[index].first_kept = self.kept.len() as u32;
        self.sites.use_bytes(kept.len() * size_of::<u32>());
        self.kept.extend(kept);
    }

    /// The scheduled clock that rings first at the given residuals, and after how many seconds.
    #[inline]
    pub(crate) fn first_scheduled(&self, node: Node, residual: impl Fn(u32) -> f64) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        for (index, clock) in self.scheduled(node).iter().enumerate() {
            let wait = residual(clock.place) / clock.speed;
            if best.is_none_or(|(_, shortest)| wait < shortest) && clock.speed > 0.0 {
                best = Some((index, wait));
            }
        }
        best
    }

    /// The scheduled clock `first` of state `at`, or all that ring at its instant as one clock.
    pub(crate) fn ringing(&mut self, at: u32, node: Node, first: usize, residual: impl Fn(u32) -> f64) -> Clock {
        let clocks = self.scheduled(node);
        let rings = clocks[first];
        if rings.grain == 0.0 || clocks.len() == 1 {
            return rings;
        }
        let wait = residual(rings.place) / rings.speed;
        let at_once = |clock: &&Clock| {
            let apart = residual(clock.place) / clock.speed - wait;
            clock.place == rings.place
                || clock.grain > 0.0 && clock.speed > 0.0 && apart <= SAME_INSTANT * clock.grain.max(rings.grain)
        };
        let places: Vec<u32> = clocks.iter().filter(at_once).map(|clock| clock.place).collect();
        if places.len() == 1 { rings } else { self.several(at, node, rings, places) }
    }

    #[cold]
    fn several(&mut self, at: u32, node: Node, first: Clock, places: Vec<u32>) -> Clock {
        let key = (at, places);
        let (first_exit, exits) = if let Some(&known) = self.together.get(&key) {
            known
        } else {
            let state = self.sites.state(at).clone();
            let keys: Vec<ClockKey> = key.1.iter().map(|&place| self.lasting(node)[place as usize].key).collect();
            let mut running = self.sites.setting.dynamics.clocks(&state);
            running.retain(|clock| keys.contains(&clock.key));
            let exits = self.ring(at, &state, &running);
            self.sites.use_bytes(64 + 4 * key.1.len());
            self.together.insert(key, exits);
            exits
        };
        let all = &self.exits[first_exit as usize..(first_exit + exits) as usize];
        let value = all.iter().map(|exit| exit.probability * exit.value).sum();
        Clock { value, first_exit, exits, ..first }
    }

    /// Whether everything is to be forgotten.
    pub(crate) fn is_full(&self) -> bool {
        self.sites.is_full()
    }

    /// Forgets everything but `at`; its new number.
    pub(crate) fn forget(&mut self, at: u32) -> u32 {
        let state = self.sites.state(at).clone();
        self.sites.forget();
        self.nodes.clear();
        self.horizons.clear();
        self.clocks.clear();
        self.lasting.clear();
        self.exits.clear();
        self.counts.clear();
        self.kept.clear();
        self.pending.clear();
        self.together.clear();
        self.number(&state)
    }
}
