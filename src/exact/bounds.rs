//! Bounds of systems with chains that are too large to be explored: explored as far as it takes.
//!
//! Each chain has its explored set ([`growing`](crate::exact::chain::growing)), whose solution leaves open what the chain does beyond it
//! ([`bounded`](crate::exact::chain::bounded)). The diagram joins the pieces as always. Then the set grows in which the open part weighs
//! most for the unavailability, to about twice its size, or until the states beyond weigh little enough; and all is solved again.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::dynamics::Dynamics;
use crate::exact::applies::{Dependent, ProductForms};
use crate::exact::chain::bounded::{self, Outcome, Proof};
use crate::exact::chain::explore::Limit;
use crate::exact::chain::growing::{AIM, Goal, Growing, Grown, MOST_ALL_UP, Refusal};
use crate::exact::chain::{Solved, names, solve::End, unexpanded};
use crate::exact::enclosure::Enclosure;
use crate::exact::product::Product;
use crate::exact::subsets::{Found, Subsets};
use crate::exact::system::{Ending, System};
use crate::exact::{Error, Settings};
use crate::measure::{BoundedMeasures, BoundsEnd, NoObserver, Observer, Progress, Stop};
use crate::structure::partition::{Partition, Purpose};
use crate::structure::plain::in_step;
use crate::structure::readings::Readings;
use crate::topology::{Model, Scope};

/// States after which chains of a few groups at a time may do better than that of the whole module.
const BEFORE_SUBSETS: u64 = 2_000;
/// States that the sweeps of a proof may update after a stop, about a second's work; and the sweeps that they are at least.
const GRACE: usize = 10_000_000;
const FEWEST_SWEEPS: usize = 20;
/// A set is proven when it has so many times the states of the last one that was: all these proofs take less than half the time
/// of the last one.
const BETWEEN_PROOFS: usize = 4;

pub(crate) fn bounds(
    model: &Model,
    settings: &Settings,
    precision: f64,
    observer: &dyn Observer,
) -> Result<BoundedMeasures, Error> {
    let model = &*model.with_active_redundancy();
    let partition = Partition::of(model, Purpose::Availability);
    let needed = "bounds need times made of phases where parts depend on each other or failure modes compete";
    let phased_times = Dependent::of(model, &partition, ProductForms::Count).phased_for(settings, needed)?;
    let (size, phases, most_nodes) = (Limit::of(settings), settings.phases, settings.max_nodes);
    let limits = Limits { size, precision, phases, most_nodes, before_subsets: Some(BEFORE_SUBSETS) };
    let Refined { system, enclosure, ending, .. } = explored(model, &partition, limits, observer)?;
    let mut measures = system.bounded(enclosure, ending)?;
    measures.phased_times = phased_times;
    measures.warnings.extend(in_step(model, &partition));
    Ok(measures)
}

/// The bounds alone, by the chains of whole modules, and how many states were explored.
pub(crate) fn enclosed(
    model: &Model,
    settings: &Settings,
    precision: f64,
    observer: &dyn Observer,
) -> Result<(Enclosure, u64), Error> {
    let model = &*model.with_active_redundancy();
    let partition = Partition::of(model, Purpose::Availability);
    let (size, phases, most_nodes) = (Limit::of(settings), settings.phases, settings.max_nodes);
    let limits = Limits { size, precision, phases, most_nodes, before_subsets: None };
    let refined = explored(model, &partition, limits, observer)?;
    Ok((refined.enclosure, refined.states))
}

fn explored(model: &Model, partition: &Partition, limits: Limits, observer: &dyn Observer) -> Result<Refined, Error> {
    let compiled: Vec<Dynamics> = partition.modules.iter().map(|scope| Dynamics::new(model, scope)).collect();
    let readings: Vec<Readings> =
        partition.modules.iter().map(|scope| Readings::of_module(model, partition, scope)).collect();
    let mut parts = Vec::new();
    for ((scope, dynamics), readings) in partition.modules.iter().zip(&compiled).zip(&readings) {
        parts.push(Part::new(model, (scope, dynamics, readings), limits.phases, observer)?);
    }
    refined(model, partition, &mut parts, limits, observer)
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Of a set.
    size: Limit,
    /// Relative width.
    precision: f64,
    /// With which a time is fitted that is not made of phases, at most.
    phases: Option<u32>,
    /// Of the diagram that joins the modules.
    most_nodes: usize,
    /// States of whole modules after which chains of a few groups are tried; nothing if they are not to be.
    before_subsets: Option<u64>,
}

