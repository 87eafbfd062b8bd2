//! Independent random variables that the structure function is built on.

/// A variable with values 0, 1, … in its long run: the share of time in each value and the flows between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variable {
    /// Long-run probability of each value.
    pub probabilities: Vec<f64>,
    /// Changes of value that can begin an outage.
    pub flows: Vec<Flow>,
    /// False when times are unknown, so that nothing can be said about frequencies.
    pub has_flows: bool,
}

impl Variable {
    /// The same variable where the causes numbered from 0 are numbered from `first`.
    #[must_use]
    pub fn renumbered(&self, first: usize) -> Self {
        let flow = |flow: &Flow| Flow { cause: flow.cause + first, ..flow.clone() };
        Self { flows: self.flows.iter().map(flow).collect(), ..self.clone() }
    }
}

/// How often a variable goes from one value to another, because of one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Value before.
    pub from: usize,
    /// Value after.
    pub to: usize,
    /// Changes per second in the long run (the probability of `from` included).
    pub rate: f64,
    /// The caller's number of the cause.
    pub cause: usize,
}
