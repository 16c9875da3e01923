//! Checks what the programs of Flyte need in one plane: an engine for the control plane's own cluster, encryption on the
//! way to another cluster, the files that configuration names, and a secret of their own.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::plane_view::{Container, Key, Object, PlaneView, read};
use crate::field_path::FieldPath;
use crate::flyteadmin::command::{Command, flags};
use crate::flyteadmin::host::{Host, is_in_cluster};
use crate::flyteadmin::settings::{Merged, settings};
use crate::spec::{CredentialSource, Override};
use crate::wire::ResId;

/// What does not hold, and the resource and field that it is seen in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The resource; nothing for a field of the spec.
    pub id: Option<ResId>,
    /// The field path.
    pub field: FieldPath,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Executions of a cluster that is the control plane's own never start.
    NoEngine {
        /// The cluster's name.
        cluster: String,
        /// Whether no flytepropeller is in the control plane, and what could be.
        propeller: Option<Vec<ResId>>,
        /// Whether no definition of `FlyteWorkflow` is in the control plane, and what could be.
        definition: Option<Vec<ResId>>,
    },
    /// What goes to a host outside of the cluster is sent unencrypted.
    Insecure {
        /// The container that reads it.
        container: String,
        /// The setting: `admin.insecure`.
        setting: String,
        /// The endpoint.
        endpoint: String,
    },
    /// A file that configuration names is not there.
    NoFile {
        /// The container.
        container: String,
        /// The setting that names it: `admin.clientSecretLocation`.
        setting: String,
        /// The ConfigMap or Secret with the setting.
        config: ResId,
        /// The file.
        path: String,
    },
    /// A Secret has the client secret that the chart has by default.
    DefaultSecret,
    /// An entry of `overrides` has no effect, because another file has the setting too.
    OverrideWithoutEffect {
        /// The ConfigMap or Secret of the other file.
        by: ResId,
        /// Its key.
        key: String,
        /// The setting.
        setting: String,
        /// The container.
        container: String,
    },
}

/// The settings that name files which come from Secrets.
const FILES: [&str; 3] = ["clientsecretlocation", "passwordpath", "cacertfilepath"];

/// What the chart `flyte-core` has for `secrets.adminOauthClientCredentials.clientSecret`.
const DEFAULT_SECRET: &str = "foobar";

/// How its base64 begins, whatever white space follows.
const DEFAULT_SECRET_ENCODED: &str = "Zm9vYmFy";

/// Checks the containers of a plane, and its Secrets; `overrides` are those that were made, with their targets.
#[must_use]
pub fn check(view: &PlaneView<'_>, overrides: &[&(ResId, Override)], namespaces: &BTreeSet<&str>) -> Vec<Violation> {
    let mut check = Check { view, overrides, namespaces, violations: Vec::new() };
    for container in view.containers() {
        if container.patterns.is_empty()
            && !container.command.may_read_clusters()
            && !container.command.runs_workflows()
        {
            continue;
        }
        check.container(&container);
    }
    check.secrets();
    check.violations
}

struct Check<'v, 'o> {
    view: &'v PlaneView<'o>,
    overrides: &'v [&'v (ResId, Override)],
    namespaces: &'v BTreeSet<&'v str>,
    violations: Vec<Violation>,
}

