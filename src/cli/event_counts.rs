//! Events of good, bad or all, by time, and how two such counts become one.
//!
//! Each series has times of its own: where a sample is missing, its increase belongs to a longer time. So both counts are put
//! on all the instants at which any series has a sample, and an increase over several of them is spread evenly, which is what
//! the curve of a budget does between two samples anyway.
//!
//! A counter of errors is not there before the first error. So where the bad events are missing and the other count is
//! there, there were none; and a counter that appears alone, after others were there, began at 0.

use crate::cli::problem::Problem;
use crate::data::{Instant, Interval};
use crate::report::results::WarningInfo;

/// Which events are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Good,
    Bad,
    Total,
}

impl Kind {
    /// The option that gives their count.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Self::Good => "--good",
            Self::Bad => "--bad",
            Self::Total => "--total",
        }
    }
}

/// Events of one kind.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Which events.
    pub(crate) kind: Kind,
    /// How many events came when, of all series.
    pub(crate) parts: Vec<(Interval, f64)>,
    /// When each series begins, and with which value.
    pub(crate) begins: Vec<(Instant, f64)>,
    /// Whether the series are counters, which begin at 0.
    pub(crate) are_counters: bool,
}

/// Bad and all events of a time.
pub(crate) type Stretch = (Interval, f64, f64);

/// Rounding of a spread increase is no event.
const ROUNDING: f64 = 1e-9;

/// Bad and all events, in order of time.
pub(crate) fn join(first: &Counts, second: &Counts, warnings: &mut Vec<WarningInfo>) -> Result<Vec<Stretch>, Problem> {
    let grid = Grid::new([first, second]);
    let (mut one, mut other) = (grid.spread(first), grid.spread(second));
    let paired = one.cells.iter().zip(&other.cells).filter(|(a, b)| a.is_some() && b.is_some()).count();
    match (first.kind, second.kind) {
        (Kind::Bad, _) => complete(&grid, &mut one, &other, warnings),
        (_, Kind::Bad) => complete(&grid, &mut other, &one, warnings),
        _ => {}
    }
    let is_empty = |counts: &Counts| counts.kind == Kind::Bad && counts.parts.is_empty();
    let mut stretches = Vec::new();
    let mut alone = 0;
    for (index, pair) in one.cells.iter().zip(&other.cells).enumerate() {
        match pair {
            (Some(one), Some(other)) => {
                let (bad, total) = bad_and_total((first.kind, *one), (second.kind, *other));
                stretches.push((grid.cell(index), bad, total));
            }
            (None, None) => {}
            _ => alone += 1,
        }
    }
    if stretches.is_empty() || paired == 0 && !is_empty(first) && !is_empty(second) {
        let [one, other] = [first, second].map(|counts| counts.kind.option());
        return Err(Problem::usage(format!("`{one}` and `{other}` have no two samples at the same times"))
            .help("ask for both with one start, end and step"));
    }
    let spread = one.divided + other.divided;
    if spread > 0 {
        let increases = if spread == 1 { "1 increase goes" } else { &format!("{spread} increases go") };
        let message = format!(
            "{increases} over samples that are missing, or over times of other series: its events are spread evenly"
        );
        warnings.push(WarningInfo::new("spread_steps", message));
    }
    if alone > 0 {
        let all = stretches.len() + alone;
        let message = if alone == 1 {
            format!("1 of {all} steps is in one of the two counts only and is left out")
        } else {
            format!("{alone} of {all} steps are in one of the two counts only and are left out")
        };
        warnings.push(WarningInfo::new("unpaired_steps", message));
    }
    Ok(stretches)
}

fn bad_and_total((first, one): (Kind, f64), (second, other): (Kind, f64)) -> (f64, f64) {
    match (first, second) {
        (Kind::Good, Kind::Bad) => (other, one + other),
        (Kind::Good, _) if (other - one).abs() <= ROUNDING * other => (0.0, other),
        (Kind::Good, _) => (other - one, other),
        _ => (one, other),
    }
}

/// Fills in what is missing of bad events: none where the other count is there.
fn complete(grid: &Grid, bad: &mut Spread<'_>, other: &Spread<'_>, warnings: &mut Vec<WarningInfo>) {
    let mut absent = Vec::new();
    for (index, cell) in bad.cells.iter_mut().enumerate() {
        if cell.is_none() && other.cells[index].is_some() {
            *cell = Some(0.0);
            absent.push(index);
        }
    }
    let (Some(first), Some(last)) = (absent.first(), absent.last()) else { return };
    let begun = if bad.of.are_counters { begin(grid, bad, other) } else { 0.0 };
    let (from, to) = (grid.cell(*first).start, grid.cell(*last).end);
    let first = if begun > 0.0 {
        format!("; counters that appear later began at 0, which adds {begun} bad events")
    } else {
        String::new()
    };
    let message = format!(
        "`--bad` has no samples in {} of {} steps that the other count has, between {from} and {to}: none were bad in \
         them{first}",
        absent.len(),
        other.cells.iter().flatten().count()
    );
    warnings.push(WarningInfo::new("no_bad_samples", message));
}

/// Counts the first values of counters that appear alone, when the other count was there before: bad events of the step before.
/// More than all events of that step cannot be of that step.
fn begin(grid: &Grid, bad: &mut Spread<'_>, other: &Spread<'_>) -> f64 {
    let mut begun = 0.0;
    for (at, value) in &bad.of.begins {
        let Some(before) = grid.ending(*at) else { continue };
        let Some(all) = other.cells[before] else { continue };
        let comes_with_target = other.of.begins.iter().any(|(begin, _)| begin == at);
        let known = bad.cells[before].unwrap_or(0.0);
        if *value > 0.0 && !comes_with_target && (other.of.kind != Kind::Total || known + value <= all) {
            bad.cells[before] = Some(known + value);
            begun += value;
        }
    }
    begun
}

