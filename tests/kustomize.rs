//! Builds `testdata/example` and every kustomization in `testdata/kustomize` with the real kustomize: with the function as an
//! executable and, where a docker daemon answers, as a container.
//!
//! Built is each topmost directory with a `kustomization.yaml` but those called `base`. Beside it stands `expected.yaml`, what
//! the build prints, or `expected.stderr`, a text that a build which must fail says. Function annotations read
//! `exec: {path: split-planes}`, as users write them with the binary on the PATH; for the container that is replaced in a
//! copy. `UPDATE_EXPECTED=1` rewrites `expected.yaml`.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::{Scratch, expect, files, kustomize_build, read, repository, tools};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let kustomize = if arguments.list { None } else { tools::find("kustomize") };
    let docker = kustomize.as_ref().and_then(|_| tools::docker());
    let mut trials = Vec::new();
    for case in cases(&repository().join("testdata")) {
        let of = |way: &str| format!("{way}::{}", case.name);
        let (executable, container) = ((case.clone(), kustomize.clone()), (case.clone(), kustomize.clone()));
        let run = move || as_executable(&executable.0, &executable.1.expect("else the test is ignored"));
        trials.push(Trial::test(of("executable"), run).with_ignored_flag(kustomize.is_none()));
        let run = move || as_container(&container.0, &container.1.expect("else the test is ignored"));
        trials.push(Trial::test(of("container"), run).with_ignored_flag(docker.is_none()));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One `kustomize build`.
#[derive(Clone)]
struct Case {
    name: String,
    /// The tree that the build may refer to.
    root: PathBuf,
    /// The directory to build, relative to `root`.
    build: PathBuf,
}

fn cases(testdata: &Path) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for root in [testdata.join("example"), testdata.join("kustomize")] {
        let kustomizations = files(&root).into_iter().filter(|file| file.ends_with("kustomization.yaml"));
        let mut directories: Vec<PathBuf> =
            kustomizations.filter_map(|file| Some(file.parent()?.strip_prefix(&root).ok()?.to_path_buf())).collect();
        directories.sort();
        directories.dedup_by(|below, above| below.starts_with(above));
        for build in directories.into_iter().filter(|directory| !directory.ends_with("base")) {
            let name = root.join(&build).strip_prefix(testdata).expect("below it").display().to_string();
            cases.push(Case { name, root: root.clone(), build });
        }
    }
    cases
}

fn as_executable(case: &Case, kustomize: &Path) -> Result<(), Failed> {
    compare(case, kustomize, &case.root)
}

fn as_container(case: &Case, kustomize: &Path) -> Result<(), Failed> {
    let copy = Scratch::copy_of(&case.root);
    let mut is_replaced = false;
    for file in files(copy.path()) {
        let text = fs::read_to_string(&file)?;
        let rewritten = common::run_as_container(&text);
        is_replaced |= rewritten != text && file.starts_with(copy.path().join(&case.build));
        fs::write(&file, rewritten)?;
    }
    if !is_replaced {
        return Err("no file of the case says `exec: {path: split-planes}`".into());
    }
    compare(case, kustomize, copy.path())
}

fn compare(case: &Case, kustomize: &Path, root: &Path) -> Result<(), Failed> {
    let built = kustomize_build(kustomize, &root.join(&case.build));
    let expected = case.root.join(&case.build);
    if let Some(complaint) = read(&expected.join("expected.stderr")) {
        if built.status.success() {
            return Err(format!("the build must fail and prints\n{}", built.stdout).into());
        }
        if !built.stderr.contains(&complaint) {
            return Err(format!("expected on stderr:\n{complaint}\nactual:\n{}", built.stderr).into());
        }
        return Ok(());
    }
    if !built.status.success() {
        return Err(format!("{}\n{}", built.status, built.stderr).into());
    }
    Ok(expect(&expected.join("expected.yaml"), "", &built.stdout)?)
}
