//! Reads a cluster's endpoint, CA and token from a kubeconfig, as one set.
//!
//! Source: `tools/clientcmd/api/v1` of client-go.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::encoding::{Encoding, Written};
use super::offer::{Endpoint, Offer};
use super::problem::{Notes, Place, Refusal, Rule};
use crate::redacted::{Redacted, may_be_secret};

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
    /// What gives access to the cluster: it must not be shown.
    pub(super) fn secrets(self) -> impl Iterator<Item = Redacted> {
        // Every field is named, so that a new one does not compile until it is decided on.
        let Self {
            token,
            password,
            client_key_data,
            client_certificate_data: _,
            client_certificate: _,
            token_file: _,
            username: _,
            exec,
            auth_provider,
            impersonated: _,
        } = self;
        let given =
            [exec, auth_provider].into_iter().flatten().flat_map(|settings| settings_that_are_secret(&settings));
        [token, password, client_key_data].into_iter().flatten().chain(given)
    }
}

/// What a command or a provider is given that looks like a secret, by its name or by itself.
pub(super) fn settings_that_are_secret(settings: &Map<String, Value>) -> Vec<Redacted> {
    let may_hold_secret =
        |name: &str| ["token", "secret", "password"].iter().any(|word| name.to_lowercase().contains(word));
    let mut secrets = Vec::new();
    let mut open: Vec<(&str, &Value)> = settings.iter().map(|(name, value)| (name.as_str(), value)).collect();
    while let Some((name, value)) = open.pop() {
        match value {
            Value::String(text) if may_hold_secret(name) || may_be_secret(text) => {
                secrets.push(Redacted::new(text.clone()));
            }
            Value::Array(values) => open.extend(values.iter().map(|value| (name, value))),
            Value::Object(fields) => {
                // An environment variable is its name and its value.
                let variable = fields.get("name").and_then(Value::as_str);
                open.extend(
                    fields
                        .iter()
                        .filter(|(key, _)| *key != "name")
                        .map(|(key, value)| (variable.unwrap_or(key), value)),
                );
            }
            _ => {}
        }
    }
    secrets
}

/// Wraps a string as it is read.
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

/// Whether `text` is a kubeconfig with users.
pub(super) fn is_one(text: &Redacted) -> bool {
    let has_words = ["clusters", "contexts", "users"].iter().all(|word| text.reveal().contains(word));
    has_words && read(text).is_ok_and(|config| config.users.is_some_and(|users| !users.is_empty()))
}

/// What a context of the kubeconfig in `text` offers; `place` is where the text is.
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
    let cluster_place = place.with(place.field.then("clusters").index(cluster_at).then("cluster"));
    let user_place = place.with(place.field.then("users").index(user_at).then("user"));
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
    if user.token.is_none() && !is_refused {
        notes.add(place, Rule::NoToken);
    }
    let place = place.below("token");
    user.token.clone().map(|text| Written { text, encoding: Encoding::Plain, place })
}

