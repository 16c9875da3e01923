//! Puts into words what is wrong with the references of an output.

use crate::check::references::{Crossing, Dangling, Location, Violation};
use crate::graph::{Sought, Strength, Wanted};
use crate::spec::Plane;

use super::{Finding, Severity, plane_name};
use crate::yaml::scalar;

/// The finding for a `violation` in the output of `plane`.
#[must_use]
pub fn finding(plane: Plane, violation: &Violation) -> Finding {
    let here = plane_name(plane);
    match violation {
        Violation::CutOff(dangling) => {
            let severity = if dangling.strength == Strength::Start { Severity::Error } else { Severity::Warning };
            let message = format!("{}{}", cut_off(dangling, here), more(dangling.count, dangling.strength));
            Finding::new(severity, message).on(&dangling.from).at(&dangling.field)
        }
        Violation::Missing(dangling) => Finding::new(
            Severity::Info,
            format!(
                "{} must be made elsewhere, because the pods cannot start without it and it is not among the resources{}; \
                 `spec.planes.external` can select it",
                described(&dangling.wanted),
                more(dangling.count, dangling.strength)
            ),
        )
        .on(&dangling.from)
        .at(&dangling.field),
        Violation::UnusedSecret { secret } => Finding::warning(format!(
            "a Secret must be in a plane only if something uses it, and nothing in the {here} uses this one; \
             select it for the other plane, or in `spec.planes.neither`"
        ))
        .on(secret)
        .at("metadata.name"),
        Violation::CrossesPlanes(crossing) => {
            Finding::warning(crosses(crossing, plane)).on(&crossing.from).at(&crossing.field)
        }
    }
}

/// What a reference names, as a user says it: `ServiceAccount "flyte/flyteadmin"`.
#[must_use]
pub fn described(wanted: &Wanted) -> String {
    let kind = &wanted.kind;
    match &wanted.sought {
        Sought::Name(name) => match wanted.namespace.as_deref().filter(|namespace| *namespace != "*") {
            Some(namespace) => format!("{kind} \"{namespace}/{name}\""),
            None => format!("{kind} \"{name}\""),
        },
        Sought::Labels(labels) if labels.is_empty() => format!("any {kind} of the namespace"),
        Sought::Labels(labels) => format!("a {kind} with the labels \"{labels}\""),
        Sought::Group(group) => format!("the {kind} of group \"{group}\""),
    }
}

fn cut_off(dangling: &Dangling, here: &str) -> String {
    let wanted = described(&dangling.wanted);
    let remedy = "select it in `spec.planes.both`, or in `spec.planes.external` if it is made elsewhere";
    match dangling.strength {
        Strength::Start => {
            format!("{wanted} must be in the {here} too, because the pods cannot start without it; {remedy}")
        }
        Strength::Route => format!(
            "{wanted} must be in the {here} too, because this sends requests to it; select this for the plane of its target only, \
             or its target in `spec.planes.both` or `spec.planes.external`"
        ),
        Strength::Membership => format!("{wanted} must be in the {here} before this is created; {remedy}"),
        Strength::Attachment => {
            format!(
                "{wanted} must be in the {here} for this to have an effect; select either for the plane of the other"
            )
        }
        _ => format!("{wanted} must be in the {here} too, because this reference needs it; {remedy}"),
    }
}

/// How often the same is said elsewhere, which is not reported again.
fn more(count: usize, strength: Strength) -> String {
    let what = if strength == Strength::Membership { "resource" } else { "field" };
    match count {
        0 | 1 => String::new(),
        2 => format!(" (1 more {what} needs it)"),
        _ => format!(" ({} more {what}s need it)", count - 1),
    }
}

fn crosses(crossing: &Crossing, plane: Plane) -> String {
    let here = plane_name(plane);
    let times = if crossing.count > 1 { format!(", {} times", crossing.count) } else { String::new() };
    let rule = format!(
        "\"{}\" must be reachable from the {here}{times}, and Service \"{}/{}\" is not in it",
        crossing.host,
        crossing.service.effective_namespace(),
        crossing.service.name
    );
    match &crossing.location {
        None => format!("{rule}; patch this field in the overlay of the {here}"),
        Some(location) if location.path.is_empty() => {
            format!(
                "{rule}; the text is not a YAML mapping that an override could reach, patch it in the overlay of the {here}"
            )
        }
        Some(location) => format!("{rule}; add to `spec.overrides`: {}", override_entry(location, plane)),
    }
}

/// The entry of `spec.overrides` that replaces the host; the user's own host is left to write.
fn override_entry(location: &Location, plane: Plane) -> String {
    let plane = match plane {
        Plane::Control => "ControlPlane",
        Plane::Data => "DataPlane",
    };
    let value = if location.is_list { "[YOUR-HOSTS]" } else { "YOUR-HOST" };
    let nested = |inner: String, key: &String| format!("{{{}: {inner}}}", scalar::flow_string(key));
    let merge = location.path.iter().rev().fold(value.to_owned(), nested);
    format!(
        "{{plane: {plane}, configMap: {}, key: {}, merge: {merge}}}",
        scalar::flow_string(&location.config_map),
        scalar::flow_string(&location.key)
    )
}

#[cfg(test)]
mod tests;
