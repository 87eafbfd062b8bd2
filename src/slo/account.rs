//! What is left of a budget, how fast it goes, and when it is gone.

use crate::quantity::Objective;
use crate::slo::methods::Tally;

/// The window of a budget, as far as it has passed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Period {
    /// Length of the whole window in seconds.
    pub seconds: f64,
    /// How much of it has passed; all of a rolling window.
    pub elapsed_seconds: f64,
    /// Whether it is followed from day to day; otherwise it begins anew at its end, as a calendar month does.
    pub is_rolling: bool,
}

/// Whether there is reason to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Enough is left, and it lasts.
    Ok,
    /// Little is left, or it is gone before the window ends at the pace so far.
    AtRisk,
    /// Nothing is left.
    Exhausted,
}

impl Status {
    /// `ok`, `at-risk` or `exhausted`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::AtRisk => "at-risk",
            Self::Exhausted => "exhausted",
        }
    }
}

/// A budget and what has become of it, in the unit of its method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account {
    /// Bad so far.
    pub bad: f64,
    /// All so far.
    pub total: f64,
    /// All of the whole window: given, or projected at the pace so far.
    pub expected_total: f64,
    /// What may be bad in the whole window.
    pub allowed: f64,
    /// What is left; negative when overspent.
    pub remaining: f64,
    /// The share of the budget that is left; negative when overspent.
    pub remaining_share: f64,
    /// The bad share so far divided by the budget.
    pub burn_rate: f64,
    /// Time until nothing is left at the pace so far: 0 when nothing is left. Absent when nothing was bad, and for a
    /// rolling window with a burn rate up to 1, which that pace never exhausts.
    pub exhausted_in_seconds: Option<f64>,
    /// Whether there is reason to act.
    pub status: Status,
}

/// Whole numbers up to here, 2^53, are doubles.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// The budget of a tally; absent when there is nothing to count. `expected_total` is what the whole window will hold,
/// where that is known; below a remaining share of `at_risk_below` the budget is at risk.
pub fn account(
    tally: Tally,
    objective: &Objective,
    period: &Period,
    expected_total: Option<f64>,
    at_risk_below: f64,
) -> Option<Account> {
    if tally.total.is_nan() || tally.total <= 0.0 || period.elapsed_seconds <= 0.0 {
        return None;
    }
    // Differences of rounded sums may be below nothing by a few last digits.
    let bad = tally.bad.max(0.0);
    let expected_total = expected_total.unwrap_or(tally.total * (period.seconds / period.elapsed_seconds));
    let allowed_bad = allowed(objective, expected_total);
    let remaining = allowed_bad - bad;
    let burn_rate = burn_rate(objective, bad, tally.total);
    let remaining_share = remaining / allowed_bad;
    let exhausted_in_seconds = match remaining {
        left if left <= 0.0 => Some(0.0),
        _ if bad <= 0.0 || period.is_rolling && burn_rate <= 1.0 => None,
        left => Some(left / (bad / period.elapsed_seconds)),
    };
    let left_seconds = period.seconds - period.elapsed_seconds;
    let gone_early = !period.is_rolling && exhausted_in_seconds.is_some_and(|seconds| seconds < left_seconds);
    let status = match remaining_share {
        share if share <= 0.0 => Status::Exhausted,
        share if share < at_risk_below || gone_early => Status::AtRisk,
        _ => Status::Ok,
    };
    Some(Account {
        bad,
        total: tally.total,
        expected_total,
        allowed: allowed_bad,
        remaining,
        remaining_share,
        burn_rate,
        exhausted_in_seconds,
        status,
    })
}

/// The bad share divided by the budget; for whole numbers rounded once, from the exact quotient.
pub fn burn_rate(objective: &Objective, bad: f64, total: f64) -> f64 {
    let is_whole = |number: f64| number.fract() == 0.0 && number <= WHOLE;
    let exact = || objective.budget().times_in_share(bad as u64, total as u64);
    let exact = (is_whole(bad) && is_whole(total)).then(exact).flatten();
    exact.unwrap_or_else(|| bad / allowed(objective, total))
}

