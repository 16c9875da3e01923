//! Finds the token and the CA of every cluster, proves that they can work, and makes the Secrets that carry them.
//!
//! Values live in [`Redacted`] alone. What is wrong is told as facts that name the cluster and the field.

mod argo_cd;
mod certificate;
mod encoding;
mod endpoint;
mod existing;
mod kubeconfig;
mod leak;
mod placeholder;
mod problem;
#[cfg(test)]
mod samples;
mod secret;
mod source;
mod token;

use std::collections::BTreeMap;

pub use leak::{Credential, Needles, values};
pub use problem::{Place, Position, Problem, Rule, Shape};
pub use secret::{GeneratedSecret, ca_cert_key, checksum, generate, secret_names, token_key};
pub use source::{Refusal, sources};

use self::problem::{Notes, fingerprint};
use self::source::Offer;
use crate::redacted::Redacted;
use crate::spec::{Cluster, CredentialSource, SecretSource, Spec};
use crate::wire::Resource;

/// When the function runs: only warnings depend on it, and only `main` knows a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now(Option<i64>);

impl Now {
    /// Seconds since the epoch.
    #[must_use]
    pub const fn at(seconds: i64) -> Self {
        Self(Some(seconds))
    }

    /// No clock: nothing is said about dates.
    #[must_use]
    pub const fn unknown() -> Self {
        Self(None)
    }

    fn seconds(self) -> Option<i64> {
        self.0
    }
}

/// What flyteadmin needs to reach the clusters, in the order of the spec; clusters that are `inCluster` need nothing.
pub struct Resolved {
    /// One entry a cluster.
    pub clusters: Vec<ResolvedCluster>,
}

impl Resolved {
    /// The endpoint of a cluster.
    #[must_use]
    pub fn endpoint(&self, cluster: &str) -> Option<&str> {
        self.clusters.iter().find(|resolved| resolved.name == cluster).map(|resolved| resolved.endpoint.as_str())
    }
}

/// A cluster and how to reach it.
pub struct ResolvedCluster {
    /// The name.
    pub name: String,
    /// The URL, from the spec or from where the credentials come from.
    pub endpoint: String,
    /// Token and CA; absent where the Secret is made elsewhere.
    pub pair: Option<Pair>,
}

/// Token and CA of one cluster, decoded.
pub struct Pair {
    /// One line.
    pub token: Redacted,
    /// PEM.
    pub ca_cert: Redacted,
}

/// Finds endpoint, token and CA of every cluster; the problems beside them are warnings.
///
/// With `source: Existing` nothing is read but the endpoints, and the keys of the Secret where they are visible.
///
/// # Errors
///
/// Returns all problems of all clusters, warnings included, when one of them is an error.
pub fn resolve(spec: &Spec, items: &[Resource<'_>], now: Now) -> Result<(Resolved, Vec<Problem>), Vec<Problem>> {
    let mut clusters = Vec::new();
    let mut problems = Vec::new();
    for (index, cluster) in spec.clusters.iter().enumerate() {
        if matches!(cluster.source, CredentialSource::InCluster) {
            continue;
        }
        let mut notes = Notes::of(&cluster.name);
        clusters.extend(match spec.credentials.source {
            SecretSource::Generate => with_credentials(spec, index, items, now, &mut notes),
            SecretSource::Existing => without_credentials(index, cluster, &mut notes),
        });
        problems.append(&mut notes.problems);
    }
    if spec.credentials.source == SecretSource::Existing {
        problems.extend(existing::check(spec, items, now));
    }
    problems.extend(shared(spec, &clusters));
    if problems.iter().any(Problem::is_error) { Err(problems) } else { Ok((Resolved { clusters }, problems)) }
}

fn with_credentials(
    spec: &Spec,
    index: usize,
    items: &[Resource<'_>],
    now: Now,
    notes: &mut Notes<'_>,
) -> Option<ResolvedCluster> {
    let cluster = &spec.clusters[index];
    let Offer { token, ca_cert, endpoint: brought } = source::offer(spec, index, items, notes)?;
    let account = spec.service_account_token.as_ref();
    let token = token.and_then(|written| notes.keep(&written.place, token::read(&written, account, now)));
    let ca_cert = ca_cert.and_then(|written| notes.keep(&written.place, certificate::read(&written, now)));
    let endpoint = endpoint::settled(cluster.endpoint.as_deref(), brought.as_ref(), &endpoint_place(index), notes);
    let pair = Pair { token: token?, ca_cert: ca_cert? };
    let place = Place::spec(format!("spec.clusters[{index}]"));
    let limit = secret::LIMIT - secret::envelope(&spec.credentials.secret_name, spec.credentials.namespace.as_deref());
    let size = secret::entries_size(&cluster.name, &pair);
    if size > limit {
        notes.add(&place.below("credentials"), Rule::TooLarge { size, limit });
    }
    Some(ResolvedCluster { name: cluster.name.clone(), endpoint: endpoint?, pair: Some(pair) })
}

fn without_credentials(index: usize, cluster: &Cluster, notes: &mut Notes<'_>) -> Option<ResolvedCluster> {
    let endpoint = endpoint::settled(cluster.endpoint.as_deref(), None, &endpoint_place(index), notes)?;
    Some(ResolvedCluster { name: cluster.name.clone(), endpoint, pair: None })
}

fn endpoint_place(index: usize) -> Place {
    Place::spec(format!("spec.clusters[{index}].endpoint"))
}

/// Tokens and endpoints that two clusters share.
fn shared(spec: &Spec, clusters: &[ResolvedCluster]) -> Vec<Problem> {
    let mut tokens: BTreeMap<&str, &str> = BTreeMap::new();
    let mut endpoints: BTreeMap<String, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for cluster in clusters {
        let index = spec.clusters.iter().position(|known| known.name == cluster.name).unwrap_or_default();
        let mut notes = Notes::of(&cluster.name);
        if let Some(pair) = &cluster.pair {
            let other = *tokens.entry(pair.token.reveal()).or_insert(&cluster.name);
            if other != cluster.name {
                let rule = Rule::SameToken { other: other.to_owned(), fingerprint: fingerprint(pair.token.reveal()) };
                notes.add(&Place::spec(format!("spec.clusters[{index}].credentials")), rule);
            }
        }
        let endpoint = endpoint::canonical(&cluster.endpoint).unwrap_or_else(|| cluster.endpoint.clone());
        let fingerprint = fingerprint(&endpoint);
        let other = *endpoints.entry(endpoint).or_insert(&cluster.name);
        if other != cluster.name {
            notes.add(&endpoint_place(index), Rule::SameEndpoint { other: other.to_owned(), fingerprint });
        }
        problems.append(&mut notes.problems);
    }
    problems
}
