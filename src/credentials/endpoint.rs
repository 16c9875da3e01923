//! Compares the endpoints of the spec with those that credentials bring along.

use super::problem::{Notes, Place, Rule};
use super::source::Endpoint;

/// The endpoint to use; what is wrong is noted.
pub(super) fn settled(
    written: Option<&str>,
    brought: Option<&Endpoint>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Option<String> {
    let Some(brought) = brought else {
        if written.is_none() {
            notes.add(place, Rule::NoEndpoint);
        }
        return written.map(str::to_owned);
    };
    let Some(canonical_brought) = canonical(&brought.url) else {
        notes.add(&brought.place, Rule::NotHttps);
        return None;
    };
    let host = canonical_brought.split(['/', ':']).next().unwrap_or_default();
    if host == "kubernetes.default" || host.starts_with("kubernetes.default.") {
        notes.add(&brought.place, Rule::OwnCluster);
    }
    match written {
        Some(written) if canonical(written).as_ref() != Some(&canonical_brought) => {
            let rule = Rule::EndpointDiffers { written: written.to_owned(), brought: brought.url.clone() };
            notes.add(place, rule);
            None
        }
        Some(written) => Some(written.to_owned()),
        None => Some(brought.url.clone()),
    }
}

/// An endpoint in the one form that equals all its spellings; absent where it is no `https` URL of a host.
pub(super) fn canonical(url: &str) -> Option<String> {
    let scheme = url.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://"))?;
    let (host, path) = match url[scheme.len()..].split_once('/') {
        Some((host, path)) => (host, path.trim_end_matches('/')),
        None => (&url[scheme.len()..], ""),
    };
    let is_plain = |c: char| c.is_ascii_graphic() && !"@?#\\\"<>{}|^`".contains(c);
    if host.is_empty() || host.starts_with(':') || !url.chars().all(is_plain) {
        return None;
    }
    let host = host.to_ascii_lowercase();
    Some(format!("{}/{path}", host.strip_suffix(":443").unwrap_or(&host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(written: Option<&str>, brought: Option<&str>) -> (Option<String>, Vec<Rule>) {
        let place = Place::spec("spec.clusters[0].endpoint".to_owned());
        let brought = brought.map(|url| Endpoint { url: url.to_owned(), place: place.clone() });
        let mut notes = Notes::of("cluster_1");
        let settled = settled(written, brought.as_ref(), &place, &mut notes);
        (settled, notes.problems.into_iter().map(|problem| problem.rule).collect())
    }

    #[test]
    fn either_side_may_bring_the_endpoint_and_both_must_agree() {
        let url = "https://cluster-1.example.com";
        let differs = |written: &str, brought: &str| Rule::EndpointDiffers {
            written: written.to_owned(),
            brought: brought.to_owned(),
        };
        let other = "https://cluster-1.example.com:6443";
        let cases = [
            (Some(url), None, Ok(url)),
            (None, Some(url), Ok(url)),
            (Some(url), Some(url), Ok(url)),
            (Some(url), Some("HTTPS://Cluster-1.example.com:443/"), Ok(url)),
            (Some(url), Some(other), Err(differs(url, other))),
            (
                Some(url),
                Some("https://cluster-1.example.com/k8s"),
                Err(differs(url, "https://cluster-1.example.com/k8s")),
            ),
            (None, None, Err(Rule::NoEndpoint)),
            (None, Some("https://[::1]:6443/k8s/clusters/a"), Ok("https://[::1]:6443/k8s/clusters/a")),
        ];
        for (written, brought, expected) in cases {
            let expected = match expected {
                Ok(url) => (Some(url.to_owned()), vec![]),
                Err(rule) => (None, vec![rule]),
            };
            assert_eq!(settle(written, brought), expected, "{written:?} {brought:?}");
        }
    }

    #[test]
    fn the_name_of_every_cluster_is_a_warning() {
        for (url, rules) in [
            ("https://kubernetes.default.svc", vec![Rule::OwnCluster]),
            ("https://kubernetes.default:443", vec![Rule::OwnCluster]),
            ("https://kubernetes.default-cluster.example.com", vec![]),
        ] {
            assert_eq!(settle(None, Some(url)), (Some(url.to_owned()), rules), "{url}");
        }
    }

    #[test]
    fn an_endpoint_is_an_https_url_of_a_host() {
        for url in [
            "http://a.example.com",
            "a.example.com",
            "https://",
            "https://:6443",
            "https://u:p@a.example.com",
            "https://a b",
            "",
        ] {
            assert_eq!(settle(None, Some(url)), (None, vec![Rule::NotHttps]), "{url}");
        }
    }
}
