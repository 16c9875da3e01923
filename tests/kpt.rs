//! Runs the function on `testdata/example` as kpt users do: in a package's pipeline, in a pipe, and on its own.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{
    Finished, Scratch, files, kustomize_build, read, repository, resources, run, tools, with_function_on_path,
};

const EXECUTABLE: &str = "exec: split-planes";

#[test]
fn a_render_with_the_executable_writes_what_kustomize_builds() {
    let Some(tools) = Tools::find() else { return };
    for plane in ["control-plane", "data-plane"] {
        tools.render_twice(plane, EXECUTABLE);
    }
}

#[test]
fn a_render_with_the_image_writes_what_kustomize_builds() {
    let (Some(tools), Some(_)) = (Tools::find(), tools::docker()) else { return };
    for plane in ["control-plane", "data-plane"] {
        tools.render_twice(plane, &format!("image: {}", tools::IMAGE));
    }
}

#[test]
fn the_image_works_between_source_and_sink() {
    let (Some(tools), Some(docker)) = (Tools::find(), tools::docker()) else { return };
    let package = tools.package("control-plane");
    let config = package.path().join("split.yaml");
    let source = tools.kpt(&["fn", "source", "--fn-config"], &[&config, package.path()], b"").success();
    let container = ["run", "-i", "--rm", "--network", "none", "--user", "nobody", tools::IMAGE];
    let list = run(Command::new(docker).args(container), source.as_bytes()).success();
    let sink = Scratch::new();
    let target = sink.path().join("out");
    tools.kpt(&["fn", "sink"], &[&target], list.as_bytes()).success();
    assert_eq!(package_resources(&target), tools.built("control-plane"));
}

#[test]
fn an_evaluation_takes_the_output_as_an_argument() {
    let Some(tools) = Tools::find() else { return };
    let package = tools.package("data-plane");
    fs::remove_file(package.path().join("split.yaml")).expect("removing the functionConfig");
    let eval = ["fn", "eval", "--exec", "split-planes", package.path().to_str().expect("a UTF-8 path")];
    tools.kpt(&[&eval[..], &["--", "output=DataPlane"]].concat(), &[], b"").success();
    assert_eq!(package_resources(package.path()), tools.built("data-plane"));
}

/// kpt refuses two resources with one file and one index.
#[test]
fn directories_have_every_resource_once_whatever_its_file_was_called() {
    let Some(tools) = Tools::find() else { return };
    let package = Scratch::new();
    let write = |file: &str, text: &str| fs::write(package.path().join(file), text).expect("writing a file");
    let config_map = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    fs::create_dir(package.path().join("control")).expect("making a directory");
    write("Kptfile", "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: flyte\n");
    write("a.yaml", &config_map("moved"));
    write("control/a.yaml", &config_map("there"));
    write("both.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: flyte\n");
    let config = Scratch::new();
    let config = config.path().join("split.yaml");
    let spec = "spec: {output: All, directories: {controlPlane: control, dataPlane: data}, \
                planes: {controlPlane: [{kind: ConfigMap}], both: [{kind: Namespace}]}}";
    let split = format!("apiVersion: split-planes.dev/v1alpha1\nkind: PlaneSplit\nmetadata: {{name: flyte}}\n{spec}\n");
    fs::write(&config, split).expect("writing the functionConfig");

    let eval = ["fn", "eval", "--exec", "split-planes", "--fn-config"];
    tools.kpt(&eval, &[&config, package.path()], b"").success();
    let first = contents(package.path());
    let text = |file: &str| read(&package.path().join(file)).unwrap_or_default();
    assert_eq!(text("control/a.yaml"), config_map("there") + "---\n" + &config_map("moved"));
    assert_eq!((text("a.yaml"), text("control/both.yaml")), (String::new(), text("data/both.yaml")));
    assert!(text("data/both.yaml").contains("kind: Namespace"));
    tools.kpt(&eval, &[&config, package.path()], b"").success();
    assert_eq!(contents(package.path()), first, "the second run");
}

struct Tools {
    kpt: std::path::PathBuf,
    kustomize: std::path::PathBuf,
}

impl Tools {
    fn find() -> Option<Self> {
        Some(Self { kpt: tools::find("kpt")?, kustomize: tools::find("kustomize")? })
    }

    fn kpt(&self, arguments: &[&str], paths: &[&Path], stdin: &[u8]) -> Finished {
        run(with_function_on_path(&self.kpt).args(arguments).args(paths), stdin)
    }

    /// The example as a kpt package: the resources of one plane's overlay before the split, the shared spec, the functionConfig.
    fn package(&self, plane: &str) -> Scratch {
        let example = Scratch::copy_of(&repository().join("testdata/example"));
        let overlay = example.path().join(plane);
        let kustomization = overlay.join("kustomization.yaml");
        let unsplit = read(&kustomization).expect("an overlay").replace("transformers: [split.yaml]", "");
        fs::write(&kustomization, unsplit).expect("writing the overlay");

        let package = Scratch::new();
        let resources = kustomize_build(&self.kustomize, &overlay).success();
        fs::write(package.path().join("flyte.yaml"), resources).expect("writing the resources");
        for (from, to) in [("base/planes.yaml", "planes.yaml"), (&*format!("{plane}/split.yaml"), "split.yaml")] {
            fs::copy(example.path().join(from), package.path().join(to)).expect("copying a spec");
        }
        package
    }

    /// What `kustomize build` prints for a plane.
    fn built(&self, plane: &str) -> Vec<String> {
        resources(&kustomize_build(&self.kustomize, &repository().join("testdata/example").join(plane)).success())
    }

    fn render_twice(&self, plane: &str, function: &str) {
        let package = self.package(plane);
        let kptfile = format!(
            "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: flyte\npipeline:\n  mutators:\n  - {function}\n    \
             configPath: split.yaml\n"
        );
        fs::write(package.path().join("Kptfile"), kptfile).expect("writing the Kptfile");
        let render = ["fn", "render", "--allow-exec", "--image-pull-policy", "never"];
        self.kpt(&render, &[package.path()], b"").success();
        let first = contents(package.path());
        assert_eq!(package_resources(package.path()), self.built(plane), "{plane} with {function}");
        self.kpt(&render, &[package.path()], b"").success();
        assert_eq!(contents(package.path()), first, "the second render of {plane} with {function}");
    }
}

/// What a package deploys.
fn package_resources(package: &Path) -> Vec<String> {
    let manifests =
        files(package).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    let mut all: Vec<String> =
        manifests.flat_map(|file| resources(&read(&file).expect("a file that was listed"))).collect();
    all.retain(|id| !id.starts_with("PlaneSplit/"));
    all.sort();
    all
}

/// Every file of a package; of the Kptfile not the status, where newer kpts keep a record of the last run.
fn contents(package: &Path) -> Vec<(String, String)> {
    let text = |file: &Path| read(file).expect("a file that was listed");
    let kept = |file: &Path| text(file).split("\nstatus:").next().unwrap_or_default().to_owned();
    files(package).into_iter().map(|file| (file.display().to_string(), kept(&file))).collect()
}
