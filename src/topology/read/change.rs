//! Changes of a document from outside of it: `component.db.mtbf=60d`.
//!
//! A change is made in the tree of values, before anything is read, so that what it says is checked as if it stood in the file.
//! The places of its key and value lie behind the end of the file, in a text that goes on with one line for each change:
//! so every mistake knows where its text came from.
//!
//! A key is a dotted path; items of a list are numbered from 0, as in `db.mttr.hyperexponential.means.1`. One that begins with the name of a part, as `db.mtbf`, stands for the only part of that name
//! whose kind has the key. Parts that do not exist are not made by setting one key of them: that would be a misspelt name.

use std::ops::Range;

use crate::topology::read::key::{ALIASES, item_number};
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};
use crate::topology::read::{Syntax, from_json, from_toml};

/// Keys of the whole topology.
const TOP: [&str; 7] = ["name", "target", "component", "domain", "crew", "group", "system"];

/// Tables of named parts, and the keys of each part.
const KINDS: [(&str, &[&str]); 4] = [
    (
        "component",
        &["mtbf", "mttf", "rate", "mttr", "repair", "restart", "detect", "unavailability", "modes", "capacity", "cost"],
    ),
    ("domain", &["mtbf", "mttf", "mttr", "repair", "within"]),
    ("crew", &["size"]),
    (
        "group",
        &["component", "active", "need", "standby", "failover", "spread", "depends", "crew", "common_cause", "load"],
    ),
];

/// The text of the file, and below it one line for each change.
pub(crate) fn joined(text: &str, changes: &[String]) -> String {
    let mut joined = text.to_owned();
    for change in changes {
        joined.push('\n');
        joined.push_str(change);
    }
    joined
}

/// Moves the mistakes that lie in the changes there.
pub(crate) fn place(mistakes: &mut [Mistake], text: &str, changes: &[String]) {
    for mistake in mistakes {
        let mut start = text.len() + 1;
        for (index, change) in changes.iter().enumerate() {
            let end = start + change.len();
            if (start..=end).contains(&mistake.span.start) {
                mistake.span = mistake.span.start - start..mistake.span.end.clamp(mistake.span.start, end) - start;
                mistake.change = Some(index);
                break;
            }
            start = end + 1;
        }
    }
}

/// Makes the changes, in order: a later one of the same key holds.
pub(crate) fn apply(root: &mut Node, text: &str, changes: &[String], syntax: Syntax) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut start = text.len() + 1;
    for change in changes {
        let made = Change::parse(change, start, syntax).and_then(|change| change.make(root));
        mistakes.extend(made.err());
        start += change.len() + 1;
    }
    mistakes
}

/// One change.
pub(crate) struct Change<'a> {
    path: Vec<&'a str>,
    pub(crate) key_span: Range<usize>,
    pub(crate) value: Node,
}

impl<'a> Change<'a> {
    /// `start` is where the text of the change stands.
    fn parse(text: &'a str, start: usize, syntax: Syntax) -> Result<Self, Mistake> {
        Self::parse_as(text, start, |value, span| parse_value(value, span, syntax))
    }

    /// As [`Self::parse`], with a value that `read` makes of its text and place.
    pub(crate) fn parse_as(
        text: &'a str,
        start: usize,
        read: impl FnOnce(&str, &Range<usize>) -> Result<Node, Mistake>,
    ) -> Result<Self, Mistake> {
        let whole = start..start + text.len();
        let Some((key, value)) = text.split_once('=') else {
            return Err(Mistake::new(whole, format!("`{text}` sets nothing")).expected("`KEY=VALUE`"));
        };
        let key_span = trimmed(key, start);
        let path: Vec<&str> = key.split('.').map(str::trim).collect();
        if path.iter().any(|step| step.is_empty()) {
            let mistake = Mistake::new(key_span, format!("`{}` is no key", key.trim()));
            return Err(mistake.expected("a dotted path such as `component.db.mtbf`"));
        }
        let value_span = trimmed(value, start + key.len() + 1);
        if value_span.is_empty() {
            return Err(Mistake::new(whole, format!("`{}` is set to nothing", key.trim())).expected("a value"));
        }
        let value = read(value.trim(), &value_span)?;
        Ok(Self { path, key_span, value })
    }

