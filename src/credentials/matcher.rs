//! Finds credentials in text: as they are, escaped, folded, and in base64 up to twice.

use aho_corasick::AhoCorasick;
use zeroize::Zeroizing;

use super::leak::Credential;
use super::placeholder::is_placeholder;

/// What is shorter is in any text by chance.
const SHORTEST: usize = 8;

/// What is longer is known by its end, where a JWT has its signature; the start is the same in many tokens.
const LONGEST: usize = 24;

/// How often a text may be base64 of another.
const ENCODINGS: usize = 2;

/// How often a text may be a quoted string inside another, such as JSON in a value of JSON.
const QUOTATIONS: usize = 6;

/// Finds credentials in text.
pub struct SecretMatcher {
    /// Finds the distinctive part of each credential; none if nothing is known.
    automaton: Option<AhoCorasick>,
    /// The cluster of each pattern.
    clusters: Vec<String>,
    /// How many bytes the shortest pattern has.
    shortest: usize,
}

impl SecretMatcher {
    /// Prepares the search for `credentials`.
    ///
    /// # Panics
    ///
    /// Never: an automaton takes more patterns than there are clusters.
    #[must_use]
    pub fn new(credentials: &[Credential]) -> Self {
        let (mut patterns, mut clusters) = (Vec::new(), Vec::new());
        for credential in credentials {
            if let Some(pattern) = distinctive_part(credential.value.reveal()) {
                patterns.push(pattern);
                clusters.push(credential.cluster.clone());
            }
        }
        let automaton = AhoCorasick::new(patterns.iter().map(|pattern| pattern.as_slice()));
        let shortest = patterns.iter().map(|pattern| pattern.len()).min().unwrap_or_default();
        let automaton = (!patterns.is_empty()).then(|| automaton.expect("the patterns fit an automaton"));
        Self { automaton, clusters, shortest }
    }

    /// The cluster whose credential is in `text`: as it is, escaped, wrapped, or in base64 up to twice.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&str> {
        let pattern = if text.len() < self.shortest { None } else { self.find_in(text.as_bytes(), ENCODINGS) };
        pattern.map(|pattern| self.clusters[pattern].as_str())
    }

    /// The pattern that is in `text`, which may be base64 of another `encodings` times.
    fn find_in(&self, text: &[u8], encodings: usize) -> Option<usize> {
        let automaton = self.automaton.as_ref()?;
        let mut text = Zeroizing::new(text.to_vec());
        for _ in 0..=QUOTATIONS {
            let joined = joined(&text);
            let found = automaton.find(joined.as_slice()).map(|found| found.pattern().as_usize());
            let found = found.or_else(|| self.find_encoded(&joined, encodings));
            if found.is_some() {
                return found;
            }
            let unquoted = unquoted(&text);
            if unquoted == text {
                return None;
            }
            text = unquoted;
        }
        None
    }

    /// The pattern that is in what the base64 in `text` encodes, wherever it begins.
    fn find_encoded(&self, text: &[u8], encodings: usize) -> Option<usize> {
        let encodings = encodings.checked_sub(1)?;
        // Each character of base64 has six bits.
        let runs = text.split(|&byte| sextet(byte).is_none()).filter(|run| run.len() * 6 >= self.shortest * 8);
        runs.flat_map(|run| (0..4).map(|skipped| &run[skipped..]))
            .find_map(|run| self.find_in(&decoded(run), encodings))
    }
}

/// The bytes that are searched for: the end of the longest line of a private key, the signature of a JWT, the end of what is
/// nothing but words.
fn distinctive_part(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    if is_placeholder(text) {
        return None;
    }
    let longest = text.split_ascii_whitespace().max_by_key(|run| run.len())?;
    let is_word = longest.len() < SHORTEST || longest.bytes().all(|byte| byte.is_ascii_alphabetic());
    let part = joined(if is_word { text } else { longest }.as_bytes());
    let part = Some(part).filter(|part| part.len() >= SHORTEST)?;
    Some(Zeroizing::new(part[part.len().saturating_sub(LONGEST)..].to_vec()))
}

/// The bytes without what breaks lines: white space, and what begins the lines of a comment.
fn joined(text: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'#').collect())
}

/// The text with the escapes of JSON, YAML, URLs and shells undone, once.
fn unquoted(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let (digits, length) = match (first, after.first()) {
            (b'\'', Some(b'\'')) => (&after[..0], 2),
            (b'%', Some(_)) => (digits(after, 2), 3),
            (b'\\', Some(b'x')) => (digits(&after[1..], 2), 4),
            (b'\\', Some(b'u')) if after.get(1) == Some(&b'{') => braced(&after[2..]),
            (b'\\', Some(b'u')) => (digits(&after[1..], 4), 6),
            (b'\\', Some(b'U')) => (digits(&after[1..], 8), 10),
            _ => (&after[..0], 1),
        };
        let character = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if let Some(character) = character.and_then(char::from_u32) {
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            rest = &rest[length..];
            continue;
        }
        match (first, after.first()) {
            (b'\'', Some(b'\'')) => bytes.push(b'\''),
            (b'\\', Some(b'n' | b'r' | b't')) => bytes.push(b' '),
            (b'\\', Some(&escaped)) => bytes.push(escaped),
            _ => {
                bytes.push(first);
                rest = after;
                continue;
            }
        }
        rest = &after[1..];
    }
    bytes
}

