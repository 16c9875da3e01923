//! Words for what has no place, or two.

use super::{Finding, Severity};
use crate::classify::Problem;
use crate::credentials::Misnamed;
use crate::field_path::FieldPath;
use crate::spec::{Claim, Plane, Selector};
use crate::wire::lookup::without_hash;
use crate::wire::{ResId, Resource, annotations};
use crate::yaml::scalar;

/// What has no place: an error for each resource that is claimed twice, and one for all that nothing selects.
#[must_use]
pub fn findings(problems: &[Problem]) -> Vec<Finding> {
    let mut unselected = Vec::new();
    let mut findings = Vec::new();
    for problem in problems {
        match problem {
            Problem::Conflict { id, selectors: [control, data] } => findings.push(
                Finding::error(format!(
                    "must be selected by one plane, but `{control}` and `{data}` both select it; list it under `both`, \
                     or narrow one of the two"
                ))
                .on(id),
            ),
            Problem::Unmatched { id, suggestion } => unselected.push((id, suggestion.as_ref())),
            Problem::Credentials { id, misnamed } => {
                let rule = format!("must be named by a cluster: {}", credentials(misnamed.as_ref()));
                findings.push(Finding::error(rule).on(id));
            }
            Problem::Annotation { id, got } => findings.push(
                Finding::error(format!("must be ControlPlane, DataPlane, Both or Neither, got {got:?}"))
                    .on(id)
                    .at(FieldPath::at("metadata.annotations").key(annotations::PLANE)),
            ),
            Problem::List { id, members } => findings.push(Finding::error(list_of(members)).on(id)),
        }
    }
    findings.extend(unmatched(&unselected));
    findings
}

/// A Secret that looks like credentials and goes to a plane.
#[must_use]
pub fn placed_credentials(plane: Plane, misnamed: Option<&Misnamed>, is_meant: bool) -> Finding {
    let name = super::plane_name(plane);
    if is_meant {
        return Finding::warning(format!("its annotation puts it into the {name}, and {LOOKS_LIKE_CREDENTIALS}"));
    }
    let severity = if plane == Plane::Data { Severity::Error } else { Severity::Warning };
    Finding::new(severity, format!("must not be in the {name}: {}", credentials(misnamed)))
}

const LOOKS_LIKE_CREDENTIALS: &str =
    "it looks like the credentials of a cluster that no `spec.clusters[].credentials` names";

/// Why a Secret is taken for credentials, and what to do.
#[must_use]
pub fn credentials(misnamed: Option<&Misnamed>) -> String {
    let remedy = match misnamed {
        Some(Misnamed { field, written }) => {
            format!("`{field}` is {written:?}, which comes close; if this Secret is meant, write its name there")
        }
        None => format!(
            "name it in `spec.clusters[].credentials.secret`, or select it in `spec.planes.neither`, or, if it belongs to \
             a plane, set its annotation `{}`",
            annotations::PLANE
        ),
    };
    format!("{LOOKS_LIKE_CREDENTIALS}; {remedy}")
}

/// One warning for each selector that selects nothing.
#[must_use]
pub fn idle(selectors: &[&Selector], items: &[Resource<'_>]) -> Vec<Finding> {
    let idle = |selector: &&Selector| {
        let nearest = selector.nearest(items).map(|nearest| format!("; did you mean {nearest:?}?"));
        let rule = format!("`{}` ({selector}) matches no resource{}", selector.field, nearest.unwrap_or_default());
        Finding::warning(rule).at(selector.field.clone())
    };
    selectors.iter().map(idle).collect()
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
        "must not be a list, because each resource in it must be placed and checked on its own; it holds {named}; write \
         each of them as a document of its own"
    )
}

/// A resource that nothing selects, and where its references point.
type Unselected<'p> = (&'p ResId, Option<&'p (Claim, Option<ResId>)>);

/// Why a resource belongs to the plane that is proposed.
#[must_use]
pub fn reason(near: Option<&ResId>) -> String {
    near.map_or_else(|| format!("is needed there: {ASKED}"), |near| format!("goes with {near}"))
}

/// Why an account belongs to the data plane.
pub const ASKED: &str = "`spec.dataPlane.serviceAccountToken` asks for its token";

/// One error for all resources that nothing selects, with the selectors to add.
fn unmatched(unselected: &[Unselected<'_>]) -> Option<Finding> {
    if let [(id, suggestion)] = unselected {
        let (list, reason) = match suggestion {
            Some((claim, near)) => {
                (format!("`spec.planes.{}`", list(*claim)), format!(", because it {}", reason(near.as_ref())))
            }
            None => (
                "one of controlPlane, dataPlane, both and neither in `spec.planes`".to_owned(),
                "; no reference says which".to_owned(),
            ),
        };
        let remedy = format!("add `- {}` to {list}{reason}", selector_of(id));
        return Some(Finding::error(format!("must belong to a plane, but no selector selects it; {remedy}")).on(id));
    }
    let mut lines = Vec::new();
    for claim in [Claim::Only(Plane::Control), Claim::Only(Plane::Data), Claim::Both, Claim::Neither] {
        let of_claim = |(id, suggestion): &Unselected<'_>| {
            let (_, near) = suggestion.filter(|(suggested, _)| *suggested == claim)?;
            Some(format!("- {} # {}", selector_of(id), reason(near.as_ref())))
        };
        let selectors: Vec<String> = unselected.iter().filter_map(of_claim).collect();
        if !selectors.is_empty() {
            lines.push(format!("{}:", list(claim)));
            lines.extend(selectors);
        }
    }
    let unknown: Vec<&Unselected<'_>> = unselected.iter().filter(|(_, suggestion)| suggestion.is_none()).collect();
    if !unknown.is_empty() {
        lines.push(
            "# no reference says where these belong; choose controlPlane, dataPlane, both or neither for each"
                .to_owned(),
        );
        lines.extend(unknown.iter().map(|(id, _)| format!("# - {}", selector_of(id))));
    }
    let rule = format!(
        "{} resources must belong to a plane, but no selector selects them; add these selectors to `spec.planes`:",
        unselected.len()
    );
    (!unselected.is_empty()).then(|| Finding::error(rule).at("spec.planes").with_lines(lines))
}

/// A selector of a resource, as it can be pasted into a list.
fn selector_of(id: &ResId) -> String {
    let name = without_hash(&id.gvk.kind, &id.name).unwrap_or(&id.name);
    let namespace = id.namespace.as_deref().unwrap_or_default();
    // With `generateName` the API server makes the name.
    let fields = [("kind", id.gvk.kind.as_str()), ("name", name), ("namespace", namespace)];
    let written = fields.iter().filter(|(_, text)| !text.is_empty());
    let written = written.map(|(key, text)| format!("{key}: {}", scalar::flow_string(&escaped(text))));
    format!("{{{}}}", written.collect::<Vec<_>>().join(", "))
}

/// The text as a regular expression that matches it. A dot stays, because it matches itself too.
fn escaped(text: &str) -> String {
    let special = |c: char| "\\+*?()|[]{}^$".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}
