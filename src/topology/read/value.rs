//! Single values: texts, durations, probabilities, counts, targets.

use std::ops::RangeInclusive;

use crate::quantity::{Decimal, Duration, Probability, Target, TargetError};
use crate::topology::read::context::Context;
use crate::topology::read::mistake::Mistake;
use crate::topology::read::tree::{Node, Value};

impl Context<'_> {
    pub(crate) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) => Some(text),
            _ => self.wrong_kind(node, "a text in quotes"),
        }
    }

    /// A duration in seconds; zero is allowed.
    pub(crate) fn duration(&mut self, node: &Node) -> Option<f64> {
        match &node.value {
            Value::Text(text) => match Duration::parse(text, self.year_seconds) {
                Ok(duration) => Some(duration.seconds()),
                Err(error) => {
                    self.invalid(node, error.to_string(), "a duration such as `\"90s\"`, `\"1h30m\"`, `\"30d\"`")
                }
            },
            Value::Number(number) => {
                let message = format!("`{number}` has no unit");
                let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
                let example = if is_plain { number } else { "90" };
                self.invalid(node, message, &format!("a duration such as `\"{example}s\"` or `\"{example}h\"`"))
            }
            _ => self.wrong_kind(node, "a duration such as `\"90s\"`"),
        }
    }

    /// A duration in seconds above zero.
    pub(crate) fn positive_duration(&mut self, node: &Node) -> Option<f64> {
        let seconds = self.duration(node)?;
        if seconds > 0.0 { Some(seconds) } else { self.invalid(node, "the time is zero", "a time above zero") }
    }

    pub(crate) fn probability(&mut self, node: &Node) -> Option<Probability> {
        let (Value::Text(text) | Value::Number(text)) = &node.value else {
            return self.wrong_kind(node, "a probability from 0 to 1");
        };
        match Probability::parse(text) {
            Ok(probability) => Some(probability),
            Err(error) => self.invalid(node, error.to_string(), "a probability such as `0.98` or `\"98%\"`"),
        }
    }

    pub(crate) fn target(&mut self, node: &Node) -> Option<Target> {
        let (Value::Text(text) | Value::Number(text)) = &node.value else {
            return self.wrong_kind(node, "a target such as `\"99.999%\"` or `\"5 nines\"`");
        };
        match text.parse() {
            Ok(target) => Some(target),
            Err(TargetError::Percent(_)) => {
                let message = format!("`{text}` is no availability target between 0 and 1");
                self.invalid(node, message, &format!("`\"{text}%\"`, perhaps"))
            }
            Err(TargetError::Other(_)) => {
                let message = format!("`{text}` is no availability target strictly between 0 and 1");
                self.invalid(node, message, "`\"99.999%\"`, `\"5 nines\"`, `\"u=1e-5\"` or `0.99999`")
            }
        }
    }

    /// A plain number that is not negative.
    pub(crate) fn number(&mut self, node: &Node, range: RangeInclusive<f64>, expected: &str) -> Option<f64> {
        let Value::Number(text) = &node.value else { return self.wrong_kind(node, expected) };
        let value = Decimal::parse(text).ok().map(|decimal| decimal.to_f64());
        match value.filter(|value| range.contains(value)) {
            Some(value) => Some(value),
            None => self.invalid(node, format!("`{text}` is out of range"), expected),
        }
    }

    /// A number with a sign.
    pub(crate) fn signed_number(&mut self, node: &Node, expected: &str) -> Option<f64> {
        let Value::Number(text) = &node.value else { return self.wrong_kind(node, expected) };
        let magnitude = Decimal::parse(text.strip_prefix('-').unwrap_or(text)).ok().map(|decimal| decimal.to_f64());
        match magnitude.filter(|magnitude| magnitude.is_finite()) {
            Some(magnitude) => Some(if text.starts_with('-') { -magnitude } else { magnitude }),
            None => self.invalid(node, format!("`{text}` is no finite number"), expected),
        }
    }

    /// A whole number in a range.
    pub(crate) fn count(&mut self, node: &Node, range: RangeInclusive<u32>) -> Option<u32> {
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        let Value::Number(text) = &node.value else { return self.wrong_kind(node, &expected) };
        match text.replace('_', "").parse().ok().filter(|count| range.contains(count)) {
            Some(count) => Some(count),
            None => self.invalid(node, format!("`{text}` is out of range or not whole"), &expected),
        }
    }

    /// Reports a value that is of the right kind but not valid.
    pub(crate) fn invalid<T>(&mut self, node: &Node, message: impl Into<String>, expected: &str) -> Option<T> {
        self.report(Mistake::new(node.span.clone(), message).expected(expected));
        None
    }
}
