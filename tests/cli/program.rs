//! Runs the built program.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program, in a folder of its own, 80 columns wide and without colours.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    command.args(arguments).current_dir(folder).env("COLUMNS", "80").env("NO_COLOR", "1");
    command
}

/// Runs it without any input.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    run_in(Path::new(env!("CARGO_TARGET_TMPDIR")), arguments, b"")
}

/// Runs it with `input` on standard input.
pub(crate) fn run_in(folder: &Path, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut command = program(folder, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // A program that does not read its input closes the pipe.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let output = child.wait_with_output().expect("the program ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
    Outcome { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs a command line that is split at spaces.
pub(crate) fn line(arguments: &str) -> Outcome {
    run(&arguments.split(' ').collect::<Vec<_>>())
}

/// Runs it with `input`, from the folder of the project.
pub(crate) fn given(arguments: &[&str], input: &str) -> Outcome {
    run_in(Path::new("."), arguments, input.as_bytes())
}

/// Its report as JSON, of a run that ends well and says nothing else.
pub(crate) fn report(arguments: &[&str], input: &str) -> Value {
    let outcome = given(&[arguments, &["--format", "json"]].concat(), input);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&outcome.stdout).expect("JSON")
}
