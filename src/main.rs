//! The `split-planes` binary.
fn main() {}
