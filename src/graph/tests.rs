//! Each kind names what it names, and nothing that only looks like it.

use super::*;

/// The items of a stream of YAML documents.
pub fn items(stream: &str) -> Vec<Resource<'static>> {
    let is_object = |document: &&str| document.lines().any(|line| line.starts_with("kind:"));
    let documents = stream.split("---\n").filter(is_object);
    documents.map(|document| Resource::read(document.to_owned(), "").unwrap()).collect()
}

/// The references as lines: `field -> Kind/name Strength`, `nothing` for what is not among the items.
fn references(stream: &str) -> Vec<String> {
    let items = items(stream);
    let name = |&index: &usize| format!("{}/{}", items[index].id().gvk.kind, items[index].id().name);
    let line = |edge: &Edge| {
        let targets = edge.targets.iter().map(name).collect::<Vec<_>>().join(" ");
        let targets = if targets.is_empty() { "nothing" } else { &targets };
        format!("{} -> {targets} {:?}", edge.field, edge.strength)
    };
    build(&items).edges().iter().map(line).collect()
}

/// One object of each kind that others name, all called `x`, and a decoy called `x` in another namespace.
const NAMED: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: a}
---
apiVersion: v1
kind: Secret
metadata: {name: x, namespace: a}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: x, namespace: a}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: x, namespace: a}
---
apiVersion: v1
kind: Service
metadata: {name: x, namespace: a, labels: {app: x}}
---
apiVersion: apps/v1beta1
kind: Deployment
metadata: {name: x, namespace: a}
spec: {template: {metadata: {labels: {app: x, tier: web}}}}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: x}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: x}
---
apiVersion: rbac.authorization.k8s.io/v1beta1
kind: ClusterRole
metadata: {name: x, namespace: a, labels: {app: x}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: x, namespace: a}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: x, namespace: a}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: x, namespace: a}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: {name: x, namespace: a}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: x}
---
apiVersion: example.com/v1
kind: Service
metadata: {name: x, namespace: a}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: b}
---
apiVersion: v1
kind: Secret
metadata: {name: x, namespace: b}
---
apiVersion: v1
kind: Service
metadata: {name: x, namespace: b}
---
";

/// What a referrer called `r` in namespace `a` names among [`NAMED`].
fn named_by(kind: &str, body: &str) -> Vec<String> {
    let (api_version, kind) = kind.rsplit_once('/').unwrap();
    let referrer = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: r, namespace: a}}\n{body}\n");
    references(&format!("{NAMED}{referrer}"))
}

