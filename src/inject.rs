//! Plans what each output needs beyond its resources, as JSON patches on what was read, and applies it to the bytes.
//!
//! The parts do not know each other: what one makes, this file hands to the next.

mod addition;
mod cluster_config;
mod clusters;
mod config_map;
mod config_volume;
mod draft;
mod earlier;
mod marks;
mod overrides;
mod planner;
mod pod_spec;
mod rollout;
mod secret;
mod traces;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

pub use addition::Addition;
pub use config_volume::Obstacle;
pub use draft::{Mismatch, Type};
pub use pod_spec::{Difference, Found};

use crate::classify::Placement;
use crate::credentials::Resolved;
use crate::field_path::FieldPath;
use crate::spec::{Override, Plane, Spec};
use crate::wire::{ResId, Resource};
use crate::yaml::edit::Refusal;
use draft::{Draft, pointed};
use planner::Planner;

/// What is to be done: changes of items by position, and what is new.
#[derive(Default)]
pub struct Plan {
    drafts: BTreeMap<usize, Draft>,
    /// The resources that are new, in the order they are written.
    pub additions: Vec<Addition>,
    /// The copies that a resource of both planes needs in the other plane's directory.
    copies: Vec<(usize, Draft)>,
    /// The items of an earlier run that this one does not make again, by position: they are not written.
    pub left_out: BTreeSet<usize>,
    /// Those of them that nothing mounts any more.
    pub forgotten: Vec<ResId>,
    /// The Secrets that an earlier version seems to have made, and that nothing mounts any more.
    pub orphans: Vec<ResId>,
    /// What this function put into the output, in this run or an earlier one.
    pub injected: Injected,
}

/// What this function put into the output.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Injected {
    /// The Secrets.
    pub secrets: Vec<ResId>,
    /// The ConfigMaps that hold the `clusters` section alone.
    pub config_maps: Vec<ResId>,
    /// The workloads with the credentials, and the names of the containers that have them.
    pub mounts: Vec<(ResId, Vec<String>)>,
    /// The ConfigMap keys with a `clusters` section.
    pub targets: Vec<(ResId, String)>,
    /// The ConfigMaps with an override, and what each is.
    pub overrides: Vec<(ResId, Override)>,
    /// The workloads without credentials that read an override at start.
    pub rollouts: Vec<ResId>,
}

/// The items after the plan, by position, and the copies.
#[derive(Debug, Default)]
pub struct Applied {
    /// The items that changed.
    pub edited: BTreeMap<usize, Resource<'static>>,
    /// The copies for the other plane's directory.
    pub copies: Vec<Resource<'static>>,
}

/// Why the injection cannot be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// No workload of the control plane is selected.
    NoWorkload {
        /// The `mounts` entry.
        field: FieldPath,
    },
    /// A container that is named is in none of the selected workloads.
    NoContainer {
        /// The `mounts` entry.
        field: FieldPath,
        /// The container's name.
        container: String,
        /// The selected workloads.
        workloads: Vec<ResId>,
    },
    /// A selected workload has none of the containers that are named.
    NoneOfTheContainers {
        /// The `mounts` entry.
        field: FieldPath,
        /// The workload.
        workload: ResId,
    },
    /// The workloads are in several namespaces, and a pod mounts Secrets of its own only.
    Namespaces {
        /// Two workloads in two namespaces.
        workloads: [ResId; 2],
    },
    /// `credentials.namespace` is not the workloads'.
    ForeignNamespace {
        /// What is written.
        namespace: String,
        /// A workload elsewhere.
        workload: ResId,
    },
    /// A volume or mount is there and differs.
    Difference {
        /// The workload.
        workload: ResId,
        /// What differs.
        difference: Difference,
    },
    /// A container cannot be given a ConfigMap of its own.
    Obstacle {
        /// The workload.
        workload: ResId,
        /// What is in the way.
        obstacle: Obstacle,
    },
    /// A ConfigMap of the name to be made is there and holds other keys.
    ForeignConfigMap {
        /// The target.
        field: FieldPath,
        /// The ConfigMap.
        id: ResId,
        /// The key that it may have.
        key: String,
    },
    /// A ConfigMap is not among the resources.
    NoConfigMap {
        /// The entry that names it.
        field: FieldPath,
        /// Its name.
        name: String,
        /// The namespace that is written.
        namespace: Option<String>,
        /// Where it is instead, when it is in the other plane or another namespace.
        elsewhere: Option<ResId>,
        /// The names of the ConfigMaps that the workloads in `mounts` have volumes of.
        read: Vec<String>,
    },
    /// Several ConfigMaps have a name.
    ManyConfigMaps {
        /// The entry that names it.
        field: FieldPath,
        /// The candidates.
        candidates: Vec<ResId>,
    },
    /// A ConfigMap is to be made in another namespace than that of the workloads.
    ConfigMapElsewhere {
        /// The target.
        field: FieldPath,
        /// The namespace of the workloads.
        namespace: String,
    },
    /// A ConfigMap has no such key.
    NoKey {
        /// The entry that names it.
        field: FieldPath,
        /// The ConfigMap.
        config_map: ResId,
        /// The key.
        key: String,
        /// The keys it has.
        keys: Vec<String>,
    },
    /// A field has another type than the one that is to be changed.
    Mismatch {
        /// The resource.
        id: ResId,
        /// The field and what it must be.
        mismatch: Mismatch,
    },
    /// A key of a ConfigMap holds bytes.
    BinaryKey {
        /// The ConfigMap.
        config_map: ResId,
        /// The key.
        key: String,
    },
    /// The text under a key is not one YAML mapping.
    NotConfiguration {
        /// The ConfigMap.
        config_map: ResId,
        /// The key.
        key: String,
        /// What is wrong with it.
        rule: String,
    },
    /// A cluster has no endpoint.
    NoEndpoint {
        /// Its position.
        cluster: usize,
    },
    /// An entry of an earlier run is still enabled, and its files go away with the cluster.
    LeftOver {
        /// The ConfigMap.
        config_map: ResId,
        /// The key in its `data`.
        key: String,
        /// The cluster's name.
        cluster: String,
    },
    /// A Secret of the name to be made is there and is not this function's.
    ForeignSecret {
        /// The Secret.
        id: ResId,
    },
    /// A Secret that is made elsewhere, which the pods of the control plane are to mount, is not in that plane.
    ExistingSecretElsewhere {
        /// The Secret, or what makes it.
        id: ResId,
    },
    /// The ServiceAccount whose token is asked for does not go to the data plane.
    TokenWithoutAccount {
        /// The ServiceAccount.
        id: ResId,
    },
    /// A Secret of the token's name is there and does not ask for that token.
    ForeignToken {
        /// The Secret.
        id: ResId,
    },
    /// With `output: All`, a resource of both planes would have to differ between them.
    Shared {
        /// The resource.
        id: ResId,
    },
    /// With `directories`, a resource does not say which file it comes from.
    NoPath {
        /// The resource.
        id: ResId,
    },
    /// The bytes of a resource cannot carry the change.
    Refused {
        /// The resource.
        id: ResId,
        /// The field; empty for the whole.
        field: FieldPath,
        /// Why.
        reason: String,
    },
}

