//! Whether an interval can be trusted.
//!
//! Weights that are too uneven make intervals too narrow before they make estimates wrong (Tuffin, L'Ecuyer, Sandmann 2006).
//! What never happened leaves no trace in the weights at all: there the twin tells what should have been seen.

use crate::measure::{ClassSeen, ContributionChecks, ImportanceChecks};
use crate::quantity::counted;
use crate::simulate::rare::estimates::Estimates;
use crate::simulate::rare::statistics::{Contributions, Lives, Statistics};
use crate::simulate::rare::twin::{LARGEST_FRONTIER, Twin};

/// Contributions must weigh like so many equal ones.
pub(crate) const FEWEST_EFFECTIVE: f64 = 100.0;
/// What branches contribute that start in the same lives must weigh like so many equal ones. With fewer lives whose worth goes
/// with a power of their age, the sums of batches are skewed: most runs lack the few that grew oldest. Lives that are all worth
/// much the same may be few.
const FEWEST_LIVES: f64 = 300.0;
/// Once there were fewer, more are needed: or the runs that lack the oldest would be the ones that pass.
const LIVES_AFTER: f64 = 500.0;
/// No single one may be a larger share.
const LARGEST_SHARE: f64 = 0.03;
/// From 0.5 on the variance may be infinite; the estimate from 50 contributions varies by 0.1.
const LARGEST_TAIL_INDEX: f64 = 0.6;
/// Once it was larger, only what is clearly lighter passes: or the runs without the tail would be the ones that pass.
const TAIL_INDEX_AFTER: f64 = 0.5;
/// Wider intervals are no use, and not symmetric either.
pub(crate) const WIDEST: f64 = 0.5;
/// Cycles that must have seen each class of outage that matters.
const FEWEST_OF_CLASS: u64 = 30;
/// The part of the result that came from states without a value.
const LARGEST_UNKNOWN: f64 = 0.05;
/// The part of the result that may vanish with weights that many losses in one recovery have changed.
const LARGEST_VANISHED: f64 = 0.02;
/// What the length of cycles may be off by, as a part of half the width of the interval: 0.4 standard errors, with which 93 % of all
/// intervals hold.
const LARGEST_UNMET: f64 = 0.2;
/// More is not expected, at 95 %, of what was not seen at all.
const MOST_UNSEEN: f64 = 3.0;
/// A round that a limit made shorter than this part of all cycles tells nothing against the others.
const LEAST_HALF: u64 = 4;
/// Less more work than this is not worth a proposal.
const LEAST_MORE: f64 = 1.5;
/// Lower bounds come from the second round; what share of the result came from where is known after two more.
const ROUNDS_FOR_BOUNDS: u64 = 2;
const ROUNDS_FOR_SHARES: u64 = 4;
/// Where the plain part of a run saw so many outages, plain simulation is within reach.
const FEWEST_PLAIN: u64 = 10;
/// Classes of outage that a message lists.
const MOST_LISTED: usize = 4;
/// Sums of what is always the same agree to this, relative.
const ROUNDING: f64 = 1e-9;
/// Normal deviations: the largest of 32 is beyond 4.5 once in 5,000 runs.
pub(crate) const LARGEST_DEVIATION: f64 = 4.5;
/// The later half of the cycles against the earlier one, in standard errors.
pub(crate) const LARGEST_DIFFERENCE: f64 = 3.3;

/// The first rule that forbids an interval.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Doubt {
    /// Nothing was simulated yet.
    NotBegun,
    /// No cycle came to its end.
    Unfinished,
    /// So many outages in branches, of too little weight.
    TooFew {
        outages: u64,
    },
    /// The outages began in too few lives of units that age.
    TooFewLives {
        needed: f64,
    },
    /// Too few cycles started with several units that fail much more often when new.
    YoungUnseen {
        seen: u64,
    },
    OneDominates,
    HeavyTail,
    TooWide,
    ClassUnseen {
        losses: u32,
        share: f64,
        seen: u64,
    },
    LossUnseen {
        cause: String,
        seen: u64,
    },
    Frontier,
    Unknown,
    Vanishing,
    /// Rare long recoveries are a part of all time that the plain chain may not have met.
    Unmet,
    BatchesDiffer,
    HalvesDiffer,
}

