//! Random trees of all kinds of gates with shared subtrees, against all states of their events in exact fractions.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use crate::{assert_rel, event, exact, one, solved, solved_with_bounds, tree};
use ninefold::measure::Bounds;
use ninefold::topology::fault_tree::{BasicEvent, EventRates, FaultTree, Formula, FormulaId};

/// A generator that is good enough to vary trees (Steele, Lea, Flood 2014, SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// A tree over so many events; every formula may be named by several others.
pub(crate) fn random_tree(random: &mut Random, events: usize, gates: usize, is_monotone: bool) -> FaultTree {
    let mut formulas: Vec<Formula> = (0..events).map(Formula::Event).collect();
    if random.below(8) == 0 {
        formulas.push(Formula::Constant(random.below(2) == 0));
    }
    for _ in 0..gates {
        let child = |random: &mut Random, count: usize| {
            let recent = random.below(2) == 0;
            FormulaId(if recent { count - 1 - random.below(count.min(6)) } else { random.below(count) })
        };
        let count = formulas.len();
        let size = 1 + random.below(4);
        let of: Vec<FormulaId> = (0..size).map(|_| child(random, count)).collect();
        let kinds = if is_monotone { 3 } else { 5 };
        formulas.push(match random.below(kinds) {
            0 => Formula::And(of),
            1 => Formula::Or(of),
            2 => Formula::AtLeast(random.below(of.len() + 1), of),
            3 => Formula::Not(of[0]),
            _ => Formula::Xor([of[0], of[of.len() - 1]]),
        });
    }
    let events = (0..events).map(|index| random_event(random, index)).collect();
    tree(formulas, events)
}

/// Probabilities are multiples of a power of two, so that they, their complements and products with rates are exact doubles.
fn random_event(random: &mut Random, index: usize) -> BasicEvent {
    let bits = [2, 5, 12, 40][random.below(4)];
    let unit = 2.0_f64.powi(-bits);
    let down = unit * (1 + random.below(3)) as f64;
    let rates = EventRates { begins: (1.0 - down) * 0.25, ends: down * 4.0, is_stationary: true };
    event(index, down, 1.0 - down, Some(rates))
}

pub(crate) fn happens(tree: &FaultTree, state: usize) -> bool {
    let mut values: Vec<bool> = Vec::new();
    for formula in &tree.formulas {
        let count = |of: &[FormulaId]| of.iter().filter(|child| values[child.0]).count();
        values.push(match formula {
            Formula::Event(event) => state >> event & 1 == 1,
            Formula::Constant(value) => *value,
            Formula::Not(of) => !values[of.0],
            Formula::And(of) => of.iter().all(|child| values[child.0]),
            Formula::Or(of) => of.iter().any(|child| values[child.0]),
            Formula::Xor([a, b]) => values[a.0] != values[b.0],
            Formula::AtLeast(need, of) => count(of) >= *need,
        });
    }
    values[tree.root.0]
}

/// All probabilities are whole multiples of this.
const UNIT_BITS: i32 = 40;

/// What the states say.
struct States {
    happens: Vec<bool>,
    /// In the unit of as many events.
    weights: Vec<BigInt>,
    unit: BigInt,
}

impl States {
    fn of(tree: &FaultTree) -> Self {
        let happens = (0..1 << tree.events.len()).map(|state| happens(tree, state)).collect();
        let whole = |share: f64| BigInt::from((share * 2.0_f64.powi(UNIT_BITS)) as u64);
        let mut weights = vec![BigInt::from(1)];
        for event in &tree.events {
            let (down, up) = (whole(event.probability.value()), whole(event.probability.complement()));
            let with: Vec<BigInt> = weights.iter().map(|weight| weight * &down).collect();
            weights = weights.iter().map(|weight| weight * &up).chain(with).collect();
        }
        let unit = BigInt::from(1) << (UNIT_BITS as usize * tree.events.len());
        Self { happens, weights, unit }
    }

    fn sum(&self, is_counted: impl Fn(usize) -> bool) -> BigRational {
        let counted = (0..self.weights.len()).filter(|state| is_counted(*state));
        BigRational::new(counted.map(|state| &self.weights[state]).sum(), self.unit.clone())
    }

    /// Minimal states in which it happens.
    fn minimal(&self) -> Vec<usize> {
        let states: Vec<usize> = (0..self.happens.len()).filter(|state| self.happens[*state]).collect();
        let is_minimal = |state: &&usize| !states.iter().any(|other| other != *state && *other & **state == *other);
        states.iter().filter(is_minimal).copied().collect()
    }
}

