//! Plans the credentials volume, its mounts and the checksum annotation in pod templates.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{
    KeyToPath, ProjectedVolumeSource, SecretProjection, SecretVolumeSource, Volume, VolumeMount, VolumeProjection,
};
use serde_json::{Value, json};

use super::draft::Draft;
use crate::credentials::Projection;
use crate::field_path::FieldPath;
use crate::flyteadmin::command::Command;
use crate::flyteadmin::is_credential_key;
use crate::wire::Resource;
use crate::wire::annotations::CHECKSUM;
use crate::workload::{CONTAINER_LISTS, PodTemplate, list, text};

/// What is mounted, and where.
#[derive(Debug, Clone)]
pub struct CredentialsVolume<'s> {
    /// The Secrets whose keys are the files; one whole Secret is a volume of its own, anything else a projected one.
    pub secrets: Vec<Projection>,
    /// The name the Secret is known by; the volume's name is made of it.
    pub secret_name: &'s str,
    /// The directory in the containers.
    pub mount_path: &'s str,
    /// The volumes of the pod that an earlier run made: they are changed where they differ.
    pub earlier: BTreeSet<String>,
}

/// A volume or mount that is there already and differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The path of the field: `spec.template.spec.volumes[1]`.
    pub field: FieldPath,
    /// What is there.
    pub found: Found,
}

/// What is in the place of the volume or mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A volume of that name with another source.
    Volume,
    /// A mount of that volume at another path, or of a part of it.
    Mount,
    /// A mount of another volume at that path.
    Path,
}

/// The volume's name: an object's name may have dots and 253 characters, a volume's may not (RFC 1123 label).
#[must_use]
pub fn volume_name(object: &str) -> String {
    let name: String = object.replace('.', "-").chars().take(63).collect();
    name.trim_end_matches('-').to_owned()
}

/// The names of the containers of a pod template, init containers behind.
pub fn containers(template: PodTemplate, object: &Value) -> impl Iterator<Item = &str> {
    let lists = CONTAINER_LISTS.iter().filter_map(move |list| template.get(object, &["spec", list])?.as_array());
    lists.flatten().map(|container| text(container, "name"))
}

