//! The `split-planes` binary: bytes in, bytes out.

use std::process::ExitCode;

use split_planes::report::Shown;
use streams::{stdout, tell};

mod cli;
mod streams;

fn main() -> ExitCode {
    // A panic's text may quote what was being read, and what was being read may be a Secret.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tell(&format!("error: split-planes met a condition it does not handle ({place}): please report it"));
    }));
    cli::run().unwrap_or_else(|error| {
        tell(&format!("error: {}", Shown::default().text(&format!("{error:#}"))));
        ExitCode::FAILURE
    })
}
