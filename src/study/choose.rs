//! Which engines apply to a model, and if one does not, why.

use crate::exact;
use crate::measure::Observer;
use crate::simulate;
use crate::topology::Model;

/// Whether one engine can take a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicability {
    /// The command that runs it.
    pub engine: &'static str,
    /// Whether it applies.
    pub applies: bool,
    /// How, or why not.
    pub explanation: String,
}

/// All engines, or nothing when `observer` ended the work.
pub fn engines(model: &Model, observer: &dyn Observer) -> Option<Vec<Applicability>> {
    let settings = exact::Settings::default();
    let (applies, explanation) = match exact::applies::pieces(model, &settings, observer) {
        Ok(pieces) => (true, pieces.join("; ")),
        Err(exact::Error::Stopped(_)) => return None,
        Err(error) => (false, error.to_string()),
    };
    let solve = Applicability { engine: "solve", applies, explanation };
    let simulated = simulate::method(model, observer);
    observer.stop().is_none().then_some(())?;
    let simulate = Applicability {
        engine: "simulate",
        applies: simulated.is_ok(),
        explanation: simulated.unwrap_or_else(|error| error.to_string()),
    };
    Some(vec![solve, simulate])
}
