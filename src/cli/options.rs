//! The options that all commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Common {
    /// How to print the report [default: by the ending of `--output`, else table]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Write the report to FILE instead of standard output (`-`)
    #[arg(short, long, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// No progress, and no warnings on standard error
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to colour messages
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// How long a year is, in reports and in the unit `y`
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true, default_value = "365d")]
    pub(crate) year: String,
    /// How long a month is, in reports
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true, default_value = "30d")]
    pub(crate) month: String,
}

/// Forms of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Aligned tables for people
    Table,
    /// Everything, with all digits; its schema is printed by `ninefold schema`
    Json,
    /// One record for each cell of the tables, with all digits
    Csv,
    /// Tables for documents
    Markdown,
}

impl Common {
    /// As asked for, or as the name of the output file ends.
    pub(crate) fn format(&self) -> Format {
        let ending = self.output.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
        self.format.unwrap_or(match ending {
            Some("json") => Format::Json,
            Some("csv") => Format::Csv,
            Some("md") => Format::Markdown,
            _ => Format::Table,
        })
    }
}

/// When to colour messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
