//! What a container sees of the ConfigMaps and Secrets of one plane: files, variables, and the configuration in them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::field_path::FieldPath;
use crate::flyteadmin::command::{self, Command, Pattern};
use crate::flyteadmin::files::read_order;
use crate::flyteadmin::section::Section;
use crate::flyteadmin::settings::{Merged, Setting, settings};
use crate::flyteadmin::{ca_cert_key, token_key};
use crate::spec::{Cluster, ExistingSecret, SecretSource, Spec};
use crate::wire::{ResId, Resource};
use crate::workload::files::{self, Mount, Source, SourceKind, nearest};
use crate::workload::{CONTAINER_LISTS, list, pod_template, text};
use crate::yaml::view;

/// An object of the plane as it is written.
pub struct Object<'o> {
    /// Its id.
    pub id: ResId,
    /// The names that it has.
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

    /// Whether it is a ConfigMap or Secret of Kubernetes.
    fn is(&self, kind: &str) -> bool {
        self.id.gvk.group.is_empty() && self.id.gvk.kind == kind
    }
}

/// A key of a ConfigMap or Secret, by the position of the object.
pub type Key<'o> = (usize, &'o str);

/// What is under a key of a ConfigMap or Secret, and what it configures.
struct Entry<'o> {
    field: &'static str,
    value: &'o Value,
    settings: OnceCell<Vec<Setting>>,
}

/// One plane as it is written.
pub struct PlaneView<'o> {
    /// The spec.
    pub spec: &'o Spec,
    /// The objects of the plane.
    pub objects: &'o [Object<'o>],
    /// The ConfigMaps and Secrets by kind, namespace and name.
    index: BTreeMap<(&'o str, &'o str, &'o str), usize>,
    /// What the ConfigMaps and Secrets hold, by position and key; read when it is asked for.
    entries: BTreeMap<usize, OnceCell<BTreeMap<&'o str, Entry<'o>>>>,
    /// The files that come from a Secret of one cluster, which is made elsewhere, with the key of each.
    existing: BTreeMap<String, &'o str>,
}

/// A container and where it looks.
pub struct Container<'c> {
    /// The workload.
    pub workload: &'c Object<'c>,
    /// The field path in the workload.
    pub field: FieldPath,
    /// Its name.
    pub name: &'c str,
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

impl Container<'_> {
    /// The namespace of its pod.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.workload.id.effective_namespace()
    }
}

/// A file of a container that is a key of a ConfigMap or Secret of the plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File<'o> {
    /// Its path.
    pub path: String,
    /// The key.
    pub key: Key<'o>,
}

impl<'o> PlaneView<'o> {
    /// What `objects` show, and what `spec` says of those that are made elsewhere.
    #[must_use]
    pub fn new(spec: &'o Spec, objects: &'o [Object<'o>]) -> Self {
        let mut index = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for (at, object) in objects.iter().enumerate() {
            if !object.is("ConfigMap") && !object.is("Secret") {
                continue;
            }
            for name in &object.names {
                index.entry((object.id.gvk.kind.as_str(), object.id.effective_namespace(), *name)).or_insert(at);
            }
            entries.insert(at, OnceCell::new());
        }
        let existing = spec.clusters.iter().filter_map(|cluster| Some((&cluster.name, cluster.existing_secret()?)));
        let existing = existing.flat_map(|(cluster, existing)| {
            [(token_key(cluster), existing.token_key.as_str()), (ca_cert_key(cluster), &existing.ca_cert_key)]
        });
        Self { spec, objects, index, entries, existing: existing.collect() }
    }

    /// What an object holds; nothing unless it is a ConfigMap or Secret.
    fn entries(&self, at: usize) -> Option<&BTreeMap<&'o str, Entry<'o>>> {
        let entries = self.entries.get(&at)?;
        let value = || self.objects[at].value();
        let entry = |field, (key, value): (&'o String, &'o Value)| {
            (key.as_str(), Entry { field, value, settings: OnceCell::new() })
        };
        Some(entries.get_or_init(|| {
            let fields = ["data", "binaryData", "stringData"].into_iter();
            let all = fields
                .flat_map(|field| value()[field].as_object().into_iter().flatten().map(move |of| entry(field, of)));
            all.collect()
        }))
    }

    fn entry(&self, (at, key): Key<'_>) -> Option<&Entry<'o>> {
        self.entries(at)?.get(key)
    }

    /// Every container of the plane.
    pub fn containers(&self) -> impl Iterator<Item = Container<'o>> + use<'_, 'o> {
        self.objects.iter().flat_map(move |workload| self.containers_of(workload))
    }

    fn containers_of(&self, workload: &'o Object<'o>) -> Vec<Container<'o>> {
        let Some(template) = pod_template(&workload.id) else { return Vec::new() };
        if !self.is_selected_at_all(workload) && !workload.may_hold(|text| self.concerns(text)) {
            return Vec::new();
        }
        let Some(pod) = template.get(workload.value(), &["spec"]) else { return Vec::new() };
        let mut found = Vec::new();
        for containers in CONTAINER_LISTS {
            for (at, value) in list(pod, containers).iter().enumerate() {
                let name = text(value, "name");
                found.push(Container {
                    workload,
                    field: FieldPath::through(workload.value(), template.path_to(&["spec", containers])).index(at),
                    name,
                    value,
                    is_selected: self.is_selected(workload, name),
                    command: Command::of(value),
                    patterns: command::patterns(value),
                    mounts: files::mounts(pod, value),
                });
            }
        }
        found
    }

