//! JSON and JSON Lines into entries.

use std::borrow::Cow;
use std::ops::Range;

use jsonc_parser::ast::{Array, Object, ObjectProp, Value as Json};
use jsonc_parser::common::Ranged;

use crate::data::mistake::{Mistake, quoted};
use crate::data::read::build::Builder;
use crate::data::read::columns::{Column, Columns};
use crate::data::read::role::ROLES;
use crate::data::read::row::{Cell, Place, Row};
use crate::json::{parse, span as span_of};

/// Names of lists of incidents in an object.
const LISTS: [&str; 6] = ["incidents", "outages", "events", "items", "data", "results"];
/// Names of lists of planned maintenances beside them.
const PLANNED: [&str; 2] = ["scheduled_maintenances", "maintenances"];

/// Counts lines up to growing places.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, byte: usize) -> u32 {
        if byte >= self.at {
            let passed = &self.text.as_bytes()[self.at..byte.min(self.text.len())];
            self.line += passed.iter().map(|byte| u32::from(*byte == b'\n')).sum::<u32>();
            self.at = byte;
        }
        self.line
    }
}

/// Reads an array of incidents, an object with a list of them, or one object a line.
pub(crate) fn read(text: &str, builder: &mut Builder<'_>) -> Result<(), Mistake> {
    let mut lines = Lines { text, at: 0, line: 1 };
    if is_lines(text) {
        return lines_of_json(text, &mut lines, builder);
    }
    match parse(text)? {
        Json::Array(array) => list(array, false, &mut lines, builder, "JSON array"),
        Json::Object(object) => in_object(object, &mut lines, builder),
        other => Err(Mistake::new(span_of(&other), "an array or an object with a list of incidents is expected")),
    }
}

/// Whether the first line holds a whole object, and more follow.
fn is_lines(text: &str) -> bool {
    let Some((first, rest)) = text.trim_start().split_once('\n') else { return false };
    first.starts_with('{') && rest.trim_start().starts_with('{') && parse(first).is_ok()
}

fn lines_of_json(text: &str, lines: &mut Lines<'_>, builder: &mut Builder<'_>) -> Result<(), Mistake> {
    let mut at = 0;
    let mut columns: Option<Known> = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim().is_empty() || builder.is_hopeless() {
            continue;
        }
        match parse(line.trim_end()) {
            Ok(Json::Object(object)) => {
                let number = lines.of(start);
                let known = match &mut columns {
                    Some(known) => known,
                    None => columns.insert(Known::of(&object, "JSON Lines", start, builder)?),
                };
                known.add(&object, (start, number), false, builder);
            }
            Ok(_) => {
                let mistake = Mistake::new(start..at, "an object is expected on each line");
                builder.log.reading.rows += 1;
                builder.mistake(mistake);
            }
            Err(error) => {
                builder.log.reading.rows += 1;
                builder.mistake(Mistake::from(error).moved(start));
            }
        }
    }
    columns.map_or(Ok(()), |known| known.check_ends())
}

fn in_object(object: Object<'_>, lines: &mut Lines<'_>, builder: &mut Builder<'_>) -> Result<(), Mistake> {
    let place = object.range.start..object.range.end;
    let is_list = |property: &ObjectProp<'_>| matches!(property.value, Json::Array(_));
    let named =
        |property: &ObjectProp<'_>, names: &[&str]| names.contains(&property.name.as_str()) && is_list(property);
    let has_list = object.properties.iter().any(|property| named(property, &LISTS) || named(property, &PLANNED));
    if !has_list {
        let start = object.range.start;
        let mut known = Known::of(&object, "JSON object", 0, builder).map_err(|mistake| {
            let mistake = Mistake::new(place, mistake.message);
            mistake.help("an object with a list `incidents`, an array, or one object a line is expected")
        })?;
        let number = lines.of(start);
        known.add(&object, (0, number), false, builder);
        return known.check_ends();
    }
    for property in object.properties {
        let planned = PLANNED.contains(&property.name.as_str());
        if !planned && !LISTS.contains(&property.name.as_str()) {
            continue;
        }
        let syntax = format!("JSON object with `{}`", property.name.as_str());
        if let Json::Array(array) = property.value {
            let (described, columns) = (builder.log.reading.dialect.clone(), builder.log.reading.columns.clone());
            list(array, planned, lines, builder, &syntax)?;
            if !described.is_empty() {
                builder.log.reading.dialect = described;
                builder.log.reading.columns = columns;
            }
        }
    }
    Ok(())
}

fn list(
    array: Array<'_>,
    planned: bool,
    lines: &mut Lines<'_>,
    builder: &mut Builder<'_>,
    syntax: &str,
) -> Result<(), Mistake> {
    let mut known: Option<Known> = None;
    if array.elements.is_empty() && builder.log.reading.dialect.is_empty() {
        syntax.clone_into(&mut builder.log.reading.dialect);
    }
    for element in array.elements {
        if builder.is_hopeless() {
            break;
        }
        let line = lines.of(element.range().start);
        match element {
            Json::Object(object) => {
                let known = match &mut known {
                    Some(known) => known,
                    None => known.insert(Known::of(&object, syntax, 0, builder)?),
                };
                known.add(&object, (0, line), planned, builder);
            }
            other => {
                builder.log.reading.rows += 1;
                builder.mistake(Mistake::new(span_of(&other), "an object is expected for each incident"));
            }
        }
    }
    known.map_or(Ok(()), |known| known.check_ends())
}

