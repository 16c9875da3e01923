//! Finds references in custom resources that no table describes, by the field names that nearly all of them share.

use serde_json::{Map, Value};

use super::fields::Kind;
use super::references::collect_name;
use super::{Referrer, Strength};
use crate::field_path::FieldPath;

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

/// Adds what a custom resource's `spec` names.
pub fn collect(referrer: &mut Referrer<'_, '_>) {
    let item = referrer.resource();
    // What Kubernetes itself serves is described by the table as far as it names anything.
    let group = item.id().gvk.group.as_str();
    if !group.contains('.') || BUILTIN.contains(&group) {
        return;
    }
    if let Some(spec) = item.value().get("spec") {
        descend(referrer, spec, &mut FieldPath::at("spec"));
    }
}

fn descend(referrer: &mut Referrer<'_, '_>, value: &Value, path: &mut FieldPath) {
    match value {
        Value::Array(elements) => {
            for (position, element) in elements.iter().enumerate() {
                path.push_index(position);
                descend(referrer, element, path);
                path.pop();
            }
        }
        Value::Object(entries) => {
            for (key, entry) in entries {
                path.push_key(key);
                name(referrer, key, entry, path);
                descend(referrer, entry, path);
                path.pop();
            }
        }
        _ => {}
    }
}

fn name(referrer: &mut Referrer<'_, '_>, key: &str, entry: &Value, path: &FieldPath) {
    if let Some((_, kind)) = NAMES.iter().find(|(name, _)| *name == key) {
        collect_name(referrer, *kind, (&Map::new(), entry), path, Strength::Hard);
    }
    if let Some((_, kind)) = OBJECTS.iter().find(|(name, _)| *name == key)
        && let Some((object, named)) = entry.as_object().and_then(|object| Some((object, object.get("name")?)))
    {
        collect_name(referrer, *kind, (object, named), &path.then("name"), Strength::Hard);
    }
}
