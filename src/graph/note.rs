//! What is noted of a resource by itself: all that may be a reference.

use std::borrow::Cow;
use std::sync::Arc;

use super::Strength;
use super::fields::Kind;
use super::labels::Selector;
use super::walk::Path;
use crate::field_path::FieldPath;
use crate::workload::PodTemplate;
use crate::yaml::view::Cursor;
use Strength::{Hard, Start};

/// What one resource says.
#[derive(Debug, Default)]
pub struct Note<'t> {
    /// What its fields name.
    pub references: Vec<Reference<'t>>,
    /// The labels of the pods that it makes; `None` when it makes none.
    pub pod_labels: Option<Vec<(Cow<'t, str>, Cow<'t, str>)>>,
    /// What may be host names in its text.
    pub hosts: Vec<Word>,
    /// What few kinds have.
    pub rare: Option<Box<Rare<'t>>>,
}

/// What few kinds say.
#[derive(Debug, Default)]
pub struct Rare<'t> {
    /// The names of the Secrets that a controller makes from it.
    pub secrets: Vec<Cow<'t, str>>,
    /// What a `CustomResourceDefinition` defines.
    pub definition: Option<Definition<'t>>,
    /// The API groups that the rules of a role name, each with its field.
    pub grants: Vec<(FieldPath, Cow<'t, str>)>,
    /// The ports of a Service.
    pub ports: Vec<u64>,
}

/// The kind that a `CustomResourceDefinition` defines.
#[derive(Debug)]
pub struct Definition<'t> {
    /// Its API group.
    pub group: Cow<'t, str>,
    /// Its name.
    pub kind: Cow<'t, str>,
    /// Whether its objects have no namespace.
    pub is_cluster_scoped: bool,
}

/// A field that names another resource.
#[derive(Debug)]
pub struct Reference<'t> {
    /// The field.
    pub field: FieldPath,
    /// What it says.
    pub names: Names<'t>,
    /// What breaks without a target.
    pub strength: Strength,
    /// Whether the referrer says that it can do without.
    pub optional: bool,
}

/// How a field names others.
#[derive(Debug)]
pub enum Names<'t> {
    /// By name.
    One(Kind, Cow<'t, str>, Beside<'t>),
    /// By labels, `Pod` or `Service`, in these namespaces; without any, in its own.
    Selected(&'static str, Selector, Vec<Cow<'t, str>>),
    /// By the labels of ClusterRoles.
    ClusterRoles(Selector),
    /// By a host name.
    Host(Cow<'t, str>),
}

/// What the fields beside a name say about it.
#[derive(Debug, Default)]
pub struct Beside<'t> {
    /// Its namespace.
    pub namespace: Option<Cow<'t, str>>,
    /// Its kind, with the API group where that is written as well.
    pub kind: Option<(Option<Cow<'t, str>>, Cow<'t, str>)>,
}

/// What may be the host name of a Service, if there is one of that name.
#[derive(Debug)]
pub struct Word {
    /// The field that holds the text.
    pub field: Arc<FieldPath>,
    /// The name, without a port.
    pub host: Box<str>,
    /// The port behind it.
    pub port: Option<u64>,
    /// Whether it is where a host is, so that a name alone counts.
    pub is_in_place: bool,
}

impl<'t> Beside<'t> {
    fn read(object: Cursor<'_, 't>) -> Self {
        let text = |key: &str| object.get(key).and_then(Cursor::text).filter(|text| !text.is_empty());
        let of_version = || text("apiVersion").map(|version| group_of(&version).to_owned().into());
        // A subject's `apiGroup` and a backend's `port` are beside names too; a kind comes with every group that counts.
        let kind = text("kind").map(|kind| (text("apiGroup").or_else(|| text("group")).or_else(of_version), kind));
        Self { namespace: text("namespace"), kind }
    }
}

fn group_of(api_version: &str) -> &str {
    api_version.rsplit_once('/').map_or("", |(group, _)| group)
}

/// The pod spec in an object, with its path.
pub fn pod_spec<'r, 't>(template: PodTemplate, object: Cursor<'r, 't>) -> Option<(Cursor<'r, 't>, FieldPath)> {
    let path = template.path_to(&["spec"]);
    let mut field = FieldPath::default();
    for step in &path {
        field.push_key(step);
    }
    Some((object.at(path)?, field))
}

/// Notes the name in `entry`, which an object with more fields is around.
pub fn note_name<'t>(
    note: &mut Note<'t>,
    kind: Kind,
    (beside, entry): (Option<Cursor<'_, 't>>, Cursor<'_, 't>),
    path: &Path<'_>,
    strength: Strength,
) {
    let Some(name) = entry.text().filter(|name| !name.is_empty()) else { return };
    let text = |key| beside.and_then(|beside| beside.get(key)).and_then(Cursor::text);
    let is_person = matches!(text("kind").as_deref(), Some("User" | "Group"));
    if is_person || beside.is_some_and(is_action_of_the_controller) {
        return;
    }
    let optional = beside.and_then(|beside| beside.get("optional")).is_some_and(is_true);
    let strength = if optional && strength == Start { Hard } else { strength };
    let names = Names::One(kind, name, beside.map(Beside::read).unwrap_or_default());
    note.references.push(Reference { field: path.field(), names, strength, optional });
}

/// Whether a value is `true`.
pub fn is_true(value: Cursor<'_, '_>) -> bool {
    value.value() == true
}

/// An Ingress backend of this port is no Service: the AWS controller finds an action of that name in an annotation.
fn is_action_of_the_controller(backend: Cursor<'_, '_>) -> bool {
    let port = backend.get("servicePort").or_else(|| backend.at(["port", "name"]));
    port.and_then(Cursor::text).as_deref() == Some("use-annotation")
}
