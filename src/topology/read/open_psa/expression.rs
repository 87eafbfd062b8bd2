//! Numbers of a file: constants, parameters, arithmetic, and probabilities at the mission time.
//!
//! ```text
//! exponential(lambda, t):    q = 1 - exp(-lambda t)                          a = exp(-lambda t)
//! GLM(gamma, lambda, mu, t): q = gamma e + lambda / (lambda + mu) * (1 - e)  a = (1 - gamma) e + mu / (lambda + mu) * (1 - e)
//!
//! q       probability that the event has happened
//! a       probability that it has not
//! lambda  failure rate [1/h]
//! mu      repair rate [1/h]
//! gamma   probability of having happened at time 0
//! t       mission time [h]
//! e       exp(-(lambda + mu) t)
//! ```
//!
//! `1 - e` is `-expm1`, so that both numbers are sums of positive terms and keep their digits.

use std::cell::RefCell;

use roxmltree::Node;

use crate::quantity::Decimal;
use crate::quantity::Probability;
use crate::topology::fault_tree::EventRates;
use crate::topology::read::Mistake;
use crate::topology::read::open_psa::definitions::Definitions;
use crate::topology::read::open_psa::{attribute, elements, mistake_at, refused};

/// Open-PSA gives times in hours.
const SECONDS_PER_HOUR: f64 = 3_600.0;
/// Expressions and parameters that name each other may be nested so deep; real ones are a few levels deep.
const DEEPEST: usize = 200;

/// A number, with what more is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub(crate) number: f64,
    /// One minus the number, where it was not computed from it.
    complement: Option<f64>,
    rates: Option<EventRates>,
}

impl Value {
    fn new(number: f64) -> Self {
        Self { number, complement: None, rates: None }
    }
}

/// Evaluates expressions of one file.
#[derive(Debug)]
pub(crate) struct Expressions<'a, 'b, 'c> {
    definitions: &'c Definitions<'a, 'b>,
    mission_hours: Option<f64>,
    known: RefCell<Vec<Option<Value>>>,
    /// Parameters that are being worked out, each for the one before.
    open: RefCell<Vec<usize>>,
}

impl<'a, 'b, 'c> Expressions<'a, 'b, 'c> {
    pub(crate) fn new(definitions: &'c Definitions<'a, 'b>, mission_hours: Option<f64>) -> Self {
        Self {
            definitions,
            mission_hours,
            known: RefCell::new(vec![None; definitions.parameters.len()]),
            open: RefCell::default(),
        }
    }

    /// The probability that an element gives, and how fast its event comes and goes.
    pub(crate) fn probability(&self, element: Node<'a, 'b>) -> Result<(Probability, Option<EventRates>), Mistake> {
        let value = self.value(element, 0)?;
        let number = value.number;
        // What was computed has no better complement than this; it is as good as the number wherever that is below 1/2.
        let complement = value.complement.unwrap_or(1.0 - number);
        let pair = Probability::from_pair(number, complement);
        let pair = pair.ok_or_else(|| mistake_at(element, format!("{number} is not a probability between 0 and 1")))?;
        Ok((pair, value.rates))
    }

    /// A number between two limits.
    pub(crate) fn number(&self, element: Node<'a, 'b>) -> Result<f64, Mistake> {
        self.value(element, 0).map(|value| value.number)
    }

    fn value(&self, element: Node<'a, 'b>, depth: usize) -> Result<Value, Mistake> {
        if depth > DEEPEST {
            let message = format!("expressions and parameters are nested deeper than {DEEPEST}");
            return Err(mistake_at(element, message));
        }
        let value = match element.tag_name().name() {
            "float" | "int" => literal(element)?,
            "parameter" => self.parameter(element, depth)?,
            "system-mission-time" => Value::new(self.mission_hours.ok_or_else(|| no_mission_time(element))?),
            "exponential" => self.exponential(element, depth)?,
            "GLM" => self.glm(element, depth)?,
            "add" | "sub" | "mul" | "div" => self.arithmetic(element, depth)?,
            _ => return Err(refused(element, "an expression")),
        };
        if value.number.is_finite() { Ok(value) } else { Err(mistake_at(element, "this is not a finite number")) }
    }

