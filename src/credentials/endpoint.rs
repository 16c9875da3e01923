//! Compares the endpoints of the spec with those that credentials bring along.

use super::offer;
use super::problem::{Notes, Place, Rule};
use crate::flyteadmin::endpoint::{Concern, Endpoint};

/// The endpoint to use; what is wrong is noted.
pub(super) fn settled(
    written: Option<&str>,
    brought: Option<&offer::Endpoint>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Option<String> {
    let Some(brought) = brought else {
        if written.is_none() {
            notes.add(place, Rule::NoEndpoint);
        }
        return written.map(str::to_owned);
    };
    let Some(endpoint) = Endpoint::read(&brought.url) else {
        notes.add(&brought.place, Rule::NotHttps);
        return None;
    };
    if endpoint.concern() == Some(Concern::OwnCluster) {
        notes.add(&brought.place, Rule::OwnCluster);
    }
    let is_same =
        |written: &str| Endpoint::read(written).is_some_and(|written| written.canonical() == endpoint.canonical());
    match written {
        Some(written) if !is_same(written) => {
            let rule = Rule::EndpointDiffers { written: written.to_owned(), brought: brought.url.clone() };
            notes.add(place, rule);
            None
        }
        Some(written) => Some(written.to_owned()),
        None => Some(brought.url.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(written: Option<&str>, brought: Option<&str>) -> (Option<String>, Vec<Rule>) {
        let place = Place::spec("spec.clusters[0].endpoint".into());
        let brought = brought.map(|url| offer::Endpoint { url: url.to_owned(), place: place.clone() });
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
}
