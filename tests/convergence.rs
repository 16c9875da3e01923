//! A run over the output of an earlier run, with another spec, gives what a run over the input gives, or an error.
//!
//! Pairs of specs are drawn by a seed. Their difference may be anything that a team changes in a year: clusters come and go,
//! credentials move, the Secret and the path are renamed. `PAIRS` sets how many are tried.

#![allow(clippy::print_stdout, reason = "the counts are shown with --nocapture")]
#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

mod common;

use std::iter;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::{function, variable};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

/// A generator of small numbers: the same seed gives the same pairs on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn pick<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.roll(values.len())]
    }
}

#[test]
fn a_changed_spec_over_an_earlier_output_gives_what_it_gives_over_the_input() {
    let pairs = variable("PAIRS").map_or(60, |count| count.to_str().unwrap().parse().unwrap());
    let authority = certificate_authority();
    let mut dice = Dice(2019);
    let (mut equal, mut refused) = (0, 0);
    for pair in 0..pairs {
        let many = if pair % 60 == 59 { Some([296, 297]) } else { None };
        // A volume that has only Secrets made elsewhere may be the user's own, and is left as it is.
        let draws = iter::repeat_with(|| spec(&mut dice, &authority, many.map(|counts| counts[dice_of(pair)])));
        let is_known = |spec: &Value| spec["clusters"] == json!([]) || spec.to_string().contains("\"token\"");
        let mut draws = draws;
        let before = draws.find(is_known).unwrap();
        let after = spec(&mut dice, &authority, many.map(|counts| counts[1 - dice_of(pair)]));
        let (first, error) = run(&items(), &before);
        let Some(first) = first else { panic!("pair {pair}: {error}\n{before}") };
        let (wanted, error) = run(&items(), &after);
        let Some(wanted) = wanted else { panic!("pair {pair}: {error}\n{after}") };
        match run(&first, &after) {
            (Some(got), _) => {
                let [got, wanted] = [got, wanted].map(|items| without_disabled(readable(items), &after));
                let text =
                    |items: &[Value]| items.iter().map(|item| format!("{item:#}")).collect::<Vec<_>>().join("\n");
                let difference = || common::difference(&text(&wanted), &text(&got));
                assert!(got == wanted, "pair {pair} differs {}\nbefore: {before}\nafter: {after}", difference());
                equal += 1;
            }
            (None, error) => {
                let is_documented = error.contains("set `enabled: false` first");
                assert!(is_documented, "pair {pair}: {error}\nbefore: {before}\nafter: {after}");
                refused += 1;
            }
        }
    }
    eprintln!("{equal} pairs equal, {refused} refused");
    assert!(equal > refused / 2, "most changes are made: {equal} equal, {refused} refused");
}

/// Which of the two numbers of clusters comes first.
fn dice_of(pair: usize) -> usize {
    (pair / 60) % 2
}

/// What `clusterConfigs` say is YAML text, whose order of keys does not matter.
fn readable(mut items: Vec<Value>) -> Vec<Value> {
    for item in &mut items {
        if item["kind"] == "ConfigMap" {
            for text in item["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut()) {
                *text = serde_yaml::from_str(text.as_str().unwrap()).unwrap();
            }
        }
    }
    items.sort_by_key(|item| format!("{} {}", item["kind"], item["metadata"]["name"]));
    items
}

/// A disabled cluster that the spec does not know any more may stay: flyteadmin does not use it. With it goes the checksum.
fn without_disabled(mut items: Vec<Value>, spec: &Value) -> Vec<Value> {
    let clusters = spec["clusters"].as_array().unwrap();
    for item in &mut items {
        if let Some(list) = item.pointer_mut("/data/config.yaml/clusters/clusterConfigs").and_then(Value::as_array_mut)
        {
            list.retain(|entry| clusters.iter().any(|cluster| cluster["name"] == entry["name"]));
            list.sort_by_key(|entry| entry["name"].to_string());
        }
        if let Some(Value::Object(annotations)) = item.pointer_mut("/spec/template/metadata/annotations") {
            annotations.remove("split-planes.dev/checksum");
        }
    }
    items
}