    fn make(self, root: &mut Node) -> Result<(), Mistake> {
        let path = self.checked_path(root)?;
        insert(root, &path, self.value, &self.key_span, &mut String::new())
    }

    /// The path from the root of the document, all of whose parts exist.
    pub(crate) fn checked_path(&self, root: &Node) -> Result<Vec<String>, Mistake> {
        let path = self.full_path(root)?;
        self.check_part_exists(root, &path)?;
        Ok(path)
    }

    /// The path from the root of the document.
    fn full_path(&self, root: &Node) -> Result<Vec<String>, Mistake> {
        let own = || self.path.iter().map(|step| (*step).to_owned());
        let first = self.path[0];
        if TOP.contains(&first) {
            return Ok(own().collect());
        }
        let named: Vec<(&str, &[&str])> =
            KINDS.into_iter().filter(|(kind, _)| names(root, kind).contains(&first)).collect();
        if named.is_empty() {
            return Err(self.no_such_part(root));
        }
        let Some(key) = self.path.get(1) else {
            let mistake = Mistake::new(self.key_span.clone(), format!("`{first}` is a part, not one of its keys"));
            return Err(mistake.expected(format!("a key of it, such as `{first}.{}`", named[0].1[0])));
        };
        let with_key: Vec<&str> = named.iter().filter(|(_, keys)| keys.contains(key)).map(|(kind, _)| *kind).collect();
        match with_key[..] {
            [kind] => Ok(std::iter::once(kind.to_owned()).chain(own()).collect()),
            [] => Err(self.no_such_key(first, key, &named, root)),
            _ => {
                let paths: Vec<String> =
                    with_key.iter().map(|kind| format!("`{kind}.{}`", self.path.join("."))).collect();
                let mistake = Mistake::new(self.key_span.clone(), format!("`{first}` is the name of several parts"));
                Err(mistake.expected(paths.join(" or ")))
            }
        }
    }

    fn no_such_part(&self, root: &Node) -> Mistake {
        let first = self.path[0];
        let known: Vec<&str> = TOP.into_iter().chain(KINDS.iter().flat_map(|(kind, _)| names(root, kind))).collect();
        let mistake = Mistake::new(self.key_span.clone(), format!("there is no key or part named `{first}`"))
            .expected("a key of the file such as `component.db.mtbf`, or the name of a part and its key");
        if first == "demand" {
            return mistake.nearest("system.demand", std::iter::once("system.demand"));
        }
        mistake.nearest(first, known.into_iter())
    }

    fn no_such_key(&self, name: &str, key: &str, named: &[(&str, &[&str])], root: &Node) -> Mistake {
        let kinds = named.iter().map(|(kind, _)| *kind).collect::<Vec<_>>().join(" or ");
        let mistake = Mistake::new(self.key_span.clone(), format!("unknown key `{key}` of {kinds} `{name}`"));
        let list = named.iter().flat_map(|(_, keys)| keys.iter().map(|key| format!("`{key}`"))).collect::<Vec<_>>();
        let mistake = mistake.expected(format!("one of {}", list.join(", ")));
        // `db.mtbf` of a group whose component has another name.
        let component = child(root, &["group", name, "component"]).and_then(|node| match &node.value {
            Value::Text(component) => Some(component),
            _ => None,
        });
        if let (Some(component), true) = (component, KINDS[0].1.contains(&key)) {
            let mut mistake = mistake;
            let rest = self.path[1..].join(".");
            mistake.help = Some(format!("its units are of component `{component}`: `component.{component}.{rest}`"));
            return mistake;
        }
        if (kinds.as_str(), key) == ("domain", "rate") {
            let help = format!("a rate is for components; `{name}.mtbf` is the mean up time of the domain");
            return Mistake { help: Some(help), ..mistake };
        }
        mistake.nearest(key, named.iter().flat_map(|(_, keys)| keys.iter().copied()))
    }

