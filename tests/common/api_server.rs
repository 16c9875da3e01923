//! A Kubernetes API server of its own for a test, with etcd and the controller that fills token Secrets, on loopback.
#![allow(dead_code, reason = "every test crate compiles this file and uses its own part of it")]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::common::{Finished, Scratch, run, tools};

/// The two ways of `kubectl apply`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Apply {
    ClientSide,
    ServerSide,
}

/// An API server with its etcd.
pub struct Cluster {
    process: Child,
    /// The program, which is kubectl too.
    pub program: &'static Path,
    directory: Scratch,
}

impl Cluster {
    /// Starts a cluster and waits until it answers.
    pub fn start() -> Option<Self> {
        static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
        let program = PROGRAM.get_or_init(|| tools::go_program("apiserver")).as_deref()?;
        let directory = Scratch::new();
        let log = directory.path().join("log");
        let mut command = Command::new(program);
        command.arg("serve").arg(directory.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let cluster = Self { process, program, directory };
        assert_eq!(said, "ready\n", "{}", fs::read_to_string(log).unwrap());
        Some(cluster)
    }

    pub fn kubectl_command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(["kubectl", "--cache-dir"]).arg(self.directory.path().join("cache"));
        command
    }

    /// Runs kubectl as the administrator.
    pub fn kubectl(&self, arguments: &[&str], stdin: &str) -> Finished {
        let mut command = self.kubectl_command();
        command.arg("--kubeconfig").arg(self.directory.path().join("kubeconfig")).args(arguments);
        run(&mut command, stdin.as_bytes())
    }

    /// Applies resources, each of which kubectl must report with `outcome`, and nothing else.
    #[track_caller]
    pub fn apply(&self, apply: Apply, resources: &str, outcome: &str) {
        let mut arguments = vec!["apply", "--validate=strict", "-f", "-"];
        if apply == Apply::ServerSide {
            arguments.push("--server-side");
        }
        let applied = self.kubectl(&arguments, resources);
        assert_eq!(applied.stderr, "");
        assert!(!applied.stdout.is_empty());
        for line in applied.stdout.lines() {
            assert!(line.ends_with(&format!(" {outcome}")), "{}", applied.stdout);
        }
        assert!(applied.status.success());
    }

    /// Applies resources and applies them again, which must not change anything.
    #[track_caller]
    pub fn apply_twice(&self, apply: Apply, resources: &str) {
        let [first, second] = match apply {
            Apply::ClientSide => ["created", "unchanged"],
            Apply::ServerSide => ["serverside-applied"; 2],
        };
        self.apply(apply, resources, first);
        let before = self.generations(resources);
        self.apply(apply, resources, second);
        assert_eq!(self.generations(resources), before);
    }

    /// Of each resource its name and how often its content changed.
    fn generations(&self, resources: &str) -> String {
        let columns = "custom-columns=:kind,:metadata.name,:metadata.generation,:data";
        self.kubectl(&["get", "-f", "-", "-o", columns], resources).success()
    }

    #[track_caller]
    pub fn get(&self, kind: &str, name: &str) -> Value {
        let printed = self.kubectl(&["-n", "flyte", "get", kind, name, "-o", "json"], "").success();
        serde_json::from_str(&printed).unwrap()
    }

    pub fn wait_for_token(&self, secret: &str) {
        let condition = "--for=jsonpath={.data.token}";
        self.kubectl(&["-n", "flyte", "wait", "secret", secret, condition, "--timeout=60s"], "").success();
    }

    /// The directory of its files, `kubeconfig` among them.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The URL of the API server.
    pub fn endpoint(&self) -> String {
        let config = fs::read_to_string(self.directory.path().join("kubeconfig")).unwrap();
        let config: Value = serde_yaml::from_str(&config).unwrap();
        config["clusters"][0]["cluster"]["server"].as_str().unwrap().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It ends with its standard input.
        drop(self.process.stdin.take());
        self.process.wait().ok();
    }
}
