//! The `split-planes` binary: bytes in, bytes out.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Context as _;

mod cli;

fn main() -> ExitCode {
    // A panic's text may quote what was being read, and what was being read may be a Secret.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("error: split-planes met a condition it does not handle ({place}): please report it");
    }));
    cli::run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Writes the whole of `text` to stdout at once.
fn stdout(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("writing to stdout")
}
