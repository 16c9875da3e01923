//! Plans what each output needs beyond its resources, as JSON patches on what was read, and applies it to the bytes.
//!
//! The parts do not know each other: what one makes, this file hands to the next.

mod cluster_config;
mod draft;
mod marks;
mod overrides;
mod pod_spec;
mod secret;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

pub use pod_spec::{Difference, Found};

use crate::classify::Placement;
use crate::credentials::{self, GeneratedSecret, Resolved};
use crate::spec::{Claim, ConfigKey, CredentialSource, Mount, Output, Plane, SecretSource, Spec, names};
use crate::wire::{ResId, Resource};
use crate::workload::{PodTemplate, pod_template};
use crate::yaml::edit::{self, Refusal};
use crate::yaml::view;
use cluster_config::Entry;
use draft::Draft;
use pod_spec::CredentialsVolume;

/// What is to be done: changes of items by position, and what is new.
#[derive(Default)]
pub struct Plan {
    drafts: BTreeMap<usize, Draft>,
    /// The resources that are new, in the order they are written.
    pub additions: Vec<Value>,
    /// The copies that a resource of both planes needs in the other plane's directory.
    copies: Vec<(usize, Draft)>,
    /// What stands in the output by this function's doing, whether this run or an earlier one put it there.
    pub injected: Injected,
}

/// What stands in the output by this function's doing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Injected {
    /// The Secrets.
    pub secrets: Vec<ResId>,
    /// The workloads with the credentials, and the names of the containers that have them.
    pub mounts: Vec<(ResId, Vec<String>)>,
    /// The ConfigMap keys with a `clusters` section.
    pub targets: Vec<(ResId, String)>,
    /// The ConfigMap keys with an override.
    pub overrides: Vec<(ResId, String)>,
}

/// The items after the plan, by position, and the copies.
#[derive(Debug, Default)]
pub struct Applied {
    /// The items that changed.
    pub edited: BTreeMap<usize, Resource<'static>>,
    /// The copies for the other plane's directory.
    pub copies: Vec<Resource<'static>>,
}

/// Why the injection cannot be made.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// No workload of the control plane is selected.
    NoWorkload {
        /// The `mounts` entry.
        field: String,
    },
    /// A container that is named is in none of the selected workloads.
    NoContainer {
        /// The `mounts` entry.
        field: String,
        /// The container's name.
        container: String,
        /// The selected workloads.
        workloads: Vec<ResId>,
    },
    /// A selected workload has none of the containers that are named.
    NoneOfTheContainers {
        /// The `mounts` entry.
        field: String,
        /// The workload.
        workload: ResId,
    },
    /// The workloads stand in several namespaces, and a pod mounts Secrets of its own only.
    Namespaces {
        /// Two workloads in two namespaces.
        workloads: [ResId; 2],
    },
    /// `credentials.namespace` is not the workloads'.
    ForeignNamespace {
        /// What is written.
        namespace: String,
        /// A workload elsewhere.
        workload: ResId,
    },
    /// A volume or mount is there and differs.
    Difference {
        /// The workload.
        workload: ResId,
        /// What differs.
        difference: Difference,
    },
    /// A ConfigMap is not among the resources.
    NoConfigMap {
        /// The entry that names it.
        field: String,
        /// Its name.
        name: String,
        /// Where it is instead, when it is in the other plane.
        elsewhere: Option<ResId>,
    },
    /// Several ConfigMaps answer to a name.
    ManyConfigMaps {
        /// The entry that names it.
        field: String,
        /// The candidates.
        candidates: Vec<ResId>,
    },
    /// A ConfigMap has no such key.
    NoKey {
        /// The entry that names it.
        field: String,
        /// The ConfigMap.
        config_map: ResId,
        /// The key.
        key: String,
        /// The keys it has.
        keys: Vec<String>,
    },
    /// The text under a key is not one YAML mapping.
    NotConfiguration {
        /// The ConfigMap.
        config_map: ResId,
        /// The key.
        key: String,
        /// What is wrong with it.
        rule: String,
    },
    /// A cluster has no endpoint.
    NoEndpoint {
        /// Its position.
        cluster: usize,
    },
    /// A Secret of the name to be made is there and is not this function's.
    ForeignSecret {
        /// The Secret.
        id: ResId,
    },
    /// The ServiceAccount whose token is asked for does not go to the data plane.
    TokenWithoutAccount {
        /// The ServiceAccount.
        id: ResId,
    },
    /// With `output: All`, a resource of both planes would have to differ between them.
    Shared {
        /// The resource.
        id: ResId,
    },
    /// With `directories`, a resource does not say which file it comes from.
    NoPath {
        /// The resource.
        id: ResId,
    },
    /// The bytes of a resource cannot carry the change.
    Refused {
        /// The resource.
        id: ResId,
        /// Why.
        refusal: Refusal,
    },
}

