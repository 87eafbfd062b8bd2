//! Generated trees of the sizes of published ones, against counts and probabilities that are worked out here.
//!
//! Blocks of a few events that share subtrees are enumerated; trees of `and`, `or` and `atleast` join hundreds of blocks that share
//! nothing, so that probabilities and numbers of minimal cut sets follow from those of the blocks, in exact fractions and whole
//! numbers. Trees whose events are shared all over are expanded from the top, as MOCUS does (Fussell, Vesely 1972).

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::enumerated::{Random, happens, random_tree};
use crate::{assert_rel, event, exact, one, solved, tree};
use ninefold::topology::fault_tree::{BasicEvent, FaultTree, Formula, FormulaId};

/// A part of a tree: where it stands, how likely it is, and how many minimal cut sets it has.
#[derive(Clone)]
struct Known {
    formula: FormulaId,
    probability: BigRational,
    cut_sets: BigInt,
}

/// The states of a small tree in which it happens, and which of them are minimal.
fn enumerate(small: &FaultTree) -> (BigRational, BigInt) {
    let events = small.events.len();
    let states: Vec<usize> = (0..1 << events).filter(|state| happens(small, *state)).collect();
    let weight = |state: usize| -> BigRational {
        small.events.iter().enumerate().fold(one(), |product, (index, event)| {
            let probability = event.probability;
            product * exact(if state >> index & 1 == 1 { probability.value() } else { probability.complement() })
        })
    };
    let is_minimal =
        |state: &&usize| (0..events).all(|bit| **state >> bit & 1 == 0 || !happens(small, **state ^ 1 << bit));
    let count = states.iter().filter(is_minimal).count();
    (states.iter().map(|state| weight(*state)).fold(exact(0.0), |sum, one| sum + one), BigInt::from(count))
}

/// The states with at least `need` of the parts, one part after the other.
fn at_least(need: usize, parts: &[Known]) -> (BigRational, BigInt) {
    let mut exactly = vec![one()];
    let mut chosen = vec![BigInt::from(1)];
    for part in parts {
        let fails = |exactly: &[BigRational], k: usize| match k {
            0 => exact(0.0),
            k => &exactly[k - 1] * &part.probability,
        };
        let holds = |exactly: &[BigRational], k: usize| {
            exactly.get(k).map_or_else(|| exact(0.0), |before| before * (one() - &part.probability))
        };
        exactly = (0..=exactly.len()).map(|k| fails(&exactly, k) + holds(&exactly, k)).collect();
        let with = |k: usize| if k == 0 { BigInt::from(0) } else { &chosen[k - 1] * &part.cut_sets };
        chosen =
            (0..=chosen.len()).map(|k| with(k) + chosen.get(k).cloned().unwrap_or_else(|| BigInt::from(0))).collect();
    }
    let probability = exactly[need..].iter().fold(exact(0.0), |sum, one| sum + one);
    (probability, chosen[need].clone())
}

/// A tree over `blocks` blocks of shared events.
fn large(random: &mut Random, blocks: usize) -> (FaultTree, Known) {
    let (mut formulas, mut events): (Vec<Formula>, Vec<BasicEvent>) = (Vec::new(), Vec::new());
    let mut parts: Vec<Known> = Vec::new();
    while parts.len() < blocks {
        let small = random_tree(random, 6, 9, true);
        let (probability, cut_sets) = enumerate(&small);
        if probability == exact(0.0) || probability == one() {
            continue;
        }
        let (first_formula, first_event) = (formulas.len(), events.len());
        let moved = |id: &FormulaId| FormulaId(first_formula + id.0);
        for formula in &small.formulas {
            formulas.push(match formula {
                Formula::Event(event) => Formula::Event(first_event + event),
                Formula::Constant(value) => Formula::Constant(*value),
                Formula::And(of) => Formula::And(of.iter().map(moved).collect()),
                Formula::Or(of) => Formula::Or(of.iter().map(moved).collect()),
                Formula::AtLeast(need, of) => Formula::AtLeast(*need, of.iter().map(moved).collect()),
                Formula::Not(_) | Formula::Xor(_) => panic!("the small trees are coherent"),
            });
        }
        for (index, small) in small.events.iter().enumerate() {
            events.push(event(first_event + index, small.probability.value(), small.probability.complement(), None));
        }
        parts.push(Known { formula: moved(&small.root), probability, cut_sets });
    }
    while parts.len() > 1 {
        let size = (2 + random.below(5)).min(parts.len());
        let start = random.below(parts.len() - size + 1);
        let of: Vec<Known> = parts.drain(start..start + size).collect();
        let need = match random.below(4) {
            0 => of.len(),
            1 => 1 + random.below(of.len()),
            _ => 1,
        };
        let (probability, cut_sets) = at_least(need, &of);
        let names: Vec<FormulaId> = of.iter().map(|part| part.formula).collect();
        formulas.push(match need {
            1 => Formula::Or(names),
            need if need == of.len() => Formula::And(names),
            need => Formula::AtLeast(need, names),
        });
        parts.insert(start, Known { formula: FormulaId(formulas.len() - 1), probability, cut_sets });
    }
    let known = parts.remove(0);
    let mut tree = tree(formulas, events);
    tree.root = known.formula;
    (tree, known)
}

