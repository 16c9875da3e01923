//! Plans the `clusters` section of flyteadmin's configuration.
//!
//! Source: flyteadmin `pkg/runtime/interfaces/cluster_configuration.go`; the section is a struct since v0.1.0. Keys are
//! edited in the spelling that is there, because flyteadmin reads every spelling as the same key.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Value, json};

use super::draft::Draft;
use crate::field_path::FieldPath;
use crate::flyteadmin::keys::{self, folded};
use crate::flyteadmin::section::{CLUSTERS, DEFAULT_LABEL, FILES, LABELS, SECTION};
use crate::flyteadmin::{ca_cert_key, mounted_key, token_key};
use crate::spec::{Cluster, ClusterFormat, SecretSource, Spec, WeightedCluster};

/// Why the section cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The configuration is not a mapping.
    NotAMapping,
    /// The section, or its list of clusters, has another form than the one that is asked for.
    Form {
        /// Where it is in the configuration.
        field: FieldPath,
        /// What must be there.
        expected: &'static str,
    },
    /// Two clusters of the list have one name, which flyteadmin does not start with.
    Twice {
        /// Where the list is in the configuration.
        field: FieldPath,
        /// The name.
        name: String,
    },
    /// A mapping has two spellings of one key.
    Spellings {
        /// Where the mapping is in the configuration; empty for the whole.
        field: FieldPath,
        /// Two of the spellings.
        spellings: [String; 2],
    },
    /// A key with dots means a field of the section, and is read before the section.
    Dotted {
        /// The key.
        key: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAMapping => write!(f, "must be a YAML mapping"),
            Self::Form { field, expected } => write!(f, "`{field}` in it must be {expected}"),
            Self::Twice { field, name } => {
                write!(f, "`{field}` in it must have cluster {name:?} once: remove all but one of that name")
            }
            Self::Spellings { field, spellings: [first, second] } => {
                let within = if field.is_empty() { String::new() } else { format!("`{field}` in it ") };
                write!(
                    f,
                    "{within}must not have both `{first}` and `{second}`, which flyteadmin reads as one key; remove one of \
                     them"
                )
            }
            Self::Dotted { key } => {
                write!(
                    f,
                    "must not have `{key}`, which flyteadmin reads instead of `clusters`; write it as a mapping `clusters:`"
                )
            }
        }
    }
}

/// A cluster with the endpoint that its credentials brought, if they did.
pub struct Entry<'s> {
    /// The cluster.
    pub cluster: &'s Cluster,
    /// Its endpoint; absent for `inCluster`.
    pub endpoint: Option<&'s str>,
}

/// Where the parts of the section are, in the spelling of the configuration.
struct Paths {
    section: Vec<String>,
    clusters: Vec<String>,
    labels: Vec<String>,
    default_label: Vec<String>,
}

/// Plans the section in the configuration of `draft`: entries of the same name are updated where they are and keep
/// fields that are not ours, other entries stay, new ones follow.
///
/// # Errors
///
/// When what is there has another form.
pub fn merge(draft: &mut Draft, spec: &Spec, clusters: &[Entry<'_>]) -> Result<(), Problem> {
    if !matches!(draft.value(), Value::Null | Value::Object(_)) {
        return Err(Problem::NotAMapping);
    }
    let format = spec.cluster_config.format;
    let paths = paths(draft, format)?;
    check_form(draft, &paths, format)?;
    let list = steps(match format {
        ClusterFormat::ClusterConfigs => &paths.clusters,
        ClusterFormat::List => &paths.section,
    });
    check_names(draft, &list)?;
    let mount_path = &spec.credentials.mount_path;
    let entries: Vec<Value> = clusters.iter().map(|entry| value(entry, mount_path)).collect();
    if draft.get(&list).and_then(Value::as_array).is_none_or(Vec::is_empty) {
        draft.set(&list, Value::Array(entries));
    } else {
        let existing: BTreeMap<String, usize> = draft
            .list(&list)
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some((name(entry)?.to_owned(), at)))
            .collect();
        for (mut entry, Entry { cluster, .. }) in entries.into_iter().zip(clusters) {
            let at = existing.get(&cluster.name).copied();
            // Whoever makes the Secret has chosen its keys.
            if let Some(at) = at
                && spec.credentials.source == SecretSource::Existing
                && cluster.is_in_shared_secret()
            {
                keep_paths(&mut entry, &draft.list(&list)[at], mount_path);
            }
            upsert(draft, &list, at, entry)?;
        }
    }
    if format == ClusterFormat::ClusterConfigs {
        labels(draft, &paths, spec)?;
    }
    Ok(())
}

/// The section of a configuration, with its clusters in the order of their names: flyteadmin makes a map of them.
pub fn sorted(config: &Value) -> Value {
    let mut section = keys::get(config, SECTION).cloned().unwrap_or_default();
    let list = match &mut section {
        Value::Object(entries) => {
            let entry = entries.iter_mut().find(|(key, _)| folded(key) == folded(CLUSTERS));
            entry.and_then(|(_, list)| list.as_array_mut())
        }
        other => other.as_array_mut(),
    };
    if let Some(list) = list {
        list.sort_by(|one, other| name(one).cmp(&name(other)));
    }
    section
}

