//! `split-planes explain`: reads resources, prints where each goes and why.

use std::env;
use std::fs;
use std::io::{IsTerminal as _, stdout as terminal};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use split_planes::explain::{Explanation, html, json, mermaid, table};

use super::now;
use crate::{stdin, stdout};

const HELP: &str = "\
split-planes explain: shows where every resource goes and why, and what is injected where

Usage: kustomize build base | split-planes explain [-c FILE] [-o FORMAT]

Reads a ResourceList or a stream of YAML documents on stdin. Looks at both planes, whatever `output` says.

Options:
  -c, --config FILE    the PlaneSplit; not needed where one stands among the resources
  -o, --output FORMAT  table (default), json, mermaid or html (one page that needs no network)
  -h, --help           print this text

Environment: NO_COLOR turns colours off, COLUMNS is the width of the terminal.
Exit status: 0 when every resource has a place, 1 when there are errors, which are printed as well.
";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Format {
    Table,
    Json,
    Mermaid,
    Html,
}

#[derive(Debug, PartialEq)]
struct Options {
    config: Option<String>,
    format: Format,
}

/// Explains what is on stdin.
///
/// # Errors
///
/// When the arguments are not understood, or stdin or the file cannot be read.
pub fn run(arguments: &[&str]) -> Result<ExitCode> {
    let Some(options) = options(arguments)? else { return stdout(HELP).map(|()| ExitCode::SUCCESS) };
    let config = options.config.map(|path| fs::read(&path).with_context(|| format!("reading {path}"))).transpose()?;
    let explanation = split_planes::explain(&stdin()?, config.as_deref(), now())?;
    stdout(&render(&explanation, options.format))?;
    Ok(if explanation.has_errors() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn render(explanation: &Explanation, format: Format) -> String {
    match format {
        Format::Table => table::render(explanation, paper()),
        Format::Json => json::render(explanation),
        Format::Mermaid => mermaid::render(explanation),
        Format::Html => html::render(explanation),
    }
}

/// The options; nothing when help is asked for.
fn options(arguments: &[&str]) -> Result<Option<Options>> {
    let mut options = Options { config: None, format: Format::Table };
    let mut rest = arguments.iter();
    while let Some(&argument) = rest.next() {
        let (name, attached) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (argument, None),
        };
        let mut value =
            || attached.or_else(|| rest.next().copied()).with_context(|| format!("{name} must have a value"));
        match name {
            "-h" | "--help" => return Ok(None),
            "-c" | "--config" => options.config = Some(value()?.to_owned()),
            "-o" | "--output" => options.format = format(value()?)?,
            _ => bail!("{argument:?} must be one of -c FILE, -o FORMAT and --help"),
        }
    }
    Ok(Some(options))
}

fn format(name: &str) -> Result<Format> {
    Ok(match name {
        "table" => Format::Table,
        "json" => Format::Json,
        "mermaid" => Format::Mermaid,
        "html" => Format::Html,
        _ => bail!("--output must be table, json, mermaid or html, got {name:?}"),
    })
}

/// Colours and line breaks are for people at a terminal; what is piped on stays one line a resource.
fn paper() -> table::Paper {
    if !terminal().is_terminal() {
        return table::Paper::default();
    }
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = columns.or_else(measured).filter(|&width| width > 0);
    table::Paper { width, is_coloured: !is_set("NO_COLOR") && env::var("TERM").as_deref() != Ok("dumb") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_in_either_form_and_order() {
        let expected = Options { config: Some("planes.yaml".to_owned()), format: Format::Json };
        for arguments in [
            ["-c", "planes.yaml", "-o", "json"].as_slice(),
            &["--output=json", "--config", "planes.yaml"],
            &["-o", "json", "--config=planes.yaml"],
        ] {
            assert_eq!(options(arguments).unwrap().unwrap(), expected, "{arguments:?}");
        }
        assert_eq!(options(&["-o", "json", "--help"]).unwrap(), None);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (arguments, named) in
            [(["-o", "yaml"].as_slice(), "yaml"), (&["-c"], "-c"), (&["planes.yaml"], "planes.yaml"), (&["-x"], "-x")]
        {
            let error = options(arguments).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
