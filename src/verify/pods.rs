//! Brings objects into a form in which only what matters can differ.
//!
//! A mount holds the volume that it mounts, so that the names of volumes do not matter, and a volume of a ConfigMap or
//! Secret is the projection of it. What orchestrators and this function note on objects is left out.

use serde_json::{Map, Value, json};

use super::entries;
use crate::wire::{ResId, annotations};
use crate::workload::{CONTAINER_LISTS, PodTemplate, pod_template};

/// What begins an annotation that tools write for themselves.
const NOTES: [&str; 6] = [
    annotations::INTERNAL_PREFIX,
    "config.kubernetes.io/",
    "config.k8s.io/",
    "kustomize.config.k8s.io/",
    "postrenderer.helm.sh/",
    "split-planes.dev/",
];

/// The object without notes, its pods with the volumes in the mounts; `own` ConfigMaps count in no projection.
pub fn plain(id: &ResId, object: &Value, own: &[String]) -> Value {
    let mut object = object.clone();
    strip_notes(object.get_mut("metadata"));
    if let Some(template) = pod_template(id) {
        let at =
            |object: &mut Value, field: &str| -> Option<Value> { get_mut(object, template, field).map(Value::take) };
        if !template.path.is_empty()
            && let Some(metadata) = get_mut(&mut object, template, "metadata")
        {
            strip_notes(Some(metadata));
            if metadata.as_object().is_some_and(Map::is_empty) {
                *metadata = Value::Null;
            }
        }
        if let Some(pod) = at(&mut object, "spec")
            && let Some(place) = get_mut(&mut object, template, "spec")
        {
            *place = joined(entries(&pod), own);
        }
    }
    object
}

fn get_mut<'v>(object: &'v mut Value, template: PodTemplate, field: &str) -> Option<&'v mut Value> {
    template.path.iter().chain([&field]).try_fold(object, |value, step| value.get_mut(step))
}

fn strip_notes(metadata: Option<&mut Value>) {
    let Some(metadata) = metadata.and_then(Value::as_object_mut) else { return };
    if let Some(notes) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
        notes.retain(|key, _| !NOTES.iter().any(|note| key.starts_with(note)));
    }
    metadata.retain(|_, value| !value.is_null() && value.as_object().is_none_or(|value| !value.is_empty()));
}

/// The pod with each volume in the mounts of it; volumes that nothing mounts stay where they are.
fn joined(mut pod: Map<String, Value>, own: &[String]) -> Value {
    let volumes: Vec<Value> = pod.get("volumes").and_then(Value::as_array).cloned().unwrap_or_default();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let mut used = Vec::new();
    for list in CONTAINER_LISTS {
        for container in pod.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            for mount in container.get_mut("volumeMounts").and_then(Value::as_array_mut).into_iter().flatten() {
                let volume = volumes.iter().find(|volume| name(volume) == name(mount));
                used.push(name(mount));
                if let Some(volume) = volume {
                    mount["name"] = projected(volume, own);
                }
            }
            if container.get("volumeMounts").is_some_and(|mounts| mounts.as_array().is_some_and(Vec::is_empty)) {
                container.as_object_mut().map(|container| container.remove("volumeMounts"));
            }
        }
    }
    let rest: Vec<Value> = volumes.into_iter().filter(|volume| !used.contains(&name(volume))).collect();
    pod.remove("volumes");
    if !rest.is_empty() {
        pod.insert("volumes".to_owned(), Value::Array(rest));
    }
    Value::Object(pod)
}

/// A volume without its name; one of a ConfigMap or Secret as the projection that gives the same files.
fn projected(volume: &Value, own: &[String]) -> Value {
    let mut volume = entries(volume);
    volume.remove("name");
    for (kind, name) in [("configMap", "name"), ("secret", "secretName")] {
        if let Some(source) = volume.remove(kind) {
            let mut source = entries(&source);
            let mode = source.remove("defaultMode");
            if let Some(name) = source.remove(name) {
                source.insert("name".to_owned(), name);
            }
            let mut projection = json!({ "sources": [{ kind: source }] });
            if let Some(mode) = mode {
                projection["defaultMode"] = mode;
            }
            volume.insert("projected".to_owned(), projection);
        }
    }
    let sources = volume.get_mut("projected").and_then(|projected| projected.get_mut("sources"));
    if let Some(sources) = sources.and_then(Value::as_array_mut) {
        let is_own =
            |source: &Value| source["configMap"]["name"].as_str().is_some_and(|name| own.iter().any(|own| own == name));
        sources.retain(|source| !is_own(source));
        // Their order does not matter as long as no two give the same file.
        sources.sort_by_key(Value::to_string);
    }
    Value::Object(volume)
}
