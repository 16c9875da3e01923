//! What the user asked for: the functionConfig and the shared spec, read, merged and proven to make sense.

mod label_selector;
mod load;
mod object_name;
mod overrides;
mod pattern;
mod proof;
mod schema;
mod selector;
mod shape;
pub mod v1alpha1;

use serde_json::{Map, Value};

pub use load::{Loaded, load, load_for_both};
pub use overrides::{ConfigKey, Override};
pub use selector::{Selector, origins};
pub use shape::nearest;

use crate::field_path::FieldPath;
use crate::redacted::Redacted;
use crate::wire::lookup::Called;
use crate::wire::{ResId, Resource};

/// A field of the functionConfig or the shared spec that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field path: `spec.clusters[1].name`; empty when the whole is meant.
    pub field: FieldPath,
    /// The rule, what was found, and the remedy: "must be unique, got ...". Never a secret value.
    pub rule: String,
    /// The resource that holds the field, when it is known.
    pub resource: Option<ResId>,
}

impl Problem {
    fn new(field: impl Into<FieldPath>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into(), resource: None }
    }
}

/// One of the two outputs that every resource is sorted into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plane {
    /// Where flyteadmin, datacatalog and the console run and workflows are scheduled.
    Control,
    /// Where propeller and the operators run workflows; there may be many clusters of it.
    Data,
}

/// What the function writes: `spec.output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The resources of one plane.
    Plane(Plane),
    /// Every resource once, labelled with its plane or routed to its directories.
    All,
}

/// What becomes of a resource that nothing claims: `spec.planes.unmatched`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmatched {
    /// The run stops.
    Error,
    /// It goes where a claim would have sent it.
    Claim(Claim),
}

/// Where a resource may be claimed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// One plane only.
    Only(Plane),
    /// Each of the two.
    Both,
    /// No output, deliberately.
    Neither,
}

impl Claim {
    /// Whether a resource claimed so is in `plane`.
    #[must_use]
    pub fn includes(self, plane: Plane) -> bool {
        match self {
            Self::Only(only) => only == plane,
            Self::Both => true,
            Self::Neither => false,
        }
    }
}

/// The whole of what the user asked for; every field has been checked.
pub struct Spec {
    /// What to write.
    pub output: Output,
    /// The cluster whose data plane is written; nothing if it is the same for all of them.
    pub cluster: Option<String>,
    /// How resources are sorted.
    pub planes: Planes,
    /// The data-plane clusters, in the order they are written.
    pub clusters: Vec<Cluster>,
    /// flyteadmin's `labelClusterMap`, in the order it is written.
    pub label_cluster_map: Vec<(String, Vec<WeightedCluster>)>,
    /// flyteadmin's `defaultExecutionLabel`.
    pub default_execution_label: Option<String>,
    /// The Secret that carries the credentials into the pods.
    pub credentials: Credentials,
    /// Where flyteadmin reads `clusters`.
    pub cluster_config: ClusterConfig,
    /// The token Secret to add to the data plane.
    pub service_account_token: Option<ServiceAccountToken>,
    /// Where flytepropeller reads the name of its cluster.
    pub cluster_id: Vec<ConfigKey>,
    /// Configuration merged for one plane only, as it is written; [`Spec::overrides_in`] has all that is merged.
    pub overrides: Vec<Override>,
    /// Where kpt keeps the files of each plane.
    pub directories: Option<Directories>,
}

impl Spec {
    /// Whether the function makes the Secret `credentials.secretName`.
    #[must_use]
    pub fn makes_credentials(&self) -> bool {
        self.credentials.source == SecretSource::Generate && self.clusters.iter().any(Cluster::is_in_shared_secret)
    }
}

/// `spec.planes`.
pub struct Planes {
    /// `controlPlane`.
    pub control_plane: Vec<Selector>,
    /// `dataPlane`.
    pub data_plane: Vec<Selector>,
    /// `both`.
    pub both: Vec<Selector>,
    /// `neither`.
    pub neither: Vec<Selector>,
    /// `external`.
    pub external: Vec<Selector>,
    /// `followReferences`.
    pub follow_references: bool,
    /// `unmatched`.
    pub unmatched: Unmatched,
}

impl Planes {
    /// The selectors that place resources.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        [&self.control_plane, &self.data_plane, &self.both, &self.neither].into_iter().flatten()
    }
}

/// One of `spec.clusters`.
pub struct Cluster {
    /// Unique; the prefix of the keys in the Secret.
    pub name: String,
    /// An `https` URL; absent for `inCluster`, and where a kubeconfig or an Argo CD Secret brings it.
    pub endpoint: Option<String>,
    /// Whether flyteadmin schedules onto it.
    pub enabled: bool,
    /// Where token and CA come from.
    pub source: CredentialSource,
    /// The limits of flyteadmin's client, in its own words.
    pub kube_client_config: Option<Map<String, Value>>,
}

impl Cluster {
    /// Whether flyteadmin reads a token and a CA from files to reach it.
    #[must_use]
    pub fn needs_files(&self) -> bool {
        !matches!(self.source, CredentialSource::InCluster)
    }

