//! What has happened: logs of incidents and of states, and series of samples.
//!
//! [`read`](fn@read) takes what people have (CSV, JSON, JSON Lines of several systems) and gives an [`IncidentLog`] of half-open
//! intervals in UTC. [`Timeline`] is the arithmetic of such intervals: unions count no time twice, and what is outside of
//! a window is cut off at its edges. [`Zone`] knows local time and the calendar.
//!
//! All times are whole nanoseconds, so that sums, unions and differences are exact.

mod downtime;
mod exclusion;
mod incident;
mod instant;
mod interval;
mod mistake;
pub mod open_slo;
mod read;
mod samples;
mod summary;
mod timeline;
mod weights;
mod write;
mod zone;

pub use downtime::{Counted, Downtime};
pub use incident::{Incident, IncidentLog, Reading, Remark, closest};
pub use instant::Instant;
pub use interval::Interval;
pub use mistake::Mistake;
pub(crate) use mistake::quoted;
pub use read::{ReadOptions, Role, read, read_instant, unit_nanoseconds, with_point};
pub use samples::{
    GoodFrom, Missing, SampleKind, SampleSet, Series, first_wrong, is_samples, read_samples, unfit_sample,
};
pub use summary::{ComponentDowntime, Longest, PeriodDowntime, SeverityCount, Summary};
pub use timeline::Timeline;
pub use weights::{Class, LogWeights, Maintenance, Rule};
pub use write::{to_csv, to_json};
pub use zone::{Local, Period, Zone};

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact seconds are the claim")]
mod tests;
