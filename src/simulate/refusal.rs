//! When no interval is given, and what is said instead. The one place where plain sampling admits that it saw too little;
//! another method would be proposed here.

use crate::measure::Warning;
use crate::simulate::merged::{Measure, Merged};

/// Fewer effective cycles with downtime (or outages, of replications) than this do not support an interval.
pub(crate) const FEWEST_EFFECTIVE: f64 = 100.0;
/// Nor does a downtime of which one cycle (or outage) brought more than this share.
pub(crate) const LARGEST_SHARE: f64 = 0.05;
/// Nor is an interval given that is wider than this, relative to the estimate.
pub(crate) const WIDEST: f64 = 0.5;
/// Fewer replications than this, or shorter ones than this share of the warm-up, do not either.
const FEWEST_REPLICATIONS: f64 = 20.0;
const SHORTEST_REPLICATION: f64 = 0.5;
/// Finished cycles must hold this share of the simulated time.
const FINISHED: f64 = 0.95;

/// What upper bounds assume.
const BOUNDS: &str = "the upper bounds hold as long as what happens in one cycle is independent of the others and no outage \
                      spans many of them";
const NO_BOUND: &str = "no bound can be given";

/// The rule that forbids intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Replications are too few or too short against the warm-up.
    WarmUp,
    /// Next to no uptime was seen.
    TooLittleUp,
    /// Cycles that are not finished hold too much of the time: the finished ones are the short ones.
    Unfinished,
    TooFewOutages,
    OneDominates,
    TooWide,
}

impl Refusal {
    /// Whether not even a bound holds.
    pub(crate) fn forbids_bounds(self) -> bool {
        matches!(self, Self::WarmUp | Self::Unfinished | Self::TooLittleUp)
    }

    /// The first rule that applies.
    pub(crate) fn of(merged: &Merged, alpha: f64) -> Option<Self> {
        let tally = &merged.tally;
        let too_short = || {
            let replications = merged.replications();
            replications < FEWEST_REPLICATIONS || tally.t / replications < SHORTEST_REPLICATION * merged.apart
        };
        if !merged.regenerative && too_short() {
            Some(Self::WarmUp)
        } else if merged.regenerative && tally.t < FINISHED * merged.seconds {
            Some(Self::Unfinished)
        } else if merged.is_hardly_up() {
            Some(Self::TooLittleUp)
        } else if merged.effective() < FEWEST_EFFECTIVE {
            Some(Self::TooFewOutages)
        } else if merged.largest_share() > LARGEST_SHARE {
            Some(Self::OneDominates)
        } else if merged.half_width(Measure::Downtime, alpha) > WIDEST {
            Some(Self::TooWide)
        } else {
            None
        }
    }

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::WarmUp => "still_warming_up",
            Self::TooLittleUp => "too_little_uptime",
            Self::Unfinished => "cycles_unfinished",
            Self::TooFewOutages => "too_few_outages",
            Self::OneDominates => "one_cycle_dominates",
            Self::TooWide => "interval_too_wide",
        }
    }

    pub(crate) fn warning(self, merged: &Merged, has_bounds: bool) -> Warning {
        let without_bounds = |reason: &str| format!("{reason}, so there is no estimate; ");
        let with_bounds = |reason: &str| {
            format!("{reason}; {}; allow more events or time", if has_bounds { BOUNDS } else { NO_BOUND })
        };
        let message = match self {
            Self::WarmUp => {
                without_bounds("the simulation ended before its replications were long against their warm-up")
                    + "allow more events, years or time"
            }
            Self::TooLittleUp => without_bounds("the system was hardly ever up") + "allow more events or time",
            Self::Unfinished => {
                without_bounds("the simulation ended within long cycles") + "allow more events, years or time"
            }
            Self::TooFewOutages => with_bounds(&too_few(merged)),
            Self::OneDominates => {
                let share = 100.0 * merged.largest_share();
                let what = if merged.regenerative { "cycle" } else { "outage" };
                with_bounds(&format!("one {what} brought {share:.0} % of the downtime, so no interval can be trusted"))
            }
            Self::TooWide => with_bounds("the interval would be wider than half of the estimate"),
        };
        Warning { code: self.code(), message }
    }
}

fn too_few(merged: &Merged) -> String {
    let seen = match merged.tally.n as u64 {
        0 => "no outage".to_owned(),
        1 => "only 1 outage".to_owned(),
        few if (few as f64) < FEWEST_EFFECTIVE => format!("only {few} outages"),
        many => format!("{many} outages of so different weight that they count as {:.0}", merged.effective()),
    };
    format!("plain simulation saw {seen}, too few for an interval")
}
