//! Compares keys of configuration as flyteadmin's reader does: without regard to case.
//!
//! Source: viper `util.go`, `insensitiviseMap`: of two keys that differ in case alone, the one with capitals is read.

use serde_json::{Map, Value};

/// The one form that equals all spellings of a key.
#[must_use]
pub fn folded(key: &str) -> String {
    key.to_lowercase()
}

/// The spellings of `key` that a mapping has.
pub fn spellings<'m>(mapping: &'m Map<String, Value>, key: &str) -> impl Iterator<Item = &'m str> {
    let folded_key = folded(key);
    mapping.keys().map(String::as_str).filter(move |known| folded(known) == folded_key)
}

/// The value that is read for `key` of a mapping: the one under a spelling with capitals, if there are several.
#[must_use]
pub fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let mapping = value.as_object()?;
    let has_capitals = |spelling: &&str| folded(spelling) != **spelling;
    let spelling = spellings(mapping, key).find(has_capitals).or_else(|| spellings(mapping, key).next())?;
    mapping.get(spelling)
}

/// The value that is read for the field `key` of a list's element: elements are read by another library, for which the
/// exact spelling comes first.
///
/// Source: mapstructure `decodeStructFromMap`.
#[must_use]
pub fn field<'v>(element: &'v Value, key: &str) -> Option<&'v Value> {
    let mapping = element.as_object()?;
    mapping.get(key).or_else(|| mapping.get(spellings(mapping, key).next()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_spelling_with_capitals_is_read_first() {
        for (value, key, expected) in [
            (json!({"clusters": 1}), "Clusters", Some(1)),
            (json!({"CLUSTERS": 1}), "clusters", Some(1)),
            (json!({"clusters": 1, "Clusters": 2}), "clusters", Some(2)),
            (json!({"Clusters": 2, "clusters": 1}), "clusters", Some(2)),
            (json!({"cluster": 1}), "clusters", None),
            (json!([1]), "clusters", None),
        ] {
            assert_eq!(get(&value, key).and_then(Value::as_i64), expected, "{value}");
        }
    }

    #[test]
    fn of_an_element_the_exact_spelling_is_read_first() {
        for (value, expected) in
            [(json!({"Name": 1, "name": 2}), Some(2)), (json!({"NAME": 1}), Some(1)), (json!({"names": 1}), None)]
        {
            assert_eq!(field(&value, "name").and_then(Value::as_i64), expected, "{value}");
        }
    }
}
