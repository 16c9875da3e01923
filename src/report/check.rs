//! Words for what does not hold between input and output.

mod flyte;

use std::collections::BTreeSet;

use super::{Finding, Severity, references};
use crate::check::Violation;
use crate::check::files::{self, Fault};
use crate::check::paths;
use crate::check::size::{self, Limiter};
use crate::field_path::FieldPath;
use crate::flyteadmin::section::Part;
use crate::spec::Plane;

/// One finding for each violation in `plane`.
#[must_use]
pub fn findings(plane: Plane, violations: &[Violation]) -> Vec<Finding> {
    violations
        .iter()
        .map(|violation| match violation {
            Violation::Credentials { id, misnamed, is_meant } => {
                super::classify::placed_credentials(plane, misnamed.as_ref(), *is_meant).on(id)
            }
            Violation::Partition(id) => Finding::error(format!(
                "must be in the {} under the id it came with; this is a defect of split-planes, so please report it",
                super::plane_name(plane)
            ))
            .on(id),
            Violation::Duplicate(id) => Finding::error(
                "must not be there, because split-planes makes a Secret of this name; rename it in \
                 `spec.clusters[].credentials` or in what makes it",
            )
            .on(id),
            Violation::OneName(id) => Finding::error(
                "must be one Secret, but both the credentials and the token of the data plane are to be in a Secret of this \
                 name; change `spec.dataPlane.serviceAccountToken.secretName` or `spec.credentials.secretName`",
            )
            .on(id),
            Violation::Empty => Finding::error(format!(
                "the {} must have a resource, because an empty output would delete everything",
                super::plane_name(plane)
            )),
            Violation::NoAccount { secret, account } => Finding::warning(format!(
                "ServiceAccount {account:?} must be among the resources, in the namespace of this Secret, which Kubernetes \
                 deletes without it; `spec.planes.external` can select it"
            ))
            .on(secret),
            Violation::Leak { id, field, cluster } => Finding {
                field: field.clone(),
                ..Finding::error(format!(
                    "must not hold the credentials of cluster {cluster:?}, because it goes to the data plane"
                ))
                .on(id)
            },
            Violation::Rights(violation) => flyte::rights(violation),
            Violation::ClusterId(violation) => flyte::cluster_id(plane, violation),
            Violation::Programs(violation) => flyte::program(violation),
            Violation::Host(violation) => flyte::host(plane, violation),
            Violation::Paths(violation) => {
                paths(violation).on(&violation.id).at(FieldPath::at("data").key(&violation.key))
            }
            Violation::Files(violation) => file(violation).on(&violation.id).at(violation.field.clone()),
            Violation::Size(violation) => size(violation).on(&violation.id),
            Violation::Reference(violation) => references::finding(plane, violation),
        })
        .collect()
}

