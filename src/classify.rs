//! Decides which plane each resource belongs to, and why; changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::credentials::{self, Misnamed, Unnamed};
use crate::field_path::FieldPath;
use crate::graph::Graph;
use crate::spec::{Claim, Cluster, Plane, SecretSource, Selector, Spec, Unmatched};
use crate::wire::lookup::names;
use crate::wire::{ResId, Resource, annotations};

pub mod follow;

use follow::Followed;

/// What becomes of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// It belongs where `claim` says.
    Placed {
        /// The plane or planes.
        claim: Claim,
        /// What decided.
        reason: Reason,
    },
    /// It configures tools and belongs to no plane: it passes through untouched.
    Tooling,
    /// It configures this function or is the source of a credential: it stays, marked as local configuration.
    Withheld {
        /// Whether it brings the credentials of a cluster: then it is not written beside a data plane.
        has_credentials: bool,
    },
    /// It has no place, and a [`Problem`] says why.
    Unplaced,
}

impl Placement {
    /// Whether the item is in `plane`.
    #[must_use]
    pub fn is_in(&self, plane: Plane) -> bool {
        matches!(self, Self::Placed { claim, .. } if claim.includes(plane))
    }
}

/// What decided where a resource belongs; the first that applies, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// This function made it in an earlier run.
    Injected,
    /// Its own annotation.
    Annotation,
    /// A selector, by its field path.
    Selector(FieldPath),
    /// An `existingSecret` of a cluster names it, or the Secret that it makes.
    ExistingSecret,
    /// What uses it, or what it belongs to.
    Followed(Followed),
    /// `planes.unmatched`.
    Unmatched,
}

/// Why a resource has no place.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// Both `controlPlane` and `dataPlane` select it.
    Conflict {
        /// The resource.
        id: ResId,
        /// The field paths of the two selectors.
        selectors: [FieldPath; 2],
    },
    /// Nothing selects it.
    Unmatched {
        /// The resource.
        id: ResId,
        /// Where its references point, and the resource they point to; none where the data plane is asked for its token.
        suggestion: Option<(Claim, Option<ResId>)>,
    },
    /// Nothing selects it, and it is not proposed for a plane, because it looks like the credentials of a cluster.
    Credentials {
        /// The Secret.
        id: ResId,
        /// The field that most likely was to name it.
        misnamed: Option<Misnamed>,
    },
    /// Its annotation names no plane.
    Annotation {
        /// The resource.
        id: ResId,
        /// What the annotation says.
        got: String,
    },
    /// It is a list of resources, which may belong to different planes.
    List {
        /// The list.
        id: ResId,
        /// The resources in it.
        members: Vec<String>,
    },
}

impl Problem {
    /// The resource without a place.
    #[must_use]
    pub fn id(&self) -> &ResId {
        match self {
            Self::Conflict { id, .. }
            | Self::Unmatched { id, .. }
            | Self::Credentials { id, .. }
            | Self::Annotation { id, .. }
            | Self::List { id, .. } => id,
        }
    }
}

/// Where every item belongs, and what has no place.
#[derive(Debug, Clone, PartialEq)]
pub struct Classified {
    /// The place of each item, by position.
    pub placements: Vec<Placement>,
    /// Every resource that is claimed twice or not at all; it is [`Placement::Unplaced`].
    pub problems: Vec<Problem>,
}

