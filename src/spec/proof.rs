//! Proves that what the user wrote makes sense, on the way from what was written to what is true.

mod clusters;
mod data_plane;

use globset::GlobBuilder;
use serde_json::Value;

use super::object_name::{is_subdomain, legal_name, may_be_secret};
use super::pattern::{Budget, Pattern};
use super::v1alpha1::{
    RawClusterConfig, RawClusterTarget, RawCredentials, RawDirectories, RawFormat, RawOutput, RawPlanes,
    RawSecretSource, RawSelector, RawSpec, RawUnmatched,
};
use super::{
    Claim, ClusterConfig, ClusterFormat, ClusterTarget, ConfigKey, Credentials, Directories, Mount, Output, Plane,
    Planes, Problem, SecretSource, Selector, Spec, Unmatched, label_selector, shape,
};
use crate::field_path::FieldPath;

/// What is said of a text in place of the text.
const WITHHELD: &str = "got something else, which is not shown because it may be a secret";

/// A spec that holds together, and what is odd about it all the same.
pub(super) struct Checked {
    pub(super) spec: Spec,
    pub(super) warnings: Vec<Problem>,
}

/// Reads the merged `spec` of a `PlaneSplit`, of which one output is written.
///
/// # Errors
///
/// Every field that is unknown, mistyped or breaks a rule.
pub(super) fn read(spec: &Value) -> Result<Checked, Vec<Problem>> {
    let raw: RawSpec = shape::read(spec, &"spec".into())?;
    let mut proof = Proof::default();
    let has_output = raw.output.is_some();
    let spec = proof.spec(raw);
    if has_output {
        proof.one_cluster(&spec);
    }
    proof.checked(spec)
}

/// Reads the merged `spec` of a `PlaneSplit` whose outputs are all looked at, so that it need not say which is written.
///
/// # Errors
///
/// Every field that is unknown, mistyped or breaks a rule.
pub(super) fn read_for_all(spec: &Value) -> Result<Checked, Vec<Problem>> {
    let raw: RawSpec = shape::read(spec, &"spec".into())?;
    let mut proof = Proof::default();
    let spec = proof.spec(RawSpec { output: raw.output.or(Some(RawOutput::ControlPlane)), ..raw });
    proof.checked(spec)
}

/// How long a glob may be.
const LONGEST_GLOB: usize = 1000;

/// The directories that images fill: a mount at one of them hides what programs need.
const FILLED: [&str; 28] = [
    "/bin",
    "/boot",
    "/etc",
    "/etc/pki",
    "/etc/ssl",
    "/etc/ssl/certs",
    "/home",
    "/lib",
    "/lib64",
    "/opt",
    "/root",
    "/run",
    "/run/secrets",
    "/sbin",
    "/srv",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/run",
    "/var/run/secrets",
];

/// The directories that the system and Kubernetes fill to the bottom, that of the ServiceAccount's token among them.
const TAKEN: [&str; 5] = ["/dev", "/proc", "/run/secrets/kubernetes.io", "/sys", "/var/run/secrets/kubernetes.io"];

/// What a mount at `path` hides.
fn hidden_by(path: &str) -> Option<&'static str> {
    let is_in = |directory: &str| path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
    let filled = FILLED.into_iter().find(|directory| *directory == path);
    filled.or_else(|| TAKEN.into_iter().find(|directory| *directory == path || is_in(directory)))
}

/// Collects every broken rule on the way from what was written to what is true.
#[derive(Default)]
pub(super) struct Proof {
    pub(super) errors: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
    patterns: Budget,
}

impl Proof {
    fn checked(self, spec: Spec) -> Result<Checked, Vec<Problem>> {
        if self.errors.is_empty() { Ok(Checked { spec, warnings: self.warnings }) } else { Err(self.errors) }
    }

    fn error(&mut self, field: impl Into<FieldPath>, rule: impl Into<String>) {
        self.errors.push(Problem::new(field, rule));
    }

    fn warning(&mut self, field: impl Into<FieldPath>, rule: impl Into<String>) {
        self.warnings.push(Problem::new(field, rule));
    }

