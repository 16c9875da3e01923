//! `split-planes explain`: shows where each resource goes and why.

use std::env;
use std::io::{IsTerminal as _, stdout as terminal};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use split_planes::explain::{Explanation, dot, html, json, mermaid, table};

use super::{input, now};
use crate::stdout;

const EXAMPLES: &str = "\
Examples:
  # As a table
  kustomize build base | split-planes explain -c planes.yaml

  # A page for the browser that needs no network
  split-planes explain -c planes.yaml -f flyte.yaml -o html > planes.html

  # What would stop a run
  split-planes explain -c planes.yaml -f flyte.yaml -o json | jq '.findings[] | select(.severity == \"error\")'

  # A picture, drawn by Graphviz
  split-planes explain -c planes.yaml -f flyte.yaml -o dot | dot -Tsvg > planes.svg

Environment: NO_COLOR turns colours off, COLUMNS is the width of the terminal.
Exit status: 0 if every resource has a place, 1 if there are errors, which are printed as well, 2 for wrong usage.";

/// Show where every resource goes and why, and what is injected where
///
/// Reads a ResourceList, a List or a stream of documents and looks at both planes, whatever `output` says. Nothing is
/// written but the explanation. Names that a kustomization gives a prefix or suffix are known only inside the build:
/// list the resources before that step.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    #[command(flatten)]
    spec: input::Spec,
    #[command(flatten)]
    resources: input::Resources,
    /// How to show it
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    output: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One line a resource, then the findings
    Table,
    /// Everything, for programs
    Json,
    /// A Mermaid flowchart
    Mermaid,
    /// One page that needs no network
    Html,
    /// A graph for Graphviz
    Dot,
}

/// Explains the resources.
///
/// # Errors
///
/// When something cannot be read or written.
pub fn run(options: &Options) -> Result<ExitCode> {
    let read = input::read(&options.resources, Some(&options.spec))?;
    let explanation = split_planes::explain(&read.resources, read.spec.as_ref(), now())?;
    stdout(&render(&explanation, options.output))?;
    Ok(if explanation.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn render(explanation: &Explanation, format: Format) -> String {
    match format {
        Format::Table => table::render(explanation, described_terminal()),
        Format::Json => json::render(explanation),
        Format::Mermaid => mermaid::render(explanation),
        Format::Html => html::render(explanation),
        Format::Dot => dot::render(explanation),
    }
}

/// Colours and line breaks are for people at a terminal; what is piped on stays one line a resource.
fn described_terminal() -> table::Terminal {
    if !terminal().is_terminal() {
        return table::Terminal::default();
    }
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = columns.or_else(measured).filter(|&width| width > 0);
    table::Terminal { width, is_coloured: !is_set("NO_COLOR") && env::var("TERM").as_deref() != Ok("dumb") }
}
