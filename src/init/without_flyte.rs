//! What to propose for a deployment that runs no part of Flyte: planes of resources that are connected.

use std::collections::BTreeMap;

use super::{Draft, Seed, selectors};
use crate::graph::{Graph, Strength};
use crate::spec::{Claim, Plane};
use crate::wire::Resource;
use crate::workload::pod_template;

/// A seed for each workload: what serves requests from outside is the control plane, everything else a data plane.
pub fn propose(draft: &mut Draft, items: &[Resource<'_>], graph: &Graph) -> Vec<Seed> {
    draft.remarks.push(
        "Nothing here runs a part of Flyte. The planes are groups of connected resources: look at each line."
            .to_owned(),
    );
    let groups = groups(items.len(), graph);
    let workloads = |members: &[usize]| -> Vec<usize> {
        members.iter().copied().filter(|&at| pod_template(items[at].id()).is_some()).collect()
    };
    let groups: Vec<(bool, Vec<usize>)> = groups
        .into_values()
        .map(|members| (members.iter().any(|&at| is_entrance(&items[at])), workloads(&members)))
        .filter(|(_, workloads)| !workloads.is_empty())
        .collect();
    let has_entrance = groups.iter().any(|(is_entered, _)| *is_entered);
    let mut seeds = Vec::new();
    for (number, (is_entered, members)) in groups.iter().enumerate() {
        let is_control = if has_entrance { *is_entered } else { number == 0 };
        let (plane, why) = match (is_control, has_entrance) {
            (true, true) => (Plane::Control, "is reached from outside"),
            (true, false) => (Plane::Control, "comes first"),
            (false, _) => (Plane::Data, "is connected with nothing of the control plane"),
        };
        let first = selectors::stable_name(&items[members[0]]);
        for &at in members {
            let why = if at == members[0] { why.to_owned() } else { format!("is connected with {first}") };
            seeds.push(Seed { at, claim: Claim::Only(plane), why });
        }
    }
    seeds
}

/// The resources that references connect, by the first of each group; host names and namespaces do not connect.
fn groups(count: usize, graph: &Graph) -> BTreeMap<usize, Vec<usize>> {
    let mut group: Vec<usize> = (0..count).collect();
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for at in 0..count {
            let links = graph.links_from(at).iter();
            let links =
                links.filter(|link| !matches!(link.strength, Strength::Soft | Strength::Membership | Strength::Grant));
            for link in links {
                let first = group[at].min(group[link.other]);
                has_changed |= group[at] != first || group[link.other] != first;
                (group[at], group[link.other]) = (first, first);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, first) in group.into_iter().enumerate() {
        groups.entry(first).or_default().push(at);
    }
    groups
}

/// Whether requests from outside the cluster come in here.
fn is_entrance(item: &Resource<'_>) -> bool {
    let kind = item.id().gvk.kind.as_str();
    let service_type = item.value().pointer("/spec/type").and_then(serde_json::Value::as_str);
    matches!(kind, "Ingress" | "HTTPRoute" | "GRPCRoute" | "VirtualService")
        || kind == "Service" && matches!(service_type, Some("LoadBalancer" | "NodePort"))
}
