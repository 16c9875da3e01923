//! What an output must hold: the resources of the base as the spec changes them, and what it adds.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{Output, entries, on, pods};
use crate::classify::Placement;
use crate::credentials::Resolved;
use crate::field_path::FieldPath;
use crate::flyteadmin::files::reading;
use crate::flyteadmin::mounted_key;
use crate::report::Finding;
use crate::spec::{Cluster, ClusterFormat, ConfigKey, CredentialSource, Override, Plane, SecretSource, Spec};
use crate::wire::annotations::{CHECKSUM, SERVICE_ACCOUNT_NAME};
use crate::wire::lookup::{names, without_hash};
use crate::wire::{ResId, Resource};
use crate::workload::{CONTAINER_LISTS, list, pod_template};
use crate::yaml::view;

/// The keys of a cluster's files in the Secret.
const KEYS: [&str; 2] = ["token", "cacert"];

/// What one output must hold.
pub struct Expected {
    resources: BTreeMap<usize, Value>,
    /// The workloads that must roll when the credentials change, and where their templates are.
    mounted: BTreeMap<usize, &'static [&'static str]>,
    /// The data of the credentials Secret; a value that is not known is null.
    secret: BTreeMap<String, Value>,
    own: Vec<String>,
    /// The namespace of the workloads, which is the Secret's.
    namespace: Option<String>,
}

impl Expected {
    pub fn new(
        spec: &Spec,
        base: &[Resource<'_>],
        placements: &[Placement],
        output: &Output<'_, '_>,
        cluster: Option<&str>,
        resolved: Option<&Resolved>,
    ) -> Self {
        let is_control = output.plane == Plane::Control && !spec.clusters.is_empty();
        let mut expected = Self {
            resources: BTreeMap::new(),
            mounted: BTreeMap::new(),
            secret: BTreeMap::new(),
            own: Vec::new(),
            namespace: None,
        };
        if is_control {
            let own = spec.cluster_config.targets.iter().filter(|target| target.is_own);
            expected.own = own.map(|target| target.config.config_map.clone()).collect();
            expected.secret = secret(spec, resolved);
        }
        let merges = merges(spec, output.plane, cluster);
        let sources = if is_control { sources(spec, output) } else { Vec::new() };
        for (at, item) in base.iter().enumerate().filter(|(at, _)| placements[*at].is_in(output.plane)) {
            let mut object = item.value().clone();
            if is_control {
                expected.mount(spec, at, item, &mut object, &sources);
                clusters(spec, item, &mut object, resolved);
            }
            for (target, merge_of) in merges.iter().filter(|(target, _)| is_named(item, &config_map(target))) {
                change(&mut object, &target.key, |mut config| {
                    merge(&mut config, merge_of);
                    config
                });
            }
            expected.roll(at, base, &object, &merges);
            expected.resources.insert(at, pods::plain(item.id(), &object, &expected.own));
        }
        expected
    }

    /// The ConfigMaps that the spec makes; who projects them is not compared.
    pub fn own_config_maps(&self) -> &[String] {
        &self.own
    }

    /// What the resource of the base at a position must be.
    pub fn resource(&self, at: usize) -> Value {
        // ConfigMaps are compared by what their texts say where the spec changes them.
        self.resources.get(&at).cloned().unwrap_or_default()
    }

    /// Where a workload must have a checksum and has none.
    pub fn missing_checksum(&self, at: usize, found: &Value) -> Option<FieldPath> {
        let path = self.mounted.get(&at)?;
        let template = path.iter().try_fold(found, |value, step| value.get(step));
        let checksum = template.and_then(|template| template["metadata"]["annotations"][CHECKSUM].as_str());
        let is_digest = |text: &str| text.len() >= 8 && text.chars().all(|c| c.is_ascii_hexdigit());
        (!checksum.is_some_and(is_digest)).then(|| {
            let steps = path.iter().copied().chain(["metadata", "annotations", CHECKSUM]);
            steps.fold(FieldPath::default(), |field, step| field.key(step))
        })
    }

    /// Adds the volume and the mounts that the spec wants in a workload.
    fn mount(&mut self, spec: &Spec, at: usize, item: &Resource<'_>, object: &mut Value, sources: &[Value]) {
        let mounts: Vec<_> = spec.credentials.mounts.iter().filter(|mount| mount.selector.matches(item)).collect();
        let Some(template) = pod_template(item.id()).filter(|_| !mounts.is_empty()) else { return };
        self.mounted.insert(at, template.path);
        self.namespace.clone_from(&item.id().namespace);
        let path = template.path.iter().chain(&["spec"]);
        let Some(pod) = path.copied().try_fold(object, |value, step| value.get_mut(step)) else { return };
        let wanted = |name: &str| {
            let is_named = |names: &Vec<String>| names.iter().any(|known| known == name);
            mounts.iter().any(|mount| mount.containers.as_ref().is_none_or(is_named))
        };
        let (name, path) = (spec.credentials.secret_name.replace('.', "-"), &spec.credentials.mount_path);
        let mut is_used = false;
        for list in CONTAINER_LISTS {
            for container in pod.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                let is_there =
                    container["volumeMounts"].as_array().into_iter().flatten().any(|mount| {
                        mount["mountPath"].as_str().map(|there| there.trim_end_matches('/')) == Some(path)
                    });
                if is_there || !wanted(container["name"].as_str().unwrap_or_default()) {
                    continue;
                }
                is_used = true;
                push(container, "volumeMounts", json!({ "name": name, "mountPath": path }));
            }
        }
        let has_volume = pod["volumes"].as_array().into_iter().flatten().any(|volume| volume["name"] == name.as_str());
        if is_used && !has_volume {
            push(pod, "volumes", json!({ "name": name, "projected": { "sources": sources } }));
        }
    }

