//! Orders of the variables of a decision diagram.
//!
//! Each is the order in which a walk from the top first meets the inputs; the walks differ in which argument of a formula
//! they enter first. No single one is good for all structures: between the best and the worst lies a factor of up to a
//! thousand.

use crate::structure::function::Function;
use crate::topology::fault_tree::Formula;

/// Which argument is entered first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// The one of most weight: the weight of a formula is shared equally among its arguments, from the top down
    /// (Minato, Ishiura, Yajima 1990).
    Weight,
    /// The one with most formulas below it.
    LargestFirst,
    /// The last one.
    RightToLeft,
    /// The one that most formulas name.
    MostShared,
    /// The first one.
    AsWritten,
}

impl Order {
    /// In the order in which they are tried.
    pub(crate) const ALL: [Self; 5] =
        [Self::LargestFirst, Self::RightToLeft, Self::Weight, Self::MostShared, Self::AsWritten];

    /// In reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::LargestFirst => "largest subtree first",
            Self::RightToLeft => "right to left",
            Self::MostShared => "most shared first",
            Self::AsWritten => "as written",
        }
    }

    /// The inputs of the function from the top of the diagram to its bottom; ties go by the order of writing.
    pub(crate) fn inputs(self, function: &Function) -> Vec<usize> {
        let formulas = &function.formulas;
        let first: Vec<u64> = match self {
            Self::Weight => weights(function).into_iter().map(f64::to_bits).collect(),
            Self::LargestFirst => sizes(function).into_iter().map(f64::to_bits).collect(),
            Self::MostShared => function.parents().into_iter().map(u64::from).collect(),
            Self::RightToLeft | Self::AsWritten => vec![0; formulas.len()],
        };
        let mut seen = vec![false; formulas.len()];
        let mut inputs = Vec::new();
        let mut open = vec![function.root];
        while let Some(id) = open.pop() {
            if std::mem::replace(&mut seen[id.0], true) {
                continue;
            }
            if let Formula::Event(input) = formulas[id.0] {
                inputs.push(input);
            }
            let mut children = formulas[id.0].children().to_vec();
            if self != Self::RightToLeft {
                // What is pushed last is entered first.
                children.reverse();
                children.sort_by_key(|child| first[child.0]);
            }
            open.extend(children);
        }
        inputs
    }
}

/// Non-negative, so that their bits have their order.
fn weights(function: &Function) -> Vec<f64> {
    let mut weights = vec![0.0; function.formulas.len()];
    weights[function.root.0] = 1.0;
    for (index, formula) in function.formulas.iter().enumerate().rev() {
        let children = formula.children();
        let share = weights[index] / children.len().max(1) as f64;
        for child in children {
            weights[child.0] += share;
        }
    }
    weights
}

/// Formulas below each one, counted as often as they are named; the exponent is bounded to keep them finite.
fn sizes(function: &Function) -> Vec<f64> {
    let mut sizes: Vec<f64> = Vec::with_capacity(function.formulas.len());
    for formula in &function.formulas {
        let below: f64 = formula.children().iter().map(|child| sizes[child.0]).sum();
        sizes.push((1.0 + below).min(1e300));
    }
    sizes
}
