//! What a topology says about a window, next to what happened in it.
//!
//! - On average a window of T seconds has `nu T` outages that begin in it, and `U T` seconds of downtime (exact engine;
//!   where that refuses, the mean of the simulated windows).
//! - The spread, and how surprising the past is, come from simulated windows of the same length: the share of them with
//!   at least (at most) as many outages, or as much downtime, as happened. With k of n the p-value is `(k + 1) / (n +
//!   1)` and the probability lies in the interval of Clopper and Pearson (1934). Beside it stands a Poisson
//!   approximation, which reaches further out than n windows do and holds where outages are rare and short.
//! - What the past says about rates: a gamma prior with the mean of the file, and a weight in events
//!   (`fit::posterior`).

use crate::data::closest;
use crate::exact;
use crate::fit::posterior::Belief;
use crate::measure::{Observer, Stop, Warning};
use crate::numeric::interval::{Interval, clopper_pearson};
use crate::numeric::special::{gamma_lower, gamma_upper};
use crate::simulate::windows::{Window, WindowError, WindowSettings, windows};
use crate::topology::Model;
use crate::topology::component::{Component, Failure};

/// How to predict.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The exact engine's.
    pub exact: exact::Settings,
    /// Windows to simulate.
    pub windows: u32,
    /// Seed of the random streams.
    pub seed: u64,
    /// Threads; they do not change results.
    pub threads: usize,
    /// Probability that an interval misses.
    pub alpha: f64,
    /// How many events a rate of the file is worth.
    pub prior_events: f64,
    /// Unavailability that is allowed, if any.
    pub allowed: Option<f64>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Seconds that count.
    pub seconds: f64,
    /// Outages with a part in the window.
    pub outages: u64,
    /// Outages that began in it.
    pub begun: u64,
    /// Seconds down.
    pub down: f64,
    /// Failures of components by the names of the log: name, failures that began, seconds down.
    pub components: Vec<(String, u64, f64)>,
}

/// A probability with its interval, from simulated windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// `k / n`.
    pub share: f64,
    /// `(k + 1) / (n + 1)`: never 0, as n windows cannot tell.
    pub p: f64,
    /// Of Clopper and Pearson.
    pub interval: Interval,
}

/// Both tails of one quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// As much or more.
    pub at_least: Share,
    /// As much or less.
    pub at_most: Share,
}

impl Tails {
    /// The two-sided p-value: twice the smaller tail, at most 1.
    pub fn two_sided(&self) -> f64 {
        (2.0 * self.at_least.p.min(self.at_most.p)).min(1.0)
    }
}

/// Quantiles of a quantity over windows: 5 %, 50 %, 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Of one window in twenty it is at most this.
    pub low: f64,
    /// Half of the windows have at most this.
    pub median: f64,
    /// All but one window in twenty have at most this.
    pub high: f64,
}

/// A rate before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Updated {
    /// Whose rate.
    pub name: String,
    /// The key of the file that sets it, where there is a single one.
    pub key: Option<String>,
    /// Units it is the rate of.
    pub units: u64,
    /// Events that were seen.
    pub events: u64,
    /// Unit-seconds in which they could be seen.
    pub seconds: f64,
    /// As the file has it.
    pub before: Belief,
    /// With what was seen.
    pub after: Belief,
}

/// A window of the length of the past, predicted and compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Long-run share of time down.
    pub unavailability: f64,
    /// Long-run outages per second.
    pub frequency: f64,
    /// Whether those two are exact; else they are means of the simulated windows.
    pub is_exact: bool,
    /// Windows that were simulated.
    pub windows: u64,
    /// Outages with a part in a window.
    pub outages: Spread,
    /// Seconds down in a window.
    pub downtime: Spread,
    /// How surprising the number of outages is.
    pub outage_tails: Tails,
    /// How surprising the downtime is.
    pub downtime_tails: Tails,
    /// Poisson approximation: outages that begin in a window, as many or more, as many or fewer.
    pub poisson: (f64, f64),
    /// As many or more, as many or fewer outages when the rate is no better known than the prior says.
    pub predictive: (f64, f64),
    /// Windows that have no more downtime than is allowed.
    pub meets: Option<Share>,
    /// The outages of the system.
    pub system: Updated,
    /// Components that the log names too.
    pub components: Vec<Updated>,
    /// Names of the log that the topology does not have.
    pub unknown: Vec<String>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

