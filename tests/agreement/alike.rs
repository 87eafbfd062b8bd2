//! Groups that differ by name only are one to the exact engine: nothing of the answer may show it.

use std::ops::Range;

use ninefold::exact::{self, Error, Settings};
use ninefold::measure::NoObserver;

use crate::answers::MOST_STATES;
use crate::compare::agree_with_the_naive_solver;
use crate::generated::{Shape, Times, topology, topology_of_alike_groups};
use crate::library::parsed;
use crate::properties::assert_same;
use crate::relative::assert_rel;

/// Elimination keeps a few ulp for each of its states, the exact engine stops at a residual of some 1e-15.
pub(crate) const TOLERANCE: f64 = 1e-12;

#[test]
fn alike_groups_are_what_they_are_to_the_naive_solver() {
    let shape = Shape { times: Times::Exponential, time_scale: 1, demand_percent: 40 };
    let texts = (0..400).map(|seed| topology_of_alike_groups(seed, shape).text());
    let taken = agree_with_the_naive_solver(texts, MOST_STATES / 3, TOLERANCE);
    assert!(taken.len() > 40, "only {} were small enough", taken.len());
}

/// The answer is the same where `up` says the same in words that treat no two groups alike.
#[test]
fn alike_groups_are_what_they_are_apart() {
    let shape = Shape { times: Times::Exponential, time_scale: 1, demand_percent: 0 };
    let pair = |seed: u64| {
        let together = topology_of_alike_groups(seed, shape).text();
        let (file, up) = together.split_once("up = \"").expect("a system");
        let (up, _) = up.split_once('"').expect("the end of `up`");
        let idle = if file.contains("[group.g2]") { "g0 or g1 and (g1 or g2)" } else { "g0" };
        let apart = format!("{file}up = \"({up}) and (({up}) or {idle})\"\n");
        (together, apart)
    };
    let (taken, fewer) = the_same_apart(1_000..1_100, 40_000, &pair);
    assert!(taken > 50 && fewer > 25, "{taken} {fewer}");
}

/// A chain that certainly has too many states is refused before it is explored: one that has as many as there may be never is.
#[test]
fn nothing_is_refused_that_has_as_few_states_as_there_may_be() {
    let mut taken = 0;
    let shape = |times| Shape { times, time_scale: 1, demand_percent: 0 };
    let exponential = (0..300).map(|seed| topology_of_alike_groups(seed, shape(Times::Exponential)).text());
    let phases = (0..150).map(|seed| topology(seed, shape(Times::Phases)).text());
    let plain = (300..600).map(|seed| topology(seed, shape(Times::Exponential)).text());
    let all = exponential.chain(phases).chain(plain).chain(groups_with_many_standbys());
    for (number, text) in all.enumerate() {
        let name = format!("topology {number}");
        let model = parsed(&text, &name);
        let within = |max_states| {
            exact::solve(&model, &Settings { max_states, ..Settings::default() }, &NoObserver).map(|found| found.states)
        };
        let Ok(Some(states)) = within(5_000) else { continue };
        assert_eq!(within(states as usize), Ok(Some(states)), "{name}: {text}");
        taken += 1;
    }
    assert!(taken > 300, "{taken}");
}

/// One group with more standbys than slots, in every way in which a slot can be lost and taken over.
fn groups_with_many_standbys() -> impl Iterator<Item = String> {
    let components = [
        "detect = \"5m\"\nmttr = \"9h\"",
        "mttr = \"9h\"",
        "detect = \"5m\"\nrestart = { takes = \"3m\", works = 0.6 }\nmttr = \"9h\"",
        "detect = \"5m\"\nmttr = { erlang = { mean = \"9h\", stages = 2 } }",
    ];
    let failovers =
        ["", "failover = { takes = \"10m\" }", "failover = { takes = \"10m\", works = 0.9, otherwise = \"2h\" }"];
    let rests = ["", "crew = \"c\"", "common_cause = { beta = 0.1 }", "crew = \"c\"\nspread = [\"a\", \"b\"]"];
    let modes =
        ["mode = \"hot\"", "mode = \"warm\", ageing = 0.4", "mode = \"cold\"", "mode = \"hot\", check = \"1h\""];
    let choices = components.into_iter().flat_map(move |component| {
        let of_failover = move |failover| rests.into_iter().map(move |rest| (component, failover, rest));
        failovers.into_iter().flat_map(of_failover)
    });
    choices.enumerate().map(move |(number, (component, failover, rest))| {
        let (active, standbys, mode) = (1 + number % 2, 2 + number % 4, modes[number % modes.len()]);
        format!(
            "[component.u]\nmtbf = \"40h\"\n{component}\n[crew.c]\nsize = 1\n[domain.a]\nmtbf = \"1y\"\nmttr = \"1h\"\n\
             [domain.b]\nmtbf = \"1y\"\nmttr = \"1h\"\n[group.g]\ncomponent = \"u\"\nactive = {active}\n\
             standby = {{ count = {standbys}, {mode} }}\n{failover}\n{rest}\n[system]\nup = \"g\"\n"
        )
    })
}

