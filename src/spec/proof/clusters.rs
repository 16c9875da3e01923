//! The clusters of the spec, the labels that are mapped to them, and where their credentials come from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Proof, WITHHELD};
use crate::field_path::FieldPath;
use crate::flyteadmin::endpoint::{Concern, Endpoint};
use crate::redacted::Redacted;
use crate::spec::object_name::{is_subdomain, may_be_secret};
use crate::spec::v1alpha1::{
    RawCluster, RawClusterCredentials, RawExistingSecret, RawKubeClientConfig, RawWeightedCluster,
};
use crate::spec::{Cluster, CredentialSource, ExistingSecret, Problem, SecretReference, Spec, WeightedCluster, shape};

/// How long a cluster's name may be: the key of a Secret has at most 253 characters, and its suffix takes some.
const MAX_NAME: usize = 200;

impl Proof {
    pub(super) fn clusters(&mut self, raw: Vec<RawCluster>) -> Vec<Cluster> {
        let mut names = BTreeSet::new();
        for (index, cluster) in raw.iter().enumerate() {
            if !names.insert(cluster.name.clone()) {
                self.error(
                    FieldPath::at("spec.clusters").index(index).then("name"),
                    format!(
                        "must be unique, but {:?} is there twice; flyteadmin refuses to start with it",
                        cluster.name
                    ),
                );
            }
        }
        if !raw.is_empty() && raw.iter().all(|cluster| cluster.enabled == Some(false)) {
            self.error(
                "spec.clusters",
                "must have an enabled cluster, because flyteadmin refuses to start without one",
            );
        }
        raw.into_iter()
            .enumerate()
            .map(|(index, raw)| self.cluster(&FieldPath::at("spec.clusters").index(index), raw))
            .collect()
    }

    fn cluster(&mut self, field: &FieldPath, raw: RawCluster) -> Cluster {
        let is_key = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if raw.name.is_empty() || !raw.name.chars().all(is_key) || raw.name.starts_with('.') {
            self.error(
                field.then("name"),
                format!(
                    "must consist of letters, digits, '-', '_' and '.', because it begins a key of the Secret, got {:?}",
                    raw.name
                ),
            );
        } else if raw.name.len() > MAX_NAME {
            let rule = format!(
                "must have at most {MAX_NAME} characters, because it begins a key of the Secret, got {}",
                raw.name.len()
            );
            self.error(field.then("name"), rule);
        }
        let brings_endpoint = raw.credentials.as_ref().is_some_and(|c| c.kubeconfig.is_some() || c.secret.is_some());
        match &raw.endpoint {
            Some(_) if raw.in_cluster => {
                let rule = format!("must not be set for cluster {:?}, because it is `inCluster`", raw.name);
                self.error(field.then("endpoint"), rule);
            }
            Some(endpoint) => self.endpoint(&field.then("endpoint"), &raw.name, endpoint),
            None if raw.in_cluster || brings_endpoint => {}
            None => self.error(
                field.then("endpoint"),
                format!("must be set for cluster {:?} to the https URL of its API server", raw.name),
            ),
        }
        let source = self.source(&field.then("credentials"), raw.in_cluster, raw.credentials);
        let kube_client_config =
            raw.kube_client_config.map(|raw| self.kube_client_config(&field.then("kubeClientConfig"), raw));
        let enabled = raw.enabled.unwrap_or(true);
        Cluster { name: raw.name, endpoint: raw.endpoint, enabled, source, kube_client_config }
    }

    fn endpoint(&mut self, field: &FieldPath, cluster: &str, endpoint: &str) {
        let rule = format!(
            "must be an https URL such as \"https://cluster-1.example.com:6443\", without user, password and query: \
             without `https` the token of cluster {cluster:?} would be sent unencrypted"
        );
        let Some(endpoint) = Endpoint::read(endpoint) else { return self.error(field, rule) };
        if endpoint.concern() == Some(Concern::OwnCluster) {
            self.warning(
                field,
                format!(
                    "must not be the name that every cluster gives its own API server; use `inCluster: true` for cluster \
                     {cluster:?}"
                ),
            );
        }
    }