/// A referrer of each kind: kind, fields, and what they name.
const KIND_FIELDS: [(&str, &str, &str); 40] = [
    (
        "v1/PersistentVolume",
        "spec: {claimRef: {apiVersion: v1, kind: PersistentVolumeClaim, name: x, namespace: a}}",
        "spec.claimRef.name -> PersistentVolumeClaim/x Attachment",
    ),
    (
        "v1/PersistentVolume",
        "spec: {csi: {nodeStageSecretRef: {name: x, namespace: a}}}",
        "spec.csi.nodeStageSecretRef.name -> Secret/x Hard",
    ),
    ("v1/ServiceAccount", "secrets: [{name: x}]", "secrets[0].name -> Secret/x Hard"),
    ("v1/ServiceAccount", "imagePullSecrets: [{name: x}]", "imagePullSecrets[0].name -> Secret/x Hard"),
    ("v1/Service", "spec: {selector: {app: x}}", "spec.selector -> Deployment/x Attachment"),
    ("v1/PersistentVolumeClaim", "spec: {volumeName: x}", "spec.volumeName -> PersistentVolume/x Hard"),
    ("v1/PersistentVolumeClaim", "spec: {storageClassName: x}", "spec.storageClassName -> StorageClass/x Hard"),
    ("apps/v1/StatefulSet", "spec: {serviceName: x}", "spec.serviceName -> Service/x Hard"),
    (
        "apps/v1/StatefulSet",
        "spec: {volumeClaimTemplates: [{spec: {storageClassName: x}}]}",
        "spec.volumeClaimTemplates[0].spec.storageClassName -> StorageClass/x Hard",
    ),
    (
        "policy/v1/PodDisruptionBudget",
        "spec: {selector: {matchExpressions: [{key: tier, operator: In, values: [web, db]}]}}",
        "spec.selector -> Deployment/x Attachment",
    ),
    (
        "extensions/v1beta1/NetworkPolicy",
        "spec: {podSelector: {matchLabels: {app: x}}}",
        "spec.podSelector -> Deployment/x Attachment",
    ),
    ("networking.k8s.io/v1/NetworkPolicy", "spec: {podSelector: {}}", "spec.podSelector -> Deployment/x Attachment"),
    ("extensions/v1beta1/Ingress", "spec: {backend: {serviceName: x}}", "spec.backend.serviceName -> Service/x Route"),
    (
        "networking.k8s.io/v1beta1/Ingress",
        "spec: {rules: [{http: {paths: [{backend: {serviceName: x, servicePort: 80}}]}}]}",
        "spec.rules[0].http.paths[0].backend.serviceName -> Service/x Route",
    ),
    (
        "networking.k8s.io/v1/Ingress",
        "spec: {rules: [{http: {paths: [{backend: {service: {name: x, port: {name: http}}}}]}}]}",
        "spec.rules[0].http.paths[0].backend.service.name -> Service/x Route",
    ),
    (
        "networking.k8s.io/v1/Ingress",
        "spec: {defaultBackend: {service: {name: x}}}",
        "spec.defaultBackend.service.name -> Service/x Route",
    ),
    ("networking.k8s.io/v1/Ingress", "spec: {tls: [{secretName: x}]}", "spec.tls[0].secretName -> Secret/x Hard"),
    (
        "gateway.networking.k8s.io/v1/HTTPRoute",
        "spec: {rules: [{backendRefs: [{name: x, port: 80}]}]}",
        "spec.rules[0].backendRefs[0].name -> Service/x Route",
    ),
    (
        "gateway.networking.k8s.io/v1/GRPCRoute",
        "spec: {parentRefs: [{name: x}]}",
        "spec.parentRefs[0].name -> Gateway/x Hard",
    ),
    (
        "gateway.networking.k8s.io/v1/Gateway",
        "spec: {listeners: [{tls: {certificateRefs: [{name: x}]}}]}",
        "spec.listeners[0].tls.certificateRefs[0].name -> Secret/x Hard",
    ),
    (
        "autoscaling/v2/HorizontalPodAutoscaler",
        "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: x}}",
        "spec.scaleTargetRef.name -> Deployment/x Attachment",
    ),
    (
        "autoscaling/v1/HorizontalPodAutoscaler",
        "spec: {scaleTargetRef: {apiVersion: extensions/v1beta1, kind: Deployment, name: x}}",
        "spec.scaleTargetRef.name -> Deployment/x Attachment",
    ),
    (
        "autoscaling.k8s.io/v1/VerticalPodAutoscaler",
        "spec: {targetRef: {kind: Deployment, name: x}}",
        "spec.targetRef.name -> Deployment/x Attachment",
    ),
    (
        "rbac.authorization.k8s.io/v1/RoleBinding",
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: x}",
        "roleRef.name -> Role/x Hard",
    ),
    (
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
        "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: x}",
        "roleRef.name -> ClusterRole/x Hard",
    ),
    (
        "rbac.authorization.k8s.io/v1beta1/ClusterRoleBinding",
        "subjects: [{kind: ServiceAccount, name: x, namespace: a}]",
        "subjects[0].name -> ServiceAccount/x Attachment",
    ),
    (
        "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
        "subjects: [{kind: ServiceAccount, name: x}]",
        "subjects[0].name -> ServiceAccount/x Attachment",
    ),
    (
        "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
        "webhooks: [{clientConfig: {service: {name: x, namespace: a}}}]",
        "webhooks[0].clientConfig.service.name -> Service/x Route",
    ),
    (
        "apiregistration.k8s.io/v1/APIService",
        "spec: {service: {name: x, namespace: a}}",
        "spec.service.name -> Service/x Route",
    ),
    (
        "apiextensions.k8s.io/v1/CustomResourceDefinition",
        "spec: {conversion: {webhook: {clientConfig: {service: {name: x, namespace: a}}}}}",
        "spec.conversion.webhook.clientConfig.service.name -> Service/x Hard",
    ),
    (
        "rbac.authorization.k8s.io/v1/ClusterRole",
        "aggregationRule: {clusterRoleSelectors: [{matchLabels: {app: y}}, {matchLabels: {app: x}}]}",
        "aggregationRule.clusterRoleSelectors[1] -> ClusterRole/x Hard",
    ),
    (
        "networking.istio.io/v1/VirtualService",
        "spec: {gateways: [mesh, x, a/x]}",
        "spec.gateways[1] -> Gateway/x Hard\n\
             spec.gateways[2] -> Gateway/x Hard",
    ),
    (
        "networking.istio.io/v1/VirtualService",
        "spec: {http: [{route: [{destination: {host: x}}, {destination: {host: www.example.com}}]}]}",
        "spec.http[0].route[0].destination.host -> Service/x Route",
    ),
    (
        "networking.istio.io/v1beta1/VirtualService",
        "spec: {tls: [{route: [{destination: {host: x.a.svc.cluster.local}}, {destination: {host: x.a.example.com}}]}]}",
        "spec.tls[0].route[0].destination.host -> Service/x Route",
    ),
    (
        "networking.istio.io/v1beta1/VirtualService",
        "spec: {tcp: [{route: [{destination: {host: x.c.svc}}, {destination: {host: x.a.svc}}]}]}",
        "spec.tcp[0].route[1].destination.host -> Service/x Route",
    ),
    ("networking.istio.io/v1/DestinationRule", "spec: {host: x}", "spec.host -> Service/x Attachment"),
    ("cert-manager.io/v1/Certificate", "spec: {issuerRef: {name: x}}", "spec.issuerRef.name -> Issuer/x Hard"),
    (
        "cert-manager.io/v1/Certificate",
        "spec: {issuerRef: {name: x, kind: ClusterIssuer, group: cert-manager.io}}",
        "spec.issuerRef.name -> ClusterIssuer/x Hard",
    ),
    (
        "monitoring.coreos.com/v1/ServiceMonitor",
        "spec: {selector: {matchLabels: {app: x}}}",
        "spec.selector -> Service/x Attachment",
    ),
    (
        "sparkoperator.k8s.io/v1beta2/SparkApplication",
        "spec: {driver: {serviceAccount: x, env: [{valueFrom: {secretKeyRef: {name: x, key: k}}}]}}",
        "spec.driver.serviceAccount -> ServiceAccount/x Hard\n\
             spec.driver.env[0].valueFrom.secretKeyRef.name -> Secret/x Hard",
    ),
];

