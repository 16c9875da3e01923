//! The JSON Schema of `PlaneSplit`, made from the types that a spec is read into.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// What identifies the schema; there is nothing to fetch there.
const ID: &str = "https://split-planes.dev/schema/v1alpha1.json";

const DESCRIPTION: &str = "How one Flyte deployment becomes a control plane and a data plane.";

/// The field of a selector that only `mounts` have.
const CONTAINERS: &str = "containers";

/// What cannot be known of a resource that is made elsewhere.
const NOT_ELSEWHERE: [&str; 3] = ["labelSelector", "annotationSelector", "path"];

/// The sources of a cluster's credentials: the fields that each takes.
const SOURCES: [&[&str]; 4] = [&["secret"], &["kubeconfig"], &["token", "caCert"], &["existingSecret"]];

/// The schema of an object with a `spec` of type `T`.
pub(super) fn of<T: JsonSchema>(api_version: &str, kind: &str) -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut spec = settings.into_generator().into_root_schema_for::<T>();
    for key in ["$schema", "title"] {
        spec.remove(key);
    }
    RecursiveTransform(without_null).transform(&mut spec);
    RecursiveTransform(closed).transform(&mut spec);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": kind,
        "description": DESCRIPTION,
        "type": "object",
        "properties": {
            "apiVersion": { "const": api_version },
            "kind": { "const": kind },
            "metadata": { "type": "object" },
            "spec": spec,
        },
        "additionalProperties": false,
        "required": ["apiVersion", "kind", "spec"],
    })
}

/// Says that an optional field is left out, not that it is null.
fn without_null(schema: &mut Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let Some(Value::Array(mut alternatives)) = schema.remove("anyOf") else { return };
    alternatives.retain(|alternative| alternative["type"] != "null");
    match (&mut alternatives[..], schema.as_object_mut()) {
        ([Value::Object(only)], Some(fields)) => {
            // What is said about the field counts, and not what is said about its type.
            for (key, value) in std::mem::take(only) {
                fields.entry(key).or_insert(value);
            }
        }
        (_, Some(fields)) => drop(fields.insert("anyOf".to_owned(), Value::Array(alternatives))),
        (_, None) => {}
    }
}

/// Refuses unknown fields wherever fields are known.
fn closed(schema: &mut Schema) {
    if schema.get("properties").is_some() {
        schema.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// A selector is not empty, and names no containers.
pub(super) fn selector(schema: &mut Schema) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove(CONTAINERS);
    }
    schema.insert("minProperties".to_owned(), json!(1));
}

/// Selectors of workloads, which may name containers.
pub(super) fn mounts<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let mut item = T::json_schema(generator);
    let containers = json!({
        "description": "Names of containers or init containers; absent for all of them.",
        "type": "array",
        "items": { "type": "string", "minLength": 1 },
    });
    let properties = item.get_mut("properties").and_then(Value::as_object_mut);
    let selecting: Vec<Value> =
        properties.iter().flat_map(|properties| properties.keys()).map(|key| json!({ "required": [key] })).collect();
    if let Some(properties) = properties {
        properties.insert(CONTAINERS.to_owned(), containers);
    }
    item.insert("anyOf".to_owned(), Value::Array(selecting));
    list(item)
}

/// Selectors of what is made elsewhere.
pub(super) fn external<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let mut item = T::json_schema(generator);
    if let Some(properties) = item.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|key, _| !NOT_ELSEWHERE.contains(&key.as_str()));
    }
    list(item)
}

/// A name, or an object that says more.
pub(super) fn name_or<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let alternatives = json!([{ "type": "string", "minLength": 1 }, T::json_schema(generator).to_value()]);
    Schema::from(Map::from_iter([("oneOf".to_owned(), alternatives)]))
}

fn list(item: Schema) -> Schema {
    Schema::from(Map::from_iter([("type".to_owned(), json!("array")), ("items".to_owned(), item.to_value())]))
}

/// A cluster's credentials have one source.
pub(super) fn credentials(schema: &mut Schema) {
    let is_known = |field: &str| schema.pointer(&format!("/properties/{field}")).is_some();
    let sources = SOURCES.iter().filter(|fields| fields.iter().all(|field| is_known(field)));
    let sources: Vec<Value> = sources.map(|fields| json!({ "required": fields })).collect();
    schema.insert("oneOf".to_owned(), Value::Array(sources));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::v1alpha1::{schema, schema_text as text};

    #[test]
    fn the_file_beside_the_ready_made_specs_is_this_schema() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/function-config/schema.json");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(path, text()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        assert!(written == text(), "function-config/schema.json is not what `split-planes schema` prints");
    }

    #[test]
    fn every_field_is_described_and_closed() {
        fn look(schema: &Value, path: &str) {
            for (name, field) in schema["properties"].as_object().into_iter().flatten() {
                let path = format!("{path}.{name}");
                let is_spec = path.starts_with("spec.");
                assert!(!is_spec || field["description"].is_string(), "{path}");
                assert_eq!(schema["additionalProperties"], false, "{path}");
                look(field, &path);
                look(&field["items"], &path);
            }
            assert_ne!(schema["type"], json!(["object", "null"]), "{path}");
        }
        look(&schema(), "");
    }
}
