//! What reading knows and collects on its way.

use std::ops::Range;

use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::Node;

/// The mistakes so far, and the settings of the reader.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) text: &'a str,
    pub(crate) year_seconds: f64,
    pub(crate) mistakes: Vec<Mistake>,
}

/// Something could not be read, and its mistake has been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reported;

/// What an optional field holds, if it is given.
pub(crate) fn optional<'n, T>(
    node: Option<&'n Node>,
    read: impl FnOnce(&'n Node) -> Option<T>,
) -> Result<Option<T>, Reported> {
    node.map(|node| read(node).ok_or(Reported)).transpose()
}

/// Named parts of one kind: a name that could not be read further is known all the same, so that its uses are no
/// further mistakes.
#[derive(Debug)]
pub(crate) struct Named<T> {
    pub(crate) names: Vec<String>,
    pub(crate) spans: Vec<Range<usize>>,
    pub(crate) parts: Vec<Option<T>>,
}

impl<T> Named<T> {
    pub(crate) fn new() -> Self {
        Self { names: Vec::new(), spans: Vec::new(), parts: Vec::new() }
    }

    pub(crate) fn push(&mut self, name: &str, span: Range<usize>, part: Option<T>) {
        self.names.push(name.to_owned());
        self.spans.push(span);
        self.parts.push(part);
    }

    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// All parts, if all could be read.
    pub(crate) fn known(self) -> Option<Vec<T>> {
        self.parts.into_iter().collect()
    }
}

/// More mistakes than this help nobody.
const MOST_MISTAKES: usize = 100;

impl<'a> Context<'a> {
    pub(crate) fn new(text: &'a str, year_seconds: f64) -> Self {
        Self { text, year_seconds, mistakes: Vec::new() }
    }

    pub(crate) fn report(&mut self, mistake: Mistake) {
        self.mistakes.push(mistake);
    }

    /// Reports a value of the wrong kind.
    pub(crate) fn wrong_kind<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        self.report(Mistake::new(node.span.clone(), format!("{} is not allowed here", node.kind())).expected(expected));
        None
    }

    /// The place of a named part in `known`, or a mistake.
    pub(crate) fn resolve<T>(&mut self, what: &str, node: &Node, known: &Named<T>) -> Option<usize> {
        let name = self.text(node)?;
        let found = known.find(name);
        if found.is_none() {
            let mistake = Mistake::new(node.span.clone(), format!("there is no {what} named `{name}`"));
            let defined = known.names().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let mistake = if defined.is_empty() {
                mistake.expected(format!("the name of a {what}; none is defined"))
            } else {
                mistake.expected(format!("one of {defined}"))
            };
            self.report(mistake.nearest(name, known.names()));
        }
        found
    }

    pub(crate) fn into_mistakes(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        self.mistakes.dedup();
        self.mistakes.truncate(MOST_MISTAKES);
        self.mistakes
    }
}
