//! Keys whose values are not known exactly: `db.mtbf=30d..90d`.
//!
//! The key is that of a change. The value says what is believed of the number: a range `LOW..HIGH`, in which every number is as
//! likely as any other; a distribution as in the file, `{ lognormal = { mean = "60d", cv = 0.5 } }`; or the same in short,
//! `lognormal(mean=60d, cv=0.5)`. Times, rates and plain numbers are told apart by how they are written. The belief stands for the
//! value itself: the mean of a time that is a plain duration, not the spread of that time around its mean.

use std::ops::Range;

use crate::numeric::distribution::Distribution;
use crate::quantity::{Decimal, Duration, Probability, Rate};
use crate::topology::Model;
use crate::topology::read::change::{self, ALIASES, Change, child, insert, parse_value};
use crate::topology::read::context::Context;
use crate::topology::read::distribution::Zero;
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};
use crate::topology::read::{Syntax, document, model};
use crate::topology::uncertain::{Belief, Quantity, UncertainInput};

/// Parameters that are values of the number itself; the others are shapes, weights and counts.
const VALUES: [&str; 4] = ["mean", "median", "p95", "scale"];
/// Lists of values of the number itself.
const LISTS: [&str; 4] = ["uniform", "loguniform", "empirical", "means"];
/// What is expected after the equals sign.
const EXPECTED: &str = "a range `30d..90d`, or a distribution such as `lognormal(mean=60d, cv=0.5)`";

/// A topology some of whose numbers are not known exactly. The file is taken apart once.
#[derive(Debug)]
pub struct Varied {
    root: Node,
    text: String,
    /// The changes, then the beliefs, as they were given.
    given: Vec<String>,
    joined: String,
    year_seconds: f64,
    inputs: Vec<UncertainInput>,
    paths: Vec<Path>,
}

/// Where a number goes.
#[derive(Debug)]
struct Path {
    steps: Vec<String>,
    key_span: Range<usize>,
    value_span: Range<usize>,
}

impl Varied {
    /// The topology of `text` with `changes`, in which the keys of `beliefs` (`KEY=BELIEF`) are not known exactly.
    ///
    /// # Errors
    /// All mistakes, those of changes and beliefs after those of the file: [`Mistake::change`] counts through both.
    ///
    /// # Examples
    /// ```
    /// use ninefold::topology::read::{Syntax, Varied};
    /// let text = "[component.server]\nmtbf = \"30d\"\nmttr = \"1h\"\n[system]\nup = \"server\"\n";
    /// let belief = "server.mtbf=20d..40d".to_owned();
    /// let varied = Varied::new(text, Syntax::Toml, 365.0 * 86_400.0, &[], &[belief]).unwrap();
    /// assert_eq!(varied.inputs()[0].key, "component.server.mtbf");
    /// let model = varied.model(&[25.0 * 86_400.0]).unwrap();
    /// assert_eq!(model.components[0].modes()[0].life.mean(), 25.0 * 86_400.0);
    /// ```
    pub fn new(
        text: &str,
        syntax: Syntax,
        year_seconds: f64,
        changes: &[String],
        beliefs: &[String],
    ) -> Result<Self, Vec<Mistake>> {
        let given: Vec<String> = changes.iter().chain(beliefs).cloned().collect();
        let joined = change::joined(text, &given);
        let root = document(text, syntax, changes)?;
        let mut varied =
            Self { root, text: text.to_owned(), given, joined, year_seconds, inputs: Vec::new(), paths: Vec::new() };
        let mut mistakes = Vec::new();
        let mut start = text.len() + 1 + changes.iter().map(|change| change.len() + 1).sum::<usize>();
        for belief in beliefs {
            mistakes.extend(varied.add(belief, start, syntax).err().into_iter().flatten());
            start += belief.len() + 1;
        }
        change::place(&mut mistakes, text, &varied.given);
        if mistakes.is_empty() { Ok(varied) } else { Err(mistakes) }
    }

    /// What is not known exactly, in the order in which it was given.
    pub fn inputs(&self) -> &[UncertainInput] {
        &self.inputs
    }

    /// The topology where the inputs have these values.
    ///
    /// # Errors
    /// When a value is not allowed there, as a probability above 1.
    pub fn model(&self, values: &[f64]) -> Result<Model, Vec<Mistake>> {
        debug_assert_eq!(values.len(), self.inputs.len());
        let mut root = self.root.clone();
        let mut mistakes = Vec::new();
        for ((path, input), value) in self.paths.iter().zip(&self.inputs).zip(values) {
            let node = Node { span: path.value_span.clone(), value: written(*value, input.quantity) };
            let made = insert(&mut root, &path.steps, node, &path.key_span, &mut String::new());
            mistakes.extend(made.err());
        }
        let mut context = Context::new(&self.joined, self.year_seconds);
        let model = model(&root, &mut context);
        mistakes.extend(context.into_mistakes());
        match model {
            Some(model) if mistakes.is_empty() => Ok(model),
            _ => {
                change::place(&mut mistakes, &self.text, &self.given);
                Err(mistakes)
            }
        }
    }

