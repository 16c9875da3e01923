//! Connects members with what must exist before them: Namespaces, and the definitions of custom resources.

use std::borrow::Cow;

use super::fields::canonical_group;
use super::note::{Definition, Note};
use super::{Referrer, Sought, Strength, Wanted};
use crate::field_path::FieldPath;

/// Adds the Namespace, the definition, and the definitions whose group the referrer's rules name, where they are among
/// the resources; where they are not, they are made elsewhere.
pub fn collect(referrer: &mut Referrer<'_, '_>, note: &Note<'_>) {
    collect_namespace(referrer);
    collect_definition(referrer);
    if let Some(rare) = &note.rare {
        collect_grants(referrer, &rare.grants);
    }
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
        referrer.add(FieldPath::at("metadata.namespace"), wanted, targets, Strength::Membership, false);
    }
}

fn collect_definition(referrer: &mut Referrer<'_, '_>) {
    let gvk = &referrer.resource().id().gvk;
    let definitions = referrer.index.definitions(&gvk.group).iter();
    let targets = positions(definitions.filter(|(_, definition)| definition.kind == gvk.kind));
    if !targets.is_empty() {
        let wanted = definitions_of(&gvk.group);
        referrer.add(FieldPath::at("apiVersion"), wanted, targets, Strength::Membership, false);
    }
}

fn collect_grants(referrer: &mut Referrer<'_, '_>, grants: &[(FieldPath, Cow<'_, str>)]) {
    for (field, group) in grants {
        let targets = positions(referrer.index.definitions(group));
        if !targets.is_empty() {
            referrer.add(field.clone(), definitions_of(group), targets, Strength::Grant, false);
        }
    }
}

fn positions<'d>(definitions: impl IntoIterator<Item = &'d (usize, &'d Definition<'d>)>) -> Vec<usize> {
    definitions.into_iter().map(|(position, _)| *position).collect()
}

fn definitions_of(group: &str) -> Wanted {
    Wanted {
        group: Some("apiextensions.k8s.io".into()),
        kind: "CustomResourceDefinition".into(),
        namespace: None,
        sought: Sought::Group(group.to_owned()),
    }
}
