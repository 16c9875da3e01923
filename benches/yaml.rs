//! How fast list documents are read, edited and written, and with how much memory, beside a plain copy of the same bytes.
//!
//! Criterion times lists of 1,000 and 10,000 items, in YAML and in JSON. A table of the largest list follows, which has
//! 10,000 items, or 100,000 in about 180 MB with `BENCH_LARGE=1`; `cargo bench --bench yaml -- table` prints it alone.
//! Each of its rows is measured in a process of its own. The peak is that of the whole process, which holds the input
//! once; the copy is made between the runs of what it is compared with.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use criterion::{BenchmarkId, Criterion, Throughput};
use json_patch::Patch;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use split_planes::wire;
use split_planes::yaml::events::validate;
use split_planes::yaml::layout::{Layout, item_value};
use split_planes::yaml::{Error, edit, view};

const NOTHING: (&str, &[Value]) = ("results", &[]);

/// The argument with which this program starts itself, followed by the name of an operation and the file of a list.
const MEASURE: &str = "--measure";

/// How long the runs of each operation of the table may take before none is begun; the fastest run counts.
const RUNS: Duration = Duration::from_secs(4);

/// A list, and its layout for the operations that do not find it themselves.
struct List<'a> {
    text: &'a str,
    layout: OnceCell<Layout<'a>>,
}

/// What is measured: reads a list and returns how many of its bytes that were.
struct Operation {
    name: &'static str,
    run: fn(&List<'_>) -> usize,
}

const OPERATIONS: [Operation; 11] = [
    COPY,
    Operation { name: "layout", run: |list| black_box(list.scan()).items().map(str::len).sum() },
    Operation { name: "compose", run: compose },
    Operation { name: "validate, two threads", run: validate_items },
    Operation { name: "view::check", run: |list| list.each(|item| view::check(item).is_ok()) },
    Operation { name: "view::read", run: |list| list.each(|item| view::read(item).is_ok()) },
    Operation { name: "edit::apply, 1 item in 100", run: edit_items },
    Operation { name: "heads", run: |list| list.each(read_head) },
    Operation { name: "wire::read", run: |list| wire::read(list.text.as_bytes()).map_or(0, |_| list.text.len()) },
    Operation { name: "pass-through", run: pass_through },
    Operation { name: "pass-through, heads only", run: pass_heads_through },
];
const COPY: Operation = Operation { name: "copy", run: |list| black_box(list.text.to_owned()).len() };

impl<'a> List<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, layout: OnceCell::new() }
    }

    fn scan(&self) -> Layout<'a> {
        Layout::new(self.text, "items").expect("the generated list is a list")
    }

    fn layout(&self) -> &Layout<'a> {
        self.layout.get_or_init(|| self.scan())
    }

    /// Does something to every item, which must succeed.
    fn each(&self, run: impl Fn(&str) -> bool) -> usize {
        let items = self.layout().items();
        items.inspect(|item| assert!(black_box(run(item)), "the generated items are valid")).map(str::len).sum()
    }
}

fn compose(list: &List<'_>) -> usize {
    black_box(list.layout().compose(list.layout().items(), NOTHING).expect("the text is ordinary")).len()
}

/// Validates every item, half of them on a second thread.
fn validate_items(list: &List<'_>) -> usize {
    let items: Vec<&str> = list.layout().items().collect();
    let (first, second) = items.split_at(items.len() / 2);
    let all = |items: &[&str]| items.iter().try_for_each(|item| validate(item));
    let result: Result<(), Error> = thread::scope(|scope| {
        let other = scope.spawn(|| all(second));
        all(first)?;
        other.join().expect("validating does not panic")
    });
    result.expect("the generated items are YAML");
    list.text.len()
}

/// Adds a volume and its mount to every hundredth item, all of which are Deployments.
fn edit_items(list: &List<'_>) -> usize {
    let pod_spec = format!("{}/spec/template/spec", list.layout().item_pointer());
    let patch: Patch = serde_json::from_value(json!([
        {"op": "add", "path": format!("{pod_spec}/volumes/-"), "value": {"name": "token", "secret": {"secretName": "token"}}},
        {"op": "add", "path": format!("{pod_spec}/containers/0/volumeMounts/-"), "value": {"name": "token", "mountPath": "/token"}},
    ]))
    .expect("these are operations");
    let edit = |item: &str| black_box(edit::apply(item, &patch).expect("the edit fits")).len();
    list.layout().items().step_by(100).inspect(|item| assert!(edit(item) > item.len())).map(str::len).sum()
}

