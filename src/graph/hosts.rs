//! Finds the names of Services in text: configuration, commands, arguments and environment.
//!
//! Text is read once and every word looked up, so the number of Services does not matter. A word alone is hardly ever a
//! host, so it must stand where a host does: in a URL, before a port that the Service has, after a key like `endpoint`.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::references::pod_spec;
use super::{Referrer, Sought, Strength, Wanted, walk};
use crate::field_path::FieldPath;
use crate::wire::Resource;

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
            services.insert(position, item);
        }
        services
    }

    pub(super) fn insert(&mut self, position: usize, item: &'s Resource<'s>) {
        let mut ports = Vec::new();
        walk::each(item.value(), "spec.ports[].port", &mut FieldPath::default(), &mut |port, _| {
            ports.extend(port.as_u64());
        });
        for name in item.names() {
            for namespace in item.namespaces() {
                let named = self.named.entry((namespace, name)).or_default();
                if named.last().is_none_or(|last| last.index != position) {
                    named.push(Service { index: position, ports: ports.clone() });
                }
            }
        }
    }

    fn get<'g>(&'g self, namespace: &'g str, name: &'g str) -> &'g [Service] {
        self.named.get(&(namespace, name)).map_or(&[], Vec::as_slice)
    }
}

/// Adds the host names in the referrer's text, the first of each Service in each field.
pub(super) fn collect(referrer: &mut Referrer<'_, '_>) {
    let mut seen = BTreeSet::new();
    let mut mentions = mentions_of(referrer.resource(), &referrer.index.hosts);
    mentions.retain(|mention| seen.insert((mention.field.clone(), mention.targets.clone())));
    for mention in mentions {
        let wanted = Wanted {
            group: Some("".into()),
            kind: "Service".into(),
            namespace: Some(mention.namespace),
            sought: Sought::Name(mention.service),
        };
        referrer.add(mention.field, wanted, mention.targets, Strength::Soft, false);
    }
}

/// Every host name of a Service in the text of `item`, in order.
#[must_use]
pub fn mentions_of(item: &Resource<'_>, services: &Services<'_>) -> Vec<Mention> {
    let mut mentions = Vec::new();
    if services.named.is_empty() {
        return mentions;
    }
    let mut scan = |field: &FieldPath, hint: &str, text: &str| {
        scan(text, hint, item.id().effective_namespace(), services, &mut |mention| {
            mentions.push(Mention { field: field.clone(), ..mention });
        });
    };
    if item.id().gvk.kind == "ConfigMap" && item.id().gvk.group.is_empty() {
        for (key, text) in item.value().get("data").and_then(Value::as_object).into_iter().flatten() {
            scan(&FieldPath::at("data").key(key), key, text.as_str().unwrap_or_default());
        }
    }
    let Some((pod, path)) = pod_spec(item) else { return mentions };
    for list in ["initContainers[]", "containers[]"] {
        walk::each(pod, list, &mut path.clone(), &mut |container, path| {
            for words in ["command", "args"] {
                let mut hint = "";
                walk::each(container, &format!("{words}[]"), &mut path.clone(), &mut |word, path| {
                    let word = word.as_str().unwrap_or_default();
                    scan(path, hint, word);
                    hint = word;
                });
            }
            walk::each(container, "env[]", &mut path.clone(), &mut |variable, path| {
                let text = |key: &str| variable.get(key).and_then(Value::as_str).unwrap_or_default();
                scan(&path.then("value"), text("name"), text("value"));
            });
        });
    }
    mentions
}

/// Looks up every word of `text`; `hint` is the key or flag that the whole text belongs to.
fn scan(text: &str, hint: &str, namespace: &str, services: &Services<'_>, found: &mut dyn FnMut(Mention)) {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let bytes = text.as_bytes();
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
        if let Some(mention) = mention(text[start..at].trim_end_matches('.'), &place, namespace, services) {
            found(mention);
        }
    }
}

/// What stands around a word.
struct Place<'t> {
    before: &'t str,
    hint: &'t str,
    after: &'t str,
}

impl Place<'_> {
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

fn mention(word: &str, place: &Place<'_>, own: &str, services: &Services<'_>) -> Option<Mention> {
    if place.is_something_else() {
        return None;
    }
    let mut labels = word.split('.');
    let (first, second, third) = (labels.next()?, labels.next(), labels.next());
    let (service, namespace) = match (second, third) {
        (None, _) => (first, own),
        (Some(namespace), None | Some("svc")) => (first, namespace),
        // A pod of a StatefulSet: `redis-0.redis.flyte.svc`.
        (Some(service), Some(namespace)) if labels.next() == Some("svc") => (service, namespace),
        _ => return None,
    };
    let found = services.get(namespace, service);
    let port = place.port();
    let has_port = || port.is_some_and(|port| found.iter().any(|service| service.ports.contains(&port)));
    if found.is_empty() || second.is_none() && !place.is_in_url() && !has_port() && !place.is_after_host_key() {
        return None;
    }
    Some(Mention {
        field: FieldPath::default(),
        host: port.map_or_else(|| word.to_owned(), |port| format!("{word}:{port}")),
        namespace: namespace.to_owned(),
        service: service.to_owned(),
        targets: found.iter().map(|service| service.index).collect(),
    })
}
