//! Times whole runs of the binary, as an orchestrator sees them: start, read, split, write, exit.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 9;

fn main() {
    let mut out = std::io::stdout();
    writeln!(out, "{:>10} {:>10} {:>10} {:>10}", "resources", "kB", "median", "slowest").expect("writing to stdout");
    for resources in [0, 100, 1_000, 10_000] {
        let list = list(resources);
        let mut times: Vec<Duration> = (0..RUNS).map(|_| time(&list)).collect();
        times.sort();
        let (median, slowest) = (times[RUNS / 2], times[RUNS - 1]);
        writeln!(out, "{resources:>10} {:>10} {median:>10.1?} {slowest:>10.1?}", list.len() / 1000)
            .expect("writing to stdout");
    }
}

/// How long the function takes over a list.
fn time(list: &str) -> Duration {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_split-planes"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starting the function");
    // The function reads all of its input before it writes, so neither side waits for the other here.
    child.stdin.take().expect("stdin is piped").write_all(list.as_bytes()).expect("writing the list");
    let output = child.wait_with_output().expect("waiting for the function");
    let time = start.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    time
}

/// A list of Deployments, half of them in each plane, every hundredth with the credentials to mount.
fn list(resources: usize) -> String {
    let mut list = String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
    list.push_str("- {apiVersion: v1, kind: ConfigMap, metadata: {name: control-config, namespace: flyte}, data: {config.yaml: ''}}\n");
    for number in 0..resources {
        let plane = if number % 2 == 0 { "control" } else { "data" };
        let role = if number % 100 == 0 { "admin" } else { "worker" };
        write!(
            list,
            "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: {plane}-{role}-{number}\n    namespace: flyte\n    \
             labels: {{app: {role}}} # number {number}\n  spec:\n    replicas: 1\n    selector:\n      matchLabels:\n        app: {role}\n    \
             template:\n      metadata:\n        labels:\n          app: {role}\n      spec:\n        containers:\n        - name: {role}\n          \
             image: example.com/{role}:v1\n          args: [\"--number\", \"{number}\"]\n          env:\n          - name: PLANE\n            \
             value: {plane}\n          volumeMounts:\n          - name: config\n            mountPath: /etc/config\n        volumes:\n        \
             - name: config\n          emptyDir: {{}}\n"
        )
        .expect("writing to a string");
    }
    list.push_str(if resources == 0 { CONFIG } else { CONFIG_WITH_CLUSTERS });
    list
}

const CONFIG: &str = "\
functionConfig:
  apiVersion: split-planes.dev/v1alpha1
  kind: PlaneSplit
  metadata: {name: bench}
  spec:
    output: ControlPlane
    planes: {controlPlane: [{name: control-.*}], dataPlane: [{name: data-.*}]}
";

const CONFIG_WITH_CLUSTERS: &str = "\
functionConfig:
  apiVersion: split-planes.dev/v1alpha1
  kind: PlaneSplit
  metadata: {name: bench}
  spec:
    output: ControlPlane
    planes: {controlPlane: [{name: control-.*}], dataPlane: [{name: data-.*}]}
    clusters: [{name: cluster_1, endpoint: https://cluster-1.example.com, credentials: {secret: cluster-1-token}}]
    credentials: {source: Existing, namespace: flyte, mounts: [{name: control-admin-.*}]}
    clusterConfig: {targets: [{configMap: control-config, key: config.yaml}]}
";
