//! Merges the user's `overrides` into configuration: maps deeply, lists replaced, `null` deletes.

use serde_json::{Map, Value};

use super::draft::Draft;

/// Plans the merge of `changes` into the document of `draft`.
pub fn merge(draft: &mut Draft, changes: &Map<String, Value>) {
    merge_at(draft, &mut Vec::new(), changes);
}

fn merge_at<'c>(draft: &mut Draft, path: &mut Vec<&'c str>, changes: &'c Map<String, Value>) {
    for (key, change) in changes {
        path.push(key);
        match change {
            Value::Null => draft.remove(path),
            Value::Object(inner) if draft.get(path).is_some_and(Value::is_object) => merge_at(draft, path, inner),
            _ => draft.set(path, without_nulls(change)),
        }
        path.pop();
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
        ] {
            let mut draft = Draft::new(before);
            merge(&mut draft, changes.as_object().unwrap());
            assert_eq!(draft.value(), &after, "{changes}");
        }
    }
}
