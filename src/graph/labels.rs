//! Finds what a label selector selects without looking at everything.

use std::collections::{BTreeMap, HashMap};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube_core::{Expression, Selector, SelectorExt as _};
use serde_json::Value;

use super::index::ANY_NAMESPACE;

/// The labels of some resources, by namespace and by label.
#[derive(Debug, Default)]
pub struct Labels<'s> {
    labelled: HashMap<(&'s str, String, String), Vec<usize>>,
    namespaces: BTreeMap<&'s str, Vec<usize>>,
    by_position: BTreeMap<usize, BTreeMap<String, String>>,
}

impl<'s> Labels<'s> {
    /// Adds the resource at `position`.
    pub fn insert(&mut self, position: usize, namespace: &'s str, labels: BTreeMap<String, String>) {
        for namespace in [namespace, ANY_NAMESPACE] {
            for (key, value) in &labels {
                self.labelled.entry((namespace, key.clone(), value.clone())).or_default().push(position);
            }
            self.namespaces.entry(namespace).or_default().push(position);
        }
        self.by_position.insert(position, labels);
    }

    /// The positions in `namespace` that `selector` selects, ascending.
    pub fn select(&self, namespace: &str, selector: &Selector) -> Vec<usize> {
        let none = Vec::new();
        let all = self.namespaces.get(namespace).unwrap_or(&none);
        let labelled = |expression| match expression {
            Expression::Equal(key, value) => Some(self.labelled.get(&(namespace, key, value)).unwrap_or(&none)),
            _ => None,
        };
        let fewest = selector.clone().into_iter().filter_map(labelled).min_by_key(|positions| positions.len());
        let candidates = fewest.unwrap_or(all).iter();
        candidates.copied().filter(|position| selector.matches(&self.by_position[position])).collect()
    }
}

/// The selector that a field of type `LabelSelector` holds; `None` when it is not one.
pub fn label_selector(value: &Value) -> Option<Selector> {
    serde_json::from_value::<LabelSelector>(value.clone()).ok()?.try_into().ok()
}

/// The selector that a plain map of labels is; `None` when it is empty, which selects nothing.
pub fn equality_selector(value: &Value) -> Option<Selector> {
    let labels = string_map(value);
    (!labels.is_empty()).then(|| labels.into_iter().collect())
}

/// The string entries of a map.
pub fn string_map(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}
