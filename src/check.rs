//! Checks what must hold between the input and one plane of the output; changes nothing.

pub mod account;
pub mod cluster_id;
pub mod files;
pub mod hosts;
pub mod paths;
mod plane_view;
pub mod programs;
pub mod references;
pub mod size;

use std::collections::{BTreeMap, BTreeSet};

use crate::classify::{Placement, Reason};
use crate::credentials::{Misnamed, SecretMatcher, Unnamed, clusters_carried_by, unnamed, values};
use crate::field_path::FieldPath;
use crate::graph::{self, Graph};
use crate::inject::{Addition, Injected};
use crate::spec::{Cluster, Output, Plane, SecretSource, Spec};
use crate::wire::lookup::names;
use crate::wire::{ResId, Resource};
use crate::workload::pod_template;
use plane_view::{Object, PlaneView, Written};

/// What must hold and does not, in the plane that it was found in.
#[derive(Debug, Clone, PartialEq)]
pub enum Violation {
    /// A resource is missing from a plane it belongs to, or is in one that it does not.
    Partition(ResId),
    /// A new resource has the id of one that is there.
    Duplicate(ResId),
    /// The Secret with the credentials and the one that asks for the token have one id.
    OneName(ResId),
    /// Nothing belongs to the plane: what takes the output for the whole would delete everything.
    Empty,
    /// A token is asked for a ServiceAccount that is not among the resources of the Secret's namespace.
    NoAccount {
        /// The Secret that asks.
        secret: ResId,
        /// The ServiceAccount.
        account: String,
    },
    /// A credential goes to the data plane.
    Leak {
        /// The resource that holds it.
        id: ResId,
        /// The field with the value or the key, unless it is in a comment.
        field: Option<FieldPath>,
        /// The cluster it gives access to.
        cluster: String,
    },
    /// A Secret that looks like the credentials of a cluster goes to a plane.
    Credentials {
        /// The Secret.
        id: ResId,
        /// The field that most likely was to name it.
        misnamed: Option<Misnamed>,
        /// Whether the Secret's own annotation says so.
        is_meant: bool,
    },
    /// A ServiceAccount has no rights where its token is valid.
    Rights(account::Violation),
    /// A container does not have the files of the credentials, or the configuration that names them.
    Files(files::Violation),
    /// A Secret that is made elsewhere needs other keys than before.
    Paths(paths::Violation),
    /// flytepropeller has a name for its cluster that flyteadmin refuses.
    ClusterId(cluster_id::Violation),
    /// What a program of Flyte needs.
    Programs(programs::Violation),
    /// A host that cannot be reached.
    Host(hosts::Violation),
    /// A ConfigMap is too large.
    Size(size::Violation),
    /// A reference, or what nothing refers to.
    Reference(references::Violation),
}

/// What a run makes of its input.
pub struct Outcome<'o, 'a> {
    /// What was read.
    pub items: &'o [Resource<'a>],
    /// Where each item belongs.
    pub placements: &'o [Placement],
    /// The items that changed, by position.
    pub edited: &'o BTreeMap<usize, Resource<'static>>,
    /// The positions that are written.
    pub written: &'o [usize],
    /// What is new.
    pub additions: &'o [Addition],
    /// What this function put there.
    pub injected: &'o Injected,
    /// The items of an earlier run that this one does not make again.
    pub left_out: &'o BTreeSet<usize>,
    /// Those of them that nothing mounts any more.
    pub forgotten: &'o [ResId],
}

impl<'o, 'a> Outcome<'o, 'a> {
    /// An item as it is written.
    fn item(&self, at: usize) -> &'o Resource<'a>
    where
        'static: 'a,
    {
        self.edited.get(&at).unwrap_or(&self.items[at])
    }
}

/// Checks one plane of the output.
#[must_use]
pub fn check(spec: &Spec, graph: &Graph, plane: Plane, outcome: &Outcome<'_, '_>) -> Vec<Violation> {
    let mut violations = partition(spec, plane, outcome);
    if !outcome.items.is_empty() && outcome.written.is_empty() && outcome.additions.is_empty() {
        violations.push(Violation::Empty);
    }
    violations.extend(flyte(spec, plane, outcome));
    let unnamed = unnamed(spec, outcome.items);
    violations.extend(unnamed.iter().filter_map(|unnamed| placed_credentials(unnamed, plane, outcome)));
    violations.extend(sizes(plane, outcome).into_iter().map(Violation::Size));
    if plane == Plane::Data {
        violations.extend(leaks(spec, outcome));
        violations.extend(account(spec, graph, outcome));
    }
    let unnamed: BTreeSet<usize> = unnamed.iter().map(|unnamed| unnamed.position).collect();
    let references = reference_violations(spec, graph, plane, outcome, &unnamed);
    violations.extend(references.into_iter().map(Violation::Reference));
    violations
}

