//! Finds the token and the CA of every cluster, proves that they can work, and makes the Secrets that carry them.
//!
//! Values live in [`Redacted`] alone. What is wrong is told as facts that name the cluster and the field.

mod argo_cd;
mod certificate;
mod encoding;
mod endpoint;
mod existing;
mod jwt;
mod kubeconfig;
mod leak;
mod matcher;
mod offer;
mod placeholder;
mod problem;
#[cfg(test)]
pub(crate) mod samples;
mod secret;
mod secret_item;
mod source;
mod token;
mod unnamed;

use std::collections::BTreeMap;

pub use existing::{existing_name, existing_secrets};
pub use leak::{Credential, clusters_carried_by, suspects, values};
pub use matcher::SecretMatcher;
pub use problem::{Place, Position, Problem, Refusal, Rule, Shape};
pub use secret::{GeneratedSecret, Projection, checksum, generate, projections};
pub use source::sources;
pub(crate) use unnamed::is_filled_token;
pub use unnamed::{Misnamed, Unnamed, unnamed};

use self::offer::Offer;
use self::problem::{Notes, fingerprint};
use crate::field_path::FieldPath;
use crate::flyteadmin::endpoint::Endpoint;
use crate::redacted::Redacted;
use crate::spec::{Cluster, SecretSource, Spec};
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
    /// Token and CA; absent if the Secret is made elsewhere.
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
/// Of a Secret that is made elsewhere nothing is read but the keys, and the values are only checked, if they are visible.
///
/// # Errors
///
/// Returns all problems of all clusters, warnings included, when one of them is an error.
pub fn resolve(spec: &Spec, items: &[Resource<'_>], now: Now) -> Result<(Resolved, Vec<Problem>), Vec<Problem>> {
    let mut clusters = Vec::new();
    let mut problems = Vec::new();
    for (index, cluster) in spec.clusters.iter().enumerate().filter(|(_, cluster)| cluster.needs_files()) {
        let mut notes = Notes::of(&cluster.name);
        let is_made_here = spec.credentials.source == SecretSource::Generate && cluster.is_in_shared_secret();
        clusters.extend(if is_made_here {
            with_credentials(spec, index, items, now, &mut notes)
        } else {
            without_credentials(index, cluster, &mut notes)
        });
        problems.append(&mut notes.problems);
    }
    problems.extend(existing::check(spec, items, now));
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
    let place = Place::spec(FieldPath::at("spec.clusters").index(index));
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
    Place::spec(FieldPath::at("spec.clusters").index(index).then("endpoint"))
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
                notes.add(&Place::spec(FieldPath::at("spec.clusters").index(index).then("credentials")), rule);
            }
        }
        let endpoint =
            Endpoint::read(&cluster.endpoint).map_or_else(|| cluster.endpoint.clone(), |read| read.canonical());
        let fingerprint = fingerprint(&endpoint);
        let other = *endpoints.entry(endpoint).or_insert(&cluster.name);
        if other != cluster.name {
            notes.add(&endpoint_place(index), Rule::SameEndpoint { other: other.to_owned(), fingerprint });
        }
        problems.append(&mut notes.problems);
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::samples::{Deployment, NOW, OPAQUE, authority, base64_of, jwt};
    use super::*;

    fn inline(name: &str, endpoint: &str, token: &str) -> Value {
        let credentials = json!({"token": base64_of(token), "caCert": base64_of(&authority())});
        json!({"name": name, "endpoint": endpoint, "credentials": credentials})
    }

    #[test]
    fn clusters_keep_their_order_and_those_in_the_cluster_need_nothing() {
        let deployment = Deployment::with(&json!([
            inline("b", "https://b.example.com", "token-b"),
            {"name": "here", "inCluster": true},
            inline("a", "https://a.example.com", "token-a"),
        ]));
        deployment.run(|spec, items| {
            let (resolved, warnings) = resolve(spec, items, NOW).unwrap_or_else(|problems| panic!("{problems:?}"));
            assert_eq!(warnings, []);
            let names: Vec<&str> = resolved.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
            assert_eq!(names, ["b", "a"]);
            assert_eq!(resolved.endpoint("a"), Some("https://a.example.com"));
            assert_eq!(resolved.endpoint("here"), None);
        });
    }

    #[test]
    fn all_problems_of_all_clusters_are_told_at_once() {
        let clusters = json!([
            {"name": "a", "endpoint": "https://a.example.com"},
            inline("b", "https://b.example.com", "token-b\n"),
            {"name": "c", "endpoint": "https://c.example.com", "credentials": {"token": "", "caCert": base64_of("no PEM")}},
        ]);
        let at = |field: &str, rule: Rule| (format!("spec.clusters{field}"), rule);
        assert_eq!(
            Deployment::with(&clusters).problems(),
            [
                at("[0].credentials", Rule::NoSource),
                at("[1].credentials.token", Rule::Whitespace { is_trimmed: true }),
                at("[2].credentials.token", Rule::Empty),
                at("[2].credentials.caCert", Rule::NotPem),
            ]
        );
    }

    #[test]
    fn what_two_clusters_share_is_a_warning() {
        let two = |endpoint: &str, token: &str| {
            let clusters = json!([inline("a", "https://a.example.com", OPAQUE), inline("b", endpoint, token)]);
            Deployment::with(&clusters).problems()
        };
        assert_eq!(two("https://b.example.com", "another-token"), []);
        let other = || "a".to_owned();
        let same_token = Rule::SameToken { other: other(), fingerprint: fingerprint(OPAQUE) };
        let field = "spec.clusters[1].credentials".to_owned();
        assert_eq!(two("https://b.example.com", &format!(" {OPAQUE}")).last(), Some(&(field, same_token)));
        let same_endpoint = Rule::SameEndpoint { other: other(), fingerprint: fingerprint("a.example.com/") };
        let field = "spec.clusters[1].endpoint".to_owned();
        assert_eq!(two("https://a.example.com:443/", "another-token"), [(field, same_endpoint)]);
    }

    #[test]
    fn a_fingerprint_is_the_start_of_the_sha256() {
        assert_eq!(fingerprint("abc"), "ba7816bf");
    }

    #[test]
    fn a_token_is_held_against_the_account_that_the_data_plane_makes() {
        let account = json!({"serviceAccount": "flyteadmin", "namespace": "flyte", "secretName": "flyteadmin-token"});
        let of = |sub: &str| {
            let clusters = json!([inline("a", "https://a.example.com", &jwt(&json!({"sub": sub})))]);
            Deployment::with(&clusters).set("/dataPlane", json!({"serviceAccountToken": account})).problems()
        };
        assert_eq!(of("system:serviceaccount:flyte:flyteadmin"), []);
        assert!(matches!(of("system:serviceaccount:flyte:default")[..], [(_, Rule::Subject { .. })]));
    }

    #[test]
    fn a_ca_bundle_that_no_secret_can_carry_is_an_error() {
        let bundle = |count: usize| {
            let ca_cert = authority().repeat(count);
            let credentials = json!({"token": base64_of(OPAQUE), "caCert": base64_of(&ca_cert)});
            Deployment::of(&credentials).problems()
        };
        assert_eq!(bundle(100), []);
        assert!(matches!(bundle(400)[..], [(_, Rule::TooLarge { .. })]));
    }
}
