//! Lists where each kind names another, and what is known of kinds and names without looking at the resources.
//!
//! Source: the API reference of Kubernetes, of its Gateway API, and of the custom resources named here.

use super::{Sought, Strength, Wanted};
use crate::wire::scope;

/// API group and kind; the version does not matter.
pub type Kind = (&'static str, &'static str);

/// The namespace that means every namespace: for subjects that name none.
pub const ANY_NAMESPACE: &str = "*";

const APPS: &str = "apps";
const NETWORKING: &str = "networking.k8s.io";
const GATEWAY: &str = "gateway.networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const CERT_MANAGER: &str = "cert-manager.io";
const MONITORING: &str = "monitoring.coreos.com";
const CONTOUR: &str = "projectcontour.io";
const HEPTIO_CONTOUR: &str = "contour.heptio.com";
const TRAEFIK: &str = "traefik.io";
const ISTIO: &str = "networking.istio.io";

const CONFIG_MAP: Kind = ("", "ConfigMap");
const SECRET: Kind = ("", "Secret");
pub const SERVICE: Kind = ("", "Service");
pub const SERVICE_ACCOUNT: Kind = ("", "ServiceAccount");
const CLAIM: Kind = ("", "PersistentVolumeClaim");
const STORAGE_CLASS: Kind = ("storage.k8s.io", "StorageClass");
const DEPLOYMENT: Kind = (APPS, "Deployment");
pub const CLUSTER_ROLE: Kind = (RBAC, "ClusterRole");

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub enum Holds {
    /// A name of this kind; `kind`, `namespace`, `apiGroup`, `group` and `apiVersion` beside it say more.
    Name(Kind),
    /// A `LabelSelector` over pods.
    Pods,
    /// A plain map of labels over pods.
    PodLabels,
    /// A `LabelSelector` over pods, in the namespaces that `namespaceSelector` beside it names.
    PodsAcross,
    /// A `LabelSelector` over Services, in the namespaces that `namespaceSelector` beside it names.
    ServicesAcross,
    /// A `LabelSelector` over ClusterRoles.
    ClusterRoles,
    /// The host name of a Service, or any other.
    Host,
}

use Holds::{ClusterRoles, Host, Name, PodLabels, Pods, PodsAcross, ServicesAcross};
use Strength::{Attachment, Hard, Route, Start};

