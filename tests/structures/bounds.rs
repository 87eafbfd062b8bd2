//! Bounds of structures against their exact probabilities: always inside.

use crate::enumerated::{Random, random_tree};
use crate::{exact, solved, tree, written};
use ninefold::measure::{BoundsEnd, NoObserver, Observer, Progress, Stop};
use ninefold::structure::bounded::bound;
use ninefold::structure::build::BuildError;
use ninefold::structure::solved::{StructureSettings, solve};
use ninefold::topology::fault_tree::{Formula, FormulaId};

#[test]
fn bounds_of_random_trees_hold_the_exact_value() {
    let mut random = Random(17);
    let mut bounded = 0;
    for case in 0..240 {
        let tree = random_tree(&mut random, 24, 60, case % 2 == 0);
        let exact = solved(&tree, 0);
        for most_nodes in [40, 200, 100_000] {
            let found = bound(&tree, most_nodes, 1e-9, &NoObserver).expect("bounds");
            let (lower, upper) = (found.unavailability.lower, found.unavailability.upper);
            // The exact value is itself good to its accuracy.
            let room = exact.relative_accuracy * exact.unavailability;
            assert!(lower <= exact.unavailability + room, "{case}: {lower:e} is above {:e}", exact.unavailability);
            assert!(upper >= exact.unavailability - room, "{case}: {upper:e} is below {:e}", exact.unavailability);
            bounded += usize::from(found.bounded_modules > 0);
        }
    }
    assert!(bounded > 15, "{bounded} trees only were too large");
}

/// Failures of three random units of ninety-nine, as often as there are units: a diagram that no order makes small.
fn tangled(random: &mut Random) -> ninefold::topology::fault_tree::FaultTree {
    let events = 99;
    let mut formulas: Vec<Formula> = (0..events).map(Formula::Event).collect();
    for _ in 0..events {
        let of = (0..3).map(|_| FormulaId(random.below(events))).collect();
        formulas.push(Formula::And(of));
    }
    formulas.push(Formula::Or((events..2 * events).map(FormulaId).collect()));
    tree(formulas, (0..events).map(|index| written(index, "0.01")).collect())
}

#[test]
fn a_tangled_structure_is_bounded_closely_by_few_nodes() {
    let tangled = tangled(&mut Random(2));
    let found = bound(&tangled, 2_000_000, 1e-3, &NoObserver).expect("bounds");
    assert_eq!((found.modules, found.bounded_modules), (1, 1), "{found:?}");
    let width = found.unavailability.relative_width();
    assert!(width < 0.8, "{found:?}");
    // The sum over all triples is an upper bound; what it counts twice is below a tenth.
    let triples: f64 = tangled.formulas[99..198]
        .iter()
        .map(|formula| {
            let distinct: std::collections::BTreeSet<_> = formula.children().iter().collect();
            0.01_f64.powi(distinct.len() as i32)
        })
        .sum();
    assert!(
        found.unavailability.lower < triples && found.unavailability.upper > 0.9 * triples,
        "{found:?} {triples:e}"
    );
}

/// Ends the work when it has been asked so often.
struct After(std::sync::atomic::AtomicI64);

impl Observer for After {
    fn stop(&self) -> Option<Stop> {
        let left = self.0.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
        (left <= 0).then_some(Stop::TimeLimit)
    }

    fn progress(&self, _: &Progress) {}
}

#[test]
fn an_observer_ends_every_pass_and_keeps_what_there_is() {
    let tangled = tangled(&mut Random(2));
    let mut ends = Vec::new();
    for asked in [0, 8, 300] {
        match bound(&tangled, 20_000_000, 1e-9, &After(asked.into())) {
            Err(Stop::TimeLimit) => ends.push("nothing"),
            Ok(found) if found.ended_by == BoundsEnd::Stopped(Stop::TimeLimit) => {
                assert!(found.unavailability.lower <= found.unavailability.upper);
                ends.push("bounds");
            }
            other => panic!("{asked}: {other:?}"),
        }
    }
    assert_eq!(ends.first(), Some(&"nothing"));
    assert!(exact(0.0) < exact(1.0) && ends.contains(&"bounds"), "{ends:?}");
}

#[test]
fn a_diagram_that_is_too_large_is_given_up_soon_and_anywhere() {
    let tangled = tangled(&mut Random(2));
    let settings = StructureSettings { most_nodes: 200_000, ..StructureSettings::default() };
    let watch = After(1_000_000.into());
    let refused = solve(&tangled, &settings, &watch).unwrap_err();
    assert!(matches!(refused, BuildError::TooLarge { limit: 200_000, orders: 5, .. }), "{refused:?}");
    // The observer is asked every 32,768 steps, and whenever a diagram is squeezed.
    let asked = 1_000_000 - watch.0.into_inner();
    assert!((3..200).contains(&asked), "asked {asked} times");
    for before in [0, asked / 2, asked - 1] {
        let stopped = solve(&tangled, &settings, &After(before.into())).unwrap_err();
        assert_eq!(stopped, BuildError::Stopped(Stop::TimeLimit), "after {before}");
    }
}
