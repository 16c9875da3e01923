//! Reads a bearer token: any opaque text, or a JSON Web Token whose claims can be held against what is expected.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::Now;
use super::encoding::Written;
use super::problem::Rule;
use crate::redacted::Redacted;
use crate::spec::ServiceAccountToken;

const SUBJECT: &str = "system:serviceaccount:";

/// The token and what is doubtful about it.
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
    if token.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return Err(Rule::ControlCharacter);
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

/// Whether `text` is three parts of which the first two are JSON objects.
pub(super) fn is_jwt(text: &str) -> bool {
    claims(text).is_some()
}

struct Claims(Map<String, Value>);

fn claims(token: &str) -> Option<Claims> {
    let mut parts = token.split('.');
    let (header, payload, _signature, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?).ok()
    };
    object(header)?;
    object(payload).map(Claims)
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
    use crate::credentials::samples::{NOW, OPAQUE, jwt};

    fn account(namespace: Option<&str>) -> ServiceAccountToken {
        ServiceAccountToken {
            service_account: "flyteadmin".to_owned(),
            namespace: namespace.map(str::to_owned),
            secret_name: "flyteadmin-token".to_owned(),
        }
    }

    fn check(text: &str, account: Option<&ServiceAccountToken>, now: Now) -> Result<(String, Vec<Rule>), Rule> {
        let text = Redacted::new(text.to_owned());
        let written = Written { text, encoding: Encoding::Plain, place: Place::spec(String::new()) };
        read(&written, account, now).map(|(token, rules)| (token.reveal().to_owned(), rules))
    }

    #[test]
    fn a_token_is_one_line() {
        let trimmed = Ok((OPAQUE.to_owned(), vec![Rule::Whitespace { is_trimmed: true }]));
        let cases = [
            (OPAQUE.to_owned(), Ok((OPAQUE.to_owned(), vec![]))),
            ("a b".to_owned(), Ok(("a b".to_owned(), vec![]))),
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