/// What the names of the first object mean; other objects may have more or fewer of them.
struct Known {
    names: Vec<String>,
    columns: Columns,
    /// Where the first object stands.
    span: Range<usize>,
    /// Whether any object tells when its incident ends.
    tells_ends: bool,
}

impl Known {
    fn of(object: &Object<'_>, syntax: &str, offset: usize, builder: &mut Builder<'_>) -> Result<Self, Mistake> {
        let names: Vec<String> = object.properties.iter().map(|property| property.name.as_str().to_owned()).collect();
        let texts: Vec<String> =
            object.properties.iter().map(|property| text_of(&property.value).0.into_owned()).collect();
        let borrowed: Vec<&str> = names.iter().map(String::as_str).collect();
        let columns = Columns::recognise(&borrowed, builder.options, |index| texts.get(index).map(String::as_str));
        let span = object.range.start + offset..object.range.end + offset;
        columns.check(&borrowed, builder.options, span.clone())?;
        columns.describe(&borrowed, builder.options, &mut builder.log.reading);
        builder.log.reading.dialect = columns.dialect(syntax, &borrowed);
        Ok(Self { names, columns, span, tells_ends: false })
    }

    /// The same names in another object, or what its own names mean.
    fn columns(&self, object: &Object<'_>, builder: &Builder<'_>) -> Columns {
        let is_same = object.properties.len() == self.names.len()
            && object.properties.iter().zip(&self.names).all(|(property, name)| property.name.as_str() == name);
        if is_same {
            return self.columns.clone();
        }
        let names: Vec<&str> = object.properties.iter().map(|property| property.name.as_str()).collect();
        let texts: Vec<Cow<'_, str>> = object.properties.iter().map(|property| text_of(&property.value).0).collect();
        Columns::recognise(&names, builder.options, |index| texts.get(index).map(AsRef::as_ref))
    }

    /// Refuses a list in which no object tells when its incident ends.
    fn check_ends(&self) -> Result<(), Mistake> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        if self.tells_ends { Ok(()) } else { Err(self.columns.no_ends(&names, self.span.clone())) }
    }

    fn add(&mut self, object: &Object<'_>, (offset, line): (usize, u32), planned: bool, builder: &mut Builder<'_>) {
        let columns = self.columns(object, builder);
        self.tells_ends |= columns.tell_ends();
        let span = object.range.start + offset..object.range.end + offset;
        if let Some(twice) = repeated(object) {
            builder.log.reading.rows += 1;
            let message = format!("the name {} stands twice in one object", quoted(&twice.0));
            builder.mistake(Mistake::new(twice.1, message).moved(offset));
            return;
        }
        let mut row = Row::new(line, span);
        row.planned = planned;
        for role in 0..ROLES {
            row.cells[role] = columns.of_role[role].and_then(|Column { index, unit, clock }| {
                let value = &object.properties.get(index)?.value;
                let (text, list) = text_of(value);
                let range = span_of(value);
                let place = Place::Span(range.start + offset..range.end + offset);
                Some(Cell { text, place, unit, clock, list })
            });
        }
        builder.add(&row, &|_| 0..0);
    }
}

fn repeated(object: &Object<'_>) -> Option<(String, Range<usize>)> {
    let mut seen = std::collections::BTreeSet::new();
    let again = object.properties.iter().find(|property| !seen.insert(property.name.as_str()))?;
    Some((again.name.as_str().to_owned(), span_of(&again.name)))
}

/// A value as text, and as several where it is a list.
fn text_of<'a>(value: &Json<'a>) -> (Cow<'a, str>, Option<Vec<String>>) {
    match value {
        Json::StringLit(text) => (text.value.clone(), None),
        Json::NumberLit(number) => (plain_number(number.value), None),
        Json::BooleanLit(truth) => (Cow::Borrowed(if truth.value { "true" } else { "false" }), None),
        Json::NullKeyword(_) => (Cow::Borrowed(""), None),
        Json::Object(object) => (Cow::Owned(name_of(object).unwrap_or_default()), None),
        Json::Array(array) => {
            let names: Vec<String> = array.elements.iter().map(|element| text_of(element).0.into_owned()).collect();
            (Cow::Owned(names.join(";")), Some(names))
        }
    }
}

/// A number without an exponent.
fn plain_number(text: &str) -> Cow<'_, str> {
    if !text.contains(['e', 'E']) {
        return Cow::Borrowed(text);
    }
    crate::quantity::Decimal::parse(text).map_or(Cow::Borrowed(text), |number| Cow::Owned(number.to_string()))
}

/// What an object is called.
fn name_of(object: &Object<'_>) -> Option<String> {
    ["name", "summary", "title", "id"].iter().find_map(|name| {
        let property = object.properties.iter().find(|property| property.name.as_str() == *name)?;
        let (text, _) = text_of(&property.value);
        Some(text.into_owned())
    })
}
