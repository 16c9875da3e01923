//! Knows every credential value there is: those that the spec names, and those that Secrets seem to hold.

use serde_json::Value;

use super::encoding::{Encoding, Written, bytes};
use super::secret_item::{TOKEN, is_secret, positions, value};
use super::{argo_cd, kubeconfig};
use crate::flyteadmin::{ca_cert_key, token_key};
use crate::redacted::{Redacted, likely_secrets};
use crate::spec::v1alpha1::GROUP;
use crate::spec::{CredentialSource, Credentials, SecretReference, Spec};
use crate::wire::Resource;

/// A longer text is no credential.
const LONGEST: usize = 1 << 20;

/// A value that must stay in its Secret.
pub struct Credential {
    /// The cluster that it gives access to.
    pub cluster: String,
    pub(super) value: Redacted,
}

/// Every credential value that the spec or its sources hold, valid or not: tokens, passwords and private keys.
#[must_use]
pub fn values(spec: &Spec, items: &[Resource<'_>]) -> Vec<Credential> {
    let mut credentials = carried(items);
    let carriers = carriers(spec, items);
    for cluster in &spec.clusters {
        let mut texts: Vec<Redacted> =
            carriers.iter().flat_map(|item| texts_under(item, &token_key(&cluster.name))).collect();
        let items_of = |secret| positions(secret, items).into_iter().map(|position| &items[position]);
        // No wildcard: a new source does not compile until its secrets are looked for.
        match &cluster.source {
            CredentialSource::InCluster | CredentialSource::Elsewhere => {}
            CredentialSource::Secret(secret) => texts.extend(items_of(secret).flat_map(of_secret)),
            CredentialSource::Kubeconfig { secret, key, context: _ } => {
                texts.extend(
                    items_of(secret).flat_map(|item| texts_under(item, key)).flat_map(|text| of_kubeconfig(&text)),
                );
            }
            CredentialSource::ExistingSecret(existing) => {
                let secret =
                    SecretReference { namespace: spec.credentials.namespace.clone(), name: existing.name.clone() };
                let found = positions(&secret, items).into_iter();
                texts.extend(found.flat_map(|position| texts_under(&items[position], &existing.token_key)));
            }
            CredentialSource::Inline { token, ca_cert: _ } => texts.extend(plain_base64(token)),
        }
        credentials.extend(texts.into_iter().map(|value| Credential { cluster: cluster.name.clone(), value }));
    }
    credentials
}

/// The clusters whose tokens and CAs a Secret carries, as this function writes them, whatever the spec says now.
#[must_use]
pub fn clusters_carried_by<'i>(item: &'i Resource<'_>) -> Vec<&'i str> {
    if !is_secret(item) {
        return Vec::new();
    }
    let keys: Vec<&str> = ["data", "stringData"]
        .iter()
        .filter_map(|section| item.value().get(section)?.as_object())
        .flat_map(|section| section.keys().map(String::as_str))
        .collect();
    let clusters = keys.iter().filter_map(|key| key.strip_suffix(&token_key("")));
    clusters.filter(|cluster| keys.contains(&ca_cert_key(cluster).as_str())).collect()
}

/// What Secrets of an earlier run carry, of clusters that the spec has forgotten, too.
fn carried(items: &[Resource<'_>]) -> Vec<Credential> {
    let mut credentials = Vec::new();
    for item in items {
        for cluster in clusters_carried_by(item) {
            let texts = texts_under(item, &token_key(cluster)).into_iter();
            credentials.extend(texts.map(|value| Credential { cluster: cluster.to_owned(), value }));
        }
    }
    credentials
}

/// The Secrets that carry the credentials into the pods: made elsewhere, or by an earlier run.
fn carriers<'i, 'a>(spec: &Spec, items: &'i [Resource<'a>]) -> Vec<&'i Resource<'a>> {
    let Credentials { namespace, secret_name, .. } = &spec.credentials;
    let whole = positions(&SecretReference { namespace: namespace.clone(), name: secret_name.clone() }, items);
    let is_part = |item: &&Resource<'_>| {
        let number = item.id().name.strip_prefix(secret_name.as_str()).and_then(|rest| rest.strip_prefix('-'));
        is_secret(item) && number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
    };
    whole.into_iter().map(|position| &items[position]).chain(items.iter().filter(is_part)).collect()
}

/// What a Secret that `credentials.secret` names holds.
fn of_secret(item: &Resource<'_>) -> Vec<Redacted> {
    if !argo_cd::is_cluster(item) {
        return texts_under(item, TOKEN);
    }
    let texts = texts_under(item, "config");
    texts
        .iter()
        .flat_map(|text| argo_cd::read(text).map_or_else(|_| likely(text), |config| plain(config.secrets())))
        .collect()
}

