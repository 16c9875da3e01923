//! Runs `split-planes init` on deployments, and the function with the spec that comes out, unedited.
//!
//! Real deployments are looked for as `tests/corpus.rs` does.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{BINARY, Finished, Scratch, repository, run, tools, variable, with_function_on_path};
use serde_json::{Value, json};

fn init(input: &str, arguments: &[&str]) -> Finished {
    run(Command::new(BINARY).arg("init").args(arguments), input.as_bytes())
}

/// What `explain` says about `input` with a spec.
fn explained(input: &str, spec: &str) -> Value {
    let scratch = Scratch::new();
    let path = scratch.path().join("planes.yaml");
    fs::write(&path, spec).unwrap();
    let finished = run(Command::new(BINARY).args(["explain", "-ojson", "-c"]).arg(&path), input.as_bytes());
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{spec}", finished.stderr))
}

/// The plane of each resource by kind, namespace and name.
fn planes(explanation: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let resources = explanation["resources"].as_array().unwrap().iter();
    resources.map(|resource| (text(&resource["id"]), text(&resource["plane"]))).collect()
}

fn errors(explanation: &Value) -> Vec<String> {
    let findings = explanation["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["severity"] == "error").map(|finding| finding["message"].to_string()).collect()
}

/// What is proposed for `input`, after a look at what it makes of it: no error, nothing superfluous, the same again.
#[track_caller]
fn assert_runs(input: &str) -> (String, BTreeMap<String, String>) {
    let proposed = init(input, &[]).success();
    assert_eq!(init(input, &[]).success(), proposed, "the same bytes again");
    let explanation = explained(input, &proposed);
    assert_eq!(errors(&explanation), [""; 0], "{proposed}");
    let planes = planes(&explanation);
    let spec: Value = serde_yaml::from_str(&proposed).unwrap();
    for (list, selectors) in spec["spec"]["planes"].as_object().unwrap() {
        for at in 0..selectors.as_array().map_or(0, Vec::len) {
            let mut fewer = spec.clone();
            fewer["spec"]["planes"][list].as_array_mut().unwrap().remove(at);
            assert_ne!(
                self::planes(&explained(input, &fewer.to_string())),
                planes,
                "{list}[{at}] changes nothing: {proposed}"
            );
        }
    }
    (proposed, planes)
}

// The example.

fn example() -> Option<String> {
    let kustomize = tools::find("kustomize")?;
    let base = repository().join("testdata/example/base");
    Some(run(with_function_on_path(&kustomize).arg("build").arg(base), b"").success())
}

#[test]
fn the_example_is_split_as_its_own_spec_splits_it() {
    let Some(input) = example() else { return };
    let (proposed, planes) = assert_runs(&input);
    let own = fs::read_to_string(repository().join("testdata/example/base/planes.yaml")).unwrap();
    assert_eq!(planes, self::planes(&explained(&input, &own)));
    let spec: Value = serde_yaml::from_str(&proposed).unwrap();
    let own: Value = serde_yaml::from_str(&own).unwrap();
    for field in ["clusterConfig", "dataPlane", "overrides"] {
        assert_eq!(spec["spec"][field], own["spec"][field], "{field}");
    }
    assert!(proposed.starts_with("# yaml-language-server: $schema="), "{proposed}");
    for placeholder in ["https://cluster-1.example.com:6443", "flyte.example.com:443", "datacatalog.example.com:443"] {
        let head = proposed.split("apiVersion:").next().unwrap();
        assert_eq!(head.matches(placeholder).count(), 1, "{placeholder}: {head}");
    }
}

#[test]
fn clusters_are_those_that_are_named() {
    let Some(input) = example() else { return };
    let proposed = init(&input, &["--cluster", "eu_1=https://eu.flyte.test", "--cluster", "us"]).success();
    let spec: Value = serde_yaml::from_str(&proposed).unwrap();
    assert_eq!(
        spec["spec"]["clusters"],
        json!([
            {"name": "eu_1", "endpoint": "https://eu.flyte.test", "credentials": {"secret": "eu-1-token"}},
            {"name": "us", "endpoint": "https://us.example.com:6443", "credentials": {"secret": "us-token"}},
        ])
    );
    for (cluster, code) in [("=https://x", 2), ("eu=", 2), ("a b", 1), ("eu=http://x", 1)] {
        let finished = init(&input, &["--cluster", cluster]);
        assert_eq!(
            (finished.status.code(), finished.stdout.as_str()),
            (Some(code), ""),
            "{cluster}: {}",
            finished.stderr
        );
    }
}

#[test]
fn an_old_proposal_among_the_resources_does_not_matter() {
    let Some(input) = example() else { return };
    let proposed = init(&input, &[]).success();
    assert_eq!(init(&format!("{input}---\n{proposed}"), &[]).success(), proposed);
}

#[test]
fn credentials_are_proposed_for_no_plane() {
    let Some(input) = example() else { return };
    let secret = "---\napiVersion: v1\nkind: Secret\ntype: kubernetes.io/service-account-token\n\
                  metadata: {name: fetched, namespace: flyte, annotations: {kubernetes.io/service-account.name: flyteadmin}}\n\
                  data: {token: bm90LWEtcmVhbC10b2tlbg==}\n";
    let proposed = init(&format!("{input}{secret}"), &[]).success();
    let (before, after) = proposed.split_once("# - {kind: Secret, name: fetched}\n").unwrap();
    assert!(before.contains("# These look like the credentials of clusters;"), "{proposed}");
    let empty = secret.replace("data: {token: bm90LWEtcmVhbC10b2tlbg==}", "data: {}");
    let asked = init(&format!("{input}{empty}"), &[]).success();
    assert!(!after.contains("fetched") && !asked.contains("look like"), "{asked}");
}

#[test]
fn the_clusters_go_where_flyteadmin_reads_them_and_generate_secrets_does_not() {
    for (shape, expected) in [
        ("v0.1-kustomize", json!([{"configMap": "flyte-admin-config", "key": "flyteadmin_config.yaml"}])),
        ("v0.8-kustomize", json!([{"configMap": "flyte-admin-config", "key": "clusters.yaml"}])),
        ("v1.0-kustomize", json!([{"configMap": "flyte-clusters", "key": "clusters.yaml", "create": true}])),
        (
            "v1.2-helm",
            json!([
                {"configMap": "flyte-admin-clusters-config", "key": "clusters.yaml"},
                {"configMap": "flyte-clusterresourcesync-config", "key": "clusters.yaml"},
            ]),
        ),
    ] {
        let input = fs::read_to_string(repository().join("testdata/flyteadmin").join(format!("{shape}.yaml"))).unwrap();
        let spec: Value = serde_yaml::from_str(&init(&input, &[]).success()).unwrap();
        assert_eq!(spec["spec"]["clusterConfig"]["targets"], expected, "{shape}");
    }
}

#[test]
fn the_names_of_workloads_do_not_matter() {
    let Some(input) = example() else { return };
    let (_, planes) = assert_runs(&input);
    let count = |planes: &BTreeMap<String, String>| {
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        for plane in planes.values() {
            *count.entry(plane.clone()).or_default() += 1;
        }
        count
    };
    for renames in [
        &[
            ("namespace: flyte\n", "namespace: orchestration\n"),
            ("  name: flyte\n", "  name: orchestration\n"),
            (".flyte", ".orchestration"),
        ][..],
        &[("flyteadmin\n", "api\n"), ("flyteadmin:81", "api:81")],
        &[("flytepropeller\n", "engine\n")],
        &[
            ("name: flyte-", "name: prod-flyte-"),
            ("datacatalog\n", "prod-datacatalog\n"),
            ("datacatalog:89", "prod-datacatalog:89"),
        ],
    ] {
        let renamed = renames.iter().fold(input.clone(), |text, (from, to)| text.replace(from, to));
        assert_ne!(renamed, input, "{renames:?}");
        let (_, found) = assert_runs(&renamed);
        assert_eq!(count(&found), count(&planes), "{renames:?}");
    }
}

#[test]
fn what_is_not_there_is_not_missed() {
    let Some(input) = example() else { return };
    let documents: Vec<&str> = input.split("---\n").collect();
    for absent in ["datacatalog", "redis", "clusterresource|syncresources", "flyteconsole|flyte-console"] {
        let is_absent = |text: &&&str| {
            let name = text.split("\n  name: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or_default();
            absent.split('|').any(|part| name.starts_with(part))
        };
        let rest: Vec<&str> = documents.iter().filter(|text| !is_absent(text)).copied().collect();
        assert!(rest.len() < documents.len(), "{absent}");
        let (proposed, _) = assert_runs(&rest.join("---\n"));
        assert!(!proposed.contains(&format!("|{absent}")), "{absent}: {proposed}");
    }
}

#[test]
fn the_outputs_are_those_of_the_own_spec() {
    let (Some(kustomize), Some(base)) = (tools::find("kustomize"), example()) else { return };
    let credentials = repository().join("testdata/example/control-plane/credentials");
    let credentials = run(with_function_on_path(&kustomize).arg("build").arg(credentials), b"").success();
    let clusters =
        [1, 2, 3].map(|number| format!("--cluster=cluster_{number}=https://cluster-{number}.example.com:6443"));
    let proposed = init(&base, &clusters.each_ref().map(String::as_str)).success();
    let scratch = Scratch::new();
    let split = |name: &str, spec: &str| {
        let config = scratch.path().join(format!("{name}.yaml"));
        fs::write(&config, spec).unwrap();
        let directory = scratch.path().join(name);
        let mut command = Command::new(BINARY);
        command.arg("split").arg("-c").arg(&config).arg("-o").arg(&directory);
        run(&mut command, format!("{base}---\n{credentials}").as_bytes()).success();
        ["control-plane.yaml", "data-plane.yaml"].map(|file| fs::read_to_string(directory.join(file)).unwrap())
    };
    let own = fs::read_to_string(repository().join("testdata/example/base/planes.yaml")).unwrap();
    let (expected, found) = (split("own", &own), split("proposed", &proposed));
    for (expected, found) in expected.iter().zip(&found) {
        assert!(expected == found, "{}", common::difference(expected, found));
    }
}

#[test]
fn a_deployment_without_flyte_is_split_into_what_is_connected() {
    let web = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: NAME}\nspec:\n  template:\n    \
               metadata: {labels: {app: NAME}}\n    spec: {containers: [{name: a, image: NAME, envFrom: [{configMapRef: \
               {name: NAME-config}}]}]}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME-config}\n---\n\
               apiVersion: v1\nkind: Service\nmetadata: {name: NAME}\nspec: {TYPEselector: {app: NAME}, ports: [{port: 80}]}\n";
    let one = web.replace("NAME", "shop").replace("TYPE", "type: LoadBalancer, ");
    let other = web.replace("NAME", "stock").replace("TYPE", "");
    let (proposed, planes) = assert_runs(&format!("{one}---\n{other}"));
    assert!(proposed.contains("Nothing here runs a part of Flyte"), "{proposed}");
    assert!(!proposed.contains("clusters:"), "{proposed}");
    for (id, plane) in planes {
        assert_eq!(plane, if id.contains("shop") { "ControlPlane" } else { "DataPlane" }, "{id}");
    }
}

