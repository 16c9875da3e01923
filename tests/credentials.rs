//! Runs `split-planes credentials` with a script in place of kubectl, for what it says when something is wrong.
//!
//! `tests/cluster.rs` runs it with the real one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{BINARY, Finished, Scratch, repository, run};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

/// What kubectl would say in each context: nothing means that it prints the Secret in `CONTEXT.json`.
const SCRIPT: &str = r#"#!/bin/sh
context=$2
directory=$(dirname "$0")
case "$3" in
config) echo "https://$context.example.com:6443"; exit 0 ;;
esac
case "$context" in
no-such) echo "error: context \"no-such\" does not exist" >&2; exit 1 ;;
forbidden) echo 'Error from server (Forbidden): secrets "flyteadmin-token" is forbidden' >&2; exit 1 ;;
missing) echo 'Error from server (NotFound): secrets "flyteadmin-token" not found' >&2; exit 1 ;;
esac
echo "$@" >> "$directory/calls"
cat "$directory/$context.json"
"#;

struct Kubectl(Scratch);

impl Kubectl {
    fn new() -> Self {
        let scratch = Scratch::new();
        let path = scratch.path().join("kubectl");
        fs::write(&path, SCRIPT).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let kubectl = Self(scratch);
        for number in 1..=3 {
            kubectl.answers(
                &format!("cluster-{number}"),
                &json!({"token": encoded(&token(number)), "ca.crt": encoded(&authority())}),
            );
        }
        kubectl
    }

    /// What is printed in a context.
    fn answers(&self, context: &str, data: &Value) {
        let metadata = json!({"name": "flyteadmin-token", "namespace": "flyte", "uid": "1", "resourceVersion": "1"});
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data,
            "type": "kubernetes.io/service-account-token"});
        fs::write(self.0.path().join(format!("{context}.json")), secret.to_string()).unwrap();
    }

    fn output(&self) -> PathBuf {
        self.0.path().join("credentials.yaml")
    }

    /// Runs the subcommand, with `cluster_1` in the given context.
    fn run(&self, first: &str, more: &[&str]) -> Finished {
        let mut command = Command::new(BINARY);
        command.arg("credentials").arg("-c").arg(repository().join("testdata/example/base/planes.yaml"));
        command.arg("--kubectl").arg(self.0.path().join("kubectl")).arg("-o").arg(self.output());
        command.args(["--context", "cluster_2=cluster-2", "--context", "cluster_3=cluster-3", "--timeout=1s"]);
        command.args(["--context", &format!("cluster_1={first}")]).args(more);
        run(&mut command, b"")
    }
}

fn token(number: usize) -> String {
    format!("not-a-real-token-of-cluster-{number}")
}

fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

fn authority() -> String {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

#[test]
fn clean_secrets_are_written_for_nobody_else_to_read() {
    let kubectl = Kubectl::new();
    let finished = kubectl.run("cluster-1", &[]);
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
    assert!(finished.status.success());
    assert_eq!(fs::metadata(kubectl.output()).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(kubectl.output()).unwrap();
    let secrets: Vec<Value> = text.split("---\n").map(|text| serde_yaml::from_str(text).unwrap()).collect();
    assert_eq!(secrets.len(), 3);
    for (number, secret) in (1..).zip(&secrets) {
        let annotations = json!({"config.kubernetes.io/local-config": "true"});
        assert_eq!(secret["metadata"], json!({"name": format!("cluster-{number}-token"), "annotations": annotations}));
        assert_eq!(secret["data"]["token"], encoded(&token(number)));
    }
    let calls = fs::read_to_string(kubectl.0.path().join("calls")).unwrap();
    assert!(calls.contains("get secret flyteadmin-token -o json") && calls.contains("--namespace flyte"), "{calls}");

    // A run takes them.
    let resources = common::read(&repository().join("testdata/example/control-plane/expected.yaml")).unwrap();
    assert!(resources.contains("cluster-credentials"));
}

#[test]
fn what_is_wrong_names_the_cluster_and_writes_nothing() {
    let kubectl = Kubectl::new();
    kubectl.answers("empty", &json!({"ca.crt": encoded(&authority())}));
    kubectl.answers("broken", &json!({"token": encoded("changeme"), "ca.crt": encoded("no certificate")}));
    for (context, said) in [
        ("no-such", "context \"no-such\" does not exist"),
        ("forbidden", "is forbidden"),
        ("missing", "is the data plane applied there"),
        ("empty", "has no token after 1 seconds; is ServiceAccount \"flyteadmin\""),
        ("broken", "certificate"),
    ] {
        let finished = kubectl.run(context, &[]);
        assert_eq!((finished.status.code(), finished.stdout.as_str()), (Some(1), ""), "{context}: {}", finished.stderr);
        assert!(
            finished.stderr.contains("cluster \"cluster_1\"") && finished.stderr.contains(said),
            "{}",
            finished.stderr
        );
        assert!(!finished.stderr.contains("not-a-real-token"), "{}", finished.stderr);
        assert!(!kubectl.output().exists(), "{context}");
    }
}

#[test]
fn another_server_than_the_endpoint_is_a_warning() {
    let kubectl = Kubectl::new();
    kubectl.answers("elsewhere", &json!({"token": encoded(&token(1)), "ca.crt": encoded(&authority())}));
    let finished = kubectl.run("elsewhere", &[]);
    assert!(finished.status.success());
    assert!(
        finished.stderr.starts_with("warning: cluster \"cluster_1\": its context is of https://elsewhere"),
        "{}",
        finished.stderr
    );
}

#[test]
fn options_that_cannot_be_meant_are_refused() {
    let kubectl = Kubectl::new();
    for (arguments, code, said) in [
        (&["--context", "cluster_9=x"][..], 1, "cluster_9"),
        (&["--context", "cluster_1"], 2, "CLUSTER=CONTEXT"),
        (&["--timeout", "soon"], 2, "90s"),
        (&["--kubectl", "/no/such/kubectl"], 1, "--kubectl"),
    ] {
        let finished = if ["--kubectl", "--timeout"].contains(&arguments[0]) {
            let planes = repository().join("testdata/example/base/planes.yaml");
            run(Command::new(BINARY).arg("credentials").arg("-c").arg(planes).args(arguments), b"")
        } else {
            kubectl.run("cluster-1", arguments)
        };
        assert_eq!(finished.status.code(), Some(code), "{arguments:?}: {}", finished.stderr);
        assert!(finished.stderr.contains(said), "{arguments:?}: {}", finished.stderr);
    }
}

#[test]
fn each_problem_of_the_spec_is_a_line_of_its_own() {
    let scratch = Scratch::new();
    let planes = scratch.path().join("planes.yaml");
    let spec = "{planes: {both: [{kind: Service}]}, clusters: [{name: one, endpoint: 'http://one', credentials: {secret: a}}]}";
    fs::write(&planes, format!("{{apiVersion: split-planes.dev/v1alpha1, kind: PlaneSplit, spec: {spec}}}")).unwrap();
    let finished = run(Command::new(BINARY).arg("credentials").arg("-c").arg(planes), b"");
    assert_eq!(finished.status.code(), Some(1), "{}", finished.stderr);
    let lines: Vec<&str> = finished.stderr.lines().collect();
    assert!(lines.len() > 1 && lines.iter().all(|line| line.starts_with("error: ")), "{lines:#?}");
    assert!(!finished.stderr.contains("\\n"), "{}", finished.stderr);
}
