//! Builds every kustomization in `testdata/kustomize` with the real kustomize: with the function as an executable and, where
//! a docker daemon answers, as a container.
//!
//! A case is a directory with a `kustomization.yaml` and beside it `expected.yaml`, what the build prints, or
//! `expected.stderr`, a text that a build which must fail says. What it refers to (bases, components) lies next to it, below
//! the same directory of `testdata/kustomize`. Function annotations say `exec: {path: split-planes}`, as users write them
//! with the binary on the PATH; for the container that is replaced in a copy. `UPDATE_EXPECTED=1` rewrites `expected.yaml`.

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
    for case in cases(&repository().join("testdata/kustomize")) {
        let (executable, container) = (kustomize.clone(), kustomize.clone());
        let other = case.clone();
        trials.push(
            Trial::test(format!("executable::{}", case.name()), move || {
                in_place(&case, &executable.expect("not ignored"))
            })
            .with_ignored_flag(kustomize.is_none()),
        );
        trials.push(
            Trial::test(format!("container::{}", other.name()), move || {
                in_container(&other, &container.expect("not ignored"))
            })
            .with_ignored_flag(docker.is_none()),
        );
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// One `kustomize build`: the directory of the case and, in it, the one to build.
#[derive(Clone)]
struct Case {
    root: PathBuf,
    build: PathBuf,
}

impl Case {
    fn name(&self) -> String {
        let root = self.root.file_name().map(Path::new).expect("a case has a name");
        root.join(&self.build).display().to_string().trim_end_matches('/').to_owned()
    }
}

fn cases(root: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for kustomization in files(root).into_iter().filter(|file| file.ends_with("kustomization.yaml")) {
        let directory = kustomization.parent().expect("a file lies in a directory");
        let has_expectation = ["expected.yaml", "expected.stderr"].iter().any(|name| directory.join(name).exists());
        let relative = directory.strip_prefix(root).expect("files are below the root");
        let Some(case) = relative.iter().next().filter(|_| has_expectation) else { continue };
        let build = relative.strip_prefix(case).expect("the first part of the path").to_path_buf();
        cases.push(Case { root: root.join(case), build });
    }
    cases
}

fn in_place(case: &Case, kustomize: &Path) -> Result<(), Failed> {
    compare(case, kustomize, &case.root)
}

fn in_container(case: &Case, kustomize: &Path) -> Result<(), Failed> {
    let copy = Scratch::copy_of(&case.root);
    let mut replaced = 0;
    for file in files(copy.path()) {
        let text = fs::read_to_string(&file)?;
        let rewritten = common::run_as_container(&text);
        replaced += usize::from(rewritten != text);
        fs::write(&file, rewritten)?;
    }
    if replaced == 0 {
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
