//! `availability FILE`: what a log says about the long run.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::incidents::By;
use crate::cli::log_args::{LoadedLog, LogArguments};
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::{count, level, positive_count};
use crate::data::{Counted, Downtime, Incident, Interval, LogWeights};
use crate::measure::ObservedMeasures;
use crate::observed::{self, History, Settings};
use crate::quantity::{Probability, Target};
use crate::report::number::significant;
use crate::report::results::WarningInfo;
use crate::report::results::incidents::MissingInfo;
use crate::report::results::log::{DowntimeInfo, LogInfo, RuleInfo, WindowInfo};
use crate::report::results::measures::Verdict;
use crate::report::results::observed::{AverageInfo, ObservedInfo, ObservedResult, ObservedSettings, PartInfo};

/// Options of `availability` with a log.
#[derive(Debug, Args)]
pub(crate) struct ObservedArguments {
    /// Confidence level of all intervals
    #[arg(long, value_name = "LEVEL", allow_hyphen_values = true, default_value = "95%", value_parser = level, requires = "files", help_heading = "Log")]
    confidence: Probability,
    /// Mean length of an outage, assumed where none was seen
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        default_value = "1h",
        requires = "files",
        help_heading = "Log"
    )]
    mean_outage: String,
    /// Units of the fleet, those that never failed included [default: the components that the log names]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = positive_count, requires = "files", help_heading = "Log")]
    units: Option<u64>,
    /// Components to list, at most
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "5", value_parser = count, requires = "files", help_heading = "Log")]
    top: u64,
    /// Parts of the calendar to list [default: none]
    #[arg(long, value_name = "PERIOD", requires = "files", help_heading = "Log")]
    by: Option<By>,
    #[command(flatten)]
    log: LogArguments,
}

/// A bound that is so many times as large by a heavy tail is told.
const WIDE_TAIL: f64 = 2.0;

/// What judges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge {
    pub(crate) target: Option<Target>,
    pub(crate) gate: bool,
}

/// Measures of one history.
struct Observer<'l> {
    loaded: &'l LoadedLog,
    weights: LogWeights,
    settings: Settings,
}

pub(crate) fn run(
    arguments: &ObservedArguments,
    files: &[PathBuf],
    judge: Judge,
    session: &Session,
) -> Result<Exit, Problem> {
    let mut loaded = arguments.log.load(files)?;
    if let Some(by) = arguments.by {
        by.check(&loaded.window)?;
    }
    let mean_outage_seconds = session.positive_duration("--mean-outage", &arguments.mean_outage)?.seconds();
    let settings = Settings { alpha: arguments.confidence.complement(), mean_outage_seconds };
    let (result, whole) = arguments.result(
        &Observer { weights: LogWeights::new(&loaded.log, &loaded.rule), loaded: &loaded, settings },
        session,
    )?;
    let result = result.judged(&whole.unavailability, judge.target);
    let mut warnings = std::mem::take(&mut loaded.warnings);
    warnings.extend(remarks(&whole));
    // What happened in the window is a fact; the long run may stay undecided for years.
    let passes = result.window_verdict == Some(Verdict::Meets);
    let settings = arguments.settings(&loaded, mean_outage_seconds, session);
    session.print(Report { command: "availability", model: Some(loaded.info), settings, result, warnings })?;
    Ok(if judge.gate && !passes { Exit::Gate } else { Exit::Done })
}

/// What the intervals do not hold.
fn remarks(whole: &ObservedMeasures) -> Vec<WarningInfo> {
    let mut found = Vec::new();
    if whole.up_seconds <= 0.0 {
        let message = "nothing of the window counts as up, so nothing can be said about times up and the long run";
        found.push(WarningInfo::new("no_up_time", message.to_owned()));
    } else if whole.outages == 0 {
        let message = "no outage was seen: the bounds are one-sided, and that of the unavailability assumes a mean outage \
                       (`--mean-outage`)";
        found.push(WarningInfo::new("no_outage_seen", message.to_owned()));
    }
    if whole.tail_widening > WIDE_TAIL {
        let message = format!(
            "the lengths of outages vary like those of a heavy tail, which can be told from 5 of them on: the upper bound of \
             MDT is {} times as large as it is without one",
            significant(whole.tail_widening, 2)
        );
        found.push(WarningInfo::new("tail_widens", message));
    }
    if whole.up_variation.is_some_and(|variation| variation > 2.0) && whole.failures >= 8 {
        let message = "failures come in clusters or with a trend (the times up vary more than those of a Poisson process): the \
                       interval of the failure rate is too narrow";
        found.push(WarningInfo::new("clustered_failures", message.to_owned()));
    }
    found
}

/// What a history needs to know besides its downtime.
#[derive(Clone, Debug, Default)]
struct Facts {
    /// Whether an incident lasts at the end of the window.
    lasts: bool,
    /// Seconds from the start of incidents to their notice.
    detections: Vec<f64>,
}

impl Facts {
    fn add(&mut self, incident: &Incident, observer: &Observer<'_>, window: &Interval) {
        self.lasts |= incident.is_open() && incident.start < window.end && observer.loaded.now >= window.end;
        let counts = !incident.planned && observer.weights.of(incident) > 0.0;
        if counts && window.contains(incident.start) {
            self.detections.extend(incident.detection_seconds());
        }
    }
}

