//! Plans everything that lets flyteadmin reach the clusters: the Secret, the mounts, the configuration, the checksum.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Problem;
use super::addition::Addition;
use super::cluster_config::{self, Entry};
use super::config_map::Place;
use super::config_volume::{self, Obstacle, OwnConfig};
use super::draft::Draft;
use super::planner::Planner;
use super::pod_spec::{self, CredentialsVolume};
use super::rollout::{Texts, canonical};
use super::traces::is_injected;
use crate::credentials::{self, GeneratedSecret, Projection, Resolved};
use crate::field_path::FieldPath;
use crate::flyteadmin::command::Command;
use crate::flyteadmin::is_credential_key;
use crate::spec::{Cluster, ConfigKey, ExistingSecret, Mount, Plane, SecretSource};
use crate::wire::ResId;
use crate::wire::annotations::INJECTED;
use crate::wire::lookup::is_object;
use crate::workload::{PodTemplate, pod_template, text};
use crate::yaml::view;

/// The workloads with the credentials, and what they read at start.
pub(super) struct Readers {
    workloads: Vec<(usize, PodTemplate)>,
    secrets: Vec<GeneratedSecret>,
    /// The Secrets that are made elsewhere, as far as they are among the items.
    existing: Vec<usize>,
    /// Each target, and where it is.
    configs: Vec<(String, Place)>,
}

impl Readers {
    /// Whether a workload is one of them.
    pub(super) fn has(&self, at: usize) -> bool {
        self.workloads.iter().any(|(workload, _)| *workload == at)
    }
}

