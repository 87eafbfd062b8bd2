//! Decision diagrams of structures: 990 of 1000 units, alone and with all cut sets and importance measures; and a probability
//! evaluated again in a diagram that is kept.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ninefold::measure::NoObserver;
use ninefold::quantity::Probability;
use ninefold::structure::kept::KeptTree;
use ninefold::structure::solved::{StructureSettings, solve};
use ninefold::topology::fault_tree::{BasicEvent, FaultTree, Formula, FormulaId};

/// Down when 11 of 1000 are.
fn many() -> FaultTree {
    let event = |number: usize| BasicEvent {
        name: format!("e{number}"),
        label: None,
        attributes: Vec::new(),
        probability: Probability::parse("1e-4").expect("a probability"),
        rates: None,
    };
    let mut formulas: Vec<Formula> = (0..1_000).map(Formula::Event).collect();
    formulas.push(Formula::AtLeast(11, (0..1_000).map(FormulaId).collect()));
    let events = (0..1_000).map(event).collect();
    FaultTree { name: None, top: "top".into(), formulas, root: FormulaId(1_000), events, warnings: Vec::new() }
}

fn structures(criterion: &mut Criterion) {
    let tree = many();
    let probabilities: Vec<Probability> = tree.events.iter().map(|event| event.probability).collect();
    let settings = StructureSettings::default();
    let mut group = criterion.benchmark_group("990 of 1000");
    group.bench_function("probability", |bencher| {
        bencher.iter(|| {
            let kept = KeptTree::new(black_box(&tree), settings.most_nodes, &NoObserver).expect("a diagram");
            kept.probability(&probabilities)
        });
    });
    group.sample_size(10);
    group.bench_function("everything", |bencher| {
        bencher.iter(|| solve(black_box(&tree), &settings, &NoObserver).expect("a solution"));
    });
    let kept = KeptTree::new(&tree, settings.most_nodes, &NoObserver).expect("a diagram");
    group.bench_function("probability again", |bencher| {
        bencher.iter(|| kept.probability(black_box(&probabilities)));
    });
    group.finish();
}

criterion_group!(benches, structures);
criterion_main!(benches);
