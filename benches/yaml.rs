//! How fast list documents are read and written, beside a plain copy of the same bytes.
//!
//! `BENCH_LARGE=1` adds a list of 100,000 items, about 180 MB.

use std::fmt::Write as _;
use std::hint::black_box;
use std::thread;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::Value;
use split_planes::yaml::Error;
use split_planes::yaml::events::validate;
use split_planes::yaml::layout::{Layout, item_entry};

const NOTHING: (&str, &[Value]) = ("results", &[]);

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
    for line in 0..60 {
        let _ = writeln!(text, "      - key-{line}: value of the line {line} # with \"quotes'");
    }
}

fn custom_resource(text: &mut String, at: usize) {
    head(text, "example.com/v1alpha1", "Workflow", at);
    text.push_str("spec:\n    description: >-\n      a text that goes on\n      over lines\n    nodes:\n");
    for node in 0..20 {
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

/// The same list as JSON.
fn as_json(text: &str) -> String {
    split_planes::yaml::view::read(text).expect("the generated list is YAML").to_string()
}

/// Validates every item, half of them on a second thread.
fn validate_items(layout: &Layout<'_>) -> Result<(), Error> {
    let items: Vec<&str> = layout.items().collect();
    let (first, second) = items.split_at(items.len() / 2);
    thread::scope(|scope| {
        let other = scope.spawn(|| second.iter().try_for_each(|item| validate(item)));
        first.iter().try_for_each(|item| validate(item))?;
        other.join().expect("validating does not panic")
    })
}

fn lists(criterion: &mut Criterion) {
    let mut sizes = vec![1_000, 10_000];
    if std::env::var_os("BENCH_LARGE").is_some() {
        sizes.push(100_000);
    }
    for size in sizes {
        let text = resource_list(size);
        let layout = Layout::new(&text, "items").expect("the generated list is a list");
        let mut group = criterion.benchmark_group("yaml");
        group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::new("copy", size), |bencher| bencher.iter(|| black_box(text.clone())));
        group.bench_function(BenchmarkId::new("layout", size), |bencher| {
            bencher.iter(|| Layout::new(black_box(&text), "items").expect("the generated list is a list"));
        });
        group.bench_function(BenchmarkId::new("compose", size), |bencher| {
            bencher.iter(|| layout.compose(layout.items(), NOTHING));
        });
        group.bench_function(BenchmarkId::new("layout and compose", size), |bencher| {
            bencher.iter(|| {
                let layout = Layout::new(black_box(&text), "items").expect("the generated list is a list");
                layout.compose(layout.items(), NOTHING)
            });
        });
        group.bench_function(BenchmarkId::new("heads", size), |bencher| {
            bencher.iter(|| {
                let heads =
                    layout.items().flat_map(|item| ["apiVersion", "kind", "metadata"].map(|key| item_entry(item, key)));
                heads.flatten().map(str::len).sum::<usize>()
            });
        });
        group.bench_function(BenchmarkId::new("validate on two threads", size), |bencher| {
            bencher.iter(|| validate_items(&layout).expect("the generated items are YAML"));
        });
        // Benches of `view::read` and `edit::apply` over `layout.items()` belong here.
        if size <= 10_000 {
            let json = as_json(&text);
            group.throughput(Throughput::Bytes(json.len() as u64));
            group.bench_function(BenchmarkId::new("layout of JSON", size), |bencher| {
                bencher.iter(|| Layout::new(black_box(&json), "items").expect("the generated list is a list"));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, lists);
criterion_main!(benches);