    /// Notes a workload that reads what is merged at start.
    fn roll(&mut self, at: usize, base: &[Resource<'_>], object: &Value, merges: &[(&ConfigKey, Value)]) {
        let item = &base[at];
        let Some(template) = pod_template(item.id()) else { return };
        let Some(pod) = template.get(object, &["spec"]) else { return };
        let containers = CONTAINER_LISTS.iter().flat_map(|containers| list(pod, containers));
        let is_read = |container: &Value| {
            merges.iter().any(|(target, _)| {
                let is_near =
                    |other: &&Resource<'_>| other.id().effective_namespace() == item.id().effective_namespace();
                let is_there = base.iter().filter(is_near).any(|other| is_named(other, &config_map(target)));
                let is_called = |name: &str| {
                    name == target.config_map || without_hash("ConfigMap", name) == Some(target.config_map.as_str())
                };
                is_there && reading(pod, container, &is_called, &target.key).is_some()
            })
        };
        if containers.into_iter().any(is_read) {
            self.mounted.insert(at, template.path);
        }
    }

    /// Notes the resources of the output that the spec adds, and says what is wrong with them.
    pub fn additions(&self, spec: &Spec, output: &Output<'_, '_>, known: &mut [bool]) -> Vec<Finding> {
        let mut findings = Vec::new();
        if output.plane == Plane::Data {
            findings.extend(token(spec, output, known));
            return findings;
        }
        if spec.clusters.is_empty() {
            return findings;
        }
        if spec.credentials.source == SecretSource::Generate {
            findings.extend(self.secrets(spec, output, known));
        }
        for target in spec.cluster_config.targets.iter().filter(|target| target.is_own) {
            let own = ResId::core("ConfigMap", spec.credentials.namespace.as_deref(), &target.config.config_map);
            let at = (0..output.items.len()).find(|&at| is_named(&output.items[at], &own));
            match at {
                None => findings.push(on(output, &own, "is missing")),
                Some(at) => {
                    known[at] = true;
                    let text = output.items[at].value()["data"][&target.config.key].as_str().unwrap_or_default();
                    let section = view::read(text).unwrap_or_default();
                    let mut wanted = merged(spec, &Value::Null, None);
                    let changes = merges(spec, output.plane, None).into_iter().filter(|(of, _)| **of == target.config);
                    changes.for_each(|(_, change)| merge(&mut wanted, &change));
                    if section != wanted {
                        findings.push(on(output, &own, "differs from the clusters of the spec").at("data"));
                    }
                }
            }
        }
        findings
    }

    /// The credentials Secrets: together they hold what the spec says, and nothing else.
    fn secrets(&self, spec: &Spec, output: &Output<'_, '_>, known: &mut [bool]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut left: BTreeSet<&str> = self.secret.keys().map(String::as_str).collect();
        let name = &spec.credentials.secret_name;
        for (at, item) in output.items.iter().enumerate().filter(|(_, item)| is_credentials(spec, item)) {
            known[at] = true;
            let object = item.value();
            if item.id().namespace != self.namespace {
                findings
                    .push(on(output, item.id(), "must be in the namespace of the workloads").at("metadata.namespace"));
            }
            if object["type"] != "Opaque" {
                findings.push(on(output, item.id(), "must be of type Opaque").at("type"));
            }
            for (key, value) in &entries(&object["data"]) {
                let wanted = self.secret.get(key);
                left.remove(key.as_str());
                let decoded = value.as_str().and_then(|text| STANDARD.decode(text).ok());
                let is_right = match (wanted, decoded) {
                    (None, _) | (_, None) => false,
                    (Some(Value::String(wanted)), Some(found)) => wanted.as_bytes() == found,
                    (Some(_), Some(found)) => !found.is_empty(),
                };
                if !is_right {
                    let rule = "differs from the credentials of the spec";
                    findings.push(on(output, item.id(), rule).at(FieldPath::at("data").key(key)));
                }
            }
            let fields = ["apiVersion", "kind", "metadata", "type", "data"];
            let more = object.as_object().into_iter().flatten().find(|(key, _)| !fields.contains(&key.as_str()));
            findings.extend(
                more.map(|(key, _)| {
                    on(output, item.id(), "must not have this field").at(FieldPath::default().key(key))
                }),
            );
            let plain = pods::plain(item.id(), object, &[]);
            let metadata = entries(&plain["metadata"]);
            let extra = metadata.keys().find(|key| !["name", "namespace"].contains(&key.as_str()));
            findings.extend(
                extra.map(|key| on(output, item.id(), "must not have this").at(FieldPath::at("metadata").key(key))),
            );
        }
        let id = ResId::core("Secret", spec.credentials.namespace.as_deref(), name);
        findings.extend(
            left.into_iter().map(|key| on(output, &id, "must have this key").at(FieldPath::at("data").key(key))),
        );
        findings
    }
}

fn push(object: &mut Value, list: &str, element: Value) {
    if let Some(list) = object.as_object_mut().map(|object| object.entry(list).or_insert(json!([])))
        && !list.is_array()
    {
        *list = json!([]);
    }
    if let Some(list) = object.get_mut(list).and_then(Value::as_array_mut) {
        list.push(element);
    }
}

fn is_named(item: &Resource<'_>, id: &ResId) -> bool {
    let is_there = id.namespace.is_none() || item.id().effective_namespace() == id.effective_namespace();
    item.id().gvk.group == id.gvk.group
        && item.id().gvk.kind == id.gvk.kind
        && names(item).any(|name| name == id.name)
        && is_there
}

/// Whether an item is the credentials Secret or a numbered part of it.
fn is_credentials(spec: &Spec, item: &Resource<'_>) -> bool {
    let name = &spec.credentials.secret_name;
    let number = item.id().name.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('-'));
    let is_part = number.is_some_and(|number| number.parse::<u16>().is_ok());
    let id = ResId::core("Secret", spec.credentials.namespace.as_deref(), name);
    is_named(item, &id) || is_part && is_named(item, &ResId { name: item.id().name.clone(), ..id })
}

