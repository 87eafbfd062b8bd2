//! What a file defines, by name: gates, basic events, house events, parameters and common-cause groups.

use indexmap::IndexMap;
use roxmltree::Node;

use crate::topology::read::Mistake;
use crate::topology::read::open_psa::attributes;
use crate::topology::read::open_psa::{attribute, elements, mistake_at, refused};

/// The elements that define things, by name and in file order.
#[derive(Debug, Default)]
pub(crate) struct Definitions<'a, 'b> {
    /// Name of the model, or of its first fault tree.
    pub(crate) name: Option<String>,
    pub(crate) gates: IndexMap<&'a str, Definition<'a, 'b>>,
    pub(crate) basic_events: IndexMap<&'a str, Definition<'a, 'b>>,
    pub(crate) house_events: IndexMap<&'a str, Definition<'a, 'b>>,
    pub(crate) parameters: IndexMap<&'a str, Definition<'a, 'b>>,
    pub(crate) common_causes: IndexMap<&'a str, Definition<'a, 'b>>,
}

/// One defining element.
#[derive(Clone, Debug)]
pub(crate) struct Definition<'a, 'b> {
    pub(crate) element: Node<'a, 'b>,
    /// Child elements but for label and attributes.
    pub(crate) content: Vec<Node<'a, 'b>>,
    pub(crate) label: Option<String>,
    pub(crate) attributes: Vec<(String, String)>,
}

impl<'a, 'b> Definitions<'a, 'b> {
    /// All definitions below the root element.
    pub(crate) fn collect(root: Node<'a, 'b>) -> Result<Self, Vec<Mistake>> {
        if root.tag_name().name() != "opsa-mef" {
            let message = format!("`{}` is not the root of an Open-PSA model", root.tag_name().name());
            return Err(vec![mistake_at(root, message).expected("`opsa-mef`")]);
        }
        let mut definitions = Self { name: root.attribute("name").map(str::to_owned), ..Self::default() };
        let mut mistakes = attributes::unknown(root);
        definitions.section(root, &mut mistakes);
        definitions.declare_members(&mut mistakes);
        mistakes.sort_by_key(|mistake| mistake.span.start);
        if mistakes.is_empty() { Ok(definitions) } else { Err(mistakes) }
    }

    /// The root, a fault tree, or the model data.
    fn section(&mut self, section: Node<'a, 'b>, mistakes: &mut Vec<Mistake>) {
        let children = match elements(section) {
            Ok(children) => children,
            Err(mistake) => return mistakes.push(mistake),
        };
        let within = section.tag_name().name();
        for child in children {
            let kind = child.tag_name().name();
            match (within, kind) {
                ("opsa-mef", "define-fault-tree") => {
                    self.name = self.name.take().or_else(|| child.attribute("name").map(str::to_owned));
                    self.section(child, mistakes);
                }
                ("opsa-mef", "model-data") => self.section(child, mistakes),
                (_, "label" | "attributes") => {}
                _ => {
                    if let Err(mistake) = self.define(child, within) {
                        mistakes.push(mistake);
                    }
                }
            }
        }
    }

    fn define(&mut self, element: Node<'a, 'b>, within: &str) -> Result<(), Mistake> {
        let kind = element.tag_name().name();
        let known = match (within, kind) {
            ("define-fault-tree", "define-gate") => &self.gates,
            (_, "define-basic-event") => &self.basic_events,
            (_, "define-house-event") => &self.house_events,
            (_, "define-parameter") => &self.parameters,
            ("opsa-mef" | "define-fault-tree", "define-CCF-group") => &self.common_causes,
            _ => return Err(refused(element, within)),
        };
        let name = attribute(element, "name")?;
        // Gates and events share their names, as an untyped reference may mean any of them.
        let is_event = matches!(kind, "define-gate" | "define-basic-event" | "define-house-event");
        let is_taken = if is_event { self.is_event(name) } else { known.contains_key(name) };
        if is_taken {
            return Err(mistake_at(element, format!("`{name}` is defined twice")));
        }
        let definition = Definition::new(element)?;
        let map = match kind {
            "define-gate" => &mut self.gates,
            "define-basic-event" => &mut self.basic_events,
            "define-house-event" => &mut self.house_events,
            "define-parameter" => &mut self.parameters,
            _ => &mut self.common_causes,
        };
        map.insert(name, definition);
        Ok(())
    }

    /// The members of common-cause groups are basic events, whether or not they are defined elsewhere, too.
    fn declare_members(&mut self, mistakes: &mut Vec<Mistake>) {
        for member in self.common_causes.values().flat_map(Definition::members) {
            // What is wrong with a list is found where its group is read.
            let Some(name) = member.attribute("name").map(str::trim).filter(|name| !name.is_empty()) else { continue };
            if self.gates.contains_key(name) || self.house_events.contains_key(name) {
                mistakes.push(mistake_at(member, format!("`{name}` is no basic event, and so no member of a group")));
            } else if !self.basic_events.contains_key(name) {
                self.basic_events.insert(name, Definition::declared(member));
            }
        }
    }

    fn is_event(&self, name: &str) -> bool {
        self.gates.contains_key(name) || self.basic_events.contains_key(name) || self.house_events.contains_key(name)
    }
}

impl<'a, 'b> Definition<'a, 'b> {
    fn new(element: Node<'a, 'b>) -> Result<Self, Mistake> {
        let mut definition = Self { element, content: Vec::new(), label: None, attributes: Vec::new() };
        for child in elements(element)? {
            match child.tag_name().name() {
                "label" => definition.label = child.text().map(|text| text.trim().to_owned()),
                "attributes" => {
                    for attribute_element in elements(child)? {
                        let pair = (attribute(attribute_element, "name")?, attribute(attribute_element, "value")?);
                        definition.attributes.push((pair.0.to_owned(), pair.1.to_owned()));
                    }
                }
                _ => definition.content.push(child),
            }
        }
        Ok(definition)
    }

    /// What is named, but not defined.
    fn declared(element: Node<'a, 'b>) -> Self {
        Self { element, content: Vec::new(), label: None, attributes: Vec::new() }
    }

    /// The members of a common-cause group.
    pub(crate) fn members(&self) -> impl Iterator<Item = Node<'a, 'b>> + use<'a, 'b, '_> {
        let lists = self.content.iter().filter(|part| part.tag_name().name() == "members");
        lists.flat_map(Node::children).filter(Node::is_element)
    }

    /// The only element of the content.
    pub(crate) fn only(&self) -> Result<Node<'a, 'b>, Mistake> {
        match self.content[..] {
            [only] => Ok(only),
            [] => Err(mistake_at(self.element, format!("{} has no content", self.title()))),
            [_, second, ..] => Err(mistake_at(second, format!("{} has more than one content", self.title()))),
        }
    }

    /// The kind and the name.
    pub(crate) fn title(&self) -> String {
        let kind = self.element.tag_name().name().trim_start_matches("define-").replace('-', " ");
        format!("{kind} `{}`", self.element.attribute("name").unwrap_or("").trim())
    }
}