#[test]
fn trees_of_hundreds_of_blocks_have_their_exact_probability_and_count() {
    let mut random = Random(41);
    // The published trees have 25 to 1,567 events.
    for blocks in [4, 10, 20, 40, 60, 90, 120, 180, 260] {
        for _ in 0..3 {
            let (tree, known) = large(&mut random, blocks);
            let solved = solved(&tree, 0);
            assert_rel(solved.unavailability, &known.probability, 1e-12, &format!("{blocks} blocks"));
            let sets = solved.structure.cut_sets.expect("cut sets");
            match sets.count {
                Some(count) => assert_eq!(BigInt::from(count), known.cut_sets, "{blocks} blocks"),
                None => assert!(known.cut_sets > BigInt::from(u128::MAX), "{blocks} blocks"),
            }
        }
    }
}

type Set = BTreeSet<usize>;

/// The minimal sets below a formula, by expansion.
fn expand(tree: &FaultTree, formula: FormulaId) -> BTreeSet<Set> {
    let of = match &tree.formulas[formula.0] {
        Formula::Event(event) => return BTreeSet::from([Set::from([*event])]),
        Formula::Constant(value) => return if *value { BTreeSet::from([Set::new()]) } else { BTreeSet::new() },
        Formula::And(of) => return product(tree, of),
        Formula::Or(of) | Formula::AtLeast(_, of) => of,
        Formula::Not(_) | Formula::Xor(_) => panic!("the tree is coherent"),
    };
    let need = if let Formula::AtLeast(need, _) = &tree.formulas[formula.0] { *need } else { 1 };
    let mut found = BTreeSet::new();
    for chosen in (0..1_usize << of.len()).filter(|chosen| chosen.count_ones() as usize == need) {
        let some: Vec<FormulaId> =
            of.iter().enumerate().filter(|(place, _)| chosen >> place & 1 == 1).map(|(_, id)| *id).collect();
        found.extend(product(tree, &some));
    }
    minimal(found)
}

fn product(tree: &FaultTree, of: &[FormulaId]) -> BTreeSet<Set> {
    of.iter().fold(BTreeSet::from([Set::new()]), |sets, child| {
        let other = expand(tree, *child);
        minimal(sets.iter().flat_map(|set| other.iter().map(move |more| set | more)).collect())
    })
}

fn minimal(sets: BTreeSet<Set>) -> BTreeSet<Set> {
    let mut by_size: Vec<Set> = sets.into_iter().collect();
    by_size.sort_by_key(Set::len);
    let mut kept: Vec<Set> = Vec::new();
    for set in by_size {
        if !kept.iter().any(|smaller| smaller.is_subset(&set)) {
            kept.push(set);
        }
    }
    kept.into_iter().collect()
}

#[test]
fn cut_sets_of_tangled_trees_are_those_of_an_expansion_from_the_top() {
    let mut random = Random(77);
    let mut largest = 0;
    for _ in 0..40 {
        let tree = random_tree(&mut random, 30, 24, true);
        let expected = expand(&tree, tree.root);
        let solved = solved(&tree, 100_000);
        let sets = solved.structure.cut_sets.expect("cut sets");
        let name = |event: &usize| format!("e{event}");
        let listed: BTreeSet<Vec<String>> = sets.listed.iter().map(|set| set.events.clone()).collect();
        let expected: BTreeSet<Vec<String>> = expected.iter().map(|set| set.iter().map(name).collect()).collect();
        assert_eq!(sets.count, Some(expected.len() as u128));
        assert_eq!(listed, expected);
        largest = largest.max(expected.len());
    }
    assert!(largest >= 15, "{largest} sets at most");
}
