//! Reads CA certificates the way Go's certificate pool does, and tells what it would drop in silence.

use base64::Engine as _;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::{FromDer as _, X509Version};

use super::Now;
use super::encoding::{BASE64, Written};
use super::problem::{Position, Rule};
use crate::redacted::Redacted;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// The certificates as they are written, and the warnings about them.
///
/// # Errors
///
/// When they are not PEM, do not parse, or are a private key.
pub(super) fn read(written: &Written, now: Now) -> Result<(Redacted, Vec<Rule>), Rule> {
    let decoded = written.decoded()?;
    let warnings = check(decoded.reveal(), now)?;
    Ok((decoded, warnings))
}

fn check(text: &str, now: Now) -> Result<Vec<Rule>, Rule> {
    let blocks = blocks(text);
    if blocks.iter().any(|block| block.label.ends_with("PRIVATE KEY")) {
        return Err(Rule::PrivateKey);
    }
    let of = blocks.iter().filter(|block| block.label == "CERTIFICATE").count();
    if of == 0 {
        return Err(Rule::NotPem);
    }
    let mut warnings = Vec::new();
    for (index, block) in blocks.iter().filter(|block| block.label == "CERTIFICATE").enumerate() {
        let position = Position { number: index + 1, of };
        let bytes = block.content.as_deref().ok_or(Rule::NotCertificate(position))?;
        let (rest, certificate) = X509Certificate::from_der(bytes).map_err(|_| Rule::NotCertificate(position))?;
        if !rest.is_empty() {
            return Err(Rule::NotCertificate(position));
        }
        warnings.extend(warnings_about(&certificate, position, now));
    }
    Ok(warnings)
}

fn warnings_about(certificate: &X509Certificate<'_>, position: Position, now: Now) -> Vec<Rule> {
    let mut warnings = Vec::new();
    // Certificates of version 1 have no extensions, and Go lets them sign.
    if certificate.version() == X509Version::V3 && !certificate.is_ca() {
        warnings.push(Rule::NotAuthority(position));
    }
    let (start, end) = (certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp());
    match now.seconds() {
        Some(now) if now > end => warnings.push(Rule::CertificateExpired { position, at: end }),
        Some(now) if now < start => warnings.push(Rule::CertificateNotYetValid { position, at: start }),
        _ => {}
    }
    warnings
}

struct Block<'t> {
    label: &'t str,
    /// Absent if the block has no end of the same label, or is no base64.
    content: Option<Vec<u8>>,
}

/// The PEM blocks of a text. x509-parser's own reader takes any line that starts like an end for one; Go does not.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim_end);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix(BEGIN).map(|rest| rest.split(DASHES).next().unwrap_or_default()) else {
            continue;
        };
        let end = format!("-----END {label}-----");
        let mut body = String::new();
        let mut is_closed = false;
        for line in lines.by_ref() {
            if line == end {
                is_closed = true;
                break;
            }
            body.push_str(line.trim());
        }
        let content = if is_closed { BASE64.decode(body).ok() } else { None };
        blocks.push(Block { label, content });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::samples::{NOW, authority, authority_valid, leaf, private_key};

    const ONLY: Position = Position { number: 1, of: 1 };

    #[test]
    fn certificates_of_authorities_are_taken() {
        let (first, second) = (authority(), authority());
        for text in [
            first.clone(),
            first.trim_end().to_owned(),
            first.replace('\n', "\r\n"),
            format!("# the first\n{first}\n\nsubject=CN = second\n{second}"),
        ] {
            assert_eq!(check(&text, NOW), Ok(vec![]), "{text}");
        }
    }

    #[test]
    fn what_go_would_not_trust_is_refused() {
        let ca = authority();
        let end = "-----END CERTIFICATE-----";
        let junk = format!("-----BEGIN CERTIFICATE-----\nQ0Ex\n{end}\n");
        let cases = [
            ("token-of-cluster-1".to_owned(), Rule::NotPem),
            (ca.replace('\n', " "), Rule::NotCertificate(ONLY)),
            (ca.replace("-----BEGIN", " -----BEGIN"), Rule::NotPem),
            (ca.replace("CERTIFICATE", "TRUSTED CERTIFICATE"), Rule::NotPem),
            (ca.replace("CERTIFICATE", "PUBLIC KEY"), Rule::NotPem),
            (ca.replace(end, ""), Rule::NotCertificate(ONLY)),
            (ca.replace(end, "-----END CERTIF"), Rule::NotCertificate(ONLY)),
            (ca.replacen('M', "!", 1), Rule::NotCertificate(ONLY)),
            (junk.clone(), Rule::NotCertificate(ONLY)),
            (format!("{ca}{junk}"), Rule::NotCertificate(Position { number: 2, of: 2 })),
            (private_key(), Rule::PrivateKey),
            (format!("{ca}{}", private_key()), Rule::PrivateKey),
        ];
        for (text, expected) in cases {
            assert_eq!(check(&text, NOW), Err(expected), "{text}");
        }
    }

    #[test]
    fn what_is_doubtful_is_a_warning() {
        let now = NOW.seconds().unwrap();
        assert_eq!(check(&leaf(), NOW), Ok(vec![Rule::NotAuthority(ONLY)]));
        let chain = format!("{}{}", authority(), leaf());
        assert_eq!(check(&chain, NOW), Ok(vec![Rule::NotAuthority(Position { number: 2, of: 2 })]));
        let expired = authority_valid(now - 100, now - 1);
        assert_eq!(check(&expired, NOW), Ok(vec![Rule::CertificateExpired { position: ONLY, at: now - 1 }]));
        assert_eq!(check(&expired, Now::unknown()), Ok(vec![]));
        let future = authority_valid(now + 1, now + 100);
        assert_eq!(check(&future, NOW), Ok(vec![Rule::CertificateNotYetValid { position: ONLY, at: now + 1 }]));
        assert_eq!(check(&authority_valid(now, now), NOW), Ok(vec![]));
    }
}
