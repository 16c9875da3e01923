//! Loads what the function writes with the code that flyteadmin loads its configuration with, and follows the paths it finds.
//!
//! For each container of a control plane the files that it mounts are laid out in a directory, and the Go program that
//! stands for its version of flyteadmin reads those that its `--config` names. `testdata/flyteadmin` has the shapes that the
//! configuration had; the same is asked of real deployments, and those tests are ignored without them.

#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::{Finished, Scratch, corpus, function, kustomize_build, repository, run, tests, tools, trial};
use libtest_mimic::{Arguments, Trial};
use serde::Deserialize as _;
use serde_json::{Value, json};

static FLYTEADMIN_0_1: Flyteadmin = Flyteadmin::in_module("flyteadmin/v0.1");
static FLYTEADMIN_1: Flyteadmin = Flyteadmin::in_module("flyteadmin/v1");

const ONE_FILE: Shape = Shape {
    file: "v0.1-kustomize.yaml",
    targets: &[("flyte-admin-config", "flyteadmin_config.yaml")],
    create: false,
    containers: &["flyteadmin"],
};
const FILES: Shape = Shape {
    file: "v0.8-kustomize.yaml",
    targets: &[("flyte-admin-config", "clusters.yaml")],
    create: false,
    containers: &["flyteadmin", "sync-cluster-resources"],
};
const FILES_AND_ITS_OWN: Shape = Shape {
    file: "v1.0-kustomize.yaml",
    targets: &[("flyte-admin-clusters-config", "clusters.yaml")],
    create: true,
    containers: &["flyteadmin", "sync-cluster-resources"],
};
const PROJECTED: Shape = Shape {
    file: "v1.2-helm.yaml",
    targets: &[("flyte-admin-clusters-config", "clusters.yaml"), ("flyte-clusterresourcesync-config", "clusters.yaml")],
    create: false,
    containers: &["flyteadmin", "sync-cluster-resources"],
};

/// Names of clusters, and ids that flytepropeller may have in them.
const CLUSTERS: [&str; 4] = ["cluster_1", "Cluster_1", "propeller", "12"];
const CLUSTER_IDS: [&str; 8] =
    ["", "propeller", "Propeller", "cluster_1", "Cluster_1", "cluster_10", "cluster-1", "12"];

