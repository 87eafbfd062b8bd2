//! The system as a function of its parts: when it is down, how likely, how often, and what it carries.
//!
//! [`diagram`] holds the function as a decision diagram over independent variables with any number of values, in
//! failure space: a terminal 1 is "down", there are no complement edges, and probability and frequency are sums of
//! non-negative products, so that they keep their digits at 1e-15. [`measure`] evaluates it, [`gradient`] differentiates it. [`capacity`] says what a
//! system with a demand carries, [`times`] whether frequencies exist.
//!
//! [`partition`] tells the independent pieces of a model apart, [`plain`] has the closed forms of those that need no chain,
//! [`readings`] what the others tell of themselves, [`symmetry`] which groups the system cannot tell apart; [`joined`] makes one diagram of all pieces, [`carried`] one sum over
//! what they can carry.

mod absorbed;
pub(crate) mod apply;
pub mod bounded;
pub(crate) mod bounding;
pub mod build;
pub mod capacity;
pub(crate) mod carried;
pub(crate) mod coherence;
pub mod cut_sets;
pub mod diagram;
pub(crate) mod done;
mod factors;
pub(crate) mod function;
mod functions;
pub(crate) mod gradient;
pub(crate) mod importance;
pub(crate) mod joined;
pub mod kept;
mod levels;
pub mod measure;
pub(crate) mod modules;
pub(crate) mod order;
pub mod partition;
pub mod plain;
pub(crate) mod plain_slopes;
mod possible;
mod ranked;
pub(crate) mod readings;
pub mod solved;
pub mod static_tree;
pub(crate) mod symmetry;
pub(crate) mod table;
pub mod times;
mod union_bounds;
pub(crate) mod values;
pub mod variable;
mod walked;

/// Rounding of one operation, relative.
const ROUNDING: f64 = 1.2e-16;

/// Bound on the relative error of a probability over so many inputs: on the way from the top to an event each adds the rounding of a
/// product, of a sum and of its own value.
fn accuracy(inputs: usize) -> f64 {
    4.0 * ROUNDING * inputs as f64
}
