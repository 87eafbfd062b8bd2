//! Structures with closed forms or a recursion of their own, in exact fractions.

use num_rational::BigRational;

use crate::{assert_rel, event, exact, one, solved, tree, written};
use ninefold::topology::fault_tree::{BasicEvent, EventRates, Formula, FormulaId};

/// Success as paths over working parts, and the top event as its negation.
fn down_unless(paths: &[Vec<usize>], events: Vec<BasicEvent>) -> ninefold::topology::fault_tree::FaultTree {
    let count = events.len();
    let mut formulas: Vec<Formula> = (0..count).map(Formula::Event).collect();
    formulas.extend((0..count).map(|event| Formula::Not(FormulaId(event))));
    let works = |event: &usize| FormulaId(count + event);
    let first = formulas.len();
    formulas.extend(paths.iter().map(|path| Formula::And(path.iter().map(works).collect())));
    formulas.push(Formula::Or((first..first + paths.len()).map(FormulaId).collect()));
    formulas.push(Formula::Not(FormulaId(formulas.len() - 1)));
    tree(formulas, events)
}

#[test]
fn a_bridge_in_success_logic_keeps_its_digits() {
    for text in ["1e-9", "1e-15"] {
        let events = (0..5).map(|index| written(index, text)).collect();
        let bridge = down_unless(&[vec![0, 3], vec![1, 4], vec![0, 2, 4], vec![1, 2, 3]], events);
        let q: BigRational = exact(text.parse().unwrap());
        // 2 q^2 + 2 q^3 - 5 q^4 + 2 q^5.
        let powers: Vec<BigRational> = (0..6).map(|power| q.pow(power)).collect();
        let two = exact(2.0);
        let expected = &two * (&powers[2] + &powers[3] + &powers[5]) - exact(5.0) * &powers[4];
        assert_rel(solved(&bridge, 0).unavailability, &expected, 1e-14, text);
    }
}

#[test]
fn five_hundred_pairs_in_series() {
    let q = 1e-9;
    let mut formulas: Vec<Formula> = (0..1000).map(Formula::Event).collect();
    formulas.extend((0..500).map(|pair| Formula::And(vec![FormulaId(2 * pair), FormulaId(2 * pair + 1)])));
    formulas.push(Formula::Or((1000..1500).map(FormulaId).collect()));
    let solved = solved(&tree(formulas, (0..1000).map(|index| written(index, "1e-9")).collect()), 3);
    let expected = one() - (one() - exact(q) * exact(q)).pow(500);
    // One product and one sum for each pair.
    assert_rel(solved.unavailability, &expected, 1e-13, "pairs");
    let sets = solved.structure.cut_sets.unwrap();
    assert_eq!((sets.count, sets.listed.len(), sets.single_points.len()), (Some(500), 3, 0));
}

#[test]
fn nine_hundred_and_ninety_of_a_thousand() {
    let (n, fatal) = (1000_u32, 11_u32);
    let mut formulas: Vec<Formula> = (0..n as usize).map(Formula::Event).collect();
    formulas.push(Formula::AtLeast(fatal as usize, (0..n as usize).map(FormulaId).collect()));
    let solved = solved(&tree(formulas, (0..n as usize).map(|index| written(index, "1e-4")).collect()), 0);
    let (q, a) = (exact(1e-4), one() - exact(1e-4));
    let mut choose = one();
    let mut expected = exact(0.0);
    // Each further failure is less than a hundredth as likely: what is left out is below 1e-80 of the sum.
    for failed in 0..=50 {
        if failed >= fatal {
            expected += &choose * q.pow(failed as i32) * a.pow((n - failed) as i32);
        }
        choose = choose * exact(f64::from(n - failed)) / exact(f64::from(failed + 1));
    }
    // A thousand levels of rounding, and a from decimal text.
    assert_rel(solved.unavailability, &expected, 1e-12, "990 of 1000");
    // C(1000, 11), by an independent program (Python 3.11, math.comb).
    assert_eq!(solved.structure.cut_sets.unwrap().count, Some(23_706_860_441_577_319_154_916_000));
    assert!(solved.nodes < 12_000, "{} nodes: k of n was expanded", solved.nodes);
}

