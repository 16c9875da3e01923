//! Knows the custom resources from which a controller makes a Secret: to a pod they are as good as the Secret.

use super::walk;
use crate::field_path::FieldPath;
use crate::wire::Resource;

/// Group, kind, where the Secret's name stands, and whether the resource's own name counts when that is not written.
const MAKERS: [(&str, &str, &str, bool); 4] = [
    ("cert-manager.io", "Certificate", "spec.secretName", false),
    ("external-secrets.io", "ExternalSecret", "spec.target.name", true),
    ("bitnami.com", "SealedSecret", "spec.template.metadata.name", true),
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass", "spec.secretObjects[].secretName", false),
];

/// The names of the Secrets that a controller makes from `item`.
pub fn secrets_made_by<'r>(item: &'r Resource<'_>) -> Vec<&'r str> {
    let id = item.id();
    let is_maker = |(group, kind, ..): &&(&str, &str, &str, bool)| id.gvk.group == *group && id.gvk.kind == *kind;
    let Some((.., pattern, is_named_after)) = MAKERS.iter().find(is_maker) else { return Vec::new() };
    let mut names = Vec::new();
    walk::each(item.value(), pattern, &mut FieldPath::default(), &mut |name, _| names.extend(name.as_str()));
    if names.is_empty() && *is_named_after {
        names.extend(item.names());
    }
    names
}