/// Finds what names an item; as on the wire the whole item is read where that does not tell.
fn read_head(item: &str) -> bool {
    let is_found = |key| black_box(item_value(item, key)).is_some();
    ["apiVersion", "kind", "metadata"].into_iter().all(is_found) || view::read(item).is_ok()
}

fn pass_through(list: &List<'_>) -> usize {
    let read = wire::read(list.text.as_bytes()).expect("the generated list is a ResourceList");
    let written = lengths(read.compose_unchanged(&[]).expect("nothing is changed"));
    assert_eq!(written, list.text.len());
    written
}

fn pass_heads_through(list: &List<'_>) -> usize {
    let list = List::new(list.text);
    list.each(read_head);
    let layout = list.layout();
    lengths(layout.pieces(layout.items().map(Cow::Borrowed), NOTHING).expect("nothing is changed"))
}

fn lengths<'i>(pieces: impl Iterator<Item = Cow<'i, str>>) -> usize {
    pieces.map(|piece| black_box(piece).len()).sum()
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [first, operation, file] = arguments.as_slice()
        && first == MEASURE
    {
        let measured = measure(operation, Path::new(file));
        println!("{}", serde_json::to_string(&measured).expect("numbers make JSON"));
        return;
    }
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for size in [1_000, 10_000] {
        let yaml = resource_list(size);
        statistics(&mut criterion, "YAML", size, &yaml);
        statistics(&mut criterion, "JSON", size, &as_json(&yaml));
    }
    criterion.final_summary();
    // Without it, `cargo test` runs this to see whether it works.
    if arguments.iter().any(|argument| argument == "--bench") {
        table(if env::var_os("BENCH_LARGE").is_some() { 100_000 } else { 10_000 });
    }
}

fn statistics(criterion: &mut Criterion, format: &str, size: usize, text: &str) {
    let list = List::new(text);
    let mut group = criterion.benchmark_group(format);
    for Operation { name, run } in OPERATIONS {
        group.throughput(Throughput::Bytes(run(&list) as u64));
        group.bench_function(BenchmarkId::new(name, size), |bencher| bencher.iter(|| run(black_box(&list))));
    }
    group.finish();
}

/// What one process found out about one operation.
#[derive(Serialize, Deserialize)]
struct Measured {
    /// Bytes in a second.
    speed: f64,
    copy_speed: f64,
    /// The most memory that the process had resident after one run, where the system tells.
    peak: Option<f64>,
}

fn measure(operation: &str, file: &Path) -> Measured {
    let operation = OPERATIONS.into_iter().find(|known| known.name == operation).expect("the table names operations");
    let text = fs::read_to_string(file).expect("the table wrote the file");
    let list = List::new(&text);
    (operation.run)(&list);
    let mut measured = Measured { speed: 0.0, copy_speed: 0.0, peak: peak() };
    let start = Instant::now();
    while measured.speed == 0.0 || start.elapsed() < RUNS {
        measured.copy_speed = measured.copy_speed.max(speed(&COPY, &list));
        measured.speed = measured.speed.max(speed(&operation, &list));
    }
    measured
}

fn speed(operation: &Operation, list: &List<'_>) -> f64 {
    let start = Instant::now();
    let bytes = (operation.run)(list);
    count(bytes) / start.elapsed().as_secs_f64()
}

/// The peak of this process's resident memory in bytes.
fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes: f64 =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

#[allow(clippy::cast_precision_loss, reason = "no list has 2^52 bytes")]
fn count(count: usize) -> f64 {
    count as f64
}

/// Prints how the operations do on a list of `size` items.
fn table(size: usize) {
    let yaml = resource_list(size);
    for (format, text) in [("YAML", yaml.clone()), ("JSON", as_json(&yaml))] {
        let (bytes, items) = (count(text.len()), count(size));
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{format}-{}", std::process::id()));
        fs::write(&file, text).expect("writing the list");
        println!("\n{size} items in {:.1} MB of {format}", bytes / 1e6);
        println!("{:<28}{:>8}{:>10}{:>14}{:>16}", "", "MB/s", "of copy", "peak / input", "B/item beyond");
        for Operation { name, .. } in OPERATIONS {
            let Measured { speed, copy_speed, peak } = measured(name, &file);
            let peak = peak.map_or("no /proc".to_owned(), |peak| {
                format!("{:>12.2} x{:>16.0}", peak / bytes, (peak - bytes) / items)
            });
            let copies = format!("1/{:.1}", copy_speed / speed);
            println!("{name:<28}{:>8.0}{copies:>10}{peak:>14}", speed / 1e6);
        }
        fs::remove_file(&file).expect("the file is there");
    }
}

