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

/// The share of the tilted density up to t, by the midpoint rule in the probability: E[R^k; R <= t] / E[R^k].
fn tilted_cumulative(distribution: &Distribution, k: i32, sorted: &[f64]) -> Vec<f64> {
    let n = 400_000;
    let mut total = 0.0;
    let mut shares = Vec::with_capacity(sorted.len());
    let whole = distribution.scaled_moment(k as u32) * f64::from(n);
    let mean = distribution.mean();
    let mut next = 0;
    for index in 0..n {
        let t = distribution.quantile((f64::from(index) + 0.5) / f64::from(n));
        while next < sorted.len() && sorted[next] < t {
            shares.push(total / whole);
            next += 1;
        }
        total += (t / mean).powi(k);
    }
    shares.resize(sorted.len(), total / whole);
    shares
}

#[test]
fn tilted_draws_follow_the_tilted_density() {
    for (index, distribution) in families().into_iter().enumerate() {
        for k in [1, 2] {
            let mut random = stream(12, Purpose::Plain, 10 * index as u64 + k as u64);
            let n = 20_000;
            let mut draws: Vec<f64> = (0..n).map(|_| distribution.sample_tilted(k as u32, &mut random)).collect();
            draws.sort_by(f64::total_cmp);
            let shares = tilted_cumulative(&distribution, k, &draws);
            let distance = shares.iter().enumerate().map(|(rank, p)| {
                (p - rank as f64 / f64::from(n)).abs().max((p - (rank + 1) as f64 / f64::from(n)).abs())
            });
            let kolmogorov = distance.fold(0.0, f64::max);
            // Exceeded with probability 2 exp(-2 n d^2) = 1e-6 at 0.0190 by a right sampler; the integral is good to 1e-3.
            assert!(kolmogorov < 0.0200, "{distribution:?} tilted by {k}: {kolmogorov}");
        }
    }
}

#[test]
fn tilted_draws_have_the_moments_of_the_higher_powers() {
    let mut all = families();
    all.push(Distribution::new(Family::Empirical { values: vec![0.0, 1.0, 1.0, 5.0, 9.0] }).unwrap());
    all.push(Distribution::fixed(3.0).unwrap());
    for (index, distribution) in all.into_iter().enumerate() {
        for k in 0..=4_u32 {
            let mut random = stream(13, Purpose::Plain, 10 * index as u64 + u64::from(k));
            let n = 40_000;
            let mean = distribution.mean();
            let sum: f64 = (0..n).map(|_| distribution.sample_tilted(k, &mut random) / mean).sum();
            let moment = |j| distribution.scaled_moment(j);
            let expected = moment(k + 1) / moment(k);
            let variance = (moment(k + 2) / moment(k) - expected * expected).max(0.0);
            // Six standard errors of the mean: exceeded with probability 2e-9.
            let bound = 6.0 * (variance / f64::from(n)).sqrt() + 1e-9;
            assert!((sum / f64::from(n) - expected).abs() < bound, "{distribution:?} tilted by {k}: {sum}");
        }
    }
}

#[test]
fn zero_is_never_drawn_when_tilted_and_wide_lognormals_tilt_less() {
    let list = Distribution::new(Family::Empirical { values: vec![0.0, 0.0, 0.0, 2.0] }).unwrap();
    let mut random = stream(14, Purpose::Plain, 0);
    assert!((0..1_000).all(|_| list.sample_tilted(1, &mut random) > 0.0));
    let wide = Distribution::new(Family::LogNormal { mu: 0.0, sigma: 7.0 }).unwrap();
    // exp(49 k (k - 1) / 2): 1e64 at k = 3, 1e128 at k = 4.
    assert_eq!((wide.largest_tilt(), list.largest_tilt(), Distribution::fixed(0.0).unwrap().largest_tilt()), (3, 6, 0));
}

#[test]
fn ages_and_residuals_in_equilibrium_have_one_mean() {
    for (index, distribution) in families().into_iter().enumerate() {
        let mut random = stream(15, Purpose::Plain, index as u64);
        let n = 40_000;
        let drawn: Vec<(f64, f64)> = (0..n).map(|_| distribution.sample_age_in_equilibrium(&mut random)).collect();
        let age = drawn.iter().map(|pair| pair.0).sum::<f64>() / f64::from(n);
        let residual = drawn.iter().map(|pair| pair.1).sum::<f64>() / f64::from(n);
        let expected = distribution.mean_residual();
        // E[age^2] = E[R^3] / (3 E[R]); six standard errors.
        let mean = distribution.mean();
        let variance = mean * mean * distribution.scaled_moment(3) / 3.0 - expected * expected;
        let bound = 6.0 * (variance / f64::from(n)).sqrt();
        assert!(
            (age - expected).abs() < bound && (residual - expected).abs() < bound,
            "{distribution:?}: {age} {residual}"
        );
    }
}

#[test]
fn times_to_a_hazard_invert_it() {
    for distribution in families() {
        for ages in [0.0, 0.01, 0.5, 2.0, 30.0, 1e3] {
            let age =
                if distribution.survival(ages * distribution.mean()) > 0.0 { ages * distribution.mean() } else { 0.0 };
            let mut before = 0.0;
            for hazard in [1e-12, 1e-7, 1e-3, 0.1, 0.69, 0.7, 2.0, 10.0, 35.0] {
                let time = distribution.time_to_hazard(age, hazard);
                assert!(time > before, "{distribution:?} from {age} at {hazard}: {time} after {before}");
                before = time;
                let uniform = matches!(distribution.family(), Family::Uniform { .. });
                if uniform && (hazard > 9.0 || age < 1.0) {
                    // Near the end, and beside the wait, a time has fewer digits than the hazard.
                    continue;
                }
                let back = distribution.hazard_over(age, time);
                assert!(
                    (back / hazard - 1.0).abs() < 1e-10,
                    "{distribution:?} from {age} over {time}: {back} for {hazard}"
                );
            }
        }
    }
}

#[test]
fn hazards_add_up_over_a_step() {
    for distribution in families() {
        for share in [0.1, 0.7, 1.2] {
            let age = share * distribution.mean();
            for step in [1e-6, 0.01, 0.3] {
                let half = step * age / 2.0;
                let parts = distribution.hazard_over(age, half) + distribution.hazard_over(age + half, half);
                let whole = distribution.hazard_over(age, 2.0 * half);
                // The second age is rounded: 1e-16 of the age against a step of 1e-6 of it where the hazard starts.
                assert!((parts - whole).abs() <= 1e-9 * whole, "{distribution:?} from {age}: {parts} {whole}");
            }
        }
    }
    assert!(!Distribution::fixed(1.0).unwrap().has_hazard());
}
