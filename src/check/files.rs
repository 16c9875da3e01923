//! Checks that each `tokenPath` and `certPath` is a file in every container that reads the clusters.
//!
//! Source: flyteadmin reads both files of every cluster at start, of disabled ones too, and panics when one is missing.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::credentials::{ca_cert_key, token_key};
use crate::spec::{CredentialSource, Spec};
use crate::wire::ResId;
use crate::workload::{CONTAINER_LISTS, PodTemplate};

/// A container that reads the clusters and lacks a file, or must not read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The workload.
    pub workload: ResId,
    /// The container's field path.
    pub field: String,
    /// The container's name.
    pub container: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It was to have the credentials, and a file is not there.
    MissingFile(String),
    /// It runs flyteadmin against the clusters, and nobody gave it the credentials.
    NotMounted(String),
    /// It makes flyteadmin's own secrets and refuses to start when it sees clusters.
    MustNotSee,
}

/// What a workload's containers are checked against.
pub struct Expectation<'e> {
    /// The names that the target ConfigMaps go by.
    pub targets: &'e BTreeSet<String>,
    /// The Secrets of the output that carry credentials, with their keys; `None` for keys that are not known.
    pub secrets: &'e [(String, Option<BTreeSet<String>>)],
    /// Whether `mounts` names the container.
    pub is_selected: &'e dyn Fn(&str) -> bool,
}

/// Checks the containers of one workload of the control plane as it will be written.
#[must_use]
pub fn check(
    spec: &Spec,
    workload: &ResId,
    template: PodTemplate,
    object: &Value,
    expected: &Expectation<'_>,
) -> Vec<Violation> {
    let pod = template.path.iter().try_fold(object, |value, step| value.get(step)).and_then(|pod| pod.get("spec"));
    let Some(pod) = pod else { return Vec::new() };
    let mut violations = Vec::new();
    for list in CONTAINER_LISTS {
        for (at, container) in array(pod, list).iter().enumerate() {
            let name = text(container, "name");
            let is_selected = (expected.is_selected)(name);
            if !is_selected && !sees(pod, container, expected.targets) {
                continue;
            }
            let command = Command::of(container);
            let missing = || missing_file(spec, pod, container, expected.secrets);
            let fault = match (is_selected, command) {
                (true, _) => missing().map(Fault::MissingFile),
                (false, Command::Clusters) => missing().map(Fault::NotMounted),
                (false, Command::Secrets) => Some(Fault::MustNotSee),
                (false, Command::Other) => None,
            };
            violations.extend(fault.map(|fault| Violation {
                workload: workload.clone(),
                field: format!("{}.spec.{list}[{at}]", template.path.join(".")).trim_start_matches('.').to_owned(),
                container: name.to_owned(),
                fault,
            }));
        }
    }
    violations
}

/// What a container runs, as far as the clusters are concerned.
enum Command {
    /// `flyteadmin serve`, `flyteadmin clusterresource sync` or `run`.
    Clusters,
    /// `flyteadmin secrets init`.
    Secrets,
    /// Anything else.
    Other,
}

impl Command {
    fn of(container: &Value) -> Self {
        let words: Vec<&str> = ["command", "args"]
            .iter()
            .flat_map(|field| array(container, field))
            .filter_map(Value::as_str)
            .flat_map(str::split_whitespace)
            .collect();
        let is_flyteadmin = words.iter().any(|word| word.rsplit('/').next() == Some("flyteadmin"))
            || text(container, "image").contains("flyteadmin");
        if is_flyteadmin && words.iter().any(|word| ["serve", "clusterresource"].contains(word)) {
            Self::Clusters
        } else if is_flyteadmin && words.contains(&"secrets") {
            Self::Secrets
        } else {
            Self::Other
        }
    }
}

/// Whether a container mounts one of the ConfigMaps.
fn sees(pod: &Value, container: &Value, config_maps: &BTreeSet<String>) -> bool {
    let is_target = |source: Option<&Value>| source.is_some_and(|source| config_maps.contains(text(source, "name")));
    let carries = |volume: &&Value| {
        let projected = volume.get("projected").map_or(&[][..], |projected| array(projected, "sources"));
        is_target(volume.get("configMap")) || projected.iter().any(|source| is_target(source.get("configMap")))
    };
    let volumes: Vec<&str> = array(pod, "volumes").iter().filter(carries).map(|volume| text(volume, "name")).collect();
    array(container, "volumeMounts").iter().any(|mount| volumes.contains(&text(mount, "name")))
}

