//! Service level objectives: how fast a budget burns, which alerts see it, and what they cost.
//!
//! A budget is the share of events or time that an objective leaves to be bad. The *burn rate* over a window is the bad
//! share in the window divided by the budget: at 1 the budget is gone exactly at the end of its period. An alert
//! fires when the burn rates over a long and over a short window both exceed a factor (Beyer et al., The Site
//! Reliability Workbook, 2018, chapter 5): the long one says that it matters, the short one that it still goes on.
//!
//! [`Factor`] is an exact fraction, [`Rule`] an alert of two windows, [`scheme`] the rules that are in use, [`plan`]
//! what each rule means for a target, [`prometheus`] the rules as a file. [`Curve`] holds what happened, [`firings`]
//! when the rules would have fired, [`methods`] the four ways to count a budget, [`account`] what is left of it.
//!
//! Functions here read no clock and no files; times are seconds from any origin.

pub mod account;
mod curve;
mod factor;
pub mod firings;
pub mod methods;
pub mod plan;
pub mod prometheus;
mod rule;
pub mod scheme;

pub use curve::{Curve, Stretch};
pub use factor::Factor;
pub use rule::{Rule, Severity};
