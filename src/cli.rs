//! The command line: without arguments the function, otherwise a subcommand.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use split_planes::credentials::Now;
use split_planes::redacted::is_visible;

use crate::tell;

mod completions;
mod credentials;
mod explain;
mod function;
mod init;
mod input;
mod man;
mod schema;
mod split;
mod verify;
mod version;

/// Wrong usage, as clap exits for what it does not understand.
const USAGE: u8 = 2;

const ABOUT: &str = "Splits one Flyte deployment into a control plane and a data plane";

const LONG_ABOUT: &str = "\
Splits one Flyte deployment into a control plane and a data plane.

Without a subcommand this is a KRM function: it reads a ResourceList from stdin and writes one to stdout; messages go to \
stderr. Orchestrators run it so:
  kustomize build --enable-alpha-plugins [--enable-exec]   if it is listed under `transformers:`
  kpt fn render, kpt fn eval                               if it is in the pipeline";

const EXAMPLES: &str = "\
Examples:
  # Propose a spec
  kustomize build base | split-planes init > planes.yaml

  # Show where every resource goes, and why
  kustomize build base | split-planes explain -c planes.yaml

  # Write both planes, without an orchestrator
  kustomize build base | split-planes split -c planes.yaml -o out

Exit status: 0 on success, 1 when there is an error (the items of a ResourceList are then returned as they came), 2 for \
wrong usage.";

/// The arguments.
#[derive(Parser)]
#[command(
    name = "split-planes",
    version = env!("SPLIT_PLANES_VERSION"),
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = EXAMPLES,
    infer_long_args = false,
    max_term_width = 120
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Options),
    Split(split::Options),
    Explain(explain::Options),
    Credentials(credentials::Options),
    Verify(verify::Options),
    Schema(schema::Options),
    Completions(completions::Options),
    Version(version::Options),
    Man(man::Options),
}

/// Runs what the command line asks for.
///
/// # Errors
///
/// When something cannot be read or written.
pub fn run() -> Result<ExitCode> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    // Orchestrators wait for each start of the function, so it does without the command line's machinery.
    if arguments.len() <= 1 {
        return shown(function::run(), None);
    }
    for argument in &arguments {
        let argument = argument.to_string_lossy();
        ensure!(argument.chars().all(is_visible), "an argument must not have control characters, got {argument:?}");
    }
    let matches = Cli::command().try_get_matches_from(arguments).unwrap_or_else(|error| error.exit());
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let Some(command) = cli.command else { return shown(function::run(), None) };
    let outcome = match command {
        Command::Init(options) => init::run(&options),
        Command::Split(options) => split::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Credentials(options) => credentials::run(&options),
        Command::Verify(options) => verify::run(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Completions(options) => completions::run(&options),
        Command::Version(options) => version::run(&options),
        Command::Man(options) => man::run(&options),
    };
    shown(outcome, matches.subcommand_name())
}

/// Shows the short help in place of an error that says that nothing was asked for.
fn shown(outcome: Result<ExitCode>, subcommand: Option<&str>) -> Result<ExitCode> {
    match outcome {
        Err(error) if error.is::<input::NoInput>() => {
            tell(short_help(subcommand).trim_end());
            Ok(ExitCode::from(USAGE))
        }
        outcome => outcome,
    }
}

/// The short help of the program or of a subcommand.
fn short_help(subcommand: Option<&str>) -> String {
    let mut program = Cli::command();
    program.build();
    let named = subcommand.and_then(|name| program.find_subcommand_mut(name));
    match named {
        Some(command) => command.render_help().to_string(),
        None => program.render_help().to_string(),
    }
}

/// The one place that knows a clock; only warnings depend on it.
fn now() -> Now {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).map_or(Now::unknown(), Now::at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_subcommand_that_is_shown_has_an_example() {
        for command in Cli::command().get_subcommands().filter(|command| !command.is_hide_set()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let has_example = help.contains(&format!("split-planes {}", command.get_name()));
            assert!(has_example || command.get_name() == "version", "{}", command.get_name());
        }
    }
}
