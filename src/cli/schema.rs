//! `split-planes schema`: what editors check a spec with.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::stdout;

/// What a test makes from the types of the spec; the binary has no code that does.
const SCHEMA: &str = include_str!("../../function-config/schema.json");

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
    stdout(SCHEMA)?;
    Ok(ExitCode::SUCCESS)
}
