//! Checks that flyteadmin takes the events of flytepropeller, which come with the name that it has for its cluster.
//!
//! Source: flyteadmin `pkg/manager/impl/validation/shared_execution.go`, `ValidateCluster`.

use serde_json::Value;

use super::plane_view::{Container, PlaneView, read};
use crate::field_path::FieldPath;
use crate::flyteadmin::command::{Command, flags};
use crate::spec::{CredentialSource, Plane};
use crate::wire::ResId;

/// The setting that flytepropeller reads the name from.
const SETTING: &str = "propeller.cluster-id";

/// What flytepropeller sends unless it is told otherwise, and what flyteadmin takes for every cluster.
const DEFAULT: &str = "propeller";

/// A name that flyteadmin would refuse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The workload, or the ConfigMap or Secret.
    pub id: ResId,
    /// The field.
    pub field: FieldPath,
    /// The container.
    pub container: String,
    /// The name that flytepropeller would send; nothing if it must not be shown.
    pub got: Option<String>,
    /// The clusters whose executions it may run.
    pub clusters: Vec<String>,
}

/// Whether flyteadmin takes events of `producer` for executions that it sent to `cluster`.
#[must_use]
pub fn is_accepted(cluster: &str, producer: &str) -> bool {
    producer.is_empty() || producer == DEFAULT || producer == cluster
}

/// The names in the containers of a plane that are not accepted.
#[must_use]
pub fn check(plane: Plane, view: &PlaneView<'_>) -> Vec<Violation> {
    let clusters = clusters(plane, view);
    if clusters.is_empty() {
        return Vec::new();
    }
    let mut violations: Vec<Violation> = Vec::new();
    for container in view.containers() {
        let Some(Name { id, field, text, is_secret }) = name(view, &container) else { continue };
        // What a shell or a later tool puts in the place of a variable is not known.
        if text.contains('$') || clusters.iter().all(|cluster| is_accepted(cluster, &text)) {
            continue;
        }
        if violations.iter().any(|known| (&known.id, &known.field) == (&id, &field)) {
            continue;
        }
        violations.push(Violation {
            id,
            field,
            container: container.name.to_owned(),
            got: (!is_secret).then_some(text),
            clusters: clusters.clone(),
        });
    }
    violations
}

/// The clusters whose executions a flytepropeller of the plane may run.
fn clusters(plane: Plane, view: &PlaneView<'_>) -> Vec<String> {
    let spec = view.spec;
    let cluster = spec.cluster.as_ref().filter(|_| plane == Plane::Data);
    if let Some(cluster) = cluster {
        return vec![cluster.clone()];
    }
    let is_meant = |source: &CredentialSource| match plane {
        Plane::Control => matches!(source, CredentialSource::InCluster),
        Plane::Data => true,
    };
    spec.clusters.iter().filter(|cluster| is_meant(&cluster.source)).map(|cluster| cluster.name.clone()).collect()
}

/// The name that a container has for its cluster, and where.
struct Name {
    id: ResId,
    field: FieldPath,
    text: String,
    is_secret: bool,
}

/// A flag counts more than all files, and the last one more than those before it.
fn name<'o>(view: &PlaneView<'o>, container: &Container<'o>) -> Option<Name> {
    if container.command == Command::Webhook {
        return None;
    }
    if let Some((_, text)) = flags(container.value).into_iter().rfind(|(key, _)| key == SETTING) {
        let (id, field) = (container.workload.id.clone(), container.field.clone());
        return Some(Name { id, field, text, is_secret: false });
    }
    if container.command.may_read_clusters() && container.command != Command::Everything
        || container.command == Command::Secrets
    {
        return None;
    }
    let order = read(container, &view.files(container));
    let merged = view.merged(&order);
    let (file, setting) = merged.get(SETTING)?;
    let key = order[file];
    let text = match &setting.value {
        Value::String(text) => text.clone(),
        value @ (Value::Number(_) | Value::Bool(_)) => value.to_string(),
        _ => return None,
    };
    let id = view.objects[key.0].id.clone();
    Some(Name { id, field: view.field(key), text, is_secret: view.is_secret(key) })
}
