//! Turns resources into reference edges: who names whom, in which field, and how much depends on it.
//!
//! Nothing here knows planes. What each kind can name is in one table, [`fields`]; this module carries names to
//! the resources that bear them, the way kustomize does inside a build.

mod custom;
mod fields;
mod hosts;
mod index;
mod labels;
mod makers;
mod membership;
mod note;
mod read;
mod references;
#[cfg(test)]
pub(crate) mod tests;
mod walk;

use std::borrow::Cow;
use std::collections::HashSet;
use std::mem;
use std::ops::Range;
use std::sync::Arc;

use crate::field_path::FieldPath;
use crate::wire::{self, Resource};

pub use hosts::{Mention, Services, mentions_of, strange_hosts};
use index::Index;
pub use note::Note;
pub use read::note;
pub use walk::find_text;

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
    /// The API group as today's servers spell it: `extensions` is resolved. Absent if the field does not tell.
    pub group: Option<Cow<'static, str>>,
    /// The kind; `Pod` means whatever makes pods with the labels.
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
    pub field: FieldPath,
    /// What it names; references to the same thing share it.
    pub wanted: Arc<Wanted>,
    /// The positions of everything that it may mean, ascending; empty when the input holds nothing of that name.
    pub targets: Vec<usize>,
    /// What breaks without a target.
    pub strength: Strength,
    /// Whether the referrer says that it can do without.
    pub optional: bool,
}

/// One end of a reference as the other end sees it: small, so that walking the graph stays in the processor's cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The resource that is linked with.
    pub at: usize,
    /// The resource at the other end.
    pub other: usize,
    /// The position of the reference in [`Graph::edges`].
    pub edge: usize,
    /// What breaks without the target.
    pub strength: Strength,
}

/// How many targets all references together may have. Selectors can have all workloads for targets, each of them.
pub const MOST_TARGETS: usize = 1_000_000;

/// All references between the items of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    edges: Vec<Edge>,
    /// For each resource, the range of its references.
    outgoing: Vec<Range<usize>>,
    links_from: Links,
    links_to: Links,
    is_too_large: bool,
}

/// Links, and for each resource the range of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Links {
    links: Vec<Link>,
    ranges: Vec<Range<usize>>,
}

impl Links {
    fn new(len: usize, mut links: Vec<Link>) -> Self {
        links.sort_by_key(|link| link.at);
        let ranges = ranges(len, links.iter().map(|link| link.at));
        Self { links, ranges }
    }

    fn of(&self, resource: usize) -> &[Link] {
        &self.links[self.ranges[resource].clone()]
    }
}

/// Where each of `len` resources is in a sequence that is sorted by resource.
fn ranges(len: usize, sorted: impl Iterator<Item = usize>) -> Vec<Range<usize>> {
    let mut ranges = vec![0..0; len];
    for (position, resource) in sorted.enumerate() {
        let range = &mut ranges[resource];
        if range.end == 0 {
            range.start = position;
        }
        range.end = position + 1;
    }
    ranges
}

impl Graph {
    /// The graph of `len` resources with `edges`.
    #[must_use]
    pub fn new(len: usize, mut edges: Vec<Edge>) -> Self {
        edges.sort_by_key(|edge| edge.from);
        let outgoing = ranges(len, edges.iter().map(|edge| edge.from));
        let link = |(position, edge): (usize, &Edge)| {
            let (from, strength) = (edge.from, edge.strength);
            let link = move |&other: &usize| Link { at: from, other, edge: position, strength };
            edge.targets.iter().map(link).collect::<Vec<_>>()
        };
        let links: Vec<Link> = edges.iter().enumerate().flat_map(link).collect();
        let turned = links.iter().map(|link| Link { at: link.other, other: link.at, ..*link }).collect();
        Self {
            edges,
            outgoing,
            links_from: Links::new(len, links),
            links_to: Links::new(len, turned),
            is_too_large: false,
        }
    }

    /// Whether the resources refer to each other more than [`MOST_TARGETS`] times; then there are no edges.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        self.is_too_large
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

    /// Every reference: by referrer in input order, then as the fields are in the table of kinds.
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
        self.links_to(resource).iter().map(|link| (link.edge, &self.edges[link.edge]))
    }

    /// From `resource` to everything that its references may mean.
    #[must_use]
    pub fn links_from(&self, resource: usize) -> &[Link] {
        self.links_from.of(resource)
    }

    /// From `resource` to everything that refers to it.
    #[must_use]
    pub fn links_to(&self, resource: usize) -> &[Link] {
        self.links_to.of(resource)
    }
}

/// Reads `items` and finds every reference between them.
#[must_use]
pub fn build(items: &[Resource<'_>]) -> Graph {
    connect(items, wire::each_object(items, note))
}

/// Finds every reference between `items` by what was noted of each.
#[must_use]
pub fn connect(items: &[Resource<'_>], mut notes: Vec<Note<'_>>) -> Graph {
    let references: Vec<_> = notes.iter_mut().map(|note| mem::take(&mut note.references)).collect();
    let index = Index::new(items, &notes);
    let mut edges: Vec<Edge> = Vec::with_capacity(references.iter().map(|references| references.len() + 1).sum());
    let mut known = HashSet::new();
    let (mut counted, mut targets) = (0, 0);
    for (from, (note, references)) in notes.iter().zip(references).enumerate() {
        targets += edges[counted..].iter().map(|edge| edge.targets.len()).sum::<usize>();
        counted = edges.len();
        if targets > MOST_TARGETS {
            return Graph { is_too_large: true, ..Graph::new(items.len(), Vec::new()) };
        }
        let mut found = Referrer { items, index: &index, from, edges: &mut edges, known: &mut known };
        references::collect(&mut found, references);
        membership::collect(&mut found, note);
        hosts::collect(&mut found, &note.hosts);
    }
    Graph::new(items.len(), edges)
}

/// One resource whose references are being collected.
struct Referrer<'s, 'a> {
    items: &'s [Resource<'a>],
    index: &'s Index<'s>,
    from: usize,
    edges: &'s mut Vec<Edge>,
    /// All that is wanted so far.
    known: &'s mut HashSet<Arc<Wanted>>,
}

impl<'s, 'a> Referrer<'s, 'a> {
    fn resource(&self) -> &'s Resource<'a> {
        &self.items[self.from]
    }

    /// Adds what `wanted` means to the graph.
    fn refer(&mut self, field: FieldPath, wanted: Wanted, strength: Strength, optional: bool) {
        let targets = self.index.targets(self.resource(), &wanted);
        if targets.is_empty() && fields::is_made_elsewhere(&wanted) {
            return;
        }
        self.add(field, wanted, targets, strength, optional);
    }

    /// Adds a reference whose targets are known.
    fn add(&mut self, field: FieldPath, wanted: Wanted, mut targets: Vec<usize>, strength: Strength, optional: bool) {
        targets.retain(|&target| target != self.from);
        targets.sort_unstable();
        targets.dedup();
        targets.shrink_to_fit();
        let wanted = self.known.get(&wanted).cloned().unwrap_or_else(|| {
            let wanted = Arc::new(wanted);
            self.known.insert(Arc::clone(&wanted));
            wanted
        });
        self.edges.push(Edge { from: self.from, field, wanted, targets, strength, optional });
    }
}
