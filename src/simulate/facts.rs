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
    /// Place among `parts` of each group and of each domain of the model.
    places: Places,
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

impl Facts {
    /// Whether only time passes in the state: nothing else is counted.
    pub(crate) fn is_quiet(&self) -> bool {
        self.up && self.lost == 0.0 && !self.insufficient
    }
}

#[derive(Debug)]
struct Places {
    groups: Vec<usize>,
    domains: Vec<usize>,
}

impl Places {
    fn of(model: &Model, parts: &[Part]) -> Self {
        let mut places = Self { groups: vec![0; model.groups.len()], domains: vec![0; model.domains.len()] };
        for (place, part) in parts.iter().enumerate() {
            match part {
                Part::Group(group) => places.groups[group.0] = place,
                Part::Domain(domain) => places.domains[domain.0] = place,
            }
        }
        places
    }

    fn place(&self, part: Part) -> usize {
        match part {
            Part::Group(group) => self.groups[group.0],
            Part::Domain(domain) => self.domains[domain.0],
        }
    }
}

impl<'a> FactsOf<'a> {
    pub(crate) fn new(model: &'a Model, dynamics: &'a Dynamics) -> Self {
        let parts = model.system.up.parts();
        Self { model, dynamics, places: Places::of(model, &parts), parts }
    }

    pub(crate) fn read(&self, state: &State) -> Facts {
        let up_parts: Vec<bool> = self.parts.iter().map(|part| self.part_up(state, *part)).collect();
        let up_with = |forced: Option<usize>| {
            self.model.system.up.evaluate(&mut |part| {
                let place = self.places.place(part);
                Some(place) == forced || up_parts[place]
            })
        };
        let up = up_with(None);
        let would_end = if up {
            Box::default()
        } else {
            let parts = (0..self.parts.len()).filter(|place| !up_parts[*place] && up_with(Some(*place)));
            parts.map(|place| place as u16).collect()
        };
        let (lost, insufficient) = self.model.system.demand.map_or((0.0, false), |demand| {
            let load = load(&self.model.system.up, demand, &mut |part| {
                self.part_state(state, part, up_parts[self.places.place(part)])
            });
            (load.lost, load.capacity < demand)
        });
        Facts { up, would_end, lost, insufficient }
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
