//! The exact engine from three nines to thirty: what it proves of its digits, and that the proof holds.

use std::num::NonZeroU32;

use ninefold::exact::{Settings, solve};
use ninefold::measure::NoObserver;
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::topology::read::{Syntax, read};

/// Units in parallel that one person repairs, one of which is enough: a birth-death process with
/// pi(k) proportional to n! / (n - k)! (MTTR / MTBF)^k (Feller 1968, XVII.7), down in state n.
fn unavailability(units: u32, ratio: f64) -> f64 {
    let mut terms = vec![1.0];
    for failed in 0..units {
        terms.push(terms[failed as usize] * f64::from(units - failed) * ratio);
    }
    // Positive terms only: each is good to 2n roundings, and so is the quotient.
    terms[units as usize] / terms.iter().sum::<f64>()
}

fn topology(units: NonZeroU32, mttr_seconds: u32) -> String {
    format!(
        "[component.a]\nmtbf = \"1000000s\"\nmttr = \"{mttr_seconds}s\"\n[crew.c]\nsize = 1\n\
         [group.g]\ncomponent = \"a\"\nactive = {units}\nneed = 1\ncrew = \"c\"\n[system]\nup = \"g\"\n"
    )
}

#[test]
fn proven_digits_hold_from_three_nines_to_thirty() {
    let (mut largest, mut smallest) = (0.0_f64, 1.0_f64);
    for units in (2..=8).filter_map(NonZeroU32::new) {
        for mttr in [30, 1_000, 30_000] {
            let text = topology(units, mttr);
            let model = read(&text, Syntax::Toml, DEFAULT_YEAR_SECONDS).expect("a topology");
            let measures = solve(&model, &Settings::default(), &NoObserver).expect("it is exponential");
            let expected = unavailability(units.get(), f64::from(mttr) / 1e6);
            let error = (measures.unavailability / expected - 1.0).abs();
            assert!(measures.relative_accuracy <= 1e-10, "{units} units, {mttr} s: {:e}", measures.relative_accuracy);
            assert!(error <= measures.relative_accuracy + 1e-14, "{units} units, {mttr} s: {error:e}");
            largest = largest.max(expected);
            smallest = smallest.min(expected);
        }
    }
    assert!(largest > 1e-3 && smallest < 1e-30, "{largest:e} to {smallest:e}");
}
