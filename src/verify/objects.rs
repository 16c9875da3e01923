//! Finds the same object in two places, and compares values by path.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::field_path::FieldPath;
use crate::wire::lookup::without_hash;
use crate::wire::{ResId, Resource};
use crate::yaml::view;

/// Group, kind, namespace and name: what a cluster tells objects apart by.
type Key = [String; 4];

fn key(id: &ResId, name: &str) -> Key {
    [id.gvk.group.clone(), id.gvk.kind.clone(), id.effective_namespace().to_owned(), name.to_owned()]
}

/// The objects of an output by what identifies them.
pub struct Objects<'o> {
    by_name: HashMap<Key, Vec<usize>>,
    by_stem: HashMap<Key, Vec<usize>>,
    ids: Vec<&'o ResId>,
}

impl<'o> Objects<'o> {
    pub fn new(items: &'o [Resource<'_>]) -> Self {
        let mut objects = Self { by_name: HashMap::new(), by_stem: HashMap::new(), ids: Vec::new() };
        for (at, item) in items.iter().enumerate() {
            let id = item.id();
            objects.ids.push(id);
            objects.by_name.entry(key(id, &id.name)).or_default().push(at);
            if let Some(stem) = without_hash(&id.gvk.kind, &id.name) {
                objects.by_stem.entry(key(id, stem)).or_default().push(at);
            }
        }
        objects
    }

    /// The object that `item` became: of its name, or of its name with another hash.
    pub fn find(&self, item: &Resource<'_>) -> Option<usize> {
        let id = item.id();
        let first = |places: Option<&Vec<usize>>| places.and_then(|places| places.first().copied());
        first(self.by_name.get(&key(id, &id.name))).or_else(|| {
            let stem = without_hash(&id.gvk.kind, &id.name)?;
            first(self.by_stem.get(&key(id, stem)))
        })
    }

    /// The objects that are there more than once.
    pub fn duplicates(&self) -> impl Iterator<Item = &'o ResId> {
        let mut twice: Vec<usize> = self.by_name.values().filter_map(|places| places.get(1).copied()).collect();
        twice.sort_unstable();
        twice.into_iter().map(|at| self.ids[at])
    }
}

/// Adds the paths at which two values differ; a name that `renamed` has counts as the one it was before.
pub fn compare(
    wanted: &Value,
    found: &Value,
    renamed: &BTreeMap<String, String>,
    path: &mut FieldPath,
    differences: &mut Vec<FieldPath>,
) {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let null = Value::Null;
            let more = found.keys().filter(|key| !wanted.contains_key(*key));
            for key in wanted.keys().chain(more) {
                path.push_key(key);
                // To Go's typed readers a field that is null is absent.
                let [one, other] = [wanted, found].map(|entries| entries.get(key).unwrap_or(&null));
                compare(one, other, renamed, path, differences);
                path.pop();
            }
        }
        (Value::Array(wanted), Value::Array(found)) if wanted.len() == found.len() => {
            for (at, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                path.push_index(at);
                compare(wanted, found, renamed, path, differences);
                path.pop();
            }
        }
        // What the spec changes in a text is expected as the value that the text says.
        (Value::Object(_), Value::String(text)) => match view::read(text) {
            Ok(found) if found.is_object() => compare(wanted, &found, renamed, path, differences),
            _ => differences.push(path.clone()),
        },
        (Value::String(wanted), Value::String(found)) if renamed.get(found) == Some(wanted) => {}
        (Value::Number(wanted), Value::Number(found)) if wanted.as_f64() == found.as_f64() => {}
        (wanted, found) if wanted == found => {}
        _ => differences.push(path.clone()),
    }
}
