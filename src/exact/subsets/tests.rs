use super::pooled::Pooled;
use super::worst::{self, Limits};
use super::{Found, Subsets};
use crate::dynamics::Dynamics;
use crate::exact::{self, Settings};
use crate::measure::{Bounds, ExactMeasures, NoObserver};
use crate::quantity::DEFAULT_YEAR_SECONDS;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::readings::Readings;
use crate::topology::read::{Syntax, read};
use crate::topology::system::{Expression, Part};
use crate::topology::{GroupId, Model};

fn model(text: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"))
}

fn exact(model: &Model) -> ExactMeasures {
    let settings = Settings { max_states: 500_000, ..Settings::default() };
    exact::solve(model, &settings, &NoObserver).expect("a solution")
}

/// A component of that name, mean time to failure and repair in hours, and delay of noticing in seconds.
fn component(name: &str, [life, repair]: [f64; 2], detect: usize) -> String {
    let rest = format!("mtbf = \"{life}h\"\nmttr = \"{repair}h\"\ndetect = \"{detect}s\"\n");
    format!("[component.{name}]\n{rest}")
}

/// Groups of that text on a crew of so many, all of which must be up.
fn system(components: &str, groups: &[String], crew: usize) -> String {
    let table = |(number, group): (usize, &String)| format!("[group.g{number}]\n{group}crew = \"c\"\n");
    let tables: String = groups.iter().enumerate().map(table).collect();
    let names: Vec<String> = (0..groups.len()).map(|number| format!("g{number}")).collect();
    format!("{components}[crew.c]\nsize = {crew}\n{tables}[system]\nup = \"{}\"\n", names.join(" and "))
}

fn pair(component: &str, standby: &str) -> String {
    let failover = "failover = { takes = \"20s\", works = 0.98, otherwise = \"30m\" }\n";
    format!("component = \"{component}\"\nactive = 1\nstandby = {standby}\n{failover}")
}

fn pairs(count: usize, crew: usize) -> String {
    system(&component("s", [720.0, 1.0], 10), &vec![pair("s", "1"); count], crew)
}

/// What the groups of the only module say, to that precision.
fn found(model: &Model, precision: f64) -> Option<Found> {
    let partition = Partition::of(model, Purpose::Availability);
    let [scope] = partition.modules.as_slice() else { panic!("one module") };
    let readings = Readings::of_module(model, &partition, scope);
    Subsets::of(model, scope, &readings)?.solve(&Settings::default(), precision, &NoObserver)
}

/// Unavailability and frequency, each at least and at most.
fn ends(found: &Found) -> [[f64; 2]; 2] {
    let (low, high) = (&found.solved.low, &found.solved.high);
    [[low.probabilities[1], high.probabilities[1]], [low.flows[0].rate, high.flows[0].rate]]
}

/// The larger relative width of both, if the exact values lie between their ends.
fn width_around(exact: &ExactMeasures, ends: [[f64; 2]; 2], name: &str) -> f64 {
    let values = [exact.unavailability, exact.failure_frequency.expect("a frequency")];
    let width = |(value, [low, high]): (f64, [f64; 2])| {
        let room = value * exact.relative_accuracy;
        assert!(low <= value + room && value - room <= high, "{name}: {value:e} is not from {low:e} to {high:e}");
        (high - low) / value
    };
    values.into_iter().zip(ends).map(width).fold(0.0, f64::max)
}

#[test]
fn four_pairs_lie_between_their_sums() {
    let model = model(&pairs(4, 2));
    let exact = exact(&model);
    let found = found(&model, 1e-12).expect("bounds");
    // Three pairs are down at once 5e-10 of the downtime.
    let width = width_around(&exact, ends(&found), "four pairs");
    assert!(width < 1e-8, "{width}");
    assert!(found.states < exact.states.expect("a chain"), "{} states", found.states);
}

