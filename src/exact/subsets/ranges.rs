//! Pools of units that do not fail and come back in quite the same way.
//!
//! A pool forgets which unit is which. What is left of the rates of its units is a range: any m of them together fail at least as often as
//! the m slowest and at most as often as the m fastest ones. So it is with those that wait to be noticed, and those in repair. The rates
//! of the whole module, given all that happened so far, lie within these ranges at every instant.

use std::collections::BTreeMap;

use crate::exact::subsets::pooled::Pooled;
use crate::numeric::distribution::Distribution;
use crate::topology::component::{Component, Failure, Mode};
use crate::topology::{ComponentId, GroupId, Model};

/// Sums of rates of any units of a pool, per second.
#[derive(Clone, Debug, Default)]
pub(crate) struct Range {
    least: Vec<f64>,
    most: Vec<f64>,
}

impl Range {
    fn of(mut rates: Vec<f64>) -> Self {
        let sums = |rates: &[f64]| {
            let sum = |sum: &mut f64, rate: &f64| {
                *sum += rate;
                Some(*sum)
            };
            std::iter::once(0.0).chain(rates.iter().scan(0.0, sum)).collect()
        };
        rates.sort_by(f64::total_cmp);
        let least = sums(&rates);
        rates.reverse();
        Self { least, most: sums(&rates) }
    }

    /// Of so many units, at least and at most.
    pub(crate) fn of_units(&self, units: usize) -> [f64; 2] {
        [self.least[units], self.most[units]]
    }
}

/// Units that a pool of the model has at most: states in which more are down are not explored.
const MOST_UNITS: usize = 32;

/// The rates of the units of a pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// Units that the model leaves out. They work in all states that it knows, and while all others are down nothing is known.
    pub(crate) left_out: usize,
    pub(crate) lives: Range,
    /// Empty where failures are noticed at once.
    pub(crate) noticing: Range,
    pub(crate) repairs: Range,
}

/// A model with a few groups of a module as they are, and pools behind them.
#[derive(Debug)]
pub(crate) struct Ranged {
    /// With rates of the middle for the pools.
    pub(crate) model: Model,
    /// Groups that are not pools.
    pub(crate) kept: usize,
    pub(crate) pools: Vec<Pool>,
}

/// Units of one kind.
#[derive(Clone, Copy)]
struct Kind<'a> {
    units: u32,
    first: GroupId,
    mode: &'a Mode,
    repair: &'a Distribution,
}

impl Kind<'_> {
    /// So many times the value of a unit.
    fn times(&self, value: f64) -> impl Iterator<Item = f64> {
        std::iter::repeat_n(value, self.units as usize)
    }

    /// Failures per second of all its units.
    fn failures(&self) -> f64 {
        f64::from(self.units) / self.mode.life.mean()
    }
}

impl Pooled<'_> {
    /// As [`Pooled::model_with`], but units are in one pool where their repairs take about as long: in up to so many. Nothing where a unit has
    /// several ways to fail, or a restart.
    pub(crate) fn ranged_with(&self, kept: &[GroupId], most_pools: usize) -> Option<Ranged> {
        let kinds: Vec<Kind<'_>> = self.pools(kept).iter().map(|pool| self.kind(*pool)).collect::<Option<_>>()?;
        let means = || kinds.iter().map(|kind| kind.repair.mean());
        let (fastest, slowest) = (means().fold(f64::INFINITY, f64::min), means().fold(0.0, f64::max));
        let spread = libm::log(slowest / fastest);
        let place = |kind: &Kind<'_>| {
            let place = libm::log(kind.repair.mean() / fastest) / spread * most_pools as f64;
            // Of one mean there is no spread.
            if place.is_finite() { (place as usize).min(most_pools - 1) } else { 0 }
        };
        let mut pools: BTreeMap<(usize, bool), Vec<Kind<'_>>> = BTreeMap::new();
        for kind in kinds {
            pools.entry((place(&kind), kind.mode.detect.is_zero())).or_default().push(kind);
        }
        let mut model = self.model_with(kept);
        let template = model.groups.get(kept.len())?.clone();
        model.groups.truncate(kept.len());
        for kinds in pools.values() {
            let mut group = template.clone();
            group.active = kinds.iter().map(|kind| kind.units).sum::<u32>().min(MOST_UNITS as u32);
            group.component = ComponentId(model.components.len());
            group.name = format!("pool {}", group.component.0);
            model.components.push(self.middle(kinds)?);
            model.groups.push(group);
        }
        Some(Ranged { model, kept: kept.len(), pools: pools.values().map(|kinds| pool(kinds)).collect() })
    }

    fn kind(&self, (first, units): (GroupId, u32)) -> Option<Kind<'_>> {
        match self.model().component_of(first).modes() {
            [mode] if mode.restart.is_none() => Some(Kind { units, first, mode, repair: mode.repair.as_ref()? }),
            _ => None,
        }
    }

    /// A component that fails as often as the kinds do on average, and is back when they are.
    fn middle(&self, kinds: &[Kind<'_>]) -> Option<Component> {
        let failures: f64 = kinds.iter().map(Kind::failures).sum();
        let units: u32 = kinds.iter().map(|kind| kind.units).sum();
        let units = f64::from(units.min(MOST_UNITS as u32));
        let mean = |of: &dyn Fn(&Kind<'_>) -> f64| {
            let sum: f64 = kinds.iter().map(|kind| kind.failures() * of(kind)).sum();
            Distribution::exponential(sum / failures).ok()
        };
        let component = self.model().component_of(kinds[0].first);
        let mut mode = kinds[0].mode.clone();
        mode.life = Distribution::exponential(units / failures).ok()?;
        mode.repair = Some(mean(&|kind| kind.repair.mean())?);
        if !mode.detect.is_zero() {
            mode.detect = mean(&|kind| kind.mode.detect.mean())?;
        }
        Some(Component { failure: Failure::Modes(vec![mode]), ..component.clone() })
    }
}

fn pool(kinds: &[Kind<'_>]) -> Pool {
    let range =
        |of: &dyn Fn(&Kind<'_>) -> f64| Range::of(kinds.iter().flat_map(|kind| kind.times(1.0 / of(kind))).collect());
    let is_noticed_at_once = kinds[0].mode.detect.is_zero();
    let units: usize = kinds.iter().map(|kind| kind.units as usize).sum();
    Pool {
        left_out: units.saturating_sub(MOST_UNITS),
        lives: range(&|kind| kind.mode.life.mean()),
        noticing: if is_noticed_at_once { Range::default() } else { range(&|kind| kind.mode.detect.mean()) },
        repairs: range(&|kind| kind.repair.mean()),
    }
}
