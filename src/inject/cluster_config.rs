//! Plans the `clusters` section of flyteadmin's configuration.
//!
//! Source: flyteadmin `pkg/runtime/interfaces/cluster_configuration.go`; the section is a struct since v0.1.0.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::draft::Draft;
use crate::field_path::FieldPath;
use crate::flyteadmin::{ca_cert_key, token_key};
use crate::spec::{Cluster, ClusterFormat, Spec, WeightedCluster};

/// The section's key: `config.MustRegisterSection("clusters", …)`.
const SECTION: &str = "clusters";

/// Why the section cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The configuration is not a mapping.
    NotAMapping,
    /// The section, or its list of clusters, has another form than the one that is asked for.
    Form {
        /// Where it stands in the configuration.
        field: &'static str,
        /// What must stand there.
        expected: &'static str,
    },
    /// Two clusters of the list have one name, which flyteadmin does not start with.
    Twice {
        /// Where the list is in the configuration.
        field: FieldPath,
        /// The name.
        name: String,
    },
}

/// A cluster with the endpoint that its credentials brought, if they did.
pub struct Entry<'s> {
    /// The cluster.
    pub cluster: &'s Cluster,
    /// Its endpoint; absent for `inCluster`.
    pub endpoint: Option<&'s str>,
}

/// Plans the section in the configuration of `draft`: entries of the same name are updated where they stand and keep
/// fields that are not ours, other entries stay, new ones follow.
///
/// # Errors
///
/// When what is there has another form.
pub fn merge(draft: &mut Draft, spec: &Spec, clusters: &[Entry<'_>]) -> Result<(), Problem> {
    if !matches!(draft.value(), Value::Null | Value::Object(_)) {
        return Err(Problem::NotAMapping);
    }
    let list: &[&str] = match spec.cluster_config.format {
        ClusterFormat::ClusterConfigs => &[SECTION, "clusterConfigs"],
        ClusterFormat::List => &[SECTION],
    };
    check_form(draft, spec.cluster_config.format)?;
    check_names(draft, list)?;
    let entries: Vec<Value> = clusters.iter().map(|entry| value(entry, &spec.credentials.mount_path)).collect();
    if draft.get(list).and_then(Value::as_array).is_none_or(Vec::is_empty) {
        draft.set(list, Value::Array(entries));
    } else {
        let existing: BTreeMap<String, usize> = draft
            .list(list)
            .iter()
            .enumerate()
            .filter_map(|(at, entry)| Some((entry["name"].as_str()?.to_owned(), at)))
            .collect();
        for entry in entries {
            let at = entry["name"].as_str().and_then(|name| existing.get(name)).copied();
            upsert(draft, list, at, entry);
        }
    }
    if spec.cluster_config.format == ClusterFormat::ClusterConfigs {
        labels(draft, spec);
    }
    Ok(())
}

fn check_form(draft: &Draft, format: ClusterFormat) -> Result<(), Problem> {
    let is =
        |path: &[&str], test: fn(&Value) -> bool| draft.get(path).is_none_or(|value| value.is_null() || test(value));
    match format {
        ClusterFormat::List if !is(&[SECTION], Value::is_array) => {
            Err(Problem::Form { field: "clusters", expected: "a list, as `spec.clusterConfig.format` List says" })
        }
        ClusterFormat::ClusterConfigs if !is(&[SECTION], Value::is_object) => Err(Problem::Form {
            field: "clusters",
            expected: "a mapping with `clusterConfigs`: flyteadmin does not start with a list there",
        }),
        ClusterFormat::ClusterConfigs if !is(&[SECTION, "clusterConfigs"], Value::is_array) => {
            Err(Problem::Form { field: "clusters.clusterConfigs", expected: "a list" })
        }
        ClusterFormat::ClusterConfigs if !is(&[SECTION, "labelClusterMap"], Value::is_object) => {
            Err(Problem::Form { field: "clusters.labelClusterMap", expected: "a mapping of labels" })
        }
        _ => Ok(()),
    }
}

fn check_names(draft: &Draft, list: &[&str]) -> Result<(), Problem> {
    let mut known = BTreeSet::new();
    let twice = draft.list(list).iter().filter_map(|entry| entry["name"].as_str()).find(|name| !known.insert(*name));
    match twice {
        Some(name) => Err(Problem::Twice { field: draft.field(list), name: name.to_owned() }),
        None => Ok(()),
    }
}

/// A cluster entry as flyteadmin reads it.
fn value(entry: &Entry<'_>, mount_path: &str) -> Value {
    let cluster = entry.cluster;
    if !cluster.needs_files() {
        return json!({ "name": cluster.name, "enabled": cluster.enabled, "inCluster": true });
    }
    let [token, ca_cert] =
        [token_key(&cluster.name), ca_cert_key(&cluster.name)].map(|key| format!("{mount_path}/{key}"));
    json!({
        "name": cluster.name,
        "endpoint": entry.endpoint,
        "enabled": cluster.enabled,
        "auth": { "type": "file_path", "tokenPath": token, "certPath": ca_cert },
    })
}

fn upsert(draft: &mut Draft, list: &[&str], at: Option<usize>, entry: Value) {
    let Some(at) = at.map(|at| at.to_string()) else { return draft.push(list, entry) };
    let entry_path = [list, &[at.as_str()]].concat();
    for key in ["endpoint", "auth", "inCluster"] {
        if entry.get(key).is_none() {
            draft.remove(&[entry_path.as_slice(), &[key]].concat());
        }
    }
    // The guide of 2019 has `enabled` here too, where flyteadmin does not look for it.
    draft.remove(&[entry_path.as_slice(), &["auth", "enabled"]].concat());
    set_fields(draft, &entry_path, &entry);
}

/// Sets each field of an object, in depth, and keeps the fields that it does not have.
fn set_fields(draft: &mut Draft, path: &[&str], object: &Value) {
    for (key, value) in object.as_object().into_iter().flatten() {
        let path = [path, &[key.as_str()]].concat();
        if value.is_object() && draft.get(&path).is_some_and(Value::is_object) {
            set_fields(draft, &path, value);
        } else {
            draft.set(&path, value.clone());
        }
    }
}

fn labels(draft: &mut Draft, spec: &Spec) {
    let map = [SECTION, "labelClusterMap"];
    let labels = spec.label_cluster_map.iter().map(|(label, members)| (label, weighted(members)));
    if draft.get(&map).and_then(Value::as_object).is_none_or(serde_json::Map::is_empty) {
        if !spec.label_cluster_map.is_empty() {
            draft.set(&map, labels.map(|(label, members)| (label.clone(), members)).collect());
        }
    } else {
        for (label, members) in labels {
            draft.set(&[SECTION, "labelClusterMap", label], members);
        }
    }
    if let Some(label) = &spec.default_execution_label {
        draft.set(&[SECTION, "defaultExecutionLabel"], json!(label));
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
