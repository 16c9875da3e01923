//! Finds the tools that users have and tests need. Without one its tests are skipped aloud, and fail under `CI`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{repository, run, variable};

/// The image that these tests build and run. kpt puts a registry in front of a name without a slash.
pub const IMAGE: &str = "example.com/split-planes:test";

/// Finds a tool in `.tools/bin`, where `make tools` installs, or on the PATH.
///
/// # Panics
///
/// When the tool is missing and `CI` is set.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::iter::once(repository().join(".tools/bin"))
        .chain(std::env::split_paths(&path))
        .map(|directory| directory.join(name))
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        missing(&format!("{name} is not on the PATH"));
    }
    found
}

/// A command of a Go module, installed where it is missing into a directory of its own below `.tools`.
///
/// # Panics
///
/// When it does not build, or there is no Go and `CI` is set.
pub fn installed(directory: &str, package: &str) -> Option<PathBuf> {
    let directory = repository().join(".tools").join(directory);
    let name = package.split('@').next().and_then(|path| path.rsplit('/').next())?;
    let program = directory.join(name);
    if !program.is_file() {
        let mut install = Command::new(find("go")?);
        run(install.env("GOBIN", &directory).args(["install", package]), b"").success();
    }
    Some(program)
}

/// The docker client, once a daemon answers it and the image is built.
///
/// # Panics
///
/// When the image cannot be built, or there is no daemon and `CI` is set.
pub fn docker() -> Option<&'static Path> {
    static DOCKER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = DOCKER.get_or_init(|| {
        let docker = find("docker")?;
        if !run(Command::new(&docker).arg("info"), b"").status.success() {
            missing("no docker daemon answers");
            return None;
        }
        let mut make = Command::new("make");
        // The variables of an outer make would have this one wait for job slots that are not passed on.
        make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
        let image = format!("IMAGE={IMAGE}");
        run(make.arg("-C").arg(repository()).args(["--no-print-directory", "image", &image]), b"").success();
        Some(docker)
    });
    found.as_deref()
}

/// Builds one of the Go programs in `tests/go`, and says where it is.
///
/// # Panics
///
/// When it does not build, or there is no Go and `CI` is set.
pub fn go_program(module: &str) -> Option<PathBuf> {
    let go = find("go")?;
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(module.replace('/', "-"));
    let mut build = Command::new(go);
    build.arg("-C").arg(repository().join("tests/go").join(module)).args(["build", "-o"]).arg(&program).arg(".");
    run(&mut build, b"").success();
    Some(program)
}

/// Says that tests are skipped and why, past the test runner that keeps the output of tests to itself.
///
/// # Panics
///
/// When `CI` is set: there every test runs.
pub fn missing(reason: &str) {
    assert!(variable("CI").is_none(), "{reason}, and under CI no test is skipped");
    skip(reason);
}

/// Says that tests are skipped for want of something that nobody has to have, under `CI` too.
pub fn skip(reason: &str) {
    writeln!(std::io::stderr(), "SKIPPED: {reason}").expect("writing to stderr");
}
