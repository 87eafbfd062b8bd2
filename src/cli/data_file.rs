//! Data files: their text, and what to call them.

use std::path::Path;

use crate::cli::file::{Limit, bytes_of, name_of};
use crate::cli::problem::Problem;
use crate::data::Mistake;
use crate::topology::read::Mistake as Located;

const LIMIT: Limit = Limit { bytes: 1 << 30, too_large: "it is larger than 1 GiB" };

/// Mistakes that are listed, at most.
const MOST_LISTED: usize = 20;

/// The text of a data file or of standard input, and what to call it.
pub(crate) fn read_data(path: &Path) -> Result<(String, String), Problem> {
    let name = name_of(path);
    let bytes = bytes_of(path, LIMIT).map_err(|error| Problem::usage(format!("cannot read `{name}`: {error}")))?;
    let text = text_of(bytes, &name)?;
    Ok((name, text))
}

/// The bytes as text; a mark of the byte order is skipped.
fn text_of(mut bytes: Vec<u8>, name: &str) -> Result<String, Problem> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    let utf_32 = bytes.starts_with(&[0xFF, 0xFE, 0, 0]) || bytes.starts_with(&[0, 0, 0xFE, 0xFF]);
    let utf_16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let text = String::from_utf8(bytes).map_err(|error| {
        if utf_16 || utf_32 {
            let encoding = if utf_32 { "UTF-32" } else { "UTF-16" };
            return Problem::usage(format!("{name}:1:1: the file is {encoding}, and not a text in UTF-8"))
                .help("save the file as UTF-8");
        }
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
        let mistake = Mistake {
            span,
            message: format!("the byte 0x{byte:02x} is not UTF-8"),
            help: Some("save the file as UTF-8".to_owned()),
        };
        mistakes(name.to_owned(), String::from_utf8_lossy(error.as_bytes()).into_owned(), vec![mistake])
    })?;
    if text.trim().is_empty() {
        return Err(Problem::usage(format!("`{name}` is empty")));
    }
    Ok(text)
}

/// Mistakes of a data file, for messages.
pub(crate) fn mistakes(name: String, text: String, mut mistakes: Vec<Mistake>) -> Problem {
    let has_more = mistakes.len() > MOST_LISTED;
    mistakes.truncate(MOST_LISTED);
    let located = |mistake: Mistake| Located {
        span: mistake.span,
        message: mistake.message,
        expected: None,
        help: mistake.help,
        change: None,
    };
    let problem = Problem::mistakes(name, text, Vec::new(), mistakes.into_iter().map(located).collect());
    if has_more { problem.and_more() } else { problem }
}
