//! In which all-up state a cycle starts.
//!
//! Where slots can be owned by units that differ, all-up is several states, and one may be left for another only once in many
//! cycles. So batches start by the law that cycles of the twin have in the long run. With P(a, b) the probability that
//! a cycle from a ends in b, solved like the values, it is the stationary law of P, by elimination without subtraction
//! (Grassmann, Taksar, Heyman 1985).

use crate::dynamics::State;
use crate::measure::Observer;
use crate::simulate::rare::frontier::Frontier;
use crate::simulate::rare::meter::Meter;
use crate::simulate::rare::sweeps::sweep;

/// With more all-up states, batches start in the first one.
const MOST_STARTS: usize = 64;
/// Probabilities are solved to this relative change; what they are off by is a bias.
const TOLERANCE: f64 = 1e-9;
const MOST_SWEEPS: u32 = 1_000;

/// The all-up states in which cycles start, and how often. `order` has all other explored states, those with most losses first.
pub(crate) fn starts<M: Meter>(
    frontier: &Frontier<'_, M>,
    order: &[usize],
    observer: &dyn Observer,
) -> Vec<(State, f64)> {
    let exploration = &frontier.exploration;
    let all: Vec<usize> = frontier.expanded.iter().map(|&index| index as usize).collect();
    let all_up: Vec<usize> = all.into_iter().filter(|&index| frontier.all_up[index]).collect();
    if all_up.len() == 1 || all_up.len() > MOST_STARTS {
        return vec![(exploration.state(0), 1.0)];
    }
    let ends: Vec<Vec<f64>> = all_up.iter().map(|&end| ends_in(frontier, order, &all_up, end, observer)).collect();
    let rows = (0..all_up.len()).map(|a| ends.iter().map(|end| end[a]).collect()).collect();
    let law = stationary(rows);
    all_up.iter().map(|&index| exploration.state(index)).zip(law).collect()
}

/// The probability that a cycle ends in all-up state `end`, from each all-up state.
fn ends_in<M: Meter>(
    frontier: &Frontier<'_, M>,
    order: &[usize],
    all_up: &[usize],
    end: usize,
    observer: &dyn Observer,
) -> Vec<f64> {
    let mut v = vec![0.0; frontier.exploration.count()];
    let backup = |index: usize, v: &[f64]| {
        let then = |to: usize| if frontier.all_up[to] { f64::from(u8::from(to == end)) } else { v[to] };
        let arcs = frontier.exploration.arcs_of(index).unwrap_or_default();
        arcs.iter().map(|arc| arc.rate * then(arc.to as usize)).sum::<f64>() / frontier.exploration.exit()[index]
    };
    sweep(&order.iter().copied(), &mut v, (TOLERANCE, MOST_SWEEPS), observer, backup);
    all_up.iter().map(|&start| backup(start, &v)).collect()
}

/// The stationary law of a chain with these transition probabilities, up to a factor in each row: what stays is not looked at. States
/// that cannot be told to come back have no share.
fn stationary(mut p: Vec<Vec<f64>>) -> Vec<f64> {
    let n = p.len();
    for last in (1..n).rev() {
        let out: f64 = p[last][..last].iter().sum();
        if out <= 0.0 {
            // Never left for those before it: all others are left for it in the end.
            return stationary_from(last, n);
        }
        let (before, rest) = p.split_at_mut(last);
        let onward = &rest[0][..last];
        for (i, row) in before.iter_mut().enumerate() {
            row[last] /= out;
            let through = row[last];
            for (j, (entry, then)) in row.iter_mut().zip(onward).enumerate() {
                if i != j {
                    *entry += through * then;
                }
            }
        }
    }
    let mut law = vec![1.0; n];
    for j in 1..n {
        law[j] = (0..j).map(|i| law[i] * p[i][j]).sum();
    }
    let total: f64 = law.iter().sum();
    law.iter().map(|share| share / total).collect()
}

fn stationary_from(state: usize, n: usize) -> Vec<f64> {
    (0..n).map(|other| f64::from(u8::from(other == state))).collect()
}

#[cfg(test)]
mod tests {
    use super::stationary;

    #[test]
    fn laws_of_small_chains() {
        let of_two = stationary(vec![vec![0.0, 0.3], vec![1e-9, 0.0]]);
        assert!((of_two[0] * 0.3 / (of_two[1] * 1e-9) - 1.0).abs() < 1e-14);
        let of_three = stationary(vec![vec![0.0, 0.5, 0.5], vec![0.2, 0.0, 0.1], vec![0.4, 0.4, 0.0]]);
        // Balance of each state.
        let p = [[0.0, 0.5, 0.5], [0.2, 0.0, 0.1], [0.4, 0.4, 0.0]];
        for j in 0..3 {
            let into: f64 = (0..3).map(|i| of_three[i] * p[i][j]).sum();
            let out: f64 = p[j].iter().sum::<f64>() * of_three[j];
            assert!((into / out - 1.0).abs() < 1e-14);
        }
        assert_eq!(stationary(vec![vec![0.0, 0.3], vec![0.0, 0.0]]), [0.0, 1.0]);
    }
}
