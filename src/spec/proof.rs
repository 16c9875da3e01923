//! Proves that what the user wrote makes sense, on the way from what was written to what is true.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobBuilder;
use regex::Regex;
use serde_json::{Map, Value};

use super::object_name::{is_subdomain, legal_name, may_be_secret};
use super::v1alpha1::{
    RawCluster, RawClusterConfig, RawClusterCredentials, RawClusterTarget, RawCredentials, RawDirectories, RawFormat,
    RawOutput, RawOverride, RawPlane, RawPlanes, RawSecretSource, RawSelector, RawServiceAccountToken, RawSpec,
    RawUnmatched, RawWeightedCluster,
};
use super::{
    Claim, Cluster, ClusterConfig, ClusterFormat, ClusterTarget, ConfigKey, CredentialSource, Credentials, Directories,
    Mount, Output, Override, Plane, Planes, Problem, SecretReference, SecretSource, Selector, ServiceAccountToken,
    Spec, Unmatched, WeightedCluster, label_selector, shape,
};
use crate::redacted::Redacted;

/// What is said of a text in place of the text.
const WITHHELD: &str = "got something else, which is not shown because it may be a secret";

/// A spec that holds together, and what is odd about it all the same.
pub(super) struct Checked {
    pub(super) spec: Spec,
    pub(super) warnings: Vec<Problem>,
}

/// Collects every broken rule on the way from what was written to what is true.
#[derive(Default)]
pub(super) struct Proof {
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

impl Proof {
    fn error(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.errors.push(Problem::new(field, rule));
    }

    fn warning(&mut self, field: impl Into<String>, rule: impl Into<String>) {
        self.warnings.push(Problem::new(field, rule));
    }

    pub(super) fn spec(&mut self, raw: RawSpec) -> Option<Spec> {
        if raw.output.is_none() {
            self.error("spec.output", "must be given: ControlPlane, DataPlane or All");
        }
        let has_labels = !raw.label_cluster_map.is_empty() || raw.default_execution_label.is_some();
        if has_labels && matches!(raw.cluster_config.format, RawFormat::List) {
            self.warning(
                "spec.clusterConfig.format",
                "must be ClusterConfigs for labels to have an effect, a list has no room for them",
            );
        }
        if raw.directories.is_some() && !matches!(raw.output, Some(RawOutput::All)) {
            self.warning("spec.directories", "must stand beside `output: All` to have an effect");
        }
        let label_cluster_map = self.label_cluster_map(&raw.label_cluster_map, &raw.clusters);
        if let Some(label) = &raw.default_execution_label {
            self.default_execution_label(label, &raw.label_cluster_map);
        }
        let has_clusters = !raw.clusters.is_empty();
        Some(Spec {
            planes: self.planes(raw.planes),
            credentials: self.credentials(raw.credentials, has_clusters),
            cluster_config: self.cluster_config(raw.cluster_config, has_clusters),
            clusters: self.clusters(raw.clusters),
            label_cluster_map,
            default_execution_label: raw.default_execution_label,
            service_account_token: raw.data_plane.service_account_token.map(|token| self.service_account_token(token)),
            overrides: raw.overrides.into_iter().enumerate().map(|(index, raw)| self.overrides(index, raw)).collect(),
            directories: raw.directories.map(|directories| self.directories(directories)),
            output: match raw.output? {
                RawOutput::ControlPlane => Output::Plane(Plane::Control),
                RawOutput::DataPlane => Output::Plane(Plane::Data),
                RawOutput::All => Output::All,
            },
        })
    }

    fn planes(&mut self, raw: RawPlanes) -> Planes {
        Planes {
            control_plane: self.selectors("spec.planes.controlPlane", raw.control_plane),
            data_plane: self.selectors("spec.planes.dataPlane", raw.data_plane),
            both: self.selectors("spec.planes.both", raw.both),
            neither: self.selectors("spec.planes.neither", raw.neither),
            external: self.external("spec.planes.external", raw.external),
            follow_references: raw.follow_references,
            unmatched: match raw.unmatched {
                RawUnmatched::Error => Unmatched::Error,
                RawUnmatched::ControlPlane => Unmatched::Claim(Claim::Only(Plane::Control)),
                RawUnmatched::DataPlane => Unmatched::Claim(Claim::Only(Plane::Data)),
                RawUnmatched::Both => Unmatched::Claim(Claim::Both),
            },
        }
    }

