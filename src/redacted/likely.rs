//! Tells text that may be a token from text that is a name, and leaves it out of what is shown.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What is shown in place of text that is, or may be, a secret.
pub const WITHHELD: &str = "(withheld, it may be a secret)";

/// How base64 of a JSON object begins, and so each of the first two parts of a JSON Web Token: `{"`.
static JSON_WEB_TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"eyJ[A-Za-z0-9_\-]{8,}(\.[A-Za-z0-9_\-]*)*").expect("the pattern is a constant"));

/// Names that end in what kustomize or a controller appended: a hash, and the name of a pod.
static GENERATED_SUFFIX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("-[2456789bcdfghjklmnpqrstvwxz]{8,10}(-[2456789bcdfghjklmnpqrstvwxz]{5})?$")
        .expect("the pattern is a constant")
});

/// The names that many programs give to what they make (RFC 9562), alone or with other words: `pvc-…`.
static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})\b")
        .expect("the pattern is a constant")
});

/// A shorter piece of text may be a name, however it looks.
const SHORTEST: usize = 20;

/// What separates names in a message or a path. Base64 has `/` and `+` too, see [`withhold`].
fn is_separator(character: char) -> bool {
    !(character.is_alphanumeric() || "-_=".contains(character))
}

/// What a character is to [`is_random`].
#[derive(PartialEq, Clone, Copy)]
enum Class {
    Lower,
    Upper,
    Digit,
    Other,
}

fn class(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' => Class::Lower,
        b'A'..=b'Z' => Class::Upper,
        b'0'..=b'9' => Class::Digit,
        _ => Class::Other,
    }
}

/// Whether text without separators goes from letters to digits, or from one case to the other, more often than names do.
///
/// In CamelCase one character in five does, in random letters and digits every second one.
fn is_random(text: &str) -> bool {
    let named = GENERATED_SUFFIX.find(text).map_or(text, |suffix| &text[..suffix.start()]);
    let named = UUID.replace_all(named, "");
    let classes: Vec<Class> = named.bytes().map(class).collect();
    let is_change = |pair: &&[Class]| pair[0] != pair[1] && !pair.contains(&Class::Other);
    let changes = classes.windows(2).filter(is_change).count();
    let tenths = match (classes.contains(&Class::Digit), classes.contains(&Class::Other)) {
        (true, false) => 2,
        (true, true) => 3,
        (false, _) => 4,
    };
    changes * 10 > classes.len() * tenths
}

fn is_likely_secret(piece: &str) -> bool {
    piece.len() >= SHORTEST && is_random(piece)
}

/// Whether `text` has a piece that may be a token, a certificate or a key.
///
/// ```
/// use split_planes::redacted::may_be_secret;
///
/// assert!(may_be_secret("Kx9qZpLmW3vTgR7sYbN4cHdF8jUeA2oIk"));
/// assert!(!may_be_secret("spec.template.spec.containers[0].terminationMessagePolicy"));
/// ```
#[must_use]
pub fn may_be_secret(text: &str) -> bool {
    JSON_WEB_TOKEN.is_match(text) || text.split(is_separator).any(is_likely_secret)
}

/// The pieces of `text` that may be tokens.
pub fn likely_secrets(text: &str) -> impl Iterator<Item = &str> {
    let tokens = JSON_WEB_TOKEN.find_iter(text).map(|token| token.as_str());
    tokens.chain(text.split(is_separator).filter(|piece| is_likely_secret(piece)))
}

/// `text` without the pieces that are or may be secrets: `is_known` knows some.
///
/// What is known may have separators in it: then more is left out, in the end all of the text.
#[must_use]
pub fn withhold<'t>(text: &'t str, is_known: &dyn Fn(&str) -> bool) -> Cow<'t, str> {
    if !may_be_secret(text) && !is_known(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = JSON_WEB_TOKEN.replace_all(text, WITHHELD).into_owned();
    let is_quote = |c: char| c.is_whitespace() || "\"'`,;{}[]()".contains(c);
    let separators: [&dyn Fn(char) -> bool; 2] = [&is_separator, &is_quote];
    for is_separator in separators {
        shown = without(&shown, is_separator, is_known);
        if !is_known(&shown) {
            return Cow::Owned(shown);
        }
    }
    Cow::Borrowed(WITHHELD)
}

