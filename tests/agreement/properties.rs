//! What must hold between the answers for a topology and for a changed one.

use ninefold::measure::{Contributions, ExactMeasures};

use crate::generated::{Choices, Formula, Shape, Times, Topology, topology};
use crate::library::{parsed, solved};
use crate::relative::assert_rel;

/// Random topologies for each property.
const TOPOLOGIES: u64 = 80;
/// Two solutions, each within the 1e-11 that the exact engine promises (it reaches 1e-14).
const TOLERANCE: f64 = 1e-11;
/// Monotone but for rounding.
const ROUNDING: f64 = 1e-13;

const SHAPE: Shape = Shape { times: Times::Exponential, time_scale: 1, demand_percent: 30 };

fn exact(text: &str, name: &str) -> ExactMeasures {
    solved(&parsed(text, name), name).0
}

/// All measures the same, times measured in a unit `slower` times as long.
pub(crate) fn assert_same(one: &ExactMeasures, other: &ExactMeasures, slower: f64, name: &str) {
    assert_rel(one.unavailability, other.unavailability, TOLERANCE, name);
    assert_rel(one.availability, other.availability, TOLERANCE, name);
    let frequencies = [one, other].map(|measures| measures.failure_frequency);
    assert_eq!(frequencies[0].is_some(), frequencies[1].is_some(), "{name}");
    assert_rel(frequencies[0].unwrap_or(0.0), frequencies[1].unwrap_or(0.0) * slower, TOLERANCE, name);
    let [one_by, other_by] = [one, other].map(|measures| sorted(&measures.contributions));
    assert_eq!(one_by.len(), other_by.len(), "{name}");
    for ((of, value, is_rate), (other_of, other_value, _)) in one_by.iter().zip(&other_by) {
        assert_eq!(of, other_of, "{name}");
        let scale = if *is_rate { slower } else { 1.0 };
        assert_rel(*value, other_value * scale, TOLERANCE, &format!("{name}: {of}"));
    }
    let [one, other] = [one, other].map(|measures| measures.capacity.as_ref().map(|c| (c.lost, c.insufficient)));
    assert_eq!(one.is_some(), other.is_some(), "{name}");
    if let (Some(one), Some(other)) = (one, other) {
        assert_rel(one.0, other.0, TOLERANCE, &format!("{name}: lost"));
        assert_rel(one.1, other.1, TOLERANCE, &format!("{name}: insufficient"));
    }
}

/// Name, value, and whether it is a rate.
fn sorted(contributions: &Contributions<f64>) -> Vec<(String, f64, bool)> {
    let begun_by = contributions.begun_by.iter().map(|line| (format!("begun by {}", line.of), line.value, true));
    let ended_by = contributions.ended_by.iter().map(|line| (format!("ended by {}", line.of), line.value, false));
    let mut lines: Vec<_> = begun_by.chain(ended_by).collect();
    lines.sort_by(|one, other| one.0.cmp(&other.0));
    lines
}

/// Solves each random topology and a changed one, and looks at both.
fn for_each(mut look: impl FnMut(&str, &Topology, &ExactMeasures)) {
    for seed in 0..TOPOLOGIES {
        let name = format!("seed {seed}");
        let topology = topology(seed, SHAPE);
        look(&name, &topology, &exact(&topology.text(), &name));
    }
}

#[test]
fn down_is_the_dual_of_up() {
    for_each(|name, topology, measures| {
        assert_same(measures, &exact(&topology.text_with_down(), name), 1.0, name);
    });
}

#[test]
fn longer_times_in_proportion_leave_unavailability_and_divide_frequency() {
    for seed in 0..TOPOLOGIES {
        let name = format!("seed {seed}");
        let [one, seven] = [1, 7].map(|time_scale| {
            let shape = Shape { time_scale, ..SHAPE };
            exact(&topology(seed, shape).text(), &name)
        });
        assert_same(&one, &seven, 7.0, &name);
    }
}

#[test]
fn order_of_declarations_changes_nothing() {
    let mut choices = Choices::new(1);
    for_each(|name, topology, measures| {
        assert_same(measures, &exact(&topology.shuffled(&mut choices).text(), name), 1.0, name);
    });
}

#[test]
fn needing_more_slots_never_makes_it_better() {
    for_each(|name, topology, measures| {
        let mut needy = topology.clone();
        needy.groups.iter_mut().for_each(|group| {
            *group = group.split_inclusive('\n').filter(|line| !line.starts_with("need")).collect();
        });
        let all_needed = exact(&needy.text(), name).unavailability;
        assert!(all_needed >= measures.unavailability * (1.0 - ROUNDING), "{name}");
    });
}

#[test]
fn series_and_parallel_are_bounded_by_their_parts() {
    for_each(|name, topology, _| {
        let with = |up: Formula| {
            let changed = Topology { up, demand: None, ..topology.clone() };
            exact(&changed.text(), name).unavailability
        };
        let parts: Vec<Formula> = (0..topology.groups.len()).map(|group| Formula::Name(format!("g{group}"))).collect();
        let alone: Vec<f64> = parts.iter().map(|part| with(part.clone())).collect();
        let (best, worst) = (alone.iter().copied().fold(1.0, f64::min), alone.iter().copied().fold(0.0, f64::max));
        let (series, parallel) = (with(Formula::And(parts.clone())), with(Formula::Or(parts)));
        assert!(series >= worst * (1.0 - ROUNDING), "{name}: {series:e} {worst:e}");
        assert!(series <= alone.iter().sum::<f64>() * (1.0 + ROUNDING), "{name}: {series:e} {alone:?}");
        assert!(parallel <= best * (1.0 + ROUNDING), "{name}: {parallel:e} {best:e}");
    });
}

/// Without a crew, domains and common causes standbys do not stand in each other's way.
#[test]
fn more_standbys_faster_repair_and_better_failover_make_it_better() {
    let unavailability = |standby: u32, repair: u32, works: f64| {
        let text = format!(
            "[component.c]\nmtbf = \"20h\"\nmttr = \"{repair}m\"\ndetect = \"10m\"\n[group.g]\ncomponent = \"c\"\nactive = 2\n\
             standby = {standby}\nfailover = {{ takes = \"10m\", works = {works}, otherwise = \"2h\" }}\n[system]\nup = \"g\"\n"
        );
        exact(&text, "family").unavailability
    };
    for standby in 1..4 {
        let here = unavailability(standby, 120, 0.9);
        assert!(unavailability(standby + 1, 120, 0.9) < here, "{standby} standbys");
        assert!(unavailability(standby, 100, 0.9) < here, "{standby} standbys");
        assert!(unavailability(standby, 120, 0.95) < here, "{standby} standbys");
    }
}