    pub(super) fn spec(&mut self, raw: RawSpec) -> Spec {
        if raw.output.is_none() {
            self.error("spec.output", "must be set to ControlPlane, DataPlane or All");
        }
        let has_labels = !raw.label_cluster_map.is_empty() || raw.default_execution_label.is_some();
        if has_labels && matches!(raw.cluster_config.format, RawFormat::List) {
            self.warning(
                "spec.clusterConfig.format",
                "must be ClusterConfigs for labels to have an effect, a list has no room for them",
            );
        }
        if raw.directories.is_some() && !matches!(raw.output, Some(RawOutput::All)) {
            self.warning("spec.directories", "must be beside `output: All` to have an effect");
        }
        let label_cluster_map = self.label_cluster_map(&raw.label_cluster_map, &raw.clusters);
        if let Some(label) = &raw.default_execution_label {
            self.default_execution_label(label, &raw.label_cluster_map);
        }
        let has_clusters = !raw.clusters.is_empty();
        let output = raw.output;
        self.few_overrides(&raw.overrides);
        let spec = Spec {
            planes: self.planes(raw.planes),
            credentials: self.credentials(raw.credentials, has_clusters),
            cluster_config: self.cluster_config(raw.cluster_config, has_clusters),
            clusters: self.clusters(raw.clusters),
            label_cluster_map,
            default_execution_label: raw.default_execution_label,
            service_account_token: raw.data_plane.service_account_token.map(|token| self.service_account_token(token)),
            cluster_id: self.cluster_id(raw.data_plane.cluster_id),
            overrides: raw.overrides.into_iter().enumerate().map(|(index, raw)| self.overrides(index, raw)).collect(),
            cluster: raw.cluster,
            directories: raw.directories.map(|directories| self.directories(directories)),
            output: match output {
                Some(RawOutput::ControlPlane) => Output::Plane(Plane::Control),
                Some(RawOutput::DataPlane) => Output::Plane(Plane::Data),
                Some(RawOutput::All) | None => Output::All,
            },
        };
        self.existing_secrets(&spec);
        self.cluster_names(&spec);
        spec
    }

    fn planes(&mut self, raw: RawPlanes) -> Planes {
        Planes {
            control_plane: self.selectors(&FieldPath::at("spec.planes.controlPlane"), raw.control_plane),
            data_plane: self.selectors(&FieldPath::at("spec.planes.dataPlane"), raw.data_plane),
            both: self.selectors(&FieldPath::at("spec.planes.both"), raw.both),
            neither: self.selectors(&FieldPath::at("spec.planes.neither"), raw.neither),
            external: self.external(&FieldPath::at("spec.planes.external"), raw.external),
            follow_references: raw.follow_references,
            unmatched: match raw.unmatched {
                RawUnmatched::Error => Unmatched::Error,
                RawUnmatched::ControlPlane => Unmatched::Claim(Claim::Only(Plane::Control)),
                RawUnmatched::DataPlane => Unmatched::Claim(Claim::Only(Plane::Data)),
                RawUnmatched::Both => Unmatched::Claim(Claim::Both),
            },
        }
    }

    fn selectors(&mut self, field: &FieldPath, raw: Vec<RawSelector>) -> Vec<Selector> {
        let mut selectors = Vec::with_capacity(raw.len());
        for (index, raw) in raw.into_iter().enumerate() {
            let field = field.index(index);
            if raw.containers.is_some() {
                self.error(field.then("containers"), "must not be set, because only `spec.credentials.mounts` has it");
            }
            selectors.push(self.selector(field, raw));
        }
        selectors
    }

    /// Selectors of what is not among the resources: a reference to it tells its kind, name and namespace alone.
    fn external(&mut self, field: &FieldPath, raw: Vec<RawSelector>) -> Vec<Selector> {
        for (index, raw) in raw.iter().enumerate() {
            let unknown = [
                ("labelSelector", &raw.label_selector),
                ("annotationSelector", &raw.annotation_selector),
                ("path", &raw.path),
            ];
            for (key, _) in unknown.iter().filter(|(_, text)| text.is_some()) {
                self.error(
                    field.index(index).key(key),
                    "must not be set, because what is made elsewhere is known by what refers to it, so select it by `kind`, \
                     `name` and `namespace`",
                );
            }
        }
        self.selectors(field, raw)
    }