#[test]
fn every_kind_names_what_its_fields_name() {
    for (kind, body, expected) in KIND_FIELDS {
        assert_eq!(named_by(kind, body).join("\n"), expected, "{kind} {body}");
    }
}

#[test]
fn what_only_looks_like_a_reference_is_none() {
    let cases = [
        ("v1/Service", "spec: {selector: {}}"),
        ("v1/Service", "spec: {clusterIP: x}"),
        ("rbac.authorization.k8s.io/v1/RoleBinding", "subjects: [{kind: User, name: x}, {kind: Group, name: x}]"),
        ("rbac.authorization.k8s.io/v1/ClusterRoleBinding", "roleRef: {kind: ClusterRole, name: cluster-admin}"),
        ("rbac.authorization.k8s.io/v1/RoleBinding", "roleRef: {kind: ClusterRole, name: 'system:auth-delegator'}"),
        ("rbac.authorization.k8s.io/v1/RoleBinding", "subjects: [{kind: ServiceAccount, name: default}]"),
        ("extensions/v1beta1/Ingress", "spec: {backend: {serviceName: ssl-redirect, servicePort: use-annotation}}"),
        (
            "networking.k8s.io/v1/Ingress",
            "spec: {defaultBackend: {service: {name: ssl-redirect, port: {name: use-annotation}}}}",
        ),
        ("v1/ConfigMap", "data: {secretName: x, config.yaml: 'serviceAccountName: x'}"),
        ("coordination.k8s.io/v1/Lease", "spec: {secretName: x}"),
    ];
    for (kind, body) in cases {
        assert_eq!(named_by(kind, body), Vec::<String>::new(), "{kind} {body}");
    }
}

