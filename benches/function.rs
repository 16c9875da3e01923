//! Times whole runs of the binary, as an orchestrator sees them: start, read, split, write, exit. A second table has what
//! hostile input costs; its peaks are those of processes of their own, in which this program runs the function itself.

#![allow(clippy::print_stdout, reason = "the tables are what this program is for")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use hostile::{Fate, Hostile};
use split_planes::credentials::Now;

#[path = "../tests/common/hostile.rs"]
mod hostile;

const RUNS: usize = 9;

/// How often hostile input is run; the fastest counts.
const HOSTILE_RUNS: usize = 3;

/// How long hostile scalars are.
const MEGABYTES: usize = 50;

/// The argument with which this program starts itself, followed by the file of a list.
const MEASURE: &str = "--measure";

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, file] = arguments.as_slice()
        && first == MEASURE
    {
        println!("{}", measure(Path::new(file)).map_or(String::new(), |peak| peak.to_string()));
        return;
    }
    println!("{:>10} {:>10} {:>10} {:>10}", "resources", "kB", "median", "slowest");
    for resources in [0, 100, 1_000, 10_000] {
        let list = list(resources);
        let mut times: Vec<Duration> = (0..RUNS).map(|_| time(list.as_bytes(), true)).collect();
        times.sort();
        let (median, slowest) = (times[RUNS / 2], times[RUNS - 1]);
        println!("{resources:>10} {:>10} {median:>10.1?} {slowest:>10.1?}", list.len() / 1000);
    }
    // Without it, `cargo test` runs this to see whether it works.
    let megabytes = if arguments.iter().any(|argument| argument == "--bench") { MEGABYTES } else { 1 };
    println!("\n{:<40} {:>10} {:>10} {:>10} {:>14}", "hostile input", "bytes", "time", "peak MB", "peak / input");
    for hostile in hostile::lists(megabytes) {
        row(&hostile);
    }
}

/// Prints what a hostile list costs.
fn row(Hostile { name, bytes, fate }: &Hostile) {
    let is_written = *fate == Fate::Written;
    let time = (0..HOSTILE_RUNS).map(|_| time(bytes, is_written)).min().unwrap_or_default();
    let peak = peak(bytes).map_or(format!("{:>10}", "no /proc"), |peak| {
        // The program alone has some megabytes, so that small inputs have no ratio worth a look.
        let ratio =
            if bytes.len() < 1_000_000 { "-".to_owned() } else { format!("{:.2} x", peak / count(bytes.len())) };
        format!("{:>10.1} {ratio:>14}", peak / 1e6)
    });
    println!("{name:<40} {:>10} {time:>10.1?} {peak}", bytes.len());
}

/// The peak of the resident memory, in bytes, of a process that runs the function on a list.
fn peak(bytes: &[u8]) -> Option<f64> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{}", std::process::id()));
    fs::write(&file, bytes).expect("writing the list");
    let program = env::current_exe().expect("this program is a file");
    let output = Command::new(program).arg(MEASURE).arg(&file).output().expect("starting this program");
    fs::remove_file(&file).expect("the file is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// Runs the function in this process, and says how much memory that took.
fn measure(file: &Path) -> Option<f64> {
    let input = fs::read(file).expect("reading the list");
    // What is wrong with the list is what it is there for.
    let _ = split_planes::run(&input, Now::unknown(), &mut io::sink());
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = kilobytes.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// How long the function takes over a list, which it must write or refuse.
fn time(list: &[u8], is_written: bool) -> Duration {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_split-planes"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starting the function");
    // The function reads all of its input before it writes, so neither side waits for the other here.
    child.stdin.take().expect("stdin is piped").write_all(list).expect("writing the list");
    let output = child.wait_with_output().expect("waiting for the function");
    let time = start.elapsed();
    assert_eq!(output.status.success(), is_written, "{}", String::from_utf8_lossy(&output.stderr));
    time
}

#[allow(clippy::cast_precision_loss, reason = "no list has 2^52 bytes")]
fn count(count: usize) -> f64 {
    count as f64
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
    list.push_str(CONFIG);
    if resources > 0 {
        list.push_str(CLUSTERS);
    }
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

/// What the functionConfig goes on with where there are resources to mount credentials into.
const CLUSTERS: &str =
    "    clusters: [{name: cluster_1, endpoint: https://cluster-1.example.com, credentials: {secret: cluster-1-token}}]
    credentials: {source: Existing, namespace: flyte, mounts: [{name: control-admin-.*}]}
    clusterConfig: {targets: [{configMap: control-config, key: config.yaml}]}
";