/// `text` without the secrets among the pieces that the separators make.
fn without(text: &str, is_separator: &dyn Fn(char) -> bool, is_known: &dyn Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for part in text.split_inclusive(is_separator) {
        let piece = part.strip_suffix(is_separator).unwrap_or(part);
        let is_secret = is_likely_secret(piece) || is_known(piece);
        shown.push_str(if is_secret { WITHHELD } else { piece });
        shown.push_str(&part[piece.len()..]);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown() {
        for name in [
            "flyteadmin",
            "spec.template.spec.initContainers[12].volumeMounts[0].mountPath",
            "internal.config.kubernetes.io/previousNamespaces",
            "horizontalPodAutoscalerBehavior",
            "cluster-credentials-7b4f9gm2kt",
            "flyteadmin-7d9c6b5f4-x2k8q",
            "flyteadmin-7b4f9gm2kt",
            "/var/run/credentials/cluster_1_cacert",
            "us-east-1-k8s-prod-2-cluster-1-token",
            "https://cluster-1.example.com:6443",
            "system:serviceaccount:flyte:flyteadmin",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "SHA-256 4c2f1b07",
            "mutatingwebhookconfigurations.admissionregistration.k8s.io",
            "0e37df36-f698-11e6-8dd4-cb9ced3df976",
            "pvc-3F2504E0-4F89-41D3-9A0C-0305E82C3301",
            "9b2d6c1e-7f40-4a8b-b1c3-5d0e8f7a2964-flyteadmin-7d9c6b5f4-x2k8q",
        ] {
            assert!(!may_be_secret(name), "{name}");
            assert_eq!(withhold(name, &|_| false), name);
        }
    }

    #[test]
    fn tokens_are_not() {
        for token in [
            "Kx9qZpLmW3vTgR7sYbN4cHdF8jUeA2oIkSwQ5xVyBtMnPz6G",
            "canary-5up3r-s3cr3t-b1rd-0f-y3ll0w-f34th3r",
            "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
            "eyJhbGciOiJSUzI1NiJ9",
            "sha256~s7Xk2oLmPq9vB4nZtR8yWc1dFgH3jKxUeA5iM6wQ0TE",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "9f86d081884c7d659a2feaa0c55ad015",
            "cm1ucHpxcjdlM2Zkdjkxa2wzYWI=",
            "x7k2m9q4w8e3r6t1y5u0i2o4p6a8s9d1f3g5h7j9",
            // Not quite UUIDs: one digit less, no dashes, both cases, a letter that is no digit, a piece that is a token.
            "9b2d6c1e-7f40-4a8b-b1c3-5d0e8f7a296",
            "9b2d6c1e7f404a8bb1c35d0e8f7a2964",
            "9B2d6C1e-7f40-4A8b-b1c3-5D0e8f7a2964",
            "9g2d6c1e-7f40-4a8b-b1c3-5d0e8f7a2964",
            "9b2d6c1e-7f40-4a8b-b1c3-5d0e8f7a2964-Kx9qZpLmW3vTgR7sYbN4c",
        ] {
            for around in ["", "got ", "v1/Secret/flyte/", "`spec.clusters[0].", "{name: "] {
                let text = format!("{around}{token}");
                assert!(may_be_secret(&text), "{text}");
                let shown = withhold(&text, &|_| false);
                assert!(shown.starts_with(around) && shown.contains(WITHHELD) && !may_be_secret(&shown), "{shown}");
            }
        }
    }

    #[test]
    fn what_is_known_is_left_out_however_it_is_cut() {
        let known = |secret: &'static str| move |text: &str| text.contains(secret);
        assert_eq!(withhold("got hunter-22, again", &known("hunter-22")), format!("got {WITHHELD}, again"));
        assert_eq!(withhold("got \"a.b/c\" at d/e", &known("b/c")), format!("got \"{WITHHELD}\" at d/e"));
        assert_eq!(withhold("got hunter 22 once", &known("hunter 22")), WITHHELD);
        assert_eq!(withhold("got nothing", &known("hunter")), "got nothing");
    }
}