/// Plans the volume, and a mount in each container that `is_wanted`.
///
/// What is there and does the same is left alone: whether a mount is read-only, which mode files have, and what a volume
/// of the same Secrets is called do not matter.
///
/// # Errors
///
/// Every volume and mount that is there and differs.
pub fn mount(
    draft: &mut Draft,
    template: PodTemplate,
    volume: &CredentialsVolume<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<(), Vec<Difference>> {
    let mut differences = Vec::new();
    let spec = template.path_to(&["spec"]);
    let carriers = carriers(draft, template, &volume.secrets);
    let mut is_used = false;
    for containers in CONTAINER_LISTS {
        let path = [spec.as_slice(), &[containers]].concat();
        for at in 0..draft.length(&path) {
            let is_wanted = is_wanted(text(&draft.list(&path)[at], "name"));
            let index = at.to_string();
            let container = [path.as_slice(), &[&index]].concat();
            if !is_wanted {
                forget_mount(draft, &container, volume);
                continue;
            }
            is_used |= add_mount(draft, &container, volume, &carriers, &mut differences);
        }
    }
    if is_used {
        add_volume(draft, &spec, volume, &mut differences);
    }
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

/// What tells the volumes of an earlier run from those of the user.
pub struct EarlierFiles<'e> {
    /// Whether an earlier run made the Secret of a name.
    pub is_made: &'e dyn Fn(&str) -> bool,
    /// The directories in which flyteadmin's configuration names the files of the clusters.
    pub directories: &'e BTreeSet<String>,
}

/// The volumes that an earlier run made: all that is in them are files of clusters, and they have the name that this
/// function gives them.
#[must_use]
pub fn earlier_volumes(template: PodTemplate, object: &Value, files: &EarlierFiles<'_>) -> BTreeSet<String> {
    let read: BTreeSet<&str> = mounts(template, object)
        .filter(|mount| files.directories.contains(text(mount, "mountPath").trim_end_matches('/')))
        .map(|mount| text(mount, "name"))
        .collect();
    let is_earlier = |volume: &Volume| {
        let is_read = read.contains(volume.name.as_str());
        let is_named_after = |secret: &str| {
            let whole = secret.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
            [secret, whole].iter().any(|name| volume_name(name) == volume.name)
        };
        let is_whole = |secret: &str| is_named_after(secret) && (is_read || (files.is_made)(secret));
        let is_own = |(secret, items): &(&str, &[KeyToPath])| match items {
            [] => is_whole(secret),
            _ => items.iter().all(|item| is_credential_key(&item.path)),
        };
        let Some(sources) = only_secrets(volume) else { return false };
        let is_known = is_read || sources.iter().any(|(secret, items)| items.is_empty() && is_whole(secret));
        is_known && sources.iter().all(is_own)
    };
    volumes(template, object).filter(is_earlier).map(|volume| volume.name).collect()
}

/// The volumes of a pod.
fn volumes(template: PodTemplate, object: &Value) -> impl Iterator<Item = Volume> {
    let volumes = template.get(object, &["spec", "volumes"]).and_then(Value::as_array);
    volumes.into_iter().flatten().filter_map(|value| serde_json::from_value::<Volume>(value.clone()).ok())
}

/// The mounts in all containers of a pod.
fn mounts(template: PodTemplate, object: &Value) -> impl Iterator<Item = &Value> {
    let lists = CONTAINER_LISTS.iter().filter_map(move |list| template.get(object, &["spec", list])?.as_array());
    lists.flatten().flat_map(|container| list(container, "volumeMounts"))
}

/// The Secrets of a volume, each with the keys that are taken of it; nothing if it has something else.
fn only_secrets(volume: &Volume) -> Option<Vec<(&str, &[KeyToPath])>> {
    if let Some(source) = &volume.secret {
        return Some(vec![(source.secret_name.as_deref()?, source.items.as_deref().unwrap_or_default())]);
    }
    let sources = volume.projected.as_ref()?.sources.as_ref()?.iter();
    let sources = sources.map(|source| source.secret.as_ref());
    sources
        .map(|secret| secret.map(|secret| (secret.name.as_str(), secret.items.as_deref().unwrap_or_default())))
        .collect()
}

/// Whether this function marked the pod template: as one whose containers have the credentials, or read what it changed.
#[must_use]
pub fn has_checksum(template: PodTemplate, workload: &Resource<'_>) -> bool {
    workload.may_hold(CHECKSUM) && template.get(workload.value(), &["metadata", "annotations", CHECKSUM]).is_some()
}

/// The directories at which a pod mounts a volume as a whole.
pub fn directories<'v>(template: PodTemplate, object: &'v Value, volume: &str) -> BTreeSet<&'v str> {
    let is_whole = |mount: &&Value| text(mount, "name") == volume && !is_part(mount);
    mounts(template, object).filter(is_whole).map(|mount| text(mount, "mountPath").trim_end_matches('/')).collect()
}

/// Whether a mount is of a part of its volume.
fn is_part(mount: &Value) -> bool {
    ["subPath", "subPathExpr"].iter().any(|key| !text(mount, key).is_empty())
}

/// The names of the Secrets that are files of a volume.
fn secrets(volume: &Volume) -> impl Iterator<Item = &str> {
    let whole = volume.secret.iter().filter_map(|source| source.secret_name.as_deref());
    let sources = volume.projected.iter().flat_map(|source| source.sources.iter().flatten());
    whole.chain(sources.filter_map(|source| Some(source.secret.as_ref()?.name.as_str())))
}

/// Whether a pod has a volume with files of the Secret.
#[must_use]
pub fn has_volume_of(template: PodTemplate, object: &Value, secret: &str) -> bool {
    volumes(template, object).any(|volume| secrets(&volume).any(|name| name == secret))
}

