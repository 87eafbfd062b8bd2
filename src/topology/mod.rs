//! The topology: components, domains, crews, groups and the system, as the user's file declares them.
//!
//! A [`Model`] is already correct: it is built only by [`read`], which lists all mistakes of a file at once.

pub mod component;
pub mod crew;
pub mod domain;
pub mod fault_tree;
pub mod group;
pub mod parameter;
pub mod read;
pub mod system;
pub mod template;
pub mod uncertain;
pub mod write;

mod active_redundancy;
mod identity;
mod model;
mod scope;

pub use identity::{ComponentId, CrewId, DomainId, GroupId};
pub use model::Model;
pub use scope::{Scope, binding_crew};
