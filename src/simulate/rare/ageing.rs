//! Whether values know how old things are, where branches start, and what a cycle is worth: what a pilot finds out.
//!
//! Nothing of this touches the estimate, only its variance.

use crate::numeric::distribution::Distribution;
use crate::simulate::rare::meter::PLAIN_SHARE;
use crate::simulate::rare::statistics::{Contributions, Statistics};

/// Cycles of a pilot, and of one that follows where its contributions count as fewer than so many equal ones.
const PILOT_CYCLES: u64 = 5_000;
const LONG_PILOT_CYCLES: u64 = 20_000;
const FEWEST_EFFECTIVE: f64 = 10.0;
/// What drawing starts by worth must bring, for what it costs.
const PILOT_MARGIN: f64 = 1.2;
/// What a life costs whose age enters the values, over a cycle without.
const COST_OF_NEXT: f64 = 0.08;
const COST_OF_ALL: f64 = 0.1;
/// Starts that a branch is drawn from, where that pays: cycles of the plain chain cost about a third of a branch.
pub(crate) const STARTS: u64 = 4;
/// A life is young while it fails at least so many times as often as on average.
const EARLY: f64 = 5.0;
/// Young units at the start of a cycle from which on it counts as one with several.
pub(crate) const FEWEST_YOUNG: usize = 2;
/// Ages at which that is looked for, from half of the mean on.
const HALVINGS: u32 = 20;
/// A scale as near to 1 as this is not worth another pilot.
const LITTLE: f64 = 2.0;
/// Limits of the scale.
const SCALES: (f64, f64) = (1e-3, 1e6);
/// No value is trusted to be off by more than this for the age of one clock.
pub(crate) const LIMITS: (f64, f64) = (0.02, 200.0);
/// The same for its residual time, of which more is known.
pub(crate) const LIMITS_OF_RESIDUAL: (f64, f64) = (1e-3, 1e6);

/// How ages and residual times enter the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ageing {
    /// Not at all.
    Ignored,
    /// Ages for the next loss, and residual times.
    Next,
    /// Ages for all losses that it takes to something bad, and residual times.
    All,
}

impl Ageing {
    const EACH: [Self; 3] = [Self::Ignored, Self::Next, Self::All];

    /// About how much longer cycles take, with so many lives that have ages.
    fn cost(self, lives: usize) -> f64 {
        match self {
            Self::Ignored => 1.0,
            Self::Next => 1.0 + COST_OF_NEXT * lives as f64,
            Self::All => 1.0 + COST_OF_ALL * lives as f64,
        }
    }
}

/// How a model is sampled: what a pilot finds out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tuning {
    pub(crate) ageing: Ageing,
    /// What a cycle is worth, over what the twin says.
    pub(crate) scale: f64,
    /// Cycles of the plain chain for each branch, which starts at one of them, drawn by worth.
    pub(crate) starts: u64,
    /// Whether to find out what drawing starts by worth would bring.
    pub(crate) is_pilot: bool,
}

impl Tuning {
    /// No pilot.
    pub(crate) const NONE: Self = Self { ageing: Ageing::Ignored, scale: 1.0, starts: 1, is_pilot: false };

    /// The share of plain simulation, in the unit of worth.
    pub(crate) fn plain_share(self) -> f64 {
        PLAIN_SHARE * self.scale
    }

    /// The one under which the contributions of a pilot's cycles are most even for their cost, which is a constant and not
    /// measured: the choice is the same on every machine. At `least` so much enters the values.
    pub(crate) fn best(lives: usize, least: Ageing, pilot: impl Fn(Self, u64) -> Statistics) -> Self {
        let (best, most) = Self::best_of((lives, least), PILOT_CYCLES, 1.0, &pilot);
        if most >= FEWEST_EFFECTIVE {
            return best;
        }
        // Chance decided: a longer one, from what the short one found.
        let scale = if most > 0.0 { best.scale } else { 1.0 };
        Self::best_of((lives, least), LONG_PILOT_CYCLES, scale, &pilot).0
    }

    /// The best one, and as how many equal contributions those of its pilot's cycles count, for their cost.
    fn best_of(
        (lives, least): (usize, Ageing),
        cycles: u64,
        scale: f64,
        pilot: &impl Fn(Self, u64) -> Statistics,
    ) -> (Self, f64) {
        let (mut best, mut most, mut scale) = (Self { ageing: least, ..Self::NONE }, 0.0, scale);
        for _ in 0..2 {
            let mut worth = scale;
            for ageing in Ageing::EACH.into_iter().filter(|ageing| *ageing >= least) {
                let statistics = pilot(Self { ageing, scale, starts: 1, is_pilot: true }, cycles);
                let of = statistics.contributions.iter().map(Contributions::effective);
                let gain = gain_of_starts(&statistics);
                let (starts, gain) = if gain > PILOT_MARGIN { (STARTS, gain) } else { (1, 1.0) };
                let effective = gain * of.fold(f64::INFINITY, f64::min) / ageing.cost(lives);
                if effective > most {
                    (best, most) = (Self { ageing, scale, starts, is_pilot: false }, effective);
                    worth = statistics.worth / statistics.cycles.max(1) as f64 / (1.0 - PLAIN_SHARE);
                }
            }
            scale = worth.clamp(SCALES.0, SCALES.1);
            if (1.0 / LITTLE..LITTLE).contains(&scale) {
                break;
            }
        }
        (best, most)
    }
}

/// How many times less the contribution of a branch would vary (squared, about 0) if its start were drawn by worth.
fn gain_of_starts(statistics: &Statistics) -> f64 {
    let [worth, squares @ ..] = statistics.starts;
    let gains = statistics
        .contributions
        .iter()
        .zip(squares)
        .map(|(contributions, over_worth)| contributions.squares / (over_worth * worth / statistics.cycles as f64));
    gains.fold(f64::INFINITY, f64::min)
}

/// Whether a life fails so much more often when new that cycles which start with several new units may carry the result.
pub(crate) fn fails_early(life: &Distribution) -> bool {
    let mean = life.mean();
    !life.is_exponential() && (1..=HALVINGS).any(|k| is_young(life, mean, mean * libm::exp2(-f64::from(k))))
}

/// Whether a life with that mean is at an age at which it fails that often.
pub(crate) fn is_young(life: &Distribution, mean: f64, age: f64) -> bool {
    age <= 0.5 * mean && life.hazard(age).is_some_and(|hazard| hazard * mean >= EARLY)
}

/// The cumulative hazard from `age` over `work` seconds of life, over what the mean says.
pub(crate) fn hazard_ratio(distribution: &Distribution, mean: f64, age: f64, work: f64) -> f64 {
    if work <= 0.0 {
        return 1.0;
    }
    (distribution.hazard_over(age, work) * mean / work).clamp(LIMITS.0, LIMITS.1)
}
