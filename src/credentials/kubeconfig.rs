//! Reads a cluster's endpoint, CA and token from a kubeconfig, as one set.
//!
//! Source: `tools/clientcmd/api/v1` of client-go.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::encoding::{Encoding, Written};
use super::problem::{Notes, Place, Rule};
use super::source::{Endpoint, Offer, Refusal};
use crate::redacted::Redacted;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Kubeconfig {
    current_context: Option<String>,
    contexts: Option<Vec<NamedContext>>,
    clusters: Option<Vec<NamedCluster>>,
    pub(super) users: Option<Vec<NamedUser>>,
}

#[derive(Deserialize)]
struct NamedContext {
    name: String,
    context: Context,
}

#[derive(Deserialize)]
struct Context {
    cluster: String,
    user: String,
}

#[derive(Deserialize)]
struct NamedCluster {
    name: String,
    cluster: ClusterEntry,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ClusterEntry {
    server: Option<String>,
    #[serde(default, deserialize_with = "redacted")]
    certificate_authority_data: Option<Redacted>,
    certificate_authority: Option<String>,
    insecure_skip_tls_verify: Option<bool>,
    tls_server_name: Option<String>,
    proxy_url: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct NamedUser {
    name: String,
    pub(super) user: User,
}

/// What is there beside the token is only asked whether it is there.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct User {
    #[serde(default, deserialize_with = "redacted")]
    token: Option<Redacted>,
    #[serde(default, deserialize_with = "redacted")]
    password: Option<Redacted>,
    #[serde(default, deserialize_with = "redacted")]
    client_key_data: Option<Redacted>,
    #[serde(default, deserialize_with = "redacted")]
    client_certificate_data: Option<Redacted>,
    client_certificate: Option<String>,
    #[serde(rename = "tokenFile")]
    token_file: Option<String>,
    username: Option<String>,
    exec: Option<Map<String, Value>>,
    auth_provider: Option<Map<String, Value>>,
    #[serde(rename = "as")]
    impersonated: Option<String>,
}

impl User {
    /// What opens the cluster: nobody else may see it.
    pub(super) fn secrets(self) -> impl Iterator<Item = Redacted> {
        [self.token, self.password, self.client_key_data].into_iter().flatten()
    }
}

/// Takes a string into custody as it is read.
pub(super) fn redacted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Redacted>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(Redacted::new))
}

/// Reads a kubeconfig.
///
/// # Errors
///
/// When the text is no kubeconfig. The reader's own words quote values, so only the place is kept.
pub(super) fn read(text: &Redacted) -> Result<Kubeconfig, Rule> {
    serde_yaml::from_str(text.reveal()).map_err(|error: serde_yaml::Error| Rule::Unreadable {
        format: "a kubeconfig",
        at: error.location().map(|location| (location.line(), location.column())),
    })
}

/// What a context of the kubeconfig in `text` offers; `place` is where the text stands.
pub(super) fn offer(text: &Redacted, context: Option<&str>, place: &Place, notes: &mut Notes<'_>) -> Option<Offer> {
    let config = match read(text) {
        Ok(config) => config,
        Err(rule) => {
            notes.add(place, rule);
            return None;
        }
    };
    let contexts = config.contexts.unwrap_or_default();
    let wanted = context.or(config.current_context.as_deref()).filter(|name| !name.is_empty());
    let Some(chosen) = contexts.iter().find(|entry| Some(entry.name.as_str()) == wanted) else {
        let found = contexts.iter().map(|entry| entry.name.clone()).collect();
        notes.add(place, Rule::NoContext { wanted: wanted.map(str::to_owned), found });
        return None;
    };
    let Context { cluster, user } = &chosen.context;
    let missing = |kind: &'static str, name: &str| Rule::NoEntry { kind, name: name.to_owned() };
    let clusters = config.clusters.unwrap_or_default();
    let users = config.users.unwrap_or_default();
    let cluster_at = clusters.iter().position(|entry| &entry.name == cluster);
    let user_at = users.iter().position(|entry| &entry.name == user);
    if cluster_at.is_none() {
        notes.add(place, missing("cluster", cluster));
    }
    if user_at.is_none() {
        notes.add(place, missing("user", user));
    }
    let (cluster_at, user_at) = (cluster_at?, user_at?);
    let cluster_place = place.below(&format!("clusters[{cluster_at}].cluster"));
    let user_place = place.below(&format!("users[{user_at}].user"));
    let (cluster, user) = (&clusters[cluster_at].cluster, &users[user_at].user);
    Some(Offer {
        token: token(user, &user_place, notes),
        ca_cert: ca_cert(cluster, &cluster_place, notes),
        endpoint: cluster.server.clone().map(|url| Endpoint { url, place: cluster_place.below("server") }),
    })
}

fn token(user: &User, place: &Place, notes: &mut Notes<'_>) -> Option<Written> {
    let has = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let refused = [
        ("exec", user.exec.is_some(), Refusal::Exec),
        ("auth-provider", user.auth_provider.is_some(), Refusal::AuthProvider),
        ("client-certificate", has(user.client_certificate.as_deref()), Refusal::ClientCertificate),
        (
            "client-certificate-data",
            has(user.client_certificate_data.as_ref().map(Redacted::reveal)),
            Refusal::ClientCertificate,
        ),
        ("tokenFile", has(user.token_file.as_deref()), Refusal::TokenFile),
        ("username", has(user.username.as_deref()), Refusal::Password),
        ("as", has(user.impersonated.as_deref()), Refusal::Impersonation),
    ];
    let is_refused = refuse(&refused, place, notes);
    match &user.token {
        Some(token) => Some(Written { text: token.clone(), encoding: Encoding::Plain, place: place.below("token") }),
        None => {
            if !is_refused {
                notes.add(place, Rule::NoToken);
            }
            None
        }
    }
}

fn ca_cert(cluster: &ClusterEntry, place: &Place, notes: &mut Notes<'_>) -> Option<Written> {
    let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let data = cluster.certificate_authority_data.as_ref().filter(|text| !text.reveal().is_empty());
    let refused = [
        ("insecure-skip-tls-verify", cluster.insecure_skip_tls_verify == Some(true), Refusal::Insecure),
        // client-go does not look at the file where there is data.
        ("certificate-authority", has(&cluster.certificate_authority) && data.is_none(), Refusal::CaFile),
        ("tls-server-name", has(&cluster.tls_server_name), Refusal::ServerName),
        ("proxy-url", has(&cluster.proxy_url), Refusal::Proxy),
    ];
    let is_refused = refuse(&refused, place, notes);
    if data.is_none() && !is_refused {
        notes.add(place, Rule::NoCa);
    }
    let place = place.below("certificate-authority-data");
    data.map(|text| Written { text: text.clone(), encoding: Encoding::Base64, place })
}

/// Notes each refusal that applies; whether there is one.
pub(super) fn refuse(refused: &[(&str, bool, Refusal)], place: &Place, notes: &mut Notes<'_>) -> bool {
    let applying = refused.iter().filter(|(_, applies, _)| *applies);
    applying.clone().for_each(|(field, _, refusal)| notes.add(&place.below(field), Rule::Refused(*refusal)));
    applying.count() > 0
}
