//! What is merged into configuration for one plane, or for the data plane of one cluster.

use serde_json::{Map, Value, json};

use super::{Plane, Spec};
use crate::field_path::FieldPath;
use crate::wire::lookup::Called;

/// Where flytepropeller reads the name of its cluster, which it sends with every event.
pub(super) const CLUSTER_ID: [&str; 2] = ["propeller", "cluster-id"];

/// Where the spec says which files have it.
pub(super) const CLUSTER_ID_FIELD: &str = "spec.dataPlane.clusterId";

/// A key of a ConfigMap among the items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigKey {
    /// The ConfigMap's name: current, earlier, or without kustomize's hash suffix.
    pub config_map: String,
    /// Its namespace, current or earlier; nothing if there is one ConfigMap of the name.
    pub namespace: Option<String>,
    /// The key in its `data`.
    pub key: String,
}

impl ConfigKey {
    /// How the ConfigMap is called.
    #[must_use]
    pub fn called(&self) -> Called<'_> {
        Called::core("ConfigMap", self.namespace.as_deref(), &self.config_map)
    }
}

/// One of `spec.overrides`, or what one of `spec.dataPlane.clusterId.targets` makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// Where it is written: `spec.overrides[2]`.
    pub field: FieldPath,
    /// Where what is merged is written: `spec.overrides[2].merge`.
    pub merge_field: FieldPath,
    /// The plane it is made for.
    pub plane: Plane,
    /// The clusters in whose data planes alone it is made; nothing for all of them.
    pub clusters: Option<Vec<String>>,
    /// The YAML text it is made in.
    pub target: ConfigKey,
    /// What is merged: maps deeply, lists replaced, `null` deletes.
    pub merge: Map<String, Value>,
}

impl Override {
    /// Whether it is made in `plane`, which is that of `cluster` if the data planes differ.
    fn is_in(&self, plane: Plane, cluster: Option<&String>) -> bool {
        let is_of = |clusters: &Vec<String>| cluster.is_some_and(|cluster| clusters.contains(cluster));
        self.plane == plane && self.clusters.as_ref().is_none_or(is_of)
    }
}

impl Spec {
    /// The first field that makes the data planes of two clusters differ.
    #[must_use]
    pub fn cluster_part(&self) -> Option<FieldPath> {
        let written = self.overrides.iter().find(|change| change.plane == Plane::Data && change.clusters.is_some());
        let written = written.map(|change| change.field.then("clusters"));
        written.or_else(|| (!self.cluster_id.is_empty()).then(|| FieldPath::at(CLUSTER_ID_FIELD)))
    }

    /// What is merged in `plane`, in this order: the overrides that are written, then the name of the cluster.
    #[must_use]
    pub fn overrides_in(&self, plane: Plane) -> Vec<Override> {
        let cluster = self.cluster.as_ref().filter(|_| plane == Plane::Data);
        let written = self.overrides.iter().filter(|change| change.is_in(plane, cluster)).cloned();
        let ids = cluster.into_iter().flat_map(|cluster| self.cluster_ids(cluster));
        written.chain(ids).collect()
    }

    /// The overrides that tell flytepropeller the name of its cluster.
    fn cluster_ids<'s>(&'s self, cluster: &'s str) -> impl Iterator<Item = Override> + use<'s> {
        let [section, key] = CLUSTER_ID;
        self.cluster_id.iter().enumerate().map(move |(at, target)| {
            let field = FieldPath::at(CLUSTER_ID_FIELD).then("targets").index(at);
            Override {
                merge_field: field.clone(),
                field,
                plane: Plane::Data,
                clusters: None,
                target: target.clone(),
                merge: Map::from_iter([(section.to_owned(), json!({ key: cluster }))]),
            }
        })
    }
}