/// The first file that flyteadmin would not find.
fn missing_file(
    spec: &Spec,
    pod: &Value,
    container: &Value,
    secrets: &[(String, Option<BTreeSet<String>>)],
) -> Option<String> {
    let clusters = spec.clusters.iter().filter(|cluster| !matches!(cluster.source, CredentialSource::InCluster));
    clusters
        .flat_map(|cluster| [token_key(&cluster.name), ca_cert_key(&cluster.name)])
        .map(|key| (format!("{}/{key}", spec.credentials.mount_path), key))
        .find(|(path, key)| !is_file(pod, container, secrets, path, key))
        .map(|(path, _)| path)
}

fn is_file(
    pod: &Value,
    container: &Value,
    secrets: &[(String, Option<BTreeSet<String>>)],
    path: &str,
    key: &str,
) -> bool {
    let under = |mount: &&Value| {
        let at = text(mount, "mountPath").trim_end_matches('/');
        path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'))
    };
    let nearest =
        array(container, "volumeMounts").iter().filter(under).max_by_key(|mount| text(mount, "mountPath").len());
    let Some(mount) = nearest else { return false };
    let relative = path.strip_prefix(text(mount, "mountPath").trim_end_matches('/')).unwrap_or_default();
    let is_part = ["subPath", "subPathExpr"].iter().any(|field| !text(mount, field).is_empty());
    if relative.trim_start_matches('/') != key || is_part {
        return false;
    }
    let volume = array(pod, "volumes").iter().find(|volume| text(volume, "name") == text(mount, "name"));
    let Some(volume) = volume else { return false };
    let direct = volume.get("secret").map(|secret| text(secret, "secretName"));
    let projected = volume.get("projected").map_or(&[][..], |projected| array(projected, "sources"));
    let projected = projected.iter().filter_map(|source| Some(text(source.get("secret")?, "name")));
    direct.into_iter().chain(projected).any(|name| {
        let known = secrets.iter().find(|(secret, _)| secret == name);
        known.is_some_and(|(_, keys)| keys.as_ref().is_none_or(|keys| keys.contains(key)))
    })
}

fn array<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_is_known_by_what_it_runs() {
        for (container, runs_clusters, makes_secrets) in [
            (json!({"command": ["flyteadmin", "--config", "x", "serve"]}), true, false),
            (json!({"image": "example.com/flyteadmin:v1", "args": ["clusterresource", "sync"]}), true, false),
            (json!({"command": ["sh", "-c", "/bin/flyteadmin clusterresource run"]}), true, false),
            (json!({"command": ["flyteadmin", "migrate", "run"]}), false, false),
            (json!({"command": ["sh", "-c", "flyteadmin --config=x secrets init"]}), false, true),
            (json!({"command": ["nginx", "serve"]}), false, false),
        ] {
            let command = Command::of(&container);
            assert_eq!(matches!(command, Command::Clusters), runs_clusters, "{container}");
            assert_eq!(matches!(command, Command::Secrets), makes_secrets, "{container}");
        }
    }

    #[test]
    fn a_file_needs_the_mount_the_volume_and_the_key() {
        let pod = |volume: Value| json!({"volumes": [volume]});
        let container = |mount: Value| json!({"volumeMounts": [mount]});
        let secrets = [("creds".to_owned(), Some(BTreeSet::from(["c_token".to_owned()])))];
        let volume = json!({"name": "v", "secret": {"secretName": "creds"}});
        let mount = json!({"name": "v", "mountPath": "/run/creds"});
        let check =
            |pod: &Value, container: &Value, path: &str, key: &str| is_file(pod, container, &secrets, path, key);

        assert!(check(&pod(volume.clone()), &container(mount.clone()), "/run/creds/c_token", "c_token"));
        assert!(!check(&pod(volume.clone()), &container(mount.clone()), "/run/creds/d_token", "d_token"));
        assert!(!check(&pod(volume.clone()), &container(mount.clone()), "/etc/creds/c_token", "c_token"));
        let part = json!({"name": "v", "mountPath": "/run/creds", "subPath": "x"});
        assert!(!check(&pod(volume), &container(part), "/run/creds/c_token", "c_token"));
        let other = json!({"name": "v", "secret": {"secretName": "other"}});
        assert!(!check(&pod(other), &container(mount.clone()), "/run/creds/c_token", "c_token"));
        let projected = json!({"name": "v", "projected": {"sources": [{"secret": {"name": "creds"}}]}});
        assert!(check(&pod(projected), &container(mount), "/run/creds/c_token", "c_token"));
    }
}
