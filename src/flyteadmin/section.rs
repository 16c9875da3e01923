//! Reads the section `clusters` of a configuration file.
//!
//! Source: flyteadmin `pkg/runtime/interfaces/cluster_configuration.go`; flytestdlib `config/viper/viper.go`,
//! `sliceToMapHook`: a list of maps is read as one map, whose keys keep their case.

use std::collections::BTreeSet;

use serde_json::Value;

use super::keys::{field, folded};
use super::settings::{Setting, settings};

/// The key of the section: `config.MustRegisterSection("clusters", …)`.
pub const SECTION: &str = "clusters";
/// The key of the list of clusters in it.
pub const CLUSTERS: &str = "clusterConfigs";
/// The key of the map from labels to clusters in it.
pub const LABELS: &str = "labelClusterMap";
/// The key of the label of executions that have none.
pub const DEFAULT_LABEL: &str = "defaultExecutionLabel";

/// The keys of the paths of a cluster's files, under `auth`.
pub const FILES: [&str; 2] = ["tokenPath", "certPath"];

/// A cluster of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Whether executions are sent to it.
    pub is_enabled: bool,
    /// Where its API server is.
    pub endpoint: Option<String>,
    /// The files that it names: that of its token and that of its CA.
    pub files: [Option<String>; 2],
}

/// A label and the clusters that its executions are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// As it is written.
    pub written: String,
    /// As flyteadmin reads it: in lower case, unless it is in a list of maps.
    pub read: String,
    /// The ids of the clusters.
    pub clusters: Vec<String>,
}

/// What a configuration file says about clusters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// The list of clusters, if there is one; even an empty one replaces the list of files before it.
    pub clusters: Option<Vec<Cluster>>,
    /// The labels.
    pub labels: Vec<Label>,
    /// The default label.
    pub default_label: Option<String>,
}

/// What a setting is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `clusterConfigs`, or the whole section as a list.
    Clusters,
    /// `labelClusterMap`.
    Labels,
    /// `defaultExecutionLabel`.
    DefaultLabel,
}

impl Part {
    /// The part that a path of [`settings`] leads to.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix(SECTION)?;
        let Some(rest) = rest.strip_prefix('.') else { return rest.is_empty().then_some(Self::Clusters) };
        let key = rest.split('.').next().unwrap_or_default();
        let parts = [(CLUSTERS, Self::Clusters), (LABELS, Self::Labels), (DEFAULT_LABEL, Self::DefaultLabel)];
        parts.into_iter().find(|(name, _)| folded(name) == key).map(|(_, part)| part)
    }

    /// Its key in the section.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Clusters => CLUSTERS,
            Self::Labels => LABELS,
            Self::DefaultLabel => DEFAULT_LABEL,
        }
    }
}

impl Section {
    /// The section among what a file sets, if it has one.
    #[must_use]
    pub fn of(settings: &[Setting]) -> Option<Self> {
        let mut section = None;
        for setting in settings {
            if Part::of(&setting.path).is_some() || setting.path.starts_with("clusters.") {
                section.get_or_insert_with(Self::default).add(setting);
            }
        }
        section
    }

    /// The section in a configuration.
    #[must_use]
    pub fn read(config: &Value) -> Option<Self> {
        Self::of(&settings(config))
    }

    fn add(&mut self, setting: &Setting) {
        match Part::of(&setting.path) {
            // `clusters: {}` and `clusters:` set nothing.
            Some(Part::Clusters) if setting.path == SECTION && !setting.value.is_array() => {}
            Some(Part::Clusters) => self.clusters = Some(elements(&setting.value).map(cluster).collect()),
            Some(Part::Labels) => self.labels(setting),
            Some(Part::DefaultLabel) => {
                self.default_label = setting.value.as_str().filter(|label| !label.is_empty()).map(str::to_owned);
            }
            None => {}
        }
    }

    fn labels(&mut self, setting: &Setting) {
        let prefix = format!("{SECTION}.{}.", folded(LABELS));
        let is_one = setting.path.starts_with(&prefix);
        if is_one {
            let written = setting.written.join(".");
            let label = |text: &str| text.get(prefix.len()..).unwrap_or_default().to_owned();
            let label = Label { written: label(&written), read: label(&setting.path), clusters: ids(&setting.value) };
            self.labels.retain(|known| known.read != label.read);
            self.labels.push(label);
            return;
        }
        let maps = setting.value.as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
        for (label, members) in maps {
            self.labels.retain(|known| known.read != *label);
            self.labels.push(Label { written: label.clone(), read: label.clone(), clusters: ids(members) });
        }
    }

