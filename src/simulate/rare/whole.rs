//! A system simulated as a whole: what is counted is what the plain simulation counts.

use crate::dynamics::State;
use crate::simulate::facts::FactsOf;
use crate::simulate::rare::meter::{Meter, Reading};
use crate::simulate::tally::Shape;

/// Downtime and outages, then what [`Shape`] names.
const FIRST_OF_SHAPE: u32 = 2;

/// Counts the measures of a system.
pub(crate) struct Whole<'a> {
    facts: &'a FactsOf<'a>,
    pub(crate) shape: Shape,
}

impl<'a> Whole<'a> {
    pub(crate) fn new(facts: &'a FactsOf<'a>) -> Self {
        Self { facts, shape: Shape { causes: facts.dynamics.causes().len(), parts: facts.parts.len() } }
    }

    /// The quantities that are measures of capacity.
    pub(crate) fn capacity(&self) -> [usize; 2] {
        [self.shape.lost(), self.shape.insufficient()].map(Self::quantity)
    }

    /// The quantity at a place of the shape.
    pub(crate) fn quantity(place: usize) -> usize {
        place + FIRST_OF_SHAPE as usize
    }
}

impl Meter for Whole<'_> {
    fn quantities(&self) -> usize {
        Self::quantity(self.shape.len())
    }

    fn read(&self, state: &State) -> Reading {
        let facts = self.facts.read(state);
        let mut rates = Vec::new();
        let of_shape = |place: usize| Self::quantity(place) as u32;
        if !facts.up {
            rates.push((0, 1.0));
            rates.extend(facts.would_end.iter().map(|&part| (of_shape(self.shape.part(part.into())), 1.0)));
        }
        if facts.lost > 0.0 {
            rates.push((of_shape(self.shape.lost()), facts.lost));
        }
        if facts.insufficient {
            rates.push((of_shape(self.shape.insufficient()), 1.0));
        }
        Reading {
            badness: f64::from(u8::from(!facts.up)),
            lost: facts.lost,
            insufficient: facts.insufficient,
            class: u32::from(facts.up),
            rates,
        }
    }

    fn step(&self, from: &Reading, to: &Reading, cause: Option<u32>) -> Vec<(u32, f64)> {
        if to.badness <= from.badness {
            return Vec::new();
        }
        let begun = cause.map(|cause| (Self::quantity(cause as usize) as u32, 1.0));
        std::iter::once((1, 1.0)).chain(begun).collect()
    }

    fn has_outages(&self) -> bool {
        true
    }
}
