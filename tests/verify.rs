//! Runs `split-planes verify`, and beside it the program in `tests/go/verify`, which knows the contract alone, on finished
//! outputs as they are and with one mistake in them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{BINARY, Finished, Scratch, read, repository, run, tools, variable, with_function_on_path};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// The objects of a stream.
fn objects(stream: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(stream).map(|document| Value::deserialize(document).unwrap());
    documents.filter(|object| !object.is_null()).collect()
}

/// A base, a spec and the outputs.
struct Deployment {
    scratch: Scratch,
    spec: Value,
    control: Vec<Value>,
    data: Vec<Value>,
}

impl Deployment {
    /// The outputs as `split` writes them.
    fn split(base: &str, spec: &Value) -> Self {
        let scratch = Scratch::new();
        let path = |name: &str| scratch.path().join(name);
        fs::write(path("base.yaml"), base).unwrap();
        fs::write(path("planes.yaml"), spec.to_string()).unwrap();
        let mut command = Command::new(BINARY);
        command.arg("split").arg("-c").arg(path("planes.yaml")).arg("-f").arg(path("base.yaml"));
        run(command.arg("-o").arg(scratch.path()), b"").success();
        let [control, data] =
            ["control-plane.yaml", "data-plane.yaml"].map(|name| objects(&read(&path(name)).unwrap()));
        Self { scratch, spec: spec.clone(), control, data }
    }

    /// The judges' verdicts about these outputs.
    fn verdicts(&self, control: &[Value], data: &[Value], go: Option<&Path>) -> Vec<Finished> {
        let file = |name: &str, objects: &[Value]| {
            let path = self.scratch.path().join(name);
            let texts: Vec<String> = objects.iter().map(|object| format!("{object}\n")).collect();
            fs::write(&path, texts.join("---\n")).unwrap();
            path
        };
        let (control, data) = (file("control.json", control), file("data.json", data));
        let programs = [Some(Path::new(BINARY)), go].into_iter().flatten();
        let judge = |program: &Path| {
            let mut command = Command::new(program);
            if program == Path::new(BINARY) {
                command.arg("verify");
            }
            command.arg("-c").arg(self.scratch.path().join("planes.yaml"));
            command.arg("--base").arg(self.scratch.path().join("base.yaml"));
            run(command.arg("--control-plane").arg(&control).arg("--data-plane").arg(&data), b"")
        };
        programs.map(judge).collect()
    }

    #[track_caller]
    fn assert_accepted(&self, go: Option<&Path>) {
        for verdict in self.verdicts(&self.control, &self.data, go) {
            assert!(verdict.status.success(), "{}{}", verdict.stdout, verdict.stderr);
        }
    }
}

fn go() -> Option<PathBuf> {
    tools::go_program("verify")
}

/// The example with its credentials.
fn example() -> Option<Deployment> {
    let kustomize = tools::find("kustomize")?;
    let directory = repository().join("testdata/example");
    let build =
        |part: &str| run(with_function_on_path(&kustomize).arg("build").arg(directory.join(part)), b"").success();
    let base = format!("{}---\n{}", build("base"), build("control-plane/credentials"));
    let spec = fs::read_to_string(directory.join("base/planes.yaml")).unwrap();
    Some(Deployment::split(&base, &serde_yaml::from_str(&spec).unwrap()))
}

/// Real deployments with the specs that are ready for them; the Secret with the credentials is made elsewhere.
fn corpus() -> Vec<Deployment> {
    let corpus = variable("SPLIT_PLANES_CORPUS").map_or_else(|| repository().join("../shared/flyte"), PathBuf::from);
    if !corpus.is_dir() {
        tools::missing("SPLIT_PLANES_CORPUS names no directory with deployments of Flyte");
        return Vec::new();
    }
    let deployments = [
        ("seed-sandbox/single.yaml", "flyte-2019-kustomize.yaml"),
        ("helm-eks-v1.12.0/single.yaml", "flyte-core-helm.yaml"),
        ("more/helm-eks-v1.2.1.yaml", "flyte-core-helm.yaml"),
    ];
    let deployment = |(base, spec): (&str, &str)| {
        let spec = fs::read_to_string(repository().join("function-config").join(spec)).unwrap();
        let mut spec: Value = serde_yaml::from_str(&spec).unwrap();
        spec["spec"]["credentials"]["source"] = json!("Existing");
        // The ready-made spec follows the account; the judges read the spec alone.
        spec["spec"]["dataPlane"]["serviceAccountToken"]["namespace"] = json!("flyte");
        if base.contains("v1.2.1") {
            spec["spec"]["credentials"]["mountPath"] = json!("/var/run/clusters");
        }
        for cluster in spec["spec"]["clusters"].as_array_mut().unwrap() {
            cluster.as_object_mut().unwrap().remove("credentials");
        }
        Deployment::split(&fs::read_to_string(corpus.join(base)).unwrap(), &spec)
    };
    deployments.into_iter().map(deployment).collect()
}

