//! All states of a module, and the rates between them.

use std::collections::BTreeMap;

use crate::dynamics::{Alike, Arc, Clock, Course, Dynamics, Exploration, Potential, Rows, State};
use crate::exact::Settings;
use crate::exact::chain::closed::closed_class;
use crate::exact::chain::growing::Growing;
use crate::exact::chain::phased::Phased;
use crate::measure::{Observer, Progress, Stop};
use crate::structure::readings::Readings;

/// A loss that leads to another class.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClassArc {
    pub(crate) from: u32,
    pub(crate) to_class: u32,
    pub(crate) rate: f64,
    pub(crate) cause: u32,
}

/// The explored chain, states in the order in which they are solved; state 0 is all-up (of those that come back, one with
/// the fewest losses).
#[derive(Debug)]
pub(crate) struct Chain {
    /// Total rate out of each state, per second.
    pub(crate) exit: Vec<f64>,
    /// Arcs into state j: `arcs[first[j]..first[j + 1]]`, as (from, rate).
    pub(crate) first: Vec<usize>,
    pub(crate) arcs: Vec<(u32, f64)>,
    /// Class of each state.
    pub(crate) class: Vec<u32>,
    /// Readings of each class.
    pub(crate) classes: Vec<Box<[u16]>>,
    pub(crate) class_arcs: Vec<ClassArc>,
    /// The number of each state in the exploration.
    pub(crate) order: Vec<u32>,
}

impl Chain {
    /// The arcs into a state, as (from, rate).
    #[inline]
    pub(crate) fn arcs_into(&self, state: usize) -> &[(u32, f64)] {
        &self.arcs[self.first[state]..self.first[state + 1]]
    }
}

/// A chain from its start on.
#[derive(Debug)]
pub(crate) struct FromStart {
    /// With the states that never come back, all-up first.
    pub(crate) chain: Chain,
    /// Where it starts, with the probability; state 0 first.
    pub(crate) starts: Vec<(u32, f64)>,
    /// Without the states that never come back, where there are any.
    pub(crate) recurrent: Option<Chain>,
}

impl FromStart {
    /// Everything that can be reached from all-up, within the limit.
    pub(crate) fn explore(
        dynamics: &Dynamics,
        mut found: impl Found,
        readings: &Readings,
        limit: Limit,
        observer: &dyn Observer,
    ) -> Result<Self, End> {
        expand_all(&mut found, limit, observer)?;
        let come_back = that_come_back(&found);
        let has_others = come_back.contains(&false);
        let all = Numbering::of(dynamics, &found, readings, vec![true; come_back.len()]);
        let recurrent = has_others.then(|| Numbering::of(dynamics, &found, readings, come_back));
        let place = |id: u32| all.order.iter().position(|known| *known == id).expect("all states are kept") as u32;
        let starts = found.starts().into_iter().map(|(id, probability)| (place(id), probability)).collect();
        let rows = found.into_rows();
        // Nobody asks for causes.
        let alone = same_causes(dynamics, &Alike::default());
        let recurrent = recurrent.map(|numbering| numbering.chain(&rows, &alone));
        Ok(Self { chain: all.chain(&rows, &alone), starts, recurrent })
    }
}

/// How large a chain may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) states: usize,
    pub(crate) bytes: u64,
}

impl Limit {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { states: settings.max_states, bytes: settings.max_bytes }
    }
}

/// Bytes of an explored arc, and of what else an arc is in a chain; of a state in the rows, and in a chain that is solved.
const ARC_IN_ROWS: usize = size_of::<Arc>();
const ARC_IN_CHAIN: usize = 28;
const STATE_IN_ROWS: usize = 16;
const STATE_IN_CHAIN: usize = 110;

/// Bytes that so many states and arcs take at most at a time until they are solved, where the states themselves take `states_alone`: when the chain is made,
/// they are gone, and the arcs are there twice.
pub(crate) fn bytes_needed(states: usize, arcs: usize, states_alone: usize) -> u64 {
    let chain = states * STATE_IN_CHAIN + arcs * ARC_IN_CHAIN;
    (states * STATE_IN_ROWS + arcs * ARC_IN_ROWS + states_alone.max(chain)) as u64
}

/// Bytes that a state of `dynamics` takes at least, with one arc for each of its parts that may fail.
pub(crate) fn least_bytes(dynamics: &Dynamics) -> u64 {
    bytes_needed(1, dynamics.causes().len(), dynamics.cell_count())
}

