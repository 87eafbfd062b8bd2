//! Every engine against every other, and against references that share nothing with them.
//!
//! - [`library`]: the models of `tests/models`, one for each rule of the topology; [`generated`]: random ones with every field.
//! - [`naive`]: an independent reading of the rules, unit by unit; [`closed`]: formulas of the literature; [`rational`]: chains
//!   built by hand, in exact fractions. The exact engine must give their numbers ([`compare`]).
//! - [`simulated`]: intervals of the simulator must hold the numbers of the exact engine.
//! - [`equivalent`]: the same for times that are not exponential where parts depend on each other.
//! - [`hot`]: hot standbys that take over at once, which the exact engine holds for active units.
//! - [`page`]: `docs/validation.md` shows all of it.
//! - [`alike`]: topologies with groups that differ by name only, which the exact engine holds for one another.
//! - [`bounds`]: chains explored in part, whose bounds must hold the exact value.
//! - [`phases`]: chains with times made of phases, against references of 20 digits.
//! - [`product`]: groups on one crew that need no chain.
//! - [`zones`]: topologies ([`zoned`]) with domains that differ by name only, which the exact engine holds for one another.
//! - [`properties`]: what must hold between the answers for a topology and for a changed one.

mod relative;

mod alike;
mod answers;
mod bounds;
mod closed;
mod compare;
mod equivalent;
mod generated;
mod hot;
mod library;
mod naive;
mod page;
mod phases;
mod product;
mod properties;
mod random;
mod rational;
mod simulated;
mod zoned;
mod zones;

use ninefold::exact;
use ninefold::measure::{Estimate, NoObserver};
use ninefold::topology::template::TEMPLATES;

use crate::answers::{MOST_STATES, about, answers};
use crate::closed::closed_forms;
use crate::compare::{disagreements, pairs};
use crate::library::{parsed, solved};
use crate::rational::chains;
use crate::relative::assert_rel;
use crate::simulated::{Misses, checks};

/// Elimination keeps a few ulp for each of its states, of which there are up to 3,000 (2e-16 each, when they all add up); the
/// exact engine stops at a residual of some 1e-15, which a chain of a few slow steps multiplies.
const NAIVE_TOLERANCE: f64 = 1e-12;
/// The closed forms are short sums of positive terms (the few differences are between numbers of other sizes): a few ulp.
/// Fractions are rounded once. The exact engine as above.
const FORMULA_TOLERANCE: f64 = 1e-12;

