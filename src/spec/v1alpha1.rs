//! `PlaneSplit` in version v1alpha1, as the user writes it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::schema;

/// The API group.
pub const GROUP: &str = "split-planes.dev";
/// The version.
pub const VERSION: &str = "v1alpha1";
/// The kind.
pub const KIND: &str = "PlaneSplit";

/// The JSON Schema of a `PlaneSplit`.
#[must_use]
pub fn schema() -> Value {
    schema::of::<RawSpec>(&format!("{GROUP}/{VERSION}"), KIND)
}

/// The text of the schema, as it is printed.
#[must_use]
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// What is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSpec {
    /// Which output is written. Usually the one field of an overlay's functionConfig.
    pub(super) output: Option<RawOutput>,
    /// With output `DataPlane`: write the data plane of this one cluster.
    pub(super) cluster: Option<String>,
    /// How resources are sorted.
    #[serde(default)]
    pub(super) planes: RawPlanes,
    /// The data-plane clusters that the control plane schedules onto, in this order. Empty: only split.
    #[serde(default)]
    pub(super) clusters: Vec<RawCluster>,
    /// Passed to flyteadmin: which clusters run the executions of a label, and their shares.
    #[schemars(with = "BTreeMap<String, Vec<RawWeightedCluster>>")]
    #[serde(default)]
    pub(super) label_cluster_map: Map<String, Value>,
    /// Passed to flyteadmin: the label of executions without one.
    pub(super) default_execution_label: Option<String>,
    /// The Secret that carries every cluster's token and CA into the pods.
    #[serde(default)]
    pub(super) credentials: RawCredentials,
    /// Where flyteadmin reads `clusters`.
    #[serde(default)]
    pub(super) cluster_config: RawClusterConfig,
    /// What the data plane gets.
    #[serde(default)]
    pub(super) data_plane: RawDataPlane,
    /// YAML inside a ConfigMap, merged for one plane only.
    #[serde(default)]
    pub(super) overrides: Vec<RawOverride>,
    /// kpt only, with output All: where the files of each plane go.
    pub(super) directories: Option<RawDirectories>,
}

/// What is written.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub(super) enum RawOutput {
    ControlPlane,
    DataPlane,
    All,
}

/// One of the two planes.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
pub(super) enum RawPlane {
    ControlPlane,
    DataPlane,
}

/// How resources are sorted.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawPlanes {
    /// What runs once, next to flyteadmin.
    pub(super) control_plane: Vec<RawSelector>,
    /// What runs in every cluster that executes workflows.
    pub(super) data_plane: Vec<RawSelector>,
    /// In each of the two.
    pub(super) both: Vec<RawSelector>,
    /// Deliberately in no output.
    pub(super) neither: Vec<RawSelector>,
    /// Made elsewhere in the clusters: references to these are not dangling. By kind, name and namespace: what is not
    /// among the resources has no labels, annotations or path.
    #[schemars(schema_with = "schema::external::<RawSelector>")]
    pub(super) external: Vec<RawSelector>,
    /// Let unmatched resources follow what uses them.
    pub(super) follow_references: bool,
    /// What becomes of a resource that no selector matches.
    #[schemars(extend("default" = "Error"))]
    pub(super) unmatched: RawUnmatched,
}

/// What becomes of a resource that nothing claims.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
pub(super) enum RawUnmatched {
    #[default]
    Error,
    ControlPlane,
    DataPlane,
    Both,
}

/// Selects resources as a kustomize patch target does: every field that is written must match.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(transform = schema::selector)]
pub(super) struct RawSelector {
    /// API group, a regular expression anchored at both ends.
    pub(super) group: Option<String>,
    /// API version, a regular expression anchored at both ends.
    pub(super) version: Option<String>,
    /// Kind, a regular expression anchored at both ends: `Deployment|Service`.
    pub(super) kind: Option<String>,
    /// Current or any earlier name, with or without kustomize's hash suffix; a regular expression anchored at both ends.
    pub(super) name: Option<String>,
    /// Current or any earlier namespace, a regular expression anchored at both ends.
    pub(super) namespace: Option<String>,
    /// Kubernetes label selector: `app=flyteadmin,tier in (web, api)`.
    pub(super) label_selector: Option<String>,
    /// The same syntax over annotations.
    pub(super) annotation_selector: Option<String>,
    /// Glob (`**`, `*`, `?`) on the file the resource came from, as kustomize's origin annotation or kpt records it.
    pub(super) path: Option<String>,
    /// With `mounts` alone: names of containers or init containers; absent for all of them.
    pub(super) containers: Option<Vec<String>>,
}

