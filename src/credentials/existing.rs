//! Holds a Secret that is made elsewhere against what the clusters need, as far as its items show it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::problem::{Notes, Place, Problem, Rule};
use super::source::{is_provider, is_secret, positions, value};
use super::{Now, ca_cert_key, certificate, token, token_key};
use crate::spec::{CredentialSource, SecretReference, Spec};
use crate::wire::Resource;

/// What the items that make the Secret `secretName` lack.
pub(super) fn check(spec: &Spec, items: &[Resource<'_>], now: Now) -> Vec<Problem> {
    let credentials = &spec.credentials;
    let reference = SecretReference { namespace: credentials.namespace.clone(), name: credentials.secret_name.clone() };
    let secrets = positions(&reference, items).into_iter().map(|position| &items[position]);
    let providers = items.iter().filter(|item| is_provider(item) && is_named(item, &reference));
    secrets.chain(providers).flat_map(|item| lacks(spec, item, now)).collect()
}

fn lacks(spec: &Spec, item: &Resource<'_>, now: Now) -> Vec<Problem> {
    let Some(keys) = visible_keys(item) else { return Vec::new() };
    let needing = spec.clusters.iter().filter(|cluster| !matches!(cluster.source, CredentialSource::InCluster));
    let mut problems = Vec::new();
    for cluster in needing {
        let mut notes = Notes::of(&cluster.name);
        let (token, ca_cert) = (token_key(&cluster.name), ca_cert_key(&cluster.name));
        for key in [&token, &ca_cert].into_iter().filter(|key| !keys.contains(key.as_str())) {
            let found = keys.iter().map(|&key| key.to_owned()).collect();
            notes.add(&Place::item(item.id(), "data"), Rule::NoKey { key: key.clone(), found });
        }
        if is_secret(item) {
            doubt(item, &token, &mut notes, |written| token::read(written, None, now).map(|(_, rules)| rules));
            doubt(item, &ca_cert, &mut notes, |written| certificate::read(written, now).map(|(_, rules)| rules));
        }
        problems.append(&mut notes.problems);
    }
    problems
}

/// Notes what would be wrong with a value if it were ours. It is not: another tool may still replace it.
fn doubt(
    item: &Resource<'_>,
    key: &str,
    notes: &mut Notes<'_>,
    read: impl Fn(&super::encoding::Written) -> Result<Vec<Rule>, Rule>,
) {
    let Ok(Some(written)) = value(item, key) else { return };
    let rules = read(&written).unwrap_or_else(|rule| vec![rule]);
    for rule in rules {
        let rule = match rule {
            // Decrypting and templating tools may run later.
            Rule::Placeholder => continue,
            Rule::Whitespace { .. } => Rule::Whitespace { is_trimmed: false },
            other => other,
        };
        notes.add(&written.place, Rule::MadeElsewhere(Box::new(rule)));
    }
}

/// Whether an ExternalSecret or a SealedSecret makes a Secret of the name.
fn is_named(item: &Resource<'_>, reference: &SecretReference) -> bool {
    let at = |pointer: &str| item.value().pointer(pointer).and_then(Value::as_str);
    let is_there = |namespace: &String| item.namespaces().any(|known| known == namespace.as_str());
    let is_name = match at("/spec/target/name").or_else(|| at("/spec/template/metadata/name")) {
        Some(name) => name == reference.name,
        None => item.names().any(|name| name == reference.name),
    };
    is_name && reference.namespace.as_ref().is_none_or(is_there)
}

/// The keys that the Secret will have; absent where the item does not show them all.
fn visible_keys<'i>(item: &'i Resource<'_>) -> Option<BTreeSet<&'i str>> {
    let object = |pointer: &str| item.value().pointer(pointer).and_then(Value::as_object);
    let keys = |pointers: &[&str]| {
        let objects: Vec<_> = pointers.iter().filter_map(|pointer| object(pointer)).collect();
        let keys = objects.iter().flat_map(|object| object.keys().map(String::as_str)).collect();
        (!objects.is_empty()).then_some(keys)
    };
    match item.id().gvk.kind.as_str() {
        "Secret" => keys(&["/data", "/stringData"]),
        "SealedSecret" => keys(&["/spec/encryptedData", "/spec/template/data"]),
        _ => external_keys(item.value()),
    }
}

fn external_keys(item: &Value) -> Option<BTreeSet<&str>> {
    let is_empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    let is_absent = |pointer: &str| item.pointer(pointer).is_none_or(is_empty);
    if !is_absent("/spec/dataFrom") || !is_absent("/spec/target/template/templateFrom") {
        return None;
    }
    let fetched = item.pointer("/spec/data").and_then(Value::as_array).into_iter().flatten();
    let fetched = fetched.filter_map(|entry| entry.get("secretKey")?.as_str());
    let Some(template) = item.pointer("/spec/target/template/data").and_then(Value::as_object) else {
        return Some(fetched.collect());
    };
    let keys = template.keys().map(String::as_str);
    // A template replaces what is fetched, unless it says otherwise.
    let is_merged = item.pointer("/spec/target/template/mergePolicy").and_then(Value::as_str) == Some("Merge");
    Some(if is_merged { fetched.chain(keys).collect() } else { keys.collect() })
}
