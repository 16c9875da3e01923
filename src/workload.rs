//! Where each kind that runs pods keeps its pod template, and which files the containers in it find.
//!
//! Source: the Kubernetes API reference, groups core, apps, batch and the retired extensions; Argo Rollouts and Knative.

pub mod files;

use serde_json::Value;

use crate::wire::ResId;

/// Where a pod and its metadata are in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodTemplate {
    /// The path to what has `metadata` and `spec`.
    pub path: &'static [&'static str],
}

impl PodTemplate {
    /// The path from the object to `field` of the template.
    #[must_use]
    pub fn path_to<'f>(&self, field: &[&'f str]) -> Vec<&'f str> {
        [self.path, field].concat()
    }

    /// What is at `field` of the template in `object`.
    #[must_use]
    pub fn get<'v>(&self, object: &'v Value, field: &[&str]) -> Option<&'v Value> {
        self.path.iter().chain(field).try_fold(object, |value, step| value.get(step))
    }
}

const TEMPLATE: PodTemplate = PodTemplate { path: &["spec", "template"] };

/// Each kind that runs pods, the groups it lives or lived in, and where its template is.
const KINDS: [(&str, &[&str], PodTemplate); 11] = [
    ("Pod", &[""], PodTemplate { path: &[] }),
    ("PodTemplate", &[""], PodTemplate { path: &["template"] }),
    ("Deployment", &["apps", "extensions"], TEMPLATE),
    ("StatefulSet", &["apps"], TEMPLATE),
    ("DaemonSet", &["apps", "extensions"], TEMPLATE),
    ("ReplicaSet", &["apps", "extensions"], TEMPLATE),
    ("ReplicationController", &[""], TEMPLATE),
    ("Job", &["batch"], TEMPLATE),
    ("CronJob", &["batch"], PodTemplate { path: &["spec", "jobTemplate", "spec", "template"] }),
    ("Rollout", &["argoproj.io"], TEMPLATE),
    ("Service", &["serving.knative.dev"], TEMPLATE),
];

/// The lists of containers in a pod spec.
pub const CONTAINER_LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// Where an object of this id keeps its pod template; nothing for kinds that run no pods.
#[must_use]
pub fn pod_template(id: &ResId) -> Option<PodTemplate> {
    let gvk = &id.gvk;
    KINDS
        .iter()
        .find(|(kind, groups, _)| *kind == gvk.kind && groups.contains(&gvk.group.as_str()))
        .map(|(_, _, template)| *template)
}

/// The list under `key` of an object; empty if there is none.
#[must_use]
pub fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text under `key` of an object; empty if there is none.
#[must_use]
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
