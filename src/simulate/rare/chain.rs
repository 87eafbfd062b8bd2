//! Exponential models: jumps between canonical states under the changed measure.
//!
//! From state x an exit of rate r to y is taken with probability proportional to `r (b + v(y))`, where `b = w_0 + A`. As a
//! mixture: with weight `b q` the jump is plain, with weight `sum r v` it follows the values. A visit counts with its mean
//! holding time 1/q.

use crate::dynamics::Kind;
use crate::numeric::distribution::unit_exponential;
use crate::numeric::random::{Purpose, Stream, stream, uniform};
use crate::simulate::rare::branch::Branch;
use crate::simulate::rare::meter::{Meter, PLAIN_SHARE};
use crate::simulate::rare::sampler::{Pulse, Sampler, Task};
use crate::simulate::rare::sites::{Setting, Sites};
use crate::simulate::rare::statistics::Statistics;

/// A sampler of jump chains.
#[repr(align(128))]
pub(crate) struct Chain<'a, M: Meter> {
    sites: Sites<'a, M>,
    nodes: Vec<Node>,
    exits: Vec<Exit>,
    /// What counts at steps, of all exits, one after the other.
    counts: Vec<(u32, f64)>,
    starts: u64,
    /// Whether what the plain chain brings counts, and what its latest cycles brought.
    counts_plain: bool,
    plain: Vec<f64>,
}

/// Where the exits of a state are.
#[derive(Clone, Copy, Default)]
struct Node {
    /// Exits of the state; none until it is worked out.
    first: u32,
    exits: u32,
    /// Their total rate, and total rate times value.
    rate: f64,
    value: f64,
}

/// A way to another state.
#[derive(Clone, Copy)]
struct Exit {
    target: u32,
    /// Sums of rates, and of rates times values, up to this exit.
    rates: f64,
    values: f64,
    /// Worth of what follows: of the step, and of the target.
    value: f64,
    /// Worth of the step.
    worth: f64,
    first_count: u32,
    counts: u32,
}

impl<'a, M: Meter> Chain<'a, M> {
    /// One of so many samplers that share the room, with so many cycles of the plain chain for each branch.
    pub(crate) fn new(setting: Setting<'a, M>, samplers: usize, starts: u64) -> Self {
        let sites = Sites::new(setting, samplers);
        Self {
            sites,
            nodes: Vec::new(),
            exits: Vec::new(),
            counts: Vec::new(),
            starts,
            counts_plain: setting.meter.has_outages() && setting.twin.has_common_outages(),
            plain: vec![0.0; setting.meter.quantities()],
        }
    }

    fn start(&mut self, random: &mut Stream) -> u32 {
        let state = self.sites.setting.twin.start(random);
        self.number(state)
    }

    fn number(&mut self, state: &crate::dynamics::State) -> u32 {
        let (number, is_new) = self.sites.number(state);
        if is_new {
            self.nodes.push(Node::default());
            self.sites.use_bytes(size_of::<Node>());
        }
        number
    }

    #[inline]
    fn node(&mut self, at: u32) -> Node {
        let node = self.nodes[at as usize];
        if node.exits > 0 { node } else { self.work_out(at) }
    }

    #[cold]
    fn work_out(&mut self, at: u32) -> Node {
        let dynamics = self.sites.setting.dynamics;
        let state = self.sites.state(at).clone();
        let mut found = Vec::new();
        for clock in dynamics.lumped_clocks(&state) {
            let rate = dynamics.rate(&clock);
            let cause = clock.cause.filter(|_| clock.kind == Kind::Loss).map(|cause| cause as u32);
            for outcome in dynamics.ring(&state, std::slice::from_ref(&clock)) {
                let target = self.number(&dynamics.canonical(&outcome.state));
                found.push((target, rate * outcome.probability, cause));
            }
        }
        // The likely ones first: most searches end there.
        found.sort_by(|a, b| b.1.total_cmp(&a.1));
        let is_known = self.sites.site(at).is_known;
        let mut node = Node { first: self.exits.len() as u32, exits: found.len() as u32, rate: 0.0, value: 0.0 };
        for (target, rate, cause) in found {
            let (worth, counts) = self.sites.step(at, target, cause);
            // What is not known is left as likely as it is: all its states have the same value, and the way back must not be
            // made less likely than the way on.
            let value = if is_known { worth + self.sites.site(target).value } else { 0.0 };
            node.rate += rate;
            node.value += rate * value;
            self.exits.push(Exit {
                target,
                rates: node.rate,
                values: node.value,
                value,
                worth,
                first_count: self.counts.len() as u32,
                counts: counts.len() as u32,
            });
            self.counts.extend(counts);
        }
        self.sites.use_bytes(node.exits as usize * (size_of::<Exit>() + 16));
        self.nodes[at as usize] = node;
        node
    }

    fn exits_of(&self, node: Node) -> &[Exit] {
        &self.exits[node.first as usize..(node.first + node.exits) as usize]
    }

    /// Forgets everything but `at` when there is no more room; its new number.
    fn make_room(&mut self, at: u32) -> u32 {
        if !self.sites.is_full() {
            return at;
        }
        let state = self.sites.state(at).clone();
        self.sites.forget();
        self.nodes.clear();
        self.exits.clear();
        self.counts.clear();
        self.number(&state)
    }