    fn selectors(&mut self, field: &str, raw: Vec<RawSelector>) -> Vec<Selector> {
        let mut selectors = Vec::with_capacity(raw.len());
        for (index, raw) in raw.into_iter().enumerate() {
            let field = format!("{field}[{index}]");
            if raw.containers.is_some() {
                self.error(format!("{field}.containers"), "must not be given, only `spec.credentials.mounts` has it");
            }
            selectors.push(self.selector(field, raw));
        }
        selectors
    }

    /// Selectors of what is not among the resources: a reference to it tells its kind, name and namespace alone.
    fn external(&mut self, field: &str, raw: Vec<RawSelector>) -> Vec<Selector> {
        for (index, raw) in raw.iter().enumerate() {
            let unknown = [
                ("labelSelector", &raw.label_selector),
                ("annotationSelector", &raw.annotation_selector),
                ("path", &raw.path),
            ];
            for (key, _) in unknown.iter().filter(|(_, text)| text.is_some()) {
                self.error(
                    format!("{field}[{index}].{key}"),
                    "must not be given: what is made elsewhere is known by what refers to it, so select it by `kind`, \
                     `name` and `namespace`",
                );
            }
        }
        self.selectors(field, raw)
    }

    fn selector(&mut self, field: String, raw: RawSelector) -> Selector {
        let selector = Selector {
            group: self.pattern(&field, "group", raw.group),
            version: self.pattern(&field, "version", raw.version),
            kind: self.pattern(&field, "kind", raw.kind),
            name: self.pattern(&field, "name", raw.name),
            namespace: self.pattern(&field, "namespace", raw.namespace),
            labels: self.labels(&field, "labelSelector", raw.label_selector),
            annotations: self.labels(&field, "annotationSelector", raw.annotation_selector),
            path: self.glob(&field, raw.path),
            field,
        };
        let is_broken = self.errors.iter().any(|problem| problem.field.starts_with(&selector.field));
        if selector.is_empty() && !is_broken {
            self.error(
                selector.field.clone(),
                "must not be empty, it would select everything: give one of group, version, kind, name, namespace, \
                 labelSelector, annotationSelector, path",
            );
        }
        selector
    }

    fn written(&mut self, field: &str, key: &str, text: Option<String>) -> Option<String> {
        let text = text?;
        if text.is_empty() {
            self.error(format!("{field}.{key}"), "must not be empty");
            return None;
        }
        Some(text)
    }

    fn pattern(&mut self, field: &str, key: &str, text: Option<String>) -> Option<Regex> {
        let text = self.written(field, key, text)?;
        let pattern = Regex::new(&format!("^(?:{text})$")).ok();
        if pattern.is_none() {
            self.error(format!("{field}.{key}"), format!("must be a regular expression, got {text:?}"));
        }
        pattern
    }

    fn labels(&mut self, field: &str, key: &str, text: Option<String>) -> Option<label_selector::Selector> {
        let text = self.written(field, key, text)?;
        match label_selector::parse(&text) {
            Ok(selector) => Some(selector),
            Err(rule) => {
                self.error(format!("{field}.{key}"), format!("must be a selector as `kubectl -l` takes it: {rule}"));
                None
            }
        }
    }

    fn glob(&mut self, field: &str, text: Option<String>) -> Option<globset::GlobMatcher> {
        let text = self.written(field, "path", text)?;
        let glob = GlobBuilder::new(&text).literal_separator(true).build().ok();
        if glob.is_none() {
            self.error(format!("{field}.path"), format!("must be a glob of `**`, `*` and `?`, got {text:?}"));
        }
        glob.map(|glob| glob.compile_matcher())
    }

    fn clusters(&mut self, raw: Vec<RawCluster>) -> Vec<Cluster> {
        let mut names = BTreeSet::new();
        for (index, cluster) in raw.iter().enumerate() {
            if !names.insert(cluster.name.clone()) {
                self.error(
                    format!("spec.clusters[{index}].name"),
                    format!("must be unique, got {:?} twice: flyteadmin refuses to start", cluster.name),
                );
            }
        }
        if !raw.is_empty() && raw.iter().all(|cluster| cluster.enabled == Some(false)) {
            self.error("spec.clusters", "must have an enabled cluster: flyteadmin refuses to start without one");
        }
        raw.into_iter().enumerate().map(|(index, raw)| self.cluster(&format!("spec.clusters[{index}]"), raw)).collect()
    }

