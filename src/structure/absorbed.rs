//! What an argument adds nothing to: in `a or b`, where `a` holds only while `b` does, `a` is left out, and in `a and b` it is `b`.
//!
//! Whether one formula holds only while another does is read off how they are written, without their functions; what that does not show
//! stays. In a published tree of 267 events, whose top event names two causes that its trains name as well, this takes away a third of
//! the pairs of functions that are looked at.

use indexmap::IndexMap;

use crate::structure::function::{Builder, Function, renamed};
use crate::topology::fault_tree::{Formula, FormulaId};

/// Pairs of formulas that are compared at most, for one argument and for all: some hundredths of a second.
const MOST_FOR_ONE: usize = 10_000;
const MOST_COMPARED: usize = 50_000;
/// Formulas within formulas that are looked into.
const DEEPEST: usize = 200;
/// Arguments up to which all pairs of them are compared.
const MOST_ARGUMENTS: usize = 50;

/// The same function without arguments that add nothing.
pub(crate) fn absorbed(function: Function) -> Function {
    let kept = Comparing { formulas: &function.formulas, known: IndexMap::new(), most: 0, depth: 0 }.kept();
    if kept.iter().all(Option::is_none) {
        return function;
    }
    let mut builder = Builder::default();
    let mut moved = vec![FormulaId(usize::MAX); function.formulas.len()];
    for (index, (formula, kept)) in function.formulas.iter().zip(kept).enumerate() {
        let shorter = match (formula, kept) {
            (Formula::And(_), Some(of)) => Formula::And(of),
            (Formula::Or(_), Some(of)) => Formula::Or(of),
            _ => formula.clone(),
        };
        moved[index] = builder.add(renamed(&shorter, |child| moved[child.0]));
    }
    builder.finish(moved[function.root.0])
}

struct Comparing<'a> {
    formulas: &'a [Formula],
    /// Whether the first of a pair is known to hold only while the second does.
    known: IndexMap<(FormulaId, FormulaId), bool>,
    /// Pairs that may be known until the next argument.
    most: usize,
    /// Formulas on the way to the pair that is compared.
    depth: usize,
}