/// A test of a real deployment, and its name.
type DeploymentTest = (&'static str, fn(&Path));

fn main() -> ExitCode {
    assert!(!include_str!("flyteadmin.rs").contains("\n#[test]"), "a test is one of the names below, or it never runs");
    let shapes: [(&str, fn()); 11] = tests![
        flyteadmin_0_1_sees_the_clusters_in_its_one_file,
        flyteadmin_of_both_majors_sees_the_clusters_in_a_file_beside_others,
        flyteadmin_1_sees_the_clusters_in_projected_files_and_generate_secrets_sees_none,
        flyteadmin_1_sees_the_labels_and_the_default,
        flyteadmin_1_lowers_the_labels_that_the_function_refuses_for_it,
        flyteadmin_1_sees_the_spec_in_every_spelling_and_beside_every_file,
        flyteadmin_1_sees_its_own_cluster_without_endpoint_or_credentials,
        flyteadmin_finds_the_credentials_of_hundreds_of_clusters,
        flyteadmin_does_not_start_with_the_list_that_the_old_guide_prints,
        flyteadmin_sees_the_clusters_of_the_example,
        flyteadmin_1_takes_the_events_of_every_cluster_id_that_the_function_accepts,
    ];
    let deployments: [DeploymentTest; 2] = tests![
        flyteadmin_0_1_sees_the_clusters_of_the_deployment_of_2019,
        flyteadmin_1_sees_the_clusters_of_a_render_of_the_chart,
    ];
    let directory = corpus::find();
    let mut trials: Vec<Trial> = shapes.map(|(name, test)| trial(name, test)).into();
    trials.extend(deployments.map(|(name, test)| {
        let found = directory.clone();
        trial(name, move || test(&found.expect("else the test is ignored"))).with_ignored_flag(directory.is_none())
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn flyteadmin_1_takes_the_events_of_every_cluster_id_that_the_function_accepts() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let pairs: Vec<(&str, &str)> =
        CLUSTERS.iter().flat_map(|cluster| CLUSTER_IDS.iter().map(move |id| (*cluster, *id))).collect();
    let judged = run(Command::new(flyteadmin).arg("events"), json!(pairs).to_string().as_bytes());
    let taken: Vec<bool> = serde_json::from_str(&judged.stdout).unwrap();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 11, "{}", judged.stderr);
    for ((cluster, id), is_taken) in pairs.into_iter().zip(taken) {
        for is_flag in [true, false] {
            let finished = function(&data_plane_with_id(cluster, id, is_flag));
            let refuses = finished.stderr.contains("propeller.cluster-id");
            assert_eq!(
                (finished.status.success(), refuses),
                (is_taken, !is_taken),
                "{cluster} {id} {}",
                finished.stderr
            );
        }
    }
}

/// The data plane of a cluster whose flytepropeller has an id by a flag, or else by its configuration.
fn data_plane_with_id(cluster: &str, id: &str, is_flag: bool) -> String {
    let flag = format!("--propeller.cluster-id={id}");
    let arguments = if is_flag { json!(["--config", "/c/*.yaml", flag]) } else { json!(["--config", "/c/*.yaml"]) };
    let config = if is_flag { String::new() } else { format!("propeller: {{cluster-id: {id:?}}}") };
    let template = json!({"spec": {
        "containers": [{"name": "p", "command": ["flytepropeller"], "args": arguments,
            "volumeMounts": [{"name": "c", "mountPath": "/c"}]}],
        "volumes": [{"name": "c", "configMap": {"name": "config"}}],
    }});
    let list = json!({
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "functionConfig": {
            "apiVersion": "split-planes.dev/v1alpha1",
            "kind": "PlaneSplit",
            "spec": {
                "output": "DataPlane",
                "cluster": cluster,
                "planes": {"dataPlane": [{"kind": "Deployment|ConfigMap"}]},
                "clusters": [
                    {"name": cluster, "endpoint": "https://a.test", "credentials": {"existingSecret": "a"}},
                    {"name": "other", "endpoint": "https://b.test", "credentials": {"existingSecret": "b"}},
                ],
                "credentials": {"mounts": [{"name": "flyteadmin"}]},
                "clusterConfig": {"targets": [{"configMap": "admin", "key": "clusters.yaml"}]},
            },
        },
        "items": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "config"}, "data": {"core.yaml": config}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "p"}, "spec": {"template": template}},
        ],
    });
    list.to_string()
}

// The shapes of the configuration.

fn flyteadmin_0_1_sees_the_clusters_in_its_one_file() {
    let Some(flyteadmin) = FLYTEADMIN_0_1.program() else { return };
    let plane = ONE_FILE.control_plane(&json!({}));
    let seen = plane.seen_by(flyteadmin);
    let containers = ["flyteadmin/flyteadmin", "flyteadmin/run-migrations", "syncresources/sync-cluster-resources"];
    assert_eq!(names(&seen), containers);
    for (container, clusters) in seen {
        plane.assert_clusters(&clusters);
        if container != "flyteadmin/run-migrations" {
            plane.assert_credentials(&container, &clusters);
        }
    }
}

fn flyteadmin_of_both_majors_sees_the_clusters_in_a_file_beside_others() {
    for flyteadmin in [&FLYTEADMIN_0_1, &FLYTEADMIN_1] {
        let Some(flyteadmin) = flyteadmin.program() else { return };
        let plane = FILES.control_plane(&json!({}));
        let seen = plane.seen_by(flyteadmin);
        let containers =
            ["flyteadmin/flyteadmin", "flyteadmin/sync-cluster-resources", "syncresources/sync-cluster-resources"];
        assert_eq!(names(&seen), containers);
        for (container, clusters) in seen {
            plane.assert_clusters(&clusters);
            plane.assert_credentials(&container, &clusters);
        }
    }
}

