//! Names lead where kustomize leads them, whatever layers are below, beside and above the function.
//!
//! Random stacks of kustomizations are built twice by the real kustomize: with the function, and with a script in its place
//! that only leaves out the other plane's resources. Apart from what the function injects, the two must be equal, and what is
//! injected must be found by its name. `LAYERS` sets how many stacks must build.

#![allow(clippy::print_stdout, reason = "the counts are shown with --nocapture")]
#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

mod common;
#[path = "layers/generator.rs"]
mod generator;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::{Scratch, kustomize_build, repository, run, tools, variable};
use generator::{FUNCTION, Layering, layering};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde::Deserialize as _;
use serde_json::{Value, json};

const INJECTED: &str = "split-planes.dev/injected";
const CHECKSUM: &str = "split-planes.dev/checksum";
/// What the names of everything that the generated specs inject begin with, prefixes of layers aside.
const MADE: &str = "made-";
/// What kustomize says, with the function and without, of the stacks that cannot be built: a layer above generates a
/// ConfigMap once more, or adds to one whose name an earlier layer changed.
const IMPOSSIBLE: [&str; 2] = ["does not exist; cannot merge or replace", "exists; can not use behavior: 'create'"];

#[test]
fn names_lead_where_kustomize_leads_them() {
    let Some(kustomize) = tools::find("kustomize") else { return };
    if !run(Command::new("python3").args(["-c", "import yaml"]), b"").status.success() {
        return tools::missing("no Python with PyYAML");
    }
    let wanted = variable("LAYERS").map_or(24, |count| count.to_str().unwrap().parse().unwrap());
    let ca_cert = certificate_authority();
    let keep = format!("exec: {{path: {}}}", keep_script().display());
    let (mut built, mut seed) = (0, 0);
    while built < wanted {
        let layering = layering(seed, &ca_cert);
        seed += 1;
        assert!(seed < 20 * (wanted + 5), "most layerings build: {built} of {seed}");
        let expected = build(&kustomize, &layering, &keep);
        let actual = build(&kustomize, &layering, "exec: {path: split-planes}");
        match (expected, actual) {
            (Ok(expected), Ok(actual)) => {
                compare(seed - 1, &layering, expected, actual);
                built += 1;
            }
            (Err(expected), Err(actual)) => {
                let is_excused = |error: &str| IMPOSSIBLE.iter().any(|text| error.contains(text));
                assert!(is_excused(&expected), "seed {}: {expected}", seed - 1);
                assert!(is_excused(&actual), "seed {}: {actual}", seed - 1);
            }
            (Ok(_), Err(error)) => panic!("seed {}: only the function fails: {error}", seed - 1),
            (Err(error), Ok(_)) => panic!("seed {}: only the function builds: {error}", seed - 1),
        }
    }
    println!("{built} of {seed} layerings build, with equal references");
}

/// The script that is put in place of the function, made executable.
fn keep_script() -> &'static Path {
    let scratch: &'static Scratch = Box::leak(Box::new(Scratch::new()));
    let program = scratch.path().join("keep");
    let script = repository().join("tests/layers/keep.py");
    fs::write(&program, format!("#!/bin/sh\nexec python3 '{}'\n", script.display())).unwrap();
    run(Command::new("chmod").arg("+x").arg(&program), b"").success();
    Box::leak(program.into_boxed_path())
}

fn build(kustomize: &Path, layering: &Layering, function: &str) -> Result<Vec<Value>, String> {
    let scratch = Scratch::new();
    for (name, text) in &layering.files {
        let path = scratch.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace(FUNCTION, function)).unwrap();
    }
    let finished = kustomize_build(kustomize, &scratch.path().join(&layering.top));
    if !finished.status.success() {
        return Err(finished.stderr);
    }
    Ok(serde_yaml::Deserializer::from_str(&finished.stdout)
        .map(|document| Value::deserialize(document).unwrap())
        .collect())
}

