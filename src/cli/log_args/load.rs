//! A log that has been read as its options say, with the part of it that counts.

use std::path::PathBuf;

use super::warnings::{about_log, beyond_log, ends_now, taken_from_log};
use super::{LogArguments, MissingChoice};
use crate::cli::data_file::{mistakes, read_data};
use crate::cli::problem::Problem;
use crate::cli::source::sha256;
use crate::data::{
    Downtime, GoodFrom, Incident, IncidentLog, Instant, Interval, LogWeights, Missing, ReadOptions, Rule, SampleSet,
    Zone, first_wrong, is_samples, quoted, read, read_instant, read_samples, unfit_sample,
};
use crate::report::results::{ModelInfo, WarningInfo};

/// A log that has been read, with the part of it that counts.
#[derive(Debug)]
pub(crate) struct LoadedLog {
    /// All of the log.
    pub(crate) log: IncidentLog,
    /// Until when open incidents last.
    pub(crate) now: Instant,
    /// The zone of the calendar.
    pub(crate) zone: Zone,
    /// The window.
    pub(crate) window: Interval,
    /// What counts as downtime.
    pub(crate) rule: Rule,
    /// Components that were asked for; all when empty.
    pub(crate) components: Vec<u32>,
    /// Name of the file, and its hash.
    pub(crate) info: ModelInfo,
    /// The log as if what is missing were left out, where it counts.
    pub(crate) without_missing: Option<IncidentLog>,
    /// What the reader must know.
    pub(crate) warnings: Vec<WarningInfo>,
}

impl LoadedLog {
    /// Whether an incident is one of a component that was asked for.
    pub(crate) fn keeps(&self, incident: &Incident) -> bool {
        self.components.is_empty() || self.components.iter().any(|index| self.log.concerns(incident, *index))
    }

    /// The first severity of an incident that was asked for which counts neither in full nor not at all, with its weight.
    pub(crate) fn part_weight(&self) -> Option<(String, f64)> {
        let weights = LogWeights::new(&self.log, &self.rule);
        let is_part = |incident: &&Incident| {
            let weight = weights.of(incident);
            let reaches = incident.interval(self.now).clipped(&self.window).is_some();
            !incident.planned && weight > 0.0 && weight < 1.0 && reaches && self.keeps(incident)
        };
        let found = self.log.incidents.iter().find(is_part)?;
        Some((quoted(self.log.severity_of(found).unwrap_or_default()), weights.of(found)))
    }

    /// Downtime as if what is missing were left out.
    pub(crate) fn without_missing(&self) -> Downtime {
        let log = self.without_missing.as_ref().unwrap_or(&self.log);
        Downtime::of_some(log, &self.rule, self.now, (&self.components, |incident: &Incident| self.keeps(incident)))
    }

    /// Downtime of the components that were asked for, under a rule.
    pub(crate) fn downtime(&self, rule: &Rule) -> Downtime {
        Downtime::of_some(&self.log, rule, self.now, (&self.components, |incident: &Incident| self.keeps(incident)))
    }
}

impl LogArguments {
    /// Reads a log; several files only where they are samples.
    pub(crate) fn load(&self, paths: &[PathBuf]) -> Result<LoadedLog, Problem> {
        let mut files = paths.iter().map(|path| read_data(path)).collect::<Result<Vec<_>, _>>()?;
        let name = files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        let hash = files.iter().map(|(_, text)| sha256(text)).collect::<Vec<_>>().join(",");
        let info = ModelInfo { name: Some(name), sha256: hash, set: Vec::new() };
        match files.as_slice() {
            [] => Err(Problem::usage("no log is given").help("name a CSV or JSON file, or `-`")),
            [(_, text)] if !is_samples(text) => {
                let log = self.read(files.remove(0))?;
                let mut loaded = self.settle(log, info)?;
                if self.missing != MissingChoice::Ignore && !loaded.log.unobserved.is_empty() {
                    loaded.without_missing = Some(loaded.log.clone());
                    if self.missing == MissingChoice::Bad {
                        loaded.log = loaded.log.with_unobserved_down();
                    }
                    loaded.log.unobserved.clear();
                }
                Ok(loaded)
            }
            _ => {
                let samples = samples(&files)?;
                single_samples(&samples, &files)?;
                let log =
                    self.log_of_samples(&samples, self.missing, None).map_err(|problem| self.unfit(files, problem))?;
                let seen = log.reading.observed;
                let mut loaded = self.settle(log, info)?;
                // Nothing was seen outside of the samples either.
                let around = Some(loaded.window).filter(|window| seen.is_some_and(|seen| is_beyond(window, &seen)));
                if let Some((seen, _)) = seen.zip(around) {
                    let log = self.log_of_samples(&samples, self.missing, around)?;
                    loaded = self.settle(log, loaded.info)?;
                    let message = format!(
                        "the samples are from {} to {}: time of the window outside of them is missing, and counts as \
                         `--missing` says",
                        seen.start, seen.end
                    );
                    loaded.warnings.push(WarningInfo::new("window_beyond_samples", message));
                }
                if self.missing != MissingChoice::Ignore {
                    let mut log = self.log_of_samples(&samples, MissingChoice::Ignore, around)?;
                    log.unobserved.retain(|(one, _)| concerns(&loaded.components, *one));
                    loaded.without_missing = Some(log);
                }
                Ok(loaded)
            }
        }
    }

