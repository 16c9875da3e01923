//! Finds the names of Services in text: configuration, commands, arguments and environment.
//!
//! Text is read once and every word looked up, so the number of Services does not matter. A word alone is hardly ever a
//! host, so it must be where a host does: in a URL, before a port that the Service has, after a key like `endpoint`.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::note::{Word, pod_spec};
use super::walk::{self, Path};
use super::{Referrer, Sought, Strength, Wanted};
use crate::field_path::FieldPath;
use crate::wire::Resource;
use crate::workload::pod_template;
use crate::yaml::view::Cursor;

/// What the last word of a key is when its value is a host.
const HOST_KEYS: [&str; 8] = ["host", "hostname", "endpoint", "address", "addr", "server", "url", "uri"];

/// The flags that a host follows.
const HOST_FLAGS: [&str; 5] = ["-h", "--host", "--endpoint", "--address", "--server"];

/// Services by the names that resolve to them.
#[derive(Debug, Default)]
pub struct Services<'s> {
    named: HashMap<(&'s str, &'s str), Vec<Service>>,
}

#[derive(Debug)]
struct Service {
    index: usize,
    ports: Vec<u64>,
}

/// A host name of a Service, somewhere in a resource's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The field that holds the text: `data["config.yaml"]`.
    pub field: FieldPath,
    /// The host as it is written, with its port: `minio.flyte.svc.cluster.local:9000`.
    pub host: String,
    /// The Service's namespace.
    pub namespace: String,
    /// The Service's name.
    pub service: String,
    /// The positions of the Services it may mean, ascending.
    pub targets: Vec<usize>,
}

/// Whether an item is a Service of the core group.
pub fn is_service(item: &Resource<'_>) -> bool {
    item.id().gvk.kind == "Service" && item.id().gvk.group.is_empty()
}

impl<'s> Services<'s> {
    /// The Services among `items`.
    #[must_use]
    pub fn new(items: &'s [Resource<'s>]) -> Self {
        let mut services = Self::default();
        for (position, item) in items.iter().enumerate().filter(|(_, item)| is_service(item)) {
            services.insert(position, item, &item.view(ports));
        }
        services
    }

    pub(super) fn insert(&mut self, position: usize, item: &'s Resource<'s>, ports: &[u64]) {
        for name in item.names() {
            for namespace in item.namespaces() {
                let named = self.named.entry((namespace, name)).or_default();
                if named.last().is_none_or(|last| last.index != position) {
                    named.push(Service { index: position, ports: ports.to_vec() });
                }
            }
        }
    }

    fn get<'g>(&'g self, namespace: &'g str, name: &'g str) -> &'g [Service] {
        self.named.get(&(namespace, name)).map_or(&[], Vec::as_slice)
    }
}

/// The ports of a Service.
pub(super) fn ports(service: Cursor<'_, '_>) -> Vec<u64> {
    let ports = service.at(["spec", "ports"]).into_iter().flat_map(Cursor::items);
    ports.filter_map(|port| port.get("port")?.value().as_u64()).collect()
}

/// Adds the host names among the `words` in the referrer's text, the first of each Service in each field.
pub(super) fn collect(referrer: &mut Referrer<'_, '_>, words: &[Word]) {
    let mut seen = HashSet::new();
    for word in words {
        let own = referrer.resource().id().effective_namespace();
        let Some((namespace, service, targets)) = service(word, own, &referrer.index.hosts) else { continue };
        if !seen.insert((&word.field, targets.clone())) {
            continue;
        }
        let wanted = Wanted {
            group: Some("".into()),
            kind: "Service".into(),
            namespace: Some(namespace.to_owned()),
            sought: Sought::Name(service.to_owned()),
        };
        referrer.add(FieldPath::clone(&word.field), wanted, targets, Strength::Soft, false);
    }
}

