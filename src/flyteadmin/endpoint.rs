//! What an endpoint of a cluster must be: the `https` URL of an API server that flyteadmin's pods reach.
//!
//! Source: client-go `rest/url_utils.go`: without a scheme, and without a CA, the token is sent unencrypted.

use http::Uri;

/// An endpoint that is an `https` URL of a host, without user, password, query and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
    path: String,
}

/// What is odd about an endpoint, although it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// The name that every cluster gives its own API server.
    OwnCluster,
}

impl Endpoint {
    /// Reads an endpoint; nothing if it is none.
    #[must_use]
    pub fn read(url: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_graphic() && !"@?#\\\"<>{}|^`".contains(c);
        if !url.chars().all(is_plain) {
            return None;
        }
        let uri: Uri = url.parse().ok()?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("https"))?;
        let host = authority.host().to_ascii_lowercase();
        let port = match authority.as_str()[authority.host().len()..].strip_prefix(':') {
            None => 443,
            Some(port) => port.parse().ok()?,
        };
        let path = uri.path().trim_end_matches('/').to_owned();
        (!host.is_empty()).then_some(Self { host, port, path })
    }

    /// The host in lower case, an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What is odd about it.
    #[must_use]
    pub fn concern(&self) -> Option<Concern> {
        let is_own = self.host == "kubernetes.default" || self.host.starts_with("kubernetes.default.");
        is_own.then_some(Concern::OwnCluster)
    }

    /// The one form that equals all its spellings.
    #[must_use]
    pub fn canonical(&self) -> String {
        let Self { host, port, path } = self;
        let port = if *port == 443 { String::new() } else { format!(":{port}") };
        format!("{host}{port}/{}", path.trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_https_url_of_a_host() {
        for url in [
            "http://a.example.com",
            "a.example.com",
            "https://",
            "https://:6443",
            "https://u:p@a.example.com",
            "https://a b",
            "https://a?b=c",
            "https://a#b",
            "https://<a>",
            "https://{{ a }}",
            "https://a:port",
            "",
        ] {
            assert_eq!(Endpoint::read(url), None, "{url}");
        }
    }

    #[test]
    fn spellings_of_one_endpoint_are_equal() {
        let canonical = |url: &str| Endpoint::read(url).unwrap().canonical();
        assert_eq!(canonical("HTTPS://Cluster-1.example.com:443/"), canonical("https://cluster-1.example.com"));
        assert_eq!(canonical("https://[::1]:6443/k8s/clusters/a"), "[::1]:6443/k8s/clusters/a");
        assert_ne!(canonical("https://a"), canonical("https://a/b"));
        assert_ne!(canonical("https://a"), canonical("https://a:6443"));
    }

    #[test]
    fn the_name_of_every_cluster_is_a_concern() {
        for (url, concern) in [
            ("https://kubernetes.default.svc", Some(Concern::OwnCluster)),
            ("https://Kubernetes.default:443", Some(Concern::OwnCluster)),
            ("https://kubernetes.default-cluster.example.com", None),
        ] {
            assert_eq!(Endpoint::read(url).unwrap().concern(), concern, "{url}");
        }
    }
}
