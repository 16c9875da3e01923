//! Finds the spec: in the functionConfig, among the items, or half here and half there.

use serde_json::{Map, Value, json};

use super::proof::{self, Checked};
use super::v1alpha1::{GROUP, KIND, VERSION};
use super::{Problem, Spec};
use crate::field_path::FieldPath;
use crate::wire::stream::Input;
use crate::wire::{ResId, Resource, ResourceList, annotations};

/// The kind whose `data` may say what to write, and the fields of both kinds that say so.
const CONFIG_MAP: &str = "ConfigMap";
const OUTPUT: &str = "output";
const CLUSTER: &str = "cluster";

/// How many letters of a group or a kind may be wrong.
const MISSPELT: usize = 2;

/// What an overlay is told whose base does not bring the shared spec.
const FORGOTTEN: &str = "must be set, here or in a PlaneSplit among the resources, but there is none; add the file with \
                         the shared spec to `resources` in the kustomization of the base";

/// The spec of a run.
pub struct Loaded {
    /// What is asked for.
    pub spec: Spec,
    /// What is odd about it, though legal.
    pub warnings: Vec<Problem>,
    /// The positions of the items that are `PlaneSplit`s: they configure this function and belong to no plane.
    pub configs: Vec<usize>,
    written: Vec<Written>,
}

impl Loaded {
    /// The object that `field` of the spec, `spec.clusters[0].endpoint`, was read from.
    #[must_use]
    pub fn holder(&self, field: &FieldPath) -> Option<&ResId> {
        holder(&self.written, field)
    }
}

/// A `PlaneSplit` as it is written.
#[derive(Clone)]
struct Written {
    id: ResId,
    spec: Map<String, Value>,
}

/// The last of `written` that has the top-level field of `field`; where it was left out, the last that could have it.
fn holder<'w>(written: &'w [Written], field: &FieldPath) -> Option<&'w ResId> {
    let top = field.step(1).filter(|_| field.is_in(&"spec".into()));
    let holder = written.iter().rev().find(|written| top.is_some_and(|top| written.spec.contains_key(top)));
    let default = written.iter().rev().find(|written| written.id.gvk.kind == KIND);
    holder.or(default).map(|written| &written.id)
}

/// Loads the spec: the functionConfig's fields over those of the shared spec among the items.
///
/// # Errors
///
/// Every problem of the first stage that has any: reading the objects, merging them, proving the merged spec.
pub fn load(list: &ResourceList<'_>) -> Result<Loaded, Vec<Problem>> {
    let config = function_config(list.function_config.as_deref())?;
    merged(proof::read, &list.items, config.as_ref())
}

/// Loads the spec for a command that looks at both planes, so that `output` may be absent.
///
/// `file` is used in place of the functionConfig.
///
/// # Errors
///
/// As [`load`].
pub fn load_for_both(input: &Input<'_>, file: Option<&Resource<'_>>) -> Result<Loaded, Vec<Problem>> {
    let config = match file {
        Some(file) => object(file).map_err(|problem| vec![problem]).and_then(|object| written(&object)),
        None => function_config(input.function_config.as_deref()),
    };
    merged(proof::read_for_all, &input.items, config?.as_ref())
}