/// Why exploration ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// More states than there may be, each of which takes so many bytes.
    TooMany {
        bytes_each: u64,
    },
    /// So many states take more bytes than there are.
    TooLarge {
        states: usize,
    },
    Stopped(Stop),
}

/// States that are found one from the other, numbered in the order in which they are found.
pub(crate) trait Found: std::fmt::Debug {
    /// Finds the arcs out of a state, and the states that they lead to.
    fn expand(&mut self, index: usize);
    /// The arcs found so far.
    fn rows(&self) -> &Rows;
    /// How many states were found so far.
    fn count(&self) -> usize;
    /// Where it starts, with the probability; state 0 first.
    fn starts(&self) -> Vec<(u32, f64)>;
    /// The arcs alone.
    fn into_rows(self) -> Rows
    where
        Self: Sized;
    /// Bytes that the states take, without their arcs.
    fn state_bytes(&self) -> usize;
    /// Makes `state` what can be seen of the state of that number.
    fn load(&self, index: usize, state: &mut State);
    /// The groups and domains that are held for one another.
    fn alike(&self) -> &Alike;
    /// What the clocks do in a state that is expanded, and from which all that follows is known.
    fn departures(&self, index: usize) -> Vec<Departure>;
    /// The bounds of the time until all-up.
    fn potential(&self) -> Potential;
    /// The bound for the state of that number.
    fn time_until_all_up(&self, potential: &Potential, index: usize) -> f64;
    /// The numbers of all states in which all is up, reached or not; nothing if they are more than `most`.
    fn all_up(&mut self, most: usize) -> Option<Vec<usize>>;
}

/// What a clock does in a state: it rings, or goes on to its next phase.
#[derive(Debug)]
pub(crate) struct Departure {
    /// The clock, as it is seen without its phase.
    pub(crate) clock: Clock,
    /// How often it does so per second, together with those that it stands for.
    pub(crate) rate: f64,
    /// The branch that it has taken, where its time is a mixture of exponentials.
    pub(crate) branch: Option<u16>,
    /// Where that may lead.
    pub(crate) courses: Vec<Course>,
}

impl Found for Exploration<'_> {
    fn expand(&mut self, index: usize) {
        self.expand(index);
    }

    fn rows(&self) -> &Rows {
        self.rows()
    }

    fn count(&self) -> usize {
        self.count()
    }

    fn starts(&self) -> Vec<(u32, f64)> {
        vec![(0, 1.0)]
    }

    fn into_rows(self) -> Rows {
        self.into_rows()
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes()
    }

    fn load(&self, index: usize, state: &mut State) {
        self.load(index, state);
    }

    fn alike(&self) -> &Alike {
        self.alike()
    }

    fn departures(&self, index: usize) -> Vec<Departure> {
        let courses = self.courses(&self.state(index)).into_iter();
        courses
            .map(|(clock, courses)| Departure { rate: self.dynamics().rate(&clock), branch: None, clock, courses })
            .collect()
    }

    fn potential(&self) -> Potential {
        self.dynamics().potential()
    }

    fn time_until_all_up(&self, potential: &Potential, index: usize) -> f64 {
        potential.time_until_all_up(self.dynamics(), &self.state(index))
    }

    fn all_up(&mut self, most: usize) -> Option<Vec<usize>> {
        let states = self.dynamics().all_up_states(self.alike(), most)?;
        Some(states.iter().map(|state| self.add(state)).collect())
    }
}

impl Chain {
    /// Explores everything that can be reached from all-up, within the limit.
    pub(crate) fn explore(
        dynamics: &Dynamics,
        alike: Alike,
        readings: &Readings,
        limit: Limit,
        observer: &dyn Observer,
    ) -> Result<Self, End> {
        let causes = same_causes(dynamics, &alike);
        let exploration = Self::exploration(dynamics, alike, limit, observer)?;
        let numbering = Numbering::of(dynamics, &exploration, readings, that_come_back(&exploration));
        // Rows are smaller than states: what the states took is free for the chain.
        Ok(numbering.chain(&exploration.into_rows(), &causes))
    }

