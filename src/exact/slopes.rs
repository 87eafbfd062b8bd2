//! Derivatives by the relative change of each number of a model, as they are added up.
//!
//! A time that is a mixture of exponentials has a number for each branch, its mean, and one for how likely it is, beside the mean of the
//! whole, by which all branches move together. What only knows the mean of the whole, `m = sum w_i m_i`, hands down
//! `d ln m / d ln m_i = w_i m_i / m`. A weight that grows by a share takes `w_i / (1 - w_i)` of it from each of the others, so
//! `d ln m / d ln w_i = w_i m_i / m - w_i / (1 - w_i) (1 - w_i m_i / m)`.

use std::collections::BTreeMap;

use crate::measure::Lever;
use crate::numeric::sum::Sum;
use crate::topology::Model;
use crate::topology::parameter::{Item, Parameter};

/// What a relative change does to the unavailability and to the frequency.
type Slope = [f64; 2];

/// The derivatives so far; for a probability that something works by the relative change of its complement.
#[derive(Debug)]
pub(crate) struct Slopes<'a> {
    model: &'a Model,
    by: BTreeMap<(Parameter, Option<Item>), [Sum; 2]>,
}

impl<'a> Slopes<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        Self { model, by: BTreeMap::new() }
    }

    /// What a number does that counts by its value, a time by its mean.
    pub(crate) fn add(&mut self, parameter: Parameter, slope: Slope) {
        self.add_to(parameter, None, slope, 1.0);
        let Some(mixture) = parameter.mixture(self.model) else { return };
        let branches = mixture.branches();
        let part = |branch: &usize| mixture.weights[*branch] * mixture.means[*branch];
        let mean: f64 = branches.iter().map(part).sum();
        for branch in branches {
            let share = part(&branch) / mean;
            self.add_to(parameter, Some(Item::Mean(branch)), slope, share);
            self.add_to(
                parameter,
                Some(Item::Weight(branch)),
                slope,
                share - mixture.pushed_aside(branch) * (1.0 - share),
            );
        }
    }

    /// What a time does in one of its branches.
    pub(crate) fn add_in_branch(&mut self, parameter: Parameter, branch: u16, slope: Slope) {
        self.add_to(parameter, None, slope, 1.0);
        self.add_to(parameter, Some(Item::Mean(usize::from(branch))), slope, 1.0);
    }

    /// What it does that a clock takes a branch.
    pub(crate) fn add_start(&mut self, parameter: Parameter, taken: u16, slope: Slope) {
        let Some(mixture) = parameter.mixture(self.model) else { return };
        for branch in mixture.branches() {
            let grows = if branch == usize::from(taken) { 1.0 } else { -mixture.pushed_aside(branch) };
            self.add_to(parameter, Some(Item::Weight(branch)), slope, grows);
        }
    }

    fn add_to(&mut self, parameter: Parameter, item: Option<Item>, slope: Slope, factor: f64) {
        let sums = self.by.entry((parameter, item)).or_default();
        sums[0].add(factor * slope[0]);
        sums[1].add(factor * slope[1]);
    }

    /// The numbers that do anything, those that save most first.
    pub(crate) fn levers(self, has_frequency: bool) -> Vec<Lever> {
        let lever = |((parameter, item), sums)| lever(self.model, (parameter, item), sums, has_frequency);
        let mut levers: Vec<Lever> = self.by.into_iter().filter_map(lever).collect();
        levers.sort_by(|a, b| b.saved.total_cmp(&a.saved).then_with(|| a.key.cmp(&b.key)));
        levers
    }
}

fn lever(
    model: &Model,
    (parameter, item): (Parameter, Option<Item>),
    [down, frequency]: [Sum; 2],
    has_frequency: bool,
) -> Option<Lever> {
    let (down, frequency) = (down.value(), frequency.value());
    let value = match item {
        None => parameter.value(model)?,
        Some(item) => parameter.mixture(model)?.value(item),
    };
    // By the value itself.
    let scale = parameter.complement(model).map_or(value, |fails| -fails);
    let is_weight = matches!(item, Some(Item::Weight(_)));
    let better = match parameter {
        Parameter::Life(..) | Parameter::DomainLife(_) if !is_weight => -1.0,
        _ => 1.0,
    };
    (down != 0.0 || frequency != 0.0).then(|| Lever {
        key: parameter.key(model) + &item.map_or_else(String::new, Item::key),
        is_time: parameter.is_time() && !is_weight,
        value,
        unavailability: down / scale,
        frequency: has_frequency.then_some(frequency / scale),
        saved: better * down + 0.0,
        saved_outages: has_frequency.then_some(better * frequency + 0.0),
    })
}
