//! What is believed of a number, as it is written: `30d..90d`, `lognormal(mean=60d, cv=0.5)`.
//!
//! A range `LOW..HIGH`, in which every number is as likely as any other; a distribution as in the file,
//! `{ lognormal = { mean = "60d", cv = 0.5 } }`; or the same in short. Times, rates and plain numbers are told apart by how they are
//! written.

use std::ops::Range;

use crate::numeric::distribution::Distribution;
use crate::quantity::{Decimal, Duration, Probability, Rate};
use crate::topology::read::Syntax;
use crate::topology::read::change::{child, parse_value};
use crate::topology::read::context::Context;
use crate::topology::read::distribution::{Zero, misordered};
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};
use crate::topology::uncertain::{Belief, Quantity, UncertainInput};

/// Parameters that are values of the number itself; the others are shapes, weights and counts.
const VALUES: [&str; 4] = ["mean", "median", "p95", "scale"];
/// Lists of values of the number itself.
const LISTS: [&str; 4] = ["uniform", "loguniform", "empirical", "means"];
/// What is expected after the equals sign.
const EXPECTED: &str = "a range `30d..90d`, or a distribution such as `lognormal(mean=60d, cv=0.5)`";

/// The text of a belief as the table that a file would hold for it.
pub(crate) fn shape(text: &str, span: &Range<usize>, syntax: Syntax) -> Result<Node, Mistake> {
    let unclear = |message: String| Mistake::new(span.clone(), message).expected(EXPECTED);
    let leaf = |text: &str| Node { span: span.clone(), value: Value::Text(bare(text)) };
    let table = |key: &str, node: Node| {
        let entry = Entry { key: key.to_owned(), key_span: span.clone(), node };
        Node { span: span.clone(), value: Value::Table(vec![entry]) }
    };
    if text.starts_with(['{', '[', '"', '\'']) {
        let node = parse_value(text, span, syntax)?;
        return match node.value {
            Value::Table(_) => Ok(node),
            _ => Err(unclear(format!("`{text}` is no belief"))),
        };
    }
    if let Some((name, arguments)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        let arguments: Vec<&str> = arguments.split(',').map(str::trim).collect();
        let named: Vec<Option<(&str, &str)>> = arguments.iter().map(|argument| argument.split_once('=')).collect();
        let name = name.trim();
        let value = if named.iter().all(Option::is_some) {
            let entry = |(key, value): (&str, &str)| Entry {
                key: key.trim().to_owned(),
                key_span: span.clone(),
                node: leaf(value),
            };
            Value::Table(named.into_iter().flatten().map(entry).collect())
        } else if name == "fixed" && arguments.len() == 1 {
            return Ok(table(name, leaf(arguments[0])));
        } else {
            Value::List(arguments.into_iter().map(leaf).collect())
        };
        return Ok(table(name, Node { span: span.clone(), value }));
    }
    match text.split_once("..") {
        Some((low, high)) => {
            Ok(table("uniform", Node { span: span.clone(), value: Value::List(vec![leaf(low), leaf(high)]) }))
        }
        None => Err(unclear(format!("`{text}` is one value"))),
    }
}

fn bare(text: &str) -> String {
    text.trim().trim_matches(['"', '\'']).to_owned()
}

/// What a table says of a number, and the unit of the number where that can be told.
pub(crate) fn believed(
    node: &Node,
    joined: &str,
    year_seconds: f64,
) -> Result<(Belief, Option<Quantity>), Vec<Mistake>> {
    let mut units = Units { year_seconds, found: None, mistakes: Vec::new() };
    let plain = units.without_units(node, false);
    if !units.mistakes.is_empty() {
        return Err(units.mistakes);
    }
    if let Some(mistake) = units.misordered(node) {
        return Err(vec![mistake]);
    }
    let mut context = Context::new(joined, year_seconds);
    let belief = if let Some(ends) = log_uniform(&plain) {
        ends.map(|(low, high)| Belief::LogUniform { low, high }).map_err(|mistake| vec![mistake])?
    } else {
        let distribution: Option<Distribution> = context.distribution(&plain, Zero::Allowed);
        let mistakes = context.into_mistakes();
        Belief::Distributed(distribution.filter(|_| mistakes.is_empty()).ok_or(mistakes)?)
    };
    Ok((belief, units.found))
}

