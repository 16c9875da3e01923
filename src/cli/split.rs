//! `split-planes split`: writes the planes without an orchestrator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args, ValueEnum};
use split_planes::report::Shown;
use split_planes::spec::Plane;
use split_planes::split::{Target, Text, Wanted, is_output_name};

use super::{input, now};
use crate::{stdout, tell};

const EXAMPLES: &str = "\
Examples:
  # Both planes of a build, into the directory `out`
  kustomize build base | split-planes split -c planes.yaml -o out

  # The data plane of a file, to apply it
  split-planes split -c planes.yaml -f flyte.yaml --plane data | kubectl apply -f -

  # As post-renderer of Helm 3
  helm template flyte flyteorg/flyte-core --post-renderer split-planes --post-renderer-args split \\
    --post-renderer-args --config=planes.yaml --post-renderer-args --plane=control

Exit status: 0 if the planes are written, 1 if there is an error and nothing is changed, 2 for wrong usage.";

/// Write both planes, without an orchestrator
///
/// Writes control-plane.yaml and data-plane.yaml, or data-plane-CLUSTER.yaml for each cluster if the spec has parts for
/// single clusters. The outputs are what kustomize with the function gives: documents keep their order and bytes, and
/// local configuration is left out. No file is changed before everything is decided.
#[derive(Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("to").required(true).args(["output", "plane"]))]
pub struct Options {
    #[command(flatten)]
    spec: input::Spec,
    #[command(flatten)]
    resources: input::Resources,
    /// The directory to write to, which is made if it is not there
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Print this plane in place of writing files, as a post-renderer of Helm does
    #[arg(long, value_enum)]
    plane: Option<PlaneName>,
    /// With `--plane data`: the cluster whose data plane to print
    #[arg(long, value_name = "NAME", requires = "plane", conflicts_with = "output")]
    cluster: Option<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum PlaneName {
    /// The control plane
    Control,
    /// The data plane
    Data,
}

/// Splits the resources.
///
/// # Errors
///
/// When something cannot be read or written.
pub fn run(options: &Options) -> Result<ExitCode> {
    let wanted = match options.plane {
        None => Wanted::All,
        Some(PlaneName::Control) if options.cluster.is_some() => {
            anyhow::bail!("`--cluster` selects a data plane; leave it out, or use `--plane data`")
        }
        Some(name) => {
            let plane = if name == PlaneName::Control { Plane::Control } else { Plane::Data };
            Wanted::One(Target { plane, cluster: options.cluster.clone() })
        }
    };
    let read = input::read(&options.resources, Some(&options.spec))?;
    let split = split_planes::split(&read.resources, read.spec.as_ref(), &wanted, now())?;
    if !split.is_failure {
        match &options.output {
            Some(directory) => write(directory, &split.outputs)?,
            None => split.outputs.iter().try_for_each(|(_, Text(text))| stdout(text))?,
        }
    }
    for line in &split.messages {
        tell(line);
    }
    Ok(if split.is_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Writes the files of `outputs`, and names those of an earlier run that are not among them.
fn write(directory: &Path, outputs: &[(Target, Text)]) -> Result<()> {
    let files: Vec<(String, &str)> =
        outputs.iter().map(|(target, text)| (target.file_name(), text.0.as_str())).collect();
    write_together(directory, &files).with_context(|| format!("writing into {}", directory.display()))?;
    let mut stale: Vec<String> = fs::read_dir(directory)
        .with_context(|| format!("reading {}", directory.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| is_output_name(name) && !files.iter().any(|(written, _)| written == name))
        .collect();
    stale.sort();
    for name in stale {
        let path = directory.join(name);
        let path = Shown::default().text(&path.display().to_string());
        tell(&format!("warning: {path} is of an earlier run, and this run does not write it; delete it"));
    }
    Ok(())
}

/// Writes every file under a temporary name, and renames them when all of them are there.
fn write_together(directory: &Path, files: &[(String, &str)]) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    let temporary = |name: &str| directory.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = files
        .iter()
        .try_for_each(|(name, text)| fs::write(temporary(name), text))
        .and_then(|()| files.iter().try_for_each(|(name, _)| fs::rename(temporary(name), directory.join(name))));
    if written.is_err() {
        for (name, _) in files {
            fs::remove_file(temporary(name)).ok();
        }
    }
    written
}
