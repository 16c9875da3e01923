//! Recognises Secrets that look like the credentials of a cluster although no cluster of the spec names them.

use serde_json::Value;

use super::existing_secrets;
use super::kubeconfig;
use super::secret_item::{CA_CERT, SERVICE_ACCOUNT_TOKEN, TOKEN, is_secret, positions, value};
use super::source::{reference, sources};
use crate::field_path::FieldPath;
use crate::spec::{CredentialSource, Spec, nearest};
use crate::wire::Resource;
use crate::wire::lookup::without_hash;

/// A Secret that looks like the credentials of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnamed {
    /// Its position among the items.
    pub position: usize,
    /// The field that most likely was to name it.
    pub misnamed: Option<Misnamed>,
}

/// A name in the spec that comes close to that of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// Where it is written: `spec.clusters[0].credentials.secret`.
    pub field: FieldPath,
    /// What is written.
    pub written: String,
}

/// The Secrets that look like credentials and are not named, but for empty requests for a token.
#[must_use]
pub fn unnamed(spec: &Spec, items: &[Resource<'_>]) -> Vec<Unnamed> {
    let looks_so = |(_, item): &(usize, &Resource<'_>)| is_secret(item) && looks_like_credentials(item);
    let suspects: Vec<usize> = items.iter().enumerate().filter(looks_so).map(|(position, _)| position).collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let named = [sources(spec, items), existing_secrets(spec, items)].concat();
    let unnamed = suspects.into_iter().filter(|position| !named.contains(position));
    unnamed.map(|position| Unnamed { position, misnamed: misnamed(spec, items, &items[position]) }).collect()
}

/// Whether `item` is a token Secret that Kubernetes has filled: an empty one only asks for a token.
pub(crate) fn is_filled_token(item: &Resource<'_>) -> bool {
    item.value().get("type").and_then(Value::as_str) == Some(SERVICE_ACCOUNT_TOKEN) && has_text(item, TOKEN)
}

fn looks_like_credentials(item: &Resource<'_>) -> bool {
    is_filled_token(item) || has_text(item, TOKEN) && has_text(item, CA_CERT) || has_kubeconfig(item)
}

/// Whether something is written under the key of a Secret.
fn has_text(item: &Resource<'_>, key: &str) -> bool {
    value(item, key).is_ok_and(|written| written.is_some_and(|written| !written.text.reveal().trim().is_empty()))
}

fn has_kubeconfig(item: &Resource<'_>) -> bool {
    let sections = ["data", "stringData"].into_iter().filter_map(|section| item.value().get(section)?.as_object());
    let mut texts = sections.flat_map(|section| section.keys()).filter_map(|key| value(item, key).ok()?);
    texts.any(|written| written.decoded().is_ok_and(|text| kubeconfig::is_one(&text)))
}

/// The credentials reference whose name is closest to that of `item`, preferably one whose Secret is missing.
fn misnamed(spec: &Spec, items: &[Resource<'_>], item: &Resource<'_>) -> Option<Misnamed> {
    let id = item.id();
    let name = without_hash(&id.gvk.kind, &id.name).unwrap_or(&id.name);
    let references = spec.clusters.iter().enumerate().filter_map(|(at, cluster)| Some((at, reference(cluster)?)));
    let (lost, found): (Vec<_>, Vec<_>) = references.partition(|(_, secret)| positions(secret, items).is_empty());
    [lost, found].iter().find_map(|references| {
        let closest = nearest(name, references.iter().map(|(_, secret)| secret.name.as_str()))?;
        let (at, _) = references.iter().find(|(_, secret)| secret.name == closest)?;
        let part = match spec.clusters[*at].source {
            CredentialSource::Kubeconfig { .. } => "kubeconfig.secret",
            _ => "secret",
        };
        let field = FieldPath::at("spec.clusters").index(*at).then("credentials").then(part);
        Some(Misnamed { field, written: closest.to_owned() })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, authority, base64_of};

    fn found(deployment: &Deployment) -> Vec<(usize, Option<String>)> {
        let named = |found: Unnamed| (found.position, found.misnamed.map(|misnamed| misnamed.written));
        deployment.run(unnamed).into_iter().map(named).collect()
    }

    #[test]
    fn a_token_a_pair_and_a_kubeconfig_look_like_credentials() {
        let secret = |data: Value, kind: &str| json!({"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": {"name": "x"}, "data": data});
        let (token, ca_cert) = (base64_of(OPAQUE), base64_of(&authority()));
        let config = json!({"clusters": [], "contexts": [], "users": [{"name": "a", "user": {}}]}).to_string();
        for (item, is_found) in [
            (secret(json!({"token": token}), SERVICE_ACCOUNT_TOKEN), true),
            (secret(json!({"token": token, "ca.crt": ca_cert}), "Opaque"), true),
            (secret(json!({"anything": base64_of(&config)}), "Opaque"), true),
            (secret(Value::Null, SERVICE_ACCOUNT_TOKEN), false),
            (secret(json!({"token": ""}), SERVICE_ACCOUNT_TOKEN), false),
            (secret(json!({"token": token}), "Opaque"), false),
            (secret(json!({"tls.crt": ca_cert, "ca.crt": ca_cert}), "kubernetes.io/tls"), false),
            (secret(json!({"anything": base64_of("clusters: contexts: users:")}), "Opaque"), false),
        ] {
            let deployment = Deployment::of(&json!({"secret": "cluster-1-token"})).item(item.clone());
            assert_eq!(!found(&deployment).is_empty(), is_found, "{item}");
        }
    }

    #[test]
    fn what_is_named_in_any_way_is_no_suspect() {
        let pair = json!({"token": base64_of(OPAQUE), "ca.crt": base64_of(&authority())});
        for credentials in [json!({"secret": "a"}), json!({"existingSecret": "a"})] {
            assert_eq!(found(&Deployment::of(&credentials).secret("a", &pair)), []);
        }
    }

    #[test]
    fn the_nearest_name_is_one_that_no_item_has() {
        let clusters = json!([
            {"name": "a", "endpoint": "https://a.example.com", "credentials": {"secret": "cluster-1-token"}},
            {"name": "b", "endpoint": "https://b.example.com", "credentials": {"secret": "cluster-2-tokn"}},
        ]);
        let pair = json!({"token": base64_of(OPAQUE), "ca.crt": base64_of(&authority())});
        let deployment = Deployment::with(&clusters);
        let deployment = deployment.secret("cluster-1-token", &pair).secret("cluster-2-token", &pair);
        let misnamed = Some("cluster-2-tokn".to_owned());
        assert_eq!(found(&deployment.secret("db", &pair)), [(1, misnamed), (2, None)]);
    }
}
