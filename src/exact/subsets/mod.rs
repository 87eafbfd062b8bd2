//! Bounds of a module from chains of a few of its groups at a time.
//!
//! A module that takes part in `up` as a conjunction of groups is down while any of them is: the probability of a union. The probability
//! that one group is down, or two at once, or three, does not need the others, of which only the units matter: they are in
//! pools that nobody asks for ([`pooled`]), so that chain is far smaller. It is solved between bounds of its own. Where there are many kinds
//! of units, those of about the same repair are in one pool whose rates are known within ranges ([`ranges`]), and the best and the worst that it
//! can do with them are the bounds ([`worst`]). The sums over all sets of one, two and three groups bound the union ([`bonferroni`]). Sets of groups that are alike are solved once.
//!
//! Checked in `exact/subsets/tests.rs` against exact solutions of whole modules.

mod bonferroni;
mod pooled;
mod ranges;
#[cfg(test)]
mod tests;
mod worst;

use crate::dynamics::{Dynamics, Potential};
use crate::exact::Settings;
use crate::exact::bounds::enclosed;
use crate::exact::chain::Solved;
use crate::exact::enclosure::Enclosure;
use crate::measure::{Cause, Observer, Progress, Stop};
use crate::structure::readings::Readings;
use crate::structure::variable::{Flow, Variable};
use crate::topology::{GroupId, Model, Scope};

use bonferroni::{Sum, selections, union};
use pooled::{Pooled, events};
use worst::Limits;

/// Groups at a time, at most.
const MOST_AT_A_TIME: usize = 3;
/// Different sets of one size that are solved, at most.
const MOST_SETS: usize = 400;
/// Explored states of all sets of one size together: a few seconds.
const MOST_STATES: usize = 400_000;
/// The share of the width that one sum may have.
const SHARE: f64 = 0.125;
/// Pools up to which each has units of one kind.
const MOST_POOLS: usize = 3;
/// Into how many pools units of more kinds are put, one after the other.
const POOLS: [usize; 2] = [1, 3];
/// The share of the unavailability that unexplored states may have at first, and that of the width once one is known.
const FIRST_OPEN: f64 = 2e-3;
const SHARE_OPEN: f64 = 0.05;
/// Width of a sum that only has to be known to be small.
const CRUDE: f64 = 0.5;

/// A module as a union of events.
#[derive(Debug)]
pub(crate) struct Subsets<'a> {
    model: &'a Model,
    readings: &'a Readings,
    pooled: Pooled<'a>,
    potential: Potential,
    /// Each event is that all of some groups are down; alike ones together.
    kinds: Vec<Vec<Vec<GroupId>>>,
}

/// Between bounds.
#[derive(Debug)]
pub(crate) struct Found {
    /// The module, up or down.
    pub(crate) solved: Solved,
    /// Chains that it took.
    pub(crate) chains: usize,
    /// Explored states of all of them.
    pub(crate) states: u64,
}

