//! Closed forms for models of the library, derived by hand.
//!
//! Times in hours. For one unit with mean up time m and mean down time d: p = m/(m+d), q = d/(m+d), and it fails
//! w = 1/(m+d) times an hour (renewal-reward; Barlow, Proschan 1975, section 3.2). For independent parts the frequency is the
//! sum over parts of w times the probability that the others make it critical (Schneeweiss 1981).

const HOUR: f64 = 3600.0;

/// What a closed form gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    /// Name of the model.
    pub(crate) model: &'static str,
    pub(crate) formula: &'static str,
    pub(crate) unavailability: f64,
    /// Outages per second.
    pub(crate) frequency: Option<f64>,
}

/// All models that have one here.
pub(crate) fn closed_forms() -> Vec<Closed> {
    vec![
        single(),
        detected(),
        modes(),
        restart(),
        health_check(),
        means_only(),
        machine_repair(),
        crew_of_two(),
        large_crew(),
        cold_standby(),
        hot_standby(),
        domain(),
        load(),
        only_probability(),
        two_of_three(),
        beside_its_group(),
        restart_at_once(),
        parallel_of_groups(),
    ]
}

fn closed(model: &'static str, formula: &'static str, unavailability: f64, per_hour: f64) -> Closed {
    Closed { model, formula, unavailability, frequency: Some(per_hour / HOUR) }
}

/// A unit that is up and down for these mean times.
#[derive(Clone, Copy)]
struct Unit {
    p: f64,
    q: f64,
    w: f64,
}

fn unit(up: f64, down: f64) -> Unit {
    let cycle = up + down;
    Unit { p: up / cycle, q: down / cycle, w: 1.0 / cycle }
}

fn single() -> Closed {
    let u = unit(720.0, 1.0);
    closed("single", "U = d/(m+d), ν = 1/(m+d)", u.q, u.w)
}

fn detected() -> Closed {
    let u = unit(720.0, 1.0 / 3.0 + 2.0 / 3.0);
    closed("rate", "d = detection + repair", u.q, u.w)
}

/// Competing exponentials: the next failure is in mode i with probability λ_i/Λ; any return renews all clocks.
fn modes() -> Closed {
    let ways = [(480.0, 1.0 / 6.0 + 2.0), (120.0, 1.0 / 6.0 + 0.05), (1440.0, 1.0 + 8.0)];
    let total: f64 = ways.iter().map(|(mean, _)| 1.0 / mean).sum();
    let down: f64 = ways.iter().map(|(mean, down)| down / mean).sum::<f64>() / total;
    let u = unit(1.0 / total, down);
    closed("modes", "m = 1/Λ, d = Σ λ_i d_i / Λ", u.q, u.w)
}

fn restart() -> Closed {
    let u = unit(72.0, 1.0 / 60.0 + 1.0 / 12.0 + 0.1 * 4.0);
    closed("restart", "d = detection + takes + (1 - works) repair", u.q, u.w)
}

/// Fewer than two of three up; the frequency: exactly two up and one of them fails.
fn two_of(u: Unit) -> (f64, f64) {
    (u.q * u.q * (3.0 * u.p + u.q), 6.0 * u.p * u.q * u.w)
}

fn health_check() -> Closed {
    let (unavailability, frequency) = two_of(unit(96.0, 2.5 * 2.0 / 60.0 + 0.5));
    closed(
        "health-check",
        "detection (misses - 1/2) every; 2 of 3: U = q²(3p + q), ν = 6pqw",
        unavailability,
        frequency,
    )
}

fn means_only() -> Closed {
    let a = unit(90.0, 2.0 + 1.0 / 6.0);
    let b = unit(40.0, 1.0);
    let c = unit(50.0, 27.0 / 3.0 / 60.0 + 2.0 / 60.0 + 0.2 * (0.75 + 0.25 * 9.0));
    let frequency = a.w * b.q * c.q + a.q * b.w * c.q + a.q * b.q * c.w;
    closed("means-only", "U = q_a q_b q_c, ν = w_a q_b q_c + …", a.q * b.q * c.q, frequency)
}

/// Machine repair (Palm 1947; Feller I, XVII.7): π_j ∝ n!/(n-j)! (λ/μ)^j for j failed and one repairman.
fn machine_repair() -> Closed {
    let r = 0.2;
    let weights = [1.0, 4.0 * r, 12.0 * r * r, 24.0 * r * r * r, 24.0 * r * r * r * r];
    let total: f64 = weights.iter().sum();
    let down = (weights[3] + weights[4]) / total;
    closed("machine-repair", "π_j ∝ n!/(n-j)! (λ/μ)^j", down, 2.0 / 10.0 * weights[2] / total)
}

