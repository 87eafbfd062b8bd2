//! What happens in the time after everything was up, and how long outages last.
//!
//! The probabilities of a Markov chain's states at a time t are found from their Laplace transforms ([`inversion`]), which are
//! solved for at a few complex numbers by sweeps ([`resolvent`]): stiff chains cost no more than others, and small probabilities
//! keep their digits, because nothing is subtracted from 1. A number is given only where two numbers of nodes
//! agree ([`agree`]).
//!
//! - Point unavailability: independent pieces one by one, joined by the diagram ([`pieces`]).
//! - Expected downtime: the joint chain, or the integral of the above ([`quadrature`]).
//! - The first outage (`joint`) and the lengths of outages (`lengths`): the joint chain alone.
//!
//! Every time must be exponential or made of phases, or is fitted with them, also of plain units, where only means matter in the long run. Checked in
//! `tests/transient.rs` against closed forms and against matrix exponentials in 60 digits.

mod agree;
mod complex;
mod convergence;
pub mod drn;
mod extrapolate;
mod inversion;
mod joint;
mod lengths;
mod pieces;
mod quadrature;
mod resolvent;

use crate::exact::applies::{Dependent, ProductForms};
use crate::exact::transient::agree::{Rules, at_most_one};
use crate::exact::transient::joint::{FirstOutage, Joint};
use crate::exact::transient::lengths::{Beyond, Lengths, Level};
use crate::exact::transient::pieces::Pieces;
use crate::exact::{Error, Settings, approximate, fitted, list};
use crate::measure::{BeyondObjective, LengthQuantile, Observer, PointMeasures, TransientMeasures, Warning};
use crate::quantity::counted;
use crate::structure::partition::{Partition, Purpose};
use crate::structure::times;
use crate::topology::Model;

/// What is asked. Times in seconds, positive and finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Questions {
    /// Times after all-up.
    pub times: Vec<f64>,
    /// Whether the mean time to the first outage is asked for.
    pub first_outage: bool,
    /// Recovery-time objectives.
    pub objectives: Vec<f64>,
    /// Probabilities of quantiles of the outage length, strictly between 0 and 1, with their complements.
    pub quantiles: Vec<(f64, f64)>,
}

impl Questions {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn ask_lengths(&self) -> bool {
        !(self.objectives.is_empty() && self.quantiles.is_empty())
    }
}

/// Answers `questions` about `model`.
///
/// # Errors
/// When a time that matters is neither made of phases nor to be fitted, or unknown, when a piece is too large, or when `observer` ends it. What only the
/// joint chain can tell is left out with a warning when that is too large.
pub fn solve(
    model: &Model,
    questions: &Questions,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<TransientMeasures, Error> {
    if !times::exist(model, settings.max_nodes, observer)? {
        return Err(Error::NoTimes);
    }
    let everything = Partition::undivided(model);
    if !settings.approximate {
        let what = "measures at a time and of outage lengths need times made of phases everywhere";
        let phased = Dependent::of(model, &everything, ProductForms::DoNotCount).phased_for(settings, what)?;
        let mut measures = measures(model, questions, settings, observer)?;
        let message = |fitted| format!("at a time and of outage lengths, fitted {fitted}; the error is not bounded");
        let warning = |fitted| Warning { code: "fitted_times", message: message(fitted) };
        measures.warnings.extend(fitted(&phased).map(warning));
        return Ok(measures);
    }
    let (twin, fields) = approximate::exponential_where_needed(model, &everything, ProductForms::DoNotCount);
    let mut measures = measures(&twin, questions, settings, observer)?;
    if !fields.is_empty() {
        let message = format!(
            "at a time and of outage lengths, {} count as exponential with the same mean; the error is not bounded",
            list(&fields)
        );
        measures.warnings.push(Warning { code: "approximate_times", message });
    }
    Ok(measures)
}

fn measures(
    model: &Model,
    questions: &Questions,
    settings: &Settings,
    observer: &dyn Observer,
) -> Result<TransientMeasures, Error> {
    let model = &*model.with_active_redundancy();
    let solver = Solver { rules: Rules::new(), observer };
    let partition = Partition::of(model, Purpose::Availability);
    let is_one_chain = partition.modules.len() == 1 && partition.plain.is_empty() && partition.domains.is_empty();
    let pieces = if is_one_chain { None } else { Some(Pieces::new(model, &partition, settings, observer)?) };
    let mut answers = Answers::default();
    let joint = joint(model, pieces.as_ref(), settings, observer, &mut answers)?;
    let first = joint.as_ref().map(Joint::first_outage);
    for &time in &questions.times {
        let point = solver.point(time, pieces.as_ref(), joint.as_ref(), first.as_ref())?;
        answers.note_point(&point, joint.is_some());
        answers.measures.points.push(point);
    }
    if questions.first_outage
        && let Some(first) = &first
    {
        answers.first_outage(first, observer)?;
    }
    if questions.ask_lengths() {
        solver.lengths(joint.as_ref(), questions, &mut answers)?;
    }
    Ok(answers.into_measures())
}

/// The joint chain, if it is small enough.
fn joint(
    model: &Model,
    pieces: Option<&Pieces>,
    settings: &Settings,
    observer: &dyn Observer,
    answers: &mut Answers,
) -> Result<Option<Joint>, Error> {
    let is_too_large = pieces.is_some_and(|pieces| pieces.least_joint_states() > settings.max_states as f64);
    let found = if is_too_large { None } else { Some(Joint::new(model, settings, observer)) };
    match found {
        Some(Ok(joint)) => Ok(Some(joint)),
        Some(Err(Error::TooMuchMemory { limit, .. })) => {
            let message = format!(
                "the first outage and the lengths of outages need one Markov chain over all parts, which takes more than \
                 {} MiB; `--max-memory` allows more",
                limit >> 20
            );
            answers.fail("joint_chain_too_large", message);
            Ok(None)
        }
        None | Some(Err(Error::TooManyStates { .. })) => {
            let message = format!(
                "the first outage and the lengths of outages need one Markov chain over all parts, which has more than \
                 {}; `--max-states` allows more",
                counted(settings.max_states as u64, "state")
            );
            answers.fail("joint_chain_too_large", message);
            Ok(None)
        }
        Some(Err(error)) => Err(error),
    }
}

struct Solver<'a> {
    rules: Rules,
    observer: &'a dyn Observer,
}

