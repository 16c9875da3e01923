//! What is asked of each cluster for its credentials, and what becomes of the answers.

use serde_json::{Value, json};

use crate::credentials::{self, Now};
use crate::flyteadmin::endpoint::Endpoint;
use crate::report::{Finding, Severity};
use crate::spec::{CredentialSource, Loaded, SecretReference, ServiceAccountToken};
use crate::wire::{Resource, annotations, stream};
use crate::yaml::scalar;

/// The keys that a token Secret has, and a Secret with credentials must have.
const KEYS: [&str; 2] = ["token", "ca.crt"];

/// The Secrets to read, and what they are read for.
pub struct Plan {
    loaded: Loaded,
    /// The Secret that each data plane makes.
    pub token: ServiceAccountToken,
    /// The clusters to ask, in the order of the spec.
    pub requests: Vec<Request>,
}

/// What is asked of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its name.
    pub cluster: String,
    /// The URL of its API server by the spec.
    pub endpoint: Option<String>,
    secret: SecretReference,
}

impl Request {
    /// That the context is one of another API server than the spec's, if it is.
    #[must_use]
    pub fn endpoint_warning(&self, server: &str) -> Option<String> {
        let endpoint = self.endpoint.as_deref()?;
        let canonical = |url: &str| Endpoint::read(url).map(|endpoint| endpoint.canonical());
        (canonical(endpoint)? != canonical(server)?).then(|| {
            format!(
                "warning: cluster {:?}: its context is of {server}, and its endpoint in the spec is {endpoint}",
                self.cluster
            )
        })
    }
}

/// An answer of kubectl. `Debug` shows no value of it.
pub struct Answer(Value);

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

impl Answer {
    /// Reads the JSON of a Secret; nothing for anything else.
    #[must_use]
    pub fn read(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        (value["kind"] == "Secret").then_some(Self(value))
    }

    /// Whether the token is there; Kubernetes writes it some time after the Secret is made.
    #[must_use]
    pub fn has_token(&self) -> bool {
        KEYS.iter().all(|key| self.0["data"][key].as_str().is_some_and(|text| !text.is_empty()))
    }
}

/// The plan for a spec.
///
/// # Errors
///
/// When the spec does not say which Secrets to read, or no cluster has its credentials from one.
pub fn plan(loaded: Loaded) -> Result<Plan, Finding> {
    let spec = &loaded.spec;
    let request = |cluster: &crate::spec::Cluster| match &cluster.source {
        CredentialSource::Secret(secret) => {
            Some(Request { cluster: cluster.name.clone(), endpoint: cluster.endpoint.clone(), secret: secret.clone() })
        }
        _ => None,
    };
    let requests: Vec<Request> = spec.clusters.iter().filter_map(request).collect();
    if requests.is_empty() {
        let rule = "`spec.clusters` has no cluster with `credentials.secret`, so there is nothing to fetch";
        return Err(Finding::error(rule).at("spec.clusters"));
    }
    let Some(token) = spec.service_account_token.clone() else {
        let rule = "`spec.dataPlane.serviceAccountToken` must be set; it names the Secret that each data plane makes";
        return Err(Finding::error(rule).at("spec.dataPlane.serviceAccountToken"));
    };
    Ok(Plan { loaded, token, requests })
}

/// The Secrets that the spec names, from the answers to all requests in their order, checked as a run checks them.
///
/// # Errors
///
/// Every finding, when one of them is an error.
pub fn written(plan: &mut Plan, answers: &[Answer], now: Now) -> Result<(String, Vec<Finding>), Vec<Finding>> {
    let mut text = String::new();
    for (request, answer) in plan.requests.iter().zip(answers) {
        stream::push(&mut text, &scalar::render(&secret(&request.secret, answer), 0));
    }
    let items = match stream::read(text.as_bytes()) {
        Ok(input) => input.items,
        Err(error) => return Err(vec![Finding::error(format!("the Secrets cannot be written: {error:#}"))]),
    };
    let findings = checked(plan, &items, now);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    drop(items);
    Ok((text, findings))
}

/// What a run says about the credentials of the clusters that were asked.
fn checked(plan: &mut Plan, items: &[Resource<'_>], now: Now) -> Vec<Finding> {
    let spec = &mut plan.loaded.spec;
    spec.clusters.retain(|cluster| plan.requests.iter().any(|request| request.cluster == cluster.name));
    let problems = match credentials::resolve(spec, items, now) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    problems.iter().map(Finding::from).collect()
}

/// The Secret as the spec names it, without what the cluster notes on it.
fn secret(reference: &SecretReference, answer: &Answer) -> Value {
    let mut metadata = json!({ "name": reference.name });
    if let Some(namespace) = &reference.namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata["annotations"] = json!({ annotations::LOCAL_CONFIG: "true" });
    let data: Value = KEYS.iter().map(|key| ((*key).to_owned(), answer.0["data"][key].clone())).collect();
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data })
}
