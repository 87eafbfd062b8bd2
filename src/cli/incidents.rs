//! `incidents`: what a log says.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::exit::Exit;
use crate::cli::log_args::{LoadedLog, LogArguments};
use crate::cli::problem::Problem;
use crate::cli::session::{Report, Session};
use crate::cli::values::count;
use crate::data::{
    ComponentDowntime, Counted, Downtime, Incident, IncidentLog, Interval, LogWeights, Longest, Maintenance, Period,
    PeriodDowntime, Rule, SeverityCount, Summary, to_csv, to_json,
};
use crate::quantity::Duration;
use crate::report::results::WarningInfo;
use crate::report::results::incidents::{
    ComponentInfo, CountsInfo, IncidentsResult, IncidentsSettings, LongestInfo, MaintenanceInfo, MissingInfo,
    PeriodInfo, RuleResult, SeverityInfo,
};
use crate::report::results::log::{DowntimeInfo, LogInfo, RuleInfo, WindowInfo};

/// What a log of incidents says: downtime as the union of the incidents, cut to the window, under a stated rule; what was merged,
/// clipped and left out; the components, incidents and months that count most; and the same log under every rule.
///
/// Logs are CSV, JSON or JSON Lines of incidents or of states, or results of range queries of Prometheus.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ninefold incidents incidents.csv --during 2024\n  ninefold incidents failures.csv --time-format \"%m/%d/%Y %H:%M\" --tz America/Denver --by year\n  ninefold incidents up.json --missing bad\n  ninefold incidents export.json --convert csv -o incidents.csv"
)]
pub(crate) struct Arguments {
    /// The log; `-` reads standard input. Several files only where they are samples of one query
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Parts of the calendar to list
    #[arg(long, value_name = "PERIOD", default_value = "month")]
    by: By,
    /// Components and incidents to list, at most
    #[arg(long, value_name = "N", allow_hyphen_values = true, default_value = "5", value_parser = count)]
    top: u64,
    /// Print the incidents of the log in a plain form in place of the report
    #[arg(long, value_name = "FORMAT")]
    convert: Option<Form>,
    #[command(flatten)]
    log: LogArguments,
}

/// Parts of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// From midnight to midnight
    Day,
    /// From Monday to Monday
    Week,
    /// Calendar months
    Month,
    /// Three months from January, April, July and October
    Quarter,
    /// Calendar years
    Year,
}

/// Plain forms of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// CSV with a header
    Csv,
    /// An array of objects
    Json,
}

/// Parts of the calendar that are listed, at most.
const MOST_PERIODS: f64 = 4_000.0;

pub(crate) fn run(arguments: &Arguments, session: &Session) -> Result<Exit, Problem> {
    let loaded = arguments.log.load(&arguments.files)?;
    if let Some(form) = arguments.convert {
        session.warn(&unknown_time(&loaded.log));
        session.write(&converted(form, &loaded, arguments.log.names_window())?)?;
        return Ok(Exit::Done);
    }
    arguments.by.check(&loaded.window)?;
    let settings = arguments.settings(&loaded);
    let result = arguments.result(&loaded);
    let (model, warnings) = (Some(loaded.info), loaded.warnings);
    session.print(Report { command: "incidents", model, settings, result, warnings })?;
    Ok(Exit::Done)
}

/// The incidents that were asked for, whole; `by_window`: those with a part in the window.
fn converted(form: Form, loaded: &LoadedLog, by_window: bool) -> Result<String, Problem> {
    let window = &loaded.window;
    let is_inside = |incident: &Incident| {
        let Interval { start, end } = incident.interval(loaded.now);
        start < window.end && (end > window.start || start == window.start)
    };
    let keep = |incident: &Incident| loaded.keeps(incident) && (!by_window || is_inside(incident));
    match form {
        Form::Csv => {
            to_csv(&loaded.log, keep).map_err(|error| Problem::usage(format!("the log cannot be written: {error}")))
        }
        Form::Json => Ok(to_json(&loaded.log, keep)),
    }
}

/// The plain form has incidents only: what is not known would read back as up.
fn unknown_time(log: &IncidentLog) -> Vec<WarningInfo> {
    if log.unobserved.is_empty() {
        return Vec::new();
    }
    let seconds: f64 = log.unobserved.iter().map(|(_, times)| times.seconds()).sum();
    let length = Duration::from_seconds(seconds).map_or_else(String::new, |length| format!("{length} "));
    let message = format!(
        "{length}of the time of the units in which nothing is known are not in the plain form, and count as up when it is \
         read; `--missing bad` writes them as downtime"
    );
    vec![WarningInfo::new("unknown_time_dropped", message)]
}

impl By {
    /// Refuses to list very many parts.
    pub(crate) fn check(self, window: &Interval) -> Result<(), Problem> {
        let days = window.seconds() / 86_400.0;
        if self == Self::Day && days > MOST_PERIODS {
            let reason = format!("the window has {days:.0} days, more than {MOST_PERIODS}");
            return Err(Problem::value("--by", "day", reason));
        }
        Ok(())
    }

