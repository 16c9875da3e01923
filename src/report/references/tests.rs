//! What is reported when a reference is cut off, and what is not.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::check::references::{crossings, dangling, unused_secrets};
use crate::graph::tests::items;
use crate::spec::{Selector, load};
use crate::wire::{ResId, Resource};
use crate::{graph, wire};

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a}
spec:
  serviceAccountName: web
  volumes: [{name: one, secret: {secretName: x}}, {name: two, projected: {sources: [{secret: {name: x}}]}}]
---
";

const SECRET: &str = "
apiVersion: v1
kind: Secret
metadata: {name: x, namespace: a}
---
";

const ACCOUNT: &str = "
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: a}
---
";

/// The selectors of `planes.external`.
fn external(selectors: &str) -> Vec<Selector> {
    let list = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n  \
         apiVersion: split-planes.dev/v1alpha1\n  kind: PlaneSplit\n  metadata: {{name: x}}\n  \
         spec: {{output: DataPlane, planes: {{external: [{selectors}]}}}}\n"
    );
    let list = wire::read(list.as_bytes()).unwrap();
    load(&list).ok().unwrap().spec.planes.external
}

/// What is found when the items at `left_out` are not in the output, as the user reads it.
fn found(stream: &str, left_out: &[usize], selectors: &[Selector], injected: &[ResId]) -> Vec<String> {
    let items = items(stream);
    let kept = |at: usize| !left_out.contains(&at);
    lines(&dangling(&graph::build(&items), &items, &kept, selectors, injected), Plane::Data)
}

fn lines(violations: &[Violation], plane: Plane) -> Vec<String> {
    violations.iter().map(|violation| finding(plane, violation).line()).collect()
}

#[test]
fn what_a_pod_cannot_start_without_is_one_error_however_many_fields_name_it() {
    assert_eq!(
        found(&[POD, SECRET, ACCOUNT].concat(), &[1], &[], &[]),
        [
            "error: v1/Pod/a/web spec.volumes[0].secret.secretName: Secret \"a/x\" must be in the data plane too, because the pods \
             cannot start without it; select it in `spec.planes.both`, or in `spec.planes.external` if it is made elsewhere \
             (1 more field needs it)"
        ]
    );
}

#[test]
fn nothing_is_said_about_what_is_there_or_left_out_with_its_referrer() {
    let stream = [POD, SECRET, ACCOUNT].concat();
    assert_eq!(found(&stream, &[], &[], &[]), Vec::<String>::new());
    assert_eq!(found(&stream, &[0, 1, 2], &[], &[]), Vec::<String>::new());
}

#[test]
fn what_was_missing_before_is_told_once_and_blamed_on_nobody() {
    let found = found(&[POD, SECRET].concat(), &[], &[], &[]);
    assert_eq!(
        found,
        [
            "info: v1/Pod/a/web spec.serviceAccountName: ServiceAccount \"a/web\" must be made elsewhere, because the pods cannot \
             start without it and it is not among the resources; `spec.planes.external` can select it"
        ]
    );
}

#[test]
fn external_and_injected_objects_are_not_reported() {
    let stream = [POD, SECRET].concat();
    for selectors in ["{kind: Secret, name: x}, {kind: ServiceAccount, namespace: a}", "{namespace: a}"] {
        assert_eq!(found(&stream, &[1], &external(selectors), &[]), Vec::<String>::new(), "{selectors}");
    }
    let near_misses =
        external("{kind: Secret, name: xy}, {kind: Secret, name: x, namespace: b}, {kind: ConfigMap, name: x}");
    assert_eq!(found(&stream, &[1], &near_misses, &[]).len(), 2);
    let injected = [ResId::core("Secret", Some("a"), "x"), ResId::core("ServiceAccount", Some("a"), "web")];
    assert_eq!(found(&stream, &[1], &[], &injected), Vec::<String>::new());
    let elsewhere = [ResId::core("Secret", Some("b"), "x"), ResId::core("ServiceAccount", Some("a"), "x")];
    assert_eq!(found(&stream, &[1], &[], &elsewhere).len(), 2);
}

