//! Reads the table of fields: what each of them means becomes a reference.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fields::{
    ANNOTATIONS, CLUSTER_ROLE, CONTAINER, FIELDS, Field, Holds, Kind, POD, SERVICE, SERVICE_ACCOUNT, canonical_group,
};
use super::labels::{equality_selector, label_selector, string_map};
use super::{Referrer, Sought, Strength, Wanted, custom, walk};
use crate::field_path::FieldPath;
use crate::graph::index::ANY_NAMESPACE;
use crate::wire::Resource;
use crate::workload::{CONTAINER_LISTS, pod_template};
use Holds::{ClusterRoles, Host, Name, PodLabels, Pods, PodsAcross, ServicesAcross};
use Strength::{Attachment, Hard, Start};

/// The labels of the pods that a resource makes; `None` when it makes none.
pub(super) fn pod_labels(item: &Resource<'_>) -> Option<BTreeMap<String, String>> {
    let template = pod_template(item.id()).filter(|_| item.id().gvk.kind != "PodTemplate")?;
    let labels = template.get(item.value(), &["metadata", "labels"]);
    Some(labels.map(string_map).unwrap_or_default())
}

/// The pod spec in a resource that makes pods, with its path.
pub(super) fn pod_spec<'r>(item: &'r Resource<'_>) -> Option<(&'r Value, FieldPath)> {
    let template = pod_template(item.id())?;
    let path = FieldPath::through(item.value(), template.path_to(&["spec"]));
    Some((template.get(item.value(), &["spec"])?, path))
}

/// Adds everything that the fields of the referrer name.
pub(super) fn collect(referrer: &mut Referrer<'_, '_>) {
    let item = referrer.resource();
    let kind = (canonical_group(&item.id().gvk.group, &item.id().gvk.kind), item.id().gvk.kind.as_str());
    let fields = || FIELDS.iter().filter(|(kinds, _)| kinds.contains(&kind)).flat_map(|(_, fields)| *fields);
    if let Some((pod, path)) = pod_spec(item) {
        collect_pod(referrer, pod, &path);
    }
    for field in fields() {
        collect_field(referrer, item.value(), &FieldPath::default(), field);
    }
    for (_, annotation, named) in ANNOTATIONS.iter().filter(|(of, ..)| of.contains(&kind)) {
        if let Some(name) = item.annotation(annotation) {
            let field = FieldPath::at("metadata.annotations").key(annotation);
            let wanted = wanted(referrer, *named, name, &Map::new());
            referrer.refer(field, wanted, Hard, false);
        }
    }
    if pod_template(item.id()).is_none() && fields().next().is_none() {
        custom::collect(referrer);
    }
}

fn collect_pod(referrer: &mut Referrer<'_, '_>, pod: &Value, path: &FieldPath) {
    for field in &POD {
        collect_field(referrer, pod, path, field);
    }
    for list in CONTAINER_LISTS {
        for (position, container) in pod.get(list).and_then(Value::as_array).into_iter().flatten().enumerate() {
            let path = path.key(list).index(position);
            for field in &CONTAINER {
                collect_field(referrer, container, &path, field);
            }
        }
    }
    if pod.get("serviceAccountName").is_none() && pod.get("serviceAccount").is_none() {
        // A pod that names no ServiceAccount runs as its namespace's `default`, which may be written to carry pull secrets.
        let wanted = wanted(referrer, SERVICE_ACCOUNT, "default", &Map::new());
        referrer.refer(path.then("serviceAccountName"), wanted, Start, false);
    }
}

fn collect_field(referrer: &mut Referrer<'_, '_>, value: &Value, path: &FieldPath, (at, holds, strength): &Field) {
    walk::each_entry(value, at, &mut path.clone(), &mut |beside, entry, path| match holds {
        Name(kind) => collect_name(referrer, *kind, (beside, entry), path, *strength),
        PodLabels => collect_selected(referrer, "Pod", equality_selector(entry), &[], path),
        Pods => collect_selected(referrer, "Pod", label_selector(entry), &[], path),
        PodsAcross => collect_selected(referrer, "Pod", label_selector(entry), &namespaces(beside), path),
        ServicesAcross => collect_selected(referrer, "Service", label_selector(entry), &namespaces(beside), path),
        ClusterRoles => collect_cluster_roles(referrer, entry, path, *strength),
        Host => collect_host(referrer, entry, path, *strength),
    });
}

pub(super) fn collect_name(
    referrer: &mut Referrer<'_, '_>,
    kind: Kind,
    (beside, entry): (&Map<String, Value>, &Value),
    path: &FieldPath,
    strength: Strength,
) {
    let Some(name) = entry.as_str().filter(|name| !name.is_empty()) else { return };
    let is_person = matches!(beside.get("kind").and_then(Value::as_str), Some("User" | "Group"));
    if is_person || is_action_of_the_controller(beside) {
        return;
    }
    let is_optional = beside.get("optional") == Some(&Value::Bool(true));
    let strength = if is_optional && strength == Start { Hard } else { strength };
    let wanted = wanted(referrer, kind, name, beside);
    referrer.refer(path.clone(), wanted, strength, is_optional);
}