/// Warm standbys on one crew: the chain is counted with what their slots do, too.
#[test]
fn a_long_queue_of_standbys_is_refused_at_once() {
    let text = "[component.d]\nmtbf = \"30d\"\nrepair = \"4h\"\ndetect = \"30s\"\n[crew.k]\nsize = 1\n\
                [group.g]\ncomponent = \"d\"\nactive = 2\nstandby = { count = 450, mode = \"warm\", ageing = 0.5 }\n\
                failover = { takes = \"1m\" }\ncrew = \"k\"\n[system]\nup = \"g\"\n";
    let refused = exact::solve(&parsed(text, "standbys"), &Settings::default(), &NoObserver);
    // 450 - 2 standbys spread over up, unnoticed and repaired, beside two slots that are served, lost or taken over.
    let least = f64::from(450 * 449 / 2 * 9);
    let is_counted = |error: &Error| matches!(error, Error::TooManyStates { least: found, .. } if (found / least - 1.0).abs() < 1e-9);
    assert!(refused.as_ref().is_err_and(is_counted), "{refused:?}");
}

#[test]
fn what_has_too_many_states_is_refused_at_once() {
    let zone = |zone: usize| format!("[domain.z{zone}]\nmtbf = \"1y\"\nmttr = \"{}h\"\n", zone + 1);
    let zones = (0..60).map(zone).collect::<Vec<_>>().concat();
    let spread: Vec<String> = (0..60).map(|zone| format!("\"z{zone}\"")).collect();
    let text = format!(
        "{zones}[component.c]\nmtbf = \"30d\"\nrepair = \"1h\"\ndetect = \"1s\"\n[group.g]\ncomponent = \"c\"\nactive = 60\nneed = 59\nstandby = 1\n\
         spread = [{}]\n[system]\nup = \"g\"\n",
        spread.join(", ")
    );
    // As many as may ever be: exploring them would fill all memory.
    let settings = Settings { max_states: u32::MAX as usize - 1, max_bytes: u64::MAX, ..Settings::default() };
    let refused = exact::solve(&parsed(&text, "sixty zones"), &settings, &NoObserver);
    assert!(matches!(&refused, Err(Error::TooManyStates { groups, .. }) if groups == &["g"]), "{refused:?}");
}

/// Asserts that the two topologies of each seed have the same answer; how many have at most so many states, and how many
/// of the first ones have fewer.
pub(crate) fn the_same_apart(
    seeds: Range<u64>,
    max_states: usize,
    pair: &dyn Fn(u64) -> (String, String),
) -> (usize, usize) {
    let settings = Settings { max_states, ..Settings::default() };
    let (mut taken, mut fewer) = (0, 0);
    for seed in seeds {
        let (name, (together, apart)) = (format!("seed {seed}"), pair(seed));
        let solve = |text: &str| exact::solve(&parsed(text, &name), &settings, &NoObserver).ok();
        let (Some(one), Some(other)) = (solve(&together), solve(&apart)) else { continue };
        taken += 1;
        fewer += usize::from(one.states < other.states);
        assert_same(&one, &other, 1.0, &name);
        assert_rel(one.unavailability, other.unavailability, 1e-13, &name);
        assert_rel(one.failure_frequency.unwrap_or(0.0), other.failure_frequency.unwrap_or(0.0), 1e-13, &name);
    }
    (taken, fewer)
}
