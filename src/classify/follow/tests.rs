//! What follows what, on small graphs, on random ones, and on real deployments.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::graph::{self, Edge, Sought, Wanted};
use crate::wire::Resource;

const CONTROL: Claim = Claim::Only(Plane::Control);
const DATA: Claim = Claim::Only(Plane::Data);

fn edge(from: usize, strength: Strength, targets: &[usize]) -> Edge {
    let wanted =
        Wanted { group: None, kind: "Thing".into(), namespace: None, sought: Sought::Name("thing".to_owned()) };
    Edge { from, field: "spec".into(), wanted: wanted.into(), targets: targets.to_vec(), strength, optional: false }
}

fn claims(graph: &Graph, decided: &[Option<Claim>]) -> Vec<Option<Claim>> {
    let followed = follow(graph, decided, &[]);
    followed.into_iter().zip(decided).map(|(followed, decided)| decided.or_else(|| Some(followed?.claim))).collect()
}

#[test]
fn what_both_use_goes_to_both_and_what_nothing_uses_stays_open() {
    let graph = Graph::new(
        5,
        vec![edge(0, Strength::Start, &[2]), edge(0, Strength::Start, &[3]), edge(1, Strength::Hard, &[3])],
    );
    let decided = [Some(CONTROL), Some(DATA), None, None, None];
    assert_eq!(claims(&graph, &decided)[2..], [Some(CONTROL), Some(Claim::Both), None]);
}

#[test]
fn what_attaches_goes_where_its_targets_are_whoever_uses_it() {
    // 0 an Ingress in both planes, 1 a Service, 2 its pods in the control plane, 3 a Service without pods.
    let graph = Graph::new(
        4,
        vec![edge(0, Strength::Route, &[1]), edge(0, Strength::Route, &[3]), edge(1, Strength::Attachment, &[2])],
    );
    let decided = [Some(Claim::Both), None, Some(CONTROL), None];
    assert_eq!(claims(&graph, &decided), [Some(Claim::Both), Some(CONTROL), Some(CONTROL), Some(Claim::Both)]);
}

#[test]
fn an_attachment_never_takes_its_target_along() {
    // 0 a binding, 1 its subject, 2 its role.
    let graph = Graph::new(3, vec![edge(0, Strength::Attachment, &[1]), edge(0, Strength::Hard, &[2])]);
    assert_eq!(claims(&graph, &[Some(CONTROL), None, None]), [Some(CONTROL), None, Some(CONTROL)]);
    assert_eq!(claims(&graph, &[None, Some(DATA), None]), [Some(DATA), Some(DATA), Some(DATA)]);
}

#[test]
fn hosts_never_place_anything() {
    let graph = Graph::new(2, vec![edge(0, Strength::Soft, &[1])]);
    assert_eq!(claims(&graph, &[Some(DATA), None]), [Some(DATA), None]);
}

#[test]
fn a_role_in_both_planes_decides_on_a_definition_only_when_no_other_does() {
    // 0 and 1 roles, 2 a definition.
    let graph = Graph::new(3, vec![edge(0, Strength::Grant, &[2]), edge(1, Strength::Grant, &[2])]);
    assert_eq!(claims(&graph, &[Some(Claim::Both), Some(DATA), None])[2], Some(DATA));
    assert_eq!(claims(&graph, &[Some(Claim::Both), None, None])[2], Some(Claim::Both));
    assert_eq!(claims(&graph, &[Some(CONTROL), Some(DATA), None])[2], Some(Claim::Both));
    assert_eq!(claims(&graph, &[None, None, None])[2], None);
}

#[test]
fn a_definition_goes_with_its_custom_resources() {
    let graph = Graph::new(2, vec![edge(0, Strength::Membership, &[1])]);
    assert_eq!(claims(&graph, &[Some(CONTROL), None])[1], Some(CONTROL));
}

