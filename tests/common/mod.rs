//! What the tests that run the built binary share: commands, scratch directories, tools, the image.
#![allow(dead_code, unused_macros, reason = "every test crate compiles this file and uses its own part of it")]

pub mod corpus;
pub mod hostile;
pub mod tools;

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use libtest_mimic::Trial;
use serde::Deserialize;
use serde_json::Value;

const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";
const HASH_ALPHABET: &[u8] = b"2456789bcdfghkmt";

/// Functions with their names, for a test crate that lists its tests itself.
macro_rules! tests {
    ($($name:ident),* $(,)?) => { [$((stringify!($name), $name)),*] };
}
#[allow(unused_imports, reason = "as above")]
pub(crate) use tests;

/// A test that fails by panicking, as one of Rust's own harness does.
pub fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        test();
        Ok(())
    })
}

/// The binary that cargo built for these tests.
pub const BINARY: &str = env!("CARGO_BIN_EXE_split-planes");

/// The directory of this repository.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a finished command left behind.
#[derive(Debug)]
pub struct Finished {
    pub stdout: String,
    pub stderr: String,
    pub status: ExitStatus,
}

impl Finished {
    /// The standard output of a command that must have succeeded.
    #[track_caller]
    pub fn success(self) -> String {
        assert!(self.status.success(), "{}, stderr:\n{}", self.status, self.stderr);
        self.stdout
    }
}

/// Runs a command to its end with `stdin` as its whole input.
#[track_caller]
pub fn run(command: &mut Command, stdin: &[u8]) -> Finished {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
    let mut pipe = child.stdin.take().expect("stdin is piped");
    let output = thread::scope(|scope| {
        // A command that does not read all of its input closes the pipe; what it said then tells more than the broken pipe.
        scope.spawn(move || pipe.write_all(stdin).ok());
        child.wait_with_output()
    })
    .unwrap_or_else(|error| panic!("waiting for {command:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|error| panic!("output of {command:?}: {error}"));
    Finished { stdout: text(output.stdout), stderr: text(output.stderr), status: output.status }
}

/// Runs the function as orchestrators do: no arguments, a `ResourceList` on stdin.
#[track_caller]
pub fn function(list: &str) -> Finished {
    run(&mut Command::new(BINARY), list.as_bytes())
}

/// A command that finds the function that cargo built when it looks for `split-planes` on the PATH.
pub fn with_function_on_path(program: &Path) -> Command {
    let mut directories = vec![Path::new(BINARY).parent().expect("a binary lies in a directory").to_path_buf()];
    directories.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let mut command = Command::new(program);
    command.env("PATH", std::env::join_paths(directories).expect("the entries come from a PATH"));
    command
}

/// Runs `kustomize build` with plugins on, `split-planes` on the PATH.
#[track_caller]
pub fn kustomize_build(kustomize: &Path, directory: &Path) -> Finished {
    let flags = ["build", "--enable-alpha-plugins", "--enable-exec"];
    run(with_function_on_path(kustomize).args(flags).arg(directory), b"")
}

/// A manifest whose function annotations name the image in place of the executable.
pub fn run_as_container(manifest: &str) -> String {
    manifest.replace("exec: {path: split-planes}", &format!("container: {{image: \"{}\"}}", tools::IMAGE))
}

/// A directory that lives as long as the value.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty directory.
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scratch-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("making a scratch directory");
        Self(path)
    }

    /// Makes a directory that holds a copy of the tree `from`.
    pub fn copy_of(from: &Path) -> Self {
        let scratch = Self::new();
        for file in files(from) {
            let to = scratch.path().join(file.strip_prefix(from).expect("files are below the root"));
            fs::create_dir_all(to.parent().expect("a file lies in a directory")).expect("making a directory");
            fs::copy(&file, &to).unwrap_or_else(|error| panic!("copying {}: {error}", file.display()));
        }
        scratch
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Every file below a directory, sorted by path; none where there is no such directory.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![directory.to_path_buf()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.expect("reading a directory").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// The text of a file, or `None` where there is no such file.
pub fn read(path: &Path) -> Option<String> {
    path.exists()
        .then(|| fs::read_to_string(path).unwrap_or_else(|error| panic!("reading {}: {error}", path.display())))
}

/// Compares text with an expectation file, where no file expects `absent`; `UPDATE_EXPECTED` rewrites the file instead.
///
/// # Errors
///
/// Says which file differs and from which line on.
pub fn expect(path: &Path, absent: &str, actual: &str) -> Result<(), String> {
    let written = read(path);
    let expected = written.as_deref().unwrap_or(absent);
    if expected == actual {
        return Ok(());
    }
    if variable("UPDATE_EXPECTED").is_none() {
        return Err(format!("{} differs {}", path.display(), difference(expected, actual)));
    }
    let updated = if actual == absent { fs::remove_file(path) } else { fs::write(path, actual) };
    updated.map_err(|error| format!("updating {}: {error}", path.display()))
}

/// Where two texts part, with the lines that follow in each.
pub fn difference(expected: &str, actual: &str) -> String {
    let same = expected.split('\n').zip(actual.split('\n')).take_while(|(one, other)| one == other).count();
    let rest = |text: &str| text.split('\n').skip(same).take(8).collect::<Vec<_>>().join("\n    ");
    format!("from line {} on\n  expected:\n    {}\n  actual:\n    {}", same + 1, rest(expected), rest(actual))
}

/// The resources of a YAML stream as `Kind/namespace/name`, sorted, without name hashes; not those marked local-config.
pub fn resources(stream: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for document in serde_yaml::Deserializer::from_str(stream) {
        let object = Value::deserialize(document).unwrap_or_else(|error| panic!("{error} in\n{stream}"));
        if object.is_null() || object["metadata"]["annotations"][LOCAL_CONFIG] == "true" {
            continue;
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let metadata = &object["metadata"];
        let name = text(&metadata["name"]);
        ids.push(format!("{}/{}/{}", text(&object["kind"]), text(&metadata["namespace"]), without_hash(&name)));
    }
    ids.sort();
    ids
}

/// A name without the hash that kustomize puts behind the names of what it generates.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((stem, hash)) if hash.len() == 10 && hash.bytes().all(|byte| HASH_ALPHABET.contains(&byte)) => stem,
        _ => name,
    }
}

/// An environment variable that is set to something.
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
