//! Runs every case in `testdata/cases` through the built binary, byte for byte. A case is a directory:
//!
//! | file | holds |
//! |---|---|
//! | `input.yaml` | a `ResourceList` without functionConfig |
//! | `input.raw` | instead of it: the whole input, piped as it is |
//! | `function-config.yaml` | the functionConfig; absent: none |
//! | `expected.yaml` | the list after, without functionConfig and results; absent: as it came (nothing for `input.raw`) |
//! | `expected-results.yaml` | the `results` of the output; absent: none |
//! | `expected.stderr` | absent: empty |
//!
//! The exit status must be 1 where there is a result of severity error or no output, else 0. What a successful run prints
//! goes through the function again and its items must not change. `UPDATE_EXPECTED=1` rewrites the expectations.

mod common;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use common::{difference, expect, files, function, read, repository};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let root = repository().join("testdata/cases");
    let mut trials: Vec<Trial> = files(&root)
        .into_iter()
        .filter(|file| file.file_stem().is_some_and(|stem| stem == "input"))
        .filter_map(|file| file.parent().map(Path::to_path_buf))
        .map(|case| Trial::test(name(&root, &case), move || check(&case)))
        .collect();
    trials.push(Trial::test("every-file-belongs-to-a-case", move || every_file_is_known(&root)));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn name(root: &Path, case: &Path) -> String {
    case.strip_prefix(root).expect("cases are below the root").display().to_string()
}

fn check(case: &Path) -> Result<(), Failed> {
    let raw = read(&case.join("input.raw"));
    let (input, unchanged) = match (raw, read(&case.join("input.yaml"))) {
        (Some(raw), _) => (raw, String::new()),
        (None, list) => {
            let list = list.expect("a case has an input");
            (compose(&list, read(&case.join("function-config.yaml")).as_deref()), list)
        }
    };
    let first = function(&input);
    let written = Written::of(&first.stdout);
    expect(&case.join("expected.yaml"), &unchanged, &written.list)?;
    expect(&case.join("expected-results.yaml"), "", &written.results)?;
    expect(&case.join("expected.stderr"), "", &first.stderr)?;

    let failed = first.stdout.is_empty() || written.results.contains("severity: error");
    if first.status.code() != Some(i32::from(failed)) {
        return Err(format!("{}, but by its output it must be {}", first.status, i32::from(failed)).into());
    }
    // A list in JSON is one line, results included: there is no telling apart what the second run would add to.
    if failed || written.list.starts_with('{') {
        return Ok(());
    }
    let second = function(&(written.list.clone() + &written.config));
    let again = Written::of(&second.stdout);
    if !second.status.success() {
        return Err(format!("the second run fails: {}\n{}", second.status, second.stderr).into());
    }
    if again.items() != written.items() {
        return Err(format!("the second run changes its input {}", difference(&written.list, &again.list)).into());
    }
    Ok(())
}

/// A list with a functionConfig, as text: nothing that the function must keep is read and written on the way.
fn compose(list: &str, config: Option<&str>) -> String {
    let mut composed = list.to_owned();
    if let Some(config) = config {
        composed.push_str("functionConfig:\n");
        for line in config.lines() {
            composed.push_str(if line.is_empty() { "" } else { "  " });
            composed.push_str(line);
            composed.push('\n');
        }
    }
    composed
}

/// An output taken apart at its top-level keys.
struct Written {
    list: String,
    config: String,
    results: String,
}

impl Written {
    /// What a second run must not change: the text of the list, or of JSON, which holds the results too, the items.
    fn items(&self) -> String {
        match serde_json::from_str::<serde_json::Value>(&self.list) {
            Ok(json) => json["items"].to_string(),
            Err(_) => self.list.clone(),
        }
    }

    fn of(output: &str) -> Self {
        let (mut list, mut config, mut results) = (String::new(), String::new(), String::new());
        let mut part = &mut list;
        for line in output.split_inclusive('\n') {
            if line.starts_with("results:") {
                part = &mut results;
            } else if line.starts_with("functionConfig:") {
                part = &mut config;
            } else if line.starts_with(char::is_alphabetic) {
                part = &mut list;
            }
            part.push_str(line);
        }
        Self { list, config, results }
    }
}

/// A misspelt expectation file would be an expectation that nothing checks.
fn every_file_is_known(root: &Path) -> Result<(), Failed> {
    const KNOWN: [&str; 6] = [
        "input.yaml",
        "input.raw",
        "function-config.yaml",
        "expected.yaml",
        "expected-results.yaml",
        "expected.stderr",
    ];
    let is_known = |file: &PathBuf| {
        let has_input = ["input.yaml", "input.raw"].iter().any(|input| file.with_file_name(input).exists());
        has_input && KNOWN.iter().any(|known| file.ends_with(known))
    };
    let unknown: Vec<_> = files(root).into_iter().filter(|file| !is_known(file)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(format!("no case reads {unknown:?}").into()) }
}
