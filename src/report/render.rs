//! A sheet as text.

use comfy_table::{
    Cell as TableCell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table as TextTable, TableStyle,
    Width,
};

use crate::report::sheet::{Cell, Sheet, Table};

/// A line of text's whole width.
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');
/// A rule above, below, and under the headers.
const RULES: TableStyle = TableStyle::new().top_border(RULE).header_separator(RULE).bottom_border(RULE);
/// Narrowest and widest tables, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// Control characters and marks that turn the direction of text, which names of a user may hold, as escapes: a terminal obeys
/// some of them. Line breaks stay.
fn printable(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_wrong = |c: char| c != '\n' && c.is_control() || is_mark(c);
    let escaped = |c: char| if is_wrong(c) { c.escape_default().to_string() } else { c.to_string() };
    if text.contains(is_wrong) { text.chars().map(escaped).collect() } else { text.to_owned() }
}

/// A sheet that can be shown to people.
fn shown(sheet: &Sheet) -> Sheet {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => Cell::Text(printable(text)),
        number => number.clone(),
    };
    let table = |table: &Table| Table {
        title: printable(&table.title),
        headers: table.headers.iter().map(|header| printable(header)).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
    };
    Sheet {
        tables: sheet.tables.iter().map(table).collect(),
        notes: sheet.notes.iter().map(|note| printable(note)).collect(),
    }
}

/// Aligned tables for a terminal of so many columns.
pub fn table(sheet: &Sheet, columns: usize) -> String {
    let sheet = shown(sheet);
    let width = columns.clamp(*WIDTHS.start(), *WIDTHS.end());
    let mut out: Vec<String> = sheet.tables.iter().map(|table| text_table(table, width)).collect();
    out.extend(sheet.notes.iter().map(|note| wrapped(note, width)));
    out.join("\n\n") + "\n"
}

fn text_table(table: &Table, width: usize) -> String {
    let mut text = TextTable::new();
    text.load_style(RULES)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width as u16)
        .set_header(table.headers.iter().map(TableCell::new));
    for row in &table.rows {
        text.add_row(row.iter().map(|cell| TableCell::new(cell.shown())));
    }
    let narrowest = narrowest_widths(table, width);
    for (index, column) in text.column_iter_mut().enumerate() {
        let numeric = table.rows.iter().any(|row| matches!(row[index], Cell::Number { .. }));
        if numeric && index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(&narrowest) = narrowest.get(index) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(narrowest as u16)));
        }
    }
    let body = text.trim_fmt();
    if table.title.is_empty() { body } else { format!("{}\n{body}", table.title) }
}

/// Widths that keep words whole and, from the left as far as there is room, whole cells, so that the last columns are
/// broken first; nothing when not even the words fit.
fn narrowest_widths(table: &Table, width: usize) -> Vec<usize> {
    const PADDING: usize = 2;
    let length = |text: &str| text.chars().count();
    let longest_word = |text: &str| text.split(' ').map(length).max().unwrap_or(0);
    let widest = |index: usize, of: &dyn Fn(&str) -> usize| {
        let cells = table.rows.iter().map(|row| of(row[index].shown())).max().unwrap_or(0);
        cells.max(longest_word(&table.headers[index])) + PADDING
    };
    let mut widths: Vec<usize> = (0..table.headers.len()).map(|index| widest(index, &longest_word)).collect();
    let between = widths.len() - 1;
    let Some(mut room) = width.checked_sub(widths.iter().sum::<usize>() + between) else { return Vec::new() };
    for (index, narrow) in widths.iter_mut().enumerate() {
        let more = widest(index, &length) - *narrow;
        if more <= room {
            *narrow += more;
            room -= more;
        }
    }
    widths
}

/// Breaks a sentence at spaces.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is a line");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("  {word}"));
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

/// Markdown tables.
pub fn markdown(sheet: &Sheet) -> String {
    let sheet = shown(sheet);
    let escaped = |text: &str| text.replace('|', "\\|");
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let table = |table: &Table| {
        let numeric = |index: usize| table.rows.iter().any(|row| matches!(row[index], Cell::Number { .. }));
        let rule = |index: usize| if index > 0 && numeric(index) { "---:" } else { "---" }.to_owned();
        let mut lines = vec![row(table.headers.iter().map(|header| escaped(header)).collect())];
        lines.push(row((0..table.headers.len()).map(rule).collect()));
        lines.extend(table.rows.iter().map(|cells| row(cells.iter().map(|cell| escaped(cell.shown())).collect())));
        let body = lines.join("\n");
        if table.title.is_empty() { body } else { format!("### {}\n\n{body}", table.title) }
    };
    let mut out: Vec<String> = sheet.tables.iter().map(table).collect();
    out.extend(sheet.notes);
    out.join("\n\n") + "\n"
}

/// One record for each cell: table, row, column, value; numbers with all their digits.
///
/// # Errors
/// Never for writing into memory; the type is that of the writer.
pub fn csv(sheet: &Sheet) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["table", "row", "column", "value"])?;
    for table in &sheet.tables {
        for row in &table.rows {
            for (header, cell) in table.headers.iter().zip(row).skip(1) {
                for (end, value) in cell.exact() {
                    let title = if table.title.is_empty() { "result" } else { &table.title };
                    writer.write_record([title, row[0].shown(), &format!("{header}{end}"), value])?;
                }
            }
        }
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{csv, markdown, table};
    use crate::report::sheet::{Cell, Sheet, Table};

    fn sheet() -> Sheet {
        let mut rows = Table::new("budget", &["window", "allowed [s]"]);
        rows.push(vec![Cell::text("year"), Cell::number(0.031536, "0.0315")]);
        Sheet { tables: vec![rows], notes: vec!["a note".into()] }
    }

    #[test]
    fn names_cannot_command_a_terminal() {
        let mut rows = Table::new("", &["name"]);
        rows.push(vec![Cell::text("a\u{1b}[2Jb\u{202e}c\rd")]);
        let sheet = Sheet { tables: vec![rows], notes: vec!["\u{7}".into()] };
        for text in [table(&sheet, 80), markdown(&sheet)] {
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\r', '\u{7}']), "{text:?}");
            assert!(text.contains("a\\u{1b}[2Jb\\u{202e}c\\rd"), "{text}");
        }
    }

    #[test]
    fn one_sheet_three_ways() {
        assert!(table(&sheet(), 80).contains("year"));
        let expected = "### budget\n\n| window | allowed [s] |\n| --- | ---: |\n| year | 0.0315 |\n\na note\n";
        assert_eq!(markdown(&sheet()), expected);
        assert_eq!(csv(&sheet()).unwrap(), "table,row,column,value\nbudget,year,allowed [s],0.031536\n");
    }
}