    fn source(&mut self, field: &FieldPath, in_cluster: bool, raw: Option<RawClusterCredentials>) -> CredentialSource {
        if in_cluster {
            if raw.is_some() {
                self.error(field, "must not be set for an `inCluster` cluster");
            }
            return CredentialSource::InCluster;
        }
        let Some(raw) = raw else { return CredentialSource::Elsewhere };
        let RawClusterCredentials { secret, kubeconfig, token, ca_cert, existing_secret } = raw;
        match (secret, kubeconfig, token, ca_cert, existing_secret) {
            (Some(secret), None, None, None, None) => {
                CredentialSource::Secret(self.secret_reference(&field.then("secret"), &secret))
            }
            (None, Some(kubeconfig), None, None, None) => CredentialSource::Kubeconfig {
                secret: self.secret_reference(&field.then("kubeconfig.secret"), &kubeconfig.secret),
                key: kubeconfig.key.unwrap_or_else(|| "kubeconfig".to_owned()),
                context: kubeconfig.context,
            },
            (None, None, Some(token), Some(ca_cert), None) => {
                CredentialSource::Inline { token: Redacted::new(token), ca_cert: Redacted::new(ca_cert) }
            }
            (None, None, None, None, Some(existing)) => self.existing_secret(&field.then("existingSecret"), &existing),
            _ => {
                self.error(field, "must be one of `secret`, `kubeconfig`, `existingSecret`, or `token` with `caCert`");
                CredentialSource::Elsewhere
            }
        }
    }

    /// The limits of flyteadmin's client, as flyteadmin reads them: two integers and a duration of Go.
    fn kube_client_config(&mut self, field: &FieldPath, raw: RawKubeClientConfig) -> Map<String, Value> {
        let mut config = Map::new();
        for (key, number) in [("qps", raw.qps), ("burst", raw.burst)] {
            let Some(number) = number else { continue };
            if number.fract() != 0.0 || !(0.0..=f64::from(i32::MAX)).contains(&number) {
                self.error(field.key(key), format!("must be a whole number that is not negative, got {number}"));
            }
            #[expect(clippy::cast_possible_truncation, reason = "what is no i32 is an error")]
            config.insert(key.to_owned(), json!(number as i64));
        }
        if let Some(timeout) = raw.timeout {
            if !is_duration(&timeout) {
                let got = if may_be_secret(&timeout) { WITHHELD.to_owned() } else { format!("got {timeout:?}") };
                self.error(field.then("timeout"), format!("must be a duration such as \"30s\" or \"1m30s\", {got}"));
            }
            config.insert("timeout".to_owned(), json!(timeout));
        }
        config
    }

    /// A name alone means the keys that Kubernetes writes.
    fn existing_secret(&mut self, field: &FieldPath, raw: &Value) -> CredentialSource {
        let name_alone = |name: &str| RawExistingSecret { name: name.to_owned(), token_key: None, ca_cert_key: None };
        let raw = match raw {
            Value::String(name) => Ok(name_alone(name)),
            Value::Object(_) => shape::read(raw, field),
            _ => Err(vec![Problem::new(
                field,
                "must be the name of a Secret, or an object with `name`, `tokenKey` and `caCertKey`",
            )]),
        };
        let raw = match raw {
            Ok(raw) => raw,
            Err(problems) => {
                self.errors.extend(problems);
                return CredentialSource::Elsewhere;
            }
        };
        self.subdomain(field, &raw.name);
        let [token_key, ca_cert_key] = [("tokenKey", raw.token_key, "token"), ("caCertKey", raw.ca_cert_key, "ca.crt")]
            .map(|(part, key, default)| {
                let key = key.unwrap_or_else(|| default.to_owned());
                self.key(&field.then(part), "a Secret", &key);
                key
            });
        CredentialSource::ExistingSecret(ExistingSecret { name: raw.name, token_key, ca_cert_key })
    }