    /// The Secret of its own that is made elsewhere, if it has one.
    #[must_use]
    pub fn existing_secret(&self) -> Option<&ExistingSecret> {
        match &self.source {
            CredentialSource::ExistingSecret(existing) => Some(existing),
            CredentialSource::InCluster
            | CredentialSource::Elsewhere
            | CredentialSource::Secret(_)
            | CredentialSource::Kubeconfig { .. }
            | CredentialSource::Inline { .. } => None,
        }
    }

    /// Whether the Secret `credentials.secretName` carries its token and CA.
    #[must_use]
    pub fn is_in_shared_secret(&self) -> bool {
        self.needs_files() && self.existing_secret().is_none()
    }
}

/// Where a cluster's token and CA come from.
pub enum CredentialSource {
    /// flyteadmin uses the ServiceAccount of its own pod: nothing is needed.
    InCluster,
    /// Nothing is named: the Secret is made elsewhere (`spec.credentials.source: Existing`).
    Elsewhere,
    /// `credentials.secret`: an item with keys `token` and `ca.crt`, or an Argo CD cluster Secret.
    Secret(SecretReference),
    /// `credentials.kubeconfig`: an item with a kubeconfig under a key.
    Kubeconfig {
        /// The Secret among the items.
        secret: SecretReference,
        /// The key, `kubeconfig` unless written.
        key: String,
        /// The context; the kubeconfig's `current-context` unless written.
        context: Option<String>,
    },
    /// `credentials.token` and `credentials.caCert`: base64, as in `Secret.data`.
    Inline {
        /// The token, still encoded.
        token: Redacted,
        /// The CA certificates, still encoded.
        ca_cert: Redacted,
    },
    /// `credentials.existingSecret`: a Secret that is made elsewhere in the control-plane cluster.
    ExistingSecret(ExistingSecret),
}

/// A Secret that is made elsewhere, and the keys that hold the credentials of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExistingSecret {
    /// Its name, in the namespace of the workloads.
    pub name: String,
    /// The key of the token.
    pub token_key: String,
    /// The key of the CA certificates.
    pub ca_cert_key: String,
}

impl ExistingSecret {
    /// The two keys.
    #[must_use]
    pub fn keys(&self) -> [&str; 2] {
        [&self.token_key, &self.ca_cert_key]
    }
}

/// `name` or `namespace/name` of a Secret among the items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretReference {
    /// The namespace, where it is written.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// A cluster's share of a label's executions.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedCluster {
    /// The name of one of `spec.clusters`.
    pub id: String,
    /// 0 to 1; flyteadmin normalises the sum.
    pub weight: f64,
}

/// `spec.credentials`.
pub struct Credentials {
    /// The Secret's name, and the volume's.
    pub secret_name: String,
    /// The Secret's namespace, where it is written.
    pub namespace: Option<String>,
    /// Whether the Secret is made here or elsewhere.
    pub source: SecretSource,
    /// The directory that the files are mounted at.
    pub mount_path: String,
    /// The workloads and containers that need the files.
    pub mounts: Vec<Mount>,
}

impl Credentials {
    /// Whether `name` is that of the Secret, or of one of those that it is split into.
    #[must_use]
    pub fn is_part(&self, name: &str) -> bool {
        let number = name.strip_prefix(&self.secret_name).and_then(|rest| rest.strip_prefix('-'));
        name == self.secret_name || number.is_some_and(|number| number.parse::<u16>().is_ok())
    }
}

/// `spec.credentials.source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretSource {
    /// The function makes the Secret from the clusters' credentials.
    Generate,
    /// It is made elsewhere and only referenced.
    Existing,
}

/// One of `spec.credentials.mounts`.
pub struct Mount {
    /// The workloads.
    pub selector: Selector,
    /// The names of containers or init containers; absent for all of them.
    pub containers: Option<Vec<String>>,
}

/// `spec.clusterConfig`.
pub struct ClusterConfig {
    /// The form of the `clusters` section.
    pub format: ClusterFormat,
    /// The ConfigMap keys that hold flyteadmin's configuration.
    pub targets: Vec<ClusterTarget>,
}

/// `spec.clusterConfig.format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterFormat {
    /// `clusters: {clusterConfigs: [...]}`, what flyteadmin reads since v0.1.0.
    ClusterConfigs,
    /// `clusters: [...]`, as the guide of 2019 printed it.
    List,
}

/// One of `spec.clusterConfig.targets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterTarget {
    /// The ConfigMap and its key.
    pub config: ConfigKey,
    /// `create`: the ConfigMap is made here and holds nothing else, so that only the selected containers see it.
    pub is_own: bool,
}

/// `spec.dataPlane.serviceAccountToken`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccountToken {
    /// The ServiceAccount the control plane acts as.
    pub service_account: String,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The name of the Secret to add.
    pub secret_name: String,
}

impl ServiceAccountToken {
    /// Whether the token of `item` is asked for. Kubernetes looks for the account in the Secret's namespace, which is the
    /// account's own if none is written.
    #[must_use]
    pub fn is_of(&self, item: &Resource<'_>) -> bool {
        Called::core("ServiceAccount", self.namespace.as_deref(), &self.service_account).is(item)
    }
}

/// `spec.directories`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// Where the control plane's files go.
    pub control_plane: String,
    /// Where the data plane's files go.
    pub data_plane: String,
}
