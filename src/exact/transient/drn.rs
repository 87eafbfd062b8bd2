//! The chain of a whole topology as a file of Storm's direct encoding (DRN), for checks by another tool.
//!
//! One line for each state with its exit rate [1/s] and its labels (`init` all up, `down` where the system is down), then one for each
//! state that can come next, with the rate [1/s]. Rates have all their digits.

use std::fmt::Write as _;

use crate::exact::applies::expect_exponential_anywhere;
use crate::exact::transient::joint::Joint;
use crate::exact::{Error, Settings};
use crate::measure::Observer;
use crate::structure::partition::Partition;
use crate::structure::times;
use crate::topology::Model;

/// The file for `model`, all of whose times must be exponential.
///
/// # Errors
/// When a time is not exponential or there are none, when there are too many states, or when `observer` ends it.
pub fn drn(model: &Model, settings: &Settings, observer: &dyn Observer) -> Result<String, Error> {
    if !times::exist(model, settings.max_nodes, observer)? {
        return Err(Error::NoTimes);
    }
    let everything = Partition::undivided(model);
    expect_exponential_anywhere(model, &everything, "the chain of the whole topology needs")?;
    let joint = Joint::new(model, settings, observer)?;
    let (chain, is_down) = joint.whole();
    let mut outgoing: Vec<Vec<(u32, f64)>> = vec![Vec::new(); is_down.len()];
    for to in 0..is_down.len() {
        for (from, rate) in chain.arcs_into(to) {
            if *from as usize != to {
                outgoing[*from as usize].push((to as u32, *rate));
            }
        }
    }
    let mut text = String::from("@type: CTMC\n@parameters\n\n@reward_models\n\n@nr_states\n");
    let choices = is_down.len();
    let _ = writeln!(text, "{choices}\n@nr_choices\n{choices}\n@model");
    for (state, arcs) in outgoing.iter().enumerate() {
        let exit: f64 = arcs.iter().map(|(_, rate)| rate).sum();
        let init = if state == 0 { " init" } else { "" };
        let down = if is_down[state] { " down" } else { "" };
        let _ = writeln!(text, "state {state} !{exit:e}{init}{down}\n\taction 0");
        for (to, rate) in arcs {
            let _ = writeln!(text, "\t\t{to} : {rate:e}");
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::drn;
    use crate::exact::Settings;
    use crate::measure::NoObserver;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Syntax, read};

    #[test]
    fn one_unit_is_two_states() {
        let text = "[component.a]\nmtbf = \"8s\"\nmttr = \"2s\"\n[system]\nup = \"a\"\n";
        let model = read(text, Syntax::Toml, DEFAULT_YEAR_SECONDS).unwrap();
        let expected = "@type: CTMC\n@parameters\n\n@reward_models\n\n@nr_states\n2\n@nr_choices\n2\n@model\n\
                        state 0 !1.25e-1 init\n\taction 0\n\t\t1 : 1.25e-1\nstate 1 !5e-1 down\n\taction 0\n\t\t0 : 5e-1\n";
        assert_eq!(drn(&model, &Settings::default(), &NoObserver).unwrap(), expected);
    }
}
