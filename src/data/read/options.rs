//! How a log is to be read.

use crate::data::instant::Instant;
use crate::data::read::role::Role;
use crate::data::zone::Zone;

/// Choices of the reader of a log; by default everything is recognised, and every mistake counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Columns by their meaning, where their names do not tell: meaning and name as in the file.
    pub map: Vec<(Role, String)>,
    /// The zone of times that name none; without it they are taken as UTC, and counted.
    pub zone: Option<Zone>,
    /// The layout of times (that of `strptime`), where it is none of the usual.
    pub time_format: Option<String>,
    /// Nanoseconds of the unit of durations that are plain numbers in a column without a unit in its name.
    pub duration_unit: Option<i64>,
    /// Until when incidents without an end last: none of them may begin later.
    pub now: Option<Instant>,
    /// Entries that may be skipped because they cannot be read; without it none.
    pub lenient: Option<u64>,
}
