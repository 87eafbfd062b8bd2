//! Options of all commands that read a log of incidents, of states, or of samples.

mod load;
mod warnings;

use clap::{Args, ValueEnum};

pub(crate) use self::load::{LoadedLog, concerns, samples};
use crate::cli::values::{level, positive_count};
use crate::data::{Maintenance, ReadOptions, Role, Rule, SampleKind, Zone, unit_nanoseconds};
use crate::quantity::Probability;

/// How a log is read, which part of it counts, and how.
#[derive(Clone, Debug, Args)]
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
    /// Zone of the calendar where `--tz` names none: that of a file of objectives.
    #[arg(skip)]
    calendar: Option<Zone>,
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

impl LogArguments {
    /// Whether it was said when the window ends.
    pub(crate) fn names_end(&self) -> bool {
        self.during.is_some() || self.to.is_some()
    }

    /// Whether a part of the log was asked for by its time.
    pub(crate) fn names_window(&self) -> bool {
        self.during.is_some() || self.from.is_some() || self.to.is_some()
    }

    /// Whether a zone was asked for.
    pub(crate) fn names_zone(&self) -> bool {
        self.tz.is_some()
    }

    /// The same with another zone of the calendar where none was asked for. Times inside of the log are not read in it.
    pub(crate) fn with_calendar(&self, zone: Zone) -> Self {
        Self { calendar: Some(zone), ..self.clone() }
    }

    /// The zone of the calendar, and of the bounds of the window.
    pub(crate) fn zone(&self) -> Zone {
        self.tz.clone().or_else(|| self.calendar.clone()).unwrap_or_else(Zone::utc)
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
