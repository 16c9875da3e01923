//! Credentials for tests: made anew, so that nothing real stands in the project.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

use super::Now;

/// When the tests run.
pub(super) const NOW: Now = Now::at(1_700_000_000);

/// A token that is no JWT.
pub(super) const OPAQUE: &str = "token-of-cluster-1";

pub(super) fn base64_of(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

pub(super) fn jwt(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&json!({"alg": "RS256", "kid": "test"})), part(claims), part(&json!("signature")))
}

pub(super) fn authority() -> String {
    let now = NOW.seconds().unwrap();
    authority_valid(now - 1000, now + 1000)
}

pub(super) fn authority_valid(from: i64, to: i64) -> String {
    certificate(IsCa::Ca(BasicConstraints::Unconstrained), from, to)
}

pub(super) fn leaf() -> String {
    let now = NOW.seconds().unwrap();
    certificate(IsCa::ExplicitNoCa, now - 1000, now + 1000)
}

pub(super) fn private_key() -> String {
    KeyPair::generate().unwrap().serialize_pem()
}

fn certificate(is_ca: IsCa, from: i64, to: i64) -> String {
    let mut params = CertificateParams::new(vec!["kubernetes.example.com".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let date =
        |seconds: i64| rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds.cast_unsigned());
    (params.not_before, params.not_after) = (date(from), date(to));
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}
