//! Renders an explanation as JSON, for programs.
//!
//! The shape is stable: fields may be added, none changes its meaning.
//!
//! | field | holds |
//! |---|---|
//! | `resources[]` | `id` (`apps/v1/Deployment/flyte/flyteadmin`), `apiVersion`, `kind`, `namespace`, `name`, `path` (its file), `plane`, `rule`, `why` |
//! | `resources[].plane` | `ControlPlane`, `DataPlane`, `Both`, `Neither`; `Local` for what configures tools; `Unplaced` if a run stops |
//! | `resources[].rule` | `Annotation`, `Selector` (with `field` and `selector`), `References` (with `chain`), `UnmatchedDefault`, `ExistingSecret`, `Injected`, `LocalConfig`, `Configuration`, `Credentials`; without a place `Conflict`, `Unmatched`, `UnnamedCredentials`, `BadAnnotation`, `List` |
//! | `resources[].chain[]` | `plane`, `of` (the id of the resource with the field), `field`, `toward` (the id of the resource that the step leads to) |
//! | `references[]` | `from` and `targets` (ids), `field`, `wanted` (in words), `strength`, `optional`, `state` |
//! | `references[].state` | `Holds`, `CrossesPlanes`, `LeftOut` (the target goes to neither plane), `Undecided` (it has no place), `Missing` (it is not among the resources), `External`, `Idle` (the referrer goes to neither plane) |
//! | `injections[]` | `plane`, `resource` (id), `kind` (`Secret`, `Mount`, `Clusters`, `Override`, `Checksum`), `what` (in words), and `keys`, `complete` (all credentials are there), `secret` (the first that is mounted), `secrets`, `containers`, `mountPath`, `clusters`, `created` (the ConfigMap is made for them), `key`, `fields` as the kind has them; `dataPlanesOf` (the clusters in whose data planes alone it is) |
//! | `findings[]` | as in the `results` of a `ResourceList` |
//!
//! Absent fields are left out.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Change, Explained, Explanation, Injection, Link, Reference, Rule, words};
use crate::redacted::is_visible;
use crate::report::Finding;

/// The explanation, indented, with a line break at the end.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    escaped(&format!("{:#}\n", explanation.shown.value(value(explanation))))
}

/// JSON whose strings have no character that a terminal takes for more than a character.
pub(super) fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || is_visible(character) {
            text.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// The explanation as a value, as it is.
pub(super) fn value(explanation: &Explanation) -> Value {
    let ids: Vec<String> = explanation.resources.iter().map(|resource| resource.id.to_string()).collect();
    json!({
        "apiVersion": "split-planes.dev/v1alpha1",
        "kind": "Explanation",
        "resources": explanation.resources.iter().map(|r| resource(explanation, &ids, r)).collect::<Value>(),
        "references": explanation.references.iter().map(|r| reference(&ids, r)).collect::<Value>(),
        "injections": explanation.injections.iter().map(injection).collect::<Value>(),
        "findings": explanation.findings.iter().map(Finding::result).collect::<Value>(),
    })
}

fn resource(explanation: &Explanation, ids: &[String], resource: &Explained) -> Value {
    let id = &resource.id;
    let mut fields = object(json!({
        "id": id.to_string(),
        "apiVersion": id.gvk.api_version(),
        "kind": id.gvk.kind,
        "namespace": id.namespace,
        "name": id.name,
        "path": resource.path,
        "plane": words::place(resource.place),
        "rule": words::rule(&resource.rule),
        "why": words::why(explanation, resource),
    }));
    match &resource.rule {
        Rule::Selector { field, selector } => {
            fields.insert("field".to_owned(), json!(field));
            fields.insert("selector".to_owned(), json!(selector));
        }
        Rule::References(links) => {
            let chain = links.iter().map(|link| step(explanation, ids, link)).collect();
            fields.insert("chain".to_owned(), chain);
        }
        _ => {}
    }
    Value::Object(fields)
}

fn step(explanation: &Explanation, ids: &[String], link: &Link) -> Value {
    let reference = &explanation.references[link.reference];
    json!({
        "plane": words::plane(link.plane),
        "of": ids[reference.from],
        "field": reference.field,
        "toward": ids[link.toward],
    })
}

fn reference(ids: &[String], reference: &Reference) -> Value {
    json!({
        "from": ids[reference.from],
        "field": reference.field,
        "wanted": reference.wanted,
        "targets": reference.targets.iter().map(|&target| &ids[target]).collect::<Vec<_>>(),
        "strength": words::strength(reference.strength),
        "optional": reference.is_optional,
        "state": words::state(reference.state),
    })
}

fn injection(injection: &Injection) -> Value {
    let mut fields = object(json!({
        "plane": words::plane(injection.plane),
        "resource": injection.resource.to_string(),
        "dataPlanesOf": (!injection.clusters.is_empty()).then_some(&injection.clusters),
        "what": words::injected(injection),
    }));
    fields.extend(object(match &injection.change {
        Change::Secret { keys, is_complete } => json!({ "kind": "Secret", "keys": keys, "complete": is_complete }),
        Change::Mount { secrets, containers, path } => {
            let secret = secrets.first();
            json!({ "kind": "Mount", "secret": secret, "secrets": secrets, "containers": containers, "mountPath": path })
        }
        Change::Clusters { key, clusters, is_own } => {
            json!({ "kind": "Clusters", "key": key, "clusters": clusters, "created": is_own })
        }
        Change::Checksum => json!({ "kind": "Checksum" }),
        Change::Override { key, fields } => json!({ "kind": "Override", "key": key, "fields": fields }),
    }));
    Value::Object(fields)
}

/// The fields of an object that are not null.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}
