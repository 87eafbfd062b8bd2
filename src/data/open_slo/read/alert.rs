//! Alert policies and their conditions.

use crate::data::mistake::{Mistake, quoted};
use crate::data::open_slo::fields::{Fields, Mistakes};
use crate::data::open_slo::read::window::length;
use crate::data::open_slo::slo::{Alert, Comparison};
use crate::data::open_slo::tree::{Node, Value};

/// A policy with its conditions.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) conditions: Vec<Condition>,
    pub(super) when_breaching: bool,
}

/// A condition in place or by name.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Inline(Alert),
    Named(String),
}

/// The `spec` of a policy. Whom it tells is left alone.
pub(super) fn policy(name: String, spec: &Node, mistakes: &mut Mistakes) -> Option<Policy> {
    let mut fields = Fields::of(spec, "spec", mistakes)?;
    super::description(&mut fields, mistakes);
    for when in ["alertWhenNoData", "alertWhenResolved"] {
        fields.truth(when, mistakes);
    }
    let when_breaching = fields.truth("alertWhenBreaching", mistakes).unwrap_or(true);
    fields.take("notificationTargets");
    let place = fields.place();
    let nodes = fields.list("conditions", mistakes);
    fields.end(mistakes);
    if nodes.len() != 1 {
        let place = nodes.get(1).map_or(place, |node| node.span.clone());
        mistakes.push(Mistake::new(place, format!("a policy has exactly one condition, not {}", nodes.len())));
    }
    let conditions = nodes.iter().filter_map(|node| of_list(node, mistakes)).collect();
    Some(Policy { name, conditions, when_breaching })
}

fn of_list(node: &Node, mistakes: &mut Mistakes) -> Option<Condition> {
    let mut fields = Fields::of(node, "conditions", mistakes)?;
    if let Some(name) = fields.text("conditionRef", mistakes) {
        fields.end(mistakes);
        return Some(Condition::Named(name));
    }
    let (name, spec) = super::inline(fields, "AlertCondition", mistakes)?;
    condition(name, spec, mistakes).map(Condition::Inline)
}

/// The `spec` of a condition.
pub(super) fn condition(name: String, spec: &Node, mistakes: &mut Mistakes) -> Option<Alert> {
    let mut fields = Fields::of(spec, "spec", mistakes)?;
    super::description(&mut fields, mistakes);
    let severity = fields.needed_text("severity", mistakes);
    let node = fields.needed("condition", mistakes);
    fields.end(mistakes);
    let mut fields = Fields::of(node?, "condition", mistakes)?;
    let place = fields.place_of("op");
    let kind_place = fields.place_of("kind");
    if let Some(kind) = fields.text("kind", mistakes).filter(|kind| kind != "burnrate") {
        let mistake = Mistake::new(kind_place, format!("conditions of kind {} are not read", quoted(&kind)));
        mistakes.push(mistake.help("`burnrate` is"));
    }
    let comparison = fields.needed_text("op", mistakes).and_then(|op| comparison(&op, &place, mistakes));
    let threshold = fields.needed("threshold", mistakes).and_then(|node| threshold(node, mistakes));
    let lookback = fields.needed("lookbackWindow", mistakes);
    let lookback = lookback.and_then(|node| length(node, "lookbackWindow", None, mistakes));
    let after = match fields.take("alertAfter") {
        Some(node) if matches!(&node.value, Value::Scalar { text, .. } if text == "0m") => Some(0),
        Some(node) => length(node, "alertAfter", None, mistakes),
        None => Some(0),
    };
    fields.end(mistakes);
    Some(Alert {
        name,
        severity: severity?,
        comparison: comparison?,
        threshold: threshold?,
        lookback_seconds: lookback?,
        after_seconds: after?,
        when_breaching: true,
        place,
    })
}

fn comparison(op: &str, place: &std::ops::Range<usize>, mistakes: &mut Mistakes) -> Option<Comparison> {
    match op {
        "lt" => Some(Comparison::Less),
        "lte" => Some(Comparison::LessOrEqual),
        "gt" => Some(Comparison::Greater),
        "gte" => Some(Comparison::GreaterOrEqual),
        _ => {
            let mistake = Mistake::new(place.clone(), format!("there is no `op` {}", quoted(op)));
            mistakes.push(mistake.help("`lte`, `gte`, `lt`, `gt`"));
            None
        }
    }
}

/// A burn rate above 0 of at most nine decimals, as it is written.
fn threshold(node: &Node, mistakes: &mut Mistakes) -> Option<String> {
    let text = match &node.value {
        Value::Scalar { text, is_plain: true } => text.trim(),
        _ => "",
    };
    let found = crate::quantity::Decimal::parse(text).ok().filter(|number| !number.is_zero());
    if found.is_none() {
        mistakes.push(Mistake::new(node.span.clone(), "`threshold` is not a number above 0"));
    }
    found.map(|_| text.to_owned())
}
