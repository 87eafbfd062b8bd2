//! `schema`: the JSON schema of all reports.

use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::session::Session;
use crate::report::schema::schema;

pub(crate) fn run(session: &Session) -> Result<Exit, Problem> {
    session.write(&format!("{:#}\n", schema()))?;
    Ok(Exit::Done)
}
