//! Finds the resource that somebody calls by a name.
//!
//! A spec, a reference and this function itself all mean a resource by its current name, by one that it had before
//! kustomize changed it, or by its name without the hash that kustomize appended.

use super::{ResId, Resource};

/// What kustomize makes the hashes of, and how long the suffix of a generated ConfigMap or Secret is.
const HASH_ALPHABET: &[u8] = b"2456789bcdfghkmt";
const HASH_LENGTH: usize = 10;

/// `name` without the hash suffix that kustomize gave it, for the kinds that it generates.
#[must_use]
pub fn without_hash<'n>(kind: &str, name: &'n str) -> Option<&'n str> {
    let (stem, hash) = name.rsplit_once('-').filter(|_| ["ConfigMap", "Secret"].contains(&kind))?;
    (hash.len() == HASH_LENGTH && hash.bytes().all(|byte| HASH_ALPHABET.contains(&byte))).then_some(stem)
}

/// Every name of a resource: current, earlier, and without kustomize's hash suffix.
pub fn names<'r>(resource: &'r Resource<'_>) -> impl Iterator<Item = &'r str> {
    let id = resource.id();
    resource.names().chain(without_hash(&id.gvk.kind, &id.name))
}

/// What somebody calls a resource.
#[derive(Debug, Clone, Copy)]
pub struct Called<'n> {
    /// The API group.
    pub group: &'n str,
    /// The kind.
    pub kind: &'n str,
    /// The namespace, current or earlier; any if it is not known.
    pub namespace: Option<&'n str>,
    /// One of its names.
    pub name: &'n str,
}

/// How well a resource fits what it is called; the first is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    name: NameFit,
    /// Whether the namespace is an earlier one.
    is_moved: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameFit {
    Current,
    Earlier,
    WithoutHash,
}

impl<'n> Called<'n> {
    /// A resource of the core group.
    #[must_use]
    pub fn core(kind: &'n str, namespace: Option<&'n str>, name: &'n str) -> Self {
        Self { group: "", kind, namespace, name }
    }

    /// Whether `item` is called so.
    #[must_use]
    pub fn is(&self, item: &Resource<'_>) -> bool {
        self.fit(item).is_some()
    }

    /// Those of the items at `candidates` that fit best.
    #[must_use]
    pub fn among(&self, items: &[Resource<'_>], candidates: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let fits = candidates.into_iter().filter_map(|at| Some((self.fit(&items[at])?, at)));
        let mut best: Option<Fit> = None;
        let mut found = Vec::new();
        for (fit, at) in fits {
            if best.is_none_or(|best| fit < best) {
                best = Some(fit);
                found.clear();
            }
            if best == Some(fit) {
                found.push(at);
            }
        }
        found
    }

    fn fit(&self, item: &Resource<'_>) -> Option<Fit> {
        let id = item.id();
        if id.gvk.group != self.group || id.gvk.kind != self.kind {
            return None;
        }
        let is_here = self.namespace.is_none_or(|namespace| id.effective_namespace() == namespace);
        if !is_here && !item.namespaces().any(|namespace| Some(namespace) == self.namespace) {
            return None;
        }
        let name = if id.name == self.name {
            NameFit::Current
        } else if item.names().any(|name| name == self.name) {
            NameFit::Earlier
        } else if without_hash(self.kind, &id.name) == Some(self.name) {
            NameFit::WithoutHash
        } else {
            return None;
        };
        Some(Fit { name, is_moved: !is_here })
    }
}

/// Whether an item is the object `id`, under its current or an earlier name.
#[must_use]
pub fn is_object(item: &Resource<'_>, id: &ResId) -> bool {
    let called =
        Called { group: &id.gvk.group, kind: &id.gvk.kind, namespace: Some(id.effective_namespace()), name: &id.name };
    called.fit(item).is_some_and(|fit| !fit.is_moved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(api_version: &str, kind: &str, name: &str, namespace: &str, previous: &str) -> Resource<'static> {
        let annotations = format!(
            "annotations: {{internal.config.kubernetes.io/previousNames: '{previous}', \
             internal.config.kubernetes.io/previousNamespaces: before}}"
        );
        let metadata = format!("metadata: {{name: {name}, namespace: {namespace}, {annotations}}}");
        Resource::read(format!("apiVersion: {api_version}\nkind: {kind}\n{metadata}\n"), "").unwrap()
    }

    #[test]
    fn the_current_name_comes_before_an_earlier_one_and_that_before_one_without_hash() {
        let hashed = item("v1", "ConfigMap", "config-b4c56d5277", "a", "");
        let renamed = item("v1", "ConfigMap", "pre-config", "a", "config");
        let current = item("v1", "ConfigMap", "config", "a", "");
        let called = Called::core("ConfigMap", None, "config");
        assert!([&hashed, &renamed, &current].iter().all(|item| called.is(item)));
        let items = [hashed, renamed, current];
        assert_eq!(called.among(&items, 0..3), [2]);
        assert_eq!(called.among(&items, 0..2), [1]);
        assert_eq!(called.among(&items, 0..1), [0]);
        let twice = [item("v1", "ConfigMap", "config", "a", ""), item("v1", "ConfigMap", "config", "b", "")];
        assert_eq!(called.among(&twice, 0..2), [0, 1]);
    }

    #[test]
    fn group_kind_and_namespace_are_part_of_what_is_called() {
        let here = item("v1", "ConfigMap", "config", "a", "");
        assert!(Called::core("ConfigMap", Some("a"), "config").is(&here));
        assert!(Called::core("ConfigMap", Some("before"), "config").is(&here));
        assert!(!Called::core("ConfigMap", Some("b"), "config").is(&here));
        assert!(!Called::core("Secret", None, "config").is(&here));
        assert!(!Called::core("ConfigMap", None, "config").is(&item("example.com/v1", "ConfigMap", "config", "a", "")));
        // Only what kustomize generates gets a hash.
        assert!(!Called::core("Service", None, "web").is(&item("v1", "Service", "web-b4c56d5277", "a", "")));
    }

    #[test]
    fn what_was_moved_away_is_no_object_of_the_namespace() {
        let moved = item("v1", "Secret", "pre-a", "now", "a");
        assert!(is_object(&moved, &ResId::core("Secret", Some("now"), "a")));
        assert!(!is_object(&moved, &ResId::core("Secret", Some("before"), "a")));
    }
}
