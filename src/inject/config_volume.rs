//! Plans how a ConfigMap of its own joins the configuration that containers read already, as Flyte's chart does it: by a
//! projected volume of both, mounted by the containers that are to see it and by no other.
//!
//! A mount of its own is no way: kubelet cannot put a file into a directory that is a read-only mount.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    ConfigMapProjection, ConfigMapVolumeSource, ProjectedVolumeSource, Volume, VolumeProjection,
};
use serde_json::{Value, json};

use super::draft::Draft;
use crate::field_path::FieldPath;
use crate::flyteadmin::command;
use crate::workload::files::{SourceKind, sources};
use crate::workload::{CONTAINER_LISTS, PodTemplate, list, text};

/// A ConfigMap of its own.
#[derive(Debug, Clone)]
pub struct OwnConfig<'s> {
    /// Its name.
    pub config_map: &'s str,
    /// Its only key.
    pub key: &'s str,
    /// The name of the volume, if one must be added.
    pub volume: String,
}

/// Why a container cannot get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Not one of its directories with a ConfigMap is where it would read the key.
    Directory {
        /// The container's field path.
        field: FieldPath,
        /// Its name.
        container: String,
        /// The paths that the key could have.
        paths: Vec<String>,
        /// What its `--config` says.
        patterns: Vec<String>,
    },
    /// Another volume has the name.
    Volume {
        /// The volume's field path.
        field: FieldPath,
    },
}

/// Plans the volume, and points the mounts of each container that `is_wanted` at it.
///
/// # Errors
///
/// Every container that cannot get it.
pub fn add(
    draft: &mut Draft,
    template: PodTemplate,
    own: &OwnConfig<'_>,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<(), Vec<Obstacle>> {
    let spec = template.path_to(&["spec"]);
    let mut obstacles = Vec::new();
    for containers in CONTAINER_LISTS {
        let path = [spec.as_slice(), &[containers]].concat();
        for at in 0..draft.length(&path) {
            let container = &draft.list(&path)[at];
            if !is_wanted(text(container, "name")) {
                continue;
            }
            match directory(draft, &spec, container, own) {
                Ok(mount) => {
                    let at = at.to_string();
                    let mount = mount.to_string();
                    let name = [path.as_slice(), &[&at, "volumeMounts", &mount, "name"]].concat();
                    obstacles.extend(join(draft, &spec, &name, own, &is_wanted).err());
                }
                Err((paths, patterns)) => obstacles.push(Obstacle::Directory {
                    field: draft.field(&path).index(at),
                    container: text(container, "name").to_owned(),
                    paths,
                    patterns,
                }),
            }
        }
    }
    if obstacles.is_empty() { Ok(()) } else { Err(obstacles) }
}

/// The one mount, by position, under which the container reads the key; else the paths there are and what it reads.
fn directory(
    draft: &Draft,
    spec: &[&str],
    container: &Value,
    own: &OwnConfig<'_>,
) -> Result<usize, (Vec<String>, Vec<String>)> {
    let patterns = command::patterns(container);
    let is_config = |mount: &Value| {
        let is_part = ["subPath", "subPathExpr"].iter().any(|key| !text(mount, key).is_empty());
        let volume = volume(draft, spec, text(mount, "name"));
        let sources = volume.and_then(|(_, volume)| sources(volume)).unwrap_or_default();
        !is_part && sources.iter().any(|source| source.kind == SourceKind::ConfigMap)
    };
    let mounts = list(container, "volumeMounts").iter().enumerate().filter(|(_, mount)| is_config(mount));
    let places: Vec<(usize, String)> = mounts
        .map(|(at, mount)| (at, format!("{}/{}", text(mount, "mountPath").trim_end_matches('/'), own.key)))
        .collect();
    let is_read = |path: &str| patterns.is_empty() || patterns.iter().any(|pattern| pattern.reads(path));
    let read: Vec<usize> = places.iter().filter(|(_, path)| is_read(path)).map(|(at, _)| *at).collect();
    match read[..] {
        [at] => Ok(at),
        _ => Err((
            places.into_iter().map(|(_, path)| path).collect(),
            patterns.into_iter().map(|pattern| pattern.text).collect(),
        )),
    }
}

fn volume<'d>(draft: &'d Draft, spec: &[&str], name: &str) -> Option<(usize, &'d Value)> {
    let volumes = draft.list(&[spec, &["volumes"]].concat());
    volumes.iter().enumerate().find(|(_, volume)| text(volume, "name") == name)
}

