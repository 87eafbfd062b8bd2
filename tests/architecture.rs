//! The house keeps its floors: imports run downwards, and crates stay in their rooms.
//!
//! The two tables below are the architecture. A module that is not placed, an import that runs upwards or
//! sideways, or a crate outside its room fails with file and line.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use std::fs;
use std::path::{Path, PathBuf};

/// Top-level modules by floor.
const FLOORS: [&[&str]; 5] = [
    &["quantity", "numeric", "json"],
    &["topology", "data", "measure", "formulas"],
    &["structure", "dynamics"],
    &["exact", "simulate", "observed", "fit", "slo"],
    &["study", "report", "cli"],
];

/// The only imports between modules of one floor.
const NEIGHBOURS: [(&str, &str); 2] = [("cli", "study"), ("cli", "report")];

/// Crates that only the named folders or files (prefixes below `src`) may use.
const ROOMS: [(&str, &[&str]); 20] = [
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("anstream", &["cli"]),
    ("annotate_snippets", &["cli"]),
    ("indicatif", &["cli"]),
    ("ctrlc", &["cli"]),
    ("comfy_table", &["report"]),
    ("schemars", &["report"]),
    ("toml", &["topology/read"]),
    ("jsonc_parser", &["json", "topology/read", "data"]),
    ("saphyr_parser", &["data"]),
    ("roxmltree", &["topology/read"]),
    ("winnow", &["topology/read", "quantity"]),
    ("csv", &["cli", "report", "data"]),
    ("jiff", &["data"]),
    ("rayon", &["simulate", "study", "fit"]),
    ("std::fs", &["cli", "main"]),
    ("std::env", &["cli", "main"]),
    ("std::thread", &["simulate", "structure", "study", "cli"]),
];

/// Words that stand for files, environment, clock and terminal, wherever they are written out in full.
const SURFACE_ONLY: [&str; 5] =
    ["std::io::stdout", "std::io::stderr", "Instant::now", "SystemTime::now", "std::process"];

struct Line {
    file: PathBuf,
    number: usize,
    text: String,
}

impl Line {
    /// The path below `src`, with forward slashes.
    fn room(&self) -> String {
        self.file.strip_prefix(source()).expect("a file below src").to_string_lossy().replace('\\', "/")
    }

    fn module(&self) -> String {
        self.room().split(['/', '.']).next().unwrap_or_default().to_owned()
    }

    fn place(&self) -> String {
        format!("src/{}:{}", self.room(), self.number)
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every line of code; comments are left out.
fn code() -> Vec<Line> {
    let mut files = Vec::new();
    rust_files(&source(), &mut files);
    let mut lines = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (index, line) in text.lines().enumerate() {
            if !line.trim_start().starts_with("//") {
                lines.push(Line { file: file.clone(), number: index + 1, text: line.to_owned() });
            }
        }
    }
    lines
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|modules| modules.contains(&module))
}

/// The top-level modules that a line of code refers to by `crate::…`.
fn referred(text: &str) -> Vec<String> {
    text.match_indices("crate::")
        .map(|(at, found)| {
            let rest = &text[at + found.len()..];
            rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
        })
        .filter(|name: &String| name.chars().next().is_some_and(char::is_lowercase))
        .collect()
}

#[test]
fn every_top_level_module_has_a_floor() {
    for line in code() {
        let module = line.module();
        assert!(
            ["lib", "main"].contains(&module.as_str()) || floor(&module).is_some(),
            "{}: module `{module}` is on no floor",
            line.place()
        );
    }
}

#[test]
fn imports_run_downwards() {
    let mut broken = Vec::new();
    for line in code() {
        let Some(from) = floor(&line.module()) else { continue };
        for to in referred(&line.text) {
            let allowed = to == line.module()
                || floor(&to).is_some_and(|floor| floor < from)
                || NEIGHBOURS.contains(&(line.module().as_str(), to.as_str()));
            if !allowed {
                broken.push(format!("{}: `{}` may not use `{to}`", line.place(), line.module()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for line in code() {
        for (name, rooms) in ROOMS {
            let used = line.text.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = line.text[..at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
            });
            if used && !rooms.iter().any(|room| line.room().starts_with(room)) {
                broken.push(format!("{}: `{name}` belongs in {}", line.place(), rooms.join(", ")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_clock_and_terminal_are_touched_on_the_surface_only() {
    let mut broken = Vec::new();
    for line in code() {
        let surface = ["cli", "main"].contains(&line.module().as_str());
        for word in SURFACE_ONLY {
            if !surface && line.text.contains(word) {
                broken.push(format!("{}: `{word}` outside the surface", line.place()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_program_is_at_most_twenty_lines() {
    let main = fs::read_to_string(source().join("main.rs")).unwrap();
    assert!(main.lines().count() <= 20, "src/main.rs has {} lines", main.lines().count());
}
