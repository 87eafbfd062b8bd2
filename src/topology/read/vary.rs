//! Keys whose values are not known exactly: `db.mtbf=30d..90d`.
//!
//! The key is that of a change, and the value a [`belief`](crate::topology::read::belief). The belief stands for the value itself: the
//! mean of a time that is a plain duration, not the spread of that time around its mean.

use std::ops::Range;

use crate::numeric::distribution::Family;
use crate::topology::Model;
use crate::topology::read::belief::{believed, shape};
use crate::topology::read::change::{self, Change, child, insert};
use crate::topology::read::context::Context;
use crate::topology::read::key::{self, ALIASES, Holds};
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Entry, Node, Value};
use crate::topology::read::{Syntax, document, model};
use crate::topology::uncertain::{Belief, Quantity, UncertainInput};

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
        let one = |mistake| vec![mistake];
        let change = parsed.map_err(one)?;
        let steps = change.checked_path(&self.root).map_err(one)?;
        self.check_key(&steps, &change.key_span).map_err(one)?;
        let value_span = start + text.len() - given.len()..start + text.len();
        let (belief, found) = believed(&change.value, &self.joined, self.year_seconds)?;
        let holds = key::holds(&steps);
        check_unit(&steps, holds, found, &given, &value_span).map_err(one)?;
        if holds == Some(Holds::Count) {
            check_whole(&steps, &belief, &given, &value_span).map_err(one)?;
        }
        let of_key = match holds {
            Some(Holds::Rate) => Quantity::Rate,
            Some(Holds::Number | Holds::Count) => Quantity::Number,
            _ => Quantity::Time,
        };
        let key = steps.join(".");
        self.paths.push(Path { steps, key_span: change.key_span, value_span });
        self.inputs.push(UncertainInput { key, given, belief, quantity: found.unwrap_or(of_key) });
        Ok(())
    }

    /// A quantity is varied once, bears on unavailability, and has no parts of its own.
    fn check_key(&self, steps: &[String], span: &Range<usize>) -> Result<(), Mistake> {
        let key = steps.join(".");
        if key::holds(steps) == Some(Holds::WithoutBearing) {
            let mistake = Mistake::new(span.clone(), format!("unavailability does not depend on `{key}`"));
            return Err(mistake.expected("a time, rate, share or count of a part, such as `component.db.mtbf`"));
        }
        if let [.., list, item] = steps
            && list == "weights"
            && key::item_number(item).is_some()
        {
            let message = format!("`{key}` cannot be varied alone: weights add up to 1");
            return Err(Mistake::new(span.clone(), message).expected("a mean of the mixture, as `…means.0`"));
        }
        let quantity = key::quantity(steps);
        if let Some(known) = self.paths.iter().find(|path| key::quantity(&path.steps) == quantity) {
            let known = known.steps.join(".");
            let message = if known == key {
                format!("`{key}` is varied twice")
            } else {
                format!("`{known}` and `{key}` are one quantity, which is varied twice")
            };
            return Err(Mistake::new(span.clone(), message).expected("one belief for a quantity"));
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
}

/// A belief has the unit of its key.
fn check_unit(
    steps: &[String],
    holds: Option<Holds>,
    found: Option<Quantity>,
    given: &str,
    span: &Range<usize>,
) -> Result<(), Mistake> {
    let (kind, example) = match (holds, found) {
        (Some(Holds::Time), Some(Quantity::Rate)) => ("a time", "30d..90d"),
        (Some(Holds::Rate), Some(Quantity::Time)) => ("a rate", "1/90d..1/30d"),
        (Some(Holds::Time), Some(Quantity::Number)) => ("a time, and has a unit", "30d..90d"),
        (Some(Holds::Rate), Some(Quantity::Number)) => ("a rate, and has a unit", "1/90d..1/30d"),
        (Some(Holds::Number), Some(Quantity::Time | Quantity::Rate)) => ("a number without a unit", "0.9..0.99"),
        (Some(Holds::Count), Some(Quantity::Time | Quantity::Rate)) => ("a whole number", "empirical(1, 2)"),
        _ => return Ok(()),
    };
    let with_unit = given.split_once("..").filter(|_| (holds, found) == (Some(Holds::Time), Some(Quantity::Number)));
    let example = with_unit.map_or(example.to_owned(), |(low, high)| format!("{}d..{}d", low.trim(), high.trim()));
    let mistake = Mistake::new(span.clone(), format!("`{}` is {kind}, not `{given}`", steps.join(".")));
    Err(mistake.expected(format!("a belief such as `{example}`")))
}

/// A count takes whole numbers only.
fn check_whole(steps: &[String], belief: &Belief, given: &str, span: &Range<usize>) -> Result<(), Mistake> {
    let (values, ends) = match belief {
        Belief::Distributed(distribution) => match distribution.family() {
            Family::Fixed { value } => (vec![*value], None),
            Family::Empirical { values } => (values.clone(), None),
            Family::Uniform { low, high } => (Vec::new(), Some((*low, *high))),
            _ => (Vec::new(), None),
        },
        Belief::LogUniform { low, high } => (Vec::new(), Some((*low, *high))),
    };
    if !values.is_empty() && values.iter().all(|value| value.fract() == 0.0) {
        return Ok(());
    }
    // As many as can be read at a glance.
    let whole = ends.filter(|(low, high)| low.ceil() <= high.floor() && high - low < 6.0).map(|(low, high)| {
        let list: Vec<String> = (low.ceil() as u64..=high.floor() as u64).map(|count| count.to_string()).collect();
        format!("empirical({})", list.join(", "))
    });
    let whole = whole.unwrap_or_else(|| "empirical(1, 2)".to_owned());
    let mistake = Mistake::new(span.clone(), format!("`{}` is a whole number, not `{given}`", steps.join(".")));
    Err(mistake.expected(format!("whole numbers that are each as likely as the others, such as `{whole}`")))
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
            ("db.mtbf=60d..30d", "the upper end `30d` is not above the lower end `60d`", "an upper end"),
            ("db.mtbf=loguniform(60d, 60d)", "the upper end `60d` is not above the lower end `60d`", "an upper end"),
            ("db.rate=1/30d..1/60d", "the upper end `1/60d` is not above the lower end `1/30d`", "an upper end"),
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
        let more = [
            ("db.mtbf=30..90", "`component.db.mtbf` is a time, and has a unit", "`30d..90d`"),
            ("db.mtbf=1/90d..1/30d", "`component.db.mtbf` is a time", "`30d..90d`"),
            ("db.rate=30d..90d", "`component.db.rate` is a rate", "`1/90d..1/30d`"),
            ("db.failover.works=1h..2h", "a number without a unit", "`0.9..0.99`"),
            ("db.active=1..3", "`group.db.active` is a whole number", "`empirical(1, 2, 3)`"),
            ("db.standby=lognormal(mean=2, cv=1)", "is a whole number", "`empirical(1, 2)`"),
            ("db.active=empirical(1, 1.5)", "is a whole number", "`empirical(1, 2)`"),
            ("target=0.9..0.99", "unavailability does not depend on `target`", "`component.db.mtbf`"),
            ("db.capacity=1..2", "unavailability does not depend on `component.db.capacity`", "count"),
        ];
        for (belief, message, more) in more {
            let mistakes = varied(&[belief]).expect_err(belief);
            assert!(mistakes[0].message.contains(message), "{belief}: {mistakes:?}");
            assert!(format!("{:?}", mistakes[0].expected).contains(more), "{belief}: {mistakes:?}");
        }
        assert!(varied(&["db.active=empirical(1, 2)"]).is_ok());
        let twice = varied(&["db.mtbf=1d..2d", "component.db.mtbf=1d..2d"]).expect_err("twice");
        assert!(twice[0].message.contains("twice") && twice[0].change == Some(1), "{twice:?}");
        for (first, second) in [
            ("db.mtbf=20d..40d", "db.mttf=20d..40d"),
            ("db.mttf=20d..40d", "component.db.rate=1/40d..1/20d"),
            ("db.repair=1h..2h", "db.mttr=1h..2h"),
            ("db.standby=empirical(1, 2)", "db.standby.count=empirical(1, 2)"),
        ] {
            let mistakes = varied(&[first, second]).expect_err(second);
            let message = &mistakes[0].message;
            let names = [first, second].map(|belief| belief.split('=').next().unwrap_or_default());
            let has = |name: &str| message.contains(name);
            assert!(names.into_iter().all(has) && message.contains("one quantity"), "{mistakes:?}");
        }
    }
}
