//! split-planes.
pub mod yaml;