impl Solver<'_> {
    fn point(
        &self,
        time: f64,
        pieces: Option<&Pieces>,
        joint: Option<&Joint>,
        first: Option<&FirstOutage>,
    ) -> Result<PointMeasures, Error> {
        let (rules, observer) = (&self.rules, self.observer);
        let joint_down = joint.map(|joint| joint.down(time, rules, observer)).transpose().map_err(Error::Stopped)?;
        let [joint_unavailability, joint_downtime] = joint_down.unwrap_or_default();
        let of_pieces = pieces.map(|pieces| pieces.unavailability(time, rules, observer));
        let unavailability = of_pieces.transpose().map_err(Error::Stopped)?.flatten().or(joint_unavailability);
        let downtime = match (joint_down, pieces) {
            (None, Some(pieces)) => pieces.downtime(time, rules, observer).map_err(Error::Stopped)?,
            _ => joint_downtime,
        };
        let outage = first.map(|first| first.probability(time, rules, observer));
        let outage_probability = outage.transpose().map_err(Error::Stopped)?.flatten();
        Ok(PointMeasures {
            time,
            unavailability: unavailability.map(at_most_one),
            downtime: downtime.map(|downtime| downtime.min(time)),
            outage_probability: outage_probability.map(at_most_one),
        })
    }

    fn lengths(&self, joint: Option<&Joint>, questions: &Questions, answers: &mut Answers) -> Result<(), Error> {
        let lengths = joint.map(|joint| joint.lengths(self.observer)).transpose().map_err(Error::Stopped)?.flatten();
        for &objective in &questions.objectives {
            let beyond = self.beyond(lengths.as_ref(), objective)?;
            answers.note("outages longer than an objective", lengths.is_some() && beyond.share_of_outages.is_none());
            answers.measures.beyond.push(BeyondObjective {
                objective,
                share_of_outages: beyond.share_of_outages.map(at_most_one),
                share_of_downtime: beyond.share_of_downtime.map(at_most_one),
            });
        }
        for &(within, beyond) in &questions.quantiles {
            let found =
                lengths.as_ref().map(|lengths| lengths.quantile(Level { within, beyond }, &self.rules, self.observer));
            let length = found.transpose().map_err(Error::Stopped)?.flatten();
            answers.note("a quantile of the outage length", lengths.is_some() && length.is_none());
            answers.measures.quantiles.push(LengthQuantile { probability: within, length });
        }
        match joint {
            Some(joint) if lengths.is_none() && joint.first_outage().is_possible() => {
                answers.fail("no_outage_lengths", "the chain mixes too slowly to tell how long outages last".into());
            }
            _ => {}
        }
        Ok(())
    }

    fn beyond(&self, lengths: Option<&Lengths>, objective: f64) -> Result<Beyond, Error> {
        let found = lengths.map(|lengths| lengths.beyond(objective, &self.rules, self.observer));
        Ok(found.transpose().map_err(Error::Stopped)?.unwrap_or_default())
    }
}

/// The measures so far, and whether any is missing.
#[derive(Default)]
struct Answers {
    measures: TransientMeasures,
    failed: bool,
}

impl Answers {
    fn fail(&mut self, code: &'static str, message: String) {
        self.failed = true;
        if self.measures.warnings.iter().all(|warning| warning.code != code) {
            self.measures.warnings.push(Warning { code, message });
        }
    }

    fn note(&mut self, what: &str, is_missing: bool) {
        if is_missing {
            self.fail("not_accurate", format!("{what} could not be computed to 1e-10, and is left out"));
        }
    }

    fn note_point(&mut self, point: &PointMeasures, has_joint: bool) {
        let at = |what: &str| format!("{what} at {} s", point.time);
        self.note(&at("the unavailability"), point.unavailability.is_none());
        self.note(&at("the expected downtime"), point.downtime.is_none());
        self.note(&at("the probability of an outage"), has_joint && point.outage_probability.is_none());
    }

    fn first_outage(&mut self, first: &FirstOutage, observer: &dyn Observer) -> Result<(), Error> {
        if first.is_possible() {
            let mean = first.mean_time(observer).map_err(Error::Stopped)?;
            self.note("the mean time to the first outage", mean.is_none());
            self.measures.mean_time_to_first_outage = mean;
        }
        Ok(())
    }

    fn into_measures(self) -> TransientMeasures {
        TransientMeasures { is_complete: !self.failed, ..self.measures }
    }
}
