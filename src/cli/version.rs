//! `split-planes version`: what this program is built from.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::stdout;

/// Print the version
#[derive(Args)]
pub struct Options {}

/// Prints the version and, if it is known, the commit.
///
/// # Errors
///
/// When stdout cannot be written to.
pub fn run(_: &Options) -> Result<ExitCode> {
    stdout(concat!("split-planes ", env!("SPLIT_PLANES_VERSION"), "\n"))?;
    Ok(ExitCode::SUCCESS)
}
