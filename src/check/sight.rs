//! Finds what a container sees of the ConfigMaps and Secrets of an output: files, variables, and which files are read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::flyteadmin::command::{Command, Pattern};
use crate::flyteadmin::{ca_cert_key, files, token_key};
use crate::spec::{Cluster, ExistingSecret, SecretSource, Spec};
use crate::wire::{ResId, Resource};
use crate::workload::files::{Mount, Source, SourceKind, nearest};
use crate::workload::{list, text};

/// An object of the control plane as it is written.
pub struct Object<'o> {
    /// Its id.
    pub id: ResId,
    /// The names it answers to.
    pub names: Vec<&'o str>,
    /// What is written.
    pub written: Written<'o>,
    /// What was read; nothing for what is new.
    pub input: Option<&'o Resource<'o>>,
}

/// What is written of an object.
pub enum Written<'o> {
    /// The text of a resource, as it came or edited.
    Text(&'o Resource<'o>),
    /// A value that is new.
    Value(&'o Value),
}

impl<'o> Object<'o> {
    /// The whole of it.
    #[must_use]
    pub fn value(&self) -> &'o Value {
        match self.written {
            Written::Text(resource) => resource.value(),
            Written::Value(value) => value,
        }
    }

    /// Whether one of its texts may be as `is_told` by all of them; most are not, and need no value.
    #[must_use]
    pub fn may_hold(&self, is_told: impl Fn(&str) -> bool) -> bool {
        match self.written {
            // With escapes a text may be anything.
            Written::Text(resource) => resource.text().contains('\\') || is_told(resource.text()),
            Written::Value(_) => true,
        }
    }
}

/// A key of a ConfigMap, by the position of the object.
pub type Key<'o> = (usize, &'o str);

/// Everything that there is to see.
pub struct Sight<'o> {
    spec: &'o Spec,
    objects: &'o [Object<'o>],
    /// The ConfigMaps and Secrets by kind, namespace and name.
    index: BTreeMap<(&'o str, &'o str, &'o str), usize>,
    /// The files that come from a Secret of one cluster, which is made elsewhere, with the key of each.
    existing: BTreeMap<String, &'o str>,
}

/// A container and where it looks.
pub struct Container<'c> {
    /// Its name.
    pub name: &'c str,
    /// The namespace of its pod.
    pub namespace: &'c str,
    /// The whole of it.
    pub value: &'c Value,
    /// Whether `spec.credentials.mounts` names it.
    pub is_selected: bool,
    /// What it runs.
    pub command: Command,
    /// The files that its `--config` names.
    pub patterns: Vec<Pattern>,
    /// What it mounts.
    pub mounts: Vec<Mount<'c>>,
}