#[test]
fn what_has_another_name_namespace_kind_or_labels_is_not_meant() {
    let cases = [
        ("v1/Service", "spec: {selector: {app: y}}", "spec.selector -> nothing Attachment"),
        ("v1/Service", "spec: {selector: {app: x, tier: db}}", "spec.selector -> nothing Attachment"),
        (
            "policy/v1/PodDisruptionBudget",
            "spec: {selector: {matchExpressions: [{key: tier, operator: NotIn, values: [web]}]}}",
            "spec.selector -> nothing Attachment",
        ),
        ("networking.k8s.io/v1/Ingress", "spec: {tls: [{secretName: y}]}", "spec.tls[0].secretName -> nothing Hard"),
        (
            "autoscaling/v2/HorizontalPodAutoscaler",
            "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: x}}",
            "spec.scaleTargetRef.name -> nothing Attachment",
        ),
        (
            "autoscaling/v2/HorizontalPodAutoscaler",
            "spec: {scaleTargetRef: {apiVersion: example.com/v1, kind: Deployment, name: x}}",
            "spec.scaleTargetRef.name -> nothing Attachment",
        ),
        (
            "rbac.authorization.k8s.io/v1/ClusterRoleBinding",
            "subjects: [{kind: ServiceAccount, name: x, namespace: c}]",
            "subjects[0].name -> nothing Attachment",
        ),
        (
            "apiregistration.k8s.io/v1/APIService",
            "spec: {service: {name: x, namespace: c}}",
            "spec.service.name -> nothing Route",
        ),
    ];
    for (kind, body, expected) in cases {
        assert_eq!(named_by(kind, body), [expected], "{kind} {body}");
    }
}