/// What more work would do about a doubt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum MoreWork {
    /// So many times the work so far may be enough.
    Times(f64),
    /// Nothing was seen: hardly less than so many times the work so far is enough.
    AtLeast(f64),
    /// It cannot be told.
    Open,
    /// Nothing.
    Vain,
}

impl Doubt {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotBegun | Self::Unfinished => "cycles_unfinished",
            Self::TooFew { .. } => "too_few_outages",
            Self::TooFewLives { .. } => "too_few_lives",
            Self::YoungUnseen { .. } => "young_units_unseen",
            Self::OneDominates => "one_cycle_dominates",
            Self::HeavyTail => "heavy_tailed_weights",
            Self::TooWide => "interval_too_wide",
            Self::ClassUnseen { .. } => "outage_class_unseen",
            Self::LossUnseen { .. } => "fixed_loss_unseen",
            Self::Frontier => "importance_function_too_short",
            Self::Unknown => "states_without_value",
            Self::Vanishing => "vanishing_weights",
            Self::Unmet => "long_recovery_unmet",
            Self::BatchesDiffer => "batches_differ",
            Self::HalvesDiffer => "halves_differ",
        }
    }

    /// What is wrong, a fragment.
    pub(crate) fn reason(&self, checks: &ImportanceChecks) -> String {
        let downtime = &checks.downtime;
        match self {
            Self::NotBegun => "no cycle was simulated yet".into(),
            Self::Unfinished => "no cycle from everything up to everything up again came to its end".into(),
            Self::TooFew { outages: 0 } => {
                format!("no outage was sampled, and as many as {FEWEST_EFFECTIVE} equal ones are needed")
            }
            Self::TooFew { .. } => format!(
                "the outages that were sampled weigh like {:.0} equal ones, and {FEWEST_EFFECTIVE} are needed ({})",
                libm::floor(downtime.effective_sample_size.min(checks.outages.effective_sample_size)),
                seen(&checks.classes)
            ),
            Self::TooFewLives { needed } => format!(
                "units that age lived too few lives: what they contributed weighs like {:.0} equal ones, and {needed} are \
                 needed as long as more than half of them hardly count",
                libm::floor(fewest_lives(checks))
            ),
            Self::YoungUnseen { seen } => format!(
                "units fail much more often when new, and {} started with several of them new; {FEWEST_OF_CLASS} are needed",
                only(*seen, "cycle")
            ),
            Self::OneDominates => format!(
                "one cycle brought {:.1} % of the result, more than {:.0} %",
                100.0 * downtime.largest_share.max(checks.outages.largest_share),
                100.0 * LARGEST_SHARE
            ),
            Self::HeavyTail => format!(
                "the weights have a tail index of {:.2}, so that their variance may be infinite",
                downtime.tail_index.max(checks.outages.tail_index)
            ),
            Self::TooWide => "the interval would be wider than half of the estimate".into(),
            Self::ClassUnseen { losses, share, seen } => format!(
                "outages with {losses} losses at a time should carry {:.0} % of the downtime, but {} had one",
                100.0 * share,
                only(*seen, "sampled cycle")
            ),
            Self::LossUnseen { cause, seen } => format!(
                "the times to `{cause}` are fixed or from a list, so that it cannot be made likelier, and it happened {}",
                match seen {
                    0 => "not once".to_owned(),
                    1 => "only once".to_owned(),
                    several => format!("only {several} times"),
                }
            ),
            Self::Frontier => {
                let open = if checks.frontier_ratio.is_finite() {
                    format!("by a factor of {:.1}", checks.frontier_ratio)
                } else {
                    "by any factor".to_owned()
                };
                format!(
                    "the {} states that could be explored leave open how likely outages with more losses at a time are \
                     ({open})",
                    checks.twin_states
                )
            }
            Self::Unknown => format!(
                "{:.0} % of the result came from states beyond those that could be explored",
                100.0 * downtime.unknown_share.max(checks.outages.unknown_share)
            ),
            Self::Vanishing => format!(
                "about {:.0} % of the result vanished with the weights of cycles in which one recovery outlasts dozens of other \
                 failures, each of which changes the weight",
                100.0 * checks.vanished_share
            ),
            Self::Unmet => format!(
                "recoveries that are rare and long may be another {:.2} % of all time than they were in the run, half the width of the interval \
                 would be {:.2} %, and how long cycles are is not made certain by sampling outages",
                100.0 * checks.unmet_share,
                100.0 * checks.widest
            ),
            Self::BatchesDiffer => {
                format!("one batch is {:.1} standard deviations from the others", checks.largest_batch_deviation)
            }
            Self::HalvesDiffer => {
                format!("the later half of the cycles differs by {:.1} standard errors", checks.halves_difference)
            }
        }
    }

    /// What more work would do, as far as can be told.
    pub(crate) fn more_work(&self, checks: &ImportanceChecks) -> MoreWork {
        let effective = checks.downtime.effective_sample_size.min(checks.outages.effective_sample_size);
        let share = checks.downtime.largest_share.max(checks.outages.largest_share);
        match self {
            Self::TooFew { .. } if effective > 0.0 => MoreWork::Times(FEWEST_EFFECTIVE / effective),
            Self::TooFewLives { needed } => MoreWork::Times(needed / fewest_lives(checks)),
            Self::OneDominates => MoreWork::Times(share / LARGEST_SHARE),
            Self::ClassUnseen { seen: 0, .. } | Self::LossUnseen { seen: 0, .. } | Self::YoungUnseen { seen: 0 } => {
                MoreWork::AtLeast(FEWEST_OF_CLASS as f64 / MOST_UNSEEN)
            }
            Self::ClassUnseen { seen, .. } | Self::LossUnseen { seen, .. } | Self::YoungUnseen { seen } => {
                MoreWork::Times(FEWEST_OF_CLASS as f64 / *seen as f64)
            }
            Self::TooWide => MoreWork::Times(checks.widest / WIDEST * checks.widest / WIDEST),
            Self::Unmet => MoreWork::Times(checks.unmet_times),
            Self::HeavyTail | Self::BatchesDiffer | Self::HalvesDiffer => MoreWork::Times(4.0),
            Self::TooFew { .. } | Self::NotBegun | Self::Unfinished | Self::Vanishing => MoreWork::Open,
            Self::Frontier | Self::Unknown => MoreWork::Vain,
        }
    }

    /// Whether it is certain after so many rounds that no amount of work would lift it, and what can be told without an
    /// interval is known to a few percent.
    pub(crate) fn is_final(&self, rounds: u64) -> bool {
        match self {
            Self::Frontier => rounds >= ROUNDS_FOR_BOUNDS,
            Self::Unknown => rounds >= ROUNDS_FOR_SHARES,
            _ => false,
        }
    }

    /// What to do, a fragment, after so many events, on whose plain part so many outages were seen.
    pub(crate) fn advice(&self, checks: &ImportanceChecks, events: u64, plain_outages: u64) -> String {
        let more = |times: f64| times.max(LEAST_MORE) * events as f64;
        match self.more_work(checks) {
            MoreWork::Times(times) => format!("about {:.1e} events may be enough", more(times)),
            MoreWork::AtLeast(times) => format!("{:.1e} events or more may be enough", more(times)),
            MoreWork::Open if *self == Self::Unfinished => {
                "more events may be enough where the cycles before those that count took all of these; where everything is seldom up at \
                 once, or sampled cycles lead away from that, `--method plain` does not wait for it"
                    .to_owned()
            }
            MoreWork::Open => "more events or time may help".to_owned(),
            MoreWork::Vain => {
                let model = "more events do not help, a smaller model does: with fewer units that differ from each other, \
                             and fewer stages of failover";
                match plain_outages {
                    few if few < FEWEST_PLAIN => model.to_owned(),
                    some => format!(
                        "{model}; so may `--method plain`: the part of the run that is plain simulation saw {}",
                        counted(some, "outage")
                    ),
                }
            }
        }
    }
}

