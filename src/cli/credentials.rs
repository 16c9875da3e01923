//! `split-planes credentials`: fetches the tokens of the data planes with kubectl.

use std::fs::{self, OpenOptions};
use std::io::{IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use split_planes::fetch::{Answer, Plan, Request};
use split_planes::report::Shown;

use super::{input, now};
use crate::{stdout, tell};

const EXAMPLES: &str = "\
Examples:
  # From the contexts that are called like the clusters
  split-planes credentials -c planes.yaml -o credentials.yaml

  # From other contexts
  split-planes credentials -c planes.yaml --context cluster_1=eu-admin --context cluster_2=us-admin -o credentials.yaml

Exit status: 0 if every token is there and can be right, 1 if not and nothing is written, 2 for wrong usage.";

/// How long to wait before asking again for a token.
const PAUSE: Duration = Duration::from_millis(500);

/// Fetch the tokens of the data planes with kubectl
///
/// For each cluster with `credentials.secret`, reads the Secret of `dataPlane.serviceAccountToken` in that cluster, waits
/// for its token, checks it as a run does, and writes it under the name that the spec gives, as local configuration.
/// Apply the data planes first. No value is ever shown, and the file is readable to you alone.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The file with the PlaneSplit
    #[arg(short, long, value_name = "FILE")]
    config: PathBuf,
    /// The context of a cluster in the kubeconfig; it is called like the cluster unless named; may be repeated
    #[arg(long, value_name = "CLUSTER=CONTEXT", value_parser = context)]
    context: Vec<(String, String)>,
    /// The file to write; stdout unless named
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The kubectl to run
    #[arg(long, value_name = "PATH", default_value = "kubectl")]
    kubectl: PathBuf,
    /// How long to wait for a token: 90s, 2m
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    timeout: Duration,
}

fn context(argument: &str) -> Result<(String, String), String> {
    let parts = argument.split_once('=').filter(|(cluster, context)| !cluster.is_empty() && !context.is_empty());
    parts
        .map(|(cluster, context)| (cluster.to_owned(), context.to_owned()))
        .ok_or("it must be CLUSTER=CONTEXT".to_owned())
}

fn duration(argument: &str) -> Result<Duration, String> {
    let (number, unit) = argument.split_at(argument.find(|c: char| !c.is_ascii_digit()).unwrap_or(argument.len()));
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        _ => 0,
    };
    let number: Option<u64> = number.parse().ok();
    number
        .filter(|_| seconds > 0)
        .map(|number| Duration::from_secs(number * seconds))
        .ok_or("it must be like 90s or 2m".to_owned())
}

/// Fetches the tokens.
///
/// # Errors
///
/// When something cannot be read or written, or kubectl cannot be started.
pub fn run(options: &Options) -> Result<ExitCode> {
    let to_terminal = options.output.is_none() && std::io::stdout().is_terminal();
    ensure!(!to_terminal, "stdout is a terminal, which would show the tokens; name a file with `-o`");
    let mut plan = match split_planes::fetch_plan(&input::source(&options.config)?)? {
        Ok(plan) => plan,
        Err(findings) => {
            for finding in &findings {
                tell(&Shown::default().finding(finding).line());
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    for (cluster, _) in &options.context {
        let is_known = plan.requests.iter().any(|request| request.cluster == *cluster);
        ensure!(
            is_known,
            "`--context` names cluster {cluster:?}, and the spec has none of that name with `credentials.secret`"
        );
    }
    let mut answers = Vec::new();
    let mut has_failed = false;
    for request in &plan.requests {
        match ask(options, &plan, request) {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                has_failed = true;
                let error = format!("error: cluster {:?}: {error:#}", request.cluster);
                tell(&Shown::default().text(&error));
            }
        }
    }
    if has_failed {
        return Ok(ExitCode::FAILURE);
    }
    let written = split_planes::fetch::written(&mut plan, &answers, now());
    let (text, findings) = match written {
        Ok((text, findings)) => (Some(text), findings),
        Err(findings) => (None, findings),
    };
    for finding in findings {
        tell(&finding.line());
    }
    let Some(text) = text else { return Ok(ExitCode::FAILURE) };
    match &options.output {
        Some(path) => write(path, &text).with_context(|| format!("writing {}", path.display()))?,
        None => stdout(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The Secret of one cluster, once it has a token.
fn ask(options: &Options, plan: &Plan, request: &Request) -> Result<Answer> {
    let named = options.context.iter().find(|(cluster, _)| *cluster == request.cluster);
    let context = named.map_or(&request.cluster, |(_, context)| context);
    let name = &plan.token.secret_name;
    let mut arguments = vec!["get", "secret", name, "-o", "json"];
    let timeout = format!("--request-timeout={}s", options.timeout.as_secs().max(1));
    arguments.push(&timeout);
    if let Some(namespace) = &plan.token.namespace {
        arguments.extend(["--namespace", namespace]);
    }
    let place = plan.token.namespace.as_ref().map_or(name.clone(), |namespace| format!("{namespace}/{name}"));
    let deadline = Instant::now() + options.timeout;
    loop {
        let json = kubectl(options, context, &arguments).with_context(|| {
            format!(
                "reading Secret {place} in context {context:?}; is the data plane applied there, and may you read it?"
            )
        })?;
        let Some(answer) = Answer::read(&json) else { bail!("kubectl did not print Secret {place} as JSON") };
        if answer.has_token() {
            warn_about_endpoint(options, request, context);
            return Ok(answer);
        }
        let waited = options.timeout.as_secs();
        ensure!(
            Instant::now() < deadline,
            "Secret {place} has no token after {waited} seconds; is ServiceAccount {:?} in that namespace?",
            plan.token.service_account
        );
        thread::sleep(PAUSE);
    }
}

/// Says when the context is that of another API server than the spec's endpoint.
fn warn_about_endpoint(options: &Options, request: &Request, context: &str) {
    let arguments = ["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"];
    let server = kubectl(options, context, &arguments).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(warning) = server.and_then(|server| request.endpoint_warning(server.trim())) {
        tell(&warning);
    }
}

/// What kubectl prints on stdout.
fn kubectl(options: &Options, context: &str, arguments: &[&str]) -> Result<Vec<u8>> {
    let mut command = Command::new(&options.kubectl);
    let output =
        command.args(["--context", context]).args(arguments).stdin(Stdio::null()).output().with_context(|| {
            format!("starting {}; install kubectl, or name it with `--kubectl`", options.kubectl.display())
        })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    // What kubectl says on stderr is about the request, and holds no answer.
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it says nothing");
    bail!("kubectl: {}", said.chars().filter(|c| !c.is_control()).take(400).collect::<String>())
}

/// Writes the file under a temporary name that nobody else can read, and renames it.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        fs::remove_file(&temporary).ok();
    }
    written
}
