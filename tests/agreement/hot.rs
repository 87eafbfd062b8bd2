//! Hot standbys that take over at once are active units to the exact engine, but for what is carried.

use ninefold::exact::transient::{self, Questions};
use ninefold::exact::{self, Settings};
use ninefold::measure::{Lever, NoObserver};

use crate::alike::TOLERANCE;
use crate::answers::MOST_STATES;
use crate::compare::agree_with_the_naive_solver;
use crate::generated::Choices;
use crate::library::parsed;
use crate::properties::assert_same;
use crate::relative::assert_rel;

const SYSTEM: &str = "[system]\n";

/// Random topologies of a group with hot standbys and another one, which may share a crew and two zones; and the same with active
/// units in place of the standbys.
fn with_standbys_and_without(seed: u64) -> [String; 2] {
    let mut choices = Choices::new(seed);
    let component = choices.pick(&[
        "mtbf = \"40h\"\nmttr = \"9h\"",
        "mtbf = \"40h\"\nmttr = \"9h\"\nrestart = { takes = \"1h\", works = 0.6 }",
        "mtbf = \"30h\"\nrestart = { takes = \"0s\", works = 0.6 }\nmttr = \"9h\"\n[component.a.modes.disk]\nmtbf = \"90h\"\nmttr = \"20h\"",
    ]);
    let other =
        choices.pick(&["active = 1", "active = 2\nneed = 1", "active = 1\nstandby = 1\nfailover = { takes = \"1h\" }"]);
    let crew = choices.pick(&["", "crew = \"c\"", "crew = \"c\""]);
    let common_cause = choices.pick(&["", "", "common_cause = { beta = 0.2 }"]);
    let zones = choices.pick(&["", "spread = [\"x\", \"y\"]", "spread = [\"y\", \"x\"]\ndepends = [\"x\"]"]);
    let failover = choices.pick(&["", "failover = { takes = \"0s\" }"]);
    let up = choices.pick(&["a and b", "a or b", "a", "a and (b or x)"]);
    let (active, standbys, places) = (1 + choices.below(3), 1 + choices.below(2), 1 + choices.below(2));
    let need = 1 + choices.below(active);
    let zone = "mtbf = \"300h\"\nmttr = \"5h\"\n";
    let text = |counts: String| {
        format!(
            "[component.a]\n{component}\n[component.b]\nmtbf = \"60h\"\nmttr = \"4h\"\n[domain.x]\n{zone}[domain.y]\n{zone}\
             [crew.c]\nsize = {places}\n[group.a]\ncomponent = \"a\"\n{counts}\nneed = {need}\n{crew}\n{common_cause}\n{zones}\n\
             [group.b]\ncomponent = \"b\"\n{other}\n{crew}\n[system]\nup = \"{up}\"\n"
        )
    };
    let standby = format!("active = {active}\nstandby = {{ count = {standbys}, mode = \"hot\" }}\n{failover}");
    [text(standby), text(format!("active = {}", active + standbys))]
}

#[test]
fn hot_standbys_are_what_they_are_to_the_naive_solver() {
    let with_demand = |seed: u64, text: &str| match seed % 4 {
        0 => {
            let parts = ["a", "b"].map(|name| format!("[component.{name}]\n"));
            let carries = |text: String, part: &String| text.replace(part, &format!("{part}capacity = 10\n"));
            parts.iter().fold(text.replace(SYSTEM, "[system]\ndemand = 15\n"), carries)
        }
        _ => text.to_owned(),
    };
    let texts = (0..400).map(|seed| with_demand(seed, &with_standbys_and_without(seed)[0]));
    let taken = agree_with_the_naive_solver(texts, MOST_STATES / 2, TOLERANCE);
    assert!(taken.len() > 90, "only {} were small enough", taken.len());
}