impl Planner<'_> {
    /// Everything that lets flyteadmin reach the clusters, but for the checksum of it.
    pub(super) fn clusters(&mut self, resolved: Option<&Resolved>) -> Readers {
        let workloads = self.workloads();
        let namespace = self.namespace(&workloads);
        let owner = workloads.keys().next().copied();
        let secrets = resolved.map(|resolved| credentials::generate(self.spec, resolved, namespace.as_deref()));
        let secrets = secrets.unwrap_or_default();
        for secret in &secrets {
            self.credentials_secret(secret, owner);
        }
        let configs = self.cluster_config(resolved, owner);
        let existing = self.existing_secrets(namespace.as_deref());
        let (spec, items) = (self.spec, self.items);
        let name = |existing: &ExistingSecret| credentials::existing_name(spec, existing, items);
        self.mounts(&workloads, &credentials::projections(spec, &secrets, name));
        self.forget_mounts(|at| workloads.contains_key(&at));
        let workloads = workloads.into_iter().map(|(at, (template, _))| (at, template)).collect();
        Readers { workloads, secrets, existing, configs }
    }

    /// The checksum of what the workloads read at start, on their pod templates. It is computed last,
    /// because overrides change the configuration.
    pub(super) fn checksum(&mut self, readers: &Readers, overridden: &BTreeMap<usize, Texts>) {
        let section = |(target, place): &(String, Place)| {
            let text = self.config_text(place).unwrap_or_default();
            (target.clone(), canonical(&cluster_config::sorted(&view::read(text).unwrap_or_default())))
        };
        let mut texts: Vec<(String, String)> = readers.configs.iter().map(section).collect();
        for &at in &readers.existing {
            let object = self.items[at].value();
            let content = canonical(&json!([object["data"], object["stringData"]]));
            texts.push((self.items[at].id().name.clone(), content));
        }
        for &(at, template) in &readers.workloads {
            let own = overridden.get(&at).into_iter().flatten().map(|(name, text)| (format!("override {name}"), text));
            let own: Vec<(String, &String)> = own.collect();
            let all = texts.iter().map(|(name, text)| (name, text)).chain(own.iter().map(|(name, text)| (name, *text)));
            let all: Vec<(&str, &str)> = all.map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let checksum = credentials::checksum(&readers.secrets, &all);
            pod_spec::annotate(self.draft(at), template, &checksum);
        }
    }

    /// The workloads that `mounts` selects, with the containers that are wanted in each; nothing means all.
    fn workloads(&mut self) -> BTreeMap<usize, (PodTemplate, Option<BTreeSet<String>>)> {
        let mut found: BTreeMap<usize, (PodTemplate, Option<BTreeSet<String>>)> = BTreeMap::new();
        let spec = self.spec;
        for mount in &spec.credentials.mounts {
            let selected: Vec<(usize, PodTemplate)> = self
                .members(Plane::Control)
                .filter(|&at| mount.selector.matches(&self.items[at]))
                .filter_map(|at| Some((at, pod_template(self.items[at].id())?)))
                .collect();
            if selected.is_empty() {
                self.problems.push(Problem::NoWorkload { field: mount.selector.field.clone() });
            }
            self.check_containers(mount, &selected);
            for (at, template) in selected {
                let wanted = mount.containers.as_ref().map(|names| names.iter().cloned().collect::<BTreeSet<_>>());
                let entry = found.entry(at).or_insert((template, Some(BTreeSet::new())));
                entry.1 = match (entry.1.take(), wanted) {
                    (Some(known), Some(wanted)) => Some(known.union(&wanted).cloned().collect()),
                    _ => None,
                };
            }
        }
        found
    }

    fn check_containers(&mut self, mount: &Mount, selected: &[(usize, PodTemplate)]) {
        let Some(wanted) = &mount.containers else { return };
        let items = self.items;
        let there = |at: usize, template: PodTemplate| {
            pod_spec::containers(template, items[at].value()).collect::<BTreeSet<&str>>()
        };
        let field = &mount.selector.field;
        let workloads: Vec<ResId> = selected.iter().map(|&(at, _)| items[at].id().clone()).collect();
        for name in wanted {
            let is_there = selected.iter().any(|&(at, template)| there(at, template).contains(name.as_str()));
            if !is_there && !selected.is_empty() {
                self.problems.push(Problem::NoContainer {
                    field: field.clone(),
                    container: name.clone(),
                    workloads: workloads.clone(),
                });
            }
        }
        for &(at, template) in selected {
            let there = there(at, template);
            let has_any = wanted.iter().any(|name| there.contains(name.as_str()));
            if !has_any && selected.len() > 1 {
                let workload = items[at].id().clone();
                self.problems.push(Problem::NoneOfTheContainers { field: field.clone(), workload });
            }
        }
    }

    /// The namespace of the workloads, which is the Secret's.
    fn namespace<T>(&mut self, workloads: &BTreeMap<usize, T>) -> Option<String> {
        let mut members = workloads.keys().map(|&at| &self.items[at]);
        let first = members.next()?;
        if let Some(other) = members.find(|item| item.id().effective_namespace() != first.id().effective_namespace()) {
            let workloads = [first.id().clone(), other.id().clone()];
            self.problems.push(Problem::Namespaces { workloads });
        }
        if let Some(namespace) = &self.spec.credentials.namespace
            && !first.namespaces().any(|candidate| candidate == namespace)
        {
            let problem = Problem::ForeignNamespace { namespace: namespace.clone(), workload: first.id().clone() };
            self.problems.push(problem);
        }
        first.id().namespace.clone()
    }

    /// Adds a credentials Secret, or brings the one of an earlier run up to date.
    fn credentials_secret(&mut self, secret: &GeneratedSecret, owner: Option<usize>) {
        let addition = Addition::new(Plane::Control, secret.value());
        let id = addition.id.clone();
        self.plan.injected.secrets.push(id.clone());
        let existing = self.members(Plane::Control).find(|&at| is_object(&self.items[at], &id));
        let Some(at) = existing else {
            self.add(owner, addition);
            return;
        };
        let wanted = addition.value["data"].as_object().cloned().unwrap_or_default();
        let keys: Vec<String> = secret_keys(self.items[at].value()).map(str::to_owned).collect();
        let kind = self.items[at].value().get("type").and_then(Value::as_str);
        if !keys.iter().all(|key| is_credential_key(key)) || kind.is_some_and(|kind| kind != "Opaque") {
            self.problems.push(Problem::ForeignSecret { id: self.items[at].id().clone() });
            return;
        }
        let draft = self.draft(at);
        draft.set(&["metadata", "annotations", INJECTED], json!("true"));
        for key in keys.iter().filter(|key| !wanted.contains_key(*key)) {
            draft.remove(&["data", key]);
            draft.remove(&["stringData", key]);
        }
        for (key, value) in wanted {
            draft.remove(&["stringData", &key]);
            draft.set(&["data", &key], value);
        }
    }

    /// The Secrets that are made elsewhere and are among the resources: their content is part of the checksum.
    fn existing_secrets(&mut self, namespace: Option<&str>) -> Vec<usize> {
        let spec = self.spec;
        let mut found = Vec::new();
        if spec.credentials.source == SecretSource::Existing {
            let id = ResId::core("Secret", namespace, &spec.credentials.secret_name);
            let is_it = |&at: &usize| is_object(&self.items[at], &id) && !is_injected(&self.items[at]);
            found.extend(self.members(Plane::Control).find(is_it));
        }
        for at in credentials::existing_secrets(spec, self.items) {
            let id = self.items[at].id();
            if id.effective_namespace() != namespace.unwrap_or("default") {
                continue;
            }
            if !self.placements[at].is_in(Plane::Control) {
                self.problems.push(Problem::ExistingSecretElsewhere { id: id.clone() });
            }
            found.push(at);
        }
        found.dedup();
        found
    }

    /// Plans the `clusters` section of every target; where each is.
    fn cluster_config(&mut self, resolved: Option<&Resolved>, owner: Option<usize>) -> Vec<(String, Place)> {
        let spec = self.spec;
        let namespace = owner.and_then(|at| self.items[at].id().namespace.as_deref());
        let mut entries = Vec::new();
        for (at, cluster) in spec.clusters.iter().enumerate() {
            let endpoint =
                resolved.and_then(|resolved| resolved.endpoint(&cluster.name)).or(cluster.endpoint.as_deref());
            if endpoint.is_none() && cluster.needs_files() {
                self.problems.push(Problem::NoEndpoint { cluster: at });
            }
            entries.push(Entry { cluster, endpoint });
        }
        let change =
            |draft: &mut Draft| cluster_config::merge(draft, spec, &entries).map_err(|problem| problem.to_string());
        let mut places = Vec::new();
        for (index, target) in spec.cluster_config.targets.iter().enumerate() {
            let field = FieldPath::at("spec.clusterConfig.targets").index(index);
            let ConfigKey { config_map, key, .. } = &target.config;
            let place = if target.is_own {
                self.own_config(&field, &target.config, owner, change)
            } else {
                let at = self.config_map(&field, &target.config, Plane::Control, namespace);
                at.and_then(|at| self.target(at, key, change))
            };
            places.extend(place.map(|place| (format!("{config_map}/{key}"), place)));
        }
        places
    }

    fn mounts(&mut self, workloads: &BTreeMap<usize, (PodTemplate, Option<BTreeSet<String>>)>, secrets: &[Projection]) {
        let spec = self.spec;
        let needs_files = spec.clusters.iter().any(Cluster::needs_files);
        let own_name = pod_spec::volume_name(&spec.credentials.secret_name);
        let mut volume = CredentialsVolume {
            secrets: secrets.to_vec(),
            secret_name: &spec.credentials.secret_name,
            mount_path: &spec.credentials.mount_path,
            earlier: BTreeSet::new(),
        };
        for (&at, (template, wanted)) in workloads {
            self.refuse_shared(at);
            let workload = self.items[at].id().clone();
            let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
            volume.earlier = self.earlier_volumes(at, *template);
            let has_mark = pod_spec::has_checksum(*template, &self.items[at]);
            let gone = if has_mark { self.forgotten_config_maps() } else { Vec::new() };
            let draft = self.draft(at);
            config_volume::forget(draft, *template, &gone);
            let kept = if needs_files { pod_spec::carriers(draft, *template, secrets) } else { BTreeSet::new() };
            let is_kept = |name: &String| needs_files && (*name == own_name || kept.contains(name));
            let other = volume.earlier.iter().filter(|name| !is_kept(name));
            pod_spec::forget(draft, *template, &other.cloned().collect());
            let mounted = if needs_files { pod_spec::mount(draft, *template, &volume, is_wanted) } else { Ok(()) };
            let obstacles: Vec<Obstacle> = spec
                .cluster_config
                .targets
                .iter()
                .filter(|target| target.is_own)
                .map(|target| OwnConfig {
                    config_map: &target.config.config_map,
                    key: &target.config.key,
                    volume: pod_spec::volume_name(&target.config.config_map),
                })
                .filter_map(|own| {
                    let is_kept = |container: &Value| {
                        is_wanted(text(container, "name")) || Command::of(container).reads_clusters()
                    };
                    if has_mark {
                        config_volume::leave(draft, *template, &own, is_kept);
                    }
                    config_volume::add(draft, *template, &own, is_wanted).err()
                })
                .flatten()
                .collect();
            let containers = pod_spec::containers(*template, draft.value()).filter(|name| is_wanted(name));
            let containers = containers.map(str::to_owned).collect();
            self.problems.extend(
                obstacles.into_iter().map(|obstacle| Problem::Obstacle { workload: workload.clone(), obstacle }),
            );
            match mounted {
                Ok(()) if needs_files => self.plan.injected.mounts.push((workload, containers)),
                Ok(()) => {}
                Err(differences) => self.problems.extend(
                    differences
                        .into_iter()
                        .map(|difference| Problem::Difference { workload: workload.clone(), difference }),
                ),
            }
        }
    }
}

fn secret_keys(secret: &Value) -> impl Iterator<Item = &str> {
    ["data", "stringData"]
        .into_iter()
        .filter_map(|field| secret.get(field)?.as_object())
        .flat_map(|entries| entries.keys().map(String::as_str))
}
