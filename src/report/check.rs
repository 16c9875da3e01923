//! Words for what does not hold between input and output.

use super::{Finding, references};
use crate::check::Violation;
use crate::check::files::Fault;
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
                "ServiceAccount {account:?} must be among the resources, without it Kubernetes deletes this Secret: \
                 `spec.planes.external` can select it"
            ))
            .on(secret),
            Violation::Leak { id, cluster } => Finding::error(format!(
                "must not hold the credentials of cluster {cluster:?}, because it goes to the data plane"
            ))
            .on(id),
            Violation::Files(violation) => {
                let container = &violation.container;
                let finding = match &violation.fault {
                    Fault::MissingFile(path) => Finding::error(format!(
                        "container {container:?} must have the file {path}, flyteadmin panics without it"
                    )),
                    Fault::NotMounted(path) => Finding::warning(format!(
                        "container {container:?} must have the file {path}, flyteadmin panics without it: add the \
                         container to `spec.credentials.mounts`"
                    )),
                    Fault::MustNotSee => Finding::warning(format!(
                        "container {container:?} must not see the `clusters` configuration, `flyteadmin secrets` \
                         refuses to start with it: keep it in a ConfigMap of its own"
                    )),
                };
                finding.on(&violation.workload).at(violation.field.clone())
            }
            Violation::Reference(violation) => references::finding(plane, violation),
        })
        .collect()
}
