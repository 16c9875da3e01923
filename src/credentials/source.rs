//! Finds what the spec names among the items, and what it offers: a token, a CA, an endpoint.

use serde_json::Value;

use super::encoding::{Encoding, Written};
use super::offer::Offer;
use super::problem::{Notes, Place, Rule};
use super::secret_item::{CA_CERT, TOKEN, is_in_namespace, is_provider, positions, wanted};
use super::{argo_cd, kubeconfig};
use crate::field_path::FieldPath;
use crate::redacted::Redacted;
use crate::spec::v1alpha1::GROUP;
use crate::spec::{Cluster, CredentialSource, SecretReference, ServiceAccountToken, Spec};
use crate::wire::Resource;

/// The positions of the items that bring credentials: the Secrets that the spec names, and what configures this function with
/// tokens in it.
///
/// They belong to no plane. What is not there is no mistake yet: the tokens exist only after the data plane is
/// applied.
#[must_use]
pub fn sources(spec: &Spec, items: &[Resource<'_>]) -> Vec<usize> {
    let mut positions: Vec<usize> =
        spec.clusters.iter().filter_map(reference).flat_map(|reference| positions(reference, items)).collect();
    for (position, item) in items.iter().enumerate().filter(|(_, item)| item.id().gvk.group == GROUP) {
        let is_written = |cluster: &Cluster| matches!(&cluster.source, CredentialSource::Inline { token, .. } if has_text(item.value(), token));
        if spec.clusters.iter().any(is_written) {
            positions.push(position);
        }
    }
    positions.sort_unstable();
    positions.dedup();
    positions
}

/// Whether one of the strings in `value` is `text`.
fn has_text(value: &Value, text: &Redacted) -> bool {
    match value {
        Value::String(string) => string == text.reveal(),
        Value::Array(values) => values.iter().any(|value| has_text(value, text)),
        Value::Object(fields) => fields.values().any(|value| has_text(value, text)),
        _ => false,
    }
}

pub(super) fn reference(cluster: &Cluster) -> Option<&SecretReference> {
    match &cluster.source {
        CredentialSource::Secret(secret) | CredentialSource::Kubeconfig { secret, .. } => Some(secret),
        CredentialSource::InCluster
        | CredentialSource::Elsewhere
        | CredentialSource::Inline { .. }
        | CredentialSource::ExistingSecret(_) => None,
    }
}

/// What the source of the cluster at `index` offers; what is wrong with it is noted.
pub(super) fn offer(spec: &Spec, index: usize, items: &[Resource<'_>], notes: &mut Notes<'_>) -> Option<Offer> {
    let place = Place::spec(FieldPath::at("spec.clusters").index(index).then("credentials"));
    let made = spec.service_account_token.as_ref();
    match &spec.clusters[index].source {
        CredentialSource::InCluster | CredentialSource::ExistingSecret(_) => None,
        CredentialSource::Elsewhere => {
            notes.add(&place, Rule::NoSource);
            None
        }
        CredentialSource::Inline { token, ca_cert } => {
            let written = |field: &'static str, text: &Redacted| {
                Some(Written { text: text.clone(), encoding: Encoding::Base64, place: place.below(field) })
            };
            Some(Offer { token: written("token", token), ca_cert: written("caCert", ca_cert), endpoint: None })
        }
        CredentialSource::Secret(secret) => {
            let item = find(secret, items, made, &place.below("secret"), notes)?;
            Some(if argo_cd::is_cluster(item) { argo_cd::offer(item, notes)? } else { keys(item, notes) })
        }
        CredentialSource::Kubeconfig { secret, key, context } => {
            let item = find(secret, items, made, &place.below("kubeconfig.secret"), notes)?;
            let written = wanted(item, key, notes)?;
            let text = match written.decoded() {
                Ok(text) => text,
                Err(rule) => {
                    notes.add(&written.place, rule);
                    return None;
                }
            };
            kubeconfig::offer(&text, context.as_deref(), &written.place, notes)
        }
    }
}

fn keys(item: &Resource<'_>, notes: &mut Notes<'_>) -> Offer {
    Offer { token: wanted(item, TOKEN, notes), ca_cert: wanted(item, CA_CERT, notes), endpoint: None }
}

fn find<'i, 'a>(
    reference: &SecretReference,
    items: &'i [Resource<'a>],
    made: Option<&ServiceAccountToken>,
    place: &Place,
    notes: &mut Notes<'_>,
) -> Option<&'i Resource<'a>> {
    let secret = reference.clone();
    match positions(reference, items)[..] {
        [position] => return Some(&items[position]),
        [] => {
            let sealed = items.iter().find(|item| {
                is_provider(item) && is_in_namespace(item, reference) && item.names().any(|name| name == reference.name)
            });
            notes.add(
                place,
                match sealed {
                    Some(item) => Rule::Sealed { secret, kind: item.id().gvk.kind.clone() },
                    None => Rule::NoItem { secret, made: made.cloned() },
                },
            );
        }
        ref several => {
            let found = several.iter().map(|&position| items[position].id().clone()).collect();
            notes.add(place, Rule::Ambiguous { secret, found });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, authority, base64_of};
    use crate::credentials::secret_item::SERVICE_ACCOUNT_TOKEN;

    fn fetched() -> Value {
        json!({"token": base64_of(OPAQUE), "ca.crt": base64_of(&authority()), "namespace": base64_of("flyte")})
    }

    fn secret(metadata: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "type": SERVICE_ACCOUNT_TOKEN, "metadata": metadata, "data": fetched()})
    }

    fn named(name: &str) -> Deployment {
        Deployment::of(&json!({"secret": name}))
    }

    fn reference(namespace: Option<&str>, name: &str) -> SecretReference {
        SecretReference { namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    #[test]
    fn a_secret_is_read_as_kubectl_prints_it() {
        let metadata = json!({
            "name": "cluster-1-token", "namespace": "flyte", "uid": "0", "resourceVersion": "1", "creationTimestamp": "2024-01-01T00:00:00Z",
            "annotations": {"kubernetes.io/service-account.name": "flyteadmin"},
        });
        let (endpoint, token, ca_cert) = named("cluster-1-token").item(secret(&metadata)).first();
        assert_eq!((endpoint.as_str(), token.as_str()), ("https://cluster-1.example.com:6443", OPAQUE));
        assert!(ca_cert.starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn string_data_wins_over_data() {
        let item = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"},
            "data": {"token": "<replace>", "ca.crt": base64_of(&authority())}, "stringData": {"token": OPAQUE},
        });
        assert_eq!(named("a").item(item).first().1, OPAQUE);
    }

    #[test]
    fn a_secret_is_found_by_each_of_its_names() {
        let annotations = json!({
            "internal.config.kubernetes.io/previousNames": "first,second",
            "internal.config.kubernetes.io/previousNamespaces": "default,old",
        });
        let renamed = json!({"name": "third", "namespace": "new", "annotations": annotations});
        let hashed = json!({"name": "hashed-7b4f9gm2kt", "namespace": "new"});
        for name in ["first", "second", "third", "old/second", "new/third", "hashed", "new/hashed"] {
            let deployment = named(name).item(secret(&renamed)).item(secret(&hashed));
            assert_eq!(deployment.problems(), [], "{name}");
        }
        for name in ["fourth", "other/third", "hashed-7b4f9gm2k", "thir"] {
            let problems = named(name).item(secret(&renamed)).item(secret(&hashed)).problems();
            assert!(matches!(problems[..], [(_, Rule::NoItem { .. })]), "{name} {problems:?}");
        }
    }

    #[test]
    fn the_current_name_comes_before_earlier_ones() {
        let annotations = json!({"internal.config.kubernetes.io/previousNames": "a"});
        let deployment = named("a")
            .item(secret(&json!({"name": "b", "annotations": annotations})))
            .item(secret(&json!({"name": "a"})));
        assert_eq!(deployment.problems(), []);
    }

    #[test]
    fn a_name_in_two_namespaces_needs_the_namespace() {
        let in_namespace = |namespace: &str| secret(&json!({"name": "a", "namespace": namespace}));
        let with_both = |name: &str| named(name).item(in_namespace("x")).item(in_namespace("y"));
        assert_eq!(with_both("x/a").problems(), []);
        let found = vec![
            crate::wire::ResId::core("Secret", Some("x"), "a"),
            crate::wire::ResId::core("Secret", Some("y"), "a"),
        ];
        let field = "spec.clusters[0].credentials.secret".to_owned();
        assert_eq!(with_both("a").problems(), [(field, Rule::Ambiguous { secret: reference(None, "a"), found })]);
    }

    #[test]
    fn a_missing_secret_tells_which_one_the_data_plane_makes() {
        let field = || "spec.clusters[0].credentials.secret".to_owned();
        let secret = reference(Some("x"), "a");
        assert_eq!(named("x/a").problems(), [(field(), Rule::NoItem { secret: secret.clone(), made: None })]);
        let account = json!({"serviceAccount": "flyteadmin", "namespace": "flyte", "secretName": "flyteadmin-token"});
        let deployment = named("x/a").set("/dataPlane", json!({"serviceAccountToken": account}));
        let made = Some(ServiceAccountToken {
            service_account: "flyteadmin".to_owned(),
            namespace: Some("flyte".to_owned()),
            secret_name: "flyteadmin-token".to_owned(),
        });
        assert_eq!(deployment.problems(), [(field(), Rule::NoItem { secret, made })]);
    }

    #[test]
    fn a_sealed_secret_shows_no_values() {
        let item = json!({"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": {"name": "a"}});
        let field = "spec.clusters[0].credentials.secret".to_owned();
        let rule = Rule::Sealed { secret: reference(None, "a"), kind: "SealedSecret".to_owned() };
        assert_eq!(named("a").item(item).problems(), [(field, rule)]);
    }

    #[test]
    fn each_key_must_hold_a_string() {
        let ca_cert = base64_of(&authority());
        let no_key = |key: &str, found: &[&str]| {
            let found = found.iter().map(|&key| key.to_owned()).collect();
            ("data".to_owned(), Rule::NoKey { key: key.to_owned(), found })
        };
        let cases = [
            (json!({"token": base64_of(OPAQUE)}), vec![no_key("ca.crt", &["token"])]),
            (json!({}), vec![no_key("token", &[]), no_key("ca.crt", &[])]),
            (json!({"token": null, "ca.crt": ca_cert}), vec![no_key("token", &["ca.crt", "token"])]),
            (json!({"token": 12_345_678, "ca.crt": ca_cert}), vec![("data.token".to_owned(), Rule::NotString)]),
            (
                json!({"token": "", "ca.crt": " "}),
                vec![("data.token".to_owned(), Rule::Empty), (r#"data["ca.crt"]"#.to_owned(), Rule::Empty)],
            ),
        ];
        for (data, expected) in cases {
            assert_eq!(named("a").secret("a", &data).problems(), expected, "{data}");
        }
    }

    #[test]
    fn a_token_secret_that_kubernetes_has_not_filled_is_told_apart() {
        let item =
            json!({"apiVersion": "v1", "kind": "Secret", "type": SERVICE_ACCOUNT_TOKEN, "metadata": {"name": "a"}});
        let rules: Vec<Rule> = named("a").item(item).problems().into_iter().map(|(_, rule)| rule).collect();
        assert_eq!(rules, ["token", "ca.crt"].map(|key| Rule::Unfilled { key: key.to_owned() }));
    }

    #[test]
    fn inline_values_are_base64() {
        let inline = |token: &str| Deployment::of(&json!({"token": token, "caCert": base64_of(&authority())}));
        assert_eq!(inline(&base64_of(OPAQUE)).first().1, OPAQUE);
        let field = "spec.clusters[0].credentials.token".to_owned();
        assert_eq!(inline(OPAQUE).problems(), [(field, Rule::NotBase64)]);
    }

    #[test]
    fn sources_are_every_item_that_a_cluster_names() {
        let clusters = json!([
            {"name": "a", "endpoint": "https://a.example.com", "credentials": {"secret": "first"}},
            {"name": "b", "credentials": {"kubeconfig": {"secret": "second"}}},
            {"name": "c", "credentials": {"secret": "missing"}},
            {"name": "d", "inCluster": true},
        ]);
        let deployment = Deployment::with(&clusters).secret("other", &json!({})).secret("second", &json!({}));
        let deployment = deployment.secret("first", &json!({})).set("/output", json!("DataPlane"));
        assert_eq!(deployment.run(sources), [1, 2]);
    }
}
