//! A fault tree: when the top event happens, as a function of basic events.
//!
//! Unlike [`Expression`](crate::topology::system::Expression) it speaks of failures, need not be monotone, and shares
//! subtrees. It is read from Open-PSA files, and a static topology can be turned into one.

use crate::quantity::Probability;

/// A checked fault tree without cycles.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultTree {
    /// Name of the file's model or tree.
    pub name: Option<String>,
    /// Name of the top event.
    pub top: String,
    /// Formulas, those that a formula names before it.
    pub formulas: Vec<Formula>,
    /// The formula of the top event.
    pub root: FormulaId,
    /// Basic events, in file order.
    pub events: Vec<BasicEvent>,
    /// What is legal but probably not meant, one sentence each.
    pub warnings: Vec<String>,
}

/// Index into [`FaultTree::formulas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormulaId(pub usize);

/// When something has happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Formula {
    /// A basic event, by index.
    Event(usize),
    /// Always or never.
    Constant(bool),
    /// It has not.
    Not(FormulaId),
    /// All have.
    And(Vec<FormulaId>),
    /// At least one has.
    Or(Vec<FormulaId>),
    /// Exactly one of the two has.
    Xor([FormulaId; 2]),
    /// At least so many have; one that is named twice counts twice.
    AtLeast(usize, Vec<FormulaId>),
}

impl Formula {
    /// The formulas that it names.
    pub fn children(&self) -> &[FormulaId] {
        match self {
            Self::Event(_) | Self::Constant(_) => &[],
            Self::Not(of) => std::slice::from_ref(of),
            Self::And(of) | Self::Or(of) | Self::AtLeast(_, of) => of,
            Self::Xor(of) => of,
        }
    }
}

/// Something that happens on its own.
#[derive(Clone, Debug, PartialEq)]
pub struct BasicEvent {
    /// Name.
    pub name: String,
    /// Its label, a text for people.
    pub label: Option<String>,
    /// Its attributes: name and value.
    pub attributes: Vec<(String, String)>,
    /// The probability that it has happened, at the mission time.
    pub probability: Probability,
    /// How fast it comes and goes, where that is known.
    pub rates: Option<EventRates>,
}

/// How fast an event comes and goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventRates {
    /// How often it begins, per second: the probability that it has not happened times its rate.
    pub begins: f64,
    /// How often it ends, per second; the same in the long run.
    pub ends: f64,
    /// Whether the probability is that of the long run, in which mean times exist.
    pub is_stationary: bool,
}
