//! Checks that what names something in an output finds it there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::field_path::FieldPath;
use crate::graph::{Edge, Graph, Services, Sought, Strength, Wanted, mentions_of};
use crate::spec::Selector;
use crate::wire::lookup::{is_object, without_hash};
use crate::wire::{ResId, Resource, annotations};
use crate::yaml::view;

/// A reference without a target in one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// The resource that holds the field.
    pub from: ResId,
    /// The first field that names the target.
    pub field: FieldPath,
    /// How many fields name it; for a Namespace or a definition, how many resources need it.
    pub count: usize,
    /// What is named.
    pub wanted: Wanted,
    /// What breaks.
    pub strength: Strength,
}

/// What does not hold between the references of the input and one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The target is among the input and was not put into this output.
    CutOff(Dangling),
    /// A pod cannot start without the target, which was not among the input either.
    Missing(Dangling),
    /// A Secret is in an output in which nothing uses it.
    UnusedSecret {
        /// The Secret.
        secret: ResId,
    },
    /// Text names the host of a Service that is not in this output.
    CrossesPlanes(Crossing),
}

/// A host name of the other plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The resource with the text.
    pub from: ResId,
    /// The field that holds the text.
    pub field: FieldPath,
    /// The host as it is written.
    pub host: String,
    /// How many times the field names the Service.
    pub count: usize,
    /// The Service.
    pub service: ResId,
    /// Where an override would change it, for text in a ConfigMap.
    pub location: Option<Location>,
}

/// Where a host is in the YAML text of a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The ConfigMap's name, without the hash of its content.
    pub config_map: String,
    /// The key in its `data`.
    pub key: String,
    /// The keys that lead to the value; empty when the text is not a YAML mapping.
    pub path: Vec<String>,
    /// Whether the value is a list with the host somewhere in it: overrides replace lists as a whole.
    pub is_list: bool,
}

