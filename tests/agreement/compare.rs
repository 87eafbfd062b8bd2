//! Two answers side by side, measure by measure.

use std::collections::{BTreeMap, BTreeSet};

use ninefold::measure::{Contribution, ExactMeasures};

use crate::library::{parsed, solved};
use crate::naive::{self, Naive};
use crate::relative::relative;

/// One measure in two answers.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) measure: String,
    pub(crate) exact: f64,
    pub(crate) reference: f64,
}

impl Pair {
    /// The relative difference; infinite when only one of them exists.
    pub(crate) fn difference(&self) -> f64 {
        let difference = relative(self.exact, self.reference);
        if difference.is_nan() { f64::INFINITY } else { difference }
    }
}

/// Every measure of the exact engine beside that of the naive solver; one that does not exist is not a number.
pub(crate) fn pairs(exact: &ExactMeasures, naive: &Naive) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut push = |measure: &str, exact: Option<f64>, reference: Option<f64>| {
        if exact.is_some() || reference.is_some() {
            let [exact, reference] = [exact, reference].map(|value| value.unwrap_or(f64::NAN));
            pairs.push(Pair { measure: measure.to_owned(), exact, reference });
        }
    };
    push("U", Some(exact.unavailability), Some(naive.unavailability));
    push("A", Some(exact.availability), Some(naive.availability));
    push("frequency", exact.failure_frequency, naive.failure_frequency);
    let begun_by = exact.contributions.begun_by.iter().map(|line| (line.of.clone(), line.value)).collect();
    for (cause, (found, expected)) in joined(&begun_by, &naive.begun_by) {
        push(&format!("begun by {cause}"), found, expected);
    }
    let ended_by = |line: &Contribution<String, f64>| (line.of.clone(), line.value);
    let ended_by = exact.contributions.ended_by.iter().map(ended_by).collect();
    for (part, (found, expected)) in joined(&ended_by, &naive.ended_by) {
        push(&format!("ended by {part}"), found, expected);
    }
    let capacity = exact.capacity.as_ref();
    push("lost", capacity.map(|capacity| capacity.lost), naive.capacity.map(|(lost, _)| lost));
    push("insufficient", capacity.map(|capacity| capacity.insufficient), naive.capacity.map(|(_, share)| share));
    pairs
}

/// Every measure of two answers of the exact engine to topologies that mean the same.
pub(crate) fn joined_by_name(exact: &ExactMeasures, reference: &ExactMeasures) -> Vec<Pair> {
    let by_cause = |measures: &ExactMeasures| -> BTreeMap<_, _> {
        measures.contributions.begun_by.iter().map(|line| (line.of.clone(), line.value)).collect()
    };
    let by_part = |measures: &ExactMeasures| -> BTreeMap<_, _> {
        measures.contributions.ended_by.iter().map(|line| (line.of.clone(), line.value)).collect()
    };
    // Capacity may be left out because its chain is too large.
    let capacity = reference.capacity.as_ref().filter(|_| exact.capacity.is_some());
    let capacity = capacity.map(|capacity| (capacity.lost, capacity.insufficient));
    let reference = Naive {
        unavailability: reference.unavailability,
        availability: reference.availability,
        failure_frequency: reference.failure_frequency,
        begun_by: by_cause(reference),
        ended_by: by_part(reference),
        capacity,
        states: 0,
    };
    pairs(exact, &reference)
}

type Both = (Option<f64>, Option<f64>);

fn joined<K: Ord + Clone>(exact: &BTreeMap<K, f64>, reference: &BTreeMap<K, f64>) -> BTreeMap<K, Both> {
    let keys: BTreeSet<K> = exact.keys().chain(reference.keys()).cloned().collect();
    keys.into_iter().map(|key| (key.clone(), (exact.get(&key).copied(), reference.get(&key).copied()))).collect()
}

/// The measures that differ by more than `tolerance`, one line each.
pub(crate) fn disagreements(name: &str, pairs: &[Pair], tolerance: f64) -> Vec<String> {
    let differs = pairs.iter().filter(|pair| pair.difference() > tolerance);
    let line = |pair: &Pair| {
        let (measure, exact, reference) = (&pair.measure, pair.exact, pair.reference);
        format!("{name}: {measure}: exact {exact:e}, reference {reference:e} ({:.1e})", pair.difference())
    };
    differs.map(line).collect()
}

/// The exact engine's answers to topologies of at most so many states to the naive solver, all of which must agree with it. They
/// are numbered as their seeds are.
pub(crate) fn agree_with_the_naive_solver(
    texts: impl Iterator<Item = String>,
    most_states: usize,
    tolerance: f64,
) -> Vec<ExactMeasures> {
    let (mut wrong, mut taken) = (Vec::new(), Vec::new());
    for (seed, text) in texts.enumerate() {
        let name = format!("seed {seed}");
        let model = parsed(&text, &name);
        let Some(naive) = naive::solve(&model, most_states) else { continue };
        let (exact, _) = solved(&model, &name);
        let found = disagreements(&name, &pairs(&exact, &naive), tolerance);
        if !found.is_empty() {
            wrong.push(text);
        }
        wrong.extend(found);
        taken.push(exact);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    taken
}
