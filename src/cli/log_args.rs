//! Options of all commands that read a log of incidents, of states, or of samples.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::data_file::{mistakes, read_data};
use crate::cli::problem::Problem;
use crate::cli::source::sha256;
use crate::cli::values::{level, positive_count};
use crate::data::{
    Downtime, GoodFrom, Incident, IncidentLog, Instant, Interval, LogWeights, Maintenance, Missing, ReadOptions, Role,
    Rule, SampleKind, SampleSet, Zone, is_samples, quoted, read, read_instant, read_samples, unfit_sample,
    unit_nanoseconds,
};
use crate::quantity::Probability;
use crate::report::results::{ModelInfo, WarningInfo};

/// How a log is read, which part of it counts, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct LogArguments {
    /// Which column is what, where its name does not tell: `start=colX` (`start`, `end`, `duration`, `severity`, `component`,
    /// `planned`, `detected`, `id`, `time`, `state`); may be repeated
    #[arg(long, value_name = "MEANING=COLUMN", value_parser = mapping)]
    map: Vec<(Role, String)>,
    /// Zone of times that name none, and of the calendar: `Europe/Berlin`, `+02:00` [default: UTC]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true, value_parser = zone)]
    tz: Option<Zone>,
    /// Layout of times, where it is none of the usual: `%m/%d/%Y %H:%M`
    #[arg(long, value_name = "LAYOUT")]
    time_format: Option<String>,
    /// Unit of durations that are plain numbers in a column without a unit in its name
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    duration_unit: Option<i64>,
    /// Until when incidents last that have no end [default: the clock]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Skip entries that cannot be read, up to so many
    #[arg(
        long,
        value_name = "ENTRIES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1000",
        value_parser = positive_count
    )]
    lenient: Option<u64>,
    /// Start of the window: a time, or `2024`, `2024-Q1`, `2024-03` [default: the first start]
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// End of the window, which is not in it: as for `--from`, or `now` [default: the last end]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// The window by its name: `2024`, `2024-Q1`, `2024-03`, `2024-03-31`
    #[arg(long, value_name = "PERIOD", conflicts_with_all = ["from", "to"])]
    during: Option<String>,
    /// Only incidents of this component (may be repeated)
    #[arg(long, value_name = "NAME")]
    component: Vec<String>,
    /// What counts as downtime, and how much: `default`, `major`, `critical`, `half`, `statuspage`, `incident-io`, `openstatus`,
    /// or weights of severities (`minor=0.3`), or both with commas between
    #[arg(long, value_name = "RULE", default_value = "default", value_parser = rule)]
    weights: Rule,
    /// What planned maintenance counts [default: as the rule says, which mostly is `exclude`]
    #[arg(long, value_name = "HOW")]
    maintenance: Option<MaintenanceChoice>,
    /// What samples of a query of Prometheus say
    #[arg(long = "as", value_name = "KIND", default_value = "bool")]
    kind: KindChoice,
    /// With ratios: the share of good events from which on a sample is up
    #[arg(long, value_name = "SHARE", default_value = "99%", value_parser = level)]
    good_from: Probability,
    /// What missing samples count, and the time that is in no stay of a state log
    #[arg(long, value_name = "HOW", default_value = "ignore")]
    missing: MissingChoice,
}

/// What planned maintenance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MaintenanceChoice {
    /// Neither up nor down: its time is left out
    Exclude,
    /// Downtime
    Count,
    /// As if it were not in the log
    Ignore,
}

/// What samples say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindChoice {
    /// 1 is up, 0 is down
    Bool,
    /// The share of good events
    SuccessRatio,
    /// The share of bad events
    ErrorRatio,
}

impl KindChoice {
    fn kind(self) -> SampleKind {
        match self {
            Self::Bool => SampleKind::Bool,
            Self::SuccessRatio => SampleKind::SuccessRatio,
            Self::ErrorRatio => SampleKind::ErrorRatio,
        }
    }
}

