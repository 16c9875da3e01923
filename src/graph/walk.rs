//! Walks a value along a field path with `[]` for every element of a list.

use serde_json::{Map, Value};

use crate::field_path::FieldPath;

/// Calls `found` with the concrete path and the value of everything that `pattern` leads to below `value`.
///
/// `path` is that of `value`; it is the same again afterwards.
pub fn each<'v>(value: &'v Value, pattern: &str, path: &mut FieldPath, found: &mut dyn FnMut(&'v Value, &FieldPath)) {
    if pattern.is_empty() {
        found(value, path);
        return;
    }
    if let Some(rest) = pattern.strip_prefix("[]") {
        for (position, element) in value.as_array().into_iter().flatten().enumerate() {
            path.push_index(position);
            each(element, rest, path, found);
            path.pop();
        }
        return;
    }
    let pattern = pattern.strip_prefix('.').unwrap_or(pattern);
    let (key, rest) = pattern.split_at(pattern.find(['.', '[']).unwrap_or(pattern.len()));
    if let Some(child) = value.get(key) {
        path.push_key(key);
        each(child, rest, path, found);
        path.pop();
    }
}

/// The path of the first text in `value` that is `wanted`.
pub fn find_text(value: &Value, wanted: &dyn Fn(&str) -> bool) -> Option<FieldPath> {
    let mut path = FieldPath::default();
    leads_to_text(value, &mut path, wanted).then_some(path)
}

/// Whether there is such a text; `path` then leads there.
fn leads_to_text(value: &Value, path: &mut FieldPath, wanted: &dyn Fn(&str) -> bool) -> bool {
    let mut is_below = |push: &dyn Fn(&mut FieldPath), value: &Value| {
        push(path);
        let is_found = leads_to_text(value, path, wanted);
        if !is_found {
            path.pop();
        }
        is_found
    };
    match value {
        Value::String(text) => wanted(text),
        Value::Array(list) => list.iter().enumerate().any(|(at, value)| is_below(&|path| path.push_index(at), value)),
        Value::Object(entries) => entries.iter().any(|(key, value)| is_below(&|path| path.push_key(key), value)),
        _ => false,
    }
}

/// What [`each_entry`] calls.
type FoundEntry<'f> = dyn FnMut(&Map<String, Value>, &Value, &FieldPath) + 'f;

/// Like [`each`] for a pattern that ends in a key, or in the elements of the list under a key: `found` gets the object with
/// the key, too.
pub fn each_entry(value: &Value, pattern: &str, path: &mut FieldPath, found: &mut FoundEntry<'_>) {
    let (parent, key) = pattern.rsplit_once('.').unwrap_or(("", pattern));
    let (key, elements) = key.split_at(key.find('[').unwrap_or(key.len()));
    each(value, parent, path, &mut |object, path| {
        let Some(object) = object.as_object() else { return };
        if let Some(entry) = object.get(key) {
            each(entry, elements, &mut path.key(key), &mut |entry, path| found(object, entry, path));
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(value: &Value, pattern: &str) -> Vec<String> {
        let mut paths = Vec::new();
        each(value, pattern, &mut FieldPath::default(), &mut |_, path| paths.push(path.to_string()));
        paths
    }

    #[test]
    fn lists_are_numbered_and_what_is_absent_or_of_another_type_is_skipped() {
        let value = json!({"spec": {"rules": [{"http": {"paths": [1, 2]}}, {}, {"http": {"paths": "text"}}]}});
        assert_eq!(
            paths(&value, "spec.rules[].http.paths[]"),
            ["spec.rules[0].http.paths[0]", "spec.rules[0].http.paths[1]"]
        );
        assert_eq!(paths(&value, "spec.tls[].secretName"), Vec::<String>::new());
    }

    #[test]
    fn a_text_is_found_wherever_it_stands() {
        let value = json!({"metadata": {"name": "a"}, "data": {"b.yaml": "no"}, "list": [1, {"c": "yes"}, "yes"]});
        assert_eq!(find_text(&value, &|text| text == "yes").unwrap(), "list[1].c");
        assert_eq!(find_text(&value, &|text| text == "no").unwrap(), "data[\"b.yaml\"]");
        assert_eq!(find_text(&value, &|text| text == "maybe"), None);
    }

    #[test]
    fn an_entry_comes_with_the_object_around_it() {
        let value = json!({"volumes": [{"secret": {"secretName": "web-tls", "optional": true}}]});
        let mut seen = Vec::new();
        each_entry(&value, "volumes[].secret.secretName", &mut FieldPath::at("spec"), &mut |object, entry, path| {
            seen.push((object.contains_key("optional"), entry.clone(), path.to_string()));
        });
        assert_eq!(seen, [(true, json!("web-tls"), "spec.volumes[0].secret.secretName".to_owned())]);
    }

    #[test]
    fn an_entry_may_be_a_list_of_which_each_element_comes() {
        let value = json!({"spec": {"optional": true, "gateways": ["a", "b"]}});
        let mut seen = Vec::new();
        each_entry(&value, "spec.gateways[]", &mut FieldPath::default(), &mut |object, entry, path| {
            seen.push((object.contains_key("optional"), entry.clone(), path.to_string()));
        });
        let element = |name: &str, path: &str| (true, json!(name), path.to_string());
        assert_eq!(seen, [element("a", "spec.gateways[0]"), element("b", "spec.gateways[1]")]);
    }
}
