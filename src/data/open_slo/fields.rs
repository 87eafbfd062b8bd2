//! The entries of a mapping, taken one by one; what is left over is unknown.

use std::ops::Range;

use crate::data::mistake::{Mistake, quoted};
use crate::data::open_slo::tree::{Key, Node, Value};

/// A mapping that is being read.
pub(crate) struct Fields<'a> {
    /// What it is of, such as `spec`.
    name: String,
    span: Range<usize>,
    entries: Vec<(&'a Key, &'a Node)>,
    known: Vec<&'static str>,
}

/// Mistakes so far.
pub(crate) type Mistakes = Vec<Mistake>;

impl<'a> Fields<'a> {
    /// The entries of `node`; a mistake when it is no mapping.
    pub(crate) fn of(node: &'a Node, name: impl Into<String>, mistakes: &mut Mistakes) -> Option<Self> {
        let name = name.into();
        let Value::Mapping(entries) = &node.value else {
            mistakes
                .push(Mistake::new(node.span.clone(), format!("{} is {}, not a mapping", shown(&name), node.kind())));
            return None;
        };
        let entries = entries.iter().map(|(key, value)| (key, value)).collect();
        Some(Self { name, span: node.span.clone(), entries, known: Vec::new() })
    }

    /// The path of an entry.
    pub(crate) fn path(&self, field: &str) -> String {
        if is_name(&self.name) { format!("{}.{field}", self.name) } else { field.to_owned() }
    }

    /// Where to point when something is missing: the beginning of the mapping.
    pub(crate) fn place(&self) -> Range<usize> {
        self.entries.first().map_or(self.span.clone(), |(key, _)| key.span.clone())
    }

    /// Where the value of an entry stands; the beginning of the mapping when it is missing.
    pub(crate) fn place_of(&self, field: &str) -> Range<usize> {
        let found = self.entries.iter().find(|(key, _)| key.text == field);
        found.map_or_else(|| self.place(), |(_, node)| node.span.clone())
    }

    /// Takes an entry; one that is null counts as absent.
    pub(crate) fn take(&mut self, field: &'static str) -> Option<&'a Node> {
        self.known.push(field);
        let at = self.entries.iter().position(|(key, _)| key.text == field)?;
        Some(self.entries.remove(at).1).filter(|node| !node.is_null())
    }

    /// Takes an entry that must be there.
    pub(crate) fn needed(&mut self, field: &'static str, mistakes: &mut Mistakes) -> Option<&'a Node> {
        // Taken from the front first: afterwards the place may be that of another entry.
        let place = self.place();
        let found = self.take(field);
        if found.is_none() {
            mistakes.push(Mistake::new(place, format!("{} needs `{field}`", shown(&self.name))));
        }
        found
    }

    /// Takes a text; numbers and truths are none.
    pub(crate) fn text(&mut self, field: &'static str, mistakes: &mut Mistakes) -> Option<String> {
        let node = self.take(field)?;
        self.as_text(node, field, mistakes)
    }

    /// Takes a text that must be there and not be empty.
    pub(crate) fn needed_text(&mut self, field: &'static str, mistakes: &mut Mistakes) -> Option<String> {
        let node = self.needed(field, mistakes)?;
        self.as_text(node, field, mistakes)
    }

    fn as_text(&self, node: &Node, field: &str, mistakes: &mut Mistakes) -> Option<String> {
        if let Value::Scalar { text, .. } = &node.value {
            return Some(text.trim().to_owned());
        }
        mistakes
            .push(Mistake::new(node.span.clone(), format!("`{}` is {}, not a text", self.path(field), node.kind())));
        None
    }

    /// Takes a list; absent ones are empty.
    pub(crate) fn list(&mut self, field: &'static str, mistakes: &mut Mistakes) -> &'a [Node] {
        let Some(node) = self.take(field) else { return &[] };
        if let Value::Sequence(items) = &node.value {
            return items;
        }
        mistakes
            .push(Mistake::new(node.span.clone(), format!("`{}` is {}, not a list", self.path(field), node.kind())));
        &[]
    }

    /// Takes `true` or `false`.
    pub(crate) fn truth(&mut self, field: &'static str, mistakes: &mut Mistakes) -> Option<bool> {
        let node = self.take(field)?;
        match &node.value {
            Value::Scalar { text, is_plain: true } if text == "true" => Some(true),
            Value::Scalar { text, is_plain: true } if text == "false" => Some(false),
            _ => {
                let message = format!("`{}` is neither `true` nor `false`", self.path(field));
                mistakes.push(Mistake::new(node.span.clone(), message));
                None
            }
        }
    }

    /// Names what was not taken.
    pub(crate) fn end(self, mistakes: &mut Mistakes) {
        // A file with more unknown keys is something else.
        for (key, _) in self.entries.iter().take(20) {
            let message = format!("{} has no {}", shown(&self.name), quoted(&key.text));
            let mistake = Mistake::new(key.span.clone(), message);
            mistakes.push(match nearest(&key.text, &self.known) {
                Some(name) => mistake.help(format!("did you mean `{name}`?")),
                None => mistake.help(format!("it can have {}", listed(&self.known))),
            });
        }
    }
}

/// Whether it is a name of the file; otherwise it is words about it, such as `the document`.
fn is_name(name: &str) -> bool {
    !name.contains(' ')
}

/// Names of the file are quoted, words about it are not.
fn shown(name: &str) -> String {
    if is_name(name) { quoted(name) } else { name.to_owned() }
}

/// The known name that is nearest, at most a third of its letters away.
pub(crate) fn nearest<'a>(wrong: &str, names: &[&'a str]) -> Option<&'a str> {
    if wrong.len() > 80 {
        return None;
    }
    let edits = |name: &&&str| strsim::damerau_levenshtein(&wrong.to_lowercase(), &name.to_lowercase());
    let found = names.iter().min_by_key(edits)?;
    (edits(&found) <= (wrong.chars().count() / 3).max(1)).then_some(*found)
}

/// Names in backticks.
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