fn flyteadmin_1_sees_the_clusters_in_projected_files_and_generate_secrets_sees_none() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    for shape in [FILES_AND_ITS_OWN, PROJECTED] {
        let plane = shape.control_plane(&json!({}));
        let mut seen = plane.seen_by(flyteadmin);
        assert_eq!(seen.remove("flyteadmin/generate-secrets").unwrap()["clusterConfigs"], Value::Null);
        let containers =
            ["flyteadmin/flyteadmin", "flyteadmin/sync-cluster-resources", "syncresources/sync-cluster-resources"];
        assert_eq!(names(&seen), containers);
        for (container, clusters) in seen {
            plane.assert_clusters(&clusters);
            plane.assert_credentials(&container, &clusters);
        }
    }
}

fn flyteadmin_1_sees_the_labels_and_the_default() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let labels = json!({
        "team-a": [{ "id": "cluster_1", "weight": 0.25 }, { "id": "cluster_3", "weight": 0.75 }],
        "team-b": [{ "id": "cluster_3", "weight": 1 }],
    });
    let plane = PROJECTED.control_plane(&json!({ "labelClusterMap": labels, "defaultExecutionLabel": "team-a" }));
    let mut seen = plane.seen_by(flyteadmin);
    seen.remove("flyteadmin/generate-secrets");
    for (container, clusters) in seen {
        assert_eq!(clusters["labelClusterMap"], labels, "{container}");
        assert_eq!(clusters["defaultExecutionLabel"], "team-a", "{container}");
    }
}

fn flyteadmin_1_lowers_the_labels_that_the_function_refuses_for_it() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let written = json!({ "clusters": { "labelClusterMap": { "Team-A": [{ "id": "cluster_1" }] } } });
    let directory = Scratch::new();
    fs::write(directory.path().join("clusters.yaml"), written.to_string()).unwrap();
    let seen = run(Command::new(flyteadmin).arg(directory.path().join("*.yaml")), b"").success();
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["labelClusterMap"], json!({ "team-a": [{ "id": "cluster_1", "weight": 0 }] }));
}

/// What the golden cases expect, read by flyteadmin: the clusters, labels and default label of their specs.
fn flyteadmin_1_sees_the_spec_in_every_spelling_and_beside_every_file() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    for case in [
        "edits-clusters-in-the-spelling-that-is-there",
        "merges-labels-into-a-list-of-mappings",
        "accepts-later-files-that-set-no-clusters",
        "accepts-key-that-is-read-after-an-empty-list-of-clusters",
    ] {
        let file = |name: &str| fs::read_to_string(repository().join("testdata/cases").join(case).join(name)).unwrap();
        let mut spec = parsed(&file("function-config.yaml"))[0]["spec"].take();
        let Value::Array(resources) = parsed(&file("expected.yaml"))[0]["items"].take() else { panic!("{case}") };
        let plane = ControlPlane { resources, clusters: spec["clusters"].take() };
        for (container, seen) in plane.seen_by(flyteadmin) {
            plane.assert_clusters(&seen);
            let default = spec["defaultExecutionLabel"].as_str().unwrap_or_default();
            assert_eq!(seen["defaultExecutionLabel"], default, "{case} {container}");
            for (label, members) in spec["labelClusterMap"].as_object().into_iter().flatten() {
                assert_eq!(seen["labelClusterMap"][label], *members, "{case} {container} {label}");
            }
        }
    }
}

fn flyteadmin_1_sees_its_own_cluster_without_endpoint_or_credentials() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let plane = PROJECTED.control_plane(&json!({ "clusters": [cluster(1), { "name": "here", "inCluster": true }] }));
    let clusters = &plane.seen_by(flyteadmin)["flyteadmin/flyteadmin"]["clusterConfigs"];
    assert_eq!(clusters[0]["inCluster"], false);
    let here = &clusters[1];
    assert_eq!((&here["name"], &here["inCluster"], &here["enabled"]), (&json!("here"), &json!(true), &json!(true)));
    assert_eq!((&here["endpoint"], &here["auth"]["tokenPath"]), (&json!(""), &json!("")));
}

