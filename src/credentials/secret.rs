//! Makes the Secrets that carry every cluster's token and CA into the pods.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::problem::hex;
use super::{Pair, Resolved};
use crate::redacted::Redacted;
use crate::spec::{SecretSource, Spec};

/// A client-side `kubectl apply` writes the whole object into an annotation, and all annotations of an object together
/// must not pass this.
const ANNOTATIONS: usize = 262_144;

/// For what others annotate: orchestrators, GitOps tools, and `kubectl` the key of its own annotation.
const MARGIN: usize = 16 * 1024;

/// What the JSON of one Secret may take.
pub(super) const LIMIT: usize = ANNOTATIONS - MARGIN;

/// A Secret to add. It has no `Debug`: it would show the values.
pub struct GeneratedSecret {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`.
    pub namespace: Option<String>,
    data: BTreeMap<String, Redacted>,
}

impl GeneratedSecret {
    /// The keys of `data`, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.data.keys().map(String::as_str)
    }

    /// The object. Only the item of the output may be made of it.
    ///
    /// # Panics
    ///
    /// Never: a Secret is JSON.
    #[must_use]
    pub fn value(&self) -> Value {
        let bytes = |value: &Redacted| ByteString(value.reveal().as_bytes().to_vec());
        let secret = Secret {
            metadata: ObjectMeta {
                name: Some(self.name.clone()),
                namespace: self.namespace.clone(),
                ..ObjectMeta::default()
            },
            type_: Some("Opaque".to_owned()),
            data: Some(self.data.iter().map(|(key, value)| (key.clone(), bytes(value))).collect()),
            ..Secret::default()
        };
        serde_json::to_value(secret).expect("a Secret is JSON")
    }
}

/// The key of a cluster's token.
#[must_use]
pub fn token_key(cluster: &str) -> String {
    format!("{cluster}_token")
}

/// The key of a cluster's CA.
#[must_use]
pub fn ca_cert_key(cluster: &str) -> String {
    format!("{cluster}_cacert")
}

/// The Secrets that carry what was resolved: one of `secretName`, or as many as it takes, `secretName-1` and so on,
/// filled cluster by cluster in order. None where the Secret is made elsewhere, or no cluster needs one.
#[must_use]
pub fn generate(spec: &Spec, resolved: &Resolved, namespace: Option<&str>) -> Vec<GeneratedSecret> {
    let base = envelope(&spec.credentials.secret_name, namespace);
    let mut parts: Vec<BTreeMap<String, Redacted>> = Vec::new();
    let mut size = usize::MAX;
    for cluster in &resolved.clusters {
        let Some(pair) = &cluster.pair else { continue };
        let added = entries_size(&cluster.name, pair);
        size = size.saturating_add(added);
        if size > LIMIT {
            parts.push(BTreeMap::new());
            size = base + added;
        }
        if let Some(part) = parts.last_mut() {
            part.insert(token_key(&cluster.name), pair.token.clone());
            part.insert(ca_cert_key(&cluster.name), pair.ca_cert.clone());
        }
    }
    let is_split = parts.len() > 1;
    let name = |index: usize| match is_split {
        true => format!("{}-{}", spec.credentials.secret_name, index + 1),
        false => spec.credentials.secret_name.clone(),
    };
    let namespace = namespace.map(str::to_owned);
    parts
        .into_iter()
        .enumerate()
        .map(|(index, data)| GeneratedSecret { name: name(index), namespace: namespace.clone(), data })
        .collect()
}

/// The names of the Secrets that the pods' volume is made of: a projected volume where there are several.
#[must_use]
pub fn secret_names(spec: &Spec, secrets: &[GeneratedSecret]) -> Vec<String> {
    match spec.credentials.source {
        SecretSource::Generate => secrets.iter().map(|secret| secret.name.clone()).collect(),
        SecretSource::Existing => vec![spec.credentials.secret_name.clone()],
    }
}

/// What the JSON of a Secret takes without entries, as `kubectl` writes it, with the number of a part in its name.
pub(super) fn envelope(name: &str, namespace: Option<&str>) -> usize {
    let name = format!("{name}-99999");
    let namespace = namespace.map(str::to_owned);
    let empty = GeneratedSecret { name, namespace, data: BTreeMap::new() };
    empty.value().to_string().len() + r#""annotations":{},"#.len() + "\n".len()
}

/// What the entries of a cluster take in the JSON of a Secret.
pub(super) fn entries_size(cluster: &str, pair: &Pair) -> usize {
    let entry = |key: String, value: &Redacted| r#""":"","#.len() + key.len() + value.reveal().len().div_ceil(3) * 4;
    entry(token_key(cluster), &pair.token) + entry(ca_cert_key(cluster), &pair.ca_cert)
}

/// A digest, in hex, of the data of `secrets` and of `configs` (a name and a text each).
///
/// It is the same for the same content whatever its order and however it is split, and changes when a token does.
#[must_use]
pub fn checksum(secrets: &[GeneratedSecret], configs: &[(&str, &str)]) -> String {
    let data: BTreeMap<&str, &str> =
        secrets.iter().flat_map(|secret| &secret.data).map(|(key, value)| (key.as_str(), value.reveal())).collect();
    let configs: BTreeMap<&str, &str> = configs.iter().copied().collect();
    let mut digest = Sha256::new();
    for map in [data, configs] {
        digest.update(map.len().to_be_bytes());
        for text in map.into_iter().flat_map(|(key, value)| [key, value]) {
            digest.update(text.len().to_be_bytes());
            digest.update(text);
        }
    }
    hex(&digest.finalize())
}
