//! Special functions and intervals against a table of 40-digit references (`accuracy/special.csv`, made by
//! `accuracy/reference.py` with mpmath).

use std::collections::BTreeMap;

use ninefold::numeric::distribution::{Distribution, Family};
use ninefold::numeric::interval::{binomial_lower, binomial_upper, jeffreys, poisson_lower, poisson_upper};
use ninefold::numeric::special::{
    beta_lower, beta_upper, chi_square_lower, chi_square_lower_quantile, chi_square_upper, chi_square_upper_quantile,
    gamma_lower, gamma_upper, normal_upper, normal_upper_quantile, student_upper, student_upper_quantile,
};

/// Of hazards, times to a hazard, and hazard rates: those that are not good to a few ulp are far from 1 or steep.
const HAZARD_TOLERANCE: f64 = 1e-12;

/// Relative tolerances. Functions of one argument are good to a few ulp times the slope of their logarithm; a tail of
/// 1e-100 has a slope of about 450.
const TOLERANCES: [(&str, f64); 18] = [
    ("gamma_lower", 1e-12),
    ("gamma_upper", 1e-12),
    ("beta_lower", 1e-12),
    ("beta_upper", 1e-12),
    ("chi_square_lower", 1e-12),
    ("chi_square_upper", 1e-12),
    ("chi_square_lower_quantile", 1e-12),
    ("chi_square_upper_quantile", 1e-12),
    ("normal_upper", 2e-13),
    ("normal_upper_quantile", 1e-14),
    ("student_upper", 1e-12),
    ("student_upper_quantile", 1e-12),
    ("poisson_lower", 1e-12),
    ("poisson_upper", 1e-12),
    ("binomial_lower", 1e-12),
    ("binomial_upper", 1e-12),
    ("jeffreys_low", 1e-12),
    ("jeffreys_high", 1e-12),
];

/// The relative distance of two numbers; 0 when both are 0.
fn relative(actual: f64, expected: f64) -> f64 {
    let distance = (actual - expected).abs();
    if distance == 0.0 { 0.0 } else { distance / expected.abs() }
}

fn evaluate(function: &str, a: f64, b: f64, c: f64) -> f64 {
    match function {
        "gamma_lower" => gamma_lower(a, b),
        "gamma_upper" => gamma_upper(a, b),
        "beta_lower" => beta_lower(a, b, c),
        "beta_upper" => beta_upper(a, b, c),
        "chi_square_lower" => chi_square_lower(a, b),
        "chi_square_upper" => chi_square_upper(a, b),
        "chi_square_lower_quantile" => chi_square_lower_quantile(a, b),
        "chi_square_upper_quantile" => chi_square_upper_quantile(a, b),
        "normal_upper" => normal_upper(a),
        "normal_upper_quantile" => normal_upper_quantile(a),
        "student_upper" => student_upper(a, b),
        "student_upper_quantile" => student_upper_quantile(a, b),
        "poisson_lower" => poisson_lower(a as u64, b),
        "poisson_upper" => poisson_upper(a as u64, b),
        "binomial_lower" => binomial_lower(a as u64, b as u64, c),
        "binomial_upper" => binomial_upper(a as u64, b as u64, c),
        "jeffreys_low" => jeffreys(a as u64, b as u64, c).low,
        "jeffreys_high" => jeffreys(a as u64, b as u64, c).high,
        other => evaluate_hazard(other, a, b, c),
    }
}

/// `function` is what is asked and the family, such as `hazard_over_gamma`; then its shape, the age, and the step.
fn evaluate_hazard(function: &str, shape: f64, age: f64, step: f64) -> f64 {
    if let Some(family) = function.strip_prefix("hazard_over_") {
        distribution(family, shape).hazard_over(age, step)
    } else if let Some(family) = function.strip_prefix("time_to_hazard_") {
        distribution(family, shape).time_to_hazard(age, step)
    } else if let Some(family) = function.strip_prefix("hazard_") {
        distribution(family, shape).hazard(age).expect("a family without atoms")
    } else {
        panic!("no function named {function}")
    }
}

/// The distributions of the table: scale 1, the uniform from 1 to 4, and one mixture.
fn distribution(family: &str, shape: f64) -> Distribution {
    let family = match family {
        "exponential" => Family::Exponential { mean: 1.0 },
        "uniform" => Family::Uniform { low: 1.0, high: 4.0 },
        "lognormal" => Family::LogNormal { mu: 0.0, sigma: shape },
        "weibull" => Family::Weibull { scale: 1.0, shape },
        "gamma" => Family::Gamma { shape, scale: 1.0 },
        "erlang" => Family::Erlang { stages: shape as u32, mean: shape },
        "hyperexponential" => Family::HyperExponential { means: vec![0.1, 5.0], weights: vec![0.75, 0.25] },
        other => panic!("no family named {other}"),
    };
    Distribution::new(family).expect("a distribution")
}

#[test]
fn special_functions_and_intervals_match_forty_digits() {
    let tolerances: BTreeMap<&str, f64> = TOLERANCES.into_iter().collect();
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in include_str!("accuracy/special.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |index: usize| fields[index].parse().unwrap_or(f64::NAN);
        let (a, b, c, expected) = (number(1), number(2), number(3), number(4));
        let actual = evaluate(fields[0], a, b, c);
        let error = relative(actual, expected);
        rows += 1;
        if error.is_nan() || error > tolerances.get(fields[0]).copied().unwrap_or(HAZARD_TOLERANCE) {
            wrong.push(format!("{line}: {actual:e}, off by {error:.1e}"));
        }
    }
    assert!(rows >= 150, "the table has only {rows} rows");
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}

/// A second implementation, in the body of the distributions, where it is good to nine digits.
#[test]
fn statrs_agrees_in_the_body() {
    use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, Normal, StudentsT};

    let mut worst = 0.0_f64;
    let mut compare = |actual: f64, other: f64| worst = worst.max(relative(actual, other));
    for x in [0.2, 0.7, 1.5, 4.0, 9.0] {
        for df in [1.0, 2.5, 6.0, 20.0] {
            let chi_square = ChiSquared::new(df).expect("a distribution");
            compare(chi_square_lower(df, x), chi_square.cdf(x));
            compare(chi_square_upper(df, x), chi_square.sf(x));
            compare(student_upper(df, x), StudentsT::new(0.0, 1.0, df).expect("a distribution").sf(x));
            compare(beta_lower(df, x, 0.3), Beta::new(df, x).expect("a distribution").cdf(0.3));
        }
        compare(normal_upper(x / 3.0), Normal::standard().sf(x / 3.0));
    }
    assert!(worst < 1e-9, "{worst:e}");
}