/// Measures in a process of its own.
fn measured(operation: &str, file: &Path) -> Measured {
    let program = env::current_exe().expect("this program is a file");
    let output = Command::new(program).arg(MEASURE).arg(operation).arg(file).output().expect("starting this program");
    assert!(output.status.success(), "{operation}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the process prints what it measured")
}

/// The same list as JSON, read item by item because the values of a large list take many times its size.
fn as_json(yaml: &str) -> String {
    let layout = List::new(yaml).scan();
    let value = |text: &str| view::read(text).expect("the generated list is YAML");
    let items: Vec<String> = layout.items().map(|item| value(item)[0].to_string()).collect();
    let entry = |key: &str| value(layout.entry(key).expect("the generated list has it"))[key].to_string();
    let [api_version, kind, function_config] = ["apiVersion", "kind", "functionConfig"].map(entry);
    format!(
        r#"{{"apiVersion":{api_version},"kind":{kind},"items":[{}],"functionConfig":{function_config}}}"#,
        items.join(",")
    )
}

/// A `ResourceList` of Deployments, ConfigMaps and custom resources as a platform's repository holds them.
fn resource_list(count: usize) -> String {
    let mut text = String::from("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n");
    for at in 0..count {
        match at % 20 {
            0..7 => deployment(&mut text, at),
            7..10 => config_map(&mut text, at),
            _ => custom_resource(&mut text, at),
        }
    }
    text.push_str("functionConfig:\n  apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: example\n");
    text
}

fn deployment(text: &mut String, at: usize) {
    head(text, "apps/v1", "Deployment", at);
    text.push_str("spec:\n    replicas: 2\n    template:\n      spec:\n        containers:\n");
    for container in 0..3 {
        let _ = write!(
            text,
            "        - name: c{container}\n          image: \"registry.example.com/team/app-{at}:1.2.{container}\"\n          \
             command: [\"/bin/app\", '--port', \"8080\"]\n          args:\n          - --config=/etc/app/config.yaml\n          \
             - --log-level=info # quiet\n          env:\n          - name: PASSWORD\n            valueFrom:\n              \
             secretKeyRef:\n                name: app-{at}\n                key: password\n          resources:\n            \
             limits: {{cpu: 500m, memory: 256Mi}}\n            requests: {{cpu: 100m, memory: 128Mi}}\n          \
             volumeMounts:\n          - mountPath: /etc/app\n            name: config\n            readOnly: true\n"
        );
    }
    let _ = write!(
        text,
        "        volumes:\n        - name: config\n          configMap:\n            name: app-{at}\n            defaultMode: 0644\n"
    );
}

fn config_map(text: &mut String, at: usize) {
    head(text, "v1", "ConfigMap", at);
    text.truncate(text.len() - 2);
    text.push_str("  data:\n    config.yaml: |\n");
    for line in 0..45 {
        let _ = writeln!(text, "      - key-{line}: value of the line {line} # with \"quotes'");
    }
}

fn custom_resource(text: &mut String, at: usize) {
    head(text, "example.com/v1alpha1", "Workflow", at);
    text.push_str("spec:\n    description: >-\n      a text that goes on\n      over lines\n    nodes:\n");
    for node in 0..8 {
        let _ = write!(
            text,
            "    - id: n{node}\n      type: task\n      retries: 3\n      inputs:\n      - \"a: {at}\"\n      - 'b'\n"
        );
    }
}

fn head(text: &mut String, api_version: &str, kind: &str, at: usize) {
    let _ = write!(
        text,
        "- apiVersion: {api_version}\n  kind: {kind}\n  metadata:\n    name: app-{at}\n    namespace: ns-{}\n    labels:\n      \
         app.kubernetes.io/name: app-{at}\n      team: \"example\"\n    annotations:\n      \
         internal.config.kubernetes.io/path: 'base/app-{at}.yaml'\n      example.com/note: |-\n        a note\n        - of lines\n  ",
        at % 50
    );
}
