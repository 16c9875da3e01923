//! The `split-planes` binary: bytes in, bytes out.

use std::io::Write as _;
use std::process::ExitCode;

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use split_planes::report::Shown;

mod cli;

fn main() -> ExitCode {
    // A panic's text may quote what was being read, and what was being read may be a Secret.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tell(&format!("error: split-planes met a condition it does not handle ({place}): please report it"));
    }));
    ensure_stdout().and_then(|()| cli::run()).unwrap_or_else(|error| {
        tell(&format!("error: {}", Shown::default().text(&format!("{error:#}"))));
        ExitCode::FAILURE
    })
}

/// Writes a line to stderr. If that is not possible, there is nobody to tell.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Whether stdout was closed when the program was started. Rust opens `/dev/null` in its place before `main`, to which
/// everything can be written.
static IS_STDOUT_CLOSED: AtomicBool = AtomicBool::new(false);

// SAFETY: the section holds functions without arguments that the loader calls after libc is ready; this one only looks for
// two files and cannot unwind.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "only before `main` can be seen that stdout is closed")]
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK_FOR_STDOUT: extern "C" fn() = {
    extern "C" fn look() {
        let has_stdout = std::fs::symlink_metadata("/proc/self/fd/1").is_ok();
        let can_look = std::fs::symlink_metadata("/proc/self/fd").is_ok();
        IS_STDOUT_CLOSED.store(can_look && !has_stdout, Ordering::Relaxed);
    }
    look
};

/// That what is written will be read.
fn ensure_stdout() -> anyhow::Result<()> {
    anyhow::ensure!(!IS_STDOUT_CLOSED.load(Ordering::Relaxed), "writing to stdout: it is closed");
    Ok(())
}

/// Writes the whole of `text` to stdout at once.
fn stdout(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("writing to stdout")
}