/// What brings the files: the Secrets of all clusters, by their names in the output, and those of single clusters.
fn sources(spec: &Spec, output: &Output<'_, '_>) -> Vec<Value> {
    let found = output.items.iter().filter(|item| is_credentials(spec, item)).map(|item| item.id().name.clone());
    let found: Vec<String> = found.collect();
    let is_generated = spec.credentials.source == SecretSource::Generate && !found.is_empty();
    let names = if is_generated { found } else { vec![spec.credentials.secret_name.clone()] };
    let is_shared = spec.clusters.iter().any(Cluster::is_in_shared_secret);
    let shared = names.iter().filter(|_| is_shared).map(|name| json!({ "secret": { "name": name } }));
    let own = spec.clusters.iter().filter_map(|cluster| {
        let existing = cluster.existing_secret()?;
        let files = existing.keys().into_iter().zip(KEYS);
        let items = files.map(|(key, file)| json!({ "key": key, "path": format!("{}_{file}", cluster.name) }));
        Some(json!({ "secret": { "name": existing.name, "items": items.collect::<Vec<_>>() } }))
    });
    shared.chain(own).collect()
}

/// The data of the credentials Secret.
fn secret(spec: &Spec, resolved: Option<&Resolved>) -> BTreeMap<String, Value> {
    let mut data = BTreeMap::new();
    for cluster in spec.clusters.iter().filter(|cluster| cluster.is_in_shared_secret()) {
        let pair = resolved
            .and_then(|resolved| resolved.clusters.iter().find(|known| known.name == cluster.name)?.pair.as_ref());
        let values = pair.map(|pair| [pair.token.reveal().to_owned(), pair.ca_cert.reveal().to_owned()]);
        for (at, key) in KEYS.iter().enumerate() {
            let value = values.as_ref().map_or(Value::Null, |values| json!(values[at]));
            data.insert(format!("{}_{key}", cluster.name), value);
        }
    }
    data
}

