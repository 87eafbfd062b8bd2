//! Series of samples: what a range query of Prometheus returns.
//!
//! A sample holds for one step, the most common distance of samples. Where two samples are more than one and a half steps apart,
//! the time between the end of the first and the second is missing: nothing is known about it. A run of k bad samples is
//! k steps of downtime, with an error of up to one step at each edge.

use std::collections::BTreeMap;

use jsonc_parser::ast::{Array, Object, Value as Json};

use crate::data::incident::{Incident, IncidentLog, Reading, Remark};
use crate::data::instant::Instant;
use crate::data::interval::Interval;
use crate::data::mistake::{Mistake, quoted};
use crate::data::read::{epoch_instant, is_epoch};
use crate::data::timeline::Timeline;
use crate::json::{parse, span};

/// One series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Labels and their values, sorted; the name of the metric is `__name__`.
    pub labels: Vec<(String, String)>,
    /// Times and values, sorted by time, each time once. Values may be NaN or infinite.
    pub samples: Vec<(Instant, f64)>,
}

/// Series of one query, perhaps of several files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SampleSet {
    /// In the order of their labels.
    pub series: Vec<Series>,
    /// The most common distance of samples in nanoseconds; `None` when no series has two samples.
    pub step: Option<i64>,
    /// What was recognised, in words.
    pub dialect: String,
    /// What to know.
    pub remarks: Vec<Remark>,
}

/// What the values of samples say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleKind {
    /// 1 is up, 0 is down.
    Bool,
    /// The share of good events.
    SuccessRatio,
    /// The share of bad events.
    ErrorRatio,
}

/// The share of good events from which on a sample is up, and its complement, both from the same decimal text: 0.1 of
/// errors are up at 90 %, which `1 - 0.9` in binary is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoodFrom {
    /// The least share of good events.
    pub share: f64,
    /// The largest share of bad events.
    pub complement: f64,
}

/// What missing samples count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: their time is left out.
    Ignore,
    /// As up.
    Good,
    /// As down.
    Bad,
}

/// Whether a text looks like the answer to a query of Prometheus.
pub fn is_samples(text: &str) -> bool {
    let start: String = text.chars().take(4_096).collect();
    let has = |name: &str| start.contains(&format!("\"{name}\""));
    let is_series = has("metric") && (has("values") || has("value"));
    start.trim_start().starts_with(['{', '[']) && (has("resultType") || is_series || has("status") && has("errorType"))
}

/// Reads answers of Prometheus (matrix, vector, or the bare result), and joins them.
///
/// # Errors
/// Which of the texts, from 0, and the first mistakes in it.
pub fn read_samples(texts: &[&str]) -> Result<SampleSet, (usize, Vec<Mistake>)> {
    let mut joined: BTreeMap<Vec<(String, String)>, BTreeMap<Instant, f64>> = BTreeMap::new();
    let mut set = SampleSet::default();
    let mut conflicts = 0_u64;
    for (index, text) in texts.iter().enumerate() {
        let (series, kind) = answer(text, &mut set.remarks).map_err(|mistake| (index, vec![mistake]))?;
        set.dialect = format!("Prometheus {kind}");
        for one in series {
            let known = joined.entry(one.labels).or_default();
            for (at, value) in one.samples {
                let before = known.insert(at, value);
                conflicts += u64::from(before.is_some_and(|before| before.to_bits() != value.to_bits()));
            }
        }
    }
    if conflicts > 0 {
        let message = format!("{conflicts} samples have two values at the same time; the later in the files holds");
        set.remarks.push(Remark { code: "conflicting_samples", message });
    }
    let series = joined.into_iter().map(|(labels, samples)| Series { labels, samples: samples.into_iter().collect() });
    set.series = series.collect();
    set.step = step(&set.series);
    Ok(set)
}

/// The first sample, in the order of the texts, that is no state: which text, and where in it.
pub fn unfit_sample(texts: &[&str], kind: SampleKind, good_from: GoodFrom) -> Option<(usize, Mistake)> {
    first_wrong(texts, |(_, value)| is_good(value, kind, good_from).err())
}