impl<'a> Subsets<'a> {
    /// Nothing where units feel which groups they belong to, where the module is no conjunction, or where no chain would be smaller.
    pub(crate) fn of(model: &'a Model, scope: &'a Scope, readings: &'a Readings) -> Option<Self> {
        let pooled = Pooled::of(model, scope)?;
        let events = events(&model.system.up, scope)?;
        let is_alike = |one: &[GroupId], other: &[GroupId]| {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| pooled.are_alike(*a, *b))
        };
        let mut kinds: Vec<Vec<Vec<GroupId>>> = Vec::new();
        for event in events {
            match kinds.iter_mut().find(|kind| is_alike(&kind[0], &event)) {
                Some(kind) => kind.push(event),
                None => kinds.push(vec![event]),
            }
        }
        let is_smaller =
            |kind: &Vec<Vec<GroupId>>| pooled.is_smaller(&kind[0]) || pooled.pools(&kind[0]).len() > MOST_POOLS;
        let is_smaller = kinds.iter().any(is_smaller);
        let potential = || Dynamics::new(model, scope).potential();
        is_smaller.then(|| Self { model, readings, pooled, potential: potential(), kinds })
    }

    /// The module between bounds, as narrow as `precision` of its unavailability if that many groups at a time are enough. Nothing
    /// when there are none, or `observer` ends it before.
    pub(crate) fn solve(&self, settings: &Settings, precision: f64, observer: &dyn Observer) -> Option<Found> {
        let events: usize = self.kinds.iter().map(Vec::len).sum();
        let mut work = Work { settings, observer, chains: 0, states: 0 };
        let mut sums: Vec<Sum> = Vec::new();
        while sums.len() < MOST_AT_A_TIME.min(events) {
            // A later sum need not be better known than the first one is.
            let first = sums.first();
            let wanted = first.map_or(0.0, Sum::relative_width).max(precision * SHARE);
            let known = first.map(|sum| (sum.unavailability[0], sum.frequency[0]));
            match self.sum(sums.len() + 1, known, wanted, &mut work) {
                Some(sum) => sums.push(sum),
                None => break,
            }
            let width = union(&sums, events).relative_width();
            // More sums do not help where the first one is what is not known.
            if width <= precision || sums[0].relative_width() > 0.5 * width {
                break;
            }
        }
        let enclosure = (!sums.is_empty()).then(|| union(&sums, events))?;
        Some(Found { solved: self.solved(&enclosure)?, chains: work.chains, states: work.states })
    }

    /// The sum over all sets of `size` events, to a width of `precision` of the first sum, if that is `known`, or of its own.
    fn sum(&self, size: usize, known: Option<(f64, f64)>, precision: f64, work: &mut Work<'_>) -> Option<Sum> {
        let Some((probability, frequency)) = known else { return self.sum_to(size, precision, work) };
        let crude = self.sum_to(size, CRUDE.max(precision), work)?;
        let share = |first: f64, [_, high]: [f64; 2]| precision * first / high;
        let wanted = share(probability, crude.unavailability).min(share(frequency, crude.frequency));
        if wanted.is_nan() || wanted >= CRUDE {
            return Some(crude);
        }
        // Bounds that are not narrower hold as well.
        self.sum_to(size, wanted.max(f64::EPSILON), work).or(Some(crude))
    }

    fn sum_to(&self, size: usize, precision: f64, work: &mut Work<'_>) -> Option<Sum> {
        let counts: Vec<usize> = self.kinds.iter().map(Vec::len).collect();
        let sets = selections(&counts, size);
        if sets.len() > MOST_SETS {
            return None;
        }
        // In all other sums unexplored states matter more than the ranges.
        let pools = if size == 1 && precision < CRUDE { &POOLS[..] } else { &POOLS[..1] };
        let wanted = Wanted { states: MOST_STATES / sets.len(), precision, pools };
        let mut sum = Sum::default();
        for (of_kinds, ways) in &sets {
            let kept = self.kinds.iter().zip(of_kinds).flat_map(|(kind, &count)| &kind[..count]);
            let kept: Vec<GroupId> = kept.flatten().copied().collect();
            sum.add(&self.term(&kept, wanted, work)?, *ways);
        }
        Some(sum)
    }

    /// Bounds of all of some groups being down.
    fn term(&self, kept: &[GroupId], wanted: Wanted, work: &mut Work<'_>) -> Option<Enclosure> {
        let Wanted { states, precision, pools: tried } = wanted;
        let has_few_kinds = self.pooled.pools(kept).len() <= MOST_POOLS;
        if has_few_kinds || self.pooled.ranged_with(kept, 1).is_none() {
            return work.enclosed(&self.pooled.model_with(kept), states, precision);
        }
        let limits = Limits {
            losses: self.potential.losses_per_second(),
            slowest: self.potential.slowest_way_back(),
            states: states.min(work.settings.max_states),
            open: precision.max(FIRST_OPEN),
        };
        let mut best: Option<Enclosure> = None;
        for &pools in tried {
            // What the ranges leave open is known by now.
            let known = best.map_or(limits.open, |best| SHARE_OPEN * best.relative_width());
            let limits = Limits { open: precision.max(known), ..limits };
            let Some((found, states)) = worst::enclosed(&self.pooled.ranged_with(kept, pools)?, limits, work.observer)
            else {
                break;
            };
            work.chains += 1;
            work.states += states;
            let narrowed = best.map_or(found, |best| best.narrowed(&found));
            best = Some(narrowed);
            if narrowed.relative_width() <= precision {
                break;
            }
        }
        best
    }

    /// A variable with the values up and down.
    fn solved(&self, union: &Enclosure) -> Option<Solved> {
        let ([low, high], [least, most]) = (union.unavailability, union.frequency?);
        let variable = |up: f64, down: f64, rate: f64| Variable {
            probabilities: vec![up, down],
            flows: vec![Flow { from: 0, to: 1, rate, cause: 0 }],
            has_flows: true,
        };
        let all_up = self.readings.everything_down().iter().map(|_| 1).collect();
        let group = self.model.groups[self.kinds[0][0][0].0].name.clone();
        most.is_finite().then(|| Solved {
            classes: vec![all_up, self.readings.everything_down()],
            causes: vec![Cause::Mode { group, mode: "failure".into() }],
            states: 0,
            alike: Vec::new(),
            stand_ins: Vec::new(),
            value: variable(1.0 - high, high, most),
            low: variable(1.0 - high, low, least),
            high: variable(1.0 - low, high, most),
            beyond: None,
        })
    }
}

/// How well a term is to be known.
#[derive(Clone, Copy)]
struct Wanted {
    /// Explored states, at most.
    states: usize,
    /// Relative width.
    precision: f64,
    /// Into how many pools units of many kinds are put, one after the other.
    pools: &'static [usize],
}

/// What it takes.
struct Work<'a> {
    settings: &'a Settings,
    observer: &'a dyn Observer,
    chains: usize,
    states: u64,
}

impl Work<'_> {
    fn enclosed(&mut self, model: &Model, states: usize, precision: f64) -> Option<Enclosure> {
        let settings = Settings { max_states: states.min(self.settings.max_states), ..self.settings.clone() };
        // Whatever stands in the way of this chain, the bounds of the whole one still hold.
        let (enclosure, states) = enclosed(model, &settings, precision, &Quiet(self.observer)).ok()?;
        self.chains += 1;
        self.states += states;
        Some(enclosure)
    }
}

/// Hears when to stop and tells nothing: these are not the numbers of the whole system.
struct Quiet<'a>(&'a dyn Observer);

impl Observer for Quiet<'_> {
    fn stop(&self) -> Option<Stop> {
        self.0.stop()
    }

    fn progress(&self, _: &Progress) {}
}