#[test]
fn optional_and_weaker_references_are_warnings() {
    let optional =
        POD.replace("secretName: x", "secretName: x, optional: true").replace("{name: x}", "{name: x, optional: true}");
    let found_optional = found(&[&optional, SECRET, ACCOUNT].concat(), &[1], &[], &[]);
    assert_eq!(found_optional.len(), 1);
    assert!(found_optional[0].starts_with("warning: "), "{found_optional:?}");

    let service = "
apiVersion: v1
kind: Service
metadata: {name: web, namespace: a}
spec: {selector: {app: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: a}
spec: {template: {metadata: {labels: {app: web}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: a}
";
    assert_eq!(
        found(service, &[1, 2], &[], &[]),
        [
            "warning: v1/Service/a/web spec.selector: a Pod with the labels \"app=web\" must be in the data plane for this to \
             have an effect; select either for the plane of the other",
            "warning: v1/Service/a/web metadata.namespace: Namespace \"a\" must be in the data plane before this is created; \
             select it in `spec.planes.both`, or in `spec.planes.external` if it is made elsewhere"
        ]
    );
}

#[test]
fn a_binding_has_an_effect_while_one_of_its_subjects_is_there() {
    let binding = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: both}
subjects: [{kind: ServiceAccount, name: web, namespace: a}, {kind: ServiceAccount, name: worker, namespace: a}]
---
";
    let stream = [binding, ACCOUNT, &ACCOUNT.replace("web", "worker")].concat();
    assert_eq!(found(&stream, &[1], &[], &[]), Vec::<String>::new());
    assert_eq!(found(&stream, &[1, 2], &[], &[]).len(), 2);
}

#[test]
fn a_namespace_is_reported_once_for_all_its_members() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n";
    let found = found(&[POD, SECRET, ACCOUNT, namespace].concat(), &[3], &[], &[]);
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("(2 more resources need it)"), "{found:?}");
}

#[test]
fn a_secret_that_nothing_in_its_plane_uses_is_reported() {
    let typed = |kind: &str| format!("{}type: {kind}\n", SECRET.trim_end_matches("---\n"));
    let unused = |stream: &str, left_out: &[usize]| {
        let items = items(stream);
        lines(&unused_secrets(&graph::build(&items), &items, &|at| !left_out.contains(&at), &[]), Plane::Control)
    };
    let used = [SECRET, POD].concat();
    assert_eq!(unused(&used, &[]), Vec::<String>::new());
    assert_eq!(unused(&used, &[0]), Vec::<String>::new());
    assert_eq!(
        unused(&used, &[1]),
        [
            "warning: v1/Secret/a/x metadata.name: a Secret must be in a plane only if something uses it, and nothing in the control \
             plane uses this one; select it for the other plane, or in `spec.planes.neither`"
        ]
    );
    assert_eq!(unused(&typed("kubernetes.io/service-account-token"), &[]), Vec::<String>::new());
    assert_eq!(unused(&typed("Opaque"), &[]).len(), 1);
}

const CONFIG: &str = "
apiVersion: v1
kind: Service
metadata: {name: admin, namespace: a}
spec: {ports: [{port: 81}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: propeller-gg52ck744b, namespace: a}
data:
  config.yaml: |
    admin: {endpoint: 'admin:81', 'on': 1}
    more:
      url: http://admin/path
";

fn crossing(stream: &str, edited: Option<&str>, selectors: &[Selector]) -> Vec<String> {
    let items = items(stream);
    let edited = edited.map(|text| Resource::read(text.to_owned(), "").unwrap());
    let written = |at: usize| (at == 1).then(|| edited.as_ref().unwrap_or(&items[1]));
    lines(&crossings(&graph::build(&items), &items, &written, selectors), Plane::Data)
}

#[test]
fn a_host_of_the_other_plane_is_reported_with_the_override_that_changes_it() {
    assert_eq!(
        crossing(CONFIG, None, &[]),
        [
            "warning: v1/ConfigMap/a/propeller-gg52ck744b data[\"config.yaml\"]: \"admin:81\" must be reachable from the data \
             plane, 2 times, and Service \"a/admin\" is not in it; add to `spec.overrides`: {plane: DataPlane, configMap: \
             propeller, key: config.yaml, merge: {admin: {endpoint: YOUR-HOST}}}"
        ]
    );
}

#[test]
fn a_host_that_an_override_changed_or_that_is_external_is_not_reported() {
    let (_, config) = CONFIG.split_once("---\n").unwrap();
    let changed =
        config.replace("admin:81", "admin.example.com:443").replace("http://admin/", "https://admin.example.com/");
    assert_eq!(crossing(CONFIG, Some(&changed), &[]), Vec::<String>::new());
    assert_eq!(crossing(CONFIG, None, &external("{kind: Service, name: admin}")), Vec::<String>::new());
}

#[test]
fn hosts_in_lists_and_in_other_text_get_another_remedy() {
    let list = CONFIG
        .replace("admin: {endpoint: 'admin:81', 'on': 1}", "hosts: ['http://admin:81']")
        .replace("http://admin/path", "x");
    assert!(crossing(&list, None, &[])[0].ends_with("merge: {hosts: [YOUR-HOSTS]}}"));
    let text = CONFIG.replace(
        "    admin: {endpoint: 'admin:81', 'on': 1}\n    more:\n      url: http://admin/path\n",
        "    go to http://admin:81\n",
    );
    assert!(crossing(&text, None, &[])[0].contains("is not a YAML mapping"));
}

/// The findings about the references of one plane of a real deployment, as upstream or its guide splits it.
fn corpus(single: &str, ids: &str, plane: Plane) -> Option<Vec<String>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/flyte");
    let corpus = std::env::var_os("SPLIT_PLANES_CORPUS").map_or_else(|| PathBuf::from(default), PathBuf::from);
    if !corpus.is_dir() {
        eprintln!("NOT TESTED: no Flyte deployments at {}, set SPLIT_PLANES_CORPUS", corpus.display());
        return None;
    }
    let read = |file: &str| std::fs::read_to_string(corpus.join(file)).unwrap();
    let items = items(&read(single));
    let ids: Value = serde_json::from_str(&read(ids)).unwrap();
    let side = if plane == Plane::Control { "control" } else { "data" };
    let ids: BTreeSet<&str> = ids[side].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let kept = |at: usize| {
        let id = items[at].id();
        let namespace = id.namespace.as_deref().unwrap_or_default();
        ids.contains(format!("{}|{}|{namespace}|{}", id.gvk.api_version(), id.gvk.kind, id.name).as_str())
    };
    let graph = graph::build(&items);
    let mut found = dangling(&graph, &items, &kept, &[], &[]);
    found.extend(unused_secrets(&graph, &items, &kept, &[]));
    found.extend(crossings(&graph, &items, &|at| kept(at).then(|| &items[at]), &[]));
    let short = |line: String| line.split_once("; ").map_or(line.clone(), |(rule, _)| rule.to_owned());
    Some(lines(&found, plane).into_iter().map(short).collect())
}