    /// What is made here must not have the name of what is made elsewhere.
    pub(super) fn existing_secrets(&mut self, spec: &Spec) {
        if !spec.makes_credentials() {
            return;
        }
        for (index, cluster) in spec.clusters.iter().enumerate() {
            let is_made_here = |existing: &&ExistingSecret| spec.credentials.is_part(&existing.name);
            if let Some(existing) = cluster.existing_secret().filter(is_made_here) {
                self.error(
                    FieldPath::at("spec.clusters").index(index).then("credentials.existingSecret"),
                    format!(
                        "must not be {:?}, which this function makes for the other clusters: choose another \
                         `spec.credentials.secretName`",
                        existing.name
                    ),
                );
            }
        }
    }

    fn secret_reference(&mut self, field: &FieldPath, text: &str) -> SecretReference {
        let (namespace, name) = text.split_once('/').map_or((None, text), |(ns, name)| (Some(ns.to_owned()), name));
        let is_legal = is_subdomain(name) && namespace.as_deref().is_none_or(is_subdomain);
        if !is_legal {
            let got = if may_be_secret(text) { WITHHELD.to_owned() } else { format!("got {text:?}") };
            self.error(field, format!("must be the name of a Secret or `namespace/name`, {got}"));
        }
        SecretReference { namespace, name: name.to_owned() }
    }

    pub(super) fn label_cluster_map(
        &mut self,
        raw: &Map<String, Value>,
        clusters: &[RawCluster],
    ) -> Vec<(String, Vec<WeightedCluster>)> {
        let enabled: BTreeMap<&str, bool> =
            clusters.iter().map(|cluster| (cluster.name.as_str(), cluster.enabled != Some(false))).collect();
        let mut labels = Vec::new();
        for (label, members) in raw {
            let field = FieldPath::at("spec.labelClusterMap").key(label);
            self.lower_case(&field, label);
            let members: Vec<RawWeightedCluster> = match shape::read(members, &field) {
                Ok(members) => members,
                Err(problems) => {
                    self.errors.extend(problems);
                    continue;
                }
            };
            for (index, member) in members.iter().enumerate() {
                if !(0.0..=1.0).contains(&member.weight) {
                    let rule = format!("must be from 0 to 1, got {}: flyteadmin refuses to start", member.weight);
                    self.error(field.index(index).then("weight"), rule);
                }
                match enabled.get(member.id.as_str()) {
                    None => {
                        let known = enabled.keys().copied().collect::<Vec<_>>().join(", ");
                        let rule = format!("must be the name of a cluster ({known}), got {:?}", member.id);
                        self.error(field.index(index).then("id"), rule);
                    }
                    Some(false) => self.warning(
                        field.index(index).then("id"),
                        format!("must be an enabled cluster to have an effect, {:?} is not", member.id),
                    ),
                    Some(true) => {}
                }
            }
            let members = members.into_iter().map(|raw| WeightedCluster { id: raw.id, weight: raw.weight }).collect();
            labels.push((label.clone(), members));
        }
        labels
    }

    pub(super) fn default_execution_label(&mut self, label: &str, labels: &Map<String, Value>) {
        let field = &FieldPath::at("spec.defaultExecutionLabel");
        self.lower_case(field, label);
        if !labels.contains_key(label) {
            let rule = format!("must be a key of `spec.labelClusterMap` to have an effect, {label:?} is not");
            self.warning(field, rule);
        }
    }

    fn lower_case(&mut self, field: &FieldPath, label: &str) {
        let lower = label.to_lowercase();
        if lower != label {
            self.error(
                field,
                format!("must be lower case, because flyteadmin reads {label:?} as {lower:?} and never matches it"),
            );
        }
    }
}

/// The units of Go's `time.ParseDuration`, longer ones before those that they begin with.
const UNITS: [&str; 7] = ["ns", "us", "µs", "ms", "s", "m", "h"];

/// Whether Go's `time.ParseDuration` reads `text`, which has no sign.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_number = rest[..rest.len() - unit.len()].parse::<f64>().is_ok();
        let Some(next) = UNITS.into_iter().find_map(|known| unit.strip_prefix(known)) else { break };
        if !is_number {
            return false;
        }
        rest = next;
    }
    rest.is_empty() && !text.is_empty() || text == "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for text in ["30s", "1m30s", "1.5h", "0", "100ms", "1h2m3s4ms5us6ns", ".5s", "2µs"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["", "30", "s", "1d", "30 s", "-1s", "1s2", "..s", "1s s", "m30"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
