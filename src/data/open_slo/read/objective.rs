//! Targets and slices.

use crate::data::mistake::{Mistake, quoted};
use crate::data::open_slo::fields::{Fields, Mistakes};
use crate::data::open_slo::read::window::length;
use crate::data::open_slo::slo::{Budgeting, ObjectiveOfFile, Slices};
use crate::data::open_slo::tree::{Node, Value};
use crate::quantity::{Objective, Probability, TargetError};

/// How the text of a target is read.
type Reader = fn(&str) -> Result<Objective, TargetError>;

/// An entry of `objectives`.
pub(super) fn of_list(node: &Node, budgeting: Budgeting, mistakes: &mut Mistakes) -> Option<ObjectiveOfFile> {
    let before = mistakes.len();
    let mut fields = Fields::of(node, "objectives", mistakes)?;
    let name = fields.text("displayName", mistakes);
    limit(&mut fields, mistakes);
    for refused in ["composite", "compositeWeight", "indicator", "indicatorRef"] {
        if let Some(node) = fields.take(refused) {
            let message = format!("`{refused}` of an objective is not read");
            mistakes.push(Mistake::new(node.span.clone(), message).help("give each part an `SLO` of its own"));
        }
    }
    let objective = target(&mut fields, mistakes);
    let slices = slices(&mut fields, budgeting, mistakes);
    fields.end(mistakes);
    let found = ObjectiveOfFile { name, objective: objective?, slices };
    (mistakes.len() == before).then_some(found)
}

/// `op` and `value` of a threshold: checked, since a metrics system needs them.
fn limit(fields: &mut Fields<'_>, mistakes: &mut Mistakes) {
    let place = fields.place();
    let op = fields.text("op", mistakes);
    if let Some(wrong) = op.filter(|op| !["lte", "gte", "lt", "gt"].contains(&op.as_str())) {
        mistakes
            .push(Mistake::new(place, format!("there is no `op` {}", quoted(&wrong))).help("`lte`, `gte`, `lt`, `gt`"));
    }
    if let Some(node) = fields.take("value") {
        let is_number = number(node).is_some_and(|text| text.parse::<f64>().is_ok_and(f64::is_finite));
        if !is_number {
            mistakes.push(Mistake::new(node.span.clone(), "`value` is not a number"));
        }
    }
}

/// The text of a number: a plain scalar.
fn number(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, is_plain: true } => Some(text.trim()),
        _ => None,
    }
}

fn target(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<Objective> {
    let place = fields.place();
    let (share, percent) = (fields.take("target"), fields.take("targetPercent"));
    let (node, read, limit): (_, Reader, _) = match (share, percent) {
        (Some(node), None) => (node, Objective::from_share, "0 and 1, such as `0.9995`"),
        (None, Some(node)) => (node, Objective::from_percent, "0 and 100, such as `99.95`"),
        (Some(_), Some(_)) => {
            mistakes.push(Mistake::new(place, "`target` and `targetPercent` exclude each other"));
            return None;
        }
        (None, None) => {
            mistakes.push(Mistake::new(place, "the objective needs `target` or `targetPercent`"));
            return None;
        }
    };
    let found = number(node).and_then(|text| read(text).ok());
    if found.is_none() {
        let shown = match &node.value {
            Value::Scalar { text, .. } => quoted(text),
            _ => node.kind().to_owned(),
        };
        let mistake = Mistake::new(node.span.clone(), format!("{shown} is no target"));
        mistakes.push(mistake.help(format!("a number without quotes strictly between {limit}, is expected")));
    }
    found
}

fn slices(fields: &mut Fields<'_>, budgeting: Budgeting, mistakes: &mut Mistakes) -> Option<Slices> {
    let place = fields.place();
    let (window, target) = (fields.take("timeSliceWindow"), fields.take("timeSliceTarget"));
    if budgeting == Budgeting::Occurrences {
        for node in [window, target].into_iter().flatten() {
            let mistake = Mistake::new(node.span.clone(), "slices have no meaning for `Occurrences`");
            mistakes.push(mistake.help("`budgetingMethod: Timeslices` counts slices"));
        }
        return None;
    }
    let Some(window) = window else {
        mistakes.push(Mistake::new(place, "the objective needs `timeSliceWindow`, such as `1m`"));
        return None;
    };
    // A bare number counts minutes.
    let seconds = length(window, "timeSliceWindow", Some(60), mistakes);
    if budgeting == Budgeting::RatioTimeslices {
        return Some(Slices { seconds: seconds?, target: None });
    }
    let Some(node) = target else {
        mistakes
            .push(Mistake::new(place, "the objective needs `timeSliceTarget`: the share below which a slice is bad"));
        return None;
    };
    let target = number(node).filter(|text| !text.contains('%')).and_then(|text| Probability::parse(text).ok());
    let target = target.filter(|target| target.value() > 0.0);
    if target.is_none() {
        let mistake = Mistake::new(node.span.clone(), "`timeSliceTarget` is not a number above 0 and up to 1");
        mistakes.push(mistake);
    }
    Some(Slices { seconds: seconds?, target: Some(target?) })
}