/// Every way in which a pod names something, as flow mappings below the pod spec.
const POD_FIELDS: [(&str, &str); 15] = [
    ("serviceAccountName: x", "serviceAccountName -> ServiceAccount/x Start"),
    ("imagePullSecrets: [{name: x}]", "imagePullSecrets[0].name -> Secret/x Start"),
    ("volumes: [{name: v, configMap: {name: x}}]", "volumes[0].configMap.name -> ConfigMap/x Start"),
    ("volumes: [{name: v, secret: {secretName: x}}]", "volumes[0].secret.secretName -> Secret/x Start"),
    ("volumes: [{name: v, secret: {secretName: x, optional: true}}]", "volumes[0].secret.secretName -> Secret/x Hard"),
    (
        "volumes: [{name: v, persistentVolumeClaim: {claimName: x}}]",
        "volumes[0].persistentVolumeClaim.claimName -> PersistentVolumeClaim/x Start",
    ),
    (
        "volumes: [{name: v, projected: {sources: [{serviceAccountToken: {}}, {configMap: {name: x}}]}}]",
        "volumes[0].projected.sources[1].configMap.name -> ConfigMap/x Start",
    ),
    (
        "volumes: [{name: v, projected: {sources: [{secret: {name: x}}]}}]",
        "volumes[0].projected.sources[0].secret.name -> Secret/x Start",
    ),
    (
        "volumes: [{name: v, csi: {nodePublishSecretRef: {name: x}}}]",
        "volumes[0].csi.nodePublishSecretRef.name -> Secret/x Start",
    ),
    (
        "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: x}}}}]",
        "volumes[0].ephemeral.volumeClaimTemplate.spec.storageClassName -> StorageClass/x Hard",
    ),
    (
        "containers: [{name: c}, {name: d, env: [{name: E, valueFrom: {secretKeyRef: {name: x, key: k}}}]}]",
        "containers[1].env[0].valueFrom.secretKeyRef.name -> Secret/x Start",
    ),
    (
        "containers: [{name: c, env: [{name: E, valueFrom: {configMapKeyRef: {name: x, key: k, optional: true}}}]}]",
        "containers[0].env[0].valueFrom.configMapKeyRef.name -> ConfigMap/x Hard",
    ),
    (
        "containers: [{name: c, envFrom: [{configMapRef: {name: x}}]}]",
        "containers[0].envFrom[0].configMapRef.name -> ConfigMap/x Start",
    ),
    (
        "initContainers: [{name: c, envFrom: [{secretRef: {name: x}}]}]",
        "initContainers[0].envFrom[0].secretRef.name -> Secret/x Start",
    ),
    (
        "ephemeralContainers: [{name: c, envFrom: [{secretRef: {name: x}}]}]",
        "ephemeralContainers[0].envFrom[0].secretRef.name -> Secret/x Start",
    ),
];

#[test]
fn pods_name_the_same_in_every_kind_that_makes_them() {
    for (kind, path) in [
        ("v1/Pod", "spec"),
        ("v1/PodTemplate", "template.spec"),
        ("v1/ReplicationController", "spec.template.spec"),
        ("apps/v1/Deployment", "spec.template.spec"),
        ("extensions/v1beta1/Deployment", "spec.template.spec"),
        ("apps/v1beta2/StatefulSet", "spec.template.spec"),
        ("apps/v1/DaemonSet", "spec.template.spec"),
        ("apps/v1/ReplicaSet", "spec.template.spec"),
        ("batch/v1/Job", "spec.template.spec"),
        ("batch/v1beta1/CronJob", "spec.jobTemplate.spec.template.spec"),
        ("argoproj.io/v1alpha1/Rollout", "spec.template.spec"),
        ("serving.knative.dev/v1/Service", "spec.template.spec"),
    ] {
        for (field, expected) in POD_FIELDS {
            let nested = path.rsplit('.').fold(format!("{{{field}}}"), |inner, key| format!("{{{key}: {inner}}}"));
            let body = &nested[1..nested.len() - 1];
            assert_eq!(named_by(kind, body), [format!("{path}.{expected}")], "{kind} {body}");
        }
    }
}

#[test]
fn annotations_name_objects() {
    const STREAM: &str = "
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: x, namespace: a}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: x, namespace: b}
---
apiVersion: v1
kind: Secret
metadata: {name: x, namespace: a}
---
";
    for api_version_and_kind in [
        "admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration",
        "admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration",
        "apiextensions.k8s.io/v1\nkind: CustomResourceDefinition",
        "apiregistration.k8s.io/v1\nkind: APIService",
    ] {
        for (annotation, expected) in [
            ("inject-ca-from: a/x", "inject-ca-from\"] -> Certificate/x Hard"),
            ("inject-ca-from: c/x", "inject-ca-from\"] -> nothing Hard"),
            ("inject-ca-from-secret: a/x", "inject-ca-from-secret\"] -> Secret/x Hard"),
        ] {
            let metadata = format!("metadata: {{name: r, annotations: {{cert-manager.io/{annotation}}}}}");
            let found = references(&format!("{STREAM}apiVersion: {api_version_and_kind}\n{metadata}\n"));
            let expected = format!("metadata.annotations[\"cert-manager.io/{expected}");
            assert_eq!(found, [expected], "{api_version_and_kind} {annotation}");
        }
    }
}

