//! Finds out whose data plane an output is, if they differ, and judges it as that.

use super::Output;
use crate::report::Finding;
use crate::spec::{Plane, Spec};

/// How the files of data planes are called.
const PREFIX: &str = "data-plane-";
const EXTENSIONS: [&str; 3] = [".yaml", ".yml", ".json"];

/// What `judged` says of an output, as the data plane of the cluster that its name, the spec, or its content tells.
pub fn judge(
    spec: &Spec,
    output: &Output<'_, '_>,
    judged: &dyn Fn(&Output<'_, '_>, Option<&str>) -> Vec<Finding>,
) -> Vec<Finding> {
    let differ = spec.overrides.iter().any(|change| change.clusters.is_some()) || !spec.cluster_id.is_empty();
    if output.plane == Plane::Control || !differ {
        return judged(output, None);
    }
    if let Some(cluster) = named(spec, output.name).or(spec.cluster.as_deref()) {
        return judged(output, Some(cluster));
    }
    let clusters = spec.clusters.iter().map(|cluster| judged(output, Some(&cluster.name)));
    let mut best: Option<Vec<Finding>> = None;
    for findings in clusters {
        if findings.is_empty() {
            return findings;
        }
        if best.as_ref().is_none_or(|best| findings.len() < best.len()) {
            best = Some(findings);
        }
    }
    best.unwrap_or_default()
}

/// The cluster in the name of a file: `out/data-plane-cluster_1.yaml`.
fn named<'s>(spec: &'s Spec, file: &str) -> Option<&'s str> {
    let name = file.rsplit(['/', '\\']).next()?.strip_prefix(PREFIX)?;
    let stem = EXTENSIONS.iter().find_map(|extension| name.strip_suffix(extension))?;
    spec.clusters.iter().map(|cluster| cluster.name.as_str()).find(|cluster| *cluster == stem)
}