/// The first sample for which `wrong` has a reason: which text, and where in it.
pub fn first_wrong(texts: &[&str], wrong: impl Fn((Instant, f64)) -> Option<String>) -> Option<(usize, Mistake)> {
    texts.iter().enumerate().find_map(|(index, text)| {
        let result = match parse(text).ok()? {
            Json::Array(array) => array,
            Json::Object(object) => within(object, &mut Vec::new()).ok()?,
            _ => return None,
        };
        let all = result.elements.iter().filter_map(|series| match series {
            Json::Object(series) => Some(series.properties.iter()),
            _ => None,
        });
        let lists = all.flatten().filter_map(|property| match (property.name.as_str(), &property.value) {
            ("values", Json::Array(values)) => Some(values.elements.as_slice()),
            ("value", pair) => Some(std::slice::from_ref(pair)),
            _ => None,
        });
        lists.flatten().find_map(|pair| {
            let reason = wrong(sample(pair).ok()?)?;
            let place = match pair {
                Json::Array(pair) => pair.elements.get(1).map(span)?,
                other => span(other),
            };
            Some((index, Mistake::new(place, reason)))
        })
    })
}

/// The most common distance; the shorter of two as common.
fn step(series: &[Series]) -> Option<i64> {
    let mut distances: BTreeMap<i64, u64> = BTreeMap::new();
    for pair in series.iter().flat_map(|series| series.samples.windows(2)) {
        *distances.entry(pair[1].0.nanoseconds() - pair[0].0.nanoseconds()).or_default() += 1;
    }
    let most = distances.values().max().copied()?;
    distances.into_iter().find(|(_, count)| *count == most).map(|(distance, _)| distance)
}

fn answer(text: &str, remarks: &mut Vec<Remark>) -> Result<(Vec<Series>, &'static str), Mistake> {
    let result = match parse(text)? {
        Json::Array(array) => array,
        Json::Object(object) => within(object, remarks)?,
        other => return Err(Mistake::new(span(&other), "an answer of Prometheus is expected")),
    };
    let mut kind = "matrix";
    let series = result.elements.into_iter().map(|element| match element {
        Json::Object(object) => one(object, &mut kind),
        other => Err(Mistake::new(span(&other), "a series, with `metric` and `values`, is expected")),
    });
    let series = series.collect::<Result<Vec<_>, _>>()?;
    Ok((series, kind))
}

/// The result inside of an answer.
fn within<'a>(object: Object<'a>, remarks: &mut Vec<Remark>) -> Result<Array<'a>, Mistake> {
    let span = object.range.start..object.range.end;
    let mut result = None;
    for property in object.properties {
        match (property.name.as_str(), property.value) {
            ("status", Json::StringLit(status)) if status.value != "success" => {
                let message = format!("the query failed: its status is {}", quoted(&status.value));
                return Err(Mistake::new(status.range.start..status.range.end, message));
            }
            ("warnings" | "infos", Json::Array(warnings)) => {
                let texts = warnings.elements.iter().filter_map(|warning| match warning {
                    Json::StringLit(text) => Some(text.value.to_string()),
                    _ => None,
                });
                remarks.extend(texts.map(|text| Remark {
                    code: "query_warning",
                    message: format!("the query warned: {}", quoted(&text)),
                }));
            }
            ("data", Json::Object(data)) => result = Some(within(data, remarks)?),
            ("result", Json::Array(array)) => result = Some(array),
            ("resultType", Json::StringLit(kind)) if !matches!(kind.value.as_ref(), "matrix" | "vector") => {
                let message = format!("a result of type {} has no series", quoted(&kind.value));
                return Err(Mistake::new(kind.range.start..kind.range.end, message));
            }
            _ => {}
        }
    }
    result.ok_or_else(|| Mistake::new(span, "there is no `result` in the answer"))
}

fn one(object: Object<'_>, kind: &mut &'static str) -> Result<Series, Mistake> {
    let span = object.range.start..object.range.end;
    let mut labels = Vec::new();
    let mut samples = None;
    for property in object.properties {
        match (property.name.as_str(), property.value) {
            ("metric", Json::Object(metric)) => {
                labels = metric
                    .properties
                    .iter()
                    .filter_map(|label| match &label.value {
                        Json::StringLit(text) => Some((label.name.as_str().to_owned(), text.value.to_string())),
                        _ => None,
                    })
                    .collect();
                labels.sort();
            }
            ("values", Json::Array(values)) => {
                samples = Some(values.elements.iter().map(sample).collect::<Result<Vec<_>, _>>()?);
            }
            ("value", value @ Json::Array(_)) => {
                *kind = "vector";
                samples = Some(vec![sample(&value)?]);
            }
            _ => {}
        }
    }
    let samples = samples.ok_or_else(|| Mistake::new(span, "the series has no `values`"))?;
    Ok(Series { labels, samples })
}

