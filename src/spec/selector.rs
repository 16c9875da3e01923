//! Selects resources the way a kustomize patch target does.

use std::fmt;

use globset::GlobMatcher;

use super::label_selector::Selector as LabelSelector;
use super::pattern::Pattern;
use super::shape::nearest;
use crate::field_path::FieldPath;
use crate::wire::lookup::{names, without_hash};
use crate::wire::{ResId, Resource, annotations};
use crate::yaml::{scalar, view};

/// A selector: every field that is written must match.
#[derive(Clone)]
pub struct Selector {
    /// Where it is written: `spec.planes.controlPlane[2]`.
    pub field: FieldPath,
    /// The fields that are written, with their text.
    pub(super) written: Vec<(&'static str, String)>,
    pub(super) group: Option<Pattern>,
    pub(super) version: Option<Pattern>,
    pub(super) kind: Option<Pattern>,
    pub(super) name: Option<Pattern>,
    pub(super) namespace: Option<Pattern>,
    pub(super) labels: Option<LabelSelector>,
    pub(super) annotations: Option<LabelSelector>,
    pub(super) path: Option<GlobMatcher>,
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Selector").field(&self.field).finish()
    }
}

/// The selector as it can be written in a list: `{kind: Deployment, name: redis}`.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<String> =
            self.written.iter().map(|(key, text)| format!("{key}: {}", scalar::flow_string(text))).collect();
        write!(f, "{{{}}}", fields.join(", "))
    }
}

impl Selector {
    /// Whether no field is written.
    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The kind or name among the resources that was most likely meant, for a selector that matches nothing.
    #[must_use]
    pub fn nearest<'r>(&self, items: &'r [Resource<'_>]) -> Option<&'r str> {
        let without = |key: &str| {
            let mut wider = self.clone();
            match key {
                "kind" => wider.kind = None,
                "name" => wider.name = None,
                _ => wider.namespace = None,
            }
            wider
        };
        let of = |key: &str, item: &'r Resource<'_>| match key {
            "kind" => item.id().gvk.kind.as_str(),
            "name" => item.id().name.as_str(),
            _ => item.id().namespace.as_deref().unwrap_or_default(),
        };
        ["kind", "name", "namespace"].into_iter().find_map(|key| {
            let (_, text) = self.written.iter().find(|(written, _)| *written == key)?;
            let wider = without(key);
            let candidates = items.iter().filter(|item| wider.matches(item)).map(|item| of(key, item));
            nearest(text, candidates)
        })
    }

    /// Whether `resource` is selected. Names and namespaces match as they are or as they were before kustomize changed
    /// them, a name also without its hash suffix.
    #[must_use]
    pub fn matches(&self, resource: &Resource<'_>) -> bool {
        let gvk = &resource.id().gvk;
        is_match(self.group.as_ref(), [gvk.group.as_str()])
            && is_match(self.version.as_ref(), [gvk.version.as_str()])
            && is_match(self.kind.as_ref(), resource.kinds())
            && is_match(self.name.as_ref(), names(resource))
            && is_match(self.namespace.as_ref(), resource.namespaces())
            && self.labels.as_ref().is_none_or(|labels| labels.matches(|key| resource.labels().get(key)))
            && self.annotations.as_ref().is_none_or(|annotations| annotations.matches(|key| resource.annotation(key)))
            && self.path.as_ref().is_none_or(|path| origins(resource).iter().any(|place| path.is_match(place)))
    }

    /// Whether an object that is not among the items is selected, by what its id tells: a selector that asks for
    /// labels, annotations or a path says nothing about it.
    #[must_use]
    pub fn matches_id(&self, id: &ResId) -> bool {
        let names = std::iter::once(id.name.as_str()).chain(without_hash(&id.gvk.kind, &id.name));
        self.labels.is_none()
            && self.annotations.is_none()
            && self.path.is_none()
            && is_match(self.group.as_ref(), [id.gvk.group.as_str()])
            && is_match(self.kind.as_ref(), [id.gvk.kind.as_str()])
            && is_match(self.name.as_ref(), names)
            && is_match(self.namespace.as_ref(), [id.selectable_namespace()])
    }
}

fn is_match<'t>(pattern: Option<&Pattern>, texts: impl IntoIterator<Item = &'t str>) -> bool {
    pattern.is_none_or(|pattern| texts.into_iter().any(|text| pattern.is_match(text)))
}

/// A path as the specification of the annotations wants it. On Windows kyaml writes backslashes, which no name of a file has
/// there.
fn with_slashes(path: String) -> String {
    if path.contains('/') { path } else { path.replace('\\', "/") }
}

/// The files a resource came from, as the orchestrator tells.
#[must_use]
pub fn origins(resource: &Resource<'_>) -> Vec<String> {
    let origin = resource.annotation(annotations::ORIGIN).and_then(|origin| {
        let origin = view::read(origin).ok()?;
        // What a generator makes comes from no file of its own, but kustomize tells which kustomization has the generator.
        let path = origin.get("path").or_else(|| origin.get("configuredIn"))?;
        Some(path.as_str()?.to_owned())
    });
    let files = [annotations::PATH, annotations::LEGACY_PATH].map(|key| resource.annotation(key).map(str::to_owned));
    origin.into_iter().chain(files.into_iter().flatten()).map(with_slashes).collect()
}