    fn cluster(&mut self, field: &str, raw: RawCluster) -> Cluster {
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if raw.name.is_empty() || !raw.name.chars().all(is_key) || raw.name.starts_with('.') || raw.name.len() > 200 {
            self.error(
                format!("{field}.name"),
                format!(
                    "must consist of letters, digits, '-', '_' and '.', because it begins a key of the Secret, got {:?}",
                    raw.name
                ),
            );
        }
        let brings_endpoint = raw.credentials.as_ref().is_some_and(|c| c.kubeconfig.is_some() || c.secret.is_some());
        match &raw.endpoint {
            Some(_) if raw.in_cluster => {
                let rule = format!("must not be given for cluster {:?}, it is `inCluster`", raw.name);
                self.error(format!("{field}.endpoint"), rule);
            }
            Some(endpoint) => self.endpoint(&format!("{field}.endpoint"), &raw.name, endpoint),
            None if raw.in_cluster || brings_endpoint => {}
            None => self.error(
                format!("{field}.endpoint"),
                format!("must be given for cluster {:?}: the https URL of its API server", raw.name),
            ),
        }
        let source = self.source(&format!("{field}.credentials"), raw.in_cluster, raw.credentials);
        Cluster { name: raw.name, endpoint: raw.endpoint, enabled: raw.enabled.unwrap_or(true), source }
    }

    fn endpoint(&mut self, field: &str, cluster: &str, endpoint: &str) {
        let rule = format!(
            "must be an https URL such as \"https://cluster-1.example.com:6443\", without user, password and query: \
             without `https` the token of cluster {cluster:?} would travel in clear text"
        );
        let Ok(url) = endpoint.parse::<http::Uri>() else { return self.error(field, rule) };
        let has_host = url.host().is_some_and(|host| !host.is_empty());
        if url.scheme_str() != Some("https") || !has_host || url.query().is_some() || endpoint.contains(['@', '<', '>'])
        {
            return self.error(field, rule);
        }
        if url.host().is_some_and(|host| host == "kubernetes.default" || host.starts_with("kubernetes.default.")) {
            self.warning(
                field,
                format!(
                    "must not be the name that every cluster gives its own API server: use `inCluster: true` for cluster \
                     {cluster:?}"
                ),
            );
        }
    }

    fn source(&mut self, field: &str, in_cluster: bool, raw: Option<RawClusterCredentials>) -> CredentialSource {
        if in_cluster {
            if raw.is_some() {
                self.error(field, "must not be given for an `inCluster` cluster");
            }
            return CredentialSource::InCluster;
        }
        let Some(raw) = raw else { return CredentialSource::Elsewhere };
        match (raw.secret, raw.kubeconfig, raw.token, raw.ca_cert) {
            (Some(secret), None, None, None) => {
                CredentialSource::Secret(self.secret_reference(&format!("{field}.secret"), &secret))
            }
            (None, Some(kubeconfig), None, None) => CredentialSource::Kubeconfig {
                secret: self.secret_reference(&format!("{field}.kubeconfig.secret"), &kubeconfig.secret),
                key: kubeconfig.key.unwrap_or_else(|| "kubeconfig".to_owned()),
                context: kubeconfig.context,
            },
            (None, None, Some(token), Some(ca_cert)) => {
                CredentialSource::Inline { token: Redacted::new(token), ca_cert: Redacted::new(ca_cert) }
            }
            _ => {
                self.error(field, "must be one of `secret`, `kubeconfig`, or `token` with `caCert`");
                CredentialSource::Elsewhere
            }
        }
    }

    fn secret_reference(&mut self, field: &str, text: &str) -> SecretReference {
        let (namespace, name) = text.split_once('/').map_or((None, text), |(ns, name)| (Some(ns.to_owned()), name));
        let is_legal = is_subdomain(name) && namespace.as_deref().is_none_or(is_subdomain);
        if !is_legal {
            let got = if may_be_secret(text) { WITHHELD.to_owned() } else { format!("got {text:?}") };
            self.error(field, format!("must be the name of a Secret or `namespace/name`, {got}"));
        }
        SecretReference { namespace, name: name.to_owned() }
    }

