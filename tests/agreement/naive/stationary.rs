//! Long-run shares of the states of a chain.
//!
//! Grassmann, Taksar, Heyman (1985): states are eliminated from the last to the first, without subtractions, so every share
//! has nearly full relative accuracy (O'Cinneide 1993). Generic, so that the same lines also run in exact fractions.
//! Chains too large for a dense matrix are swept by Gauss-Seidel, also without subtractions.

use std::ops::{Add, Div, Mul};

/// The stationary vector of a dense matrix of rates (the diagonal is ignored), by elimination.
pub(crate) fn eliminate<T>(mut rates: Vec<Vec<T>>) -> Vec<T>
where
    T: Clone + PartialEq + Add<Output = T> + Mul<Output = T> + Div<Output = T> + num_traits::Zero + num_traits::One,
{
    let states = rates.len();
    let mut exits = vec![T::one(); states];
    for last in (1..states).rev() {
        let exit = rates[last][..last].iter().cloned().fold(T::zero(), |sum, rate| sum + rate);
        let row: Vec<T> = rates[last][..last].iter().map(|rate| rate.clone() / exit.clone()).collect();
        for from in &mut rates[..last] {
            if from[last].is_zero() {
                continue;
            }
            let through = from[last].clone();
            for (cell, share) in from[..last].iter_mut().zip(&row) {
                if !share.is_zero() {
                    *cell = cell.clone() + through.clone() * share.clone();
                }
            }
        }
        exits[last] = exit;
    }
    let mut shares: Vec<T> = vec![T::one()];
    for state in 1..states {
        let inflow = (0..state)
            .fold(T::zero(), |sum, from| sum + shares[from].clone() * rates[from][state].clone());
        shares.push(inflow / exits[state].clone());
    }
    let total = shares.iter().cloned().fold(T::zero(), |sum, share| sum + share);
    shares.into_iter().map(|share| share / total.clone()).collect()
}

/// Sweeps after which a chain is given up: the slowest of the library needs a tenth.
const MOST_SWEEPS: usize = 20_000;

/// The stationary vector of sparse rows (target, rate), by Gauss-Seidel sweeps until no share changes by more than a few
/// ulp; the error is the change times the number of sweeps that a change lives on, which the tolerances allow for.
pub(crate) fn sweep(rows: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let mut columns = vec![Vec::new(); rows.len()];
    let mut exits = vec![0.0; rows.len()];
    for (from, row) in rows.iter().enumerate() {
        for &(to, rate) in row.iter().filter(|(to, _)| *to != from) {
            columns[to].push((from, rate));
            exits[from] += rate;
        }
    }
    let mut shares = vec![1.0; rows.len()];
    for sweep in 0..MOST_SWEEPS {
        let mut change = 0.0_f64;
        let order: Vec<usize> =
            if sweep % 2 == 0 { (1..rows.len()).collect() } else { (1..rows.len()).rev().collect() };
        for state in order {
            let inflow: f64 = columns[state].iter().map(|(from, rate)| shares[*from] * rate).sum();
            let share = inflow / exits[state];
            change = change.max((share - shares[state]).abs() / share);
            shares[state] = share;
        }
        if change < 2e-15 {
            let total: f64 = shares.iter().sum();
            return shares.into_iter().map(|share| share / total).collect();
        }
    }
    panic!("no convergence within {MOST_SWEEPS} sweeps over {} states", rows.len());
}
