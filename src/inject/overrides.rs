//! Merges the user's `overrides` into configuration: maps deeply, lists replaced, `null` deletes. Keys are found in any
//! case, as the programs of Flyte read them.

use serde_json::{Map, Value};

use super::Problem;
use super::config_map::Planned;
use super::draft::Draft;
use super::planner::Planner;
use crate::flyteadmin::files::Reading;
use crate::flyteadmin::keys;
use crate::spec::{Override, Plane};

impl Planner<'_> {
    /// Plans the overrides of every plane that is written.
    pub(super) fn overrides(&mut self) {
        let planes = [Plane::Control, Plane::Data].into_iter().filter(|&plane| self.writes(plane));
        let changes: Vec<Override> = planes.flat_map(|plane| self.spec.overrides_in(plane)).collect();
        for change in changes {
            let Some(planned) = self.overridden(&change) else { continue };
            let text = match self.text_to_override(planned, &change) {
                Ok(text) => text,
                Err(problem) => {
                    self.refuse(problem);
                    continue;
                }
            };
            let merged = self.edit_config(planned, &change.target.key, &text, |draft| {
                if !matches!(draft.value(), Value::Null | Value::Object(_)) {
                    return Err("must be a YAML mapping".to_owned());
                }
                merge(draft, &change.merge)
            });
            if merged {
                self.plan.injected.overrides.push((self.id(planned).clone(), change));
            }
        }
    }

    /// The ConfigMap that an override means, which may be one that is made here.
    fn overridden(&mut self, change: &Override) -> Option<Planned> {
        let called = change.target.called();
        let is_it = |at: &usize| {
            let id = &self.plan.additions[*at].id;
            let is_there = called.namespace.is_none_or(|namespace| namespace == id.effective_namespace());
            self.plan.additions[*at].plane == change.plane
                && id.gvk.kind == called.kind
                && id.name == called.name
                && is_there
        };
        let Some(new) = (0..self.plan.additions.len()).find(is_it) else {
            return self.config_map(&change.field, &change.target, change.plane, None).map(Planned::Item);
        };
        let others = called.among(self.items, self.members(change.plane)).into_iter().map(Planned::Item);
        let candidates: Vec<Planned> = [Planned::Addition(new)].into_iter().chain(others).collect();
        if let [only] = candidates[..] {
            return Some(only);
        }
        let candidates = candidates.into_iter().map(|candidate| self.id(candidate).clone()).collect();
        self.problems.push(Problem::ManyConfigMaps { field: change.field.clone(), candidates });
        None
    }

    /// The text that an override is merged into: a key that is not there is made if the `--config` of a container names it.
    fn text_to_override(&self, planned: Planned, change: &Override) -> Result<String, Problem> {
        let key = &change.target.key;
        if let Some(text) = self.text_there(planned, key)? {
            return Ok(text);
        }
        let readings = self.readings(change.plane, planned, key);
        if readings.into_iter().any(|(_, reading)| reading == Reading::Config) {
            return Ok(String::new());
        }
        let data = self.object(planned)["data"].as_object();
        let keys = data.into_iter().flat_map(Map::keys).filter(|other| *other != key).cloned().collect();
        let (field, config_map) = (change.field.clone(), self.id(planned).clone());
        Err(Problem::NoKey { field, config_map, key: key.clone(), keys })
    }
}

/// Plans the merge of `changes` into the document of `draft`.
///
/// # Errors
///
/// When a key that is to be changed is there in two spellings.
fn merge(draft: &mut Draft, changes: &Map<String, Value>) -> Result<(), String> {
    merge_at(draft, &[], changes)
}

fn merge_at(draft: &mut Draft, path: &[&str], changes: &Map<String, Value>) -> Result<(), String> {
    for (key, change) in changes {
        let key = spelling(draft, path, key)?;
        let path = [path, &[key.as_str()]].concat();
        match change {
            Value::Null => draft.remove(&path),
            Value::Object(inner) if draft.get(&path).is_some_and(Value::is_object) => merge_at(draft, &path, inner)?,
            _ => draft.set(&path, without_nulls(change)),
        }
    }
    Ok(())
}

/// The spelling of `key` that is there; as it is written if there is none.
fn spelling(draft: &Draft, path: &[&str], key: &str) -> Result<String, String> {
    let mapping = draft.get(path).and_then(Value::as_object);
    let spellings: Vec<&str> = mapping.into_iter().flat_map(|mapping| keys::spellings(mapping, key)).collect();
    match spellings[..] {
        [] => Ok(key.to_owned()),
        [spelling] => Ok(spelling.to_owned()),
        [first, second, ..] => {
            let [first, second] = [first, second].map(|spelling| draft.field(&[path, &[spelling]].concat()));
            Err(format!("must not have both `{first}` and `{second}`, which are read as one key; remove one of them"))
        }
    }
}

/// What a merge into nothing leaves: nulls in it delete what is not there.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn maps_merge_deeply_lists_are_replaced_and_null_deletes() {
        for (before, changes, after) in [
            (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": 3}}), json!({"a": {"b": 3, "c": 2}})),
            (json!({"a": [1, 2]}), json!({"a": [3]}), json!({"a": [3]})),
            (json!({"a": {"b": 1, "c": 2}}), json!({"a": {"b": null}}), json!({"a": {"c": 2}})),
            (json!({"a": 1}), json!({"a": {"b": 2, "c": null}}), json!({"a": {"b": 2}})),
            (json!({}), json!({"a": null}), json!({})),
            (json!(null), json!({"a": {"b": 1}}), json!({"a": {"b": 1}})),
            (json!({"Admin": {"EndPoint": 1}}), json!({"admin": {"endpoint": 2}}), json!({"Admin": {"EndPoint": 2}})),
            (json!({"admin": {"b": 1}}), json!({"ADMIN": {"B": null, "c": 2}}), json!({"admin": {"c": 2}})),
        ] {
            let mut draft = Draft::new(before);
            merge(&mut draft, changes.as_object().unwrap()).unwrap();
            assert_eq!(draft.value(), &after, "{changes}");
        }
    }

    #[test]
    fn two_spellings_of_a_key_that_is_changed_are_refused() {
        let there = json!({"a": {"b": 1, "B": 2}, "c": 3, "C": 4});
        let change = |changes: Value| merge(&mut Draft::new(there.clone()), changes.as_object().unwrap());
        assert_eq!(change(json!({"a": {"d": 1}})), Ok(()));
        let refused = change(json!({"a": {"b": 1}})).unwrap_err();
        assert!(refused.contains("`a.b` and `a.B`"), "{refused}");
    }
}
