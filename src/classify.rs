//! Classifies.
pub mod follow;