    fn parameter(&self, element: Node<'a, 'b>, depth: usize) -> Result<Value, Mistake> {
        let name = attribute(element, "name")?;
        let Some((index, _, definition)) = self.definitions.parameters.get_full(name) else {
            let names = self.definitions.parameters.keys().copied();
            return Err(mistake_at(element, format!("there is no parameter named `{name}`")).nearest(name, names));
        };
        let unit = definition.element.attribute("unit").unwrap_or("float");
        if let Some(wanted) = element.attribute("unit").filter(|wanted| *wanted != unit) {
            let message = format!("the unit of {} is `{unit}`, and not `{wanted}`", definition.title());
            return Err(mistake_at(element, message));
        }
        if let Some(value) = self.known.borrow()[index] {
            return Ok(value);
        }
        if let Some(from) = self.open.borrow().iter().position(|open| *open == index) {
            let open = self.open.borrow();
            let names = open[from..].iter().chain([&index]);
            let names = names.filter_map(|open| self.definitions.parameters.get_index(*open).map(|(name, _)| *name));
            let path = names.collect::<Vec<_>>().join(" → ");
            return Err(mistake_at(element, format!("parameter `{name}` depends on itself: {path}")));
        }
        if !["float", "int", "hours", "hours-1", "fit"].contains(&unit) {
            let message = format!("the unit `{unit}` of {} is not understood", definition.title());
            return Err(mistake_at(definition.element, message).expected("`hours`, `hours-1`, `fit`, `float` or `int`"));
        }
        self.open.borrow_mut().push(index);
        let value = definition.only().and_then(|only| self.value(only, depth + 1));
        self.open.borrow_mut().pop();
        let mut value = value?;
        if unit == "fit" {
            value = Value::new(value.number / 1e9);
        }
        self.known.borrow_mut()[index] = Some(value);
        Ok(value)
    }

    fn arguments(&self, element: Node<'a, 'b>, count: usize, depth: usize) -> Result<Vec<f64>, Mistake> {
        let children = elements(element)?;
        if children.len() != count {
            let name = element.tag_name().name();
            return Err(mistake_at(element, format!("`{name}` needs {count} arguments and has {}", children.len())));
        }
        children.into_iter().map(|child| self.value(child, depth + 1).map(|value| value.number)).collect()
    }

    fn exponential(&self, element: Node<'a, 'b>, depth: usize) -> Result<Value, Mistake> {
        let arguments = self.arguments(element, 2, depth)?;
        not_negative(element, &arguments)?;
        let (lambda, time) = (arguments[0], arguments[1]);
        let still = libm::exp(-lambda * time);
        let begins = still * lambda / SECONDS_PER_HOUR;
        let rates = EventRates { begins, ends: 0.0, is_stationary: lambda == 0.0 };
        Ok(Value { number: -libm::expm1(-lambda * time), complement: Some(still), rates: Some(rates) })
    }

    fn glm(&self, element: Node<'a, 'b>, depth: usize) -> Result<Value, Mistake> {
        let arguments = self.arguments(element, 4, depth)?;
        not_negative(element, &arguments)?;
        let (gamma, lambda, mu, time) = (arguments[0], arguments[1], arguments[2], arguments[3]);
        if gamma > 1.0 {
            return Err(mistake_at(element, format!("the first argument, {gamma}, is not a probability")));
        }
        let total = lambda + mu;
        let (old, new) = (libm::exp(-total * time), -libm::expm1(-total * time));
        let share = |rate: f64| if total > 0.0 { rate / total * new } else { 0.0 };
        let (down, up) = (gamma * old + share(lambda), (1.0 - gamma) * old + share(mu));
        let rates = EventRates {
            begins: up * lambda / SECONDS_PER_HOUR,
            ends: down * mu / SECONDS_PER_HOUR,
            // What is left of the start is below the rounding of the long-run value.
            is_stationary: mu > 0.0 && old < 1e-17 * (lambda / total).min(mu / total) || lambda == 0.0 && gamma == 0.0,
        };
        Ok(Value { number: down, complement: Some(up), rates: Some(rates) })
    }