/// Plans the removal of what is not in the spec from a section that this function made.
pub fn keep_only(draft: &mut Draft, spec: &Spec) {
    let is_known = |name: &str| spec.clusters.iter().any(|cluster| cluster.name == name);
    remove_clusters(draft, |name| !is_known(name));
    let Ok(paths) = paths(draft, ClusterFormat::ClusterConfigs) else { return };
    let labels = draft.get(&steps(&paths.labels)).and_then(Value::as_object);
    let labels: Vec<String> = labels.into_iter().flat_map(serde_json::Map::keys).cloned().collect();
    let is_known = |label: &String| spec.label_cluster_map.iter().any(|(known, _)| known == label);
    for label in labels.iter().filter(|label| !is_known(label)) {
        draft.remove(&steps(&[paths.labels.as_slice(), std::slice::from_ref(label)].concat()));
    }
    if spec.label_cluster_map.is_empty() {
        draft.remove(&steps(&paths.labels));
    }
    if spec.default_execution_label.is_none() {
        draft.remove(&steps(&paths.default_label));
    }
}

/// Plans the removal of clusters of the list; of what is empty without them, too.
pub fn remove_clusters(draft: &mut Draft, is_removed: impl Fn(&str) -> bool) {
    for format in [ClusterFormat::ClusterConfigs, ClusterFormat::List] {
        let Ok(paths) = paths(draft, format) else { continue };
        let list = if format == ClusterFormat::List { &paths.section } else { &paths.clusters };
        let is_removed = |entry: &Value| name(entry).is_some_and(&is_removed);
        draft.remove_elements(&steps(list), is_removed);
        if draft.get(&steps(&paths.section)).and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
            draft.remove(&steps(&paths.section));
        }
    }
}

fn name(entry: &Value) -> Option<&str> {
    keys::field(entry, "name")?.as_str()
}

fn steps(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn paths(draft: &Draft, format: ClusterFormat) -> Result<Paths, Problem> {
    let is_inner = |key: &&String| folded(key).strip_prefix(SECTION).is_some_and(|rest| rest.starts_with('.'));
    if let Some(key) = draft.value().as_object().and_then(|config| config.keys().find(is_inner)) {
        return Err(Problem::Dotted { key: key.clone() });
    }
    let section = spelled(draft, &[], SECTION)?;
    let inner = |key| match format {
        ClusterFormat::ClusterConfigs => spelled(draft, &section, key),
        ClusterFormat::List => Ok(Vec::new()),
    };
    let (clusters, labels, default_label) = (inner(CLUSTERS)?, inner(LABELS)?, inner(DEFAULT_LABEL)?);
    Ok(Paths { section, clusters, labels, default_label })
}

/// The path to `key` of the mapping at `path`, in the spelling that is there, or else as it is usually written.
fn spelled(draft: &Draft, path: &[String], key: &str) -> Result<Vec<String>, Problem> {
    let at = steps(path);
    let mapping = draft.get(&at).and_then(Value::as_object);
    let mut spellings = mapping.into_iter().flat_map(|mapping| keys::spellings(mapping, key));
    let first = spellings.next().unwrap_or(key).to_owned();
    if let Some(second) = spellings.next() {
        return Err(Problem::Spellings { field: draft.field(&at), spellings: [first, second.to_owned()] });
    }
    Ok([path, &[first]].concat())
}

fn check_form(draft: &Draft, paths: &Paths, format: ClusterFormat) -> Result<(), Problem> {
    let is = |path: &[String], test: fn(&Value) -> bool| {
        draft.get(&steps(path)).is_none_or(|value| value.is_null() || test(value))
    };
    let form = |path: &[String], expected| Err(Problem::Form { field: draft.field(&steps(path)), expected });
    match format {
        ClusterFormat::List if !is(&paths.section, Value::is_array) => {
            form(&paths.section, "a list, as `spec.clusterConfig.format` List says")
        }
        ClusterFormat::ClusterConfigs if !is(&paths.section, Value::is_object) => {
            form(&paths.section, "a mapping with `clusterConfigs`: flyteadmin does not start with a list there")
        }
        ClusterFormat::ClusterConfigs if !is(&paths.clusters, Value::is_array) => form(&paths.clusters, "a list"),
        ClusterFormat::ClusterConfigs if !is(&paths.labels, is_map_of_labels) => {
            form(&paths.labels, "a mapping of labels, or a list of such mappings")
        }
        ClusterFormat::List | ClusterFormat::ClusterConfigs => Ok(()),
    }
}

/// Whether labels are mapped, at once or by the elements of a list: so they keep their capitals.
fn is_map_of_labels(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|maps| maps.iter().all(Value::is_object))
}

fn check_names(draft: &Draft, list: &[&str]) -> Result<(), Problem> {
    let mut known = BTreeSet::new();
    let twice = draft.list(list).iter().filter_map(name).find(|name| !known.insert(*name));
    match twice {
        Some(name) => Err(Problem::Twice { field: draft.field(list), name: name.to_owned() }),
        None => Ok(()),
    }
}

