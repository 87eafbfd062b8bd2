//! Entries into incidents.

use std::borrow::Cow;

use indexmap::IndexMap;

use crate::data::incident::{Incident, IncidentLog, Reading, Remark};
use crate::data::instant::{Instant, SECOND};
use crate::data::interval::Interval;
use crate::data::mistake::{Mistake, quoted};
use crate::data::read::options::ReadOptions;
use crate::data::read::role::{Clock, Role, plain};
use crate::data::read::row::{Cell, Place, Row};
use crate::data::read::states;
use crate::data::read::time_text::{Read, TimeReader};
use crate::data::zone::{Local, Zone};
use crate::quantity::{DEFAULT_YEAR_SECONDS, Decimal, Duration};

/// Mistakes that are kept, at most: one more than is listed, so that it is known whether there are more.
pub(crate) const MOST_MISTAKES: usize = 21;
/// Places that are listed where a time is doubtful, at most.
const MOST_LINES: usize = 1_000;

/// Collects what is read.
pub(crate) struct Builder<'a> {
    pub(crate) options: &'a ReadOptions,
    zone: Zone,
    pub(crate) log: IncidentLog,
    components: IndexMap<String, u32>,
    sets: IndexMap<Vec<u32>, u32>,
    written_sets: IndexMap<String, u32>,
    severities: IndexMap<String, u32>,
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) changes: Vec<Change>,
    /// Stays in states.
    pub(crate) stays: Vec<Stay>,
}

/// A change of state.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) at: Instant,
    pub(crate) is_up: bool,
    pub(crate) components: u32,
    pub(crate) line: u32,
    /// Where its entry begins in the file.
    pub(crate) byte: usize,
}

/// A stay in a state.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    pub(crate) is_up: bool,
    pub(crate) components: u32,
    pub(crate) start: Instant,
    /// Absent while it lasts.
    pub(crate) end: Option<Instant>,
}

/// A time of an entry, with the other instant that it may be.
#[derive(Clone, Copy)]
struct Time {
    at: Instant,
    later: Option<Instant>,
}

/// Finds the bytes of a field, only when they are needed.
pub(crate) type Locate<'f> = &'f dyn Fn(usize) -> std::ops::Range<usize>;

impl<'a> Builder<'a> {
    pub(crate) fn new(options: &'a ReadOptions) -> Self {
        let zone = options.zone.clone().unwrap_or_else(Zone::utc);
        let reading =
            Reading { zone: zone.name().to_owned(), zone_given: options.zone.is_some(), ..Reading::default() };
        let log = IncidentLog { component_sets: vec![Vec::new()], reading, ..IncidentLog::default() };
        Self {
            options,
            zone,
            log,
            components: IndexMap::new(),
            sets: IndexMap::from([(Vec::new(), 0)]),
            written_sets: IndexMap::from([(String::new(), 0)]),
            severities: IndexMap::new(),
            mistakes: Vec::new(),
            changes: Vec::new(),
            stays: Vec::new(),
        }
    }

