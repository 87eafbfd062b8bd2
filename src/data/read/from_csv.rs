//! CSV into entries.

use std::borrow::Cow;
use std::ops::Range;

use csv::{ReaderBuilder, StringRecord};

use crate::data::mistake::Mistake;
use crate::data::read::build::Builder;
use crate::data::read::columns::{Columns, dialect};
use crate::data::read::role::ROLES;
use crate::data::read::row::{Cell, Place, Row};

/// Where the reader stands in the text.
struct Position<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Position<'_> {
    /// Moves to the record that the reader began to look for at `byte`: after empty lines and comments.
    fn move_to(&mut self, byte: usize) {
        let bytes = self.text.as_bytes();
        self.line += newlines(&bytes[self.at..byte.min(bytes.len())]);
        self.at = byte.min(bytes.len());
        loop {
            match bytes.get(self.at) {
                Some(b'\n') => self.line += 1,
                Some(b'\r') => {}
                Some(b'#') => {
                    let rest = bytes[self.at..].iter().position(|byte| *byte == b'\n');
                    self.at = rest.map_or(bytes.len(), |length| self.at + length);
                    continue;
                }
                _ => return,
            }
            self.at += 1;
        }
    }
}

fn newlines(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte == b'\n')).sum()
}

/// Reads the records of a CSV file with a header, separated by `,`, `;`, tab or `|`.
pub(crate) fn read(text: &str, builder: &mut Builder<'_>) -> Result<(), Mistake> {
    let delimiter = delimiter(text);
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut position = Position { text, at: 0, line: 1 };
    let mut record = StringRecord::new();
    if !next(&mut reader, &mut record)? {
        return Err(Mistake::new(0..0, "the file is empty"));
    }
    position.move_to(byte_of(&record));
    let header = record.clone();
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let header_span = span_of_line(text, position.at);
    let mut is_more = next(&mut reader, &mut record)?;
    let columns = Columns::recognise(&names, builder.options, |index| if is_more { record.get(index) } else { None });
    columns.check(&names, builder.options, header_span)?;
    let reading = &mut builder.log.reading;
    columns.describe(&names, reading);
    let separated = match delimiter {
        b'\t' => " separated by tabs".to_owned(),
        b',' => String::new(),
        other => format!(" separated by `{}`", char::from(other)),
    };
    reading.dialect = dialect(&format!("CSV{separated}"), &names);
    while is_more && !builder.is_hopeless() {
        position.move_to(byte_of(&record));
        one(&record, &columns, &position, (names.len(), delimiter), builder);
        is_more = next(&mut reader, &mut record)?;
    }
    Ok(())
}

fn next(reader: &mut csv::Reader<&[u8]>, record: &mut StringRecord) -> Result<bool, Mistake> {
    reader.read_record(record).map_err(|error| {
        let at = error.position().map_or(0, |position| position.byte() as usize);
        Mistake::new(at..at, format!("the file is no CSV here: {error}"))
    })
}

fn byte_of(record: &StringRecord) -> usize {
    record.position().map_or(0, |position| position.byte() as usize)
}

fn one(
    record: &StringRecord,
    columns: &Columns,
    position: &Position<'_>,
    (expected, delimiter): (usize, u8),
    builder: &mut Builder<'_>,
) {
    let start = position.at;
    let locate = |index: usize| field_span(position.text, start, index, delimiter);
    if record.len() == 1 && record[0].trim().is_empty() {
        return;
    }
    if record.len() != expected {
        builder.log.reading.rows += 1;
        let message = format!("the row has {} fields, and the header has {expected}", record.len());
        builder.mistake(Mistake::new(span_of_line(position.text, start), message));
        return;
    }
    let mut row = Row::new(position.line, start..start);
    for role in 0..ROLES {
        row.cells[role] = columns.of_role[role].and_then(|(index, unit)| {
            let text = Cow::Borrowed(record.get(index)?.trim());
            Some(Cell { text, place: Place::Field(index), unit, list: None })
        });
    }
    builder.add(&row, &locate);
}

/// The separator that the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &&u8| header.bytes().filter(|byte| byte == *delimiter).count();
    b"|\t;,".iter().max_by_key(count).copied().unwrap_or(b',')
}

fn span_of_line(text: &str, start: usize) -> Range<usize> {
    let end = text.as_bytes()[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    start..end.map_or(text.len(), |length| start + length)
}

/// The bytes of a field of the record that begins at `start`.
fn field_span(text: &str, start: usize, wanted: usize, delimiter: u8) -> Range<usize> {
    let bytes = text.as_bytes();
    let (mut index, mut from, mut in_quotes) = (0, start, false);
    for (at, byte) in bytes.iter().copied().enumerate().skip(start) {
        match byte {
            b'"' => in_quotes = !in_quotes,
            byte if !in_quotes && (byte == delimiter || matches!(byte, b'\n' | b'\r')) => {
                if index == wanted {
                    return from..at;
                }
                if byte != delimiter {
                    return from..at;
                }
                index += 1;
                from = at + 1;
            }
            _ => {}
        }
    }
    from..bytes.len()
}
