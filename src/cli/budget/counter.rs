//! Counts the budget of one target over the windows of a log.

use crate::cli::measured::Measured;
use crate::cli::objectives::Wanted;
use crate::cli::period::Span;
use crate::data::{Instant, Interval, Period as Calendar, Zone};
use crate::report::results::WarningInfo;
use crate::report::results::budget_log::{AccountInfo, OtherAccount, PastInfo, UnobservedInfo};
use crate::report::results::log::maintenance_text;
use crate::slo::Curve;
use crate::slo::account::{Account, Period, account};
use crate::slo::methods::{Method, Slicing, Tally, tally};

/// Below this share a budget is at risk.
pub(super) const AT_RISK_BELOW: f64 = 0.1;
/// Most windows of the past that are shown.
const MOST_PAST: usize = 60;

/// Counts budgets of one target.
pub(super) struct Counter<'a> {
    pub(super) measured: &'a Measured,
    pub(super) wanted: &'a Wanted,
    pub(super) slicing: Slicing,
    /// Events of the whole window, where they are given.
    pub(super) expected_total: Option<f64>,
}

impl Counter<'_> {
    /// The budget by a method; absent when there is nothing to count.
    pub(super) fn account(&self, method: Method, span: &Span) -> Option<Account> {
        self.account_of(&self.measured.curve, method, span)
    }

    /// The budget of the first method with maintenance counted the other way.
    pub(super) fn other(&self, method: Method, span: &Span) -> Option<OtherAccount> {
        let (maintenance, curve, maintenance_seconds) = self.measured.other_within(&span.interval)?;
        let found = self.account_of(curve, method, span);
        Some(OtherAccount {
            maintenance: maintenance_text(maintenance).to_owned(),
            maintenance_seconds,
            account: found.map(|found| account_info(method, &found)),
        })
    }

    fn account_of(&self, curve: &Curve, method: Method, span: &Span) -> Option<Account> {
        let start = self.measured.seconds(span.interval.start);
        let counted = tally(curve, method, &self.slicing, start, start + span.period.elapsed_seconds);
        // A given number is of events, not of slices.
        let expected = self.expected_total.filter(|_| method == Method::Occurrences);
        account(counted, &self.wanted.objective, &span.period, expected, AT_RISK_BELOW)
    }

    /// Windows of the calendar from the log's start to this one.
    pub(super) fn history(
        &self,
        method: Method,
        calendar: Calendar,
        now: &Span,
        zone: &Zone,
        warnings: &mut Vec<WarningInfo>,
    ) -> Vec<PastInfo> {
        let first: Instant = self.measured.window.start;
        let Some(before) = Interval::new(first, now.interval.start).filter(|before| !before.is_empty()) else {
            return Vec::new();
        };
        let mut periods = zone.periods(&before, calendar);
        if periods.len() > MOST_PAST {
            let message = format!("of {} windows before, the last {MOST_PAST} are listed", periods.len());
            warnings.push(WarningInfo::new("windows_left_out", message));
        }
        periods.drain(..periods.len().saturating_sub(MOST_PAST));
        let past = periods.into_iter().filter_map(|interval| {
            let seconds = interval.seconds();
            let span = Span { interval, period: Period { seconds, elapsed_seconds: seconds, is_rolling: false } };
            let found = self.account(method, &span)?;
            Some(PastInfo {
                period: zone.label(interval.start, calendar),
                bad: found.bad,
                allowed: found.allowed,
                remaining_share: found.remaining_share,
                verdict: if found.remaining >= 0.0 { "met" } else { "missed" }.to_owned(),
            })
        });
        past.collect()
    }

    /// What would be left if the times without samples were all bad, or all good. By time only.
    pub(super) fn unobserved(&self, first: &AccountInfo, span: &Span) -> Option<UnobservedInfo> {
        let end = self.measured.present().min(span.interval.end);
        let seen = Interval::new(span.interval.start, end)?;
        let seconds = self.measured.unobserved.clipped(&seen).seconds();
        if seconds <= 0.0 || first.method != Method::Time.name() {
            return None;
        }
        let left = |bad: f64| {
            let counted = Tally { bad: first.bad + bad, total: first.total + seconds };
            account(counted, &self.wanted.objective, &span.period, None, AT_RISK_BELOW)
                .map(|found| found.remaining_share)
        };
        Some(UnobservedInfo {
            unobserved_seconds: seconds,
            remaining_share_low: left(seconds)?,
            remaining_share_high: left(0.0)?,
        })
    }
}

/// A budget for the report.
pub(super) fn account_info(method: Method, found: &Account) -> AccountInfo {
    AccountInfo {
        method: method.name().to_owned(),
        unit: method.unit().to_owned(),
        bad: found.bad,
        total: found.total,
        expected_total: found.expected_total,
        allowed: found.allowed,
        remaining: found.remaining,
        used_share: found.bad / found.allowed,
        remaining_share: found.remaining_share,
        burn_rate: found.burn_rate,
        exhausted_in_seconds: found.exhausted_in_seconds,
        status: found.status.name().to_owned(),
    }
}