// Real deployments.

struct Corpus(PathBuf);

impl Corpus {
    fn find() -> Option<Self> {
        let path = variable("SPLIT_PLANES_CORPUS").map_or_else(|| repository().join("../shared/flyte"), PathBuf::from);
        if path.is_dir() {
            return Some(Self(path));
        }
        tools::missing("SPLIT_PLANES_CORPUS names no directory with deployments of Flyte");
        None
    }

    fn read(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }
}

/// The planes by `ids.json`, in which upstream's renders keep a password and two Ingresses in both that one plane uses.
fn expected(ids: &Value) -> BTreeMap<String, String> {
    let mut planes = BTreeMap::new();
    for (list, plane) in [("control_only", "ControlPlane"), ("data_only", "DataPlane"), ("both", "Both")] {
        for id in ids[list].as_array().unwrap() {
            let parts: Vec<&str> = id.as_str().unwrap().split('|').filter(|part| !part.is_empty()).collect();
            let id = parts.join("/");
            let is_unused_there = id.contains("/Ingress/flyte/flyte-core") || id.ends_with("/Secret/db-pass");
            planes.insert(id, if is_unused_there { "ControlPlane" } else { plane }.to_owned());
        }
    }
    planes
}

#[test]
fn real_deployments_are_split_as_expected() {
    let Some(corpus) = Corpus::find() else { return };
    for (input, ids) in [
        ("seed-sandbox/single.yaml", "seed-sandbox/expected-repaired/ids.json"),
        ("helm-eks-v1.12.0/single.yaml", "helm-eks-v1.12.0/ids.json"),
    ] {
        let (_, planes) = assert_runs(&corpus.read(input));
        assert_eq!(planes, expected(&serde_json::from_str(&corpus.read(ids)).unwrap()), "{input}");
    }
}

#[test]
fn every_other_deployment_gets_a_spec_that_runs() {
    let Some(corpus) = Corpus::find() else { return };
    let mut seen = 0;
    for file in
        common::files(&corpus.0.join("more")).iter().filter(|file| file.extension().is_some_and(|it| it == "yaml"))
    {
        let (proposed, _) = assert_runs(&corpus.read(file));
        let has_clusters = !file.to_string_lossy().contains("flyte2");
        assert_eq!(proposed.contains("\n  clusters:\n"), has_clusters, "{}", file.display());
        seen += 1;
    }
    assert!(seen >= 6);
}
