//! Reads a topology file into a [`Model`], or lists every mistake in it.
//!
//! TOML and JSON are first turned into one tree of values with positions ([`tree`]); everything after that is the same
//! for both. A part with a mistake is left out and reading goes on, so that one run shows all mistakes; what
//! depends on a part that could not be read is not reported again.

mod belief;
mod change;
mod component;
mod context;
mod distribution;
mod domain;
mod expression;
mod fields;
mod from_json;
mod from_toml;
mod group;
mod key;
mod mistake;
mod open_psa;
mod system;
mod tree;
mod value;
mod vary;

use crate::topology::Model;
use crate::topology::read::context::Context;
use crate::topology::read::fields::Fields;
use crate::topology::read::tree::Node;

pub use belief::read_belief;
pub use mistake::Mistake;
pub use open_psa::{OpenPsaOptions, is_xml, read_open_psa};
pub use vary::Varied;

/// How a topology file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// The primary syntax.
    Toml,
    /// The same structure as JSON.
    Json,
}

impl Syntax {
    /// Tells by the first character: a JSON topology is an object.
    pub fn detect(text: &str) -> Self {
        if text.trim_start().starts_with('{') { Self::Json } else { Self::Toml }
    }
}

/// Reads a topology. `year_seconds` is what the unit `y` stands for, in seconds.
///
/// # Errors
/// All mistakes of the file, in the order of their places.
///
/// # Examples
/// ```
/// use ninefold::topology::read::{Syntax, read};
/// let text = r#"
///     [component.server]
///     mtbf = "30d"
///     mttr = "1h"
///     [system]
///     up = "server"
/// "#;
/// let model = read(text, Syntax::Toml, 365.0 * 86_400.0).unwrap();
/// assert_eq!(model.groups[0].name, "server");
/// ```
pub fn read(text: &str, syntax: Syntax, year_seconds: f64) -> Result<Model, Vec<Mistake>> {
    read_changed(text, syntax, year_seconds, &[])
}

/// Reads a topology as it would be with `changes` of its keys, each `KEY=VALUE`: the key a dotted path, or the name of a part and
/// its key where that is clear; the value as in the file, or a text without quotes.
///
/// # Errors
/// All mistakes, those of the changes ([`Mistake::change`]) after those of the file.
///
/// # Examples
/// ```
/// use ninefold::topology::read::{Syntax, read_changed};
/// let text = "[component.server]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"server\"\n";
/// let model = read_changed(text, Syntax::Toml, 365.0 * 86_400.0, &["server.mtbf=60d".to_owned()]).unwrap();
/// assert_eq!(model.components[0].modes()[0].life.mean(), 60.0 * 86_400.0);
/// ```
pub fn read_changed(text: &str, syntax: Syntax, year_seconds: f64, changes: &[String]) -> Result<Model, Vec<Mistake>> {
    let root = document(text, syntax, changes)?;
    let joined = change::joined(text, changes);
    let mut context = Context::new(&joined, year_seconds);
    let model = model(&root, &mut context);
    match model {
        Some(model) if context.mistakes.is_empty() => Ok(model),
        _ => {
            let mut mistakes = context.into_mistakes();
            change::place(&mut mistakes, text, changes);
            Err(mistakes)
        }
    }
}

/// Every key of a topology with its value as written, after `changes`, in the order of the file. Keys that say the same have one
/// name (`mtbf` for `mttf`, `mttr` for `repair`).
///
/// # Errors
/// Mistakes of syntax, and those of the changes.
pub fn keys(text: &str, syntax: Syntax, changes: &[String]) -> Result<Vec<(String, String)>, Vec<Mistake>> {
    document(text, syntax, changes).map(|root| change::flatten(&root))
}

/// The values of the file with the changes made.
fn document(text: &str, syntax: Syntax, changes: &[String]) -> Result<Node, Vec<Mistake>> {
    let mut root = match syntax {
        Syntax::Toml => from_toml::parse(text),
        Syntax::Json => from_json::parse(text).map_err(|mistake| vec![mistake]),
    }?;
    let mut mistakes = change::apply(&mut root, text, changes, syntax);
    change::place(&mut mistakes, text, changes);
    if mistakes.is_empty() { Ok(root) } else { Err(mistakes) }
}

fn model(root: &Node, context: &mut Context) -> Option<Model> {
    let mut fields = Fields::new(root, "the topology", context)?;
    let name = fields.get("name").and_then(|node| context.text(node)).map(str::to_owned);
    let target = fields.get("target").and_then(|node| context.target(node));
    let components = component::components(fields.get("component"), context);
    let domains = domain::domains(fields.get("domain"), context);
    let crews = group::crews(fields.get("crew"), context);
    let parts = group::Parts { components: &components, domains: &domains, crews: &crews };
    let mut groups = group::groups(fields.get("group"), &parts, context);
    let system = fields.required("system", context);
    let names = system::Names { components: &components, domains: &domains };
    let system = system.and_then(|node| system::system(node, &names, &mut groups, context));
    fields.finish(context);
    system::check_names(&names, &groups, context);
    system::check_size(root, &components, &domains, &groups, context);
    let mut model = Model {
        name,
        target,
        components: components.known()?,
        domains: domains.known()?,
        crews: crews.known()?,
        groups: groups.known()?,
        system: system?,
        warnings: Vec::new(),
    };
    model.warnings = system::unused(&model);
    Some(model)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact digits are the claim")]
mod tests;