fn flyteadmin_finds_the_credentials_of_hundreds_of_clusters() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let authority = example_secret("cluster-1-token")["data"]["ca.crt"].take();
    let clusters = (1..=400).map(|number| {
        let token = BASE64.encode(format!("not-a-real-token-of-cluster-{number}").repeat(24));
        let credentials = json!({ "token": token, "caCert": authority });
        let endpoint = format!("https://cluster-{number}.example.com:6443");
        json!({ "name": format!("cluster_{number}"), "endpoint": endpoint, "credentials": credentials })
    });
    let plane = PROJECTED.control_plane(&json!({ "clusters": clusters.collect::<Vec<_>>() }));
    assert!(plane.resources.iter().filter(|resource| resource["kind"] == "Secret").count() > 1);
    let mut seen = plane.seen_by(flyteadmin);
    seen.remove("flyteadmin/generate-secrets");
    for (container, clusters) in seen {
        plane.assert_clusters(&clusters);
        plane.assert_credentials(&container, &clusters);
    }
}

fn flyteadmin_does_not_start_with_the_list_that_the_old_guide_prints() {
    for (shape, flyteadmin) in [(&ONE_FILE, &FLYTEADMIN_0_1), (&FILES, &FLYTEADMIN_1)] {
        let Some(flyteadmin) = flyteadmin.program() else { return };
        let mut as_printed = shape.cluster_config();
        as_printed["format"] = json!("List");
        let plane = shape.control_plane(&json!({ "clusterConfig": as_printed }));
        let started = plane.containers()[0].start(flyteadmin);
        assert!(!started.status.success(), "{}", started.stdout);
        assert!(started.stderr.contains("expected a map, got 'slice'"), "{}", started.stderr);
    }
}

// Whole deployments.

fn flyteadmin_sees_the_clusters_of_the_example() {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let Some(kustomize) = tools::find("kustomize") else { return };
    let example = repository().join("testdata/example");
    let built = kustomize_build(&kustomize, &example.join("control-plane"));
    let shared = fs::read_to_string(example.join("base/planes.yaml")).unwrap();
    let clusters = parsed(&shared)[0]["spec"]["clusters"].take();
    let plane = ControlPlane { resources: parsed(&built.success()), clusters };
    let seen = plane.seen_by(flyteadmin);
    for container in
        ["flyteadmin/flyteadmin", "flyteadmin/sync-cluster-resources", "syncresources/sync-cluster-resources"]
    {
        plane.assert_clusters(&seen[container]);
        plane.assert_credentials(container, &seen[container]);
    }
    assert_eq!(seen.len(), 4, "{:?}", names(&seen));
}

fn flyteadmin_0_1_sees_the_clusters_of_the_deployment_of_2019(corpus: &Path) {
    let Some(flyteadmin) = FLYTEADMIN_0_1.program() else { return };
    let single = fs::read_to_string(corpus.join("seed-sandbox/single.yaml")).unwrap();
    let plane = control_plane(&single, ready_made("flyte-2019-kustomize.yaml"), &json!({}));
    let seen = plane.seen_by(flyteadmin);
    let mounting = ["flyteadmin/flyteadmin", "syncresources/sync-cluster-resources"];
    for container in mounting {
        plane.assert_clusters(&seen[container]);
        plane.assert_credentials(container, &seen[container]);
    }
}

