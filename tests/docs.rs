//! Every code block of the README and of `docs` is run.
//!
//! - A `toml` block whose first line is `# NAME.toml` is a file of that name for the rest of the page and must pass
//!   `ninefold check`. A `toml` block without a name must pass too.
//! - An `xml` block whose first line is `<!-- NAME.xml -->` is a file of that name, and `ninefold solve` must take it.
//! - A `csv` block whose first line is `# NAME.csv` is a file of that name for the rest of the page; so are the files of `docs/data`.
//! - A `yaml` block whose first line is `# NAME.yaml` is a file of that name, and `ninefold slo` must take it.
//! - The `toml fragment` blocks of a page, joined in order, must pass `ninefold check` as one file.
//! - A `console` block holds `$ ninefold …` lines, each followed by what it prints on standard output, to the letter.
//!   A line `(exit code N)` at the end of an output names an exit code other than 0; messages on standard error come
//!   before it when there is no standard output.
//! - A `text` or `sh` block is not run (formulas, shell set-up); anything else is an error.
//!
//! With `NINEFOLD_BLESS=1` the outputs in the pages are rewritten with what the program prints.

#![expect(clippy::unwrap_used, reason = "a failing helper fails the test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let mut pages = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    // To work on one page: a part of its path.
    if let Ok(part) = std::env::var("NINEFOLD_PAGES") {
        pages.retain(|page| page.to_string_lossy().contains(&part));
    }
    pages
}

/// One page while it is run: its folder of files, and its text as it should read.
struct Run {
    page: PathBuf,
    folder: tempfile::TempDir,
    fragments: String,
    text: String,
    commands: usize,
}

impl Run {
    fn block(&mut self, language: &str, lines: &[&str], at: usize) {
        let place = format!("{}:{at}", self.page.display());
        match language {
            "toml" => {
                let named = lines
                    .first()
                    .and_then(|line| line.strip_prefix("# "))
                    .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"));
                self.check(named.unwrap_or("unnamed.toml"), &lines.join("\n"), &place);
            }
            "xml" => {
                let named = lines.first().and_then(|line| line.strip_prefix("<!-- "));
                let named = named.and_then(|line| line.strip_suffix(" -->")).expect("an xml block names its file");
                fs::write(self.folder.path().join(named), lines.join("\n")).unwrap();
                let output = self.run(&["solve", named]);
                assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
            }
            "csv" => {
                let named = lines.first().and_then(|line| line.strip_prefix("# ")).expect("a csv block names its file");
                fs::write(self.folder.path().join(named), lines.join("\n") + "\n").unwrap();
            }
            "yaml" => {
                let named =
                    lines.first().and_then(|line| line.strip_prefix("# ")).expect("a yaml block names its file");
                fs::write(self.folder.path().join(named), lines.join("\n") + "\n").unwrap();
                let output = self.run(&["slo", named]);
                assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
            }
            "toml fragment" => self.fragments.push_str(&(lines.join("\n") + "\n")),
            "console" => {
                let printed = self.console(lines, &place);
                self.text.push_str(&printed);
                return;
            }
            "text" | "sh" | "json" | "rust" => {}
            other => panic!("{place}: a block of `{other}` is not known to the test"),
        }
        for line in lines {
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn check(&self, name: &str, content: &str, place: &str) {
        fs::write(self.folder.path().join(name), content).unwrap();
        let output = self.run(&["check", name]);
        assert!(output.status.success(), "{place}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        Command::new(env!("CARGO_BIN_EXE_ninefold"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "80")
            .output()
            .unwrap()
    }

    /// What the block should read: each command with what it prints.
    fn console(&mut self, lines: &[&str], place: &str) -> String {
        let mut printed = String::new();
        for command in lines.iter().filter_map(|line| line.strip_prefix("$ ")) {
            let mut words = split_words(command);
            let redirect = words.iter().position(|word| word == ">").map(|at| {
                let file = words[at + 1].clone();
                words.truncate(at);
                file
            });
            assert_eq!(words[0], "ninefold", "{place}: only ninefold is run");
            let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
            let output = self.run(&arguments);
            self.commands += 1;
            let mut shown = String::from_utf8(output.stdout).unwrap();
            if shown.is_empty() && !output.status.success() {
                shown = String::from_utf8(output.stderr).unwrap();
            }
            if let Some(file) = redirect {
                fs::write(self.folder.path().join(file), &shown).unwrap();
                shown.clear();
            }
            let _ = writeln!(printed, "$ {command}");
            for line in shown.trim_end().lines() {
                let _ = writeln!(printed, "{}", line.trim_end());
            }
            if let Some(code) = output.status.code().filter(|code| *code != 0) {
                let _ = writeln!(printed, "(exit code {code})");
            }
        }
        printed
    }
}

/// Splits a command line at spaces, honouring double and single quotes.
fn split_words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for c in command.chars() {
        match (quote, c) {
            (Some(mark), _) if c == mark => quote = None,
            (None, '"' | '\'') => (quote, open) = (Some(c), true),
            (None, ' ') => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            _ => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Runs a page; returns what it should read, and how many commands it holds.
fn run_page(page: &Path) -> (String, String, usize) {
    let original = fs::read_to_string(page).unwrap();
    let mut run = Run {
        page: page.to_owned(),
        folder: tempfile::tempdir().unwrap(),
        fragments: String::new(),
        text: String::new(),
        commands: 0,
    };
    for entry in fs::read_dir(root().join("docs/data")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, run.folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let lines: Vec<&str> = original.lines().collect();
    let mut at = 0;
    while at < lines.len() {
        let _ = writeln!(run.text, "{}", lines[at]);
        if let Some(language) = lines[at].strip_prefix("```") {
            let end = (at + 1..lines.len()).find(|&line| lines[line] == "```").expect("a closed block");
            run.block(language, &lines[at + 1..end], at + 1);
            let _ = writeln!(run.text, "```");
            at = end;
        }
        at += 1;
    }
    if !run.fragments.is_empty() {
        run.check("fragments.toml", &run.fragments, &run.page.display().to_string());
    }
    (original, run.text, run.commands)
}

#[test]
fn every_block_of_every_page_runs_and_prints_what_the_page_says() {
    let bless = std::env::var_os("NINEFOLD_BLESS").is_some();
    let mut commands = 0;
    let mut stale = Vec::new();
    for page in pages() {
        let (original, text, count) = run_page(&page);
        commands += count;
        if bless && original != text {
            fs::write(&page, text).unwrap();
        } else if original != text {
            let at = original.lines().zip(text.lines()).position(|(a, b)| a != b).unwrap_or(0);
            stale.push(format!(
                "{}:{}\n  page:  {}\n  prints: {}",
                page.display(),
                at + 1,
                original.lines().nth(at).unwrap_or_default(),
                text.lines().nth(at).unwrap_or_default()
            ));
        }
    }
    assert!(stale.is_empty(), "pages differ from what the program prints:\n{}", stale.join("\n"));
    assert!(commands > 0, "no page runs a command");
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for (at, _) in text.match_indices("](") {
            let target: String = text[at + 2..].chars().take_while(|c| *c != ')' && *c != '#').collect();
            if !target.is_empty() && !target.contains("://") {
                let path = page.parent().unwrap().join(&target);
                assert!(path.exists(), "{}: broken link `{target}`", page.display());
            }
        }
    }
}