    /// A key of a part is set only where there is the part; a whole part may be new.
    fn check_part_exists(&self, root: &Node, path: &[String]) -> Result<(), Mistake> {
        let Some((kind, _)) = KINDS.into_iter().find(|(kind, _)| *kind == path[0]) else { return Ok(()) };
        let is_whole = path.len() < 3 && matches!(self.value.value, Value::Table(_));
        let known = names(root, kind);
        match path.get(1) {
            Some(name) if !is_whole && !known.contains(&name.as_str()) => {
                let mistake = Mistake::new(self.key_span.clone(), format!("there is no {kind} named `{name}`"));
                let list = known.iter().take(12).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let mistake = mistake.expected(if list.is_empty() {
                    format!("the name of a {kind}; none is defined")
                } else {
                    format!("one of {list}")
                });
                Err(mistake.nearest(name, known.into_iter()))
            }
            _ => Ok(()),
        }
    }
}

/// Where `text`, which stands at `start`, is more than spaces.
fn trimmed(text: &str, start: usize) -> Range<usize> {
    let before = text.len() - text.trim_start().len();
    let first = start + before;
    first..first + text.trim().len()
}

/// A value as the file would hold it; what is no value of TOML or JSON is a text without quotes.
pub(crate) fn parse_value(text: &str, span: &Range<usize>, syntax: Syntax) -> Result<Node, Mistake> {
    let (toml, json) = (toml_value(text), json_value(text));
    let parsed = match (toml, json) {
        (Ok(node), _) | (Err(_), Ok(node)) => Ok(node),
        // What begins like a list or a text in quotes was meant to be one.
        (Err(toml), Err(json)) if text.starts_with(['{', '[', '"', '\'']) => {
            Err(if syntax == Syntax::Json { json } else { toml })
        }
        _ => Ok(Node { span: 0..text.len(), value: Value::Text(text.to_owned()) }),
    };
    match parsed {
        Ok(mut node) => {
            shift(&mut node, span.start);
            Ok(node)
        }
        Err(mut mistake) => {
            let at = |place: usize| span.start + place.min(text.len());
            mistake.span = at(mistake.span.start)..at(mistake.span.end);
            Err(mistake.expected("a value as in the file; texts without quotes are allowed on their own"))
        }
    }
}

/// The only value of a document `x=…`.
fn toml_value(text: &str) -> Result<Node, Mistake> {
    const KEY: &str = "x=";
    let root = from_toml::parse(&format!("{KEY}{text}")).map_err(|mistakes| {
        let first = mistakes.into_iter().next().unwrap_or_else(|| Mistake::new(0..0, "syntax error"));
        let span = first.span.start.saturating_sub(KEY.len())..first.span.end.saturating_sub(KEY.len());
        Mistake { span, ..first }
    })?;
    match root.value {
        Value::Table(mut entries) if entries.len() == 1 => {
            let mut node = entries.remove(0).node;
            shift_back(&mut node, KEY.len());
            Ok(node)
        }
        _ => Err(Mistake::new(0..text.len(), "more than one value")),
    }
}

fn json_value(text: &str) -> Result<Node, Mistake> {
    from_json::parse(text)
}

fn shift(node: &mut Node, by: usize) {
    visit(node, &|span| *span = span.start + by..span.end + by);
}

fn shift_back(node: &mut Node, by: usize) {
    visit(node, &|span| *span = span.start.saturating_sub(by)..span.end.saturating_sub(by));
}

fn visit(node: &mut Node, change: &dyn Fn(&mut Range<usize>)) {
    change(&mut node.span);
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| visit(item, change)),
        Value::Table(entries) => {
            for entry in entries {
                change(&mut entry.key_span);
                visit(&mut entry.node, change);
            }
        }
        Value::Text(_) | Value::Number(_) | Value::Other(_) => {}
    }
}

/// The names of the parts of a kind.
fn names<'a>(root: &'a Node, kind: &str) -> Vec<&'a str> {
    match child(root, &[kind]).map(|node| &node.value) {
        Some(Value::Table(entries)) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    }
}

