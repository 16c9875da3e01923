//! Credentials for tests: made anew, so that nothing in the project is real.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};

use super::{Now, Problem, Rule, resolve};
use crate::spec::{self, Spec};
use crate::wire::{self, Resource};

/// When the tests run.
pub(crate) const NOW: Now = Now::at(1_700_000_000);

/// A token that is no JWT.
pub(crate) const OPAQUE: &str = "token-of-cluster-1";

pub(crate) fn base64_of(text: &str) -> String {
    BASE64_STANDARD.encode(text)
}

pub(crate) fn jwt(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&json!({"alg": "RS256", "kid": "test"})), part(claims), part(&json!("signature")))
}

pub(crate) fn authority() -> String {
    let now = NOW.seconds().unwrap();
    authority_valid(now - 1000, now + 1000)
}

pub(crate) fn authority_valid(from: i64, to: i64) -> String {
    certificate(IsCa::Ca(BasicConstraints::Unconstrained), from, to)
}

pub(crate) fn leaf() -> String {
    let now = NOW.seconds().unwrap();
    certificate(IsCa::ExplicitNoCa, now - 1000, now + 1000)
}

pub(crate) fn private_key() -> String {
    KeyPair::generate().unwrap().serialize_pem()
}

fn certificate(is_ca: IsCa, from: i64, to: i64) -> String {
    let mut params = CertificateParams::new(vec!["kubernetes.example.com".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let date =
        |seconds: i64| rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds.cast_unsigned());
    (params.not_before, params.not_after) = (date(from), date(to));
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

/// A deployment to resolve credentials of.
pub(crate) struct Deployment {
    spec: Value,
    items: Vec<Value>,
}

impl Deployment {
    /// Clusters as they are written in the spec.
    pub(crate) fn with(clusters: &Value) -> Self {
        let spec = json!({
            "output": "ControlPlane",
            "clusters": clusters,
            "credentials": {"mounts": [{"kind": "Deployment", "name": "flyteadmin"}]},
            "clusterConfig": {"targets": [{"configMap": "flyte-admin-config", "key": "config.yaml"}]},
        });
        Self { spec, items: Vec::new() }
    }

    /// A cluster whose credentials are those written.
    pub(crate) fn of(credentials: &Value) -> Self {
        let endpoint = "https://cluster-1.example.com:6443";
        Self::with(&json!([{"name": "cluster_1", "endpoint": endpoint, "credentials": credentials}]))
    }

    /// The same, but the credentials bring the endpoint.
    pub(crate) fn of_set(credentials: &Value) -> Self {
        Self::with(&json!([{"name": "cluster_1", "credentials": credentials}]))
    }

    pub(crate) fn set(mut self, pointer: &str, value: Value) -> Self {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        self.spec.pointer_mut(parent).unwrap()[key] = value;
        self
    }

    pub(crate) fn item(mut self, item: Value) -> Self {
        self.items.push(item);
        self
    }

    pub(crate) fn secret(self, name: &str, data: &Value) -> Self {
        self.item(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data}))
    }

    /// What `step` makes of the loaded spec and the items.
    pub(crate) fn run<T>(&self, step: impl FnOnce(&Spec, &[Resource<'_>]) -> T) -> T {
        let config = json!({
            "apiVersion": "split-planes.dev/v1alpha1", "kind": "PlaneSplit", "metadata": {"name": "test"}, "spec": self.spec,
        });
        let list = json!({
            "apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": self.items, "functionConfig": config,
        });
        let text = serde_yaml::to_string(&list).unwrap();
        let list = wire::read(text.as_bytes()).unwrap();
        let loaded = spec::load(&list).unwrap_or_else(|problems| panic!("{problems:?}"));
        step(&loaded.spec, &list.items)
    }

    /// The rules that are broken, with the field of each.
    pub(crate) fn problems(&self) -> Vec<(String, Rule)> {
        let problems = self.run(|spec, items| match resolve(spec, items, NOW) {
            Ok((_, warnings)) => {
                assert!(!warnings.iter().any(Problem::is_error), "{warnings:?}");
                warnings
            }
            Err(problems) => {
                assert!(problems.iter().any(Problem::is_error), "{problems:?}");
                problems
            }
        });
        problems.into_iter().map(|problem| (problem.place.field.to_string(), problem.rule)).collect()
    }

    /// Endpoint, token and CA of the first cluster.
    pub(crate) fn first(&self) -> (String, String, String) {
        self.run(|spec, items| {
            let (resolved, warnings) = resolve(spec, items, NOW).unwrap_or_else(|problems| panic!("{problems:?}"));
            assert_eq!(warnings, []);
            let cluster = &resolved.clusters[0];
            let pair = cluster.pair.as_ref().unwrap();
            (cluster.endpoint.clone(), pair.token.reveal().to_owned(), pair.ca_cert.reveal().to_owned())
        })
    }
}