#[test]
fn a_pod_without_a_service_account_runs_as_the_default_one_where_that_is_written() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: r, namespace: a}\nspec: {containers: []}\n";
    assert_eq!(references(pod), Vec::<String>::new());
    let account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: a}\n";
    assert_eq!(references(&format!("{pod}{account}")), ["spec.serviceAccountName -> ServiceAccount/default Start"]);
}

#[test]
fn a_secret_may_be_made_from_a_custom_resource() {
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: r, namespace: a}\nspec: {imagePullSecrets: [{name: x}]}\n---\n";
    for (maker, expected) in [
        (
            "cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: a}\nspec: {secretName: x}",
            "Certificate/c",
        ),
        ("external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x, namespace: a}", "ExternalSecret/x"),
        (
            "external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: a}\nspec: {target: {name: x}}",
            "ExternalSecret/e",
        ),
        ("bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x, namespace: a}", "SealedSecret/x"),
        ("external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x, namespace: b}", "nothing"),
        ("example.com/v1\nkind: SealedSecret\nmetadata: {name: x, namespace: a}", "nothing"),
    ] {
        let found = references(&format!("{pod}apiVersion: {maker}\n"));
        assert_eq!(found, [format!("spec.imagePullSecrets[0].name -> {expected} Start")], "{maker}");
    }
}

#[test]
fn names_are_found_as_kustomize_left_them() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: r, namespace: shop}\nspec: {imagePullSecrets: [{name: web}]}\n---\n";
    let secret = |name: &str, namespace: &str, annotations: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: {namespace}, annotations: {{{annotations}}}}}\n---\n"
        )
    };
    let previous = |names: &str| format!("internal.config.kubernetes.io/previousNames: '{names}'");
    let prefixed = secret("over-pre-web", "shop", &previous("web,pre-web"));
    let cases = [
        (prefixed.clone(), "Secret/over-pre-web"),
        (secret("web-gg52ck744b", "shop", ""), "Secret/web-gg52ck744b"),
        (format!("{}{}", secret("web-gg52ck744b", "shop", ""), secret("web", "shop", "")), "Secret/web"),
        (secret("web-abcdefghij", "shop", ""), "nothing"),
        (secret("web", "other", ""), "nothing"),
        (secret("web", "''", ""), "Secret/web"),
        (secret("web", "other", "internal.config.kubernetes.io/previousNamespaces: 'default,shop'"), "Secret/web"),
        (
            format!(
                "{}{}",
                secret(
                    "old-web",
                    "other",
                    &format!("{}, internal.config.kubernetes.io/previousNamespaces: shop", previous("web"))
                ),
                prefixed
            ),
            "Secret/over-pre-web",
        ),
    ];
    for (secrets, expected) in cases {
        let found = references(&format!("{pod}{secrets}"));
        assert_eq!(found, [format!("spec.imagePullSecrets[0].name -> {expected} Start")], "{secrets}");
    }
}

#[test]
fn a_base_that_is_built_twice_keeps_to_its_own() {
    let object = |kind: &str, prefix: &str, spec: &str| {
        format!(
            "apiVersion: v1\nkind: {kind}\nmetadata: {{name: {prefix}web, namespace: a, annotations: {{\
             internal.config.kubernetes.io/previousNames: web, internal.config.kubernetes.io/prefixes: {prefix}}}}}\n{spec}\n---\n"
        )
    };
    let pod = |prefix| object("Pod", prefix, "spec: {imagePullSecrets: [{name: web}]}");
    let stream = [pod("blue-"), pod("green-"), object("Secret", "blue-", ""), object("Secret", "green-", "")].concat();
    assert_eq!(
        references(&stream),
        [
            "spec.imagePullSecrets[0].name -> Secret/blue-web Start",
            "spec.imagePullSecrets[0].name -> Secret/green-web Start"
        ]
    );
}