/// Puts the ConfigMap into the volume that is at `mount`, or another volume in its place.
fn join(
    draft: &mut Draft,
    spec: &[&str],
    mount: &[&str],
    own: &OwnConfig<'_>,
    is_wanted: &impl Fn(&str) -> bool,
) -> Result<(), Obstacle> {
    let name = draft.get(mount).and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some((at, current)) = volume(draft, spec, &name) else { return Ok(()) };
    let there = sources(current).unwrap_or_default();
    if there.iter().any(|source| source.kind == SourceKind::ConfigMap && source.name == own.config_map) {
        return Ok(());
    }
    let volumes = [spec, &["volumes"]].concat();
    if current.get("projected").is_some() && users(draft, spec, &name).iter().all(|user| is_wanted(user)) {
        let at = at.to_string();
        draft.push(&[volumes.as_slice(), &[&at, "projected", "sources"]].concat(), projection(own));
        return Ok(());
    }
    let wanted = projected(current, own);
    match volume(draft, spec, &own.volume) {
        Some((_, existing)) if *existing == wanted => {}
        Some((at, _)) => return Err(Obstacle::Volume { field: draft.field(&volumes).index(at) }),
        None => draft.push(&volumes, wanted),
    }
    draft.set(mount, json!(own.volume));
    Ok(())
}

/// Whether a pod has a volume of one of the ConfigMaps.
#[must_use]
pub fn has_any(template: PodTemplate, object: &Value, config_maps: &[String]) -> bool {
    let volumes = template.get(object, &["spec", "volumes"]).and_then(Value::as_array).into_iter().flatten();
    volumes.into_iter().any(|volume| config_maps.iter().any(|name| has(volume, name)))
}

fn has(volume: &Value, config_map: &str) -> bool {
    let sources = sources(volume).unwrap_or_default();
    sources.iter().any(|source| source.kind == SourceKind::ConfigMap && source.name == config_map)
}

/// Plans the removal of ConfigMaps of an earlier run from the projected volumes that they joined. A volume that was added
/// for one gives way to the volume that it was made of.
pub fn forget(draft: &mut Draft, template: PodTemplate, config_maps: &[String]) {
    let spec = template.path_to(&["spec"]);
    let volumes = [spec.as_slice(), &["volumes"]].concat();
    for config_map in config_maps {
        let names = draft.list(&volumes).iter().filter(|volume| has(volume, config_map));
        for name in names.map(|volume| text(volume, "name").to_owned()).collect::<Vec<_>>() {
            let own = OwnConfig { config_map, key: "", volume: name.clone() };
            let Some((at, there)) = volume(draft, &spec, &name) else { continue };
            let before = draft.list(&volumes).iter().find(|before| projected(before, &own) == *there);
            if let Some(before) = before.map(|before| text(before, "name").to_owned()) {
                rename_mounts(draft, &spec, (&name, &before), |_| true);
                draft.remove_elements(&volumes, |volume| text(volume, "name") == name);
            } else {
                let at = at.to_string();
                let sources = [volumes.as_slice(), &[&at, "projected", "sources"]].concat();
                draft.remove_elements(&sources, |source| source["configMap"]["name"] == config_map.as_str());
            }
        }
    }
}

/// Plans that containers which are not to read the ConfigMap any more mount the volume again that it was joined to.
pub fn leave(draft: &mut Draft, template: PodTemplate, own: &OwnConfig<'_>, is_wanted: impl Fn(&Value) -> bool) {
    let spec = template.path_to(&["spec"]);
    let volumes = [spec.as_slice(), &["volumes"]].concat();
    let Some((_, there)) = volume(draft, &spec, &own.volume) else { return };
    let before = draft.list(&volumes).iter().find(|before| projected(before, own) == *there);
    if let Some(before) = before.map(|before| text(before, "name").to_owned()) {
        rename_mounts(draft, &spec, (&own.volume, &before), |container| !is_wanted(container));
    }
}

/// Plans that the containers that `is_concerned` mount another volume in place of one.
fn rename_mounts(draft: &mut Draft, spec: &[&str], names: (&str, &str), is_concerned: impl Fn(&Value) -> bool) {
    for containers in CONTAINER_LISTS {
        let path = [spec, &[containers]].concat();
        let mut places = Vec::new();
        for (at, container) in draft.list(&path).iter().enumerate().filter(|(_, container)| is_concerned(container)) {
            let mounts = list(container, "volumeMounts").iter().enumerate();
            places.extend(mounts.filter(|(_, mount)| text(mount, "name") == names.0).map(|(mount, _)| (at, mount)));
        }
        for (at, mount) in places {
            let (at, mount) = (at.to_string(), mount.to_string());
            draft.set(&[path.as_slice(), &[&at, "volumeMounts", &mount, "name"]].concat(), json!(names.1));
        }
    }
}

/// The names of the containers that mount a volume.
fn users(draft: &Draft, spec: &[&str], volume: &str) -> BTreeSet<String> {
    let lists = CONTAINER_LISTS.iter().flat_map(|containers| draft.list(&[spec, &[containers]].concat()));
    let mounts = |container: &&Value| list(container, "volumeMounts").iter().any(|mount| text(mount, "name") == volume);
    lists.filter(mounts).map(|container| text(container, "name").to_owned()).collect()
}

fn projection(own: &OwnConfig<'_>) -> Value {
    let source = ConfigMapProjection { name: own.config_map.to_owned(), ..ConfigMapProjection::default() };
    json!(VolumeProjection { config_map: Some(source), ..VolumeProjection::default() })
}

