//! Counts of good, bad and all events: numbers, files, or series of one file.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::data_file::{mistakes, read_data};
use crate::cli::event_counts::{Counts, Kind, Stretch, join};
use crate::cli::log_args::samples;
use crate::cli::problem::Problem;
use crate::cli::values::count;
use crate::data::{Instant, SampleSet, Series, first_wrong};
use crate::report::results::WarningInfo;

/// Two of good, bad and all events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Events")]
pub(crate) struct EventArguments {
    /// Good events: a number; without LOG, a file of a Prometheus range query; with LOG, a metric in it or
    /// `label=value`
    #[arg(long, value_name = "EVENTS", allow_hyphen_values = true, requires = "slo")]
    good: Option<String>,
    /// Bad events, likewise
    #[arg(long, value_name = "EVENTS", allow_hyphen_values = true, requires = "slo")]
    bad: Option<String>,
    /// All events, likewise
    #[arg(long, value_name = "EVENTS", allow_hyphen_values = true, requires = "slo")]
    total: Option<String>,
    /// Samples are counts of one step each, as of `increase(…[1m])`, not counters that grow
    #[arg(long, requires = "slo")]
    per_step: bool,
}

/// What is known of events.
#[derive(Debug)]
pub(crate) enum Events {
    /// So many bad of so many.
    Numbers { bad: f64, total: f64 },
    /// Bad and all events of times, in order.
    Series(EventSeries),
}

/// Bad and all events over time.
#[derive(Debug)]
pub(crate) struct EventSeries {
    /// Times that do not overlap, with bad and all events.
    pub(crate) stretches: Vec<Stretch>,
    /// Names of files.
    pub(crate) names: Vec<String>,
    /// Their texts.
    pub(crate) texts: Vec<String>,
    pub(crate) warnings: Vec<WarningInfo>,
}

impl EventArguments {
    /// Whether any were given.
    pub(crate) fn are_given(&self) -> bool {
        self.good.is_some() || self.bad.is_some() || self.total.is_some()
    }

    /// Reads the two that are given.
    pub(crate) fn load(&self, files: &[PathBuf]) -> Result<Events, Problem> {
        let given = [(Kind::Good, &self.good), (Kind::Bad, &self.bad), (Kind::Total, &self.total)];
        let given: Vec<(Kind, &str)> =
            given.into_iter().filter_map(|(kind, text)| Some((kind, text.as_deref()?))).collect();
        let &[first, second] = given.as_slice() else {
            return Err(Problem::usage("two of `--good`, `--bad` and `--total` are needed"));
        };
        if files.is_empty() && count(first.1).is_ok() && count(second.1).is_ok() {
            return numbers(first, second);
        }
        if files.is_empty() {
            given.iter().try_for_each(|(kind, text)| not_a_number(kind.option(), text))?;
        }
        let mut series =
            EventSeries { stretches: Vec::new(), names: Vec::new(), texts: Vec::new(), warnings: Vec::new() };
        let (one, other) = if files.is_empty() {
            (self.of_file(first, &mut series)?, self.of_file(second, &mut series)?)
        } else {
            let all = set(files, &mut series)?;
            let mut of =
                |(kind, name): (Kind, &str)| self.counts(kind, (&named(kind.option(), name, &all)?, &all), &mut series);
            (of(first)?, of(second)?)
        };
        series.stretches = join(&one, &other, &mut series.warnings)?;
        excess(&series.stretches, &mut series.warnings)?;
        Ok(Events::Series(series))
    }

    /// All series of a file, added up.
    fn of_file(&self, (kind, path): (Kind, &str), series: &mut EventSeries) -> Result<Counts, Problem> {
        if count(path).is_ok() {
            return Err(Problem::value(kind.option(), path, "either both are numbers or neither is"));
        }
        let all = set(&[PathBuf::from(path)], series)?;
        self.counts(kind, (&all.series.iter().collect::<Vec<_>>(), &all), series)
    }

    fn counts(
        &self,
        kind: Kind,
        (chosen, all): (&[&Series], &SampleSet),
        series: &mut EventSeries,
    ) -> Result<Counts, Problem> {
        let mut counts = Counts { kind, parts: Vec::new(), begins: Vec::new(), are_counters: !self.per_step };
        let (mut falls, mut steps) = (0, 0);
        for one in chosen {
            let pairs = one.samples.windows(2).filter(|pair| pair[0].1.is_finite() && pair[1].1.is_finite());
            for pair in pairs {
                steps += 1;
                falls += u64::from(pair[1].1 < pair[0].1);
            }
            let grown = if self.per_step {
                let step = all.step.ok_or_else(|| Problem::usage("a single sample has no step"))?;
                one.held(step).filter(|(_, value)| value.is_finite()).collect()
            } else {
                one.increases()
            };
            counts.begins.extend(one.samples.iter().find(|(_, value)| value.is_finite()));
            for (interval, value) in grown {
                if value < 0.0 {
                    let at = if self.per_step { interval.start } else { interval.end };
                    return Err(negative((at, value), series));
                }
                counts.parts.push((interval, value));
            }
        }
        if !self.per_step && falls * 10 > steps {
            let message = format!(
                "the counters of `{}` fall in {falls} of {steps} steps; `--per-step` is for counts of single steps",
                kind.option()
            );
            series.warnings.push(WarningInfo::new("often_falling", message));
        }
        Ok(counts)
    }
}

