//! Reads documents of OpenSLO v1 and checks them; all mistakes of a file are listed at once.

mod alert;
mod indicator;
mod objective;
mod window;

use std::ops::Range;

use crate::data::mistake::{Mistake, quoted};
use crate::data::open_slo::fields::{Fields, Mistakes, listed, nearest};
use crate::data::open_slo::read::alert::{Condition, Policy};
use crate::data::open_slo::slo::{Alert, Budgeting, IndicatorKind, ObjectiveOfFile, Slo};
use crate::data::open_slo::tree::{Node, Value, documents};

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its objectives, in order.
    pub slos: Vec<Slo>,
    /// What only a metrics system or a pager needs: named, not read.
    pub unused: Vec<Unused>,
}

/// A part of a file that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// `DataSource`, `Service` and so on.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
    /// Where it stands.
    pub place: Range<usize>,
}

/// The version that is read.
const VERSION: &str = "openslo/v1";
const KINDS: [&str; 7] =
    ["SLO", "SLI", "AlertPolicy", "AlertCondition", "DataSource", "Service", "AlertNotificationTarget"];
/// Longest `description`, in characters.
const LONGEST_DESCRIPTION: usize = 1_050;
/// More mistakes of one file are not listed.
const MOST_MISTAKES: usize = 50;
/// Longest `metadata.name`, in characters.
const LONGEST_NAME: usize = 255;

/// What has been found, with references that are not followed yet.
#[derive(Debug, Default)]
struct Found {
    slos: Vec<(Slo, References)>,
    indicators: Vec<(String, IndicatorKind)>,
    policies: Vec<Policy>,
    conditions: Vec<Alert>,
    unused: Vec<Unused>,
}

/// What an objective refers to by name.
#[derive(Debug, Default)]
struct References {
    policies: Vec<String>,
    inline: Vec<Policy>,
}

/// Reads the documents of a file.
///
/// # Errors
/// All mistakes, in order of their places.
pub fn read(text: &str) -> Result<Document, Vec<Mistake>> {
    let mut mistakes = Mistakes::new();
    let mut found = Found::default();
    for node in &documents(text).map_err(|mistake| vec![mistake])? {
        if !node.is_null() {
            found.document(node, &mut mistakes);
        }
    }
    if mistakes.is_empty() && found.slos.is_empty() {
        let mistake = Mistake::new(0..0, "the file holds no `SLO`");
        mistakes.push(mistake.help("an objective begins with `apiVersion: openslo/v1` and `kind: SLO`"));
    }
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|mistake| mistake.span.start);
        mistakes.truncate(MOST_MISTAKES);
        return Err(mistakes);
    }
    Ok(found.resolved())
}

/// `metadata` of an object.
struct Metadata {
    name: String,
    display_name: Option<String>,
}

impl Found {
    fn document(&mut self, node: &Node, mistakes: &mut Mistakes) {
        let Some(mut fields) = Fields::of(node, "the document", mistakes) else { return };
        let place = fields.place_of("apiVersion");
        let version = fields.needed_text("apiVersion", mistakes);
        if let Some(other) = version.filter(|version| version != VERSION) {
            let message = format!("`apiVersion` {} is not read", quoted(&other));
            mistakes.push(Mistake::new(place, message).help(format!("`{VERSION}` is")));
            return;
        }
        let Some(kind) = kind(&mut fields, mistakes) else { return };
        let metadata = metadata(&mut fields, mistakes);
        let spec = fields.needed("spec", mistakes);
        fields.end(mistakes);
        let (Some(metadata), Some(spec)) = (metadata, spec) else { return };
        match kind {
            "SLO" => self.slos.extend(slo(metadata, spec, node.span.clone(), mistakes)),
            "SLI" => {
                let kind = indicator::kind(spec, "spec", mistakes);
                self.indicators.extend(kind.map(|kind| (metadata.name.clone(), kind)));
            }
            "AlertPolicy" => self.policies.extend(alert::policy(metadata.name, spec, mistakes)),
            "AlertCondition" => self.conditions.extend(alert::condition(metadata.name, spec, mistakes)),
            _ => self.unused.push(Unused { kind: kind.to_owned(), name: metadata.name, place: node.span.clone() }),
        }
    }

    /// Follows references by name.
    fn resolved(self) -> Document {
        let Self { slos, indicators, policies, conditions, unused } = self;
        let resolve = |(mut slo, references): (Slo, References)| {
            if let Some(indicator) = slo.indicator.as_mut().filter(|found| found.kind == IndicatorKind::Elsewhere) {
                let known = indicators.iter().find(|(name, _)| Some(name) == indicator.name.as_ref());
                indicator.kind = known.map_or(IndicatorKind::Elsewhere, |(_, kind)| *kind);
            }
            let mut all = references.inline;
            for name in references.policies {
                match policies.iter().find(|policy| policy.name == name) {
                    Some(policy) => all.push(policy.clone()),
                    None => slo.missing_policies.push(name),
                }
            }
            let conditions_of = |policy: Policy| {
                let when_breaching = policy.when_breaching;
                policy.conditions.into_iter().map(move |condition| (condition, when_breaching))
            };
            for (condition, when_breaching) in all.into_iter().flat_map(conditions_of) {
                match condition {
                    Condition::Inline(alert) => slo.alerts.push(Alert { when_breaching, ..alert }),
                    Condition::Named(name) => match conditions.iter().find(|alert| alert.name == name) {
                        Some(alert) => slo.alerts.push(Alert { when_breaching, ..alert.clone() }),
                        None => slo.missing_policies.push(name),
                    },
                }
            }
            slo
        };
        Document { slos: slos.into_iter().map(resolve).collect(), unused }
    }
}