    /// Whether so many mistakes were found that no more are looked for.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.options.lenient.is_none() && self.mistakes.len() >= MOST_MISTAKES
    }

    /// Notes an entry that cannot be read.
    pub(crate) fn mistake(&mut self, mistake: Mistake) {
        self.log.reading.dropped += 1;
        if self.mistakes.len() < MOST_MISTAKES {
            self.mistakes.push(mistake);
        }
    }

    /// Takes in an entry.
    pub(crate) fn add(&mut self, row: &Row<'_>, locate: Locate<'_>) {
        self.log.reading.rows += 1;
        if let Err(mistake) = self.entry(row, locate) {
            self.mistake(mistake);
        }
    }

    fn entry(&mut self, row: &Row<'_>, locate: Locate<'_>) -> Result<(), Mistake> {
        let Some(start) = row.get(Role::Start) else {
            return match (row.get(Role::Time), row.get(Role::State)) {
                (Some(time), Some(state)) => self.change(row, time, state, locate),
                _ => Err(Mistake::new(row.span.clone(), format!("the entry of line {} has no start", row.line))),
            };
        };
        let start = self.time(start, row.line, locate)?;
        let (end, start) = self.end(row, start, locate)?;
        let is_up = row.get(Role::State).map(|state| is_up(state, locate)).transpose()?;
        if is_up == Some(true) {
            self.log.reading.up_rows += 1;
            self.observed(start);
            self.observed(end.unwrap_or(start));
            self.stay(row, true, (start, end))?;
            return Ok(());
        }
        if end.is_none()
            && let Some(now) = self.options.now.filter(|now| start > *now)
        {
            let span = row.get(Role::Start).map_or(row.span.clone(), |cell| place(cell, locate));
            return Err(after_now(span, start, now));
        }
        let planned = Self::planned(row, locate)?;
        let detected = row.get(Role::Detected).map(|cell| self.detected(cell, start, row.line, locate)).transpose()?;
        let severity = row.cells[Role::Severity as usize].as_ref().map(|cell| cell.text.trim().to_owned());
        let severity = severity.filter(|text| !text.is_empty()).map(|text| self.severity(&text));
        let components = row.get(Role::Component).map_or(Ok(0), |cell| self.component_set(cell, row))?;
        let id = row.get(Role::Id).map(|cell| Box::from(cell.text.trim()));
        let incident = Incident { id, start, end, detected, components, severity, planned, line: row.line };
        if is_up == Some(false) {
            self.observed(start);
            self.observed(end.unwrap_or(start));
            self.stay(row, false, (start, end))?;
        }
        self.log.incidents.push(incident);
        Ok(())
    }

    fn stay(&mut self, row: &Row<'_>, is_up: bool, times: (Instant, Option<Instant>)) -> Result<(), Mistake> {
        let components = row.get(Role::Component).map_or(Ok(0), |cell| self.component_set(cell, row))?;
        self.stays.push(Stay { is_up, components, start: times.0, end: times.1 });
        Ok(())
    }

    fn observed(&mut self, at: Instant) {
        let observed = self.log.reading.observed.get_or_insert(Interval { start: at, end: at });
        observed.start = observed.start.min(at);
        observed.end = observed.end.max(at);
    }

    fn change(&mut self, row: &Row<'_>, time: &Cell<'_>, state: &Cell<'_>, locate: Locate<'_>) -> Result<(), Mistake> {
        let at = self.time(time, row.line, locate)?.at;
        let is_up = is_up(state, locate)?;
        let components = row.get(Role::Component).map_or(Ok(0), |cell| self.component_set(cell, row))?;
        self.observed(at);
        self.changes.push(Change { at, is_up, components, line: row.line, byte: row.span.start });
        Ok(())
    }

    /// The end, from the end or the duration; and the start, which may become the later of two.
    fn end(&mut self, row: &Row<'_>, start: Time, locate: Locate<'_>) -> Result<(Option<Instant>, Instant), Mistake> {
        let duration = row.get(Role::Duration);
        let Some(cell) = row.get(Role::End) else {
            let Some(duration) = duration else { return Ok((None, start.at)) };
            let nanoseconds = self.nanoseconds(duration, locate)?;
            let end = start.at.plus_nanoseconds(nanoseconds).ok_or_else(|| {
                let message = format!("the incident of length {} ends after 2199", quoted(&duration.text));
                Mistake::new(place(duration, locate), message)
            })?;
            return Ok((Some(end), start.at));
        };
        let end = self.time(cell, row.line, locate)?;
        let stated = duration.and_then(|duration| self.nanoseconds(duration, locate).ok());
        let (start, end) = chosen(start, end, stated);
        if end < start {
            let message = format!("the end {} is before the start {start}", quoted(&cell.text));
            return Err(Mistake::new(place(cell, locate), message));
        }
        if let Some(stated) = stated {
            self.compare(end.nanoseconds_since(start) - stated, row.line);
        }
        Ok((Some(end), start))
    }

    fn compare(&mut self, difference: i128, line: u32) {
        if difference.abs() >= i128::from(SECOND) && self.log.reading.differs.len() < MOST_LINES {
            self.log.reading.differs.push(line);
        }
    }

    fn time(&mut self, cell: &Cell<'_>, line: u32, locate: Locate<'_>) -> Result<Time, Mistake> {
        let utc = (cell.clock == Clock::Utc).then(Zone::utc);
        let zone = utc.as_ref().unwrap_or(&self.zone);
        let reader = TimeReader { zone, layout: self.options.time_format.as_deref() };
        let read = match cell.clock {
            Clock::UnixSeconds => reader.seconds(&cell.text),
            Clock::AsAsked | Clock::Utc => reader.read(&cell.text),
        };
        let read = read.map_err(|no_time| {
            let mistake = Mistake::new(place(cell, locate), no_time.message);
            if let Some(help) = no_time.help { mistake.help(help) } else { mistake }
        })?;
        let local = match read {
            Read::Instant(at) => return Ok(Time { at, later: None }),
            Read::Local(local) => local,
        };
        let reading = &mut self.log.reading;
        reading.naive_times += u64::from(utc.is_none());
        Ok(match local {
            Local::One(at) => Time { at, later: None },
            Local::Twice { earlier, later } => {
                note(&mut reading.twice, line);
                Time { at: earlier, later: Some(later) }
            }
            Local::Never(at) => {
                note(&mut reading.never, line);
                Time { at, later: None }
            }
        })
    }

    fn detected(&mut self, cell: &Cell<'_>, start: Instant, line: u32, locate: Locate<'_>) -> Result<Instant, Mistake> {
        if cell.unit.is_none() {
            let time = self.time(cell, line, locate)?;
            let at = if time.at < start { time.later.unwrap_or(time.at) } else { time.at };
            if at < start {
                let message = format!("noticed at {}, before the start {start}", quoted(&cell.text));
                return Err(Mistake::new(place(cell, locate), message));
            }
            return Ok(at);
        }
        let after = self.nanoseconds(cell, locate)?;
        let out_of_range = || Mistake::new(place(cell, locate), "the incident is noticed after 2199");
        start.plus_nanoseconds(after).ok_or_else(out_of_range)
    }

    /// A length of time: a number with the unit of its column, or a text with its own.
    fn nanoseconds(&self, cell: &Cell<'_>, locate: Locate<'_>) -> Result<i128, Mistake> {
        let text = cell.text.trim();
        let wrong = |message: String| Mistake::new(place(cell, locate), message);
        if text.starts_with('-') {
            return Err(wrong(format!("the duration {} is negative", quoted(text))));
        }
        if let Some(seconds) = clock_seconds(text) {
            return Ok(i128::from(seconds) * i128::from(SECOND));
        }
        let Ok(number) = Decimal::parse(text) else {
            let duration = Duration::parse(text, DEFAULT_YEAR_SECONDS).map_err(|error| {
                let mistake = wrong(error.to_string());
                match with_point(text) {
                    Some(point) => mistake.help(format!("the decimal sign is a point: `{point}`")),
                    None => mistake,
                }
            })?;
            return Ok((duration.seconds() * SECOND as f64).round() as i128);
        };
        let Some(unit) = cell.unit.or(self.options.duration_unit) else {
            let mistake = wrong(format!("the duration {} has no unit", quoted(text)));
            return Err(mistake.help("say which: `--duration-unit minutes`, or name the column `duration_minutes`"));
        };
        Ok((number.to_f64() * unit as f64).round() as i128)
    }

    fn planned(row: &Row<'_>, locate: Locate<'_>) -> Result<bool, Mistake> {
        let named = row.get(Role::Severity).is_some_and(|cell| is_maintenance(&cell.text));
        let Some(cell) = row.get(Role::Planned) else { return Ok(named || row.planned) };
        let says = match cell.text.trim().to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "planned" | "scheduled" | "maintenance" => true,
            "false" | "no" | "n" | "0" | "unplanned" | "unscheduled" | "incident" => false,
            other => {
                let message = format!("{} does not say whether it was planned", quoted(other));
                return Err(Mistake::new(place(cell, locate), message).help("`yes` or `no` is expected"));
            }
        };
        Ok(says || named || row.planned)
    }

    fn severity(&mut self, text: &str) -> u32 {
        if let Some(index) = self.severities.get(text) {
            return *index;
        }
        let index = self.severities.len() as u32;
        self.severities.insert(text.to_owned(), index);
        index
    }

    fn component_set(&mut self, cell: &Cell<'_>, row: &Row<'_>) -> Result<u32, Mistake> {
        if cell.list.is_none()
            && let Some(index) = self.written_sets.get(cell.text.as_ref())
        {
            return Ok(*index);
        }
        let names: Vec<Cow<'_, str>> = match &cell.list {
            Some(list) => list.iter().map(|name| Cow::Borrowed(name.as_str())).collect(),
            None => split(&cell.text).map(Cow::Borrowed).collect(),
        };
        let mut set: Vec<u32> = Vec::with_capacity(names.len());
        for name in names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let next = self.components.len() as u32;
            set.push(*self.components.entry(name.to_owned()).or_insert(next));
        }
        set.sort_unstable();
        set.dedup();
        let next = u32::try_from(self.sets.len())
            .map_err(|_| Mistake::new(row.span.clone(), "the file names too many different components"))?;
        let index = *self.sets.entry(set).or_insert(next);
        if cell.list.is_none() {
            self.written_sets.insert(cell.text.clone().into_owned(), index);
        }
        Ok(index)
    }

    /// The components of a set that was read.
    pub(crate) fn components_of(&self, set: u32) -> Vec<u32> {
        self.sets.get_index(set as usize).map_or_else(Vec::new, |(components, _)| components.clone())
    }

    /// The log, or the mistakes.
    pub(crate) fn finish(mut self) -> Result<IncidentLog, Vec<Mistake>> {
        states::into_incidents(&mut self);
        let stays = std::mem::take(&mut self.stays);
        states::note_contradictions(&mut self, &stays);
        states::note_gaps(&mut self, &stays);
        let limit = self.options.lenient;
        let too_many = limit.is_none_or(|limit| self.log.reading.dropped > limit);
        if !self.mistakes.is_empty() && too_many {
            return Err(self.mistakes);
        }
        let mut log = self.log;
        log.components = self.components.into_keys().collect();
        log.component_sets = self.sets.into_keys().collect();
        log.severities = self.severities.into_keys().collect();
        log.reading.mistakes = self.mistakes;
        log.incidents.shrink_to_fit();
        if log.incidents.is_empty() && log.reading.observed.is_none() {
            let message = "the log has no incidents".to_owned();
            log.reading.remarks.push(Remark { code: "no_incidents", message });
        }
        Ok(log)
    }
}

