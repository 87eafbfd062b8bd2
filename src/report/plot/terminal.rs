//! A plot of text: the sample as blocks, fitted curves as letters; readable without colour.

use crate::report::number::Units;
use crate::report::plot::{Axis, POINTS, Plot, survives};

/// Lines of the plot.
const HEIGHT: usize = 16;
/// Every so many lines have a label: multiples of 20 %.
const LABELLED: usize = 3;
/// Columns of the plot.
const WIDTHS: std::ops::RangeInclusive<usize> = 30..=100;
/// Columns of the labels on the left.
const MARGIN: usize = 6;
/// Letters of fitted curves, the best first.
const LETTERS: [char; 3] = ['o', '+', 'x'];
const BLOCK: char = '█';

/// The plot for so many columns, with the best fitted curves.
pub fn plot(plot: &Plot, columns: usize, units: Units) -> String {
    let width = columns.saturating_sub(MARGIN + 1).clamp(*WIDTHS.start(), *WIDTHS.end());
    let axis = Axis::of(&plot.steps);
    let mut grid = vec![vec![' '; width]; HEIGHT];
    for (curve, letter) in plot.curves.iter().zip(LETTERS).rev() {
        let point = |column: usize| (column * (POINTS - 1) + width / 2) / (width - 1);
        for (column, line) in (0..width).map(|column| (column, line(curve.survival[point(column)]))) {
            grid[line][column] = letter;
        }
    }
    blocks(plot, axis, &mut grid);
    let mut out = vec![plot.title.clone()];
    for (index, cells) in grid.iter().enumerate() {
        let percent = 100 - 100 * index / (HEIGHT - 1);
        let is_labelled = index % LABELLED == 0;
        let label = if is_labelled { format!("{percent:>4} %") } else { " ".repeat(MARGIN) };
        let edge = if is_labelled { '┤' } else { '│' };
        out.push(format!("{label}{edge}{}", cells.iter().collect::<String>().trim_end()));
    }
    out.push(format!("{}└{}", " ".repeat(MARGIN), "─".repeat(width)));
    out.push(marks(axis, width, units));
    let named = plot.curves.iter().zip(LETTERS).map(|(curve, letter)| format!("{letter} {}", curve.name));
    let names: Vec<String> = std::iter::once(format!("{BLOCK} sample")).chain(named).collect();
    out.push(format!("{}{}", " ".repeat(MARGIN + 1), names.join("   ")));
    out.join("\n")
}

fn line(survival: f64) -> usize {
    ((1.0 - survival.clamp(0.0, 1.0)) * (HEIGHT - 1) as f64).round() as usize
}

/// The steps of the sample, with its falls.
fn blocks(plot: &Plot, axis: Axis, grid: &mut [Vec<char>]) {
    let width = grid[0].len();
    let mut before = 0;
    for column in 0..width {
        let end = axis.time((column as f64 + 0.5) / (width - 1) as f64);
        let now = line(survives(&plot.steps, end));
        for cells in grid.iter_mut().take(now.max(before) + 1).skip(before.min(now)) {
            cells[column] = BLOCK;
        }
        before = now;
        if plot.steps.last().is_some_and(|step| step.0 <= end) {
            break;
        }
    }
}

/// Names of times below the axis, as many as have room.
fn marks(axis: Axis, width: usize, units: Units) -> String {
    let mut text = String::new();
    for (place, name) in axis.marks(units) {
        let at = MARGIN + 1 + (place * (width - 1) as f64) as usize;
        let start = at.saturating_sub(name.chars().count() / 2);
        let used = text.chars().count();
        if used == 0 || start > used + 1 {
            text.push_str(&" ".repeat(start - used));
            text.push_str(&name);
        }
    }
    text
}
