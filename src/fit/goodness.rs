//! Could the sample have come from the fitted distribution?
//!
//! The parameters are fitted to the very sample, so the tables of Kolmogorov-Smirnov and Anderson-Darling do not hold:
//! their p-values are far too large. The parametric bootstrap (Stute, Gonzáles Manteiga, Presedo Quindimil 1993) draws
//! samples of the same size from the fitted distribution, fits each anew, and counts how often its distance is at least
//! as large: `p = (1 + larger) / (1 + drawn)`.
//!
//! - Times that were written down in whole seconds, minutes, hours or days are drawn so too: a grid makes distances
//!   larger than they are for continuous times.
//! - Censored times: each drawn time is cut off at a censoring time drawn from the curve of Kaplan and Meier with the
//!   roles of ending and censoring exchanged, which supposes that the two are independent (Efron 1981). Where that
//!   curve does not come down to 0 the time is not cut off.
//!
//! Every drawn sample has its own random stream: results are the same for any number of threads. Coverage under the
//! null is tested in `tests/fit.rs`.

use rayon::prelude::*;

use crate::fit::law::{FitError, Fitted, Law};
use crate::fit::sample::{Observation, Sample};
use crate::fit::survival::{Distance, kaplan_meier};
use crate::measure::{Observer, Progress, Stop};
use crate::numeric::distribution::Distribution;
use crate::numeric::random::{Purpose, Stream, stream, uniform};

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Samples drawn for each family, of large samples fewer; 0: none, and no p-values.
    pub draws: u32,
    /// Seed of the random streams.
    pub seed: u64,
    /// Threads; they do not change results.
    pub threads: usize,
}

impl Default for Settings {
    /// 999 samples tell 5 % to 0.7 % (a standard error), and make p a round number of thousandths; one thread, since an
    /// engine does not ask the machine.
    fn default() -> Self {
        Self { draws: 999, seed: 1, threads: 1 }
    }
}

/// Distances with their p-values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goodness {
    /// Of the fit from the sample.
    pub distance: Distance,
    /// Probability of a Kolmogorov-Smirnov distance at least as large, were the fit the truth.
    pub kolmogorov_smirnov_p: Option<f64>,
    /// Likewise of the Anderson-Darling distance.
    pub anderson_darling_p: Option<f64>,
    /// Drawn samples that could be fitted; p-values are absent when more than one in twenty could not.
    pub draws: u32,
    /// Whether fewer were drawn than were asked for, because the sample is so large.
    pub is_cut_short: bool,
}

/// Samples that cannot be fitted may be this share of all.
const MOST_FAILED: f64 = 0.05;
/// Times that are drawn for one family: some seconds of work.
const MOST_TIMES: u64 = 10_000_000;
/// Samples that are drawn however large they are, so that p can be 5 %.
const FEWEST_DRAWS: u64 = 19;
/// Draws that round to zero before the grid itself is taken.
const TRIES: u32 = 1_000;
/// Bits of the number of a drawn sample that hold its number; the family lies above.
const NUMBER_BITS: u32 = 32;

/// Tests each of `fits` against `sample`; `part` tells the random streams of several samples apart.
///
/// # Errors
/// When `observer` ended it.
pub fn goodness(
    sample: &Sample,
    fits: &[Fitted],
    part: u8,
    settings: Settings,
    observer: &dyn Observer,
) -> Result<Vec<Goodness>, Stop> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(settings.threads.max(1)).build();
    let pool = pool.expect("threads can be started");
    let censoring = Censoring::of(sample);
    let affordable = (MOST_TIMES / (sample.ended() + sample.censored()).max(1)).max(FEWEST_DRAWS);
    let draws = u64::from(settings.draws).min(affordable) as u32;
    let is_cut_short = draws < settings.draws;
    fits.iter()
        .map(|fit| {
            let of_law = (u64::from(part) << 8 | fit.law as u64) << NUMBER_BITS;
            let one = |number: u32| {
                if let Some(stop) = observer.stop() {
                    return Err(stop);
                }
                let mut random = stream(settings.seed, Purpose::Fit, of_law | u64::from(number));
                Ok(distance_of_draw(sample, fit, &censoring, &mut random))
            };
            let phase = Progress { phase: "drawing samples", done: 0.0, total: None, events: 0, estimate: None };
            observer.progress(&phase);
            let drawn: Result<Vec<_>, Stop> = pool.install(|| (0..draws).into_par_iter().map(one).collect());
            Ok(Goodness { is_cut_short, ..concluded(Distance::new(sample, &fit.distribution), &drawn?) })
        })
        .collect()
}

