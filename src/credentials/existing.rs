//! Compares Secrets that are made elsewhere with what the clusters need, as far as their items show it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::encoding::Written;
use super::problem::{Notes, Place, Problem, Rule};
use super::secret_item::{is_provider, is_secret, positions, value};
use super::{Now, certificate, token};
use crate::flyteadmin::section::Section;
use crate::flyteadmin::{ca_cert_key, mounted_key, token_key};
use crate::spec::{ConfigKey, ExistingSecret, SecretReference, SecretSource, Spec};
use crate::wire::lookup::Called;
use crate::wire::{Resource, annotations};
use crate::workload::pod_template;
use crate::yaml::view;

/// A Secret that is made elsewhere, and the keys that each cluster needs of it.
struct Wanted<'s> {
    secret: SecretReference,
    /// The cluster, the key of its token and that of its CA.
    keys: Vec<(&'s str, String, String)>,
}

/// The positions of the items that are, or make in the cluster, a Secret that `existingSecret` of a cluster names. They
/// belong to the control plane.
#[must_use]
pub fn existing_secrets(spec: &Spec, items: &[Resource<'_>]) -> Vec<usize> {
    let namespaces = workload_namespaces(spec, items);
    let is_reachable = |at: &usize| namespaces.is_empty() || namespaces.contains(items[*at].id().effective_namespace());
    let own = own(spec);
    let positions = own.iter().flat_map(|wanted| carriers(&wanted.secret, items)).filter(is_reachable);
    positions.collect::<BTreeSet<usize>>().into_iter().collect()
}

/// Where the pods that mount the credentials run: a pod mounts Secrets of its own namespace alone.
fn workload_namespaces<'i>(spec: &Spec, items: &'i [Resource<'_>]) -> BTreeSet<&'i str> {
    let mounts = &spec.credentials.mounts;
    let is_mounting = |item: &&Resource<'_>| {
        pod_template(item.id()).is_some() && mounts.iter().any(|mount| mount.selector.matches(item))
    };
    items.iter().filter(is_mounting).map(|item| item.id().effective_namespace()).collect()
}

/// What pods call the Secret of a cluster: as it is written, unless kustomize is done with renaming.
#[must_use]
pub fn existing_name(spec: &Spec, existing: &ExistingSecret, items: &[Resource<'_>]) -> String {
    let reference = SecretReference { namespace: spec.credentials.namespace.clone(), name: existing.name.clone() };
    let carrier = carriers(&reference, items).first().map(|&at| &items[at]);
    let is_renamed_later = |item: &&Resource<'_>| is_secret(item) && item.names().any(|name| name == existing.name);
    match carrier.filter(|item| !is_renamed_later(item)) {
        Some(item) => made_name(item).unwrap_or(&item.id().name).to_owned(),
        None => existing.name.clone(),
    }
}

/// The Secrets that `existingSecret` of a cluster names.
fn own(spec: &Spec) -> Vec<Wanted<'_>> {
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for cluster in &spec.clusters {
        let Some(existing) = cluster.existing_secret() else { continue };
        let at = *positions.entry(&existing.name).or_insert_with(|| {
            let namespace = spec.credentials.namespace.clone();
            wanted
                .push(Wanted { secret: SecretReference { namespace, name: existing.name.clone() }, keys: Vec::new() });
            wanted.len() - 1
        });
        wanted[at].keys.push((&cluster.name, existing.token_key.clone(), existing.ca_cert_key.clone()));
    }
    wanted
}

/// The Secret of all clusters, if it is made elsewhere. Its keys are those that the configuration names already.
fn shared<'s>(spec: &'s Spec, items: &[Resource<'_>]) -> Option<Wanted<'s>> {
    let credentials = &spec.credentials;
    if credentials.source == SecretSource::Generate {
        return None;
    }
    let clusters = spec.clusters.iter().filter(|cluster| cluster.is_in_shared_secret());
    let sections = configured(spec, items);
    let keys: BTreeSet<(&str, String, String)> = clusters
        .flat_map(|cluster| sections.iter().map(move |section| (cluster.name.as_str(), section)))
        .map(|(name, section)| {
            let [token, ca_cert] = kept_keys(section, name, &credentials.mount_path);
            (name, token.unwrap_or_else(|| token_key(name)), ca_cert.unwrap_or_else(|| ca_cert_key(name)))
        })
        .collect();
    let secret = SecretReference { namespace: credentials.namespace.clone(), name: credentials.secret_name.clone() };
    Some(Wanted { secret, keys: keys.into_iter().collect() })
}

/// The section `clusters` of each target, as far as it is there.
fn configured(spec: &Spec, items: &[Resource<'_>]) -> Vec<Section> {
    let targets = spec.cluster_config.targets.iter().map(|target| &target.config);
    let section = |target: &ConfigKey| {
        let called = Called::core("ConfigMap", None, &target.config_map);
        let at = *called.among(items, 0..items.len()).first()?;
        let text = items[at].value().get("data")?.get(&target.key)?.as_str()?;
        Section::read(&view::read(text).ok()?)
    };
    targets.map(|target| section(target).unwrap_or_default()).collect()
}

/// The keys that the paths of a cluster lead to, which are kept.
fn kept_keys(section: &Section, cluster: &str, mount_path: &str) -> [Option<String>; 2] {
    let cluster = section.clusters.iter().flatten().find(|known| known.name == cluster);
    let key = |path: &Option<String>| mounted_key(path.as_deref()?, mount_path).map(str::to_owned);
    cluster.map(|cluster| cluster.files.each_ref().map(key)).unwrap_or_default()
}

/// The items that are a Secret or make one in the cluster; not what this function made in an earlier run.
fn carriers(secret: &SecretReference, items: &[Resource<'_>]) -> Vec<usize> {
    let providers = items.iter().enumerate().filter(|(_, item)| is_provider(item) && is_named(item, secret));
    let is_made_elsewhere = |at: &usize| items[*at].annotation(annotations::INJECTED) != Some("true");
    positions(secret, items).into_iter().filter(is_made_elsewhere).chain(providers.map(|(at, _)| at)).collect()
}

/// The keys that are missing in what makes the Secrets of the clusters.
pub(super) fn check(spec: &Spec, items: &[Resource<'_>], now: Now) -> Vec<Problem> {
    shared(spec, items).iter().chain(&own(spec)).flat_map(|wanted| missing(wanted, items, now)).collect()
}

fn missing(wanted: &Wanted<'_>, items: &[Resource<'_>], now: Now) -> Vec<Problem> {
    let found = carriers(&wanted.secret, items).into_iter();
    let missing: Vec<Vec<Problem>> = found.map(|at| missing_keys(wanted, &items[at], now)).collect();
    // If no namespace is written, Secrets of other namespaces may have the name, too.
    match missing.iter().position(|problems| !problems.iter().any(Problem::is_error)) {
        Some(complete) => missing.into_iter().nth(complete).unwrap_or_default(),
        None => missing.into_iter().flatten().collect(),
    }
}

fn missing_keys(wanted: &Wanted<'_>, item: &Resource<'_>, now: Now) -> Vec<Problem> {
    let Some(visible) = visible_keys(item) else { return Vec::new() };
    let mut problems = Vec::new();
    for (cluster, token, ca_cert) in &wanted.keys {
        let mut notes = Notes::of(cluster);
        for key in [token, ca_cert].into_iter().filter(|key| !visible.contains(key.as_str())) {
            let found = visible.iter().map(|&key| key.to_owned()).collect();
            notes.add(&Place::item(item.id(), "data"), Rule::NoKey { key: key.clone(), found });
        }
        if is_secret(item) {
            warn_about(item, token, &mut notes, |written| token::read(written, None, now).map(|(_, rules)| rules));
            warn_about(item, ca_cert, &mut notes, |written| certificate::read(written, now).map(|(_, rules)| rules));
        }
        problems.append(&mut notes.problems);
    }
    problems
}

/// Notes what would be wrong with a value if it were ours. It is not: another tool may still replace it.
fn warn_about(
    item: &Resource<'_>,
    key: &str,
    notes: &mut Notes<'_>,
    read: impl Fn(&Written) -> Result<Vec<Rule>, Rule>,
) {
    let Ok(Some(written)) = value(item, key) else { return };
    let rules = read(&written).unwrap_or_else(|rule| vec![rule]);
    for rule in rules {
        let rule = match rule {
            // Decrypting and templating tools may run later.
            Rule::Placeholder | Rule::ManagerReference => continue,
            Rule::Whitespace { .. } => Rule::Whitespace { is_trimmed: false },
            other => other,
        };
        notes.add(&written.place, Rule::MadeElsewhere(Box::new(rule)));
    }
}

/// Whether an `ExternalSecret` or a `SealedSecret` makes a Secret of the name.
fn is_named(item: &Resource<'_>, reference: &SecretReference) -> bool {
    let is_there = |namespace: &String| item.namespaces().any(|known| known == namespace.as_str());
    let is_name = match made_name(item) {
        Some(name) => name == reference.name,
        None => item.names().any(|name| name == reference.name),
    };
    is_name && reference.namespace.as_ref().is_none_or(is_there)
}

/// The name that the Secret of a provider has, if it is not the provider's own.
fn made_name<'i>(item: &'i Resource<'_>) -> Option<&'i str> {
    let at = |pointer: &str| item.value().pointer(pointer).and_then(Value::as_str);
    at("/spec/target/name").or_else(|| at("/spec/template/metadata/name")).filter(|_| is_provider(item))
}

/// The keys that the Secret will have; absent if the item does not show them all.
fn visible_keys<'i>(item: &'i Resource<'_>) -> Option<BTreeSet<&'i str>> {
    let object = |pointer: &str| item.value().pointer(pointer).and_then(Value::as_object);
    let keys = |pointers: &[&str]| {
        let objects: Vec<_> = pointers.iter().filter_map(|pointer| object(pointer)).collect();
        let keys = objects.iter().flat_map(|object| object.keys().map(String::as_str)).collect();
        (!objects.is_empty()).then_some(keys)
    };
    match item.id().gvk.kind.as_str() {
        "Secret" => keys(&["/data", "/stringData"]),
        "SealedSecret" => keys(&["/spec/encryptedData", "/spec/template/data"]),
        _ => external_keys(item.value()),
    }
}

fn external_keys(item: &Value) -> Option<BTreeSet<&str>> {
    let is_empty = |value: &Value| value.as_array().is_none_or(Vec::is_empty);
    let is_absent = |pointer: &str| item.pointer(pointer).is_none_or(is_empty);
    if !is_absent("/spec/dataFrom") || !is_absent("/spec/target/template/templateFrom") {
        return None;
    }
    let fetched = item.pointer("/spec/data").and_then(Value::as_array).into_iter().flatten();
    let fetched = fetched.filter_map(|entry| entry.get("secretKey")?.as_str());
    let Some(template) = item.pointer("/spec/target/template/data").and_then(Value::as_object) else {
        return Some(fetched.collect());
    };
    let keys = template.keys().map(String::as_str);
    // A template replaces what is fetched, unless it says otherwise.
    let is_merged = item.pointer("/spec/target/template/mergePolicy").and_then(Value::as_str) == Some("Merge");
    Some(if is_merged { fetched.chain(keys).collect() } else { keys.collect() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credentials::samples::{Deployment, OPAQUE, authority, base64_of, leaf};

    fn existing() -> Deployment {
        let clusters = json!([{"name": "a", "endpoint": "https://a.example.com"}, {"name": "here", "inCluster": true}]);
        Deployment::with(&clusters).set("/credentials/source", json!("Existing"))
    }

    fn object(api_version: &str, kind: &str, spec: &Value) -> Value {
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "cluster-credentials"}, "spec": spec})
    }

    fn missing(keys: &[&str], found: &[&str]) -> Vec<(String, Rule)> {
        let found: Vec<String> = found.iter().map(|&key| key.to_owned()).collect();
        let rule = |key: &&str| Rule::NoKey { key: (*key).to_owned(), found: found.clone() };
        keys.iter().map(|key| ("data".to_owned(), rule(key))).collect()
    }

    #[test]
    fn a_secret_must_have_the_keys_of_every_cluster() {
        let (token, ca_cert) = (base64_of(OPAQUE), base64_of(&authority()));
        let complete = json!({"a_token": token, "a_cacert": ca_cert});
        assert_eq!(existing().problems(), []);
        assert_eq!(existing().secret("cluster-credentials", &complete).problems(), []);
        assert_eq!(existing().secret("another", &json!({"b_token": token})).problems(), []);
        let other = existing().secret("cluster-credentials", &json!({"b_token": token})).problems();
        assert_eq!(other, missing(&["a_token", "a_cacert"], &["b_token"]));
        let half = existing().secret("cluster-credentials", &json!({"a_token": token})).problems();
        assert_eq!(half, missing(&["a_cacert"], &["a_token"]));
        // Another tool fills it.
        assert_eq!(existing().secret("cluster-credentials", &json!(null)).problems(), []);
    }

    #[test]
    fn a_secret_in_another_namespace_is_another_secret() {
        let in_namespace = |namespace: &str| {
            let metadata = json!({"name": "cluster-credentials", "namespace": namespace});
            let item = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"b": "c"}});
            existing().set("/credentials/namespace", json!("flyte")).item(item).problems()
        };
        assert_eq!(in_namespace("other"), []);
        assert_eq!(in_namespace("flyte"), missing(&["a_token", "a_cacert"], &["b"]));
    }

    #[test]
    fn one_complete_secret_of_the_name_is_enough() {
        let complete = json!({"a_token": base64_of(OPAQUE), "a_cacert": base64_of(&authority())});
        let metadata = json!({"name": "cluster-credentials", "namespace": "other"});
        let unrelated = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"b": "c"}});
        let deployment = existing().item(unrelated.clone()).secret("cluster-credentials", &complete);
        assert_eq!(deployment.problems(), []);
        assert_eq!(existing().item(unrelated).problems(), missing(&["a_token", "a_cacert"], &["b"]));
    }

    #[test]
    fn values_that_are_visible_are_warned_about_at_most() {
        let data = json!({"a_token": base64_of(&format!("{OPAQUE}\n")), "a_cacert": base64_of(&leaf())});
        let warn_about = |field: &str, rule: Rule| (format!("data.{field}"), Rule::MadeElsewhere(Box::new(rule)));
        let only = crate::credentials::Position { number: 1, of: 1 };
        assert_eq!(
            existing().secret("cluster-credentials", &data).problems(),
            [
                warn_about("a_token", Rule::Whitespace { is_trimmed: false }),
                warn_about("a_cacert", Rule::NotAuthority(only)),
            ]
        );
        let data = json!({"a_token": "<path:secret#token>", "a_cacert": "ENC[AES256_GCM,data:a]"});
        assert_eq!(existing().secret("cluster-credentials", &data).problems(), []);
        let data = json!({"a_token": OPAQUE, "a_cacert": base64_of(OPAQUE)});
        assert_eq!(
            existing().secret("cluster-credentials", &data).problems(),
            [warn_about("a_token", Rule::NotBase64), warn_about("a_cacert", Rule::NotPem),]
        );
    }

    #[test]
    fn a_sealed_secret_must_have_the_keys() {
        let sealed = |spec: &Value| existing().item(object("bitnami.com/v1alpha1", "SealedSecret", spec)).problems();
        assert_eq!(sealed(&json!({"encryptedData": {"a_token": "A", "a_cacert": "A"}})), []);
        let both = json!({"encryptedData": {"a_token": "A"}, "template": {"data": {"a_cacert": "A"}}});
        assert_eq!(sealed(&both), []);
        assert_eq!(sealed(&json!({"encryptedData": {"a_token": "A"}})), missing(&["a_cacert"], &["a_token"]));
        let other = json!({"encryptedData": {"b": "A"}, "template": {"metadata": {"name": "other"}}});
        assert_eq!(sealed(&other), []);
    }

    #[test]
    fn an_external_secret_must_have_the_keys_where_it_shows_them_all() {
        let external =
            |spec: &Value| existing().item(object("external-secrets.io/v1", "ExternalSecret", spec)).problems();
        let token = json!({"secretKey": "a_token", "remoteRef": {"key": "k"}});
        let ca_cert = json!({"secretKey": "a_cacert", "remoteRef": {"key": "k"}});
        assert_eq!(external(&json!({"data": [token, ca_cert]})), []);
        assert_eq!(external(&json!({"data": [token]})), missing(&["a_cacert"], &["a_token"]));
        assert_eq!(external(&json!({"data": [token], "dataFrom": [{"extract": {"key": "k"}}]})), []);
        let template = |policy: &str| json!({"mergePolicy": policy, "data": {"a_cacert": "A"}});
        assert_eq!(external(&json!({"data": [token], "target": {"template": template("Merge")}})), []);
        let replaced = external(&json!({"data": [token], "target": {"template": template("Replace")}}));
        assert_eq!(replaced, missing(&["a_token"], &["a_cacert"]));
        let from = json!({"templateFrom": [{"configMap": {"name": "c"}}]});
        assert_eq!(external(&json!({"data": [token], "target": {"template": from}})), []);
        assert_eq!(external(&json!({"data": [token], "target": {"name": "other"}})), []);
    }
}
