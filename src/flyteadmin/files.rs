//! Which files flyteadmin reads, and in which order: of two files with the same key the later one wins.
//!
//! Source: flytestdlib `config/files/finder.go`, `config/viper/collection.go`.

use serde_json::Value;

use super::command::{Pattern, patterns};
use crate::workload::files::{self, Mount, Source, SourceKind, nearest};
use crate::workload::{list, text};

/// The positions of the files that `patterns` name, in the order that they are read in; `paths` are those of all files.
///
/// Each pattern's files come in the order of their names, and no file twice. Without patterns, those with a usual name.
#[must_use]
pub fn read_order(patterns: &[Pattern], paths: &[&str]) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..paths.len()).collect();
    // Directories come before what is in them: Go sorts the names of each directory by themselves.
    sorted.sort_by(|&one, &other| paths[one].split('/').cmp(paths[other].split('/')));
    if patterns.is_empty() {
        sorted.retain(|&at| is_usual(paths[at]));
        return sorted;
    }
    let mut order = Vec::new();
    for pattern in patterns {
        for &at in sorted.iter().filter(|&&at| pattern.reads(paths[at])) {
            if !order.contains(&at) {
                order.push(at);
            }
        }
    }
    order
}

/// How a container gets a key of a ConfigMap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// As a file that its `--config` names.
    Config,
    /// As a file or a variable, and its command line does not tell what for.
    Other,
}

/// How a container of `pod` gets `key` of the ConfigMap that `is_called` by a name; nothing if it does not read it.
#[must_use]
pub fn reading(pod: &Value, container: &Value, is_called: &dyn Fn(&str) -> bool, key: &str) -> Option<Reading> {
    let mounts = files::mounts(pod, container);
    let patterns = patterns(container);
    let file = |mount: &Mount<'_>, source: &Source<'_>| {
        let is_it = source.kind == SourceKind::ConfigMap && is_called(source.name);
        let path = mount.path_of(source, key).filter(|_| is_it)?;
        nearest(&mounts, &path).filter(|top| std::ptr::eq(*top, mount))?;
        match &patterns[..] {
            [] => Some(Reading::Other),
            patterns => patterns.iter().any(|pattern| pattern.reads(&path)).then_some(Reading::Config),
        }
    };
    let files = mounts.iter().flat_map(|mount| mount.sources.iter().filter_map(move |source| file(mount, source)));
    files.min().or_else(|| is_variable(container, is_called, key).then_some(Reading::Other))
}

/// Whether a container has a key of a ConfigMap as a variable.
fn is_variable(container: &Value, is_called: &dyn Fn(&str) -> bool, key: &str) -> bool {
    let is_whole = |from: &Value| from.get("configMapRef").is_some_and(|from| is_called(text(from, "name")));
    let is_single = |variable: &Value| {
        let from = variable.get("valueFrom").and_then(|from| from.get("configMapKeyRef"));
        from.is_some_and(|from| is_called(text(from, "name")) && text(from, "key") == key)
    };
    list(container, "envFrom").iter().any(is_whole) || list(container, "env").iter().any(is_single)
}

/// Whether a file has the name that every deployment of flyteadmin with a pattern reads.
#[must_use]
pub fn is_usual(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "yaml")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::command::patterns;
    use super::*;

    #[test]
    fn files_are_read_by_pattern_and_then_by_name() {
        let paths = ["/c/b.yaml", "/c/a.yaml", "/c/x", "/c-d/a.yaml", "/c/sub/a.yaml"];
        for (arguments, expected) in [
            (json!(["--config", "/c/*.yaml"]), vec!["/c/a.yaml", "/c/b.yaml"]),
            (json!(["--config=/c/b.yaml", "--config=/c/*.yaml"]), vec!["/c/b.yaml", "/c/a.yaml"]),
            (json!(["--config", "/c*/a.yaml"]), vec!["/c/a.yaml", "/c-d/a.yaml"]),
            (json!(["--config", "/c/x"]), vec!["/c/x"]),
            (json!(["--config", "/d/*.yaml"]), vec![]),
            (json!([]), vec!["/c/a.yaml", "/c/b.yaml", "/c/sub/a.yaml", "/c-d/a.yaml"]),
        ] {
            let order = read_order(&patterns(&json!({ "args": arguments })), &paths);
            let found: Vec<&str> = order.into_iter().map(|at| paths[at]).collect();
            assert_eq!(found, expected, "{arguments}");
        }
    }
}
