//! One entry of a file, before it is understood.

use std::borrow::Cow;
use std::ops::Range;

use crate::data::read::role::{Clock, ROLES, Role};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Cell<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) place: Place,
    /// Nanoseconds of the unit that the name of its column says.
    pub(crate) unit: Option<i64>,
    /// What that name says about times.
    pub(crate) clock: Clock,
    /// Several values, where the file has a list.
    pub(crate) list: Option<Vec<String>>,
}

/// Where a value stands.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In bytes of the file.
    Span(Range<usize>),
    /// A field of a CSV record: its bytes are looked for only when something is wrong with it.
    Field(usize),
}

/// An entry: a cell for each role that it has.
#[derive(Clone, Debug)]
pub(crate) struct Row<'a> {
    pub(crate) cells: [Option<Cell<'a>>; ROLES],
    pub(crate) line: u32,
    /// The entry, in bytes of the file.
    pub(crate) span: Range<usize>,
    /// Whether everything in this list was planned (a list of maintenances).
    pub(crate) planned: bool,
}

impl<'a> Row<'a> {
    pub(crate) fn new(line: u32, span: Range<usize>) -> Self {
        Self { cells: [const { None }; ROLES], line, span, planned: false }
    }

    /// The cell of a role, if it is there and says something.
    pub(crate) fn get(&self, role: Role) -> Option<&Cell<'a>> {
        let cell = self.cells[role as usize].as_ref()?;
        (cell.list.is_some() || !is_nothing(&cell.text)).then_some(cell)
    }
}

/// Whether a text says that there is no value.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text.trim(), "" | "-" | "null" | "NULL" | "None" | "none" | "NaT" | "N/A" | "n/a" | "NA" | "\\N")
}
