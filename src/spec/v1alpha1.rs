//! `PlaneSplit` in version v1alpha1, as the user writes it.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The API group.
pub const GROUP: &str = "split-planes.dev";
/// The version.
pub const VERSION: &str = "v1alpha1";
/// The kind.
pub const KIND: &str = "PlaneSplit";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawSpec {
    pub(super) output: Option<RawOutput>,
    #[serde(default)]
    pub(super) planes: RawPlanes,
    #[serde(default)]
    pub(super) clusters: Vec<RawCluster>,
    #[serde(default)]
    pub(super) label_cluster_map: Map<String, Value>,
    pub(super) default_execution_label: Option<String>,
    #[serde(default)]
    pub(super) credentials: RawCredentials,
    #[serde(default)]
    pub(super) cluster_config: RawClusterConfig,
    #[serde(default)]
    pub(super) data_plane: RawDataPlane,
    #[serde(default)]
    pub(super) overrides: Vec<RawOverride>,
    pub(super) directories: Option<RawDirectories>,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum RawOutput {
    ControlPlane,
    DataPlane,
    All,
}

#[derive(Clone, Copy, Deserialize)]
pub(super) enum RawPlane {
    ControlPlane,
    DataPlane,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawPlanes {
    pub(super) control_plane: Vec<RawSelector>,
    pub(super) data_plane: Vec<RawSelector>,
    pub(super) both: Vec<RawSelector>,
    pub(super) neither: Vec<RawSelector>,
    pub(super) external: Vec<RawSelector>,
    pub(super) follow_references: bool,
    pub(super) unmatched: RawUnmatched,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) enum RawUnmatched {
    #[default]
    Error,
    ControlPlane,
    DataPlane,
    Both,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawSelector {
    pub(super) group: Option<String>,
    pub(super) version: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) label_selector: Option<String>,
    pub(super) annotation_selector: Option<String>,
    pub(super) path: Option<String>,
    /// For `mounts` alone.
    pub(super) containers: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawCluster {
    pub(super) name: String,
    pub(super) endpoint: Option<String>,
    pub(super) enabled: Option<bool>,
    #[serde(default)]
    pub(super) in_cluster: bool,
    pub(super) credentials: Option<RawClusterCredentials>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawClusterCredentials {
    pub(super) secret: Option<String>,
    pub(super) kubeconfig: Option<RawKubeconfig>,
    pub(super) token: Option<String>,
    pub(super) ca_cert: Option<String>,
    /// A name, or a [`RawExistingSecret`].
    pub(super) existing_secret: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawExistingSecret {
    pub(super) name: String,
    pub(super) token_key: Option<String>,
    pub(super) ca_cert_key: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawKubeconfig {
    pub(super) secret: String,
    pub(super) key: Option<String>,
    pub(super) context: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RawWeightedCluster {
    pub(super) id: String,
    pub(super) weight: f64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawCredentials {
    pub(super) secret_name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) source: RawSecretSource,
    pub(super) mount_path: Option<String>,
    pub(super) mounts: Vec<RawSelector>,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) enum RawSecretSource {
    #[default]
    Generate,
    Existing,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct RawClusterConfig {
    pub(super) format: RawFormat,
    pub(super) targets: Vec<RawClusterTarget>,
}

#[derive(Clone, Copy, Default, Deserialize)]
pub(super) enum RawFormat {
    #[default]
    ClusterConfigs,
    List,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawClusterTarget {
    pub(super) config_map: String,
    pub(super) key: String,
    #[serde(default)]
    pub(super) create: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawDataPlane {
    pub(super) service_account_token: Option<RawServiceAccountToken>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawServiceAccountToken {
    pub(super) service_account: String,
    pub(super) namespace: Option<String>,
    pub(super) secret_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawOverride {
    pub(super) plane: RawPlane,
    pub(super) config_map: String,
    pub(super) key: String,
    pub(super) merge: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawDirectories {
    pub(super) control_plane: String,
    pub(super) data_plane: String,
}