/// Plans the whole change for the output that is asked for.
///
/// `resolved` are the clusters' credentials, needed when the control plane is written and its Secret is made here.
///
/// # Errors
///
/// Everything that is named and not there, and everything that is there and in the way.
pub fn plan(
    spec: &Spec,
    items: &[Resource<'_>],
    placements: &[Placement],
    resolved: Option<&Resolved>,
) -> Result<Plan, Vec<Problem>> {
    let mut planner =
        Planner { spec, items, placements, plan: Plan::default(), problems: Vec::new(), traces: OnceCell::new() };
    let has_clusters = planner.writes(Plane::Control) && !spec.clusters.is_empty();
    let readers = has_clusters.then(|| planner.clusters(resolved));
    if !has_clusters && planner.writes(Plane::Control) {
        planner.forget_mounts(|_| false);
    }
    if planner.writes(Plane::Data) {
        planner.token_request();
    }
    planner.overrides();
    if planner.writes(Plane::Control) {
        planner.forget_clusters();
    }
    let overridden = planner.overridden_texts();
    if let Some(readers) = &readers {
        planner.checksum(readers, &overridden);
    }
    planner.roll(&overridden, |at| readers.as_ref().is_some_and(|readers| readers.has(at)));
    planner.forget_objects();
    planner.orphans();
    planner.marks();
    planner.mismatches();
    if planner.problems.is_empty() { Ok(planner.plan) } else { Err(planner.problems) }
}

/// Applies a plan to the bytes of the items.
///
/// # Errors
///
/// Every item whose bytes cannot carry the change.
pub fn apply(plan: &Plan, items: &[Resource<'_>]) -> Result<Applied, Vec<Problem>> {
    let mut applied = Applied::default();
    let mut problems = Vec::new();
    let refused = |at: usize, refusal: &Refusal| {
        // A resource that is an element of a list is read with its dash, as the only element.
        let pointer = refusal.pointer.strip_prefix("/0").unwrap_or(&refusal.pointer);
        Problem::Refused {
            id: items[at].id().clone(),
            field: pointed(items[at].value(), pointer),
            reason: refusal.reason.clone(),
        }
    };
    for (&at, draft) in plan.drafts.iter().filter(|(_, draft)| !draft.is_empty()) {
        match items[at].edited(&draft.patch()) {
            Ok(edited) => drop(applied.edited.insert(at, edited)),
            Err(refusal) => problems.push(refused(at, &refusal)),
        }
    }
    for (at, draft) in &plan.copies {
        match items[*at].edited(&draft.patch()) {
            Ok(copy) => applied.copies.push(copy),
            Err(refusal) => problems.push(refused(*at, &refusal)),
        }
    }
    if problems.is_empty() { Ok(applied) } else { Err(problems) }
}
