//! The command line: without arguments the function, otherwise a subcommand.

use std::io::{BufWriter, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use split_planes::credentials::Now;

use crate::{stdin, stdout};

mod explain;

const HELP: &str = "\
split-planes: a KRM function that splits one Flyte deployment into a control plane and a data plane

Reads a ResourceList on stdin and writes one to stdout; messages go to stderr. Orchestrators run it without arguments:
  kustomize build --enable-alpha-plugins [--enable-exec]   with it under `transformers:`
  kpt fn render | kpt fn eval                               with it in the pipeline

Commands:
  explain          show where every resource goes and why, and what is injected where (explain --help)

Options:
  -h, --help       print this text
  -V, --version    print the version

Exit status: 0 when the plane was written, 1 when there is an error; the items are then left as they came.
";

/// Runs what `arguments` ask for.
///
/// # Errors
///
/// When stdin holds no `ResourceList`, or a stream cannot be read or written.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => function(),
        ["explain", ref options @ ..] => explain::run(options),
        ["-h" | "--help", ..] => stdout(HELP).map(|()| ExitCode::SUCCESS),
        ["-V" | "--version"] => {
            stdout(concat!("split-planes ", env!("CARGO_PKG_VERSION"), "\n")).map(|()| ExitCode::SUCCESS)
        }
        _ => bail!(
            "arguments must be none, explain, --help or --version: the function is configured by its functionConfig"
        ),
    }
}

fn function() -> Result<ExitCode> {
    let input = stdin()?;
    let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
    let run = split_planes::run(&input, now(), &mut out)?;
    out.flush().context("writing to stdout")?;
    for line in &run.messages {
        eprintln!("{line}");
    }
    Ok(if run.is_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The one place that knows a clock; only warnings depend on it.
fn now() -> Now {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).map_or(Now::unknown(), Now::at)
}