fn items() -> Vec<Value> {
    let mounts = json!([{ "name": "config", "mountPath": "/etc/flyte/config" }]);
    let command = |words: &str| format!("flyteadmin --config /etc/flyte/config/*.yaml {words}");
    let command = |words: &str| command(words).split(' ').map(str::to_owned).collect::<Vec<_>>();
    let sync = json!({ "name": "sync", "image": "flyteadmin", "command": command("clusterresource sync"), "volumeMounts": mounts });
    let serve =
        json!({ "name": "flyteadmin", "image": "flyteadmin", "command": command("serve"), "volumeMounts": mounts });
    let pod = json!({
        "initContainers": [sync], "containers": [serve],
        "volumes": [{ "name": "config", "configMap": { "name": "flyte-admin-config" } }],
    });
    let metadata = |name: &str| json!({ "name": name, "namespace": "flyte" });
    vec![
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata("flyte-admin-config"), "data": { "config.yaml": "server: {httpPort: 8088}\n" } }),
        json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("flyteadmin"), "spec": {
            "selector": { "matchLabels": { "app": "flyteadmin" } },
            "template": { "metadata": { "labels": { "app": "flyteadmin" }, "annotations": { "example.com/kept": "yes" } }, "spec": pod },
        } }),
    ]
}

/// A spec with some clusters, or with `count` of them.
fn spec(dice: &mut Dice, authority: &str, count: Option<usize>) -> Value {
    let mut spec = json!({ "output": "ControlPlane", "planes": { "controlPlane": [{ "kind": "ConfigMap|Deployment" }] }, "clusters": [] });
    let source = *dice.pick(&["Generate", "Generate", "Generate", "Existing"]);
    let names: Vec<String> = match count {
        Some(count) => (0..count).map(|number| format!("cluster-{number}")).collect(),
        None => ["a", "b", "c"].iter().filter(|_| dice.roll(4) > 0).map(|name| (*name).to_owned()).collect(),
    };
    if names.is_empty() {
        return spec;
    }
    let clusters: Vec<Value> =
        names.iter().map(|name| cluster(dice, name, authority, source, count.is_some())).collect();
    if clusters.iter().all(|cluster| cluster["enabled"] == false) {
        return spec;
    }
    spec["clusters"] = json!(clusters);
    spec["credentials"] = json!({
        "source": source,
        "secretName": dice.pick(&["cluster-credentials", "cluster-credentials", "other.credentials"]),
        "mountPath": dice.pick(&["/var/run/credentials", "/var/run/credentials", "/etc/credentials"]),
        "mounts": [{ "kind": "Deployment", "name": "flyteadmin" }],
    });
    spec["clusterConfig"] = json!({ "targets": [{ "configMap": "flyte-admin-config", "key": "config.yaml" }] });
    spec
}

fn cluster(dice: &mut Dice, name: &str, authority: &str, source: &str, is_one_of_many: bool) -> Value {
    if !is_one_of_many && dice.roll(8) == 0 {
        return json!({ "name": name, "inCluster": true });
    }
    let mut cluster =
        json!({ "name": name, "endpoint": format!("https://{name}.flyte.test:6443"), "enabled": dice.roll(6) > 0 });
    if source == "Generate" {
        let token = BASE64.encode(format!(
            "token-{}-of-{name}-{}",
            dice.roll(3),
            "x".repeat(if is_one_of_many { 400 } else { 20 })
        ));
        cluster["credentials"] = if !is_one_of_many && dice.roll(5) == 0 {
            json!({ "existingSecret": format!("{name}-made-elsewhere") })
        } else {
            json!({ "token": token, "caCert": authority })
        };
    }
    cluster
}

/// The items of the output, or what was said instead.
fn run(items: &[Value], spec: &Value) -> (Option<Vec<Value>>, String) {
    let config = json!({ "apiVersion": "split-planes.dev/v1alpha1", "kind": "PlaneSplit", "metadata": { "name": "flyte" }, "spec": spec });
    let list = json!({ "apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": config });
    let finished = function(&list.to_string());
    if !finished.status.success() {
        return (None, finished.stderr);
    }
    let mut written: Value = serde_json::from_str(&finished.stdout).unwrap();
    let Value::Array(items) = written["items"].take() else { panic!("no items") };
    (Some(items), finished.stderr)
}

fn certificate_authority() -> String {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    BASE64.encode(parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem())
}