/// Closed queueing network (Baskett, Chandy, Muntz, Palacios 1975) of working, being detected (both infinite servers), and two
/// repairmen: π(e, f) ∝ λ^(e+f) δ^e / ((4-e-f)! e!) · Π_{j≤f} 1/(min(j,2) μ).
fn crew_of_two() -> Closed {
    let (rate, detection, repair) = (1.0 / 15.0, 0.5, 4.0);
    let factorial = |n: i32| (1..=n).map(f64::from).product::<f64>();
    let weight = |e: i32, f: i32| {
        let queue: f64 = (1..=f).map(|j| repair / f64::from(j.min(2))).product();
        f64::powi(rate, e + f) * f64::powi(detection, e) / (factorial(4 - e - f) * factorial(e)) * queue
    };
    let (mut up, mut down, mut critical) = (0.0, 0.0, 0.0);
    for e in 0..=4 {
        for f in 0..=4 - e {
            *(if e + f <= 1 { &mut up } else { &mut down }) += weight(e, f);
            critical += if e + f == 1 { weight(e, f) } else { 0.0 };
        }
    }
    let total = up + down;
    closed("crew-of-two", "BCMP product form", down / total, 3.0 * rate * critical / total)
}

fn large_crew() -> Closed {
    let (a, b) = (unit(20.0, 3.0), unit(30.0, 2.0));
    let pair = |u: Unit| (u.q * u.q, 2.0 * u.q * u.w);
    let ((qa, wa), (qb, wb)) = (pair(a), pair(b));
    let (pa, pb) = (a.p * (1.0 + a.q), b.p * (1.0 + b.q));
    closed("crew-as-large-as-its-units", "U = q_a² + (1 - q_a²) q_b²", qa + pa * qb, wa * pb + wb * pa)
}

/// M/M/1/3: failures at rate λ as long as one unit serves, one repair at a time: π_j ∝ (λ/μ)^j.
fn cold_standby() -> Closed {
    let r: f64 = 3.0 / 20.0;
    let total = 1.0 + r + r * r + r * r * r;
    closed("standby-cold", "π_j ∝ (λ/μ)^j, j ≤ 3", r * r * r / total, r * r / total / 20.0)
}

fn hot_standby() -> Closed {
    let u = unit(20.0, 3.0);
    closed("standby-at-once", "U = q², ν = 2qw", u.q * u.q, 2.0 * u.q * u.w)
}

fn domain() -> Closed {
    let (zone, u) = (unit(50.0, 5.0), unit(20.0, 2.0));
    let (down, up) = (u.q * u.q, u.p * (1.0 + u.q));
    let frequency = zone.p * 2.0 * u.q * u.w + zone.w * up;
    closed("domain", "U = q_z + p_z q², ν = p_z 2qw + w_z (1 - q²)", zone.q + zone.p * down, frequency)
}

/// Birth and death: with j failed, 3 - j serve at the rate (3/(3-j))^1.5 λ each; j μ back.
fn load() -> Closed {
    let r = 3.0 / 30.0;
    let speed = |served: f64| served * f64::powf(3.0 / served, 1.5);
    let one = speed(3.0) * r;
    let two = one * speed(2.0) * r / 2.0;
    let three = two * speed(1.0) * r / 3.0;
    let total = 1.0 + one + two + three;
    closed("load", "π_j = π_(j-1) (4-j) (3/(4-j))^1.5 λ/(jμ)", three / total, two / total * speed(1.0) / 30.0)
}

fn only_probability() -> Closed {
    let (server, q) = (unit(20.0, 1.0), 1e-3);
    let feeds = q * q * (3.0 * (1.0 - q) + q);
    let unavailability = server.q + server.p * feeds;
    Closed { model: "unavailability-only", formula: "U = q_s + p_s q²(3p + q)", unavailability, frequency: None }
}

fn two_of_three() -> Closed {
    let (unavailability, frequency) = two_of(unit(20.0, 1.0));
    closed("group-name-first", "U = q²(3p + q), ν = 6pqw", unavailability, frequency)
}

fn beside_its_group() -> Closed {
    let u = unit(20.0, 1.0);
    let frequency = u.w * u.p * (1.0 + u.q) + u.p * 2.0 * u.q * u.w;
    closed("component-beside-its-group", "U = q + p q²", u.q + u.p * u.q * u.q, frequency)
}

/// Only one failure in four needs the crew: machine repair with λ/4.
fn restart_at_once() -> Closed {
    let r = 0.25 * 2.0 / 10.0;
    let total = 1.0 + 2.0 * r + 2.0 * r * r;
    closed("restart-at-once", "machine repair with λ (1 - works)", 2.0 * r * r / total, 0.025 * 2.0 * r / total)
}

fn parallel_of_groups() -> Closed {
    let (a, b) = (unit(2400.0, 2.0), unit(1200.0, 1.0));
    let (qa, wa) = (a.q * (1.0 + a.p), 2.0 * a.p * a.w);
    let (qb, wb) = two_of(b);
    closed("parallel-of-groups", "U = U_a U_b, ν = ν_a U_b + U_a ν_b", qa * qb, wa * qb + qa * wb)
}
