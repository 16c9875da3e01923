//! Merges configuration files as flyteadmin's reader does: maps merge, lists and scalars of a later file replace.
//!
//! Source: viper `viper.go`, `mergeMaps` and `searchIndexableWithPathPrefixes`.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde_json::Value;

use super::keys::folded;

/// A value of a file that is no mapping with entries, and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its path, keys folded and joined by dots: `clusters.clusterconfigs`.
    pub path: String,
    /// The same as it is written.
    pub written: Vec<String>,
    /// The value.
    pub value: Value,
}

impl Setting {
    /// Whether a key of the path has dots: it is read before one that is nested, in whichever file that is.
    fn is_dotted(&self) -> bool {
        self.written.iter().any(|key| key.contains('.'))
    }
}

/// Everything that a file sets.
#[must_use]
pub fn settings(config: &Value) -> Vec<Setting> {
    let mut found = Vec::new();
    collect(config, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, path: &mut Vec<String>, found: &mut Vec<Setting>) {
    match value.as_object().filter(|mapping| !mapping.is_empty()) {
        Some(mapping) => {
            // Of two spellings the one with capitals is read, so it comes last.
            let (lower, capital): (Vec<_>, Vec<_>) = mapping.iter().partition(|(key, _)| folded(key) == **key);
            for (key, value) in lower.into_iter().chain(capital) {
                path.push(key.clone());
                collect(value, path, found);
                path.pop();
            }
        }
        None if path.is_empty() => {}
        None => found.push(Setting { path: folded(&path.join(".")), written: path.clone(), value: value.clone() }),
    }
}

/// What remains of several files.
#[derive(Debug, Default)]
pub struct Merged<'s> {
    found: BTreeMap<&'s str, (usize, &'s Setting)>,
    /// What is not read although a file has it, by path and file, and the file that is read instead.
    lost: BTreeMap<(&'s str, usize), usize>,
}

impl<'s> Merged<'s> {
    /// Merges what each file sets, in the order that they are read in.
    #[must_use]
    pub fn new(files: &[&'s [Setting]]) -> Self {
        let mut merged = Self::default();
        for is_dotted in [false, true] {
            for (file, settings) in files.iter().enumerate() {
                for setting in settings.iter().filter(|setting| setting.is_dotted() == is_dotted) {
                    merged.add(file, setting);
                }
            }
        }
        merged
    }

    fn add(&mut self, file: usize, setting: &'s Setting) {
        let path = setting.path.as_str();
        let inner = self.below(path).next().map(|(_, (other, _))| other);
        if let Some(other) = inner {
            // A mapping stays where a later file has something else.
            if !setting.value.is_object() {
                self.lost.insert((path, file), other);
            }
            return;
        }
        let parents = path.match_indices('.').map(|(end, _)| &path[..end]);
        let replaced = parents.chain([path]).filter_map(|path| self.found.remove_entry(path)).collect::<Vec<_>>();
        for (path, (other, old)) in replaced {
            if !old.value.is_object() {
                self.lost.insert((path, other), file);
            }
        }
        self.lost.remove(&(path, file));
        self.found.insert(path, (file, setting));
    }

    /// What remains below a path: the files and the settings.
    pub fn below(&self, path: &str) -> impl Iterator<Item = (&'s str, (usize, &'s Setting))> + use<'_, 's> {
        let prefix = format!("{path}.");
        let end = format!("{path}/");
        // '/' follows '.', so this is everything that begins with the prefix.
        self.found
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Excluded(end.as_str())))
            .map(|(path, found)| (*path, *found))
    }

    /// Everything that remains: the files and the settings.
    pub fn all(&self) -> impl Iterator<Item = (usize, &'s Setting)> {
        self.found.values().copied()
    }

    /// The paths of what remains.
    pub fn paths(&self) -> impl Iterator<Item = &'s str> {
        self.found.keys().copied()
    }

    /// What remains at a path: the file and the value.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<(usize, &'s Setting)> {
        self.found.get(path).copied()
    }

    /// The file that is read instead of `file` for a path that `file` has.
    #[must_use]
    pub fn winner(&self, path: &str, file: usize) -> Option<usize> {
        self.lost.get(&(path, file)).copied()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_folded_and_a_spelling_with_capitals_comes_last() {
        let found = settings(&json!({"A": {"b": 1}, "a": {"b": 2, "C.d": []}, "e": {}}));
        let found: Vec<(&str, &Value)> = found.iter().map(|setting| (setting.path.as_str(), &setting.value)).collect();
        assert_eq!(found, [("a.b", &json!(2)), ("a.c.d", &json!([])), ("e", &json!({})), ("a.b", &json!(1))]);
    }

    #[test]
    fn files_merge_as_viper_merges_them() {
        let cases = [
            (json!({"a": {"b": 1, "c": 2}}), json!({"A": {"B": 3}}), json!({"a.b": 3, "a.c": 2})),
            (json!({"a": [1]}), json!({"a": []}), json!({"a": []})),
            (json!({"a": [1]}), json!({"a": null}), json!({"a": null})),
            (json!({"a": {"b": 1}}), json!({"a": null}), json!({"a.b": 1})),
            (json!({"a": {"b": 1}}), json!({"a": []}), json!({"a.b": 1})),
            (json!({"a": {"b": 1}}), json!({"a": {}}), json!({"a.b": 1})),
            (json!({"a": [1]}), json!({"a": {"b": 1}}), json!({"a.b": 1})),
            (json!({"a": [1]}), json!({"a": {}}), json!({"a": {}})),
            (json!({"a": {}}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"a.b": 1}), json!({"a": {"b": 2}}), json!({"a.b": 1})),
            (json!({"a": {"b": {"c": 1}}, "a-b": 2}), json!({"a": {"b": 3}}), json!({"a-b": 2, "a.b.c": 1})),
        ];
        for (first, second, expected) in cases {
            let files = [settings(&first), settings(&second)];
            let merged = Merged::new(&[&files[0], &files[1]]);
            let found: serde_json::Map<String, Value> =
                merged.found.iter().map(|(path, (_, setting))| ((*path).to_owned(), setting.value.clone())).collect();
            assert_eq!(Value::Object(found), expected, "{first} {second}");
        }
    }

    #[test]
    fn what_is_lost_names_the_file_that_is_read_instead() {
        let files = [json!({"a": {"b": 1, "c": 1}}), json!({"a": {"b": 2}, "d": [1]}), json!({"d": {"e": 1}, "a": 1})]
            .map(|file| settings(&file));
        let merged = Merged::new(&files.iter().map(Vec::as_slice).collect::<Vec<_>>());
        assert_eq!(merged.winner("a.b", 0), Some(1));
        assert_eq!(merged.winner("a.c", 0), None);
        assert_eq!(merged.winner("a.b", 1), None);
        assert_eq!(merged.winner("d", 1), Some(2));
        assert_eq!(merged.winner("a", 2), Some(1));
        assert_eq!(merged.get("a.b").map(|(file, _)| file), Some(1));
        assert_eq!(merged.below("a").count(), 2);
    }
}