#[test]
fn what_is_decided_stays_and_what_neither_plane_has_places_nothing() {
    let graph = Graph::new(3, vec![edge(0, Strength::Start, &[1]), edge(2, Strength::Start, &[1])]);
    assert_eq!(claims(&graph, &[Some(CONTROL), Some(DATA), None])[1], Some(DATA));
    assert_eq!(claims(&graph, &[Some(Claim::Neither), None, None])[1], None);
}

#[test]
fn the_chain_leads_back_to_what_was_decided_by_the_shortest_way() {
    // 0 pods, 1 their ServiceAccount, 2 a binding of it, 3 its role.
    let graph = Graph::new(
        4,
        vec![edge(0, Strength::Start, &[1]), edge(2, Strength::Attachment, &[1]), edge(2, Strength::Hard, &[3])],
    );
    let followed = follow(&graph, &[Some(DATA), None, None, None], &[]);
    let chain: Vec<(usize, usize)> =
        followed[3].as_ref().unwrap().chain.iter().map(|step| (graph.edges()[step.edge].from, step.toward)).collect();
    assert_eq!(chain, [(2, 2), (2, 1), (0, 0)]);
}

#[test]
fn an_account_whose_token_is_asked_for_is_in_the_data_plane_too() {
    // 0 pods of the control plane, 1 their account, 2 a binding of it, 3 its role, 4 an account that nothing uses.
    let edges =
        vec![edge(0, Strength::Start, &[1]), edge(2, Strength::Attachment, &[1]), edge(2, Strength::Hard, &[3])];
    let graph = Graph::new(5, edges);
    let placed = |decided: &[Option<Claim>], asked: &[usize]| -> Vec<Option<Claim>> {
        follow(&graph, decided, asked).into_iter().map(|followed| Some(followed?.claim)).collect()
    };
    let both = Some(Claim::Both);
    assert_eq!(placed(&[Some(CONTROL), None, None, None, None], &[1]), [None, both, both, both, None]);
    assert_eq!(
        placed(&[Some(CONTROL), None, None, None, None], &[4])[1..],
        [Some(CONTROL), Some(CONTROL), Some(CONTROL), Some(DATA)]
    );
    // A selector or an annotation of its own counts more.
    assert_eq!(placed(&[Some(CONTROL), Some(CONTROL), None, None, None], &[1])[2], Some(CONTROL));
}

#[test]
fn what_a_suggestion_places_takes_along_what_it_uses() {
    // 0 and 1 are placed; 2 is near 0 and uses 3, which is used by 1, too.
    let edges = vec![edge(2, Strength::Attachment, &[0]), edge(2, Strength::Hard, &[3]), edge(1, Strength::Hard, &[3])];
    let suggested = suggest(&Graph::new(4, edges), &[Some(CONTROL), Some(DATA), None, None], &[]);
    let claims: Vec<Option<Claim>> = suggested.into_iter().map(|suggestion| Some(suggestion?.claim)).collect();
    assert_eq!(claims, [None, None, Some(CONTROL), Some(Claim::Both)]);
}

#[test]
fn a_suggestion_is_the_nearest_placed_resource_in_any_direction() {
    // 0 is placed; 1 uses what 0 uses; 3 is near 1 and farther from 0; 4 is named by a host only; 5 by nothing.
    let graph = Graph::new(
        6,
        vec![
            edge(0, Strength::Start, &[2]),
            edge(1, Strength::Start, &[2]),
            edge(3, Strength::Attachment, &[1]),
            edge(0, Strength::Soft, &[4]),
        ],
    );
    let placed = [Some(CONTROL), None, Some(CONTROL), None, None, None];
    let suggested: Vec<Option<Claim>> =
        suggest(&graph, &placed, &[]).into_iter().map(|suggestion| Some(suggestion?.claim)).collect();
    assert_eq!(suggested, [None, Some(CONTROL), None, Some(CONTROL), Some(CONTROL), None]);
}

