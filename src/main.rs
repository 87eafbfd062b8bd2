//! The `ninefold` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ninefold::cli::run()
}
