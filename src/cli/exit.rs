//! Exit codes: part of the interface, documented in `docs/reference/exit-codes.md`.

use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// What was asked for has been done.
    Done,
    /// With `--gate`: the target is missed, or not decided. From `verify`: the engines disagree.
    Gate,
    /// Wrong usage or wrong input; nothing was computed.
    Usage,
    /// Stopped by a limit, or unable to reach the promised accuracy; what there is has been printed.
    Limit,
    /// Interrupted; what there is has been printed.
    Interrupted,
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Gate => 1,
            Self::Usage => 2,
            Self::Limit => 3,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
