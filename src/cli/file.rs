//! The bytes of a file or of standard input.

use std::fs::File;
use std::io::{Error, Read, Result, stdin};
use std::path::Path;

/// How large a file may be: everything is read into memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// In bytes.
    pub(crate) bytes: u64,
    /// What is said of a larger one.
    pub(crate) too_large: &'static str,
}

/// What to call a file; `-` is standard input.
pub(crate) fn name_of(path: &Path) -> String {
    if is_standard_input(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Its bytes.
pub(crate) fn bytes_of(path: &Path, limit: Limit) -> Result<Vec<u8>> {
    if is_standard_input(path) {
        return contents(stdin().lock(), limit);
    }
    if path.is_dir() {
        return Err(Error::other("it is a directory"));
    }
    contents(File::open(path)?, limit)
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn contents(source: impl Read, limit: Limit) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(limit.bytes + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit.bytes {
        return Err(Error::other(limit.too_large));
    }
    Ok(bytes)
}
