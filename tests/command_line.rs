//! Runs the built binary with the arguments that people type, right and wrong.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Command, Stdio};

use common::{BINARY, Finished, Scratch, files, repository, run, tools};

fn split_planes(arguments: &[&str], stdin: &str) -> Finished {
    run(Command::new(BINARY).args(arguments), stdin.as_bytes())
}

#[test]
fn help_and_version_are_printed_on_stdout() {
    for arguments in [&["--help"][..], &["-h"], &["help"], &["help", "explain"], &["explain", "--help"]] {
        let help = split_planes(arguments, "").success();
        assert!(help.contains("Usage: split-planes") && help.contains("Examples:"), "{arguments:?}: {help}");
    }
    let version = format!("split-planes {}", env!("CARGO_PKG_VERSION"));
    for arguments in [["version"], ["--version"], ["-V"]] {
        let printed = split_planes(&arguments, "").success();
        assert!(printed.starts_with(&version) && printed.ends_with('\n'), "{printed}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_says_what_comes_close() {
    for (arguments, said) in [
        (&["explian"][..], "explain"),
        (&["explain", "--outptu=json"], "--output"),
        (&["explain", "-o", "yaml"], "mermaid"),
        (&["explain", "-o", "jsn"], "json"),
        (&["explain", "planes.yaml"], "planes.yaml"),
        (&["explain", "-c"], "--config"),
        (&["--spec"], "--spec"),
        (&["completions", "tcsh"], "bash"),
    ] {
        let finished = split_planes(arguments, "");
        assert_eq!((finished.status.code(), finished.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(finished.stderr.contains(said), "{arguments:?}: {}", finished.stderr);
    }
}

#[test]
fn arguments_that_are_not_utf_8_are_refused() {
    for arguments in [&[b"\xff".as_slice()][..], &[b"explain", b"-o", b"\xff"], &[b"explain", b"--\xff"]] {
        let finished = run(Command::new(BINARY).args(arguments.iter().map(|bytes| OsStr::from_bytes(bytes))), b"");
        assert_eq!(finished.status.code(), Some(2), "{arguments:?}: {}", finished.stderr);
        assert!(finished.stderr.starts_with("error: "), "{}", finished.stderr);
    }
    let missing = run(Command::new(BINARY).arg("explain").arg("-f").arg(OsStr::from_bytes(b"\xff.yaml")), b"");
    assert_eq!(missing.status.code(), Some(1), "{}", missing.stderr);
}

#[test]
fn values_may_be_attached_to_their_options() {
    for arguments in [["explain", "-ojson"], ["explain", "-o=json"], ["explain", "--output=json"]] {
        let finished = split_planes(&arguments, "kind: Service\nmetadata: {name: web}\n");
        assert!(finished.stdout.starts_with('{'), "{arguments:?}: {}{}", finished.stdout, finished.stderr);
    }
}

#[test]
fn files_are_read_in_the_order_they_are_named() {
    let scratch = Scratch::new();
    let file = |name: &str, text: &str| {
        let path = scratch.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let service = file("service.yaml", "kind: Service\nmetadata: {name: from-a-file}\n");
    let config = file(
        "planes.yaml",
        "apiVersion: split-planes.dev/v1alpha1\nkind: PlaneSplit\nmetadata: {name: x}\n\
         spec: {planes: {both: [{kind: Service}]}}\n",
    );
    let stdin = "kind: Service\nmetadata: {name: from-stdin}\n";
    let names = |arguments: &[&str]| {
        let table = split_planes(arguments, stdin).success();
        (table.find("from-a-file").unwrap(), table.find("from-stdin").unwrap())
    };
    let (first, second) = names(&["explain", "-c", &config, "-f", &service, "-f", "-", "-ojson"]);
    assert!(first < second);
    let (second, first) = names(&["explain", "-c", &config, "-f", "-", "-f", &service, "-ojson"]);
    assert!(first < second);

    let twice = split_planes(&["explain", "-f", "-", "-c", "-"], stdin);
    assert_eq!(twice.status.code(), Some(1));
    assert!(twice.stderr.contains("only once"), "{}", twice.stderr);
    let missing = split_planes(&["explain", "-f", "no-such-file.yaml"], "");
    assert!(missing.stderr.contains("no-such-file.yaml"), "{}", missing.stderr);
}

#[test]
fn resources_that_are_piped_into_the_function_are_told_the_subcommand() {
    let finished = split_planes(&[], "kind: Service\nmetadata: {name: web}\n---\nkind: Secret\nmetadata: {name: a}\n");
    assert_eq!((finished.status.code(), finished.stdout.as_str()), (Some(1), ""));
    assert!(finished.stderr.contains("split-planes split"), "{}", finished.stderr);
    // A list of another version is a list.
    let finished = split_planes(&[], "apiVersion: config.kubernetes.io/v9\nkind: ResourceList\nitems: []\n");
    assert!(!finished.stderr.contains("split-planes split"), "{}", finished.stderr);
}

#[test]
fn at_a_terminal_the_short_help_is_shown_in_place_of_waiting() {
    let Some(script) = tools::find("script") else { return };
    for arguments in ["", " explain"] {
        let command = format!("{BINARY}{arguments} 2>&1; echo status $?");
        let finished = run(Command::new(&script).args(["-qec", &command, "/dev/null"]), b"");
        assert!(finished.stdout.contains("Usage: split-planes"), "{}", finished.stdout);
        assert!(finished.stdout.contains("status 2"), "{}", finished.stdout);
    }
}

#[test]
fn a_broken_stderr_ends_no_subcommand() {
    let scratch = Scratch::new();
    let path = |name: &str| scratch.path().join(name).display().to_string();
    let (config, resources, output) = (path("planes.yaml"), path("resources.yaml"), path("out"));
    let spec = "apiVersion: split-planes.dev/v1alpha1\nkind: PlaneSplit\nmetadata: {name: x}\nspec:\n";
    let clusters = "  planes: {both: [{kind: Service}]}\n  \
                    dataPlane: {serviceAccountToken: {secretName: a, serviceAccount: b}}\n  \
                    credentials: {mounts: [{kind: Deployment, name: admin}]}\n  \
                    clusterConfig: {targets: [{configMap: admin, key: a.yaml}]}\n  clusters:\n  \
                    - {name: one, endpoint: 'https://one.example.com', credentials: {secret: one}}\n";
    std::fs::write(&config, [spec, clusters].concat()).unwrap();
    std::fs::write(&resources, "kind: Service\nmetadata: {name: web}\n").unwrap();
    // A file of an earlier run is warned about after the outputs are written.
    std::fs::create_dir(&output).unwrap();
    std::fs::write(path("out/data-plane-gone.yaml"), "").unwrap();
    let good = path("good.yaml");
    std::fs::write(&good, [spec, "  planes: {both: [{kind: Service}]}\n"].concat()).unwrap();
    for (arguments, status) in [
        (vec!["split", "-c", &good, "-f", &resources, "-o", &output], 0),
        (vec!["split", "-c", &config, "-f", &resources, "-o", &output], 1),
        (vec!["split", "-c", "no-such-file.yaml", "-f", &resources, "-o", &output], 1),
        (vec!["credentials", "-c", &config, "--kubectl", "/no/such/kubectl", "-o", &output], 1),
        (vec!["credentials", "-c", "no-such-file.yaml"], 1),
    ] {
        let told = run(Command::new(BINARY).args(&arguments), b"");
        assert!(!told.stderr.is_empty(), "{arguments:?} has something to say");
        let (reader, closed_pipe) = std::io::pipe().unwrap();
        drop(reader);
        let full = File::options().write(true).open("/dev/full").unwrap();
        for stderr in [Stdio::from(full), Stdio::from(closed_pipe)] {
            let ended = Command::new(BINARY).args(&arguments).stdin(Stdio::null()).stderr(stderr).output().unwrap();
            assert_eq!(ended.status.code(), Some(status), "{arguments:?}: {}", told.stderr);
        }
        let closed = run(Command::new("sh").args(["-c", "exec \"$0\" \"$@\" 2>&-", BINARY]).args(&arguments), b"");
        assert_eq!(closed.status.code(), Some(status), "{arguments:?}: {}", told.stderr);
    }
}

#[test]
fn completions_and_manual_pages_know_the_subcommands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = split_planes(&["completions", shell], "").success();
        assert!(script.contains("explain"), "{shell}");
    }
    let scratch = Scratch::new();
    let directory = scratch.path().join("man");
    split_planes(&["man", directory.to_str().unwrap()], "").success();
    let pages: Vec<_> = files(&directory).iter().map(|page| page.file_name().unwrap().to_owned()).collect();
    assert!(pages.iter().any(|page| page == "split-planes.1"), "{pages:?}");
    assert!(pages.iter().any(|page| page == "split-planes-explain.1"), "{pages:?}");
    assert!(!pages.iter().any(|page| page == "split-planes-man.1"), "{pages:?}");
}

#[test]
fn the_page_of_commands_is_what_help_prints() {
    let main = split_planes(&["help"], "").success();
    let commands = main.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let names = commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    let mut page = String::from(HEAD);
    for name in std::iter::once("").chain(names) {
        let arguments: Vec<&str> = ["help", name].into_iter().filter(|argument| !argument.is_empty()).collect();
        let help = split_planes(&arguments, "").success();
        let help: String = help.lines().map(|line| [line.trim_end(), "\n"].concat()).collect();
        let title = ["split-planes", name].join(" ");
        page.extend(["\n## ", title.trim_end(), "\n\n```text\n", &help, "```\n"]);
    }
    let file = repository().join("docs/commands.md");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    common::expect(&file, "", &page).unwrap_or_else(|difference| panic!("{difference}"));
}

/// What stands above the commands.
const HEAD: &str = "\
# Commands

Without a subcommand `split-planes` is the KRM function that kustomize and kpt run. The subcommands work on files and
pipes. This page is what `split-planes help` prints.
";