/// What missing samples, and times in no stay, count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MissingChoice {
    /// Nothing: their time is left out
    Ignore,
    /// Up
    Good,
    /// Down
    Bad,
}

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
                    loaded.warnings.push(warning("window_beyond_samples", message));
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

    /// Whether it was said when the window ends.
    pub(crate) fn names_end(&self) -> bool {
        self.during.is_some() || self.to.is_some()
    }

    /// Whether a part of the log was asked for by its time.
    pub(crate) fn names_window(&self) -> bool {
        self.during.is_some() || self.from.is_some() || self.to.is_some()
    }

    /// The zone of times and of the calendar.
    pub(crate) fn zone(&self) -> Zone {
        self.tz.clone().unwrap_or_else(Zone::utc)
    }

    /// What counts as downtime.
    pub(crate) fn rule(&self) -> Rule {
        let mut rule = self.weights.clone();
        rule.maintenance = match self.maintenance {
            None => rule.maintenance,
            Some(MaintenanceChoice::Exclude) => Maintenance::Exclude,
            Some(MaintenanceChoice::Count) => Maintenance::Count,
            Some(MaintenanceChoice::Ignore) => Maintenance::Ignore,
        };
        rule
    }

    /// How the file is to be read.
    pub(crate) fn read_options(&self) -> ReadOptions {
        ReadOptions {
            map: self.map.clone(),
            zone: self.tz.clone(),
            time_format: self.time_format.clone(),
            duration_unit: self.duration_unit,
            now: None,
            lenient: self.lenient,
        }
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
        let mut warnings = warnings(&log);
        warnings.extend(alike_but_for_case(&log));
        warnings.extend(unknown_severities(&log, &self.rule()));
        warnings.extend(unused_weights(&log, &self.rule()));
        if window != asked {
            let message = format!("the window ends now, at {}, and not at {}", window.end, asked.end);
            warnings.push(warning("window_ends_now", message));
        }
        let said = log.span(now);
        warnings.extend(said.and_then(|said| beyond_log(&window, &said, known_now.unwrap_or(said.end).max(said.end))));
        if self.during.is_none() && (self.from.is_none() || self.to.is_none()) && log.reading.observed.is_none() {
            let message = match (&self.from, &self.to) {
                (None, None) => format!(
                    "the window {} to {} is that of the incidents; `--from` and `--to` say what was observed",
                    window.start, window.end
                ),
                (None, _) => format!(
                    "the window begins with the first incident, at {}; `--from` says since when was observed",
                    window.start
                ),
                _ => format!(
                    "the window ends with the last incident, at {}; `--to` says until when was observed",
                    window.end
                ),
            };
            warnings.push(warning("window_from_log", message));
        }
        Ok(LoadedLog { now, zone, window, rule: self.rule(), components, info, without_missing: None, warnings, log })
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

/// Parts of the window that the log says nothing about.
fn beyond_log(window: &Interval, said: &Interval, until: Instant) -> Option<WarningInfo> {
    if window.end <= said.start || window.start >= until {
        let message = format!(
            "the log says nothing about the window, which counts as up: its entries are from {} to {}",
            said.start, said.end
        );
        return Some(warning("window_outside_log", message));
    }
    let before = (window.start < said.start).then(|| {
        format!("begins {} before the log does ({})", days_or_hours(said.start.seconds_since(window.start)), said.start)
    });
    let after = (window.end > until)
        .then(|| format!("ends {} after the log does ({until})", days_or_hours(window.end.seconds_since(until))));
    let parts: Vec<String> = before.into_iter().chain(after).collect();
    let now = if window.end > until { " and the window is over (`--now` says what now is)" } else { "" };
    let message = || {
        let parts = parts.join(" and ");
        format!("the window {parts}; this time counts as up, which is right if the log is complete{now}")
    };
    (!parts.is_empty()).then(|| warning("window_beyond_log", message()))
}

fn days_or_hours(seconds: f64) -> String {
    if seconds < 86_400.0 {
        format!("{:.1} hours", seconds / 3_600.0)
    } else {
        format!("{:.1} days", seconds / 86_400.0)
    }
}

/// Severities that no rule knows.
fn unknown_severities(log: &IncidentLog, rule: &Rule) -> Option<WarningInfo> {
    let mut counts = vec![0_u64; log.severities.len()];
    for incident in log.incidents.iter().filter(|incident| !incident.planned) {
        if let Some(index) = incident.severity {
            counts[index as usize] += 1;
        }
    }
    let unknown = |(name, count): &(&String, u64)| *count > 0 && !rule.knows(name);
    let found: Vec<_> = log.severities.iter().zip(counts).filter(unknown).collect();
    let shown = |(name, count): &(&String, u64)| format!("{} ({count})", quoted(name));
    let names: Vec<String> = found.iter().take(8).map(shown).collect();
    let more = if found.len() > names.len() { ", …" } else { "" };
    let message = || {
        format!("severities that are not known count in full: {}{more}; `--weights` says otherwise", names.join(", "))
    };
    (!found.is_empty()).then(|| warning("unknown_severity", message()))
}

/// Names of components that differ in case only: each is the component that it is written as.
fn alike_but_for_case(log: &IncidentLog) -> Option<WarningInfo> {
    let mut spellings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in &log.components {
        spellings.entry(name.to_ascii_lowercase()).or_default().push(name);
    }
    let found: Vec<String> = spellings
        .into_values()
        .filter(|names| names.len() > 1)
        .map(|names| names.into_iter().map(quoted).collect::<Vec<_>>().join(" and "))
        .collect();
    let more = if found.len() > 4 { "; …" } else { "" };
    let names = || found.iter().take(4).map(String::as_str).collect::<Vec<_>>().join("; ");
    let message = || format!("components differ in case only and are counted apart: {}{more}", names());
    (!found.is_empty()).then(|| warning("names_differ_in_case", message()))
}

/// Weights of severities that no entry has.
fn unused_weights(log: &IncidentLog, rule: &Rule) -> Option<WarningInfo> {
    let found: Vec<String> = rule.unused(&log.severities).map(quoted).collect();
    let message = || format!("no entry of the log has the severity {} of `--weights`", found.join(", "));
    (!found.is_empty()).then(|| warning("unused_weight", message()))
}

/// What was noticed in reading.
fn warnings(log: &IncidentLog) -> Vec<WarningInfo> {
    let reading = &log.reading;
    let mut warnings: Vec<WarningInfo> =
        reading.remarks.iter().map(|remark| warning(remark.code, remark.message.clone())).collect();
    let lines = |lines: &[u32]| {
        let shown: Vec<String> = lines.iter().take(5).map(u32::to_string).collect();
        format!("{}{}", shown.join(", "), if lines.len() > 5 { ", …" } else { "" })
    };
    if reading.naive_times > 0 && !reading.zone_given {
        let message = format!("{} times name no zone and are taken as UTC; `--tz` says otherwise", reading.naive_times);
        warnings.push(warning("naive_times", message));
    }
    let doubtful = [
        (
            "time_shown_twice",
            &reading.twice,
            "with a time that the clock showed twice; the one that the stated duration asks for is taken, else the \
             earlier that is not before the start",
        ),
        (
            "time_never_shown",
            &reading.never,
            "with a time that the clock never showed; it is taken by the clock before",
        ),
        ("duration_differs", &reading.differs, "whose duration is not end minus start, which holds"),
    ];
    for (code, found, what) in doubtful {
        if !found.is_empty() {
            let line = if found.len() == 1 { "line" } else { "lines" };
            let message = format!("{} {what} ({line} {})", entries(found.len() as u64), lines(found));
            warnings.push(warning(code, message));
        }
    }
    if reading.dropped > 0 {
        let line = if reading.dropped == 1 { "line" } else { "lines" };
        let shown = lines(&reading.dropped_lines);
        let message = format!("skipped {} that cannot be read ({line} {shown})", entries(reading.dropped));
        warnings.push(warning("dropped_entries", message));
    }
    warnings
}

fn entries(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// A warning with its code.
pub(crate) fn warning(code: &str, message: String) -> WarningInfo {
    WarningInfo { code: code.to_owned(), message }
}

#[expect(clippy::disallowed_methods, reason = "the surface may look at the clock")]
fn clock() -> Result<Instant, Problem> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = since.ok().and_then(|since| Instant::from_nanoseconds(since.as_nanos() as i128));
    now.ok_or_else(|| Problem::usage("the clock of this machine is not set").help("give `--now`"))
}

fn mapping(text: &str) -> Result<(Role, String), String> {
    let expected = || {
        let names = Role::ALL.map(|role| format!("`{}`", role.name())).join(", ");
        format!("MEANING=COLUMN is expected, with a meaning of {names}")
    };
    let (role, column) = text.split_once('=').ok_or_else(expected)?;
    let role = Role::from_name(role.trim()).ok_or_else(expected)?;
    if column.trim().is_empty() { Err(expected()) } else { Ok((role, column.trim().to_owned())) }
}

fn zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text).ok_or_else(|| "a zone such as `UTC`, `Europe/Berlin` or `+02:00` is expected".to_owned())
}

fn unit(text: &str) -> Result<i64, String> {
    unit_nanoseconds(text)
        .ok_or_else(|| "`seconds`, `minutes`, `hours`, `days` or `milliseconds` is expected".to_owned())
}

fn rule(text: &str) -> Result<Rule, String> {
    let mut rule = Rule::default();
    for (index, part) in text.split(',').map(str::trim).enumerate() {
        match part.split_once('=') {
            Some((severity, weight)) => {
                let weight = Probability::parse(weight)
                    .map_err(|_| format!("the weight `{weight}` of `{severity}` is not from 0 to 1"))?;
                rule.own.push((severity.trim().to_owned(), weight.value()));
            }
            None if index == 0 => {
                let names = || Rule::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                rule =
                    Rule::named(part).ok_or_else(|| format!("rules are {}; weights are like `minor=0.3`", names()))?;
            }
            None => return Err(format!("a weight such as `minor=0.3` is expected in place of `{part}`")),
        }
    }
    if !rule.own.is_empty() {
        text.clone_into(&mut rule.name);
    }
    Ok(rule)
}
