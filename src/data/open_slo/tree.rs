//! YAML as a tree with places: scalars keep their text, so that no digit of a target is lost.

use std::collections::BTreeSet;
use std::ops::Range;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use crate::data::mistake::{Mistake, quoted};

/// A value and where it stands, in bytes of the text.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A text; `is_plain` without quotes and not as a block, so that it may be a number.
    Scalar {
        text: String,
        is_plain: bool,
    },
    Sequence(Vec<Node>),
    /// Keys in order; each once.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

impl Node {
    /// Whether nothing is given: `~`, `null`, or nothing at all.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, is_plain: true } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// What it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match &self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar { .. } => "a value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// Larger files are no objectives.
const LARGEST: usize = 1 << 20;
/// Deeper ones neither.
const DEEPEST: usize = 64;
/// Values of all documents, those that aliases repeat included.
const MOST_NODES: usize = 100_000;

/// The documents of a file.
///
/// # Errors
/// The first place that is no YAML, or is too large or deep.
pub(crate) fn documents(text: &str) -> Result<Vec<Node>, Mistake> {
    if text.len() > LARGEST {
        return Err(Mistake::new(0..0, format!("the file has {} bytes; at most {LARGEST} are read", text.len())));
    }
    let mut builder =
        Builder { places: Places::new(text), open: Vec::new(), anchors: Vec::new(), done: Vec::new(), nodes: 0 };
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| {
            let at = builder.places.byte(error.marker());
            Mistake::new(at..at, format!("this is no YAML: {}", error.info()))
        })?;
        let span = builder.places.byte(&span.start)..builder.places.byte(&span.end);
        builder.take(event, span)?;
    }
    Ok(builder.done)
}

/// Bytes of characters.
struct Places {
    /// Where each character begins; empty when every character is one byte.
    bytes: Vec<u32>,
    end: usize,
}

impl Places {
    fn new(text: &str) -> Self {
        let bytes = if text.is_ascii() { Vec::new() } else { text.char_indices().map(|(at, _)| at as u32).collect() };
        Self { bytes, end: text.len() }
    }

