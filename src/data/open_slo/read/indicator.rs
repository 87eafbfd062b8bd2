//! What is measured: its kind only; queries belong to a metrics system.

use crate::data::mistake::Mistake;
use crate::data::open_slo::fields::{Fields, Mistakes};
use crate::data::open_slo::slo::{Indicator, IndicatorKind};
use crate::data::open_slo::tree::Node;

/// `indicator` or `indicatorRef` of an objective.
pub(super) fn of_slo(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<Indicator> {
    let place = fields.place();
    let named = fields.text("indicatorRef", mistakes);
    match (fields.take("indicator"), named) {
        (Some(_), Some(_)) => {
            mistakes.push(Mistake::new(place, "`indicator` and `indicatorRef` exclude each other"));
            None
        }
        (None, Some(name)) => Some(Indicator { name: Some(name), kind: IndicatorKind::Elsewhere }),
        (Some(node), None) => inline(node, mistakes),
        (None, None) => {
            mistakes.push(Mistake::new(place, "`spec` needs `indicator` or `indicatorRef`"));
            None
        }
    }
}

fn inline(node: &Node, mistakes: &mut Mistakes) -> Option<Indicator> {
    let mut fields = Fields::of(node, "indicator", mistakes)?;
    fields.take("kind");
    fields.take("apiVersion");
    let name = fields.take("metadata").and_then(|node| {
        let mut fields = Fields::of(node, "indicator.metadata", mistakes)?;
        fields.text("name", mistakes)
    });
    let spec = fields.needed("spec", mistakes);
    fields.end(mistakes);
    let kind = kind(spec?, "indicator.spec", mistakes)?;
    Some(Indicator { name, kind })
}

/// The kind of a `spec` of an indicator.
pub(super) fn kind(spec: &Node, path: &str, mistakes: &mut Mistakes) -> Option<IndicatorKind> {
    let mut fields = Fields::of(spec, path, mistakes)?;
    let place = fields.place();
    super::description(&mut fields, mistakes);
    let (ratio, threshold) = (fields.take("ratioMetric"), fields.take("thresholdMetric"));
    fields.end(mistakes);
    match (ratio, threshold) {
        (Some(node), None) => ratio_kind(node, mistakes),
        (None, Some(_)) => Some(IndicatorKind::Threshold),
        (Some(_), Some(_)) => {
            mistakes.push(Mistake::new(place, "`ratioMetric` and `thresholdMetric` exclude each other"));
            None
        }
        (None, None) => {
            mistakes.push(Mistake::new(place, format!("`{path}` needs `ratioMetric` or `thresholdMetric`")));
            None
        }
    }
}

fn ratio_kind(node: &Node, mistakes: &mut Mistakes) -> Option<IndicatorKind> {
    let mut fields = Fields::of(node, "ratioMetric", mistakes)?;
    let place = fields.place();
    fields.truth("counter", mistakes);
    let [good, bad, total, raw] = ["good", "bad", "total", "raw"].map(|field| fields.take(field).is_some());
    let raw_type = fields.text("rawType", mistakes);
    fields.end(mistakes);
    let wrong = match (raw, good || bad || total) {
        (true, true) => Some("`raw` excludes `good`, `bad` and `total`"),
        (false, false) => Some("`ratioMetric` needs `total` with `good` or `bad`, or else `raw`"),
        (true, false) if !matches!(raw_type.as_deref(), Some("success" | "failure")) => {
            Some("`raw` needs `rawType`, either `success` or `failure`")
        }
        (true, false) => return Some(IndicatorKind::RawRatio),
        (false, true) if good && bad => Some("`good` and `bad` exclude each other"),
        (false, true) if !total || !(good || bad) => {
            Some("`ratioMetric` needs both `total` and one of `good` and `bad`")
        }
        (false, true) if raw_type.is_some() => Some("`rawType` is for `raw` only"),
        (false, true) => return Some(IndicatorKind::Ratio),
    };
    mistakes.extend(wrong.map(|message| Mistake::new(place, message)));
    None
}
