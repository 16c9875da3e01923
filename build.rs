//! Tells the program which commit it is built from: `SPLIT_PLANES_COMMIT`, or what git says for a release build.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SPLIT_PLANES_COMMIT");
    let commit = env::var("SPLIT_PLANES_COMMIT").ok().filter(|commit| !commit.is_empty()).or_else(git_commit);
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let version = commit.map_or(version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=SPLIT_PLANES_VERSION={version}");
}

/// The commit of the sources. A development build does not ask, because each commit would then compile everything again.
fn git_commit() -> Option<String> {
    if env::var("PROFILE").is_ok_and(|profile| profile != "release") {
        return None;
    }
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}
