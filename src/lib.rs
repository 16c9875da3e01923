//! split-planes.
pub mod credentials;
pub mod redacted;
pub mod report;
pub mod spec;
pub mod wire;
pub mod yaml;
