//! The models of `tests/models`: one for each rule of the topology, which its first comment states.

use std::fs;
use std::path::Path;

use ninefold::exact;
use ninefold::measure::{ExactMeasures, NoObserver};
use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, read};

/// One model of the library.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) rule: String,
    pub(crate) model: Model,
}

/// The whole library, by name.
pub(crate) fn library() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    let entries = fs::read_dir(folder).expect("the library is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    paths.sort();
    paths.iter().map(|path| case(path)).collect()
}

fn case(path: &Path) -> Case {
    let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
    let text = fs::read_to_string(path).expect("a model can be read");
    let comments: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
    assert!(!comments.is_empty(), "{name} does not say which rule it tests");
    Case { rule: comments.join(" "), model: parsed(&text, &name), name }
}

/// The model that `text` describes.
pub(crate) fn parsed(text: &str, name: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}\n{text}"))
}

/// The exact engine's solution; dependent times that are not exponential are replaced by exponentials, as the naive solver
/// does. The second part tells whether that was needed.
pub(crate) fn try_solved(model: &Model) -> Result<(ExactMeasures, bool), exact::Error> {
    let settings = exact::Settings { approximate: true, ..exact::Settings::default() };
    let measures = exact::solve(model, &settings, &NoObserver)?;
    let needs_exponential = measures.warnings.iter().any(|warning| warning.code == "approximate");
    Ok((measures, needs_exponential))
}

/// The same for a model that must have a solution.
pub(crate) fn solved(model: &Model, name: &str) -> (ExactMeasures, bool) {
    try_solved(model).unwrap_or_else(|error| panic!("{name}: {error}"))
}