/// The spec that the functionConfig and the items make, as `read` reads it.
fn merged(
    read: fn(&Value) -> Result<Checked, Vec<Problem>>,
    items: &[Resource<'_>],
    config: Option<&Written>,
) -> Result<Loaded, Vec<Problem>> {
    let configs: Vec<usize> = (0..items.len()).filter(|&at| is_plane_split(items[at].id())).collect();
    let shared = shared_spec(items, &configs, config)?;
    let misspelt = misspelt(items, shared.is_some());
    if !misspelt.is_empty() {
        return Err(misspelt);
    }
    if let Some(config) = config.filter(|config| shared.is_none() && is_overlay(config)) {
        // Annotations can place resources without any spec.
        if items.iter().any(|item| item.annotation(annotations::PLANE).is_none()) {
            return Err(vec![Problem { resource: Some(config.id.clone()), ..Problem::new("spec.planes", FORGOTTEN) }]);
        }
    }

    let mut merged = Map::new();
    let written: Vec<Written> = shared.into_iter().chain(config.cloned()).collect();
    if written.iter().all(|written| written.id.gvk.kind != KIND) {
        let rule = format!(
            "must be a {KIND} ({GROUP}/{VERSION}), or a {KIND} must be among the resources, because it says which resource \
             belongs to which plane"
        );
        return Err(vec![Problem::new("functionConfig", rule)]);
    }
    for written in &written {
        merged.extend(written.spec.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    let located = |problem: Problem| {
        let holder = holder(&written, &problem.field);
        let is_data = holder.is_some_and(|holder| holder.gvk.kind == CONFIG_MAP);
        let moved = if is_data { problem.field.moved(&"spec".into(), &"data".into()) } else { None };
        let field = moved.unwrap_or(problem.field);
        Problem { resource: holder.cloned(), field, ..problem }
    };
    let Checked { spec, warnings } =
        read(&Value::Object(merged)).map_err(|problems| problems.into_iter().map(located).collect::<Vec<_>>())?;
    let warnings = warnings.into_iter().map(located).collect();
    Ok(Loaded { spec, warnings, configs, written })
}

/// Whether it only says which output of a shared spec is written.
fn is_overlay(config: &Written) -> bool {
    config.spec.keys().all(|key| says_what_to_write(key))
}

/// Whether a field says which output of the shared spec is written.
fn says_what_to_write(key: &str) -> bool {
    [OUTPUT, CLUSTER].contains(&key)
}

/// The items that were most likely meant to be the shared spec.
fn misspelt(items: &[Resource<'_>], has_shared: bool) -> Vec<Problem> {
    let is_near = |written: &str, meant: &str| {
        strsim::damerau_levenshtein(&written.to_lowercase(), &meant.to_lowercase()) <= MISSPELT
    };
    let problem = |item: &Resource<'_>| {
        let gvk = &item.id().gvk;
        let (is_group, is_kind) = (is_near(&gvk.group, GROUP), is_near(&gvk.kind, KIND));
        let is_meant = is_group || is_kind && !has_shared;
        let field = if gvk.group == GROUP { "kind" } else { "apiVersion" };
        let (known, got) = if gvk.group == GROUP {
            (KIND.to_owned(), gvk.kind.clone())
        } else {
            (format!("{GROUP}/{VERSION}"), gvk.api_version())
        };
        let rule = format!("must be {known:?} to be the spec of split-planes, got {got:?}");
        let problem = || Problem { resource: Some(item.id().clone()), ..Problem::new(field, rule) };
        (is_meant && !is_plane_split(item.id())).then(problem)
    };
    items.iter().filter_map(problem).collect()
}

fn is_plane_split(id: &ResId) -> bool {
    id.gvk.group == GROUP && id.gvk.kind == KIND
}

/// The functionConfig, unless it is absent or means "not given".
fn function_config(text: Option<&str>) -> Result<Option<Written>, Vec<Problem>> {
    let Some(text) = text else { return Ok(None) };
    let value = value(text).map_err(|rule| vec![Problem::new("functionConfig", rule)])?;
    let value = value.get("functionConfig").cloned().unwrap_or_default();
    if value.is_null() { Ok(None) } else { written(&value) }
}

/// What a functionConfig says, unless it means "not given".
fn written(value: &Value) -> Result<Option<Written>, Vec<Problem>> {
    let text = |field: &str| value.pointer(field).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let mut id = ResId::core(kind, None, text("/metadata/name"));
    if let Ok(group_version) = api_version.parse::<kube_core::gvk::GroupVersion>() {
        id.gvk = group_version.with_kind(kind).into();
    }
    if is_plane_split(&id) {
        return plane_split(id, value).map(Some);
    }
    if (api_version, kind) == ("v1", CONFIG_MAP) {
        return config_map(id, value);
    }
    let rule = format!(
        "must be a {KIND} ({GROUP}/{VERSION}) or a ConfigMap (v1), got kind {kind:?} of apiVersion {api_version:?}"
    );
    Err(vec![Problem::new("functionConfig", rule)])
}

/// A ConfigMap says what to write, and nothing else: the form of `kpt fn eval -- output=DataPlane cluster=cluster_1`.
fn config_map(id: ResId, value: &Value) -> Result<Option<Written>, Vec<Problem>> {
    let entries = value.get("data").and_then(Value::as_object).into_iter().flatten();
    let (known, unknown): (Vec<_>, Vec<_>) = entries.partition(|(key, _)| says_what_to_write(key));
    if unknown.is_empty() {
        let spec: Map<String, Value> = known.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        return Ok((!spec.is_empty()).then_some(Written { id, spec }));
    }
    let rule = format!(
        "must not be set, because a ConfigMap may hold `{OUTPUT}` and `{CLUSTER}` alone; put the rest into a {KIND}"
    );
    Err(unknown
        .into_iter()
        .map(|(key, _)| Problem {
            resource: Some(id.clone()),
            ..Problem::new(FieldPath::at("data").key(key), rule.clone())
        })
        .collect())
}

fn plane_split(id: ResId, value: &Value) -> Result<Written, Vec<Problem>> {
    let problem = |field: FieldPath, rule: String| Problem { resource: Some(id.clone()), ..Problem::new(field, rule) };
    if id.gvk.version != VERSION {
        let rule = format!("must be {GROUP}/{VERSION}, got \"{}\"", id.gvk.api_version());
        return Err(vec![problem("apiVersion".into(), rule)]);
    }
    let known = ["apiVersion", "kind", "metadata", "spec"];
    let rule = format!("is no known field; the known fields are {}", known.join(", "));
    let keys = value.as_object().into_iter().flatten().map(|(key, _)| key);
    let unknown: Vec<Problem> = keys
        .filter(|key| !known.contains(&key.as_str()))
        .map(|key| problem(FieldPath::default().key(key), rule.clone()))
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    match value.get("spec").unwrap_or(&json!({})) {
        Value::Null => Ok(Written { id, spec: Map::new() }),
        Value::Object(spec) => {
            let given = spec.iter().filter(|(_, value)| !value.is_null());
            Ok(Written { id, spec: given.map(|(key, value)| (key.clone(), value.clone())).collect() })
        }
        _ => Err(vec![problem("spec".into(), "must be an object".to_owned())]),
    }
}

/// The one `PlaneSplit` among the items that says more than what to write; kpt passes the functionConfig along as an
/// item, which is not a second one.
fn shared_spec(
    items: &[Resource<'_>],
    configs: &[usize],
    config: Option<&Written>,
) -> Result<Option<Written>, Vec<Problem>> {
    let mut shared: Option<Written> = None;
    let mut problems = Vec::new();
    for &at in configs {
        let object = object(&items[at]).map_err(|problem| vec![problem]);
        let written = match object.and_then(|object| plane_split(items[at].id().clone(), &object)) {
            Ok(written) => written,
            Err(found) => {
                problems.extend(found);
                continue;
            }
        };
        let is_config = config.is_some_and(|config| config.id.name == written.id.name && config.spec == written.spec);
        let says_output_alone = is_overlay(&written) && configs.len() > 1;
        if is_config || says_output_alone {
            continue;
        }
        if let Some(first) = &shared {
            let rule = format!("must be the only shared {KIND} among the resources, {} is another", first.id);
            problems.push(Problem { resource: Some(written.id), ..Problem::new("", rule) });
            continue;
        }
        shared = Some(written);
    }
    if problems.is_empty() { Ok(shared) } else { Err(problems) }
}

/// An item read as configuration.
fn object(item: &Resource<'_>) -> Result<Value, Problem> {
    let problem = |rule| Problem { resource: Some(item.id().clone()), ..Problem::new("", rule) };
    let mut object = value(item.text()).map_err(problem)?;
    Ok(object.get_mut(0).map(Value::take).unwrap_or(object))
}

/// Reads configuration with its merge keys applied. Bytes of resources are never read this way.
fn value(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = || {
        let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
        value.apply_merge()?;
        serde_json::to_value(value).map_err(serde::de::Error::custom)
    };
    read().map_err(|error: serde_yaml::Error| match error.location() {
        Some(at) => format!("must be YAML: line {} of it breaks the syntax or repeats a key", at.line()),
        None => "must be YAML with keys that are strings".to_owned(),
    })
}
