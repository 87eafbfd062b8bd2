//! All families on one sample, the best first, each with its distances and p-values.

use crate::fit::goodness::{Goodness, Settings, goodness};
use crate::fit::law::{FitError, Fitted, Law};
use crate::fit::sample::Sample;
use crate::measure::{Observer, Stop};

/// What fitting a sample found.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// Fits, the one of the smallest Akaike criterion first.
    pub fits: Vec<(Fitted, Goodness)>,
    /// Families that do not fit, and why.
    pub refused: Vec<(Law, FitError)>,
}

impl Examined {
    /// The fit of the smallest Akaike criterion.
    pub fn best(&self) -> Option<&Fitted> {
        self.fits.first().map(|(fit, _)| fit)
    }
}

/// Fits all families to `sample`; `part` tells the random streams of several samples apart.
///
/// # Errors
/// When `observer` ended it.
pub fn examine(sample: &Sample, part: u8, settings: Settings, observer: &dyn Observer) -> Result<Examined, Stop> {
    let (mut fits, mut refused) = (Vec::new(), Vec::new());
    for law in Law::ALL {
        match law.fit(sample) {
            Ok(fit) => fits.push(fit),
            Err(error) => refused.push((law, error)),
        }
    }
    fits.sort_by(|a, b| a.aic.total_cmp(&b.aic));
    let tested = goodness(sample, &fits, part, settings, observer)?;
    Ok(Examined { fits: fits.into_iter().zip(tested).collect(), refused })
}