/// What is known at last.
struct Refined {
    system: System,
    enclosure: Enclosure,
    ending: Ending,
    states: u64,
}

/// Lets a proof go on for some more sweeps after a stop.
struct Grace {
    sweeps: AtomicUsize,
    stop: Stop,
}

impl Grace {
    fn of(states: usize, stop: Stop) -> Self {
        Self { sweeps: AtomicUsize::new(GRACE / states.max(1) + FEWEST_SWEEPS), stop }
    }
}

impl Observer for Grace {
    fn stop(&self) -> Option<Stop> {
        let one_less = |left: usize| left.checked_sub(1);
        let is_over = self.sweeps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_err();
        is_over.then_some(self.stop)
    }

    fn progress(&self, _: &Progress) {}
}

/// A module.
struct Part<'a> {
    scope: &'a Scope,
    readings: &'a Readings,
    solved: Solved,
    /// Whether the bounds of the solution are proven.
    is_proven: bool,
    /// Of a chain its explored set, and the time that the states beyond it may add.
    set: Option<(Growing<'a>, f64)>,
    is_full: bool,
    is_out_of_memory: bool,
}

impl<'a> Part<'a> {
    fn new(
        model: &Model,
        (scope, dynamics, readings): (&'a Scope, &'a Dynamics, &'a Readings),
        phases: Option<u32>,
        observer: &dyn Observer,
    ) -> Result<Self, Error> {
        if let Some(product) = Product::of(model, scope, readings) {
            let solved = product.solve();
            return Ok(Self {
                scope,
                readings,
                solved,
                is_proven: true,
                set: None,
                is_full: true,
                is_out_of_memory: false,
            });
        }
        let growing = Growing::new(dynamics, unexpanded(model, scope, dynamics, phases), readings);
        let mut growing = growing.map_err(|refusal| refused(refusal, model, scope))?;
        let Outcome { solved, beyond } = outcome(&mut growing, Proof::None, model, scope, observer)?;
        let is_full = growing.is_complete();
        let set = Some((growing, beyond));
        Ok(Self { scope, readings, solved, is_proven: false, set, is_full, is_out_of_memory: false })
    }

    /// Grows, and is solved again: `width` is the relative width so far.
    fn grow(&mut self, model: &Model, width: f64, limits: Limits, observer: &dyn Observer) -> Result<(), Error> {
        let Some((growing, beyond)) = &mut self.set else { return Ok(()) };
        let before = growing.expanded();
        // Where what is beyond is not bounded yet, the set must grow.
        let wanted = if beyond.is_finite() { *beyond * AIM * limits.precision / width } else { 0.0 };
        let grown = growing.grow(Goal::doubling(before, limits.size, wanted), observer);
        self.is_full = matches!(grown, Grown::Complete | Grown::TooMany | Grown::TooLarge);
        self.is_out_of_memory = grown == Grown::TooLarge;
        if growing.expanded() > before {
            self.is_proven = false;
            if let Grown::Stopped(stop) = grown {
                return Err(Error::Stopped(stop));
            }
            self.solve(Proof::None, model, observer)?;
        }
        match grown {
            Grown::Stopped(stop) => Err(Error::Stopped(stop)),
            _ => Ok(()),
        }
    }

    fn solve(&mut self, proof: Proof, model: &Model, observer: &dyn Observer) -> Result<(), Error> {
        let Some((growing, beyond)) = &mut self.set else { return Ok(()) };
        let outcome = outcome(growing, proof, model, self.scope, observer)?;
        (self.solved, *beyond) = (outcome.solved, outcome.beyond);
        self.is_proven = proof == Proof::Full;
        Ok(())
    }
}

fn outcome(
    growing: &mut Growing<'_>,
    proof: Proof,
    model: &Model,
    scope: &Scope,
    observer: &dyn Observer,
) -> Result<Outcome, Error> {
    bounded::solve(growing, proof, scope, observer).map_err(|end| match end {
        End::NotConverged { residual } => Error::NotConverged { groups: names(model, scope), residual },
        End::Stopped(stop) => Error::Stopped(stop),
    })
}

fn refused(refusal: Refusal, model: &Model, scope: &Scope) -> Error {
    let groups = names(model, scope);
    match refusal {
        Refusal::TooFast { losses, slowest } => {
            Error::TooFastForBounds { groups, losses_per_second: losses, way_back_seconds: slowest }
        }
        Refusal::TooManyAllUp => Error::TooManyAllUp { groups, limit: MOST_ALL_UP },
    }
}

/// Grows the sets until the bounds are narrow enough, or a limit is reached. Few solutions are proven, for it takes as long as
/// several others: the first one, the last one, and some on the way. All of these hold, and a larger set may have wider bounds, as it
/// may bring all-up states of other kinds: so the best ends of all of them are kept. Where the sets are large by then, modules are bounded by
/// [`subsets`](crate::exact::subsets), too.
fn refined(
    model: &Model,
    partition: &Partition,
    parts: &mut [Part<'_>],
    limits: Limits,
    observer: &dyn Observer,
) -> Result<Refined, Error> {
    let mut stopped: Option<Stop> = None;
    let mut proven: Option<Enclosure> = None;
    let (mut states_proven, mut own_width) = (0, f64::INFINITY);
    let mut substitutes = Substitutes::default();
    loop {
        // What is known when it is stopped is told: its diagram is hardly larger than the one before.
        let watching: &dyn Observer = if stopped.is_some() { &NoObserver } else { observer };
        let system = match joined(model, partition, parts, limits.most_nodes, watching) {
            Err(Error::Stopped(stop)) if proven.is_some() => {
                stopped = Some(stop);
                continue;
            }
            found => found?,
        };
        let is_proven = parts.iter().all(|part| part.is_proven);
        let states: u64 = parts.iter().map(|part| part.solved.states as u64).sum();
        let own = system.enclosure();
        let mut enclosure = match substitutes.narrowed(own, (model, partition, parts), limits.most_nodes, watching) {
            Err(Error::Stopped(stop)) => {
                stopped = Some(stop);
                own
            }
            found => found?,
        };
        if is_proven {
            enclosure = proven.map_or(enclosure, |known| known.narrowed(&enclosure));
            (proven, states_proven, own_width) = (Some(enclosure), states, own.relative_width());
        }
        let width = enclosure.relative_width();
        let [low, high] = enclosure.unavailability;
        observer.progress(&Progress {
            phase: "narrowing bounds",
            done: states as f64,
            events: states,
            estimate: Some((system.unavailability(), low, high)),
            ..Progress::default()
        });
        let heaviest = heaviest(&system, parts);
        stopped = stopped.or_else(|| observer.stop());
        let is_large = limits.before_subsets.is_some_and(|before| states >= before || heaviest.is_none());
        let is_open = width > limits.precision && why_no_more(parts) != BoundsEnd::Complete;
        if is_large && is_open && !substitutes.are_tried && stopped.is_none() {
            substitutes = Substitutes::of(model, parts, limits, observer);
            continue;
        }
        let is_due = !is_proven && states >= BETWEEN_PROOFS as u64 * states_proven;
        let ended_by = match (width <= limits.precision, heaviest, stopped) {
            _ if is_due => None,
            (true, _, _) => Some(BoundsEnd::Precision),
            (false, _, Some(stop)) => Some(BoundsEnd::Stopped(stop)),
            (false, None, None) => Some(why_no_more(parts)),
            (false, Some(place), None) => match parts[place].grow(model, width, limits, observer) {
                Err(Error::Stopped(stop)) => {
                    stopped = Some(stop);
                    continue;
                }
                Err(error) => return Err(error),
                Ok(()) => continue,
            },
        };
        if let (Some(ended_by), true) = (ended_by, is_proven) {
            let losses_during_way_back = losses_during_way_back(parts);
            let subsets = substitutes.work();
            let ending = Ending { ended_by, losses_during_way_back, own_width: own.relative_width(), subsets };
            return Ok(Refined { system, enclosure, ending, states });
        }
        for part in parts.iter_mut().filter(|part| !part.is_proven) {
            match part.solve(Proof::Full, model, observer) {
                // What was found so far is worth some time for its proof.
                Err(Error::Stopped(stop)) => {
                    stopped = Some(stop);
                    let grace = Grace::of(part.solved.states, stop);
                    match (part.solve(Proof::Full, model, &grace), proven) {
                        (Err(Error::Stopped(_)), Some(enclosure)) => {
                            // What was proven of fewer states holds.
                            let ending = Ending {
                                ended_by: BoundsEnd::Stopped(stop),
                                losses_during_way_back: losses_during_way_back(parts),
                                own_width,
                                subsets: substitutes.work(),
                            };
                            return Ok(Refined { system, enclosure, ending, states: states_proven });
                        }
                        (found, _) => found?,
                    }
                }
                found => found?,
            }
        }
    }
}

/// What chains of a few groups at a time say of each part.
#[derive(Default)]
struct Substitutes {
    are_tried: bool,
    found: Vec<Option<Found>>,
}

impl Substitutes {
    /// Of the parts that such chains can bound. All parts together must be as narrow as is wanted.
    fn of(model: &Model, parts: &[Part<'_>], limits: Limits, observer: &dyn Observer) -> Self {
        let settings = Settings { max_states: limits.size.states, max_bytes: limits.size.bytes, ..Settings::default() };
        let of_part = |part: &Part<'_>| {
            // They say nothing of phases.
            part.set.as_ref().filter(|(growing, _)| growing.dynamics().is_exponential())?;
            let subsets = Subsets::of(model, part.scope, part.readings)?;
            subsets.solve(&settings, 0.5 * limits.precision, observer)
        };
        Self { are_tried: true, found: parts.iter().map(of_part).collect() }
    }

    /// The better ends of `own` bounds and those with the substitutes.
    fn narrowed(
        &self,
        own: Enclosure,
        (model, partition, parts): (&Model, &Partition, &[Part<'_>]),
        most_nodes: usize,
        observer: &dyn Observer,
    ) -> Result<Enclosure, Error> {
        if self.found.iter().all(Option::is_none) {
            return Ok(own);
        }
        let both = parts.iter().zip(&self.found);
        let solved = both.map(|(part, found)| found.as_ref().map_or(&part.solved, |found| &found.solved));
        let modules: Vec<(&Solved, &Readings)> = solved.zip(parts.iter().map(|part| part.readings)).collect();
        Ok(own.narrowed(&System::join(model, partition, &modules, most_nodes, observer)?.enclosure()))
    }

    /// Chains, and states of all of them.
    fn work(&self) -> Option<(usize, u64)> {
        let found = || self.found.iter().flatten();
        let chains = found().map(|found| found.chains).sum();
        found().next().map(|_| (chains, found().map(|found| found.states).sum()))
    }
}

/// The place of the part in which what is open weighs most.
fn heaviest(system: &System, parts: &[Part<'_>]) -> Option<usize> {
    let open = parts.iter().enumerate().filter(|(_, part)| !part.is_full);
    let weights = open.map(|(place, _)| (place, system.weight_beyond(place)));
    weights.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(place, _)| place)
}

fn why_no_more(parts: &[Part<'_>]) -> BoundsEnd {
    let is_complete = |part: &Part<'_>| part.set.as_ref().is_none_or(|(growing, _)| growing.is_complete());
    if parts.iter().all(is_complete) {
        BoundsEnd::Complete
    } else if parts.iter().any(|part| part.is_out_of_memory) {
        BoundsEnd::Memory
    } else {
        BoundsEnd::States
    }
}

fn losses_during_way_back(parts: &[Part<'_>]) -> Option<f64> {
    let of_part = |part: &Part<'_>| part.set.as_ref().map(|(growing, _)| growing.potential.losses_during_way_back());
    parts.iter().filter_map(of_part).reduce(f64::max)
}

fn joined(
    model: &Model,
    partition: &Partition,
    parts: &[Part<'_>],
    most_nodes: usize,
    observer: &dyn Observer,
) -> Result<System, Error> {
    let modules: Vec<(&Solved, &Readings)> = parts.iter().map(|part| (&part.solved, part.readings)).collect();
    System::join(model, partition, &modules, most_nodes, observer)
}