#[test]
fn members_need_their_namespace_and_cluster_scoped_kinds_have_none() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n";
    let member = |kind: &str| format!("{namespace}apiVersion: v1\nkind: {kind}\nmetadata: {{name: r, namespace: a}}\n");
    assert_eq!(references(&member("ConfigMap")), ["metadata.namespace -> Namespace/a Membership"]);
    assert_eq!(references(&member("ClusterRole")), Vec::<String>::new());
}

#[test]
fn custom_resources_and_roles_lead_to_definitions() {
    let stream = "
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: jobs.example.com}
spec: {group: example.com, scope: Cluster, names: {kind: Job}}
---
apiVersion: example.com/v2
kind: Job
metadata: {name: mine, namespace: ignored}
---
apiVersion: batch/v1
kind: Job
metadata: {name: other}
---
apiVersion: v1
kind: Namespace
metadata: {name: ignored}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: operator}
rules: [{apiGroups: ['*', '', batch], resources: [jobs]}, {apiGroups: ['', example.com], resources: [jobs]}]
";
    assert_eq!(
        references(stream),
        [
            "apiVersion -> CustomResourceDefinition/jobs.example.com Membership",
            "rules[1].apiGroups[1] -> CustomResourceDefinition/jobs.example.com Grant"
        ]
    );
}

#[test]
fn hosts_of_services_are_found_where_hosts_stand() {
    let services = "
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: a}
spec: {ports: [{port: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: store, namespace: b}
spec: {ports: [{port: 9000}]}
---
";
    let found = |text: &str| {
        let config = serde_json::json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "a"}, "data": {"x.yaml": text},
        });
        let items = items(services);
        let config = Resource::read(config.to_string(), "").unwrap();
        mentions_of(&config, &Services::new(&items))
            .into_iter()
            .map(|mention| mention.host)
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (text, expected) in [
        ("endpoint: redis:6379", "redis:6379"),
        ("endpoint: \"redis\"", "redis"),
        ("redisHostPath: redis.a:6379", "redis.a:6379"),
        ("a-list:\n- http://redis/path", "redis"),
        ("url: redis://:password@redis:6379/0", "redis:6379"),
        ("dial dns:///store.b.svc:9000 please", "store.b.svc:9000"),
        ("x: http://store.b.svc.cluster.local:9000/bucket", "store.b.svc.cluster.local:9000"),
        ("x: store-0.store.b.svc.cluster.local", "store-0.store.b.svc.cluster.local"),
        ("until ping -h redis; do sleep 1; done", "redis"),
        ("--host=redis --port=1", "redis"),
        ("type: redis", ""),
        ("username: redis", ""),
        ("image: registry.example.com/library/redis:6379", ""),
        ("image: redis:6380", ""),
        ("redis:\n  enabled: true", ""),
        ("endpoint: redis.example.com:6379", ""),
        ("endpoint: my-redis:6379", ""),
        ("endpoint: redis-x:6379", ""),
        ("endpoint: store:9000", ""),
        ("path: /etc/redis.a", ""),
        ("version: redis:6379.1", ""),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn hosts_are_found_in_commands_arguments_and_environment() {
    let stream = "
apiVersion: v1
kind: Service
metadata: {name: redis, namespace: a}
spec: {ports: [{port: 6379}]}
---
apiVersion: v1
kind: Pod
metadata: {name: r, namespace: a}
spec:
  initContainers: [{name: i, command: [wait, --host, redis]}]
  containers: [{name: c, args: [redis, 'tcp://redis:1'], env: [{name: REDIS_HOST, value: redis}, {name: MODE, value: redis}]}]
";
    assert_eq!(
        references(stream),
        [
            "spec.initContainers[0].command[2] -> Service/redis Soft",
            "spec.containers[0].args[1] -> Service/redis Soft",
            "spec.containers[0].env[0].value -> Service/redis Soft"
        ]
    );
}
