//! Knows every credential value there is, and finds them in text: as they are, and in base64 up to twice.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::encoding::{Encoding, Written, bytes};
use super::placeholder::is_placeholder;
use super::source::{TOKEN, is_secret, positions, value};
use super::{argo_cd, kubeconfig};
use crate::flyteadmin::token_key;
use crate::redacted::Redacted;
use crate::spec::{CredentialSource, Credentials, SecretReference, Spec};
use crate::wire::Resource;

/// What is shorter stands in any text by chance.
const SHORTEST: usize = 8;

/// What is longer is known by its end, where a JWT has its signature; the start is the same in many tokens.
const LONGEST: usize = 24;

/// A value that must stay in its Secret.
pub struct Credential {
    /// The cluster it opens.
    pub cluster: String,
    value: Redacted,
}

/// Every credential value that the spec or its sources hold, valid or not: tokens, passwords and private keys.
#[must_use]
pub fn values(spec: &Spec, items: &[Resource<'_>]) -> Vec<Credential> {
    let carriers = carriers(spec, items);
    let mut credentials = Vec::new();
    for cluster in &spec.clusters {
        let mut texts = Vec::new();
        for item in &carriers {
            texts.extend(texts_under(item, &token_key(&cluster.name)));
        }
        match &cluster.source {
            CredentialSource::InCluster | CredentialSource::Elsewhere => {}
            CredentialSource::Inline { token, .. } => texts.extend(plain_base64(token)),
            CredentialSource::Secret(secret) | CredentialSource::Kubeconfig { secret, .. } => {
                for position in positions(secret, items) {
                    texts.extend(of_source(&items[position], &cluster.source));
                }
            }
            CredentialSource::ExistingSecret(existing) => {
                let secret =
                    SecretReference { namespace: spec.credentials.namespace.clone(), name: existing.name.clone() };
                for position in positions(&secret, items) {
                    texts.extend(texts_under(&items[position], &existing.token_key));
                }
            }
        }
        credentials.extend(texts.into_iter().map(|value| Credential { cluster: cluster.name.clone(), value }));
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

fn of_source(item: &Resource<'_>, source: &CredentialSource) -> Vec<Redacted> {
    let texts = |key: &str| texts_under(item, key);
    if let CredentialSource::Kubeconfig { key, .. } = source {
        let configs: Vec<_> = texts(key).iter().filter_map(|text| kubeconfig::read(text).ok()).collect();
        let users = configs.into_iter().flat_map(|config| config.users.unwrap_or_default());
        users.flat_map(|user| user.user.secrets()).flat_map(|text| plain_text(&text)).collect()
    } else if argo_cd::is_cluster(item) {
        let configs: Vec<_> = texts("config").iter().filter_map(|text| argo_cd::read(text).ok()).collect();
        configs.into_iter().flat_map(argo_cd::Config::secrets).flat_map(|text| plain_text(&text)).collect()
    } else {
        texts(TOKEN)
    }
}

fn texts_under(item: &Resource<'_>, key: &str) -> Vec<Redacted> {
    match value(item, key) {
        Ok(Some(Written { text, encoding: Encoding::Plain, .. })) => plain_text(&text),
        Ok(Some(Written { text, encoding: Encoding::Base64, .. })) => plain_base64(&text),
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// A text and what it encodes, where that is text again.
fn plain_text(text: &Redacted) -> Vec<Redacted> {
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

/// Finds credentials in text.
pub struct Needles {
    automaton: AhoCorasick,
    /// The cluster of each pattern.
    clusters: Vec<String>,
}

impl Needles {
    /// Prepares the search for `credentials`.
    ///
    /// # Panics
    ///
    /// Never: an automaton takes more patterns than there are clusters.
    #[must_use]
    pub fn new(credentials: &[Credential]) -> Self {
        let mut patterns = Vec::new();
        let mut clusters = Vec::new();
        for credential in credentials {
            let Some(known) = telling_part(credential.value.reveal()) else { continue };
            let raw = Zeroizing::new(known.as_bytes().to_vec());
            let once = alignments(&raw);
            let twice: Vec<_> = once.iter().flat_map(|text| alignments(text)).collect();
            patterns.push(raw);
            patterns.extend(once.into_iter().chain(twice));
            clusters.resize(patterns.len(), credential.cluster.clone());
        }
        let automaton = AhoCorasick::new(patterns.iter().map(|pattern| pattern.as_slice()));
        Self { automaton: automaton.expect("the patterns fit an automaton"), clusters }
    }

    /// The cluster whose credential stands in `text`: as it is, or in base64 up to twice, wrapped or not.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&str> {
        let text: Zeroizing<Vec<u8>> =
            Zeroizing::new(text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
        self.automaton.find(text.as_slice()).map(|found| self.clusters[found.pattern()].as_str())
    }
}

/// The end of the longest run without white space: a line in the middle of a private key, the signature of a JWT.
fn telling_part(text: &str) -> Option<&str> {
    if is_placeholder(text) {
        return None;
    }
    let run = text.split_ascii_whitespace().max_by_key(|run| run.len()).filter(|run| run.len() >= SHORTEST)?;
    let start = (run.len().saturating_sub(LONGEST)..run.len()).find(|&start| run.is_char_boundary(start))?;
    Some(&run[start..])
}

/// The base64 of `bytes` at each of the three places it can start at in a longer text, without the characters that depend on what
/// is around it.
fn alignments(bytes: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    (0..3)
        .map(|before| {
            let padded = Zeroizing::new([&[0; 2][..before], bytes].concat());
            let encoded = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(&padded[..]).into_bytes());
            // Six bits a character: what shares one with a neighbour goes.
            let (start, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
            Zeroizing::new(encoded[start..end].to_vec())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, base64_of, jwt, private_key};

    fn needles(values: &[&str]) -> Needles {
        let texts = values.iter().flat_map(|value| plain_text(&Redacted::new((*value).to_owned())));
        let credential = |value| Credential { cluster: "cluster_1".to_owned(), value };
        Needles::new(&texts.map(credential).collect::<Vec<_>>())
    }

    fn wrapped(text: &str) -> String {
        let lines: Vec<String> =
            text.as_bytes().chunks(16).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        lines.join("\n    ")
    }

    #[test]
    fn a_value_is_found_as_it_is_and_in_base64_at_any_place() {
        let long = jwt(&serde_json::json!({"sub": "system:serviceaccount:flyte:flyteadmin"}));
        let key = private_key();
        for value in [OPAQUE, "12345678", long.as_str(), key.as_str()] {
            let needles = needles(&["unrelated-value", value]);
            for around in ["", "a", "ab", "abc"] {
                let text = format!("{around}{value}{around}");
                let inner = format!("{around}{}{around}", base64_of(&text));
                for text in [&text, &base64_of(&text), &base64_of(&inner), &wrapped(&base64_of(&inner))] {
                    assert_eq!(needles.find(&format!("data: {text}\n")), Some("cluster_1"), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_only_looks_alike_is_not_found() {
        let token = |sub: &str| {
            jwt(&serde_json::json!({"sub": sub})).replace("InNpZ25hdHVyZSI", &format!("signature-of-{sub}"))
        };
        let (ours, theirs) = (token("ours"), token("theirs"));
        let (our_key, their_key) = (private_key(), private_key());
        let needles = needles(&[&ours, &our_key, &base64_of(&our_key), "short", "<placeholder>"]);
        for text in [theirs, base64_of(&their_key), their_key, "short <placeholder>".to_owned()] {
            assert_eq!(needles.find(&text), None, "{text}");
        }
        assert_eq!(needles.find(&base64_of(&ours)), Some("cluster_1"));
    }

    #[test]
    fn nothing_is_found_where_nothing_is_known() {
        assert_eq!(needles(&[]).find("anything"), None);
    }

    fn found(deployment: &Deployment, text: &str) -> Option<String> {
        deployment.run(|spec, items| Needles::new(&values(spec, items)).find(text).map(str::to_owned))
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
    fn each_of_many_clusters_is_told_apart() {
        let token =
            |n: usize| format!("the-same-start-{}", crate::credentials::problem::fingerprint(&n.to_string()).repeat(2));
        let credential = |n: usize| Credential { cluster: n.to_string(), value: Redacted::new(token(n)) };
        let needles = Needles::new(&(0..300).map(credential).collect::<Vec<_>>());
        for n in [0, 123, 299] {
            assert_eq!(needles.find(&base64_of(&token(n))), Some(n.to_string().as_str()));
        }
        assert_eq!(needles.find(&base64_of(&token(300))), None);
    }
}