/// Plans the whole change for the output that is asked for.
///
/// `resolved` are the clusters' credentials, needed when the control plane is written and its Secret is made here.
///
/// # Errors
///
/// Everything that is named and not there, and everything that is there and in the way.
pub fn plan(
    spec: &Spec,
    items: &[Resource<'_>],
    placements: &[Placement],
    resolved: Option<&Resolved>,
) -> Result<Plan, Vec<Problem>> {
    let mut planner = Planner { spec, items, placements, plan: Plan::default(), problems: Vec::new() };
    if planner.writes(Plane::Control) && !spec.clusters.is_empty() {
        planner.clusters(resolved);
    }
    if planner.writes(Plane::Data) {
        planner.token_request();
    }
    planner.overrides();
    planner.marks();
    if planner.problems.is_empty() { Ok(planner.plan) } else { Err(planner.problems) }
}

/// Applies a plan to the bytes of the items.
///
/// # Errors
///
/// Every item whose bytes cannot carry the change.
pub fn apply(plan: &Plan, items: &[Resource<'_>]) -> Result<Applied, Vec<Problem>> {
    let mut applied = Applied::default();
    let mut problems = Vec::new();
    let refused = |at: usize| move |refusal| Problem::Refused { id: items[at].id().clone(), refusal };
    for (&at, draft) in plan.drafts.iter().filter(|(_, draft)| !draft.is_empty()) {
        match items[at].edited(&draft.patch()) {
            Ok(edited) => drop(applied.edited.insert(at, edited)),
            Err(refusal) => problems.push(refused(at)(refusal)),
        }
    }
    for (at, draft) in &plan.copies {
        match items[*at].edited(&draft.patch()) {
            Ok(copy) => applied.copies.push(copy),
            Err(refusal) => problems.push(refused(*at)(refusal)),
        }
    }
    if problems.is_empty() { Ok(applied) } else { Err(problems) }
}

struct Planner<'p> {
    spec: &'p Spec,
    items: &'p [Resource<'p>],
    placements: &'p [Placement],
    plan: Plan,
    problems: Vec<Problem>,
}

impl<'p> Planner<'p> {
    fn writes(&self, plane: Plane) -> bool {
        match self.spec.output {
            Output::All => true,
            Output::Plane(written) => written == plane,
        }
    }

    fn draft(&mut self, at: usize) -> &mut Draft {
        let items = self.items;
        self.plan.drafts.entry(at).or_insert_with(|| Draft::new(items[at].value().clone()))
    }

