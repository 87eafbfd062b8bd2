//! What several arguments of an `or` have in common, stated once: `(a and b) or (a and c)` is `a and (b or c)`, and likewise with
//! `and` and `or` the other way round.
//!
//! The functions of the arguments may be far larger than that of their common part with the rest: in a published tree of 267 events,
//! which asks for two of three trains, this takes away a quarter of all nodes ever made. Orders of variables are better found
//! in the function as it was written.

use indexmap::IndexMap;

use crate::structure::function::{Builder, Function, renamed};
use crate::topology::fault_tree::{Formula, FormulaId};

/// Parts of all arguments of one formula up to which common ones are looked for.
const MOST_PARTS: usize = 2_000;

/// A formula whose arguments are looked at as the lists of their parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An `and` of `or`s.
    And,
    /// An `or` of `and`s.
    Or,
}

impl Kind {
    fn of(formula: &Formula) -> Option<(Self, &[FormulaId])> {
        match formula {
            Formula::And(of) => Some((Self::And, of)),
            Formula::Or(of) => Some((Self::Or, of)),
            _ => None,
        }
    }

    fn outer(self, of: Vec<FormulaId>) -> Formula {
        match self {
            Self::And => Formula::And(of),
            Self::Or => Formula::Or(of),
        }
    }

    fn inner(self, of: Vec<FormulaId>) -> Formula {
        match self {
            Self::And => Formula::Or(of),
            Self::Or => Formula::And(of),
        }
    }
}

/// The same function, common parts stated once. Arguments that other formulas name as well are left whole.
pub(crate) fn factored(function: &Function) -> Function {
    let parents = function.parents();
    let mut builder = Builder::default();
    let mut moved = vec![FormulaId(usize::MAX); function.formulas.len()];
    for (index, formula) in function.formulas.iter().enumerate() {
        let lists = Kind::of(formula).map(|(kind, arguments)| {
            let parts = |argument: &FormulaId| match Kind::of(&function.formulas[argument.0]) {
                Some((other, of)) if other != kind && parents[argument.0] == 1 => {
                    of.iter().map(|part| moved[part.0]).collect()
                }
                _ => vec![moved[argument.0]],
            };
            (kind, arguments.iter().map(parts).collect::<Vec<Vec<FormulaId>>>())
        });
        moved[index] = match lists {
            Some((kind, lists)) if lists.iter().map(Vec::len).sum::<usize>() <= MOST_PARTS => {
                joined(kind, lists, &mut builder)
            }
            _ => builder.add(renamed(formula, |child| moved[child.0])),
        };
    }
    builder.finish(moved[function.root.0])
}

/// The formula of the lists, after the part that most of them have in common is taken out, again and again.
fn joined(kind: Kind, mut lists: Vec<Vec<FormulaId>>, builder: &mut Builder) -> FormulaId {
    while let Some(common) = most_common(&lists) {
        let place = lists.iter().position(|list| list.contains(&common)).unwrap_or(0);
        let mut rests = Vec::new();
        lists.retain_mut(|list| {
            let has_it = list.contains(&common);
            if has_it {
                list.retain(|part| *part != common);
                rests.push(std::mem::take(list));
            }
            !has_it
        });
        let mut together = vec![common];
        // Where the common part is all there is of one argument, that one holds whatever the rests of the others say.
        if rests.iter().all(|rest| !rest.is_empty()) {
            together.push(joined(kind, rests, builder));
        }
        lists.insert(place, together);
    }
    let arguments: Vec<FormulaId> = lists
        .into_iter()
        .map(|list| if let [only] = list[..] { only } else { builder.add(kind.inner(list)) })
        .collect();
    builder.add(kind.outer(arguments))
}

/// The part that most lists have, at least two; the first of several.
fn most_common(lists: &[Vec<FormulaId>]) -> Option<FormulaId> {
    let mut counts: IndexMap<FormulaId, usize> = IndexMap::new();
    for part in lists.iter().flatten() {
        *counts.entry(*part).or_default() += 1;
    }
    let most = counts.values().copied().max().filter(|count| *count > 1)?;
    counts.into_iter().find(|(_, count)| *count == most).map(|(part, _)| part)
}

#[cfg(test)]
mod tests {
    use super::factored;
    use crate::structure::function::Function;
    use crate::topology::fault_tree::{Formula, FormulaId};

    fn of(formulas: Vec<Formula>) -> Function {
        let root = FormulaId(formulas.len() - 1);
        Function { formulas, root }
    }

    fn ids<const N: usize>(ids: [usize; N]) -> Vec<FormulaId> {
        ids.into_iter().map(FormulaId).collect()
    }

    fn gates(function: &Function) -> usize {
        function.formulas.iter().filter(|formula| !matches!(formula, Formula::Event(_))).count()
    }

    fn assert_same(one: &Function, other: &Function, events: usize) {
        for state in 0..1_usize << events {
            let input = |event: usize| state >> event & 1 == 1;
            assert_eq!(one.value(input), other.value(input), "{state:b} {other:?}");
        }
    }

    #[test]
    fn two_of_three_names_one_of_them_once() {
        let mut formulas: Vec<Formula> = (0..3).map(Formula::Event).collect();
        formulas.extend([ids([0, 1]), ids([1, 2]), ids([0, 2])].map(Formula::And));
        formulas.push(Formula::Or(ids([3, 4, 5])));
        let function = of(formulas);
        let simpler = factored(&function);
        assert_same(&function, &simpler, 3);
        assert_eq!((gates(&function), gates(&simpler)), (4, 4), "{simpler:?}");
        assert!(simpler.formulas.contains(&Formula::Or(ids([1, 2]))), "{simpler:?}");
    }

    #[test]
    fn an_argument_that_another_one_holds_is_left_out() {
        // (e0 or e1) and e0 and (e0 or not e2) is e0.
        let mut formulas: Vec<Formula> = (0..3).map(Formula::Event).collect();
        formulas.push(Formula::Not(FormulaId(2)));
        formulas.push(Formula::Or(ids([0, 1])));
        formulas.push(Formula::Or(ids([0, 3])));
        formulas.push(Formula::And(ids([4, 0, 5])));
        let simpler = factored(&of(formulas));
        assert_eq!(simpler, of(vec![Formula::Event(0)]));
    }

    #[test]
    fn shared_arguments_stay_whole() {
        let mut formulas: Vec<Formula> = (0..3).map(Formula::Event).collect();
        formulas.extend([ids([0, 1]), ids([0, 2])].map(Formula::And));
        formulas.push(Formula::Or(ids([3, 4])));
        formulas.push(Formula::Xor([FormulaId(3), FormulaId(5)]));
        let function = of(formulas);
        let simpler = factored(&function);
        assert_same(&function, &simpler, 3);
        assert_eq!(gates(&simpler), 4, "{simpler:?}");
    }
}
