//! Data files: their text, and what to call them.

use std::io::Read;
use std::path::Path;

use crate::cli::problem::Problem;
use crate::data::Mistake;
use crate::topology::read::Mistake as Located;

/// Larger files are refused: everything is read into memory.
const LARGEST_FILE: u64 = 1 << 30;

/// The text of a data file or of standard input, and what to call it.
pub(crate) fn read_data(path: &Path) -> Result<(String, String), Problem> {
    let is_standard_input = path == Path::new("-");
    let name = if is_standard_input { "standard input".to_owned() } else { path.display().to_string() };
    let bytes = if is_standard_input { contents(std::io::stdin().lock()) } else { of_file(path) };
    let bytes = bytes.map_err(|error| Problem::usage(format!("cannot read `{name}`: {error}")))?;
    let text = text_of(bytes, &name)?;
    Ok((name, text))
}

fn of_file(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.is_dir() {
        return Err(std::io::Error::other("it is a directory"));
    }
    contents(std::fs::File::open(path)?)
}

fn contents(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(std::io::Error::other("it is larger than 1 GiB"));
    }
    Ok(bytes)
}

/// The bytes as text; a mark of the byte order is skipped.
fn text_of(mut bytes: Vec<u8>, name: &str) -> Result<String, Problem> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        bytes.drain(..3);
    }
    let utf_16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let message = if utf_16 {
            format!("`{name}` is not a text in UTF-8: it is UTF-16")
        } else {
            format!("`{name}` is not a text: byte {column} of line {line} is not UTF-8")
        };
        Problem::usage(message).help("save the file as UTF-8")
    })?;
    if text.trim().is_empty() {
        return Err(Problem::usage(format!("`{name}` is empty")));
    }
    Ok(text)
}

/// Mistakes of a data file, for messages.
pub(crate) fn mistakes(name: String, text: String, mistakes: Vec<Mistake>) -> Problem {
    let located = |mistake: Mistake| Located {
        span: mistake.span,
        message: mistake.message,
        expected: None,
        help: mistake.help,
        change: None,
    };
    Problem::mistakes(name, text, Vec::new(), mistakes.into_iter().map(located).collect())
}
