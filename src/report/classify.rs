//! Words for what has no place, or two.

use super::Finding;
use crate::classify::Problem;
use crate::field_path::FieldPath;
use crate::spec::{Claim, Plane, Selector};
use crate::wire::lookup::without_hash;
use crate::wire::{ResId, annotations};

/// One error for each resource without a place.
#[must_use]
pub fn findings(problems: &[Problem]) -> Vec<Finding> {
    problems
        .iter()
        .map(|problem| match problem {
            Problem::Conflict { id, selectors: [control, data] } => Finding::error(format!(
                "must be selected by one plane, `{control}` and `{data}` both select it: list it under `both`, or \
                 narrow one of the two"
            ))
            .on(id),
            Problem::Unmatched { id, suggestion } => Finding::error(unmatched(id, suggestion.as_ref())).on(id),
            Problem::Annotation { id, got } => {
                Finding::error(format!("must be ControlPlane, DataPlane, Both or Neither, got {got:?}"))
                    .on(id)
                    .at(FieldPath::at("metadata.annotations").key(annotations::PLANE))
            }
            Problem::List { id, members } => Finding::error(list_of(members)).on(id),
        })
        .collect()
}

/// One warning for each selector that selects nothing.
#[must_use]
pub fn idle(selectors: &[&Selector]) -> Vec<Finding> {
    selectors
        .iter()
        .map(|selector| {
            let rule = format!("`{}` must select a resource, it selects none", selector.field);
            Finding::warning(rule).at(selector.field.clone())
        })
        .collect()
}

/// The field of `spec.planes` with the selectors of what is claimed so.
#[must_use]
pub fn list(claim: Claim) -> &'static str {
    match claim {
        Claim::Only(Plane::Control) => "controlPlane",
        Claim::Only(Plane::Data) => "dataPlane",
        Claim::Both => "both",
        Claim::Neither => "neither",
    }
}

/// How many members of a list are named.
const NAMED: usize = 10;

fn list_of(members: &[String]) -> String {
    let more = members.len().saturating_sub(NAMED);
    let mut named = members[..members.len() - more].join(", ");
    if more > 0 {
        named.extend([" and ", &more.to_string(), " more"]);
    }
    let named = if named.is_empty() { "nothing" } else { &named };
    format!(
        "must not be a list, because each resource in it must be placed and checked on its own, it holds {named}: write \
         each of them as a document of its own"
    )
}

fn unmatched(id: &ResId, suggestion: Option<&(Claim, ResId)>) -> String {
    let (place, reason) = match suggestion {
        Some((claim, near)) => (format!("`spec.planes.{}`", list(*claim)), format!("it goes with {near}")),
        None => (
            "one of controlPlane, dataPlane, both and neither in `spec.planes`".to_owned(),
            "no reference tells which".to_owned(),
        ),
    };
    let name = without_hash(&id.gvk.kind, &id.name).unwrap_or(&id.name);
    // With `generateName` the API server makes the name.
    let name = if name.is_empty() { String::new() } else { format!(", name: {name}") };
    let namespace = id.namespace.as_ref().map(|namespace| format!(", namespace: {namespace}")).unwrap_or_default();
    format!(
        "must belong to a plane, no selector selects it: add `- {{kind: {}{name}{namespace}}}` to \
         {place}: {reason}",
        id.gvk.kind
    )
}