/// The first `count` bytes, where they are hexadecimal digits.
fn digits(text: &[u8], count: usize) -> &[u8] {
    text.get(..count).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit)).unwrap_or_default()
}

/// The digits of `\u{...}`, and how long the whole is.
fn braced(text: &[u8]) -> (&[u8], usize) {
    let end = text.iter().take(7).position(|&byte| byte == b'}').unwrap_or_default();
    (digits(text, end), end + 4)
}

/// What a character of base64 means, in the usual alphabet and in that of URLs.
fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// The bytes that characters of base64 encode, from the first on.
fn decoded(run: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(run.len() * 3 / 4));
    for group in run.chunks(4) {
        let bits = group.iter().filter_map(|&byte| sextet(byte)).fold(0, |bits, sextet| bits << 6 | sextet);
        let aligned = bits << (6 * (4 - group.len()));
        bytes.extend(&aligned.to_be_bytes()[1..group.len()]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;
    use crate::credentials::leak::plain_text;
    use crate::credentials::problem::fingerprint;
    use crate::credentials::samples::{OPAQUE, base64_of, jwt, private_key};
    use crate::redacted::Redacted;

    fn matcher(values: &[&str]) -> SecretMatcher {
        let texts = values.iter().flat_map(|value| plain_text(&Redacted::new((*value).to_owned())));
        let credential = |value| Credential { cluster: "cluster_1".to_owned(), value };
        SecretMatcher::new(&texts.map(credential).collect::<Vec<_>>())
    }

    fn wrapped(text: &str, break_: &str) -> String {
        let lines: Vec<String> =
            text.as_bytes().chunks(16).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        lines.join(break_)
    }

    #[test]
    fn a_value_is_found_as_it_is_and_in_base64_at_any_place() {
        let long = jwt(&serde_json::json!({"sub": "system:serviceaccount:flyte:flyteadmin"}));
        let key = private_key();
        for value in [OPAQUE, "12345678", "two words", long.as_str(), key.as_str()] {
            let matcher = matcher(&["unrelated-value", value]);
            for around in ["", "a", "ab", "abc"] {
                let text = format!("{around}{value}{around}");
                let inner = format!("{around}{}{around}", base64_of(&text));
                for text in [&text, &base64_of(&text), &base64_of(&inner)] {
                    assert_eq!(matcher.find(&format!("data: {text}\n")), Some("cluster_1"), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_value_is_found_escaped_and_wrapped_at_each_level() {
        let value = jwt(&serde_json::json!({"sub": "system:serviceaccount:flyte:flyteadmin"}));
        let matcher = matcher(&[&value]);
        let quoted = |text: &str| serde_json::json!({ "a": text }).to_string();
        let unicode =
            |text: &str| text.chars().fold(String::new(), |text, c| text + &format!("\\u{:04x}", u32::from(c)));
        let lines = ["\n    ", "\r\n", "\\n", "\\\n  ", "\n# ", "\\\\n"];
        for text in lines.iter().flat_map(|line| {
            let once = wrapped(&base64_of(&wrapped(&value, "\n")), line);
            [wrapped(&value, line), once.clone(), wrapped(&base64_of(&once), line)]
        }) {
            for text in [&text, &quoted(&text), &quoted(&quoted(&quoted(&text)))] {
                assert_eq!(matcher.find(text), Some("cluster_1"), "{text}");
            }
        }
        for text in [
            unicode(&value),
            quoted(&unicode(&value)),
            value.replace('.', "%2E"),
            value.replace('.', "\\x2e"),
            value.replace('.', "\\u{2e}"),
            BASE64_URL_SAFE_NO_PAD.encode(format!("??>>{value}")),
        ] {
            assert_eq!(matcher.find(&text), Some("cluster_1"), "{text}");
        }
        assert_eq!(SecretMatcher::new(&[]).find(&value), None);
    }

    #[test]
    fn values_with_marks_of_quotation_are_found() {
        for value in [r"pass\word\n22", "it's-a-pass'word", "50%25-of-words", "a#b#c#d#e#f#g#h#i", r#"pass"word"22"#] {
            let matcher = matcher(&[value]);
            let json = serde_json::json!(value).to_string();
            for text in [value.to_owned(), json, format!("'{}'", value.replace('\'', "''")), format!("{value:?}")] {
                assert_eq!(matcher.find(&text), Some("cluster_1"), "{text}");
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
        let matcher = matcher(&[&ours, &our_key, &base64_of(&our_key), "short", "<placeholder>"]);
        for text in [theirs, base64_of(&their_key), their_key, "short <placeholder>".to_owned()] {
            assert_eq!(matcher.find(&text), None, "{text}");
        }
        assert_eq!(matcher.find(&base64_of(&ours)), Some("cluster_1"));
    }

    #[test]
    fn each_of_many_clusters_is_told_apart() {
        let token = |n: usize| format!("the-same-start-{}", fingerprint(&n.to_string()).repeat(2));
        let credential = |n: usize| Credential { cluster: n.to_string(), value: Redacted::new(token(n)) };
        let matcher = SecretMatcher::new(&(0..300).map(credential).collect::<Vec<_>>());
        for n in [0, 123, 299] {
            assert_eq!(matcher.find(&base64_of(&token(n))), Some(n.to_string().as_str()));
        }
        assert_eq!(matcher.find(&base64_of(&token(300))), None);
    }
}