/// Plans the removal of volumes and of every mount of them.
pub fn forget(draft: &mut Draft, template: PodTemplate, volumes: &BTreeSet<String>) {
    if volumes.is_empty() {
        return;
    }
    let spec = template.path_to(&["spec"]);
    for list in CONTAINER_LISTS {
        let containers = [spec.as_slice(), &[list]].concat();
        for at in 0..draft.list(&containers).len() {
            let at = at.to_string();
            let mounts = [containers.as_slice(), &[&at, "volumeMounts"]].concat();
            draft.remove_elements(&mounts, |mount| volumes.contains(text(mount, "name")));
        }
    }
    draft.remove_elements(&[spec.as_slice(), &["volumes"]].concat(), |volume| volumes.contains(text(volume, "name")));
}

/// Plans the removal of the mount of an earlier run from a container that is not to have it any more. One that works on the
/// clusters keeps it: it would not start without the files.
fn forget_mount(draft: &mut Draft, container: &[&str], volume: &CredentialsVolume<'_>) {
    let name = volume_name(volume.secret_name);
    let reads_clusters = draft.get(container).is_some_and(|container| Command::of(container).reads_clusters());
    if !volume.earlier.contains(&name) || reads_clusters {
        return;
    }
    let is_own = |mount: &Value| text(mount, "name") == name && mount.as_object().is_some_and(|keys| keys.len() == 2);
    draft.remove_elements(&[container, &["volumeMounts"]].concat(), is_own);
}

/// Plans the removal of the checksum annotation.
pub fn remove_checksum(draft: &mut Draft, template: PodTemplate) {
    let all = template.path_to(&["metadata", "annotations"]);
    let is_only = draft.get(&all).and_then(Value::as_object).is_some_and(|all| all.len() == 1);
    let own = template.path_to(&["metadata", "annotations", CHECKSUM]);
    if draft.get(&own).is_some() {
        draft.remove(if is_only { &all } else { &own });
    }
}

/// Plans the checksum annotation of a pod template: a changed checksum makes the workload roll its pods.
pub fn annotate(draft: &mut Draft, template: PodTemplate, checksum: &str) {
    let path = template.path_to(&["metadata", "annotations", CHECKSUM]);
    draft.set(&path, json!(checksum));
}

fn add_volume(draft: &mut Draft, spec: &[&str], volume: &CredentialsVolume<'_>, differences: &mut Vec<Difference>) {
    let path = [spec, &["volumes"]].concat();
    let name = volume_name(volume.secret_name);
    let existing = draft.list(&path).iter().position(|existing| text(existing, "name") == name);
    match existing {
        None => draft.push(&path, json!(source(name, &volume.secrets))),
        Some(at) => {
            let existing: Volume = serde_json::from_value(draft.list(&path)[at].clone()).unwrap_or_default();
            let is_earlier = volume.earlier.contains(&name);
            let is_known = |secret: &str| volume.secrets.iter().any(|wanted| wanted.secret == secret);
            let has_others = is_earlier && !secrets(&existing).all(is_known);
            if carries(&existing, &volume.secrets) && !has_others {
                return;
            }
            if is_earlier {
                let index = at.to_string();
                draft.set(&[path.as_slice(), &[&index]].concat(), json!(source(name, &volume.secrets)));
            } else {
                differences.push(Difference { field: draft.field(&path).index(at), found: Found::Volume });
            }
        }
    }
}

fn source(name: String, secrets: &[Projection]) -> Volume {
    if let [Projection { secret, files }] = secrets
        && files.is_empty()
    {
        let source = SecretVolumeSource { secret_name: Some(secret.clone()), ..SecretVolumeSource::default() };
        return Volume { name, secret: Some(source), ..Volume::default() };
    }
    let sources = secrets.iter().map(|Projection { secret, files }| VolumeProjection {
        secret: Some(SecretProjection {
            name: secret.clone(),
            items: (!files.is_empty()).then(|| files.iter().map(item).collect()),
            ..SecretProjection::default()
        }),
        ..VolumeProjection::default()
    });
    let source = ProjectedVolumeSource { sources: Some(sources.collect()), ..ProjectedVolumeSource::default() };
    Volume { name, projected: Some(source), ..Volume::default() }
}

fn item((key, path): &(String, String)) -> KeyToPath {
    KeyToPath { key: key.clone(), path: path.clone(), mode: None }
}

