//! Reads a bearer token: any opaque text, or a JSON Web Token whose claims can be compared with what is expected.

use super::Now;
use super::encoding::{Written, bytes};
use super::jwt::{Claims, claims};
use super::problem::{Rule, Shape};
use crate::redacted::Redacted;
use crate::spec::ServiceAccountToken;

const SUBJECT: &str = "system:serviceaccount:";

/// The least characters of a token that are taken for base64 of another: a short word is base64 of something by chance.
const MIN_ENCODED: usize = 8;

/// The token and the warnings about it.
///
/// # Errors
///
/// When flyteadmin could not send it as a header, or it is not what was meant.
pub(super) fn read(
    written: &Written,
    account: Option<&ServiceAccountToken>,
    now: Now,
) -> Result<(Redacted, Vec<Rule>), Rule> {
    let decoded = written.decoded()?;
    let token = decoded.reveal().trim();
    if token.contains("-----BEGIN ") {
        return Err(Rule::PemAsToken);
    }
    if is_encoded_text(token) {
        return Err(Rule::EncodedTwice(Shape::Text));
    }
    if token.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return Err(Rule::ControlCharacter);
    }
    if is_header(token) {
        return Err(Rule::HeaderScheme);
    }
    if !is_bearer_token(token) {
        return Err(Rule::IllegalCharacter);
    }
    let mut warnings = Vec::new();
    if token.len() != decoded.reveal().len() {
        warnings.push(Rule::Whitespace { is_trimmed: true });
    }
    if let Some(claims) = claims(token) {
        warnings.extend(claims.expired(now));
        warnings.extend(account.and_then(|account| claims.mistaken(account)));
    }
    Ok((Redacted::new(token.to_owned()), warnings))
}

/// Whether `token` has the word before it that stands there in a header.
fn is_header(token: &str) -> bool {
    let token = token.trim_matches(['"', '\'']);
    let token = token
        .get(.."authorization:".len())
        .filter(|start| start.eq_ignore_ascii_case("authorization:"))
        .map_or(token, |start| token[start.len()..].trim_start());
    let first = token.split_ascii_whitespace().next().unwrap_or_default();
    first.len() < token.len() && first.trim_end_matches(':').eq_ignore_ascii_case("bearer")
}

/// Whether `token` is a `b64token` of RFC 6750, section 2.1, or one of Rancher's, which have a colon.
fn is_bearer_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.chars().all(|c| c.is_ascii_alphanumeric() || "-._~+/:".contains(c))
}

/// Whether `token` is base64 of printable ASCII, as any token is that was encoded once too often.
///
/// That refuses no token which only looks like base64: it is random, so what it decodes to is random too. Three in eight
/// random bytes are printable, all those of twenty characters less than once in a million times; with hex digits still
/// less, because a decimal digit at the head of four makes a byte beyond ASCII.
fn is_encoded_text(token: &str) -> bool {
    token.len() >= MIN_ENCODED
        && bytes(token).is_ok_and(|bytes| {
            let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
            text.iter().all(|&byte| byte == b' ' || byte.is_ascii_graphic())
        })
}

impl Claims {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a date, for a warning")]
    fn expired(&self, now: Now) -> Option<Rule> {
        let (exp, now) = (self.0.get("exp")?.as_f64()?, now.seconds()?);
        (exp <= now as f64).then_some(Rule::TokenExpired { at: exp as i64 })
    }