    /// Now, window, zone and rule for a log that has been read.
    pub(crate) fn settle(&self, mut log: IncidentLog, info: ModelInfo) -> Result<LoadedLog, Problem> {
        let zone = self.zone();
        let has_open = log.incidents.iter().any(Incident::is_open);
        let wants_now = self.to.as_deref() == Some("now");
        let given_now = self.given_now()?;
        let now = match given_now {
            Some(now) => now,
            None if has_open || wants_now => clock()?,
            None => log.span(Instant::FIRST).map_or(Instant::FIRST, |span| span.end),
        };
        let asked = self.window(&log, now, &zone)?;
        let known_now = (given_now.is_some() || has_open || wants_now).then_some(now);
        let window = until_now(asked, known_now)?;
        let components = self.components(&log)?;
        // What is missing of others says nothing about the components that were asked for.
        log.unobserved.retain(|(component, _)| concerns(&components, *component));
        let mut warnings = about_log(&log, &self.rule());
        warnings.extend(ends_now(&window, &asked));
        let said = log.span(now);
        warnings.extend(said.and_then(|said| beyond_log(&window, &said, known_now.unwrap_or(said.end).max(said.end))));
        if log.reading.observed.is_none() {
            let is_given = |bound: &Option<String>| self.during.is_some() || bound.is_some();
            warnings.extend(taken_from_log(&window, is_given(&self.from), is_given(&self.to)));
        }
        Ok(LoadedLog { now, zone, window, rule: self.rule(), components, info, without_missing: None, warnings, log })
    }

    fn read(&self, (name, text): (String, String)) -> Result<IncidentLog, Problem> {
        let now = match self.given_now()? {
            Some(now) => now,
            None => clock()?,
        };
        let options = ReadOptions { now: Some(now), ..self.read_options() };
        read(&text, &options).map_err(|found| mistakes(name, text, found))
    }

    fn given_now(&self) -> Result<Option<Instant>, Problem> {
        let read =
            |text: &String| read_instant(text, &self.zone()).map_err(|reason| Problem::value("--now", text, reason));
        self.now.as_ref().map(read).transpose()
    }

    fn good_from(&self) -> GoodFrom {
        GoodFrom { share: self.good_from.value(), complement: self.good_from.complement() }
    }

    fn log_of_samples(
        &self,
        samples: &SampleSet,
        missing: MissingChoice,
        around: Option<Interval>,
    ) -> Result<IncidentLog, Problem> {
        let missing = match missing {
            MissingChoice::Ignore => Missing::Ignore,
            MissingChoice::Good => Missing::Good,
            MissingChoice::Bad => Missing::Bad,
        };
        samples.to_log(self.kind.kind(), self.good_from(), missing, around).map_err(Problem::usage)
    }

    /// The place of a sample that is no state, or the problem as it is.
    fn unfit(&self, files: Vec<(String, String)>, problem: Problem) -> Problem {
        let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
        let found = unfit_sample(&texts, self.kind.kind(), self.good_from());
        match found.and_then(|(at, mistake)| Some((files.into_iter().nth(at)?, mistake))) {
            Some(((name, text), mistake)) => mistakes(name, text, vec![mistake]),
            None => problem,
        }
    }