/// An incident that has not ended cannot begin in the future.
pub(crate) fn after_now(span: std::ops::Range<usize>, start: Instant, now: Instant) -> Mistake {
    let message = format!("the incident has no end, and its start {start} is after now, {now}");
    Mistake::new(span, message).help("correct the start, give an end, or say until when it lasts: `--now`")
}

/// Which of the instants that a start and an end may be are meant: those that are the stated duration apart, else the earlier ones,
/// but no end before the start when there is a later one.
fn chosen(start: Time, end: Time, stated: Option<i128>) -> (Instant, Instant) {
    let starts = std::iter::once(start.at).chain(start.later);
    let mut pairs = starts.flat_map(|start| std::iter::once(end.at).chain(end.later).map(move |end| (start, end)));
    let as_stated = pairs.find(|(start, end)| stated == Some(end.nanoseconds_since(*start)));
    let end = if end.at < start.at { end.later.unwrap_or(end.at) } else { end.at };
    as_stated.unwrap_or((start.at, end))
}

fn note(lines: &mut Vec<u32>, line: u32) {
    if lines.len() < MOST_LINES && lines.last() != Some(&line) {
        lines.push(line);
    }
}

pub(crate) fn place(cell: &Cell<'_>, locate: Locate<'_>) -> std::ops::Range<usize> {
    match &cell.place {
        Place::Span(span) => span.clone(),
        Place::Field(index) => locate(*index),
    }
}