impl Observer<'_> {
    /// Of all incidents that are asked for.
    fn facts(&self, window: &Interval) -> Facts {
        let mut facts = Facts::default();
        for incident in self.loaded.log.incidents.iter().filter(|incident| self.loaded.keeps(incident)) {
            facts.add(incident, self, window);
        }
        facts
    }

    /// Of each component.
    fn facts_of_components(&self, window: &Interval) -> Vec<Facts> {
        let log = &self.loaded.log;
        let mut facts = vec![Facts::default(); log.components.len()];
        for incident in &log.incidents {
            for index in &log.component_sets[incident.components as usize] {
                facts[*index as usize].add(incident, self, window);
            }
        }
        facts
    }

    fn measure(&self, downtime: &Downtime, window: &Interval, facts: &Facts) -> ObservedMeasures {
        observed::measure(&observed::history(downtime, window, facts.lasts), &facts.detections, &self.settings)
    }

    fn part(&self, name: &str, downtime: &Downtime, window: &Interval, session: &Session) -> PartInfo {
        let measures = self.measure(downtime, window, &self.facts(window));
        PartInfo::new(name, &downtime.within(window), &measures, session.units)
    }
}

impl ObservedArguments {
    fn settings(&self, loaded: &LoadedLog, mean_outage_seconds: f64, session: &Session) -> ObservedSettings {
        ObservedSettings {
            year_seconds: session.units.year,
            now: loaded.now.to_string(),
            zone: loaded.zone.name().to_owned(),
            rule: RuleInfo::from(&loaded.rule),
            components: loaded.components.iter().map(|index| loaded.log.components[*index as usize].clone()).collect(),
            confidence: self.confidence.value(),
            mean_outage_seconds,
            units: self.units,
        }
    }

    fn result(
        &self,
        observer: &Observer<'_>,
        session: &Session,
    ) -> Result<(ObservedResult, ObservedMeasures), Problem> {
        let LoadedLog { log, rule, window, now, .. } = observer.loaded;
        let downtime = observer.loaded.downtime(rule);
        let facts = observer.facts(window);
        let whole = observer.measure(&downtime, window, &facts);
        let of_components = Downtime::of_components(log, rule, *now);
        let facts_of_components = observer.facts_of_components(window);
        let wanted = |index: &usize| {
            observer.loaded.components.is_empty() || observer.loaded.components.contains(&(*index as u32))
        };
        let indices: Vec<usize> = (0..of_components.len()).filter(wanted).collect();
        let histories: Vec<History> = indices
            .iter()
            .map(|index| observed::history(&of_components[*index], window, facts_of_components[*index].lasts))
            .collect();
        let average_unit = self.average(observer, &histories, &facts, session)?;
        let mut most: Vec<(usize, Counted)> = (0..indices.len())
            .filter(|place| !observer.loaded.components.is_empty() || !histories[*place].outages.is_empty())
            .map(|place| (place, of_components[indices[place]].within(window)))
            .collect();
        most.sort_by(|a, b| b.1.down_seconds.total_cmp(&a.1.down_seconds));
        most.truncate(usize::try_from(self.top).unwrap_or(usize::MAX));
        let part = |(place, counted): &(usize, Counted)| {
            let detections = &facts_of_components[indices[*place]].detections;
            let measures = observed::measure(&histories[*place], detections, &observer.settings);
            PartInfo::new(&log.components[indices[*place]], counted, &measures, session.units)
        };
        let components = most.iter().map(part).collect();
        let counted = downtime.within(window);
        let result = ObservedResult {
            log: LogInfo::from(log),
            window: WindowInfo::from(window),
            downtime: DowntimeInfo::from(&counted),
            whole: ObservedInfo::new(&whole, session.units),
            average_unit,
            missing: MissingInfo::of(&observer.loaded.without_missing().within(window)),
            components,
            periods: self.periods(observer, &downtime, session),
            target_unavailability: None,
            verdict: None,
            window_verdict: None,
        };
        Ok((result, whole))
    }

    /// One unit on average, where there are several.
    fn average(
        &self,
        observer: &Observer<'_>,
        histories: &[History],
        facts: &Facts,
        session: &Session,
    ) -> Result<Option<AverageInfo>, Problem> {
        let known = histories.len() as u64;
        let units = self.units.unwrap_or(known);
        if units < known {
            let message = format!("the log names {known} components, more than that");
            return Err(Problem::value("--units", &units.to_string(), message));
        }
        if units < 2 {
            return Ok(None);
        }
        let window = &observer.loaded.window;
        let pooled = History::pooled(histories, units - known, window.seconds());
        let measures = observed::measure(&pooled, &facts.detections, &observer.settings);
        Ok(Some(AverageInfo { units, measures: ObservedInfo::new(&measures, session.units) }))
    }

    fn periods(&self, observer: &Observer<'_>, downtime: &Downtime, session: &Session) -> Vec<PartInfo> {
        let Some(by) = self.by else { return Vec::new() };
        let LoadedLog { zone, window, .. } = observer.loaded;
        let periods = zone.periods(window, by.period());
        let part = |period: &Interval| {
            let inside = period.clipped(window)?;
            Some(observer.part(&zone.label(period.start, by.period()), downtime, &inside, session))
        };
        periods.iter().filter_map(part).collect()
    }
}
