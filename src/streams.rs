//! The standard streams: what is written to stdout is read by somebody, or it is an error; stderr may be broken.

use std::io::{BufWriter, StdoutLock, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;

/// Writes a line to stderr. If that is not possible, there is nobody to tell.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes the whole of `text` to stdout at once.
///
/// # Errors
///
/// When stdout is closed or cannot be written to.
pub fn stdout(text: &str) -> anyhow::Result<()> {
    let mut stdout = open_stdout()?;
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).context("writing to stdout")
}

/// Stdout, to write to.
///
/// # Errors
///
/// When it is closed.
pub fn open_stdout() -> anyhow::Result<BufWriter<StdoutLock<'static>>> {
    anyhow::ensure!(!IS_STDOUT_CLOSED.load(Ordering::Relaxed), "writing to stdout: it is closed");
    Ok(BufWriter::with_capacity(1 << 16, std::io::stdout().lock()))
}

/// Whether stdout was closed when the program was started. Before `main` Rust opens `/dev/null` in its place, as some
/// programs do for a child whose output they do not want, so that it cannot be told later.
static IS_STDOUT_CLOSED: AtomicBool = AtomicBool::new(false);

// SAFETY: the loader calls the functions without arguments of this section once, when libc is ready; this one only asks
// whether two files exist, and does not unwind.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "only before `main` can be seen that stdout is closed")]
#[used]
#[unsafe(link_section = ".init_array")]
static LOOK_FOR_STDOUT: extern "C" fn() = {
    extern "C" fn look() {
        let is_there = |path| std::fs::symlink_metadata(path).is_ok();
        IS_STDOUT_CLOSED.store(is_there("/proc/self/fd") && !is_there("/proc/self/fd/1"), Ordering::Relaxed);
    }
    look
};