#[test]
fn a_few_groups_among_pools_are_as_they_are_in_the_whole_chain() {
    let components = component("a", [300.0, 1.0], 10) + &component("b", [500.0, 3.0], 60);
    let groups = [pair("a", "1"), pair("b", "1"), "component = \"a\"\nactive = 2\nneed = 1\n".to_owned()];
    for crew in [1, 2] {
        let whole = model(&system(&components, &groups, crew));
        let scope = Partition::of(&whole, Purpose::Availability).modules.remove(0);
        for names in ["g0", "g1", "g2", "g0 or g1", "g1 or g2"] {
            let kept: Vec<usize> = names.split(" or ").map(|name| name[1..].parse().expect("a number")).collect();
            let kept: Vec<GroupId> = kept.into_iter().map(GroupId).collect();
            let text = system(&components, &groups, crew).replace("g0 and g1 and g2", names);
            let expected = exact(&model(&text));
            let pooled = Pooled::of(&whole, &scope).expect("pools").model_with(&kept);
            let actual = exact(&pooled);
            assert!(actual.states <= expected.states, "{names}: {:?} of {:?}", actual.states, expected.states);
            let close = |actual: f64, expected: f64| (actual / expected - 1.0).abs() < 1e-12;
            assert!(close(actual.unavailability, expected.unavailability), "{names}, crew {crew}");
            let frequencies = actual.failure_frequency.zip(expected.failure_frequency).expect("frequencies");
            assert!(close(frequencies.0, frequencies.1), "{names}, crew {crew}: {frequencies:?}");
        }
    }
}

#[test]
fn units_that_feel_their_group_are_in_no_pool() {
    let text = pairs(4, 2);
    assert!(found(&model(&text), 1e-3).is_some());
    let one = |old: &str, new: &str| text.replacen(old, new, 1);
    let zone = "[domain.z]\nmtbf = \"1y\"\nmttr = \"1h\"\n[crew.c]";
    let others = [
        one("standby = 1", "standby = { count = 1, mode = \"warm\", ageing = 0.1 }"),
        one("standby = 1", "standby = { count = 1, mode = \"cold\" }"),
        one("standby = 1", "standby = { count = 1, check = \"1h\" }"),
        one("active = 1", "active = 1\nload = 1"),
        one("active = 1", "active = 1\ncommon_cause = { beta = 0.1 }"),
        one("active = 1", "active = 1\ndepends = [\"z\"]").replace("[crew.c]", zone),
        // No conjunction.
        text.replace("g0 and g1", "g0 or g1"),
        text.replace("g0 and g1", "(g0 and g1) and g0"),
        text.replace("g0 and g1 and g2 and g3", "2 of (g0, g1, g2, g3)"),
    ];
    let expected = [false, false, false, false, false, false, true, false, false];
    for (text, expected) in others.into_iter().zip(expected) {
        let model = model(&text);
        let partition = Partition::of(&model, Purpose::Availability);
        let readings = Readings::of_module(&model, &partition, &partition.modules[0]);
        let is_taken = Subsets::of(&model, &partition.modules[0], &readings).is_some();
        // `g0 or g1` beside `and` is one group of alternatives only where it stands in brackets.
        let expected = expected && text.contains("(g0 or g1)");
        assert_eq!(is_taken, expected, "{text}");
    }
}

#[test]
fn alternatives_in_a_conjunction_are_events_of_several_groups() {
    let text = pairs(4, 1).replace("g0 and g1 and g2", "(g0 or g1) and g2").replace("720h", "40h");
    let model = model(&text);
    let found = found(&model, 1e-12).expect("bounds");
    let width = width_around(&exact(&model), ends(&found), "alternatives");
    // With three events three sums are all.
    assert!(width < 1e-8, "{width}");
}

#[test]
fn different_groups_lie_between_the_best_and_the_worst_that_their_pools_can_do() {
    let components: String = (0..3)
        .zip([1.0, 1.3, 0.7])
        .map(|(number, hours)| {
            component(&format!("k{number}"), [100.0 + 20.0 * f64::from(number), hours], 30 * (number % 2) as usize)
        })
        .collect();
    let groups: Vec<String> =
        (0..3).map(|number| format!("component = \"k{number}\"\nactive = 3\nneed = 2\n")).collect();
    for crew in [1, 2] {
        let model = model(&system(&components, &groups, crew));
        let alone: Vec<ExactMeasures> = (0..3).map(|group| exact(&with_only(&model, group))).collect();
        let widths = [1, 2].map(|pools| {
            let width = |group: usize| width_around(&alone[group], worst_and_best(&model, group, pools), "a group");
            (0..3).map(width).fold(0.0, f64::max)
        });
        assert!(widths[0] < 0.1 && widths[1] < widths[0], "{widths:?}");
    }
}