/// A count below 0, with its place.
fn negative((at, value): (Instant, f64), series: &EventSeries) -> Problem {
    let texts: Vec<&str> = series.texts.iter().map(String::as_str).collect();
    let is_it = |(time, found): (Instant, f64)| time == at && found.to_bits() == value.to_bits();
    let reason = format!("the count {value} is negative");
    let place = first_wrong(&texts, |sample| is_it(sample).then(|| reason.clone()));
    match place.and_then(|(file, mistake)| Some((series.names.get(file)?.clone(), texts[file].to_owned(), mistake))) {
        Some((name, text, mistake)) => mistakes(name, text, vec![mistake.help("events are counted from 0 up")]),
        None => Problem::usage(format!("{reason}, at {at}")),
    }
}

/// Refuses what is meant as a number and is none that counts events, rather than to look for a file of that name.
fn not_a_number(option: &str, text: &str) -> Result<(), Problem> {
    let is_number = text.trim().replace('_', "").parse::<f64>().is_ok();
    match count(text) {
        Err(reason) if is_number && !Path::new(text).exists() => {
            Err(Problem::value(option, text, format!("{reason}, up to {:e}", u64::MAX as f64)))
        }
        _ => Ok(()),
    }
}

fn numbers(first: (Kind, &str), second: (Kind, &str)) -> Result<Events, Problem> {
    let number = |text: &str| count(text).map_err(Problem::usage);
    let (one, other) = (number(first.1)?, number(second.1)?);
    let [this, that] = [first, second].map(|(kind, _)| kind.option());
    let more = || Problem::value(that, second.1, format!("it is less than the {one} of `{this}`"));
    let (bad, total) = match (first.0, second.0) {
        (Kind::Good, Kind::Bad) => (other, one.checked_add(other).ok_or_else(|| Problem::usage("too many events"))?),
        (Kind::Good, _) => (other.checked_sub(one).ok_or_else(more)?, other),
        _ => (one, Some(other).filter(|total| *total >= one).ok_or_else(more)?),
    };
    if total == 0 {
        return Err(Problem::usage("there are no events, so there is no budget to count"));
    }
    Ok(Events::Numbers { bad: bad as f64, total: total as f64 })
}

fn set(paths: &[PathBuf], series: &mut EventSeries) -> Result<SampleSet, Problem> {
    let files = paths.iter().map(|path| read_data(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    series.names.extend(files.iter().map(|(name, _)| name.clone()));
    series.texts.extend(files.iter().map(|(_, text)| text.clone()));
    let set = samples(&files)?;
    // Two files of one query have the same remarks.
    let remarks = set.remarks.iter().map(|remark| WarningInfo::new(remark.code, remark.message.clone()));
    let new: Vec<WarningInfo> = remarks.filter(|remark| !series.warnings.contains(remark)).collect();
    series.warnings.extend(new);
    Ok(set)
}

/// The series of a metric, or with a label.
fn named<'a>(option: &str, name: &str, set: &'a SampleSet) -> Result<Vec<&'a Series>, Problem> {
    let has_label = |series: &Series| {
        let same = |(label, value): (&str, &str)| {
            series.labels.iter().any(|(l, v)| (l.as_str(), v.as_str()) == (label, value))
        };
        name.split_once('=').is_some_and(|(label, value)| same((label.trim(), value.trim().trim_matches('"'))))
    };
    let found: Vec<&Series> =
        set.series.iter().filter(|series| series.metric() == Some(name) || has_label(series)).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let mut known: Vec<&str> = set.series.iter().filter_map(Series::metric).collect();
    known.dedup();
    let problem = Problem::value(option, name, "no series has this metric or label");
    let known = known.iter().take(8).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Err(if known.is_empty() { problem } else { problem.help(format!("metrics: {known}")) })
}

/// More good events than events in all: of single steps a warning, in all a mistake.
fn excess(stretches: &[Stretch], warnings: &mut Vec<WarningInfo>) -> Result<(), Problem> {
    let steps: Vec<&Stretch> = stretches.iter().filter(|(_, bad, total)| *bad < 0.0 || bad > total).collect();
    let Some(first) = steps.first() else { return Ok(()) };
    let sum = |of: fn(&Stretch) -> f64| stretches.iter().map(of).fold(0.0, |sum, more| sum + more);
    let (bad, total) = (sum(|step| step.1), sum(|step| step.2));
    if bad < 0.0 || bad > total {
        let message = format!("there are more good or bad events than events in all: {bad} bad of {total}");
        return Err(Problem::usage(message).help("are the two counts of the same events?"));
    }
    let message = format!(
        "in {} steps there are more good or bad events than events in all, first at {}",
        steps.len(),
        first.0.start
    );
    warnings.push(WarningInfo::new("more_good_than_all", message));
    Ok(())
}
