//! What ends a command without a result: a message on standard error and an exit code.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstream::{AutoStream, ColorChoice};

use crate::cli::exit::Exit;
use crate::cli::options::Color;
use crate::topology::read::Mistake;

/// A problem, with all that a user needs to solve it.
#[derive(Debug)]
pub(crate) struct Problem {
    exit: Exit,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// One sentence, and what to do.
    Message { message: String, help: Option<String> },
    /// The mistakes of a file.
    Mistakes { file: String, text: String, changes: Vec<String>, varied: usize, mistakes: Vec<Mistake>, more: bool },
    /// Nobody reads the output any more.
    Silent,
}

/// Lines longer than this are shown around the mistake only.
const LONGEST_LINE: usize = 160;

impl Problem {
    /// Wrong usage or input.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, kind: Kind::Message { message: message.into(), help: None } }
    }

    /// A value of an option that is not valid.
    pub(crate) fn value(option: &str, text: &str, reason: impl std::fmt::Display) -> Self {
        let text: String = text.chars().take(80).collect();
        Self::usage(format!("invalid value `{text}` for `{option}`: {reason}"))
    }

    /// The mistakes of a file as it is with changes of `--set`.
    pub(crate) fn mistakes(file: String, text: String, changes: Vec<String>, mistakes: Vec<Mistake>) -> Self {
        Self { exit: Exit::Usage, kind: Kind::Mistakes { file, text, changes, varied: 0, mistakes, more: false } }
    }

    /// Where the last so many changes are those of `--vary`.
    pub(crate) fn varied(mut self, count: usize) -> Self {
        if let Kind::Mistakes { varied, .. } = &mut self.kind {
            *varied = count;
        }
        self
    }

    /// The first mistakes of a file that has more.
    pub(crate) fn and_more(mut self) -> Self {
        if let Kind::Mistakes { more, .. } = &mut self.kind {
            *more = true;
        }
        self
    }

    /// Ends without a word.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self { exit, kind: Kind::Silent }
    }

    /// With another exit code.
    pub(crate) fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// With another sentence about what is wrong.
    pub(crate) fn note(mut self, text: impl std::fmt::Display) -> Self {
        if let Kind::Message { message, .. } = &mut self.kind {
            let _ = write!(message, "; {text}");
        }
        self
    }

    /// With the next step.
    pub(crate) fn help(mut self, text: impl Into<String>) -> Self {
        if let Kind::Message { help, .. } = &mut self.kind {
            *help = Some(text.into());
        }
        self
    }

    /// Writes the message to standard error; returns the exit code.
    pub(crate) fn report(self, color: Color) -> Exit {
        let choice = match color {
            Color::Auto if std::io::stderr().is_terminal() => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Auto | Color::Never => ColorChoice::Never,
        };
        let text = self.kind.text();
        // When standard error is closed there is nobody left to tell.
        let _ = AutoStream::new(std::io::stderr(), choice).write_all(text.as_bytes());
        self.exit
    }
}

impl Kind {
    fn text(&self) -> String {
        match self {
            Self::Silent => String::new(),
            Self::Message { message, help } => {
                let group = Group::with_title(Level::ERROR.primary_title(message.as_str()));
                let help = help.iter().map(|help| Level::HELP.message(help.as_str()));
                Renderer::styled().render(&[group.elements(help)]) + "\n"
            }
            Self::Mistakes { file, text, changes, varied, mistakes, more } => {
                let mut out = String::new();
                let mut helped: Vec<&str> = Vec::new();
                for mistake in mistakes {
                    let option = |change: usize| if change + varied < changes.len() { "--set" } else { "--vary" };
                    let (text, file) = match mistake.change.and_then(|at| changes.get(at).map(|change| (at, change))) {
                        Some((at, change)) => (change.as_str(), option(at)),
                        None => (text.as_str(), file.as_str()),
                    };
                    // The same help once is enough.
                    let help = mistake.help.as_deref().filter(|help| !helped.contains(help));
                    helped.extend(help);
                    let _ = writeln!(out, "{}\n", Excerpt::of(text, mistake).render(file, mistake, help));
                }
                let count = mistakes.len();
                let plural = if count == 1 { "mistake" } else { "mistakes" };
                let changed = match (changes.len(), varied) {
                    (0, _) => "",
                    (_, 0) => " as changed by `--set`",
                    _ => " as changed by `--vary`",
                };
                let first = if *more { "the first " } else { "" };
                let summary = format!("{first}{count} {plural} in `{file}`{changed}");
                let report = [Group::with_title(Level::ERROR.primary_title(summary))];
                out + &Renderer::styled().render(&report) + "\n"
            }
        }
    }
}

/// The line of a mistake; of a very long line the part around the mistake.
struct Excerpt {
    source: String,
    line: usize,
    column: usize,
    span: std::ops::Range<usize>,
    is_whole_line: bool,
}

impl Excerpt {
    fn of(text: &str, mistake: &Mistake) -> Self {
        let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let start = boundary(mistake.span.start);
        let end = boundary(mistake.span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let (line, column) = mistake.line_and_column(text);
        let end = end.min(line_end);
        if line_end - line_start <= LONGEST_LINE {
            let source = text[line_start..line_end].to_owned();
            let span = start - line_start..end - line_start;
            return Self { source, line, column, span, is_whole_line: true };
        }
        let from = boundary(start.saturating_sub(LONGEST_LINE / 4)).max(line_start);
        let to = boundary((start + LONGEST_LINE / 2).min(line_end));
        let source = text[from..to].to_owned();
        Self { span: start - from..end.min(to) - from, source, line, column, is_whole_line: false }
    }

    fn render(&self, file: &str, mistake: &Mistake, help: Option<&str>) -> String {
        let annotation = AnnotationKind::Primary.span(self.span.clone());
        let label = mistake.expected.as_ref().map(|expected| format!("expected {expected}"));
        let snippet = Snippet::source(self.source.as_str()).line_start(self.line).annotation(annotation.label(label));
        let group = Group::with_title(Level::ERROR.primary_title(mistake.message.as_str()));
        let group = if self.is_whole_line {
            group.element(snippet.path(file))
        } else {
            group.element(Origin::path(file).line(self.line).char_column(self.column)).element(snippet)
        };
        let help = help.into_iter().map(|help| Level::HELP.message(help));
        Renderer::styled().render(&[group.elements(help)])
    }
}