    fn mistaken(&self, account: &ServiceAccountToken) -> Option<Rule> {
        let found = self.0.get("sub")?.as_str()?;
        let (namespace, name) = found.strip_prefix(SUBJECT).and_then(|rest| rest.split_once(':')).unwrap_or_default();
        let is_expected_namespace = account.namespace.as_deref().is_none_or(|expected| expected == namespace);
        if name == account.service_account && is_expected_namespace {
            return None;
        }
        let expected = format!("{SUBJECT}{}:{}", account.namespace.as_deref().unwrap_or("*"), account.service_account);
        // Any other subject may be anything, a password even.
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        let found = (is_name(namespace) && is_name(name)).then(|| found.to_owned());
        Some(Rule::Subject { expected, found })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::encoding::Encoding;
    use crate::credentials::problem::Place;
    use crate::credentials::samples::{NOW, OPAQUE, base64_of, jwt};

    fn account(namespace: Option<&str>) -> ServiceAccountToken {
        ServiceAccountToken {
            service_account: "flyteadmin".to_owned(),
            namespace: namespace.map(str::to_owned),
            secret_name: "flyteadmin-token".to_owned(),
        }
    }

    fn check(text: &str, account: Option<&ServiceAccountToken>, now: Now) -> Result<(String, Vec<Rule>), Rule> {
        let text = Redacted::new(text.to_owned());
        let written =
            Written { text, encoding: Encoding::Plain, place: Place::spec(crate::field_path::FieldPath::default()) };
        read(&written, account, now).map(|(token, rules)| (token.reveal().to_owned(), rules))
    }

    #[test]
    fn a_token_is_one_line() {
        let trimmed = Ok((OPAQUE.to_owned(), vec![Rule::Whitespace { is_trimmed: true }]));
        let cases = [
            (OPAQUE.to_owned(), Ok((OPAQUE.to_owned(), vec![]))),
            ("kubeconfig-u-1:x~y+z/w==".to_owned(), Ok(("kubeconfig-u-1:x~y+z/w==".to_owned(), vec![]))),
            ("a b".to_owned(), Err(Rule::IllegalCharacter)),
            ("${TOKEN}".to_owned(), Err(Rule::IllegalCharacter)),
            ("\"abcdefgh\"".to_owned(), Err(Rule::IllegalCharacter)),
            ("abc=def".to_owned(), Err(Rule::IllegalCharacter)),
            ("tokén".to_owned(), Err(Rule::IllegalCharacter)),
            ("error: You must be logged in".to_owned(), Err(Rule::IllegalCharacter)),
            (format!("Bearer {OPAQUE}"), Err(Rule::HeaderScheme)),
            (format!("bearer: {OPAQUE}"), Err(Rule::HeaderScheme)),
            (format!("Authorization: Bearer {OPAQUE}"), Err(Rule::HeaderScheme)),
            ("bearer-of-news".to_owned(), Ok(("bearer-of-news".to_owned(), vec![]))),
            ("not.a.jwt".to_owned(), Ok(("not.a.jwt".to_owned(), vec![]))),
            (format!("{OPAQUE}\n"), trimmed.clone()),
            (format!(" {OPAQUE}\r\n"), trimmed),
            (format!("{OPAQUE}\n{OPAQUE}"), Err(Rule::ControlCharacter)),
            (format!("{OPAQUE}\0"), Err(Rule::ControlCharacter)),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned(), Err(Rule::PemAsToken)),
        ];
        for (text, expected) in cases {
            assert_eq!(check(&text, None, NOW), expected, "{text:?}");
        }
    }

    #[test]
    fn an_opaque_token_must_not_be_encoded_twice() {
        let wrapped = base64_of(&OPAQUE.repeat(5)).chars().collect::<Vec<_>>();
        let wrapped = wrapped.chunks(76).map(String::from_iter).collect::<Vec<_>>().join("\n");
        for token in [
            base64_of(OPAQUE),
            base64_of(OPAQUE) + "\n",
            base64_of(&format!("{OPAQUE}\n")),
            base64_of(&base64_of(OPAQUE)),
            base64_of("a b c"),
            wrapped + "\n",
        ] {
            assert_eq!(check(&token, None, NOW), Err(Rule::EncodedTwice(Shape::Text)), "{token}");
        }
        for token in [
            "abcdef.0123456789abcdef".to_owned(),
            "d41d8cd98f00b204e9800998ecf8427e".to_owned(),
            "da39a3ee5e6b4b0d3255bfef95601890afd80709".to_owned(),
            "kZ8vQx2mPq9sLw4tYb7nRc1d".to_owned(),
            "password".to_owned(),
            base64_of("abc"),
            base64_of("a\tb\0cdef"),
        ] {
            assert_eq!(check(&token, None, NOW), Ok((token.clone(), vec![])), "{token}");
        }
    }

    #[test]
    fn an_expired_token_is_a_warning_where_the_time_is_known() {
        let now = NOW.seconds().unwrap();
        let warnings = |exp: i64, now: Now| check(&jwt(&json!({"exp": exp})), None, now).unwrap().1;
        assert_eq!(warnings(now, NOW), [Rule::TokenExpired { at: now }]);
        assert_eq!(warnings(now + 1, NOW), []);
        assert_eq!(warnings(now, Now::unknown()), []);
        for claims in [json!({}), json!({"exp": "1"}), json!({"exp": null})] {
            assert_eq!(check(&jwt(&claims), None, NOW).unwrap().1, []);
        }
    }

    #[test]
    fn a_token_of_another_account_is_a_warning() {
        let warnings = |sub: &str, namespace: Option<&str>| {
            check(&jwt(&json!({"sub": sub})), Some(&account(namespace)), NOW).unwrap().1
        };
        let mistaken = |expected: &str, found: Option<&str>| {
            [Rule::Subject { expected: expected.to_owned(), found: found.map(str::to_owned) }]
        };
        let expected = "system:serviceaccount:flyte:flyteadmin";
        assert_eq!(warnings(expected, Some("flyte")), []);
        assert_eq!(warnings(expected, None), []);
        let other = "system:serviceaccount:flyte:default";
        assert_eq!(warnings(other, Some("flyte")), mistaken(expected, Some(other)));
        assert_eq!(warnings(other, None), mistaken("system:serviceaccount:*:flyteadmin", Some(other)));
        let elsewhere = "system:serviceaccount:prod:flyteadmin";
        assert_eq!(warnings(elsewhere, Some("flyte")), mistaken(expected, Some(elsewhere)));
        assert_eq!(warnings("somebody", Some("flyte")), mistaken(expected, None));
        assert_eq!(check(&jwt(&json!({"sub": other})), None, NOW).unwrap().1, []);
        assert_eq!(check(OPAQUE, Some(&account(None)), NOW).unwrap().1, []);
    }
}
