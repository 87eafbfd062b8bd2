//! Where a topology comes from: a file, standard input, or a template.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use sha2::{Digest, Sha256};

use crate::cli::file::{Limit, bytes_of, name_of};
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::quantity::Target;
use crate::report::results::{ModelInfo, WarningInfo};
use crate::topology::Model;
use crate::topology::fault_tree::FaultTree;
use crate::topology::read::{Mistake, OpenPsaOptions, Syntax, is_xml, read_changed, read_open_psa};
use crate::topology::template::{self, DEFAULT, TEMPLATES};

/// What the file is to commands that take fault trees as well.
pub(crate) const FILE_OR_TREE: &str =
    "Topology file, TOML or JSON, or fault tree in Open-PSA XML; `-` reads standard input";
/// Larger files are no topology.
const LIMIT: Limit = Limit { bytes: 16 << 20, too_large: "it is larger than 16 MiB, too large for a topology" };
/// Nor fault trees: all of their elements are kept in memory.
const TREE_LIMIT: Limit = Limit { too_large: "it is larger than 16 MiB, too large for a fault tree", ..LIMIT };
/// What a fault tree is, where a file cannot be one.
const TREE_FORM: &str = "a fault tree is an Open-PSA file, which is XML, in UTF-8";

/// Which topology.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Topology file, TOML or JSON; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Use a ready topology instead of a file (`ninefold template` lists them)
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    template: Option<String>,
    /// Judge by this target instead of the one in the file: `99.99%`, `4 nines`, `u=1e-4`
    #[arg(long, value_name = "TARGET")]
    target: Option<Target>,
    /// Change a key of the topology before it is read: `component.db.mtbf=60d`, or `db.mtbf=60d`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", allow_hyphen_values = true)]
    changes: Vec<String>,
}

/// A topology that has been read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) model: Model,
    pub(crate) target: Option<Target>,
    pub(crate) info: ModelInfo,
    pub(crate) warnings: Vec<WarningInfo>,
    /// The file or template that it was read from.
    pub(crate) place: String,
    pub(crate) text: String,
    pub(crate) syntax: Syntax,
}

impl Loaded {
    /// The same file with changes.
    pub(crate) fn changed(
        &self,
        changes: &[String],
        target: Option<Target>,
        session: &Session,
    ) -> Result<Self, Problem> {
        let source = Source { file: None, template: None, target, changes: changes.to_vec() };
        source.parse(self.place.clone(), self.text.clone(), self.syntax, session)
    }
}

/// A fault tree that has been read.
#[derive(Debug)]
pub(crate) struct LoadedTree {
    pub(crate) tree: FaultTree,
    pub(crate) target: Option<Target>,
    pub(crate) info: ModelInfo,
}

/// What a file can hold.
#[derive(Debug)]
pub(crate) enum Any {
    Topology(Loaded),
    Tree(LoadedTree),
}

impl Source {
    /// A file as it is.
    pub(crate) fn of_file(file: PathBuf, target: Option<Target>) -> Self {
        Self { file: Some(file), template: None, target, changes: Vec::new() }
    }

    /// A template as it is.
    pub(crate) fn of_template(name: String, target: Option<Target>) -> Self {
        Self { file: None, template: Some(name), target, changes: Vec::new() }
    }

    /// Reads what is named, a topology or a fault tree.
    pub(crate) fn load_any(&self, options: OpenPsaOptions<'_>, session: &Session) -> Result<Any, Problem> {
        let Some(path) = &self.file else { return self.load(session).map(Any::Topology) };
        let (name, text) = named_text(path)?;
        if is_xml(&text) || has_ending(path, "xml") {
            return self.load_tree(name, text, options).map(Any::Tree);
        }
        self.load_text(path, name, text, session).map(Any::Topology)
    }

    fn load_tree(&self, name: String, text: String, options: OpenPsaOptions<'_>) -> Result<LoadedTree, Problem> {
        if !self.changes.is_empty() {
            let help = "change the value in a copy of the file; `ninefold uncertainty FILE.xml --vary EVENT=LOW..HIGH` \
                        varies a probability without changing the file";
            return Err(Problem::usage("`--set` changes topologies, and this is a fault tree").help(help));
        }
        match read_open_psa(&text, options) {
            Ok(tree) => {
                let info = ModelInfo { name: tree.name.clone(), sha256: sha256(&text), set: Vec::new() };
                Ok(LoadedTree { tree, target: self.target, info })
            }
            Err(mistakes) => Err(match mistakes.iter().find(|mistake| mistake.change.is_some()) {
                Some(mistake) => unknown_top(options.top.unwrap_or_default(), mistake),
                None => Problem::mistakes(name, text, Vec::new(), mistakes),
            }),
        }
    }

