//! Finds the keys that a Secret which is made elsewhere needs beside those that the configuration named before.

use std::collections::{BTreeMap, BTreeSet};

use super::plane_view::PlaneView;
use crate::flyteadmin::mounted_key;
use crate::flyteadmin::section::Section;
use crate::spec::{Cluster, SecretSource};
use crate::wire::ResId;
use crate::yaml::view;

/// A cluster whose configuration names files that it did not name before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The ConfigMap with the new paths.
    pub id: ResId,
    /// Its key.
    pub key: String,
    /// The cluster.
    pub cluster: String,
    /// The keys that the Secret needs for them.
    pub keys: Vec<String>,
    /// The paths that were there.
    pub before: Vec<String>,
}

/// Compares the paths under the targets with those that were there.
#[must_use]
pub fn check(view: &PlaneView<'_>, targets: &[(ResId, String)]) -> Vec<Violation> {
    let credentials = &view.spec.credentials;
    if credentials.source == SecretSource::Generate {
        return Vec::new();
    }
    let position = |id: &ResId| view.objects.iter().position(|object| object.id == *id);
    let objects = || targets.iter().filter_map(|(id, key)| Some((position(id)?, id, key)));
    let mut before: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (at, _, key) in objects() {
        let text = view.objects[at].input.and_then(|item| item.value().get("data")?.get(key)?.as_str());
        let section = text.and_then(|text| Section::read(&view::read(text).ok()?));
        for cluster in section.and_then(|section| section.clusters).into_iter().flatten() {
            before.entry(cluster.name).or_default().extend(cluster.files.into_iter().flatten());
        }
    }
    let is_ours =
        |name: &str| view.spec.clusters.iter().any(|own| own.name == name && Cluster::is_in_shared_secret(own));
    let mut violations = Vec::new();
    for (at, id, key) in objects() {
        let written = view.section((at, key)).and_then(|section| section.clusters).into_iter().flatten();
        for cluster in written.filter(|cluster| is_ours(&cluster.name)) {
            let Some(known) = before.get(&cluster.name).filter(|known| !known.is_empty()) else { continue };
            let new = cluster.files.iter().flatten().filter(|path| !known.contains(*path));
            let keys: Vec<String> =
                new.filter_map(|path| mounted_key(path, &credentials.mount_path)).map(str::to_owned).collect();
            let is_told = violations.iter().any(|told: &Violation| told.cluster == cluster.name && told.keys == keys);
            if !keys.is_empty() && !is_told {
                let (id, key, before) = (id.clone(), key.clone(), known.iter().cloned().collect());
                violations.push(Violation { id, key, cluster: cluster.name, keys, before });
            }
        }
    }
    violations
}
