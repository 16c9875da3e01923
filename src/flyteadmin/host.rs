//! Reads hosts in endpoints: which of them are in the cluster, which cannot be reached, and which are placeholders.

use std::collections::BTreeSet;
use std::net::IpAddr;

/// A host in lower case, without scheme, port and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// The host of `flyte.test:443`, `dns:///flyte.test`, `https://flyte.test:443/path` or `[::1]:80`; nothing if a
    /// template or variable is still to be replaced.
    #[must_use]
    pub fn read(endpoint: &str) -> Option<Self> {
        let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest).trim_start_matches('/');
        let authority = rest.split('/').next().unwrap_or_default();
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        (!host.is_empty() && host.chars().all(is_plain)).then_some(Self(host))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Whether it means the machine, or the pod, that it is used in, as kind and k3d write it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let is_name = ["localhost", "host.docker.internal", "host.k3d.internal"].contains(&self.name());
        let is_address = self.0.parse::<IpAddr>().is_ok_and(|address| {
            let address = address.to_canonical();
            address.is_loopback() || address.is_unspecified()
        });
        is_name || self.0.ends_with(".localhost") || is_address
    }

    /// Whether it is a name that examples use: RFC 2606.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        let is_below =
            |domain: &str| self.0.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        ["example.com", "example.org", "example.net"].into_iter().any(is_below)
    }
}

/// Whether a host is in the cluster: a Service, or the pod itself. `namespaces` are those of the deployment.
#[must_use]
pub fn is_in_cluster(host: &Host, namespaces: &BTreeSet<&str>) -> bool {
    let labels: Vec<&str> = host.name().split('.').collect();
    match labels[..] {
        _ if host.is_loopback() => true,
        [_] => true,
        [_, namespace] => namespaces.contains(namespace),
        _ => labels[2..].contains(&"svc"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_from_every_kind_of_endpoint() {
        for (endpoint, host) in [
            ("flyte.test", Some("flyte.test")),
            ("Flyte.test.:443", Some("flyte.test")),
            ("dns:///flyte.test:443", Some("flyte.test")),
            ("https://u:p@flyte.test:443/a?b", Some("flyte.test")),
            ("https://[::1]:6443", Some("::1")),
            ("{{ .Values.host }}", None),
            ("$HOST:443", None),
            ("", None),
        ] {
            assert_eq!(Host::read(endpoint).as_ref().map(Host::name), host, "{endpoint}");
        }
    }

    #[test]
    fn hosts_of_the_machine_itself_are_loopback() {
        for (host, is_loopback) in [
            ("localhost", true),
            ("a.localhost", true),
            ("127.0.0.1", true),
            ("127.1.2.3:6443", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("0.0.0.0", true),
            ("[::]:6443", true),
            ("host.docker.internal", true),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
            ("1270.example.com", false),
        ] {
            assert_eq!(Host::read(host).unwrap().is_loopback(), is_loopback, "{host}");
        }
    }

    #[test]
    fn names_of_examples_are_placeholders() {
        for (host, is_placeholder) in [
            ("https://cluster-1.example.com:6443", true),
            ("EXAMPLE.org", true),
            ("a.b.example.net", true),
            ("myexample.com", false),
            ("example.com.flyte.test", false),
            ("example.test", false),
        ] {
            assert_eq!(Host::read(host).unwrap().is_placeholder(), is_placeholder, "{host}");
        }
    }

    #[test]
    fn services_and_the_pod_itself_are_in_the_cluster() {
        let namespaces = BTreeSet::from(["flyte"]);
        for (host, is_inside) in [
            ("flyteadmin:81", true),
            ("dns:///flyteadmin.flyte:81", true),
            ("flyteadmin.other:81", false),
            ("flyteadmin.other.svc:81", true),
            ("flyteadmin.other.svc.cluster.local", true),
            ("localhost:8089", true),
            ("flyte.test:443", false),
            ("svc.flyte.test", false),
            ("10.1.2.3:81", false),
        ] {
            assert_eq!(is_in_cluster(&Host::read(host).unwrap(), &namespaces), is_inside, "{host}");
        }
    }
}