#[test]
fn finished_outputs_are_accepted() {
    let Some(go) = go() else { return };
    let Some(example) = example() else { return };
    example.assert_accepted(Some(&go));
    for deployment in corpus() {
        deployment.assert_accepted(Some(&go));
    }
}

#[test]
fn what_kustomize_built_is_accepted() {
    let Some(example) = example() else { return };
    let expected =
        |plane: &str| objects(&read(&repository().join("testdata/example").join(plane).join("expected.yaml")).unwrap());
    let verdicts = example.verdicts(&expected("control-plane"), &expected("data-plane"), go().as_deref());
    for verdict in verdicts {
        assert!(verdict.status.success(), "{}{}", verdict.stdout, verdict.stderr);
    }
}

#[test]
fn proposals_of_init_are_verified_too() {
    let Some(example) = example() else { return };
    let base = fs::read(example.scratch.path().join("base.yaml")).unwrap();
    let clusters = [1, 2, 3].map(|at| format!("--cluster=cluster_{at}=https://cluster-{at}.example.com:6443"));
    let proposed = run(Command::new(BINARY).arg("init").args(&clusters), &base).success();
    let spec: Value = serde_yaml::from_str(&proposed).unwrap();
    Deployment::split(std::str::from_utf8(&base).unwrap(), &spec).assert_accepted(None);
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// The pointers of the texts, numbers and booleans in a value that mean something to a cluster.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let key = key.replace('~', "~0").replace('/', "~1");
                // Notes of tools, and digests that only their maker can check.
                if !key.starts_with("split-planes.dev") && !key.contains("config.kubernetes.io") {
                    leaves(value, &format!("{pointer}/{key}"), found);
                }
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                leaves(value, &format!("{pointer}/{at}"), found);
            }
        }
        Value::Null => {}
        _ => found.push(pointer.to_owned()),
    }
}

/// Another value in place of this one, of the same type.
fn altered(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains('\n') => {
            // Inside configuration: the last letter of the first line with a value.
            let at = text.find(": ").map_or(0, |at| at + 2);
            json!(format!("{}x{}", &text[..at], &text[at..]))
        }
        Value::String(text) => match STANDARD.decode(text) {
            Ok(bytes) if text.len() > 40 => json!(STANDARD.encode([bytes, vec![b'x']].concat())),
            _ => json!(format!("{text}x")),
        },
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 1.0),
        Value::Bool(is) => json!(!is),
        other => other.clone(),
    }
}

/// A token of the clusters, decoded.
fn token(control: &[Value]) -> String {
    let secret = control.iter().find(|object| object["data"]["cluster_1_token"].is_string());
    let encoded = secret.map(|secret| secret["data"]["cluster_1_token"].as_str().unwrap());
    encoded.map_or_else(String::new, |text| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap())
}