    /// The same with the phases of the clocks that are not exponential, and groups that are not held for one another.
    pub(crate) fn explore_phases(
        dynamics: &Dynamics,
        mut phased: Phased<'_>,
        readings: &Readings,
        limit: Limit,
        observer: &dyn Observer,
    ) -> Result<Self, End> {
        let causes = same_causes(dynamics, &Alike::default());
        expand_all(&mut phased, limit, observer)?;
        let numbering = Numbering::of(dynamics, &phased, readings, that_come_back(&phased));
        Ok(numbering.chain(&phased.into_rows(), &causes))
    }

    /// The states that come back of those `found`, which are all that can be reached.
    pub(crate) fn of(dynamics: &Dynamics, found: &impl Found, readings: &Readings) -> Self {
        let causes = same_causes(dynamics, found.alike());
        let numbering = Numbering::of(dynamics, found, readings, that_come_back(found));
        numbering.chain(found.rows(), &causes)
    }

    /// All known states of `growing`, those that were expanded first; and how many these are.
    pub(crate) fn of_growing(growing: &Growing<'_>) -> (Self, usize) {
        let causes = same_causes(growing.dynamics(), growing.found.alike());
        let (mut order, beyond): (Vec<u32>, Vec<u32>) =
            (0..growing.known.len() as u32).partition(|id| growing.is_expanded(*id as usize));
        order.sort_by_cached_key(|&id| {
            let (losses, work_left) = growing.known[id as usize].order;
            (id != 0, losses, std::cmp::Reverse(work_left), id)
        });
        let expanded = order.len();
        order.extend(beyond);
        let class = order.iter().map(|&id| growing.known[id as usize].class).collect();
        let kept = vec![true; order.len()];
        let numbering = Numbering { kept, order, class, classes: growing.classes.iter().cloned().collect() };
        (numbering.chain(growing.found.rows(), &causes), expanded)
    }

    /// Everything that can be reached from all-up, expanded.
    pub(crate) fn exploration<'a>(
        dynamics: &'a Dynamics,
        alike: Alike,
        limit: Limit,
        observer: &dyn Observer,
    ) -> Result<Exploration<'a>, End> {
        let mut exploration = Exploration::with_alike_groups(dynamics, alike);
        expand_all(&mut exploration, limit, observer)?;
        Ok(exploration)
    }
}

/// Expands all states, of which there may be as many as `limit` says.
pub(crate) fn expand_all(found: &mut impl Found, limit: Limit, observer: &dyn Observer) -> Result<(), End> {
    let mut next = 0;
    while next < found.count() {
        let count = found.count();
        let arcs = found.rows().arc_count();
        if count > limit.states {
            // The others have as many arcs as those that were expanded.
            let all_arcs = arcs as f64 * count as f64 / next.max(1) as f64;
            let bytes = bytes_needed(count, all_arcs as usize, found.state_bytes());
            return Err(End::TooMany { bytes_each: bytes.div_ceil(count as u64) });
        }
        if bytes_needed(count, arcs, found.state_bytes()) > limit.bytes {
            return Err(End::TooLarge { states: count });
        }
        if next % 1_024 == 0 {
            if let Some(stop) = observer.stop() {
                return Err(End::Stopped(stop));
            }
            observer.progress(&Progress {
                phase: "exploring states",
                done: next as f64,
                events: count as u64,
                ..Progress::default()
            });
        }
        found.expand(next);
        next += 1;
    }
    Ok(())
}

/// Marks the states that come back for ever.
fn that_come_back(found: &impl Found) -> Vec<bool> {
    closed_class(found.count(), |id| found.rows().arcs_of(id).unwrap_or_default())
}

/// The states that are kept, which are never left for others, in order.
struct Numbering {
    kept: Vec<bool>,
    order: Vec<u32>,
    class: Vec<u32>,
    classes: Vec<Box<[u16]>>,
}

impl Numbering {
    fn of(dynamics: &Dynamics, found: &impl Found, readings: &Readings, kept: Vec<bool>) -> Self {
        let order = in_order(dynamics, found, &kept);
        let (class, classes) = classes(dynamics, readings, found, &order);
        Self { kept, order, class, classes }
    }

