//! What a state means for the measures.

use crate::dynamics::{Dynamics, State};
use crate::structure::capacity::{PartState, load};
use crate::topology::Model;
use crate::topology::system::Part;

/// Reads states of one model.
#[derive(Debug)]
pub(crate) struct FactsOf<'a> {
    pub(crate) model: &'a Model,
    pub(crate) dynamics: &'a Dynamics,
    pub(crate) parts: Vec<Part>,
}

/// The meaning of one state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Facts {
    pub(crate) up: bool,
    /// While down: the parts (by their place in `parts`) that would end it by being up.
    pub(crate) would_end: Box<[u16]>,
    /// Requests per second that are not carried, with a demand.
    pub(crate) lost: f64,
    /// Whether the capacity is below the demand.
    pub(crate) insufficient: bool,
}

impl<'a> FactsOf<'a> {
    pub(crate) fn new(model: &'a Model, dynamics: &'a Dynamics) -> Self {
        Self { model, dynamics, parts: model.system.up.parts() }
    }

    pub(crate) fn read(&self, state: &State) -> Facts {
        let up_parts: Vec<bool> = self.parts.iter().map(|part| self.part_up(state, *part)).collect();
        let up_with = |forced: Option<usize>| {
            self.model.system.up.evaluate(&mut |part| {
                let index = self.index(part);
                Some(index) == forced || up_parts[index]
            })
        };
        let up = up_with(None);
        let would_end = if up {
            Box::default()
        } else {
            let parts = (0..self.parts.len()).filter(|index| !up_parts[*index] && up_with(Some(*index)));
            parts.map(|index| index as u16).collect()
        };
        let (lost, insufficient) = self.model.system.demand.map_or((0.0, false), |demand| {
            let load = load(&self.model.system.up, demand, &mut |part| {
                self.part_state(state, part, up_parts[self.index(part)])
            });
            (load.lost, load.capacity < demand)
        });
        Facts { up, would_end, lost, insufficient }
    }

    fn index(&self, part: Part) -> usize {
        self.parts.iter().position(|known| *known == part).expect("every part was collected")
    }

    fn part_up(&self, state: &State, part: Part) -> bool {
        match part {
            Part::Group(group) => self.dynamics.group_up(state, group),
            Part::Domain(domain) => self.dynamics.domain_up(state, domain),
        }
    }

    fn part_state(&self, state: &State, part: Part, up: bool) -> PartState {
        match part {
            Part::Domain(_) => PartState { up, capacity: f64::INFINITY, missing: 0.0 },
            Part::Group(group) => {
                let served = f64::from(self.dynamics.served(state, group));
                let unnoticed = f64::from(self.dynamics.unnoticed(state, group));
                let per_unit = self.model.component_of(group).capacity;
                PartState {
                    up,
                    capacity: per_unit.map_or(f64::INFINITY, |capacity| capacity * served),
                    missing: if unnoticed > 0.0 { unnoticed / (served + unnoticed) } else { 0.0 },
                }
            }
        }
    }
}
