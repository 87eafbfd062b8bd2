//! Strict JSON with positions.

use std::ops::Range;

use jsonc_parser::ast::Value as Json;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::data::mistake::Mistake;

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

/// The values of a text; places are in bytes of it.
pub(crate) fn parse(text: &str) -> Result<Json<'_>, Mistake> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| {
        let range = error.range();
        Mistake::new(range.start..range.end, format!("syntax error: {}", error.kind().to_string().to_lowercase()))
    })?;
    parsed.value.ok_or_else(|| Mistake::new(0..0, "the file is empty"))
}

/// Where a value stands.
pub(crate) fn range(value: &Json<'_>) -> Range<usize> {
    let range = value.range();
    range.start..range.end
}
