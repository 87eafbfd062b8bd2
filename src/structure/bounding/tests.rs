//! Functions that gave way, against all states.

use super::{Ends, bounds};
use crate::measure::NoObserver;
use crate::structure::function::Function;
use crate::structure::modules::modules;
use crate::structure::order::Order;
use crate::structure::values::EventValues;
use crate::topology::fault_tree::{Formula, FormulaId};

/// A small generator (Steele, Lea, Flood 2014, SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

fn random_function(random: &mut Random, events: usize, gates: usize) -> Function {
    let mut formulas: Vec<Formula> = (0..events).map(Formula::Event).collect();
    for _ in 0..gates {
        let count = formulas.len();
        let size = 2 + random.below(3);
        let of: Vec<FormulaId> =
            (0..size).map(|_| FormulaId(count - 1 - random.below(count.min(events + 4)))).collect();
        formulas.push(match random.below(6) {
            0 | 1 => Formula::And(of),
            2 | 3 => Formula::Or(of),
            4 => Formula::AtLeast(1 + random.below(of.len()), of),
            _ if random.below(2) == 0 => Formula::Not(of[0]),
            _ => Formula::Xor([of[0], of[1]]),
        });
    }
    Function::simplified(&formulas, FormulaId(formulas.len() - 1))
}

fn value(down: f64) -> EventValues {
    EventValues { up: 1.0 - down, down, rates: None }
}

/// The probability, state by state.
fn probability(function: &Function, inputs: &[f64]) -> f64 {
    let states = 0..1_usize << inputs.len();
    let happens = states.filter(|state| function.value(|input| state >> input & 1 == 1));
    let weight = |state: usize| -> f64 {
        let share = |(input, down): (usize, &f64)| if state >> input & 1 == 1 { *down } else { 1.0 - down };
        inputs.iter().enumerate().map(share).product()
    };
    happens.map(weight).sum()
}

#[test]
fn functions_of_any_size_lie_on_their_side_of_the_exact_one() {
    let mut random = Random(5);
    let (mut wide, mut exact_ones) = (0, 0);
    for _ in 0..300 {
        let function = random_function(&mut random, 9, 25);
        if matches!(function.formulas[function.root.0], Formula::Constant(_)) {
            continue;
        }
        let modules = modules(&function);
        let [module] = &modules[..] else { continue };
        let downs: Vec<f64> = (0..module.inputs.len()).map(|_| [0.5, 0.1, 1e-3][random.below(3)]).collect();
        let inputs: Vec<Ends> = downs.iter().map(|down| Ends::exact(value(*down))).collect();
        let exact = probability(&module.function, &downs);
        // A few hundred roundings of sums of products.
        let room = 1e-13 * exact;
        for kept in [1, 2, 3, 5, 9, 1_000] {
            let order = Order::ALL[random.below(Order::ALL.len())];
            let ends = bounds(module, &inputs, order, (kept, 1 << 20), &NoObserver).unwrap();
            assert!(ends.low.down <= exact + room, "{kept}: {} is above {exact}", ends.low.down);
            assert!(ends.high.down >= exact - room, "{kept}: {} is below {exact}", ends.high.down);
            if kept == 1_000 {
                assert!(ends.width() <= 1e-13, "{ends:?} of {exact}");
                exact_ones += 1;
            } else if ends.width() > 1e-3 {
                wide += 1;
            }
        }
    }
    assert!(wide > 200 && exact_ones > 50, "{wide} {exact_ones}: nothing gave way");
}

#[test]
fn inputs_between_two_ends_give_bounds_for_all_that_lie_between() {
    let mut random = Random(11);
    for _ in 0..100 {
        let function = random_function(&mut random, 7, 15);
        if matches!(function.formulas[function.root.0], Formula::Constant(_)) {
            continue;
        }
        let modules = modules(&function);
        let [module] = &modules[..] else { continue };
        let ends = |low: f64, high: f64| Ends { low: value(low), high: value(high) };
        let inputs: Vec<Ends> = module.inputs.iter().map(|_| ends(0.1, [0.1, 0.2, 0.4][random.below(3)])).collect();
        let found = bounds(module, &inputs, Order::AsWritten, (4, 1 << 20), &NoObserver).unwrap();
        for part in [0.0, 0.3, 1.0] {
            let between = |ends: &Ends| ends.low.down + part * (ends.high.down - ends.low.down);
            let exact = probability(&module.function, &inputs.iter().map(between).collect::<Vec<f64>>());
            assert!(found.low.down <= exact + 1e-13 && exact <= found.high.down + 1e-13, "{found:?} {exact}");
        }
    }
}

#[test]
fn a_diagram_without_room_gives_bounds_all_the_same() {
    let mut random = Random(3);
    for _ in 0..50 {
        let function = random_function(&mut random, 9, 25);
        let modules = if matches!(function.formulas[function.root.0], Formula::Constant(_)) {
            continue;
        } else {
            modules(&function)
        };
        let [module] = &modules[..] else { continue };
        let downs = vec![0.25; module.inputs.len()];
        let inputs: Vec<Ends> = downs.iter().map(|down| Ends::exact(value(*down))).collect();
        let exact = probability(&module.function, &downs);
        let ends = bounds(module, &inputs, Order::AsWritten, (100, 24), &NoObserver).unwrap();
        assert!(ends.low.down <= exact + 1e-13 && exact <= ends.high.down + 1e-13, "{ends:?} {exact}");
    }
}