/// What the users of a kubeconfig have; of one that cannot be read, what looks like a token.
fn of_kubeconfig(text: &Redacted) -> Vec<Redacted> {
    let Ok(config) = kubeconfig::read(text) else { return likely(text) };
    config.users.into_iter().flatten().flat_map(|user| plain(user.user.secrets())).collect()
}

fn likely(text: &Redacted) -> Vec<Redacted> {
    likely_secrets(text.reveal()).map(|token| Redacted::new(token.to_owned())).collect()
}

fn plain(texts: impl Iterator<Item = Redacted>) -> Vec<Redacted> {
    texts.flat_map(|text| plain_text(&text)).collect()
}

fn texts_under(item: &Resource<'_>, key: &str) -> Vec<Redacted> {
    match value(item, key) {
        Ok(Some(Written { text, encoding: Encoding::Plain, .. })) => plain_text(&text),
        Ok(Some(Written { text, encoding: Encoding::Base64, .. })) => plain_base64(&text),
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// A text and what it encodes, where that is text again.
pub(super) fn plain_text(text: &Redacted) -> Vec<Redacted> {
    match decoded(text) {
        // All base64 of PEM ends alike.
        Some(inner) if inner.reveal().contains("-----BEGIN ") => vec![inner],
        Some(inner) => vec![text.clone(), inner],
        None => vec![text.clone()],
    }
}

/// What base64 encodes; the text itself where it is none.
fn plain_base64(text: &Redacted) -> Vec<Redacted> {
    decoded(text).map_or_else(|| vec![text.clone()], |inner| plain_text(&inner))
}

fn decoded(text: &Redacted) -> Option<Redacted> {
    String::from_utf8(bytes(text.reveal()).ok()?).ok().map(Redacted::new)
}

/// What must not be shown, whatever the spec says and even if it cannot be read: values of `items` and of `config`, which is
/// configuration of this function, under names that tell of secrets.
#[must_use]
pub fn suspects(items: &[Resource<'_>], config: Option<&Value>) -> Vec<Credential> {
    let mut texts = Vec::new();
    for item in items.iter().filter(|item| is_secret(item)) {
        let keys = ["data", "stringData"].iter().filter_map(|section| item.value().get(section)?.as_object());
        for key in keys.flat_map(|section| section.keys()) {
            let under = texts_under(item, key).into_iter().filter(|text| text.reveal().len() <= LONGEST);
            for text in under {
                // A kubeconfig in YAML or in JSON, or the configuration of an Argo CD cluster.
                if ["users:", "\"users\"", "bearerToken"].iter().any(|mark| text.reveal().contains(mark)) {
                    texts.extend(of_kubeconfig(&text));
                    texts.extend(argo_cd::read(&text).into_iter().flat_map(|config| plain(config.secrets())));
                } else if may_hold_secret(key) {
                    texts.push(text);
                }
            }
        }
    }
    let specs = items.iter().filter(|item| item.id().gvk.group == GROUP).map(Resource::value);
    for config in specs.chain(config) {
        inline(config, &mut texts);
    }
    let hidden = texts.into_iter().filter(|text| !is_name(text.reveal()));
    hidden.map(|value| Credential { cluster: String::new(), value }).collect()
}

/// Whether a key of a Secret has a name that tells of a secret value.
fn may_hold_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    ["token", "passw", "pass.", "secret", "private", "key"].iter().any(|word| key.contains(word))
}

/// Whether a value might as well be a name: those of users and databases are passwords, too, in samples.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || "-._".contains(c))
}

/// The tokens and passwords that are written in configuration.
fn inline(config: &Value, texts: &mut Vec<Redacted>) {
    match config {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text)
                        if ["token", "password"].iter().any(|word| key.to_lowercase().contains(word)) =>
                    {
                        texts.extend(plain_base64(&Redacted::new(text.clone())));
                    }
                    other => inline(other, texts),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| inline(value, texts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::SecretMatcher;
    use crate::credentials::samples::{Deployment, OPAQUE, base64_of};

    fn found(deployment: &Deployment, text: &str) -> Option<String> {
        deployment.run(|spec, items| SecretMatcher::new(&values(spec, items)).find(text).map(str::to_owned))
    }

    #[test]
    fn every_source_is_known_whether_it_is_valid_or_not() {
        let argo_cd = |config: &Value| {
            let metadata = json!({"name": "a", "labels": {"argocd.argoproj.io/secret-type": "cluster"}});
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"config": config.to_string()}})
        };
        let kubeconfig = |user: &Value| {
            let config = json!({"users": [{"name": "other", "user": user}]}).to_string();
            Deployment::of(&json!({"kubeconfig": {"secret": "a"}}))
                .secret("a", &json!({"kubeconfig": base64_of(&config)}))
        };
        let named = Deployment::of(&json!({"secret": "a"}));
        let existing = || Deployment::of(&json!({"secret": "none"})).set("/credentials/source", json!("Existing"));
        let carried = json!({"cluster_1_token": base64_of(OPAQUE)});
        let in_data = |deployment: Deployment, text: &str| deployment.secret("a", &json!({"token": text}));
        let again = || Deployment::of(&json!({"secret": "a"}));
        let inline = |token: &str| Deployment::of(&json!({"token": token, "caCert": "A"}));
        for deployment in [
            inline(&base64_of(OPAQUE)),
            inline(&base64_of(&base64_of(OPAQUE))),
            inline(OPAQUE),
            in_data(named, &base64_of(&format!(" {OPAQUE}\n"))),
            in_data(again(), OPAQUE),
            again().item(argo_cd(&json!({"bearerToken": OPAQUE}))),
            again().item(argo_cd(&json!({"username": "admin", "password": OPAQUE}))),
            kubeconfig(&json!({"token": OPAQUE})),
            kubeconfig(&json!({"client-key-data": base64_of(OPAQUE)})),
            kubeconfig(&json!({"auth-provider": {"name": "oidc", "config": {"refresh-token": OPAQUE}}})),
            kubeconfig(&json!({"exec": {"command": "login", "env": [{"name": "LOGIN_TOKEN", "value": OPAQUE}]}})),
            existing().secret("cluster-credentials", &carried),
            existing().secret("cluster-credentials-7b4f9gm2kt", &carried),
            existing().secret("cluster-credentials-12", &carried),
        ] {
            let text = format!("a: {}", base64_of(OPAQUE));
            assert_eq!(found(&deployment, &text).as_deref(), Some("cluster_1"));
            assert_eq!(found(&deployment, "a: another-token-of-the-data-plane"), None);
        }
    }

    #[test]
    fn the_token_of_a_kubeconfig_is_suspect_in_yaml_and_in_json() {
        let token = "hunter-two-blue-kettle-07";
        let config = json!({"apiVersion": "v1", "users": [{"name": "u", "user": {"token": token}}]});
        let yaml = format!("apiVersion: v1\nusers:\n- {{name: u, user: {{token: {token}}}}}\n");
        for text in [config.to_string(), format!("{config:#}"), yaml] {
            let deployment = Deployment::of(&json!({"secret": "a"})).secret("a", &json!({"config": base64_of(&text)}));
            let found = deployment.run(|_, items| SecretMatcher::new(&suspects(items, None)).find(token).is_some());
            assert!(found, "{text}");
        }
    }

    #[test]
    fn a_secret_of_an_earlier_run_is_known_by_its_keys() {
        let carrier = |data: &Value| {
            Deployment::of(&json!({"secret": "none"})).set("/clusters/0/name", json!("other")).secret("renamed", data)
        };
        let pair = carrier(&json!({"old_token": base64_of(OPAQUE), "old_cacert": base64_of("any")}));
        assert_eq!(found(&pair, OPAQUE).as_deref(), Some("old"));
        let half = carrier(&json!({"old_token": base64_of(OPAQUE)}));
        assert_eq!(found(&half, OPAQUE), None);
    }

    #[test]
    fn values_under_names_of_secrets_are_suspects() {
        let hidden = |data: Value, config: Option<Value>, text: &str| {
            let deployment = Deployment::of(&json!({"secret": "none"})).secret("any", &data);
            deployment.run(|_, items| SecretMatcher::new(&suspects(items, config.as_ref())).find(text).is_some())
        };
        assert!(hidden(json!({"db-password": base64_of("hunter-2222")}), None, "hunter-2222"));
        assert!(hidden(json!({}), Some(json!({"a": [{"token": base64_of("hunter-2222")}]})), "hunter-2222"));
        let users = json!({"users": [{"name": "a", "user": {"password": "hunter-2222"}}]});
        let kubeconfig = serde_yaml::to_string(&users).unwrap();
        assert!(hidden(json!({"any": base64_of(&kubeconfig)}), None, "hunter-2222"));
        // What any name could be is shown, and so is what no name tells of.
        assert!(!hidden(json!({"password": base64_of("postgres")}), None, "postgres"));
        assert!(!hidden(json!({"namespace": base64_of("flyte-2-production")}), None, "flyte-2-production"));
    }
}
