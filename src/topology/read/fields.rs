//! The keys of one table: asked for by name, unknown ones reported at the end.

use std::ops::Range;

use crate::topology::read::context::Context;
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};

/// A table whose keys are being read.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    entries: &'a [Entry],
    what: String,
    span: Range<usize>,
    known: Vec<&'static str>,
    /// Keys that are not known, and were reported.
    refused: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The keys of `node`, which must be a table; `what` names it in messages.
    pub(crate) fn new(node: &'a Node, what: impl Into<String>, context: &mut Context<'_>) -> Option<Self> {
        let what = what.into();
        match &node.value {
            Value::Table(entries) => {
                Some(Self { entries, what, span: node.span.clone(), known: Vec::new(), refused: Vec::new() })
            }
            _ => context.wrong_kind(node, &format!("{what} as a table")),
        }
    }

    /// Where messages about something missing point: the header of the table.
    pub(crate) fn at(mut self, header: &Range<usize>) -> Self {
        self.span = header.clone();
        self
    }

    pub(crate) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The value of `key`, if given.
    pub(crate) fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    fn entry(&mut self, key: &'static str) -> Option<&'a Entry> {
        self.known.push(key);
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of `key`, or a mistake.
    pub(crate) fn required(&mut self, key: &'static str, context: &mut Context<'_>) -> Option<&'a Node> {
        let found = self.get(key);
        if found.is_none() {
            let line_end = self.span.start..self.span.end.min(context.text.len());
            context
                .report(Mistake::new(line_end, format!("{} has no `{key}`", self.what)).expected(format!("`{key}`")));
        }
        found
    }

    /// The value of the only one of `keys` that is given; two of them are a mistake.
    pub(crate) fn one_of(
        &mut self,
        keys: &[&'static str],
        context: &mut Context<'_>,
    ) -> Option<(&'static str, &'a Node)> {
        let given: Vec<_> = keys.iter().filter_map(|key| self.entry(key).map(|entry| (*key, entry))).collect();
        if let [(first, _), (second, entry), ..] = given[..] {
            let message = format!("`{second}` beside `{first}`: both say the same");
            context.report(Mistake::new(entry.key_span.clone(), message).expected("only one of them"));
        }
        given.first().map(|(key, entry)| (*key, &entry.node))
    }

    /// Reports `key`, which is known elsewhere, if given: `help` makes of its value what to write here.
    pub(crate) fn refuse(
        &mut self,
        key: &'static str,
        help: impl FnOnce(&Node) -> String,
        context: &mut Context<'_>,
    ) -> bool {
        let entry = self.entries.iter().find(|entry| entry.key == key);
        if let Some(entry) = entry {
            let mistake = Mistake::new(entry.key_span.clone(), format!("unknown key `{key}` in {}", self.what));
            context.report(Mistake { help: Some(help(&entry.node)), ..mistake });
            self.refused.push(key);
        }
        entry.is_some()
    }

    /// Reports the keys that nobody asked for.
    pub(crate) fn finish(self, context: &mut Context<'_>) {
        let is_unknown = |key: &str| !self.known.contains(&key) && !self.refused.contains(&key);
        for entry in self.entries.iter().filter(|entry| is_unknown(&entry.key)) {
            let list = self.known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            let mistake = Mistake::new(entry.key_span.clone(), format!("unknown key `{}` in {}", entry.key, self.what))
                .expected(format!("one of {list}"));
            context.report(mistake.nearest(&entry.key, self.known.iter().copied()));
        }
    }
}

/// The named tables inside a table such as `[component]`, with valid names.
pub(crate) fn named<'a>(node: Option<&'a Node>, what: &'static str, context: &mut Context<'_>) -> Vec<&'a Entry> {
    let Some(node) = node else { return Vec::new() };
    let Value::Table(entries) = &node.value else {
        return context.wrong_kind::<Vec<_>>(node, &format!("a table of {what}s by name")).unwrap_or_default();
    };
    for entry in entries {
        check_name(entry, what, context);
    }
    entries.iter().collect()
}

fn check_name(entry: &Entry, what: &str, context: &mut Context<'_>) {
    let name = &entry.key;
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_ascii_alphabetic());
    let goes_on = letters.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let message = if !(starts && goes_on) {
        format!("`{name}` is no name for a {what}")
    } else if ["and", "or", "of"].contains(&name.as_str()) {
        format!("`{name}` is a word of expressions and no name for a {what}")
    } else {
        return;
    };
    let expected = "a letter, then letters, digits, `-` or `_`";
    context.report(Mistake::new(entry.key_span.clone(), message).expected(expected));
}
