//! Checks the hosts of endpoints and configuration: a placeholder cannot be reached, the loopback interface of another
//! machine, or a Service that is not there.

use std::collections::BTreeSet;

use serde_json::Value;

use super::plane_view::PlaneView;
use crate::field_path::FieldPath;
use crate::flyteadmin::host::Host;
use crate::graph::{Services, strange_hosts};
use crate::spec::{Override, Selector};
use crate::wire::{ResId, Resource};

/// A host, where it is, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The resource; nothing for a field of the spec.
    pub id: Option<ResId>,
    /// The field path.
    pub field: FieldPath,
    /// The host as it is written.
    pub host: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is a name that examples use; the clusters that have such a name, none for other fields.
    Placeholder {
        /// The clusters' names.
        clusters: Vec<String>,
    },
    /// It means the pod that uses it.
    Loopback {
        /// The cluster's name.
        cluster: String,
    },
    /// It is the name of a Service that is not among the resources.
    NoService {
        /// The Service.
        service: ResId,
    },
}

/// The endpoints of the clusters as they are written under the targets.
#[must_use]
pub fn endpoints(view: &PlaneView<'_>, targets: &[(ResId, String)]) -> Vec<Violation> {
    let position = |id: &ResId| view.objects.iter().position(|object| object.id == *id);
    let mut sections = targets.iter().filter_map(|(id, key)| view.section((position(id)?, key.as_str())));
    let Some(clusters) = sections.find_map(|section| section.clusters) else { return Vec::new() };
    let mut violations = Vec::new();
    let mut placeholders: Vec<(usize, String, String)> = Vec::new();
    for (index, cluster) in view.spec.clusters.iter().enumerate() {
        let written = clusters.iter().find(|written| written.name == cluster.name);
        let Some(endpoint) = written.and_then(|written| written.endpoint.as_deref()) else { continue };
        let Some(host) = Host::read(endpoint) else { continue };
        if host.is_loopback() {
            violations.push(Violation {
                id: None,
                field: endpoint_field(index),
                host: host.name().to_owned(),
                fault: Fault::Loopback { cluster: cluster.name.clone() },
            });
        }
        if host.is_placeholder() {
            placeholders.push((index, cluster.name.clone(), host.name().to_owned()));
        }
    }
    if let Some((index, _, host)) = placeholders.first().cloned() {
        let clusters = placeholders.into_iter().map(|(_, cluster, _)| cluster).collect();
        let fault = Fault::Placeholder { clusters };
        violations.push(Violation { id: None, field: endpoint_field(index), host, fault });
    }
    violations
}

fn endpoint_field(index: usize) -> FieldPath {
    FieldPath::at("spec.clusters").index(index).key("endpoint")
}

/// The placeholders in the values of overrides.
pub fn overrides<'s>(made: impl Iterator<Item = &'s Override>) -> Vec<Violation> {
    let mut violations = Vec::new();
    for change in made {
        placeholders(&Value::Object(change.merge.clone()), &change.merge_field, &mut violations);
    }
    violations
}

fn placeholders(value: &Value, field: &FieldPath, violations: &mut Vec<Violation>) {
    match value {
        Value::String(text) => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            let hosts = text.split(|c| !is_part(c)).filter_map(Host::read);
            if let Some(host) = hosts.into_iter().find(Host::is_placeholder) {
                violations.push(Violation {
                    id: None,
                    field: field.clone(),
                    host: host.name().to_owned(),
                    fault: Fault::Placeholder { clusters: Vec::new() },
                });
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                placeholders(element, &field.index(at), violations);
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                placeholders(value, &field.key(key), violations);
            }
        }
        _ => {}
    }
}

/// The hosts of Services that are not there, in the namespaces of the deployment.
pub fn strangers<'w>(
    written: impl Iterator<Item = &'w Resource<'w>>,
    items: &[Resource<'_>],
    namespaces: &BTreeSet<&str>,
    external: &[Selector],
) -> Vec<Violation> {
    let services = Services::new(items);
    let mut violations: Vec<Violation> = Vec::new();
    for resource in written.filter(|resource| resource.text().contains(".svc") || resource.text().contains('\\')) {
        for stranger in strange_hosts(resource, &services, namespaces) {
            let service = ResId::core("Service", Some(&stranger.namespace), &stranger.service);
            let violation = Violation {
                id: Some(resource.id().clone()),
                field: stranger.field,
                host: stranger.host,
                fault: Fault::NoService { service: service.clone() },
            };
            let is_known = |known: &Violation| {
                known.id == violation.id && known.field == violation.field && known.fault == violation.fault
            };
            if !external.iter().any(|selector| selector.matches_id(&service)) && !violations.iter().any(is_known) {
                violations.push(violation);
            }
        }
    }
    violations
}
