//! Chains of models of the library, built by hand and solved in exact fractions.
//!
//! States are named by what matters and merged by hand; the comment of each chain says what they are. Rates per hour.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use crate::naive::stationary::eliminate;

/// Outages per second from outages per hour.
const HOUR: f64 = 3600.0;

/// A chain built by hand.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Name of the model.
    pub(crate) model: &'static str,
    down: &'static [&'static str],
    arcs: Vec<(&'static str, &'static str, BigRational)>,
}

impl Chain {
    /// Unavailability, and outages per second.
    pub(crate) fn solve(&self) -> (f64, f64) {
        let mut names: Vec<&str> = Vec::new();
        for (from, to, _) in &self.arcs {
            for name in [from, to] {
                if !names.contains(name) {
                    names.push(name);
                }
            }
        }
        let place = |name: &str| names.iter().position(|known| *known == name).expect("every name was collected");
        let mut rates = vec![vec![BigRational::zero(); names.len()]; names.len()];
        for (from, to, rate) in &self.arcs {
            rates[place(from)][place(to)] += rate;
        }
        let shares = eliminate(rates);
        let is_down = |name: &str| self.down.contains(&name);
        let unavailability: BigRational =
            names.iter().zip(&shares).filter(|(name, _)| is_down(name)).map(|(_, share)| share).sum();
        let outages = self.arcs.iter().filter(|(from, to, _)| !is_down(from) && is_down(to));
        let frequency: BigRational = outages.map(|(from, _, rate)| &shares[place(from)] * rate).sum();
        let number = |fraction: &BigRational| fraction.to_f64().expect("a fraction is a number");
        (number(&unavailability), number(&frequency) / HOUR)
    }
}

/// All models that have one here.
pub(crate) fn chains() -> Vec<Chain> {
    vec![failover_by_hand(), own_unit_comes_back(), common_cause(), warm_standby(), check(), first_come()]
}

fn ratio(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(BigInt::from(numerator), BigInt::from(denominator))
}

/// `0` both work; `1` one serves, one in repair; `hand` the standby waits for a person; `2` both in repair.
fn failover_by_hand() -> Chain {
    let (fail, repair) = (ratio(1, 20), ratio(1, 2));
    let arcs = vec![
        ("0", "1", &fail * ratio(4, 5)),
        ("0", "hand", &fail * ratio(1, 5)),
        ("0", "1", fail.clone()),
        ("1", "0", repair.clone()),
        ("1", "2", fail.clone()),
        ("hand", "1", ratio(1, 1)),
        ("hand", "0", repair.clone()),
        ("hand", "2", fail),
        ("2", "1", repair * ratio(2, 1)),
    ];
    Chain { model: "failover-at-once-or-by-hand", down: &["hand", "2"], arcs }
}

/// `0` serves beside a cold standby; `r`, `p` lost, own unit restarting or in repair, failover under way; `sr`, `sp` served, the
/// other restarting or in repair; `rr`, `rp`, `pp` both out.
fn own_unit_comes_back() -> Chain {
    let (fail, repair, takes) = (ratio(1, 20), ratio(1, 3), ratio(2, 1));
    let (works, works_not) = (ratio(27, 5), ratio(3, 5));
    let two = ratio(2, 1);
    let arcs = vec![
        ("0", "r", fail.clone()),
        ("r", "0", works.clone()),
        ("r", "p", works_not.clone()),
        ("r", "sr", takes.clone()),
        ("p", "0", repair.clone()),
        ("p", "sp", takes),
        ("sr", "0", works.clone()),
        ("sr", "sp", works_not.clone()),
        ("sr", "rr", fail.clone()),
        ("sp", "0", repair.clone()),
        ("sp", "rp", fail),
        ("rr", "sr", &works * &two),
        ("rr", "rp", &works_not * &two),
        ("rp", "sp", works),
        ("rp", "pp", works_not),
        ("rp", "sr", repair.clone()),
        ("pp", "sp", repair * two),
    ];
    Chain { model: "own-unit-comes-back", down: &["r", "p", "rr", "rp", "pp"], arcs }
}