    /// Reads the topology that is named; naming none is a mistake.
    pub(crate) fn load(&self, session: &Session) -> Result<Loaded, Problem> {
        match (&self.file, &self.template) {
            (Some(file), _) => self.load_file(file, session),
            (None, Some(name)) => self.load_template(name, session),
            (None, None) => Err(Problem::usage("no topology is given").help(
                "name a topology file, `-` for standard input, or `--template NAME` (`ninefold template` lists them)",
            )),
        }
    }

    /// Reads the topology that is named, or the default template.
    pub(crate) fn load_or_default(&self, session: &Session) -> Result<Loaded, Problem> {
        if self.file.is_none() && self.template.is_none() {
            return self.load_template(DEFAULT, session);
        }
        self.load(session)
    }

    fn load_file(&self, path: &Path, session: &Session) -> Result<Loaded, Problem> {
        let (name, text) = named_text(path)?;
        self.load_text(path, name, text, session)
    }

    fn load_text(&self, path: &Path, name: String, text: String, session: &Session) -> Result<Loaded, Problem> {
        if is_xml(&text) {
            return Err(Problem::usage(format!("`{name}` is XML and no topology"))
                .help("`ninefold solve FILE.xml` solves a fault tree, and `ninefold verify FILE.xml` checks that; topologies are TOML or JSON"));
        }
        let syntax = match (path == Path::new("-"), has_ending(path, "json")) {
            (true, _) => Syntax::detect(&text),
            (false, true) => Syntax::Json,
            (false, false) => Syntax::Toml,
        };
        self.parse(name, text, syntax, session)
    }

    fn load_template(&self, name: &str, session: &Session) -> Result<Loaded, Problem> {
        let template = find_template(name)?;
        self.parse(format!("template {name}"), template.text.to_owned(), Syntax::Toml, session)
    }

    fn parse(&self, name: String, text: String, syntax: Syntax, session: &Session) -> Result<Loaded, Problem> {
        match read_changed(&text, syntax, session.units.year, &self.changes) {
            Ok(model) => {
                let info = ModelInfo { name: model.name.clone(), sha256: sha256(&text), set: self.changes.clone() };
                let warning = |message: &String| WarningInfo::new("unused_part", message.clone());
                let warnings = model.warnings.iter().map(warning).collect();
                Ok(Loaded { target: self.target.or(model.target), model, info, warnings, place: name, text, syntax })
            }
            Err(mistakes) => Err(Problem::mistakes(name, text, self.changes.clone(), mistakes)),
        }
    }
}

/// The template of that name, or a problem that lists all names.
pub(crate) fn find_template(name: &str) -> Result<&'static template::Template, Problem> {
    template::find(name).ok_or_else(|| {
        let names = TEMPLATES.map(|template| template.name).join(", ");
        Problem::usage(format!("there is no template named `{name}`")).help(format!("templates: {names}"))
    })
}

/// A value of `--top` that names no gate.
fn unknown_top(top: &str, mistake: &Mistake) -> Problem {
    let expected = mistake.expected.as_ref().map(|expected| format!("expected {expected}"));
    let help: Vec<&str> = expected.iter().chain(&mistake.help).map(String::as_str).collect();
    Problem::value("--top", top, &mistake.message).help(help.join("; "))
}

/// The text of a file or of standard input, and what to call it.
fn named_text(path: &Path) -> Result<(String, String), Problem> {
    let name = name_of(path);
    let limit = if has_ending(path, "xml") { TREE_LIMIT } else { LIMIT };
    let bytes = bytes_of(path, limit).map_err(|error| {
        let problem = Problem::usage(format!("cannot read `{name}`: {error}"));
        if template::find(&name).is_some() {
            problem.help(format!("`--template {name}` uses the template of that name"))
        } else {
            problem
        }
    })?;
    let is_tree = has_ending(path, "xml") || looks_like_xml(&bytes);
    let text = text_of(bytes, &name, is_tree)?;
    Ok((name, text))
}

fn has_ending(path: &Path, wanted: &str) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(wanted))
}

/// Whether bytes begin as XML does, in any usual encoding: marks of the byte order and the zeros of UTF-16 are passed over.
fn looks_like_xml(bytes: &[u8]) -> bool {
    let is_passed_over = |byte: u8| byte.is_ascii_whitespace() || [0xef, 0xbb, 0xbf, 0xff, 0xfe, 0].contains(&byte);
    bytes.iter().find(|byte| !is_passed_over(**byte)) == Some(&b'<')
}

/// The bytes as text; a mark of the byte order is skipped.
fn text_of(bytes: Vec<u8>, name: &str, is_tree: bool) -> Result<String, Problem> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = before.split(|byte| *byte == b'\n').count();
        Problem::usage(format!("`{name}` is not a text file: byte {} in line {line} is not UTF-8", at + 1))
            .help(if is_tree { TREE_FORM } else { "a topology is a TOML or JSON file in UTF-8" })
    })?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    if text.trim().is_empty() {
        let start = "`ninefold template active-standby` prints a topology to start from";
        return Err(Problem::usage(format!("`{name}` is empty")).help(if is_tree { TREE_FORM } else { start }));
    }
    Ok(text)
}

pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
