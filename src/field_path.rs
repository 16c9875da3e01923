//! The path of a field, and the one way to print it.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The path of a field: `spec.template.spec.volumes[2].name`, `data["a.yaml"]`.
///
/// It is made of keys and positions. It keeps the printed text and where each step ends in it, so that no code has to
/// read the text again.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldPath {
    text: String,
    ends: Vec<usize>,
}

impl FieldPath {
    /// The path of dotted words and positions that the source code spells out: `spec.clusters[0]`.
    #[must_use]
    pub fn at(words: &'static str) -> Self {
        Self::default().then(words)
    }

    /// The path that the steps of a JSON pointer take through `value`: a step into a list is a position.
    #[must_use]
    pub fn through<'k>(value: &Value, steps: impl IntoIterator<Item = &'k str>) -> Self {
        let (mut path, mut value) = (Self::default(), Some(value));
        for step in steps {
            if let (Some(Value::Array(elements)), Ok(position)) = (value, step.parse()) {
                path.push_index(position);
                value = elements.get(position);
            } else {
                path.push_key(step);
                value = value.and_then(|value| value.get(step));
            }
        }
        path
    }

    /// The path below this one by dotted words that the source code spells out.
    #[must_use]
    pub fn then(&self, words: &'static str) -> Self {
        let mut path = self.clone();
        for word in words.split('.').filter(|word| !word.is_empty()) {
            let mut steps = word.split(['[', ']']);
            path.push_key(steps.next().unwrap_or_default());
            steps.filter_map(|step| step.parse().ok()).for_each(|position| path.push_index(position));
        }
        path
    }

    /// The path of a key below this one.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let mut path = self.clone();
        path.push_key(key);
        path
    }

    /// The path of an element below this one.
    #[must_use]
    pub fn index(&self, position: usize) -> Self {
        let mut path = self.clone();
        path.push_index(position);
        path
    }

    /// Goes down to a key: `.name`, or `["config.yaml"]` for what is no plain word.
    pub fn push_key(&mut self, key: &str) {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if key.is_empty() || !key.chars().all(is_plain) {
            self.text.extend(["[", &Value::from(key).to_string(), "]"]);
        } else {
            self.text.push_str(if self.text.is_empty() { "" } else { "." });
            self.text.push_str(key);
        }
        self.ends.push(self.text.len());
    }

    /// Goes down to the element at a position: `[0]`.
    pub fn push_index(&mut self, position: usize) {
        self.text.extend(["[", &position.to_string(), "]"]);
        self.ends.push(self.text.len());
    }

    /// Goes up again.
    pub fn pop(&mut self) {
        self.ends.pop();
        self.text.truncate(self.ends.last().copied().unwrap_or_default());
    }

    /// The path that is printed as `text`, which is all that is known of it unless it is this one.
    #[must_use]
    pub fn printed_as(&self, text: String) -> Self {
        if text == self.text {
            return self.clone();
        }
        Self { ends: vec![text.len()], text }
    }

    /// How many steps it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it is the path of the whole object.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether it is `above`, or the path of something in it.
    #[must_use]
    pub fn is_in(&self, above: &Self) -> bool {
        self.ends.starts_with(&above.ends) && self.text.starts_with(&above.text)
    }

    /// The path of the same thing when what is at `from` is at `to`, which is not empty; nothing for what is elsewhere.
    #[must_use]
    pub fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        let (text, ends) = self.is_in(from).then(|| (&self.text[from.text.len()..], &self.ends[from.ends.len()..]))?;
        let mut moved = to.clone();
        moved.text.push_str(text);
        moved.ends.extend(ends.iter().map(|end| end - from.text.len() + to.text.len()));
        Some(moved)
    }

    /// The step at a position as it is printed, without a dot.
    #[must_use]
    pub fn step(&self, position: usize) -> Option<&str> {
        let end = *self.ends.get(position)?;
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        let step = &self.text[start..end];
        Some(step.strip_prefix('.').unwrap_or(step))
    }

    /// The path as it is printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for FieldPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

/// As [`FieldPath::at`].
impl From<&'static str> for FieldPath {
    fn from(words: &'static str) -> Self {
        Self::at(words)
    }
}

impl From<&FieldPath> for FieldPath {
    fn from(path: &FieldPath) -> Self {
        path.clone()
    }
}

impl PartialEq<str> for FieldPath {
    fn eq(&self, text: &str) -> bool {
        self.text == text
    }
}

impl PartialEq<&str> for FieldPath {
    fn eq(&self, text: &&str) -> bool {
        self.text == *text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_are_no_plain_words_are_quoted() {
        for (key, printed) in [
            ("name", "data.name"),
            ("a-b_C9", "data.a-b_C9"),
            ("a.yaml", r#"data["a.yaml"]"#),
            ("split-planes.dev/plane", r#"data["split-planes.dev/plane"]"#),
            ("", r#"data[""]"#),
            ("a\"`\n\u{1b}", r#"data["a\"`\n\u001b"]"#),
        ] {
            assert_eq!(FieldPath::at("data").key(key), printed);
        }
        assert_eq!(FieldPath::default().key("a.b").then("c.d").index(2), r#"["a.b"].c.d[2]"#);
    }

    #[test]
    fn a_step_into_a_list_is_a_position_and_one_into_a_mapping_is_a_key() {
        let value = json!({"data": {"0": "a"}, "spec": {"volumes": [{"name": "b"}]}});
        assert_eq!(FieldPath::through(&value, ["data", "0"]), "data.0");
        assert_eq!(FieldPath::through(&value, ["spec", "volumes", "0", "name"]), "spec.volumes[0].name");
        assert_eq!(FieldPath::through(&value, ["spec", "volumes", "1", "name"]), "spec.volumes[1].name");
        assert_eq!(FieldPath::through(&value, ["status", "1"]), "status.1");
    }

    #[test]
    fn going_down_and_up_leads_back() {
        let mut path = FieldPath::at("spec.clusters");
        let start = path.clone();
        path.push_index(3);
        path.push_key("a.b");
        assert!(path.is_in(&start) && !start.is_in(&path) && path.len() == 4);
        path.pop();
        path.pop();
        assert_eq!(path, start);
        assert!(!FieldPath::at("spec.clustersOfThree").is_in(&start));
        assert!(start.is_in(&FieldPath::default()) && FieldPath::at("").is_empty());
    }

    #[test]
    fn what_moves_takes_what_is_below_with_it() {
        let (spec, data) = (FieldPath::at("spec"), FieldPath::at("data.it"));
        let moved = spec.then("clusters").index(0).key("a.b").moved(&spec, &data).unwrap();
        assert_eq!(moved, r#"data.it.clusters[0]["a.b"]"#);
        assert_eq!(
            (moved.step(1), moved.step(3), moved.step(4), moved.step(5)),
            (Some("it"), Some("[0]"), Some(r#"["a.b"]"#), None)
        );
        assert_eq!(FieldPath::at("specs.a").moved(&spec, &data), None);
    }
}
