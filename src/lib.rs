//! split-planes.
pub mod check;
pub mod classify;
pub mod credentials;
pub mod graph;
pub mod redacted;
pub mod report;
pub mod spec;
pub mod wire;
pub mod yaml;
