//! A run over the output of an earlier run, with another spec, gives what a run over the input gives, or an error.
//!
//! Pairs of specs are drawn by a seed. Their difference may be anything that a team changes in a year: clusters come and go,
//! credentials move, the Secret and the path are renamed. `PAIRS` sets how many are tried.

#![allow(clippy::print_stdout, reason = "the counts are shown with --nocapture")]
#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

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

/// Why a run over an earlier output may be refused: a cluster goes away that may have executions, or its section is in another
/// file than the one that is written now.
const REFUSALS: [&str; 2] = ["set `enabled: false` first", "target that key instead, or remove `clusters` from it"];

/// Why it may be refused if nothing in the earlier output is known to be the function's: what is there may be the user's.
const UNKNOWN: [&str; 3] = [
    "choose another `spec.credentials.secretName`",
    "choose another `spec.credentials.mountPath`",
    "set `spec.credentials.mountPath` to its path",
];

#[test]
fn a_changed_spec_over_an_earlier_output_gives_what_it_gives_over_the_input() {
    let pairs = variable("PAIRS").map_or(60, |count| count.to_str().unwrap().parse().unwrap());
    let authority = certificate_authority();
    let mut dice = Dice(2019);
    let mut counts = BTreeMap::new();
    let mut count = |what: &'static str| *counts.entry(what).or_insert(0) += 1;
    for pair in 0..pairs {
        let many = if pair % 60 == 59 { Some([296, 297]) } else { None };
        let [before, after] =
            [dice_of(pair), 1 - dice_of(pair)].map(|at| spec(&mut dice, &authority, many.map(|counts| counts[at])));
        let [first, wanted] = [&before, &after].map(|spec| run(&items(), spec));
        let first = first.unwrap_or_else(|error| panic!("pair {pair}: {error}\n{before}"));
        let wanted = wanted.unwrap_or_else(|error| panic!("pair {pair}: {error}\n{after}"));
        match run(&first, &after) {
            Ok(_) if !is_known(&before, &after) => count("nothing is known of the earlier run"),
            Ok(got) => {
                let stays = entries_that_stay(&before, &after);
                let [got, wanted] = [got, wanted].map(|items| readable(items, &stays));
                let text =
                    |items: &[Value]| items.iter().map(|item| format!("{item:#}")).collect::<Vec<_>>().join("\n");
                let difference = || common::difference(&text(&wanted), &text(&got));
                assert!(got == wanted, "pair {pair} differs {}\nbefore: {before}\nafter: {after}", difference());
                count(if stays.is_empty() { "equal" } else { "equal but for entries that stay" });
            }
            Err(error) => {
                let is_unknown = !is_known(&before, &after);
                let refusals = REFUSALS.iter().chain(UNKNOWN.iter().filter(|_| is_unknown));
                let refusal = refusals.copied().find(|refusal| error.contains(refusal));
                count(refusal.unwrap_or_else(|| panic!("pair {pair}: {error}\nbefore: {before}\nafter: {after}")));
            }
        }
    }
    println!("{pairs} pairs: {counts:?}");
    assert!(counts["equal"] > pairs / 3, "most changes are made: {counts:?}");
}

/// Whether the credentials volume of the earlier run is known: it has a Secret that the function made, or the configuration
/// names its files for a cluster that is still there.
fn is_known(before: &Value, after: &Value) -> bool {
    let with_files = |spec: &Value| -> BTreeSet<String> {
        let clusters = spec["clusters"].as_array().unwrap().iter().filter(|cluster| cluster["inCluster"] != true);
        clusters.map(|cluster| cluster["name"].to_string()).collect()
    };
    let is_there = with_files(after).iter().any(|name| with_files(before).contains(name));
    is_there || with_files(before).is_empty() || before.to_string().contains("\"token\"")
}