fn ca_cert(cluster: &ClusterEntry, place: &Place, notes: &mut Notes<'_>) -> Option<Written> {
    let has = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    let data = cluster.certificate_authority_data.as_ref().filter(|text| !text.reveal().is_empty());
    let refused = [
        ("insecure-skip-tls-verify", cluster.insecure_skip_tls_verify == Some(true), Refusal::Insecure),
        // client-go does not look at the file if there is data.
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
pub(super) fn refuse(refused: &[(&'static str, bool, Refusal)], place: &Place, notes: &mut Notes<'_>) -> bool {
    let mut is_refused = false;
    for (field, applies, refusal) in refused {
        if *applies {
            notes.add(&place.below(field), Rule::Refused(*refusal));
            is_refused = true;
        }
    }
    is_refused
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, authority, base64_of};

    const SERVER: &str = "https://cluster-1.example.com:6443";

    fn config() -> Value {
        json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "here", "preferences": {},
            "contexts": [
                {"name": "there", "context": {"cluster": "there", "user": "nobody"}},
                {"name": "here", "context": {"cluster": "here", "user": "flyteadmin", "namespace": "flyte"}},
            ],
            "clusters": [{"name": "here", "cluster": {"server": SERVER, "certificate-authority-data": base64_of(&authority())}}],
            "users": [{"name": "flyteadmin", "user": {"token": OPAQUE}}],
        })
    }

    fn with_text(text: &str, credentials: &Value) -> Deployment {
        Deployment::of_set(&json!({"kubeconfig": credentials})).secret("a", &json!({"config": base64_of(text)}))
    }

    fn with(config: &Value) -> Deployment {
        with_text(&config.to_string(), &json!({"secret": "a", "key": "config"}))
    }

    fn changed(pointer: &str, value: Value) -> Deployment {
        let mut config = config();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[key] = value;
        with(&config)
    }

    #[test]
    fn endpoint_ca_and_token_come_as_one_set() {
        let yaml = serde_yaml::to_string(&config()).unwrap();
        for text in [config().to_string(), yaml] {
            let (endpoint, token, ca_cert) = with_text(&text, &json!({"secret": "a", "key": "config"})).first();
            assert_eq!((endpoint.as_str(), token.as_str()), (SERVER, OPAQUE));
            assert!(ca_cert.starts_with("-----BEGIN CERTIFICATE-----"));
        }
    }

    #[test]
    fn a_context_is_chosen_or_the_current_one() {
        let context = |context: &str| {
            let credentials = json!({"secret": "a", "key": "config", "context": context});
            with_text(&config().to_string(), &credentials).problems()
        };
        assert_eq!(context("here"), []);
        let missing = |kind, name: &str| ("data.config".to_owned(), Rule::NoEntry { kind, name: name.to_owned() });
        assert_eq!(context("there"), [missing("cluster", "there"), missing("user", "nobody")]);
        let no_context = |wanted: Option<&str>| {
            let found = vec!["there".to_owned(), "here".to_owned()];
            [("data.config".to_owned(), Rule::NoContext { wanted: wanted.map(str::to_owned), found })]
        };
        assert_eq!(context("nowhere"), no_context(Some("nowhere")));
        assert_eq!(changed("/current-context", json!("")).problems(), no_context(None));
        assert_eq!(changed("/current-context", json!(null)).problems(), no_context(None));
    }

    #[test]
    fn what_a_token_and_a_ca_cannot_carry_is_refused() {
        let at = |field: &str, rule: Rule| (format!("data.config.{field}"), rule);
        let cases = [
            ("users/0/user", "exec", json!({"command": "aws"}), Refusal::Exec),
            ("users/0/user", "auth-provider", json!({"name": "gcp"}), Refusal::AuthProvider),
            ("users/0/user", "client-certificate", json!("/a.crt"), Refusal::ClientCertificate),
            ("users/0/user", "client-certificate-data", json!("AAAA"), Refusal::ClientCertificate),
            ("users/0/user", "tokenFile", json!("/token"), Refusal::TokenFile),
            ("users/0/user", "username", json!("admin"), Refusal::Password),
            ("users/0/user", "as", json!("admin"), Refusal::Impersonation),
            ("clusters/0/cluster", "insecure-skip-tls-verify", json!(true), Refusal::Insecure),
            ("clusters/0/cluster", "tls-server-name", json!("a.example.com"), Refusal::ServerName),
            ("clusters/0/cluster", "proxy-url", json!("http://proxy.example.com"), Refusal::Proxy),
        ];
        for (parent, field, value, refusal) in cases {
            let place = format!("{}.{field}", parent.replace("/0/", "[0]."));
            let problems = changed(&format!("/{parent}/{field}"), value).problems();
            assert_eq!(problems, [at(&place, Rule::Refused(refusal))]);
        }
        let ca_file = json!({"server": SERVER, "certificate-authority": "/ca.crt"});
        let place = "clusters[0].cluster.certificate-authority";
        assert_eq!(changed("/clusters/0/cluster", ca_file).problems(), [at(place, Rule::Refused(Refusal::CaFile))]);
        let only_exec = json!({"exec": {"command": "aws"}});
        assert_eq!(
            changed("/users/0/user", only_exec).problems(),
            [at("users[0].user.exec", Rule::Refused(Refusal::Exec))]
        );
    }

    #[test]
    fn what_has_no_effect_is_not_refused() {
        for (pointer, value) in [
            ("/clusters/0/cluster/insecure-skip-tls-verify", json!(false)),
            // The data is used and the file is not.
            ("/clusters/0/cluster/certificate-authority", json!("/ca.crt")),
            ("/clusters/0/cluster/disable-compression", json!(true)),
            ("/users/0/user/username", json!("")),
            ("/users/0/user/exec", json!(null)),
            ("/extensions", json!([{"name": "a"}])),
        ] {
            assert_eq!(changed(pointer, value).problems(), [], "{pointer}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let at = |field: &str, rule: Rule| [(format!("data.config{field}"), rule)];
        assert_eq!(changed("/users/0/user", json!({})).problems(), at(".users[0].user", Rule::NoToken));
        let no_ca = json!({"server": SERVER});
        assert_eq!(changed("/clusters/0/cluster", no_ca).problems(), at(".clusters[0].cluster", Rule::NoCa));
        let server = changed("/clusters/0/cluster/server", json!(null)).problems();
        assert_eq!(server, [("spec.clusters[0].endpoint".to_owned(), Rule::NoEndpoint)]);
        let http = changed("/clusters/0/cluster/server", json!("http://cluster-1.example.com")).problems();
        assert_eq!(http, at(".clusters[0].cluster.server", Rule::NotHttps));
        let token = changed("/users/0/user/token", json!("<token>")).problems();
        assert_eq!(token, at(".users[0].user.token", Rule::Placeholder));
    }

    #[test]
    fn what_is_no_kubeconfig_is_told_by_its_place_alone() {
        let unreadable = |at| [("data.config".to_owned(), Rule::Unreadable { format: "a kubeconfig", at })];
        let credentials = json!({"secret": "a", "key": "config"});
        assert_eq!(
            with_text("users:\n- name: a\n  user:\n    token: {}\n", &credentials).problems(),
            unreadable(Some((4, 12)))
        );
        assert_eq!(with_text("a: [", &credentials).problems(), unreadable(Some((2, 1))));
    }
}