fn sample(value: &Json<'_>) -> Result<(Instant, f64), Mistake> {
    let wrong = || Mistake::new(span(value), "a sample is `[seconds since 1970, \"value\"]`");
    let Json::Array(pair) = value else { return Err(wrong()) };
    let [Json::NumberLit(time), measured] = pair.elements.as_slice() else { return Err(wrong()) };
    let place = time.range.start..time.range.end;
    if !is_epoch(time.value) {
        return Err(Mistake::new(place, format!("{} is no time in seconds since 1970", quoted(time.value))));
    }
    let at = epoch_instant(time.value).map_err(|message| Mistake::new(place, message))?;
    let text = match measured {
        Json::StringLit(text) => text.value.as_ref(),
        Json::NumberLit(number) => number.value,
        other => return Err(Mistake::new(span(other), "the value of a sample is expected")),
    };
    let known = match text {
        "NaN" => Some(f64::NAN),
        "+Inf" | "Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        other if other.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') => other.parse().ok(),
        _ => None,
    };
    let number = known.ok_or_else(|| Mistake::new(span(measured), format!("{} is no value", quoted(text))))?;
    Ok((at, number))
}

impl Series {
    /// What the series is called: its `instance`, else all labels.
    pub fn name(&self) -> String {
        let label = |wanted: &str| self.labels.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        label("instance").unwrap_or_else(|| {
            let all: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
            all.join(",")
        })
    }

    /// The name of the metric.
    pub fn metric(&self) -> Option<&str> {
        self.labels.iter().find(|(name, _)| name == "__name__").map(|(_, value)| value.as_str())
    }

    /// The time of a sample: one step, or up to the next sample when that comes sooner.
    fn holds(&self, index: usize, step: i64) -> Interval {
        let start = self.samples[index].0;
        let end = start.plus_nanoseconds(i128::from(step)).unwrap_or(start);
        let next = self.samples.get(index + 1).map(|(next, _)| *next);
        // Up to half a step late is still the next sample.
        let end = match next {
            Some(next) if next.nanoseconds_since(start) * 2 <= i128::from(step) * 3 => next,
            _ => end,
        };
        Interval { start, end: end.max(start) }
    }

    /// Values with the times that they hold for.
    pub fn held(&self, step: i64) -> impl Iterator<Item = (Interval, f64)> {
        (0..self.samples.len()).map(move |index| (self.holds(index, step), self.samples[index].1))
    }

    /// From the first sample to one step after the last.
    pub fn span(&self, step: i64) -> Option<Interval> {
        let last = self.samples.len().checked_sub(1)?;
        Interval::new(self.samples.first()?.0, self.holds(last, step).end)
    }

    /// How much a counter grew between samples, with the time between them. A fall is a restart from 0, so the growth is the
    /// new value; values that are no numbers are skipped.
    pub fn increases(&self) -> Vec<(Interval, f64)> {
        let finite: Vec<&(Instant, f64)> = self.samples.iter().filter(|(_, value)| value.is_finite()).collect();
        let between = finite.windows(2).map(|pair| {
            let ((start, before), (end, after)) = (*pair[0], *pair[1]);
            let grown = if after >= before { after - before } else { after };
            (Interval { start, end }, grown)
        });
        between.collect()
    }

    /// How often the counter fell.
    pub fn resets(&self) -> u64 {
        let finite: Vec<f64> = self.samples.iter().map(|(_, value)| *value).filter(|value| value.is_finite()).collect();
        finite.windows(2).filter(|pair| pair[1] < pair[0]).count() as u64
    }
}

impl SampleSet {
    /// The samples as a log: each run of bad samples of a series is an incident of the component that the series is called.
    /// Ratios below `good_from` (a share of good events) are bad. Missing samples are [`IncidentLog::unobserved`], or as
    /// `missing` says; so is the time of `around`, a window, before the first and after the last of all samples.
    ///
    /// # Errors
    /// Why the samples are no states.
    pub fn to_log(
        &self,
        kind: SampleKind,
        good_from: GoodFrom,
        missing: Missing,
        around: Option<Interval>,
    ) -> Result<IncidentLog, String> {
        let step = self.step.ok_or("a range of samples is needed: no series has two samples")?;
        let mut log = IncidentLog { component_sets: vec![Vec::new()], ..IncidentLog::default() };
        log.reading = Reading { dialect: self.dialect.clone(), zone: "UTC".to_owned(), ..Reading::default() };
        log.reading.remarks.clone_from(&self.remarks);
        let spans = self.series.iter().filter_map(|series| series.span(step));
        let spans = spans.chain(around.filter(|_| !self.series.is_empty()));
        let whole = spans.reduce(|a, b| Interval { start: a.start.min(b.start), end: a.end.max(b.end) });
        log.reading.observed = whole;
        log.components = names(&self.series, &mut log.reading.remarks);
        for (index, series) in self.series.iter().enumerate() {
            log.component_sets.push(vec![index as u32]);
            log.reading.rows += series.samples.len() as u64;
            let Some(whole) = whole else { continue };
            series.add_to(&mut log, index as u32, (step, whole), (kind, good_from), missing)?;
        }
        Ok(log)
    }
}