/// A cluster entry as flyteadmin reads it.
fn value(entry: &Entry<'_>, mount_path: &str) -> Value {
    let cluster = entry.cluster;
    let mut value = if cluster.needs_files() {
        let [token, ca_cert] =
            [token_key(&cluster.name), ca_cert_key(&cluster.name)].map(|key| format!("{mount_path}/{key}"));
        json!({
            "name": cluster.name,
            "endpoint": entry.endpoint,
            "enabled": cluster.enabled,
            "auth": { "type": "file_path", "tokenPath": token, "certPath": ca_cert },
        })
    } else {
        json!({ "name": cluster.name, "enabled": cluster.enabled, "inCluster": true })
    };
    if let Some(config) = &cluster.kube_client_config {
        value["kubeClientConfig"] = json!(config);
    }
    value
}

/// Keeps the paths of an entry that is there, if they lead to keys of the mounted Secret.
fn keep_paths(entry: &mut Value, there: &Value, mount_path: &str) {
    let auth = keys::field(there, "auth");
    for key in FILES {
        let path = auth.and_then(|auth| keys::field(auth, key)?.as_str());
        if let Some(path) = path.filter(|path| mounted_key(path, mount_path).is_some()) {
            entry["auth"][key] = json!(path);
        }
    }
}

fn upsert(draft: &mut Draft, list: &[&str], at: Option<usize>, entry: Value) -> Result<(), Problem> {
    let Some(at) = at.map(|at| at.to_string()) else {
        draft.push(list, entry);
        return Ok(());
    };
    let path: Vec<String> = list.iter().chain(&[at.as_str()]).map(|step| (*step).to_owned()).collect();
    for key in ["endpoint", "auth", "inCluster"] {
        if entry.get(key).is_none() {
            remove(draft, &path, key);
        }
    }
    // The guide of 2019 has `enabled` here too, where flyteadmin does not look for it.
    let auth = element_field(draft, &path, "auth")?;
    remove(draft, &auth, "enabled");
    set_fields(draft, &path, &entry)
}

/// Removes every spelling of a field.
fn remove(draft: &mut Draft, path: &[String], key: &str) {
    let mapping = draft.get(&steps(path)).and_then(Value::as_object);
    let spellings: Vec<String> =
        mapping.into_iter().flat_map(|mapping| keys::spellings(mapping, key)).map(str::to_owned).collect();
    for spelling in spellings {
        draft.remove(&steps(&[path, &[spelling]].concat()));
    }
}

/// The path to a field of a list's element: the exact spelling is read before all others.
fn element_field(draft: &Draft, path: &[String], key: &str) -> Result<Vec<String>, Problem> {
    let exact = [path, &[key.to_owned()]].concat();
    if draft.get(&steps(&exact)).is_some() { Ok(exact) } else { spelled(draft, path, key) }
}

/// Sets each field of an object, in depth, and keeps the fields that it does not have.
fn set_fields(draft: &mut Draft, path: &[String], object: &Value) -> Result<(), Problem> {
    for (key, value) in object.as_object().into_iter().flatten() {
        let path = element_field(draft, path, key)?;
        if value.is_object() && draft.get(&steps(&path)).is_some_and(Value::is_object) {
            set_fields(draft, &path, value)?;
        } else {
            draft.set(&steps(&path), value.clone());
        }
    }
    Ok(())
}

fn labels(draft: &mut Draft, paths: &Paths, spec: &Spec) -> Result<(), Problem> {
    let labels = spec.label_cluster_map.iter().map(|(label, members)| (label, weighted(members)));
    let map = steps(&paths.labels);
    let is_list = !draft.list(&map).is_empty();
    if !is_list && draft.get(&map).and_then(Value::as_object).is_none_or(serde_json::Map::is_empty) {
        if !spec.label_cluster_map.is_empty() {
            draft.set(&map, labels.map(|(label, members)| (label.clone(), members)).collect());
        }
    } else {
        for (label, members) in labels {
            if is_list {
                set_in_list(draft, &map, label, members);
            } else {
                draft.set(&steps(&spelled(draft, &paths.labels, label)?), members);
            }
        }
    }
    if let Some(label) = &spec.default_execution_label {
        draft.set(&steps(&paths.default_label), json!(label));
    }
    Ok(())
}

/// Sets a label in a list of maps: in the last one that has it, which is the one that is read, or in a new one.
fn set_in_list(draft: &mut Draft, list: &[&str], label: &str, members: Value) {
    match draft.list(list).iter().rposition(|map| map.get(label).is_some()) {
        Some(at) => draft.set(&[list, &[at.to_string().as_str(), label]].concat(), members),
        None => draft.push(list, json!({ label: members })),
    }
}

fn weighted(members: &[WeightedCluster]) -> Value {
    let members = members.iter().map(|member| json!({ "id": member.id, "weight": number(member.weight) }));
    members.collect()
}

/// 0 and 1 as they are usually written.
fn number(weight: f64) -> Value {
    if weight == 0.0 {
        json!(0)
    } else if (weight - 1.0).abs() < f64::EPSILON {
        json!(1)
    } else {
        json!(weight)
    }
}