fn concluded(distance: Distance, drawn: &[Option<Distance>]) -> Goodness {
    let known: Vec<&Distance> = drawn.iter().flatten().collect();
    let failed = (drawn.len() - known.len()) as f64;
    let is_enough = !known.is_empty() && failed <= MOST_FAILED * drawn.len() as f64;
    let p = |of: fn(&Distance) -> f64| {
        let larger = known.iter().filter(|drawn| of(drawn) >= of(&distance)).count();
        is_enough.then(|| (1 + larger) as f64 / (1 + known.len()) as f64)
    };
    Goodness {
        distance,
        kolmogorov_smirnov_p: p(|distance| distance.kolmogorov_smirnov),
        anderson_darling_p: p(|distance| distance.anderson_darling),
        draws: known.len() as u32,
        is_cut_short: false,
    }
}

/// The distance of one drawn sample from its own fit. A hyperexponential of one phase is the exponential that it is.
fn distance_of_draw(sample: &Sample, fit: &Fitted, censoring: &Censoring, random: &mut Stream) -> Option<Distance> {
    let drawn = draw(sample, &fit.distribution, censoring, random)?;
    let mut again = fit.law.fit_from(&drawn, Some(&fit.distribution));
    if again == Err(FitError::OnePhase) {
        again = Law::Exponential.fit(&drawn);
    }
    again.ok().map(|again| Distance::new(&drawn, &again.distribution))
}

fn draw(sample: &Sample, from: &Distribution, censoring: &Censoring, random: &mut Stream) -> Option<Sample> {
    let grid = sample.grid();
    let mut observations: Vec<Observation> = (0..sample.ended() + sample.censored())
        .map(|_| {
            let time = on_grid(from, grid, random);
            match censoring.draw(random) {
                Some(end) if end < time => Observation { seconds: end, censored: true },
                _ => Observation { seconds: time, censored: false },
            }
        })
        .collect();
    observations.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let drawn = Sample::of_sorted(&observations, 0);
    (drawn.ended() > 0).then_some(drawn)
}

/// A draw on the grid of the sample, above zero as every time in it is.
fn on_grid(from: &Distribution, grid: Option<f64>, random: &mut Stream) -> f64 {
    let Some(grid) = grid else { return from.sample(random).max(f64::MIN_POSITIVE) };
    let rounded = (0..TRIES).map(|_| grid * libm::rint(from.sample(random) / grid)).find(|time| *time > 0.0);
    rounded.unwrap_or(grid)
}

/// When watching ends, as the sample shows it: times and the probability of an end by then.
struct Censoring {
    ends: Vec<(f64, f64)>,
}

impl Censoring {
    fn of(sample: &Sample) -> Self {
        if sample.censored() == 0 {
            return Self { ends: Vec::new() };
        }
        // Ties: what ends at a time is watched until then, so it comes first; with exchanged roles that is the other
        // way round, and the curve at a time at which both happen counts the ended ones as gone.
        let mut mirrored = sample.clone();
        for point in &mut mirrored.points {
            std::mem::swap(&mut point.ended, &mut point.censored);
        }
        Self { ends: kaplan_meier(&mirrored).iter().map(|step| (step.seconds, step.ended)).collect() }
    }

    fn draw(&self, random: &mut Stream) -> Option<f64> {
        if self.ends.is_empty() {
            return None;
        }
        let level = uniform(random);
        let at = self.ends.partition_point(|(_, probability)| *probability < level);
        self.ends.get(at).map(|(seconds, _)| *seconds)
    }
}