    /// One cycle of the plain chain from all-up state `at`; the all-up state where it ends, and its length. Nothing when it is
    /// ended before.
    fn plain(
        &mut self,
        mut at: u32,
        random: &mut Stream,
        pulse: &mut Pulse<'_>,
        statistics: &mut Statistics,
    ) -> Option<(u32, f64)> {
        let mut time = 0.0;
        loop {
            let node = self.node(at);
            time += 1.0 / node.rate;
            let draw = uniform(random) * node.rate;
            let exit = find(self.exits_of(node), |exit| exit.rates, draw);
            statistics.events += 1;
            if self.counts_plain {
                let counts = &self.counts[exit.first_count as usize..(exit.first_count + exit.counts) as usize];
                self.sites.count(at, 1.0 / node.rate, counts, &mut self.plain);
            }
            let was_good = self.sites.site(at).badness == 0.0;
            statistics.plain_outages += u64::from(was_good && self.sites.site(exit.target).badness > 0.0);
            at = exit.target;
            if self.sites.site(at).is_all_up {
                return Some((at, time));
            }
            if pulse.stops(statistics.events, 0) {
                return None;
            }
        }
    }

    /// One cycle under the changed measure from an all-up state, for so many of the plain chain; whether it came to its end.
    fn branch(
        &mut self,
        (mut at, cycles): (u32, u64),
        random: &mut Stream,
        caps: [f64; 2],
        pulse: &mut Pulse<'_>,
        statistics: &mut Statistics,
    ) -> bool {
        let has_outages = self.sites.setting.meter.has_outages();
        let mut branch = Branch::new(PLAIN_SHARE, cycles as f64);
        loop {
            let node = self.node(at);
            let hold = 1.0 / node.rate;
            let is_bad = self.sites.site(at).badness > 0.0;
            let drawn = if is_bad && has_outages { hold * unit_exponential(random) } else { 0.0 };
            branch.stay(&self.sites, at, hold, drawn, statistics);
            let plain = branch.base() * node.rate;
            let total = plain + node.value;
            let draw = uniform(random) * total;
            let exits = self.exits_of(node);
            let exit = if draw < plain {
                find(exits, |exit| exit.rates, draw / branch.base())
            } else {
                find(exits, |exit| exit.values, draw - plain)
            };
            branch.likelihood_ratio *= total / (node.rate * (branch.base() + exit.value));
            let counts = &self.counts[exit.first_count as usize..(exit.first_count + exit.counts) as usize];
            branch.go(&self.sites, (at, exit.target), counts, exit.worth, statistics);
            if !self.sites.site(at).is_known && self.sites.site(exit.target).is_known {
                branch.go_on_plainly();
            }
            at = exit.target;
            if self.sites.site(at).is_all_up {
                branch.end(cycles, caps, statistics);
                return true;
            }
            if pulse.stops(statistics.events, 0) {
                return false;
            }
        }
    }
}

/// The exit whose part of the range of sums holds `draw`.
#[inline]
fn find(exits: &[Exit], sum: impl Fn(&Exit) -> f64, draw: f64) -> Exit {
    const SHORT: usize = 12;
    let place = if exits.len() <= SHORT {
        exits.iter().position(|exit| draw < sum(exit))
    } else {
        Some(exits.partition_point(|exit| sum(exit) <= draw))
    };
    exits[place.unwrap_or(exits.len()).min(exits.len() - 1)]
}

impl<M: Meter> Sampler for Chain<'_, M> {
    fn run(&mut self, task: &Task, stop: &dyn Fn(u64) -> bool) -> Statistics {
        let setting = self.sites.setting;
        let mut statistics =
            Statistics::new(setting.meter.quantities(), setting.twin.classes.len(), setting.dynamics.causes().len());
        let mut plain = stream(task.seed, Purpose::Chain, task.stream());
        let mut biased = stream(task.seed, Purpose::Branch, task.stream());
        let mut at = self.start(&mut plain);
        let mut pulse = Pulse::new(stop, task.most_events);
        for _ in 0..task.warm_up {
            let Some((next, _)) = self.plain(at, &mut plain, &mut pulse, &mut statistics) else { break };
            at = next;
        }
        statistics.plain_outages = 0;
        let mut times = Vec::new();
        let mut left = task.cycles;
        while left > 0 {
            at = self.make_room(at);
            let cycles = left.min(self.starts);
            left -= cycles;
            // Starts differ little, so that the first of the cycles is as good as any.
            let start = at;
            times.clear();
            self.plain.fill(0.0);
            while times.len() < cycles as usize
                && let Some((next, time)) = self.plain(at, &mut plain, &mut pulse, &mut statistics)
            {
                times.push(time);
                at = next;
            }
            if times.len() < cycles as usize
                || !self.branch((start, cycles), &mut biased, task.caps, &mut pulse, &mut statistics)
            {
                break;
            }
            for &time in &times {
                statistics.add_cycle(time, 0.0);
            }
            statistics.add_plain(&self.plain);
        }
        pulse.tell(statistics.events, 0);
        statistics
    }
}
