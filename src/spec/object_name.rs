//! Names that Kubernetes takes, and the nearest to one that it does not take.

/// How long the name of an object may be: RFC 1123 subdomain, `k8s.io/apimachinery` validation.
const MAX_NAME: usize = 253;

/// How base64 of a JSON object begins, and so a JSON Web Token: `{"`.
const JSON_OBJECT: &str = "eyJ";

/// Whether `name` may name an object: an RFC 1123 subdomain.
pub(super) fn is_subdomain(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= MAX_NAME && name.split('.').all(is_label)
}

/// How long what was meant for a name can be: most names that users write may have no more, RFC 1123 label.
const MAX_SLIP: usize = 63;

/// Whether `text`, which is no legal name, may be a token, a certificate or a kubeconfig that is in a wrong place, and
/// so must not be shown.
pub(super) fn may_be_secret(text: &str) -> bool {
    text.len() > MAX_SLIP || text.starts_with(JSON_OBJECT) || text.contains("-----BEGIN")
}

/// A legal name as near to `name` as possible.
pub(super) fn legal_name(name: &str) -> String {
    let legal: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' { c } else { '-' })
        .take(MAX_NAME)
        .collect();
    let trimmed = legal.trim_matches(['-', '.']);
    if is_subdomain(trimmed) { trimmed.to_owned() } else { "cluster-credentials".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_shown_and_what_may_be_a_secret_is_not() {
        for text in ["cluster_credentials", "Cluster Credentials", "a/b/c", "", &"A".repeat(63)] {
            assert!(!may_be_secret(text), "{text}");
        }
        for text in ["eyJhbGciOiJub25lIn0", "a\n-----BEGIN CERTIFICATE-----", &"A".repeat(64)] {
            assert!(may_be_secret(text), "{text}");
        }
    }
}
