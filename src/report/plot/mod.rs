//! Survival curves: what was seen against what was fitted, as text ([`terminal`]) and as an image ([`svg`]).
//!
//! The axis of times is logarithmic. Nothing is computed here but places on paper.

pub mod svg;
pub mod terminal;

use crate::report::number::{Units, time};

/// What is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// What it is about.
    pub title: String,
    /// The curve of the sample: from each time (seconds, ascending, above 0) on, so much survives.
    pub steps: Vec<(f64, f64)>,
    /// Fitted curves, the best first.
    pub curves: Vec<Curve>,
}

/// A fitted survival curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// The family.
    pub name: String,
    /// Its survival at [`places`], in order.
    pub survival: Vec<f64>,
}

/// Points of a fitted curve.
pub const POINTS: usize = 160;

/// The times at which fitted curves are drawn, in seconds: evenly on the logarithmic axis from the first to the last
/// step, with a little room.
pub fn places(steps: &[(f64, f64)]) -> Vec<f64> {
    let axis = Axis::of(steps);
    (0..POINTS).map(|point| axis.time(point as f64 / (POINTS - 1) as f64)).collect()
}

/// The logarithmic axis.
#[derive(Clone, Copy, Debug)]
struct Axis {
    low: f64,
    high: f64,
}

/// Times that are marked, in seconds: what people count in.
const MARKS: [f64; 22] = [
    1e-6,
    1e-3,
    0.01,
    0.1,
    1.0,
    10.0,
    60.0,
    600.0,
    3_600.0,
    36_000.0,
    86_400.0,
    864_000.0,
    2_592_000.0,
    7_776_000.0,
    31_536_000.0,
    315_360_000.0,
    3_153_600_000.0,
    31_536_000_000.0,
    315_360_000_000.0,
    3_153_600_000_000.0,
    31_536_000_000_000.0,
    315_360_000_000_000.0,
];

impl Axis {
    fn of(steps: &[(f64, f64)]) -> Self {
        let first = steps.first().map_or(1.0, |step| step.0);
        let last = steps.last().map_or(first, |step| step.0);
        Self { low: (first / 1.3).ln(), high: (last * 1.3).ln() }
    }

    /// From 0 to 1.
    fn place(self, seconds: f64) -> f64 {
        (seconds.ln() - self.low) / (self.high - self.low)
    }

    fn time(self, place: f64) -> f64 {
        (self.low + place * (self.high - self.low)).exp()
    }

    /// Marked times with their places and names.
    fn marks(self, units: Units) -> Vec<(f64, String)> {
        let inside = |seconds: &f64| (0.0..=1.0).contains(&self.place(*seconds));
        let mark = |seconds: f64| (self.place(seconds), time(seconds, 3, units));
        let marks: Vec<(f64, String)> = MARKS.into_iter().filter(inside).map(mark).collect();
        if marks.len() >= 2 { marks } else { vec![mark(self.time(0.1)), mark(self.time(0.9))] }
    }
}

/// What of the sample survives at a time.
fn survives(steps: &[(f64, f64)], seconds: f64) -> f64 {
    let after = steps.partition_point(|step| step.0 <= seconds);
    if after == 0 { 1.0 } else { steps[after - 1].1 }
}