    /// The items of `plane`, by position.
    fn members(&self, plane: Plane) -> impl Iterator<Item = usize> + use<'p> {
        let placements = self.placements;
        (0..self.items.len()).filter(move |&at| placements[at].is_in(plane))
    }

    /// With `output: All` a resource of both planes is written once, so it cannot be changed for one of them.
    fn refuse_shared(&mut self, at: usize) {
        let is_shared = matches!(self.placements[at], Placement::Placed { claim: Claim::Both, .. });
        let problem = Problem::Shared { id: self.items[at].id().clone() };
        if is_shared && self.spec.output == Output::All && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Everything that lets flyteadmin reach the clusters.
    fn clusters(&mut self, resolved: Option<&Resolved>) {
        let workloads = self.workloads();
        let namespace = self.namespace(&workloads);
        let secrets = resolved.map(|resolved| credentials::generate(self.spec, resolved, namespace.as_deref()));
        let secrets = secrets.unwrap_or_default();
        for secret in &secrets {
            self.credentials_secret(secret);
        }
        let mut texts = self.cluster_config(resolved, namespace.as_deref());
        if let Some(at) = self.existing_secret(namespace.as_deref()) {
            let object = self.items[at].value();
            texts.push((
                self.spec.credentials.secret_name.clone(),
                canonical(&json!([object["data"], object["stringData"]])),
            ));
        }
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let checksum = credentials::checksum(&secrets, &texts);
        self.mounts(&workloads, &credentials::secret_names(self.spec, &secrets), &checksum);
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
    fn credentials_secret(&mut self, secret: &GeneratedSecret) {
        let value = secret.value();
        let id = self.addition_id(&value);
        self.plan.injected.secrets.push(id.clone());
        let existing = self.members(Plane::Control).find(|&at| is_named(&self.items[at], &id));
        let Some(at) = existing else {
            self.plan.additions.push(value);
            return;
        };
        let wanted = value["data"].as_object().cloned().unwrap_or_default();
        let keys: Vec<String> = secret_keys(self.items[at].value()).map(str::to_owned).collect();
        let is_ours = |key: &String| key.ends_with("_token") || key.ends_with("_cacert");
        let kind = self.items[at].value().get("type").and_then(Value::as_str);
        if !keys.iter().all(is_ours) || kind.is_some_and(|kind| kind != "Opaque") {
            self.problems.push(Problem::ForeignSecret { id: self.items[at].id().clone() });
            return;
        }
        let draft = self.draft(at);
        for key in keys.iter().filter(|key| !wanted.contains_key(*key)) {
            draft.remove(&["data", key]);
            draft.remove(&["stringData", key]);
        }
        for (key, value) in wanted {
            draft.remove(&["stringData", &key]);
            draft.set(&["data", &key], value);
        }
    }

    fn addition_id(&self, value: &Value) -> ResId {
        let text = |key: &str| value["metadata"][key].as_str();
        ResId::core("Secret", text("namespace"), text("name").unwrap_or_default())
    }

    /// The Secret made elsewhere, when it is among the resources: its content belongs into the checksum.
    fn existing_secret(&self, namespace: Option<&str>) -> Option<usize> {
        if self.spec.credentials.source == SecretSource::Generate {
            return None;
        }
        let id = ResId::core("Secret", namespace, &self.spec.credentials.secret_name);
        self.members(Plane::Control).find(|&at| is_named(&self.items[at], &id))
    }

    /// Plans the `clusters` section of every target; what it becomes, canonically, for the checksum.
    fn cluster_config(&mut self, resolved: Option<&Resolved>, namespace: Option<&str>) -> Vec<(String, String)> {
        let spec = self.spec;
        let mut entries = Vec::new();
        for (at, cluster) in spec.clusters.iter().enumerate() {
            let endpoint =
                resolved.and_then(|resolved| resolved.endpoint(&cluster.name)).or(cluster.endpoint.as_deref());
            if endpoint.is_none() && !matches!(cluster.source, CredentialSource::InCluster) {
                self.problems.push(Problem::NoEndpoint { cluster: at });
            }
            entries.push(Entry { cluster, endpoint });
        }
        let mut sections = Vec::new();
        for (index, target) in spec.cluster_config.targets.iter().enumerate() {
            let field = format!("spec.clusterConfig.targets[{index}]");
            let Some(at) = self.config_map(&field, &target.config_map, Plane::Control, namespace) else { continue };
            let id = self.items[at].id().clone();
            let text = self.config_text(at, &target.key).unwrap_or_default();
            let merged = self.edit_config(at, &target.key, &text, |draft| {
                cluster_config::merge(draft, spec, &entries).map_err(|problem| match problem {
                    cluster_config::Problem::NotAMapping => "must be a YAML mapping".to_owned(),
                    cluster_config::Problem::Form { field, expected } => format!("`{field}` in it must be {expected}"),
                })
            });
            if let Some(merged) = merged {
                sections.push((format!("{}/{}", target.config_map, target.key), canonical(&merged["clusters"])));
                self.plan.injected.targets.push((id, target.key.clone()));
            }
        }
        sections
    }

    fn mounts(
        &mut self,
        workloads: &BTreeMap<usize, (PodTemplate, Option<BTreeSet<String>>)>,
        secrets: &[String],
        checksum: &str,
    ) {
        let spec = self.spec;
        let needs_files = spec.clusters.iter().any(|cluster| !matches!(cluster.source, CredentialSource::InCluster));
        let volume = CredentialsVolume {
            secrets: secrets.to_vec(),
            secret_name: &spec.credentials.secret_name,
            mount_path: &spec.credentials.mount_path,
        };
        for (&at, (template, wanted)) in workloads {
            self.refuse_shared(at);
            let workload = self.items[at].id().clone();
            let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted.contains(name));
            let draft = self.draft(at);
            let mounted = if needs_files { pod_spec::mount(draft, *template, &volume, is_wanted) } else { Ok(()) };
            pod_spec::annotate(draft, *template, checksum);
            let containers = pod_spec::containers(*template, draft.value()).filter(|name| is_wanted(name));
            let containers = containers.map(str::to_owned).collect();
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

    /// Plans the token Secret of the data plane.
    fn token_request(&mut self) {
        let Some(token) = &self.spec.service_account_token else { return };
        let is_account = |at: &usize| {
            let item = &self.items[*at];
            item.id().gvk.kind == "ServiceAccount"
                && item.names().any(|name| name == token.service_account)
                && token.namespace.as_ref().is_none_or(|wanted| item.namespaces().any(|found| found == wanted))
        };
        let account = (0..self.items.len()).find(is_account);
        if let Some(at) = account
            && !self.placements[at].is_in(Plane::Data)
        {
            self.problems.push(Problem::TokenWithoutAccount { id: self.items[at].id().clone() });
        }
        // Inside a build kustomize may have renamed or moved the account: the Secret follows it.
        let account = account.map(|at| self.items[at].id());
        let namespace = account.map_or(token.namespace.as_deref(), |id| id.namespace.as_deref());
        let name = account.map_or(token.service_account.as_str(), |id| id.name.as_str());
        let value = json!(secret::token_request(&token.secret_name, namespace, name));
        let id = self.addition_id(&value);
        if !self.members(Plane::Data).any(|at| is_named(&self.items[at], &id)) {
            self.plan.additions.push(value);
        }
        self.plan.injected.secrets.push(id);
    }

    fn overrides(&mut self) {
        let spec = self.spec;
        for (index, change) in spec.overrides.iter().enumerate() {
            if !self.writes(change.plane) {
                continue;
            }
            let field = format!("spec.overrides[{index}]");
            let ConfigKey { config_map, key } = &change.target;
            let Some(at) = self.config_map(&field, config_map, change.plane, None) else { continue };
            let Some(text) = self.config_text(at, key) else {
                let object = self.items[at].value();
                let keys = object["data"].as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
                let config_map = self.items[at].id().clone();
                self.problems.push(Problem::NoKey { field, config_map, key: key.clone(), keys });
                continue;
            };
            let merged = self.edit_config(at, key, &text, |draft| {
                if !matches!(draft.value(), Value::Null | Value::Object(_)) {
                    return Err("must be a YAML mapping".to_owned());
                }
                overrides::merge(draft, &change.merge);
                Ok(())
            });
            if merged.is_some() {
                self.plan.injected.overrides.push((self.items[at].id().clone(), key.clone()));
            }
        }
    }

    /// The ConfigMap of `plane` that answers to `name`.
    fn config_map(&mut self, field: &str, name: &str, plane: Plane, namespace: Option<&str>) -> Option<usize> {
        let answers = |at: &usize| {
            let item = &self.items[*at];
            item.id().gvk.kind == "ConfigMap" && names(item).any(|candidate| candidate == name)
        };
        let mut candidates: Vec<usize> = self.members(plane).filter(answers).collect();
        for is_better in [&(|item: &Resource<'_>| item.id().name == name) as &dyn Fn(&Resource<'_>) -> bool, &|item| {
            namespace.is_some_and(|namespace| item.id().effective_namespace() == namespace)
        }] {
            if candidates.len() > 1 && candidates.iter().any(|&at| is_better(&self.items[at])) {
                candidates.retain(|&at| is_better(&self.items[at]));
            }
        }
        let field = field.to_owned();
        match candidates[..] {
            [at] => return Some(at),
            [] => {
                let elsewhere = (0..self.items.len()).find(answers).map(|at| self.items[at].id().clone());
                self.problems.push(Problem::NoConfigMap { field, name: name.to_owned(), elsewhere });
            }
            _ => {
                let candidates = candidates.iter().map(|&at| self.items[at].id().clone()).collect();
                self.problems.push(Problem::ManyConfigMaps { field, candidates });
            }
        }
        None
    }

    /// The text under a key of a ConfigMap as it is planned so far.
    fn config_text(&self, at: usize, key: &str) -> Option<String> {
        let planned = self.plan.drafts.get(&at).map(Draft::value);
        let object = planned.unwrap_or_else(|| self.items[at].value());
        object["data"][key].as_str().map(str::to_owned)
    }

    /// Edits the YAML text under a key of a ConfigMap; the configuration afterwards.
    fn edit_config(
        &mut self,
        at: usize,
        key: &str,
        text: &str,
        change: impl FnOnce(&mut Draft) -> Result<(), String>,
    ) -> Option<Value> {
        self.refuse_shared(at);
        let edit = || {
            let value = view::read(text).map_err(|error| format!("must be YAML, {error}"))?;
            let mut inner = Draft::new(value);
            change(&mut inner)?;
            let text = if inner.is_empty() {
                text.to_owned()
            } else {
                edit::apply(text, &inner.patch()).map_err(|refusal| {
                    format!("must be in a form that can be edited at `{}`: {}", refusal.pointer, refusal.reason)
                })?
            };
            Ok((text, inner.value().clone()))
        };
        match edit() {
            Ok((text, value)) => {
                self.draft(at).set(&["data", key], Value::String(text));
                Some(value)
            }
            Err(rule) => {
                let config_map = self.items[at].id().clone();
                self.problems.push(Problem::NotConfiguration { config_map, key: key.to_owned(), rule });
                None
            }
        }
    }

    /// Plans what marks every item: local configuration, labels, directories, and the spent annotation.
    fn marks(&mut self) {
        for at in 0..self.items.len() {
            match &self.placements[at] {
                Placement::Tooling | Placement::Unplaced => {}
                Placement::Withheld => marks::withhold(self.draft(at)),
                Placement::Placed { claim, .. } => {
                    let claim = *claim;
                    marks::spend_annotation(self.draft(at));
                    if self.spec.output == Output::All {
                        self.mark_all(at, claim);
                    }
                }
            }
        }
        if self.spec.output == Output::All && self.spec.directories.is_none() {
            let namespaced = |addition: &Value| match addition["type"].as_str() {
                Some("Opaque") => Claim::Only(Plane::Control),
                _ => Claim::Only(Plane::Data),
            };
            for addition in &mut self.plan.additions {
                let mut draft = Draft::new(addition.clone());
                marks::label(&mut draft, namespaced(addition));
                *addition = draft.value().clone();
            }
        }
    }

    /// `output: All`: a label, or a place in the plane's directory.
    fn mark_all(&mut self, at: usize, claim: Claim) {
        let Some(directories) = &self.spec.directories else {
            marks::label(self.draft(at), claim);
            return;
        };
        let items = self.items;
        let Some(routes) = marks::routes(&items[at], claim, directories) else {
            self.problems.push(Problem::NoPath { id: items[at].id().clone() });
            return;
        };
        let is_there = |path: &String| {
            let twin = |item: &&Resource<'_>| item.id() == items[at].id() && marks::path(item) == Some(path);
            items.iter().any(|item| twin(&item))
        };
        if let Some(copy) = routes.copy.filter(|copy| !is_there(copy)) {
            let mut draft = self.draft(at).clone();
            marks::route(&mut draft, &copy);
            self.plan.copies.push((at, draft));
        }
        marks::route(self.draft(at), &routes.path);
    }
}

/// Whether an item is the object `id`, under its current or an earlier name.
fn is_named(item: &Resource<'_>, id: &ResId) -> bool {
    item.id().gvk == id.gvk
        && names(item).any(|name| name == id.name)
        && item.id().effective_namespace() == id.effective_namespace()
}

fn secret_keys(secret: &Value) -> impl Iterator<Item = &str> {
    ["data", "stringData"]
        .into_iter()
        .filter_map(|field| secret.get(field)?.as_object())
        .flat_map(|entries| entries.keys().map(String::as_str))
}

/// JSON with sorted keys: equal for equal content, whatever its order.
fn canonical(value: &Value) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(entries) => {
                let entries: BTreeMap<&String, Value> =
                    entries.iter().map(|(key, value)| (key, sorted(value))).collect();
                json!(entries)
            }
            Value::Array(values) => values.iter().map(sorted).collect(),
            other => other.clone(),
        }
    }
    sorted(value).to_string()
}
