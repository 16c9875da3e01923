//! Lists what is injected into a plane: names and places, no values.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Change, Injection, Outcome};
use crate::field_path::FieldPath;
use crate::flyteadmin::{ca_cert_key, token_key};
use crate::spec::{Cluster, Plane, Spec};
use crate::wire::lookup::is_object;
use crate::wire::{ResId, Resource};

/// Everything that this function puts into the planes.
pub fn injections(spec: &Spec, items: &[Resource<'_>], outcomes: &[Outcome]) -> Vec<Injection> {
    let mut found: Vec<Injection> = Vec::new();
    for outcome in outcomes {
        for injection in of_one(spec, items, outcome) {
            let is_same = |known: &&mut Injection| {
                (known.plane, &known.resource, &known.change)
                    == (injection.plane, &injection.resource, &injection.change)
            };
            match found.iter_mut().find(is_same) {
                Some(known) => known.clusters.extend(outcome.cluster.clone()),
                None => found.push(Injection { clusters: outcome.cluster.iter().cloned().collect(), ..injection }),
            }
        }
    }
    let count = outcomes.iter().filter(|outcome| outcome.cluster.is_some()).count();
    for injection in found.iter_mut().filter(|injection| injection.clusters.len() == count) {
        injection.clusters.clear();
    }
    found
}

/// Everything that this function puts into one output.
fn of_one(spec: &Spec, items: &[Resource<'_>], outcome: &Outcome) -> Vec<Injection> {
    let injected = &outcome.written.plan.injected;
    let injection = |resource: &ResId, change| Injection {
        plane: outcome.plane,
        clusters: Vec::new(),
        resource: resource.clone(),
        change,
    };
    let mut found = Vec::new();
    for id in &injected.secrets {
        let keys = written(items, outcome, id).map(|secret| keys(&secret)).unwrap_or_default();
        found.push(injection(id, Change::Secret { keys, is_complete: true }));
    }
    if let Some(id) = secret_to_come(spec, outcome) {
        found.push(injection(&id, Change::Secret { keys: expected_keys(spec), is_complete: false }));
    }
    for (workload, containers) in &injected.mounts {
        let change = Change::Mount {
            secrets: mounted(spec),
            containers: containers.clone(),
            path: spec.credentials.mount_path.clone(),
        };
        found.push(injection(workload, change));
    }
    for (config_map, key) in &injected.targets {
        let clusters = spec.clusters.iter().map(|cluster| cluster.name.clone()).collect();
        let is_own = injected.config_maps.contains(config_map);
        found.push(injection(config_map, Change::Clusters { key: key.clone(), clusters, is_own }));
    }
    for (config_map, change) in &injected.overrides {
        let mut fields = Vec::new();
        for (name, value) in &change.merge {
            leaves(FieldPath::default().key(name), value, &mut fields);
        }
        found.push(injection(config_map, Change::Override { key: change.target.key.clone(), fields }));
    }
    found.extend(injected.rollouts.iter().map(|workload| injection(workload, Change::Checksum)));
    found
}

/// The names of the Secrets in the volume: that of most clusters, and those of single ones.
fn mounted(spec: &Spec) -> Vec<String> {
    let is_shared = spec.clusters.iter().any(Cluster::is_in_shared_secret);
    let shared = is_shared.then(|| spec.credentials.secret_name.clone());
    let existing = spec.clusters.iter().filter_map(Cluster::existing_secret).map(|existing| existing.name.clone());
    let mut known = BTreeSet::new();
    shared.into_iter().chain(existing).filter(|name| known.insert(name.clone())).collect()
}

/// The generated Secret whose credentials are not among the resources yet.
fn secret_to_come(spec: &Spec, outcome: &Outcome) -> Option<ResId> {
    let is_generated = spec.makes_credentials() && outcome.plane == Plane::Control;
    let (workload, _) = outcome.written.plan.injected.mounts.first().filter(|_| is_generated)?;
    let is_there = !outcome.written.plan.injected.secrets.is_empty();
    (!is_there).then(|| ResId::core("Secret", workload.namespace.as_deref(), &spec.credentials.secret_name))
}

fn expected_keys(spec: &Spec) -> Vec<String> {
    let clusters = spec.clusters.iter().filter(|cluster| cluster.is_in_shared_secret());
    clusters.flat_map(|cluster| [token_key(&cluster.name), ca_cert_key(&cluster.name)]).collect()
}

/// A Secret as it is written: new, changed, or as it came.
fn written(items: &[Resource<'_>], outcome: &Outcome, id: &ResId) -> Option<Value> {
    outcome.written.plan.addition(id).map(|addition| addition.value.clone()).or_else(|| {
        let at = items.iter().position(|item| is_object(item, id))?;
        Some(outcome.written.applied.edited.get(&at).unwrap_or(&items[at]).value().clone())
    })
}

fn keys(secret: &Value) -> Vec<String> {
    secret["data"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// The field paths of everything below `value` that is no object.
fn leaves(path: FieldPath, value: &Value, found: &mut Vec<FieldPath>) {
    match value.as_object().filter(|fields| !fields.is_empty()) {
        Some(fields) => fields.iter().for_each(|(name, value)| leaves(path.key(name), value, found)),
        None => found.push(path),
    }
}
