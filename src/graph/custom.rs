//! Finds references in custom resources that no table describes, by the field names that nearly all of them share.

use super::Strength;
use super::fields::Kind;
use super::note::{Note, note_name};
use super::walk::Path;
use crate::field_path::FieldPath;
use crate::wire::Resource;
use crate::yaml::view::Cursor;

/// Fields that hold a name.
const NAMES: [(&str, Kind); 5] = [
    ("configMapName", ("", "ConfigMap")),
    ("secretName", ("", "Secret")),
    ("serviceAccount", ("", "ServiceAccount")),
    ("serviceAccountName", ("", "ServiceAccount")),
    ("claimName", ("", "PersistentVolumeClaim")),
];

/// Fields that hold an object with a `name`.
const OBJECTS: [(&str, Kind); 6] = [
    ("configMap", ("", "ConfigMap")),
    ("configMapKeyRef", ("", "ConfigMap")),
    ("configMapRef", ("", "ConfigMap")),
    ("secret", ("", "Secret")),
    ("secretKeyRef", ("", "Secret")),
    ("secretRef", ("", "Secret")),
];

/// The groups with a dot that the API server itself serves; operators use the suffix too.
const BUILTIN: [&str; 12] = [
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "networking.k8s.io",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Notes what the `spec` of a custom resource names.
pub fn note<'t>(note: &mut Note<'t>, item: &Resource<'_>, object: Cursor<'_, 't>) {
    // What Kubernetes itself serves is described by the table as far as it names anything.
    let group = item.id().gvk.group.as_str();
    if !group.contains('.') || BUILTIN.contains(&group) {
        return;
    }
    if let Some(spec) = object.get("spec") {
        descend(note, spec, &Path::At(&FieldPath::at("spec")));
    }
}

fn descend<'t>(note: &mut Note<'t>, value: Cursor<'_, 't>, path: &Path<'_>) {
    for (position, element) in value.items().enumerate() {
        descend(note, element, &Path::Position(path, position));
    }
    for (key, entry) in value.entries() {
        let path = Path::Key(path, &key);
        note_entry(note, &key, entry, &path);
        descend(note, entry, &path);
    }
}

fn note_entry<'t>(note: &mut Note<'t>, key: &str, entry: Cursor<'_, 't>, path: &Path<'_>) {
    if let Some((_, kind)) = NAMES.iter().find(|(name, _)| *name == key) {
        note_name(note, *kind, (None, entry), path, Strength::Hard);
    }
    if let Some((_, kind)) = OBJECTS.iter().find(|(name, _)| *name == key)
        && let Some(named) = entry.get("name")
    {
        note_name(note, *kind, (Some(entry), named), &Path::Key(path, "name"), Strength::Hard);
    }
}
