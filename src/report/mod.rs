//! Reports: the same results as aligned table, JSON, CSV and Markdown.
//!
//! Each command has a serialisable result ([`results`]), which is the JSON and generates its schema ([`schema`]), and which
//! lays itself out as a neutral [`Sheet`](sheet::Sheet) of tables; [`render`] turns that into text. Nothing is computed here but
//! rounding and units.

pub mod number;
pub mod plot;
pub mod render;
pub mod results;
pub mod schema;
pub mod sheet;