/// Every host name of a Service in the text of `item`, in order.
#[must_use]
pub fn mentions_of(item: &Resource<'_>, services: &Services<'_>) -> Vec<Mention> {
    if services.named.is_empty() {
        return Vec::new();
    }
    let mention = |word: &Word| {
        let (namespace, service, targets) = service(word, item.id().effective_namespace(), services)?;
        Some(Mention {
            field: FieldPath::clone(&word.field),
            host: printed(word),
            namespace: namespace.to_owned(),
            service: service.to_owned(),
            targets,
        })
    };
    item.view(|object| words(item, object)).iter().filter_map(mention).collect()
}

/// Every host of the form `SERVICE.NAMESPACE.svc` in the text of `item` that names no Service, in order; `namespaces` are
/// those that are meant.
#[must_use]
pub fn strange_hosts(item: &Resource<'_>, services: &Services<'_>, namespaces: &BTreeSet<&str>) -> Vec<Mention> {
    let stranger = |word: &Word| {
        let (service, namespace) = full_name(&word.host)?;
        let is_strange = namespaces.contains(namespace) && services.get(namespace, service).is_empty();
        is_strange.then(|| Mention {
            field: FieldPath::clone(&word.field),
            host: printed(word),
            namespace: namespace.to_owned(),
            service: service.to_owned(),
            targets: Vec::new(),
        })
    };
    item.view(|object| words(item, object)).iter().filter_map(stranger).collect()
}

/// The Service and namespace of a host that says so: `minio.flyte.svc.cluster.local`, `redis-0.redis.flyte.svc`.
fn full_name(host: &str) -> Option<(&str, &str)> {
    let labels: Vec<&str> = host.split('.').collect();
    let at = labels.iter().position(|label| *label == "svc").filter(|at| [2, 3].contains(at))?;
    let is_local = labels.len() == at + 1 || labels[at + 1..] == ["cluster", "local"];
    let is_whole = labels[..at].iter().all(|label| !label.is_empty());
    (is_local && is_whole).then_some((labels[at - 2], labels[at - 1]))
}

/// A host as it is written, with its port.
fn printed(word: &Word) -> String {
    word.port.map_or_else(|| word.host.to_string(), |port| format!("{}:{port}", word.host))
}

/// What may be host names in the text of `item`, whose object is `object`, in order.
pub(super) fn words(item: &Resource<'_>, object: Cursor<'_, '_>) -> Vec<Word> {
    let mut words = Vec::new();
    if item.id().gvk.kind == "ConfigMap" && item.id().gvk.group.is_empty() {
        for (key, text) in object.get("data").into_iter().flat_map(Cursor::entries) {
            let path = Path::Key(&Path::At(&FieldPath::at("data")), &key);
            scan(&text.text().unwrap_or_default(), &key, &path, &mut words);
        }
    }
    let Some((pod, path)) = pod_template(item.id()).and_then(|template| pod_spec(template, object)) else {
        return words;
    };
    for list in ["initContainers[]", "containers[]"] {
        walk::each(pod, list, &Path::At(&path), &mut |container, path| {
            for list in ["command", "args"] {
                let mut hint = Cow::default();
                let list_path = Path::Key(path, list);
                for (position, word) in container.get(list).into_iter().flat_map(Cursor::items).enumerate() {
                    let word = word.text().unwrap_or_default();
                    scan(&word, &hint, &Path::Position(&list_path, position), &mut words);
                    hint = word;
                }
            }
            walk::each(container, "env[]", path, &mut |variable, path| {
                let text = |key: &str| variable.get(key).and_then(Cursor::text).unwrap_or_default();
                scan(&text("value"), &text("name"), &Path::Key(path, "value"), &mut words);
            });
        });
    }
    words
}

