//! `split-planes verify`: checks finished outputs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;

use super::{input, now};
use crate::stdout;

const EXAMPLES: &str = "\
Examples:
  # What CI built, before it is applied
  split-planes verify -c planes.yaml --base flyte.yaml --control-plane out/control-plane.yaml \\
    --data-plane out/data-plane.yaml

Exit status: 0 if the outputs are what the base and the spec say, 1 if something differs, 2 for wrong usage.";

/// Check finished outputs against the resources that they were made from
///
/// Every resource of the base must be where its plane says, nothing may be lost or invented, only what the spec declares
/// may differ, and no credential may be in a data plane. It does not matter who wrote the outputs, nor how.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    spec: input::Spec,
    /// The resources before the split; may be repeated, for the Secrets with the credentials
    #[arg(long, value_name = "FILE", required = true)]
    base: Vec<PathBuf>,
    /// The output for the control plane
    #[arg(long, value_name = "FILE")]
    control_plane: Option<PathBuf>,
    /// The output for a data plane; may be repeated
    #[arg(long, value_name = "FILE")]
    data_plane: Vec<PathBuf>,
}

/// Checks the outputs.
///
/// # Errors
///
/// When something cannot be read or written, or no output is named.
pub fn run(options: &Options) -> Result<ExitCode> {
    if options.control_plane.is_none() && options.data_plane.is_empty() {
        bail!("there is no output to check; name it with `--control-plane` or `--data-plane`");
    }
    let all = options.base.iter().chain(&options.control_plane).chain(&options.data_plane);
    let spec = input::spec(&options.spec, all)?;
    let sources = |paths: &[PathBuf]| paths.iter().map(|path| input::source(path)).collect::<Result<Vec<_>>>();
    let control = options.control_plane.iter().map(|path| input::source(path)).collect::<Result<Vec<_>>>()?;
    let outputs = split_planes::Outputs { control, data: sources(&options.data_plane)? };
    let findings = split_planes::verify(&sources(&options.base)?, spec.as_ref(), &outputs, now())?;
    stdout(&format!("{}\n", findings.lines.join("\n")))?;
    Ok(if findings.is_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