impl<'o> Check<'_, 'o> {
    fn add(&mut self, id: &ResId, field: &FieldPath, fault: Fault) {
        let violation = Violation { id: Some(id.clone()), field: field.clone(), fault };
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }

    fn container(&mut self, container: &Container<'o>) {
        let files = self.view.files(container);
        let order = read(container, &files);
        let merged = self.view.merged(&order);
        if container.command.runs_workflows() {
            self.insecure(container, &order, &merged);
        }
        // Neither makes use of passwords: one makes flyteadmin's own secrets, the other serves task pods.
        if !matches!(container.command, Command::Secrets | Command::Webhook) {
            self.named_files(container, &order, &merged);
        }
        self.overrides(container, &order, &merged);
    }

    fn insecure(&mut self, container: &Container<'o>, order: &[Key<'o>], merged: &Merged<'_>) {
        let flags = flags(container.value);
        let flag = |path: &str| flags.iter().find(|(key, _)| key == path).map(|(_, value)| value.clone());
        let is_true =
            |value: &Value| value == true || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"));
        let parents = merged.paths().chain(flags.iter().map(|(key, _)| key.as_str()));
        let parents: BTreeSet<&str> = parents.filter_map(|path| path.strip_suffix(".insecure")).collect();
        for parent in parents {
            let [insecure, endpoint] = ["insecure", "endpoint"].map(|key| format!("{parent}.{key}"));
            let is_insecure = flag(&insecure)
                .map(Value::String)
                .or_else(|| merged.get(&insecure).map(|(_, setting)| setting.value.clone()))
                .is_some_and(|value| is_true(&value));
            let by_file = merged.get(&endpoint);
            let by_flag = flag(&endpoint);
            let Some(host) = by_flag.clone().or_else(|| by_file?.1.value.as_str().map(str::to_owned)) else { continue };
            if !is_insecure || Host::read(&host).is_none_or(|host| is_in_cluster(&host, self.namespaces)) {
                continue;
            }
            let fault = |setting: String| Fault::Insecure {
                container: container.name.to_owned(),
                setting,
                endpoint: host.clone(),
            };
            match by_file.filter(|_| by_flag.is_none()) {
                Some((file, setting)) => {
                    let (parents, _) = setting.written.split_at(setting.written.len() - 1);
                    let setting = format!("{}.insecure", parents.join("."));
                    let key = order[file];
                    self.add(&self.view.objects[key.0].id, &self.view.field(key), fault(setting));
                }
                None => self.add(&container.workload.id, &container.field, fault(insecure)),
            }
        }
    }

    fn named_files(&mut self, container: &Container<'o>, order: &[Key<'o>], merged: &Merged<'_>) {
        for (file, setting) in merged.all() {
            let key = setting.path.rsplit('.').next().unwrap_or_default();
            let path = setting.value.as_str().filter(|path| path.starts_with('/'));
            let Some(path) = path.filter(|_| FILES.contains(&key)) else { continue };
            if self.view.is_file(container, path) || self.view.may_come_from_elsewhere(container, path) {
                continue;
            }
            let fault = Fault::NoFile {
                container: container.name.to_owned(),
                setting: setting.written.join("."),
                config: self.view.objects[order[file].0].id.clone(),
                path: path.to_owned(),
            };
            self.add(&container.workload.id, &container.field, fault);
        }
    }

    /// Overrides of a file count only if no file that is read later has the same.
    fn overrides(&mut self, container: &Container<'o>, order: &[Key<'o>], merged: &Merged<'_>) {
        let made_in = |key: Key<'o>| {
            let id = &self.view.objects[key.0].id;
            self.overrides.iter().filter(move |(of, made)| of == id && made.target.key == key.1)
        };
        let mut found = Vec::new();
        for (file, key) in order.iter().enumerate() {
            for (_, made) in made_in(*key) {
                for wanted in settings(&Value::Object(made.merge.clone())) {
                    let is_set = !wanted.value.is_null() && !wanted.value.is_object();
                    let Some(winner) = merged.winner(&wanted.path, file).filter(|_| is_set) else { continue };
                    let sets = |(_, other): &&(ResId, Override)| {
                        settings(&Value::Object(other.merge.clone())).iter().any(|set| set.path == wanted.path)
                    };
                    let is_equal = merged.get(&wanted.path).is_some_and(|(_, read)| read.value == wanted.value);
                    if !is_equal && !made_in(order[winner]).any(sets) {
                        found.push((made, wanted, order[winner]));
                    }
                }
            }
        }
        for (made, wanted, by) in found {
            let fault = Fault::OverrideWithoutEffect {
                by: self.view.objects[by.0].id.clone(),
                key: by.1.to_owned(),
                setting: wanted.written.join("."),
                container: container.name.to_owned(),
            };
            let violation = Violation { id: None, field: made.merge_field.clone(), fault };
            if !self.violations.iter().any(|known| known.field == violation.field && is_same_loss(known, &violation)) {
                self.violations.push(violation);
            }
        }
    }

    fn secrets(&mut self) {
        let secrets = self.view.objects.iter().enumerate().filter(|(at, _)| self.view.is_secret((*at, "")));
        for (at, object) in secrets.filter(|(_, object)| may_have_default(object)) {
            for key in self.view.keys(at) {
                let (is_plain, field) = (self.view.is_plain(key), self.view.field(key));
                let text = object.value()[if is_plain { "stringData" } else { "data" }][key.1].as_str();
                let text = text.unwrap_or_default();
                let decoded = BASE64.decode(text).ok();
                let is_default = if is_plain {
                    text.trim() == DEFAULT_SECRET
                } else {
                    decoded.is_some_and(|bytes| bytes.trim_ascii() == DEFAULT_SECRET.as_bytes())
                };
                if is_default {
                    self.add(&object.id, &field, Fault::DefaultSecret);
                }
            }
        }
    }
}

