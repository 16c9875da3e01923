//! `split-planes schema`: what editors check a spec with.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use split_planes::spec::v1alpha1;

use crate::stdout;

const EXAMPLES: &str = "\
Examples:
  # For an editor that reads `# yaml-language-server: $schema=schema.json`
  split-planes schema > schema.json";

/// Print the JSON Schema of PlaneSplit
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {}

/// Prints the schema.
///
/// # Errors
///
/// When stdout cannot be written to.
pub fn run(_: &Options) -> Result<ExitCode> {
    stdout(&v1alpha1::schema_text())?;
    Ok(ExitCode::SUCCESS)
}
