//! Domains that differ by name only are one to the exact engine: nothing of the answer may show it.

use ninefold::exact::{self, Settings};
use ninefold::measure::NoObserver;

use crate::answers::MOST_STATES;
use crate::compare::agree_with_the_naive_solver;
use crate::generated::{Shape, Times};
use crate::library::parsed;
use crate::properties::assert_same;
use crate::relative::assert_rel;
use crate::zoned::topology_of_zones;

/// Elimination keeps a few ulp for each of its states, the exact engine stops at a residual of some 1e-15.
const TOLERANCE: f64 = 1e-12;

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
    let settings = Settings { max_states: 20_000, ..Settings::default() };
    let (mut taken, mut fewer) = (0, 0);
    for seed in 1_000..1_400 {
        let (name, topology) = (format!("seed {seed}"), topology_of_zones(seed, shape));
        let (file, up) = (topology.text(), topology.up.text());
        let zones = (0..3).filter(|zone| file.contains(&format!("[domain.d{zone}]"))).count();
        let said = |times: &dyn Fn(usize) -> usize| {
            let idle = (0..zones).map(|zone| format!("({up}{})", format!(" or d{zone}").repeat(times(zone))));
            file.replace(&format!("up = \"{up}\""), &format!("up = \"{}\"", idle.collect::<Vec<_>>().join(" and ")))
        };
        let (together, apart) = (said(&|_| 1), said(&|zone| zone + 1));
        let solve = |text: &str| exact::solve(&parsed(text, &name), &settings, &NoObserver).ok();
        let (Some(one), Some(other)) = (solve(&together), solve(&apart)) else { continue };
        taken += 1;
        fewer += usize::from(one.states < other.states);
        assert_same(&one, &other, 1.0, &name);
        assert_rel(one.unavailability, other.unavailability, 1e-13, &name);
        assert_rel(one.failure_frequency.unwrap_or(0.0), other.failure_frequency.unwrap_or(0.0), 1e-13, &name);
    }
    assert!(taken > 100 && fewer > 50, "{taken} {fewer}");
}