    fn add(&mut self, text: &str, start: usize, syntax: Syntax) -> Result<(), Vec<Mistake>> {
        let mut given = String::new();
        let parsed = Change::parse_as(text, start, |value, span| {
            value.clone_into(&mut given);
            shape(value, span, syntax)
        });
        let change = parsed.map_err(|mistake| vec![mistake])?;
        let steps = change.checked_path(&self.root).map_err(|mistake| vec![mistake])?;
        let key = steps.join(".");
        self.check_key(&steps, &change.key_span).map_err(|mistake| vec![mistake])?;
        let value_span = start + text.len() - given.len()..start + text.len();
        let (belief, quantity) = believed(&change.value, &self.joined, self.year_seconds)?;
        let quantity = quantity.unwrap_or_else(|| self.known_quantity(&steps));
        self.paths.push(Path { steps, key_span: change.key_span, value_span });
        self.inputs.push(UncertainInput { key, given, belief, quantity });
        Ok(())
    }

    /// A key is varied once, and has no parts of its own.
    fn check_key(&self, steps: &[String], span: &Range<usize>) -> Result<(), Mistake> {
        let key = steps.join(".");
        if self.inputs.iter().any(|input| input.key == key) {
            return Err(Mistake::new(span.clone(), format!("`{key}` is varied twice")).expected("one belief for a key"));
        }
        let (last, above) = steps.split_last().expect("a path has steps");
        let same = ALIASES.into_iter().find(|names| names.contains(&last.as_str()));
        let names = same.map_or_else(|| vec![last.as_str()], <[&str]>::to_vec);
        let inside = names.iter().find_map(|name| {
            let path: Vec<&str> = above.iter().map(String::as_str).chain([*name]).collect();
            match child(&self.root, &path).map(|node| &node.value) {
                Some(Value::Table(entries)) => Some((path.join("."), first_key(entries))),
                _ => None,
            }
        });
        match inside {
            Some((table, key)) => Err(Mistake::new(span.clone(), format!("`{table}` is a table, not one number"))
                .expected(format!("one of its keys, such as `{table}.{key}`"))),
            None => Ok(()),
        }
    }

    /// Of a belief that is written without units: a time, unless the file has a plain number there.
    fn known_quantity(&self, steps: &[String]) -> Quantity {
        let path: Vec<&str> = steps.iter().map(String::as_str).collect();
        match child(&self.root, &path).map(|node| &node.value) {
            Some(Value::Number(_)) => Quantity::Number,
            _ => Quantity::Time,
        }
    }
}

/// The first key in a table that holds no table.
fn first_key(entries: &[Entry]) -> String {
    match entries.first() {
        Some(Entry { key, node: Node { value: Value::Table(inner), .. }, .. }) => format!("{key}.{}", first_key(inner)),
        Some(entry) => entry.key.clone(),
        None => "…".to_owned(),
    }
}

/// A number as a file would hold it, with all its digits.
fn written(value: f64, quantity: Quantity) -> Value {
    match quantity {
        Quantity::Time => Value::Text(format!("{value}s")),
        Quantity::Rate => Value::Text(format!("{value}/1s")),
        Quantity::Number => Value::Number(format!("{value}")),
    }
}