/// Every item of the plane is written, under the id it came with, and nothing new takes the place of another.
fn partition(spec: &Spec, plane: Plane, outcome: &Outcome<'_, '_>) -> Vec<Violation> {
    let written: BTreeSet<usize> = outcome.written.iter().copied().collect();
    let is_data_plane = spec.output == Output::Plane(Plane::Data);
    let mut violations: Vec<Violation> = (0..outcome.items.len())
        .filter(|&at| {
            let is_kept = match &outcome.placements[at] {
                placement @ Placement::Placed { .. } => {
                    !placement.is_in(plane) || written.contains(&at) || outcome.left_out.contains(&at)
                }
                Placement::Withheld { has_credentials: true } => written.contains(&at) != is_data_plane,
                Placement::Tooling | Placement::Withheld { .. } | Placement::Unplaced => written.contains(&at),
            };
            !is_kept || outcome.item(at).id() != outcome.items[at].id()
        })
        .map(|at| Violation::Partition(outcome.items[at].id().clone()))
        .collect();
    let additions = outcome.additions;
    let is_twice = |at: &usize| additions[..*at].iter().any(|other| other.id.is_same_object(&additions[*at].id));
    if plane == Plane::Data {
        violations.extend((0..additions.len()).filter(is_twice).map(|at| Violation::OneName(additions[at].id.clone())));
    }
    for id in outcome.injected.secrets.iter().chain(&outcome.injected.config_maps) {
        let is_new = outcome.additions.iter().any(|addition| addition.id == *id);
        if is_new && written.iter().any(|&at| outcome.items[at].id().is_same_object(id)) {
            violations.push(Violation::Duplicate(id.clone()));
        }
    }
    violations
}

/// What is named is there, what is there is used, and no text names what is in the other plane.
fn reference_violations(
    spec: &Spec,
    graph: &Graph,
    plane: Plane,
    outcome: &Outcome<'_, '_>,
    unnamed: &BTreeSet<usize>,
) -> Vec<references::Violation> {
    let is_kept = |at: usize| outcome.placements[at].is_in(plane);
    let external = &spec.planes.external;
    let mut made = [&outcome.injected.secrets[..], &outcome.injected.config_maps[..], outcome.forgotten].concat();
    made.extend(outcome.injected.mounts.first().into_iter().flat_map(|(workload, _)| existing_secrets(spec, workload)));
    let mut found = references::dangling(graph, outcome.items, &is_kept, external, &made);
    let mounted = if plane == Plane::Control { made.as_slice() } else { &[] };
    let is_asked = |at: usize| is_kept(at) && !unnamed.contains(&at);
    found.extend(references::unused_secrets(graph, outcome.items, &is_asked, mounted));
    let written = |at: usize| is_kept(at).then(|| outcome.item(at));
    found.extend(references::crossings(graph, outcome.items, &written, external));
    found
}

/// The Secrets that are made elsewhere and that a workload mounts.
fn existing_secrets(spec: &Spec, workload: &ResId) -> Vec<ResId> {
    let is_shared = spec.credentials.source == SecretSource::Existing;
    let shared = is_shared.then_some(&spec.credentials.secret_name);
    let own = spec.clusters.iter().filter_map(Cluster::existing_secret).map(|existing| &existing.name);
    let id = |name: &String| ResId::core("Secret", workload.namespace.as_deref(), name);
    shared.into_iter().chain(own).map(id).collect()
}

/// The ServiceAccount whose token is asked for is there; where it is in the wrong plane, the injection has refused.
fn account(spec: &Spec, graph: &Graph, outcome: &Outcome<'_, '_>) -> Option<Violation> {
    let token = spec.service_account_token.as_ref()?;
    let secret = outcome.injected.secrets.iter().find(|id| id.name == token.secret_name)?;
    let id = ResId::core("ServiceAccount", secret.namespace.as_deref(), &token.service_account);
    let is_there = outcome.items.iter().any(|item| token.is_of(item));
    let is_external = spec.planes.external.iter().any(|selector| selector.matches_id(&id));
    let violation = Violation::NoAccount { secret: secret.clone(), account: token.service_account.clone() };
    if is_there || is_external {
        let rights = account::check(token, graph, outcome.items, outcome.placements, &spec.planes.external);
        return rights.map(Violation::Rights);
    }
    Some(violation)
}

/// A Secret that looks like the credentials of a cluster, no cluster names it, and it is placed in the plane.
fn placed_credentials(unnamed: &Unnamed, plane: Plane, outcome: &Outcome<'_, '_>) -> Option<Violation> {
    match &outcome.placements[unnamed.position] {
        placement @ Placement::Placed { reason, .. } if placement.is_in(plane) && *reason != Reason::Injected => {
            Some(Violation::Credentials {
                id: outcome.items[unnamed.position].id().clone(),
                misnamed: unnamed.misnamed.clone(),
                is_meant: *reason == Reason::Annotation,
            })
        }
        _ => None,
    }
}