#[test]
fn a_suggestion_listens_to_what_stands_in_one_plane_before_what_stands_in_both() {
    let graph = Graph::new(3, vec![edge(2, Strength::Start, &[0]), edge(2, Strength::Start, &[1])]);
    let suggested = |claims: [Claim; 2]| {
        let near = suggest(&graph, &[Some(claims[0]), Some(claims[1]), None], &[])[2].clone()?;
        Some((near.claim, near.chain[0].toward))
    };
    assert_eq!(suggested([Claim::Both, CONTROL]), Some((CONTROL, 1)));
    assert_eq!(suggested([DATA, CONTROL]), Some((Claim::Both, 1)));
    assert_eq!(suggested([Claim::Both, Claim::Neither]), None);
    assert_eq!(suggested([Claim::Neither, Claim::Neither]), None);
}

#[test]
fn what_stands_in_both_says_where_what_it_uses_and_what_attaches_to_it_belong() {
    // 1 uses 0, 0 uses 2, 3 attaches to 0.
    let edges =
        vec![edge(1, Strength::Start, &[0]), edge(0, Strength::Start, &[2]), edge(3, Strength::Attachment, &[0])];
    let suggested = suggest(&Graph::new(4, edges), &[Some(Claim::Both), None, None, None], &[]);
    let claims = suggested.iter().map(|near| near.as_ref().map(|near| near.claim));
    assert!(claims.eq([None, None, Some(Claim::Both), Some(Claim::Both)]), "{suggested:?}");
}

#[test]
fn a_namespace_is_a_suggestion_for_what_nothing_else_connects() {
    // 0 a placed pod, 1 its Namespace, 2 a quota in that, 3 a custom resource in that, 4 the definition of 3.
    let in_namespace = |from| {
        let mut member = edge(from, Strength::Membership, &[1]);
        Arc::make_mut(&mut member.wanted).kind = "Namespace".into();
        member
    };
    let edges = vec![in_namespace(0), in_namespace(2), in_namespace(3), edge(3, Strength::Membership, &[4])];
    let placed = [Some(CONTROL), Some(CONTROL), None, None, Some(DATA)];
    let suggested = suggest(&Graph::new(5, edges), &placed, &[]);
    assert_eq!(suggested[2].as_ref().map(|near| (near.claim, near.chain[0].toward)), Some((CONTROL, 1)));
    assert_eq!(suggested[3].as_ref().map(|near| (near.claim, near.chain[0].toward)), Some((DATA, 4)));
}

fn any_claim() -> impl Strategy<Value = Option<Claim>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some(CONTROL)),
        1 => Just(Some(DATA)),
        1 => Just(Some(Claim::Both)),
        1 => Just(Some(Claim::Neither)),
    ]
}

fn any_strength() -> impl Strategy<Value = Strength> {
    proptest::sample::select(vec![
        Strength::Start,
        Strength::Hard,
        Strength::Route,
        Strength::Attachment,
        Strength::Membership,
        Strength::Grant,
        Strength::Soft,
    ])
}