/// The text of a belief as the table that a file would hold for it.
fn shape(text: &str, span: &Range<usize>, syntax: Syntax) -> Result<Node, Mistake> {
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
fn believed(node: &Node, joined: &str, year_seconds: f64) -> Result<(Belief, Option<Quantity>), Vec<Mistake>> {
    let mut units = Units { year_seconds, found: None, mistakes: Vec::new() };
    let plain = units.without_units(node, false);
    if !units.mistakes.is_empty() {
        return Err(units.mistakes);
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

/// What is believed of the probability of a basic event, `EVENT=BELIEF`: the name, and the belief as in [`Varied`].
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

#[cfg(test)]
mod tests {
    use super::Varied;
    use crate::quantity::DEFAULT_YEAR_SECONDS;
    use crate::topology::read::{Mistake, Syntax};
    use crate::topology::uncertain::Quantity;

    const TEXT: &str = "[component.db]\nmttf = \"30d\"\nrepair = \"1h\"\n[component.lb]\nmtbf = { weibull = { mean = \"1y\", \
                        shape = 2 } }\nmttr = \"1h\"\n[group.db]\ncomponent = \"db\"\nactive = 1\nstandby = 1\nfailover = \
                        { takes = \"10s\", works = 0.9, otherwise = \"1h\" }\n[system]\nup = \"db and lb\"\n";

    fn varied(beliefs: &[&str]) -> Result<Varied, Vec<Mistake>> {
        let beliefs: Vec<String> = beliefs.iter().map(|belief| (*belief).to_owned()).collect();
        Varied::new(TEXT, Syntax::Toml, DEFAULT_YEAR_SECONDS, &[], &beliefs)
    }

    fn quantile(belief: &str, p: f64) -> f64 {
        varied(&[belief]).unwrap_or_else(|mistakes| panic!("{belief}: {mistakes:?}")).inputs()[0].belief.quantile(p)
    }

    #[test]
    fn beliefs_are_written_in_full_or_in_short() {
        let day = 86_400.0;
        let cases = [
            ("db.mtbf=20d..60d", 0.25, 30.0 * day),
            ("db.mtbf = 20d .. 60d", 0.25, 30.0 * day),
            ("db.mtbf={ uniform = [\"20d\", \"60d\"] }", 0.25, 30.0 * day),
            ("db.mtbf=uniform(20d, 60d)", 0.25, 30.0 * day),
            ("db.mtbf=loguniform(10d, 1000d)", 0.5, 100.0 * day),
            ("db.mtbf=lognormal(median=60d, p95=200d)", 0.95, 200.0 * day),
            ("db.mtbf={ lognormal = { median = \"60d\", p95 = \"200d\" } }", 0.5, 60.0 * day),
            ("db.mtbf=empirical(3d, 5d, 9d)", 0.5, 5.0 * day),
            ("db.rate=1/60d..1/20d", 0.5, 1.0 / (30.0 * day)),
            ("db.failover.works=0.9..0.98", 0.5, 0.94),
            ("db.failover.works=90%..98%", 0.5, 0.94),
            ("lb.mtbf.weibull.shape=1..3", 0.5, 2.0),
            ("lb.mtbf.weibull.shape=lognormal(mu=0, sigma=0.3)", 0.5, 1.0),
            ("db.failover.takes=fixed(7s)", 0.5, 7.0),
        ];
        for (belief, p, expected) in cases {
            // Quantiles of the families are good to a few roundings; a 95 % point goes through the normal quantile.
            assert!((quantile(belief, p) / expected - 1.0).abs() < 1e-14, "{belief}: {}", quantile(belief, p));
        }
    }

    #[test]
    fn values_reach_the_model_with_all_their_digits() {
        let beliefs = ["db.rate=1/60d..1/20d", "db.mttr=1h..2h", "db.failover.works=0.9..0.98"];
        let varied = varied(&beliefs).expect("beliefs");
        let quantities: Vec<Quantity> = varied.inputs().iter().map(|input| input.quantity).collect();
        assert_eq!(quantities, [Quantity::Rate, Quantity::Time, Quantity::Number]);
        let model = varied.model(&[1e-7, 4_321.000_000_000_1, 0.912_345_678_901_234_5]).expect("a model");
        let mode = &model.components[0].modes()[0];
        let mean = mode.repair.as_ref().expect("a repair").mean();
        assert!((mode.life.mean() - 1e7).abs() < 1e-8 && (mean - 4_321.000_000_000_1).abs() < 1e-12);
        let works = model.groups[0].failover.as_ref().expect("a failover").works.value();
        assert!((works - 0.912_345_678_901_234_5).abs() < 1e-17);
        let mistakes = varied.model(&[1e-7, 60.0, 1.5]).expect_err("no probability");
        assert_eq!(mistakes[0].change, Some(2));
        assert!(mistakes[0].message.contains("1.5"), "{mistakes:?}");
    }

    #[test]
    fn mistakes_name_the_belief() {
        let cases = [
            ("db.mtbf", "sets nothing", "KEY=VALUE"),
            ("db.mtbf=60d", "`60d` is one value", "30d..90d"),
            ("db.mtbf=\"60d\"", "no belief", "30d..90d"),
            ("db.mtbf=60d..", "no time, rate or number", "60d"),
            ("db.mtbf=60d..30d", "", ""),
            ("db.mtbf=60d..0.5", "mixed", "one unit"),
            ("db.mtbf=lognormal(mean=60d)", "one pair", "cv"),
            ("db.mtbf=lognrmal(mean=60d, cv=1)", "unknown key `lognrmal`", "lognormal"),
            ("db.mtbf=loguniform(0s, 1s)", "two ends above zero", "loguniform"),
            ("db.mtbff=1d..2d", "unknown key `mtbff`", "mtbf"),
            ("lb.mtbf=1d..2d", "`component.lb.mtbf` is a table", "component.lb.mtbf.weibull.mean"),
        ];
        for (belief, message, more) in cases {
            let mistakes = varied(&[belief]).expect_err(belief);
            assert_eq!(mistakes[0].change, Some(0), "{belief}: {mistakes:?}");
            assert!(mistakes[0].message.contains(message), "{belief}: {mistakes:?}");
            let rest = format!("{:?} {:?}", mistakes[0].expected, mistakes[0].help);
            assert!(rest.contains(more), "{belief}: {mistakes:?}");
        }
        let twice = varied(&["db.mtbf=1d..2d", "component.db.mtbf=1d..2d"]).expect_err("twice");
        assert!(twice[0].message.contains("twice") && twice[0].change == Some(1), "{twice:?}");
    }
}