    fn arithmetic(&self, element: Node<'a, 'b>, depth: usize) -> Result<Value, Mistake> {
        let children = elements(element)?;
        let values: Result<Vec<Value>, Mistake> =
            children.into_iter().map(|child| self.value(child, depth + 1)).collect();
        let values = values?;
        if let ("sub", [Value { number: 1.0, .. }, of]) = (element.tag_name().name(), &values[..]) {
            // The complement of a number keeps its digits.
            let complement = of.complement.unwrap_or(1.0 - of.number);
            return Ok(Value { number: complement, complement: Some(of.number), rates: None });
        }
        let values: Vec<f64> = values.into_iter().map(|value| value.number).collect();
        let (Some((first, rest)), name) = (values.split_first(), element.tag_name().name()) else {
            return Err(mistake_at(element, "there is nothing to compute with"));
        };
        let apply = |so_far: f64, value: &f64| match name {
            "add" => so_far + value,
            "sub" => so_far - value,
            "mul" => so_far * value,
            _ => so_far / value,
        };
        let number = if rest.is_empty() && name == "sub" { -first } else { rest.iter().fold(*first, apply) };
        Ok(Value::new(number))
    }
}

/// `float` and `int`: the decimal text, so that the complement has its digits, too.
fn literal(element: Node<'_, '_>) -> Result<Value, Mistake> {
    let text = attribute(element, "value")?;
    let wrong = || no_number(element, text);
    if element.tag_name().name() == "int"
        && !text.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit())
    {
        let message = format!("`{}` is not a whole number", shortened(text));
        return Err(mistake_at(element, message).expected("digits, or `float` in place of `int`"));
    }
    if let Some(positive) = text.strip_prefix('-') {
        return Ok(Value::new(-Decimal::parse(positive).map_err(|_| wrong())?.to_f64()));
    }
    let decimal = Decimal::parse(text).map_err(|_| wrong())?;
    if decimal.to_f64() == 0.0 && is_written_positive(text) {
        return Err(wrong());
    }
    let complement = decimal.complement().map(|complement| complement.to_f64());
    Ok(Value { number: decimal.to_f64(), complement, rates: None })
}

/// Why a text is no number that can be computed with.
fn no_number(element: Node<'_, '_>, text: &str) -> Mistake {
    let digits = text.trim_start_matches(['+', '-']);
    let is_decimal = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    let why = match text.parse::<f64>() {
        Ok(0.0) if is_decimal && is_written_positive(digits) => "is too small: it would count as 0",
        Ok(value) if is_decimal && value.is_infinite() => "is too large",
        _ => "is not a number",
    };
    mistake_at(element, format!("`{}` {why}", shortened(text)))
}

/// Whether a decimal has a digit that is not 0 before its exponent.
fn is_written_positive(text: &str) -> bool {
    text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).any(|byte| matches!(byte, b'1'..=b'9'))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn not_negative(element: Node<'_, '_>, arguments: &[f64]) -> Result<(), Mistake> {
    match arguments.iter().find(|argument| **argument < 0.0) {
        Some(negative) => Err(mistake_at(element, format!("rates and times cannot be negative: {negative}"))),
        None => Ok(()),
    }
}

fn no_mission_time(element: Node<'_, '_>) -> Mistake {
    mistake_at(element, "no mission time is given").expected("`--mission-time TIME` on the command line")
}
