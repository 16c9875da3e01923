//! Walks an object along a field path with `[]` for every element of a list.

use serde_json::Value;

use crate::field_path::FieldPath;
use crate::yaml::view::Cursor;

/// Where something is in an object; small, and made a [`FieldPath`] of for what is found alone.
#[derive(Debug, Clone, Copy)]
pub enum Path<'p> {
    /// The object, or what is known to be at a path.
    At(&'p FieldPath),
    /// An entry of an object.
    Key(&'p Path<'p>, &'p str),
    /// An element of a list.
    Position(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// The path for those who keep it.
    pub fn field(&self) -> FieldPath {
        let mut path = match self {
            Self::At(path) => return (*path).clone(),
            Self::Key(above, _) | Self::Position(above, _) => above.field(),
        };
        match self {
            Self::Key(_, key) => path.push_key(key),
            Self::Position(_, position) => path.push_index(*position),
            Self::At(_) => {}
        }
        path
    }
}

/// What [`each`] calls.
type Found<'f, 'r, 't> = dyn FnMut(Cursor<'r, 't>, &Path<'_>) + 'f;

/// Calls `found` with everything that `pattern` leads to below `value`, which is at `path`.
pub fn each<'r, 't>(value: Cursor<'r, 't>, pattern: &str, path: &Path<'_>, found: &mut Found<'_, 'r, 't>) {
    if pattern.is_empty() {
        found(value, path);
        return;
    }
    if let Some(rest) = pattern.strip_prefix("[]") {
        for (position, element) in value.items().enumerate() {
            each(element, rest, &Path::Position(path, position), found);
        }
        return;
    }
    let pattern = pattern.strip_prefix('.').unwrap_or(pattern);
    let (key, rest) = pattern.split_at(pattern.find(['.', '[']).unwrap_or(pattern.len()));
    if let Some(child) = value.get(key) {
        each(child, rest, &Path::Key(path, key), found);
    }
}

/// What [`each_entry`] calls.
type FoundEntry<'f, 'r, 't> = dyn FnMut(Cursor<'r, 't>, Cursor<'r, 't>, &Path<'_>) + 'f;

/// Like [`each`] for a pattern that ends in a key, or in the elements of the list under a key: `found` gets the object with
/// the key, too.
pub fn each_entry<'r, 't>(value: Cursor<'r, 't>, pattern: &str, path: &Path<'_>, found: &mut FoundEntry<'_, 'r, 't>) {
    let (parent, key) = pattern.rsplit_once('.').unwrap_or(("", pattern));
    let (key, elements) = key.split_at(key.find('[').unwrap_or(key.len()));
    each(value, parent, path, &mut |object, path| {
        if let Some(entry) = object.get(key) {
            each(entry, elements, &Path::Key(path, key), &mut |entry, path| found(object, entry, path));
        }
    });
}

/// The path of the first text in `value`, keys included, that `wanted` knows something of, and what it knows. Of a key, it
/// is the path of the object that has it.
pub fn find_text<T>(value: &Value, wanted: &dyn Fn(&str) -> Option<T>) -> Option<(FieldPath, T)> {
    let mut path = FieldPath::default();
    let known = known_at(value, &mut path, wanted)?;
    Some((path, known))
}

/// What is known of such a text; `path` then leads there.
fn known_at<T>(value: &Value, path: &mut FieldPath, wanted: &dyn Fn(&str) -> Option<T>) -> Option<T> {
    let below = |path: &mut FieldPath, value: &Value| {
        let known = known_at(value, path, wanted);
        if known.is_none() {
            path.pop();
        }
        known
    };
    match value {
        Value::String(text) => wanted(text),
        Value::Number(number) => wanted(&number.to_string()),
        Value::Null | Value::Bool(_) => None,
        Value::Array(list) => list.iter().enumerate().find_map(|(at, value)| {
            path.push_index(at);
            below(path, value)
        }),
        Value::Object(entries) => entries.iter().find_map(|(key, value)| {
            wanted(key).or_else(|| {
                path.push_key(key);
                below(path, value)
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::view::View;

    fn paths(value: &Value, pattern: &str) -> Vec<String> {
        let text = value.to_string();
        let view = View::new(&text).unwrap();
        let mut paths = Vec::new();
        each(view.root().unwrap(), pattern, &Path::At(&FieldPath::default()), &mut |_, path| {
            paths.push(path.field().to_string());
        });
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
        let place = |wanted: &str| find_text(&value, &|text| (text == wanted).then_some(())).map(|(path, ())| path);
        assert_eq!(place("yes").unwrap(), "list[1].c");
        assert_eq!(place("no").unwrap(), "data[\"b.yaml\"]");
        assert_eq!(place("b.yaml").unwrap(), "data");
        assert_eq!(place("1").unwrap(), "list[0]");
        assert_eq!(place("maybe"), None);
    }

    fn entries(value: &Value, pattern: &str, path: &'static str) -> Vec<(bool, Value, String)> {
        let text = value.to_string();
        let view = View::new(&text).unwrap();
        let mut seen = Vec::new();
        each_entry(view.root().unwrap(), pattern, &Path::At(&FieldPath::at(path)), &mut |object, entry, path| {
            seen.push((object.get("optional").is_some(), entry.value(), path.field().to_string()));
        });
        seen
    }

    #[test]
    fn an_entry_comes_with_the_object_around_it() {
        let value = json!({"volumes": [{"secret": {"secretName": "web-tls", "optional": true}}]});
        let seen = entries(&value, "volumes[].secret.secretName", "spec");
        assert_eq!(seen, [(true, json!("web-tls"), "spec.volumes[0].secret.secretName".to_owned())]);
    }

    #[test]
    fn an_entry_may_be_a_list_of_which_each_element_comes() {
        let value = json!({"spec": {"optional": true, "gateways": ["a", "b"]}});
        let element = |name: &str, path: &str| (true, json!(name), path.to_owned());
        let seen = entries(&value, "spec.gateways[]", "");
        assert_eq!(seen, [element("a", "spec.gateways[0]"), element("b", "spec.gateways[1]")]);
    }
}
