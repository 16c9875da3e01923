//! What the data planes get: the request for a token, overrides, and the parts of single clusters.

use std::collections::BTreeMap;

use super::Proof;
use crate::field_path::FieldPath;
use crate::spec::overrides::CLUSTER_ID_FIELD;
use crate::spec::v1alpha1::{RawClusterId, RawOverride, RawPlane, RawServiceAccountToken};
use crate::spec::{ConfigKey, Output, Override, Plane, ServiceAccountToken, Spec, shape};

/// How many overrides of one key there may be in one output.
const MOST_OVERRIDES: usize = 100;

impl Proof {
    pub(super) fn service_account_token(&mut self, raw: RawServiceAccountToken) -> ServiceAccountToken {
        let field = &FieldPath::at("spec.dataPlane.serviceAccountToken");
        self.subdomain(&field.then("serviceAccount"), &raw.service_account);
        self.subdomain(&field.then("secretName"), &raw.secret_name);
        if let Some(namespace) = &raw.namespace {
            self.subdomain(&field.then("namespace"), namespace);
        }
        ServiceAccountToken {
            service_account: raw.service_account,
            namespace: raw.namespace,
            secret_name: raw.secret_name,
        }
    }

    /// Where flytepropeller reads the name of its cluster.
    pub(super) fn cluster_id(&mut self, raw: Option<RawClusterId>) -> Vec<ConfigKey> {
        let Some(RawClusterId { targets }) = raw else { return Vec::new() };
        let field = FieldPath::at(CLUSTER_ID_FIELD).then("targets");
        if targets.is_empty() {
            self.error(&field, "must name the ConfigMap keys that flytepropeller reads its configuration from");
        }
        let targets = targets.into_iter().enumerate();
        targets
            .map(|(index, raw)| self.config_key(&field.index(index), raw.config_map, raw.namespace, raw.key))
            .collect()
    }

    /// Each override of a key reads and writes its text again.
    pub(super) fn few_overrides(&mut self, overrides: &[RawOverride]) {
        let mut counts: BTreeMap<(Option<&str>, &str, &str), Counts<'_>> = BTreeMap::new();
        for RawOverride { namespace, config_map, key, clusters, .. } in overrides {
            let counts = counts.entry((namespace.as_deref(), config_map, key)).or_default();
            match clusters {
                None => counts.of_all += 1,
                Some(clusters) => {
                    for cluster in clusters {
                        *counts.of_each.entry(cluster).or_default() += 1;
                    }
                }
            }
        }
        let counts = counts.into_iter().map(|(target, counts)| (target, counts.most()));
        for ((_, config_map, key), count) in counts.filter(|(_, count)| *count > MOST_OVERRIDES) {
            let rule = format!(
                "must have at most {MOST_OVERRIDES} entries for one key, {key:?} of ConfigMap {config_map:?} has {count}: \
                 write them as one `merge`"
            );
            self.error("spec.overrides", rule);
        }
    }

    pub(super) fn overrides(&mut self, index: usize, raw: RawOverride) -> Override {
        let field = FieldPath::at("spec.overrides").index(index);
        let plane = match raw.plane {
            RawPlane::ControlPlane => Plane::Control,
            RawPlane::DataPlane => Plane::Data,
        };
        if raw.clusters.is_some() && plane == Plane::Control {
            let rule =
                "must not be set with `plane: ControlPlane`, because there is one control plane for all clusters";
            self.error(field.then("clusters"), rule);
        }
        if raw.clusters.as_ref().is_some_and(Vec::is_empty) {
            self.error(field.then("clusters"), "must not be empty; leave it out to mean all clusters");
        }
        let target = self.config_key(&field, raw.config_map, raw.namespace, raw.key);
        let merge_field = field.then("merge");
        Override { field, merge_field, plane, clusters: raw.clusters, target, merge: raw.merge }
    }

    /// Every cluster that is named is one of `clusters`.
    pub(super) fn cluster_names(&mut self, spec: &Spec) {
        if let Some(cluster) = &spec.cluster {
            self.known_cluster(spec, FieldPath::at("spec.cluster"), cluster);
        }
        for change in &spec.overrides {
            for (at, cluster) in change.clusters.iter().flatten().enumerate() {
                self.known_cluster(spec, change.field.then("clusters").index(at), cluster);
            }
        }
        if !spec.cluster_id.is_empty() && spec.clusters.is_empty() {
            let rule = "must be beside `spec.clusters`, because flytepropeller gets the name of one of them";
            self.error(CLUSTER_ID_FIELD, rule);
        }
    }

    fn known_cluster(&mut self, spec: &Spec, field: FieldPath, cluster: &str) {
        if let Err(rule) = spec.known_cluster(cluster) {
            self.error(field, rule);
        }
    }

    /// What differs between clusters is written for one of them at a time, and nothing else is.
    pub(super) fn one_cluster(&mut self, spec: &Spec) {
        if spec.cluster.is_some() && spec.output != Output::Plane(Plane::Data) {
            let rule = "must be beside `output: DataPlane`, because it names the cluster whose data plane is written";
            self.error("spec.cluster", rule);
        }
        let Some(part) = spec.cluster_part().filter(|_| !spec.clusters.is_empty()) else { return };
        let differs = format!("because `{part}` makes the data planes of the clusters differ");
        match (spec.output, &spec.cluster) {
            (Output::Plane(Plane::Data), None) => {
                let rule = format!("must be set, {differs}; add `cluster: NAME`, one of {}", spec.cluster_list());
                self.error("spec.cluster", rule);
            }
            (Output::All, _) => {
                let rule = format!(
                    "must be ControlPlane or DataPlane, {differs}; write each of them with `output: DataPlane` and `cluster`"
                );
                self.error("spec.output", rule);
            }
            (Output::Plane(_), _) => {}
        }
    }
}

/// How many overrides of a key there are.
#[derive(Default)]
struct Counts<'r> {
    of_all: usize,
    of_each: BTreeMap<&'r str, usize>,
}

impl Counts<'_> {
    /// The most in one output.
    fn most(&self) -> usize {
        self.of_all + self.of_each.values().max().copied().unwrap_or_default()
    }
}

impl Spec {
    /// What is wrong with the name of a cluster, unless it is that of one.
    ///
    /// # Errors
    ///
    /// When there is no such cluster.
    pub fn known_cluster(&self, cluster: &str) -> Result<(), String> {
        let mut known = self.clusters.iter().map(|cluster| cluster.name.as_str());
        if known.clone().any(|known| known == cluster) {
            return Ok(());
        }
        let remedy = shape::nearest(cluster, known.by_ref()).map(|nearest| format!("; did you mean {nearest:?}?"));
        Err(if self.clusters.is_empty() {
            format!("must be the name of one of `spec.clusters`, which is empty, got {cluster:?}")
        } else {
            let remedy = remedy.unwrap_or_default();
            format!("must be the name of a cluster ({}), got {cluster:?}{remedy}", self.cluster_list())
        })
    }

    /// The names of the clusters.
    #[must_use]
    pub fn cluster_list(&self) -> String {
        self.clusters.iter().map(|cluster| cluster.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}