/// A ladder of 2 by 10 nodes whose 28 edges fail; from one end of its upper side to the other. A way that goes back is never
/// shorter, so the nodes of a column that are reached decide about those of the next one.
#[test]
fn a_network_of_twenty_nodes() {
    const COLUMNS: usize = 10;
    let rung = |column: usize| column;
    let rail = |row: usize, column: usize| COLUMNS + 2 * column + row;
    let mut paths = Vec::new();
    for rows in 0..1_usize << (COLUMNS - 1) {
        let (mut path, mut row) = (Vec::new(), 0);
        for column in 0..COLUMNS - 1 {
            let next = rows >> column & 1;
            if next != row {
                path.push(rung(column));
            }
            row = next;
            path.push(rail(row, column));
        }
        if row == 1 {
            path.push(rung(COLUMNS - 1));
        }
        paths.push(path);
    }
    let (q, a) = (exact(1e-6), one() - exact(1e-6));
    let events = (0..28).map(|index| written(index, "1e-6")).collect();
    let network = down_unless(&paths, events);
    // Probability that exactly these nodes of the column are reached: none, upper, lower, both.
    let mut reached = [exact(0.0), one(), exact(0.0), exact(0.0)];
    for column in 0..COLUMNS {
        // The rung joins them.
        let [none, upper, lower, both] = reached;
        reached = [none, &upper * &q, &lower * &q, both + &upper * &a + &lower * &a];
        if column + 1 < COLUMNS {
            let [none, upper, lower, both] = reached;
            reached = [
                none + &upper * &q + &lower * &q + &both * &q * &q,
                &upper * &a + &both * &a * &q,
                &lower * &a + &both * &q * &a,
                both * &a * &a,
            ];
        }
    }
    let expected = &reached[0] + &reached[2];
    assert_rel(solved(&network, 0).unavailability, &expected, 1e-12, "network");
}

/// Down while exactly one of two is down: with the signed difference in place of rise and fall the frequency is wrong.
#[test]
fn the_frequency_of_a_structure_that_is_not_coherent() {
    let (lambda, mu) = ([0.25, 0.125], [4.0, 2.0]);
    let q = |index: usize| exact(lambda[index]) / (exact(lambda[index]) + exact(mu[index]));
    let events = (0..2).map(|index| {
        let total: f64 = lambda[index] + mu[index];
        let (down, up) = (lambda[index] / total, mu[index] / total);
        let rates = EventRates { begins: up * lambda[index], ends: down * mu[index], is_stationary: true };
        event(index, down, up, Some(rates))
    });
    let formulas = vec![Formula::Event(0), Formula::Event(1), Formula::Xor([FormulaId(0), FormulaId(1)])];
    let solved = solved(&tree(formulas, events.collect()), 9);
    let (q, a) = ([q(0), q(1)], [one() - q(0), one() - q(1)]);
    assert_rel(solved.unavailability, &(&q[0] * &a[1] + &a[0] * &q[1]), 1e-15, "probability");
    // It begins when one fails while both are up, and when one comes back while both are down.
    let fails = &a[0] * &a[1] * (exact(lambda[0]) + exact(lambda[1]));
    let returns = &q[0] * &q[1] * (exact(mu[0]) + exact(mu[1]));
    assert_rel(solved.failure_frequency.unwrap(), &(fails + returns), 1e-14, "frequency");
    assert_eq!(solved.structure.is_coherent, Some(false));
}

/// What a function is does not depend on how it is written: `(a xor b) or (a and b)` is `a or b`, and `a or (a and b)` is `a`.
#[test]
fn coherence_and_what_matters_are_those_of_the_function() {
    let stationary = EventRates { begins: 0.25, ends: 0.25, is_stationary: true };
    let events = vec![event(0, 0.25, 0.75, Some(stationary)), event(1, 0.5, 0.5, None), event(2, 0.5, 0.5, None)];
    let (a, b, c) = (FormulaId(0), FormulaId(1), FormulaId(2));
    let parts = vec![Formula::Event(0), Formula::Event(1), Formula::Event(2)];
    let with = |more: Vec<Formula>| solved(&tree([parts.clone(), more].concat(), events.clone()), 9);
    let (first, second) = (FormulaId(3), FormulaId(4));
    let either = with(vec![Formula::Xor([a, b]), Formula::And(vec![a, b]), Formula::Or(vec![first, second])]);
    assert_rel(either.unavailability, &exact(0.625), 1e-15, "a or b");
    assert_eq!((either.structure.is_coherent, either.structure.events), (Some(true), 2));
    assert_eq!(either.failure_frequency, None);
    let absorbed = with(vec![Formula::And(vec![a, b]), Formula::Or(vec![a, first])]);
    assert_eq!((absorbed.structure.is_coherent, absorbed.structure.events), (Some(true), 1));
    assert_rel(absorbed.failure_frequency.unwrap(), &exact(0.25), 1e-15, "the frequency of a");
    // (b xor c) xor ((not b) xor c) always happens, and its negation never.
    let never = with(vec![
        Formula::Xor([b, c]),
        Formula::Not(b),
        Formula::Xor([second, c]),
        Formula::Xor([first, FormulaId(5)]),
        Formula::Not(FormulaId(6)),
        Formula::Or(vec![a, FormulaId(7)]),
    ]);
    assert_eq!((never.structure.is_coherent, never.structure.events), (Some(true), 1));
    assert_rel(never.failure_frequency.unwrap(), &exact(0.25), 1e-15, "the frequency of a");
}
