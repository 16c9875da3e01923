//! Makes the Secrets that carry every cluster's token and CA into the pods.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::problem::hex;
use super::{Pair, Resolved};
use crate::flyteadmin::{ca_cert_key, token_key};
use crate::redacted::Redacted;
use crate::spec::{Cluster, ExistingSecret, SecretSource, Spec};

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

/// The Secrets that carry what was resolved: one of `secretName`, or as many as it takes, `secretName-1` and so on,
/// filled cluster by cluster in order. None if the Secret is made elsewhere, or no cluster needs one.
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
    let name = |index: usize| {
        let name = &spec.credentials.secret_name;
        if is_split { format!("{name}-{}", index + 1) } else { name.clone() }
    };
    let namespace = namespace.map(str::to_owned);
    parts
        .into_iter()
        .enumerate()
        .map(|(index, data)| GeneratedSecret { name: name(index), namespace: namespace.clone(), data })
        .collect()
}

/// A Secret whose keys are files of the pods' volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    /// Its name.
    pub secret: String,
    /// The keys that are taken and the file that each becomes; empty for all of them under their own names.
    pub files: Vec<(String, String)>,
}

/// The Secrets that the pods' volume is made of: first those of `secretName`, then each that is made elsewhere, once, in
/// the order of the clusters. `name` is what pods call one that is made elsewhere.
#[must_use]
pub fn projections(
    spec: &Spec,
    secrets: &[GeneratedSecret],
    name: impl Fn(&ExistingSecret) -> String,
) -> Vec<Projection> {
    let whole = |secret: &String| Projection { secret: secret.clone(), files: Vec::new() };
    let is_shared = spec.clusters.iter().any(Cluster::is_in_shared_secret);
    let mut projections: Vec<Projection> = match spec.credentials.source {
        SecretSource::Generate => secrets.iter().map(|secret| whole(&secret.name)).collect(),
        SecretSource::Existing if is_shared => vec![whole(&spec.credentials.secret_name)],
        SecretSource::Existing => Vec::new(),
    };
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    for cluster in &spec.clusters {
        let Some(existing) = cluster.existing_secret() else { continue };
        let secret = name(existing);
        let at = *positions.entry(secret.clone()).or_insert_with(|| {
            projections.push(Projection { secret, files: Vec::new() });
            projections.len() - 1
        });
        projections[at].files.extend([
            (existing.token_key.clone(), token_key(&cluster.name)),
            (existing.ca_cert_key.clone(), ca_cert_key(&cluster.name)),
        ]);
    }
    projections
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::ResolvedCluster;
    use crate::credentials::samples::{Deployment, base64_of};

    fn resolved(count: usize, token: &str, ca_cert: &str) -> Resolved {
        let cluster = |number| ResolvedCluster {
            name: format!("cluster_{number}"),
            endpoint: "https://cluster.example.com".to_owned(),
            pair: Some(Pair {
                token: Redacted::new(format!("{token}{number}")),
                ca_cert: Redacted::new(ca_cert.to_owned()),
            }),
        };
        Resolved { clusters: (1..=count).map(cluster).collect() }
    }

    fn generated(resolved: &Resolved) -> Vec<GeneratedSecret> {
        let deployment = Deployment::with(&json!([{"name": "here", "inCluster": true}]));
        deployment.run(|spec, _| generate(spec, resolved, Some("flyte")))
    }

    /// What a client-side `kubectl apply` adds to the annotations of an object.
    fn annotation(mut object: Value) -> usize {
        object["metadata"]["annotations"] = json!({});
        "kubectl.kubernetes.io/last-applied-configuration".len() + format!("{object}\n").len()
    }

    #[test]
    fn one_secret_carries_token_and_ca_of_every_cluster() {
        let secrets = generated(&resolved(2, "token-of-cluster-", "CA"));
        let data = json!({
            "cluster_1_cacert": base64_of("CA"), "cluster_1_token": base64_of("token-of-cluster-1"),
            "cluster_2_cacert": base64_of("CA"), "cluster_2_token": base64_of("token-of-cluster-2"),
        });
        let metadata = json!({"name": "cluster-credentials", "namespace": "flyte"});
        let expected =
            json!({"apiVersion": "v1", "kind": "Secret", "data": data, "metadata": metadata, "type": "Opaque"});
        assert_eq!(secrets.iter().map(|secret| secret.value().to_string()).collect::<Vec<_>>(), [expected.to_string()]);
    }

    #[test]
    fn any_number_of_clusters_makes_secrets_that_kubectl_can_apply() {
        let (token, ca_cert) = ("t".repeat(1000), "c".repeat(1500));
        for (clusters, secrets) in [(0, 0), (1, 1), (3, 1), (72, 1), (73, 2), (76, 2), (400, 6), (2000, 28)] {
            let resolved = resolved(clusters, &token, &ca_cert);
            let generated = generated(&resolved);
            assert_eq!(generated.len(), secrets, "{clusters}");
            let names: Vec<&str> = generated.iter().map(|secret| secret.name.as_str()).collect();
            let numbered: Vec<String> = (1..=secrets).map(|number| format!("cluster-credentials-{number}")).collect();
            assert!(if secrets == 1 { names == ["cluster-credentials"] } else { names == numbered }, "{names:?}");
            for secret in &generated {
                assert!(annotation(secret.value()) <= ANNOTATIONS - 15 * 1024, "{clusters} {}", secret.name);
            }
            let mut keys: Vec<&str> = generated.iter().flat_map(GeneratedSecret::keys).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), 2 * clusters);
            // Cluster by cluster in order.
            let part =
                |n: usize| generated.iter().position(|secret| secret.data.contains_key(&format!("cluster_{n}_token")));
            assert!((1..clusters).all(|n| part(n) <= part(n + 1)));
        }
    }

    #[test]
    fn the_size_is_that_of_the_json() {
        let mut both = resolved(2, "token", "CA");
        let size = |resolved: &Resolved| generated(resolved)[0].value().to_string().len();
        let two = size(&both);
        let pair = both.clusters.pop().unwrap();
        assert_eq!(two - size(&both), entries_size(&pair.name, &pair.pair.unwrap()));
    }

    #[test]
    fn the_volume_is_made_of_the_secrets_that_carry_the_clusters() {
        let cluster = |name: &str, credentials: Value| json!({"name": name, "endpoint": "https://a.example.com", "credentials": credentials});
        let named = |name: &str| json!({"existingSecret": name});
        let keys =
            |name: &str, token: &str| json!({"existingSecret": {"name": name, "tokenKey": token, "caCertKey": "ca"}});
        let projections = |clusters: &Value, source: &str| {
            let deployment = Deployment::with(clusters).set("/credentials/source", json!(source));
            let projections = deployment.run(|spec, _| projections(spec, &[], |existing| existing.name.clone()));
            let text = |projection: Projection| {
                let files = projection.files.iter().map(|(key, file)| format!(" {key}:{file}"));
                projection.secret + &files.collect::<String>()
            };
            projections.into_iter().map(text).collect::<Vec<String>>()
        };
        let here = json!([{"name": "here", "inCluster": true}]);
        let mixed = json!([
            {"name": "here", "inCluster": true}, cluster("a", named("x")), {"name": "b", "endpoint": "https://b.example.com"},
            cluster("c", keys("y", "c")), cluster("d", keys("y", "d")),
        ]);
        let x = "x token:a_token ca.crt:a_cacert";
        let y = "y c:c_token ca:c_cacert d:d_token ca:d_cacert";
        assert_eq!(projections(&here, "Generate"), [""; 0]);
        assert_eq!(projections(&here, "Existing"), [""; 0]);
        assert_eq!(projections(&mixed, "Generate"), [x, y]);
        assert_eq!(projections(&mixed, "Existing"), ["cluster-credentials", x, y]);
    }

    #[test]
    fn the_checksum_is_that_of_the_content() {
        let secrets = |token: &str| generated(&resolved(2, token, "CA"));
        let configs = [("a", "clusters: {}"), ("b", "clusters: {x: y}")];
        let sum = checksum(&secrets("t"), &configs);
        assert_eq!(sum.len(), 64);
        assert_eq!(sum, checksum(&secrets("t"), &[configs[1], configs[0]]));
        assert_ne!(sum, checksum(&secrets("u"), &configs));
        assert_ne!(sum, checksum(&secrets("t"), &configs[..1]));
        assert_ne!(sum, checksum(&[], &configs));
        assert_ne!(checksum(&[], &[("a", "bc")]), checksum(&[], &[("ab", "c")]));
        let mut swapped = resolved(2, "t", "CA");
        swapped.clusters.reverse();
        assert_eq!(sum, checksum(&generated(&swapped), &configs));
    }

    #[test]
    fn the_checksum_does_not_depend_on_how_secrets_are_split() {
        let mut whole = generated(&resolved(2, "t", "CA"));
        let sum = checksum(&whole, &[]);
        let mut rest = GeneratedSecret { name: "rest".to_owned(), namespace: None, data: BTreeMap::new() };
        rest.data.extend(whole[0].data.pop_last());
        whole.push(rest);
        assert_eq!(sum, checksum(&whole, &[]));
    }
}
