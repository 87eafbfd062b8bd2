//! A crew: who repairs.

/// At most `size` repairs at a time, first come first served.
#[derive(Clone, Debug, PartialEq)]
pub struct Crew {
    /// Name in the file.
    pub name: String,
    /// Repairs at a time, at least 1.
    pub size: u32,
}
