//! A domain: a shared fate.

use crate::numeric::distribution::Distribution;
use crate::topology::identity::DomainId;

/// Something that takes every unit placed in it out of service while it is down.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// Name in the file.
    pub name: String,
    /// Up time (`mtbf`).
    pub life: Distribution,
    /// Down time (`mttr`).
    pub repair: Distribution,
    /// The domain around it.
    pub within: Option<DomainId>,
    /// Rank of the part in the file (position of its header).
    pub file_position: usize,
}