/// Whether the text of a Secret has what the default secret looks like.
fn may_have_default(secret: &Object<'_>) -> bool {
    secret.may_hold(|text| [DEFAULT_SECRET, DEFAULT_SECRET_ENCODED].iter().any(|known| text.contains(known)))
}

/// Whether two losses are one, seen by two containers.
fn is_same_loss(one: &Violation, other: &Violation) -> bool {
    match (&one.fault, &other.fault) {
        (
            Fault::OverrideWithoutEffect { by, key, setting, .. },
            Fault::OverrideWithoutEffect { by: other_by, key: other_key, setting: other_setting, .. },
        ) => (by, key, setting) == (other_by, other_key, other_setting),
        _ => false,
    }
}

/// The clusters that are the control plane's own and have no engine there; `elsewhere` is the plane that has more.
#[must_use]
pub fn engines(
    view: &PlaneView<'_>,
    elsewhere: &PlaneView<'_>,
    is_external: &dyn Fn(&ResId) -> bool,
) -> Vec<Violation> {
    let own = view.spec.clusters.iter().enumerate();
    let own = own.filter(|(_, cluster)| cluster.enabled && matches!(cluster.source, CredentialSource::InCluster));
    let engines = |view: &PlaneView<'_>| -> Vec<ResId> {
        let mut ids: Vec<ResId> = view
            .containers()
            .filter(|container| container.command.runs_workflows() && !is_disabled(view, container))
            .map(|container| container.workload.id.clone())
            .collect();
        ids.dedup();
        ids
    };
    let definitions = |view: &PlaneView<'_>| -> Vec<ResId> {
        let is_it = |id: &ResId| id.gvk.kind == "CustomResourceDefinition" && id.name.starts_with("flyteworkflows.");
        view.objects.iter().map(|object| object.id.clone()).filter(is_it).collect()
    };
    let missing = |find: &dyn Fn(&PlaneView<'_>) -> Vec<ResId>| {
        let there = find(elsewhere);
        (find(view).is_empty() && !there.iter().any(is_external)).then_some(there)
    };
    let makes_definition =
        || view.containers().any(|container| container.command.runs_workflows() && makes_definition(view, &container));
    let mut violations = Vec::new();
    for (index, cluster) in own {
        let propeller = missing(&engines);
        let definition = missing(&definitions).filter(|_| !makes_definition());
        if propeller.is_some() || definition.is_some() {
            let fault = Fault::NoEngine { cluster: cluster.name.clone(), propeller, definition };
            violations.push(Violation {
                id: None,
                field: FieldPath::at("spec.clusters").index(index).key("inCluster"),
                fault,
            });
        }
    }
    violations
}

fn has_setting<'o>(view: &PlaneView<'o>, container: &Container<'o>, path: &str) -> bool {
    let order = read(container, &view.files(container));
    let merged = view.merged(&order);
    merged.get(path).is_some_and(|(_, setting)| setting.value == true)
}

fn is_disabled<'o>(view: &PlaneView<'o>, container: &Container<'o>) -> bool {
    container.command == Command::Everything && has_setting(view, container, "flyte.propeller.disabled")
}

/// Whether flytepropeller defines `FlyteWorkflow` by itself.
fn makes_definition<'o>(view: &PlaneView<'o>, container: &Container<'o>) -> bool {
    has_setting(view, container, "propeller.create-flyteworkflow-crd")
}
