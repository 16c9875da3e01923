//! Reads a cluster's endpoint, CA and token from an Argo CD cluster Secret.
//!
//! Source: Argo CD, "Declarative Setup", section "Clusters".

use serde::Deserialize;
use serde_json::{Map, Value};

use super::encoding::{Encoding, Written};
use super::kubeconfig::{redacted, refuse, settings_that_are_secret};
use super::offer::{Endpoint, Offer};
use super::problem::{Notes, Place, Refusal, Rule};
use super::secret_item::wanted;
use crate::redacted::Redacted;
use crate::wire::Resource;

const LABEL: (&str, &str) = ("argocd.argoproj.io/secret-type", "cluster");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    #[serde(default, deserialize_with = "redacted")]
    bearer_token: Option<Redacted>,
    #[serde(default, deserialize_with = "redacted")]
    password: Option<Redacted>,
    username: Option<String>,
    #[serde(rename = "tlsClientConfig")]
    tls: Option<Tls>,
    #[serde(rename = "awsAuthConfig")]
    aws: Option<Map<String, Value>>,
    #[serde(rename = "execProviderConfig")]
    exec: Option<Map<String, Value>>,
    proxy_url: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Tls {
    insecure: Option<bool>,
    server_name: Option<String>,
    #[serde(default, deserialize_with = "redacted")]
    ca_data: Option<Redacted>,
    #[serde(default, deserialize_with = "redacted")]
    cert_data: Option<Redacted>,
    #[serde(default, deserialize_with = "redacted")]
    key_data: Option<Redacted>,
}

impl Config {
    /// What gives access to the cluster: it must not be shown.
    pub(super) fn secrets(self) -> impl Iterator<Item = Redacted> {
        // Every field is named, so that a new one does not compile until it is decided on.
        let Self { bearer_token, password, username: _, tls, aws: _, exec, proxy_url: _ } = self;
        let key = tls.and_then(|Tls { insecure: _, server_name: _, ca_data: _, cert_data: _, key_data }| key_data);
        let given = exec.into_iter().flat_map(|settings| settings_that_are_secret(&settings));
        [bearer_token, password, key].into_iter().flatten().chain(given)
    }
}

/// Whether an item is an Argo CD cluster Secret.
pub(super) fn is_cluster(item: &Resource<'_>) -> bool {
    item.labels().get(LABEL.0).is_some_and(|value| value == LABEL.1)
}

/// Reads `config`.
///
/// # Errors
///
/// When the text is no such JSON. The reader's own words quote values, so only the place is kept.
pub(super) fn read(text: &Redacted) -> Result<Config, Rule> {
    serde_json::from_str(text.reveal()).map_err(|error| Rule::Unreadable {
        format: "the JSON of an Argo CD cluster",
        at: Some((error.line(), error.column())),
    })
}

/// What the Secret offers.
pub(super) fn offer(item: &Resource<'_>, notes: &mut Notes<'_>) -> Option<Offer> {
    let server = wanted(item, "server", notes);
    let config = wanted(item, "config", notes);
    let endpoint = server.and_then(|written| {
        let url = notes.keep(&written.place, written.decoded().map(|text| (text, Vec::new())))?;
        Some(Endpoint { url: url.reveal().trim().to_owned(), place: written.place })
    });
    let written = config?;
    let text = notes.keep(&written.place, written.decoded().map(|text| (text, Vec::new())))?;
    let config = read(&text).map_err(|rule| notes.add(&written.place, rule)).ok()?;
    Some(from_config(&config, endpoint, &written.place, notes))
}