/// How often each class of outage was seen; of many only the range.
fn seen(classes: &[ClassSeen]) -> String {
    let cycles = |seen: u64| if seen == 0 { "none".to_owned() } else { counted(seen, "cycle") };
    match classes {
        [] => "of no class that should carry downtime".to_owned(),
        [first, .., last] if classes.len() > MOST_LISTED => {
            let least = classes.iter().map(|class| class.cycles).min().unwrap_or(0);
            let most = classes.iter().map(|class| class.cycles).max().unwrap_or(0);
            let range = if least == most { format!("{least}") } else { format!("{least} to {most}") };
            format!("each number from {} to {} losses at a time in {range} cycles", first.losses, last.losses)
        }
        few => {
            let class = |class: &ClassSeen| format!("{} at a time in {}", losses(class.losses), cycles(class.cycles));
            few.iter().map(class).collect::<Vec<_>>().join(", ")
        }
    }
}

fn losses(number: u32) -> String {
    if number == 1 { "1 loss".to_owned() } else { format!("{number} losses") }
}

fn only(number: u64, what: &str) -> String {
    if number == 0 { format!("no {what}") } else { format!("only {}", counted(number, what)) }
}

/// All figures.
pub(crate) fn checks(estimates: &Estimates, latest: &[Statistics], twin: &Twin) -> ImportanceChecks {
    let total = &estimates.total;
    let unmet = twin.recoveries.unmet(total.time);
    ImportanceChecks {
        piece: None,
        downtime: of_contributions(&total.contributions[0], &total.lives[0]),
        outages: of_contributions(&total.contributions[1], &total.lives[1]),
        classes: twin
            .classes
            .iter()
            .zip(&total.classes)
            .map(|(&(losses, expected_share), &cycles)| ClassSeen { losses, expected_share, cycles })
            .collect(),
        frontier_ratio: twin.frontier_ratio,
        twin_states: twin.explored() as u64,
        young_starts: twin.has_early_failures.then_some(total.young_starts),
        largest_batch_deviation: estimates.largest_deviation(0).max(estimates.largest_deviation(1)),
        halves_difference: halves(estimates, latest, 0).max(halves(estimates, latest, 1)),
        vanished_share: total.vanished_share(),
        unmet_share: unmet.share,
        unmet_times: unmet.times,
        widest: estimates.rate(0).half_width.max(estimates.rate(1).half_width),
    }
}

