//! Reads Secrets among the items, and tells what else makes a Secret in the cluster.

use serde_json::Value;

use super::encoding::{Encoding, Written};
use super::problem::{Notes, Place, Rule};
use crate::field_path::FieldPath;
use crate::redacted::Redacted;
use crate::spec::SecretReference;
use crate::wire::Resource;
use crate::wire::lookup::Called;

/// The keys of a `kubernetes.io/service-account-token` Secret.
pub(super) const TOKEN: &str = "token";
pub(super) const CA_CERT: &str = "ca.crt";

pub(super) const SERVICE_ACCOUNT_TOKEN: &str = "kubernetes.io/service-account-token";

/// The value under a key of a Secret; a missing one is noted.
pub(super) fn wanted(item: &Resource<'_>, key: &str, notes: &mut Notes<'_>) -> Option<Written> {
    match value(item, key) {
        Ok(Some(written)) => Some(written),
        Ok(None) => {
            let is_token = item.value().get("type").and_then(Value::as_str) == Some(SERVICE_ACCOUNT_TOKEN);
            let key = key.to_owned();
            let rule = if is_token && (key == TOKEN || key == CA_CERT) {
                Rule::Unfilled { key }
            } else {
                Rule::NoKey { key, found: found_keys(item, &["data", "stringData"]) }
            };
            notes.add(&Place::item(item.id(), "data"), rule);
            None
        }
        Err(NotString { field }) => {
            notes.add(&Place::item(item.id(), field), Rule::NotString);
            None
        }
    }
}

/// A value that is there and is no string.
pub(super) struct NotString {
    field: FieldPath,
}

/// The value under a key of a Secret. As in the API server, `stringData` wins over `data`.
pub(super) fn value(item: &Resource<'_>, key: &str) -> Result<Option<Written>, NotString> {
    for (section, encoding) in [("stringData", Encoding::Plain), ("data", Encoding::Base64)] {
        let place = Place::item(item.id(), FieldPath::at(section).key(key));
        match item.value().get(section).and_then(|section| section.get(key)) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => {
                return Ok(Some(Written { text: Redacted::new(text.clone()), encoding, place }));
            }
            Some(_) => return Err(NotString { field: FieldPath::at(section).key(key) }),
        }
    }
    Ok(None)
}

/// The keys of maps in an item, each once and in order.
pub(super) fn found_keys(item: &Resource<'_>, sections: &[&str]) -> Vec<String> {
    let sections = sections.iter().filter_map(|section| item.value().get(section)?.as_object());
    let mut keys: Vec<String> = sections.flat_map(|section| section.keys().cloned()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Whether an item makes a Secret in the cluster.
pub(super) fn is_provider(item: &Resource<'_>) -> bool {
    let gvk = &item.id().gvk;
    matches!(
        (gvk.group.as_str(), gvk.kind.as_str()),
        ("bitnami.com", "SealedSecret") | ("external-secrets.io", "ExternalSecret")
    )
}

pub(super) fn is_secret(item: &Resource<'_>) -> bool {
    item.id().gvk.group.is_empty() && item.id().gvk.kind == "Secret"
}

/// The Secrets of a name.
pub(super) fn positions(reference: &SecretReference, items: &[Resource<'_>]) -> Vec<usize> {
    Called::core("Secret", reference.namespace.as_deref(), &reference.name).among(items, 0..items.len())
}

pub(super) fn is_in_namespace(item: &Resource<'_>, reference: &SecretReference) -> bool {
    reference.namespace.as_deref().is_none_or(|namespace| item.namespaces().any(|known| known == namespace))
}
