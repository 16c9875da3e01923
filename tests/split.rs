//! Runs `split-planes split` on files, beside kustomize with the function, and as a post-renderer of Helm.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{
    BINARY, Finished, Scratch, files, kustomize_build, repository, resources, run, tools, with_function_on_path,
};

const PLANES: [(&str, &str, &str); 2] =
    [("control", "ControlPlane", "control-plane.yaml"), ("data", "DataPlane", "data-plane.yaml")];

fn split(arguments: &[&str], stdin: &str) -> Finished {
    run(Command::new(BINARY).arg("split").args(arguments), stdin.as_bytes())
}

fn helm_planes() -> PathBuf {
    repository().join("testdata/helm/planes.yaml")
}

/// A stream, its spec, and the outputs in order.
const STREAM: &str = "\
# Source: web.yaml
apiVersion: v1
kind: Service
metadata: {name: web} # the front
---
# Source: tools.yaml
kind: ConfigMap
apiVersion: v1
metadata:
  name: tools
  annotations: {config.kubernetes.io/local-config: 'true'}
---
# Source: worker.yaml
apiVersion: v1
kind: Service
metadata:
    name:   worker
";
const SPEC: &str = "\
apiVersion: split-planes.dev/v1alpha1
kind: PlaneSplit
metadata: {name: planes}
spec: {planes: {controlPlane: [{name: web}], dataPlane: [{name: worker}]}}
";

#[test]
fn documents_keep_their_order_and_bytes() {
    let scratch = Scratch::new();
    let directory = scratch.path().join("a/b");
    let stream = format!("{STREAM}---\n{SPEC}");
    let finished = split(&["-o", directory.to_str().unwrap()], &stream);
    let messages = finished.stderr.clone();
    finished.success();
    let documents: Vec<&str> = STREAM.split("---\n").collect();
    assert_eq!(fs::read_to_string(directory.join("control-plane.yaml")).unwrap(), documents[0]);
    assert_eq!(fs::read_to_string(directory.join("data-plane.yaml")).unwrap(), format!("---\n{}", documents[2]));
    assert_eq!(files(&directory).len(), 2, "no temporary file is left");
    assert!(messages.contains("-> control-plane.yaml") && messages.contains("-> data-plane.yaml"), "{messages}");
}

#[test]
fn one_plane_is_printed_and_messages_stay_apart() {
    for (plane, kept) in [("control", "web"), ("data", "worker")] {
        let printed = split(&["--plane", plane], &format!("{STREAM}---\n{SPEC}")).success();
        assert_eq!(resources(&printed), [format!("Service//{kept}")]);
    }
}

#[test]
fn an_error_changes_no_file() {
    let scratch = Scratch::new();
    let directory = scratch.path().to_str().unwrap();
    fs::write(scratch.path().join("control-plane.yaml"), "old\n").unwrap();
    let finished = split(&["-o", directory], &format!("{STREAM}---\n{}", SPEC.replace("{name: worker}", "{name: x}")));
    assert_eq!(finished.status.code(), Some(1), "{}", finished.stderr);
    assert!(finished.stderr.contains("error: "), "{}", finished.stderr);
    assert_eq!(fs::read_to_string(scratch.path().join("control-plane.yaml")).unwrap(), "old\n");
    assert_eq!(files(scratch.path()).len(), 1);
    let printed = split(&["--plane", "data"], "kind: Service\nmetadata: {name: web}\n");
    assert_eq!((printed.status.code(), printed.stdout.as_str()), (Some(1), ""), "without a spec");
}

#[test]
fn files_of_an_earlier_run_are_named_and_stay() {
    let scratch = Scratch::new();
    for name in ["data-plane-old.yaml", "other.yaml"] {
        fs::write(scratch.path().join(name), "old\n").unwrap();
    }
    let finished = split(&["-o", scratch.path().to_str().unwrap()], &format!("{STREAM}---\n{SPEC}"));
    assert!(finished.stderr.contains("data-plane-old.yaml") && !finished.stderr.contains("other.yaml"));
    assert_eq!(files(scratch.path()).len(), 4);
}

#[test]
fn the_options_must_say_where_to() {
    let spec = format!("{STREAM}---\n{SPEC}");
    for (arguments, code) in [
        (&[][..], 2),
        (&["-o", "x", "--plane", "data"], 2),
        (&["-o", "x", "--cluster", "a"], 2),
        (&["--plane", "both"], 2),
        (&["--plane", "control", "--cluster", "a"], 1),
    ] {
        let finished = split(arguments, &spec);
        assert_eq!(finished.status.code(), Some(code), "{arguments:?}: {}", finished.stderr);
    }
}

