//! Finds the resources that selectors must place, and tries each selector with the real classification.

use super::components::Component;
use super::selectors::{self, identity};
use super::{Draft, Line, Seed, page};
use crate::classify::{self, Classified, Placement, Problem, follow};
use crate::credentials;
use crate::graph::{Graph, Strength};
use crate::report::plane_name;
use crate::spec::{Claim, Plane};
use crate::wire::Resource;
use crate::workload::pod_template;

/// Why what has no role of its own belongs where it is placed.
const NEAREST: &str = "goes with what it is connected with";

/// Where everything goes.
pub struct Placed {
    /// What the selectors name, in the order of the resources.
    pub seeds: Vec<Seed>,
    /// Where each resource goes; nothing for one that has no place.
    pub claims: Vec<Option<Claim>>,
    /// What is said about those without a place.
    problems: Vec<Problem>,
}

/// Where everything goes by the selectors that are tried.
struct Trial {
    claims: Vec<Option<Claim>>,
    problems: Vec<Problem>,
}

/// What is known from what the workloads run: the workloads, and the `identity` that both planes need.
pub fn seeds(
    items: &[Resource<'_>],
    graph: &Graph,
    components: &[Option<Component>],
    identity: Option<usize>,
) -> Vec<Seed> {
    let known = components.iter().enumerate().filter_map(|(at, component)| {
        let component = (*component)?;
        Some(Seed { at, claim: component.claim(), why: component.why().to_owned() })
    });
    let shared = identity.map(|at| Seed {
        at,
        claim: Claim::Both,
        why: "is who the control plane acts as, and each data plane hands out its token".to_owned(),
    });
    let mut seeds: Vec<Seed> = known.chain(shared).collect();
    operators(items, graph, components, &mut seeds);
    users(items, graph, &mut seeds);
    seeds
}

/// Adds the workloads whose role names the group of a definition: they run tasks, where tasks run.
fn operators(items: &[Resource<'_>], graph: &Graph, components: &[Option<Component>], seeds: &mut Vec<Seed>) {
    let runs_pods = |at: usize| pod_template(items[at].id()).is_some();
    for definition in (0..items.len()).filter(|&at| items[at].id().gvk.kind == "CustomResourceDefinition") {
        let grants = graph.links_to(definition).iter().filter(|link| link.strength == Strength::Grant);
        let bindings = grants.flat_map(|grant| graph.links_to(grant.other));
        let accounts = bindings.flat_map(|binding| graph.links_from(binding.other));
        let workloads = accounts.flat_map(|account| graph.links_to(account.other)).map(|link| link.other);
        for at in workloads.filter(|&at| runs_pods(at) && components[at].is_none()) {
            if seeds.iter().all(|seed| seed.at != at) {
                let why = format!("works on {}", items[definition].id().name);
                seeds.push(Seed { at, claim: Claim::Only(Plane::Data), why });
            }
        }
    }
}

/// Adds the workloads whose Services are named in the text of what is placed: they go where that is.
fn users(items: &[Resource<'_>], graph: &Graph, seeds: &mut Vec<Seed>) {
    loop {
        let claims = followed(graph, items.len(), seeds);
        let open = |at: usize| pod_template(items[at].id()).is_some() && claims[at].is_none();
        let mut found = Vec::new();
        for at in (0..items.len()).filter(|&at| open(at)) {
            let services = graph.links_to(at).iter().filter(|link| link.strength == Strength::Attachment);
            let texts = services.flat_map(|service| graph.links_to(service.other));
            let texts = texts.filter(|text| text.strength == Strength::Soft && text.other != at);
            let claims = texts.filter_map(|text| claims[text.other].map(|claim| (claim, text.other)));
            let Some((claim, user)) = claims.reduce(|(one, user), (other, _)| (union(one, other), user)) else {
                continue;
            };
            let why = format!("is used by {}", selectors::stable_name(&items[user]));
            found.push(Seed { at, claim, why });
        }
        if found.is_empty() {
            return;
        }
        seeds.extend(found);
    }
}

fn union(one: Claim, other: Claim) -> Claim {
    match (one, other) {
        (Claim::Neither, claim) | (claim, Claim::Neither) => claim,
        (one, other) if one == other => one,
        _ => Claim::Both,
    }
}

/// Where references lead from the seeds.
fn followed(graph: &Graph, count: usize, seeds: &[Seed]) -> Vec<Option<Claim>> {
    let mut decided = vec![None; count];
    for seed in seeds {
        decided[seed.at] = Some(seed.claim);
    }
    let followed = follow::follow(graph, &decided, &[]);
    decided.into_iter().zip(followed).map(|(claim, followed)| claim.or_else(|| Some(followed?.claim))).collect()
}

/// Places everything that is connected with `seeds`, with no seed more than it takes.
///
/// # Errors
///
/// When the real classification refuses a draft, with what it says.
pub fn place(draft: &Draft, items: &[Resource<'_>], graph: &Graph, mut seeds: Vec<Seed>) -> Result<Placed, String> {
    loop {
        let Trial { claims, problems } = classified(draft, items, graph, &seeds)?;
        let near = nearest(items, &claims, &problems);
        if near.is_empty() {
            seeds.sort_by_key(|seed| seed.at);
            return fewest(draft, items, graph, Placed { seeds, claims, problems });
        }
        seeds.extend(near);
    }
}

/// The next of the resources without a place, by what is connected with them; workloads before what they use.
fn nearest(items: &[Resource<'_>], claims: &[Option<Claim>], problems: &[Problem]) -> Vec<Seed> {
    let seed = |problem: &Problem| {
        let Problem::Unmatched { id, suggestion: Some((claim, _)) } = problem else { return None };
        let at = (0..items.len()).find(|&at| claims[at].is_none() && items[at].id() == id)?;
        Some(Seed { at, claim: *claim, why: NEAREST.to_owned() })
    };
    let all: Vec<Seed> = problems.iter().filter_map(seed).collect();
    let is_workload = |seed: &&Seed| pod_template(items[seed.at].id()).is_some();
    let workloads: Vec<Seed> = all.iter().filter(is_workload).cloned().collect();
    if workloads.is_empty() { all.into_iter().take(1).collect() } else { workloads }
}

/// Leaves out every seed whose absence changes nothing.
fn fewest(draft: &Draft, items: &[Resource<'_>], graph: &Graph, mut placed: Placed) -> Result<Placed, String> {
    // What was added last is the least certain, and what workloads need follows them.
    let mut order: Vec<usize> = placed.seeds.iter().map(|seed| seed.at).collect();
    order.sort_by_key(|&at| (pod_template(items[at].id()).is_some(), std::cmp::Reverse(at)));
    for at in order {
        let fewer: Vec<Seed> = placed.seeds.iter().filter(|seed| seed.at != at).cloned().collect();
        if classified(draft, items, graph, &fewer)?.claims == placed.claims {
            placed.seeds = fewer;
        }
    }
    Ok(placed)
}

/// Where the resources go by the draft with a selector for each of `seeds`.
fn classified(draft: &Draft, items: &[Resource<'_>], graph: &Graph, seeds: &[Seed]) -> Result<Trial, String> {
    let text = page::render_with(draft, &selectors::single(seeds, items), &[]);
    trial(&text, items, graph)
}

/// Where the resources go by the spec in `text`.
fn trial(text: &str, items: &[Resource<'_>], graph: &Graph) -> Result<Trial, String> {
    let spec = page::load(text)?;
    let sources = credentials::sources(&spec, items);
    let Classified { placements, problems } = classify::classify(&spec, items, graph, &[], &sources);
    let claim = |placement: &Placement| match placement {
        Placement::Placed { claim, .. } => Some(*claim),
        Placement::Tooling | Placement::Withheld { .. } => Some(Claim::Neither),
        Placement::Unplaced => None,
    };
    Ok(Trial { claims: placements.iter().map(claim).collect(), problems })
}

/// Writes the selectors into the draft, and what has no place.
pub fn fill(draft: &mut Draft, items: &[Resource<'_>], graph: &Graph, placed: &Placed) {
    let joined = selectors::joined(&placed.seeds, items, &placed.claims);
    let is_same =
        trial(&page::render_with(draft, &joined, &[]), items, graph).is_ok_and(|found| found.claims == placed.claims);
    draft.planes = if is_same { joined } else { selectors::single(&placed.seeds, items) };
    for at in (0..items.len()).filter(|&at| placed.claims[at].is_none()) {
        let is_credentials =
            |problem: &Problem| matches!(problem, Problem::Credentials { id, .. } if id == items[at].id());
        let list =
            if placed.problems.iter().any(is_credentials) { &mut draft.credentials } else { &mut draft.unplaced };
        list.push(Line { comments: Vec::new(), value: serde_json::Value::Object(identity(&items[at], items)) });
    }
    for plane in [Plane::Control, Plane::Data] {
        let is_in = |claim: &Option<Claim>| claim.is_some_and(|claim| claim.includes(plane));
        if !placed.claims.iter().any(is_in) {
            draft.remarks.push(format!("Nothing here belongs to the {}.", plane_name(plane)));
        }
    }
}
