//! Finds the spec.
use super::Spec;
use crate::wire::ResourceList;
/// The spec, and which items it came from.
pub struct Loaded {
    /// The spec.
    pub spec: Spec,
    /// The positions of the items that are a `PlaneSplit`.
    pub configs: Vec<usize>,
}
/// Loads.
///
/// # Errors
///
/// All.
pub fn load(_list: &ResourceList<'_>) -> Result<Loaded, Vec<String>> {
    todo!()
}