/// A graph as its edges, the claims that are decided, and another order of the resources.
fn any_case() -> impl Strategy<Value = (Vec<Edge>, Vec<Option<Claim>>, Vec<usize>)> {
    (2..16_usize).prop_flat_map(|len| {
        let edges = proptest::collection::vec(
            (0..len, any_strength(), proptest::collection::vec(0..len, 1..3))
                .prop_map(|(from, strength, targets)| edge(from, strength, &targets)),
            0..32,
        );
        let order = Just((0..len).collect::<Vec<usize>>()).prop_shuffle();
        (edges, proptest::collection::vec(any_claim(), len), order)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_order_of_items_does_not_matter((edges, decided, order) in any_case()) {
        let graph = Graph::new(decided.len(), edges.clone());
        let moved = edges.into_iter().rev().map(|edge| Edge {
            from: order[edge.from],
            targets: edge.targets.iter().map(|&target| order[target]).collect(),
            ..edge
        });
        let moved_graph = Graph::new(decided.len(), moved.collect());
        let mut moved_decided = decided.clone();
        for (resource, &claim) in decided.iter().enumerate() {
            moved_decided[order[resource]] = claim;
        }
        let (placed, moved_placed) = (claims(&graph, &decided), claims(&moved_graph, &moved_decided));
        for resource in 0..decided.len() {
            prop_assert_eq!(placed[resource], moved_placed[order[resource]]);
        }
        let claim = |suggestion: &Option<Followed>| suggestion.as_ref().map(|suggestion| suggestion.claim);
        let (suggested, moved) = (suggest(&graph, &placed, &[]), suggest(&moved_graph, &moved_placed, &[]));
        for resource in 0..decided.len() {
            prop_assert_eq!(claim(&suggested[resource]), claim(&moved[order[resource]]));
        }
    }

    #[test]
    fn suggestions_take_along_all_that_following_does((edges, decided, _) in any_case()) {
        let graph = Graph::new(decided.len(), edges);
        let suggested = suggest(&graph, &decided, &[]);
        for (followed, suggested) in follow(&graph, &decided, &[]).into_iter().zip(&suggested) {
            let is_same = |plane: &Plane| followed.as_ref().is_none_or(|followed| {
                !followed.claim.includes(*plane) || suggested.as_ref().is_some_and(|near| near.claim.includes(*plane))
            });
            prop_assert!(PLANES.iter().all(is_same));
        }
        // If all suggestions are followed, whatever a placed resource uses is placed in its plane too.
        let claim = |at: usize| decided[at].or_else(|| Some(suggested[at].as_ref()?.claim));
        for link in (0..decided.len()).flat_map(|at| graph.links_from(at)) {
            let is_use = matches!(link.strength, Strength::Start | Strength::Hard);
            let attaches = graph.links_from(link.other).iter().any(is_about);
            if is_use && decided[link.other].is_none() && !attaches {
                let is_there = |plane: &Plane| {
                    let is_in = |at: usize| claim(at).is_some_and(|claim| claim.includes(*plane));
                    !is_in(link.at) || is_in(link.other)
                };
                prop_assert!(PLANES.iter().all(is_there), "{link:?}");
            }
        }
    }

    #[test]
    fn following_again_changes_nothing((edges, decided, _) in any_case()) {
        let graph = Graph::new(decided.len(), edges);
        let placed = claims(&graph, &decided);
        prop_assert_eq!(claims(&graph, &placed), placed);
    }

    #[test]
    fn every_chain_ends_at_a_decided_resource_in_its_plane((edges, decided, _) in any_case()) {
        let graph = Graph::new(decided.len(), edges);
        for (resource, followed) in follow(&graph, &decided, &[]).into_iter().enumerate() {
            let Some(followed) = followed else { continue };
            prop_assert!(decided[resource].is_none());
            for plane in PLANES.into_iter().filter(|plane| followed.claim.includes(*plane)) {
                let mut at = resource;
                for step in followed.chain.iter().filter(|step| step.plane == plane) {
                    let edge = &graph.edges()[step.edge];
                    prop_assert_ne!(edge.strength, Strength::Soft);
                    prop_assert!(edge.from == at && edge.targets.contains(&step.toward)
                        || edge.from == step.toward && edge.targets.contains(&at));
                    at = step.toward;
                }
                prop_assert!(decided[at].is_some_and(|claim| claim.includes(plane)));
            }
        }
    }
}

/// The real deployments to compare with; they are not part of this repository.
fn corpus() -> Option<PathBuf> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/flyte");
    let path = std::env::var_os("SPLIT_PLANES_CORPUS").map_or_else(|| PathBuf::from(default), PathBuf::from);
    if !path.is_dir() {
        eprintln!("NOT TESTED: no Flyte deployments at {}, set SPLIT_PLANES_CORPUS", path.display());
        return None;
    }
    Some(path)
}

fn documents(stream: &str) -> Vec<Resource<'static>> {
    let is_object = |document: &&str| document.lines().any(|line| line.starts_with("kind:"));
    let documents = stream.split("\n---\n").map(|document| document.trim_start_matches("---\n")).filter(is_object);
    documents.map(|document| Resource::read(document.to_owned(), "").unwrap()).collect()
}

