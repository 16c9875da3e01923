//! What a container's command line says: which part of flyteadmin it runs, and which configuration files it reads.
//!
//! Source: flytestdlib `config/files/finder.go`: each `--config` is a pattern of Go's `filepath.Glob`; the files of each
//! are read in order of their names, and none twice.

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;

use crate::workload::{list, text};

/// What a container runs, as far as the clusters are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `flyteadmin serve`, `flyteadmin clusterresource sync` or `run`; `flyte start`, the binary of all components.
    Clusters,
    /// `flyteadmin secrets init`.
    Secrets,
    /// Anything else.
    Other,
}

impl Command {
    /// Whether an object of this text may have a container that runs anything but [`Self::Other`].
    #[must_use]
    pub fn may_be_in(text: &str) -> bool {
        text.contains("flyteadmin") || text.contains("flyte") && text.contains("start")
    }

    /// Reads it from the words of the command line, and the image where they do not name the program.
    #[must_use]
    pub fn of(container: &Value) -> Self {
        let words: Vec<&str> = words(container).collect();
        let is = |program: &str, image: &str| {
            words.iter().any(|word| word.rsplit('/').next() == Some(program))
                || text(container, "image").contains(image)
        };
        let is_flyteadmin = is("flyteadmin", "flyteadmin");
        let is_flyte = is("flyte", "flyte-binary");
        if is_flyteadmin && words.iter().any(|word| ["serve", "clusterresource"].contains(word))
            || is_flyte && words.contains(&"start")
        {
            Self::Clusters
        } else if is_flyteadmin && words.contains(&"secrets") {
            Self::Secrets
        } else {
            Self::Other
        }
    }
}

/// A pattern that `--config` gives.
#[derive(Debug)]
pub struct Pattern {
    /// The pattern as it is written.
    pub text: String,
    matcher: Option<GlobMatcher>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        let matcher = GlobBuilder::new(text).literal_separator(true).build().ok().map(|glob| glob.compile_matcher());
        Self { text: text.to_owned(), matcher }
    }

    /// Whether the file at `path` is read.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        self.text == path || self.matcher.as_ref().is_some_and(|matcher| matcher.is_match(path))
    }
}

/// What each `--config` of a container's command line says, scripts of a shell included, in order.
///
/// Nothing where the command line shows none, be it that the image or a variable holds it.
#[must_use]
pub fn patterns(container: &Value) -> Vec<Pattern> {
    let mut words = words(container);
    let mut patterns: Vec<Pattern> = Vec::new();
    while let Some(word) = words.next() {
        let text = match word.strip_prefix("--config") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => continue,
        };
        let Some(text) = text.map(|text| text.trim_matches(QUOTES)) else { continue };
        let is_known = patterns.iter().any(|known| known.text == text);
        if !text.is_empty() && !text.contains('$') && !is_known {
            patterns.push(Pattern::new(text));
        }
    }
    patterns
}

/// What a shell's script puts around a word.
const QUOTES: [char; 3] = ['"', '\'', ';'];

/// The words of a container's command line.
fn words(container: &Value) -> impl Iterator<Item = &str> {
    let parts = ["command", "args"].into_iter().flat_map(|field| list(container, field));
    parts.filter_map(Value::as_str).flat_map(str::split_whitespace).map(|word| word.trim_matches(QUOTES))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_container_is_known_by_what_it_runs() {
        for (container, expected) in [
            (json!({"command": ["flyteadmin", "--config", "x", "serve"]}), Command::Clusters),
            (json!({"image": "example.com/flyteadmin:v1", "args": ["clusterresource", "sync"]}), Command::Clusters),
            (json!({"command": ["sh", "-c", "/bin/flyteadmin clusterresource run"]}), Command::Clusters),
            (json!({"command": ["flyteadmin", "migrate", "run"]}), Command::Other),
            (json!({"command": ["sh", "-c", "flyteadmin --config=x secrets init"]}), Command::Secrets),
            (json!({"command": ["nginx", "serve"]}), Command::Other),
            (json!({"image": "example.com/flyte-binary:v1", "args": ["start", "--config", "x"]}), Command::Clusters),
            (json!({"image": "example.com/x", "command": ["flyte", "start"]}), Command::Clusters),
            (json!({"image": "example.com/flyte-console", "args": ["start"]}), Command::Other),
        ] {
            assert_eq!(Command::of(&container), expected, "{container}");
        }
    }

    #[test]
    fn patterns_are_found_however_they_are_written() {
        for (container, expected) in [
            (json!({"command": ["flyteadmin", "--config", "/etc/c/*.yaml", "serve"]}), vec!["/etc/c/*.yaml"]),
            (json!({"command": ["flyteadmin"], "args": ["--config=/etc/c/a.yaml"]}), vec!["/etc/c/a.yaml"]),
            (json!({"args": ["--config", "/a", "--config=/b", "--config", "/a"]}), vec!["/a", "/b"]),
            (
                json!({"command": ["sh", "-c"], "args": ["flyteadmin --config='/a' x; flyteadmin --config=\"/b\";"]}),
                vec!["/a", "/b"],
            ),
            (json!({"args": ["--config=$(CONFIG)"]}), vec![]),
            (json!({"args": ["--configuration=/a", "serve"]}), vec![]),
            (json!({}), vec![]),
        ] {
            let found: Vec<String> = patterns(&container).into_iter().map(|pattern| pattern.text).collect();
            assert_eq!(found, expected, "{container}");
        }
    }

    #[test]
    fn a_pattern_matches_as_go_does() {
        for (pattern, path, is_read) in [
            ("/etc/flyte/config/*.yaml", "/etc/flyte/config/clusters.yaml", true),
            ("/etc/flyte/config/*.yaml", "/etc/flyte/config/clusters", false),
            ("/etc/flyte/config/*.yaml", "/etc/flyte/config/clusters.yml", false),
            ("/etc/flyte/config/*.yaml", "/etc/flyte/config/a/b.yaml", false),
            ("/etc/flyte/config*/config.yaml", "/etc/flyte/config-spark/config.yaml", true),
            ("/etc/flyte/config*/config.yaml", "/etc/flyte/config-spark/spark.yaml", false),
            ("/etc/c/[ab]?.yaml", "/etc/c/b1.yaml", true),
            ("/etc/c/x.yaml", "/etc/c/x.yaml", true),
            ("/etc/c/x.yaml", "/etc/c/y.yaml", false),
        ] {
            assert_eq!(Pattern::new(pattern).reads(path), is_read, "{pattern} {path}");
        }
    }
}