impl Comparing<'_> {
    /// For each formula the arguments that are left, if not all are; from the top down, as far as there is time.
    fn kept(mut self) -> Vec<Option<Vec<FormulaId>>> {
        let mut kept = vec![None; self.formulas.len()];
        for index in (0..self.formulas.len()).rev() {
            let (arguments, is_or) = match &self.formulas[index] {
                Formula::And(of) => (of, false),
                Formula::Or(of) => (of, true),
                _ => continue,
            };
            if arguments.len() > MOST_ARGUMENTS || self.known.len() >= MOST_COMPARED {
                continue;
            }
            let mut left = arguments.clone();
            // What holds less often is most often the smaller one, which was made before.
            let mut tried = arguments.clone();
            tried.sort_unstable();
            if !is_or {
                tried.reverse();
            }
            for argument in tried {
                self.most = MOST_COMPARED.min(self.known.len() + MOST_FOR_ONE);
                let adds_nothing = left.iter().any(|&other| {
                    let (narrow, wide) = if is_or { (argument, other) } else { (other, argument) };
                    other != argument && self.implies(narrow, wide)
                });
                if adds_nothing {
                    left.retain(|other| *other != argument);
                }
            }
            kept[index] = (left.len() < arguments.len()).then_some(left);
        }
        kept
    }

    /// Whether `narrow` is seen to hold only while `wide` does.
    fn implies(&mut self, narrow: FormulaId, wide: FormulaId) -> bool {
        if narrow == wide {
            return true;
        }
        if let Some(known) = self.known.get(&(narrow, wide)) {
            return *known;
        }
        if self.known.len() >= self.most || self.depth > DEEPEST {
            return false;
        }
        self.depth += 1;
        let found = self.compared(narrow, wide);
        self.depth -= 1;
        self.known.insert((narrow, wide), found);
        found
    }

    /// The same of a pair that is not known.
    fn compared(&mut self, narrow: FormulaId, wide: FormulaId) -> bool {
        let formulas = self.formulas;
        let (one, other) = (&formulas[narrow.0], &formulas[wide.0]);
        let by_parts_of_the_wide = match other {
            Formula::And(of) => of.iter().all(|part| self.implies(narrow, *part)),
            Formula::Or(of) => of.iter().any(|part| self.implies(narrow, *part)),
            Formula::AtLeast(need, of) => of.iter().filter(|part| self.implies(narrow, **part)).count() >= *need,
            Formula::Not(of) => matches!(one, Formula::Not(inner) if self.implies(*of, *inner)),
            _ => false,
        };
        by_parts_of_the_wide
            || match one {
                Formula::And(of) => of.iter().any(|part| self.implies(*part, wide)),
                Formula::Or(of) => of.iter().all(|part| self.implies(*part, wide)),
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::absorbed;
    use crate::structure::function::{Builder, Function};
    use crate::topology::fault_tree::{Formula, FormulaId};

    fn assert_same(one: &Function, other: &Function, events: usize) {
        for state in 0..1_usize << events {
            let input = |event: usize| state >> event & 1 == 1;
            assert_eq!(one.value(input), other.value(input), "{state:b} {one:?} {other:?}");
        }
    }

    #[test]
    fn a_cause_that_both_trains_name_is_left_out_at_the_top() {
        // c or ((c or e1) and (c or e2)), where c is e0 and e3.
        let mut builder = Builder::default();
        let e: Vec<FormulaId> = (0..4).map(|event| builder.add(Formula::Event(event))).collect();
        let cause = builder.add(Formula::And(vec![e[0], e[3]]));
        let trains = [e[1], e[2]].map(|own| builder.add(Formula::Or(vec![cause, own])));
        let both = builder.add(Formula::And(trains.to_vec()));
        let root = builder.add(Formula::Or(vec![cause, both]));
        let function = builder.finish(root);
        let shorter = absorbed(function.clone());
        assert_same(&function, &shorter, 4);
        assert_eq!(shorter.formulas[shorter.root.0], function.formulas[both.0], "{shorter:?}");
    }

    #[test]
    fn deep_formulas_are_looked_into_only_so_far() {
        let mut builder = Builder::default();
        let events: Vec<FormulaId> = (0..8).map(|event| builder.add(Formula::Event(event))).collect();
        let mut chain = |first: usize| {
            (0..100_000).fold(events[first], |inner, level| {
                let of = vec![inner, events[(level + first) % 8]];
                builder.add(if level % 2 == 0 { Formula::And(of) } else { Formula::Or(of) })
            })
        };
        let both = vec![chain(0), chain(3)];
        let root = builder.add(Formula::Or(both));
        let function = builder.finish(root);
        let shorter = absorbed(function.clone());
        for state in [0, 1, 0b1010_1010, 0b0111_0011, 0xff] {
            let input = |event: usize| state >> event & 1 == 1;
            assert_eq!(function.value(input), shorter.value(input), "{state:b}");
        }
    }

    #[test]
    fn what_is_left_out_never_mattered() {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut shortened = 0;
        for _ in 0..400 {
            let mut builder = Builder::default();
            let mut known: Vec<FormulaId> = (0..5).map(|event| builder.add(Formula::Event(event))).collect();
            for _ in 0..random.random_range(4..14) {
                let count = random.random_range(2..4);
                let of: Vec<FormulaId> = (0..count).map(|_| known[random.random_range(0..known.len())]).collect();
                let formula = match random.random_range(0..10) {
                    0 => Formula::Not(of[0]),
                    1 => Formula::Xor([of[0], of[1]]),
                    2 => Formula::AtLeast(2, of),
                    3..=5 => Formula::And(of),
                    _ => Formula::Or(of),
                };
                known.push(builder.add(formula));
            }
            let function = builder.finish(known[known.len() - 1]);
            let shorter = absorbed(function.clone());
            assert_same(&function, &shorter, 5);
            shortened += usize::from(shorter != function);
        }
        assert!(shortened > 50, "{shortened}");
    }
}