/// All instants of samples.
struct Grid {
    bounds: Vec<Instant>,
}

/// Events by the cells of a grid.
struct Spread<'a> {
    of: &'a Counts,
    /// `None` where no series says anything.
    cells: Vec<Option<f64>>,
    /// How many increases go over more than one cell.
    divided: usize,
}

impl Grid {
    fn new(roles: [&Counts; 2]) -> Self {
        let ends = |(interval, _): &(Interval, f64)| [interval.start, interval.end];
        let parts = roles.into_iter().flat_map(|counts| counts.parts.iter().flat_map(ends));
        // A counter that appears does so at a time of its own.
        let begins = roles.into_iter().flat_map(|counts| counts.begins.iter().map(|(at, _)| *at));
        let mut bounds: Vec<Instant> = parts.chain(begins).collect();
        bounds.sort_unstable();
        bounds.dedup();
        Self { bounds }
    }

    fn cell(&self, index: usize) -> Interval {
        Interval { start: self.bounds[index], end: self.bounds[index + 1] }
    }

    /// The cell that ends at an instant.
    fn ending(&self, at: Instant) -> Option<usize> {
        self.bounds.binary_search(&at).ok()?.checked_sub(1)
    }

    fn spread<'a>(&self, counts: &'a Counts) -> Spread<'a> {
        let mut cells: Vec<Option<f64>> = vec![None; self.bounds.len().saturating_sub(1)];
        let mut divided = 0;
        for (interval, value) in &counts.parts {
            let place = |at: &Instant| self.bounds.partition_point(|bound| bound < at);
            let (from, to) = (place(&interval.start), place(&interval.end));
            divided += usize::from(to > from + 1);
            for (index, cell) in cells.iter_mut().enumerate().take(to).skip(from) {
                let share = if to == from + 1 { 1.0 } else { self.cell(index).seconds() / interval.seconds() };
                *cell = Some(cell.unwrap_or(0.0) + value * share);
            }
        }
        Spread { of: counts, cells, divided }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, Kind, join};
    use crate::data::{Instant, Interval};

    fn at(seconds: i64) -> Instant {
        Instant::from_nanoseconds(i128::from(seconds) * 1_000_000_000).expect("a time")
    }

    fn bad(parts: &[(i64, i64, f64)], begins: &[(i64, f64)]) -> Counts {
        Counts { kind: Kind::Bad, ..all(parts, begins) }
    }

    fn all(parts: &[(i64, i64, f64)], begins: &[(i64, f64)]) -> Counts {
        let part = |&(start, end, value): &(i64, i64, f64)| (Interval { start: at(start), end: at(end) }, value);
        let begin = |&(start, value): &(i64, f64)| (at(start), value);
        let (parts, begins) = (parts.iter().map(part).collect(), begins.iter().map(begin).collect());
        Counts { kind: Kind::Total, parts, begins, are_counters: true }
    }

    fn sums(bad: &Counts, total: &Counts) -> (f64, f64, usize) {
        let found = join(bad, total, &mut Vec::new()).expect("they overlap");
        let sum = |of: fn(&super::Stretch) -> f64| found.iter().map(of).sum();
        (sum(|one| one.1), sum(|one| one.2), found.len())
    }

    #[test]
    fn a_missed_sample_of_one_series_keeps_all_events() {
        // The second pod misses the sample at 60; its increase of 20 is of two steps.
        let total = all(&[(0, 60, 100.0), (60, 120, 100.0), (0, 120, 20.0)], &[(0, 0.0), (0, 0.0)]);
        let missed = bad(&[(0, 60, 1.0), (60, 120, 3.0)], &[(0, 0.0)]);
        assert_eq!(sums(&missed, &total), (4.0, 220.0, 2));
        let long = bad(&[(0, 120, 4.0)], &[(0, 0.0)]);
        assert_eq!(sums(&long, &total), (4.0, 220.0, 2));
    }

    #[test]
    fn a_counter_of_errors_begins_at_zero_when_it_appears_alone() {
        let total = all(&[(0, 60, 100.0), (60, 120, 100.0), (120, 180, 100.0)], &[(0, 7.0)]);
        assert_eq!(sums(&bad(&[], &[]), &total), (0.0, 300.0, 3));
        assert_eq!(sums(&bad(&[(120, 180, 2.0)], &[(120, 5.0)]), &total), (7.0, 300.0, 3));
        // More than all events of its step: an old counter under a new name.
        assert_eq!(sums(&bad(&[(120, 180, 2.0)], &[(120, 5_000.0)]), &total), (2.0, 300.0, 3));
        // A new target brings both.
        let both = all(&[(0, 60, 100.0), (60, 120, 100.0), (60, 120, 10.0)], &[(0, 7.0), (60, 50.0)]);
        assert_eq!(sums(&bad(&[(60, 120, 2.0)], &[(60, 5.0)]), &both), (2.0, 210.0, 2));
    }

    #[test]
    fn counts_of_different_times_are_refused() {
        let (bad, total) = (bad(&[(600, 660, 1.0)], &[(600, 0.0)]), all(&[(0, 60, 9.0)], &[(0, 0.0)]));
        assert!(join(&bad, &total, &mut Vec::new()).is_err());
    }
}
