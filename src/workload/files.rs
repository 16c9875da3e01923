//! The files that a container finds through its mounts of ConfigMaps and Secrets.
//!
//! Source: the Kubernetes API reference, volumes and their mounts; of two projections at one path the later one wins.

use serde_json::Value;

use super::{list, text};

/// What a file comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A key of a ConfigMap.
    ConfigMap,
    /// A key of a Secret.
    Secret,
}

/// A ConfigMap or Secret whose keys are files.
#[derive(Debug, Clone, Copy)]
pub struct Source<'p> {
    /// Which of the two.
    pub kind: SourceKind,
    /// Its name.
    pub name: &'p str,
    /// The keys that are taken, with the path of each; all of them under their own names if nothing is written.
    items: &'p [Value],
}

impl<'p> Source<'p> {
    fn new(kind: SourceKind, name: &'p str, source: &'p Value) -> Self {
        Self { kind, name, items: list(source, "items") }
    }

    /// The path of a key in the volume.
    fn path<'k>(&self, key: &'k str) -> Option<&'k str>
    where
        'p: 'k,
    {
        if self.items.is_empty() {
            return Some(key);
        }
        self.items.iter().find(|item| text(item, "key") == key).map(|item| text(item, "path"))
    }

    /// The key at a path in the volume.
    fn key<'k>(&self, path: &'k str) -> Option<&'k str>
    where
        'p: 'k,
    {
        if self.items.is_empty() {
            return Some(path);
        }
        self.items.iter().find(|item| text(item, "path") == path).map(|item| text(item, "key"))
    }
}

/// A place in a container's file system.
#[derive(Debug, Clone)]
pub struct Mount<'p> {
    path: &'p str,
    /// The part of the volume that is mounted.
    part: &'p str,
    /// What its files come from; nothing if the volume is of another kind, whose files are not known.
    pub sources: Vec<Source<'p>>,
    /// Whether the volume is made of ConfigMaps and Secrets, so that nothing else can be in it.
    pub is_known: bool,
}

impl<'p> Mount<'p> {
    fn new(pod: &'p Value, mount: &'p Value) -> Self {
        let name = text(mount, "name");
        let volume = list(pod, "volumes").iter().find(|volume| text(volume, "name") == name);
        // A part whose name is made of variables is known to the kubelet alone.
        let is_open = !text(mount, "subPathExpr").is_empty();
        let sources = volume.filter(|_| !is_open).map(sources);
        Self {
            path: text(mount, "mountPath").trim_end_matches('/'),
            part: text(mount, "subPath").trim_matches('/'),
            is_known: sources.as_ref().is_some_and(Option::is_some) || volume.is_none(),
            sources: sources.flatten().unwrap_or_default(),
        }
    }

    /// Whether files that a pattern of Go's `filepath.Glob` names may be below it.
    #[must_use]
    pub fn may_hold(&self, pattern: &str) -> bool {
        let literal = pattern.split(['*', '?', '[', '\\']).next().unwrap_or_default();
        literal.starts_with(self.path) || self.path.starts_with(literal)
    }

    /// Where a key of one of the sources is in the container.
    #[must_use]
    pub fn path_of(&self, source: &Source<'_>, key: &str) -> Option<String> {
        let path = source.path(key)?;
        let rest = if self.part.is_empty() { Some(path) } else { below(path, self.part) }?;
        Some(if rest.is_empty() { self.path.to_owned() } else { format!("{}/{rest}", self.path) })
    }

    /// The sources that may have the file at `path`, each with the key it would be under; the one that wins comes first.
    pub fn keys_at(&self, path: &str) -> impl Iterator<Item = (Source<'p>, String)> {
        let inner = below(path, self.path).map(|rest| match (self.part, rest) {
            ("", rest) => rest.to_owned(),
            (part, "") => part.to_owned(),
            (part, rest) => format!("{part}/{rest}"),
        });
        self.sources.iter().rev().filter_map(move |source| {
            let key = source.key(inner.as_deref()?)?.to_owned();
            Some((*source, key))
        })
    }
}

/// What remains of `path` below `directory`; nothing remains of the directory itself.
fn below<'t>(path: &'t str, directory: &str) -> Option<&'t str> {
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// The mounts of a container, in the order of its `volumeMounts`.
#[must_use]
pub fn mounts<'p>(pod: &'p Value, container: &'p Value) -> Vec<Mount<'p>> {
    list(container, "volumeMounts").iter().map(|mount| Mount::new(pod, mount)).collect()
}