fn flyteadmin_1_sees_the_clusters_of_a_render_of_the_chart(corpus: &Path) {
    let Some(flyteadmin) = FLYTEADMIN_1.program() else { return };
    let single = fs::read_to_string(corpus.join("helm-eks-v1.12.0/single.yaml")).unwrap();
    let plane = control_plane(&single, ready_made("flyte-core-helm.yaml"), &json!({}));
    let (seeing, blind): (Vec<_>, Vec<_>) =
        plane.seen_by(flyteadmin).into_iter().partition(|(_, clusters)| !clusters["clusterConfigs"].is_null());
    let (seeing, blind) = (BTreeMap::from_iter(seeing), BTreeMap::from_iter(blind));
    let expected =
        ["flyteadmin/flyteadmin", "flyteadmin/sync-cluster-resources", "syncresources/sync-cluster-resources"];
    assert_eq!(names(&seeing), expected);
    for not in ["flyteadmin/generate-secrets", "flyteadmin/run-migrations", "flyteadmin/seed-projects"] {
        assert!(blind.contains_key(not), "{:?}", names(&blind));
    }
    for (container, clusters) in seeing {
        plane.assert_clusters(&clusters);
        plane.assert_credentials(&container, &clusters);
    }
}

// flyteadmin.

/// A Go program that prints the clusters that flyteadmin sees.
struct Flyteadmin {
    module: &'static str,
    built: OnceLock<Option<PathBuf>>,
}

impl Flyteadmin {
    const fn in_module(module: &'static str) -> Self {
        Self { module, built: OnceLock::new() }
    }

    fn program(&'static self) -> Option<&'static Path> {
        self.built.get_or_init(|| tools::go_program(self.module)).as_deref()
    }
}

/// How a version of Flyte lays its configuration out, and what a spec says about it.
struct Shape {
    /// In `testdata/flyteadmin`.
    file: &'static str,
    /// `ConfigMap` and key.
    targets: &'static [(&'static str, &'static str)],
    /// Whether the function makes the `ConfigMap`.
    create: bool,
    /// The containers of Deployment flyteadmin that get the credentials.
    containers: &'static [&'static str],
}

impl Shape {
    fn cluster_config(&self) -> Value {
        let create = self.create;
        let target = |(config_map, key): &_| json!({ "configMap": config_map, "key": key, "create": create });
        json!({ "targets": self.targets.iter().map(target).collect::<Vec<_>>() })
    }

    /// The control plane of three clusters, one of them disabled, unless `changes` says otherwise.
    fn control_plane(&self, changes: &Value) -> ControlPlane {
        let spec = json!({
            "planes": { "controlPlane": [{ "kind": ".*" }] },
            "clusters": [cluster(1), disabled(cluster(2)), cluster(3)],
            "credentials": {
                "mounts": [
                    { "kind": "Deployment", "name": "flyteadmin", "containers": self.containers },
                    { "kind": "CronJob|Deployment", "name": "syncresources" },
                ],
            },
            "clusterConfig": self.cluster_config(),
        });
        let stream = fs::read_to_string(repository().join("testdata/flyteadmin").join(self.file)).unwrap();
        control_plane(&stream, spec, changes)
    }
}

fn cluster(number: u32) -> Value {
    json!({
        "name": format!("cluster_{number}"),
        "endpoint": format!("https://cluster-{number}.example.com:6443"),
        "credentials": { "secret": format!("cluster-{number}-token") },
    })
}

fn disabled(mut cluster: Value) -> Value {
    cluster["enabled"] = json!(false);
    cluster
}

/// The Secret with the credentials of one of the example's clusters.
fn example_secret(name: &str) -> Value {
    let directory = repository().join("testdata/example/control-plane/credentials");
    parsed(&fs::read_to_string(directory.join(format!("{name}.yaml"))).unwrap()).remove(0)
}

/// A spec of `function-config`, with three clusters.
fn ready_made(file: &str) -> Value {
    let text = fs::read_to_string(repository().join("function-config").join(file)).unwrap();
    let mut spec = parsed(&text)[0]["spec"].take();
    spec["clusters"] = json!([cluster(1), disabled(cluster(2)), cluster(3)]);
    spec
}

// What the function writes.

/// The resources of a control plane, and what they have to say about the clusters.
struct ControlPlane {
    resources: Vec<Value>,
    /// As in a spec.
    clusters: Value,
}