/// Whether a severity stands for planned maintenance.
pub(crate) fn is_maintenance(severity: &str) -> bool {
    matches!(
        plain(severity.trim()).as_str(),
        "maintenance" | "undermaintenance" | "scheduled" | "planned" | "scheduledmaintenance" | "plannedmaintenance"
    )
}

/// What a number with a decimal comma is with a point.
pub fn with_point(text: &str) -> Option<String> {
    let (whole, decimals) = text.trim().split_once(',')?;
    let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
    let is_decimal = decimals.starts_with(|c: char| c.is_ascii_digit()) && !decimals.contains(',');
    (is_number && is_decimal).then(|| format!("{whole}.{decimals}"))
}

/// Names separated by `;`, or where there is none by `,`.
fn split(text: &str) -> std::str::Split<'_, char> {
    text.split(if text.contains(';') { ';' } else { ',' })
}

/// `1:02:03` and `62:03:04` as seconds; nothing else.
fn clock_seconds(text: &str) -> Option<i64> {
    let (hours, rest) = text.split_once(':')?;
    let (minutes, seconds) = rest.split_once(':')?;
    let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let (hours, minutes, seconds) = (number(hours)?, number(minutes)?, number(seconds)?);
    (minutes < 60 && seconds < 60).then_some(hours * 3_600 + minutes * 60 + seconds)
}

fn is_up(cell: &Cell<'_>, locate: Locate<'_>) -> Result<bool, Mistake> {
    state(&cell.text).ok_or_else(|| {
        let message = format!("{} is neither up nor down", quoted(&cell.text));
        Mistake::new(place(cell, locate), message).help("states are `up` and `down`, or 1 and 0")
    })
}

/// Whether a state is up; `None` for what is no state.
pub(crate) fn state(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "up" | "1" | "1.0" | "ok" | "available" | "true" | "good" | "healthy" | "operational" | "online"
        | "running" => Some(true),
        "down" | "0" | "0.0" | "failed" | "fail" | "failure" | "unavailable" | "false" | "bad" | "unhealthy"
        | "offline" | "error" | "critical" | "outage" | "stopped" => Some(false),
        _ => None,
    }
}
