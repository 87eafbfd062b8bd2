use super::{Distribution, Family};
use crate::numeric::random::{Purpose, stream};

fn families() -> Vec<Distribution> {
    let families = [
        Family::Exponential { mean: 3.0 },
        Family::Uniform { low: 1.0, high: 4.0 },
        Family::LogNormal { mu: 0.3, sigma: 0.8 },
        Family::Weibull { scale: 2.0, shape: 0.7 },
        Family::Weibull { scale: 2.0, shape: 3.0 },
        Family::Gamma { shape: 0.4, scale: 2.0 },
        Family::Gamma { shape: 7.5, scale: 0.3 },
        Family::Erlang { stages: 3, mean: 2.0 },
        Family::Erlang { stages: 12, mean: 2.0 },
        Family::HyperExponential { means: vec![0.1, 5.0], weights: vec![0.75, 0.25] },
    ];
    families.map(|family| Distribution::new(family).unwrap()).into()
}

#[test]
fn quantiles_invert_the_cumulative_on_both_sides() {
    for distribution in families() {
        for p in [1e-9, 0.01, 0.3, 0.5, 0.9, 0.999] {
            let t = distribution.quantile(p);
            let back = distribution.cumulative(t);
            // The quantile is good to a few ulp of t, and the cumulative moves with it.
            let moved = distribution.density(t).unwrap() * t / p * 1e-15;
            assert!((back / p - 1.0).abs() < 1e-13 + moved, "{distribution:?} at {p}: {back}");
            assert!((distribution.survival(t) + back - 1.0).abs() < 1e-14, "{distribution:?} at {p}");
        }
    }
}

#[test]
fn the_density_is_the_slope_of_the_cumulative() {
    for distribution in families() {
        for p in [0.1, 0.5, 0.8] {
            let t = distribution.quantile(p);
            let h = 1e-5 * t;
            let slope = (distribution.cumulative(t + h) - distribution.cumulative(t - h)) / (2.0 * h);
            let density = distribution.density(t).unwrap();
            // Central differences: truncation h^2 f''/6 below 1e-9 relative, rounding 1e-16 / 1e-5.
            assert!((slope / density - 1.0).abs() < 1e-7, "{distribution:?} at {p}: {slope} {density}");
            let hazard = distribution.hazard(t).unwrap();
            assert!((hazard * distribution.survival(t) / density - 1.0).abs() < 1e-13);
            let cumulative_hazard = distribution.cumulative_hazard(t).unwrap();
            assert!((libm::exp(-cumulative_hazard) / distribution.survival(t) - 1.0).abs() < 1e-13);
        }
    }
}

#[test]
fn draws_follow_the_cumulative() {
    for (index, distribution) in families().into_iter().enumerate() {
        let mut random = stream(11, Purpose::Plain, index as u64);
        let n = 20_000;
        let mut draws: Vec<f64> = (0..n).map(|_| distribution.sample(&mut random)).collect();
        draws.sort_by(f64::total_cmp);
        let distance = draws.iter().enumerate().map(|(rank, &t)| {
            let p = distribution.cumulative(t);
            (p - rank as f64 / f64::from(n)).abs().max((p - (rank + 1) as f64 / f64::from(n)).abs())
        });
        let kolmogorov = distance.fold(0.0, f64::max);
        // Exceeded with probability 2 exp(-2 n d^2) = 9e-5 for a right sampler.
        assert!(kolmogorov < 0.0158, "{distribution:?}: {kolmogorov}");
    }
}

#[test]
fn means_and_variances_are_those_of_the_quantile_function() {
    for distribution in families() {
        let n = 200_000;
        let mid = |k: i32| (f64::from(k) + 0.5) / f64::from(n);
        let mean: f64 = (0..n).map(|k| distribution.quantile(mid(k))).sum::<f64>() / f64::from(n);
        // The midpoint rule in the probability misses a part of the upper tail; heavy ones most.
        assert!((mean / distribution.mean() - 1.0).abs() < 2e-3, "{distribution:?}: {mean}");
    }
    let uniform = Distribution::new(Family::Uniform { low: 1.0, high: 4.0 }).unwrap();
    assert_eq!((uniform.mean(), uniform.variance()), (2.5, 0.75));
    let lognormal = Distribution::lognormal_from_mean(1_200.0, 1.2).unwrap();
    assert!((lognormal.mean() / 1_200.0 - 1.0).abs() < 1e-14);
    assert!((lognormal.variance().sqrt() / 1_440.0 - 1.0).abs() < 1e-13);
    let median = Distribution::lognormal_from_median(10.0, 100.0).unwrap();
    assert!((median.quantile(0.95) / 100.0 - 1.0).abs() < 1e-13);
}

#[test]
fn shapes_of_one_are_exponentials() {
    let exponential = Distribution::exponential(3.0).unwrap();
    assert_eq!(Distribution::new(Family::Weibull { scale: 3.0, shape: 1.0 }).unwrap(), exponential);
    assert_eq!(Distribution::new(Family::Gamma { shape: 1.0, scale: 3.0 }).unwrap(), exponential);
    assert_eq!(Distribution::new(Family::Erlang { stages: 1, mean: 3.0 }).unwrap(), exponential);
}

#[test]
fn what_is_no_distribution_is_refused() {
    let bad = [
        Family::Exponential { mean: 0.0 },
        Family::Exponential { mean: f64::INFINITY },
        Family::Fixed { value: -1.0 },
        Family::Uniform { low: 2.0, high: 2.0 },
        Family::LogNormal { mu: 0.0, sigma: 0.0 },
        Family::LogNormal { mu: 1e6, sigma: 1.0 },
        Family::Weibull { scale: 1.0, shape: -1.0 },
        Family::Gamma { shape: f64::NAN, scale: 1.0 },
        Family::Erlang { stages: 0, mean: 1.0 },
        Family::HyperExponential { means: vec![1.0], weights: vec![0.5, 0.5] },
        Family::HyperExponential { means: vec![1.0, 2.0], weights: vec![0.5, 0.4] },
        Family::Empirical { values: vec![] },
        Family::Empirical { values: vec![0.0] },
    ];
    for family in bad {
        assert!(Distribution::new(family.clone()).is_err(), "{family:?}");
    }
}
