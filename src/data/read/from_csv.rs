//! CSV into entries.

use std::borrow::Cow;
use std::ops::Range;

use csv::{ReaderBuilder, StringRecord};

use crate::data::mistake::Mistake;
use crate::data::read::build::Builder;
use crate::data::read::columns::{Column, Columns};
use crate::data::read::role::ROLES;
use crate::data::read::row::{Cell, Place, Row};

/// Where the reader stands in the text.
struct Position<'t> {
    text: &'t str,
    at: usize,
    line: u32,
}

impl Position<'_> {
    /// Moves to the record that the reader began to look for at `byte`: after empty lines.
    fn move_to(&mut self, byte: usize) {
        let bytes = self.text.as_bytes();
        self.line += newlines(&bytes[self.at..byte.min(bytes.len())]);
        self.at = byte.min(bytes.len());
        loop {
            match bytes.get(self.at) {
                Some(b'\n') => self.line += 1,
                Some(b'\r') => {}
                _ => return,
            }
            self.at += 1;
        }
    }
}

fn newlines(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte == b'\n')).sum()
}

/// The records of a text, which begins with the header.
struct Records<'t> {
    text: &'t str,
    /// Where the header begins.
    header: usize,
    delimiter: u8,
    reader: csv::Reader<&'t [u8]>,
}

impl<'t> Records<'t> {
    fn new(text: &'t str) -> Self {
        let (header, delimiter) = (header(text), delimiter(text));
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(&text.as_bytes()[header..]);
        Self { text, header, delimiter, reader }
    }

    /// The next record, if there is one.
    fn next(&mut self, record: &mut StringRecord) -> Result<bool, Mistake> {
        let is_more = self.reader.read_record(record).map_err(|error| {
            let at = self.header + error.position().map_or(0, |position| position.byte() as usize);
            Mistake::new(at..at, format!("the file is no CSV here: {error}"))
        })?;
        let is_last = self.header + self.reader.position().byte() as usize >= self.text.len();
        if !is_more || !is_last {
            return Ok(is_more);
        }
        // The reader takes the end of the file for the end of a quoted field.
        match unclosed_quote(self.text, self.byte_of(record), self.delimiter) {
            Some(at) => {
                let mistake = Mistake::new(at..at + 1, "the quote that opens here is never closed");
                Err(mistake.help("close it, or write a quote inside of a quoted field twice"))
            }
            None => Ok(true),
        }
    }

    fn byte_of(&self, record: &StringRecord) -> usize {
        self.header + record.position().map_or(0, |position| position.byte() as usize)
    }
}

/// Reads the records of a CSV file with a header, separated by `,`, `;`, tab or `|`.
pub(crate) fn read(text: &str, builder: &mut Builder<'_>) -> Result<(), Mistake> {
    let mut records = Records::new(text);
    let delimiter = records.delimiter;
    let mut position = Position { text, at: 0, line: 1 };
    let mut record = StringRecord::new();
    if !records.next(&mut record)? {
        return Err(Mistake::new(0..0, "the file is empty"));
    }
    position.move_to(records.byte_of(&record));
    let header = record.clone();
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let header_span = span_of_line(text, position.at);
    let mut is_more = records.next(&mut record)?;
    let columns = Columns::recognise(&names, builder.options, |index| if is_more { record.get(index) } else { None });
    columns.check(&names, builder.options, header_span.clone())?;
    if !columns.tell_ends() {
        return Err(columns.no_ends(&names, header_span));
    }
    let reading = &mut builder.log.reading;
    columns.describe(&names, builder.options, reading);
    let separated = match delimiter {
        b'\t' => " separated by tabs".to_owned(),
        b',' => String::new(),
        other => format!(" separated by `{}`", char::from(other)),
    };
    reading.dialect = columns.dialect(&format!("CSV{separated}"), &names);
    while is_more && !builder.is_hopeless() {
        position.move_to(records.byte_of(&record));
        one(&record, &columns, &position, (names.len(), delimiter), builder);
        is_more = records.next(&mut record)?;
    }
    Ok(())
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
        let fields = if record.len() == 1 { "1 field".to_owned() } else { format!("{} fields", record.len()) };
        let message = format!("the row has {fields}, and the header has {expected}");
        let mistake = Mistake::new(span_of_line(position.text, start), message);
        let is_comment = position.text[start..].starts_with('#');
        let help = "comments may stand before the header only";
        builder.mistake(if is_comment { mistake.help(help) } else { mistake });
        return;
    }
    let mut row = Row::new(position.line, start..start);
    for role in 0..ROLES {
        row.cells[role] = columns.of_role[role].and_then(|Column { index, unit, clock }| {
            let text = Cow::Borrowed(record.get(index)?.trim());
            Some(Cell { text, place: Place::Field(index), unit, clock, list: None })
        });
    }
    builder.add(&row, &locate);
}

/// Where the header begins: after empty lines and comments.
fn header(text: &str) -> usize {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with('#') && !line.trim().is_empty() {
            break;
        }
        at += line.len();
    }
    at
}

/// The separator that the header has most of.
fn delimiter(text: &str) -> u8 {
    let header = text[header(text)..].lines().next().unwrap_or_default();
    let count = |delimiter: &&u8| header.bytes().filter(|byte| byte == *delimiter).count();
    b"|\t;,".iter().max_by_key(count).copied().unwrap_or(b',')
}

fn span_of_line(text: &str, start: usize) -> Range<usize> {
    let end = text.as_bytes()[start..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
    start..end.map_or(text.len(), |length| start + length)
}

/// The quote that opens the field in which the text ends, of the records from `start` on.
fn unclosed_quote(text: &str, start: usize, delimiter: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut opened, mut begins) = (None, true);
    let mut at = start;
    while let Some(byte) = bytes.get(at).copied() {
        match (opened, byte) {
            (None, b'"') if begins => opened = Some(at),
            (Some(_), b'"') if bytes.get(at + 1) == Some(&b'"') => at += 1,
            (Some(_), b'"') => opened = None,
            _ => {}
        }
        begins = opened.is_none() && (byte == delimiter || matches!(byte, b'\n' | b'\r'));
        at += 1;
    }
    opened
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