/// Runs the function for the control plane on a stream and the credentials of the example.
#[track_caller]
fn control_plane(stream: &str, mut spec: Value, changes: &Value) -> ControlPlane {
    spec["output"] = json!("ControlPlane");
    for (field, value) in changes.as_object().unwrap() {
        spec[field] = value.clone();
    }
    let mut items = String::new();
    for document in stream.split("---\n").filter(|document| document.contains("kind:")) {
        let lines = document.lines().filter(|line| !line.trim_start().starts_with("# Source:"));
        let mut indent = "- ";
        for line in lines.skip_while(|line| line.is_empty() || line.starts_with('#')) {
            writeln!(items, "{indent}{line}").unwrap();
            indent = "  ";
        }
    }
    for cluster in spec["clusters"].as_array().unwrap() {
        if let Some(name) = cluster["credentials"]["secret"].as_str() {
            writeln!(items, "- {}", example_secret(name)).unwrap();
        }
    }
    let config = json!({ "apiVersion": "split-planes.dev/v1alpha1", "kind": "PlaneSplit", "spec": spec });
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList";
    let written = function(&format!("{list}\nitems:\n{items}functionConfig: {config}\n")).success();
    let Value::Array(resources) = parsed(&written)[0]["items"].take() else { panic!("no items in {written}") };
    ControlPlane { resources, clusters: spec["clusters"].take() }
}

fn parsed(stream: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(stream);
    documents.map(|document| Value::deserialize(document).unwrap()).filter(|document| !document.is_null()).collect()
}

impl ControlPlane {
    /// What flyteadmin prints in each container that runs it, by workload and container.
    #[track_caller]
    fn seen_by(&self, flyteadmin: &Path) -> BTreeMap<String, Value> {
        let print = |container: &Container| {
            let printed = container.start(flyteadmin).success();
            // Before it, the reader may log what it does not merge.
            let section = printed.lines().last().unwrap_or_default();
            (container.name.clone(), serde_json::from_str(section).unwrap())
        };
        self.containers().iter().map(print).collect()
    }

    /// Asserts that these are the clusters of the spec.
    #[track_caller]
    fn assert_clusters(&self, seen: &Value) {
        let fields = |cluster: &Value| {
            let is_enabled = cluster["enabled"].as_bool().unwrap_or(true);
            (cluster["name"].clone(), cluster["endpoint"].clone(), is_enabled)
        };
        let of = |clusters: &Value| clusters.as_array().unwrap().iter().map(fields).collect::<Vec<_>>();
        assert_eq!(of(&seen["clusterConfigs"]), of(&self.clusters));
    }

    /// Asserts that each cluster's paths lead to its token and a certificate among the files of the container.
    #[track_caller]
    fn assert_credentials(&self, container: &str, seen: &Value) {
        let containers = self.containers();
        let root = containers.iter().find(|found| found.name == container).unwrap().files();
        for (cluster, seen) in self.clusters.as_array().unwrap().iter().zip(seen["clusterConfigs"].as_array().unwrap())
        {
            let read = |path: &Value| fs::read_to_string(under(root.path(), path.as_str().unwrap()));
            let read = |path: &Value| read(path).unwrap_or_else(|error| panic!("{path} in {container}: {error}"));
            let credentials = &cluster["credentials"];
            let token = match credentials["secret"].as_str() {
                Some(name) => example_secret(name)["data"]["token"].take(),
                None => credentials["token"].clone(),
            };
            assert_eq!(read(&seen["auth"]["tokenPath"]).as_bytes(), decoded(&token), "{cluster}");
            assert!(read(&seen["auth"]["certPath"]).starts_with("-----BEGIN CERTIFICATE-----\n"), "{cluster}");
        }
    }