/// An Ingress backend of this port is no Service: the AWS controller finds an action of that name in an annotation.
fn is_action_of_the_controller(backend: &Map<String, Value>) -> bool {
    let port = backend.get("servicePort").or_else(|| backend.get("port")?.get("name"));
    port.and_then(Value::as_str) == Some("use-annotation")
}

/// What a name means, with the fields beside it that say more.
fn wanted(referrer: &Referrer<'_, '_>, (group, kind): Kind, name: &str, beside: &Map<String, Value>) -> Wanted {
    let text = |key: &str| beside.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    // No name has a slash: annotations and Istio write `namespace/name` in one.
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (text("namespace"), name),
    };
    let group_of_version = || text("apiVersion").map(|version| version.rsplit_once('/').map_or("", |(group, _)| group));
    // A subject's `apiGroup` and a backend's `port` stand beside names too; a kind comes with every group that counts.
    let written = text("kind").map(|kind| (text("apiGroup").or_else(|| text("group")).or_else(group_of_version), kind));
    let (group, kind) = match written {
        Some((written_group, written_kind)) if written_kind != kind => (written_group, written_kind.to_owned()),
        Some((Some(written_group), _)) => (Some(written_group), kind.to_owned()),
        _ => (Some(group), kind.to_owned()),
    };
    let group = group.map(|group| canonical_group(group, &kind).to_owned());
    let own = referrer.resource().id();
    let is_cluster_scoped = referrer.index.is_cluster_scoped(group.as_deref().unwrap_or_default(), &kind);
    // A subject without a namespace gets that of the ServiceAccount it names when kustomize resolves it.
    let implied = if kind == "ServiceAccount" && is_cluster_scoped_binding(referrer) {
        ANY_NAMESPACE
    } else {
        own.effective_namespace()
    };
    Wanted {
        group: group.map(Into::into),
        namespace: (!is_cluster_scoped).then(|| namespace.unwrap_or(implied).to_owned()),
        kind: kind.into(),
        sought: Sought::Name(name.to_owned()),
    }
}

fn is_cluster_scoped_binding(referrer: &Referrer<'_, '_>) -> bool {
    referrer.resource().id().gvk.kind == "ClusterRoleBinding"
}

/// The namespaces that a monitor's `namespaceSelector` names; none for its own.
fn namespaces(spec: &Map<String, Value>) -> Vec<&str> {
    let Some(selector) = spec.get("namespaceSelector") else { return Vec::new() };
    if selector.get("any") == Some(&Value::Bool(true)) {
        return vec![ANY_NAMESPACE];
    }
    selector.get("matchNames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn collect_selected(
    referrer: &mut Referrer<'_, '_>,
    kind: &'static str,
    selector: Option<kube_core::Selector>,
    namespaces: &[&str],
    path: &FieldPath,
) {
    let Some(selector) = selector else { return };
    let own = [referrer.resource().id().effective_namespace()];
    let namespaces = if namespaces.is_empty() { &own } else { namespaces };
    let select = |namespace: &&str| match kind {
        "Service" => referrer.index.services(namespace, &selector),
        _ => referrer.index.pods(namespace, &selector),
    };
    let targets = namespaces.iter().flat_map(select).collect();
    let wanted = Wanted {
        group: Some("".into()),
        kind: kind.into(),
        namespace: Some(namespaces.join(",")),
        sought: Sought::Labels(selector.to_string()),
    };
    referrer.add(path.clone(), wanted, targets, Attachment, false);
}

/// Adds the ClusterRoles that are selected, where some are among the resources; an aggregation may well wait for others.
fn collect_cluster_roles(referrer: &mut Referrer<'_, '_>, entry: &Value, path: &FieldPath, strength: Strength) {
    let Some(selector) = label_selector(entry) else { return };
    let targets = referrer.index.cluster_roles(&selector);
    if !targets.is_empty() {
        let (group, kind) = CLUSTER_ROLE;
        let sought = Sought::Labels(selector.to_string());
        let wanted = Wanted { group: Some(group.into()), kind: kind.into(), namespace: None, sought };
        referrer.add(path.clone(), wanted, targets, strength, false);
    }
}

/// Adds the Service of a host, where it is among the resources: `name` or, in full, `name.namespace.svc.cluster.local`.
fn collect_host(referrer: &mut Referrer<'_, '_>, entry: &Value, path: &FieldPath, strength: Strength) {
    let labels: Vec<&str> = entry.as_str().unwrap_or_default().split('.').collect();
    let name = match labels[..] {
        [name] => name.to_owned(),
        [name, namespace, "svc", ..] => format!("{namespace}/{name}"),
        _ => return,
    };
    let wanted = wanted(referrer, SERVICE, &name, &Map::new());
    let targets = referrer.index.targets(referrer.resource(), &wanted);
    if !targets.is_empty() {
        referrer.add(path.clone(), wanted, targets, strength, false);
    }
}
