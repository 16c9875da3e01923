//! Words for what does not hold between input and output.

use super::{Finding, references};
use crate::check::Violation;
use crate::check::files::{self, Fault};
use crate::check::size::{self, Limiter};
use crate::spec::Plane;

/// One finding for each violation in `plane`.
#[must_use]
pub fn findings(plane: Plane, violations: &[Violation]) -> Vec<Finding> {
    violations
        .iter()
        .map(|violation| match violation {
            Violation::Partition(id) => Finding::error(format!(
                "must be in the {} under the id it came with: this is a defect of split-planes, please report it",
                super::plane_name(plane)
            ))
            .on(id),
            Violation::Duplicate(id) => Finding::error(
                "must not be there, because split-planes makes a Secret of this name: rename it in \
                 `spec.clusters[].credentials` or in what makes it",
            )
            .on(id),
            Violation::Empty => Finding::error(format!(
                "the {} must have a resource, none belongs to it: an empty output would delete everything",
                super::plane_name(plane)
            )),
            Violation::NoAccount { secret, account } => Finding::warning(format!(
                "ServiceAccount {account:?} must be among the resources, in the namespace of this Secret, which Kubernetes \
                 deletes without it: `spec.planes.external` can select it"
            ))
            .on(secret),
            Violation::Leak { id, field, cluster } => Finding {
                field: field.clone(),
                ..Finding::error(format!(
                    "must not hold the credentials of cluster {cluster:?}, because it goes to the data plane"
                ))
                .on(id)
            },
            Violation::Files(violation) => file(violation).on(&violation.id).at(violation.field.clone()),
            Violation::Size(violation) => size(violation).on(&violation.id),
            Violation::Reference(violation) => references::finding(plane, violation),
        })
        .collect()
}

fn file(violation: &files::Violation) -> Finding {
    match &violation.fault {
        Fault::MissingFile { container, path } => {
            Finding::error(format!("container {container:?} must have the file {path}, flyteadmin panics without it"))
        }
        Fault::NotMounted { container, path } => Finding::warning(format!(
            "container {container:?} must have the file {path}, flyteadmin panics without it: add the container to \
             `spec.credentials.mounts`"
        )),
        Fault::MustNotSee { container } => Finding::warning(format!(
            "container {container:?} must not see the `clusters` configuration, `flyteadmin secrets` of v0.6.80 and \
             later refuses to start with it: keep it in a ConfigMap of its own with `spec.clusterConfig.targets[].create`, and this container \
             out of `spec.credentials.mounts`"
        )),
        Fault::NotRead { container, path, patterns } => Finding::warning(format!(
            "container {container:?} must read {path}, where the `clusters` configuration is: its command line says \
             --config {}",
            patterns.join(" and ")
        )),
        Fault::NoClusters { container, config_maps } => Finding::warning(format!(
            "container {container:?} must read the `clusters` configuration, it has the credentials but sees none of \
             `spec.clusterConfig.targets`: add a key of {}",
            config_maps.join(" or ")
        )),
        Fault::Overridden { config_map, key } => Finding::error(format!(
            "must be the last file with a list of clusters, {key:?} of {config_map} is read after it and replaces the \
             list: target that key instead, or remove `clusters` from it"
        )),
        Fault::Leftover { cluster, path, container } => Finding::warning(format!(
            "cluster {cluster:?} must be one of `spec.clusters`, it was left in place and container {container:?} has \
             no file {path}, without which flyteadmin panics: put it back with `enabled: false` until its executions \
             have ended, then remove it here too"
        )),
        Fault::Stray { label, cluster } => Finding::warning(format!(
            "label {label:?} of `labelClusterMap` must name clusters that are there, {cluster:?} is none of them: remove \
             it here, or add the cluster to `spec.clusters`"
        )),
    }
}

fn size(violation: &size::Violation) -> Finding {
    let size::Violation { bytes, limit, .. } = violation;
    match violation.limiter {
        Limiter::Server => Finding::error(format!(
            "must not hold more than {limit} bytes, the API server refuses it with {bytes}: move its other keys to \
             another ConfigMap, or give the control plane fewer clusters"
        )),
        Limiter::ClientSideApply => Finding::warning(format!(
            "must be applied with `kubectl apply --server-side`, a client-side apply cannot annotate it with more than \
             {limit} bytes and it takes {bytes}"
        )),
    }
}