/// The ends of `{ loguniform = [LOW, HIGH] }`, if it is that.
fn log_uniform(node: &Node) -> Option<Result<(f64, f64), Mistake>> {
    let list = child(node, &["loguniform"])?;
    let seconds = |node: &Node| match &node.value {
        Value::Text(text) => Duration::parse(text, 1.0).ok().map(Duration::seconds),
        _ => None,
    };
    let ends = match &list.value {
        Value::List(ends) => ends.iter().map(seconds).collect::<Option<Vec<f64>>>(),
        _ => None,
    };
    Some(match ends.as_deref() {
        Some([low, high]) if *low > 0.0 && low < high => Ok((*low, *high)),
        _ => Err(Mistake::new(list.span.clone(), "a log-uniform distribution has two ends above zero")
            .expected("the lower and the upper end: `loguniform(30d, 90d)`")),
    })
}

/// Takes the units off the values of a belief.
struct Units {
    year_seconds: f64,
    found: Option<Quantity>,
    mistakes: Vec<Mistake>,
}

impl Units {
    /// The same table in which values are seconds, and everything else is a number. `is_value` says whether `node` is a value of
    /// the number that the belief is about.
    fn without_units(&mut self, node: &Node, is_value: bool) -> Node {
        let value = match &node.value {
            Value::Table(entries) => {
                let entry = |entry: &Entry| {
                    let is_value = VALUES.contains(&entry.key.as_str())
                        || LISTS.contains(&entry.key.as_str())
                        || entry.key == "fixed";
                    Entry { node: self.without_units(&entry.node, is_value), ..entry.clone() }
                };
                Value::Table(entries.iter().map(entry).collect())
            }
            Value::List(items) => Value::List(items.iter().map(|item| self.without_units(item, is_value)).collect()),
            Value::Text(text) | Value::Number(text) if is_value => self.value(node, text),
            Value::Text(text) => Value::Number(text.clone()),
            other => other.clone(),
        };
        Node { span: node.span.clone(), value }
    }

    /// A value, as seconds whatever it is.
    fn value(&mut self, node: &Node, text: &str) -> Value {
        let Some((quantity, number)) = self.number(text) else {
            let mistake = Mistake::new(node.span.clone(), format!("`{text}` is no time, rate or number"));
            self.mistakes.push(mistake.expected("a value such as `60d`, `1/60d` or `0.95`"));
            return Value::Other("an unreadable value");
        };
        if self.found.is_some_and(|found| found != quantity) {
            let mistake = Mistake::new(node.span.clone(), "times, rates and plain numbers are mixed");
            self.mistakes.push(mistake.expected("values of one unit"));
        }
        self.found = Some(quantity);
        Value::Text(format!("{number}s"))
    }

    /// What is wrong with a range whose upper end is not above the lower one, as it is written.
    fn misordered(&self, node: &Node) -> Option<Mistake> {
        let list = ["uniform", "loguniform"].into_iter().find_map(|family| child(node, &[family]))?;
        let Value::List(ends) = &list.value else { return None };
        let ends: Vec<f64> = ends.iter().map(|end| Some(self.number(end.written()?)?.1)).collect::<Option<_>>()?;
        misordered(list, ends.try_into().ok()?)
    }

    fn number(&self, text: &str) -> Option<(Quantity, f64)> {
        if let Ok(duration) = Duration::parse(text, self.year_seconds) {
            return Some((Quantity::Time, duration.seconds()));
        }
        if let Ok(rate) = Rate::parse(text, self.year_seconds) {
            return Some((Quantity::Rate, rate.per_second()));
        }
        let number = match text.trim().strip_suffix('%') {
            Some(_) => Probability::parse(text).ok()?.value(),
            None => Decimal::parse(text).ok()?.to_f64(),
        };
        number.is_finite().then_some((Quantity::Number, number))
    }
}

/// What is believed of the probability of a basic event, `EVENT=BELIEF`: the name, and the belief as in [`Varied`](crate::topology::read::Varied).
///
/// # Errors
/// Mistakes, with places in `text`.
pub fn read_belief(text: &str, year_seconds: f64) -> Result<UncertainInput, Vec<Mistake>> {
    let Some((name, given)) = text.split_once('=') else {
        let mistake = Mistake::new(0..text.len(), format!("`{text}` varies nothing"));
        return Err(vec![mistake.expected("`EVENT=BELIEF`")]);
    };
    let span = text.len() - given.trim_start().len()..text.trim_end().len().max(text.len() - given.trim_start().len());
    let node = shape(given.trim(), &span, Syntax::Toml).map_err(|mistake| vec![mistake])?;
    let (belief, quantity) = believed(&node, text, year_seconds)?;
    if quantity.is_some_and(|quantity| quantity != Quantity::Number) {
        let mistake = Mistake::new(span, "an event has a probability, not a time");
        return Err(vec![mistake.expected("numbers from 0 to 1")]);
    }
    Ok(UncertainInput {
        key: name.trim().to_owned(),
        given: given.trim().to_owned(),
        belief,
        quantity: Quantity::Number,
    })
}
