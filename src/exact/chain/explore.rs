//! All states of a module, and the rates between them.

use crate::dynamics::{Arc, Dynamics, Exploration, State};
use crate::exact::chain::closed::closed_class;
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

/// Why exploration ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    TooMany,
    Stopped(Stop),
}

impl Chain {
    /// Explores everything that can be reached from all-up, at most `limit` canonical states.
    pub(crate) fn explore(
        dynamics: &Dynamics,
        readings: &Readings,
        limit: usize,
        observer: &dyn Observer,
    ) -> Result<Self, End> {
        Ok(Self::of(dynamics, &Self::exploration(dynamics, limit, observer)?, readings))
    }

    /// As [`Self::explore`], but with the states that never come back, all-up first; and the chain without them, where there are any.
    pub(crate) fn explore_all(
        dynamics: &Dynamics,
        readings: &Readings,
        limit: usize,
        observer: &dyn Observer,
    ) -> Result<(Self, Option<Self>), End> {
        let exploration = Self::exploration(dynamics, limit, observer)?;
        let come_back = that_come_back(&exploration);
        let all = Self::of_kept(dynamics, &exploration, readings, &vec![true; come_back.len()]);
        let has_others = come_back.contains(&false);
        Ok((all, has_others.then(|| Self::of_kept(dynamics, &exploration, readings, &come_back))))
    }

    /// Everything that can be reached from all-up, expanded.
    pub(crate) fn exploration<'a>(
        dynamics: &'a Dynamics,
        limit: usize,
        observer: &dyn Observer,
    ) -> Result<Exploration<'a>, End> {
        let mut exploration = Exploration::new(dynamics);
        let mut next = 0;
        while next < exploration.states().len() {
            let found = exploration.states().len();
            if found > limit {
                return Err(End::TooMany);
            }
            if next % 1_024 == 0 {
                if let Some(stop) = observer.stop() {
                    return Err(End::Stopped(stop));
                }
                observer.progress(&Progress {
                    phase: "exploring states",
                    done: next as f64,
                    events: found as u64,
                    ..Progress::default()
                });
            }
            exploration.expand(next);
            next += 1;
        }
        Ok(exploration)
    }

    /// The states that come back.
    pub(crate) fn of(dynamics: &Dynamics, exploration: &Exploration<'_>, readings: &Readings) -> Self {
        Self::of_kept(dynamics, exploration, readings, &that_come_back(exploration))
    }

    /// The states that are `kept`, which are never left for others, ordered (all-up, then by losses, then by work left), and
    /// the arcs between them turned around.
    fn of_kept(dynamics: &Dynamics, exploration: &Exploration<'_>, readings: &Readings, kept: &[bool]) -> Self {
        let (states, exit) = (exploration.states(), exploration.exit());
        let arcs: Vec<&Arc> = exploration.arcs().iter().filter(|arc| kept[arc.from as usize]).collect();
        let mut order: Vec<u32> = (0..states.len() as u32).filter(|&id| kept[id as usize]).collect();
        order.sort_by_key(|&id| {
            let state = &states[id as usize];
            (id != 0, dynamics.order(state), std::cmp::Reverse(dynamics.work_left(state)), id)
        });
        let mut place = vec![0_u32; states.len()];
        for (position, &id) in order.iter().enumerate() {
            place[id as usize] = position as u32;
        }
        let (class, classes) = classes(dynamics, readings, order.iter().map(|&id| &states[id as usize]));
        let class_of = |id: u32| class[place[id as usize] as usize];
        let class_arcs = arcs
            .iter()
            .filter(|arc| class_of(arc.from) != class_of(arc.to))
            .filter_map(|arc| {
                let (from, to_class) = (place[arc.from as usize], class_of(arc.to));
                arc.cause.map(|cause| ClassArc { from, to_class, rate: arc.rate, cause })
            })
            .collect();
        let (first, turned) = incoming(&arcs, &place, order.len());
        Self {
            exit: order.iter().map(|&id| exit[id as usize]).collect(),
            first,
            arcs: turned,
            class,
            classes,
            class_arcs,
            order,
        }
    }
}

/// Marks the states that come back for ever.
fn that_come_back(exploration: &Exploration<'_>) -> Vec<bool> {
    let targets: Vec<u32> = exploration.arcs().iter().map(|arc| arc.to).collect();
    closed_class(&first_arcs(exploration), &targets)
}

/// Where the arcs of each state begin; they were found state by state.
fn first_arcs(exploration: &Exploration<'_>) -> Vec<usize> {
    let arcs = exploration.arcs();
    (0..=exploration.states().len() as u32).map(|id| arcs.partition_point(|arc| arc.from < id)).collect()
}

fn classes<'a>(
    dynamics: &Dynamics,
    readings: &Readings,
    states: impl Iterator<Item = &'a State>,
) -> (Vec<u32>, Vec<Box<[u16]>>) {
    let mut numbers: std::collections::BTreeMap<Box<[u16]>, u32> = std::collections::BTreeMap::new();
    let mut classes = Vec::new();
    let class = states.map(|state| {
        let read = dynamics.read(state, &readings.up, &readings.slots, &readings.domains);
        *numbers.entry(read).or_insert_with_key(|read| {
            classes.push(read.clone());
            classes.len() as u32 - 1
        })
    });
    (class.collect(), classes)
}

/// Arcs by target, sources ascending, equal ones merged.
fn incoming(arcs: &[&Arc], place: &[u32], states: usize) -> (Vec<usize>, Vec<(u32, f64)>) {
    let mut first = vec![0; states + 1];
    for arc in arcs {
        first[place[arc.to as usize] as usize + 1] += 1;
    }
    for j in 0..states {
        first[j + 1] += first[j];
    }
    let mut next = first.clone();
    let mut turned = vec![(0, 0.0); arcs.len()];
    for arc in arcs {
        let j = place[arc.to as usize] as usize;
        turned[next[j]] = (place[arc.from as usize], arc.rate);
        next[j] += 1;
    }
    let mut merged: Vec<(u32, f64)> = Vec::with_capacity(turned.len());
    let mut merged_first = Vec::with_capacity(first.len());
    for j in 0..states {
        merged_first.push(merged.len());
        let row = &mut turned[first[j]..first[j + 1]];
        row.sort_by_key(|(from, _)| *from);
        let start = merged.len();
        for &(from, rate) in row.iter() {
            match merged[start..].last_mut() {
                Some(last) if last.0 == from => last.1 += rate,
                _ => merged.push((from, rate)),
            }
        }
    }
    merged_first.push(merged.len());
    (merged_first, merged)
}