/// The part of `total` that may be bad; for whole numbers up to 4e9 rounded once, from the exact product.
pub fn allowed(objective: &Objective, total: f64) -> f64 {
    if total.fract() == 0.0 && total <= f64::from(u32::MAX) {
        return objective.budget().times(total as u32).to_f64();
    }
    objective.budget().to_f64() * total
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests {
    use super::{Account, Period, Status, account};
    use crate::quantity::Objective;
    use crate::slo::methods::Tally;

    const DAY: f64 = 86_400.0;
    const ROLLING: Period = Period { seconds: 30.0 * DAY, elapsed_seconds: 30.0 * DAY, is_rolling: true };

    fn of(target: &str, bad: f64, total: f64, period: &Period) -> Account {
        let objective: Objective = target.parse().unwrap();
        account(Tally { bad, total }, &objective, period, None, 0.1).unwrap()
    }

    #[test]
    fn nine_nines_survive() {
        let time = of("99.9999999%", 0.0, 30.0 * DAY, &ROLLING);
        assert_eq!((time.allowed, time.burn_rate, time.status), (0.002592, 0.0, Status::Ok));
        let events = of("99.9999999%", 100.0, 1_000_000_000.0, &ROLLING);
        assert_eq!((events.burn_rate, events.allowed, events.remaining), (100.0, 1.0, -99.0));
        assert_eq!((events.status, events.exhausted_in_seconds), (Status::Exhausted, Some(0.0)));
        // 1e9 good and 100 bad are 1,000,000,100 in all: 100 / 1.0000001, the nearest double of the fraction.
        let good = of("99.9999999%", 100.0, 1_000_000_100.0, &ROLLING);
        assert_eq!(good.burn_rate, 99.999_990_000_001);
    }

    #[test]
    fn what_is_overspent_is_negative() {
        // 43.2 min of budget, an hour used: -16.8 min, -38.9 %.
        let spent = of("99.9%", 3_600.0, 30.0 * DAY, &ROLLING);
        assert_eq!((spent.allowed, spent.remaining), (2_592.0, -1_008.0));
        assert!((spent.remaining_share + 1_008.0 / 2_592.0).abs() < 1e-15);
        assert!((spent.burn_rate - 3_600.0 / 2_592.0).abs() < 1e-15);
    }

    #[test]
    fn a_calendar_month_is_at_risk_when_it_will_not_last() {
        let tenth = |bad: f64| {
            let period = Period { seconds: 30.0 * DAY, elapsed_seconds: 10.0 * DAY, is_rolling: false };
            of("99.9%", bad, 10.0 * DAY, &period)
        };
        // 864 s in a third of the month is the even pace: gone exactly at the end.
        assert_eq!((tenth(864.0).burn_rate, tenth(864.0).status), (1.0, Status::Ok));
        assert_eq!(tenth(864.0).exhausted_in_seconds, Some(20.0 * DAY));
        assert_eq!(tenth(900.0).status, Status::AtRisk);
        assert_eq!(tenth(0.0).exhausted_in_seconds, None);
        // The budget is that of the whole month, whatever has passed.
        assert_eq!(tenth(900.0).allowed, 2_592.0);
    }

    #[test]
    fn a_rolling_window_is_at_risk_when_little_is_left() {
        assert_eq!(of("99.9%", 2_300.0, 30.0 * DAY, &ROLLING).status, Status::Ok);
        let little = of("99.9%", 2_400.0, 30.0 * DAY, &ROLLING);
        assert_eq!((little.status, little.exhausted_in_seconds), (Status::AtRisk, None));
        assert_eq!(of("99.9%", 2_592.0, 30.0 * DAY, &ROLLING).status, Status::Exhausted);
    }

    #[test]
    fn nothing_counted_is_no_budget() {
        let objective: Objective = "99.9%".parse().unwrap();
        assert_eq!(account(Tally::default(), &objective, &ROLLING, None, 0.1), None);
    }
}