/// A path, what is there, and what depends on it.
pub type Field = (&'static str, Holds, Strength);

/// What a pod spec names.
pub const POD: [Field; 19] = [
    ("serviceAccountName", Name(SERVICE_ACCOUNT), Start),
    ("serviceAccount", Name(SERVICE_ACCOUNT), Start),
    ("imagePullSecrets[].name", Name(SECRET), Start),
    ("volumes[].configMap.name", Name(CONFIG_MAP), Start),
    ("volumes[].secret.secretName", Name(SECRET), Start),
    ("volumes[].persistentVolumeClaim.claimName", Name(CLAIM), Start),
    ("volumes[].projected.sources[].configMap.name", Name(CONFIG_MAP), Start),
    ("volumes[].projected.sources[].secret.name", Name(SECRET), Start),
    ("volumes[].csi.nodePublishSecretRef.name", Name(SECRET), Start),
    (
        "volumes[].csi.volumeAttributes.secretProviderClass",
        Name(("secrets-store.csi.x-k8s.io", "SecretProviderClass")),
        Hard,
    ),
    ("volumes[].cephfs.secretRef.name", Name(SECRET), Start),
    ("volumes[].iscsi.secretRef.name", Name(SECRET), Start),
    ("volumes[].rbd.secretRef.name", Name(SECRET), Start),
    ("volumes[].azureFile.secretName", Name(SECRET), Start),
    ("volumes[].flexVolume.secretRef.name", Name(SECRET), Start),
    ("volumes[].ephemeral.volumeClaimTemplate.spec.storageClassName", Name(STORAGE_CLASS), Hard),
    ("volumes[].ephemeral.volumeClaimTemplate.spec.volumeName", Name(("", "PersistentVolume")), Hard),
    ("priorityClassName", Name(("scheduling.k8s.io", "PriorityClass")), Hard),
    ("runtimeClassName", Name(("node.k8s.io", "RuntimeClass")), Hard),
];

/// What a container names.
pub const CONTAINER: [Field; 4] = [
    ("env[].valueFrom.configMapKeyRef.name", Name(CONFIG_MAP), Start),
    ("env[].valueFrom.secretKeyRef.name", Name(SECRET), Start),
    ("envFrom[].configMapRef.name", Name(CONFIG_MAP), Start),
    ("envFrom[].secretRef.name", Name(SECRET), Start),
];

const ROUTES: [Kind; 5] = [
    (GATEWAY, "HTTPRoute"),
    (GATEWAY, "GRPCRoute"),
    (GATEWAY, "TLSRoute"),
    (GATEWAY, "TCPRoute"),
    (GATEWAY, "UDPRoute"),
];

/// What every other kind names.
pub const FIELDS: &[(&[Kind], &[Field])] = &[
    (
        &[(APPS, "StatefulSet")],
        &[
            ("spec.serviceName", Name(SERVICE), Hard),
            ("spec.volumeClaimTemplates[].spec.storageClassName", Name(STORAGE_CLASS), Hard),
        ],
    ),
    (
        &[("argoproj.io", "Rollout")],
        &[
            ("spec.workloadRef.name", Name(DEPLOYMENT), Hard),
            ("spec.strategy.canary.stableService", Name(SERVICE), Hard),
            ("spec.strategy.canary.canaryService", Name(SERVICE), Hard),
            ("spec.strategy.blueGreen.activeService", Name(SERVICE), Hard),
            ("spec.strategy.blueGreen.previewService", Name(SERVICE), Hard),
        ],
    ),
    (&[SERVICE], &[("spec.selector", PodLabels, Attachment)]),
    (&[("policy", "PodDisruptionBudget")], &[("spec.selector", Pods, Attachment)]),
    (&[(NETWORKING, "NetworkPolicy")], &[("spec.podSelector", Pods, Attachment)]),
    (&[SERVICE_ACCOUNT], &[("secrets[].name", Name(SECRET), Hard), ("imagePullSecrets[].name", Name(SECRET), Hard)]),
    (
        &[CLAIM],
        &[
            ("spec.volumeName", Name(("", "PersistentVolume")), Hard),
            ("spec.storageClassName", Name(STORAGE_CLASS), Hard),
        ],
    ),
    (
        &[("", "PersistentVolume")],
        &[
            ("spec.claimRef.name", Name(CLAIM), Attachment),
            ("spec.storageClassName", Name(STORAGE_CLASS), Hard),
            ("spec.csi.controllerExpandSecretRef.name", Name(SECRET), Hard),
            ("spec.csi.controllerPublishSecretRef.name", Name(SECRET), Hard),
            ("spec.csi.nodePublishSecretRef.name", Name(SECRET), Hard),
            ("spec.csi.nodeStageSecretRef.name", Name(SECRET), Hard),
        ],
    ),
    (
        &[(NETWORKING, "Ingress")],
        &[
            ("spec.backend.serviceName", Name(SERVICE), Route),
            ("spec.backend.service.name", Name(SERVICE), Route),
            ("spec.defaultBackend.service.name", Name(SERVICE), Route),
            ("spec.rules[].http.paths[].backend.serviceName", Name(SERVICE), Route),
            ("spec.rules[].http.paths[].backend.service.name", Name(SERVICE), Route),
            ("spec.tls[].secretName", Name(SECRET), Hard),
            ("spec.ingressClassName", Name((NETWORKING, "IngressClass")), Hard),
        ],
    ),
    (
        &ROUTES,
        &[
            ("spec.parentRefs[].name", Name((GATEWAY, "Gateway")), Hard),
            ("spec.rules[].backendRefs[].name", Name(SERVICE), Route),
            ("spec.rules[].filters[].requestMirror.backendRef.name", Name(SERVICE), Route),
        ],
    ),
    (
        &[(GATEWAY, "Gateway")],
        &[
            ("spec.gatewayClassName", Name((GATEWAY, "GatewayClass")), Hard),
            ("spec.listeners[].tls.certificateRefs[].name", Name(SECRET), Hard),
        ],
    ),
    (
        &[(CONTOUR, "HTTPProxy"), (HEPTIO_CONTOUR, "IngressRoute")],
        &[
            ("spec.routes[].services[].name", Name(SERVICE), Route),
            ("spec.tcpproxy.services[].name", Name(SERVICE), Route),
            ("spec.virtualhost.tls.secretName", Name(SECRET), Hard),
        ],
    ),
    (
        &[(TRAEFIK, "IngressRoute"), (TRAEFIK, "IngressRouteTCP")],
        &[("spec.routes[].services[].name", Name(SERVICE), Route), ("spec.tls.secretName", Name(SECRET), Hard)],
    ),
    (
        &[(ISTIO, "VirtualService")],
        &[
            ("spec.gateways[]", Name((ISTIO, "Gateway")), Hard),
            ("spec.http[].route[].destination.host", Host, Route),
            ("spec.http[].mirror.host", Host, Route),
            ("spec.tls[].route[].destination.host", Host, Route),
            ("spec.tcp[].route[].destination.host", Host, Route),
        ],
    ),
    (&[(ISTIO, "DestinationRule")], &[("spec.host", Host, Attachment)]),
    (&[("autoscaling", "HorizontalPodAutoscaler")], &[("spec.scaleTargetRef.name", Name(DEPLOYMENT), Attachment)]),
    (&[("autoscaling.k8s.io", "VerticalPodAutoscaler")], &[("spec.targetRef.name", Name(DEPLOYMENT), Attachment)]),
    (
        &[("keda.sh", "ScaledObject")],
        &[
            ("spec.scaleTargetRef.name", Name(DEPLOYMENT), Attachment),
            ("spec.triggers[].authenticationRef.name", Name(("keda.sh", "TriggerAuthentication")), Hard),
        ],
    ),
    (
        &[(RBAC, "RoleBinding"), (RBAC, "ClusterRoleBinding")],
        &[("roleRef.name", Name(CLUSTER_ROLE), Hard), ("subjects[].name", Name(SERVICE_ACCOUNT), Attachment)],
    ),
    (&[CLUSTER_ROLE], &[("aggregationRule.clusterRoleSelectors[]", ClusterRoles, Hard)]),
    (
        &[
            ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
            ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ],
        &[("webhooks[].clientConfig.service.name", Name(SERVICE), Route)],
    ),
    (&[("apiregistration.k8s.io", "APIService")], &[("spec.service.name", Name(SERVICE), Route)]),
    (
        &[("apiextensions.k8s.io", "CustomResourceDefinition")],
        &[
            ("spec.conversion.webhook.clientConfig.service.name", Name(SERVICE), Hard),
            ("spec.conversion.webhookClientConfig.service.name", Name(SERVICE), Hard),
        ],
    ),
    (&[(CERT_MANAGER, "Certificate")], &[("spec.issuerRef.name", Name((CERT_MANAGER, "Issuer")), Hard)]),
    (&[(CERT_MANAGER, "Issuer"), (CERT_MANAGER, "ClusterIssuer")], &[("spec.ca.secretName", Name(SECRET), Hard)]),
    (
        &[("external-secrets.io", "ExternalSecret")],
        &[("spec.secretStoreRef.name", Name(("external-secrets.io", "SecretStore")), Hard)],
    ),
    (
        &[(MONITORING, "ServiceMonitor")],
        &[
            ("spec.selector", ServicesAcross, Attachment),
            ("spec.endpoints[].basicAuth.username.name", Name(SECRET), Hard),
            ("spec.endpoints[].basicAuth.password.name", Name(SECRET), Hard),
            ("spec.endpoints[].bearerTokenSecret.name", Name(SECRET), Hard),
            ("spec.endpoints[].authorization.credentials.name", Name(SECRET), Hard),
            ("spec.endpoints[].tlsConfig.ca.secret.name", Name(SECRET), Hard),
            ("spec.endpoints[].tlsConfig.ca.configMap.name", Name(CONFIG_MAP), Hard),
            ("spec.endpoints[].tlsConfig.cert.secret.name", Name(SECRET), Hard),
            ("spec.endpoints[].tlsConfig.keySecret.name", Name(SECRET), Hard),
        ],
    ),
    (&[(MONITORING, "PodMonitor")], &[("spec.selector", PodsAcross, Attachment)]),
];

/// The kinds with a `caBundle`, which cert-manager can fill in.
const TRUSTING: [Kind; 4] = [
    ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("apiregistration.k8s.io", "APIService"),
];

/// Annotations that name an object.
pub const ANNOTATIONS: [(&[Kind], &str, Kind); 5] = [
    (&[SECRET], "kubernetes.io/service-account.name", SERVICE_ACCOUNT),
    (&[(NETWORKING, "Ingress")], "cert-manager.io/issuer", (CERT_MANAGER, "Issuer")),
    (&[(NETWORKING, "Ingress")], "cert-manager.io/cluster-issuer", (CERT_MANAGER, "ClusterIssuer")),
    (&TRUSTING, "cert-manager.io/inject-ca-from", (CERT_MANAGER, "Certificate")),
    (&TRUSTING, "cert-manager.io/inject-ca-from-secret", SECRET),
];

/// Custom kinds without a namespace whose definitions are rarely among the resources.
const CLUSTER_SCOPED: [&str; 6] = [
    "ClusterIssuer",
    "ClusterPolicy",
    "ClusterSecretStore",
    "ClusterTriggerAuthentication",
    "ClusterWorkflowTemplate",
    "GatewayClass",
];

/// The API group under which today's servers know the kind: `extensions` was split up long ago.
#[must_use]
pub fn canonical_group<'g>(group: &'g str, kind: &str) -> &'g str {
    match (group, kind) {
        ("extensions", "Ingress" | "NetworkPolicy") => NETWORKING,
        ("extensions", "PodSecurityPolicy") => "policy",
        ("extensions", _) => APPS,
        _ => group,
    }
}

/// Whether objects of the kind are in no namespace. RBAC objects of such kinds are found in the wild with a
/// `metadata.namespace`, which servers ignore.
#[must_use]
pub fn is_cluster_scoped(kind: &str) -> bool {
    scope::group_of(kind).is_some() || CLUSTER_SCOPED.contains(&kind)
}

/// Whether something of this name is there without being written: built in, or made by controllers at run time.
pub fn is_made_elsewhere(wanted: &Wanted) -> bool {
    let Sought::Name(name) = &wanted.sought else { return true };
    match wanted.kind.as_ref() {
        "ServiceAccount" => name == "default",
        "ClusterRole" => {
            matches!(name.as_str(), "cluster-admin" | "admin" | "edit" | "view") || name.starts_with("system:")
        }
        "PriorityClass" => name.starts_with("system-"),
        "ConfigMap" => matches!(name.as_str(), "kube-root-ca.crt" | "istio-ca-root-cert"),
        // Istio's word for all sidecars.
        "Gateway" => name == "mesh",
        // The certificates of admission webhooks are written by their own init steps.
        "Secret" => name.contains("webhook"),
        _ => false,
    }
}
