//! The neutral layout of a report: titled tables of cells, and notes.

/// A report as tables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// In order.
    pub tables: Vec<Table>,
    /// Sentences below the tables: warnings above all.
    pub notes: Vec<String>,
}

/// One table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// Column headers, with units.
    pub headers: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, aligned left.
    Text(String),
    /// A number: as it is shown, and all digits of it for machines.
    Number {
        /// Rounded, perhaps with its unit.
        shown: String,
        /// As it reads back.
        exact: String,
    },
    /// An interval or a bound: as it is shown, and its ends for machines.
    Range {
        /// Rounded, perhaps with units.
        shown: String,
        /// The lower end, as it reads back; empty without one.
        low: String,
        /// The upper end likewise.
        high: String,
    },
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number shown as `shown`.
    pub fn number(value: f64, shown: impl Into<String>) -> Self {
        Self::Number { shown: shown.into(), exact: format!("{value:?}") }
    }

    /// An interval, or a bound, of which only the upper end is there.
    pub fn range(low: Option<f64>, high: Option<f64>, shown: impl Into<String>) -> Self {
        let exact = |end: Option<f64>| end.map(|end| format!("{end:?}")).unwrap_or_default();
        Self::Range { shown: shown.into(), low: exact(low), high: exact(high) }
    }

    /// A number, or nothing.
    pub fn optional(value: Option<f64>, shown: impl Fn(f64) -> String) -> Self {
        value.map_or_else(|| Self::text("-"), |value| Self::number(value, shown(value)))
    }

    /// What people read.
    pub fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number { shown: text, .. } | Self::Range { shown: text, .. } => text,
        }
    }

    /// What machines read, with what is appended to the name of the column.
    pub fn exact(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Text(text) | Self::Number { exact: text, .. } => vec![("", text)],
            Self::Range { low, high, .. } => vec![(" low", low), (" high", high)],
        }
    }
}

impl Table {
    /// An empty table.
    pub fn new(title: impl Into<String>, headers: &[&str]) -> Self {
        Self {
            title: title.into(),
            headers: headers.iter().map(|header| (*header).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: Vec<Cell>) {
        debug_assert_eq!(row.len(), self.headers.len());
        self.rows.push(row);
    }
}