/// A volume of what is in `current`, and the ConfigMap.
fn projected(current: &Value, own: &OwnConfig<'_>) -> Value {
    if current.get("projected").is_some() {
        let mut draft = Draft::new(current.clone());
        draft.set(&["name"], json!(own.volume));
        draft.push(&["projected", "sources"], projection(own));
        return draft.value().clone();
    }
    let source: ConfigMapVolumeSource = serde_json::from_value(current["configMap"].clone()).unwrap_or_default();
    let before = ConfigMapProjection { items: source.items, name: source.name, optional: source.optional };
    let before = json!(VolumeProjection { config_map: Some(before), ..VolumeProjection::default() });
    let volume = Volume {
        name: own.volume.clone(),
        projected: Some(ProjectedVolumeSource { default_mode: source.default_mode, sources: None }),
        ..Volume::default()
    };
    let mut draft = Draft::new(json!(volume));
    draft.set(&["projected", "sources"], json!([before, projection(own)]));
    draft.value().clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: PodTemplate = PodTemplate { path: &[] };

    fn own() -> OwnConfig<'static> {
        OwnConfig { config_map: "own", key: "clusters.yaml", volume: "own".to_owned() }
    }

    fn pod(volume: &Value, containers: &Value) -> Draft {
        Draft::new(json!({"spec": {"volumes": [volume], "containers": containers}}))
    }

    fn container(name: &str, mount: &str, config: &str) -> Value {
        json!({"name": name, "args": ["--config", config], "volumeMounts": [{"name": "v", "mountPath": mount}]})
    }

    #[test]
    fn only_the_wanted_containers_are_pointed_at_a_volume_of_both() {
        let containers = json!([container("a", "/etc/c", "/etc/c/*.yaml"), container("b", "/etc/c/", "/etc/c/*.yaml")]);
        let volume = json!({"name": "v", "configMap": {"name": "base", "defaultMode": 256}});
        let mut draft = pod(&volume, &containers);
        add(&mut draft, POD, &own(), |name| name == "b").unwrap();
        let added = json!({"name": "own", "projected": {
            "defaultMode": 256,
            "sources": [{"configMap": {"name": "base"}}, {"configMap": {"name": "own"}}],
        }});
        assert_eq!(draft.list(&["spec", "volumes"]), [volume, added]);
        let name = |at| draft.get(&["spec", "containers", at, "volumeMounts", "0", "name"]).unwrap().clone();
        assert_eq!([name("0"), name("1")], ["v", "own"]);

        let mut again = Draft::new(draft.value().clone());
        add(&mut again, POD, &own(), |name| name == "b").unwrap();
        assert!(again.is_empty(), "a second run plans nothing: {:?}", again.patch());
        add(&mut again, POD, &own(), |_| true).unwrap();
        assert_eq!(again.list(&["spec", "volumes"]).len(), 2, "another container takes the volume that is there");
    }

    #[test]
    fn a_projected_volume_is_joined_where_only_wanted_containers_use_it() {
        let containers = json!([container("a", "/c", "/c/*.yaml"), container("b", "/c", "/c/*.yaml")]);
        let volume = json!({"name": "v", "projected": {"sources": [{"configMap": {"name": "base"}}]}});
        let joined = json!([{"configMap": {"name": "base"}}, {"configMap": {"name": "own"}}]);

        let mut all = pod(&volume, &containers);
        add(&mut all, POD, &own(), |_| true).unwrap();
        assert_eq!(all.value()["spec"]["volumes"], json!([{"name": "v", "projected": {"sources": joined}}]));

        let mut one = pod(&volume, &containers);
        add(&mut one, POD, &own(), |name| name == "a").unwrap();
        assert_eq!(one.value()["spec"]["volumes"], json!([volume, {"name": "own", "projected": {"sources": joined}}]));
    }

    #[test]
    fn a_container_that_would_not_read_it_is_an_obstacle() {
        let volume = json!({"name": "v", "configMap": {"name": "base"}});
        let refused = |containers: &Value| add(&mut pod(&volume, containers), POD, &own(), |_| true).unwrap_err();
        let exact = refused(&json!([container("a", "/c", "/c/base.yaml")]));
        assert_eq!(
            exact,
            [Obstacle::Directory {
                field: FieldPath::at("spec.containers").index(0),
                container: "a".to_owned(),
                paths: vec!["/c/clusters.yaml".to_owned()],
                patterns: vec!["/c/base.yaml".to_owned()],
            }]
        );
        let bare = refused(&json!([{"name": "a"}]));
        assert!(matches!(&bare[..], [Obstacle::Directory { paths, .. }] if paths.is_empty()), "{bare:?}");
        let mut taken = pod(&volume, &json!([container("a", "/c", "/c/*.yaml")]));
        taken.push(&["spec", "volumes"], json!({"name": "own", "emptyDir": {}}));
        assert_eq!(
            add(&mut taken, POD, &own(), |_| true),
            Err(vec![Obstacle::Volume { field: FieldPath::at("spec.volumes").index(1) }])
        );
    }
}
