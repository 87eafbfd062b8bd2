//! Reads an Open-PSA model exchange file (version 2.0d) with one fault tree.
//!
//! The definitions are registered first, so that references may run forwards. Formulas are walked with a stack of their
//! own: nesting is as deep as the file says. Whatever is not understood is refused at its place: an element that is
//! skipped would change the answer unseen. Document types with entities are refused before parsing.

mod attributes;
mod common_cause;
mod definitions;
mod expression;
mod formula;
mod syntax;

use roxmltree::{Document, Node, ParsingOptions};

use crate::topology::fault_tree::FaultTree;
use crate::topology::read::Mistake;
use crate::topology::read::open_psa::definitions::Definitions;

/// Whether a text is an XML document rather than TOML or JSON.
pub fn is_xml(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// What an Open-PSA file leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OpenPsaOptions<'a> {
    /// The gate that is the top event; without it, the only gate that no other one names.
    pub top: Option<&'a str>,
    /// What `system-mission-time` stands for, in hours.
    pub mission_hours: Option<f64>,
}

/// Reads the fault tree of an Open-PSA file.
///
/// # Errors
/// All mistakes of the first kind that is found, in the order of their places. One that is in `options.top` is in no place of the
/// file, but has a [`Mistake::change`].
pub fn read_open_psa(text: &str, options: OpenPsaOptions<'_>) -> Result<FaultTree, Vec<Mistake>> {
    if let Some(at) = text.find("<!ENTITY") {
        let message = "the document declares an entity, which could stand for any text";
        return Err(vec![Mistake::new(at..at + 8, message).expected("a document without entity declarations")]);
    }
    let parsing = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, parsing).map_err(|error| vec![syntax::mistake(text, &error)])?;
    let definitions = Definitions::collect(document.root_element())?;
    formula::fault_tree(&definitions, options)
}

/// A mistake at the start tag of an element.
fn mistake_at(node: Node<'_, '_>, message: impl Into<String>) -> Mistake {
    let start = node.range().start;
    Mistake::new(start..start + 1 + node.tag_name().name().len(), message)
}

/// The value of an attribute that must be there, and not be empty.
fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Result<&'a str, Mistake> {
    let kind = node.tag_name().name();
    let Some(attribute) = node.attribute_node(name) else {
        return Err(mistake_at(node, format!("`{kind}` has no attribute `{name}`")));
    };
    match node.attribute(name).map_or("", str::trim) {
        "" => Err(Mistake::new(attribute.range(), format!("the attribute `{name}` of `{kind}` is empty"))),
        value => Ok(value),
    }
}

/// The child elements; text between them is a mistake.
fn elements<'a, 'b>(node: Node<'a, 'b>) -> Result<Vec<Node<'a, 'b>>, Mistake> {
    let stray = node.children().find(|child| child.is_text() && !child.text().unwrap_or("").trim().is_empty());
    if let Some(text) = stray {
        let start = text.range().start;
        let word: String = text.text().unwrap_or("").trim().chars().take(40).collect();
        return Err(Mistake::new(start..start + 1, format!("`{word}` stands where only elements are expected")));
    }
    Ok(node.children().filter(Node::is_element).collect())
}

/// Refuses an element that is not understood, with the reason.
fn refused(node: Node<'_, '_>, within: &str) -> Mistake {
    let name = node.tag_name().name();
    let reason = match name {
        "define-event-tree" | "define-initiating-event" | "define-sequence" | "define-functional-event" => {
            "event trees are not solved, only fault trees"
        }
        "define-alignment" | "define-phase" => "alignments and phases are not supported",
        "define-substitution" => "substitutions are not supported",
        "define-CCF-group" => "common-cause groups are understood in `opsa-mef` and in `define-fault-tree` only",
        "define-component" => "components with names of their own are not supported",
        "define-extern-function" | "define-extern-library" | "extern-function" => "external code is not run",
        "include" => "other files are not included",
        "cardinality" => "`cardinality` is not supported; `atleast` is",
        "normal-deviate" | "lognormal-deviate" | "gamma-deviate" | "beta-deviate" | "uniform-deviate" | "histogram" => {
            "a random deviate is no number; give its mean"
        }
        "periodic-test" => "periodic tests are not supported; `exponential` and `GLM` are",
        "Weibull" => "Weibull probabilities are not supported; give their value at the mission time",
        _ => return mistake_at(node, format!("`{name}` is not understood inside of `{within}`")),
    };
    mistake_at(node, format!("`{name}` is refused: {reason}"))
}
