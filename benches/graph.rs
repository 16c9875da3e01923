//! How the reference graph and what is read from it grow: 1,000, 10,000 and 100,000 resources with ten references each.
//!
//! Prints the time of each step and how much longer it takes for ten times the resources; 10 is linear.

#![allow(clippy::print_stdout, reason = "the table is what this program is for")]
#![allow(missing_docs, reason = "a program")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use split_planes::check::references;
use split_planes::classify::follow;
use split_planes::graph::{self, Graph};
use split_planes::spec::{Claim, Plane};
use split_planes::wire::Resource;

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const STEPS: [&str; 5] = ["build", "follow", "suggest", "dangling", "crossings"];

/// How many resources make up one application: six that are named, two that name, a Service and a binding.
const APPLICATION: usize = 10;

fn main() {
    let mut before: Option<[Duration; STEPS.len()]> = None;
    println!("{:>10} {:>11}  {}", "resources", "references", STEPS.map(|step| format!("{step:>22}")).join(""));
    for size in SIZES {
        let items = items(size);
        let decided: Vec<Option<Claim>> = (0..size).map(decided).collect();
        let graph = graph::build(&items);
        let times = steps(&items, &graph, &decided);
        let column = |step: usize| {
            let ratio = before.map(|before| times[step].as_secs_f64() / before[step].as_secs_f64());
            let ratio = ratio.map_or(String::new(), |ratio| format!("(x {ratio:.1})"));
            format!("{:>13} {ratio:>8}", format!("{:.2?}", times[step]))
        };
        let columns: String = (0..STEPS.len()).map(column).collect();
        println!("{size:>10} {:>11}  {columns}", graph.edges().len());
        before = Some(times);
    }
}

fn steps(items: &[Resource<'_>], graph: &Graph, decided: &[Option<Claim>]) -> [Duration; STEPS.len()] {
    let placed: Vec<Option<Claim>> = follow::follow(graph, decided, &[])
        .into_iter()
        .zip(decided)
        .map(|(followed, decided)| decided.or_else(|| Some(followed?.claim)))
        .collect();
    let kept = |at: usize| placed[at].is_some_and(|claim| claim.includes(Plane::Data));
    [
        fastest(|| graph::build(items)),
        fastest(|| follow::follow(graph, decided, &[])),
        fastest(|| follow::suggest(graph, &placed, &[])),
        fastest(|| references::dangling(graph, items, &kept, &[], &[])),
        fastest(|| references::crossings(graph, items, &|at| kept(at).then(|| &items[at]), &[])),
    ]
}

fn fastest<T>(mut step: impl FnMut() -> T) -> Duration {
    const RUNS: usize = 5;
    let mut time = || {
        let start = Instant::now();
        black_box(step());
        start.elapsed()
    };
    (0..RUNS).map(|_| time()).min().unwrap_or_default()
}

/// Every fourth application is left open.
fn decided(at: usize) -> Option<Claim> {
    let application = at / APPLICATION;
    match (at % APPLICATION, application % 4) {
        (6 | 7, 0 | 1) => Some(Claim::Only(Plane::Control)),
        (6 | 7, 2) => Some(Claim::Only(Plane::Data)),
        _ => None,
    }
}

/// Applications in many namespaces that use their own objects and share one with a neighbour.
fn items(size: usize) -> Vec<Resource<'static>> {
    let mut items: Vec<Resource<'static>> = (0..size)
        .map(|at| {
            let text = object(at / APPLICATION, at % APPLICATION);
            Resource::read(text, "").expect("the generated objects are valid")
        })
        .collect();
    // Values are read on first use; that is the reader's time, not the graph's.
    for item in &mut items {
        black_box(item.value());
    }
    items
}

fn object(application: usize, part: usize) -> String {
    let namespace = format!("ns-{}", application / 50);
    let name = format!("app-{application}");
    let metadata = |name: &str| format!("metadata: {{name: {name}, namespace: {namespace}}}\n");
    match part {
        0..=3 => {
            let mut text = format!(
                "apiVersion: v1\nkind: ConfigMap\n{}data:\n  config.yaml: |\n",
                metadata(&format!("{name}-{part}"))
            );
            for line in 0..20 {
                let _ =
                    writeln!(text, "    key-{line}: some text of the line {line}, app-{} among it", application + line);
            }
            let _ = writeln!(text, "    endpoint: app-{}:80", application ^ 1);
            text
        }
        4 => format!("apiVersion: v1\nkind: Secret\n{}", metadata(&name)),
        5 => format!("apiVersion: v1\nkind: ServiceAccount\n{}", metadata(&name)),
        6 | 7 => {
            let mut text = format!("apiVersion: apps/v1\nkind: Deployment\n{}", metadata(&format!("{name}-{part}")));
            let _ = write!(
                text,
                "spec:\n  template:\n    metadata: {{labels: {{app: {name}, part: p{part}}}}}\n    spec:\n      \
                 serviceAccountName: {name}\n      imagePullSecrets: [{{name: {name}}}]\n      containers:\n      - name: c\n        \
                 envFrom:\n"
            );
            for reference in 0..40 {
                let _ = writeln!(
                    text,
                    "        - configMapRef: {{name: app-{}-{}}}",
                    application ^ (reference % 2),
                    reference % 4
                );
            }
            text
        }
        8 => format!(
            "apiVersion: v1\nkind: Service\n{}spec: {{ports: [{{port: 80}}], selector: {{app: {name}}}}}\n",
            metadata(&name)
        ),
        _ => format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n{}roleRef: {{kind: Role, name: {name}}}\nsubjects: \
             [{{kind: ServiceAccount, name: {name}}}]\n",
            metadata(&name)
        ),
    }
}
