//! Checks.
pub mod references;