    /// Whether `mounts` names some container of a workload.
    fn is_selected_at_all(&self, workload: &Object<'_>) -> bool {
        let is_of = |input| self.spec.credentials.mounts.iter().any(|mount| mount.selector.matches(input));
        workload.input.is_some_and(is_of)
    }

    /// Whether a workload of this text may have a container that reads configuration or mounts a target.
    fn concerns(&self, text: &str) -> bool {
        let mut targets = self.spec.cluster_config.targets.iter().map(|target| target.config.config_map.as_str());
        Command::may_be_in(text) || targets.any(|name| text.contains(name))
    }

    /// Whether `mounts` names a container.
    fn is_selected(&self, workload: &Object<'_>, container: &str) -> bool {
        self.spec.credentials.mounts.iter().any(|mount| {
            workload.input.is_some_and(|input| mount.selector.matches(input))
                && mount.containers.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| wanted == container))
        })
    }

    /// The files of a container that come from ConfigMaps and Secrets of the plane, in the order of their paths.
    #[must_use]
    pub fn files(&self, container: &Container<'o>) -> Vec<File<'o>> {
        let mut found = BTreeMap::new();
        for mount in &container.mounts {
            for source in &mount.sources {
                let Some(at) = self.object(container, source) else { continue };
                for key in self.keys(at) {
                    let Some(path) = mount.path_of(source, key.1) else { continue };
                    // Of two mounts at one path the later one lies on top, and so it is with projections.
                    if nearest(&container.mounts, &path).is_some_and(|top| std::ptr::eq(top, mount)) {
                        found.insert(path, key);
                    }
                }
            }
        }
        found.into_iter().map(|(path, key)| File { path, key }).collect()
    }

    /// What the text under a key sets; nothing if it is no configuration.
    #[must_use]
    pub fn settings<'s>(&'s self, key: Key<'s>) -> &'s [Setting] {
        let Some(entry) = self.entry(key) else { return &[] };
        entry.settings.get_or_init(|| {
            let text = entry.value.as_str().unwrap_or_default();
            let is_encoded = entry.field == "binaryData" || entry.field == "data" && self.objects[key.0].is("Secret");
            let decoded = is_encoded.then(|| BASE64.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
            let config = match &decoded {
                None => view::read(text),
                Some(text) => view::read(text.as_deref().unwrap_or_default()),
            };
            settings(&config.unwrap_or_default())
        })
    }

    /// The section `clusters` under a key.
    #[must_use]
    pub fn section(&self, key: Key<'_>) -> Option<Section> {
        Section::of(self.settings(key))
    }

    /// What remains of several files.
    #[must_use]
    pub fn merged(&self, order: &[Key<'o>]) -> Merged<'_> {
        let files: Vec<&[Setting]> = order.iter().map(|key| self.settings(*key)).collect();
        Merged::new(&files)
    }

    /// The field of a key: `data["clusters.yaml"]`.
    #[must_use]
    pub fn field(&self, key: Key<'_>) -> FieldPath {
        FieldPath::at(self.entry(key).map_or("data", |entry| entry.field)).key(key.1)
    }

    /// Whether a key is one of a Secret, whose content must not be shown.
    #[must_use]
    pub fn is_secret(&self, key: Key<'_>) -> bool {
        self.objects[key.0].is("Secret")
    }

    /// Whether a key is one of a ConfigMap's `data`.
    #[must_use]
    pub fn is_text(&self, key: Key<'_>) -> bool {
        !self.is_secret(key) && self.entry(key).is_some_and(|entry| entry.field == "data")
    }

    /// Whether a key is one of a Secret's `stringData`, whose values are not encoded.
    #[must_use]
    pub fn is_plain(&self, key: Key<'_>) -> bool {
        self.entry(key).is_some_and(|entry| entry.field == "stringData")
    }

    /// The keys of an object, in order.
    pub fn keys(&self, at: usize) -> impl Iterator<Item = Key<'o>> {
        self.entries(at).into_iter().flat_map(BTreeMap::keys).map(move |key| (at, *key))
    }

    fn object(&self, container: &Container<'_>, source: &Source<'_>) -> Option<usize> {
        let kind = if source.kind == SourceKind::ConfigMap { "ConfigMap" } else { "Secret" };
        self.index.get(&(kind, container.namespace(), source.name)).copied()
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
                self.index.get(&("ConfigMap", container.namespace(), *name)) == Some(at)
                    && only.is_none_or(|only| only == *key)
            };
            named.iter().any(is_same)
        };
        wanted.iter().copied().filter(is_named).collect()
    }

    /// Whether a file is there, or may be: the contents of other kinds of volumes are not known.
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
            return self.entry((at, key)).is_some();
        }
        if source.kind == SourceKind::ConfigMap {
            return false;
        }
        let credentials = &self.spec.credentials;
        let is_own = |existing: &ExistingSecret| {
            existing.keys().contains(&key) && (existing.name == source.name || self.is_renamed(existing, source.name))
        };
        (credentials.source == SecretSource::Existing && credentials.secret_name == source.name)
            || self.spec.clusters.iter().filter_map(Cluster::existing_secret).any(is_own)
            || self.is_external(container, source)
    }

    fn is_external(&self, container: &Container<'_>, source: &Source<'_>) -> bool {
        let kind = if source.kind == SourceKind::ConfigMap { "ConfigMap" } else { "Secret" };
        let id = ResId::core(kind, Some(container.namespace()), source.name);
        self.spec.planes.external.iter().any(|selector| selector.matches_id(&id))
    }

    /// Whether a file may come from what is not among the resources: it is not known then whether it is missing.
    #[must_use]
    pub fn may_come_from_elsewhere(&self, container: &Container<'_>, path: &str) -> bool {
        let Some(mount) = nearest(&container.mounts, path) else { return false };
        !mount.is_known || mount.keys_at(path).any(|(source, _)| self.object(container, &source).is_none())
    }

    /// Whether a container may read configuration that cannot be seen: from a volume of another kind, or from a ConfigMap
    /// or Secret that is not among the resources.
    #[must_use]
    pub fn may_read_unseen(&self, container: &Container<'_>) -> bool {
        let is_unseen = |mount: &Mount<'_>| {
            !mount.is_known || mount.sources.iter().any(|source| self.object(container, source).is_none())
        };
        let may_be_read = |mount: &&Mount<'_>| {
            container.patterns.is_empty() || container.patterns.iter().any(|pattern| mount.may_hold(&pattern.text))
        };
        container.mounts.iter().filter(may_be_read).any(is_unseen)
    }
}

/// Those of the files that the container's program reads, in its order.
#[must_use]
pub fn read<'o>(container: &Container<'_>, files: &[File<'o>]) -> Vec<Key<'o>> {
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let mut order = Vec::new();
    for key in read_order(&container.patterns, &paths).into_iter().map(|at| files[at].key) {
        if !order.contains(&key) {
            order.push(key);
        }
    }
    order
}