/// No value of a credential goes to the data plane: not by a Secret, not by a copy in any text, key or comment.
fn leaks(spec: &Spec, outcome: &Outcome<'_, '_>) -> Vec<Violation> {
    let matcher = SecretMatcher::new(&values(spec, outcome.items));
    let found = |at: &usize| {
        let item = outcome.item(*at);
        let of = |text: &str| matcher.find(text).map(str::to_owned);
        let carried = || Some((Some(FieldPath::at("data")), (*clusters_carried_by(item).first()?).to_owned()));
        let (field, cluster) = graph::find_text(item.value(), &of)
            .map(|(field, cluster)| (Some(field), cluster))
            .or_else(|| Some((None, of(item.text())?)))
            .or_else(carried)?;
        Some(Violation::Leak { id: item.id().clone(), field, cluster })
    };
    // What belongs to no plane is beside the data plane if nothing else is written.
    let is_alone = spec.output == Output::Plane(Plane::Data);
    let is_there = |at: &&usize| is_alone || outcome.placements[**at].is_in(Plane::Data);
    outcome.written.iter().filter(is_there).filter_map(found).collect()
}

/// What the programs of Flyte need of one plane.
fn flyte(spec: &Spec, plane: Plane, outcome: &Outcome<'_, '_>) -> Vec<Violation> {
    let objects = written_objects(plane, outcome);
    let view = PlaneView::new(spec, &objects);
    let namespaces = namespaces(outcome.items);
    let made = outcome.injected.overrides.iter().filter(|(_, change)| change.plane == plane).collect::<Vec<_>>();
    let targets = &outcome.injected.targets;
    let external = &spec.planes.external;
    let mut violations = Vec::new();
    if plane == Plane::Control && !spec.clusters.is_empty() {
        violations.extend(files::check(&view, targets).into_iter().map(Violation::Files));
        violations.extend(paths::check(&view, targets).into_iter().map(Violation::Paths));
        violations.extend(hosts::endpoints(&view, targets).into_iter().map(Violation::Host));
        let others = read_objects(outcome.items, &|at| !outcome.placements[at].is_in(plane));
        let is_external = |id: &ResId| external.iter().any(|selector| selector.matches_id(id));
        let engines = programs::engines(&view, &PlaneView::new(spec, &others), &is_external);
        violations.extend(engines.into_iter().map(Violation::Programs));
    }
    violations.extend(cluster_id::check(plane, &view).into_iter().map(Violation::ClusterId));
    violations.extend(programs::check(&view, &made, &namespaces).into_iter().map(Violation::Programs));
    let overrides = hosts::overrides(made.iter().map(|(_, change)| change));
    violations.extend(overrides.into_iter().map(Violation::Host));
    let written = outcome.written.iter().filter(|&&at| outcome.placements[at].is_in(plane));
    let written = written.map(|&at| outcome.item(at));
    let strangers = hosts::strangers(written, outcome.items, &namespaces, external);
    violations.extend(strangers.into_iter().map(Violation::Host));
    violations
}

/// The namespaces that the deployment runs in.
fn namespaces<'i>(items: &'i [Resource<'_>]) -> BTreeSet<&'i str> {
    let runs = |item: &&Resource<'_>| {
        let gvk = &item.id().gvk;
        pod_template(item.id()).is_some() || gvk.group.is_empty() && gvk.kind == "Service"
    };
    items.iter().filter(runs).flat_map(Resource::namespaces).collect()
}

/// The objects of a plane as they are written.
fn written_objects<'o>(plane: Plane, outcome: &'o Outcome<'_, '_>) -> Vec<Object<'o>> {
    let written = outcome.written.iter().filter(|&&at| outcome.placements[at].is_in(plane)).map(|&at| {
        let item = outcome.item(at);
        Object {
            id: item.id().clone(),
            names: names(item).collect(),
            written: Written::Text(item),
            input: Some(&outcome.items[at]),
        }
    });
    let of_plane = outcome.additions.iter().filter(|addition| addition.plane == plane);
    let new = of_plane.map(|Addition { id, value, .. }| Object {
        id: id.clone(),
        names: vec![&id.name],
        written: Written::Value(value),
        input: None,
    });
    written.chain(new).collect()
}

/// Some of the objects as they were read.
fn read_objects<'o>(items: &'o [Resource<'_>], is_meant: &dyn Fn(usize) -> bool) -> Vec<Object<'o>> {
    let meant = items.iter().enumerate().filter(|(at, _)| is_meant(*at));
    meant
        .map(|(_, item)| Object {
            id: item.id().clone(),
            names: names(item).collect(),
            written: Written::Text(item),
            input: Some(item),
        })
        .collect()
}

/// A ConfigMap that grew stays one that a cluster takes.
fn sizes(plane: Plane, outcome: &Outcome<'_, '_>) -> Vec<size::Violation> {
    let targets = outcome.injected.targets.iter().map(|(id, _)| id);
    let changed: Vec<&ResId> = targets.chain(outcome.injected.overrides.iter().map(|(id, _)| id)).collect();
    let written = outcome.written.iter().filter(|&&at| outcome.placements[at].is_in(plane));
    let items = written.map(|&at| outcome.item(at)).filter(|item| changed.contains(&item.id()));
    let mut violations: Vec<_> = items.filter_map(|item| size::check(item.id(), item.value())).collect();
    let config_maps =
        outcome.additions.iter().filter(|addition| addition.plane == plane && addition.id.gvk.kind == "ConfigMap");
    violations.extend(config_maps.filter_map(|addition| size::check(&addition.id, &addition.value)));
    violations
}
