//! Plans changes of YAML text inside ConfigMaps, and the ConfigMaps that are made for such a text.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Map, Value, json};

use super::addition::Addition;
use super::draft::{Draft, Mismatch, Type, pointed};
use super::planner::Planner;
use super::traces::is_injected;
use super::{Problem, cluster_config};
use crate::field_path::FieldPath;
use crate::spec::{ConfigKey, Plane};
use crate::wire::ResId;
use crate::wire::annotations::INJECTED;
use crate::wire::lookup::{Called, is_object};
use crate::workload::files::{self, SourceKind};
use crate::workload::pod_template;
use crate::yaml::{edit, view};

/// A key of a ConfigMap that is planned.
pub(super) struct Place {
    object: Planned,
    key: String,
}

impl Place {
    pub(super) fn new(object: Planned, key: &str) -> Self {
        Self { object, key: key.to_owned() }
    }
}

/// A ConfigMap that is planned.
#[derive(Clone, Copy)]
pub(super) enum Planned {
    /// An item, by position.
    Item(usize),
    /// What is new, by position.
    Addition(usize),
}

impl Planner<'_> {
    /// Plans the section in a ConfigMap that is there.
    pub(super) fn target(
        &mut self,
        at: usize,
        key: &str,
        change: impl FnOnce(&mut Draft) -> Result<(), String>,
    ) -> Option<Place> {
        let text = match self.text_there(Planned::Item(at), key) {
            Ok(text) => text.unwrap_or_default(),
            Err(problem) => {
                self.refuse(problem);
                return None;
            }
        };
        self.edit_config(Planned::Item(at), key, &text, change).then(|| {
            self.plan.injected.targets.push((self.items[at].id().clone(), key.to_owned()));
            Place { object: Planned::Item(at), key: key.to_owned() }
        })
    }

    /// Adds a ConfigMap with the section alone for the workload `owner`, or brings the one of an earlier run up to date.
    pub(super) fn own_config(
        &mut self,
        field: &FieldPath,
        target: &ConfigKey,
        owner: Option<usize>,
        change: impl FnOnce(&mut Draft) -> Result<(), String>,
    ) -> Option<Place> {
        let key = &target.key;
        let owner_item = owner.map(|at| &self.items[at]);
        let namespace = owner_item.and_then(|item| item.id().namespace.as_deref());
        if let (Some(written), Some(item)) = (&target.namespace, owner_item)
            && !item.namespaces().any(|known| known == written)
        {
            let namespace = item.id().effective_namespace().to_owned();
            self.problems.push(Problem::ConfigMapElsewhere { field: field.clone(), namespace });
            return None;
        }
        let id = ResId::core("ConfigMap", namespace, &target.config_map);
        self.plan.injected.config_maps.push(id.clone());
        if let Some(at) = self.members(Plane::Control).find(|&at| is_object(&self.items[at], &id)) {
            let fields = ["data", "binaryData"].map(|field| self.items[at].value()[field].as_object());
            let others: Vec<String> =
                fields.into_iter().flatten().flat_map(Map::keys).filter(|other| *other != key).cloned().collect();
            if is_injected(&self.items[at]) {
                for other in &others {
                    self.draft(at).remove(&["data", other]);
                }
            } else if !others.is_empty() {
                let id = self.items[at].id().clone();
                self.problems.push(Problem::ForeignConfigMap { field: field.clone(), id, key: key.clone() });
                return None;
            }
            let is_earlier = is_injected(&self.items[at]);
            let spec = self.spec;
            self.draft(at).set(&["metadata", "annotations", INJECTED], json!("true"));
            return self.target(at, key, |draft| {
                if is_earlier {
                    cluster_config::keep_only(draft, spec);
                }
                change(draft)
            });
        }
        match edited("", change) {
            Ok(text) => {
                let config_map = ConfigMap {
                    metadata: ObjectMeta {
                        name: Some(id.name.clone()),
                        namespace: id.namespace.clone(),
                        ..ObjectMeta::default()
                    },
                    data: Some(BTreeMap::from([(key.clone(), text)])),
                    ..ConfigMap::default()
                };
                self.add(owner, Addition::new(Plane::Control, json!(config_map)));
                self.plan.injected.targets.push((id, key.clone()));
                Some(Place { object: Planned::Addition(self.plan.additions.len() - 1), key: key.clone() })
            }
            Err(rule) => {
                self.problems.push(Problem::NotConfiguration { config_map: id, key: key.clone(), rule });
                None
            }
        }
    }

    /// The ConfigMap of `plane` that `target` means; of several, the one in `namespace`.
    pub(super) fn config_map(
        &mut self,
        field: &FieldPath,
        target: &ConfigKey,
        plane: Plane,
        namespace: Option<&str>,
    ) -> Option<usize> {
        let called = target.called();
        let mut candidates = called.among(self.items, self.members(plane));
        let is_near = |&at: &usize| namespace == Some(self.items[at].id().effective_namespace());
        if candidates.iter().any(is_near) {
            candidates.retain(is_near);
        }
        let field = field.clone();
        match candidates[..] {
            [at] => return Some(at),
            [] => {
                let everywhere = Called { namespace: None, ..called };
                let mut others =
                    [called, everywhere].into_iter().flat_map(|called| called.among(self.items, 0..self.items.len()));
                let elsewhere = others.next().map(|at| self.items[at].id().clone());
                let namespace = target.namespace.clone();
                let read = self.config_maps_read();
                let name = target.config_map.clone();
                self.problems.push(Problem::NoConfigMap { field, name, namespace, elsewhere, read });
            }
            _ => {
                let candidates = candidates.iter().map(|&at| self.items[at].id().clone()).collect();
                self.problems.push(Problem::ManyConfigMaps { field, candidates });
            }
        }
        None
    }

    /// The names of the ConfigMaps that the workloads in `mounts` have volumes of.
    fn config_maps_read(&self) -> Vec<String> {
        let is_mounted =
            |at: &usize| self.spec.credentials.mounts.iter().any(|mount| mount.selector.matches(&self.items[*at]));
        let volumes = |at: usize| {
            let volumes = pod_template(self.items[at].id())?.get(self.items[at].value(), &["spec", "volumes"])?;
            volumes.as_array()
        };
        let volumes = self.members(Plane::Control).filter(is_mounted).filter_map(volumes).flatten();
        let sources = volumes.filter_map(files::sources).flatten();
        let config_maps = sources.filter(|source| source.kind == SourceKind::ConfigMap);
        config_maps.map(|source| source.name.to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The text of a configuration as it is planned so far.
    pub(super) fn config_text(&self, place: &Place) -> Option<&str> {
        self.object(place.object)["data"][&place.key].as_str()
    }

    /// A ConfigMap as it is planned so far.
    pub(super) fn object(&self, planned: Planned) -> &Value {
        match planned {
            Planned::Item(at) => self.planned(at),
            Planned::Addition(at) => &self.plan.additions[at].value,
        }
    }

    /// The id of a ConfigMap.
    pub(super) fn id(&self, planned: Planned) -> &ResId {
        match planned {
            Planned::Item(at) => self.items[at].id(),
            Planned::Addition(at) => &self.plan.additions[at].id,
        }
    }

    /// An item as it is planned so far.
    pub(super) fn planned(&self, at: usize) -> &Value {
        let planned = self.plan.drafts.get(&at).map(Draft::value);
        planned.unwrap_or_else(|| self.items[at].value())
    }

    /// The text under a key of a ConfigMap as it is planned so far; nothing if the key is missing or `null`.
    ///
    /// # Errors
    ///
    /// What is there instead of the text.
    pub(super) fn text_there(&self, planned: Planned, key: &str) -> Result<Option<String>, Problem> {
        let object = self.object(planned);
        let id = self.id(planned).clone();
        // The API server takes a key in one of the two only.
        if object["binaryData"].get(key).is_some() {
            return Err(Problem::BinaryKey { config_map: id, key: key.to_owned() });
        }
        let (field, expected) = match (&object["data"], &object["data"][key]) {
            (Value::Object(_), Value::String(text)) => return Ok(Some(text.clone())),
            (Value::Object(_) | Value::Null, Value::Null) => return Ok(None),
            (Value::Object(_), _) => (FieldPath::at("data").key(key), Type::Text),
            _ => ("data".into(), Type::Mapping),
        };
        Err(Problem::Mismatch { id, mismatch: Mismatch { field, expected } })
    }

    /// Edits the YAML text under a key of a ConfigMap; whether that can be.
    pub(super) fn edit_config(
        &mut self,
        planned: Planned,
        key: &str,
        text: &str,
        change: impl FnOnce(&mut Draft) -> Result<(), String>,
    ) -> bool {
        if let Planned::Item(at) = planned {
            self.refuse_shared(at);
        }
        match edited(text, change) {
            Ok(text) => {
                match planned {
                    Planned::Item(at) => self.draft(at).set(&["data", key], Value::String(text)),
                    Planned::Addition(at) => self.plan.additions[at].value["data"][key] = Value::String(text),
                }
                true
            }
            Err(rule) => {
                let config_map = self.id(planned).clone();
                self.problems.push(Problem::NotConfiguration { config_map, key: key.to_owned(), rule });
                false
            }
        }
    }
}

/// A YAML text after a change.
///
/// # Errors
///
/// The rule that the text breaks.
fn edited(text: &str, change: impl FnOnce(&mut Draft) -> Result<(), String>) -> Result<String, String> {
    let value = view::read(text).map_err(|error| format!("must be YAML, {error}"))?;
    let mut inner = Draft::new(value);
    change(&mut inner)?;
    if let Some(mismatch) = inner.mismatches().first() {
        return Err(format!("`{}` in it must be {}", mismatch.field, mismatch.expected));
    }
    if inner.is_empty() {
        return Ok(text.to_owned());
    }
    edit::apply(text, &inner.patch()).map_err(|refusal| {
        format!(
            "must be in a form that can be edited at `{}`: {}",
            pointed(inner.value(), &refusal.pointer),
            refusal.reason
        )
    })
}