/// Why nothing can be predicted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Nothing to simulate, or stopped.
    #[error(transparent)]
    Windows(#[from] WindowError),
    /// The exact engine was stopped.
    #[error("stopped before the solution was complete")]
    Stopped(Stop),
    /// There is no time in the window.
    #[error("the window has no time that counts")]
    NoTime,
}

/// Predicts a window of `model` as long as that of `past`, and compares.
///
/// # Errors
/// When nothing in the model can fail, the window is empty, or `observer` ended it.
pub fn predict(model: &Model, past: &Past, settings: &Settings, observer: &dyn Observer) -> Result<Prediction, Error> {
    if past.seconds <= 0.0 {
        return Err(Error::NoTime);
    }
    let (exact, warnings) = match exact::solve(model, &settings.exact, observer) {
        Ok(found) => (found.failure_frequency.map(|frequency| (found.unavailability, frequency)), found.warnings),
        Err(exact::Error::Stopped(stop)) => return Err(Error::Stopped(stop)),
        Err(_) => (None, Vec::new()),
    };
    let of_windows = WindowSettings {
        seconds: past.seconds,
        windows: settings.windows,
        seed: settings.seed,
        threads: settings.threads,
    };
    let found = windows(model, of_windows, observer)?;
    let (unavailability, frequency) = exact.unwrap_or_else(|| long_run(&found, past.seconds));
    let system = Belief::new(frequency, settings.prior_events);
    let (outages, downtime) = sorted(&found);
    let (components, unknown) = components(model, past, settings.prior_events);
    let mean = frequency * past.seconds;
    Ok(Prediction {
        unavailability,
        frequency,
        is_exact: exact.is_some(),
        windows: found.len() as u64,
        outages: spread(&outages),
        downtime: spread(&downtime),
        outage_tails: tails(&outages, past.outages as f64, settings.alpha),
        downtime_tails: tails(&downtime, past.down, settings.alpha),
        poisson: (poisson_at_least(past.begun, mean), gamma_upper(past.begun as f64 + 1.0, mean)),
        predictive: (system.at_least(past.begun, past.seconds), system.at_most(past.begun, past.seconds)),
        meets: settings.allowed.map(|allowed| tails(&downtime, allowed * past.seconds, settings.alpha).at_most),
        system: Updated {
            name: "system".to_owned(),
            key: None,
            units: 1,
            events: past.begun,
            seconds: past.seconds,
            before: system,
            after: system.after(past.begun, past.seconds),
        },
        components,
        unknown,
        warnings,
    })
}

/// P(N >= n) of a Poisson variable: the regularised incomplete gamma function at its mean.
fn poisson_at_least(count: u64, mean: f64) -> f64 {
    if count == 0 { 1.0 } else { gamma_lower(count as f64, mean) }
}

/// Share of time down and outages per second, from the windows: a window has nu T + U outages with a part in it. Where
/// none has any, one outage in all of them is the least that can be believed.
fn long_run(found: &[Window], seconds: f64) -> (f64, f64) {
    let time = seconds * found.len() as f64;
    let down: f64 = found.iter().map(|window| window.downtime).sum();
    let outages: f64 = found.iter().map(|window| f64::from(window.outages)).sum();
    let unavailability = down / time;
    let begun = (outages - unavailability * found.len() as f64).max(1.0);
    (unavailability, begun / time)
}

fn sorted(found: &[Window]) -> (Vec<f64>, Vec<f64>) {
    let mut outages: Vec<f64> = found.iter().map(|window| f64::from(window.outages)).collect();
    let mut downtime: Vec<f64> = found.iter().map(|window| window.downtime).collect();
    outages.sort_by(f64::total_cmp);
    downtime.sort_by(f64::total_cmp);
    (outages, downtime)
}