fn kind(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<&'static str> {
    let node = fields.needed("kind", mistakes)?;
    let Value::Scalar { text, .. } = &node.value else {
        mistakes.push(Mistake::new(node.span.clone(), format!("`kind` is {}, not a text", node.kind())));
        return None;
    };
    let known = KINDS.into_iter().find(|kind| kind == text);
    if known.is_none() {
        let mistake = Mistake::new(node.span.clone(), format!("there is no kind {}", quoted(text)));
        let help = nearest(text, &KINDS).map_or_else(|| listed(&KINDS), |name| format!("did you mean `{name}`?"));
        mistakes.push(mistake.help(help));
    }
    known
}

fn metadata(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> Option<Metadata> {
    let node = fields.needed("metadata", mistakes)?;
    let mut fields = Fields::of(node, "metadata", mistakes)?;
    let place = fields.place_of("name");
    let name = fields.needed_text("name", mistakes);
    let display_name = fields.text("displayName", mistakes);
    // Labels and annotations mean something to other systems only.
    fields.take("labels");
    fields.take("annotations");
    fields.end(mistakes);
    let name = name?;
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        let message = format!("the name {} has not from 1 to {LONGEST_NAME} letters", quoted(&name));
        mistakes.push(Mistake::new(place, message));
        return None;
    }
    Some(Metadata { name, display_name })
}

/// Takes `description`, which no result depends on.
fn description(fields: &mut Fields<'_>, mistakes: &mut Mistakes) {
    let place = fields.place_of("description");
    let length = fields.text("description", mistakes).map_or(0, |text| text.chars().count());
    if length > LONGEST_DESCRIPTION {
        let message = format!("`description` has {length} letters; at most {LONGEST_DESCRIPTION} are allowed");
        mistakes.push(Mistake::new(place, message));
    }
}

fn slo(metadata: Metadata, spec: &Node, place: Range<usize>, mistakes: &mut Mistakes) -> Option<(Slo, References)> {
    let before = mistakes.len();
    let mut fields = Fields::of(spec, "spec", mistakes)?;
    let method_place = fields.place_of("budgetingMethod");
    description(&mut fields, mistakes);
    let service = fields.text("service", mistakes);
    let indicator = indicator::of_slo(&mut fields, mistakes);
    let window = window::of_slo(&mut fields, mistakes);
    let budgeting = budgeting(&mut fields, method_place, mistakes);
    let objectives = objectives(&mut fields, budgeting, mistakes);
    let references = policies(&mut fields, mistakes);
    fields.end(mistakes);
    let slo = Slo {
        name: metadata.name,
        display_name: metadata.display_name,
        service,
        indicator,
        window,
        budgeting: budgeting?,
        objectives,
        alerts: Vec::new(),
        missing_policies: Vec::new(),
        place,
    };
    (mistakes.len() == before).then_some((slo, references))
}

fn budgeting(fields: &mut Fields<'_>, place: Range<usize>, mistakes: &mut Mistakes) -> Option<Budgeting> {
    const NAMES: [&str; 3] = ["Occurrences", "Timeslices", "RatioTimeslices"];
    let name = fields.needed_text("budgetingMethod", mistakes)?;
    match name.as_str() {
        "Occurrences" => Some(Budgeting::Occurrences),
        "Timeslices" => Some(Budgeting::Timeslices),
        "RatioTimeslices" => Some(Budgeting::RatioTimeslices),
        _ => {
            let help = nearest(&name, &NAMES).map_or_else(|| listed(&NAMES), |name| format!("did you mean `{name}`?"));
            mistakes.push(Mistake::new(place, format!("there is no budgeting method {}", quoted(&name))).help(help));
            None
        }
    }
}

fn objectives(fields: &mut Fields<'_>, budgeting: Option<Budgeting>, mistakes: &mut Mistakes) -> Vec<ObjectiveOfFile> {
    let place = fields.place();
    let nodes = fields.list("objectives", mistakes);
    if nodes.is_empty() {
        mistakes.push(Mistake::new(place, "`spec` needs `objectives`, at least one"));
    }
    let Some(budgeting) = budgeting else { return Vec::new() };
    nodes.iter().filter_map(|node| objective::of_list(node, budgeting, mistakes)).collect()
}

/// Policies: inline, or by name.
fn policies(fields: &mut Fields<'_>, mistakes: &mut Mistakes) -> References {
    let mut references = References::default();
    for node in fields.list("alertPolicies", mistakes) {
        if let Value::Scalar { text, .. } = &node.value {
            // Older files name the policy without a key.
            references.policies.push(text.clone());
            continue;
        }
        let Some(mut fields) = Fields::of(node, "alertPolicies", mistakes) else { continue };
        if let Some(name) = fields.text("alertPolicyRef", mistakes) {
            references.policies.push(name);
            fields.end(mistakes);
            continue;
        }
        references.inline.extend(
            inline(fields, "AlertPolicy", mistakes).and_then(|(name, spec)| alert::policy(name, spec, mistakes)),
        );
    }
    references
}

/// An object inside of another one: its name and its `spec`.
fn inline<'a>(mut fields: Fields<'a>, kind: &str, mistakes: &mut Mistakes) -> Option<(String, &'a Node)> {
    let place = fields.place_of("kind");
    if let Some(other) = fields.text("kind", mistakes).filter(|other| other != kind) {
        mistakes.push(Mistake::new(place, format!("{} stands where a `{kind}` belongs", quoted(&other))));
        return None;
    }
    fields.take("apiVersion");
    let metadata = metadata(&mut fields, mistakes);
    let spec = fields.needed("spec", mistakes);
    fields.end(mistakes);
    Some((metadata?.name, spec?))
}

#[cfg(test)]
mod tests;