/// A cluster that the control plane schedules onto.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawCluster {
    /// Unique; the prefix of the keys in the Secret.
    #[schemars(regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub(super) name: String,
    /// The `https` URL of its API server; not written for `inCluster`, or if a kubeconfig brings it.
    #[schemars(regex(pattern = "^https://"))]
    pub(super) endpoint: Option<String>,
    /// Whether flyteadmin schedules onto it; true unless written.
    #[schemars(extend("default" = true))]
    pub(super) enabled: Option<bool>,
    /// flyteadmin's own cluster, which needs neither endpoint nor credentials.
    #[serde(default)]
    pub(super) in_cluster: bool,
    /// Where token and CA come from.
    pub(super) credentials: Option<RawClusterCredentials>,
    /// Passed to flyteadmin: the limits of its client for this cluster.
    pub(super) kube_client_config: Option<RawKubeClientConfig>,
}

/// `KubeClientConfig` of flyteadmin's `pkg/config`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RawKubeClientConfig {
    /// Requests a second.
    #[schemars(with = "Option<u32>")]
    pub(super) qps: Option<f64>,
    /// Requests at once.
    #[schemars(with = "Option<u32>")]
    pub(super) burst: Option<f64>,
    /// How long a request may take, as a duration of Go: `30s`.
    pub(super) timeout: Option<String>,
}

/// Where token and CA come from: one of the sources.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(transform = schema::credentials)]
pub(super) struct RawClusterCredentials {
    /// A Secret among the resources with keys `token` and `ca.crt`: NAME or NAMESPACE/NAME.
    #[schemars(length(min = 1))]
    pub(super) secret: Option<String>,
    /// Endpoint, CA and token as one set.
    pub(super) kubeconfig: Option<RawKubeconfig>,
    /// The token in base64, as in Secret.data; with `caCert`.
    pub(super) token: Option<String>,
    /// PEM certificates in base64, as in Secret.data; with `token`.
    pub(super) ca_cert: Option<String>,
    /// A Secret that is made elsewhere in the control-plane cluster: NAME, or its name and keys.
    #[schemars(schema_with = "schema::name_or::<RawExistingSecret>")]
    pub(super) existing_secret: Option<Value>,
}

/// A Secret that is made elsewhere, with its keys.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawExistingSecret {
    /// Its name.
    pub(super) name: String,
    /// The key of the token.
    #[schemars(extend("default" = "token"))]
    pub(super) token_key: Option<String>,
    /// The key of the CA.
    #[schemars(extend("default" = "ca.crt"))]
    pub(super) ca_cert_key: Option<String>,
}

/// A kubeconfig in a Secret among the resources.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RawKubeconfig {
    /// The Secret that holds the kubeconfig: NAME or NAMESPACE/NAME.
    #[schemars(length(min = 1))]
    pub(super) secret: String,
    /// Its key; `kubeconfig` unless written.
    #[schemars(extend("default" = "kubeconfig"))]
    pub(super) key: Option<String>,
    /// The context; the kubeconfig's current one unless written.
    pub(super) context: Option<String>,
}

/// A cluster's share of a label's executions.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RawWeightedCluster {
    /// The name of one of the clusters.
    pub(super) id: String,
    /// Its share, from 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub(super) weight: f64,
}

/// The Secret that carries the credentials into the pods.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawCredentials {
    /// The name of the Secret, and of the volume; `cluster-credentials` unless written.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"), length(max = 63))]
    #[schemars(extend("default" = "cluster-credentials"))]
    pub(super) secret_name: Option<String>,
    /// The namespace of the Secret; that of the mounted workloads unless written.
    pub(super) namespace: Option<String>,
    /// Generate: made from the clusters' credentials. Existing: made elsewhere and only referenced.
    #[schemars(extend("default" = "Generate"))]
    pub(super) source: RawSecretSource,
    /// Where the files appear; `/var/run/credentials` unless written.
    #[schemars(regex(pattern = "^/"))]
    #[schemars(extend("default" = "/var/run/credentials"))]
    pub(super) mount_path: Option<String>,
    /// Where volume and volumeMount go.
    #[schemars(schema_with = "schema::mounts::<RawSelector>")]
    pub(super) mounts: Vec<RawSelector>,
}

