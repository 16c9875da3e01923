//! Finds what a label selector selects without looking at everything.

use std::collections::HashMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube_core::Expression;

use super::fields::ANY_NAMESPACE;
use crate::wire::is_met;
use crate::yaml::view::Cursor;

/// The labels of some resources, by namespace and by label.
#[derive(Debug, Default)]
pub struct Labels<'s> {
    labelled: HashMap<(&'s str, &'s str, &'s str), Vec<usize>>,
    namespaces: HashMap<&'s str, Vec<usize>>,
    by_position: HashMap<usize, Vec<(&'s str, &'s str)>>,
}

impl<'s> Labels<'s> {
    /// Adds the resource at `position`.
    pub fn insert(&mut self, position: usize, namespace: &'s str, labels: impl Iterator<Item = (&'s str, &'s str)>) {
        let labels: Vec<_> = labels.collect();
        for namespace in [namespace, ANY_NAMESPACE] {
            for &(key, value) in &labels {
                self.labelled.entry((namespace, key, value)).or_default().push(position);
            }
            self.namespaces.entry(namespace).or_default().push(position);
        }
        self.by_position.insert(position, labels);
    }

    /// The positions in `namespace` that `selector` selects, ascending.
    pub fn select(&self, namespace: &str, selector: &Selector) -> Vec<usize> {
        let labelled = selector.0.iter().filter_map(|expression| self.labelled(namespace, expression));
        let all = || self.namespaces.get(namespace).map_or(&[][..], Vec::as_slice);
        let is_selected = |position: &usize| {
            let labels = &self.by_position[position];
            let get = |key: &str| labels.iter().find_map(|&(name, value)| (name == key).then_some(value));
            selector.0.iter().all(|expression| is_met(expression, get))
        };
        let fewest = labelled.min_by_key(|positions| positions.len()).unwrap_or_else(all);
        fewest.iter().copied().filter(is_selected).collect()
    }

    /// The positions in `namespace` that have the label which `expression` asks for; nothing when it asks for none.
    fn labelled<'l>(&'l self, namespace: &'l str, expression: &'l Expression) -> Option<&'l [usize]> {
        let Expression::Equal(key, value) = expression else { return None };
        let found = self.labelled.get(&(namespace, key.as_str(), value.as_str()));
        Some(found.map_or(&[], Vec::as_slice))
    }
}

/// Requirements on labels, all of which must hold; prints in kubectl's notation.
#[derive(Debug, Clone)]
pub struct Selector(Vec<Expression>);

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.iter().cloned().collect::<kube_core::Selector>())
    }
}

impl From<kube_core::Selector> for Selector {
    fn from(selector: kube_core::Selector) -> Self {
        Self(selector.into_iter().collect())
    }
}

/// The selector that a field of type `LabelSelector` holds; `None` when it is not one.
pub fn label_selector(value: Cursor<'_, '_>) -> Option<Selector> {
    let selector: kube_core::Selector = serde_json::from_value::<LabelSelector>(value.value()).ok()?.try_into().ok()?;
    Some(selector.into())
}

/// The selector that a plain map of labels is; `None` when it is empty, which selects nothing.
pub fn equality_selector(value: Cursor<'_, '_>) -> Option<Selector> {
    let entries = value.entries().filter_map(|(key, value)| Some((key.into_owned(), value.text()?.into_owned())));
    let selector: kube_core::Selector = entries.collect::<std::collections::BTreeMap<_, _>>().into_iter().collect();
    (!selector.selects_all()).then(|| selector.into())
}
