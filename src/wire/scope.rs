//! Knows the built-in kinds whose objects are in no namespace.
//!
//! Source: the Kubernetes API reference; kustomize reads the same from the `OpenAPI` schema that it carries.

/// Kind and API group, by kind.
const CLUSTER_SCOPED: [(&str, &str); 22] = [
    ("APIService", "apiregistration.k8s.io"),
    ("CSIDriver", "storage.k8s.io"),
    ("CSINode", "storage.k8s.io"),
    ("CertificateSigningRequest", "certificates.k8s.io"),
    ("ClusterRole", "rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "rbac.authorization.k8s.io"),
    ("CustomResourceDefinition", "apiextensions.k8s.io"),
    ("FlowSchema", "flowcontrol.apiserver.k8s.io"),
    ("IngressClass", "networking.k8s.io"),
    ("MutatingWebhookConfiguration", "admissionregistration.k8s.io"),
    ("Namespace", ""),
    ("Node", ""),
    ("PersistentVolume", ""),
    ("PodSecurityPolicy", "policy"),
    ("PriorityClass", "scheduling.k8s.io"),
    ("PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io"),
    ("RuntimeClass", "node.k8s.io"),
    ("StorageClass", "storage.k8s.io"),
    ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io"),
    ("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io"),
    ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io"),
    ("VolumeAttachment", "storage.k8s.io"),
];

/// Whether objects of a built-in kind are in no namespace.
#[must_use]
pub fn is_cluster_scoped(group: &str, kind: &str) -> bool {
    group_of(kind) == Some(group)
}

/// The API group of the built-in kind of this name whose objects are in no namespace.
#[must_use]
pub fn group_of(kind: &str) -> Option<&'static str> {
    let place = CLUSTER_SCOPED.binary_search_by_key(&kind, |(kind, _)| kind).ok()?;
    Some(CLUSTER_SCOPED[place].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_kind_is_found_by_the_search_and_in_its_group_alone() {
        for (kind, group) in CLUSTER_SCOPED {
            assert!(is_cluster_scoped(group, kind), "{kind}");
            assert!(!is_cluster_scoped("example.com", kind), "{kind}");
        }
        assert!(!is_cluster_scoped("rbac.authorization.k8s.io", "Role"));
    }
}
