//! Connects members with what must exist before them: Namespaces, and the definitions of custom resources.

use serde_json::Value;

use super::fields::canonical_group;
use super::{Referrer, Sought, Strength, Wanted};
use crate::field_path::FieldPath;

/// Adds the Namespace, the definition, and the definitions whose group the referrer's rules name, where they are among
/// the resources; where they are not, they are made elsewhere.
pub fn collect(referrer: &mut Referrer<'_, '_>) {
    collect_namespace(referrer);
    collect_definition(referrer);
    collect_grants(referrer);
}

fn collect_namespace(referrer: &mut Referrer<'_, '_>) {
    let id = referrer.resource().id();
    let group = canonical_group(&id.gvk.group, &id.gvk.kind);
    let Some(namespace) = id.namespace.as_ref().filter(|_| !referrer.index.is_cluster_scoped(group, &id.gvk.kind))
    else {
        return;
    };
    let wanted = Wanted {
        group: Some("".into()),
        kind: "Namespace".into(),
        namespace: None,
        sought: Sought::Name(namespace.clone()),
    };
    let targets = referrer.index.targets(referrer.resource(), &wanted);
    if !targets.is_empty() {
        referrer.add("metadata.namespace".into(), wanted, targets, Strength::Membership, false);
    }
}

fn collect_definition(referrer: &mut Referrer<'_, '_>) {
    let gvk = &referrer.resource().id().gvk;
    let of_kind = referrer.index.definitions(&gvk.group).iter().filter(|definition| definition.kind == gvk.kind);
    let targets: Vec<usize> = of_kind.map(|definition| definition.index).collect();
    if !targets.is_empty() {
        let wanted = definitions_of(&gvk.group);
        referrer.add("apiVersion".into(), wanted, targets, Strength::Membership, false);
    }
}

fn collect_grants(referrer: &mut Referrer<'_, '_>) {
    let item = referrer.resource();
    if !matches!(item.id().gvk.kind.as_str(), "ClusterRole" | "Role") {
        return;
    }
    let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    for (position, rule) in list(item.value(), "rules").iter().enumerate() {
        for (element, group) in list(rule, "apiGroups").iter().enumerate() {
            let Some(group) = group.as_str() else { continue };
            let targets: Vec<usize> = referrer.index.definitions(group).iter().map(|found| found.index).collect();
            if !targets.is_empty() {
                let field = FieldPath::at("rules").index(position).then("apiGroups").index(element);
                referrer.add(field, definitions_of(group), targets, Strength::Grant, false);
            }
        }
    }
}

fn definitions_of(group: &str) -> Wanted {
    Wanted {
        group: Some("apiextensions.k8s.io".into()),
        kind: "CustomResourceDefinition".into(),
        namespace: None,
        sought: Sought::Group(group.to_owned()),
    }
}
