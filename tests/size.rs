//! Whether a cluster takes the ConfigMaps that grow with the number of clusters, and what is said when it does not.

use std::fmt::Write as _;

use split_planes::credentials::Now;

/// A run with that many clusters, whose names make each entry about `length` bytes longer.
fn run(clusters: usize, length: usize) -> (split_planes::Run, String) {
    let mut list = String::from(
        "apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: config, namespace: flyte}, data: {clusters.yaml: ''}}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: flyteadmin, namespace: flyte}
  spec:
    template:
      spec:
        containers:
        - name: flyteadmin
          command: [flyteadmin, --config, /etc/flyte/config/*.yaml, serve]
          volumeMounts: [{name: config, mountPath: /etc/flyte/config}]
        volumes: [{name: config, configMap: {name: config}}]
functionConfig:
  apiVersion: split-planes.dev/v1alpha1
  kind: PlaneSplit
  spec:
    output: ControlPlane
    planes: {unmatched: ControlPlane}
    credentials: {source: Existing, mounts: [{kind: Deployment}]}
    clusterConfig: {targets: [{configMap: config, key: clusters.yaml}]}
    clusters:
",
    );
    for number in 0..clusters {
        let name = format!("{number:0>width$}", width = length / 3);
        writeln!(list, "    - {{name: \"{name}\", endpoint: \"https://{number}.flyte.test\"}}")
            .expect("a String grows");
    }
    let mut output = Vec::new();
    let run = split_planes::run(list.as_bytes(), Now::at(1_800_000_000), &mut output).expect("this is a ResourceList");
    (run, String::from_utf8(output).expect("what is written is text"))
}

fn found<'r>(run: &'r split_planes::Run, start: &str) -> Option<&'r str> {
    run.messages.iter().map(String::as_str).find(|message| message.starts_with(start))
}

#[test]
fn a_config_map_of_some_hundred_clusters_needs_no_word() {
    let (run, _) = run(400, 30);
    assert!(!run.is_failure, "{:?}", run.messages);
    assert_eq!(run.messages.len(), 1, "{:?}", run.messages);
}

#[test]
fn one_that_client_side_apply_cannot_annotate_is_a_warning_that_says_how_to_apply_it() {
    let (run, _) = run(500, 600);
    assert!(!run.is_failure, "{:?}", run.messages);
    let warning = found(&run, "warning: v1/ConfigMap/flyte/config: ").expect("there is a warning");
    assert!(warning.contains("`kubectl apply --server-side`") && warning.contains("262144"), "{warning}");
}

#[test]
fn one_that_the_api_server_refuses_is_an_error_with_its_size() {
    let (run, output) = run(1500, 600);
    assert!(run.is_failure);
    let error = found(&run, "error: v1/ConfigMap/flyte/config: ").expect("there is an error");
    let sizes: Vec<usize> = error.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
    assert!(sizes.contains(&1_048_576) && sizes.iter().any(|size| *size > 1_048_576), "{error}");
    assert!(!output.contains("clusterConfigs"), "the items stay as they came");
}
