//! Bounds of chains that are explored in part: the exact value must lie between them, whatever the part.

use ninefold::dynamics::{Dynamics, Exploration};
use ninefold::exact::{self, Error, Settings};
use ninefold::measure::{BoundedMeasures, Bounds, BoundsEnd, ExactMeasures, NoObserver};
use ninefold::topology::{Model, Scope};

use crate::generated::{Shape, Times, topology, topology_of_alike_groups};
use crate::library::{library, parsed};
use crate::zoned::topology_of_zones;

const SHAPE: Shape = Shape { times: Times::Exponential, time_scale: 1, demand_percent: 0 };

/// The bounds with a chain of at most so many explored states; nothing where failures come too fast, or all-up has too many forms.
fn bounded(model: &Model, states: usize, name: &str) -> Option<BoundedMeasures> {
    let settings = Settings { max_states: states, ..Settings::default() };
    match exact::bounds(model, &settings, 1e-13, &NoObserver) {
        Ok(measures) => Some(measures),
        Err(Error::TooFastForBounds { .. } | Error::TooManyAllUp { .. }) => None,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// What does not lie between its bounds.
fn outside(name: &str, exact: &ExactMeasures, bounded: &BoundedMeasures) -> Vec<String> {
    let frequency = exact.failure_frequency;
    let pairs = [
        ("U", Some(exact.unavailability), Some(bounded.unavailability)),
        ("frequency", frequency, bounded.failure_frequency),
        ("MTBF", frequency.map(|frequency| 1.0 / frequency), bounded.mean_time_between_outages),
        ("MUT", frequency.map(|frequency| exact.availability / frequency), bounded.mean_up_time),
        ("MDT", frequency.map(|frequency| exact.unavailability / frequency), bounded.mean_down_time),
    ];
    let wrong = |(what, exact_value, bounds): (&str, Option<f64>, Option<Bounds>)| {
        let (value, bounds) = (exact_value?, bounds?);
        let room = value * exact.relative_accuracy;
        let is_inside = bounds.lower <= value + room && value - room <= bounds.upper;
        (!is_inside).then(|| format!("{name}: {what} {value:e} is not from {:e} to {:e}", bounds.lower, bounds.upper))
    };
    pairs.into_iter().filter_map(wrong).collect()
}

/// Compares over parts of several sizes; how many there were, and how many of them were not complete.
fn compare(name: &str, model: &Model, wrong: &mut Vec<String>) -> (usize, usize) {
    let settings = Settings { max_states: 20_000, ..Settings::default() };
    let Ok(exact) = exact::solve(model, &settings, &NoObserver) else { return (0, 0) };
    if exact.states.is_none() {
        return (0, 0);
    }
    let (mut taken, mut partial) = (0, 0);
    for states in [1, 3, 10, 40, 150, 600, 20_000] {
        let name = format!("{name} with {states} states");
        let Some(bounded) = bounded(model, states, &name) else { continue };
        taken += 1;
        partial += usize::from(bounded.ended_by == BoundsEnd::States);
        wrong.extend(outside(&name, &exact, &bounded));
        if bounded.ended_by == BoundsEnd::Complete && bounded.relative_width > 1e-9 {
            wrong.push(format!("{name}: complete, but of width {:e}", bounded.relative_width));
        }
    }
    (taken, partial)
}

fn check(models: impl Iterator<Item = (String, Model)>, least: (usize, usize)) {
    let (mut wrong, mut taken, mut partial) = (Vec::new(), 0, 0);
    for (name, model) in models {
        let (of_model, in_part) = compare(&name, &model, &mut wrong);
        taken += of_model;
        partial += in_part;
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    assert!(taken >= least.0 && partial >= least.1, "{taken} bounds, {partial} of them partial");
}

#[test]
fn exact_values_of_the_library_lie_between_their_bounds() {
    check(library().into_iter().map(|case| (case.name, case.model)), (100, 40));
}

#[test]
fn exact_values_of_random_topologies_lie_between_their_bounds() {
    let of_seed = |seed: u64| {
        let name = format!("seed {seed}");
        let model = parsed(&topology(seed, SHAPE).text(), &name);
        (name, model)
    };
    check((0..400).map(of_seed), (200, 100));
    let of_alike = |seed: u64| {
        let name = format!("alike groups, seed {seed}");
        let model = parsed(&topology_of_alike_groups(seed, SHAPE).text(), &name);
        (name, model)
    };
    check((0..200).map(of_alike), (100, 50));
    let of_zones = |seed: u64| {
        let name = format!("zones, seed {seed}");
        let model = parsed(&topology_of_zones(seed, SHAPE).text(), &name);
        (name, model)
    };
    check((0..200).map(of_zones), (100, 50));
}

/// Phases of repairs, lives, detection and whatever else takes time; that the potential falls in every state is tested beside the chain.
#[test]
fn exact_values_of_topologies_with_phases_lie_between_their_bounds() {
    let of_seed = |seed: u64| {
        let name = format!("phases, seed {seed}");
        let shape = Shape { times: Times::Phases, time_scale: 1, demand_percent: 0 };
        let model = parsed(&topology(seed, shape).text(), &name);
        (name, model)
    };
    check((0..60).map(of_seed), (20, 10));
    let of_kind = |kind: usize| {
        let life = ["\"90h\"", "{ erlang = { mean = \"90h\", stages = 2 } }", HYPER_LIFE][kind % 3];
        let repair = ["{ erlang = { mean = \"1h\", stages = 3 } }", HYPER_REPAIR][kind / 3 % 2];
        let group = ["active = 3\nneed = 2", "active = 1\nstandby = { count = 1, mode = \"warm\", ageing = 0.2 }"]
            [kind / 6 % 2];
        let zone = ["", "depends = [\"z\"]"][kind / 12];
        let text = format!(
            "[component.a]\nmtbf = {life}\nmttr = {repair}\ndetect = {{ erlang = {{ mean = \"2m\", stages = 2 }} }}\n\
             [crew.c]\nsize = 1\n[domain.z]\nmtbf = {{ erlang = {{ mean = \"900h\", stages = 2 }} }}\n\
             mttr = {{ erlang = {{ mean = \"1h\", stages = 2 }} }}\n\
             [group.g]\ncomponent = \"a\"\n{group}\ncrew = \"c\"\n{zone}\n[system]\nup = \"g\"\n"
        );
        let name = format!("phases, kind {kind}");
        (name.clone(), parsed(&text, &name))
    };
    check((0..24).map(of_kind), (120, 60));
}

const HYPER_LIFE: &str = "{ hyperexponential = { means = [\"20h\", \"120h\"], weights = [0.1, 0.9] } }";
const HYPER_REPAIR: &str = "{ hyperexponential = { means = [\"20m\", \"3h\"], weights = [0.8, 0.2] } }";

#[test]
fn few_states_with_phases_bound_chains_that_nobody_could_explore() {
    // Five pairs on two people, with repairs of two phases: alike groups are not held for one another.
    let text = pairs(5, 2, "10000h").replace("mttr = \"1h\"", "mttr = { erlang = { mean = \"1h\", stages = 2 } }");
    let measures = narrow(&text, 1e-3, "five pairs with phases");
    assert!(measures.states < 2_000, "{} states", measures.states);
    assert_eq!(measures.phased_times.len(), 1);
    let one = pairs(1, 2, "10000h").replace("mttr = \"1h\"", "mttr = { erlang = { mean = \"1h\", stages = 2 } }");
    let one = exact::solve(&parsed(&one, "a pair"), &Settings::default(), &NoObserver).expect("a solution");
    let ratio = measures.unavailability.lower / one.unavailability;
    assert!((4.99..5.01).contains(&ratio), "{ratio}");
}

/// The drift of the potential is at most -1 in every state that is not all-up.
#[test]
fn the_potential_falls_in_every_state() {
    let (mut chains, mut states) = (0, 0);
    let library = library().into_iter().map(|case| (case.model, case.name));
    let random = (0..600).map(|seed| {
        let name = format!("seed {seed}");
        (parsed(&topology(seed, SHAPE).text(), &name), name)
    });
    for (model, name) in library.chain(random) {
        let dynamics = Dynamics::new(&model, &Scope::relevant(&model));
        let potential = dynamics.potential();
        if !dynamics.is_exponential() || potential.losses_during_way_back() >= 1.0 {
            continue;
        }
        let mut exploration = Exploration::new(&dynamics);
        let mut next = 0;
        while next < exploration.count() && next < 3_000 {
            exploration.expand(next);
            next += 1;
        }
        let time = |state: usize| potential.time_until_all_up(&dynamics, &exploration.state(state));
        for state in (0..next).filter(|&state| dynamics.order(&exploration.state(state)) > 0) {
            let here = time(state);
            let arcs = exploration.arcs_of(state).expect("it was expanded");
            let drift: f64 = arcs.iter().map(|arc| arc.rate * (time(arc.to as usize) - here)).sum();
            let size: f64 = arcs.iter().map(|arc| arc.rate * (time(arc.to as usize) + here)).sum();
            assert!(drift <= -1.0 + 1e-13 * size, "{name}: {drift} in {:?}", exploration.state(state));
            states += 1;
        }
        chains += 1;
    }
    assert!(chains > 60 && states > 10_000, "{chains} chains, {states} states");
}

/// Pairs of a server and its standby on one crew, with a failover that takes time and may not work.
fn pairs(pairs: usize, crew: usize, mtbf: &str) -> String {
    let pair = |number: usize| {
        format!(
            "[group.g{number}]\ncomponent = \"server\"\nactive = 1\nstandby = 1\ncrew = \"oncall\"\n\
             failover = {{ takes = \"20s\", works = 0.98, otherwise = \"30m\" }}\n"
        )
    };
    let names: Vec<String> = (0..pairs).map(|number| format!("g{number}")).collect();
    let pairs: String = (0..pairs).map(pair).collect();
    let server = format!("[component.server]\nmtbf = \"{mtbf}\"\nmttr = \"1h\"\ndetect = \"30s\"\n");
    format!("{server}[crew.oncall]\nsize = {crew}\n{pairs}[system]\nup = \"{}\"\n", names.join(" and "))
}

/// Two tiers of so many units each and a database pair over two zones, all repaired by one crew.
fn tiers(units: usize) -> String {
    let component = |name: &str, days: usize, detect: &str| {
        format!("[component.{name}]\nmtbf = \"{days}d\"\nmttr = \"1h\"\ndetect = \"{detect}\"\n")
    };
    let tier = |name: &str| {
        let need = units / 2;
        format!("[group.{name}]\ncomponent = \"{name}\"\nactive = {units}\nneed = {need}\n")
    };
    let placed = "spread = [\"za\", \"zb\"]\ncrew = \"oncall\"\n";
    let zone = |name: &str| format!("[domain.{name}]\nmtbf = \"1y\"\nmttr = \"2h\"\n");
    [
        component("web", 30, "30s"),
        component("app", 45, "30s"),
        component("db", 60, "10s"),
        zone("za"),
        zone("zb"),
        "[crew.oncall]\nsize = 1\n".to_owned(),
        tier("web") + placed,
        tier("app") + placed,
        "[group.db]\ncomponent = \"db\"\nactive = 1\nstandby = 1\n\
         failover = { takes = \"20s\", works = 0.98, otherwise = \"30m\" }\n"
            .to_owned()
            + placed,
        "[system]\nup = \"web and app and db\"\n".to_owned(),
    ]
    .concat()
}

fn narrow(text: &str, precision: f64, name: &str) -> BoundedMeasures {
    let found = exact::bounds(&parsed(text, name), &Settings::default(), precision, &NoObserver);
    let measures = found.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(measures.ended_by, BoundsEnd::Precision, "{name}");
    assert!(measures.relative_width <= precision, "{name}: {:e}", measures.relative_width);
    measures
}

#[test]
fn few_states_bound_chains_that_nobody_could_explore() {
    let measures = narrow(&pairs(20, 2, "1000h"), 1e-7, "20 pairs");
    assert!(measures.states < 2_000, "{} states", measures.states);
    // With so few failures at a time the pairs are nearly independent: twenty times the outages of one.
    let one = exact::solve(&parsed(&pairs(1, 2, "1000h"), "a pair"), &Settings::default(), &NoObserver);
    let one = one.expect("a solution");
    let ratio = measures.unavailability.lower / one.unavailability;
    assert!((20.0..20.2).contains(&ratio), "{ratio}");
    let measures = narrow(&tiers(6), 1e-6, "three tiers");
    assert!(measures.states < 100_000, "{} states", measures.states);
}

#[test]
fn bounds_hold_over_two_zones_with_two_states_of_all_up() {
    let text = tiers(2);
    let exact = exact::solve(&parsed(&text, "tiers of two"), &Settings::default(), &NoObserver).expect("a solution");
    let mut states = Vec::new();
    for precision in [1e-2, 1e-4, 1e-6, 1e-8] {
        let bounded = narrow(&text, precision, "tiers of two");
        let wrong = outside("tiers of two", &exact, &bounded);
        assert!(wrong.is_empty(), "{wrong:?}");
        states.push(bounded.states);
    }
    assert!(states.is_sorted() && states[3] < exact.states.expect("a chain"), "{states:?}");
}

#[test]
fn a_chain_that_fails_faster_than_it_is_repaired_has_no_bounds() {
    // 40 units of one failure in 30 hours, and repairs of one hour: 1.33 failures while one is repaired, and more with the noticing.
    let model = parsed(&pairs(20, 2, "30h"), "fast");
    let refused = exact::bounds(&model, &Settings::default(), 1e-3, &NoObserver);
    let Err(Error::TooFastForBounds { groups, losses_per_second, way_back_seconds }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(groups.len(), 20);
    assert!((losses_per_second * 3_600.0 * 30.0 / 40.0 - 1.0).abs() < 1e-12, "{losses_per_second}");
    assert!((way_back_seconds / 3_630.0 - 1.0).abs() < 1e-12, "{way_back_seconds}");
}

#[test]
fn too_many_states_of_all_up_are_refused() {
    // Each pair can be served from either zone, and no two pairs are alike.
    let pair = |number: usize| {
        format!(
            "[component.c{number}]\nmtbf = \"{}d\"\nmttr = \"1h\"\n[group.g{number}]\ncomponent = \"c{number}\"\n\
             active = 1\nstandby = 1\nfailover = {{ takes = \"1s\" }}\nspread = [\"za\", \"zb\"]\n",
            90 + number
        )
    };
    let text = |pairs: usize| {
        let zones = "[domain.za]\nmtbf = \"1y\"\nmttr = \"2h\"\n[domain.zb]\nmtbf = \"2y\"\nmttr = \"1h\"\n";
        let names: Vec<String> = (0..pairs).map(|number| format!("g{number}")).collect();
        let pairs: String = (0..pairs).map(pair).collect();
        format!("{zones}{pairs}[system]\nup = \"{}\"\n", names.join(" and "))
    };
    let bounds = |pairs: usize| exact::bounds(&parsed(&text(pairs), "pairs"), &Settings::default(), 1e-2, &NoObserver);
    assert!(bounds(3).is_ok());
    assert!(matches!(bounds(7), Err(Error::TooManyAllUp { limit: 64, .. })));
}

#[test]
fn independent_parts_are_bounded_together() {
    // Two chains, a plain group and a domain: the system is as wide open as its parts.
    let text = "[component.a]\nmtbf = \"20d\"\nmttr = \"1h\"\ndetect = \"1m\"\n[component.b]\nmtbf = \"30d\"\nmttr = \"2h\"\n\
                [domain.z]\nmtbf = \"1y\"\nmttr = \"1h\"\n[crew.c]\nsize = 1\n[crew.d]\nsize = 1\n\
                [group.a]\ncomponent = \"a\"\nactive = 4\nneed = 3\nload = 1\ncrew = \"c\"\n\
                [group.b]\ncomponent = \"b\"\nactive = 3\nneed = 2\ncommon_cause = { beta = 0.1 }\ncrew = \"d\"\n\
                [group.plain]\ncomponent = \"a\"\nactive = 2\nneed = 1\n[system]\nup = \"(a or b) and plain and z\"\n";
    let model = parsed(text, "parts");
    let exact = exact::solve(&model, &Settings::default(), &NoObserver).expect("a solution");
    let mut partial = 0;
    for states in 1..12 {
        let Some(bounded) = bounded(&model, states, "parts") else { panic!("there are bounds") };
        partial += usize::from(bounded.ended_by == BoundsEnd::States);
        let wrong = outside("parts", &exact, &bounded);
        assert!(wrong.is_empty(), "{wrong:?}");
    }
    assert!(partial >= 5, "{partial}");
}
