//! Without a subcommand: the KRM function.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use super::{input, now};
use crate::streams::{open_stdout, tell};

/// Reads a `ResourceList` from stdin, and writes one.
///
/// # Errors
///
/// When stdin holds no `ResourceList`, or stdout cannot be written to.
pub fn run() -> Result<ExitCode> {
    let input = input::stdin()?;
    let mut out = open_stdout()?;
    let run = split_planes::run(&input, now(), &mut out)?;
    out.flush().context("writing to stdout")?;
    for line in &run.messages {
        tell(line);
    }
    Ok(if run.is_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