/// What the twin tells by itself.
pub(crate) fn before_any_cycle(twin: &Twin) -> ImportanceChecks {
    let class = |&(losses, expected_share): &(u32, f64)| ClassSeen { losses, expected_share, cycles: 0 };
    ImportanceChecks {
        classes: twin.classes.iter().map(class).collect(),
        frontier_ratio: twin.frontier_ratio,
        twin_states: twin.explored() as u64,
        ..ImportanceChecks::default()
    }
}

fn of_contributions(contributions: &Contributions, lives: &Lives) -> ContributionChecks {
    let unknown_share = if contributions.sum > 0.0 { contributions.unknown / contributions.sum } else { 0.0 };
    ContributionChecks {
        effective_sample_size: contributions.effective(),
        largest_share: contributions.largest_share(),
        tail_index: contributions.tail_index(),
        effective_lives: (lives.sum > 0.0).then(|| lives.effective()),
        lives_are_uneven: lives.are_uneven(),
        unknown_share,
    }
}

/// The difference between the latest round, about half of all cycles, and what was before it, in standard errors.
pub(crate) fn halves(estimates: &Estimates, latest: &[Statistics], quantity: usize) -> f64 {
    let of_latest: u64 = latest.iter().map(|batch| batch.cycles).sum();
    if of_latest < estimates.total.cycles / LEAST_HALF {
        return 0.0;
    }
    let rest: Vec<Statistics> = estimates.batches.iter().zip(latest).map(|(all, latest)| all.less(latest)).collect();
    if rest.iter().any(|batch| batch.cycles == 0) || latest.iter().any(|batch| batch.cycles == 0) {
        return 0.0;
    }
    let alpha = estimates.alpha;
    let (earlier, later) = (Estimates::new(rest, alpha), Estimates::new(latest.to_vec(), alpha));
    let (a, b) = (earlier.rate(quantity), later.rate(quantity));
    // Where nothing varies, what differs is rounding.
    let error = libm::hypot(libm::hypot(a.error * a.value, b.error * b.value), ROUNDING * a.value);
    if error > 0.0 && error.is_finite() { (a.value - b.value).abs() / error } else { 0.0 }
}

