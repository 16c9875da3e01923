//! Selects resources the way a kustomize patch target does.

use globset::GlobMatcher;
use kube_core::labels::{Selector as LabelSelector, SelectorExt as _};
use regex::Regex;

use crate::wire::{Resource, annotations};

/// A selector: every field that is written must match.
pub struct Selector {
    /// Where it is written: `spec.planes.controlPlane[2]`.
    pub field: String,
    pub(super) group: Option<Regex>,
    pub(super) version: Option<Regex>,
    pub(super) kind: Option<Regex>,
    pub(super) name: Option<Regex>,
    pub(super) namespace: Option<Regex>,
    pub(super) labels: Option<LabelSelector>,
    pub(super) annotations: Option<LabelSelector>,
    pub(super) path: Option<GlobMatcher>,
}

impl Selector {
    /// Whether `resource` is selected.
    #[must_use]
    pub fn matches(&self, resource: &Resource<'_>) -> bool {
        todo!()
    }
}
