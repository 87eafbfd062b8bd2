//! Which distributions do observed times follow, and how sure is that?
//!
//! [`Law::fit`] finds the likeliest parameters of a family for a [`Sample`] of times, some of them censored on the
//! right, with standard errors from the observed information and the criteria of Akaike and Schwarz. [`goodness()`]
//! tests fits by a parametric bootstrap, [`examine`] does both for all families, [`trend()`] whether the failures
//! drift, [`kaplan_meier`] gives the curve of the sample itself, and [`posterior`] joins a rate that is believed with
//! events that were counted.
//!
//! Likelihoods are those of continuous times: ties do no harm, times of zero are counted and left out. Formulas and
//! sources stand in `docs/theory/fitting.md`; checked against independent maximisations in `tests/fit.rs`.

mod examine;
mod gamma;
pub mod goodness;
mod law;
mod location_scale;
mod mixture;
mod newton;
pub mod posterior;
mod sample;
mod survival;
mod trend;

pub use examine::{Examined, examine};
pub use goodness::{Goodness, goodness};
pub use law::{FitError, Fitted, Law, Parameter, ParameterUnit};
pub use sample::{LONGEST, Observation, Sample, SampleError};
pub use survival::{Distance, Step, kaplan_meier};
pub use trend::{Course, TREND_LEVEL, Trend, trend};
