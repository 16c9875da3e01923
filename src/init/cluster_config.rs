//! Finds where flyteadmin reads `clusters`, who needs the credentials, and whose token a data plane hands out.

use serde_json::{Value, json};

use super::components::Component;
use super::selectors::{identity, stable_name};
use super::{Cluster, Draft, Line};
use crate::flyteadmin::command::{Command, patterns};
use crate::flyteadmin::files::read_order;
use crate::flyteadmin::section::Section;
use crate::wire::lookup::names;
use crate::wire::{ResId, Resource};
use crate::workload::files::{self, Source, SourceKind};
use crate::workload::{list, pod_template, text};
use crate::yaml::view;

/// The key that is made where none has the section.
const KEY: &str = "clusters.yaml";

/// The ConfigMap that is made where every other is seen by a container that must not see the clusters.
const OWN_CONFIG_MAP: &str = "flyte-clusters";

/// The lists of the containers that can run flyteadmin.
const LISTS: [&str; 2] = ["containers", "initContainers"];

/// Where the credentials may be mounted, the default first.
const MOUNT_PATHS: [&str; 3] =
    ["/var/run/credentials", "/var/run/cluster-credentials", "/etc/flyte/cluster-credentials"];

/// Writes into the draft what the clusters need, if anything here reads them.
pub fn propose(draft: &mut Draft, items: &[Resource<'_>], components: &[Option<Component>], clusters: &[Cluster]) {
    let readers: Vec<Reader<'_>> = items.iter().flat_map(|item| readers(item)).collect();
    if readers.is_empty() {
        let remark = "Nothing here is known to read a section `clusters`, so this only splits the resources.";
        draft.remarks.push(remark.to_owned());
        return;
    }
    let default = [Cluster { name: "cluster_1".to_owned(), endpoint: None }];
    draft.clusters = if clusters.is_empty() { default.to_vec() } else { clusters.to_vec() };
    draft.mounts = mounts(items);
    let free = MOUNT_PATHS.iter().find(|path| readers.iter().all(|reader| !is_taken(reader, path)));
    draft.mount_path = free.filter(|path| **path != MOUNT_PATHS[0]).map(|path| (*path).to_owned());
    let mut namespaces: Vec<Option<&String>> = readers.iter().map(|reader| reader.id.namespace.as_ref()).collect();
    namespaces.dedup();
    if let [Some(namespace)] = namespaces[..] {
        draft.namespace = Some(namespace.clone());
    }
    for reader in &readers {
        for line in targets(reader, items) {
            if !draft.targets.iter().any(|known| known.value == line.value) {
                draft.targets.push(line);
            }
        }
    }
    let account = account_of(items, components);
    draft.token = account.map(|account| {
        let id = account.id();
        let name = stable_name(account);
        match &id.namespace {
            Some(namespace) => {
                json!({"serviceAccount": name, "namespace": namespace, "secretName": format!("{name}-token")})
            }
            None => json!({"serviceAccount": name, "secretName": format!("{name}-token")}),
        }
    });
    if components.contains(&Some(Component::Admin)) && !components.contains(&Some(Component::Propeller)) {
        draft.remarks.push(
            "flytepropeller is no workload of its own here: a data plane needs it, with the definition of flyteworkflows."
                .to_owned(),
        );
    }
}

/// The position of the ServiceAccount that flyteadmin runs as, if it is among the items.
pub fn account(items: &[Resource<'_>], components: &[Option<Component>]) -> Option<usize> {
    let account = account_of(items, components)?;
    items.iter().position(|item| std::ptr::eq(item, account))
}

fn account_of<'i, 'a>(items: &'i [Resource<'a>], components: &[Option<Component>]) -> Option<&'i Resource<'a>> {
    let at = [Component::Admin, Component::ClusterResources]
        .into_iter()
        .find_map(|wanted| components.iter().position(|component| *component == Some(wanted)))?;
    let admin = &items[at];
    let pod = pod_template(admin.id())?.get(admin.value(), &["spec"])?;
    let name =
        [text(pod, "serviceAccountName"), text(pod, "serviceAccount")].into_iter().find(|name| !name.is_empty())?;
    find(items, "ServiceAccount", admin.id(), name)
}

/// The item of a kind that `name` means in an object of the id.
fn find<'i, 'a>(items: &'i [Resource<'a>], kind: &str, beside: &ResId, name: &str) -> Option<&'i Resource<'a>> {
    items.iter().find(|item| {
        let is_named = item.names().any(|found| found == name);
        let id = item.id();
        id.gvk.kind == kind && is_named && item.namespaces().any(|found| found == beside.effective_namespace())
    })
}

/// A container that reads the section.
struct Reader<'i> {
    id: &'i ResId,
    pod: &'i Value,
    container: &'i Value,
}

fn readers<'i>(item: &'i Resource<'_>) -> Vec<Reader<'i>> {
    containers_that(item, Command::reads_clusters)
}

/// The containers of an item that run a command that is meant.
fn containers_that<'i>(item: &'i Resource<'_>, is_meant: fn(Command) -> bool) -> Vec<Reader<'i>> {
    let Some(pod) = pod(item) else { return Vec::new() };
    let containers = LISTS.iter().flat_map(|field| list(pod, field));
    let running = containers.filter(|container| is_meant(Command::of(container)));
    running.map(|container| Reader { id: item.id(), pod, container }).collect()
}