/// Looks at every word of `text`, which is at `path`; `hint` is the key or flag that the whole text belongs to.
fn scan(text: &str, hint: &str, path: &Path<'_>, words: &mut Vec<Word>) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let bytes = text.as_bytes();
    let mut field: Option<Arc<FieldPath>> = None;
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        let place = Place { before: &text[..start], hint, after: &text[at..] };
        let word = text[start..at].trim_end_matches('.');
        if let Some((port, is_in_place)) = place.of_host(word) {
            let field = field.get_or_insert_with(|| path.field().into()).clone();
            words.push(Word { field, host: word.into(), port, is_in_place });
        }
    }
}

/// The name of the Service and the namespace, where it has one, that a host name is made of.
fn parts(word: &str) -> Option<(&str, Option<&str>)> {
    let mut labels = word.split('.');
    match (labels.next()?, labels.next(), labels.next()) {
        (name, None, _) => Some((name, None)),
        (name, Some(namespace), None | Some("svc")) => Some((name, Some(namespace))),
        // A pod of a StatefulSet: `redis-0.redis.flyte.svc`.
        (_, Some(name), Some(namespace)) if labels.next() == Some("svc") => Some((name, Some(namespace))),
        _ => None,
    }
}

/// The namespace, the name and the positions of the Services `word` means to a resource in the namespace `own`.
fn service<'w>(word: &'w Word, own: &'w str, services: &Services<'_>) -> Option<(&'w str, &'w str, Vec<usize>)> {
    let (name, namespace) = parts(&word.host)?;
    let found = services.get(namespace.unwrap_or(own), name);
    let has_port = || word.port.is_some_and(|port| found.iter().any(|service| service.ports.contains(&port)));
    let is_it = !found.is_empty() && (namespace.is_some() || word.is_in_place || has_port());
    is_it.then(|| (namespace.unwrap_or(own), name, found.iter().map(|service| service.index).collect()))
}

/// What is around a word.
struct Place<'t> {
    before: &'t str,
    hint: &'t str,
    after: &'t str,
}

impl Place<'_> {
    /// The port behind `word` and whether it is where a host is; nothing when it cannot be one.
    fn of_host(&self, word: &str) -> Option<(Option<u64>, bool)> {
        let (_, namespace) = parts(word).filter(|_| !self.is_something_else())?;
        let port = self.port();
        let is_in_place = namespace.is_none() && (self.is_in_url() || self.is_after_host_key());
        (namespace.is_some() || is_in_place || port.is_some()).then_some((port, is_in_place))
    }

    fn port(&self) -> Option<u64> {
        let rest = self.after.strip_prefix(':')?;
        let digits = rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(rest.len());
        let ends =
            !rest[digits..].starts_with(|next: char| next.is_ascii_alphanumeric() || matches!(next, '.' | '_' | '-'));
        rest[..digits].parse().ok().filter(|_| ends)
    }

    fn is_in_url(&self) -> bool {
        self.before.ends_with("//") || self.before.ends_with('@')
    }

    /// Whether the word is a directory, a variable or the scheme of a URL.
    fn is_something_else(&self) -> bool {
        self.after.starts_with("://") || self.before.ends_with(['/', '\\', '$', '{']) && !self.is_in_url()
    }

    /// Whether the key or flag before the word wants a host.
    fn is_after_host_key(&self) -> bool {
        const KEY: usize = 48;
        let mut from = self.before.len().saturating_sub(KEY);
        while !self.before.is_char_boundary(from) {
            from += 1;
        }
        let before = self.before[from..].trim_end_matches(['"', '\'']);
        if self.before.trim_matches(['"', '\'', ' ', '\n']).is_empty() {
            return is_host_key(self.hint) || HOST_FLAGS.contains(&self.hint);
        }
        let line = before.trim_end_matches([' ', '\t']);
        match line.strip_suffix([':', '=']) {
            Some(line) => is_host_key(line.trim_end_matches([' ', '"', '\''])),
            None => before != line && HOST_FLAGS.iter().any(|flag| line.ends_with(flag)),
        }
    }
}

fn is_host_key(text: &str) -> bool {
    let last = text.rsplit(|next: char| !next.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    HOST_KEYS.iter().any(|key| last.ends_with(key))
}