/// The entries that the function cannot know as its own, whose clusters are not in the spec any more: of a cluster without
/// files, and of clusters whose Secret is made elsewhere. Entries that are not known stay.
fn entries_that_stay(before: &Value, after: &Value) -> BTreeSet<String> {
    let names = |spec: &Value| -> BTreeSet<String> {
        spec["clusters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|cluster| cluster["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let known = names(after);
    let is_existing = before["credentials"]["source"] == "Existing";
    let clusters = before["clusters"].as_array().unwrap().iter();
    let unknown = clusters.filter(|cluster| cluster["inCluster"] == true || is_existing);
    let unknown = unknown.map(|cluster| cluster["name"].as_str().unwrap().to_owned());
    unknown.filter(|name| !known.contains(name)).collect()
}

/// Which of the two numbers of clusters comes first.
fn dice_of(pair: usize) -> usize {
    (pair / 60) % 2
}

/// The items as they mean the same: the order of keys and of what has names does not matter. With entries that stay
/// the checksum is another.
fn readable(mut items: Vec<Value>, stays: &BTreeSet<String>) -> Vec<Value> {
    for item in &mut items {
        if item["kind"] == "ConfigMap" {
            for text in item["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut()) {
                *text = serde_yaml::from_str(text.as_str().unwrap()).unwrap();
                if let Some(list) = text.pointer_mut("/clusters/clusterConfigs").and_then(Value::as_array_mut) {
                    list.retain(|entry| !stays.contains(entry["name"].as_str().unwrap()));
                }
                if text["clusters"]["clusterConfigs"] == json!([]) {
                    text.as_object_mut().unwrap().remove("clusters");
                }
            }
        }
        if let Some(Value::Object(annotations)) = item.pointer_mut("/spec/template/metadata/annotations")
            && !stays.is_empty()
        {
            annotations.remove("split-planes.dev/checksum");
        }
    }
    items.sort_by_key(|item| format!("{} {}", item["kind"], item["metadata"]["name"]));
    items.iter().map(sorted).collect()
}

/// A value with sorted keys, and with its volumes and mounts in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let entries: BTreeMap<&String, Value> = entries.iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.into_iter().map(|(key, value)| (key.clone(), value)).collect()
        }
        Value::Array(values) => {
            let mut values: Vec<Value> = values.iter().map(sorted).collect();
            if values.iter().all(|value| value.get("name").is_some()) {
                values.sort_by_key(|value| value["name"].to_string());
            }
            values.into()
        }
        other => other.clone(),
    }
}

fn items() -> Vec<Value> {
    let mounts = json!([{ "name": "config", "mountPath": "/etc/flyte/config" }]);
    let command = |words: &str| format!("flyteadmin --config /etc/flyte/config/*.yaml {words}");
    let command = |words: &str| command(words).split(' ').map(str::to_owned).collect::<Vec<_>>();
    let sync = json!({ "name": "sync", "image": "flyteadmin", "command": command("clusterresource sync"), "volumeMounts": mounts });
    let serve =
        json!({ "name": "flyteadmin", "image": "flyteadmin", "command": command("serve"), "volumeMounts": mounts });
    let other = json!({ "name": "metrics", "image": "exporter", "volumeMounts": mounts });
    let pod = json!({
        "initContainers": [sync], "containers": [serve, other],
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
        "mounts": [dice.pick(&[
            json!({ "kind": "Deployment", "name": "flyteadmin" }),
            json!({ "kind": "Deployment", "name": "flyteadmin", "containers": ["flyteadmin", "sync"] }),
        ])],
    });
    spec["clusterConfig"] = json!({ "targets": [dice.pick(&[
        json!({ "configMap": "flyte-admin-config", "key": "config.yaml" }),
        json!({ "configMap": "flyte-admin-config", "key": "config.yaml" }),
        json!({ "configMap": "made-clusters", "key": "clusters.yaml", "create": true }),
    ])] });
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
fn run(items: &[Value], spec: &Value) -> Result<Vec<Value>, String> {
    let config = json!({ "apiVersion": "split-planes.dev/v1alpha1", "kind": "PlaneSplit", "metadata": { "name": "flyte" }, "spec": spec });
    let list = json!({ "apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": config });
    let finished = function(&list.to_string());
    if !finished.status.success() {
        return Err(finished.stderr);
    }
    let mut written: Value = serde_json::from_str(&finished.stdout).unwrap();
    let Value::Array(items) = written["items"].take() else { panic!("no items") };
    Ok(items)
}

fn certificate_authority() -> String {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    BASE64.encode(parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem())
}
