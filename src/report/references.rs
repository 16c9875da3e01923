//! Puts into words what is wrong with the references of an output.

use crate::check::references::{Crossing, Dangling, Location, Violation};
use crate::graph::{Sought, Strength, Wanted};
use crate::spec::Plane;

use super::{Finding, Severity};

/// One finding for each of the `violations` in the output of `plane`.
#[must_use]
pub fn findings(violations: &[Violation], plane: Plane) -> Vec<Finding> {
    violations.iter().map(|violation| finding(violation, plane)).collect()
}

fn finding(violation: &Violation, plane: Plane) -> Finding {
    let here = plane_words(plane);
    match violation {
        Violation::CutOff(d) if d.strength == crate::graph::Strength::Start => {
            Finding::error(format!("`{}` must name a resource of this plane, {} is not in it", d.field, d.wanted))
                .on(&d.from)
                .at(d.field.clone())
        }
        Violation::CutOff(d) => {
            Finding::warning(format!("`{}` must name a resource of this plane, {} is not in it", d.field, d.wanted))
                .on(&d.from)
                .at(d.field.clone())
        }
        Violation::Missing(d) => Finding::new(
            super::Severity::Info,
            format!("`{}` names {}, which is not among the resources", d.field, d.wanted),
        )
        .on(&d.from)
        .at(d.field.clone()),
        Violation::UnusedSecret { secret } => Finding::warning("is used by nothing").on(secret),
        Violation::CrossesPlanes(c) => Finding::warning(format!("names {}", c.host)).on(&c.from).at(c.field.clone()),
    }
}

/// The plane as a user says it.
#[must_use]
pub fn plane_words(plane: Plane) -> &'static str {
    match plane {
        Plane::Control => "the control plane",
        Plane::Data => "the data plane",
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
        Strength::Start => format!("{wanted} must be in {here} too, its pods cannot start without it; {remedy}"),
        Strength::Membership => format!("{wanted} must be in {here} before this is created; {remedy}"),
        Strength::Attachment => {
            format!("{wanted} must be in {here} for this to have an effect; select either for the plane of the other")
        }
        _ => format!("{wanted} must be in {here} too, this reference leads nowhere without it; {remedy}"),
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
    let here = plane_words(plane);
    let times = if crossing.count > 1 { format!(", {} times", crossing.count) } else { String::new() };
    let rule = format!(
        "\"{}\" must be reachable from {here}{times}, and Service \"{}/{}\" is not in it",
        crossing.host,
        crossing.service.effective_namespace(),
        crossing.service.name
    );
    match &crossing.location {
        None => format!("{rule}; patch this field in the overlay of {here}"),
        Some(location) if location.path.is_empty() => {
            format!(
                "{rule}; the text is not a YAML mapping that an override could reach, patch it in the overlay of {here}"
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
    let nested = |inner: String, key: &String| format!("{{{}: {inner}}}", plain(key));
    let merge = location.path.iter().rev().fold(value.to_owned(), nested);
    format!(
        "{{plane: {plane}, configMap: {}, key: {}, merge: {merge}}}",
        plain(&location.config_map),
        plain(&location.key)
    )
}

/// A key or name as YAML takes it in a flow mapping.
fn plain(text: &str) -> String {
    let is_plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|next| next.is_ascii_alphanumeric() || matches!(next, '-' | '_' | '.'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