#[test]
fn the_outputs_are_those_of_kustomize_with_the_function() {
    let Some(kustomize) = tools::find("kustomize") else { return };
    let example = repository().join("testdata/example");
    let build = |directory: &Path| kustomize_build(&kustomize, directory).success();
    let credentials = build(&example.join("control-plane/credentials"));
    let input = format!("{}---\n{credentials}", build(&example.join("base")));
    let scratch = Scratch::new();
    let config = example.join("base/planes.yaml");
    split(&["-c", config.to_str().unwrap(), "-o", scratch.path().to_str().unwrap()], &input).success();

    for (_, output, file) in PLANES {
        let with_function = scratch.path().join(output);
        fs::create_dir(&with_function).unwrap();
        fs::write(with_function.join("input.yaml"), &input).unwrap();
        let spec = fs::read_to_string(&config).unwrap().replace("spec:\n", &format!("spec:\n  output: {output}\n"));
        let function = "annotations:\n    config.kubernetes.io/function: 'exec: {path: split-planes}'\n";
        fs::write(with_function.join("split.yaml"), spec.replacen("annotations:\n", function, 1)).unwrap();
        fs::write(with_function.join("kustomization.yaml"), "resources: [input.yaml]\ntransformers: [split.yaml]\n")
            .unwrap();

        let alone = scratch.path().join(format!("{output}-alone"));
        fs::create_dir(&alone).unwrap();
        fs::copy(scratch.path().join(file), alone.join(file)).unwrap();
        fs::write(alone.join("kustomization.yaml"), format!("resources: [{file}]\n")).unwrap();
        let (expected, split) = (build(&with_function), build(&alone));
        assert!(split == expected, "{output} differs {}", common::difference(&expected, &split));
    }
}

// Helm.

/// Runs `helm template` on the chart, with a post-renderer or without.
fn template(helm: &Path, post_renderer: &[&str]) -> Finished {
    let directory = repository().join("testdata/helm");
    let mut command = with_function_on_path(helm);
    command.arg("template").arg("flyte").arg(directory.join("chart")).args(["--namespace", "flyte"]);
    command.args(post_renderer).env("HELM_PLUGINS", directory.join("plugins"));
    run(&mut command, b"")
}

/// Both planes through a post-renderer, beside `split` on what the chart renders.
#[track_caller]
fn assert_post_rendered(helm: &Path, first: &[&str], sees_hooks: bool) {
    let config = format!("--config={}", helm_planes().display());
    let rendered = template(helm, &[]).success();
    for (plane, _, _) in PLANES {
        let plane = format!("--plane={plane}");
        let options = ["--post-renderer", "split-planes"];
        let words = first.iter().copied().chain([config.as_str(), plane.as_str()]);
        let arguments: Vec<&str> =
            options.into_iter().chain(words.flat_map(|word| ["--post-renderer-args", word])).collect();
        let printed = template(helm, &arguments).success();
        let split = split(&[&config, &plane], &rendered).success();
        // Helm 3 prints hooks as they are, and gives a post-renderer all else.
        let is_given = |id: &String| sees_hooks || !id.starts_with("Job/");
        let ids = |text: &str| resources(text).into_iter().filter(is_given).collect::<Vec<_>>();
        assert_eq!(ids(&printed), ids(&split), "{plane}");
        for comment in split.lines().filter(|line| line.contains("# behind the")) {
            assert!(printed.contains(comment), "{comment}");
        }
        for source in split.lines().filter(|line| line.starts_with("# Source: ") && !sees_hooks) {
            assert!(printed.contains(source), "{source}");
        }
    }
    // A hook that has no place is named.
    let spec = fs::read_to_string(helm_planes()).unwrap();
    let hook = spec.lines().find(|line| line.contains("helm.sh/hook")).unwrap();
    let scratch = Scratch::new();
    let path = scratch.path().join("planes.yaml");
    fs::write(&path, spec.replace(hook, "")).unwrap();
    let config = format!("--config={}", path.display());
    let named = split(&[&config, "--plane=control"], &rendered);
    assert_eq!(named.status.code(), Some(1));
    assert!(named.stderr.contains("flyte-migrate"), "{}", named.stderr);
    if sees_hooks {
        let words = first.iter().copied().chain([config.as_str(), "--plane=control"]);
        let options = ["--post-renderer", "split-planes"];
        let arguments: Vec<&str> =
            options.into_iter().chain(words.flat_map(|word| ["--post-renderer-args", word])).collect();
        assert!(!template(helm, &arguments).status.success());
    }
}

#[test]
fn helm_3_runs_it_as_post_renderer() {
    let Some(helm) = tools::installed("helm3", "helm.sh/helm/v3/cmd/helm@v3.22.0") else { return };
    assert_post_rendered(&helm, &["split"], false);
}

#[test]
fn helm_4_runs_it_as_post_renderer_plugin() {
    let Some(helm) = tools::installed("helm4", "helm.sh/helm/v4/cmd/helm@v4.3.1") else { return };
    assert_post_rendered(&helm, &[], true);
}

// One data plane for each cluster.