impl Series {
    fn add_to(
        &self,
        log: &mut IncidentLog,
        component: u32,
        (step, whole): (i64, Interval),
        (kind, good_from): (SampleKind, GoodFrom),
        missing: Missing,
    ) -> Result<(), String> {
        let (mut bad, mut seen) = (Vec::new(), Vec::new());
        for (held, value) in self.held(step) {
            match is_good(value, kind, good_from) {
                Ok(None) => continue,
                Ok(Some(true)) => {}
                Ok(Some(false)) => bad.push(held),
                Err(reason) => return Err(format!("{reason}, at {} of series {}", held.start, quoted(&self.name()))),
            }
            seen.push(held);
        }
        let unseen = Timeline::from_intervals(seen).complement(&whole);
        match missing {
            Missing::Ignore => log.unobserved.extend(unseen.intervals().iter().map(|gap| (Some(component), *gap))),
            Missing::Good => {}
            Missing::Bad => bad.extend(unseen.intervals()),
        }
        log.incidents.extend(Timeline::from_intervals(bad).intervals().iter().map(|outage| Incident {
            id: None,
            start: outage.start,
            end: Some(outage.end),
            detected: None,
            components: component + 1,
            severity: None,
            planned: false,
            line: 0,
        }));
        Ok(())
    }
}

/// A name for each series, no two of them alike: where several have one `instance`, with the labels in which they differ.
fn names(series: &[Series], remarks: &mut Vec<Remark>) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, one) in series.iter().enumerate() {
        places.entry(one.name()).or_default().push(index);
    }
    let mut names: Vec<String> = series.iter().map(Series::name).collect();
    let mut shared = Vec::new();
    for (name, places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
        let alike = |label: &(String, String)| places.iter().all(|other| series[*other].labels.contains(label));
        for place in &places {
            let own = series[*place].labels.iter().filter(|label| !alike(label));
            let own: Vec<String> = own.map(|(label, value)| format!("{label}=\"{value}\"")).collect();
            if !own.is_empty() {
                names[*place] = format!("{name}{{{}}}", own.join(","));
            }
        }
        shared.push(quoted(&name));
    }
    if !shared.is_empty() {
        let more = if shared.len() > 4 { ", …" } else { "" };
        shared.truncate(4);
        let message = format!(
            "several series have the instance {}{more}: each is a component of its own, named with the labels that differ",
            shared.join(", ")
        );
        remarks.push(Remark { code: "shared_instance", message });
    }
    names
}

/// Whether a value is good; `None` when it says nothing.
fn is_good(value: f64, kind: SampleKind, good_from: GoodFrom) -> Result<Option<bool>, String> {
    if value.is_nan() {
        return Ok(None);
    }
    if !(0.0..=1.0).contains(&value) {
        return Err(format!("the value {value} is not between 0 and 1"));
    }
    Ok(Some(match kind {
        SampleKind::Bool if value != 0.0 && value < 1.0 => {
            return Err(format!(
                "the value {value} is neither 0 nor 1 (`--as success-ratio` or `error-ratio` reads shares)"
            ));
        }
        SampleKind::Bool => value != 0.0,
        SampleKind::SuccessRatio => value >= good_from.share,
        SampleKind::ErrorRatio => value <= good_from.complement,
    }))
}

#[cfg(test)]
mod tests {
    use super::{GoodFrom, SampleKind, is_good};
    use crate::quantity::Probability;

    #[test]
    fn the_boundary_of_a_share_is_up_as_it_is_typed() {
        let cases =
            [("95%", 0.05), ("90%", 0.1), ("70%", 0.3), ("99%", 0.01), ("99.99%", 0.000_1), ("0.9", 0.1), ("60%", 0.4)];
        for (text, errors) in cases {
            let share = Probability::parse(text).unwrap();
            let from = GoodFrom { share: share.value(), complement: share.complement() };
            assert_eq!(is_good(errors, SampleKind::ErrorRatio, from), Ok(Some(true)), "{text}");
            assert_eq!(is_good(errors.next_up(), SampleKind::ErrorRatio, from), Ok(Some(false)), "{text}");
            assert_eq!(is_good(share.value(), SampleKind::SuccessRatio, from), Ok(Some(true)), "{text}");
        }
    }
}
