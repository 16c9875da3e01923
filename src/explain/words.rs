//! The words that every form of an explanation shares.

use super::{Change, Explained, Explanation, Injection, Link, Place, Rule, State};
use crate::classify::Problem;
use crate::field_path::FieldPath;
use crate::graph::Strength;
use crate::report;
use crate::spec::Plane;
use crate::wire::ResId;

/// How a resource is called: `Deployment flyte/flyteadmin`.
pub fn name(id: &ResId) -> String {
    match &id.namespace {
        Some(namespace) => format!("{} {namespace}/{}", id.gvk.kind, id.name),
        None if id.name.is_empty() => id.gvk.kind.clone(),
        None => format!("{} {}", id.gvk.kind, id.name),
    }
}

/// A plane as the functionConfig writes it.
pub fn plane(plane: Plane) -> &'static str {
    match plane {
        Plane::Control => "ControlPlane",
        Plane::Data => "DataPlane",
    }
}

/// A place as the functionConfig would write it.
pub fn place(place: Place) -> &'static str {
    match place {
        Place::Unplaced => "Unplaced",
        Place::Control => "ControlPlane",
        Place::Both => "Both",
        Place::Data => "DataPlane",
        Place::Neither => "Neither",
        Place::Local => "Local",
    }
}

/// The heading of the resources of a place.
pub fn title(place: Place) -> &'static str {
    match place {
        Place::Unplaced => "Without a place",
        Place::Control => "Control plane",
        Place::Both => "Both planes",
        Place::Data => "Data plane",
        Place::Neither => "In neither plane",
        Place::Local => "Local configuration",
    }
}

/// A rule's name.
pub fn rule(rule: &Rule) -> &'static str {
    match rule {
        Rule::Injected => "Injected",
        Rule::ExistingSecret => "ExistingSecret",
        Rule::Annotation => "Annotation",
        Rule::Selector { .. } => "Selector",
        Rule::References(_) => "References",
        Rule::Unmatched => "UnmatchedDefault",
        Rule::LocalConfig => "LocalConfig",
        Rule::Configuration => "Configuration",
        Rule::Credentials => "Credentials",
        Rule::Problem(problem) => match problem.as_deref() {
            Some(Problem::Conflict { .. }) => "Conflict",
            Some(Problem::Annotation { .. }) => "BadAnnotation",
            Some(Problem::List { .. }) => "List",
            Some(Problem::Credentials { .. }) => "UnnamedCredentials",
            Some(Problem::Unmatched { .. }) | None => "Unmatched",
        },
    }
}

/// A state's name.
pub fn state(state: State) -> &'static str {
    match state {
        State::Holds => "Holds",
        State::CrossesPlanes => "CrossesPlanes",
        State::LeftOut => "LeftOut",
        State::Undecided => "Undecided",
        State::Missing => "Missing",
        State::External => "External",
        State::Idle => "Idle",
    }
}

/// A strength's name.
pub fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Start => "Start",
        Strength::Hard => "Hard",
        Strength::Route => "Route",
        Strength::Attachment => "Attachment",
        Strength::Membership => "Membership",
        Strength::Grant => "Grant",
        Strength::Soft => "Soft",
    }
}

/// Why a resource is where it is.
pub fn why(explanation: &Explanation, resource: &Explained) -> String {
    match &resource.rule {
        Rule::Injected => "split-planes made it in an earlier run".to_owned(),
        Rule::Annotation => "its annotation split-planes.dev/plane".to_owned(),
        Rule::Selector { field, selector } => format!("{field} {selector}"),
        Rule::ExistingSecret => "the credentials of a cluster: spec.clusters[].credentials.existingSecret".to_owned(),
        Rule::References(links) => chains(explanation, resource.place, links),
        Rule::Unmatched => "no selector selects it: spec.planes.unmatched".to_owned(),
        Rule::LocalConfig => "configures tools: left as it is".to_owned(),
        Rule::Configuration => "configures split-planes: reaches no cluster".to_owned(),
        Rule::Credentials => "brings the credentials of a cluster: kept out of both planes".to_owned(),
        Rule::Problem(problem) => format!("error: {}", problem.as_deref().map_or_else(String::new, lack)),
    }
}

