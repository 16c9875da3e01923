//! Lists where each kind names another: one table of field paths, read by one loop.
//!
//! Source: the API reference of Kubernetes, of its Gateway API, and of the custom resources named here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::labels::{equality_selector, label_selector, string_map};
use super::{Referrer, Sought, Strength, Wanted, custom, walk};
use crate::graph::index::ANY_NAMESPACE;
use crate::wire::Resource;
use crate::workload::{CONTAINER_LISTS, pod_template};

/// API group and kind; the version does not matter.
pub type Kind = (&'static str, &'static str);

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
const SERVICE: Kind = ("", "Service");
const SERVICE_ACCOUNT: Kind = ("", "ServiceAccount");
const CLAIM: Kind = ("", "PersistentVolumeClaim");
const STORAGE_CLASS: Kind = ("storage.k8s.io", "StorageClass");
const DEPLOYMENT: Kind = (APPS, "Deployment");
const CLUSTER_ROLE: Kind = (RBAC, "ClusterRole");

/// What a field holds.
#[derive(Debug, Clone, Copy)]
enum Holds {
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

/// A path, what stands there, and what depends on it.
type Field = (&'static str, Holds, Strength);

/// What a pod spec names.
const POD: [Field; 19] = [
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
const CONTAINER: [Field; 4] = [
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
const FIELDS: &[(&[Kind], &[Field])] = &[
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
const ANNOTATIONS: [(&[Kind], &str, Kind); 5] = [
    (&[SECRET], "kubernetes.io/service-account.name", SERVICE_ACCOUNT),
    (&[(NETWORKING, "Ingress")], "cert-manager.io/issuer", (CERT_MANAGER, "Issuer")),
    (&[(NETWORKING, "Ingress")], "cert-manager.io/cluster-issuer", (CERT_MANAGER, "ClusterIssuer")),
    (&TRUSTING, "cert-manager.io/inject-ca-from", (CERT_MANAGER, "Certificate")),
    (&TRUSTING, "cert-manager.io/inject-ca-from-secret", SECRET),
];

/// Kinds without a namespace, those whose definitions are rarely among the resources included. RBAC objects of such
/// kinds are found in the wild with a `metadata.namespace`, which servers ignore.
const CLUSTER_SCOPED: [&str; 24] = [
    "APIService",
    "CSIDriver",
    "ClusterIssuer",
    "ClusterPolicy",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterSecretStore",
    "ClusterTriggerAuthentication",
    "ClusterWorkflowTemplate",
    "CustomResourceDefinition",
    "FlowSchema",
    "GatewayClass",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingWebhookConfiguration",
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

/// Whether objects of the kind stand in no namespace.
#[must_use]
pub fn is_cluster_scoped(kind: &str) -> bool {
    CLUSTER_SCOPED.binary_search(&kind).is_ok()
}

/// The labels of the pods that a resource makes; `None` when it makes none.
pub(super) fn pod_labels(item: &Resource<'_>) -> Option<BTreeMap<String, String>> {
    let template = pod_template(item.id()).filter(|_| item.id().gvk.kind != "PodTemplate")?;
    let labels = ["metadata", "labels"];
    let value = template.path.iter().chain(&labels).try_fold(item.value(), |value, key| value.get(key));
    Some(value.map(string_map).unwrap_or_default())
}

/// The pod spec in a resource that makes pods, with its path.
pub(super) fn pod_spec<'r>(item: &'r Resource<'_>) -> Option<(&'r Value, String)> {
    let template = pod_template(item.id())?;
    let keys = || template.path.iter().chain(&["spec"]).copied();
    let value = keys().try_fold(item.value(), |value, key| value.get(key))?;
    Some((value, keys().collect::<Vec<_>>().join(".")))
}

/// Whether something of this name is there without being written: built in, or made by controllers at run time.
pub(super) fn is_made_elsewhere(wanted: &Wanted) -> bool {
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

/// Adds everything that the fields of the referrer name.
pub(super) fn collect(referrer: &mut Referrer<'_, '_>) {
    let item = referrer.resource();
    let kind = (canonical_group(&item.id().gvk.group, &item.id().gvk.kind), item.id().gvk.kind.as_str());
    let fields = || FIELDS.iter().filter(|(kinds, _)| kinds.contains(&kind)).flat_map(|(_, fields)| *fields);
    if let Some((pod, path)) = pod_spec(item) {
        collect_pod(referrer, pod, &path);
    }
    for field in fields() {
        collect_field(referrer, item.value(), "", field);
    }
    for (_, annotation, named) in ANNOTATIONS.iter().filter(|(of, ..)| of.contains(&kind)) {
        if let Some(name) = item.annotation(annotation) {
            let field = format!("metadata.annotations[{annotation:?}]");
            let wanted = wanted(referrer, *named, name, &Map::new());
            referrer.refer(field, wanted, Hard, false);
        }
    }
    if pod_template(item.id()).is_none() && fields().next().is_none() {
        custom::collect(referrer);
    }
}

fn collect_pod(referrer: &mut Referrer<'_, '_>, pod: &Value, path: &str) {
    for field in &POD {
        collect_field(referrer, pod, path, field);
    }
    for list in CONTAINER_LISTS {
        for (position, container) in pod.get(list).and_then(Value::as_array).into_iter().flatten().enumerate() {
            let path = format!("{path}.{list}[{position}]");
            for field in &CONTAINER {
                collect_field(referrer, container, &path, field);
            }
        }
    }
    if pod.get("serviceAccountName").is_none() && pod.get("serviceAccount").is_none() {
        // A pod that names no ServiceAccount runs as its namespace's `default`, which may be written to carry pull secrets.
        let wanted = wanted(referrer, SERVICE_ACCOUNT, "default", &Map::new());
        referrer.refer(format!("{path}.serviceAccountName"), wanted, Start, false);
    }
}

fn collect_field(referrer: &mut Referrer<'_, '_>, value: &Value, path: &str, (at, holds, strength): &Field) {
    walk::each_entry(value, at, &mut path.to_owned(), &mut |beside, entry, path| match holds {
        Name(kind) => collect_name(referrer, *kind, (beside, entry), path, *strength),
        PodLabels => collect_selected(referrer, "Pod", equality_selector(entry), &[], path),
        Pods => collect_selected(referrer, "Pod", label_selector(entry), &[], path),
        PodsAcross => collect_selected(referrer, "Pod", label_selector(entry), &namespaces(beside), path),
        ServicesAcross => collect_selected(referrer, "Service", label_selector(entry), &namespaces(beside), path),
        ClusterRoles => collect_cluster_roles(referrer, entry, path, *strength),
        Host => collect_host(referrer, entry, path, *strength),
    });
}

pub(super) fn collect_name(
    referrer: &mut Referrer<'_, '_>,
    kind: Kind,
    (beside, entry): (&Map<String, Value>, &Value),
    path: &str,
    strength: Strength,
) {
    let Some(name) = entry.as_str().filter(|name| !name.is_empty()) else { return };
    let is_person = matches!(beside.get("kind").and_then(Value::as_str), Some("User" | "Group"));
    if is_person || is_action_of_the_controller(beside) {
        return;
    }
    let is_optional = beside.get("optional") == Some(&Value::Bool(true));
    let strength = if is_optional && strength == Start { Hard } else { strength };
    let wanted = wanted(referrer, kind, name, beside);
    referrer.refer(path.to_owned(), wanted, strength, is_optional);
}

/// An Ingress backend of this port is no Service: the AWS controller finds an action of that name in an annotation.
fn is_action_of_the_controller(backend: &Map<String, Value>) -> bool {
    let port = backend.get("servicePort").or_else(|| backend.get("port")?.get("name"));
    port.and_then(Value::as_str) == Some("use-annotation")
}

/// What a name means, with the fields beside it that say more.
fn wanted(referrer: &Referrer<'_, '_>, (group, kind): Kind, name: &str, beside: &Map<String, Value>) -> Wanted {
    let text = |key: &str| beside.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    // No name has a slash: annotations and Istio write `namespace/name` in one.
    let (namespace, name) = match name.split_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (text("namespace"), name),
    };
    let group_of_version = || text("apiVersion").map(|version| version.rsplit_once('/').map_or("", |(group, _)| group));
    // A subject's `apiGroup` and a backend's `port` stand beside names too; a kind comes with every group that counts.
    let written = text("kind").map(|kind| (text("apiGroup").or_else(|| text("group")).or_else(group_of_version), kind));
    let (group, kind) = match written {
        Some((written_group, written_kind)) if written_kind != kind => (written_group, written_kind.to_owned()),
        Some((Some(written_group), _)) => (Some(written_group), kind.to_owned()),
        _ => (Some(group), kind.to_owned()),
    };
    let group = group.map(|group| canonical_group(group, &kind).to_owned());
    let own = referrer.resource().id();
    let is_cluster_scoped = referrer.index.is_cluster_scoped(group.as_deref().unwrap_or_default(), &kind);
    // A subject without a namespace gets that of the ServiceAccount it names when kustomize resolves it.
    let implied = if kind == "ServiceAccount" && is_cluster_scoped_binding(referrer) {
        ANY_NAMESPACE
    } else {
        own.effective_namespace()
    };
    Wanted {
        group: group.map(Into::into),
        namespace: (!is_cluster_scoped).then(|| namespace.unwrap_or(implied).to_owned()),
        kind: kind.into(),
        sought: Sought::Name(name.to_owned()),
    }
}

fn is_cluster_scoped_binding(referrer: &Referrer<'_, '_>) -> bool {
    referrer.resource().id().gvk.kind == "ClusterRoleBinding"
}

/// The namespaces that a monitor's `namespaceSelector` names; none for its own.
fn namespaces(spec: &Map<String, Value>) -> Vec<&str> {
    let Some(selector) = spec.get("namespaceSelector") else { return Vec::new() };
    if selector.get("any") == Some(&Value::Bool(true)) {
        return vec![ANY_NAMESPACE];
    }
    selector.get("matchNames").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn collect_selected(
    referrer: &mut Referrer<'_, '_>,
    kind: &'static str,
    selector: Option<kube_core::Selector>,
    namespaces: &[&str],
    path: &str,
) {
    let Some(selector) = selector else { return };
    let own = [referrer.resource().id().effective_namespace()];
    let namespaces = if namespaces.is_empty() { &own } else { namespaces };
    let select = |namespace: &&str| match kind {
        "Service" => referrer.index.services(namespace, &selector),
        _ => referrer.index.pods(namespace, &selector),
    };
    let targets = namespaces.iter().flat_map(select).collect();
    let wanted = Wanted {
        group: Some("".into()),
        kind: kind.into(),
        namespace: Some(namespaces.join(",")),
        sought: Sought::Labels(selector.to_string()),
    };
    referrer.add(path.to_owned(), wanted, targets, Attachment, false);
}

/// Adds the ClusterRoles that are selected, where some are among the resources; an aggregation may well wait for others.
fn collect_cluster_roles(referrer: &mut Referrer<'_, '_>, entry: &Value, path: &str, strength: Strength) {
    let Some(selector) = label_selector(entry) else { return };
    let targets = referrer.index.cluster_roles(&selector);
    if !targets.is_empty() {
        let (group, kind) = CLUSTER_ROLE;
        let sought = Sought::Labels(selector.to_string());
        let wanted = Wanted { group: Some(group.into()), kind: kind.into(), namespace: None, sought };
        referrer.add(path.to_owned(), wanted, targets, strength, false);
    }
}

/// Adds the Service of a host, where it is among the resources: `name` or, in full, `name.namespace.svc.cluster.local`.
fn collect_host(referrer: &mut Referrer<'_, '_>, entry: &Value, path: &str, strength: Strength) {
    let labels: Vec<&str> = entry.as_str().unwrap_or_default().split('.').collect();
    let name = match labels[..] {
        [name] => name.to_owned(),
        [name, namespace, "svc", ..] => format!("{namespace}/{name}"),
        _ => return,
    };
    let wanted = wanted(referrer, SERVICE, &name, &Map::new());
    let targets = referrer.index.targets(referrer.resource(), &wanted);
    if !targets.is_empty() {
        referrer.add(path.to_owned(), wanted, targets, strength, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_kind_is_found_by_the_search() {
        assert!(CLUSTER_SCOPED.into_iter().all(is_cluster_scoped));
        assert!(!is_cluster_scoped("Role"));
    }
}