/// Checks the Secret that asks for a token.
fn token(spec: &Spec, output: &Output<'_, '_>, known: &mut [bool]) -> Option<Finding> {
    let token = spec.service_account_token.as_ref()?;
    let id = ResId::core("Secret", token.namespace.as_deref(), &token.secret_name);
    let Some(at) = (0..output.items.len()).find(|&at| is_named(&output.items[at], &id)) else {
        return Some(on(output, &id, "is missing"));
    };
    if known[at] {
        return None;
    }
    known[at] = true;
    let object = output.items[at].value();
    let account = object["metadata"]["annotations"][SERVICE_ACCOUNT_NAME].as_str();
    let is_empty = object["data"].is_null() && object["stringData"].is_null();
    let is_secret = object["apiVersion"] == "v1" && object["type"] == "kubernetes.io/service-account-token";
    let is_request = is_secret && is_empty;
    let fields = ["apiVersion", "kind", "metadata", "type"];
    let is_bare = object.as_object().is_some_and(|object| object.keys().all(|key| fields.contains(&key.as_str())));
    let is_right = account == Some(&token.service_account) && is_request && is_bare;
    (!is_right).then(|| on(output, &id, "must only ask for the token of the ServiceAccount that the spec names"))
}

/// Writes the clusters of the spec into the texts of a ConfigMap that are targets.
fn clusters(spec: &Spec, item: &Resource<'_>, object: &mut Value, resolved: Option<&Resolved>) {
    for target in spec.cluster_config.targets.iter().filter(|target| !target.is_own) {
        if is_named(item, &config_map(&target.config)) {
            change(object, &target.config.key, |config| merged(spec, &config, resolved));
        }
    }
}

/// The configuration with the clusters of the spec.
fn merged(spec: &Spec, config: &Value, resolved: Option<&Resolved>) -> Value {
    let mut config = entries(config);
    let is_list = spec.cluster_config.format == ClusterFormat::List;
    let mut section = config.get("clusters").map(entries).unwrap_or_default();
    let list = if is_list { config.get("clusters") } else { section.get("clusterConfigs") };
    let mut list: Vec<Value> = list.and_then(Value::as_array).cloned().unwrap_or_default();
    for cluster in &spec.clusters {
        let endpoint = resolved.and_then(|resolved| resolved.endpoint(&cluster.name)).or(cluster.endpoint.as_deref());
        let fields = entry(cluster, endpoint, &spec.credentials.mount_path);
        match list.iter_mut().find(|entry| entry["name"] == cluster.name.as_str()) {
            Some(there) => update(there, fields, kept_below(spec, cluster)),
            None => list.push(Value::Object(fields)),
        }
    }
    if is_list {
        config.insert("clusters".to_owned(), Value::Array(list));
        return Value::Object(config);
    }
    section.insert("clusterConfigs".to_owned(), Value::Array(list));
    if !spec.label_cluster_map.is_empty() {
        let mut map = section.get("labelClusterMap").map(entries).unwrap_or_default();
        for (label, members) in &spec.label_cluster_map {
            let members = members.iter().map(|member| json!({ "id": member.id, "weight": member.weight }));
            map.insert(label.clone(), members.collect());
        }
        section.insert("labelClusterMap".to_owned(), Value::Object(map));
    }
    if let Some(label) = &spec.default_execution_label {
        section.insert("defaultExecutionLabel".to_owned(), json!(label));
    }
    config.insert("clusters".to_owned(), Value::Object(section));
    Value::Object(config)
}

