//! Mistakes of XML at their place.
//!
//! The parser does not say where a file that ends too early leaves off, nor what is open there. So that is looked up in the text.

use roxmltree::Error;

use crate::topology::read::Mistake;

/// What holds text that is no element: how it begins and ends, and what it is.
const ASIDES: [(&str, &str, &str); 4] = [
    ("<!--", "-->", "the comment"),
    ("<![CDATA[", "]]>", "the CDATA section"),
    ("<?", "?>", "the processing instruction"),
    ("<!", ">", "the declaration"),
];

/// An error of the XML parser at its place.
pub(crate) fn mistake(text: &str, error: &Error) -> Mistake {
    let unclosed = match error {
        Error::UnexpectedEndOfStream | Error::UnclosedRootNode => still_open(text),
        _ => None,
    };
    if let Some(open) = unclosed {
        return open.mistake(text);
    }
    let position = error.pos();
    let line_start = text.split_inclusive('\n').take(position.row.saturating_sub(1) as usize).map(str::len).sum();
    let line: &str = text[line_start..].lines().next().unwrap_or("");
    let column = line.char_indices().nth(position.col.saturating_sub(1) as usize).map_or(line.len(), |(at, _)| at);
    let message = match error {
        Error::DuplicatedAttribute(name, _) => format!("the attribute `{name}` occurs twice in one element"),
        // The position is shown beside the message.
        _ => error.to_string().replacen(&format!(" at {position}"), "", 1),
    };
    let start = line_start + column;
    Mistake::new(start..start + 1, format!("XML syntax error: {message}"))
}

/// What a file has begun and not ended.
#[derive(Debug, PartialEq, Eq)]
struct Open<'a> {
    /// Where it begins, in bytes.
    start: usize,
    what: String,
    /// What would end it.
    end: Ending<'a>,
}

#[derive(Debug, PartialEq, Eq)]
enum Ending<'a> {
    Text(&'static str),
    EndTag(&'a str),
}

impl Open<'_> {
    /// At the end of the text.
    fn mistake(&self, text: &str) -> Mistake {
        let (line, column) = Mistake::new(self.start..self.start, "").line_and_column(text);
        let end = text.trim_end().len();
        let message = format!(
            "XML syntax error: the file ends here, and {} that begins in line {line}, column {column} is not closed",
            self.what
        );
        Mistake::new(end..end + 1, message).expected(match self.end {
            Ending::Text(text) => format!("`{text}`"),
            Ending::EndTag(name) => format!("`</{name}>`"),
        })
    }
}

/// The innermost of what is open at the end of a text that is well-formed up to there.
fn still_open(text: &str) -> Option<Open<'_>> {
    let mut elements: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('<').map(|found| at + found) {
        let rest = &text[start..];
        if let Some((opening, closing, what)) = ASIDES.into_iter().find(|(opening, ..)| rest.starts_with(opening)) {
            let Some(length) = rest[opening.len()..].find(closing) else {
                return Some(Open { start, what: what.to_owned(), end: Ending::Text(closing) });
            };
            at = start + opening.len() + length + closing.len();
            continue;
        }
        let is_end_tag = rest.starts_with("</");
        let Some(length) = tag_length(rest) else {
            // The element of an end tag that is cut off is open still.
            let what = || format!("the tag `<{}`", name(rest));
            return match elements.last().filter(|_| is_end_tag) {
                Some(element) => Some(of_element(*element)),
                None => Some(Open { start, what: what(), end: Ending::Text(">") }),
            };
        };
        let tag = &rest[..length];
        if is_end_tag {
            elements.pop();
        } else if !tag.ends_with("/>") {
            elements.push((start, name(tag)));
        }
        at = start + length;
    }
    elements.last().map(|element| of_element(*element))
}

fn of_element((start, name): (usize, &str)) -> Open<'_> {
    Open { start, what: format!("`{name}`"), end: Ending::EndTag(name) }
}

/// The length of the tag that a text begins with, up to the first `>` outside of quotes.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// The name in a start tag.
fn name(tag: &str) -> &str {
    let name = tag.trim_start_matches('<');
    let end = name.find(|letter: char| letter.is_whitespace() || letter == '/' || letter == '>');
    &name[..end.unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use super::{Ending, Open, of_element, still_open};

    #[test]
    fn what_is_open_at_the_end_is_found() {
        let of_text = |start: usize, what: &str, end: &'static str| {
            Some(Open { start, what: what.to_owned(), end: Ending::Text(end) })
        };
        let of_element = |start: usize, name: &'static str| Some(of_element((start, name)));
        let cases = [
            ("<a></a>", None),
            ("<a/>", None),
            ("<a><b name=\">\"/>", of_element(0, "a")),
            ("<a><b></b><c x='<'>", of_element(10, "c")),
            ("<a><b></b", of_element(3, "b")),
            ("<a><b name=\"x>", of_text(3, "the tag `<b`", ">")),
            ("<a><!-- <b> --><c>", of_element(15, "c")),
            ("<a><!-- <b>", of_text(3, "the comment", "-->")),
            ("<a><![CDATA[<b>]]>", of_element(0, "a")),
            ("<?xml version=\"1.0\"?><a>", of_element(21, "a")),
            ("<!DOCTYPE a><a", of_text(12, "the tag `<a`", ">")),
        ];
        for (text, expected) in cases {
            assert_eq!(still_open(text), expected, "{text}");
        }
    }
}