    fn window(&self, log: &IncidentLog, now: Instant, zone: &Zone) -> Result<Interval, Problem> {
        if let Some(name) = &self.during {
            return zone.named(name).ok_or_else(|| {
                Problem::value(
                    "--during",
                    name,
                    "a period such as `2024`, `2024-Q1`, `2024-03`, of the years 1900 to 2199, is expected",
                )
            });
        }
        let time = |option: &str, text: &String| match text.as_str() {
            "now" => Ok(now),
            _ => match zone.named(text) {
                Some(period) => Ok(period.start),
                // Four digits are a year, and not seconds since 1970.
                None if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Err(Problem::value(option, text, "a year from 1900 to 2199 is expected"))
                }
                None => read_instant(text, zone).map_err(|reason| Problem::value(option, text, reason)),
            },
        };
        let from = self.from.as_ref().map(|text| time("--from", text)).transpose()?;
        let to = self.to.as_ref().map(|text| time("--to", text)).transpose()?;
        let span = log.span(now);
        let nothing = || {
            Problem::usage("the log is empty, so nothing says which window it is about")
                .help("give `--from` and `--to`")
        };
        let start = from.or(span.map(|span| span.start)).ok_or_else(nothing)?;
        let end = to.or(span.map(|span| span.end)).ok_or_else(nothing)?;
        match Interval::new(start, end).filter(|window| !window.is_empty()) {
            Some(window) => Ok(window),
            None => Err(Problem::usage(format!("the window from {start} to {end} is empty"))
                .help("`--from` must be before `--to`, which is not in the window")),
        }
    }

    fn components(&self, log: &IncidentLog) -> Result<Vec<u32>, Problem> {
        let known = || log.components.iter().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        self.component
            .iter()
            .map(|name| {
                log.component(name).ok_or_else(|| {
                    let is_like = |known: &&String| known.eq_ignore_ascii_case(name.trim());
                    let several = log.components.iter().filter(is_like).count() > 1;
                    let reason =
                        if several { "several names differ from it in case only" } else { "no incident names it" };
                    let problem = Problem::value("--component", name, reason);
                    if log.components.is_empty() { problem } else { problem.help(format!("components: {}", known())) }
                })
            })
            .collect()
    }
}

/// Whether what is missing of a component says something about those that were asked for.
pub(crate) fn concerns(asked: &[u32], component: Option<u32>) -> bool {
    asked.is_empty() || component.is_some_and(|component| asked.contains(&component))
}

/// Series of samples from texts with their names.
pub(crate) fn samples(files: &[(String, String)]) -> Result<SampleSet, Problem> {
    let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
    if let Some(at) = texts.iter().position(|text| !is_samples(text)) {
        let message = format!("`{}` is no result of a query of Prometheus, and only those can be joined", files[at].0);
        return Err(Problem::usage(message));
    }
    read_samples(&texts).map_err(|(at, found)| {
        let (name, text) = files.get(at).cloned().unwrap_or_default();
        mistakes(name, text, found)
    })
}

/// Refuses samples of which no series has two: nothing tells how long one holds.
pub(crate) fn single_samples(samples: &SampleSet, files: &[(String, String)]) -> Result<(), Problem> {
    if samples.step.is_some() {
        return Ok(());
    }
    let texts: Vec<&str> = files.iter().map(|(_, text)| text.as_str()).collect();
    let message = "no series has two samples, so nothing tells how long this one holds";
    let help = "give the answer of a range query (`query_range`), or files of several instants of one query";
    match first_wrong(&texts, |_| Some(message.to_owned())) {
        Some((at, mistake)) => {
            let (name, text) = files[at].clone();
            Err(mistakes(name, text, vec![mistake.help(help)]))
        }
        None => Err(Problem::usage("the answer has no samples").help(help)),
    }
}

/// Whether a window reaches beyond what was seen, of which it has a part.
fn is_beyond(window: &Interval, seen: &Interval) -> bool {
    window.clipped(seen).is_some() && (window.start < seen.start || window.end > seen.end)
}

/// The window without the future.
fn until_now(window: Interval, now: Option<Instant>) -> Result<Interval, Problem> {
    let Some(now) = now.filter(|now| *now < window.end) else { return Ok(window) };
    Interval::new(window.start, now).filter(|window| !window.is_empty()).ok_or_else(|| {
        let message = format!("the window from {} to {} is in the future: now is {now}", window.start, window.end);
        Problem::usage(message).help("give an earlier window, or another `--now`")
    })
}

#[expect(clippy::disallowed_methods, reason = "the surface may look at the clock")]
fn clock() -> Result<Instant, Problem> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = since.ok().and_then(|since| Instant::from_nanoseconds(since.as_nanos() as i128));
    now.ok_or_else(|| Problem::usage("the clock of this machine is not set").help("give `--now`"))
}
