//! Plans changes of YAML text inside ConfigMaps.

use serde_json::Value;

use super::draft::Draft;
use super::planner::Planner;
use super::{Problem, overrides};
use crate::spec::{ConfigKey, Plane, names};
use crate::wire::Resource;
use crate::yaml::{edit, view};

impl Planner<'_> {
    pub(super) fn overrides(&mut self) {
        let spec = self.spec;
        for (index, change) in spec.overrides.iter().enumerate() {
            if !self.writes(change.plane) {
                continue;
            }
            let field = format!("spec.overrides[{index}]");
            let ConfigKey { config_map, key } = &change.target;
            let Some(at) = self.config_map(&field, config_map, change.plane, None) else { continue };
            let Some(text) = self.config_text(at, key) else {
                let object = self.items[at].value();
                let keys = object["data"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
                let config_map = self.items[at].id().clone();
                self.problems.push(Problem::NoKey { field, config_map, key: key.clone(), keys });
                continue;
            };
            let merged = self.edit_config(at, key, &text, |draft| {
                if !matches!(draft.value(), Value::Null | Value::Object(_)) {
                    return Err("must be a YAML mapping".to_owned());
                }
                overrides::merge(draft, &change.merge);
                Ok(())
            });
            if merged.is_some() {
                self.plan.injected.overrides.push((self.items[at].id().clone(), key.clone()));
            }
        }
    }

    /// The ConfigMap of `plane` that answers to `name`.
    pub(super) fn config_map(
        &mut self,
        field: &str,
        name: &str,
        plane: Plane,
        namespace: Option<&str>,
    ) -> Option<usize> {
        let answers = |at: &usize| {
            let item = &self.items[*at];
            item.id().gvk.kind == "ConfigMap" && names(item).any(|candidate| candidate == name)
        };
        let mut candidates: Vec<usize> = self.members(plane).filter(answers).collect();
        for is_better in [&(|item: &Resource<'_>| item.id().name == name) as &dyn Fn(&Resource<'_>) -> bool, &|item| {
            namespace.is_some_and(|namespace| item.id().effective_namespace() == namespace)
        }] {
            if candidates.len() > 1 && candidates.iter().any(|&at| is_better(&self.items[at])) {
                candidates.retain(|&at| is_better(&self.items[at]));
            }
        }
        let field = field.to_owned();
        match candidates[..] {
            [at] => return Some(at),
            [] => {
                let elsewhere = (0..self.items.len()).find(answers).map(|at| self.items[at].id().clone());
                self.problems.push(Problem::NoConfigMap { field, name: name.to_owned(), elsewhere });
            }
            _ => {
                let candidates = candidates.iter().map(|&at| self.items[at].id().clone()).collect();
                self.problems.push(Problem::ManyConfigMaps { field, candidates });
            }
        }
        None
    }

    /// The text under a key of a ConfigMap as it is planned so far.
    pub(super) fn config_text(&self, at: usize, key: &str) -> Option<String> {
        let planned = self.plan.drafts.get(&at).map(Draft::value);
        let object = planned.unwrap_or_else(|| self.items[at].value());
        object["data"][key].as_str().map(str::to_owned)
    }

    /// Edits the YAML text under a key of a ConfigMap; the configuration afterwards.
    pub(super) fn edit_config(
        &mut self,
        at: usize,
        key: &str,
        text: &str,
        change: impl FnOnce(&mut Draft) -> Result<(), String>,
    ) -> Option<Value> {
        self.refuse_shared(at);
        match edited(text, change) {
            Ok((text, value)) => {
                self.draft(at).set(&["data", key], Value::String(text));
                Some(value)
            }
            Err(rule) => {
                let config_map = self.items[at].id().clone();
                self.problems.push(Problem::NotConfiguration { config_map, key: key.to_owned(), rule });
                None
            }
        }
    }
}

/// A YAML text after a change, and its value.
///
/// # Errors
///
/// The rule that the text breaks.
pub(super) fn edited(
    text: &str,
    change: impl FnOnce(&mut Draft) -> Result<(), String>,
) -> Result<(String, Value), String> {
    let value = view::read(text).map_err(|error| format!("must be YAML, {error}"))?;
    let mut inner = Draft::new(value);
    change(&mut inner)?;
    let text = if inner.is_empty() {
        text.to_owned()
    } else {
        edit::apply(text, &inner.patch()).map_err(|refusal| {
            format!("must be in a form that can be edited at `{}`: {}", refusal.pointer, refusal.reason)
        })?
    };
    Ok((text, inner.value().clone()))
}
