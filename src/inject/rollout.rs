//! Plans the checksums that make workloads roll when an override changes what they read at start.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::config_map::{Place, Planned};
use super::planner::Planner;
use super::pod_spec;
use crate::credentials;
use crate::flyteadmin::files::{Reading, reading};
use crate::spec::Plane;
use crate::wire::lookup::{is_object, names};
use crate::workload::{CONTAINER_LISTS, PodTemplate, list, pod_template};
use crate::yaml::view;

/// The texts that a workload reads and that overrides change, by what the spec calls them.
pub(super) type Texts = BTreeMap<String, String>;

impl Planner<'_> {
    /// How the workloads of a plane read a key of a ConfigMap, by position.
    pub(super) fn readings(&self, plane: Plane, planned: Planned, key: &str) -> Vec<(usize, Reading)> {
        let of = |at| Some((at, self.reading(at, pod_template(self.items[at].id())?, planned, key)?));
        self.members(plane).filter_map(of).collect()
    }

    /// How a workload reads a key of a ConfigMap: as the first of its containers that does.
    fn reading(&self, at: usize, template: PodTemplate, planned: Planned, key: &str) -> Option<Reading> {
        if self.items[at].id().effective_namespace() != self.id(planned).effective_namespace() {
            return None;
        }
        let is_called = |name: &str| match planned {
            Planned::Item(at) => names(&self.items[at]).any(|known| known == name),
            Planned::Addition(at) => self.plan.additions[at].id.name == name,
        };
        let pod = template.get(self.planned(at), &["spec"])?;
        let containers = CONTAINER_LISTS.iter().flat_map(|containers| list(pod, containers));
        containers.filter_map(|container| reading(pod, container, &is_called, key)).min()
    }

    /// What overrides change and workloads read at start, by the position of the workload.
    pub(super) fn overridden_texts(&self) -> BTreeMap<usize, Texts> {
        let mut found: BTreeMap<usize, Texts> = BTreeMap::new();
        for (id, change) in &self.plan.injected.overrides {
            let item = (0..self.items.len()).find(|&at| is_object(&self.items[at], id)).map(Planned::Item);
            let addition = || self.plan.additions.iter().position(|addition| addition.id == *id).map(Planned::Addition);
            let Some(planned) = item.or_else(addition) else { continue };
            let key = &change.target.key;
            let Some(text) = self.config_text(&Place::new(planned, key)) else { continue };
            let content = canonical(&view::read(text).unwrap_or_default());
            for (at, _) in self.readings(change.plane, planned, key) {
                let name = format!("{}/{key}", change.target.config_map);
                found.entry(at).or_default().insert(name, content.clone());
            }
        }
        found
    }

    /// Plans the checksums of workloads that have none for their credentials.
    pub(super) fn roll(&mut self, texts: &BTreeMap<usize, Texts>, is_annotated: impl Fn(usize) -> bool) {
        for (&at, texts) in texts.iter().filter(|(at, _)| !is_annotated(**at)) {
            let Some(template) = pod_template(self.items[at].id()) else { continue };
            let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let checksum = credentials::checksum(&[], &texts);
            pod_spec::annotate(self.draft(at), template, &checksum);
            self.plan.injected.rollouts.push(self.items[at].id().clone());
        }
    }
}

/// JSON with sorted keys: equal for equal content, whatever its order.
pub(super) fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(entries) => {
                let entries: BTreeMap<&String, Value> =
                    entries.iter().map(|(key, value)| (key, sorted(value))).collect();
                json!(entries)
            }
            Value::Array(values) => values.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}
