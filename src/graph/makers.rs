//! Knows the custom resources from which a controller makes a Secret: to a pod they are as good as the Secret.

use std::borrow::Cow;

use super::walk::{self, Path};
use crate::field_path::FieldPath;
use crate::wire::Resource;
use crate::yaml::view::Cursor;

/// Group, kind, where the Secret's name is, and whether the resource's own name counts when that is not written.
const MAKERS: [(&str, &str, &str, bool); 4] = [
    ("cert-manager.io", "Certificate", "spec.secretName", false),
    ("external-secrets.io", "ExternalSecret", "spec.target.name", true),
    ("bitnami.com", "SealedSecret", "spec.template.metadata.name", true),
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass", "spec.secretObjects[].secretName", false),
];

/// The names of the Secrets that a controller makes from `item`, whose object is `object`.
pub fn secrets_made_by<'t>(item: &Resource<'_>, object: Cursor<'_, 't>) -> Vec<Cow<'t, str>> {
    let id = item.id();
    let is_maker = |(group, kind, ..): &&(&str, &str, &str, bool)| id.gvk.group == *group && id.gvk.kind == *kind;
    let Some((.., pattern, is_named_after)) = MAKERS.iter().find(is_maker) else { return Vec::new() };
    let mut names = Vec::new();
    walk::each(object, pattern, &Path::At(&FieldPath::default()), &mut |name, _| names.extend(name.text()));
    if names.is_empty() && *is_named_after {
        names.extend(item.names().map(|name| Cow::Owned(name.to_owned())));
    }
    names
}