/// By the number of failed units.
fn common_cause() -> Chain {
    let (own, all, repair) = (ratio(9, 200), ratio(1, 200), ratio(1, 2));
    let times = |count: i64, rate: &BigRational| rate * ratio(count, 1);
    let arcs = vec![
        ("0", "1", times(3, &own)),
        ("0", "3", all.clone()),
        ("1", "2", times(2, &own)),
        ("1", "3", all.clone()),
        ("1", "0", repair.clone()),
        ("2", "3", own + all),
        ("2", "1", times(2, &repair)),
        ("3", "2", times(3, &repair)),
    ];
    Chain { model: "common-cause", down: &["2", "3"], arcs }
}

/// Two slots, both needed. `0` all work; `a` one lost, failover under way; `b` both served, third in repair; `c` one served,
/// two in repair; `d` both lost, failover under way; `e` all in repair.
fn warm_standby() -> Chain {
    let (fail, ageing, repair, takes) = (ratio(1, 10), ratio(3, 100), ratio(1, 3), ratio(1, 2));
    let times = |count: i64, rate: &BigRational| rate * ratio(count, 1);
    let arcs = vec![
        ("0", "a", times(2, &fail)),
        ("0", "b", ageing.clone()),
        ("a", "b", takes.clone()),
        ("a", "0", repair.clone()),
        ("a", "c", ageing.clone()),
        ("a", "d", fail.clone()),
        ("b", "0", repair.clone()),
        ("b", "c", times(2, &fail)),
        ("c", "b", times(2, &repair)),
        ("c", "e", fail),
        ("d", "c", takes),
        ("d", "e", ageing),
        ("d", "a", times(2, &repair)),
        ("e", "c", times(3, &repair)),
    ];
    Chain { model: "standby-warm", down: &["a", "c", "d", "e"], arcs }
}

/// `0` both work; `s` served, standby dead unseen; `w` served, other in repair; `u` active failed unseen; `us` the standby too;
/// `uw` active failed unseen, other in repair; `f` failover under way; `x` both in repair.
fn check() -> Chain {
    let (fail, repair, detect) = (ratio(1, 20), ratio(1, 2), ratio(6, 1));
    let (check, takes) = (ratio(1, 50), ratio(12, 1));
    let arcs = vec![
        ("0", "u", fail.clone()),
        ("0", "s", fail.clone()),
        ("u", "f", detect.clone()),
        ("u", "us", fail.clone()),
        ("f", "0", repair.clone()),
        ("f", "w", takes),
        ("f", "x", fail.clone()),
        ("w", "0", repair.clone()),
        ("w", "uw", fail.clone()),
        ("s", "w", check.clone()),
        ("s", "us", fail),
        ("us", "x", detect.clone()),
        ("us", "uw", check),
        ("uw", "x", detect),
        ("uw", "u", repair.clone()),
        ("x", "w", repair * ratio(2, 1)),
    ];
    Chain { model: "standby-check", down: &["u", "us", "uw", "f", "x"], arcs }
}

/// The crew's queue, first come first: `f` a unit of the fast group, `s` of the slow one.
fn first_come() -> Chain {
    const QUEUES: [&str; 19] = [
        "", "f", "s", "ff", "fs", "sf", "ss", "ffs", "fsf", "sff", "fss", "sfs", "ssf", "ffss", "fsfs", "fssf", "sffs",
        "sfsf", "ssff",
    ];
    let count = |queue: &str, kind: char| queue.chars().filter(|unit| *unit == kind).count() as i64;
    let mut arcs = Vec::new();
    for from in QUEUES {
        for to in QUEUES {
            if let Some(added @ ("f" | "s")) = to.strip_prefix(from) {
                let kind = if added == "f" { 'f' } else { 's' };
                let mean = if added == "f" { 12 } else { 20 };
                arcs.push((from, to, ratio(2 - count(from, kind), mean)));
            }
            if from.len() == to.len() + 1 && from[1..] == *to {
                arcs.push((from, to, if from.starts_with('f') { ratio(1, 1) } else { ratio(1, 6) }));
            }
        }
    }
    let down = &["ff", "ss", "ffs", "fsf", "sff", "fss", "sfs", "ssf", "ffss", "fsfs", "fssf", "sffs", "sfsf", "ssff"];
    Chain { model: "crew-first-come", down, arcs }
}