/// The effective number of lives behind a measure; infinite where they are even, and may be few.
fn lives_that_count(of: &ContributionChecks) -> f64 {
    of.effective_lives.filter(|_| of.lives_are_uneven).unwrap_or(f64::INFINITY)
}

/// That of the measure that has fewer of them.
fn fewest_lives(checks: &ImportanceChecks) -> f64 {
    lives_that_count(&checks.downtime).min(lives_that_count(&checks.outages))
}

/// Whether the tail of the weights is heavy, once there are enough of them to tell.
fn is_heavy(checks: &ImportanceChecks) -> bool {
    [&checks.downtime, &checks.outages]
        .into_iter()
        .any(|of| of.effective_sample_size >= FEWEST_EFFECTIVE && of.tail_index > LARGEST_TAIL_INDEX)
}

/// What earlier looks found that makes later ones stricter.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Past {
    heavy: bool,
    few_lives: bool,
}

impl Past {
    /// Remembers what a look found.
    pub(crate) fn note(&mut self, checks: &ImportanceChecks) {
        self.heavy |= is_heavy(checks);
        self.few_lives |= fewest_lives(checks) < FEWEST_LIVES;
    }

    fn most_tail_index(self) -> f64 {
        if self.heavy { TAIL_INDEX_AFTER } else { LARGEST_TAIL_INDEX }
    }

    fn fewest_lives(self) -> f64 {
        if self.few_lives { LIVES_AFTER } else { FEWEST_LIVES }
    }
}

/// The first doubt. Where frequencies do not exist, only the downtime counts.
pub(crate) fn doubt(
    checks: &ImportanceChecks,
    total: &Statistics,
    twin: &Twin,
    has_times: bool,
    past: Past,
) -> Option<Doubt> {
    let mut measured = vec![&checks.downtime];
    if has_times {
        measured.push(&checks.outages);
    }
    let any = |rule: &dyn Fn(&ContributionChecks) -> bool| measured.iter().any(|&of| rule(of));
    let fixed = twin.fixed_causes.iter().find(|(cause, _)| total.fixed_losses[*cause] < FEWEST_OF_CLASS);
    let unseen = checks.classes.iter().find(|class| class.cycles < FEWEST_OF_CLASS);
    if checks.frontier_ratio > LARGEST_FRONTIER {
        Some(Doubt::Frontier)
    } else if total.cycles == 0 {
        Some(Doubt::Unfinished)
    } else if let Some((cause, name)) = fixed {
        Some(Doubt::LossUnseen { cause: name.clone(), seen: total.fixed_losses[*cause] })
    } else if any(&|of| of.effective_sample_size < FEWEST_EFFECTIVE) {
        Some(Doubt::TooFew { outages: total.outages })
    } else if any(&|of| lives_that_count(of) < past.fewest_lives()) {
        Some(Doubt::TooFewLives { needed: past.fewest_lives() })
    } else if twin.has_early_failures && total.young_starts < FEWEST_OF_CLASS {
        Some(Doubt::YoungUnseen { seen: total.young_starts })
    } else if any(&|of| of.largest_share > LARGEST_SHARE) {
        Some(Doubt::OneDominates)
    } else if any(&|of| of.tail_index > past.most_tail_index()) {
        Some(Doubt::HeavyTail)
    } else if checks.widest > WIDEST {
        Some(Doubt::TooWide)
    } else if let Some(class) = unseen {
        Some(Doubt::ClassUnseen { losses: class.losses, share: class.expected_share, seen: class.cycles })
    } else if any(&|of| of.unknown_share > LARGEST_UNKNOWN) {
        Some(Doubt::Unknown)
    } else if checks.vanished_share > LARGEST_VANISHED.min(LARGEST_UNMET * checks.widest) {
        Some(Doubt::Vanishing)
    } else if checks.unmet_share > LARGEST_UNMET * checks.widest {
        Some(Doubt::Unmet)
    } else if checks.largest_batch_deviation > LARGEST_DEVIATION {
        Some(Doubt::BatchesDiffer)
    } else if checks.halves_difference > LARGEST_DIFFERENCE {
        Some(Doubt::HalvesDiffer)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
