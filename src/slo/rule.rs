//! An alert on the burn rate over two windows.

use crate::slo::factor::Factor;

/// Who should act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Somebody at once.
    Page,
    /// Somebody within days.
    Ticket,
}

impl Severity {
    /// `page` or `ticket`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Ticket => "ticket",
        }
    }
}

/// Fires while the burn rates over the long and, where there is one, the short window both exceed the factor, once
/// that has been so for `hold_seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Who should act.
    pub severity: Severity,
    /// The window that says that it matters.
    pub long_seconds: u64,
    /// The window that says that it still goes on.
    pub short_seconds: Option<u64>,
    /// The burn rate that must be exceeded.
    pub factor: Factor,
    /// How long before it fires; `for` in Prometheus.
    pub hold_seconds: u64,
}

impl Rule {
    /// The window that ends first: the short one, or the only one.
    pub fn shortest_seconds(&self) -> u64 {
        self.short_seconds.unwrap_or(self.long_seconds).min(self.long_seconds)
    }

    /// Its windows, the longest first.
    pub fn windows(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.long_seconds).chain(self.short_seconds)
    }
}
