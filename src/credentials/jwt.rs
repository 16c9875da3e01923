//! Takes a JSON Web Token apart, without asking whether its signature is right.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Whether `text` is three parts of which the first two are JSON objects.
pub(super) fn is_jwt(text: &str) -> bool {
    claims(text).is_some()
}

/// What a token says about itself.
pub(super) struct Claims(pub(super) Map<String, Value>);

/// The claims of a token; none of what is no JSON Web Token.
pub(super) fn claims(token: &str) -> Option<Claims> {
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