#[test]
fn the_old_guide_takes_a_service_account_from_the_control_plane_and_leaves_two_hosts_in_the_data_plane() {
    let plane = |plane| corpus("seed-sandbox/single.yaml", "seed-sandbox/expected-literal/ids.json", plane);
    let (Some(control), Some(data)) = (plane(Plane::Control), plane(Plane::Data)) else { return };
    assert_eq!(
        control,
        [
            "info: apps/v1/Deployment/flyte/datacatalog spec.template.spec.serviceAccountName: ServiceAccount \
             \"flyte/datacatalog\" must be made elsewhere, because the pods cannot start without it and it is not among the resources",
            "error: apps/v1/Deployment/flyte/flyteadmin spec.template.spec.serviceAccountName: ServiceAccount \
             \"flyte/flyteadmin\" must be in the control plane too, because the pods cannot start without it",
        ]
    );
    assert_eq!(
        data,
        [
            "warning: v1/ConfigMap/flyte/flyte-propeller-config-b4c56d5277 data[\"config.yaml\"]: \"flyteadmin:81\" must be \
             reachable from the data plane, and Service \"flyte/flyteadmin\" is not in it",
            "warning: v1/ConfigMap/flyte/flyte-propeller-config-b4c56d5277 data[\"config.yaml\"]: \"datacatalog:89\" must be \
             reachable from the data plane, and Service \"flyte/datacatalog\" is not in it",
        ]
    );
}

#[test]
fn upstreams_data_plane_has_ingresses_to_services_of_the_control_plane_and_a_secret_for_nobody() {
    let plane = |plane| corpus("helm-eks-v1.12.0/single.yaml", "helm-eks-v1.12.0/ids.json", plane);
    let (Some(control), Some(data)) = (plane(Plane::Control), plane(Plane::Data)) else { return };
    assert_eq!(control, Vec::<String>::new());
    let summary: Vec<(&str, &str)> = data
        .iter()
        .map(|line| {
            (
                line.split(' ').nth(1).unwrap(),
                line.split('"').find(|part| part.starts_with("flyte/")).unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        summary,
        [
            ("networking.k8s.io/v1/Ingress/flyte/flyte-core", "flyte/flyteconsole"),
            ("networking.k8s.io/v1/Ingress/flyte/flyte-core", "flyte/flyteadmin"),
            ("networking.k8s.io/v1/Ingress/flyte/flyte-core-grpc", "flyte/flyteadmin"),
            ("v1/Secret/db-pass", ""),
            ("v1/ConfigMap/flyte/flyte-propeller-config", "flyte/flyteadmin"),
            ("v1/ConfigMap/flyte/flyte-propeller-config", "flyte/datacatalog"),
        ]
    );
    assert!(data.iter().all(|line| line.starts_with("warning: ")), "{data:#?}");
}