fn file(violation: &files::Violation) -> Finding {
    match &violation.fault {
        Fault::MissingFile { container, path } => Finding::error(format!(
            "container {container:?} must have the file {path}, because flyteadmin panics without it"
        )),
        Fault::NotMounted { container, path, is_enabled } => {
            let severity = if *is_enabled { Severity::Error } else { Severity::Warning };
            Finding::new(
                severity,
                format!(
                    "container {container:?} must have the file {path}, because flyteadmin panics without it; add the container \
                     to `spec.credentials.mounts`"
                ),
            )
        }
        Fault::MustNotSee { container } => Finding::warning(format!(
            "container {container:?} must not see the `clusters` configuration, because `flyteadmin secrets` of v0.6.80 and \
             later refuses to start with it; keep it in a ConfigMap of its own with `spec.clusterConfig.targets[].create`, and this container \
             out of `spec.credentials.mounts`"
        )),
        Fault::NotRead { container, path, patterns, is_error } => {
            let severity = if *is_error { Severity::Error } else { Severity::Warning };
            Finding::new(
                severity,
                format!(
                    "container {container:?} must read {path}, where the `clusters` configuration is, but its command line says \
                     --config {}",
                    patterns.join(" and ")
                ),
            )
        }
        Fault::NoClusters { container, config_maps, is_selected } => no_clusters(container, config_maps, *is_selected),
        Fault::Overridden { by, key, is_text, parts, labels } => {
            let remedy = if *is_text {
                "target that key instead, or remove `clusters` from it"
            } else {
                "remove `clusters` from it"
            };
            Finding::error(format!(
                "must be the last file with {}, but {key:?} of {by} is read after it and replaces what is written here; {remedy}",
                named_parts(parts, labels)
            ))
        }
        Fault::Leftover { cluster, path, container } => Finding::warning(format!(
            "cluster {cluster:?} must be one of `spec.clusters`, but it was left in place and container {container:?} has \
             no file {path}, without which flyteadmin panics; put it back with `enabled: false` until its executions \
             have ended, then remove it here too"
        )),
        Fault::Stray { label, cluster } => Finding::warning(format!(
            "label {label:?} of `labelClusterMap` must name clusters that are there, but {cluster:?} is none of them; remove \
             it here, or add the cluster to `spec.clusters`"
        )),
        Fault::Removed { clusters } => Finding::error(format!(
            "must have clusters {} of the spec after all overrides, but an entry of `spec.overrides` removes them; take \
             `clusters` out of it",
            clusters.iter().map(|cluster| format!("{cluster:?}")).collect::<Vec<_>>().join(", ")
        )),
        Fault::Capitals { label } => Finding::warning(format!(
            "label {label:?} of `labelClusterMap` must be in lower case, because flyteadmin reads it as {:?}, so that executions with \
             the label as it is written never match; write it in lower case, or `labelClusterMap` as a list of mappings",
            label.to_lowercase()
        )),
        Fault::NoDefaultLabel => Finding::new(
            Severity::Info,
            "executions without a label go to a random enabled cluster; `spec.defaultExecutionLabel` says where they go \
             instead",
        ),
        Fault::NoReader => Finding::warning(
            "must be read by flyteadmin, and no container of the control plane is known to run it; nothing here reads the \
             `clusters` section; Flyte 2 has none",
        ),
    }
}

fn paths(violation: &paths::Violation) -> Finding {
    let paths::Violation { cluster, keys, before, .. } = violation;
    let quoted = |texts: &[String]| texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(" and ");
    Finding::warning(format!(
        "the Secret of `spec.credentials.source: Existing` must have {} for cluster {cluster:?}, but the configuration named {} \
         before; add these keys to it, or write paths below `spec.credentials.mountPath` here, which are kept",
        quoted(keys),
        quoted(before)
    ))
}

fn no_clusters(container: &str, config_maps: &[String], is_selected: bool) -> Finding {
    let target = match config_maps {
        [] => "mount a ConfigMap of `spec.clusterConfig.targets` where it reads configuration".to_owned(),
        _ => format!("add a key of {} to `spec.clusterConfig.targets`", config_maps.join(" or ")),
    };
    let (severity, mount) = if is_selected {
        (Severity::Error, "")
    } else {
        (Severity::Warning, ", and the container to `spec.credentials.mounts`")
    };
    Finding::new(
        severity,
        format!(
            "container {container:?} must read the `clusters` configuration, but sees none and works on its own cluster only; \
             {target}{mount}"
        ),
    )
}

/// What a file has of the section `clusters`, in words.
fn named_parts(parts: &BTreeSet<Part>, labels: &BTreeSet<String>) -> String {
    let named: Vec<String> = parts
        .iter()
        .map(|part| match part {
            Part::Clusters => "the list of clusters (`clusterConfigs`)".to_owned(),
            Part::Labels if labels.is_empty() => "`labelClusterMap`".to_owned(),
            Part::Labels => {
                let labels: Vec<String> = labels.iter().map(|label| format!("{label:?}")).collect();
                format!("`labelClusterMap` of {}", labels.join(", "))
            }
            Part::DefaultLabel => "`defaultExecutionLabel`".to_owned(),
        })
        .collect();
    named.join(" and with ")
}

fn size(violation: &size::Violation) -> Finding {
    let size::Violation { bytes, limit, .. } = violation;
    match violation.limiter {
        Limiter::Server => Finding::error(format!(
            "must not hold more than {limit} bytes, because the API server refuses more, but it has {bytes}; move its other keys to \
             another ConfigMap, or give the control plane fewer clusters"
        )),
        Limiter::ClientSideApply => Finding::warning(format!(
            "must be applied with `kubectl apply --server-side`, because a client-side apply cannot annotate it with more than \
             {limit} bytes and it takes {bytes}"
        )),
    }
}