/// A cluster as flyteadmin reads it.
fn entry(cluster: &Cluster, endpoint: Option<&str>, mount_path: &str) -> Map<String, Value> {
    let fields = if matches!(cluster.source, CredentialSource::InCluster) {
        json!({ "name": cluster.name, "enabled": cluster.enabled, "inCluster": true })
    } else {
        let [token, ca_cert] = KEYS.map(|key| format!("{mount_path}/{}_{key}", cluster.name));
        let auth = json!({ "type": "file_path", "tokenPath": token, "certPath": ca_cert });
        json!({ "name": cluster.name, "endpoint": endpoint, "enabled": cluster.enabled, "auth": auth })
    };
    let mut fields = entries(&fields);
    fields.extend(cluster.kube_client_config.iter().map(|config| ("kubeClientConfig".to_owned(), json!(config))));
    fields
}

/// Where paths of a cluster stay as they are: whoever makes the Secret elsewhere has chosen its keys.
fn kept_below<'s>(spec: &'s Spec, cluster: &Cluster) -> Option<&'s str> {
    let is_elsewhere = spec.credentials.source == SecretSource::Existing && cluster.existing_secret().is_none();
    is_elsewhere.then_some(&spec.credentials.mount_path)
}

/// Brings an entry up to date; fields that are not ours stay, and paths to keys of a Secret that is mounted at `kept_below`.
fn update(there: &mut Value, fields: Map<String, Value>, kept_below: Option<&str>) {
    let mut entry = entries(there);
    for key in ["endpoint", "auth", "inCluster"] {
        if !fields.contains_key(key) {
            entry.remove(key);
        }
    }
    let mut auth = entry.get("auth").map(entries).unwrap_or_default();
    auth.remove("enabled");
    for (key, value) in fields {
        if key == "auth" {
            let is_kept = |key: &str| {
                let path = auth.get(key).and_then(Value::as_str);
                kept_below.is_some_and(|mount| path.is_some_and(|path| mounted_key(path, mount).is_some()))
            };
            let new: Vec<_> = entries(&value).into_iter().filter(|(key, _)| !is_kept(key)).collect();
            auth.extend(new);
            entry.insert(key, Value::Object(std::mem::take(&mut auth)));
        } else {
            entry.insert(key, value);
        }
    }
    *there = Value::Object(entry);
}

/// What is merged in a plane, in this order: the overrides, then the name of the cluster whose data plane it is.
fn merges<'s>(spec: &'s Spec, plane: Plane, cluster: Option<&str>) -> Vec<(&'s ConfigKey, Value)> {
    let is_meant = |change: &&Override| match (&change.clusters, cluster) {
        (None, _) => true,
        (Some(clusters), Some(cluster)) => clusters.iter().any(|known| known == cluster),
        (Some(_), None) => false,
    };
    let of_plane = spec.overrides.iter().filter(|change| change.plane == plane).filter(is_meant);
    let merged = of_plane.map(|change| (&change.target, Value::Object(change.merge.clone())));
    let ids = spec.cluster_id.iter().filter(|_| plane == Plane::Data).filter_map(|target| {
        let id = cluster?;
        Some((target, json!({ "propeller": { "cluster-id": id } })))
    });
    merged.chain(ids).collect()
}

/// Merges a change into configuration whose keys may be spelled in another case.
fn merge(config: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *config = change.clone();
        return;
    };
    if !config.is_object() {
        *config = json!({});
    }
    let Value::Object(entries) = config else { return };
    for (key, change) in change {
        let there = entries.keys().find(|there| there.to_lowercase() == key.to_lowercase());
        let key = there.unwrap_or(key).clone();
        if change.is_null() {
            entries.remove(&key);
        } else {
            merge(entries.entry(key).or_insert(Value::Null), change);
        }
    }
}

/// The id of the ConfigMap that is meant.
fn config_map(target: &ConfigKey) -> ResId {
    ResId::core("ConfigMap", target.namespace.as_deref(), &target.config_map)
}

/// Replaces the text under a key of `data` by what it says after `change`, as a value.
fn change(object: &mut Value, key: &str, change: impl FnOnce(Value) -> Value) {
    let before = match &object["data"][key] {
        Value::String(text) => view::read(text).unwrap_or_default(),
        other => other.clone(),
    };
    if !object["data"].is_object() {
        object["data"] = json!({});
    }
    object["data"][key] = change(before);
}
