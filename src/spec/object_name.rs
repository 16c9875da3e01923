//! Names that Kubernetes takes, and the nearest to one that it does not take.

/// How long the name of an object may be: RFC 1123 subdomain, `k8s.io/apimachinery` validation.
const MAX_NAME: usize = 253;

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
