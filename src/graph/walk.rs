//! Walks a value along a field path with `[]` for every element of a list.

use serde_json::{Map, Value};

/// Calls `found` with the concrete path and the value of everything that `pattern` leads to below `value`.
///
/// `path` is where `value` stands; it is the same again afterwards.
pub fn each<'v>(value: &'v Value, pattern: &str, path: &mut String, found: &mut dyn FnMut(&'v Value, &str)) {
    if pattern.is_empty() {
        found(value, path);
        return;
    }
    let length = path.len();
    if let Some(rest) = pattern.strip_prefix("[]") {
        for (position, element) in value.as_array().into_iter().flatten().enumerate() {
            push_position(path, position);
            each(element, rest, path, found);
            path.truncate(length);
        }
        return;
    }
    let pattern = pattern.strip_prefix('.').unwrap_or(pattern);
    let (key, rest) = pattern.split_at(pattern.find(['.', '[']).unwrap_or(pattern.len()));
    if let Some(child) = value.get(key) {
        push_key(path, key);
        each(child, rest, path, found);
        path.truncate(length);
    }
}

/// The path of the first text in `value`, which stands at `path`, that is `wanted`.
pub fn find_text(value: &Value, path: &str, wanted: &dyn Fn(&str) -> bool) -> Option<String> {
    let below = |push: &dyn Fn(&mut String), value: &Value| {
        let mut path = path.to_owned();
        push(&mut path);
        find_text(value, &path, wanted)
    };
    match value {
        Value::String(text) => wanted(text).then(|| path.to_owned()),
        Value::Array(list) => {
            list.iter().enumerate().find_map(|(at, value)| below(&|path| push_position(path, at), value))
        }
        Value::Object(entries) => entries.iter().find_map(|(key, value)| below(&|path| push_key(path, key), value)),
        _ => None,
    }
}

/// What [`each_entry`] calls.
type FoundEntry<'f> = dyn FnMut(&Map<String, Value>, &Value, &str) + 'f;

/// Like [`each`] for a pattern that ends in a key, or in the elements of the list under a key: `found` gets the object with
/// the key, too.
pub fn each_entry(value: &Value, pattern: &str, path: &mut String, found: &mut FoundEntry<'_>) {
    let (parent, key) = pattern.rsplit_once('.').unwrap_or(("", pattern));
    let (key, elements) = key.split_at(key.find('[').unwrap_or(key.len()));
    each(value, parent, path, &mut |object, path| {
        let Some(object) = object.as_object() else { return };
        if let Some(entry) = object.get(key) {
            let mut path = path.to_owned();
            push_key(&mut path, key);
            each(entry, elements, &mut path, &mut |entry, path| found(object, entry, path));
        }
    });
}

/// Appends the position of a list's element to `path`: `[0]`.
pub fn push_position(path: &mut String, position: usize) {
    path.extend(["[", &position.to_string(), "]"]);
}

/// Appends `key` to `path`: `.name`, or `["config.yaml"]` where a dot would mislead.
pub fn push_key(path: &mut String, key: &str) {
    if key.contains(['.', '/', '[', '"', ' ']) || key.is_empty() {
        path.extend(["[", &Value::from(key).to_string(), "]"]);
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(value: &Value, pattern: &str) -> Vec<String> {
        let mut paths = Vec::new();
        each(value, pattern, &mut String::new(), &mut |_, path| paths.push(path.to_owned()));
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
        assert_eq!(find_text(&value, "", &|text| text == "yes").as_deref(), Some("list[1].c"));
        assert_eq!(find_text(&value, "", &|text| text == "no").as_deref(), Some("data[\"b.yaml\"]"));
        assert_eq!(find_text(&value, "", &|text| text == "maybe"), None);
    }

    #[test]
    fn keys_that_are_no_plain_words_are_quoted() {
        let mut path = "data".to_owned();
        push_key(&mut path, "config.yaml");
        assert_eq!(path, r#"data["config.yaml"]"#);
    }

    #[test]
    fn an_entry_comes_with_the_object_around_it() {
        let value = json!({"volumes": [{"secret": {"secretName": "web-tls", "optional": true}}]});
        let mut seen = Vec::new();
        each_entry(&value, "volumes[].secret.secretName", &mut "spec".to_owned(), &mut |object, entry, path| {
            seen.push((object.contains_key("optional"), entry.clone(), path.to_owned()));
        });
        assert_eq!(seen, [(true, json!("web-tls"), "spec.volumes[0].secret.secretName".to_owned())]);
    }

    #[test]
    fn an_entry_may_be_a_list_of_which_each_element_comes() {
        let value = json!({"spec": {"optional": true, "gateways": ["a", "b"]}});
        let mut seen = Vec::new();
        each_entry(&value, "spec.gateways[]", &mut String::new(), &mut |object, entry, path| {
            seen.push((object.contains_key("optional"), entry.clone(), path.to_owned()));
        });
        let element = |name: &str, path: &str| (true, json!(name), path.to_owned());
        assert_eq!(seen, [element("a", "spec.gateways[0]"), element("b", "spec.gateways[1]")]);
    }
}