/// One mistake in the outputs, and what it is.
fn mutate(kind: usize, numbers: &mut Numbers, control: &mut Vec<Value>, data: &mut Vec<Value>) -> Option<String> {
    let is_control = numbers.below(2) == 0;
    let (objects, others) = if is_control { (control, data) } else { (data, control) };
    let at = numbers.below(objects.len());
    let name = format!("{} {}", objects[at]["kind"], objects[at]["metadata"]["name"]);
    match kind % 6 {
        0 => {
            objects.remove(at);
            Some(format!("drop {name}"))
        }
        1 => {
            let copy = objects[at].clone();
            objects.push(copy);
            Some(format!("duplicate {name}"))
        }
        2 => {
            let object = objects.remove(at);
            others.push(object);
            Some(format!("move {name}"))
        }
        3 => {
            let mut found = Vec::new();
            leaves(&objects[at], "", &mut found);
            let pointer = &found[numbers.below(found.len())];
            let place = objects[at].pointer_mut(pointer).unwrap();
            *place = altered(place);
            Some(format!("alter {name} {pointer}"))
        }
        4 => {
            let token = token(if is_control { objects } else { others });
            let data = if is_control { others } else { objects };
            if token.is_empty() {
                return None;
            }
            let maps: Vec<usize> = (0..data.len()).filter(|&at| data[at]["kind"] == "ConfigMap").collect();
            let at = maps[numbers.below(maps.len())];
            let text = if numbers.below(2) == 0 { token } else { STANDARD.encode(token) };
            data[at]["data"]["leak"] = json!(format!("a: {text}\n"));
            Some(format!("leak into {}", data[at]["metadata"]["name"]))
        }
        _ => {
            let is_text = |object: &Value| {
                let texts = object["data"].as_object().into_iter().flatten();
                texts
                    .filter(|(_, text)| text.as_str().is_some_and(|text| text.contains(": ")))
                    .map(|(key, _)| key.clone())
                    .collect::<Vec<_>>()
            };
            let maps: Vec<(usize, String)> = (0..objects.len())
                .filter(|&at| objects[at]["kind"] == "ConfigMap")
                .flat_map(|at| is_text(&objects[at]).into_iter().map(move |key| (at, key)))
                .collect();
            let (at, key) = maps[numbers.below(maps.len())].clone();
            let text = objects[at]["data"][&key].as_str().unwrap().to_owned();
            let places: Vec<usize> = text
                .match_indices(": ")
                .map(|(at, _)| at + 2)
                .filter(|&at| {
                    // A letter in a comment changes nothing.
                    !text[..at].rsplit('\n').next().unwrap().contains('#')
                        && text[at..].starts_with(|next: char| next.is_ascii_alphanumeric() || next == '/')
                })
                .collect();
            if places.is_empty() {
                return None;
            }
            let place = places[numbers.below(places.len())];
            objects[at]["data"][&key] = json!(format!("{}x{}", &text[..place], &text[place..]));
            Some(format!("alter {} {key}", objects[at]["metadata"]["name"]))
        }
    }
}

#[test]
fn every_mistake_is_found_by_both() {
    let Some(go) = go() else { return };
    let Some(example) = example() else { return };
    let mut numbers = Numbers(1);
    let mut missed = Vec::new();
    let mut count = 0;
    for deployment in [example].into_iter().chain(corpus()) {
        for kind in 0..60 {
            let (mut control, mut data) = (deployment.control.clone(), deployment.data.clone());
            let Some(mistake) = mutate(kind, &mut numbers, &mut control, &mut data) else { continue };
            count += 1;
            let verdicts = deployment.verdicts(&control, &data, Some(&go));
            for (judge, verdict) in ["split-planes", "Go"].iter().zip(&verdicts) {
                if verdict.status.code() != Some(1) {
                    missed.push(format!("{judge}: {mistake}: {}{}", verdict.stdout, verdict.stderr));
                }
                let token = token(&deployment.control);
                assert!(token.is_empty() || !verdict.stdout.contains(&token), "{judge} shows a token");
            }
        }
        assert!(deployment.spec.is_object());
    }
    assert!(missed.is_empty(), "{} of {count}:\n{}", missed.len(), missed.join("\n"));
    assert!(count >= 50, "{count}");
}

#[test]
fn what_differs_is_named_by_resource_and_field() {
    let Some(example) = example() else { return };
    let mut data = example.data.clone();
    let at = data.iter().position(|object| object["kind"] == "Deployment").unwrap();
    data[at]["spec"]["replicas"] = json!(7);
    let removed = data.iter().position(|object| object["kind"] == "CustomResourceDefinition").unwrap();
    data.remove(removed);
    let verdict = &example.verdicts(&example.control, &data, None)[0];
    assert_eq!(verdict.status.code(), Some(1));
    assert!(verdict.stdout.contains("Deployment/flyte/flytepropeller spec.replicas: "), "{}", verdict.stdout);
    assert!(verdict.stdout.contains("flyteworkflows.flyte.lyft.com: ") && verdict.stdout.contains("is missing"));
    assert_eq!(verdict.stdout.lines().count(), 2, "{}", verdict.stdout);
}