impl<'o> Sight<'o> {
    /// What `objects` show, and what `spec` says of those that are made elsewhere.
    #[must_use]
    pub fn new(spec: &'o Spec, objects: &'o [Object<'o>]) -> Self {
        let mut index = BTreeMap::new();
        for (at, object) in objects.iter().enumerate() {
            let kind = object.id.gvk.kind.as_str();
            if object.id.gvk.group.is_empty() && ["ConfigMap", "Secret"].contains(&kind) {
                for name in &object.names {
                    index.entry((kind, object.id.effective_namespace(), *name)).or_insert(at);
                }
            }
        }
        let existing = spec.clusters.iter().filter_map(|cluster| Some((&cluster.name, cluster.existing_secret()?)));
        let existing = existing.flat_map(|(cluster, existing)| {
            [(token_key(cluster), existing.token_key.as_str()), (ca_cert_key(cluster), &existing.ca_cert_key)]
        });
        Self { spec, objects, index, existing: existing.collect() }
    }

    /// The files of a container that come from ConfigMaps of the output, in the order of their paths.
    #[must_use]
    pub fn files(&self, container: &Container<'o>) -> Vec<(String, Key<'o>)> {
        let mut found = BTreeMap::new();
        for mount in &container.mounts {
            for source in mount.sources.iter().filter(|source| source.kind == SourceKind::ConfigMap) {
                let Some(at) = self.object(container, source) else { continue };
                for key in keys(self.objects[at].value()) {
                    let Some(path) = mount.path_of(source, key) else { continue };
                    // Of two mounts at one path the later one lies on top, and so it is with projections.
                    let is_visible = nearest(&container.mounts, &path).is_some_and(|top| std::ptr::eq(top, mount));
                    if is_visible {
                        found.insert(path, (at, key));
                    }
                }
            }
        }
        found.into_iter().collect()
    }

    fn object(&self, container: &Container<'_>, source: &Source<'_>) -> Option<usize> {
        let kind = if source.kind == SourceKind::ConfigMap { "ConfigMap" } else { "Secret" };
        self.index.get(&(kind, container.namespace, source.name)).copied()
    }

    /// Those of `wanted` that a container gets as environment variables.
    #[must_use]
    pub fn variables(&self, container: &Container<'_>, wanted: &BTreeSet<Key<'o>>) -> Vec<Key<'o>> {
        let whole = list(container.value, "envFrom")
            .iter()
            .filter_map(|from| Some((text(from.get("configMapRef")?, "name"), None)));
        let single = list(container.value, "env").iter().filter_map(|variable| {
            let from = variable.get("valueFrom")?.get("configMapKeyRef")?;
            Some((text(from, "name"), Some(text(from, "key"))))
        });
        let named: Vec<(&str, Option<&str>)> = whole.chain(single).collect();
        let is_named = |(at, key): &Key<'o>| {
            let is_same = |(name, only): &(&str, Option<&str>)| {
                self.index.get(&("ConfigMap", container.namespace, *name)) == Some(at)
                    && only.is_none_or(|only| only == *key)
            };
            named.iter().any(is_same)
        };
        wanted.iter().copied().filter(is_named).collect()
    }

    /// Whether a file is there, or may be: what a volume of another kind holds nobody knows.
    #[must_use]
    pub fn is_file(&self, container: &Container<'_>, path: &str) -> bool {
        let Some(mount) = nearest(&container.mounts, path) else { return false };
        !mount.is_known || mount.keys_at(path).any(|(source, key)| self.has_key(container, &source, &key))
    }

    /// Whether a file is the key that it is made from: nothing may hide what was mounted.
    #[must_use]
    pub fn is_credential(&self, container: &Container<'_>, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        let wanted = self.existing.get(name).copied().unwrap_or(name);
        let mount = nearest(&container.mounts, path).filter(|mount| mount.is_known);
        mount.is_some_and(|mount| mount.keys_at(path).any(|(_, key)| key == wanted))
    }

    /// Whether what makes the Secret is called `name` by now.
    fn is_renamed(&self, existing: &ExistingSecret, name: &str) -> bool {
        self.objects.iter().any(|object| object.id.name == name && object.names.contains(&existing.name.as_str()))
    }

    fn has_key(&self, container: &Container<'_>, source: &Source<'_>, key: &str) -> bool {
        if let Some(at) = self.object(container, source) {
            return has_key(self.objects[at].value(), key);
        }
        if source.kind == SourceKind::ConfigMap {
            return false;
        }
        let credentials = &self.spec.credentials;
        let id = ResId::core("Secret", Some(container.namespace), source.name);
        let is_own = |existing: &ExistingSecret| {
            existing.keys().contains(&key) && (existing.name == source.name || self.is_renamed(existing, source.name))
        };
        (credentials.source == SecretSource::Existing && credentials.secret_name == source.name)
            || self.spec.clusters.iter().filter_map(Cluster::existing_secret).any(is_own)
            || self.spec.planes.external.iter().any(|selector| selector.matches_id(&id))
    }
}

/// The files that flyteadmin reads, in its order.
#[must_use]
pub fn read_order<'o>(container: &Container<'_>, found: &[(String, Key<'o>)]) -> Vec<Key<'o>> {
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    let mut order = Vec::new();
    for key in files::read_order(&container.patterns, &paths).into_iter().map(|at| found[at].1) {
        if !order.contains(&key) {
            order.push(key);
        }
    }
    order
}

/// The keys of a ConfigMap or Secret that hold text.
pub fn keys(object: &Value) -> impl Iterator<Item = &str> {
    let fields = ["data", "stringData"].into_iter().filter_map(|field| object.get(field)?.as_object());
    fields.flat_map(|entries| entries.keys().map(String::as_str))
}

fn has_key(object: &Value, key: &str) -> bool {
    ["data", "stringData", "binaryData"].iter().any(|field| object[field].get(key).is_some())
}
