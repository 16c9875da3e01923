//! Checks that a ConfigMap is not larger than a cluster takes it.

use serde_json::Value;

use crate::wire::ResId;

/// What the values of a ConfigMap may take: `MaxSecretSize` in the API server's validation, which counts no keys.
const VALUES: usize = 1024 * 1024;

/// What the annotations of an object may take; a client-side `kubectl apply` writes the whole object into one.
const ANNOTATIONS: usize = 256 * 1024;

/// A ConfigMap that has grown too large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The ConfigMap.
    pub id: ResId,
    /// Its size in bytes.
    pub bytes: usize,
    /// What it may have.
    pub limit: usize,
    /// What sets the limit.
    pub limiter: Limiter,
}

/// What sets a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limiter {
    /// The API server takes no more.
    Server,
    /// A client-side `kubectl apply` writes no more.
    ClientSideApply,
}

/// Checks one ConfigMap.
#[must_use]
pub fn check(id: &ResId, config_map: &Value) -> Option<Violation> {
    let values = |field: &str, size: fn(&str) -> usize| -> usize {
        let values = config_map[field].as_object().into_iter().flatten();
        values.filter_map(|(_, value)| value.as_str()).map(size).sum()
    };
    let bytes = values("data", str::len) + values("binaryData", |text| text.len() / 4 * 3);
    let violation = |bytes, limit, limiter| Some(Violation { id: id.clone(), bytes, limit, limiter });
    if bytes > VALUES {
        return violation(bytes, VALUES, Limiter::Server);
    }
    let bytes = config_map.to_string().len();
    if bytes > ANNOTATIONS { violation(bytes, ANNOTATIONS, Limiter::ClientSideApply) } else { None }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_server_counts_values_and_apply_counts_all() {
        let limiter = |length: usize| {
            let config_map = json!({"data": {"key": "x".repeat(length)}});
            check(&ResId::core("ConfigMap", None, "c"), &config_map).map(|violation| violation.limiter)
        };
        assert_eq!(limiter(ANNOTATIONS - 1000), None);
        assert_eq!(limiter(ANNOTATIONS), Some(Limiter::ClientSideApply));
        assert_eq!(limiter(VALUES), Some(Limiter::ClientSideApply));
        assert_eq!(limiter(VALUES + 1), Some(Limiter::Server));
    }
}
