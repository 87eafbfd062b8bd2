//! Groups on one crew that have a product form: against exact fractions, against the naive solver, and against the chain.

use std::fmt::Write as _;

use ninefold::exact::{self, Settings};
use ninefold::measure::NoObserver;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use crate::answers::MOST_STATES;
use crate::compare::agree_with_the_naive_solver;
use crate::generated::Choices;
use crate::library::parsed;
use crate::relative::assert_rel;

/// Fractions are rounded once; the product form adds a few roundings for each of up to 200 units.
const TOLERANCE: f64 = 1e-12;

/// `need` of `units`, all times in hours.
#[derive(Clone, Copy)]
struct Group {
    units: usize,
    need: usize,
    life: u32,
    detect: u32,
}

fn fraction(value: u32) -> BigRational {
    BigRational::from_integer(BigInt::from(value))
}

type Polynomial = Vec<BigRational>;

fn times(a: &Polynomial, b: &Polynomial) -> Polynomial {
    let mut sum = vec![BigRational::zero(); a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate() {
        for (j, b) in b.iter().enumerate() {
            sum[i + j] += a * b;
        }
    }
    sum
}

impl Group {
    /// Weights of `failed` failed units, by the number of those noticed: sum over f + e of `n!/(f! e! ...) (r t)^f (r d)^e`.
    fn with_failed(&self, failed: usize, repair: u32) -> Polynomial {
        let unit = vec![fraction(self.detect) / fraction(self.life), fraction(repair) / fraction(self.life)];
        let ways = (1..=failed).map(|k| fraction((self.units - failed + k) as u32) / fraction(k as u32));
        let ways = vec![ways.fold(BigRational::one(), |product, factor| product * factor)];
        (0..failed).fold(ways, |product, _| times(&product, &unit))
    }

    fn sum(&self, failed: impl Iterator<Item = usize>, repair: u32) -> Polynomial {
        let mut sum = vec![BigRational::zero(); self.units + 1];
        for failed in failed {
            for (sum, term) in sum.iter_mut().zip(self.with_failed(failed, repair)) {
                *sum += term;
            }
        }
        sum
    }
}

/// Share of the time with a group down, and outages per second, of groups in series.
fn series(groups: &[Group], repair: u32, size: u32) -> (f64, f64) {
    let spare = |group: &Group| group.units - group.need;
    let up: Vec<Polynomial> = groups.iter().map(|group| group.sum(0..=spare(group), repair)).collect();
    let all: Vec<Polynomial> = groups.iter().map(|group| group.sum(0..=group.units, repair)).collect();
    let weighed = |polynomial: &Polynomial| {
        let (mut weight, mut sum) = (BigRational::one(), BigRational::zero());
        for (number, factor) in polynomial.iter().enumerate() {
            if number > 0 {
                weight *= fraction(number as u32) / fraction((number as u32).min(size));
            }
            sum += &weight * factor;
        }
        sum
    };
    let product = |of: &[Polynomial]| of.iter().fold(vec![BigRational::one()], |product, next| times(&product, next));
    let total = weighed(&product(&all));
    let mut frequency = BigRational::zero();
    for (place, group) in groups.iter().enumerate() {
        let mut parts = up.clone();
        parts[place] = group.sum(std::iter::once(spare(group)), repair);
        let rate = fraction(group.need as u32) / fraction(group.life) / fraction(3_600);
        frequency += weighed(&product(&parts)) * rate;
    }
    let down = &total - weighed(&product(&up));
    let rounded = |value: BigRational| value.to_f64().expect("a number of ordinary size");
    (rounded(down / &total), rounded(frequency / total))
}

fn text(groups: &[Group], repair: u32, size: u32) -> String {
    let mut text = format!("[crew.k]\nsize = {size}\n");
    for (place, group) in groups.iter().enumerate() {
        let Group { units, need, life, detect } = group;
        let _ = write!(
            text,
            "[component.c{place}]\nmtbf = \"{life}h\"\nmttr = \"{repair}h\"\ndetect = \"{detect}h\"\n\
             [group.g{place}]\ncomponent = \"c{place}\"\nactive = {units}\nneed = {need}\ncrew = \"k\"\n"
        );
    }
    let names: Vec<String> = (0..groups.len()).map(|place| format!("g{place}")).collect();
    let _ = write!(text, "[system]\nup = \"{}\"\n", names.join(" and "));
    text
}

fn assert_series(groups: &[Group], repair: u32, size: u32) {
    let (unavailability, frequency) = series(groups, repair, size);
    let model = parsed(&text(groups, repair, size), "series");
    let exact = exact::solve(&model, &Settings::default(), &NoObserver).expect("a product form");
    assert_eq!(exact.method, "product form and decision diagram");
    assert_rel(exact.unavailability, unavailability, exact.relative_accuracy, "unavailability");
    assert_rel(exact.failure_frequency.unwrap_or(0.0), frequency, exact.relative_accuracy, "frequency");
    assert!(exact.relative_accuracy < TOLERANCE, "{:e}", exact.relative_accuracy);
}

#[test]
fn series_of_groups_are_what_fractions_say() {
    let of = |units, need, life, detect| Group { units, need, life, detect };
    assert_series(&[of(3, 2, 1_000, 0), of(3, 2, 1_000, 0)], 2, 1);
    assert_series(&[of(6, 2, 1_000, 0), of(6, 2, 700, 1)], 1, 2);
    assert_series(&[of(5, 2, 1_000, 0), of(5, 2, 1_500, 0), of(5, 2, 2_200, 0)], 2, 2);
    // Overloaded: the crew is always busy.
    assert_series(&[of(4, 2, 3, 1), of(5, 5, 20, 0), of(1, 1, 2, 7)], 9, 2);
    // Two hundred units of twenty kinds.
    let fleet: Vec<Group> = (0..20).map(|place| of(10, 8, 700 + 20 * place, place % 3)).collect();
    assert_series(&fleet, 1, 3);
}

/// Random groups on one crew, of one repair, over up to two domains; `modes` that fail together as often as one.
fn random(seed: u64, modes: usize) -> String {
    let mut choices = Choices::new(seed);
    let domains = choices.below(3);
    let mut text = format!("[crew.k]\nsize = {}\n", 1 + choices.below(2));
    for place in 0..domains {
        let within = if place > 0 && choices.below(2) == 0 { "within = \"d0\"\n" } else { "" };
        let _ = write!(text, "[domain.d{place}]\nmtbf = \"{}h\"\nmttr = \"3h\"\n{within}", 20 + choices.below(50));
    }
    let groups = 2 + choices.below(2);
    for place in 0..groups {
        let (life, detect) = (20 + choices.below(60), choices.below(2) * (1 + choices.below(90)));
        let _ = writeln!(text, "[component.c{place}]\ndetect = \"{detect}m\"");
        for mode in 0..modes {
            let _ = writeln!(text, "[component.c{place}.modes.m{mode}]\nmtbf = \"{}h\"\nmttr = \"5h\"", life * modes);
        }
        let active = 1 + choices.below(4 - groups + 1);
        let need = 1 + choices.below(active);
        let _ = writeln!(
            text,
            "[group.g{place}]\ncomponent = \"c{place}\"\nactive = {active}\nneed = {need}\ncrew = \"k\""
        );
        match choices.below(3) {
            0 if domains > 0 => {
                text.push_str(if domains == 2 { "spread = [\"d1\", \"d0\"]\n" } else { "spread = [\"d0\"]\n" });
            }
            1 if domains > 0 => text.push_str("depends = [\"d0\"]\n"),
            _ => {}
        }
    }
    let names: Vec<String> = (0..groups).map(|place| format!("g{place}")).collect();
    let up = match choices.below(4) {
        0 => names.join(" and "),
        1 => names.join(" or "),
        2 => format!("2 of ({})", names.join(", ")),
        _ => format!("g0 and ({})", names[1..].join(" or ")),
    };
    let also = if domains > 0 && choices.below(3) == 0 { " and d0" } else { "" };
    let _ = write!(text, "[system]\nup = \"({up}){also}\"\n");
    text
}

#[test]
fn product_forms_are_what_they_are_to_the_naive_solver() {
    let solved = agree_with_the_naive_solver((0..100).map(|seed| random(seed, 1)), MOST_STATES / 2, TOLERANCE);
    let taken = solved.iter().filter(|exact| exact.method.starts_with("product form")).count();
    assert!(taken > 40, "only {taken} were small enough");
}

/// Two modes that are alike are no product form to the engine, but the same.
#[test]
fn product_forms_are_what_chains_are() {
    let mut taken = 0;
    let settings = Settings { max_states: 20_000, ..Settings::default() };
    for seed in 200..280 {
        let name = format!("seed {seed}");
        let solve = |modes| exact::solve(&parsed(&random(seed, modes), &name), &settings, &NoObserver);
        let [Ok(product), Ok(chain)] = [1, 2].map(solve) else { continue };
        if !product.method.starts_with("product form") || !chain.method.contains("chain") {
            continue;
        }
        taken += 1;
        assert_rel(product.unavailability, chain.unavailability, TOLERANCE, &name);
        assert_rel(product.failure_frequency.unwrap(), chain.failure_frequency.unwrap(), TOLERANCE, &name);
        for (one, other) in product.contributions.ended_by.iter().zip(&chain.contributions.ended_by) {
            assert_eq!(one.of, other.of);
            assert_rel(one.value, other.value, TOLERANCE, &format!("{name}: {}", one.of));
        }
    }
    assert!(taken > 40, "{taken}");
}

/// Of lives and of noticing only means matter: the simulator need not be asked, the engine gives one answer.
#[test]
fn only_means_of_lives_and_of_noticing_matter() {
    let with = |life: &str, detect: &str| {
        let text = format!(
            "[component.a]\nmtbf = {life}\nmttr = \"3h\"\ndetect = {detect}\n[crew.k]\nsize = 1\n\
             [group.a]\ncomponent = \"a\"\nactive = 3\nneed = 2\ncrew = \"k\"\n[system]\nup = \"a\"\n"
        );
        exact::solve(&parsed(&text, life), &Settings::default(), &NoObserver).unwrap().unavailability
    };
    let exponential = with("\"20h\"", "\"1h\"");
    assert_rel(with("{ weibull = { mean = \"20h\", shape = 2.5 } }", "{ fixed = \"1h\" }"), exponential, 1e-14, "U");
}