#[test]
fn exact_engine_agrees_with_the_naive_solver_on_every_model() {
    let disagree = |answers: &answers::Answers| {
        disagreements(&answers.case.name, &pairs(&answers.exact, &answers.naive), NAIVE_TOLERANCE)
    };
    let wrong: Vec<String> = answers().iter().flat_map(disagree).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn exact_engine_agrees_with_the_naive_solver_on_small_templates() {
    let mut wrong = Vec::new();
    let mut taken = 0;
    for template in TEMPLATES {
        let model = parsed(template.text, template.name);
        let Some(naive) = naive::solve(&model, MOST_STATES) else { continue };
        taken += 1;
        let (exact, _) = solved(&model, template.name);
        wrong.extend(disagreements(template.name, &pairs(&exact, &naive), NAIVE_TOLERANCE));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(taken >= 6, "only {taken} templates were small enough");
}

#[test]
fn exact_engine_matches_closed_forms() {
    for form in closed_forms() {
        let exact = &about(form.model).exact;
        assert_rel(exact.unavailability, form.unavailability, FORMULA_TOLERANCE, form.model);
        assert_eq!(exact.failure_frequency.is_some(), form.frequency.is_some(), "{}", form.model);
        if let (Some(frequency), Some(expected)) = (exact.failure_frequency, form.frequency) {
            assert_rel(frequency, expected, FORMULA_TOLERANCE, &format!("frequency of {}", form.model));
        }
    }
}

#[test]
fn exact_engine_matches_chains_in_exact_fractions() {
    for chain in chains() {
        let exact = &about(chain.model).exact;
        let (unavailability, frequency) = chain.solve();
        assert_rel(exact.unavailability, unavailability, FORMULA_TOLERANCE, chain.model);
        let found = exact.failure_frequency.expect("the chain has times");
        assert_rel(found, frequency, FORMULA_TOLERANCE, &format!("frequency of {}", chain.model));
    }
}

/// Which units own which slots changes once in many repairs here, or a crew is overloaded: sweeps from state to state gain nothing. The
/// references are another program's, which eliminates the states of the chain without any symmetry one by one.
#[test]
fn chains_that_forget_slowly_are_solved_and_proven() {
    let zones = |component: &str, zone: &str| {
        format!(
            "[component.c]\n{component}\n[domain.z0]\n{zone}\n[domain.z1]\n{zone}\n[group.g]\ncomponent = \"c\"\nactive = 2\n\
             need = 1\nstandby = 1\nfailover = {{ takes = \"2m\" }}\nspread = [\"z0\", \"z1\"]\n[system]\nup = \"g\"\n"
        )
    };
    let restarted =
        zones("mtbf = \"30d\"\nrestart = { takes = \"0s\" }\ndetect = \"10s\"", "mtbf = \"1y\"\nmttr = \"2h\"");
    let pair = |name: &str| {
        format!(
            "[group.{name}]\ncomponent = \"c\"\nactive = 1\nstandby = {{ count = 1, mode = \"cold\" }}\ncrew = \"k\"\n"
        )
    };
    let overloaded = format!(
        "[component.c]\nmtbf = \"1d\"\nrepair = \"4d\"\ndetect = \"30s\"\n{}{}[crew.k]\nsize = 1\n[system]\nup = \"a and b\"\n",
        pair("a"),
        pair("b"),
    );
    let models =
        [(restarted, 2.0010847447075875e-6, 0.5029280548352234), (overloaded, 0.9794278807652054, 15.017647041400105)];
    for (text, unavailability, frequency) in models {
        let model = parsed(&text, "a chain that forgets slowly");
        let found = exact::solve(&model, &exact::Settings::default(), &NoObserver).expect("it is solved");
        assert!(found.relative_accuracy < 1e-11, "{:e}", found.relative_accuracy);
        assert_rel(found.unavailability, unavailability, 1e-13, &text);
        let found = found.failure_frequency.expect("it has times") * 31_536_000.0;
        assert_rel(found, frequency, 1e-13, &text);
    }
}

/// The exact engine says how good its numbers are: a proven bound, well below what is asked of it.
#[test]
fn exact_engine_keeps_the_accuracy_that_it_reports() {
    for answers in answers() {
        let (exact, naive, name) = (&answers.exact, &answers.naive, &answers.case.name);
        let enough = 1e-11;
        assert!(exact.relative_accuracy <= enough, "{name} promises only {:e}", exact.relative_accuracy);
        // Room for the rounding of the reference.
        let promised = exact.relative_accuracy + 1e-13;
        assert_rel(exact.unavailability, naive.unavailability, promised, name);
        assert_rel(exact.availability, naive.availability, promised, name);
        if let (Some(found), Some(expected)) = (exact.failure_frequency, naive.failure_frequency) {
            assert_rel(found, expected, promised, name);
        }
    }
    for chain in chains() {
        let (exact, (unavailability, _)) = (&about(chain.model).exact, chain.solve());
        assert_rel(exact.unavailability, unavailability, exact.relative_accuracy, chain.model);
    }
}

#[test]
fn plain_intervals_hold_the_exact_values_of_the_library() {
    let mut misses = Misses::default();
    for answers in answers() {
        if let Some(plain) = &answers.plain {
            misses.add(&answers.case.name, &checks(&answers.exact, plain));
        }
    }
    misses.assert_few();
}

/// Models that importance sampling does not take, with the reason.
const WITHOUT_IMPORTANCE: [&str; 0] = [];

#[test]
fn importance_intervals_hold_the_exact_values_of_the_library() {
    let mut misses = Misses::default();
    let mut without = Vec::new();
    for answers in answers() {
        let name = answers.case.name.as_str();
        if let Some(importance) = &answers.importance {
            misses.add(name, &checks(&answers.exact, importance));
        } else if answers.plain.is_some() {
            without.push(name);
        }
    }
    misses.assert_few();
    assert_eq!(without, WITHOUT_IMPORTANCE);
}

/// Two intervals for one value have a point in common.
#[test]
fn plain_and_importance_intervals_agree() {
    let mut apart = Vec::new();
    for answers in answers() {
        let (Some(plain), Some(importance)) = (&answers.plain, &answers.importance) else { continue };
        let pairs = [
            (Some(plain.unavailability), Some(importance.unavailability)),
            (plain.failure_frequency, importance.failure_frequency),
            (plain.mean_down_time, importance.mean_down_time),
        ];
        for (one, other) in pairs.into_iter().filter_map(|(one, other)| Some((one?, other?))) {
            let above =
                |a: Estimate, b: Estimate| a.low.zip(b.high).is_some_and(|(low, high)| low > high * (1.0 + 1e-9));
            if above(one, other) || above(other, one) {
                apart.push(format!("{}: {one:?} {other:?}", answers.case.name));
            }
        }
    }
    assert!(apart.is_empty(), "{}", apart.join("\n"));
}