fn compare(seed: u64, layering: &Layering, expected: Vec<Value>, actual: Vec<Value>) {
    let show = || layering.files.iter().map(|(name, text)| format!("# {name}\n{text}")).collect::<Vec<_>>().concat();
    let (injected, actual): (Vec<_>, Vec<_>) =
        actual.into_iter().partition(|object| object["metadata"]["annotations"][INJECTED] == "true");
    found(seed, layering, &injected, &actual);
    let creates = layering.files.values().any(|text| text.contains("create: true}]"));
    let [expected, actual] = [expected, actual].map(|objects| by_name(objects, creates));
    for (name, object) in &expected {
        let other = actual.get(name).unwrap_or_else(|| panic!("seed {seed}: {name} is missing in\n{}", show()));
        let difference = || common::difference(&format!("{object:#}"), &format!("{other:#}"));
        assert!(object == other, "seed {seed}: {name} differs {}\n{}", difference(), show());
    }
    assert_eq!(expected.len(), actual.len(), "seed {seed}: nothing else is there");
}

/// What is injected is found: the pods mount it in their namespace, and the token is one of an account that is there.
fn found(seed: u64, layering: &Layering, injected: &[Value], others: &[Value]) {
    let id = |object: &Value| {
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        (object["kind"].as_str().unwrap().to_owned(), text("namespace"), text("name"))
    };
    for object in injected {
        let (kind, namespace, name) = id(object);
        if object["type"] == "kubernetes.io/service-account-token" {
            let account = object["metadata"]["annotations"]["kubernetes.io/service-account.name"].as_str().unwrap();
            let is_there =
                others.iter().any(|other| id(other) == ("ServiceAccount".into(), namespace.clone(), account.into()));
            // kustomize does not know that annotation, so that a later layer renames the account alone.
            let is_excused = layering.renames_above || account == "elsewhere";
            assert!(is_there || is_excused, "seed {seed}: the account of {namespace}/{name}");
        } else {
            let is_mounting = |other: &&Value| {
                other["kind"] == "Deployment"
                    && other["metadata"]["namespace"].as_str().unwrap_or_default() == namespace
            };
            let key = if kind == "Secret" { "secretName" } else { "name" };
            let text = format!("{}", json!({ key: name })).trim_matches(['{', '}']).to_owned();
            let is_mounted = others.iter().filter(is_mounting).any(|other| other.to_string().contains(&text));
            assert!(is_mounted, "seed {seed}: {kind} {namespace}/{name} is mounted");
        }
    }
}

/// The resources by what identifies them, without hashes and without what the function injects into them.
///
/// A ConfigMap that is made is projected beside the one that is there (`creates`): then the volume of both has another name.
fn by_name(objects: Vec<Value>, creates: bool) -> BTreeMap<String, Value> {
    let stripped = objects.into_iter().map(|mut object| {
        if creates && object["kind"] == "Deployment" {
            let pod = &mut object["spec"]["template"]["spec"];
            pod["volumes"] = Value::Null;
            pod["containers"][0]["volumeMounts"] = Value::Null;
        }
        strip(&mut object);
        if object["kind"] == "ConfigMap" {
            object["data"] = Value::Null;
        }
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
        (format!("{} {}/{}", object["kind"], text("namespace"), text("name")), object)
    });
    stripped.collect()
}

/// Takes the injected volumes, mounts and checksums away, and the hashes of generated names.
fn strip(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.values_mut().for_each(strip);
            entries.retain(|key, value| key != CHECKSUM && !(is_empty(value) && key == "annotations"));
        }
        Value::Array(elements) => {
            elements.retain(|element| !element["name"].as_str().is_some_and(|name| name.contains(MADE)));
            elements.iter_mut().for_each(strip);
        }
        Value::String(text) => {
            if let Some((stem, hash)) = text.rsplit_once('-')
                && hash.len() == 10
                && hash.bytes().all(|byte| b"2456789bcdfghkmt".contains(&byte))
            {
                *text = stem.to_owned();
            }
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty)
}

fn certificate_authority() -> String {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    BASE64.encode(parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem())
}