fn spread(sorted: &[f64]) -> Spread {
    let at = |share: f64| {
        let rank = libm::ceil(share * sorted.len() as f64) as usize;
        sorted[rank.clamp(1, sorted.len()) - 1]
    };
    Spread { low: at(0.05), median: at(0.5), high: at(0.95) }
}

fn tails(sorted: &[f64], value: f64, alpha: f64) -> Tails {
    let all = sorted.len();
    let share = |count: usize| Share {
        share: count as f64 / all as f64,
        p: (count + 1) as f64 / (all + 1) as f64,
        interval: clopper_pearson(count as u64, all as u64, alpha),
    };
    let below = sorted.partition_point(|one| *one < value);
    let at_most = sorted.partition_point(|one| *one <= value);
    Tails { at_least: share(all - below), at_most: share(at_most) }
}

/// Rates of the components, or of the groups, that the log names: where several names of the log are like that of one, of
/// the closest.
fn components(model: &Model, past: &Past, prior: f64) -> (Vec<Updated>, Vec<String>) {
    let (mut updated, mut unknown) = (Vec::new(), Vec::new());
    let logged = past.components.iter().map(|(name, ..)| name.as_str());
    for (place, (name, events, down)) in past.components.iter().enumerate() {
        let found = named(model, name).filter(|(called, ..)| closest(&logged, called).is_none_or(|one| one == place));
        match found {
            Some((_, component, units)) => {
                let seconds = (units as f64 * past.seconds - down).max(0.0);
                let rate: f64 = component.modes().iter().map(|mode| 1.0 / mode.life.mean()).sum();
                let before = Belief::new(rate, prior);
                updated.push(Updated {
                    name: component.name.clone(),
                    key: key(component),
                    units,
                    events: *events,
                    seconds,
                    before,
                    after: before.after(*events, seconds),
                });
            }
            None => unknown.push(name.clone()),
        }
    }
    (updated, unknown)
}

/// The component with times of that name, or of the group of that name, what that is called, and its units in the system.
fn named<'a>(model: &'a Model, name: &str) -> Option<(&'a str, &'a Component, u64)> {
    let components = model.components.iter().map(|component| component.name.as_str());
    let groups = model.groups.iter().map(|group| group.name.as_str());
    let (called, index, of_group) = match (closest(&components, name), closest(&groups, name)) {
        (Some(component), _) => (&model.components[component].name, component, None),
        (None, Some(group)) => (&model.groups[group].name, model.groups[group].component.0, Some(group)),
        (None, None) => return None,
    };
    let counts = model
        .groups
        .iter()
        .enumerate()
        .filter(|(place, group)| of_group.is_none_or(|only| only == *place) && group.component.0 == index);
    let units = counts.map(|(_, group)| group.units() as u64).sum();
    let component = &model.components[index];
    let has_times = matches!(&component.failure, Failure::Modes(modes) if !modes.is_empty());
    (units > 0 && has_times).then_some((called.as_str(), component, units))
}

/// The key of its mean up time, where one mode has all failures.
fn key(component: &Component) -> Option<String> {
    match component.modes() {
        [only] => Some(format!("{}.mtbf", only.path(&component.name))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{poisson_at_least, tails};

    /// P(N >= 3) = 1 - 5 exp(-2) for a mean of 2 (by hand), and the counts of a small sorted list.
    #[test]
    fn tails_count_ties_on_both_sides() {
        assert!((poisson_at_least(3, 2.0) - (1.0 - 5.0 * (-2.0_f64).exp())).abs() < 1e-15);
        let found = tails(&[0.0, 0.0, 1.0, 2.0], 1.0, 0.05);
        assert!((found.at_least.p - 3.0 / 5.0).abs() < 1e-15 && (found.at_most.p - 4.0 / 5.0).abs() < 1e-15);
        assert!((found.two_sided() - 1.0).abs() < 1e-15);
    }
}