/// A hint: a kind, or any; a name; and where that goes.
type Hint = (Option<&'static str>, &'static str, Claim);

fn assert_follows(single: &str, expected: &str, hints: &[Hint]) {
    let Some(corpus) = corpus() else { return };
    let read = |file: &str| std::fs::read_to_string(corpus.join(file)).unwrap();
    let expected: Value = serde_json::from_str(&read(expected)).unwrap();
    let mut items = documents(&read(single));
    assert_placed(&items, &expected, hints);
    items.reverse();
    assert_placed(&items, &expected, hints);
}

fn assert_placed(items: &[Resource<'_>], expected: &Value, hints: &[Hint]) {
    let decide = |item: &Resource<'_>| {
        let id = item.id();
        let found = |(kind, name, _): &&Hint| kind.is_none_or(|kind| kind == id.gvk.kind) && *name == id.name;
        hints.iter().find(found).map(|(.., claim)| *claim)
    };
    let decided: Vec<Option<Claim>> = items.iter().map(decide).collect();
    let placed = claims(&graph::build(items), &decided);
    let listed = |plane: &str, id: &str| expected[plane].as_array().unwrap().iter().any(|listed| listed == id);
    let mut wrong = BTreeMap::new();
    for (item, claim) in items.iter().zip(placed) {
        let id = item.id();
        let namespace = id.namespace.as_deref().unwrap_or_default();
        let text = format!("{}|{}|{namespace}|{}", id.gvk.api_version(), id.gvk.kind, id.name);
        let expected = match (listed("control", &text), listed("data", &text)) {
            (true, true) => Some(Claim::Both),
            (true, false) => Some(CONTROL),
            (false, true) => Some(DATA),
            (false, false) => None,
        };
        if claim != expected {
            wrong.insert(text, (claim, expected));
        }
    }
    assert!(wrong.is_empty(), "placed, expected: {wrong:#?}");
}

#[test]
fn the_sandbox_of_the_old_guide_is_split_by_nine_workloads_and_the_identity() {
    assert_follows(
        "seed-sandbox/single.yaml",
        "seed-sandbox/expected-repaired/ids.json",
        &[
            (Some("ServiceAccount"), "flyteadmin", Claim::Both),
            (None, "flytepropeller", DATA),
            (None, "sparkoperator", DATA),
            (None, "redis", DATA),
            (Some("Deployment"), "flyteadmin", CONTROL),
            (None, "flyteconsole", CONTROL),
            (None, "datacatalog", CONTROL),
            (None, "syncresources", CONTROL),
            (Some("Deployment"), "contour", CONTROL),
            (Some("Deployment"), "postgres", Claim::Both),
            (Some("Deployment"), "minio", Claim::Both),
        ],
    );
}

#[test]
fn the_render_for_eks_is_split_by_its_workloads_the_identity_and_what_upstream_puts_in_both() {
    assert_follows(
        "helm-eks-v1.12.0/single.yaml",
        "helm-eks-v1.12.0/ids.json",
        &[
            (Some("ServiceAccount"), "flyteadmin", Claim::Both),
            (None, "flytepropeller", DATA),
            (Some("Deployment"), "flyte-pod-webhook", DATA),
            (Some("Deployment"), "flyteadmin", CONTROL),
            (None, "flyteconsole", CONTROL),
            (Some("Deployment"), "datacatalog", CONTROL),
            (Some("Deployment"), "syncresources", CONTROL),
            (Some("Deployment"), "flytescheduler", CONTROL),
            (None, "db-pass", Claim::Both),
            (Some("Ingress"), "flyte-core", Claim::Both),
            (Some("Ingress"), "flyte-core-grpc", Claim::Both),
        ],
    );
}