pub(crate) fn child<'a>(node: &'a Node, path: &[&str]) -> Option<&'a Node> {
    path.iter().try_fold(node, |node, step| match &node.value {
        Value::Table(entries) => entries.iter().find(|entry| entry.key == *step).map(|entry| &entry.node),
        _ => None,
    })
}

/// Puts `value` at `path` below `node`, in new tables where there are none; `above` is the path of `node`.
pub(crate) fn insert(
    node: &mut Node,
    path: &[String],
    value: Node,
    key_span: &Range<usize>,
    above: &mut String,
) -> Result<(), Mistake> {
    let (key, rest) = path.split_first().expect("a path has steps");
    open_short_form(node, above);
    if let (Value::List(items), Some(number)) = (&mut node.value, item_number(key)) {
        let count = items.len();
        let Some(item) = items.get_mut(number) else {
            let mistake = Mistake::new(key_span.clone(), format!("`{above}` has no item `{key}`"));
            return Err(mistake.expected(format!("a number below {count}: items of lists are numbered from 0")));
        };
        if rest.is_empty() {
            *item = value;
            return Ok(());
        }
        above.push('.');
        above.push_str(key);
        return insert(item, rest, value, key_span, above);
    }
    if let Value::List(items) = &node.value {
        let mistake = Mistake::new(key_span.clone(), format!("`{above}` is a list and has no key `{key}`"));
        return Err(mistake.expected(format!("a number below {}: items of lists are numbered from 0", items.len())));
    }
    let kind = node.kind();
    let Value::Table(entries) = &mut node.value else {
        let mistake = Mistake::new(key_span.clone(), format!("`{above}` is {kind} and has no key `{key}`"));
        return Err(mistake.expected(format!("`{above}` to be set as a whole: `{above}={{ {key} = … }}`")));
    };
    if !above.is_empty() {
        above.push('.');
    }
    above.push_str(key);
    let same = ALIASES.into_iter().find(|keys| keys.contains(&key.as_str()));
    let is_same = |entry: &Entry| entry.key == *key || same.is_some_and(|keys| keys.contains(&entry.key.as_str()));
    let known = entries.iter().position(|entry| entry.key == *key).or_else(|| entries.iter().position(is_same));
    if rest.is_empty() {
        let place = known.map_or(key_span.clone(), |at| entries[at].key_span.clone());
        entries.retain(|entry| !is_same(entry));
        entries.push(Entry { key: key.clone(), key_span: place, node: value });
        entries.sort_by_key(|entry| entry.key_span.start);
        return Ok(());
    }
    let at = known.unwrap_or_else(|| {
        let node = Node { span: key_span.clone(), value: Value::Table(Vec::new()) };
        entries.push(Entry { key: key.clone(), key_span: key_span.clone(), node });
        entries.len() - 1
    });
    let entry = &mut entries[at];
    insert(&mut entry.node, rest, value, key_span, above)
}

/// `standby = 2` is short for a table with a `count`.
fn open_short_form(node: &mut Node, path: &str) {
    if path.starts_with("group.") && path.ends_with(".standby") && matches!(node.value, Value::Number(_)) {
        let count = Entry { key: "count".into(), key_span: node.span.clone(), node: node.clone() };
        node.value = Value::Table(vec![count]);
    }
}

/// Every key of the document with its value as written, in order.
pub(crate) fn flatten(root: &Node) -> Vec<(String, String)> {
    fn walk(node: &Node, path: &str, found: &mut Vec<(String, String)>) {
        match &node.value {
            Value::Table(entries) => {
                for entry in entries {
                    let key = match entry.key.as_str() {
                        "mttf" => "mtbf",
                        "repair" => "mttr",
                        other => other,
                    };
                    let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                    walk(&entry.node, &path, found);
                }
            }
            _ => found.push((path.to_owned(), written(node))),
        }
    }
    let mut found = Vec::new();
    walk(root, "", &mut found);
    found
}

fn written(node: &Node) -> String {
    match &node.value {
        Value::Text(text) | Value::Number(text) => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Table(entries) => {
            let entry = |entry: &Entry| format!("{} = {}", entry.key, written(&entry.node));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Value::Other(kind) => (*kind).to_owned(),
    }
}

#[cfg(test)]
mod tests;
