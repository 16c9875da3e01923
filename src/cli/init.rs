//! `split-planes init`: proposes a spec.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use split_planes::init::Cluster;

use super::input;
use crate::stdout;

const EXAMPLES: &str = "\
Examples:
  # From a kustomization
  kustomize build base | split-planes init > planes.yaml

  # From a chart, with the clusters that it will schedule onto
  helm template flyte flyteorg/flyte-core --namespace flyte --values values.yaml > flyte.yaml
  split-planes init -f flyte.yaml --cluster eu=https://eu.k8s.acme.io:6443 --cluster us > planes.yaml

Then look at the placeholders that it lists at its top, and at what becomes of the resources:
  split-planes explain -f flyte.yaml -c planes.yaml";

/// Propose a PlaneSplit for what a deployment runs
///
/// Recognises the parts of Flyte by what the containers run, and prints a PlaneSplit that splits the resources as they
/// are: selectors, where volumes and clusters go, the token to ask for, and an override for each host that a data plane
/// cannot reach. Comments say why. The same input gives the same bytes.
#[derive(Args)]
#[allow(clippy::doc_markdown, reason = "help is printed as it is written")]
#[command(after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    resources: input::Resources,
    /// A cluster to schedule onto, with the URL of its API server if it is known; may be repeated [default: cluster_1]
    #[arg(long, value_name = "NAME[=ENDPOINT]", value_parser = cluster)]
    cluster: Vec<Cluster>,
}

fn cluster(argument: &str) -> Result<Cluster, String> {
    let (name, endpoint) = match argument.split_once('=') {
        Some((name, endpoint)) => (name, Some(endpoint.to_owned())),
        None => (argument, None),
    };
    if name.is_empty() || endpoint.as_deref() == Some("") {
        return Err("it must be NAME or NAME=ENDPOINT".to_owned());
    }
    Ok(Cluster { name: name.to_owned(), endpoint })
}

/// Prints the proposal.
///
/// # Errors
///
/// When something cannot be read or written, or a cluster has no legal name or endpoint.
pub fn run(options: &Options) -> Result<ExitCode> {
    let read = input::read(&options.resources, None)?;
    stdout(&split_planes::init(&read.resources, &options.cluster)?)?;
    Ok(ExitCode::SUCCESS)
}
