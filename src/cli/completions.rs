//! `split-planes completions`: the completion script of a shell.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Cli;
use crate::stdout;

const EXAMPLES: &str = "\
Examples:
  # For this bash
  source <(split-planes completions bash)

  # For every zsh
  split-planes completions zsh > \"${fpath[1]}/_split-planes\"";

/// Print the completion script for a shell
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
///
/// When stdout cannot be written to.
pub fn run(options: &Options) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Cli::command(), "split-planes", &mut script);
    stdout(std::str::from_utf8(&script).context("the script is not UTF-8")?)?;
    Ok(ExitCode::SUCCESS)
}
