//! Plans the change of one document: a value that is edited, and the operations that make the same change elsewhere.

use std::fmt;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde_json::{Map, Value};

use crate::field_path::FieldPath;

/// A value as it will be, and the RFC 6902 operations that lead there.
///
/// What is already as it is wanted yields no operation, so that a second run plans nothing. What is where an object or
/// a list must be is never replaced: it is a [`Mismatch`]. It has no `Debug`, because the value may be a Secret.
#[derive(Clone, Default)]
pub struct Draft {
    value: Value,
    operations: Vec<PatchOperation>,
    mismatches: Vec<Mismatch>,
}

/// A value of another type than the one that is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where it is: `spec.template.spec.volumes`.
    pub field: FieldPath,
    /// What must be there.
    pub expected: Type,
}

/// What a value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A mapping.
    Mapping,
    /// A list.
    List,
    /// A text.
    Text,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Mapping => "a mapping",
            Type::List => "a list",
            Type::Text => "a string",
        })
    }
}

impl Draft {
    /// Starts from what was read.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self { value, operations: Vec::new(), mismatches: Vec::new() }
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

    /// What could not be changed, because it has another type.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    /// How the path of the value at `path` is printed.
    #[must_use]
    pub fn field(&self, path: &[&str]) -> FieldPath {
        FieldPath::through(&self.value, path.iter().copied())
    }

    /// The value at `path`.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        self.value.pointer(pointer(path).as_str())
    }

    /// The list at `path`; empty if there is none.
    #[must_use]
    pub fn list(&self, path: &[&str]) -> &[Value] {
        self.get(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The length of the list at `path`, none if it is missing or `null`; anything else there is a mismatch.
    pub fn length(&mut self, path: &[&str]) -> usize {
        match self.get(path) {
            Some(Value::Array(elements)) => return elements.len(),
            Some(Value::Null) => {}
            Some(_) => self.refuse(path, Type::List),
            None => {
                let known = &path[..self.known_prefix(path)];
                if !matches!(self.get(known), Some(Value::Object(_) | Value::Null)) {
                    self.refuse(known, Type::Mapping);
                }
            }
        }
        0
    }

    /// Makes the value at `path` equal to `value`; objects on the way that are missing or `null` are created, anything
    /// else on the way is a mismatch.
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

    /// Appends `value` to the list at `path`, which is created when it is missing or `null`; anything else there is a
    /// mismatch.
    pub fn push(&mut self, path: &[&str], value: Value) {
        match self.get(path) {
            Some(Value::Array(_)) => {
                let end = [path, &["-"]].concat();
                self.record(PatchOperation::Add(AddOperation { path: pointer(&end), value }));
            }
            None | Some(Value::Null) => self.set(path, Value::Array(vec![value])),
            Some(_) => self.refuse(path, Type::List),
        }
    }

    /// Removes the value at `path`, if there is one.
    pub fn remove(&mut self, path: &[&str]) {
        if self.get(path).is_some() {
            self.record(PatchOperation::Remove(RemoveOperation { path: pointer(path) }));
        }
    }

    /// Removes the elements that `is_removed` of the list at `path`; the whole list if none is left.
    pub fn remove_elements(&mut self, path: &[&str], is_removed: impl Fn(&Value) -> bool) {
        let elements = self.list(path);
        let removed: Vec<usize> = (0..elements.len()).filter(|&at| is_removed(&elements[at])).collect();
        if removed.is_empty() {
            return;
        }
        if removed.len() == elements.len() {
            self.remove(path);
            return;
        }
        for at in removed.into_iter().rev() {
            self.remove(&[path, &[&at.to_string()]].concat());
        }
    }

    /// How many leading steps of `path` lead to an object.
    fn known_prefix(&self, path: &[&str]) -> usize {
        (0..path.len()).rev().find(|&length| self.get(&path[..length]).is_some()).unwrap_or(0)
    }

    /// Adds `key` to the object at `path`, which may be `null` instead.
    fn place(&mut self, path: &[&str], key: &str, value: Value) {
        match self.get(path) {
            Some(Value::Object(_)) => {
                let entry = [path, &[key]].concat();
                self.record(PatchOperation::Add(AddOperation { path: pointer(&entry), value }));
            }
            None | Some(Value::Null) => {
                let value = Value::Object(Map::from_iter([(key.to_owned(), value)]));
                self.record(PatchOperation::Replace(ReplaceOperation { path: pointer(path), value }));
            }
            Some(_) => self.refuse(path, Type::Mapping),
        }
    }

    fn refuse(&mut self, path: &[&str], expected: Type) {
        let mismatch = Mismatch { field: self.field(path), expected };
        if !self.mismatches.contains(&mismatch) {
            self.mismatches.push(mismatch);
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

/// Where a JSON pointer leads in `value`; to a list where it leads to the place behind its end.
#[must_use]
pub fn pointed(value: &Value, pointer: &str) -> FieldPath {
    let steps = pointer.strip_suffix("/-").unwrap_or(pointer).split('/').skip(1);
    let steps: Vec<String> = steps.map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
    FieldPath::through(value, steps.iter().map(String::as_str))
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
    fn what_has_another_type_is_left_as_it_is() {
        for (there, at, expected) in [
            (json!({"a": "text"}), "a", Type::Mapping),
            (json!({"a": []}), "a", Type::Mapping),
            (json!({"a": {"b": {"c": {}}}}), "a.b.c", Type::List),
            (json!({"a": {"b": [7]}}), "a.b", Type::Mapping),
            (json!({"a": {"b": {"c": 0}}}), "a.b.c", Type::List),
        ] {
            let mut draft = Draft::new(there.clone());
            draft.push(&["a", "b", "c"], json!(1));
            draft.push(&["a", "b", "c"], json!(2));
            let mismatch = Mismatch { field: at.into(), expected };
            assert_eq!((draft.value(), draft.mismatches()), (&there, &[mismatch][..]));
            assert!(draft.is_empty(), "{there}");
        }
    }

    #[test]
    fn a_list_behind_something_that_is_no_mapping_has_no_length() {
        let mut draft = Draft::new(json!({"a": null, "b": {}, "c": [1, 2], "d": "text"}));
        let lengths = [["a", "x"], ["b", "x"], ["c", "x"], ["d", "x"]].map(|path| draft.length(&path));
        assert_eq!((lengths, draft.length(&["c"])), ([0; 4], 2));
        let fields: Vec<&str> = draft.mismatches().iter().map(|mismatch| mismatch.field.as_str()).collect();
        assert_eq!(fields, ["c", "d"]);
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