fn check(tree: &FaultTree) {
    let (states, solved, bounded) = (States::of(tree), solved(tree, 1 << 12), solved_with_bounds(tree));
    let structure = &solved.structure;
    let top = states.sum(|state| states.happens[state]);
    assert!(solved.relative_accuracy < 1e-13);
    assert_rel(solved.unavailability, &top, solved.relative_accuracy, "probability");
    assert_rel(solved.availability, &(one() - &top), solved.relative_accuracy, "complement");
    let minimal = states.minimal();
    let sets = structure.cut_sets.as_ref().unwrap();
    assert_eq!(sets.count, Some(minimal.len() as u128));
    let number = |name: &String| name[1..].parse::<usize>().unwrap();
    let mut listed: Vec<usize> =
        sets.listed.iter().map(|set| set.events.iter().map(|name| 1 << number(name)).sum()).collect();
    assert!(sets.listed.is_sorted_by(|a, b| a.probability * (1.0 + 1e-11) >= b.probability), "likeliest first");
    listed.sort_unstable();
    assert_eq!(listed, minimal);
    let singles: Vec<usize> = sets.single_points.iter().map(number).collect();
    let expected: Vec<usize> = (0..tree.events.len()).filter(|event| minimal.contains(&(1 << event))).collect();
    assert_eq!(singles, expected);
    let (mut frequency, mut is_coherent) = (BigRational::zero(), true);
    for (index, event) in tree.events.iter().enumerate() {
        let bit = 1 << index;
        let down = exact(event.probability.value());
        let up = exact(event.probability.complement());
        let rise = states.sum(|s| s & bit == 0 && !states.happens[s] && states.happens[s | bit]) / &up;
        let fall = states.sum(|s| s & bit == 0 && states.happens[s] && !states.happens[s | bit]) / &up;
        let rates = event.rates.unwrap();
        let begun = &rise * exact(rates.begins) + &fall * exact(rates.ends);
        frequency += &begun;
        let Some(found) = structure.importance.iter().find(|found| found.of == event.name) else {
            assert!(rise.is_zero() && fall.is_zero(), "{} matters", event.name);
            continue;
        };
        assert!(!(rise.is_zero() && fall.is_zero()), "{} does not matter", event.name);
        is_coherent &= fall.is_zero();
        // Rise and fall are sharp; their difference is as far off as the larger one.
        let birnbaum = &rise - &fall;
        let larger = if rise > fall { &rise } else { &fall };
        let off = (exact(found.birnbaum) - &birnbaum).to_f64().unwrap().abs();
        assert!(off <= 1e-13 * larger.to_f64().unwrap(), "Birnbaum of {}", event.name);
        if top.is_zero() {
            continue;
        }
        let with = states.sum(|s| s & bit != 0 && states.happens[s]) / &down;
        let without = states.sum(|s| s & bit == 0 && states.happens[s]) / &up;
        let tolerance = 1e-12;
        assert_rel(found.risk_achievement.unwrap(), &(&with / &top), tolerance, "RAW");
        assert_rel(found.diagnostic.unwrap(), &(&with * &down / &top), tolerance, "diagnostic");
        if without.is_zero() {
            assert!(found.risk_reduction.unwrap().is_infinite());
        } else {
            assert_rel(found.risk_reduction.unwrap(), &(&top / &without), tolerance, "RRW");
        }
        let holding: Vec<usize> = minimal.iter().copied().filter(|set| set & bit != 0).collect();
        let covered = states.sum(|s| holding.iter().any(|set| set & s == *set));
        let expected = covered / &top;
        assert_rel(found.fussell_vesely.unwrap(), &expected, tolerance, "Fussell-Vesely");
        let found = bounded.structure.importance.iter().find(|found| found.of == event.name).unwrap();
        // Where no cut set has any event, the number is known to be 0.
        let is_known = |bounds: &Bounds| found.fussell_vesely.is_some() || bounds.lower > bounds.upper;
        let bounds = found.fussell_vesely_bounds.or(found.fussell_vesely.map(|of| Bounds { lower: of, upper: of }));
        let bounds = bounds.expect("two ends in place of the number");
        assert!(!is_known(&bounds) || minimal == [0], "{bounds:?}");
        let is_between = exact(bounds.lower) <= expected && expected <= exact(bounds.upper);
        assert!(is_between, "Fussell-Vesely {:?} is not within {bounds:?}", expected.to_f64());
    }
    assert_eq!(structure.is_coherent, Some(is_coherent));
    if !structure.importance.is_empty() && !frequency.is_zero() {
        assert_rel(solved.failure_frequency.unwrap(), &frequency, 1e-12, "frequency");
        let shares: f64 = structure.importance.iter().filter_map(|found| found.barlow_proschan).sum();
        assert!((shares - 1.0).abs() < 1e-12, "the shares of the outages add up to {shares}");
    }
}

#[test]
fn random_monotone_trees_match_their_states() {
    let mut random = Random(1);
    for _ in 0..120 {
        let (events, gates) = (1 + random.below(8), 1 + random.below(18));
        check(&random_tree(&mut random, events, gates, true));
    }
}

#[test]
fn random_trees_of_all_gates_match_their_states() {
    let mut random = Random(2);
    for _ in 0..160 {
        let (events, gates) = (1 + random.below(8), 1 + random.below(22));
        check(&random_tree(&mut random, events, gates, false));
    }
}

#[test]
fn sixteen_events_match_their_states() {
    let mut random = Random(3);
    for case in 0..6 {
        let tree = random_tree(&mut random, 16, 40, case % 2 == 0);
        let (states, solved) = (States::of(&tree), solved(&tree, 0));
        let top = states.sum(|state| states.happens[state]);
        assert_rel(solved.unavailability, &top, solved.relative_accuracy, "probability");
        assert_rel(solved.availability, &(one() - &top), solved.relative_accuracy, "complement");
    }
}