fn from_config(config: &Config, endpoint: Option<Endpoint>, place: &Place, notes: &mut Notes<'_>) -> Offer {
    let has = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let none = Tls::default();
    let tls = config.tls.as_ref().unwrap_or(&none);
    let has_certificate = has(tls.cert_data.as_ref().map(Redacted::reveal));
    let no_token = refuse(
        &[
            ("execProviderConfig", config.exec.is_some(), Refusal::Exec),
            ("awsAuthConfig", config.aws.is_some(), Refusal::AwsAuth),
            ("username", has(config.username.as_deref()), Refusal::Password),
            ("tlsClientConfig.certData", has_certificate, Refusal::ClientCertificate),
        ],
        place,
        notes,
    );
    let no_ca = refuse(
        &[
            ("tlsClientConfig.insecure", tls.insecure == Some(true), Refusal::Insecure),
            ("tlsClientConfig.serverName", has(tls.server_name.as_deref()), Refusal::ServerName),
            ("proxyUrl", has(config.proxy_url.as_deref()), Refusal::Proxy),
        ],
        place,
        notes,
    );
    let written = |text: &Redacted, encoding: Encoding, field: &'static str| Written {
        text: text.clone(),
        encoding,
        place: place.below(field),
    };
    let token = config.bearer_token.as_ref().map(|text| written(text, Encoding::Plain, "bearerToken"));
    let ca_cert = tls.ca_data.as_ref().map(|text| written(text, Encoding::Base64, "tlsClientConfig.caData"));
    if token.is_none() && !no_token {
        notes.add(place, Rule::NoToken);
    }
    if ca_cert.is_none() && !no_ca {
        notes.add(place, Rule::NoCa);
    }
    Offer { token, ca_cert, endpoint }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, authority, base64_of};

    const SERVER: &str = "https://cluster-1.example.com:6443";

    fn config() -> Value {
        json!({"bearerToken": OPAQUE, "tlsClientConfig": {"insecure": false, "caData": base64_of(&authority())}})
    }

    fn with_text(server: &str, config: &str) -> Deployment {
        let metadata = json!({"name": "a", "labels": {(LABEL.0): LABEL.1}});
        let data = json!({"name": base64_of("one"), "server": base64_of(server), "config": base64_of(config)});
        let item = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data});
        Deployment::of_set(&json!({"secret": "a"})).item(item)
    }

    fn changed(pointer: &str, value: Value) -> Vec<(String, Rule)> {
        let mut config = config();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        config.pointer_mut(parent).unwrap()[key] = value;
        with_text(SERVER, &config.to_string()).problems()
    }

    #[test]
    fn server_ca_and_token_come_as_one_set() {
        let (endpoint, token, ca_cert) = with_text(SERVER, &config().to_string()).first();
        assert_eq!((endpoint.as_str(), token.as_str()), (SERVER, OPAQUE));
        assert!(ca_cert.starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn what_a_token_and_a_ca_cannot_carry_is_refused() {
        for (field, value, refusal) in [
            ("execProviderConfig", json!({"command": "aws"}), Refusal::Exec),
            ("awsAuthConfig", json!({"clusterName": "a"}), Refusal::AwsAuth),
            ("username", json!("admin"), Refusal::Password),
            ("tlsClientConfig/certData", json!("AAAA"), Refusal::ClientCertificate),
            ("tlsClientConfig/insecure", json!(true), Refusal::Insecure),
            ("tlsClientConfig/serverName", json!("a.example.com"), Refusal::ServerName),
            ("proxyUrl", json!("http://proxy.example.com"), Refusal::Proxy),
        ] {
            let place = format!("data.config.{}", field.replace('/', "."));
            assert_eq!(changed(&format!("/{field}"), value), [(place, Rule::Refused(refusal))]);
        }
        for (field, value) in
            [("username", json!("")), ("tlsClientConfig/serverName", json!("")), ("proxyUrl", json!(null))]
        {
            assert_eq!(changed(&format!("/{field}"), value), [], "{field}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let at = |rule: Rule| [("data.config".to_owned(), rule)];
        assert_eq!(changed("/bearerToken", json!(null)), at(Rule::NoToken));
        assert_eq!(changed("/tlsClientConfig", json!({})), at(Rule::NoCa));
        let format = "the JSON of an Argo CD cluster";
        let unreadable = with_text(SERVER, r#"{"bearerToken": 1}"#).problems();
        assert_eq!(unreadable, at(Rule::Unreadable { format, at: Some((1, 17)) }));
        let http = with_text("http://cluster-1.example.com", &config().to_string()).problems();
        assert_eq!(http, [("data.server".to_owned(), Rule::NotHttps)]);
    }

    #[test]
    fn without_the_label_it_is_a_secret_like_any_other() {
        let deployment =
            Deployment::of(&json!({"secret": "a"})).secret("a", &json!({"config": base64_of(&config().to_string())}));
        assert!(matches!(deployment.problems()[..], [(_, Rule::NoKey { .. }), (_, Rule::NoKey { .. })]));
    }
}
