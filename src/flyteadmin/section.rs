//! Reads the section `clusters` of a configuration file.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::yaml::view;

/// What a configuration file says about clusters.
#[derive(Debug, Default)]
pub struct Section {
    /// Whether it has a list of clusters, even an empty one, which replaces the list of files before it.
    pub is_list: bool,
    /// The files that the clusters name: the cluster's name and the path.
    pub files: Vec<(String, String)>,
    /// The labels that are mapped to clusters which are not in the list: the label and the cluster's id.
    pub strays: Vec<(String, String)>,
}

/// The section in the text of a file, if it has one.
#[must_use]
pub fn section(text: &str) -> Option<Section> {
    // Most ConfigMaps have nothing of the kind, and some hold no YAML at all.
    if !text.contains("clusters") {
        return None;
    }
    let mut config = view::read(text).ok()?;
    let mut clusters = config.get_mut("clusters")?.take();
    let labels = clusters.get_mut("labelClusterMap").map(Value::take);
    let list = if clusters.is_array() { Some(clusters) } else { clusters.get_mut("clusterConfigs").map(Value::take) };
    let Some(Value::Array(list)) = list else { return Some(Section::default()) };
    let files = list.iter().flat_map(|cluster| {
        let name = cluster["name"].as_str().unwrap_or_default();
        let paths = ["tokenPath", "certPath"].into_iter().filter_map(|path| cluster["auth"][path].as_str());
        paths.map(|path| (name.to_owned(), path.to_owned())).collect::<Vec<_>>()
    });
    let names: BTreeSet<&str> = list.iter().filter_map(|cluster| cluster["name"].as_str()).collect();
    let labels = labels.iter().filter_map(Value::as_object).flatten();
    let mapped = labels.flat_map(|(label, targets)| {
        let ids = targets.as_array().into_iter().flatten().filter_map(|target| target["id"].as_str());
        ids.map(move |id| (label, id))
    });
    let strays = mapped.filter(|(_, id)| !names.contains(id)).map(|(label, id)| (label.clone(), id.to_owned()));
    Some(Section { is_list: true, files: files.collect(), strays: strays.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_clusters_is_one_even_when_it_is_empty() {
        for (text, is_list) in [
            ("clusters: {clusterConfigs: []}", Some(true)),
            ("clusters: [{name: a}]", Some(true)),
            ("clusters: {labelClusterMap: {}}", Some(false)),
            ("clusters: {clusterConfigs: }", Some(false)),
            ("clusters:", Some(false)),
            ("# clusters\na: b", None),
            ("{{ .clusters }}: [", None),
        ] {
            assert_eq!(section(text).map(|section| section.is_list), is_list, "{text}");
        }
    }

    #[test]
    fn a_label_of_a_cluster_that_is_not_in_the_list_is_found() {
        let map = "labelClusterMap: {x: [{id: a}, {id: b, weight: 1}], y: [{id: c}], z: }";
        let section = section(&format!("clusters: {{clusterConfigs: [{{name: a}}, {{name: c}}], {map}}}")).unwrap();
        assert_eq!(section.strays, [("x".to_owned(), "b".to_owned())]);
    }

    #[test]
    fn the_files_of_every_cluster_are_found() {
        let text = "clusters: {clusterConfigs: [{name: a, auth: {tokenPath: /t, certPath: /c}}, {name: b}]}";
        let files = section(text).unwrap().files;
        assert_eq!(files, [("a", "/t"), ("a", "/c")].map(|(name, path)| (name.to_owned(), path.to_owned())));
    }
}
