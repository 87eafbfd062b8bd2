//! JSON into the tree of values.

use jsonc_parser::ast::{Object, Value as Json};

use crate::json::{self, span};
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};

pub(crate) fn parse(text: &str) -> Result<Node, Mistake> {
    node(json::parse(text)?)
}

fn node(value: Json<'_>) -> Result<Node, Mistake> {
    let span = span(&value);
    let value = match value {
        Json::StringLit(text) => Value::Text(text.value.into_owned()),
        Json::NumberLit(number) => Value::Number(number.value.to_owned()),
        Json::BooleanLit(_) => Value::Other("true or false"),
        Json::NullKeyword(_) => Value::Other("null"),
        Json::Array(items) => Value::List(items.elements.into_iter().map(node).collect::<Result<_, _>>()?),
        Json::Object(object) => Value::Table(entries(object)?),
    };
    Ok(Node { span, value })
}

fn entries(object: Object<'_>) -> Result<Vec<Entry>, Mistake> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for property in object.properties {
        let key_span = span(&property.name);
        let key = property.name.into_string();
        if !seen.insert(key.clone()) {
            return Err(Mistake::new(key_span, format!("duplicate key `{key}`")));
        }
        entries.push(Entry { key, key_span, node: node(property.value)? });
    }
    Ok(entries)
}
