//! When the system is up, and what it is asked to carry.

use crate::topology::identity::{DomainId, GroupId};

/// The system of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct System {
    /// Up when this is true. A file's `down` has been turned into its dual.
    pub up: Expression,
    /// Requested load, requests per second.
    pub demand: Option<f64>,
}

/// A named part of the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A group (or a component named directly, as a group of one).
    Group(GroupId),
    /// A domain, standing for itself and all outer ones.
    Domain(DomainId),
}

/// A monotone function of the parts, true when the system is up.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A part is up.
    Part(Part),
    /// All are.
    And(Vec<Expression>),
    /// At least one is.
    Or(Vec<Expression>),
    /// At least so many are.
    AtLeast(u32, Vec<Expression>),
}

impl Expression {
    /// Whether the system is up when the parts are as `part_up` says.
    pub fn evaluate(&self, part_up: &mut impl FnMut(Part) -> bool) -> bool {
        match self {
            Self::Part(part) => part_up(*part),
            Self::And(of) => of.iter().all(|e| e.evaluate(part_up)),
            Self::Or(of) => of.iter().any(|e| e.evaluate(part_up)),
            Self::AtLeast(need, of) => of.iter().filter(|e| e.evaluate(part_up)).count() >= *need as usize,
        }
    }

    /// The parts, each once, in the order of their first appearance.
    pub fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        self.collect_parts(&mut parts);
        parts
    }

    fn collect_parts(&self, parts: &mut Vec<Part>) {
        match self {
            Self::Part(part) => {
                if !parts.contains(part) {
                    parts.push(*part);
                }
            }
            Self::And(of) | Self::Or(of) | Self::AtLeast(_, of) => {
                for expression in of {
                    expression.collect_parts(parts);
                }
            }
        }
    }
}