    /// The states ordered (all-up, then by losses, then by work left), and the arcs between them turned around.
    fn chain(self, rows: &Rows, causes: &[u32]) -> Chain {
        let Self { kept, order, class, classes } = self;
        let mut place = vec![0_u32; kept.len()];
        for (position, &id) in order.iter().enumerate() {
            place[id as usize] = position as u32;
        }
        let class_arcs = class_arcs(rows, &kept, &place, &class, causes);
        let (first, arcs) = incoming(rows, &order, &place);
        let exit = order.iter().map(|&id| rows.exit()[id as usize]).collect();
        Chain { exit, first, arcs, class, classes, class_arcs, order }
    }
}

/// Per cause the first of those that belong to alike groups or domains: which of these it is depends on names only.
fn same_causes(dynamics: &Dynamics, alike: &Alike) -> Vec<u32> {
    let mut first: Vec<u32> = (0..dynamics.causes().len() as u32).collect();
    for same in alike.causes(dynamics) {
        for &cause in &same {
            first[cause] = same[0] as u32;
        }
    }
    first
}

/// The states that are kept in the order in which they are solved.
fn in_order(dynamics: &Dynamics, found: &impl Found, kept: &[bool]) -> Vec<u32> {
    let mut state = dynamics.start();
    let mut key = |id: u32| {
        found.load(id as usize, &mut state);
        (id != 0, dynamics.order(&state), std::cmp::Reverse(dynamics.work_left(&state)), id)
    };
    let mut keys: Vec<_> = (0..kept.len() as u32).filter(|&id| kept[id as usize]).map(&mut key).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, _, _, id)| id).collect()
}

fn classes(dynamics: &Dynamics, readings: &Readings, found: &impl Found, order: &[u32]) -> (Vec<u32>, Vec<Box<[u16]>>) {
    let mut numbers: BTreeMap<Box<[u16]>, u32> = BTreeMap::new();
    let mut classes = Vec::new();
    let mut state = dynamics.start();
    let class = order.iter().map(|&id| {
        found.load(id as usize, &mut state);
        let read = dynamics.read(&state, &readings.up, &readings.slots, &readings.domains);
        *numbers.entry(read).or_insert_with_key(|read| {
            classes.push(read.clone());
            classes.len() as u32 - 1
        })
    });
    (class.collect(), classes)
}

/// Losses that lead to another class, those of one state to one class by one cause together.
fn class_arcs(rows: &Rows, kept: &[bool], place: &[u32], class: &[u32], causes: &[u32]) -> Vec<ClassArc> {
    let mut found: Vec<ClassArc> = Vec::new();
    for id in (0..kept.len()).filter(|&id| kept[id]) {
        let (from, first) = (place[id], found.len());
        for arc in rows.arcs_of(id).unwrap_or_default() {
            let to_class = class[place[arc.to as usize] as usize];
            let Some(cause) = arc.cause().filter(|_| to_class != class[from as usize]) else { continue };
            let cause = causes[cause as usize];
            match found[first..].iter_mut().find(|known| (known.to_class, known.cause) == (to_class, cause)) {
                Some(known) => known.rate += arc.rate,
                None => found.push(ClassArc { from, to_class, rate: arc.rate, cause }),
            }
        }
    }
    found
}

/// Arcs by target, sources ascending, equal ones merged.
fn incoming(rows: &Rows, order: &[u32], place: &[u32]) -> (Vec<usize>, Vec<(u32, f64)>) {
    let arcs_of = |id: u32| rows.arcs_of(id as usize).unwrap_or_default();
    let mut first = vec![0; order.len() + 1];
    for arc in order.iter().flat_map(|&id| arcs_of(id)) {
        first[place[arc.to as usize] as usize + 1] += 1;
    }
    for j in 0..order.len() {
        first[j + 1] += first[j];
    }
    let mut next = first.clone();
    let mut turned = vec![(0, 0.0); first[order.len()]];
    for (from, &id) in order.iter().enumerate() {
        for arc in arcs_of(id) {
            let j = place[arc.to as usize] as usize;
            let end = next[j];
            // Arcs from one state come one after the other.
            match turned[first[j]..end].last_mut() {
                Some((last, rate)) if *last == from as u32 => *rate += arc.rate,
                _ => {
                    turned[end] = (from as u32, arc.rate);
                    next[j] += 1;
                }
            }
        }
    }
    let mut end = 0;
    for j in 0..order.len() {
        let found = first[j]..next[j];
        first[j] = end;
        end += found.len();
        turned.copy_within(found, first[j]);
    }
    first[order.len()] = end;
    turned.truncate(end);
    turned.shrink_to_fit();
    (first, turned)
}