/// Finds the references of kept resources whose every target was left out.
///
/// `external` selects what is made elsewhere in the clusters, `injected` are the objects that the output has besides.
#[must_use]
pub fn dangling(
    graph: &Graph,
    items: &[Resource<'_>],
    kept: &dyn Fn(usize) -> bool,
    external: &[Selector],
    injected: &[ResId],
) -> Vec<Violation> {
    let mut found: BTreeMap<Key<'_>, (usize, Dangling)> = BTreeMap::new();
    for (position, edge) in graph.edges().iter().enumerate().filter(|(_, edge)| kept(edge.from)) {
        let is_checked = match edge.strength {
            Strength::Grant | Strength::Soft => false,
            Strength::Start => true,
            _ => !edge.targets.is_empty(),
        };
        if !is_checked || holds(graph, edge, items, kept, external, injected) {
            continue;
        }
        let (_, dangling) = found.entry(Key::of(edge)).or_insert_with(|| (position, first(edge, items)));
        dangling.count += 1;
        if edge.strength < dangling.strength {
            dangling.strength = edge.strength;
            dangling.field.clone_from(&edge.field);
        }
    }
    let mut found: Vec<(usize, Violation)> = found
        .into_iter()
        .map(|(key, (position, dangling))| {
            (position, if key.is_missing { Violation::Missing(dangling) } else { Violation::CutOff(dangling) })
        })
        .collect();
    found.sort_by_key(|(position, _)| *position);
    found.into_iter().map(|(_, violation)| violation).collect()
}

/// Whether a reference leads to something that is kept, or to what comes from elsewhere. A binding with subjects in each
/// plane is in both, so an attachment holds with any of its like.
#[must_use]
pub fn holds(
    graph: &Graph,
    edge: &Edge,
    items: &[Resource<'_>],
    kept: &dyn Fn(usize) -> bool,
    external: &[Selector],
    injected: &[ResId],
) -> bool {
    let is_kept = |edge: &Edge| edge.targets.iter().any(|&target| kept(target));
    let attachments = |from| graph.outgoing(from).filter(|(_, edge)| edge.strength == Strength::Attachment);
    is_kept(edge)
        || edge.strength == Strength::Attachment && attachments(edge.from).any(|(_, like)| is_kept(like))
        || is_excused(edge, items, external, injected)
}

/// What is reported once: a referrer and what it names, or a Namespace or definition whoever needs it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'g> {
    from: Option<usize>,
    wanted: &'g Wanted,
    is_missing: bool,
}

impl<'g> Key<'g> {
    fn of(edge: &'g Edge) -> Self {
        let from = (edge.strength != Strength::Membership).then_some(edge.from);
        Self { from, wanted: &edge.wanted, is_missing: edge.targets.is_empty() }
    }
}

fn first(edge: &Edge, items: &[Resource<'_>]) -> Dangling {
    Dangling {
        from: items[edge.from].id().clone(),
        field: edge.field.clone(),
        count: 0,
        wanted: Wanted::clone(&edge.wanted),
        strength: edge.strength,
    }
}

fn is_excused(edge: &Edge, items: &[Resource<'_>], external: &[Selector], injected: &[ResId]) -> bool {
    let is_external = |&target: &usize| external.iter().any(|selector| selector.matches(&items[target]));
    if edge.targets.iter().any(is_external) {
        return true;
    }
    let Some(id) = id_of(&edge.wanted) else { return false };
    external.iter().any(|selector| selector.matches_id(&id)) || injected.iter().any(|known| known.is_same_object(&id))
}

/// The identity of what a reference names, as far as it tells.
fn id_of(wanted: &Wanted) -> Option<ResId> {
    let Sought::Name(name) = &wanted.sought else { return None };
    let mut id = ResId::core(&wanted.kind, wanted.namespace.as_deref(), name);
    wanted.group.as_deref().unwrap_or_default().clone_into(&mut Arc::make_mut(&mut id.gvk).group);
    Some(id)
}

/// Finds the kept Secrets that no kept resource uses; `injected` are those that this function mounts.
#[must_use]
pub fn unused_secrets(
    graph: &Graph,
    items: &[Resource<'_>],
    kept: &dyn Fn(usize) -> bool,
    injected: &[ResId],
) -> Vec<Violation> {
    let is_unused = |&(position, item): &(usize, &Resource<'_>)| {
        kept(position)
            && item.id().gvk.kind == "Secret"
            && item.id().gvk.group.is_empty()
            && !is_read_by_controllers(item)
            && !injected.iter().any(|id| is_object(item, id))
            && !graph.incoming(position).any(|(_, edge)| kept(edge.from))
    };
    let unused = items.iter().enumerate().filter(is_unused);
    unused.map(|(_, item)| Violation::UnusedSecret { secret: item.id().clone() }).collect()
}

/// Secrets that are found by their type or labels; no field names them.
fn is_read_by_controllers(secret: &Resource<'_>) -> bool {
    const TYPES: [&str; 3] =
        ["bootstrap.kubernetes.io/token", "helm.sh/release.v1", "kubernetes.io/service-account-token"];
    let kind = secret.value().get("type").and_then(Value::as_str).unwrap_or_default();
    TYPES.contains(&kind)
        || secret.labels().contains_key("argocd.argoproj.io/secret-type")
        || secret.annotation(annotations::SERVICE_ACCOUNT_NAME).is_some()
}

/// Finds the host names of Services that are not in the output, in what the output says after all edits.
///
/// `written` is a resource as the output has it, `None` where it was left out.
#[must_use]
pub fn crossings<'w>(
    graph: &Graph,
    items: &[Resource<'_>],
    written: &dyn Fn(usize) -> Option<&'w Resource<'w>>,
    external: &[Selector],
) -> Vec<Violation> {
    let services = Services::new(items);
    let is_cut = |targets: &[usize]| {
        targets.iter().all(|&target| {
            written(target).is_none() && !external.iter().any(|selector| selector.matches(&items[target]))
        })
    };
    let is_suspect = |edge: &&Edge| edge.strength == Strength::Soft && is_cut(&edge.targets);
    let suspects: BTreeSet<usize> = graph.edges().iter().filter(is_suspect).map(|edge| edge.from).collect();
    let mut found: Vec<Crossing> = Vec::new();
    for resource in suspects.into_iter().filter_map(written) {
        let before = found.len();
        for mention in mentions_of(resource, &services).into_iter().filter(|mention| is_cut(&mention.targets)) {
            let service = items[mention.targets[0]].id();
            let known =
                found[before..].iter_mut().find(|known| known.field == mention.field && known.service == *service);
            if let Some(known) = known {
                known.count += 1;
                continue;
            }
            found.push(Crossing {
                from: resource.id().clone(),
                location: location(resource, &mention.field, &mention.host),
                field: mention.field,
                host: mention.host,
                count: 1,
                service: service.clone(),
            });
        }
    }
    found.into_iter().map(Violation::CrossesPlanes).collect()
}

fn location(resource: &Resource<'_>, field: &FieldPath, host: &str) -> Option<Location> {
    let id = resource.id();
    let is_in_this = |key: &&String| *field == FieldPath::at("data").key(key);
    let texts = resource.value().get("data").filter(|_| id.gvk.kind == "ConfigMap")?.as_object()?;
    let key = texts.keys().find(is_in_this)?;
    let value = texts.get(key).and_then(Value::as_str).and_then(|text| view::read(text).ok()).unwrap_or_default();
    let mut path = Vec::new();
    let is_list = leads_to(&value, host, &mut path) == Some(true);
    Some(Location {
        config_map: without_hash(&id.gvk.kind, &id.name).unwrap_or(&id.name).to_owned(),
        key: key.clone(),
        path,
        is_list,
    })
}

/// Finds the first text with `host` in it, leaving the keys that lead there in `path`; whether it is inside a list.
fn leads_to(value: &Value, host: &str, path: &mut Vec<String>) -> Option<bool> {
    match value {
        Value::String(text) => text.contains(host).then_some(false),
        Value::Array(elements) => {
            let holds = |element: &Value| leads_to(element, host, &mut Vec::new()).is_some();
            elements.iter().any(holds).then_some(true)
        }
        Value::Object(entries) => entries.iter().find_map(|(key, value)| {
            path.push(key.clone());
            let found = leads_to(value, host, path);
            if found.is_none() {
                path.pop();
            }
            found
        }),
        _ => None,
    }
}
