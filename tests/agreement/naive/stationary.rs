//! Long-run shares of the states of a chain.
//!
//! Grassmann, Taksar, Heyman (1985): states are eliminated from the last to the first, without subtractions, so every share
//! has nearly full relative accuracy (O'Cinneide 1993). Generic, so that the same lines also run in exact fractions.

use std::ops::{Add, Div, Mul};

use num_traits::{One, Zero};

/// The stationary vector of a dense matrix of rates (the diagonal is ignored), by elimination.
pub(crate) fn eliminate<T>(mut rates: Vec<Vec<T>>) -> Vec<T>
where
    T: Clone + Add<Output = T> + Mul<Output = T> + Div<Output = T> + Zero + One,
{
    let states = rates.len();
    let mut exits = vec![T::one(); states];
    for last in (1..states).rev() {
        let exit = sum(rates[last][..last].iter().cloned());
        let targets = rates[last][..last].iter().enumerate().filter(|(_, rate)| !rate.is_zero());
        let targets: Vec<(usize, T)> = targets.map(|(to, rate)| (to, rate.clone() / exit.clone())).collect();
        for from in &mut rates[..last] {
            if !from[last].is_zero() {
                let through = from[last].clone();
                for (to, share) in &targets {
                    from[*to] = from[*to].clone() + through.clone() * share.clone();
                }
            }
        }
        exits[last] = exit;
    }
    let mut shares: Vec<T> = vec![T::one()];
    for state in 1..states {
        let sources = (0..state).filter(|from| !rates[*from][state].is_zero());
        let inflow = sum(sources.map(|from| shares[from].clone() * rates[from][state].clone()));
        shares.push(inflow / exits[state].clone());
    }
    let total = sum(shares.iter().cloned());
    shares.into_iter().map(|share| share / total.clone()).collect()
}

fn sum<T: Add<Output = T> + Zero>(terms: impl Iterator<Item = T>) -> T {
    terms.fold(T::zero(), |sum, term| sum + term)
}
