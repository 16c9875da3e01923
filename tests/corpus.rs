//! Splits real deployments of Flyte and holds the result against upstream's own two-plane outputs.
//!
//! The deployments are not part of this repository, see `common/corpus.rs`. Without them these tests are ignored, under
//! `CI` too: a plain checkout has none.

#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use common::{
    BINARY, Scratch, corpus, difference, files, function, repository, run, tests, tools, trial, with_function_on_path,
};
use libtest_mimic::Arguments;
use serde_json::{Value, json};
use split_planes::wire;
use split_planes::yaml::view;

const CONTROL: &str = "ControlPlane";
const DATA: &str = "DataPlane";

/// The spec for the kustomize tree of 2019.
const SEED: &str = "flyte-2019-kustomize.yaml";
/// The spec for what the chart renders.
const HELM: &str = "flyte-core-helm.yaml";

/// A test and its name.
type Test = (&'static str, fn(&Corpus));

fn main() -> ExitCode {
    let tests: [Test; 11] = tests![
        the_guide_to_the_letter_gives_its_two_outputs,
        the_identity_in_both_gives_the_repaired_outputs,
        the_ready_made_spec_adds_two_secrets_and_changes_five_resources,
        the_injection_is_what_the_guide_asks_for,
        kustomize_hashes_the_injected_configuration_and_refers_to_it,
        a_render_in_a_kustomization_gives_upstreams_planes,
        a_render_on_stdin_gives_upstreams_planes_byte_for_byte,
        a_render_gets_clusters_where_flyteadmin_reads_them_and_nowhere_else,
        whatever_the_injection_does_not_name_keeps_its_bytes,
        every_document_keeps_its_bytes_and_takes_an_annotation,
        every_resource_of_a_real_deployment_has_a_reason,
    ];
    let directory = corpus::find();
    let trials = tests.map(|(name, test)| {
        let found = directory.clone();
        let run = move || test(&Corpus(found.expect("else the test is ignored")));
        trial(name, run).with_ignored_flag(directory.is_none())
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

// The kustomize tree of 2019.

fn the_guide_to_the_letter_gives_its_two_outputs(corpus: &Corpus) {
    let only_split = json!({ "planes": literal_planes(), "clusters": [], "overrides": [], "dataPlane": {} });
    let Some(built) = corpus.seed_planes(&only_split) else { return };
    corpus.compare(&built, "expected-literal/ids.json", &["--content", &corpus.seed("single.yaml")]);
}

fn the_identity_in_both_gives_the_repaired_outputs(corpus: &Corpus) {
    let only_split = json!({ "clusters": [], "overrides": [], "dataPlane": {} });
    let Some(built) = corpus.seed_planes(&only_split) else { return };
    corpus.compare(&built, "expected-repaired/ids.json", &["--content", &corpus.seed("single.yaml")]);
}

fn the_ready_made_spec_adds_two_secrets_and_changes_five_resources(corpus: &Corpus) {
    let Some(built) = corpus.seed_planes(&json!({})) else { return };
    corpus.compare(
        &built,
        "expected-repaired/ids.json",
        &[
            "--content",
            &corpus.seed("single.yaml"),
            "--allow-extra",
            "control=v1|Secret|flyte|cluster-credentials",
            "--allow-extra",
            "data=v1|Secret|flyte|flyteadmin-token",
            "--ignore",
            r"ConfigMap\|flyte\|flyte-(admin|propeller)-config data",
            "--ignore",
            r"(Deployment\|flyte\|(flyteadmin|flytepropeller)|CronJob\|flyte\|syncresources) .*(volumes|volumeMounts|checksum|metadata)",
        ],
    );
    let config = &resource(&built.data, "ConfigMap", "flyte-propeller-config")["data"]["config.yaml"];
    let config: Value = serde_yaml::from_str(config.as_str().unwrap()).unwrap();
    assert_eq!(config["admin"], json!({ "endpoint": "flyte.example.com:443", "insecure": false }));
    let token = resource(&built.data, "Secret", "flyteadmin-token");
    assert_eq!(token["type"], "kubernetes.io/service-account-token");
}

fn the_injection_is_what_the_guide_asks_for(corpus: &Corpus) {
    // The guide forgets the CronJob, which reads the same clusters: without the files it panics, and the function refuses.
    let mounts = json!([
        { "kind": "Deployment", "name": "flyteadmin", "containers": ["flyteadmin"] },
        { "kind": "CronJob", "name": "syncresources" },
    ]);
    let as_the_guide = json!({
        "planes": literal_planes(), "credentials": { "mounts": mounts }, "overrides": [], "dataPlane": {}
    });
    let Some(built) = corpus.seed_planes(&as_the_guide) else { return };
    corpus.compare(
        &built,
        "injected-minimal/ids.json",
        &[
            "--golden",
            &corpus.seed("injected-minimal/controlplane.yaml"),
            &corpus.seed("injected-minimal/dataplane.yaml"),
            "--by-name",
            "--yaml-strings",
            "--ignore",
            r"Secret\|flyte\|cluster-credentials data\.cluster_[123]_(token|cacert)$",
            "--ignore",
            r"Deployment\|flyte\|flyteadmin spec\.template\.metadata\.annotations\.split-planes\.dev/checksum$",
            "--ignore",
            r"CronJob\|flyte\|syncresources .*(volumes|volumeMounts|checksum|metadata)",
            "--ignore",
            r"Secret\|flyte\|cluster-credentials metadata\.annotations$",
        ],
    );
}

fn kustomize_hashes_the_injected_configuration_and_refers_to_it(corpus: &Corpus) {
    let Some(built) = corpus.seed_planes(&json!({})) else { return };
    let injected = resource(&built.control, "ConfigMap", "flyte-admin-config");
    let name = &injected["metadata"]["name"];
    let single = fs::read_to_string(corpus.seed("single.yaml")).unwrap();
    assert_ne!(*name, resource(&single, "ConfigMap", "flyte-admin-config")["metadata"]["name"]);

    let generated = Scratch::new();
    let text = injected["data"]["flyteadmin_config.yaml"].as_str().unwrap();
    fs::write(generated.path().join("flyteadmin_config.yaml"), text).unwrap();
    let generator = json!([{ "name": "flyte-admin-config", "files": ["flyteadmin_config.yaml"] }]);
    write_kustomization(generated.path(), &json!({ "namespace": "flyte", "configMapGenerator": generator }));
    let generated = kustomize(&tools::find("kustomize").unwrap(), generated.path());
    assert_eq!(*name, resource(&generated, "ConfigMap", "flyte-admin-config")["metadata"]["name"]);

    for (kind, workload, pod) in [
        ("Deployment", "flyteadmin", "/spec/template/spec/volumes"),
        ("CronJob", "syncresources", "/spec/jobTemplate/spec/template/spec/volumes"),
    ] {
        let workload = resource(&built.control, kind, workload);
        let volumes = workload.pointer(pod).and_then(Value::as_array).unwrap();
        assert!(volumes.iter().any(|volume| volume["configMap"]["name"] == *name), "{kind}: {volumes:?}");
    }
}

// What the chart renders.

/// The ready-made spec, with what upstream renders into the data plane too although nothing there uses it.
fn upstreams_planes() -> Value {
    let mut config: Value = serde_yaml::from_str(&fs::read_to_string(function_config(HELM)).unwrap()).unwrap();
    let both = config["spec"]["planes"]["both"].as_array_mut().unwrap();
    both.extend([json!({ "kind": "Secret", "name": "db-pass" }), json!({ "kind": "Ingress", "name": ".*" })]);
    config
}

fn a_render_in_a_kustomization_gives_upstreams_planes(corpus: &Corpus) {
    let Some(kustomize_path) = tools::find("kustomize") else { return };
    let build = |resources: &[&str], output: Option<&str>| {
        let scratch = Scratch::new();
        for resource in resources {
            fs::copy(corpus.0.join("helm-eks-v1.12.0").join(resource), scratch.path().join(resource)).unwrap();
        }
        let mut kustomization = json!({ "resources": resources });
        if let Some(output) = output {
            kustomization["resources"].as_array_mut().unwrap().push(json!("planes.yaml"));
            kustomization["transformers"] = json!(["split.yaml"]);
            fs::write(scratch.path().join("planes.yaml"), upstreams_planes().to_string()).unwrap();
            write_split(scratch.path(), output, &json!({ "clusters": [], "overrides": [], "dataPlane": {} }));
        }
        write_kustomization(scratch.path(), &kustomization);
        kustomize(&kustomize_path, scratch.path())
    };
    for (output, golden) in [(CONTROL, "controlplane.yaml"), (DATA, "dataplane.yaml")] {
        let (split, golden) = (build(&["single.yaml"], Some(output)), build(&[golden], None));
        assert!(split == golden, "{output} differs {}", difference(&golden, &split));
    }
}

fn a_render_on_stdin_gives_upstreams_planes_byte_for_byte(corpus: &Corpus) {
    for (output, golden) in [(CONTROL, "controlplane.yaml"), (DATA, "dataplane.yaml")] {
        let mut spec = upstreams_planes()["spec"].take();
        merge(&mut spec, &json!({ "output": output, "clusters": [], "overrides": [], "dataPlane": {} }));
        let split = split(&corpus.documents("helm-eks-v1.12.0/single.yaml"), &spec);
        let golden = corpus.documents(&format!("helm-eks-v1.12.0/{golden}"));
        let (split, golden) = (split.concat(), golden.concat());
        assert!(split == golden, "{output} differs {}", difference(&golden, &split));
    }
}

fn a_render_gets_clusters_where_flyteadmin_reads_them_and_nowhere_else(corpus: &Corpus) {
    let single = corpus.documents("helm-eks-v1.12.0/single.yaml");
    let mut spec = spec_of(HELM);
    merge(&mut spec, &json!({ "output": CONTROL }));
    let split = split(&[single.clone(), credentials(2)].concat(), &spec).join("---\n");

    for name in ["flyte-admin-clusters-config", "flyte-clusterresourcesync-config"] {
        let config = resource(&split, "ConfigMap", name);
        let clusters: Value = serde_yaml::from_str(config["data"]["clusters.yaml"].as_str().unwrap()).unwrap();
        let cluster = |number: u8| {
            json!({
                "name": format!("cluster_{number}"),
                "endpoint": format!("https://cluster-{number}.example.com:6443"),
                "enabled": true,
                "auth": {
                    "type": "file_path",
                    "tokenPath": format!("/var/run/credentials/cluster_{number}_token"),
                    "certPath": format!("/var/run/credentials/cluster_{number}_cacert"),
                },
            })
        };
        let expected = json!({ "clusterConfigs": [cluster(1), cluster(2)], "labelClusterMap": {} });
        assert_eq!(clusters, json!({ "clusters": expected }), "{name}");
    }
    let with_mount: BTreeSet<String> = containers(&split)
        .into_iter()
        .filter(|(_, container)| container.to_string().contains("/var/run/credentials"))
        .map(|(place, _)| place)
        .collect();
    let expected = [
        "flyteadmin containers flyteadmin",
        "flyteadmin initContainers sync-cluster-resources",
        "syncresources containers sync-cluster-resources",
    ];
    assert_eq!(with_mount, expected.map(str::to_owned).into());
    let before = containers(&single.join("---\n"));
    for (place, container) in containers(&split).into_iter().filter(|(place, _)| !with_mount.contains(place)) {
        assert_eq!(container, before[&place], "{place}");
    }
}

// All of them.

fn whatever_the_injection_does_not_name_keeps_its_bytes(corpus: &Corpus) {
    let seed = ["single.yaml", "single.upstream-kustomize-3.1.0.yaml", "expected-production/single.yaml"];
    let single = seed.map(|file| (format!("seed-sandbox/{file}"), SEED)).into_iter();
    let single = single.chain([("helm-eks-v1.12.0/single.yaml".to_owned(), HELM)]);
    let mut runs: Vec<_> =
        single.flat_map(|(file, spec)| [(file.clone(), spec, CONTROL), (file, spec, DATA)]).collect();
    for (directory, spec) in [
        ("seed-sandbox/expected-literal", SEED),
        ("seed-sandbox/expected-production", SEED),
        ("helm-eks-v1.12.0", HELM),
    ] {
        // One plane's resources pass through that plane's function again.
        runs.push((format!("{directory}/controlplane.yaml"), spec, CONTROL));
        runs.push((format!("{directory}/dataplane.yaml"), spec, DATA));
    }
    for (file, spec_file, output) in runs {
        let before = corpus.documents(&file);
        let credentials = credentials(if spec_file == SEED { 3 } else { 2 });
        let mut spec = spec_of(spec_file);
        // The guide's own control plane lacks the account: it is made elsewhere there.
        spec["planes"]["external"] = json!([{ "kind": "ServiceAccount", "name": "flyteadmin" }]);
        merge(&mut spec, &json!({ "output": output }));
        let after = split(&[before.clone(), credentials.clone()].concat(), &spec);
        let changed = after.iter().filter(|item| !before.contains(*item)).map(|item| id(item));
        let is_credential = |changed: &String| credentials.iter().any(|secret| id(secret) == *changed);
        let changed: BTreeSet<String> = changed.filter(|changed| !is_credential(changed)).collect();
        let expected: &[&str] = match (spec_file, output) {
            (SEED, CONTROL) => &[
                "ConfigMap flyte-admin-config",
                "CronJob syncresources",
                "Deployment flyteadmin",
                "Secret cluster-credentials",
            ],
            (_, CONTROL) => &[
                "ConfigMap flyte-admin-clusters-config",
                "ConfigMap flyte-clusterresourcesync-config",
                "Deployment flyteadmin",
                "Deployment syncresources",
                "Secret cluster-credentials",
            ],
            (SEED, _) => &["ConfigMap flyte-propeller-config", "Deployment flytepropeller", "Secret flyteadmin-token"],
            _ => &[
                "ConfigMap flyte-propeller-config",
                "Deployment flyte-pod-webhook",
                "Deployment flytepropeller",
                "Secret flyteadmin-token",
            ],
        };
        assert_eq!(changed, expected.iter().map(|id| (*id).to_owned()).collect(), "{file} {output}");
        assert!(split(&after, &spec) == after, "{file} {output}: a second run changes something");
    }
}

fn every_document_keeps_its_bytes_and_takes_an_annotation(corpus: &Corpus) {
    let add = |path: &str, value: Value| json!([{ "op": "add", "path": path, "value": value }]);
    let mut seen = 0;
    for file in files(&corpus.0) {
        let is_yaml = file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let Some(text) = is_yaml.then(|| fs::read_to_string(&file).unwrap()) else { continue };
        let is_object = |document: &String| view::read(document).is_ok_and(|value| value.is_object());
        let documents: Vec<String> = documents(&text).into_iter().filter(is_object).collect();
        let source = list_of(&documents) + "results: []\n";
        let list = wire::read(source.as_bytes()).unwrap_or_else(|error| panic!("{}: {error:#}", file.display()));
        assert_eq!(list.items.len(), documents.len(), "{}", file.display());
        let unchanged: String = list.compose_unchanged(&[]).unwrap().collect();
        assert!(unchanged == source, "{} changes", file.display());

        for (item, document) in list.items.iter().zip(&documents) {
            seen += 1;
            let value = item.value();
            assert_eq!(Ok(value), view::read(document).as_ref(), "{}", file.display());
            let annotation = json!({ "example.com/added": "yes" });
            let (patch, added) = match (&value["metadata"], &value["metadata"]["annotations"]) {
                (_, Value::Object(_)) => {
                    (add("/metadata/annotations/example.com~1added", json!("yes")), vec![ANNOTATION])
                }
                (Value::Object(metadata), _) if metadata.contains_key("annotations") => {
                    (add("/metadata/annotations", annotation), vec![ANNOTATION])
                }
                (Value::Object(_), _) => (add("/metadata/annotations", annotation), vec!["annotations:", ANNOTATION]),
                _ => (
                    add("/metadata", json!({ "annotations": annotation })),
                    vec!["metadata:", "annotations:", ANNOTATION],
                ),
            };
            let edited = item.edited(&serde_json::from_value(patch).unwrap()).unwrap();
            let (before, after): (Vec<&str>, Vec<&str>) =
                (item.text().lines().collect(), edited.text().lines().collect());
            let head = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
            let (lines, rest) = after[head..].split_at(after.len() - before.len());
            let lines: Vec<&str> = lines.iter().map(|line| line.trim_start()).collect();
            assert!(rest == &before[head..] && lines == added, "{}: {}\n{}", file.display(), item.id(), edited.text());
        }
    }
    assert!(seen > 500, "{seen} documents");
}

fn every_resource_of_a_real_deployment_has_a_reason(corpus: &Corpus) {
    for (input, spec, count) in [("seed-sandbox/single.yaml", SEED, 47), ("helm-eks-v1.12.0/single.yaml", HELM, 37)] {
        let input = fs::read(corpus.0.join(input)).unwrap();
        let mut command = Command::new(BINARY);
        command.args(["explain", "-o", "json", "-c"]).arg(function_config(spec));
        let finished = run(&mut command, &input);
        let explanation: Value = serde_json::from_str(&finished.stdout).unwrap();
        assert!(finished.status.success(), "{:#}", explanation["findings"]);
        let resources = explanation["resources"].as_array().unwrap();
        assert_eq!(resources.len(), count);
        for resource in resources {
            let text = |field: &str| resource[field].as_str().unwrap_or_default();
            assert_ne!(text("plane"), "Unplaced", "{resource:#}");
            assert!(!text("why").is_empty() && !text("rule").is_empty(), "{resource:#}");
        }
    }
}

/// The line that adds an annotation.
const ANNOTATION: &str = "example.com/added: \"yes\"";

// The deployments.

/// The directory with the deployments.
struct Corpus(PathBuf);

/// What the two builds print.
struct Planes {
    control: String,
    data: String,
}

impl Corpus {
    fn seed(&self, file: &str) -> String {
        self.0.join("seed-sandbox").join(file).to_str().unwrap().to_owned()
    }

    fn documents(&self, file: &str) -> Vec<String> {
        documents(&fs::read_to_string(self.0.join(file)).unwrap())
    }

    /// Builds both planes of the tree of 2019 from overlays beside it, as a user would; nothing else in it changes.
    fn seed_planes(&self, changes: &Value) -> Option<Planes> {
        let kustomize_path = tools::find("kustomize")?;
        let scratch = Scratch::copy_of(&self.0.join("seed-sandbox/kustomize"));
        let build = |output: &str| {
            let overlay = scratch.path().join("overlays/sandbox").join(output);
            fs::create_dir(&overlay).unwrap();
            fs::copy(function_config(SEED), overlay.join("planes.yaml")).unwrap();
            fs::write(overlay.join("credentials.yaml"), credentials(3).join("---\n")).unwrap();
            write_split(&overlay, output, changes);
            let mut resources = vec!["../flyte", "planes.yaml"];
            if output == CONTROL && changes["clusters"].is_null() {
                resources.push("credentials.yaml");
            }
            write_kustomization(&overlay, &json!({ "resources": resources, "transformers": ["split.yaml"] }));
            kustomize(&kustomize_path, &overlay)
        };
        Some(Planes { control: build(CONTROL), data: build(DATA) })
    }

    /// Runs the corpus' own comparison.
    #[track_caller]
    fn compare(&self, built: &Planes, expected: &str, options: &[&str]) {
        let Some(python) = tools::find("python3") else { return };
        if !run(Command::new(&python).args(["-c", "import yaml"]), b"").status.success() {
            return tools::missing("python3 has no module yaml");
        }
        let scratch = Scratch::new();
        let (control, data) = (scratch.path().join("control.yaml"), scratch.path().join("data.yaml"));
        fs::write(&control, &built.control).unwrap();
        fs::write(&data, &built.data).unwrap();
        let mut command = Command::new(python);
        command.arg(self.0.join("compare_ids.py")).args([&control, &data]).arg(self.seed(expected));
        let compared = run(command.arg("--strip-hash").args(options), b"");
        assert!(compared.status.success(), "{}{}", compared.stdout, compared.stderr);
    }
}

/// The planes of the guide of 2019: the identity of flyteadmin in the data plane alone.
fn literal_planes() -> Value {
    let mut planes = spec_of(SEED)["planes"].take();
    let both = planes["both"].as_array_mut().unwrap();
    let is_identity = |selector: &Value| selector["name"].as_str().unwrap().starts_with("flyteadmin");
    let identity: Vec<Value> = both.iter().filter(|selector| is_identity(selector)).cloned().collect();
    assert_eq!(identity.len(), 3);
    both.retain(|selector| !is_identity(selector));
    planes["dataPlane"].as_array_mut().unwrap().extend(identity);
    planes["external"] = json!([{ "kind": "ServiceAccount", "name": "flyteadmin" }]);
    planes
}

fn function_config(file: &str) -> PathBuf {
    repository().join("function-config").join(file)
}

fn spec_of(file: &str) -> Value {
    let config: Value = serde_yaml::from_str(&fs::read_to_string(function_config(file)).unwrap()).unwrap();
    config["spec"].clone()
}

/// The token Secrets of the example's first clusters.
fn credentials(count: u8) -> Vec<String> {
    let directory = repository().join("testdata/example/control-plane/credentials");
    let file = |number: u8| fs::read_to_string(directory.join(format!("cluster-{number}-token.yaml"))).unwrap();
    (1..=count).map(file).collect()
}

// kustomize.

fn write_kustomization(directory: &Path, fields: &Value) {
    fs::write(directory.join("kustomization.yaml"), fields.to_string()).unwrap();
}

/// The overlay's functionConfig: the ready-made one with some fields of the shared spec replaced.
fn write_split(directory: &Path, output: &str, changes: &Value) {
    let file = if output == CONTROL { "overlay-control-plane.yaml" } else { "overlay-data-plane.yaml" };
    let mut config: Value = serde_yaml::from_str(&fs::read_to_string(function_config(file)).unwrap()).unwrap();
    merge(&mut config["spec"], changes);
    fs::write(directory.join("split.yaml"), config.to_string()).unwrap();
}

#[track_caller]
fn kustomize(kustomize: &Path, directory: &Path) -> String {
    // The tree of 2019 has bases that read files of other directories.
    let flags = ["build", "--enable-alpha-plugins", "--enable-exec", "--load-restrictor", "LoadRestrictionsNone"];
    run(with_function_on_path(kustomize).args(flags).arg(directory), b"").success()
}

// Streams.

fn documents(stream: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in stream.split_inclusive('\n') {
        if line.trim_end() == "---" {
            documents.push(String::new());
        } else {
            documents.last_mut().unwrap().push_str(line);
        }
    }
    documents.retain(|document| !document.trim().is_empty());
    documents
}

/// A `ResourceList` of documents.
fn list_of(documents: &[String]) -> String {
    let mut list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    for document in documents {
        let mut indent = "- ";
        for line in document.lines() {
            list.push_str(if line.is_empty() { "" } else { indent });
            list.push_str(line);
            list.push('\n');
            indent = "  ";
        }
    }
    list
}

/// Runs the function on documents put into a `ResourceList`, and takes what it prints apart again.
#[track_caller]
fn split(documents: &[String], spec: &Value) -> Vec<String> {
    let list = list_of(documents);
    let config = json!({
        "apiVersion": "split-planes.dev/v1alpha1", "kind": "PlaneSplit", "metadata": { "name": "flyte" }, "spec": spec
    });
    let output = function(&format!("{list}functionConfig: {config}\n")).success();

    let mut items: Vec<String> = Vec::new();
    let lines = output.split_inclusive('\n').skip_while(|line| *line != "items:\n").skip(1);
    for line in lines.take_while(|line| line.starts_with(['-', ' ', '\n'])) {
        if let Some(first) = line.strip_prefix("- ") {
            items.push(first.to_owned());
        } else {
            items.last_mut().unwrap().push_str(line.strip_prefix("  ").unwrap_or(line));
        }
    }
    items
}

/// Replaces fields, as a functionConfig replaces those of the shared spec.
fn merge(spec: &mut Value, changes: &Value) {
    for (field, value) in changes.as_object().unwrap() {
        spec[field] = value.clone();
    }
}

/// Kind and name without the suffix that kustomize hashes.
fn id(document: &str) -> String {
    let value: Value = serde_yaml::from_str(document).unwrap();
    let (kind, name) = (value["kind"].as_str().unwrap(), value["metadata"]["name"].as_str().unwrap());
    format!("{kind} {}", without_hash(kind, name))
}

fn without_hash<'a>(kind: &str, name: &'a str) -> &'a str {
    let is_hash = |text: &str| text.len() == 10 && text.chars().all(|letter| "2456789bcdfghkmt".contains(letter));
    match name.rsplit_once('-') {
        Some((name, hash)) if kind == "ConfigMap" && is_hash(hash) => name,
        _ => name,
    }
}

#[track_caller]
fn resource(stream: &str, kind: &str, name: &str) -> Value {
    let found = documents(stream).into_iter().find(|document| id(document) == format!("{kind} {name}"));
    serde_yaml::from_str(&found.unwrap_or_else(|| panic!("no {kind} {name}"))).unwrap()
}

/// Every container of every Deployment: `flyteadmin initContainers run-migrations`.
fn containers(stream: &str) -> BTreeMap<String, Value> {
    let mut containers = BTreeMap::new();
    for document in documents(stream) {
        let value: Value = serde_yaml::from_str(&document).unwrap();
        for field in ["initContainers", "containers"] {
            for container in value["spec"]["template"]["spec"][field].as_array().into_iter().flatten() {
                let (workload, name) = (&value["metadata"]["name"], &container["name"]);
                let place = format!("{} {field} {}", workload.as_str().unwrap(), name.as_str().unwrap());
                containers.insert(place, container.clone());
            }
        }
    }
    containers
}
