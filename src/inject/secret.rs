//! Makes the Secret that asks a data-plane cluster for a ServiceAccount token.
//!
//! Source: Kubernetes documentation, "Managing Service Accounts": since 1.24 no token Secret is made by itself.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use serde_json::json;

use super::Problem;
use super::addition::Addition;
use super::planner::Planner;
use crate::spec::Plane;
use crate::wire::annotations::{INJECTED, SERVICE_ACCOUNT_NAME};
use crate::wire::lookup::is_object;

/// The type of a Secret that Kubernetes fills with a token.
const TYPE: &str = "kubernetes.io/service-account-token";

/// The Secret named `name` that Kubernetes fills with a token of `service_account`.
fn token_secret(name: &str, namespace: Option<&str>, service_account: &str) -> Secret {
    Secret {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            annotations: Some(BTreeMap::from([(SERVICE_ACCOUNT_NAME.to_owned(), service_account.to_owned())])),
            ..ObjectMeta::default()
        },
        type_: Some(TYPE.to_owned()),
        ..Secret::default()
    }
}

impl Planner<'_> {
    /// Plans the token Secret of the data plane.
    pub(super) fn token_request(&mut self) {
        let Some(token) = &self.spec.service_account_token else { return };
        // If no namespace is asked for, the control plane may have an account of the name too.
        let mut candidates = self.members(Plane::Data).chain(0..self.items.len());
        let account = candidates.find(|&at| token.is_of(&self.items[at]));
        if let Some(at) = account
            && !self.placements[at].is_in(Plane::Data)
        {
            self.problems.push(Problem::TokenWithoutAccount { id: self.items[at].id().clone() });
        }
        // Inside a build kustomize may have renamed or moved the account: the Secret follows it.
        let owner = account;
        let account = account.map(|at| self.items[at].id());
        let namespace = account.map_or(token.namespace.as_deref(), |id| id.namespace.as_deref());
        let name = account.map_or(token.service_account.as_str(), |id| id.name.as_str());
        let addition = Addition::new(Plane::Data, json!(token_secret(&token.secret_name, namespace, name)));
        let id = addition.id.clone();
        match (0..self.items.len()).find(|&at| is_object(&self.items[at], &id)) {
            None => self.add(owner, addition),
            Some(at) if self.placements[at].is_in(Plane::Data) && self.items[at].value()["type"] == TYPE => {
                let draft = self.draft(at);
                draft.set(&["metadata", "annotations", SERVICE_ACCOUNT_NAME], json!(name));
                draft.set(&["metadata", "annotations", INJECTED], json!("true"));
            }
            Some(at) => self.problems.push(Problem::ForeignToken { id: self.items[at].id().clone() }),
        }
        self.plan.injected.secrets.push(id);
    }
}