/// Why a resource has no place.
fn lack(problem: &Problem) -> String {
    match problem {
        Problem::Conflict { selectors: [control, data], .. } => format!("{control} and {data} both select it"),
        Problem::List { .. } => "it is a list of resources, each of which must be a document of its own".to_owned(),
        Problem::Credentials { misnamed, .. } => report::classify::credentials(misnamed.as_ref()),
        Problem::Annotation { got, .. } => format!("its annotation split-planes.dev/plane says {got:?}"),
        Problem::Unmatched { suggestion: Some((claim, near)), .. } => {
            let list = report::classify::list(*claim);
            let point = near.as_ref().map_or_else(
                || report::classify::ASKED.replace('`', ""),
                |near| format!("its references point to {}", name(near)),
            );
            format!("nothing selects it; {point}, spec.planes.{list}")
        }
        Problem::Unmatched { suggestion: None, .. } => {
            "nothing selects it, and no reference tells where it belongs".to_owned()
        }
    }
}

/// The chain for each plane; one that serves both is told once. Without one, the account's token is asked for.
fn chains(explanation: &Explanation, place: Place, links: &[Link]) -> String {
    let of = |wanted: Plane| -> Vec<&Link> { links.iter().filter(|link| link.plane == wanted).collect() };
    let (control, data) = (of(Plane::Control), of(Plane::Data));
    let ends = |links: &[&Link]| -> Vec<(usize, usize)> { links.iter().map(|l| (l.reference, l.toward)).collect() };
    let is_asked = place.is_in(Plane::Data) && data.is_empty();
    if !is_asked && (control.is_empty() || data.is_empty() || ends(&control) == ends(&data)) {
        return chain(explanation, if control.is_empty() { &data } else { &control });
    }
    if control.is_empty() {
        return chain(explanation, &data);
    }
    let planes = [(Plane::Control, control), (Plane::Data, data)];
    let told = planes.map(|(plane, links)| format!("{}: {}", report::plane_name(plane), chain(explanation, &links)));
    told.join("; ")
}

fn chain(explanation: &Explanation, links: &[&Link]) -> String {
    if links.is_empty() {
        return report::classify::ASKED.replace('`', "");
    }
    let told: Vec<String> = links.iter().map(|link| step(explanation, link)).collect();
    told.join(", ")
}

/// One reference, told from the end that it does not start at.
fn step(explanation: &Explanation, link: &Link) -> String {
    let reference = &explanation.references[link.reference];
    let toward = name(&explanation.resources[link.toward].id);
    match (reference.from == link.toward, reference.strength) {
        (true, Strength::Membership) if reference.field == "metadata.namespace" => format!("Namespace of {toward}"),
        (true, Strength::Membership) => format!("definition of {toward}"),
        (true, Strength::Grant) => format!("granted by {toward} {}", reference.field),
        (true, _) => format!("used by {toward} {}", reference.field),
        (false, _) => format!("{} leads to {toward}", reference.field),
    }
}

/// What is injected, and into which data planes if not into all of them.
pub fn injected(injection: &Injection) -> String {
    let change = change(&injection.change);
    match &injection.clusters[..] {
        [] => change,
        clusters => format!("{change} (in the data plane of {})", clusters.join(", ")),
    }
}

fn change(change: &Change) -> String {
    match change {
        Change::Secret { keys, is_complete: true } if keys.is_empty() => {
            "token Secret: Kubernetes writes token and CA into it".to_owned()
        }
        Change::Secret { keys, is_complete: true } => format!("Secret with the keys {}", keys.join(", ")),
        Change::Secret { keys, is_complete: false } => {
            format!("Secret with the keys {}: not all credentials are among the resources yet", keys.join(", "))
        }
        Change::Mount { secrets, containers, path } => {
            let what = if secrets.len() == 1 { "Secret" } else { "Secrets" };
            let containers = match &containers[..] {
                [name] if name.is_empty() => "its only container".to_owned(),
                names => names.join(", "),
            };
            format!("{what} {} mounted at {path} in {containers}", secrets.join(", "))
        }
        Change::Clusters { key, clusters, is_own } => {
            let made = if *is_own { "ConfigMap made by split-planes: " } else { "" };
            format!("{made}{} clusters: {}", FieldPath::at("data").key(key), clusters.join(", "))
        }
        Change::Checksum => "checksum of the overrides that its pods read at start".to_owned(),
        Change::Override { key, fields } => {
            let fields: Vec<&str> = fields.iter().map(FieldPath::as_str).collect();
            format!("{} override: {}", FieldPath::at("data").key(key), fields.join(", "))
        }
    }
}