    fn label_cluster_map(
        &mut self,
        raw: &Map<String, Value>,
        clusters: &[RawCluster],
    ) -> Vec<(String, Vec<WeightedCluster>)> {
        let enabled: BTreeMap<&str, bool> =
            clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.enabled != Some(false))).collect();
        let mut labels = Vec::new();
        for (label, members) in raw {
            let field = format!("spec.labelClusterMap.{label}");
            self.lower_case(&field, label);
            let members: Vec<RawWeightedCluster> = match shape::read(members, &field) {
                Ok(members) => members,
                Err(problems) => {
                    self.errors.extend(problems);
                    continue;
                }
            };
            for (index, member) in members.iter().enumerate() {
                if !(0.0..=1.0).contains(&member.weight) {
                    let rule = format!("must be from 0 to 1, got {}: flyteadmin refuses to start", member.weight);
                    self.error(format!("{field}[{index}].weight"), rule);
                }
                match enabled.get(member.id.as_str()) {
                    None => {
                        let known = enabled.keys().copied().collect::<Vec<_>>().join(", ");
                        let rule = format!("must be the name of a cluster ({known}), got {:?}", member.id);
                        self.error(format!("{field}[{index}].id"), rule);
                    }
                    Some(false) => self.warning(
                        format!("{field}[{index}].id"),
                        format!("must be an enabled cluster to have an effect, {:?} is not", member.id),
                    ),
                    Some(true) => {}
                }
            }
            let members = members.into_iter().map(|raw| WeightedCluster { id: raw.id, weight: raw.weight }).collect();
            labels.push((label.clone(), members));
        }
        labels
    }

    fn default_execution_label(&mut self, label: &str, labels: &Map<String, Value>) {
        let field = "spec.defaultExecutionLabel";
        self.lower_case(field, label);
        if !labels.contains_key(label) {
            let rule = format!("must be a key of `spec.labelClusterMap` to have an effect, {label:?} is not");
            self.warning(field, rule);
        }
    }

    fn lower_case(&mut self, field: &str, label: &str) {
        let lower = label.to_lowercase();
        if lower != label {
            self.error(
                field,
                format!("must be lower case, flyteadmin reads {label:?} as {lower:?} and never matches it"),
            );
        }
    }

    fn credentials(&mut self, raw: RawCredentials, has_clusters: bool) -> Credentials {
        let field = "spec.credentials";
        let secret_name = raw.secret_name.unwrap_or_else(|| "cluster-credentials".to_owned());
        self.subdomain(&format!("{field}.secretName"), &secret_name);
        if let Some(namespace) = &raw.namespace {
            self.subdomain(&format!("{field}.namespace"), namespace);
        }
        let mount_path = raw.mount_path.unwrap_or_else(|| "/var/run/credentials".to_owned());
        let is_path = mount_path.starts_with('/') && mount_path.trim_end_matches('/').len() > 1;
        if !is_path || mount_path.contains(':') || mount_path.split('/').any(|step| step == "..") {
            let rule = format!("must be an absolute path without ':' and '..', got {mount_path:?}");
            self.error(format!("{field}.mountPath"), rule);
        }
        if raw.mounts.is_empty() && has_clusters {
            self.error(
                format!("{field}.mounts"),
                "must name the workloads that run `flyteadmin serve` and `flyteadmin clusterresource`, because \
                 `spec.clusters` is not empty",
            );
        }
        let mounts = raw.mounts.into_iter().enumerate();
        Credentials {
            secret_name,
            namespace: raw.namespace,
            source: match raw.source {
                RawSecretSource::Generate => SecretSource::Generate,
                RawSecretSource::Existing => SecretSource::Existing,
            },
            mount_path: mount_path.trim_end_matches('/').to_owned(),
            mounts: mounts.map(|(index, raw)| self.mount(format!("{field}.mounts[{index}]"), raw)).collect(),
        }
    }

    fn mount(&mut self, field: String, mut raw: RawSelector) -> Mount {
        let containers = raw.containers.take();
        if containers.as_ref().is_some_and(Vec::is_empty) {
            self.error(format!("{field}.containers"), "must not be empty, leave it out to mean all containers");
        }
        Mount { selector: self.selector(field, raw), containers }
    }

    fn cluster_config(&mut self, raw: RawClusterConfig, has_clusters: bool) -> ClusterConfig {
        let field = "spec.clusterConfig";
        if raw.targets.is_empty() && has_clusters {
            self.error(
                format!("{field}.targets"),
                "must name the ConfigMap keys that flyteadmin reads `clusters` from, because `spec.clusters` is not empty",
            );
        }
        for (index, target) in raw.targets.iter().enumerate().filter(|(_, target)| target.create) {
            let is_shared =
                |(at, other): (usize, &RawClusterTarget)| at != index && other.config_map == target.config_map;
            if raw.targets.iter().enumerate().any(is_shared) {
                self.error(
                    format!("{field}.targets[{index}].configMap"),
                    format!(
                        "must be a ConfigMap of its own because of `create`, another target is in {:?}",
                        target.config_map
                    ),
                );
            }
        }
        let targets = raw.targets.into_iter().enumerate();
        ClusterConfig {
            format: match raw.format {
                RawFormat::ClusterConfigs => ClusterFormat::ClusterConfigs,
                RawFormat::List => ClusterFormat::List,
            },
            targets: targets
                .map(|(index, raw)| ClusterTarget {
                    config: self.config_key(&format!("{field}.targets[{index}]"), raw.config_map, raw.key),
                    is_own: raw.create,
                })
                .collect(),
        }
    }

    fn config_key(&mut self, field: &str, config_map: String, key: String) -> ConfigKey {
        self.subdomain(&format!("{field}.configMap"), &config_map);
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
            self.error(format!("{field}.key"), format!("must be a key of a ConfigMap, got {key:?}"));
        }
        ConfigKey { config_map, key }
    }

    fn service_account_token(&mut self, raw: RawServiceAccountToken) -> ServiceAccountToken {
        let field = "spec.dataPlane.serviceAccountToken";
        self.subdomain(&format!("{field}.serviceAccount"), &raw.service_account);
        self.subdomain(&format!("{field}.secretName"), &raw.secret_name);
        if let Some(namespace) = &raw.namespace {
            self.subdomain(&format!("{field}.namespace"), namespace);
        }
        ServiceAccountToken {
            service_account: raw.service_account,
            namespace: raw.namespace,
            secret_name: raw.secret_name,
        }
    }

    fn overrides(&mut self, index: usize, raw: RawOverride) -> Override {
        Override {
            plane: match raw.plane {
                RawPlane::ControlPlane => Plane::Control,
                RawPlane::DataPlane => Plane::Data,
            },
            target: self.config_key(&format!("spec.overrides[{index}]"), raw.config_map, raw.key),
            merge: raw.merge,
        }
    }

    fn directories(&mut self, raw: RawDirectories) -> Directories {
        let field = "spec.directories";
        let [control_plane, data_plane] =
            [("controlPlane", raw.control_plane), ("dataPlane", raw.data_plane)].map(|(key, directory)| {
                let trimmed = directory.trim_end_matches('/').trim_start_matches("./").to_owned();
                if trimmed.is_empty() || trimmed.starts_with('/') || trimmed.split('/').any(|step| step == "..") {
                    let rule = format!("must be a directory inside the package, got {directory:?}");
                    self.error(format!("{field}.{key}"), rule);
                }
                trimmed
            });
        let is_inside = |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}/"));
        if is_inside(&control_plane, &data_plane) || is_inside(&data_plane, &control_plane) {
            self.error(field, "must name two directories of which neither lies inside the other");
        }
        Directories { control_plane, data_plane }
    }

    fn subdomain(&mut self, field: &str, name: &str) {
        if !is_subdomain(name) {
            let got = if may_be_secret(name) {
                WITHHELD.to_owned()
            } else {
                format!("got {name:?}: use {:?}", legal_name(name))
            };
            self.error(field, format!("must be a name of lower-case letters, digits, '-' and '.' (RFC 1123), {got}"));
        }
    }
}