/// Unavailability and frequency of one group with the others in so many pools, each at least and at most.
fn worst_and_best(model: &Model, group: usize, pools: usize) -> [[f64; 2]; 2] {
    let partition = Partition::of(model, Purpose::Availability);
    let scope = &partition.modules[0];
    let potential = Dynamics::new(model, scope).potential();
    let (losses, slowest) = (potential.losses_per_second(), potential.slowest_way_back());
    let ranged = Pooled::of(model, scope).expect("pools").ranged_with(&[GroupId(group)], pools).expect("single modes");
    let limits = Limits { losses, slowest, states: 3_000, open: 1e-6 };
    let (enclosure, _) = worst::enclosed(&ranged, limits, &NoObserver).expect("bounds");
    [enclosure.unavailability, enclosure.frequency.expect("a frequency")]
}

/// Groups of 3 of 4 on a crew of two, whose repairs take an hour and so much more from group to group.
fn fleets(count: usize, step: f64) -> String {
    let times = |number: usize| [720.0 + 7.2 * number as f64, 1.0 + step * number as f64];
    let components: String = (0..count).map(|number| component(&format!("k{number}"), times(number), 0)).collect();
    let group = |number: usize| format!("component = \"k{number}\"\nactive = 4\nneed = 3\n");
    system(&components, &(0..count).map(group).collect::<Vec<_>>(), 2)
}

#[test]
fn different_groups_are_bounded_around_their_product_form() {
    // With repairs of one mean there is a product form; with means that differ by 1e-9 there is none, and U is the same to 1e-7.
    let expected = exact(&model(&fleets(10, 0.0)));
    assert_eq!(expected.states, None);
    let settings = Settings { max_states: 2_500, ..Settings::default() };
    let bounds = exact::bounds(&model(&fleets(10, 1e-10)), &settings, 1e-3, &NoObserver).expect("bounds");
    assert!(bounds.method.contains("of a few groups at a time"), "{}", bounds.method);
    assert!(bounds.relative_width < 2e-2, "{bounds:?}");
    let ends = |bounds: Bounds| [bounds.lower * (1.0 - 1e-7), bounds.upper * (1.0 + 1e-7)];
    let ends = [ends(bounds.unavailability), ends(bounds.failure_frequency.expect("a frequency"))];
    width_around(&expected, ends, "10 groups");
}

/// The whole model in which only one group matters.
fn with_only(model: &Model, group: usize) -> Model {
    let mut alone = model.clone();
    alone.system.up = Expression::Part(Part::Group(GroupId(group)));
    alone
}

#[test]
fn exact_values_of_random_modules_lie_between_their_sums() {
    let components = component("a", [60.0, 1.0], 600) + &component("b", [90.0, 2.0], 0);
    let mut seed = 7_u64;
    // Knuth's multiplier; the low bits are not random.
    let mut below = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let (mut taken, mut widths) = (0, Vec::new());
    for number in 0..40 {
        let mut group = || {
            let name = if below(2) == 0 { "a" } else { "b" };
            match below(3) {
                0 => pair(name, "1"),
                1 => format!("component = \"{name}\"\nactive = 1\n"),
                _ => format!("component = \"{name}\"\nactive = 2\nneed = {}\n", 1 + below(2)),
            }
        };
        let groups = [group(), group(), group()];
        let mut text = system(&components, &groups, 1 + below(2) as usize);
        if below(3) == 0 {
            text = text.replace("g0 and g1 and g2", "(g0 or g2) and g1");
        }
        let model = model(&text);
        let Some(found) = found(&model, 1e-9) else { continue };
        taken += 1;
        widths.push(width_around(&exact(&model), ends(&found), &format!("number {number}")));
    }
    assert!(taken >= 15, "{taken}");
    // Of three events all sums are known.
    assert!(widths.iter().all(|width| *width < 1e-6), "{widths:?}");
}
