//! Merges the user's `overrides` into configuration: maps deeply, lists replaced, `null` deletes. Keys are found in any
//! case, as the programs of Flyte read them.

use serde_json::{Map, Value};

use super::draft::Draft;
use crate::flyteadmin::keys;

/// Plans the merge of `changes` into the document of `draft`.
///
/// # Errors
///
/// When a key that is to be changed is there in two spellings.
pub fn merge(draft: &mut Draft, changes: &Map<String, Value>) -> Result<(), String> {
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
