//! A database server of its own for a test, on loopback, with its files in a scratch directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::common::{run, tools};

/// A database server that ends with the value.
pub struct Postgres {
    programs: PathBuf,
    directory: PathBuf,
    /// The port on 127.0.0.1.
    pub port: u16,
}

impl Postgres {
    /// Starts a server with an empty database `flyteadmin`, which belongs to the user `postgres` and asks for no password.
    pub fn start(port: u16) -> Option<Self> {
        let Some(programs) = programs() else {
            tools::missing("PostgreSQL is not installed");
            return None;
        };
        // Not in the scratch directory of the tests: the user `postgres` may not be able to reach that.
        let directory = env::temp_dir().join(format!("split-planes-postgres-{port}"));
        fs::create_dir_all(&directory).unwrap();
        let server = Self { programs, directory, port };
        let path = &server.directory;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(path), b"").success();
        }
        server.program("initdb").arg("-D").arg(path.join("data")).args(["-A", "trust", "-U", "postgres"]).finish();
        let options = format!("-p {port} -k {} -h 127.0.0.1", path.display());
        let log = path.join("log");
        server
            .program("pg_ctl")
            .arg("-D")
            .arg(path.join("data"))
            .arg("-w")
            .arg("-l")
            .arg(log)
            .args(["-o", &options, "start"])
            .finish();
        server.client("createdb").arg("flyteadmin").finish();
        Some(server)
    }

    /// Runs a statement.
    pub fn sql(&self, statement: &str) {
        self.client("psql").args(["-v", "ON_ERROR_STOP=1", "-d", "flyteadmin", "-c", statement]).finish();
    }

    fn client(&self, name: &str) -> Command {
        let mut command = self.program(name);
        command.args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()]);
        command
    }

    /// The server refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        if !is_root() {
            return Command::new(program);
        }
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.directory.join("data");
        self.program("pg_ctl").arg("-D").arg(data).args(["-m", "immediate", "stop"]).output().ok();
        fs::remove_dir_all(&self.directory).ok();
    }
}

trait Finish {
    fn finish(&mut self);
}

impl Finish for Command {
    /// Runs the command, which must succeed. Its output goes nowhere: a server that it leaves behind would keep a pipe open.
    #[track_caller]
    fn finish(&mut self) {
        use std::process::Stdio;
        let status = self.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "{self:?}");
    }
}

/// The directory of the database's programs, as Debian installs them.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").is_file());
    installed.max()
}

fn is_root() -> bool {
    Path::new("/proc/self").exists()
        && fs::metadata("/proc/self").is_ok_and(|metadata| {
            use std::os::unix::fs::MetadataExt as _;
            metadata.uid() == 0
        })
}
