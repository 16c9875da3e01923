//! What must hold for every deployment and every spec: nothing is lost, nothing is changed, and order does not matter.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use split_planes::credentials::Now;
use split_planes::yaml::layout::Layout;

const KINDS: [&str; 4] = ["ConfigMap", "Service", "Secret", "ServiceAccount"];
const LISTS: [&str; 4] = ["neither", "both", "controlPlane", "dataPlane"];

/// A resource by kind and name.
type Id = (usize, usize);

/// A selector in one of the lists: a kind, a name, or both.
#[derive(Debug, Clone)]
struct Rule {
    list: usize,
    kind: Option<usize>,
    name: Option<usize>,
}

impl Rule {
    fn selects(&self, (kind, name): Id) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind) && self.name.is_none_or(|wanted| wanted == name)
    }

    fn text(&self) -> String {
        let kind = self.kind.map(|kind| format!("kind: {}", KINDS[kind]));
        let name = self.name.map(|name| format!("name: n{name}"));
        format!("{{{}}}", kind.into_iter().chain(name).collect::<Vec<_>>().join(", "))
    }
}

fn rule() -> impl Strategy<Value = Rule> {
    let selected = prop_oneof![
        (0..KINDS.len()).prop_map(|kind| (Some(kind), None)),
        (0..5usize).prop_map(|name| (None, Some(name))),
        ((0..KINDS.len()), 0..5usize).prop_map(|(kind, name)| (Some(kind), Some(name))),
    ];
    (0..LISTS.len(), selected).prop_map(|(list, (kind, name))| Rule { list, kind, name })
}

fn ids() -> impl Strategy<Value = Vec<Id>> {
    btree_set((0..KINDS.len(), 0..5usize), 1..12).prop_map(|ids| ids.into_iter().collect::<Vec<_>>()).prop_shuffle()
}

/// The bytes of an item; how they are written depends on the resource alone.
fn item((kind, name): Id) -> String {
    let kind = KINDS[kind];
    match (kind.len() + name) % 3 {
        0 => format!("- apiVersion: v1\n  kind: {kind} # of its own\n  metadata:\n    name: n{name}\n"),
        1 => format!("# before\n- {{apiVersion: 'v1', kind: {kind}, metadata: {{name: \"n{name}\"}}}}\n"),
        _ => format!("-   kind: {kind}\n    apiVersion: v1\n\n    metadata: {{ name: n{name} }}\n"),
    }
}

fn list(ids: &[Id], rules: &[Rule], output: &str) -> String {
    let mut text = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    text.extend(ids.iter().map(|&id| item(id)));
    text += "functionConfig:\n  apiVersion: split-planes.dev/v1alpha1\n  kind: PlaneSplit\n  metadata: {name: p}\n  spec:\n";
    write!(text, "    output: {output}\n    planes:\n      unmatched: Both\n").expect("writing to a String");
    for (list, name) in LISTS.iter().enumerate() {
        let selectors: Vec<String> = rules.iter().filter(|rule| rule.list == list).map(Rule::text).collect();
        writeln!(text, "      {name}: [{}]", selectors.join(", ")).expect("writing to a String");
    }
    text
}

/// The list that the function writes, unless it refuses.
fn run(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let run = split_planes::run(text.as_bytes(), Now::unknown(), &mut out).expect("it is a ResourceList");
    let out = String::from_utf8(out).expect("it writes UTF-8");
    (!run.is_failure).then_some(out)
}

fn items(list: &str) -> Vec<String> {
    Layout::new(list, "items").expect("it is a list").items().map(str::to_owned).collect()
}

/// Where the first list that selects a resource sends it: the planes, or a conflict.
fn planes(id: Id, rules: &[Rule]) -> Result<BTreeSet<&'static str>, ()> {
    let is_in = |list: usize| rules.iter().any(|rule| rule.list == list && rule.selects(id));
    let both = BTreeSet::from(["ControlPlane", "DataPlane"]);
    match (is_in(0), is_in(1), is_in(2), is_in(3)) {
        (true, ..) => Ok(BTreeSet::new()),
        (_, true, ..) => Ok(both),
        (.., true, true) => Err(()),
        (.., true, false) => Ok(BTreeSet::from(["ControlPlane"])),
        (.., false, true) => Ok(BTreeSet::from(["DataPlane"])),
        _ => Ok(both),
    }
}

proptest! {
    #[test]
    fn every_resource_is_in_exactly_its_planes_with_its_bytes(ids in ids(), rules in vec(rule(), 0..8)) {
        let expected: BTreeMap<Id, _> = ids.iter().map(|&id| (id, planes(id, &rules))).collect();
        let is_conflict = expected.values().any(Result::is_err);
        for output in ["ControlPlane", "DataPlane"] {
            let members = ids.iter().filter(|id| expected[id].as_ref().is_ok_and(|planes| planes.contains(output)));
            let members: Vec<String> = members.map(|&id| item(id)).collect();
            let written = run(&list(&ids, &rules, output));
            if is_conflict || members.is_empty() {
                prop_assert_eq!(written, None);
            } else {
                prop_assert_eq!(items(&written.expect("it has members and no conflict")), members);
            }
        }
    }

    #[test]
    fn a_refusal_gives_everything_back(ids in ids(), rules in vec(rule(), 0..8)) {
        let text = list(&ids, &rules, "Sideways");
        let mut out = Vec::new();
        let run = split_planes::run(text.as_bytes(), Now::unknown(), &mut out).expect("it is a ResourceList");
        prop_assert!(run.is_failure);
        let out = String::from_utf8(out).expect("it writes UTF-8");
        prop_assert!(out.starts_with(&text), "only results follow");
    }

    #[test]
    fn a_second_run_changes_nothing(ids in ids(), rules in vec(rule(), 0..8)) {
        for output in ["ControlPlane", "DataPlane", "All"] {
            if let Some(once) = run(&list(&ids, &rules, output)) {
                let twice = run(&once).expect("what was written once is written again");
                prop_assert_eq!(items(&twice), items(&once));
            }
        }
    }

    #[test]
    fn the_order_of_resources_and_selectors_does_not_matter(
        (ids, shuffled) in ids().prop_flat_map(|ids| (Just(ids.clone()), Just(ids).prop_shuffle())),
        (rules, turned) in vec(rule(), 0..8).prop_flat_map(|rules| (Just(rules.clone()), Just(rules).prop_shuffle())),
    ) {
        let sorted = |text: Option<String>| text.map(|text| items(&text).into_iter().collect::<BTreeSet<_>>());
        for output in ["ControlPlane", "DataPlane"] {
            let one = sorted(run(&list(&ids, &rules, output)));
            prop_assert_eq!(one, sorted(run(&list(&shuffled, &turned, output))));
        }
    }
}
