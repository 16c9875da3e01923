//! Finds the real deployments of Flyte that tests split, which are not part of this repository.

use std::path::PathBuf;

use super::{repository, variable};

/// The directory that `SPLIT_PLANES_CORPUS` names, by default `../shared/flyte`, if there are deployments in it.
///
/// Its tests are ignored without it. It is no tool that CI could install, so its absence never fails a run.
pub fn find() -> Option<PathBuf> {
    let directory = variable("SPLIT_PLANES_CORPUS").map_or_else(|| repository().join("../shared/flyte"), PathBuf::from);
    directory.join("seed-sandbox").is_dir().then_some(directory)
}
