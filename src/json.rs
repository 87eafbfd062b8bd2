//! Strict JSON with positions: comments, trailing commas, single quotes and numbers such as `NaN` are mistakes.

use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use thiserror::Error;

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

/// Why a text is no JSON.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub(crate) struct Error {
    /// Where, in bytes of the text.
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
}

/// The values of a text; places are in bytes of it.
pub(crate) fn parse(text: &str) -> Result<Value<'_>, Error> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let range = error.range();
        let message = format!("syntax error: {}", error.kind().to_string().to_lowercase());
        Error { span: range.start..range.end, message }
    })?;
    parsed.value.ok_or_else(|| Error { span: 0..0, message: "the file is empty".to_owned() })
}

/// Where a part of it stands.
pub(crate) fn span(of: &impl Ranged) -> Range<usize> {
    let range = of.range();
    range.start..range.end
}