    pub(crate) fn period(self) -> Period {
        match self {
            Self::Day => Period::Day,
            Self::Week => Period::Week,
            Self::Month => Period::Month,
            Self::Quarter => Period::Quarter,
            Self::Year => Period::Year,
        }
    }
}

impl Arguments {
    fn settings(&self, loaded: &LoadedLog) -> IncidentsSettings {
        let by = self.by.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        IncidentsSettings {
            now: loaded.now.to_string(),
            zone: loaded.zone.name().to_owned(),
            rule: RuleInfo::from(&loaded.rule),
            components: loaded.components.iter().map(|index| loaded.log.components[*index as usize].clone()).collect(),
            by,
            top: self.top,
        }
    }

    /// Rules on one thread, the parts of the log on the other: both go over all incidents several times.
    fn result(&self, loaded: &LoadedLog) -> IncidentsResult {
        let downtime = loaded.downtime(&loaded.rule);
        let counted = downtime.within(&loaded.window);
        let (result, (maintenance, missing, rules)) = std::thread::scope(|scope| {
            let rules = scope.spawn(|| {
                let mut known = Known::new(loaded, counted);
                let missing = match loaded.without_missing {
                    Some(_) => loaded.without_missing().within(&loaded.window),
                    None => counted,
                };
                let rules = Rule::all().iter().map(|rule| RuleResult::new(rule, &known.under(rule))).collect();
                (known.ways(), MissingInfo::of(&missing), rules)
            });
            let result = self.parts(loaded, &downtime, &counted);
            (result, rules.join().expect("counting does not panic"))
        });
        IncidentsResult { maintenance, missing, rules, ..result }
    }

    /// All but what other rules say.
    fn parts(&self, loaded: &LoadedLog, downtime: &Downtime, counted: &Counted) -> IncidentsResult {
        let LoadedLog { log, rule, window, now, .. } = loaded;
        let when = (*now, *window);
        let keep = |incident: &_| loaded.keeps(incident);
        let top = usize::try_from(self.top).unwrap_or(usize::MAX);
        let mut components = ComponentDowntime::all(log, rule, when);
        if !loaded.components.is_empty() {
            components.retain(|one| loaded.components.contains(&one.index));
        }
        components.truncate(top);
        let longest = Longest::of(log, rule, when, (top, keep));
        let zone = (&loaded.zone, self.by.period());
        let periods = PeriodDowntime::all(log, (rule, downtime), when, zone, keep);
        IncidentsResult {
            log: LogInfo::from(log),
            window: WindowInfo::from(window),
            counts: CountsInfo::from(&Summary::of(log, (rule, downtime), when, keep)),
            downtime: DowntimeInfo::from(counted),
            severities: SeverityCount::all(log, rule, when, keep).iter().map(SeverityInfo::from).collect(),
            maintenance: Vec::new(),
            missing: None,
            components: components.iter().map(ComponentInfo::from).collect(),
            longest: longest.iter().map(|longest| LongestInfo::new(longest, log)).collect(),
            periods: periods.iter().map(PeriodInfo::from).collect(),
            rules: Vec::new(),
        }
    }
}

/// Downtime under rules, each counted once: rules that weigh the severities of a log alike are one.
struct Known<'l> {
    loaded: &'l LoadedLog,
    counted: Vec<(LogWeights, Maintenance, Counted)>,
}

impl<'l> Known<'l> {
    /// With what the rule of the log itself says.
    fn new(loaded: &'l LoadedLog, counted: Counted) -> Self {
        let rule = &loaded.rule;
        Self { loaded, counted: vec![(LogWeights::new(&loaded.log, rule), rule.maintenance, counted)] }
    }

    fn under(&mut self, rule: &Rule) -> Counted {
        let weights = LogWeights::new(&self.loaded.log, rule);
        let is_it = |one: &&(LogWeights, Maintenance, Counted)| one.0 == weights && one.1 == rule.maintenance;
        if let Some((.., counted)) = self.counted.iter().find(is_it) {
            return *counted;
        }
        let counted = self.loaded.downtime(rule).within(&self.loaded.window);
        self.counted.push((weights, rule.maintenance, counted));
        counted
    }

    /// The log with planned maintenance left out, counted, and ignored.
    fn ways(&mut self) -> Vec<MaintenanceInfo> {
        let ways = [("exclude", Maintenance::Exclude), ("count", Maintenance::Count), ("ignore", Maintenance::Ignore)];
        let way = |(name, maintenance): (&str, Maintenance)| {
            let downtime = self.under(&Rule { maintenance, ..self.loaded.rule.clone() });
            MaintenanceInfo { maintenance: name.to_owned(), downtime: DowntimeInfo::from(&downtime) }
        };
        ways.map(way).to_vec()
    }
}
