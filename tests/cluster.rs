//! Applies what the function writes to real API servers, and reaches a data plane with the credentials that end up in a pod.
//!
//! `make test-cluster` runs these tests; `cargo test` does not, because the API server in `tests/go/apiserver` takes minutes
//! to build. Each cluster is a process of its own, on loopback, with its files in a scratch directory, and ends with its test.

#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

#[path = "common/api_server.rs"]
mod api_server;
mod common;
#[path = "common/contexts.rs"]
mod contexts;

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use api_server::{Apply, Cluster};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use common::{BINARY, Scratch, function, kustomize_build, repository, run, tools};
use contexts::Contexts;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

const INPUT: &str = "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: flyte-admin-config, namespace: flyte}
  data:
    server.yaml: |
      server: {httpPort: 8088}
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: flyteadmin, namespace: flyte}
  spec:
    selector: {matchLabels: {app: flyteadmin}}
    template:
      metadata: {labels: {app: flyteadmin}}
      spec:
        containers:
        - name: flyteadmin
          image: flyteorg/flyteadmin:v1.12.0
          command: [flyteadmin, --config, /etc/flyte/config/*.yaml, serve]
          volumeMounts: [{name: config, mountPath: /etc/flyte/config}]
        volumes: [{name: config, configMap: {name: flyte-admin-config}}]
";

#[test]
fn client_side_apply_takes_both_planes_and_the_token_opens_the_data_plane() {
    apply_both_planes(Apply::ClientSide);
}

#[test]
fn server_side_apply_takes_both_planes_and_the_token_opens_the_data_plane() {
    apply_both_planes(Apply::ServerSide);
}

#[test]
fn client_side_apply_takes_the_control_plane_of_many_clusters() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.kubectl(&["create", "namespace", "flyte"], "").success();
    for count in [1, 3, 76, 400, 2000] {
        let (configuration, others): (Vec<_>, Vec<_>) =
            control_plane(count).into_iter().partition(|item| item["kind"] == "ConfigMap");
        cluster.apply(Apply::ClientSide, &stream(&others), "created");
        cluster.apply(Apply::ClientSide, &stream(&others), "unchanged");
        let secrets = others.iter().filter(|item| item["kind"] == "Secret");
        let stored = secrets.map(|secret| cluster.get("secret", secret["metadata"]["name"].as_str().unwrap()));
        let keys: usize = stored.map(|secret| secret["data"].as_object().unwrap().len()).sum();
        assert_eq!(keys, 2 * count);

        // flyteadmin reads the list from one file, and kubectl keeps a copy of that in an annotation.
        if count <= 400 {
            cluster.apply(Apply::ClientSide, &stream(&configuration), "created");
        } else {
            let refused = cluster.kubectl(&["apply", "-f", "-"], &stream(&configuration));
            assert!(refused.stderr.contains("metadata.annotations: Too long"), "{}", refused.stderr);
            cluster.apply(Apply::ServerSide, &stream(&configuration), "serverside-applied");
        }
        cluster.kubectl(&["-n", "flyte", "delete", "deployment,secret,configmap", "--all"], "").success();
    }
}

#[test]
fn the_tokens_of_three_data_planes_are_fetched_and_open_them() {
    let Some(kustomize) = tools::find("kustomize") else { return };
    let started = [Cluster::start(), Cluster::start(), Cluster::start(), Cluster::start()];
    let [Some(control), Some(one), Some(two), Some(three)] = started else { return };
    let example = Scratch::copy_of(&repository().join("testdata/example"));
    let contexts = Contexts::new(&[("cluster_1", &one), ("cluster_2", &two), ("third", &three)]);
    let planes = example.path().join("base/planes.yaml");
    let mut spec = fs::read_to_string(&planes).unwrap();
    for (number, cluster) in (1..).zip([&one, &two, &three]) {
        spec = spec.replace(&format!("https://cluster-{number}.example.com:6443"), &cluster.endpoint());
    }
    fs::write(&planes, spec).unwrap();
    let data = kustomize_build(&kustomize, &example.path().join("data-plane")).success();
    for cluster in [&one, &two, &three] {
        cluster.apply(Apply::ServerSide, &data, "serverside-applied");
    }

    let file = example.path().join("credentials.yaml");
    let fetched = contexts.fetch(&planes, &file, &["--context", "cluster_3=third"]);
    assert_eq!((fetched.stdout.as_str(), fetched.stderr.as_str()), ("", ""));
    assert!(fetched.status.success());

    let base = run(Command::new(&kustomize).arg("build").arg(example.path().join("base")), b"").success();
    let mut split = Command::new(BINARY);
    split.args(["split", "--plane", "control", "-f", "-", "-f"]).arg(&file).arg("-c").arg(&planes);
    let written = run(&mut split, base.as_bytes()).success();
    control.apply(Apply::ServerSide, &written, "serverside-applied");
    let credentials = control.get("secret", "cluster-credentials")["data"].take();
    for (number, cluster) in (1..).zip([&one, &two, &three]) {
        let token = BASE64.decode(credentials[format!("cluster_{number}_token")].as_str().unwrap()).unwrap();
        let token = String::from_utf8(token).unwrap();
        let mut command = cluster.kubectl_command();
        command.args(["--kubeconfig=/dev/null", "--insecure-skip-tls-verify", "--server", &cluster.endpoint()]);
        let user = run(command.args(["--token", &token, "auth", "whoami", "-o", "json"]), b"").success();
        let user: Value = serde_json::from_str(&user).unwrap();
        assert_eq!(user["status"]["userInfo"]["username"], "system:serviceaccount:flyte:flyteadmin");
    }
}

#[test]
fn tokens_that_cannot_be_fetched_are_told_with_the_cluster() {
    let (Some(full), Some(empty)) = (Cluster::start(), Cluster::start()) else { return };
    for cluster in [&full, &empty] {
        cluster.kubectl(&["create", "namespace", "flyte"], "").success();
    }
    full.kubectl(&["-n", "flyte", "create", "serviceaccount", "nobody"], "").success();
    let nobody = full.kubectl(&["-n", "flyte", "create", "token", "nobody"], "").success();
    empty.kubectl(&["-n", "flyte", "create", "secret", "generic", "without-token"], "").success();

    let mut contexts = Contexts::new(&[("full", &full), ("empty", &empty)]);
    contexts.add_user("forbidden", "full", nobody.trim());
    let planes = contexts.directory().join("planes.yaml");
    let file = contexts.directory().join("credentials.yaml");
    for (context, secret, said) in [
        ("no-such-context", "flyteadmin-token", "no-such-context"),
        ("full", "flyteadmin-token", "not found"),
        ("forbidden", "flyteadmin-token", "is forbidden"),
        ("empty", "without-token", "has no token after 1 seconds"),
    ] {
        let spec = json!({
            "apiVersion": "split-planes.dev/v1alpha1",
            "kind": "PlaneSplit",
            "spec": {
                "planes": { "controlPlane": [{ "kind": "Deployment" }] },
                "clusters": [{ "name": "one", "endpoint": full.endpoint(), "credentials": { "secret": "one-token" } }],
                "credentials": { "mounts": [{ "kind": "Deployment" }] },
                "clusterConfig": { "targets": [{ "configMap": "config", "key": "clusters.yaml" }] },
                "dataPlane": {
                    "serviceAccountToken": { "serviceAccount": "flyteadmin", "namespace": "flyte", "secretName": secret },
                },
            },
        });
        fs::write(&planes, spec.to_string()).unwrap();
        let fetched = contexts.fetch(&planes, &file, &["--timeout=1s", "--context", &format!("one={context}")]);
        assert_eq!((fetched.status.code(), fetched.stdout.as_str()), (Some(1), ""), "{context}: {}", fetched.stderr);
        assert!(fetched.stderr.contains("cluster \"one\"") && fetched.stderr.contains(said), "{}", fetched.stderr);
        assert!(!file.exists(), "{context}");
    }
}

#[test]
fn the_api_server_refuses_the_name_that_the_old_guide_gives() {
    let Some(cluster) = Cluster::start() else { return };
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "cluster_credentials" } });
    let applied = cluster.kubectl(&["apply", "-f", "-"], &secret.to_string());
    assert!(!applied.status.success());
    assert!(applied.stderr.contains("a lowercase RFC 1123 subdomain must consist of"), "{}", applied.stderr);
}

/// Follows the way of the example: the data plane first, its token into the control plane, then that.
fn apply_both_planes(apply: Apply) {
    let Some(kustomize) = tools::find("kustomize") else { return };
    let (Some(data), Some(control)) = (Cluster::start(), Cluster::start()) else { return };
    let example = Scratch::copy_of(&repository().join("testdata/example"));
    let build = |plane: &str| kustomize_build(&kustomize, &example.path().join(plane)).success();

    data.apply_twice(apply, &build("data-plane"));

    data.wait_for_token("flyteadmin-token");
    let printed = data.kubectl(&["-n", "flyte", "get", "secret", "flyteadmin-token", "-o", "yaml"], "").success();
    let secret = example.path().join("control-plane/credentials/cluster-1-token.yaml");
    fs::write(secret, printed.replace("name: flyteadmin-token", "name: cluster-1-token")).unwrap();
    let planes = example.path().join("base/planes.yaml");
    let spec = fs::read_to_string(&planes).unwrap();
    fs::write(planes, spec.replace("https://cluster-1.example.com:6443", &data.endpoint())).unwrap();

    control.apply_twice(apply, &build("control-plane"));

    // As flyteadmin does it: endpoint from the configuration, token and certificate from the files.
    let credentials = control.get("secret", "cluster-credentials")["data"].take();
    let decoded = |key: &str| String::from_utf8(BASE64.decode(credentials[key].as_str().unwrap()).unwrap()).unwrap();
    let (token, authority) = (decoded("cluster_1_token"), control.directory().join("cluster_1_cacert"));
    fs::write(&authority, decoded("cluster_1_cacert")).unwrap();
    let names = control.kubectl(&["-n", "flyte", "get", "configmap", "-o", "name"], "").success();
    let name = names.lines().find(|name| name.contains("flyte-admin-config")).unwrap();
    let config = control.get("configmap", name.trim_start_matches("configmap/"));
    let config: Value = serde_yaml::from_str(config["data"]["flyteadmin_config.yaml"].as_str().unwrap()).unwrap();
    let endpoint = config["clusters"]["clusterConfigs"][0]["endpoint"].as_str().unwrap();

    let as_flyteadmin = |arguments: &[&str]| {
        let nobody = ["--kubeconfig=/dev/null", "--server", endpoint, "--certificate-authority"];
        let mut command = control.kubectl_command();
        command.args(nobody).arg(&authority).args(["--token", &token]).args(arguments);
        run(&mut command, b"").success()
    };
    let user: Value = serde_json::from_str(&as_flyteadmin(&["auth", "whoami", "-o", "json"])).unwrap();
    assert_eq!(user["status"]["userInfo"]["username"], "system:serviceaccount:flyte:flyteadmin");
    assert_eq!(as_flyteadmin(&["auth", "can-i", "create", "flyteworkflows.flyte.lyft.com", "-A"]), "yes\n");
}

/// A control plane of so many clusters: a Deployment, its configuration and the Secrets.
fn control_plane(count: usize) -> Vec<Value> {
    let clusters = (1..=count).map(|number| {
        let token = format!("not-a-real-token-of-cluster-{number}-").repeat(32);
        let credentials = json!({ "token": BASE64.encode(token), "caCert": BASE64.encode(certificate_authority()) });
        let endpoint = format!("https://cluster-{number}.example.com:6443");
        json!({ "name": format!("cluster_{number}"), "endpoint": endpoint, "credentials": credentials })
    });
    let input = format!(
        "{INPUT}functionConfig: {}\n",
        json!({
            "apiVersion": "split-planes.dev/v1alpha1",
            "kind": "PlaneSplit",
            "spec": {
                "output": "ControlPlane",
                "planes": { "controlPlane": [{ "kind": "ConfigMap|Deployment" }] },
                "clusters": clusters.collect::<Vec<_>>(),
                "credentials": { "mounts": [{ "kind": "Deployment", "name": "flyteadmin" }] },
                "clusterConfig": { "targets": [{ "configMap": "flyte-admin-config", "key": "clusters.yaml" }] },
            },
        })
    );
    let mut written: Value = serde_yaml::from_str(&function(&input).success()).unwrap();
    let Value::Array(items) = written["items"].take() else { panic!("no items") };
    items
}

fn certificate_authority() -> String {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

fn stream(resources: &[Value]) -> String {
    let mut stream = String::new();
    for resource in resources {
        write!(stream, "---\n{resource}\n").unwrap();
    }
    stream
}
