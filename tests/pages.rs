//! Does what the pages tell a reader to do, with a stranger's means: their commands as they are printed, the real kustomize and
//! kubectl, two real API servers, an empty home directory, and the program out of a release archive.
//!
//! `make test-cluster` runs these tests. `SPLIT_PLANES_ARCHIVE` names the archive; without one the program is what cargo built.

#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

#[path = "common/api_server.rs"]
mod api_server;
mod common;
#[path = "common/contexts.rs"]
mod contexts;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use api_server::Cluster;
use common::{BINARY, Finished, Scratch, corpus, files, repository, run, tools, variable};
use contexts::Contexts;

/// What the reader types in place of the endpoint that the README makes up.
const ENDPOINT: &str = "https://eu.k8s.acme.io:6443";

/// A reader with a kubectl that knows the cluster `control` and that of a data plane, and an otherwise empty home directory.
struct Reader {
    home: Scratch,
    contexts: Contexts,
    control: Cluster,
    data: Cluster,
    program: PathBuf,
}

impl Reader {
    /// `context` is what the page calls the cluster of the data plane.
    fn new(context: &str) -> Option<Self> {
        let kustomize = tools::find("kustomize")?;
        let (control, data) = (Cluster::start()?, Cluster::start()?);
        let contexts = Contexts::new(&[("control", &control), (context, &data)]);
        fs::copy(kustomize, contexts.directory().join("kustomize")).unwrap();
        let home = Scratch::new();
        let program = program(home.path());
        Some(Self { home, contexts, control, data, program })
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Copies a directory of the example, each of whose files `change` may change.
    fn copies(&self, from: &str, to: &str, change: impl Fn(&str) -> String) {
        let directory = repository().join("testdata/example").join(from);
        for file in files(&directory) {
            let name = Path::new(to).join(file.strip_prefix(&directory).unwrap());
            self.write(name.to_str().unwrap(), &change(&fs::read_to_string(&file).unwrap()));
        }
    }

    /// Types what the README prints in one block.
    fn types(&self, block: &str) -> Finished {
        let path = format!("{}:{}:/usr/bin:/bin", self.program.display(), self.contexts.directory().display());
        let mut shell = Command::new("bash");
        shell.args(["-euo", "pipefail", "-c", &block.replace(ENDPOINT, &self.data.endpoint())]);
        shell.env_clear().env("PATH", path).env("HOME", self.home.path()).env("KUBECONFIG", self.contexts.kubeconfig());
        run(shell.current_dir(self.home.path()), b"")
    }

    /// Walks all steps. Returns what kubectl refused.
    fn walks(&self) -> BTreeSet<String> {
        let blocks = five_minutes();
        let [propose, apply_data, fetch, apply_control] = blocks.as_slice() else { panic!("four steps: {blocks:?}") };
        let proposed = self.types(propose);
        assert!(proposed.stdout.contains("flyteadmin"), "{}", proposed.stdout);
        assert_no_error(&proposed);
        let mut refused = BTreeSet::new();
        for (step, cluster) in [(apply_data, &self.data), (apply_control, &self.control)] {
            // Somebody has to have made the namespace, as for every deployment that does not bring its own.
            let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: flyte}}";
            cluster.kubectl(&["apply", "-f", "-"], namespace).success();
            let applied = self.types(step);
            refused.extend(applied.stderr.lines().filter(|line| !is_note(line)).map(str::to_owned));
            if step == apply_data {
                assert_no_error(&self.types(fetch));
            }
        }
        let stored = self.control.get("secret", "cluster-credentials");
        let keys: Vec<&String> = stored["data"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["eu_cacert", "eu_token"]);
        refused
    }
}

/// Whether a line on stderr is no error: the program's notes, or what an API server says about old fields.
fn is_note(line: &str) -> bool {
    line.is_empty()
        || ["warning: ", "info: ", " ", "split-planes: ", "Warning: "].iter().any(|start| line.starts_with(start))
}

fn assert_no_error(finished: &Finished) {
    assert!(finished.status.success(), "{}", finished.stderr);
    assert!(!finished.stderr.contains("error: "), "{}", finished.stderr);
}

/// The directory of the program: out of the archive of a release, or what cargo built.
fn program(home: &Path) -> PathBuf {
    let Some(archive) = variable("SPLIT_PLANES_ARCHIVE") else { return Path::new(BINARY).parent().unwrap().to_owned() };
    let archive = repository().join(archive);
    let directory = home.join("split-planes");
    fs::create_dir(&directory).unwrap();
    let mut tar = Command::new("tar");
    run(tar.arg("-xzf").arg(archive).arg("-C").arg(&directory).arg("--strip-components=1"), b"").success();
    directory
}

