//! Flyte's own flyteadmin, built from a checkout, over a database of its own.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::{Finished, Scratch, repository, run, tools, variable};
use crate::deployment::Files;
use crate::postgres::Postgres;

/// How long `serve` may take until it answers.
const START: Duration = Duration::from_mins(1);

/// A flyteadmin with its configuration and its database.
pub struct Flyteadmin {
    program: &'static Path,
    python: PathBuf,
    postgres: Postgres,
    directory: Scratch,
    /// Its own configuration, and that of the machine in a file that it reads last.
    pattern: PathBuf,
    grpc: u16,
}

/// A running `flyteadmin serve`, which ends with the value.
pub struct Server<'a> {
    admin: &'a Flyteadmin,
    process: Child,
}

/// The program, built from the checkout that `SPLIT_PLANES_FLYTE` names.
pub fn program() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = PROGRAM.get_or_init(|| {
        let default = repository().join("../shared/flyte-source");
        let source = variable("SPLIT_PLANES_FLYTE").map_or(default, PathBuf::from).join("flyteadmin");
        if !source.is_dir() {
            tools::skip("SPLIT_PLANES_FLYTE names no checkout of flyteorg/flyte");
            return None;
        }
        let go = tools::find("go")?;
        let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flyteadmin-of-flyte");
        run(Command::new(go).arg("-C").arg(source).args(["build", "-o"]).arg(&program).arg("./cmd"), b"").success();
        Some(program)
    });
    built.as_deref()
}

impl Flyteadmin {
    /// Writes the files that its container would see, makes the database and a project in it.
    pub fn new(files: &Files) -> Option<Self> {
        let program = program()?;
        let python = python()?;
        let [grpc, http, profiler, database] = free_ports();
        let postgres = Postgres::start(database)?;
        for (path, text) in &files.content {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let directory = Scratch::new();
        let password = directory.path().join("password");
        fs::write(&password, "none").unwrap();
        let templates =
            files.content.keys().find(|path| path.to_string_lossy().contains("/clusterresource/templates/"));
        // What differs from a cluster: where the database and the templates are, no object store, free ports.
        let local = json!({
            "database": database_of(database, &password),
            "storage": { "type": "mem", "container": "none" },
            "server": { "grpc": { "port": grpc }, "httpPort": http },
            "flyteadmin": { "profilerPort": profiler },
            "cluster_resources": { "templatePath": templates.and_then(|path| path.parent()), "refreshInterval": "1m" },
        });
        // It reads one pattern only.
        let config = directory.path().join("config");
        fs::create_dir(&config).unwrap();
        for (name, text) in files.configuration() {
            fs::write(config.join(name), text).unwrap();
        }
        fs::write(config.join("zzz-local.yaml"), local.to_string()).unwrap();
        let admin = Self { program, python, postgres, directory, pattern: config.join("*.yaml"), grpc };
        admin.run(&["migrate", "run"]).success();
        admin.run(&["migrate", "seed-projects", "flytesnacks"]).success();
        Some(admin)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.arg("--config").arg(&self.pattern);
        command.args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        run(&mut self.command(arguments), b"")
    }

    /// Runs `clusterresource sync`, which makes the namespaces of every project in every enabled cluster.
    pub fn sync(&self) -> Finished {
        self.run(&["clusterresource", "sync"])
    }

    /// Runs a statement in the database.
    pub fn sql(&self, statement: &str) {
        self.postgres.sql(statement);
    }

    /// Starts `serve` and waits until it answers.
    pub fn serve(&self) -> Server<'_> {
        let log = self.directory.path().join("serve.log");
        let file = File::create(&log).unwrap();
        let mut command = self.command(&["serve"]);
        let process = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let mut server = Server { admin: self, process };
        let start = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.grpc)).is_err() {
            let ended = server.process.try_wait().unwrap().is_some();
            assert!(!ended && start.elapsed() < START, "{}", fs::read_to_string(&log).unwrap());
            thread::sleep(Duration::from_millis(100));
        }
        server
    }
}

impl Server<'_> {
    /// Asks Flyte's own client, and returns what it prints.
    #[track_caller]
    pub fn client(&self, arguments: &[&str]) -> String {
        let script = repository().join("tests/flyte/client.py");
        let mut command = Command::new(&self.admin.python);
        command.arg(script).arg(self.admin.grpc.to_string()).args(arguments);
        run(&mut command, b"").success()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The section in both forms: the chart writes the older one, which wins.
fn database_of(port: u16, password: &Path) -> Value {
    let mut section = json!({
        "host": "127.0.0.1", "port": port, "username": "postgres", "dbname": "flyteadmin",
        "passwordPath": password, "options": "sslmode=disable",
    });
    section["postgres"] = section.clone();
    section
}

/// A Python that has flytekit.
fn python() -> Option<PathBuf> {
    let own = repository().join(".tools/flytekit/bin/python");
    let candidates = [own, PathBuf::from("python3")];
    let has_flytekit = |python: &PathBuf| {
        Command::new(python).args(["-c", "import flytekit"]).output().is_ok_and(|output| output.status.success())
    };
    let found = candidates.into_iter().find(has_flytekit);
    if found.is_none() {
        tools::missing("no Python with flytekit");
    }
    found
}

/// Ports on loopback that nobody listens on.
fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    let listeners = [(); COUNT].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
