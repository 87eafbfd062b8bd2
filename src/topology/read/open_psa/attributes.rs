//! Which attributes the elements have. Another one would be left out unseen.

use roxmltree::{Attribute, Node};

use crate::topology::read::Mistake;

/// What is not known of the elements below `root`, in the order of the file. Elements that are not understood are refused elsewhere;
/// attributes of other namespaces, such as the place of a schema, say nothing about the model.
pub(crate) fn unknown(root: Node<'_, '_>) -> Vec<Mistake> {
    let elements = root.descendants().filter(Node::is_element);
    elements.flat_map(|element| element.attributes().filter_map(move |attribute| check(element, &attribute))).collect()
}

fn check(element: Node<'_, '_>, attribute: &Attribute<'_, '_>) -> Option<Mistake> {
    let (kind, name) = (element.tag_name().name(), attribute.name());
    let known = known(kind)?;
    if attribute.namespace().is_some() {
        return None;
    }
    if !known.contains(&name) {
        let mistake = Mistake::new(attribute.range_qname(), format!("`{kind}` has no attribute `{name}`"));
        let mistake = mistake.nearest(name, known.iter().copied());
        return Some(match known {
            [] => mistake.expected("no attributes"),
            _ => mistake.expected(known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        });
    }
    let values: &[&str] = match (kind, name) {
        (_, "role") => &["public", "private"],
        ("system-mission-time", "unit") => &["hours"],
        _ => return None,
    };
    let value = attribute.value().trim();
    (!values.contains(&value)).then(|| {
        let expected = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
        Mistake::new(attribute.range(), format!("`{value}` is no `{name}` of `{kind}`")).expected(expected)
    })
}

/// Nothing for elements that are not understood.
fn known(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "opsa-mef" | "define-fault-tree" | "model-data" | "gate" | "basic-event" | "house-event" => &["name"],
        "define-gate" | "define-basic-event" | "define-house-event" => &["name", "role"],
        "define-parameter" => &["name", "role", "unit"],
        "define-CCF-group" => &["name", "model"],
        "event" => &["name", "type"],
        "parameter" => &["name", "unit"],
        "system-mission-time" => &["unit"],
        "constant" | "float" | "int" => &["value"],
        "attribute" => &["name", "value", "type"],
        "atleast" => &["min"],
        "factor" => &["level"],
        "and" | "or" | "not" | "nand" | "nor" | "xor" | "iff" | "imply" | "exponential" | "GLM" | "add" | "sub"
        | "mul" | "div" | "members" | "distribution" | "factors" | "label" | "attributes" => &[],
        _ => return None,
    })
}
