//! The options that name what a subcommand reads.

use std::fmt;
use std::fs;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use split_planes::wire::stream::Source;

/// The name of stdin among the files.
const STDIN: &str = "-";

/// No input was named, and stdin is a terminal.
#[derive(Debug)]
pub struct NoInput;

impl fmt::Display for NoInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stdin is a terminal; name a file with `-f`, or pipe resources into this command")
    }
}

impl std::error::Error for NoInput {}

/// The files with resources.
#[derive(Args)]
pub struct Resources {
    /// A file with resources: a ResourceList, a List or a stream of documents, in YAML or JSON; may be repeated
    #[arg(short, long = "filename", value_name = "FILE", default_value = STDIN)]
    file: Vec<PathBuf>,
}

/// The file with the spec.
#[derive(Args)]
pub struct Spec {
    /// The file with the PlaneSplit; may be left out if there is one among the resources
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What a subcommand reads.
pub struct Read {
    /// The files with resources, in the order they are named.
    pub resources: Vec<Source>,
    /// The file with the spec, if one is named.
    pub spec: Option<Source>,
}

/// Reads the files.
///
/// # Errors
///
/// When one cannot be read, or stdin is named twice or is a terminal.
pub fn read(resources: &Resources, spec: Option<&Spec>) -> Result<Read> {
    let none = Spec { config: None };
    let spec = self::spec(spec.unwrap_or(&none), &resources.file)?;
    Ok(Read { resources: resources.file.iter().map(|path| source(path)).collect::<Result<_>>()?, spec })
}

/// Reads the file with the spec; `others` are all other files that will be read.
///
/// # Errors
///
/// When it cannot be read, or stdin is named twice.
pub fn spec<'p>(spec: &Spec, others: impl IntoIterator<Item = &'p PathBuf>) -> Result<Option<Source>> {
    let is_stdin = |path: &&PathBuf| path.as_os_str() == STDIN;
    let count = others.into_iter().filter(is_stdin).count() + spec.config.iter().filter(is_stdin).count();
    ensure!(count <= 1, "`-` is named {count} times, but stdin can be read only once");
    spec.config.as_deref().map(source).transpose()
}

/// Everything in a file, or on stdin for `-`.
///
/// # Errors
///
/// When it cannot be read.
pub fn source(path: &Path) -> Result<Source> {
    if path.as_os_str() == STDIN {
        return Ok(Source { name: "stdin".to_owned(), bytes: stdin()? });
    }
    let name = path.display().to_string();
    let bytes = fs::read(path).with_context(|| format!("reading {name}"))?;
    Ok(Source { name, bytes })
}

/// Everything on stdin.
///
/// # Errors
///
/// [`NoInput`] at a terminal, or when stdin cannot be read.
pub fn stdin() -> Result<Vec<u8>> {
    let mut stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        return Err(NoInput.into());
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes).context("reading stdin")?;
    Ok(bytes)
}
