//! Words for what is missing in the Flyte that comes out: what its programs need, hosts that cannot be reached, missing rights.

use crate::check::account;
use crate::check::cluster_id;
use crate::check::hosts::{self, Fault as HostFault};
use crate::check::programs::{self, Fault};
use crate::field_path::FieldPath;
use crate::report::{Finding, plane_name};
use crate::spec::Plane;
use crate::wire::ResId;

/// The finding for what a program needs.
pub(super) fn program(violation: &programs::Violation) -> Finding {
    let finding = match &violation.fault {
        Fault::NoEngine { cluster, propeller, definition } => {
            Finding::warning(no_engine(cluster, propeller.as_deref(), definition.as_deref()))
        }
        Fault::Insecure { container, setting, endpoint } => Finding::warning(format!(
            "`{setting}` must not be true for {endpoint:?}, which is not in the cluster: container {container:?} would send \
             everything unencrypted; set it to false in this plane with `spec.overrides`"
        )),
        Fault::NoFile { container, setting, config, path } => Finding::warning(format!(
            "container {container:?} must have the file {path}, `{setting}` of {config} names it; mount the Secret that has \
             it, or change the setting in this plane with `spec.overrides`"
        )),
        Fault::DefaultSecret => Finding::warning(
            "must not have the client secret that everybody knows, the default of the chart; set a secret of your own \
             (`secrets.adminOauthClientCredentials.clientSecret`), or an empty one if no authentication is configured",
        ),
        Fault::OverrideWithoutEffect { by, key, setting, container } => Finding::error(format!(
            "`{setting}` must be overridden where it counts: container {container:?} reads {key:?} of {by} instead, which has \
             it too; override it there, or remove it from there"
        )),
    };
    placed(finding, violation.id.as_ref(), &violation.field)
}

fn no_engine(cluster: &str, propeller: Option<&[ResId]>, definition: Option<&[ResId]>) -> String {
    let missing = match (propeller, definition) {
        (Some(_), Some(_)) => "no flytepropeller and no CustomResourceDefinition of FlyteWorkflow",
        (Some(_), None) => "no flytepropeller",
        _ => "no CustomResourceDefinition of FlyteWorkflow",
    };
    let there: Vec<String> = [propeller, definition].into_iter().flatten().flatten().map(ToString::to_string).collect();
    let remedy = if there.is_empty() {
        "add them".to_owned()
    } else {
        format!("select {} with what they use in `spec.planes.both`", there.join(" and "))
    };
    format!(
        "cluster {cluster:?} is the control plane's own, and there is {missing} in the control plane: executions that are \
         sent to it never start; {remedy}, or apply the data plane of this cluster beside the control plane, or set \
         `enabled: false`"
    )
}

/// The finding for a name that flyteadmin refuses.
pub(super) fn cluster_id(plane: Plane, violation: &cluster_id::Violation) -> Finding {
    let cluster_id::Violation { id, field, container, got, clusters } = violation;
    let got = got.as_ref().map_or_else(|| "another name".to_owned(), |got| format!("{got:?}"));
    let wanted = clusters.iter().map(|cluster| format!("{cluster:?}")).collect::<Vec<_>>().join(", ");
    let remedy = match plane {
        Plane::Control => "leave it out here, or set it in this plane with `spec.overrides`",
        Plane::Data => "leave it out here, or let `spec.dataPlane.clusterId` write it",
    };
    Finding::error(match &clusters[..] {
        [_] => format!(
            "`propeller.cluster-id` of container {container:?} must be {wanted}, the name of the cluster in `spec.clusters`, but is \
             {got}: flyteadmin refuses events with any other name; {remedy}"
        ),
        _ => format!(
            "`propeller.cluster-id` of container {container:?} must not be {got} in the data planes of several clusters \
             ({wanted}): flyteadmin refuses events of executions that it sent to another cluster; {remedy}, with \
             `spec.cluster` for the data plane of each"
        ),
    })
    .on(id)
    .at(field.clone())
}

/// The finding for a host.
pub(super) fn host(plane: Plane, violation: &hosts::Violation) -> Finding {
    let host = &violation.host;
    let finding = Finding::warning(match &violation.fault {
        HostFault::Placeholder { clusters } => {
            let of = match &clusters[..] {
                [] => String::new(),
                [cluster] => format!(" of cluster {cluster:?}"),
                [cluster, others @ ..] => {
                    format!(" of cluster {cluster:?} ({} more have such a host: {})", others.len(), few(others))
                }
            };
            format!("must be a host of yours, {host:?}{of} is a placeholder that examples use")
        }
        HostFault::Loopback { cluster } => format!(
            "must be reachable from the pods of flyteadmin, {host:?} of cluster {cluster:?} means the pod itself or the \
             machine of a developer; use the address that the API server has for other clusters: for kind, \
             `kind get kubeconfig --internal`; for k3d, the container's name and port 6443"
        ),
        HostFault::NoService { service } => format!(
            "{host:?} must be the host of a Service that is there, Service \"{}/{}\" is not among the resources; override it \
             for the {} with `spec.overrides`, or select the Service in `spec.planes.external` if it is made elsewhere",
            service.effective_namespace(),
            service.name,
            plane_name(plane)
        ),
    });
    placed(finding, violation.id.as_ref(), &violation.field)
}

/// Some names out of many.
fn few(names: &[String]) -> String {
    const FEW: usize = 5;
    let shown = names.iter().take(FEW).map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    if names.len() > FEW { format!("{shown}, …") } else { shown }
}

/// The finding for an account without rights.
pub(super) fn rights(violation: &account::Violation) -> Finding {
    let missing: Vec<String> = violation.missing.iter().map(ToString::to_string).collect();
    Finding::error(format!(
        "must have its rights in the data plane too, where the control plane acts with its token \
         (`spec.dataPlane.serviceAccountToken`); select {} in `spec.planes.both`",
        missing.join(" and ")
    ))
    .on(&violation.account)
    .at(FieldPath::at("metadata.name"))
}

fn placed(finding: Finding, id: Option<&ResId>, field: &FieldPath) -> Finding {
    let finding = match id {
        Some(id) => finding.on(id),
        None => finding,
    };
    finding.at(field.clone())
}
