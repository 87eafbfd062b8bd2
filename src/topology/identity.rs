//! Which part of a model: places in its lists.

/// Index of a component in [`Model::components`](crate::topology::Model::components).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(pub usize);
/// Index of a domain in [`Model::domains`](crate::topology::Model::domains).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainId(pub usize);
/// Index of a crew in [`Model::crews`](crate::topology::Model::crews).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CrewId(pub usize);
/// Index of a group in [`Model::groups`](crate::topology::Model::groups).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub usize);
