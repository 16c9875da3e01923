//! Decodes what is written, and says what is wrong if it cannot be meant.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::jwt::is_jwt;
use super::placeholder::{is_omitted, is_placeholder, is_reference};
use super::problem::{Place, Rule, Shape};
use crate::redacted::Redacted;

/// Base64 as the API server reads `Secret.data`: padded, and the bits after the last byte do not matter.
pub(super) const BASE64: GeneralPurpose =
    GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Base64, as under `data`.
    Base64,
    /// As it is, as under `stringData` or in a kubeconfig.
    Plain,
}

/// A value as it is written somewhere.
pub(super) struct Written {
    pub(super) text: Redacted,
    pub(super) encoding: Encoding,
    pub(super) place: Place,
}

impl Written {
    /// The value that is meant.
    ///
    /// # Errors
    ///
    /// When it is empty, left from a template, or not encoded exactly as often as it must be.
    pub(super) fn decoded(&self) -> Result<Redacted, Rule> {
        let value = match self.encoding {
            Encoding::Plain => self.text.clone(),
            Encoding::Base64 => decoded(self.text.reveal())?,
        };
        let text = value.reveal();
        if text.trim().is_empty() {
            return Err(Rule::Empty);
        }
        if let Some(rule) = stand_in(text) {
            return Err(rule);
        }
        match bytes(text).ok().and_then(as_text).and_then(|inner| shape(inner.reveal())) {
            Some(shape) => Err(Rule::EncodedTwice(shape)),
            None => Ok(value),
        }
    }
}

fn decoded(text: &str) -> Result<Redacted, Rule> {
    if text.trim().is_empty() {
        return Err(Rule::Empty);
    }
    if let Some(rule) = stand_in(text) {
        return Err(rule);
    }
    match bytes(text) {
        Ok(bytes) => as_text(bytes).ok_or(Rule::NotText),
        Err(_) => Err(shape(text).map_or(Rule::NotBase64, Rule::Raw)),
    }
}

/// What is written in place of the value, if it is not the value.
fn stand_in(text: &str) -> Option<Rule> {
    if is_omitted(text) {
        Some(Rule::Omitted)
    } else if is_reference(text) {
        Some(Rule::ManagerReference)
    } else {
        is_placeholder(text).then_some(Rule::Placeholder)
    }
}

/// The bytes of base64 text. Go's decoder skips line breaks, so wrapped text is fine.
pub(super) fn bytes(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    let unwrapped = Redacted::new(text.trim().chars().filter(|c| !matches!(c, '\r' | '\n')).collect());
    BASE64.decode(unwrapped.reveal())
}

fn as_text(bytes: Vec<u8>) -> Option<Redacted> {
    String::from_utf8(bytes).ok().map(Redacted::new)
}

fn shape(text: &str) -> Option<Shape> {
    if text.contains("-----BEGIN ") {
        Some(Shape::Pem)
    } else if is_jwt(text.trim()) {
        Some(Shape::Jwt)
    } else if text.contains("clusters:") && text.contains("users:") {
        Some(Shape::Kubeconfig)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::samples::{OPAQUE, base64_of, jwt};

    fn read(encoding: Encoding, text: &str) -> Result<String, Rule> {
        let written = Written {
            text: Redacted::new(text.to_owned()),
            encoding,
            place: Place::spec(crate::field_path::FieldPath::default()),
        };
        written.decoded().map(|value| value.reveal().to_owned())
    }

    #[test]
    fn base64_is_decoded_once_and_only_what_is_known_to_be_wrong_is_refused() {
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let jwt = jwt(&serde_json::json!({"sub": "a"}));
        let wrapped = base64_of(pem).chars().collect::<Vec<_>>().chunks(20).map(String::from_iter).collect::<Vec<_>>();
        let cases = [
            (base64_of(OPAQUE), Ok(OPAQUE.to_owned())),
            (base64_of(&jwt), Ok(jwt.clone())),
            (base64_of(pem), Ok(pem.to_owned())),
            (wrapped.join("\n"), Ok(pem.to_owned())),
            (wrapped.join("\r\n") + "\n", Ok(pem.to_owned())),
            // Only a token must not be base64 of any text, which `token` knows.
            (base64_of(&base64_of(OPAQUE)), Ok(base64_of(OPAQUE))),
            (base64_of(&base64_of(&jwt)), Err(Rule::EncodedTwice(Shape::Jwt))),
            (base64_of(&base64_of(pem)), Err(Rule::EncodedTwice(Shape::Pem))),
            (base64_of(&base64_of("clusters: []\nusers: []")), Err(Rule::EncodedTwice(Shape::Kubeconfig))),
            (jwt.clone(), Err(Rule::Raw(Shape::Jwt))),
            (pem.to_owned(), Err(Rule::Raw(Shape::Pem))),
            (OPAQUE.to_owned(), Err(Rule::NotBase64)),
            (wrapped.join(" "), Err(Rule::NotBase64)),
            ("MTIzNDU".to_owned(), Err(Rule::NotBase64)),
            ("/////w==".to_owned(), Err(Rule::NotText)),
            (String::new(), Err(Rule::Empty)),
            (" \n".to_owned(), Err(Rule::Empty)),
            (base64_of("\n"), Err(Rule::Empty)),
            ("<token>".to_owned(), Err(Rule::Placeholder)),
            (base64_of("<token>"), Err(Rule::Placeholder)),
            ("null".to_owned(), Err(Rule::Placeholder)),
            ("DATA+OMITTED".to_owned(), Err(Rule::Omitted)),
            (base64_of("REDACTED"), Err(Rule::Omitted)),
            (base64_of("vault:secret/flyte#token"), Err(Rule::ManagerReference)),
            ("op://vault/item/token".to_owned(), Err(Rule::ManagerReference)),
        ];
        for (text, expected) in cases {
            assert_eq!(read(Encoding::Base64, &text), expected, "{text}");
        }
    }

    #[test]
    fn plain_text_must_not_be_encoded() {
        let jwt = jwt(&serde_json::json!({"sub": "a"}));
        assert_eq!(read(Encoding::Plain, &jwt), Ok(jwt.clone()));
        assert_eq!(read(Encoding::Plain, OPAQUE), Ok(OPAQUE.to_owned()));
        assert_eq!(read(Encoding::Plain, &base64_of(OPAQUE)), Ok(base64_of(OPAQUE)));
        assert_eq!(read(Encoding::Plain, &base64_of(&jwt)), Err(Rule::EncodedTwice(Shape::Jwt)));
        assert_eq!(read(Encoding::Plain, " "), Err(Rule::Empty));
        assert_eq!(read(Encoding::Plain, "changeme"), Err(Rule::Placeholder));
    }
}
