//! Runs the image as kustomize and kpt do: as nobody, without network, with no privileges to gain.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{function, repository, run, tools};
use serde_json::Value;

const LIST: &str = "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Service
  metadata:
    name: flyteadmin # the control plane's
functionConfig:
  apiVersion: split-planes.dev/v1alpha1
  kind: PlaneSplit
  metadata:
    name: flyte
  spec:
    output: ControlPlane
    planes:
      controlPlane: [{kind: Service}]
";

#[test]
fn the_image_does_what_the_executable_does() {
    let Some(docker) = tools::docker() else { return };
    let flags = ["run", "--rm", "-i", "--network", "none", "--user", "nobody", "--security-opt=no-new-privileges"];
    let contained = run(Command::new(docker).args(flags).arg(tools::IMAGE), LIST.as_bytes());
    let bare = function(LIST);
    assert_eq!(contained.stderr, bare.stderr);
    let written = contained.success();
    assert!(written.contains("    name: flyteadmin # the control plane's\n"), "{written}");
    assert_eq!(written, bare.success());
}

#[test]
fn the_image_explains_itself() {
    let Some(docker) = tools::docker() else { return };
    let help =
        run(Command::new(docker).args(["run", "--rm", "--network", "none", tools::IMAGE, "--help"]), b"").success();
    assert!(help.contains("split-planes"), "{help}");
}

#[test]
fn the_image_is_small_and_runs_as_nobody_by_default() {
    let Some(docker) = tools::docker() else { return };
    let fields = "{{.Size}} {{.Config.User}}";
    let inspected = run(Command::new(docker).args(["image", "inspect", "-f", fields, tools::IMAGE]), b"").success();
    let (size, user) = inspected.trim().split_once(' ').expect("two fields");
    assert!(size.parse::<u64>().expect("a number of bytes") < 5_000_000, "{size} bytes");
    assert_eq!(user, "65534:65534");
}

/// The first stage compiles what docker is given, and cargo goes on without a build script that is not there.
#[test]
fn docker_is_given_all_that_the_program_is_built_from() {
    let ignored = fs::read_to_string(repository().join(".dockerignore")).expect("it is there");
    let given: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let metadata = ["metadata", "--no-deps", "--offline", "--format-version=1", "--manifest-path"];
    let metadata = run(Command::new(env!("CARGO")).args(metadata).arg(repository().join("Cargo.toml")), b"").success();
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo prints JSON");
    let targets = metadata["packages"][0]["targets"].as_array().expect("there are targets");
    let sources = targets.iter().filter_map(|target| target["src_path"].as_str());
    let sources: Vec<&Path> = sources.filter_map(|path| Path::new(path).strip_prefix(repository()).ok()).collect();
    assert!(sources.contains(&Path::new("build.rs")), "{sources:?}");
    for path in sources {
        assert!(given.iter().any(|given| path.starts_with(given)), "{} is kept from docker", path.display());
    }
}
