//! Knows every credential value there is, and finds them in text: as they are, and in base64 up to twice.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::encoding::{Encoding, Written, bytes};
use super::placeholder::is_placeholder;
use super::source::{TOKEN, is_secret, positions, reference, value};
use super::{argo_cd, kubeconfig, token_key};
use crate::redacted::Redacted;
use crate::spec::{CredentialSource, SecretReference, Spec};
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
    let generated =
        [SecretReference { namespace: spec.credentials.namespace.clone(), name: spec.credentials.secret_name.clone() }];
    let carriers: Vec<usize> = generated.iter().flat_map(|reference| positions(reference, items)).collect();
    let is_part = |item: &Resource<'_>| {
        let number = item.id().name.strip_prefix(&spec.credentials.secret_name).and_then(|rest| rest.strip_prefix('-'));
        is_secret(item) && number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
    };
    let parts = items.iter().enumerate().filter(|(_, item)| is_part(item)).map(|(position, _)| position);
    let carriers: Vec<usize> = carriers.into_iter().chain(parts).collect();
    let mut credentials = Vec::new();
    for cluster in &spec.clusters {
        let key = token_key(&cluster.name);
        let carried = carriers.iter().filter_map(|&position| value(&items[position], &key).ok().flatten());
        let mut texts: Vec<Redacted> = carried.flat_map(|written| plain(&written)).collect();
        if let CredentialSource::Inline { token, .. } = &cluster.source {
            texts.extend(plain_base64(token));
        }
        let named = reference(cluster).map(|reference| positions(reference, items)).unwrap_or_default();
        texts.extend(named.into_iter().flat_map(|position| of_source(&items[position], &cluster.source)));
        credentials.extend(texts.into_iter().map(|value| Credential { cluster: cluster.name.clone(), value }));
    }
    credentials
}

fn of_source(item: &Resource<'_>, source: &CredentialSource) -> Vec<Redacted> {
    let texts = |key: &str| value(item, key).ok().flatten().map(|written| plain(&written)).unwrap_or_default();
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

fn plain(written: &Written) -> Vec<Redacted> {
    match written.encoding {
        Encoding::Plain => plain_text(&written.text),
        Encoding::Base64 => plain_base64(&written.text),
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
    use super::*;
    use crate::credentials::samples::{OPAQUE, base64_of, jwt, private_key};

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
}
