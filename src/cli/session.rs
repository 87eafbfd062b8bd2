//! What all commands share: units, the form of the report, where it goes.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::cli::exit::Exit;
use crate::cli::options::{Common, Format};
use crate::cli::problem::Problem;
use crate::quantity::{DEFAULT_YEAR_SECONDS, Duration};
use crate::report::number::Units;
use crate::report::render;
use crate::report::results::{Envelope, Layout, ModelInfo, SCHEMA, WarningInfo};

/// Width of tables where there is no terminal.
const DEFAULT_COLUMNS: usize = 80;

/// The common options, checked.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) units: Units,
    pub(crate) quiet: bool,
    pub(crate) format: Format,
    output: Option<PathBuf>,
}

/// What a command found.
#[derive(Debug)]
pub(crate) struct Report<S, R> {
    pub(crate) command: &'static str,
    pub(crate) model: Option<ModelInfo>,
    pub(crate) settings: S,
    pub(crate) result: R,
    pub(crate) warnings: Vec<WarningInfo>,
}

impl Session {
    pub(crate) fn new(common: &Common) -> Result<Self, Problem> {
        let length = |option: &str, text: &str, year: f64| {
            let duration = Duration::parse(text, year).map_err(|error| Problem::value(option, text, error))?;
            match duration.seconds() {
                seconds if seconds > 0.0 => Ok(seconds),
                _ => Err(Problem::value(option, text, "a time above zero is expected")),
            }
        };
        let year = length("--year", &common.year, DEFAULT_YEAR_SECONDS)?;
        let month = length("--month", &common.month, year)?;
        Ok(Self {
            units: Units { year, month },
            quiet: common.quiet,
            format: common.format(),
            output: common.output.clone(),
        })
    }

    /// Whether progress is shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Prints a report in the form that was asked for.
    pub(crate) fn print<S: Serialize, R: Serialize + Layout>(&self, report: Report<S, R>) -> Result<(), Problem> {
        let text = match self.format {
            Format::Json => Self::json(report)?,
            Format::Csv => {
                self.warn(&report.warnings);
                render::csv(&report.result.sheet(self.units)).map_err(|error| unprintable(&error))?
            }
            Format::Table => {
                let mut sheet = report.result.sheet(self.units);
                sheet.notes.extend(report.warnings.iter().map(sentence));
                let drawing = report.result.drawing(self.columns(), self.units);
                render::table(&sheet, self.columns())
                    + &drawing.map(|drawing| format!("\n{drawing}\n")).unwrap_or_default()
            }
            Format::Markdown => {
                let mut sheet = report.result.sheet(self.units);
                sheet.notes.extend(report.warnings.iter().map(sentence));
                render::markdown(&sheet)
            }
        };
        self.write(&text)
    }

    fn json<S: Serialize, R: Serialize>(report: Report<S, R>) -> Result<String, Problem> {
        let envelope = Envelope {
            schema: SCHEMA.to_owned(),
            command: report.command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            model: report.model,
            settings: report.settings,
            result: report.result,
            warnings: report.warnings,
        };
        let text = serde_json::to_string_pretty(&envelope).map_err(|error| unprintable(&error))?;
        Ok(text + "\n")
    }

    /// Writes `text` to standard output, or to the file of `--output`.
    pub(crate) fn write(&self, text: &str) -> Result<(), Problem> {
        if let Some(path) = self.output.as_ref().filter(|path| path.as_os_str() != "-") {
            return std::fs::write(path, text)
                .map_err(|error| Problem::usage(format!("cannot write `{}`: {error}", path.display())));
        }
        let mut out = std::io::stdout().lock();
        let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        written.map_err(|error| match error.kind() {
            // The reader has had enough: `ninefold … | head`.
            ErrorKind::BrokenPipe => Problem::silent(Exit::Done),
            _ => Problem::usage(format!("cannot write to standard output: {error}")),
        })
    }

    /// Prints warnings on standard error.
    pub(crate) fn warn(&self, warnings: &[WarningInfo]) {
        if !self.quiet {
            for warning in warnings {
                // When standard error is closed there is nobody left to warn.
                let _ = writeln!(std::io::stderr(), "{}", sentence(warning));
            }
        }
    }

    /// Columns for tables: those of the terminal, or of `COLUMNS`.
    fn columns(&self) -> usize {
        let from_environment = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let of_terminal = || {
            let goes_to_terminal = self.output.is_none() && std::io::stdout().is_terminal();
            goes_to_terminal.then(terminal_size::terminal_size).flatten().map(|(width, _)| usize::from(width.0))
        };
        from_environment.or_else(of_terminal).unwrap_or(DEFAULT_COLUMNS)
    }
}

fn sentence(warning: &WarningInfo) -> String {
    format!("warning: {}", warning.message)
}

fn unprintable(error: &dyn std::error::Error) -> Problem {
    Problem::usage(format!("the report cannot be printed: {error}"))
}
