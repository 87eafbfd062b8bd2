//! Bounds for the probability that a minimal cut set with a certain event has happened, where that is too expensive to tell.
//!
//! A node of the diagram of all sets holds those without its variable x, whose union is the function A, and those with it, the rests of
//! which have the union B. Both are monotone, and x is independent of both, so that
//!
//! ```text
//! P(A or x B) = (1 - q) P(A) + q P(A or B) >= P(A) + q max(0, P(B) - P(A))
//! P(A or x B) = 1 - P(not A and not x B)   <= P(A) + q P(B) (1 - P(A))
//! ```
//!
//! The second line is Harris's inequality (1960): monotone functions of independent variables are never less likely to be false together
//! than apart. Both right sides grow with P(A), P(B) and q, so that bounds of these do in place of them: one pass from the terminals up for each event, which is
//! as long as the diagram of the sets. Checked in `tests/structures` against all states.

use indexmap::IndexMap;

use crate::measure::{Bounds, Observer};
use crate::structure::ROUNDING;
use crate::structure::cut_sets::{CutSets, Family};
use crate::structure::diagram::Node;
use crate::structure::modules::Input;

/// Nodes times inputs that may be looked at in all: a second.
const MOST_WORK: usize = 200_000_000;

/// Of each event, bounds for the probability that the rest of some set with it has happened; `exact` tells the probability of events, and of
/// modules where that is known. Nothing of the events of modules that would take too long.
pub(crate) fn union_bounds(
    sets: &CutSets,
    exact: impl Fn(&Input) -> Option<f64>,
    observer: &dyn Observer,
) -> IndexMap<usize, Bounds> {
    let mut left = MOST_WORK;
    let mut found: Vec<Option<Vec<Bounds>>> = Vec::new();
    let mut wholes: Vec<Bounds> = Vec::new();
    for family in sets.families() {
        let of_input = |input: &Input| match (exact(input), input) {
            (Some(value), _) => Bounds { lower: value, upper: value },
            (None, Input::Module(inner)) => wholes[*inner],
            (None, Input::Event(_)) => Bounds { lower: 0.0, upper: 1.0 },
        };
        let inputs: Vec<Bounds> = family.inputs.iter().map(of_input).collect();
        let whole = wholes_below(family, &inputs);
        let rest = left.checked_sub(family.table.len() * family.inputs.len());
        let rest = rest.filter(|_| observer.stop().is_none());
        left = rest.unwrap_or(left);
        found.push(rest.map(|_| (0..inputs.len()).map(|input| rests(family, &inputs, &whole, input)).collect()));
        wholes.push(whole[family.root.index()]);
    }
    // Half of it is for the way up through a family, half for the way through the families.
    let room = 8.0 * ROUNDING * sets.families().iter().map(|family| family.inputs.len()).sum::<usize>() as f64;
    let mut above = vec![Some(Bounds { lower: 1.0, upper: 1.0 }); found.len()];
    let mut events = IndexMap::new();
    for (module, family) in sets.families().iter().enumerate().rev() {
        for (place, input) in family.inputs.iter().enumerate() {
            let own = found[module].as_ref().map(|of_inputs| of_inputs[place]);
            let whole = above[module]
                .zip(own)
                .map(|(above, own)| Bounds { lower: above.lower * own.lower, upper: above.upper * own.upper });
            match (input, whole) {
                (Input::Module(inner), whole) => above[*inner] = whole,
                (Input::Event(event), Some(Bounds { lower, upper })) => {
                    let whole = Bounds { lower: lower * (1.0 - room), upper: (upper * (1.0 + room)).min(1.0) };
                    events.insert(*event, whole);
                }
                (Input::Event(_), None) => {}
            }
        }
    }
    events
}

const NEVER: Bounds = Bounds { lower: 0.0, upper: 0.0 };
const ALWAYS: Bounds = Bounds { lower: 1.0, upper: 1.0 };

/// Of each node, the union of all its sets.
fn wholes_below(family: &Family, inputs: &[Bounds]) -> Vec<Bounds> {
    let mut wholes = vec![NEVER, ALWAYS];
    for index in 2..family.table.len() {
        let node = Node::at(index as u32);
        let [without, with] = family.table.pair(node).map(|child| wholes[child.index()]);
        wholes.push(either(without, with, inputs[family.table.variable(node) as usize]));
    }
    wholes
}

/// The union of what else the sets with `input` hold; `wholes` are the unions of all sets of each node.
fn rests(family: &Family, inputs: &[Bounds], wholes: &[Bounds], input: usize) -> Bounds {
    let mut rests = vec![NEVER, NEVER];
    for index in 2..family.table.len() {
        let node = Node::at(index as u32);
        let variable = family.table.variable(node) as usize;
        let [without, with] = family.table.pair(node);
        rests.push(match variable.cmp(&input) {
            std::cmp::Ordering::Greater => NEVER,
            std::cmp::Ordering::Equal => wholes[with.index()],
            std::cmp::Ordering::Less => either(rests[without.index()], rests[with.index()], inputs[variable]),
        });
    }
    rests[family.root.index()]
}

/// The union of A, `without` a variable, and of the variable with B.
#[inline]
fn either(without: Bounds, with: Bounds, variable: Bounds) -> Bounds {
    Bounds {
        lower: without.lower + variable.lower * (with.lower - without.lower).max(0.0),
        upper: without.upper + variable.upper * with.upper * (1.0 - without.upper),
    }
}
