//! What an earlier run left behind: the Secrets that it made, and the files of clusters that it gave flyteadmin.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::flyteadmin::section::{Cluster, Section};
use crate::flyteadmin::{ca_cert_key, token_key};
use crate::wire::lookup::names;
use crate::wire::{Resource, annotations};
use crate::yaml::view;

/// What is known of an earlier run.
#[derive(Default)]
pub(super) struct Traces {
    /// The Secrets that it made, by namespace and every name.
    pub(super) secrets: BTreeSet<(String, String)>,
    /// The clusters whose files are in those Secrets.
    pub(super) clusters: BTreeSet<String>,
    /// The directories in which flyteadmin's configuration names the files of the spec's clusters.
    pub(super) directories: BTreeSet<String>,
}

impl Traces {
    /// Adds a Secret that an earlier run made.
    pub(super) fn add_secret(&mut self, item: &Resource<'_>) {
        let namespace = item.id().effective_namespace();
        self.secrets.extend(names(item).map(|name| (namespace.to_owned(), name.to_owned())));
        let keys = item.value()["data"].as_object().into_iter().flat_map(|data| data.keys());
        self.clusters.extend(keys.filter_map(|key| key.strip_suffix("_token")).map(str::to_owned));
    }
}

/// Files of clusters that go away.
pub(super) enum LostFiles {
    /// The two of a cluster.
    Of(String),
    /// Those in a directory, but for clusters that have others now.
    In { directory: String, except: BTreeSet<String> },
}

impl LostFiles {
    /// Whether they are those of a cluster.
    pub(super) fn has(&self, cluster: &Cluster) -> bool {
        let Some(place) = directory(cluster) else { return false };
        match self {
            Self::Of(name) => cluster.name == *name,
            Self::In { directory, except } => place == directory && !except.contains(&cluster.name),
        }
    }
}

/// Whether this function made the item in an earlier run.
pub(super) fn is_injected(item: &Resource<'_>) -> bool {
    item.annotation(annotations::INJECTED) == Some("true")
}

/// Whether a Secret has the form that this function gives it: type `Opaque`, a token and a CA for each cluster, no more.
pub(super) fn is_plain(secret: &Value) -> bool {
    let Some(data) = secret["data"].as_object() else { return false };
    let is_paired = |key: &String| match (key.strip_suffix("_token"), key.strip_suffix("_cacert")) {
        (Some(cluster), _) => data.contains_key(&ca_cert_key(cluster)),
        (_, Some(cluster)) => data.contains_key(&token_key(cluster)),
        _ => false,
    };
    let fields = ["apiVersion", "kind", "metadata", "type", "data"];
    let is_known = |field: &String| fields.contains(&field.as_str());
    let is_bare = secret.as_object().is_some_and(|object| object.keys().all(is_known));
    is_bare && secret["type"] == "Opaque" && !data.is_empty() && data.keys().all(is_paired)
}

/// The clusters in the texts of a ConfigMap, each with the key of its text.
pub(super) fn clusters(config_map: &Value) -> impl Iterator<Item = (String, Cluster)> {
    let texts = config_map["data"].as_object().into_iter().flatten();
    let texts = texts.filter_map(|(key, text)| Some((key, text.as_str()?)));
    texts.flat_map(|(key, text)| {
        let section = view::read(text).ok().and_then(|config| Section::read(&config));
        let clusters = section.and_then(|section| section.clusters).into_iter().flatten();
        clusters.map(|cluster| (key.clone(), cluster))
    })
}

/// The directory of a cluster's two files, if they are called as this function calls them.
pub(super) fn directory(cluster: &Cluster) -> Option<&str> {
    let [Some(token), Some(ca_cert)] = &cluster.files else { return None };
    let directory = token.strip_suffix(&token_key(&cluster.name))?.strip_suffix('/')?;
    (ca_cert.strip_suffix(&ca_cert_key(&cluster.name))?.strip_suffix('/')? == directory).then_some(directory)
}
