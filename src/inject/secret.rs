//! Makes the Secret that asks a data-plane cluster for a ServiceAccount token.
//!
//! Source: Kubernetes documentation, "Managing Service Accounts": since 1.24 no token Secret is made by itself.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use crate::wire::annotations::SERVICE_ACCOUNT_NAME;

/// The Secret named `name` that Kubernetes fills with a token of `service_account`.
#[must_use]
pub fn token_request(name: &str, namespace: Option<&str>, service_account: &str) -> Secret {
    Secret {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            annotations: Some(BTreeMap::from([(SERVICE_ACCOUNT_NAME.to_owned(), service_account.to_owned())])),
            ..ObjectMeta::default()
        },
        type_: Some("kubernetes.io/service-account-token".to_owned()),
        ..Secret::default()
    }
}
