//! JSON into the tree of values.

use jsonc_parser::ast::{Object, Value as Json};
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};

/// Strict JSON.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(crate) fn parse(text: &str) -> Result<Node, Mistake> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let range = error.range();
        Mistake::new(range.start..range.end, format!("syntax error: {}", error.kind().to_string().to_lowercase()))
    })?;
    let value = parsed.value.ok_or_else(|| Mistake::new(0..0, "the file is empty"))?;
    node(value)
}

fn span(range: Range) -> std::ops::Range<usize> {
    range.start..range.end
}

fn node(value: Json<'_>) -> Result<Node, Mistake> {
    let span = span(value.range());
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
        let key_span = span(property.name.range());
        let key = property.name.into_string();
        if !seen.insert(key.clone()) {
            return Err(Mistake::new(key_span, format!("duplicate key `{key}`")));
        }
        entries.push(Entry { key, key_span, node: node(property.value)? });
    }
    Ok(entries)
}
