//! Reads a resource once and notes all that may be a reference.

use std::borrow::Cow;

use super::fields::{
    ANNOTATIONS, ANY_NAMESPACE, CONTAINER, FIELDS, Field, Holds, POD, SERVICE_ACCOUNT, canonical_group,
};
use super::labels::{Selector, equality_selector, label_selector};
use super::note::{Beside, Definition, Names, Note, Rare, Reference, is_true, note_name, pod_spec};
use super::walk::{self, Path};
use super::{Strength, custom, hosts, makers};
use crate::field_path::FieldPath;
use crate::wire::Resource;
use crate::workload::{CONTAINER_LISTS, PodTemplate, pod_template};
use crate::yaml::view::Cursor;
use Holds::{ClusterRoles, Host, Name, PodLabels, Pods, PodsAcross, ServicesAcross};
use Strength::{Hard, Start};

/// Notes what `item` says, whose object is `object`.
#[must_use]
pub fn note<'t>(item: &Resource<'_>, object: Cursor<'_, 't>) -> Note<'t> {
    let gvk = &item.id().gvk;
    let mut note = Note::default();
    let secrets = makers::secrets_made_by(item, object);
    if !secrets.is_empty() {
        note.rare = Some(Box::new(Rare { secrets, ..Rare::default() }));
    }
    let kind = (canonical_group(&gvk.group, &gvk.kind), gvk.kind.as_str());
    let fields = || FIELDS.iter().filter(|(kinds, _)| kinds.contains(&kind)).flat_map(|(_, fields)| *fields);
    let template = pod_template(item.id());
    if let Some(template) = template {
        note_pod(&mut note, template, object, &gvk.kind);
    }
    for field in fields() {
        note_field(&mut note, object, &Path::At(&FieldPath::default()), field);
    }
    for (_, annotation, named) in ANNOTATIONS.iter().filter(|(of, ..)| of.contains(&kind)) {
        if let Some(name) = item.annotation(annotation) {
            let names = Names::One(*named, name.to_owned().into(), Beside::default());
            let field = FieldPath::at("metadata.annotations").key(annotation);
            note.references.push(Reference { field, names, strength: Hard, optional: false });
        }
    }
    if template.is_none() && fields().next().is_none() {
        custom::note(&mut note, item, object);
    }
    match kind.1 {
        "CustomResourceDefinition" => note.rare.get_or_insert_default().definition = Some(definition(object)),
        "ClusterRole" | "Role" => note_grants(&mut note, object),
        _ => {}
    }
    if hosts::is_service(item) {
        note.rare.get_or_insert_default().ports = hosts::ports(object);
    }
    note.hosts = hosts::words(item, object);
    note
}

fn definition<'t>(object: Cursor<'_, 't>) -> Definition<'t> {
    let text = |keys: &[&str]| object.at(keys.iter().copied()).and_then(Cursor::text).unwrap_or_default();
    Definition {
        group: text(&["spec", "group"]),
        kind: text(&["spec", "names", "kind"]),
        is_cluster_scoped: text(&["spec", "scope"]) == "Cluster",
    }
}

fn note_grants<'t>(note: &mut Note<'t>, object: Cursor<'_, 't>) {
    let mut grants = Vec::new();
    walk::each(object, "rules[].apiGroups[]", &Path::At(&FieldPath::default()), &mut |group, path| {
        grants.extend(group.text().map(|group| (path.field(), group)));
    });
    note.rare.get_or_insert_default().grants = grants;
}

fn note_pod<'t>(note: &mut Note<'t>, template: PodTemplate, object: Cursor<'_, 't>, kind: &str) {
    if kind != "PodTemplate" {
        let labels = object.at(template.path_to(&["metadata", "labels"]));
        let labels = labels.into_iter().flat_map(Cursor::entries);
        note.pod_labels = Some(labels.filter_map(|(key, value)| Some((key, value.text()?))).collect());
    }
    let Some((pod, path)) = pod_spec(template, object) else { return };
    let path = Path::At(&path);
    for field in &POD {
        note_field(note, pod, &path, field);
    }
    for list in CONTAINER_LISTS {
        let containers = pod.get(list).into_iter().flat_map(Cursor::items).enumerate();
        for (position, container) in containers {
            for field in &CONTAINER {
                note_field(note, container, &Path::Position(&Path::Key(&path, list), position), field);
            }
        }
    }
    if pod.get("serviceAccountName").is_none() && pod.get("serviceAccount").is_none() {
        // A pod that names no ServiceAccount runs as its namespace's `default`, which may be written to carry pull secrets.
        let names = Names::One(SERVICE_ACCOUNT, "default".into(), Beside::default());
        let field = Path::Key(&path, "serviceAccountName").field();
        note.references.push(Reference { field, names, strength: Start, optional: false });
    }
}

fn note_field<'t>(note: &mut Note<'t>, value: Cursor<'_, 't>, path: &Path<'_>, (at, holds, strength): &Field) {
    walk::each_entry(value, at, path, &mut |beside, entry, path| {
        let selected =
            |kind, selector: Option<Selector>, namespaces| Some(Names::Selected(kind, selector?, namespaces));
        let names = match holds {
            Name(kind) => return note_name(note, *kind, (Some(beside), entry), path, *strength),
            PodLabels => selected("Pod", equality_selector(entry), Vec::new()),
            Pods => selected("Pod", label_selector(entry), Vec::new()),
            PodsAcross => selected("Pod", label_selector(entry), namespaces(beside)),
            ServicesAcross => selected("Service", label_selector(entry), namespaces(beside)),
            ClusterRoles => label_selector(entry).map(Names::ClusterRoles),
            Host => Some(Names::Host(entry.text().unwrap_or_default())),
        };
        let reference = |names| Reference { field: path.field(), names, strength: *strength, optional: false };
        note.references.extend(names.map(reference));
    });
}

/// The namespaces that a monitor's `namespaceSelector` names; none for its own.
fn namespaces<'t>(spec: Cursor<'_, 't>) -> Vec<Cow<'t, str>> {
    let Some(selector) = spec.get("namespaceSelector") else { return Vec::new() };
    if selector.get("any").is_some_and(is_true) {
        return vec![ANY_NAMESPACE.into()];
    }
    selector.get("matchNames").into_iter().flat_map(Cursor::items).filter_map(Cursor::text).collect()
}
