//! Finds what the fields of a resource name: each becomes a reference.

use std::borrow::Cow;

use super::fields::{ANY_NAMESPACE, CLUSTER_ROLE, Kind, SERVICE, canonical_group};
use super::labels::Selector;
use super::note::{Beside, Names, Reference};
use super::{Referrer, Sought, Strength, Wanted};
use crate::field_path::FieldPath;
use Strength::Attachment;

/// Adds what the referrer's fields name.
pub(super) fn collect(referrer: &mut Referrer<'_, '_>, references: Vec<Reference<'_>>) {
    for Reference { field, names, strength, optional } in references {
        match names {
            Names::One(kind, name, beside) => {
                let wanted = wanted(referrer, kind, &name, &beside);
                referrer.refer(field, wanted, strength, optional);
            }
            Names::Selected(kind, selector, namespaces) => {
                collect_selected(referrer, kind, &selector, &namespaces, field);
            }
            Names::ClusterRoles(selector) => collect_cluster_roles(referrer, &selector, field, strength),
            Names::Host(host) => collect_host(referrer, &host, field, strength),
        }
    }
}

/// What a name means, with the fields beside it that say more.
fn wanted(referrer: &Referrer<'_, '_>, (group, kind): Kind, name: &str, beside: &Beside<'_>) -> Wanted {
    // No name has a slash: annotations and Istio write `namespace/name` in one.
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (beside.namespace.as_deref(), name),
    };
    let written = beside.kind.as_ref().map(|(group, kind)| (group.as_deref(), kind.as_ref()));
    let (group, kind): (_, Cow<'static, str>) = match written {
        Some((written_group, written_kind)) if written_kind != kind => (written_group, written_kind.to_owned().into()),
        Some((Some(written_group), _)) => (Some(written_group), kind.into()),
        _ => (Some(group), kind.into()),
    };
    let group = group.map(|group| canonical_group(group, &kind).to_owned());
    let own = referrer.resource().id();
    let is_cluster_scoped = referrer.index.is_cluster_scoped(group.as_deref().unwrap_or_default(), &kind);
    // A subject without a namespace gets that of the ServiceAccount it names when kustomize resolves it.
    let implied = if kind == "ServiceAccount" && own.gvk.kind == "ClusterRoleBinding" {
        ANY_NAMESPACE
    } else {
        own.effective_namespace()
    };
    Wanted {
        group: group.map(Into::into),
        namespace: (!is_cluster_scoped).then(|| namespace.unwrap_or(implied).to_owned()),
        kind,
        sought: Sought::Name(name.to_owned()),
    }
}

fn collect_selected(
    referrer: &mut Referrer<'_, '_>,
    kind: &'static str,
    selector: &Selector,
    namespaces: &[Cow<'_, str>],
    field: FieldPath,
) {
    let own = [Cow::Borrowed(referrer.resource().id().effective_namespace())];
    let namespaces = if namespaces.is_empty() { &own } else { namespaces };
    let select = |namespace: &Cow<'_, str>| match kind {
        "Service" => referrer.index.services(namespace, selector),
        _ => referrer.index.pods(namespace, selector),
    };
    let targets = namespaces.iter().flat_map(select).collect();
    let wanted = Wanted {
        group: Some("".into()),
        kind: kind.into(),
        namespace: Some(namespaces.join(",")),
        sought: Sought::Labels(selector.to_string()),
    };
    referrer.add(field, wanted, targets, Attachment, false);
}

/// Adds the ClusterRoles that are selected, if some are among the resources; an aggregation may well wait for others.
fn collect_cluster_roles(referrer: &mut Referrer<'_, '_>, selector: &Selector, field: FieldPath, strength: Strength) {
    let targets = referrer.index.cluster_roles(selector);
    if !targets.is_empty() {
        let (group, kind) = CLUSTER_ROLE;
        let sought = Sought::Labels(selector.to_string());
        let wanted = Wanted { group: Some(group.into()), kind: kind.into(), namespace: None, sought };
        referrer.add(field, wanted, targets, strength, false);
    }
}

/// Adds the Service of a host, where it is among the resources: `name` or, in full, `name.namespace.svc.cluster.local`.
fn collect_host(referrer: &mut Referrer<'_, '_>, host: &str, field: FieldPath, strength: Strength) {
    let labels: Vec<&str> = host.split('.').collect();
    let name = match labels[..] {
        [name] => name.to_owned(),
        [name, namespace, "svc", ..] => format!("{namespace}/{name}"),
        _ => return,
    };
    let wanted = wanted(referrer, SERVICE, &name, &Beside::default());
    let targets = referrer.index.targets(referrer.resource(), &wanted);
    if !targets.is_empty() {
        referrer.add(field, wanted, targets, strength, false);
    }
}
