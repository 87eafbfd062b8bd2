//! CSV files with a first line that names their columns.

use crate::cli::problem::Problem;

/// Names that are listed in a message.
const MOST_LISTED: usize = 12;

/// Reads `text`, and the delimiter that it goes by: the first of `,`, `;` and a tab that the header has. Lines that begin with
/// `#` are comments.
pub(crate) fn reader(text: &str) -> (csv::Reader<&[u8]>, u8) {
    let header = text.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    let is_in_header = |delimiter: &&u8| header.as_bytes().contains(delimiter);
    let delimiter = b",;\t".iter().find(is_in_header).copied().unwrap_or(b',');
    let mut builder = csv::ReaderBuilder::new();
    let builder = builder.trim(csv::Trim::All).comment(Some(b'#')).delimiter(delimiter);
    (builder.from_reader(text.as_bytes()), delimiter)
}

/// A name of a column but for case, spaces, `_` and `-`.
pub(crate) fn plain_name(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// There is no such column in the file.
pub(crate) fn no_column(file: &str, column: &str, headers: &[String]) -> Problem {
    let found = headers.iter().take(MOST_LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Problem::usage(format!("`{file}` has no column `{column}`; its columns are {found}"))
}