/// Places every item.
///
/// `configs` are the items that configure this function, `sources` those that bring credentials.
#[must_use]
pub fn classify(
    spec: &Spec,
    items: &[Resource<'_>],
    graph: &Graph,
    configs: &[usize],
    sources: &[usize],
) -> Classified {
    let mut problems = Vec::new();
    let mut refused = Vec::new();
    let existing: BTreeSet<usize> = credentials::existing_secrets(spec, items).into_iter().collect();
    let for_flyteadmin = Placement::Placed { claim: Claim::Only(Plane::Control), reason: Reason::ExistingSecret };
    let withheld: BTreeSet<usize> = configs.iter().chain(sources).copied().collect();
    let decided: Vec<Option<Placement>> = items
        .iter()
        .enumerate()
        .map(|(at, item)| {
            if withheld.contains(&at) {
                return Some(Placement::Withheld { has_credentials: sources.contains(&at) });
            }
            match decide(spec, item) {
                Ok(placement) => placement.or_else(|| existing.contains(&at).then(|| for_flyteadmin.clone())),
                Err(problem) => {
                    refused.push(at);
                    problems.push(problem);
                    None
                }
            }
        })
        .collect();
    let mut claims: Vec<Option<Claim>> = decided.iter().map(|placement| claim(placement.as_ref())).collect();
    let mut unnamed: BTreeMap<usize, Unnamed> = BTreeMap::new();
    for found in credentials::unnamed(spec, items) {
        // Nobody's reference may take credentials anywhere.
        claims[found.position].get_or_insert(Claim::Neither);
        unnamed.insert(found.position, found);
    }
    let token = spec.service_account_token.as_ref();
    let asked: Vec<usize> = (0..items.len()).filter(|&at| token.is_some_and(|token| token.is_of(&items[at]))).collect();
    let followed = if spec.planes.follow_references { follow::follow(graph, &claims, &asked) } else { Vec::new() };
    let refused: BTreeSet<usize> = refused.into_iter().collect();
    let is_open = |at: usize| decided[at].is_none() && followed.get(at).is_none_or(Option::is_none);
    let must_be_placed = spec.planes.unmatched == Unmatched::Error && (0..items.len()).any(is_open);
    let suggestions = if must_be_placed { follow::suggest(graph, &claims, &asked) } else { Vec::new() };

    let mut placements = Vec::with_capacity(items.len());
    for (at, placement) in decided.into_iter().enumerate() {
        let id = items[at].id();
        let followed = followed.get(at).cloned().flatten();
        if refused.contains(&at) {
            placements.push(Placement::Unplaced);
            continue;
        }
        placements.push(match (placement, followed, spec.planes.unmatched) {
            (Some(placement), _, _) => placement,
            (None, Some(followed), _) => {
                Placement::Placed { claim: followed.claim, reason: Reason::Followed(followed) }
            }
            (None, None, Unmatched::Claim(claim)) => Placement::Placed { claim, reason: Reason::Unmatched },
            (None, None, Unmatched::Error) if unnamed.contains_key(&at) => {
                let misnamed = unnamed.remove(&at).and_then(|unnamed| unnamed.misnamed);
                problems.push(Problem::Credentials { id: id.clone(), misnamed });
                Placement::Unplaced
            }
            (None, None, Unmatched::Error) => {
                let suggestion = suggestions[at].as_ref().map(|near| {
                    let first = near.chain.first().filter(|_| !asked.contains(&at));
                    (near.claim, first.map(|step| items[step.toward].id().clone()))
                });
                problems.push(Problem::Unmatched { id: id.clone(), suggestion });
                Placement::Unplaced
            }
        });
    }
    Classified { placements, problems }
}

/// The claim that references may follow; what is in no plane is decided too and is not followed.
fn claim(placement: Option<&Placement>) -> Option<Claim> {
    match placement? {
        Placement::Placed { claim, .. } => Some(*claim),
        Placement::Tooling | Placement::Withheld { .. } => Some(Claim::Neither),
        Placement::Unplaced => None,
    }
}

/// The place of an item by itself, references aside.
fn decide(spec: &Spec, item: &Resource<'_>) -> Result<Option<Placement>, Problem> {
    if let Some(members) = members(item) {
        return Err(Problem::List { id: item.id().clone(), members });
    }
    if is_tooling(item) {
        return Ok(Some(Placement::Tooling));
    }
    let placed = |claim, reason| Ok(Some(Placement::Placed { claim, reason }));
    if let Some(plane) = injected_into(spec, item) {
        return placed(Claim::Only(plane), Reason::Injected);
    }
    if let Some(plane) = item.annotation(annotations::PLANE) {
        return match plane {
            "ControlPlane" => placed(Claim::Only(Plane::Control), Reason::Annotation),
            "DataPlane" => placed(Claim::Only(Plane::Data), Reason::Annotation),
            "Both" => placed(Claim::Both, Reason::Annotation),
            "Neither" => placed(Claim::Neither, Reason::Annotation),
            got => Err(Problem::Annotation { id: item.id().clone(), got: got.to_owned() }),
        };
    }
    let planes = &spec.planes;
    let first = |selectors: &[Selector]| {
        selectors.iter().find(|selector| selector.matches(item)).map(|selector| selector.field.clone())
    };
    if let Some(field) = first(&planes.neither) {
        return placed(Claim::Neither, Reason::Selector(field));
    }
    if let Some(field) = first(&planes.both) {
        return placed(Claim::Both, Reason::Selector(field));
    }
    match (first(&planes.control_plane), first(&planes.data_plane)) {
        (Some(control), Some(data)) => Err(Problem::Conflict { id: item.id().clone(), selectors: [control, data] }),
        (Some(field), None) => placed(Claim::Only(Plane::Control), Reason::Selector(field)),
        (None, Some(field)) => placed(Claim::Only(Plane::Data), Reason::Selector(field)),
        (None, None) => Ok(None),
    }
}

/// What is in an item that is a list of resources: kubectl applies the members of `v1 List` and of every kind that is called
/// so, whatever marks the list itself.
fn members(item: &Resource<'_>) -> Option<Vec<String>> {
    let gvk = &item.id().gvk;
    if !gvk.kind.ends_with("List") {
        return None;
    }
    let text = |member: &Value, pointer: &str| member.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let name = |member: &Value| {
        let parts = ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/name"];
        parts.iter().filter_map(|part| text(member, part)).collect::<Vec<_>>().join("/")
    };
    match item.value().get("items") {
        Some(Value::Array(items)) => Some(items.iter().map(name).collect()),
        _ => (gvk.group.is_empty() && gvk.kind == "List").then(Vec::new),
    }
}

/// Whether an item configures tools instead of describing something in a cluster.
#[must_use]
pub fn is_tooling(item: &Resource<'_>) -> bool {
    let gvk = &item.id().gvk;
    item.is_local_config()
        || (gvk.group == "kpt.dev" && gvk.kind == "Kptfile")
        || (gvk.group == "kustomize.config.k8s.io" && ["Kustomization", "Component"].contains(&gvk.kind.as_str()))
        || (gvk.kind == "Kustomization" && gvk.group.is_empty())
}

/// The plane of what this function makes, when `item` is it from an earlier run.
fn injected_into(spec: &Spec, item: &Resource<'_>) -> Option<Plane> {
    if item.annotation(annotations::INJECTED) == Some("true")
        && let Some(plane) = made_for(item)
    {
        return Some(plane);
    }
    let id = item.id();
    let is_in = |namespace: Option<&String>| {
        namespace.is_none_or(|namespace| item.namespaces().any(|candidate| candidate == namespace))
    };
    if id.gvk.kind == "ConfigMap" && id.gvk.group.is_empty() {
        let targets = spec.cluster_config.targets.iter();
        let is_own =
            targets.filter(|target| target.is_own).any(|own| names(item).any(|name| name == own.config.config_map));
        let is_made = !spec.clusters.is_empty() && is_own && is_in(spec.credentials.namespace.as_ref());
        return is_made.then_some(Plane::Control);
    }
    if id.gvk.kind != "Secret" || !id.gvk.group.is_empty() {
        return None;
    }
    let makes_credentials = !spec.clusters.is_empty() && spec.credentials.source == SecretSource::Generate;
    let is_existing =
        |name: &str| spec.clusters.iter().filter_map(Cluster::existing_secret).any(|existing| existing.name == name);
    let is_credentials = |name: &str| !is_existing(name) && spec.credentials.is_part(name);
    if makes_credentials && is_in(spec.credentials.namespace.as_ref()) && names(item).any(is_credentials) {
        return Some(Plane::Control);
    }
    let token = spec.service_account_token.as_ref().filter(|_| !credentials::is_filled_token(item))?;
    (is_in(token.namespace.as_ref()) && names(item).any(|name| name == token.secret_name)).then_some(Plane::Data)
}

/// The plane that an item with this function's annotation was made for; none for a token Secret that has its token, which is
/// what `kubectl get` prints and not what was made.
fn made_for(item: &Resource<'_>) -> Option<Plane> {
    if item.value()["type"] != "kubernetes.io/service-account-token" {
        return Some(Plane::Control);
    }
    (!credentials::is_filled_token(item)).then_some(Plane::Data)
}

/// The selectors of `planes` that select nothing: most often a misspelt name.
#[must_use]
pub fn idle_selectors<'s>(spec: &'s Spec, items: &[Resource<'_>]) -> Vec<&'s Selector> {
    spec.planes.selectors().filter(|selector| !items.iter().any(|item| selector.matches(item))).collect()
}
