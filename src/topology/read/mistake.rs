//! One mistake in a topology file.

use std::ops::Range;

use crate::json;

/// What is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The offending text, in bytes of the file.
    pub span: Range<usize>,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What was expected in its place.
    pub expected: Option<String>,
    /// What to do, the nearest valid name above all.
    pub help: Option<String>,
    /// Which of the changes made to the file, or of the options beside it, it stands in; then `span` is in bytes of that.
    pub change: Option<usize>,
}

/// Longer messages quote something that nobody reads.
const LONGEST_MESSAGE: usize = 240;
/// Longer words are no misspelt names.
const LONGEST_NAME: usize = 80;

impl Mistake {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        let message: String = message.into();
        let message = if message.chars().count() > LONGEST_MESSAGE {
            message.chars().take(LONGEST_MESSAGE).chain(['…']).collect()
        } else {
            message
        };
        Self { span, message, expected: None, help: None, change: None }
    }

    #[must_use]
    pub(crate) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds `did you mean` when one of `names` is near to `wrong`.
    #[must_use]
    pub(crate) fn nearest<'a>(mut self, wrong: &str, names: impl Iterator<Item = &'a str>) -> Self {
        if let Some(name) = nearest(wrong, names) {
            self.help = Some(format!("did you mean `{name}`?"));
        }
        self
    }

    /// Line and column of the start, both from 1; columns count characters.
    pub fn line_and_column(&self, text: &str) -> (usize, usize) {
        let before = &text.as_bytes()[..self.span.start.min(text.len())];
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let line = String::from_utf8_lossy(before).matches('\n').count() + 1;
        (line, String::from_utf8_lossy(&before[line_start..]).chars().count() + 1)
    }
}

impl From<json::Error> for Mistake {
    fn from(error: json::Error) -> Self {
        Self::new(error.span, error.message)
    }
}

/// The name nearest to `wrong` in edits, if near enough to be meant: at most a third of its letters, or it is a part.
fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > LONGEST_NAME {
        return None;
    }
    let wrong_lower = wrong.to_lowercase();
    let distance = |name: &str| {
        let edits = strsim::damerau_levenshtein(&wrong_lower, &name.to_lowercase());
        let part = wrong.len() > 2 && (name.contains(wrong) || wrong.contains(name) && name.len() > 2);
        if part { edits.min(1) } else { edits }
    };
    let (edits, name) = names.map(|name| (distance(name), name)).min_by_key(|(edits, _)| *edits)?;
    (edits <= (wrong.chars().count() / 3).max(1)).then_some(name)
}