#[test]
fn every_question_is_answered_as_for_active_units() {
    let questions =
        Questions { times: vec![60.0, 1e6], first_outage: true, objectives: vec![3_600.0], ..Questions::default() };
    let mut stepped = 0;
    for seed in 1_000..1_020 {
        let [standbys, active] = with_standbys_and_without(seed);
        let models = [&standbys, &active].map(|text| parsed(text, &standbys));
        let solve = |model| exact::solve(model, &Settings::default(), &NoObserver).expect("it is small");
        let [one, other] = [0, 1].map(|index| solve(&models[index]));
        assert_same(&one, &other, 1.0, &standbys);
        assert_eq!((one.states, one.diagram_nodes), (other.states, other.diagram_nodes), "{standbys}");
        let over_time =
            |model| transient::solve(model, &questions, &Settings::default(), &NoObserver).expect("it is small");
        assert_eq!(over_time(&models[0]), over_time(&models[1]), "{standbys}");
        let sensitivity = |model| exact::sensitivity(model, &Settings::default(), &NoObserver).expect("it is small");
        let [one, other] = [0, 1].map(|index| sensitivity(&models[index]));
        let derivative = |lever: &Lever| (lever.key.clone(), lever.unavailability, lever.frequency);
        let [levers, others] = [&one, &other].map(|found| found.levers.iter().map(derivative).collect::<Vec<_>>());
        assert_eq!(levers, others, "{standbys}");
        let step = |found: &ninefold::measure::Sensitivity, key: &str| {
            found.steps.iter().find(|step| step.key == key).and_then(|step| step.found)
        };
        let steps = (step(&one, "group.a.standby.count"), step(&other, "group.a.active"));
        assert_eq!(steps.0, steps.1, "{standbys}");
        stepped += usize::from(steps.0.is_some());
    }
    assert!(stepped > 5, "only {stepped}: the others' chains are too large");
}

/// Pairs that switch over at once need no chain, whatever their times are.
#[test]
fn a_hot_pair_is_two_units_in_parallel() {
    let text = "[component.a]\nmtbf = { weibull = { mean = \"99h\", shape = 2 } }\nmttr = { fixed = \"1h\" }\n[group.a]\n\
                component = \"a\"\nactive = 1\nstandby = { count = 1, mode = \"hot\" }\n[system]\nup = \"a\"\n";
    let solve = |text: &str| exact::solve(&parsed(text, "a hot pair"), &Settings::default(), &NoObserver);
    let found = solve(text).expect("it has a closed form");
    assert_rel(found.unavailability, 1e-4, 1e-15, "1 h of 100, twice");
    assert_eq!(found.states, None);
    // What is carried, the slots carry: that needs the chain, and its times made of phases.
    let carried = solve(&(text.replace("mtbf", "capacity = 5\nmtbf") + "demand = 3\n")).expect("it is up all the same");
    assert_rel(carried.unavailability, 1e-4, 1e-15, "with a demand");
    let codes: Vec<&str> = carried.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!((codes.as_slice(), carried.capacity), (["no_capacity_measures"].as_slice(), None));
    // What has to be noticed first is another system.
    assert!(solve(&text.replace("mttr", "detect = \"1s\"\nmttr")).is_err());
}

/// 20 units and 3 hot standbys on one crew have a product form: the birth and death of failures that one crew repairs.
#[test]
fn hot_standbys_on_a_crew_have_a_product_form() {
    let text = "[component.a]\nmtbf = \"1000h\"\nmttr = \"2h\"\n[crew.c]\nsize = 1\n[group.a]\ncomponent = \"a\"\nactive = 20\n\
                standby = { count = 3, mode = \"hot\" }\ncrew = \"c\"\n[system]\nup = \"a\"\n";
    let found =
        exact::solve(&parsed(text, "23 units"), &Settings::default(), &NoObserver).expect("it has a product form");
    // Weights of 0 to 23 failed units: each failure at (23 - n) / 1000 h, each repair at 1 / 2 h.
    let mut weights = vec![1.0_f64];
    for failed in 0..23 {
        let last = weights[failed];
        weights.push(last * (23 - failed) as f64 * 2.0 / 1_000.0);
    }
    let down: f64 = weights[4..].iter().sum();
    assert_rel(found.unavailability, down / weights.iter().sum::<f64>(), 1e-14, "birth and death");
}