/// The mount that a path leads into: the deepest one hides those above it.
#[must_use]
pub fn nearest<'m, 'p>(mounts: &'m [Mount<'p>], path: &str) -> Option<&'m Mount<'p>> {
    mounts.iter().filter(|mount| below(path, mount.path).is_some()).max_by_key(|mount| mount.path.len())
}

/// What a volume's files come from; `None` for a kind of volume that is made of other things.
#[must_use]
pub fn sources(volume: &Value) -> Option<Vec<Source<'_>>> {
    let kinds = [(SourceKind::ConfigMap, "configMap", "name"), (SourceKind::Secret, "secret", "secretName")];
    for (kind, field, name) in kinds {
        if let Some(source) = volume.get(field) {
            return Some(vec![Source::new(kind, text(source, name), source)]);
        }
    }
    let projections = list(volume.get("projected")?, "sources").iter();
    Some(
        projections
            .filter_map(|projection| {
                let of = |(kind, field, _)| {
                    let source = projection.get(field)?;
                    Some(Source::new(kind, text(source, "name"), source))
                };
                kinds.into_iter().find_map(of)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(pod: &Value, path: &str) -> Vec<(String, String)> {
        let mounts = mounts(pod, &pod["containers"][0]);
        let Some(mount) = nearest(&mounts, path) else { return Vec::new() };
        mount.keys_at(path).map(|(source, key)| (source.name.to_owned(), key)).collect()
    }

    fn pod(volumes: &Value, mounts: &Value) -> Value {
        json!({"volumes": volumes, "containers": [{"volumeMounts": mounts}]})
    }

    #[test]
    fn a_path_leads_to_a_key_and_back() {
        let volume = |source: Value| {
            let mut volume = json!({"name": "v"});
            volume.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
            volume
        };
        let whole = volume(json!({"configMap": {"name": "c"}}));
        let taken = volume(json!({"secret": {"secretName": "c", "items": [{"key": "k", "path": "d/f"}]}}));
        let projected = volume(json!({"projected": {"sources": [{"configMap": {"name": "c"}}, {"downwardAPI": {}}]}}));
        for (volume, mount, path, key) in [
            (&whole, json!({"name": "v", "mountPath": "/etc"}), "/etc/k", Some("k")),
            (&whole, json!({"name": "v", "mountPath": "/etc/"}), "/etc/k", Some("k")),
            (&whole, json!({"name": "v", "mountPath": "/etc/k", "subPath": "k"}), "/etc/k", Some("k")),
            (&whole, json!({"name": "v", "mountPath": "/etc"}), "/etcetera/k", None),
            (&whole, json!({"name": "other", "mountPath": "/etc"}), "/etc/k", None),
            (&whole, json!({"name": "v", "mountPath": "/etc", "subPathExpr": "$(A)"}), "/etc/k", None),
            (&taken, json!({"name": "v", "mountPath": "/etc"}), "/etc/d/f", Some("k")),
            (&taken, json!({"name": "v", "mountPath": "/etc", "subPath": "d"}), "/etc/f", Some("k")),
            (&taken, json!({"name": "v", "mountPath": "/etc"}), "/etc/k", None),
            (&projected, json!({"name": "v", "mountPath": "/etc"}), "/etc/k", Some("k")),
        ] {
            let pod = pod(&json!([volume]), &json!([mount]));
            let expected: Vec<_> = key.map(|key| ("c".to_owned(), key.to_owned())).into_iter().collect();
            assert_eq!(keys(&pod, path), expected, "{path} in {pod}");
            if let Some(key) = key {
                let mounts = mounts(&pod, &pod["containers"][0]);
                assert_eq!(mounts[0].path_of(&mounts[0].sources[0], key).as_deref(), Some(path), "{pod}");
            }
        }
    }

    #[test]
    fn the_deepest_mount_hides_the_others() {
        let volumes = json!([{"name": "a", "configMap": {"name": "a"}}, {"name": "b", "emptyDir": {}}]);
        let pod = pod(&volumes, &json!([{"name": "b", "mountPath": "/etc/x"}, {"name": "a", "mountPath": "/etc"}]));
        assert_eq!(keys(&pod, "/etc/x/y"), []);
        assert_eq!(keys(&pod, "/etc/y"), [("a".to_owned(), "y".to_owned())]);
    }

    #[test]
    fn the_later_projection_wins() {
        let sources = json!([{"configMap": {"name": "a"}}, {"secret": {"name": "b"}}]);
        let volumes = json!([{"name": "v", "projected": {"sources": sources}}]);
        let pod = pod(&volumes, &json!([{"name": "v", "mountPath": "/etc"}]));
        let names: Vec<String> = keys(&pod, "/etc/k").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b", "a"]);
    }
}
