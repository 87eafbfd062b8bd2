//! The models of `tests/rare/models`, and their references, which `reference.py` computes without the program.

use std::fs;
use std::path::{Path, PathBuf};

use ninefold::quantity::DEFAULT_YEAR_SECONDS;
use ninefold::topology::Model;
use ninefold::topology::read::{Syntax, read};

/// One model.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) model: Model,
    /// Absent where no independent method reaches it.
    pub(crate) reference: Option<Reference>,
}

/// Long-run values of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reference {
    pub(crate) unavailability: f64,
    /// Outages per second.
    pub(crate) frequency: f64,
}

/// The folder of models and tables.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rare")
}

/// The model that `text` describes.
pub(crate) fn parsed(text: &str, name: &str) -> Model {
    read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap_or_else(|mistakes| panic!("{name}: {mistakes:?}"))
}

/// All models, by name.
pub(crate) fn library() -> Vec<Case> {
    let entries = fs::read_dir(folder().join("models")).expect("the library is there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    paths.sort();
    let references = references();
    let case = |path: &PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let model = parsed(&fs::read_to_string(path).expect("a model can be read"), &name);
        let reference = references.iter().find(|(of, _)| *of == name).map(|(_, reference)| *reference);
        Case { name, model, reference }
    };
    paths.iter().map(case).collect()
}

fn references() -> Vec<(String, Reference)> {
    let text = fs::read_to_string(folder().join("reference.csv")).expect("the references are there");
    let reference = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |index: usize| fields[index].parse::<f64>().expect("a number");
        let frequency = number(2) / DEFAULT_YEAR_SECONDS;
        (fields[0].to_owned(), Reference { unavailability: number(1), frequency })
    };
    text.lines().skip(1).map(reference).collect()
}
