//! Finds the resources that a name means, by kustomize's rule.
//!
//! Inside a build, references still carry the names from before prefixes, namespaces and hashes: a resource has
//! its current and to every earlier name, kind and namespace.

use std::collections::HashMap;

use super::fields::{ANY_NAMESPACE, CLUSTER_ROLE, canonical_group, is_cluster_scoped};
use super::labels::{Labels, Selector};
use super::note::{Definition, Note};
use super::{Sought, Wanted, hosts};
use crate::wire::lookup::without_hash;
use crate::wire::{Resource, annotations};

/// A resource that has a name.
#[derive(Debug, Clone, Copy)]
struct Candidate<'s> {
    index: usize,
    group: &'s str,
    /// Whether it has the name in the namespace that it is in now.
    is_here: bool,
}

/// Kind, namespace (empty for cluster-scoped kinds), name.
type Key<'s> = (&'s str, &'s str, &'s str);

/// All names of one input.
pub struct Index<'s> {
    items: &'s [Resource<'s>],
    names: HashMap<Key<'s>, Vec<Candidate<'s>>>,
    names_without_hash: HashMap<Key<'s>, Vec<Candidate<'s>>>,
    pods: Labels<'s>,
    services: Labels<'s>,
    cluster_roles: Labels<'s>,
    definitions: HashMap<&'s str, Vec<(usize, &'s Definition<'s>)>>,
    /// Host names of Services.
    pub hosts: hosts::Services<'s>,
}

impl<'s> Index<'s> {
    /// Takes in every item and what was noted of it.
    pub fn new(items: &'s [Resource<'s>], notes: &'s [Note<'s>]) -> Self {
        let mut index = Self {
            items,
            names: HashMap::new(),
            names_without_hash: HashMap::new(),
            pods: Labels::default(),
            services: Labels::default(),
            cluster_roles: Labels::default(),
            definitions: HashMap::new(),
            hosts: hosts::Services::default(),
        };
        let definition = |note: &'s Note<'s>| note.rare.as_ref()?.definition.as_ref();
        let definitions = notes.iter().enumerate().filter_map(|(at, note)| Some((at, definition(note)?)));
        for (position, definition) in definitions {
            index.definitions.entry(&definition.group).or_default().push((position, definition));
        }
        for (position, (item, note)) in items.iter().zip(notes).enumerate() {
            index.name(position, item);
            let namespace = item.id().effective_namespace();
            for secret in note.rare.iter().flat_map(|rare| &rare.secrets) {
                index.insert("Secret", "", namespace, secret, (position, true));
            }
            if let Some(labels) = &note.pod_labels {
                index.pods.insert(
                    position,
                    namespace,
                    labels.iter().map(|(key, value)| (key.as_ref(), value.as_ref())),
                );
            }
            if (item.id().gvk.group.as_str(), item.id().gvk.kind.as_str()) == CLUSTER_ROLE {
                index.cluster_roles.insert(position, "", item.labels().iter());
            }
            if hosts::is_service(item) {
                index.services.insert(position, namespace, item.labels().iter());
                index.hosts.insert(position, item, note.rare.as_ref().map_or(&[], |rare| &rare.ports));
            }
        }
        index
    }

    fn name(&mut self, position: usize, item: &'s Resource<'s>) {
        let group = &item.id().gvk.group;
        for kind in item.kinds() {
            let group = canonical_group(group, kind);
            for name in item.names() {
                if self.is_cluster_scoped(group, kind) {
                    self.insert(kind, group, "", name, (position, true));
                    continue;
                }
                let here = item.id().effective_namespace();
                self.insert(kind, group, here, name, (position, true));
                for namespace in item.namespaces().filter(|&namespace| namespace != here) {
                    self.insert(kind, group, namespace, name, (position, false));
                }
                if kind == "ServiceAccount" {
                    self.insert(kind, group, ANY_NAMESPACE, name, (position, true));
                }
            }
        }
    }

    fn insert(
        &mut self,
        kind: &'s str,
        group: &'s str,
        namespace: &'s str,
        name: &'s str,
        (index, is_here): (usize, bool),
    ) {
        let into = |names: &mut HashMap<Key<'s>, Vec<Candidate<'s>>>, name: &'s str| {
            let candidates = names.entry((kind, namespace, name)).or_insert_with(|| Vec::with_capacity(1));
            if candidates.last().is_none_or(|last| last.index != index) {
                candidates.push(Candidate { index, group, is_here });
            }
        };
        into(&mut self.names, name);
        if let Some(name) = without_hash(kind, name) {
            into(&mut self.names_without_hash, name);
        }
    }

    /// Whether objects of the kind are in no namespace.
    pub fn is_cluster_scoped(&self, group: &str, kind: &str) -> bool {
        is_cluster_scoped(kind)
            || self.definitions(group).iter().any(|(_, found)| found.kind == kind && found.is_cluster_scoped)
    }

    /// The custom resource definitions of an API group.
    pub fn definitions(&self, group: &str) -> &[(usize, &'s Definition<'s>)] {
        self.definitions.get(group).map_or(&[], Vec::as_slice)
    }

    /// Everything that `wanted` may mean to `referrer`.
    pub fn targets(&self, referrer: &Resource<'_>, wanted: &Wanted) -> Vec<usize> {
        let Sought::Name(name) = &wanted.sought else { return Vec::new() };
        let namespace = wanted.namespace.as_deref().unwrap_or_default();
        let of_group = |candidates: Option<&Vec<Candidate<'s>>>| -> Vec<Candidate<'s>> {
            let has_group = |candidate: &&Candidate<'s>| {
                wanted.group.as_ref().is_none_or(|group| canonical_group(candidate.group, &wanted.kind) == group)
            };
            candidates.into_iter().flatten().filter(has_group).copied().collect()
        };
        let key = (wanted.kind.as_ref(), namespace, name.as_str());
        let mut found = of_group(self.names.get(&key));
        if found.is_empty() {
            found = of_group(self.names_without_hash.get(&key));
        }
        if found.is_empty() && !namespace.is_empty() {
            // What is written without a namespace goes where `kubectl apply -n` or the release says: here, most likely.
            found = of_group(self.names.get(&(key.0, "default", key.2)));
            found.retain(|candidate| self.items[candidate.index].id().namespace.is_none());
        }
        if found.iter().any(|candidate| candidate.is_here) {
            found.retain(|candidate| candidate.is_here);
        }
        let is_sibling = |candidate: &Candidate<'s>| affixes(&self.items[candidate.index]) == affixes(referrer);
        if found.len() > 1 && found.iter().any(is_sibling) {
            found.retain(is_sibling);
        }
        found.into_iter().map(|candidate| candidate.index).collect()
    }

    /// What makes pods in `namespace` that `selector` selects.
    pub fn pods(&self, namespace: &str, selector: &Selector) -> Vec<usize> {
        self.pods.select(namespace, selector)
    }

    /// The Services in `namespace`, or in all of them, that `selector` selects.
    pub fn services(&self, namespace: &str, selector: &Selector) -> Vec<usize> {
        self.services.select(namespace, selector)
    }

    /// The ClusterRoles that `selector` selects.
    pub fn cluster_roles(&self, selector: &Selector) -> Vec<usize> {
        self.cluster_roles.select("", selector)
    }
}

/// The name prefixes and suffixes that kustomize gave: the same base built twice has siblings that tell apart by them.
fn affixes<'r>(resource: &'r Resource<'_>) -> [Option<&'r str>; 2] {
    [resource.annotation(annotations::PREFIXES), resource.annotation(annotations::SUFFIXES)]
}
