//! Turns resources into reference edges: who names whom, in which field, and how much depends on it.
//!
//! Nothing here knows planes. What each kind can name stands in one table, [`references`]; this module carries names to
//! the resources that bear them, the way kustomize does inside a build.

mod custom;
mod hosts;
mod index;
mod labels;
mod makers;
mod membership;
pub mod references;
#[cfg(test)]
pub(crate) mod tests;
mod walk;

use std::borrow::Cow;
use std::ops::Range;

use crate::wire::Resource;

pub use hosts::{Mention, Services, mentions_of};
use index::Index;

/// What breaks when the target of a reference is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// A pod cannot start: its ServiceAccount, or a ConfigMap, Secret or volume claim that is not optional.
    Start,
    /// The referrer does not work as written.
    Hard,
    /// The referrer sends requests to the target: Ingresses, routes, webhook configurations.
    Route,
    /// The referrer is about the target and of no use without it: a Service and its pods, a binding and its subjects.
    Attachment,
    /// The referrer can only be created where the target is: in a Namespace, as the custom resource of a definition.
    Membership,
    /// A role names the API group of a custom resource definition. RBAC accepts groups that do not exist.
    Grant,
    /// A host name in text. It may be anything, so it never decides, only warns.
    Soft,
}

/// How the wanted resource is described.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sought {
    /// By its name.
    Name(String),
    /// By a label selector, in kubectl's notation.
    Labels(String),
    /// By the API group it defines.
    Group(String),
}

/// What a reference names. Versions do not matter: an `apps/v1beta1` Deployment is the `apps/v1` one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wanted {
    /// The API group as today's servers spell it: `extensions` is resolved. Absent where the field does not tell.
    pub group: Option<Cow<'static, str>>,
    /// The kind; `Pod` stands for whatever makes pods with the labels.
    pub kind: Cow<'static, str>,
    /// The namespace; absent for cluster-scoped kinds.
    pub namespace: Option<String>,
    /// Name or labels.
    pub sought: Sought,
}

/// One reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The position of the resource that holds the field.
    pub from: usize,
    /// The field: `spec.template.spec.volumes[0].configMap.name`.
    pub field: String,
    /// What it names.
    pub wanted: Wanted,
    /// The positions of everything that it may mean, ascending; empty when the input holds nothing of that name.
    pub targets: Vec<usize>,
    /// What breaks without a target.
    pub strength: Strength,
    /// Whether the referrer says that it can do without.
    pub optional: bool,
}

/// All references between the items of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    edges: Vec<Edge>,
    outgoing: Vec<Range<usize>>,
    incoming: Vec<Vec<usize>>,
}

impl Graph {
    /// The graph of `len` resources with `edges`.
    #[must_use]
    pub fn new(len: usize, mut edges: Vec<Edge>) -> Self {
        edges.sort_by_key(|edge| edge.from);
        let mut outgoing = Vec::with_capacity(len);
        let mut incoming = vec![Vec::new(); len];
        let mut end = 0;
        for resource in 0..len {
            let start = end;
            while edges.get(end).is_some_and(|edge| edge.from == resource) {
                for &target in &edges[end].targets {
                    incoming[target].push(end);
                }
                end += 1;
            }
            outgoing.push(start..end);
        }
        Self { edges, outgoing, incoming }
    }

    /// How many resources there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.outgoing.len()
    }

    /// Whether there are no resources.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// Every reference: by referrer in input order, then as the fields stand in the table of kinds.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The references that `resource` holds, with their positions in [`Self::edges`].
    pub fn outgoing(&self, resource: usize) -> impl Iterator<Item = (usize, &Edge)> {
        self.outgoing[resource].clone().map(|edge| (edge, &self.edges[edge]))
    }

    /// The references that may mean `resource`, with their positions in [`Self::edges`].
    pub fn incoming(&self, resource: usize) -> impl Iterator<Item = (usize, &Edge)> {
        self.incoming[resource].iter().map(|&edge| (edge, &self.edges[edge]))
    }
}

/// Finds every reference between `items`.
#[must_use]
pub fn build(items: &[Resource<'_>]) -> Graph {
    let index = Index::new(items);
    let mut edges = Vec::new();
    for from in 0..items.len() {
        let mut found = Referrer { items, index: &index, from, edges: &mut edges };
        references::collect(&mut found);
        membership::collect(&mut found);
        hosts::collect(&mut found);
    }
    Graph::new(items.len(), edges)
}

/// One resource whose references are being collected.
struct Referrer<'s, 'a> {
    items: &'s [Resource<'a>],
    index: &'s Index<'s>,
    from: usize,
    edges: &'s mut Vec<Edge>,
}

impl<'s, 'a> Referrer<'s, 'a> {
    fn resource(&self) -> &'s Resource<'a> {
        &self.items[self.from]
    }

    /// Adds what `wanted` means to the graph.
    fn refer(&mut self, field: String, wanted: Wanted, strength: Strength, optional: bool) {
        let targets = self.index.targets(self.resource(), &wanted);
        if targets.is_empty() && references::is_made_elsewhere(&wanted) {
            return;
        }
        self.add(field, wanted, targets, strength, optional);
    }

    /// Adds a reference whose targets are known.
    fn add(&mut self, field: String, wanted: Wanted, mut targets: Vec<usize>, strength: Strength, optional: bool) {
        targets.retain(|&target| target != self.from);
        targets.sort_unstable();
        targets.dedup();
        self.edges.push(Edge { from: self.from, field, wanted, targets, strength, optional });
    }
}