    fn selector(&mut self, field: FieldPath, raw: RawSelector) -> Selector {
        let texts = [
            ("group", &raw.group),
            ("version", &raw.version),
            ("kind", &raw.kind),
            ("name", &raw.name),
            ("namespace", &raw.namespace),
            ("labelSelector", &raw.label_selector),
            ("annotationSelector", &raw.annotation_selector),
            ("path", &raw.path),
        ];
        let written = texts.into_iter().filter_map(|(key, text)| Some((key, text.clone()?))).collect();
        let selector = Selector {
            written,
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
        let is_broken = self.errors.iter().any(|problem| problem.field.is_in(&selector.field));
        if selector.is_empty() && !is_broken {
            self.error(
                selector.field.clone(),
                "must not be empty, because it would select everything; set one of group, version, kind, name, namespace, \
                 labelSelector, annotationSelector, path",
            );
        }
        selector
    }

    fn written(&mut self, field: &FieldPath, key: &str, text: Option<String>) -> Option<String> {
        let text = text?;
        if text.is_empty() {
            self.error(field.key(key), "must not be empty");
            return None;
        }
        Some(text)
    }

    fn pattern(&mut self, field: &FieldPath, key: &str, text: Option<String>) -> Option<Pattern> {
        let text = self.written(field, key, text)?;
        let pattern = Pattern::new(&text, &mut self.patterns);
        pattern.map_err(|refusal| self.error(field.key(key), refusal.rule(&text))).ok()
    }

    fn labels(&mut self, field: &FieldPath, key: &str, text: Option<String>) -> Option<label_selector::Selector> {
        let text = self.written(field, key, text)?;
        match label_selector::parse(&text) {
            Ok(selector) => Some(selector),
            Err(rule) => {
                self.error(field.key(key), format!("must be a selector as `kubectl -l` takes it: {rule}"));
                None
            }
        }
    }

    fn glob(&mut self, field: &FieldPath, text: Option<String>) -> Option<globset::GlobMatcher> {
        let text = self.written(field, "path", text)?;
        if text.len() > LONGEST_GLOB {
            let rule = format!("must be at most {LONGEST_GLOB} bytes long, got {}", text.len());
            self.error(field.then("path"), rule);
            return None;
        }
        let glob = GlobBuilder::new(&text).literal_separator(true).build().ok();
        if glob.is_none() {
            self.error(field.then("path"), format!("must be a glob of `**`, `*` and `?`, got {text:?}"));
        }
        glob.map(|glob| glob.compile_matcher())
    }

    fn credentials(&mut self, raw: RawCredentials, has_clusters: bool) -> Credentials {
        let field = &FieldPath::at("spec.credentials");
        let secret_name = raw.secret_name.unwrap_or_else(|| "cluster-credentials".to_owned());
        self.subdomain(&field.then("secretName"), &secret_name);
        match raw.namespace.as_deref() {
            None => {}
            Some("") => self.error(
                field.then("namespace"),
                "must not be empty, leave it out to mean the namespace of the workloads in `mounts`",
            ),
            Some(namespace) => self.subdomain(&field.then("namespace"), namespace),
        }
        let mount_path = self.mount_path(raw.mount_path.as_deref().unwrap_or("/var/run/credentials"));
        if raw.mounts.is_empty() && has_clusters {
            self.error(
                field.then("mounts"),
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
            mount_path,
            mounts: mounts.map(|(index, raw)| self.mount(field.then("mounts").index(index), raw)).collect(),
        }
    }

    /// The directory without repeated and trailing slashes; one that hides what is there is an error.
    fn mount_path(&mut self, written: &str) -> String {
        let steps = || written.split('/').filter(|step| !step.is_empty() && *step != ".");
        let mount_path = steps().fold(String::new(), |path, step| path + "/" + step);
        let field = FieldPath::at("spec.credentials.mountPath");
        if !written.starts_with('/')
            || mount_path.is_empty()
            || written.contains(':')
            || steps().any(|step| step == "..")
        {
            self.error(field, format!("must be an absolute path without ':' and '..', got {written:?}"));
        } else if let Some(hidden) = hidden_by(&mount_path) {
            let rule = format!("must be a directory of its own, {written:?} would hide {hidden} in the containers");
            self.error(field, rule);
        }
        mount_path
    }

    fn mount(&mut self, field: FieldPath, mut raw: RawSelector) -> Mount {
        let containers = raw.containers.take();
        if containers.as_ref().is_some_and(Vec::is_empty) {
            self.error(field.then("containers"), "must not be empty; leave it out to mean all containers");
        }
        Mount { selector: self.selector(field, raw), containers }
    }

    fn cluster_config(&mut self, raw: RawClusterConfig, has_clusters: bool) -> ClusterConfig {
        let field = &FieldPath::at("spec.clusterConfig");
        if raw.targets.is_empty() && has_clusters {
            self.error(
                field.then("targets"),
                "must name the ConfigMap keys that flyteadmin reads `clusters` from, because `spec.clusters` is not empty",
            );
        }
        for (index, target) in raw.targets.iter().enumerate().filter(|(_, target)| target.create) {
            let is_shared =
                |(at, other): (usize, &RawClusterTarget)| at != index && other.config_map == target.config_map;
            if raw.targets.iter().enumerate().any(is_shared) {
                self.error(
                    field.then("targets").index(index).then("configMap"),
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
                    config: self.config_key(
                        &field.then("targets").index(index),
                        raw.config_map,
                        raw.namespace,
                        raw.key,
                    ),
                    is_own: raw.create,
                })
                .collect(),
        }
    }

    fn config_key(
        &mut self,
        field: &FieldPath,
        config_map: String,
        namespace: Option<String>,
        key: String,
    ) -> ConfigKey {
        self.subdomain(&field.then("configMap"), &config_map);
        if let Some(namespace) = &namespace {
            self.subdomain(&field.then("namespace"), namespace);
        }
        self.key(&field.then("key"), "a ConfigMap", &key);
        ConfigKey { config_map, namespace, key }
    }

    fn key(&mut self, field: &FieldPath, of: &str, key: &str) {
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if key.is_empty() || key.len() > 253 || !key.chars().all(is_key) {
            let got = if may_be_secret(key) { WITHHELD.to_owned() } else { format!("got {key:?}") };
            self.error(field, format!("must be a key of {of}, {got}"));
        }
    }

    fn directories(&mut self, raw: RawDirectories) -> Directories {
        let field = &FieldPath::at("spec.directories");
        let [control_plane, data_plane] =
            [("controlPlane", raw.control_plane), ("dataPlane", raw.data_plane)].map(|(key, directory)| {
                let steps = directory.split('/').filter(|step| !step.is_empty() && *step != ".");
                let trimmed = steps.collect::<Vec<_>>().join("/");
                if trimmed.is_empty() || directory.starts_with('/') || trimmed.split('/').any(|step| step == "..") {
                    let rule = format!("must be a directory inside the package, got {directory:?}");
                    self.error(field.key(key), rule);
                }
                trimmed
            });
        let is_inside = |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}/"));
        if is_inside(&control_plane, &data_plane) || is_inside(&data_plane, &control_plane) {
            self.error(field, "must name two directories of which neither lies inside the other");
        }
        Directories { control_plane, data_plane }
    }

    fn subdomain(&mut self, field: &FieldPath, name: &str) {
        if name.is_empty() {
            self.error(field, "must not be empty");
        } else if !is_subdomain(name) {
            let got = if may_be_secret(name) {
                WITHHELD.to_owned()
            } else {
                format!("got {name:?}; use {:?}", legal_name(name))
            };
            self.error(field, format!("must be a name of lower-case letters, digits, '-' and '.' (RFC 1123), {got}"));
        }
    }
}