    fn byte(&self, marker: &Marker) -> usize {
        if self.bytes.is_empty() {
            return marker.index().min(self.end);
        }
        self.bytes.get(marker.index()).map_or(self.end, |at| *at as usize)
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    start: usize,
    anchor: usize,
    kind: OpenKind,
}

enum OpenKind {
    Sequence(Vec<Node>),
    /// With the keys so far, to find one that stands there twice.
    Mapping {
        entries: Vec<(Key, Node)>,
        key: Option<Key>,
        known: BTreeSet<String>,
    },
}

struct Builder {
    places: Places,
    open: Vec<Open>,
    anchors: Vec<(usize, Node)>,
    done: Vec<Node>,
    nodes: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Mistake> {
        match event {
            Event::Scalar(text, style, anchor, _) => {
                let value = Value::Scalar { text: text.into_owned(), is_plain: style == ScalarStyle::Plain };
                self.add(Node { span, value }, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(span, anchor, OpenKind::Sequence(Vec::new())),
            Event::MappingStart(anchor, _) => {
                self.begin(span, anchor, OpenKind::Mapping { entries: Vec::new(), key: None, known: BTreeSet::new() })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span.end),
            Event::Alias(anchor) => {
                let found = self.anchors.iter().rev().find(|(known, _)| *known == anchor);
                let node = found.map(|(_, node)| node.clone());
                let node = node.ok_or_else(|| Mistake::new(span.clone(), "this alias refers to what contains it"))?;
                self.count(size(&node), &span)?;
                self.add(node, 0)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn count(&mut self, more: usize, span: &Range<usize>) -> Result<(), Mistake> {
        self.nodes += more;
        if self.nodes > MOST_NODES {
            return Err(Mistake::new(span.clone(), format!("the file has more than {MOST_NODES} values")));
        }
        Ok(())
    }

    fn begin(&mut self, span: Range<usize>, anchor: usize, kind: OpenKind) -> Result<(), Mistake> {
        if self.open.len() >= DEEPEST {
            return Err(Mistake::new(span, format!("values are nested more than {DEEPEST} deep")));
        }
        if let Some(Open { kind: OpenKind::Mapping { key: None, .. }, .. }) = self.open.last() {
            return Err(Mistake::new(span, "a key must be a text"));
        }
        self.open.push(Open { start: span.start, anchor, kind });
        Ok(())
    }

    fn close(&mut self, end: usize) -> Result<(), Mistake> {
        let Some(Open { start, anchor, kind }) = self.open.pop() else { return Ok(()) };
        let value = match kind {
            OpenKind::Sequence(items) => Value::Sequence(items),
            OpenKind::Mapping { entries, .. } => Value::Mapping(entries),
        };
        self.add(Node { span: start..end.max(start), value }, anchor)
    }

    /// Puts a finished value where it belongs: as a key, as the value of one, into a list, or as a document.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Mistake> {
        self.count(1, &node.span)?;
        if anchor > 0 {
            self.anchors.push((anchor, node.clone()));
            self.count(size(&node), &node.span)?;
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.done.push(node),
            Some(OpenKind::Sequence(items)) => items.push(node),
            Some(OpenKind::Mapping { entries, key, known }) => match key.take() {
                Some(before) => entries.push((before, node)),
                None => *key = Some(new_key(node, known)?),
            },
        }
        Ok(())
    }
}

fn new_key(node: Node, known: &mut BTreeSet<String>) -> Result<Key, Mistake> {
    let Value::Scalar { text, .. } = node.value else { return Err(Mistake::new(node.span, "a key must be a text")) };
    if !known.insert(text.clone()) {
        return Err(Mistake::new(node.span, format!("{} stands here twice", quoted(&text))));
    }
    Ok(Key { text, span: node.span })
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar { .. } => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|(_, node)| size(node)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{Node, Value, documents};

    fn scalar(node: &Node) -> (&str, bool) {
        let Value::Scalar { text, is_plain } = &node.value else { panic!("{node:?}") };
        (text, *is_plain)
    }

    fn entry<'a>(node: &'a Node, name: &str) -> &'a Node {
        let Value::Mapping(entries) = &node.value else { panic!("{node:?}") };
        &entries.iter().find(|(key, _)| key.text == name).unwrap().1
    }

    #[test]
    fn scalars_keep_their_text_and_place() {
        let text = "é: \"ü\"\ntarget: 0.9999999990\nname: \"0.5\"\n---\nb: [1, 2]\n";
        let found = documents(text).unwrap();
        assert_eq!(found.len(), 2);
        let target = entry(&found[0], "target");
        assert_eq!(scalar(target), ("0.9999999990", true));
        assert_eq!(&text[target.span.clone()], "0.9999999990");
        assert_eq!(scalar(entry(&found[0], "name")), ("0.5", false));
    }

    #[test]
    fn aliases_repeat_and_do_not_explode() {
        let found = documents("a: &x {b: 1}\nc: *x\n").unwrap();
        assert_eq!(scalar(entry(entry(&found[0], "c"), "b")).0, "1");
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = format!("*a{}, ", level - 1).repeat(10);
            let _ = writeln!(bomb, "a{level}: &a{level} [{}]", before.trim_end_matches(", "));
        }
        assert!(documents(&bomb).unwrap_err().message.contains("more than 100000 values"));
        assert!(documents("a: &x [*x]").is_err());
    }

    #[test]
    fn hostile_texts_are_refused_with_a_place() {
        let deep = |levels| documents(&format!("{}1{}", "[".repeat(levels), "]".repeat(levels)));
        assert!(deep(64).is_ok() && deep(65).unwrap_err().message.contains("nested"));
        assert!(deep(100_000).is_err());
        assert_eq!(documents("a: 1\na: 2\n").unwrap_err().span, 5..6);
        assert!(documents("a: [1\nb").unwrap_err().message.contains("no YAML"));
        assert!(documents("[1]: 2").is_err());
        assert!(documents("? {a: 1}\n: 2").is_err());
        assert!(documents(&"x".repeat(2 << 20)).unwrap_err().message.contains("bytes"));
        assert!(documents("\t- x: [").is_err());
        for text in ["", "---", "...", "# only a comment\n"] {
            assert!(documents(text).is_ok(), "{text:?}");
        }
    }
}
