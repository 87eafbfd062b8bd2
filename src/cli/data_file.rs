//! Data files: their text, and what to call them.

use std::io::Read;
use std::path::Path;

use crate::cli::problem::Problem;
use crate::data::Mistake;
use crate::topology::read::Mistake as Located;

/// Larger files are refused: everything is read into memory.
const LARGEST_FILE: u64 = 1 << 30;

/// Mistakes that are listed, at most.
const MOST_LISTED: usize = 20;

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
        if utf_16 {
            return Problem::usage(format!("{name}:1:1: the file is UTF-16, and not a text in UTF-8"))
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