/// Where that Secret comes from.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
pub(super) enum RawSecretSource {
    #[default]
    Generate,
    Existing,
}

/// Where flyteadmin reads `clusters`.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct RawClusterConfig {
    /// `ClusterConfigs` is what flyteadmin reads; `List` is what the guide of 2019 prints, which no flyteadmin ever read.
    #[schemars(extend("default" = "ClusterConfigs"))]
    pub(super) format: RawFormat,
    /// The keys of ConfigMaps that hold flyteadmin's configuration.
    pub(super) targets: Vec<RawClusterTarget>,
}

/// The form of the section.
#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
pub(super) enum RawFormat {
    #[default]
    ClusterConfigs,
    List,
}

/// A key of a ConfigMap.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawClusterTarget {
    /// The name of the ConfigMap, without the hash that kustomize adds.
    #[schemars(length(min = 1))]
    pub(super) config_map: String,
    /// Its namespace, if two ConfigMaps have the name.
    #[schemars(length(min = 1))]
    pub(super) namespace: Option<String>,
    /// The key in its `data`.
    #[schemars(length(min = 1))]
    pub(super) key: String,
    /// The ConfigMap is made here and holds nothing else, so that only the selected containers see it.
    #[serde(default)]
    pub(super) create: bool,
}

/// What the data plane gets.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawDataPlane {
    /// A Secret that asks Kubernetes for the token of a ServiceAccount.
    pub(super) service_account_token: Option<RawServiceAccountToken>,
    /// Where flytepropeller reads the name of its cluster; needs `cluster`.
    pub(super) cluster_id: Option<RawClusterId>,
}

/// Where flytepropeller reads the name of its cluster.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RawClusterId {
    /// The keys of ConfigMaps that hold flytepropeller's configuration.
    #[schemars(length(min = 1))]
    pub(super) targets: Vec<RawConfigKey>,
}

/// A key of a ConfigMap that is there.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawConfigKey {
    /// The name of the ConfigMap, without the hash that kustomize adds.
    #[schemars(length(min = 1))]
    pub(super) config_map: String,
    /// Its namespace, if two ConfigMaps have the name.
    #[schemars(length(min = 1))]
    pub(super) namespace: Option<String>,
    /// The key in its `data`.
    #[schemars(length(min = 1))]
    pub(super) key: String,
}

/// The token Secret.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawServiceAccountToken {
    /// The ServiceAccount that the control plane acts as.
    #[schemars(length(min = 1))]
    pub(super) service_account: String,
    /// Its namespace.
    pub(super) namespace: Option<String>,
    /// The name of the Secret.
    #[schemars(length(min = 1))]
    pub(super) secret_name: String,
}

/// Configuration that is merged for one plane only.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawOverride {
    /// The plane it is made for.
    pub(super) plane: RawPlane,
    /// With plane `DataPlane`: only in the data planes of these clusters.
    #[schemars(length(min = 1))]
    pub(super) clusters: Option<Vec<String>>,
    /// The name of the ConfigMap, without the hash that kustomize adds.
    #[schemars(length(min = 1))]
    pub(super) config_map: String,
    /// Its namespace, if two ConfigMaps have the name.
    #[schemars(length(min = 1))]
    pub(super) namespace: Option<String>,
    /// The key in its `data`.
    #[schemars(length(min = 1))]
    pub(super) key: String,
    /// Maps merge deeply, lists are replaced, null deletes.
    pub(super) merge: Map<String, Value>,
}

/// Where kpt keeps the files of each plane.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawDirectories {
    /// Where the control plane's files go.
    #[schemars(length(min = 1))]
    pub(super) control_plane: String,
    /// Where the data plane's files go.
    #[schemars(length(min = 1))]
    pub(super) data_plane: String,
}