/// Whether the container mounts something else there.
fn is_taken(reader: &Reader<'_>, path: &str) -> bool {
    let mounted =
        list(reader.container, "volumeMounts").iter().map(|mount| text(mount, "mountPath").trim_end_matches('/'));
    let mut mounted = mounted.filter(|mounted| !mounted.is_empty());
    mounted.any(|mounted| mounted == path || mounted.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')))
}

fn pod<'i>(item: &'i Resource<'_>) -> Option<&'i Value> {
    pod_template(item.id())?.get(item.value(), &["spec"])
}

/// The workloads with such containers; those are named unless every container is one.
fn mounts(items: &[Resource<'_>]) -> Vec<Line> {
    let line = |item: &Resource<'_>| {
        let readers = readers(item);
        let pod = pod(item).filter(|_| !readers.is_empty())?;
        let mut fields = identity(item, items);
        let all: Vec<&Value> = LISTS.iter().flat_map(|field| list(pod, field)).collect();
        if readers.len() < all.len() {
            let names: Vec<&str> = readers.iter().map(|reader| text(reader.container, "name")).collect();
            fields.insert("containers".to_owned(), json!(names));
        }
        let has_secrets = all.iter().any(|container| Command::of(container) == Command::Secrets);
        let others = "The other containers need no credentials, and generate-secrets must not see a cluster.";
        let comments = if has_secrets { vec![others.to_owned()] } else { Vec::new() };
        Some(Line { comments, value: Value::Object(fields) })
    };
    items.iter().filter_map(line).collect()
}

/// A file that a container finds: its path, and the ConfigMap and key that it comes from.
struct File<'i> {
    path: String,
    config_map: usize,
    key: &'i str,
    text: &'i str,
}

/// The files of ConfigMaps that the reader finds.
fn found<'i>(reader: &Reader<'_>, items: &'i [Resource<'_>]) -> Vec<File<'i>> {
    let mut found = Vec::new();
    for mount in files::mounts(reader.pod, reader.container) {
        for source in &mount.sources {
            let Some(at) = config_map(source, reader.id, items) else { continue };
            for (key, text) in items[at].value().get("data").and_then(Value::as_object).into_iter().flatten() {
                if let (Some(path), Some(text)) = (mount.path_of(source, key), text.as_str()) {
                    found.push(File { path, config_map: at, key, text });
                }
            }
        }
    }
    found
}

fn config_map(source: &Source<'_>, beside: &ResId, items: &[Resource<'_>]) -> Option<usize> {
    if source.kind != SourceKind::ConfigMap {
        return None;
    }
    let item = find(items, "ConfigMap", beside, source.name)?;
    items.iter().position(|other| std::ptr::eq(other, item))
}

/// Where the reader would see the section: the file that has it, the one file that is read, or a new one.
fn targets(reader: &Reader<'_>, items: &[Resource<'_>]) -> Vec<Line> {
    let files = found(reader, items);
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let read: Vec<&File<'_>> =
        read_order(&patterns(reader.container), &paths).into_iter().map(|at| &files[at]).collect();
    let section = |text: &str| view::read(text).ok().and_then(|config| Section::read(&config));
    let has_list = |file: &&&File<'_>| section(file.text).is_some_and(|section| section.clusters.is_some());
    let has_section = |file: &&&File<'_>| section(file.text).is_some();
    let written = read.iter().rev().find(has_list).or_else(|| read.iter().rev().find(has_section));
    if let Some(file) = written {
        return vec![target(&items[file.config_map], file.key, items, "has the section already")];
    }
    if let [file] = read[..]
        && patterns(reader.container).iter().all(|pattern| pattern.text == file.path)
    {
        return vec![target(&items[file.config_map], file.key, items, "is the one file that flyteadmin reads")];
    }
    match new_key(reader, items) {
        Some(at) => vec![target(&items[at], KEY, items, "is read beside the files that are there")],
        None => vec![Line {
            comments: vec![
                "Made for this, because each of the others is seen by a container that must not see a cluster."
                    .to_owned(),
            ],
            value: json!({"configMap": OWN_CONFIG_MAP, "key": KEY, "create": true}),
        }],
    }
}

fn target(item: &Resource<'_>, key: &str, items: &[Resource<'_>], why: &str) -> Line {
    let mut value = json!({"configMap": stable_name(item), "key": key});
    let is_namesake = |other: &&Resource<'_>| {
        other.id().gvk.kind == "ConfigMap" && names(other).any(|name| name == stable_name(item))
    };
    if items.iter().filter(is_namesake).count() > 1
        && let Some(namespace) = &item.id().namespace
    {
        value["namespace"] = json!(namespace);
    }
    Line { comments: vec![format!("{key} of {} {why}.", stable_name(item))], value }
}

/// The ConfigMap in which a new key is read by the reader, and by nobody who must not see the clusters.
fn new_key(reader: &Reader<'_>, items: &[Resource<'_>]) -> Option<usize> {
    let forbidden: Vec<usize> = items
        .iter()
        .flat_map(|item| containers_that(item, |command| command == Command::Secrets))
        .flat_map(|container| seen(&container, items))
        .collect();
    seen(reader, items).into_iter().find(|at| !forbidden.contains(at))
}

/// The ConfigMaps in which a new key would be read by the container.
fn seen(reader: &Reader<'_>, items: &[Resource<'_>]) -> Vec<usize> {
    let patterns = patterns(reader.container);
    let mut seen = Vec::new();
    for mount in files::mounts(reader.pod, reader.container) {
        for source in &mount.sources {
            let path = mount.path_of(source, KEY);
            let is_read = path.is_some_and(|path| !read_order(&patterns, &[&path]).is_empty());
            seen.extend(config_map(source, reader.id, items).filter(|_| is_read));
        }
    }
    seen
}
