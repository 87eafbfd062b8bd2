//! Domains that differ by name only are one to the exact engine: nothing of the answer may show it.

use crate::alike::{TOLERANCE, the_same_apart};
use crate::answers::MOST_STATES;
use crate::compare::agree_with_the_naive_solver;
use crate::generated::{Shape, Times};
use crate::zoned::topology_of_zones;

#[test]
fn alike_domains_are_what_they_are_to_the_naive_solver() {
    let shape = Shape { times: Times::Exponential, time_scale: 1, demand_percent: 40 };
    let texts = (0..300).map(|seed| topology_of_zones(seed, shape).text());
    let taken = agree_with_the_naive_solver(texts, MOST_STATES / 3, TOLERANCE);
    assert!(taken.len() > 60, "only {} were small enough", taken.len());
}

/// The answer is the same where `up` says the same in words that treat no two domains alike.
#[test]
fn alike_domains_are_what_they_are_apart() {
    let shape = Shape { times: Times::Exponential, time_scale: 1, demand_percent: 0 };
    let pair = |seed: u64| {
        let topology = topology_of_zones(seed, shape);
        let (file, up) = (topology.text(), topology.up.text());
        let zones = (0..3).filter(|zone| file.contains(&format!("[domain.d{zone}]"))).count();
        let said = |times: &dyn Fn(usize) -> usize| {
            let idle = (0..zones).map(|zone| format!("({up}{})", format!(" or d{zone}").repeat(times(zone))));
            file.replace(&format!("up = \"{up}\""), &format!("up = \"{}\"", idle.collect::<Vec<_>>().join(" and ")))
        };
        (said(&|_| 1), said(&|zone| zone + 1))
    };
    let (taken, fewer) = the_same_apart(1_000..1_400, 20_000, &pair);
    assert!(taken > 100 && fewer > 50, "{taken} {fewer}");
}
