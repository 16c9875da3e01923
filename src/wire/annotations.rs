//! The annotations that orchestrators and this function reserve.

/// Marks an object that configures tools and is never applied to a cluster.
pub const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Where kustomize took a resource from (`buildMetadata: [originAnnotations]`): YAML with a `path`.
pub const ORIGIN: &str = "config.kubernetes.io/origin";

/// The file a resource is read from and written to, relative to the kpt package.
pub const PATH: &str = "internal.config.kubernetes.io/path";

/// The same as [`PATH`], as orchestrators before v1 write it.
pub const LEGACY_PATH: &str = "config.kubernetes.io/path";

/// The place of a resource in its file.
pub const INDEX: &str = "internal.config.kubernetes.io/index";

/// The same as [`INDEX`], as orchestrators before v1 write it.
pub const LEGACY_INDEX: &str = "config.kubernetes.io/index";

/// The names a resource had before kustomize changed them, oldest first, separated by commas.
pub const PREVIOUS_NAMES: &str = "internal.config.kubernetes.io/previousNames";

/// The namespaces a resource had before, in step with [`PREVIOUS_NAMES`].
pub const PREVIOUS_NAMESPACES: &str = "internal.config.kubernetes.io/previousNamespaces";

/// The kinds a resource had before, in step with [`PREVIOUS_NAMES`].
pub const PREVIOUS_KINDS: &str = "internal.config.kubernetes.io/previousKinds";

/// The id that kustomize writes on everything it sends to a function, and takes away again.
pub const KUSTOMIZE_ID: &str = "kustomize.config.k8s.io/id";

/// On what kustomize had Helm render: kustomize gives it no namespace.
pub const HELM_GENERATED: &str = "internal.config.kubernetes.io/helm-generated";

/// The plane a resource's author asks for; removed from the output.
pub const PLANE: &str = "split-planes.dev/plane";

/// On what this function makes, so that a later run knows it whatever the spec says then.
pub const INJECTED: &str = "split-planes.dev/injected";

/// On pod templates: a digest of the credentials and cluster configuration that flyteadmin reads only at start.
pub const CHECKSUM: &str = "split-planes.dev/checksum";

/// On a `kubernetes.io/service-account-token` Secret: the ServiceAccount whose token Kubernetes writes into it.
pub const SERVICE_ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";

/// The name prefixes that kustomize gave, oldest first.
pub const PREFIXES: &str = "internal.config.kubernetes.io/prefixes";

/// The name suffixes that kustomize gave, oldest first.
pub const SUFFIXES: &str = "internal.config.kubernetes.io/suffixes";

/// What the annotations begin with by which an orchestrator tracks resources while it runs functions.
pub const INTERNAL_PREFIX: &str = "internal.config.kubernetes.io/";

/// The number that orchestrators before v1 gave each resource.
pub const LEGACY_ID: &str = "config.k8s.io/id";
