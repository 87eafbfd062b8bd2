//! Placeholder so that test dependencies build.
