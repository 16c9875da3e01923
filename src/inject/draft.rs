//! Plans the change of one document: a value that is edited, and the operations that make the same change elsewhere.

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::{Map, Value};

/// A value as it will be, and the RFC 6902 operations that lead there.
///
/// What is already as it is wanted yields no operation, so that a second run plans nothing. It has no `Debug`, because the
/// value may be a Secret.
#[derive(Clone, Default)]
pub struct Draft {
    value: Value,
    operations: Vec<PatchOperation>,
}

impl Draft {
    /// Starts from what was read.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self { value, operations: Vec::new() }
    }

    /// The value so far.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The operations so far.
    #[must_use]
    pub fn patch(&self) -> Patch {
        Patch(self.operations.clone())
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The value at `path`.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        self.value.pointer(pointer(path).as_str())
    }

    /// The list at `path`; empty where there is none.
    #[must_use]
    pub fn list(&self, path: &[&str]) -> &[Value] {
        self.get(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Makes the value at `path` equal to `value`; objects on the way that are missing or `null` are created.
    pub fn set(&mut self, path: &[&str], value: Value) {
        match self.get(path) {
            Some(current) if *current == value => {}
            Some(_) => self.record(PatchOperation::Replace(ReplaceOperation { path: pointer(path), value })),
            None => {
                let known = self.known_prefix(path);
                let value = path[known + 1..]
                    .iter()
                    .rev()
                    .fold(value, |value, key| Value::Object(Map::from_iter([((*key).to_owned(), value)])));
                self.place(&path[..known], path[known], value);
            }
        }
    }

    /// Appends `value` to the list at `path`, which is created when it is missing or `null`.
    pub fn push(&mut self, path: &[&str], value: Value) {
        if self.get(path).is_some_and(Value::is_array) {
            let end = [path, &["-"]].concat();
            self.record(PatchOperation::Add(AddOperation { path: pointer(&end), value }));
        } else {
            self.set(path, Value::Array(vec![value]));
        }
    }

    /// Removes the value at `path`, if there is one.
    pub fn remove(&mut self, path: &[&str]) {
        if self.get(path).is_some() {
            self.record(PatchOperation::Remove(RemoveOperation { path: pointer(path) }));
        }
    }

    /// How many leading steps of `path` lead to an object.
    fn known_prefix(&self, path: &[&str]) -> usize {
        (0..path.len()).rev().find(|&length| self.get(&path[..length]).is_some()).unwrap_or(0)
    }

    /// Adds `key` to the object at `path`, which may be `null` instead.
    fn place(&mut self, path: &[&str], key: &str, value: Value) {
        if self.get(path).is_some_and(Value::is_object) {
            let entry = [path, &[key]].concat();
            self.record(PatchOperation::Add(AddOperation { path: pointer(&entry), value }));
        } else {
            let value = Value::Object(Map::from_iter([(key.to_owned(), value)]));
            self.record(PatchOperation::Replace(ReplaceOperation { path: pointer(path), value }));
        }
    }

    fn record(&mut self, operation: PatchOperation) {
        let patch = Patch(vec![operation]);
        json_patch::patch(&mut self.value, &patch).expect("operations are planned on the value they are applied to");
        self.operations.extend(patch.0);
    }
}

fn pointer(path: &[&str]) -> PointerBuf {
    PointerBuf::from_tokens(path.iter().copied())
}

/// `["spec", "containers", "0", "volumeMounts"]` and 1 as `spec.containers[0].volumeMounts[1]`.
#[must_use]
pub fn field(path: &[&str], index: usize) -> String {
    let steps = path.iter().map(|step| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{step}"),
    });
    format!("{}[{index}]", steps.collect::<String>().trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operations(draft: &Draft) -> Value {
        serde_json::to_value(draft.patch()).unwrap()
    }

    #[test]
    fn missing_parents_come_in_one_operation() {
        let mut draft = Draft::new(json!({"metadata": {"name": "web"}}));
        draft.set(&["metadata", "annotations", "example.com/plane"], json!("data"));
        assert_eq!(
            operations(&draft),
            json!([{"op": "add", "path": "/metadata/annotations", "value": {"example.com/plane": "data"}}])
        );
        draft.set(&["metadata", "annotations", "b"], json!("c"));
        assert_eq!(operations(&draft)[1], json!({"op": "add", "path": "/metadata/annotations/b", "value": "c"}));
    }

    #[test]
    fn null_counts_as_missing() {
        let mut draft = Draft::new(json!({"spec": {"volumes": null, "x": null}}));
        draft.push(&["spec", "volumes"], json!(1));
        draft.push(&["spec", "volumes"], json!(2));
        draft.set(&["spec", "x", "y"], json!(3));
        assert_eq!(draft.value(), &json!({"spec": {"volumes": [1, 2], "x": {"y": 3}}}));
    }

    #[test]
    fn an_empty_document_becomes_an_object() {
        let mut draft = Draft::new(Value::Null);
        draft.set(&["clusters", "clusterConfigs"], json!([]));
        assert_eq!(draft.value(), &json!({"clusters": {"clusterConfigs": []}}));
    }

    #[test]
    fn what_is_already_so_plans_nothing() {
        let mut draft = Draft::new(json!({"a": {"b": 1}}));
        draft.set(&["a", "b"], json!(1));
        draft.remove(&["a", "c"]);
        assert!(draft.is_empty());
    }
}
