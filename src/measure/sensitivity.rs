//! What each number of a model does to its measures.

/// Derivatives by all numbers, and differences for those that only take steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sensitivity {
    /// Numbers that matter to first order, those that save most first.
    pub levers: Vec<Lever>,
    /// One place or unit more, those that save most first.
    pub steps: Vec<Step>,
    /// Counts that were not tried, because that would take much longer than the solution.
    pub steps_left_out: usize,
}

/// The relative improvement that is spoken of.
pub const IMPROVEMENT: f64 = 0.1;

/// A number of the file. Better is: longer between failures, shorter delays and repairs, a smaller share of failures, and a smaller
/// chance that something does not work.
#[derive(Clone, Debug, PartialEq)]
pub struct Lever {
    /// Its key.
    pub key: String,
    /// Whether it is a time, in seconds.
    pub is_time: bool,
    /// Its value; of a distribution the mean.
    pub value: f64,
    /// Derivative of the unavailability by the value.
    pub unavailability: f64,
    /// Derivative of the failure frequency [1/s] by the value; absent without a frequency.
    pub frequency: Option<f64>,
    /// Share of time down that one part in one of improvement would save, to first order: 0.1 of it is what 10 % save.
    pub saved: f64,
    /// Outages per second likewise.
    pub saved_outages: Option<f64>,
}

/// A count, one more of which was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its key.
    pub key: String,
    /// As it is.
    pub from: u32,
    /// As it was tried.
    pub to: u32,
    /// What was found; absent where that was too large to solve.
    pub found: Option<Stepped>,
}

/// The system with one more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stepped {
    /// Its unavailability.
    pub unavailability: f64,
    /// Its failure frequency, per second.
    pub failure_frequency: Option<f64>,
    /// Share of time down that it saves.
    pub saved: f64,
}
