//! Gathers, for people, where every resource goes and why, what is injected where, and what is wrong.
//!
//! One [`Explanation`] holds everything; the submodules only differ in how they show it. It holds names, field paths and
//! messages, never a value of a resource; what they show of those goes through [`Shown`].

pub mod dot;
mod drawing;
pub mod html;
mod injections;
pub mod json;
pub mod mermaid;
mod outcomes;
mod references;
pub mod table;
mod words;

use std::collections::{HashMap, HashSet};
use std::mem;

use crate::classify::follow::Step;
use crate::classify::{Classified, Placement, Problem, Reason};
use crate::credentials::Now;
use crate::field_path::FieldPath;
use crate::graph::{self, Strength};
use crate::report::{self, Finding, Severity, Shown};
use crate::spec::v1alpha1::GROUP;
use crate::spec::{Claim, Loaded, Plane, Spec, origins};
use crate::steps::{self, Written};
use crate::wire::{ResId, Resource};

/// Everything there is to say about one input.
#[derive(Debug, Default)]
pub struct Explanation {
    /// The resources, in the order of the input.
    pub resources: Vec<Explained>,
    /// The references between them, by referrer.
    pub references: Vec<Reference>,
    /// What is injected into either plane.
    pub injections: Vec<Injection>,
    /// What the user is told, errors first.
    pub findings: Vec<Finding>,
    /// What must not be shown of all this.
    pub shown: Shown,
}

impl Explanation {
    /// Whether anything would stop a run.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// A resource and its place.
#[derive(Debug)]
pub struct Explained {
    /// The resource.
    pub id: ResId,
    /// The file it comes from, if the orchestrator says so.
    pub path: Option<String>,
    /// Where it goes.
    pub place: Place,
    /// What decided that.
    pub rule: Rule,
}

/// Where a resource goes, in the order in which places are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nobody knows: a run stops.
    Unplaced,
    /// To the control plane.
    Control,
    /// To both planes.
    Both,
    /// To the data plane.
    Data,
    /// Deliberately nowhere.
    Neither,
    /// Nowhere, because it configures tools or this function.
    Local,
}

impl Place {
    /// Every place, in order.
    pub const ALL: [Self; 6] = [Self::Unplaced, Self::Control, Self::Both, Self::Data, Self::Neither, Self::Local];

    /// Whether what has this place is in `plane`.
    #[must_use]
    pub fn is_in(self, plane: Plane) -> bool {
        match self {
            Self::Control => plane == Plane::Control,
            Self::Data => plane == Plane::Data,
            Self::Both => true,
            Self::Unplaced | Self::Neither | Self::Local => false,
        }
    }
}

/// What decided where a resource goes.
#[derive(Debug)]
pub enum Rule {
    /// This function made it in an earlier run.
    Injected,
    /// Its own annotation.
    Annotation,
    /// A selector.
    Selector {
        /// Where it is written.
        field: FieldPath,
        /// The selector itself.
        selector: String,
    },
    /// An `existingSecret` of a cluster names it, or the Secret that it makes.
    ExistingSecret,
    /// References that lead to resources that were decided otherwise.
    References(Vec<Link>),
    /// `planes.unmatched`.
    Unmatched,
    /// It is marked as local configuration, or a file of kpt or kustomize.
    LocalConfig,
    /// It is the shared spec.
    Configuration,
    /// It brings the credentials of a cluster.
    Credentials,
    /// It has no place, and why.
    Problem(Option<Box<Problem>>),
}

/// One reference on the way to a resource that was decided otherwise.
#[derive(Debug)]
pub struct Link {
    /// The plane that it explains.
    pub plane: Plane,
    /// The position of the reference in [`Explanation::references`].
    pub reference: usize,
    /// The position of the resource that it leads to.
    pub toward: usize,
}

/// A reference between resources.
#[derive(Debug)]
pub struct Reference {
    /// The position of the resource with the field.
    pub from: usize,
    /// The field.
    pub field: FieldPath,
    /// What it names.
    pub wanted: String,
    /// The positions of what it may mean.
    pub targets: Vec<usize>,
    /// What breaks without a target.
    pub strength: Strength,
    /// Whether the referrer can do without.
    pub is_optional: bool,
    /// What becomes of it.
    pub state: State,
}

/// What becomes of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It leads to its target wherever the referrer is.
    Holds,
    /// Where the referrer is, the target does not: it is in the other plane.
    CrossesPlanes,
    /// The target goes to neither plane.
    LeftOut,
    /// The target has no place, so it is not known.
    Undecided,
    /// The target is not among the resources.
    Missing,
    /// The target is made elsewhere.
    External,
    /// The referrer is in no plane.
    Idle,
}