/// Whether a volume brings these files of these Secrets.
fn carries(volume: &Volume, secrets: &[Projection]) -> bool {
    if let (Some(source), [secret]) = (&volume.secret, secrets) {
        return source.secret_name.as_ref() == Some(&secret.secret) && brings(source.items.as_deref(), secret);
    }
    let projections = volume.projected.iter().flat_map(|source| source.sources.iter().flatten());
    let mut projected: BTreeMap<&str, Vec<&SecretProjection>> = BTreeMap::new();
    for projection in projections.filter_map(|projection| projection.secret.as_ref()) {
        projected.entry(&projection.name).or_default().push(projection);
    }
    secrets.iter().all(|secret| {
        let of_it = projected.get(secret.secret.as_str()).into_iter().flatten();
        of_it.into_iter().any(|projection| brings(projection.items.as_deref(), secret))
    })
}

/// Whether `items` of a Secret are the files that are wanted of it.
fn brings(items: Option<&[KeyToPath]>, wanted: &Projection) -> bool {
    let Some(items) = items.filter(|items| !items.is_empty()) else { return wanted.files.is_empty() };
    let found: BTreeSet<(&str, &str)> = items.iter().map(|item| (item.key.as_str(), item.path.as_str())).collect();
    !wanted.files.is_empty() && wanted.files.iter().all(|(key, path)| found.contains(&(key.as_str(), path.as_str())))
}

/// The names of the volumes that bring every key of the Secrets.
pub fn carriers(draft: &Draft, template: PodTemplate, secrets: &[Projection]) -> BTreeSet<String> {
    let carriers = volumes(template, draft.value()).filter(|volume| carries(volume, secrets));
    carriers.map(|volume| volume.name).collect()
}

/// Adds the mount where the files are not there yet; whether the container has or had one of the volume itself.
fn add_mount(
    draft: &mut Draft,
    container: &[&str],
    volume: &CredentialsVolume<'_>,
    carriers: &BTreeSet<String>,
    differences: &mut Vec<Difference>,
) -> bool {
    let path = [container, &["volumeMounts"]].concat();
    let name = volume_name(volume.secret_name);
    let (mut is_there, mut is_own) = (false, false);
    let mut moved = Vec::new();
    for (at, mount) in draft.list(&path).iter().enumerate() {
        let mounted = text(mount, "name");
        let is_volume = mounted == name;
        let is_path = text(mount, "mountPath").trim_end_matches('/') == volume.mount_path;
        let is_part = is_part(mount);
        let does_the_same = is_path && !is_part && (is_volume || carriers.contains(mounted));
        if !does_the_same && !is_volume && !is_path {
            continue;
        }
        is_there = true;
        is_own |= is_volume;
        if does_the_same {
            continue;
        }
        if is_volume && !is_part && volume.earlier.contains(mounted) {
            moved.push(at.to_string());
        } else {
            let found = if is_volume { Found::Mount } else { Found::Path };
            differences.push(Difference { field: draft.field(&path).index(at), found });
        }
    }
    for at in &moved {
        draft.set(&[path.as_slice(), &[at, "mountPath"]].concat(), json!(volume.mount_path));
    }
    if is_there {
        return is_own;
    }
    let mount = VolumeMount { name, mount_path: volume.mount_path.to_owned(), ..VolumeMount::default() };
    draft.push(&path, json!(mount));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_without_containers_gets_no_volume() {
        let secrets = vec![Projection { secret: "credentials".to_owned(), files: Vec::new() }];
        let mount_path = "/var/run/credentials";
        let volume = CredentialsVolume { secrets, secret_name: "credentials", mount_path, earlier: BTreeSet::new() };
        for spec in [json!({}), json!({"containers": []}), json!({"containers": null}), json!(null)] {
            let mut draft = Draft::new(json!({ "spec": spec }));
            mount(&mut draft, PodTemplate { path: &[] }, &volume, |_| true).unwrap();
            assert!(draft.is_empty() && draft.mismatches().is_empty(), "{spec}");
        }
    }
}
