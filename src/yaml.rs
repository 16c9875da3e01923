//! YAML text as bytes: what is in it, where it stands, and how to change one thing without touching another.
//!
//! Nothing here knows Kubernetes. Text is never re-emitted from a parsed tree: what is not edited keeps its bytes, and
//! only new values are rendered.

pub mod edit;
pub mod events;
pub mod layout;
#[cfg(not(fuzzing))]
mod ordinary;
#[cfg(fuzzing)]
pub mod ordinary;
mod resolve;
pub mod scalar;
mod tree;
pub mod view;

pub use events::Error;