/// Something that is added to a plane.
#[derive(Debug)]
pub struct Injection {
    /// The plane.
    pub plane: Plane,
    /// The clusters in whose data planes alone it is; none for the whole plane.
    pub clusters: Vec<String>,
    /// The resource that is new or changes.
    pub resource: ResId,
    /// What happens to it.
    pub change: Change,
}

/// What is added to a resource.
#[derive(Debug, PartialEq)]
pub enum Change {
    /// The Secret is there.
    Secret {
        /// The keys of its data; none for a token Secret, which Kubernetes fills.
        keys: Vec<String>,
        /// Whether its values were among the resources.
        is_complete: bool,
    },
    /// The workload's containers have the credentials.
    Mount {
        /// The Secrets.
        secrets: Vec<String>,
        /// The containers.
        containers: Vec<String>,
        /// The directory in them.
        path: String,
    },
    /// The ConfigMap lists the clusters.
    Clusters {
        /// The key of its data.
        key: String,
        /// The names of the clusters.
        clusters: Vec<String>,
        /// Whether the ConfigMap is made for them and holds nothing else.
        is_own: bool,
    },
    /// The ConfigMap differs from that of the other plane.
    Override {
        /// The key of its data.
        key: String,
        /// The field paths that are set in the text under the key.
        fields: Vec<FieldPath>,
    },
    /// The workload has a checksum of the overrides that it reads.
    Checksum,
}

/// What a run for one plane would write.
struct Outcome {
    plane: Plane,
    cluster: Option<String>,
    written: Written,
}

/// Explains `items`, whatever output the spec asks for; `shown` knows what must not be shown of them.
#[must_use]
pub fn explain(mut loaded: Loaded, items: &[Resource<'_>], now: Now, shown: Shown) -> Explanation {
    let mut sorted = steps::sort(&loaded, items, graph::build(items));
    let mut findings = mem::take(&mut sorted.findings);
    findings.extend(report::classify::findings(&sorted.classified.problems));
    let (outcomes, found) = outcomes::outcomes(&mut loaded.spec, items, &sorted, now);
    findings.extend(found);

    let resources = resources(&loaded.spec, items, &sorted.classified);
    let references = references::references(&loaded.spec, items, &sorted.graph, &resources, &outcomes);
    let injections = injections::injections(&loaded.spec, items, &outcomes);
    let mut findings = report::located(&loaded, findings);
    let mut known = HashSet::new();
    findings.retain(|finding| known.insert(finding.line()));
    findings.sort_by_key(|finding| finding.severity);
    Explanation { resources, references, injections, findings, shown }
}

fn resources(spec: &Spec, items: &[Resource<'_>], classified: &Classified) -> Vec<Explained> {
    let problems: HashMap<&ResId, &Problem> =
        classified.problems.iter().map(|problem| (problem.id(), problem)).collect();
    let explained = |(item, placement): (&Resource<'_>, &Placement)| {
        let (place, rule) = explained(spec, item, placement, problems.get(item.id()).copied());
        Explained { id: item.id().clone(), path: origins(item).into_iter().next(), place, rule }
    };
    items.iter().zip(&classified.placements).map(explained).collect()
}

fn explained(spec: &Spec, item: &Resource<'_>, placement: &Placement, problem: Option<&Problem>) -> (Place, Rule) {
    match placement {
        Placement::Tooling => (Place::Local, Rule::LocalConfig),
        Placement::Withheld { .. } if item.id().gvk.group == GROUP => (Place::Local, Rule::Configuration),
        Placement::Withheld { .. } => (Place::Local, Rule::Credentials),
        Placement::Unplaced => (Place::Unplaced, Rule::Problem(problem.cloned().map(Box::new))),
        Placement::Placed { claim, reason } => {
            let place = match claim {
                Claim::Only(Plane::Control) => Place::Control,
                Claim::Only(Plane::Data) => Place::Data,
                Claim::Both => Place::Both,
                Claim::Neither => Place::Neither,
            };
            (place, rule(spec, reason))
        }
    }
}

fn rule(spec: &Spec, reason: &Reason) -> Rule {
    match reason {
        Reason::Injected => Rule::Injected,
        Reason::Annotation => Rule::Annotation,
        Reason::Selector(field) => {
            let selector = spec.planes.selectors().find(|selector| selector.field == *field);
            let selector = selector.map_or_else(String::new, ToString::to_string);
            Rule::Selector { field: field.clone(), selector }
        }
        Reason::ExistingSecret => Rule::ExistingSecret,
        Reason::Followed(followed) => {
            let link = |step: &Step| Link { plane: step.plane, reference: step.edge, toward: step.toward };
            Rule::References(followed.chain.iter().map(link).collect())
        }
        Reason::Unmatched => Rule::Unmatched,
    }
}