/// The kustomization of a base to which nobody has added a spec yet.
fn without_spec(text: &str) -> String {
    text.replace("- planes.yaml", "#")
}

/// The blocks of commands in that section of the README.
fn five_minutes() -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Five minutes with your own deployment").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    commands(section)
}

/// The blocks of commands on a page, without their indentation.
fn commands(page: &str) -> Vec<String> {
    page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_example_is_split_and_applied_without_a_line_of_yaml() {
    let Some(reader) = Reader::new("eu") else { return };
    reader.copies("base", "base", without_spec);
    assert_eq!(reader.walks(), BTreeSet::new());
}

/// A render of the chart flyte-core.
#[test]
fn a_render_of_helm_is_split_and_applied_without_a_line_of_yaml() {
    let Some(corpus) = corpus::find() else { return tools::skip("the corpus of real deployments is not there") };
    let Some(reader) = Reader::new("eu") else { return };
    reader.write("base/kustomization.yaml", "resources: [single.yaml]\n");
    reader.write("base/single.yaml", &fs::read_to_string(corpus.join("helm-eks-v1.12.0/single.yaml")).unwrap());
    assert_eq!(reader.walks(), BTreeSet::new());
}

/// Its Deployments and definitions have versions that the API server has dropped since.
#[test]
fn the_tree_of_2019_is_split_without_a_line_of_yaml() {
    let Some(corpus) = corpus::find() else { return tools::skip("the corpus of real deployments is not there") };
    let Some(reader) = Reader::new("eu") else { return };
    reader.write("base/kustomization.yaml", "resources: [single.yaml]\n");
    reader.write("base/single.yaml", &fs::read_to_string(corpus.join("seed-sandbox/single.yaml")).unwrap());
    let refused = reader.walks();
    assert!(
        refused.iter().all(|line| line.contains("no matches for kind") || line.contains("ensure CRDs")),
        "{refused:#?}"
    );
}

#[test]
fn a_running_flyte_is_moved_and_loses_no_execution() {
    let Some(reader) = Reader::new("cluster-1") else { return };
    // One deployment, with an execution and what flytepropeller's webhook makes by itself.
    reader.copies("base", "one", without_spec);
    reader.types("kustomize build one | kubectl apply -f -").success();
    let (old, new) = (&reader.control, &reader.data);
    for made in [WORKFLOW, WEBHOOK] {
        old.kubectl(&["apply", "-f", "-"], made).success();
    }

    reader.copies("", ".", |text| text.replace("https://cluster-1.example.com:6443", &new.endpoint()));
    let page = fs::read_to_string(repository().join("docs/moving.md")).unwrap();
    let blocks = commands(&page);
    let [data_plane, token, drained, control_plane, propeller, webhook, definition] = blocks.as_slice() else {
        panic!("seven steps: {blocks:#?}")
    };
    reader.types(data_plane).success();
    new.wait_for_token("flyteadmin-token");
    let printed = reader.types(token).success();
    let secret = printed.replace("name: flyteadmin-token", "name: cluster-1-token");
    reader.write("control-plane/credentials/cluster-1-token.yaml", &secret);
    assert!(reader.types(drained).success().contains("before-the-move"), "it runs");
    old.kubectl(&["-n", "flyte", "label", "flyteworkflow", "before-the-move", "termination-status=terminated"], "")
        .success();
    assert_eq!(reader.types(drained).success(), "");
    reader.types(control_plane).success();
    let admin = old.get("deployment", "flyteadmin");
    assert!(admin["spec"]["template"]["metadata"]["annotations"]["split-planes.dev/checksum"].is_string());

    reader.types(propeller).success();
    assert!(reader.types(webhook).success().contains("flyte-pod-webhook"));
    let [look, delete] = definition.trim().lines().collect::<Vec<_>>()[..] else { panic!("{definition}") };
    assert!(reader.types(look).success().contains("before-the-move"), "nothing was lost so far");
    old.kubectl(&["-n", "flyte", "delete", "flyteworkflow", "before-the-move"], "").success();
    assert_eq!(reader.types(look).success(), "");
    reader.types(delete).success();
}

const WORKFLOW: &str = "\
apiVersion: flyte.lyft.com/v1alpha1
kind: FlyteWorkflow
metadata: {name: before-the-move, namespace: flyte}
";

const WEBHOOK: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: flyte-pod-webhook}
---
apiVersion: v1
kind: Service
metadata: {name: flyte-pod-webhook, namespace: flyte}
spec: {ports: [{port: 443}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: flyte-pod-webhook, namespace: flyte}
spec:
  selector: {matchLabels: {app: webhook}}
  template:
    metadata: {labels: {app: webhook}}
    spec: {containers: [{name: webhook, image: flyteorg/flytepropeller}]}
";
