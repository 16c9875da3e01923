//! `split-planes man`: writes the manual pages, for packages.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _};

use super::Cli;

/// Write the manual pages into a directory
#[derive(Args)]
#[command(hide = true)]
pub struct Options {
    /// The directory, which is made if it is not there
    directory: PathBuf,
}

/// Writes a page for the program and one for each subcommand.
///
/// # Errors
///
/// When a file cannot be written.
pub fn run(options: &Options) -> Result<ExitCode> {
    let directory = &options.directory;
    fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), directory))
        .with_context(|| format!("writing manual pages into {}", directory.display()))?;
    Ok(ExitCode::SUCCESS)
}