    /// The containers that run flyteadmin.
    fn containers(&self) -> Vec<Container<'_>> {
        let mut containers = Vec::new();
        for resource in &self.resources {
            let paths = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"];
            let Some(pod) = paths.iter().find_map(|path| resource.pointer(path)) else { continue };
            let all = [&pod["initContainers"], &pod["containers"]].into_iter().filter_map(Value::as_array).flatten();
            for container in all {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let command =
                    [&container["command"], &container["args"]].into_iter().filter_map(Value::as_array).flatten();
                let words: Vec<String> = command.map(text).collect();
                let words: Vec<String> = words.iter().flat_map(|word| word.split(' ')).map(str::to_owned).collect();
                if words.iter().any(|word| word == "flyteadmin") {
                    let name = format!("{}/{}", text(&resource["metadata"]["name"]), text(&container["name"]));
                    containers.push(Container { name, words, spec: container, pod, resources: &self.resources });
                }
            }
        }
        containers
    }
}

/// A container that runs flyteadmin.
struct Container<'a> {
    /// Of workload and container.
    name: String,
    /// Of its command line.
    words: Vec<String>,
    spec: &'a Value,
    pod: &'a Value,
    resources: &'a [Value],
}

impl Container<'_> {
    /// Starts flyteadmin on the container's files.
    #[track_caller]
    fn start(&self, flyteadmin: &Path) -> Finished {
        let after = |flag: &String| self.words.iter().skip_while(|word| *word != flag).nth(1).cloned();
        let configuration = after(&"--config".to_owned())
            .or_else(|| self.words.iter().find_map(|word| Some(word.strip_prefix("--config=")?.to_owned())))
            .unwrap_or_else(|| panic!("no --config in {:?}", self.words));
        let (root, elsewhere) = (self.files(), Scratch::new());
        // Where nothing matches, flyteadmin falls back on a file in its working directory.
        let mut command = Command::new(flyteadmin);
        run(command.arg(under(root.path(), &configuration)).current_dir(elsewhere.path()), b"")
    }

    /// A directory with the files that its mounts put into the container.
    fn files(&self) -> Scratch {
        let root = Scratch::new();
        for mount in self.spec["volumeMounts"].as_array().into_iter().flatten() {
            assert_eq!(mount["subPath"], Value::Null, "{}", self.name);
            let volumes = self.pod["volumes"].as_array().unwrap();
            let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
            let directory = under(root.path(), mount["mountPath"].as_str().unwrap());
            fs::create_dir_all(&directory).unwrap();
            let sources =
                volume["projected"]["sources"].as_array().map_or(vec![volume], |sources| sources.iter().collect());
            for (key, content) in sources.into_iter().flat_map(|source| self.keys(source)) {
                fs::write(directory.join(key), content).unwrap();
            }
        }
        root
    }

    /// The keys of what a volume or one source of a projected volume names, none where that is not among the resources.
    fn keys(&self, source: &Value) -> Vec<(String, Vec<u8>)> {
        let (config_map, secret) = (&source["configMap"], &source["secret"]);
        for field in [config_map, secret] {
            assert_eq!(field["items"], Value::Null, "{}", self.name);
        }
        let secret_name = if secret["name"].is_null() { &secret["secretName"] } else { &secret["name"] };
        let named = |kind: &'static str, name: &Value| {
            let is_it = |item: &&Value| item["kind"] == kind && item["metadata"]["name"] == *name;
            let item = self.resources.iter().find(is_it);
            ["data", "binaryData", "stringData"].into_iter().flat_map(move |field| {
                let values = item.and_then(|item| item[field].as_object()).into_iter().flatten();
                let is_encoded = field == "binaryData" || field == "data" && kind == "Secret";
                values.map(move |(key, value)| {
                    let plain = || value.as_str().unwrap().as_bytes().to_vec();
                    (key.clone(), if is_encoded { decoded(value) } else { plain() })
                })
            })
        };
        named("ConfigMap", &config_map["name"]).chain(named("Secret", secret_name)).collect()
    }
}

/// Where a path of a container lies below the directory that stands for its root.
fn under(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

fn decoded(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap()).unwrap()
}

fn names(seen: &BTreeMap<String, Value>) -> Vec<&str> {
    seen.keys().map(String::as_str).collect()
}