/// A flytepropeller that reads its configuration, and a spec whose data planes differ.
const PROPELLER: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: propeller, namespace: flyte}
data:
  core.yaml: |
    Propeller: {workers: 4} # as many as CPUs
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: propeller, namespace: flyte}
spec:
  template:
    spec:
      containers:
      - name: propeller
        command: [flytepropeller, --config, /etc/c/*.yaml]
        volumeMounts: [{name: config, mountPath: /etc/c}]
      volumes: [{name: config, configMap: {name: propeller}}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: admin, namespace: flyte}
data: {clusters.yaml: ''}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: admin, namespace: flyte}
spec:
  template:
    spec:
      containers:
      - name: admin
        command: [flyteadmin, --config, /etc/c/*.yaml, serve]
        volumeMounts: [{name: config, mountPath: /etc/c}]
      volumes: [{name: config, configMap: {name: admin}}]
";
const CLUSTERS: &str = "\
apiVersion: split-planes.dev/v1alpha1
kind: PlaneSplit
metadata: {name: planes}
spec:
  planes: {controlPlane: [{name: admin}], dataPlane: [{name: propeller}]}
  clusters:
  - {name: cluster_1, endpoint: 'https://cluster-1.test', credentials: {existingSecret: cluster-1}}
  - {name: cluster_2, endpoint: 'https://cluster-2.test', credentials: {existingSecret: cluster-2}}
  credentials: {mounts: [{kind: Deployment, name: admin}]}
  clusterConfig: {targets: [{configMap: admin, key: clusters.yaml}]}
  dataPlane:
    clusterId: {targets: [{configMap: propeller, key: core.yaml}]}
  overrides:
  - plane: DataPlane
    clusters: [cluster_2]
    configMap: propeller
    key: core.yaml
    merge: {propeller: {workers: 8}}
";

#[test]
fn each_cluster_gets_the_data_plane_that_its_own_overlay_builds() {
    let scratch = Scratch::new();
    let directory = scratch.path().to_str().unwrap();
    fs::write(scratch.path().join("data-plane.yaml"), "old\n").unwrap();
    let finished = split(&["-o", directory], &format!("{PROPELLER}---\n{CLUSTERS}"));
    assert!(finished.status.success(), "{}", finished.stderr);
    assert!(finished.stderr.contains("data-plane.yaml is of an earlier run"), "{}", finished.stderr);
    let [one, two] = ["cluster_1", "cluster_2"].map(|cluster| {
        let written = fs::read_to_string(scratch.path().join(format!("data-plane-{cluster}.yaml"))).unwrap();
        let printed = split(&["--plane", "data", "--cluster", cluster], &format!("{PROPELLER}---\n{CLUSTERS}"));
        assert_eq!(printed.success(), written, "{cluster}");
        written
    });
    assert!(one.contains("Propeller: {workers: 4, cluster-id: cluster_1} # as many as CPUs"), "{one}");
    assert!(two.contains("Propeller: {workers: 8, cluster-id: cluster_2} # as many as CPUs"), "{two}");
    let control = fs::read_to_string(scratch.path().join("control-plane.yaml")).unwrap();
    assert!(!control.contains("cluster-id"), "{control}");
}

#[test]
fn a_data_plane_of_no_cluster_or_of_an_unknown_one_is_refused() {
    for (arguments, expected) in [
        (&["--plane", "data"][..], "`--cluster` must be beside `--plane data`"),
        (&["--plane", "data", "--cluster", "cluster_3"], "did you mean \"cluster_"),
    ] {
        let finished = split(arguments, &format!("{PROPELLER}---\n{CLUSTERS}"));
        assert_eq!((finished.status.code(), finished.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert!(finished.stderr.contains(expected), "{}", finished.stderr);
    }
}

#[test]
fn every_data_plane_is_verified_as_that_of_its_cluster() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("base.yaml"), PROPELLER).unwrap();
    fs::write(path("planes.yaml"), CLUSTERS).unwrap();
    split(&["-c", &path("planes.yaml"), "-o", &path("")], PROPELLER).success();
    let verify = |files: &[String]| {
        let mut command = Command::new(BINARY);
        command.args(["verify", "-c", &path("planes.yaml"), "--base", &path("base.yaml")]);
        command.args(["--control-plane", &path("control-plane.yaml")]);
        for file in files {
            command.args(["--data-plane", file]);
        }
        run(&mut command, b"")
    };
    let [one, two] = ["data-plane-cluster_1.yaml", "data-plane-cluster_2.yaml"].map(path);
    verify(&[one.clone(), two.clone()]).success();
    // A name that tells nothing: the content does.
    fs::copy(&two, path("second.yaml")).unwrap();
    verify(&[path("second.yaml")]).success();
    let text = fs::read_to_string(&one).unwrap();
    for (from, to) in [("cluster-id: cluster_1", "cluster-id: cluster_2"), ("workers: 4", "workers: 8")] {
        fs::write(&one, text.replace(from, to)).unwrap();
        let finished = verify(std::slice::from_ref(&one));
        assert_eq!(finished.status.code(), Some(1), "{from}: {}", finished.stdout);
        assert!(finished.stdout.contains("data[\"core.yaml\"]"), "{}", finished.stdout);
    }
    let unrolled: Vec<&str> = text.lines().filter(|line| !line.contains("checksum")).collect();
    fs::write(&one, unrolled.join("\n")).unwrap();
    assert!(verify(&[one]).stdout.contains("must have a checksum"));
}