    /// The names of the clusters.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.clusters.iter().flatten().map(|cluster| cluster.name.as_str()).collect()
    }

    /// The labels that are mapped to clusters which the list does not have: the label and the cluster's id.
    pub fn strays(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.clusters.as_ref().map(|_| self.names());
        self.labels.iter().flat_map(move |label| {
            let names = names.clone();
            let is_stray = move |id: &&String| names.as_ref().is_some_and(|names| !names.contains(id.as_str()));
            label.clusters.iter().filter(is_stray).map(|id| (label.written.as_str(), id.as_str()))
        })
    }
}

/// The elements of a list; a mapping instead of a list is read as its only element.
fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    let single = value.as_object().filter(|mapping| !mapping.is_empty()).map(|_| value);
    value.as_array().into_iter().flatten().chain(single)
}

fn cluster(element: &Value) -> Cluster {
    let text = |value: &Value, key: &str| field(value, key).and_then(Value::as_str).map(str::to_owned);
    let auth = field(element, "auth");
    Cluster {
        name: text(element, "name").unwrap_or_default(),
        endpoint: text(element, "endpoint"),
        is_enabled: field(element, "enabled").and_then(Value::as_bool).unwrap_or_default(),
        files: FILES.map(|key| text(auth?, key)),
    }
}

fn ids(members: &Value) -> Vec<String> {
    elements(members).filter_map(|member| field(member, "id")?.as_str()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::view;

    fn section(text: &str) -> Option<Section> {
        Section::read(&view::read(text).unwrap())
    }

    #[test]
    fn a_list_of_clusters_is_one_even_when_it_is_empty() {
        for (text, is_list) in [
            ("clusters: {clusterConfigs: []}", Some(true)),
            ("clusters: [{name: a}]", Some(true)),
            ("clusters: {clusterConfigs: }", Some(true)),
            ("clusters: {clusterConfigs: {}}", Some(true)),
            ("Clusters: {clusterconfigs: []}", Some(true)),
            ("clusters.clusterConfigs: []", Some(true)),
            ("clusters: {labelClusterMap: {}}", Some(false)),
            ("clusters:", Some(false)),
            ("# clusters\na: b", None),
            ("clustersX: {clusterConfigs: []}", None),
        ] {
            assert_eq!(section(text).map(|section| section.clusters.is_some()), is_list, "{text}");
        }
    }

    #[test]
    fn a_label_of_a_cluster_that_is_not_in_the_list_is_found() {
        let map = "labelClusterMap: {x: [{id: a}, {id: b, weight: 1}], y: [{id: c}], z: }";
        let section = section(&format!("clusters: {{clusterConfigs: [{{name: a}}, {{Name: c}}], {map}}}")).unwrap();
        assert_eq!(section.strays().collect::<Vec<_>>(), [("x", "b")]);
    }

    #[test]
    fn labels_keep_their_case_in_a_list_of_maps_alone() {
        let labels = |text: &str| {
            let labels = section(&format!("clusters: {{labelClusterMap: {text}}}")).unwrap().labels;
            labels.into_iter().map(|label| (label.written, label.read, label.clusters.join("+"))).collect::<Vec<_>>()
        };
        let label = |written: &str, read: &str, id: &str| (written.to_owned(), read.to_owned(), id.to_owned());
        assert_eq!(labels("{Team: [{id: a}], x.Y: [{ID: b}]}"), [label("Team", "team", "a"), label("x.Y", "x.y", "b")]);
        assert_eq!(
            labels("[{Team: [{id: a}]}, {team: [{id: b}]}, {Team: [{id: c}]}]"),
            [label("team", "team", "b"), label("Team", "Team", "c")]
        );
        assert_eq!(labels("{team: [{id: a}], Team: [{id: b}]}"), [label("Team", "team", "b")]);
        assert_eq!(labels("[]"), []);
    }

    #[test]
    fn the_files_of_every_cluster_are_found() {
        let text =
            "clusters: {clusterConfigs: [{name: a, auth: {tokenPath: /t, CertPath: /c}}, {name: b, enabled: true}]}";
        let clusters = section(text).unwrap().clusters.unwrap();
        let cluster = |name: &str, is_enabled, files: [Option<&str>; 2]| Cluster {
            name: name.to_owned(),
            is_enabled,
            endpoint: None,
            files: files.map(|file| file.map(str::to_owned)),
        };
        assert_eq!(clusters, [cluster("a", false, [Some("/t"), Some("/c")]), cluster("b", true, [None, None])]);
    }
}
