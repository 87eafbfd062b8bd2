//! The grammar of `up` and `down`.
//!
//! ```text
//! or-expression  = and-expression { "or" and-expression }
//! and-expression = operand { "and" operand }
//! operand        = name | K "of" "(" or-expression { "," or-expression } ")" | "(" or-expression ")"
//! ```

use std::ops::Range;

/// An expression over names with their places.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parsed {
    Name(String, Range<usize>),
    And(Vec<Parsed>),
    Or(Vec<Parsed>),
    AtLeast(u32, Vec<Parsed>),
}

/// Where reading stopped, and what would have gone on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unexpected {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) expected: &'static str,
}

/// Deeper nesting than this is no system that a person wrote.
const DEEPEST: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    Open,
    Close,
    Comma,
    Strange(char),
    End,
}

/// Reads a whole expression; spans are bytes of `text`.
pub(crate) fn parse(text: &str) -> Result<Parsed, Unexpected> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let parsed = parser.or_expression()?;
    match parser.peek() {
        (Token::End, _) => Ok(parsed),
        (token, span) => Err(unexpected(token, span, "`and`, `or` or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn or_expression(&mut self) -> Result<Parsed, Unexpected> {
        self.chain("or", Parsed::Or, |parser| parser.chain("and", Parsed::And, Self::operand))
    }

    fn chain(
        &mut self,
        word: &str,
        join: fn(Vec<Parsed>) -> Parsed,
        mut part: impl FnMut(&mut Self) -> Result<Parsed, Unexpected>,
    ) -> Result<Parsed, Unexpected> {
        let mut parts = vec![part(self)?];
        while self.peek().0 == Token::Word(word) {
            self.next();
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) })
    }

    fn operand(&mut self) -> Result<Parsed, Unexpected> {
        let (token, span) = self.next();
        match token {
            Token::Word(word) if !["and", "or", "of"].contains(&word) => Ok(Parsed::Name(word.to_owned(), span)),
            Token::Number(number) => self.at_least(number, span),
            Token::Open => {
                self.enter(&span)?;
                let inner = self.or_expression()?;
                self.expect(Token::Close, "`and`, `or` or `)`")?;
                self.depth -= 1;
                Ok(inner)
            }
            _ => Err(unexpected(token, span, "a name, `K of (…)` or `(`")),
        }
    }

    fn at_least(&mut self, number: &str, span: Range<usize>) -> Result<Parsed, Unexpected> {
        self.expect(Token::Word("of"), "`of` after the number")?;
        self.expect(Token::Open, "`(` after `of`")?;
        self.enter(&span)?;
        let mut parts = vec![self.or_expression()?];
        while self.peek().0 == Token::Comma {
            self.next();
            parts.push(self.or_expression()?);
        }
        self.expect(Token::Close, "`,` or `)`")?;
        self.depth -= 1;
        let need = number.parse::<u32>().ok().filter(|need| (1..=parts.len()).contains(&(*need as usize)));
        let message = || format!("`{number} of` a list of {}", parts.len());
        let wrong =
            || Unexpected { span, message: message(), expected: "a whole number from 1 to the length of the list" };
        Ok(Parsed::AtLeast(need.ok_or_else(wrong)?, parts))
    }

    fn enter(&mut self, span: &Range<usize>) -> Result<(), Unexpected> {
        self.depth += 1;
        if self.depth <= DEEPEST {
            return Ok(());
        }
        let message = format!("parentheses are nested deeper than {DEEPEST}");
        Err(Unexpected { span: span.clone(), message, expected: "a flatter expression" })
    }

    fn expect(&mut self, wanted: Token<'_>, expected: &'static str) -> Result<(), Unexpected> {
        let (token, span) = self.next();
        if token == wanted { Ok(()) } else { Err(unexpected(token, span, expected)) }
    }

    fn next(&mut self) -> (Token<'a>, Range<usize>) {
        let (token, span) = self.peek();
        self.at = span.end;
        (token, span)
    }

    fn peek(&self) -> (Token<'a>, Range<usize>) {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        let start = self.at + rest.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else { return (Token::End, start..start) };
        let while_in = |allowed: fn(char) -> bool| {
            let end = trimmed.find(|c| !allowed(c)).unwrap_or(trimmed.len());
            (&trimmed[..end], start..start + end)
        };
        match first {
            '(' => (Token::Open, start..start + 1),
            ')' => (Token::Close, start..start + 1),
            ',' => (Token::Comma, start..start + 1),
            c if c.is_ascii_digit() => {
                let (number, span) = while_in(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
                (Token::Number(number), span)
            }
            c if c.is_ascii_alphabetic() => {
                let (word, span) = while_in(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
                (Token::Word(word), span)
            }
            c => (Token::Strange(c), start..start + c.len_utf8()),
        }
    }
}

fn unexpected(token: Token<'_>, span: Range<usize>, expected: &'static str) -> Unexpected {
    let message = match token {
        Token::Word(word) => format!("unexpected `{word}`"),
        Token::Number(number) => format!("unexpected `{number}`"),
        Token::Open => "unexpected `(`".to_owned(),
        Token::Close => "unexpected `)`".to_owned(),
        Token::Comma => "unexpected `,`".to_owned(),
        Token::Strange(c) => format!("unexpected `{}`", c.escape_debug()),
        Token::End => "the expression ends too early".to_owned(),
    };
    Unexpected { span, message, expected }
}

#[cfg(test)]
mod tests {
    use super::{Parsed, parse};

    fn show(parsed: &Parsed) -> String {
        let list = |of: &[Parsed]| of.iter().map(show).collect::<Vec<_>>().join(" ");
        match parsed {
            Parsed::Name(name, _) => name.clone(),
            Parsed::And(of) => format!("(& {})", list(of)),
            Parsed::Or(of) => format!("(| {})", list(of)),
            Parsed::AtLeast(need, of) => format!("({need}/ {})", list(of)),
        }
    }

    #[test]
    fn and_binds_tighter_than_or() {
        let cases = [
            ("a and b or c and d", "(| (& a b) (& c d))"),
            ("a and (b or c) and d", "(& a (| b c) d)"),
            ("2 of (a, b and c, 1 of (d))", "(2/ a (& b c) (1/ d))"),
            ("((a))", "a"),
            ("of-the_9", "of-the_9"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(&parse(text).unwrap()), expected);
        }
    }

    #[test]
    fn mistakes_have_their_place() {
        let cases = [
            ("", 0),
            ("a and", 5),
            ("a b", 2),
            ("(a", 2),
            ("a)", 1),
            ("3 of (a, b)", 0),
            ("0 of (a)", 0),
            ("2 of a", 5),
            ("a & b", 2),
            ("and", 0),
            ("99999999999 of (a)", 0),
        ];
        for (text, place) in cases {
            assert_eq!(parse(text).unwrap_err().span.start, place, "{text}");
        }
        assert!(parse(&("(".repeat(20_000) + "a" + &")".repeat(20_000))).is_err());
    }
}
