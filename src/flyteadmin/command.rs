//! What a container's command line says: which part of flyteadmin it runs, and which configuration files it reads.
//!
//! Source: flytestdlib `config/files/finder.go`: each `--config` is a pattern of Go's `filepath.Glob`; the files of each
//! are read in order of their names, and none twice.

use std::borrow::Cow;

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;

use super::keys::folded;
use crate::workload::{list, text};

/// What a container runs, as far as the planes are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// `flyteadmin serve`, `flyteadmin clusterresource sync` or `run`.
    Clusters,
    /// `flyte start`: the binary of all components.
    Everything,
    /// `flyteadmin secrets init`.
    Secrets,
    /// Another part of flyteadmin, or one that the command line does not show.
    Flyteadmin,
    /// `flytepropeller`, but for its webhook.
    Propeller,
    /// `flytepropeller webhook`, which has the same configuration and logs in nowhere.
    Webhook,
    /// Anything else.
    Other,
}

impl Command {
    /// Whether an object of this text may have a container that runs a program of Flyte or reads files of configuration.
    #[must_use]
    pub fn may_be_in(text: &str) -> bool {
        ["flyte", "--config", "--propeller."].iter().any(|known| text.contains(known))
    }

    /// Reads it from the words of the command line, and the image if they do not name the program.
    #[must_use]
    pub fn of(container: &Value) -> Self {
        let words: Vec<String> = words(container).collect();
        let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
        let image = image_name(text(container, "image"));
        let runs = |program: &str| words.iter().any(|word| word.rsplit('/').next() == Some(program));
        let is_program = |program: &str, image_of: &str| runs(program) || image.contains(image_of);
        if is_program("flyteadmin", "flyteadmin") {
            return match () {
                () if has(&["serve", "clusterresource"]) => Self::Clusters,
                () if has(&["secrets"]) => Self::Secrets,
                () => Self::Flyteadmin,
            };
        }
        // The binary of Flyte 2 has another configuration.
        if is_program("flyte", "flyte-binary") && !image.contains("flyte-binary-v2") && has(&["start"]) {
            return Self::Everything;
        }
        if is_program("flytepropeller", "flytepropeller") {
            return if has(&["webhook"]) { Self::Webhook } else { Self::Propeller };
        }
        let is_unknown = image.is_empty() || text(container, "name") == "flyteadmin";
        let serves = has(&["serve", "clusterresource"]) && words.iter().any(|word| word.starts_with("--config"));
        if is_unknown || serves { Self::Flyteadmin } else { Self::Other }
    }

    /// Whether it works on the clusters of the section.
    #[must_use]
    pub fn reads_clusters(self) -> bool {
        matches!(self, Self::Clusters | Self::Everything)
    }

    /// Whether it may do so: its command line does not tell.
    #[must_use]
    pub fn may_read_clusters(self) -> bool {
        self.reads_clusters() || self == Self::Flyteadmin
    }

    /// Whether it runs workflows.
    #[must_use]
    pub fn runs_workflows(self) -> bool {
        matches!(self, Self::Propeller | Self::Everything)
    }
}

/// The name of an image, without registry, tag and digest.
fn image_name(image: &str) -> &str {
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split([':', '@']).next().unwrap_or_default()
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
/// Nothing if the command line shows none, be it that the image or a variable holds it.
#[must_use]
pub fn patterns(container: &Value) -> Vec<Pattern> {
    let mut words = words(container);
    let mut patterns: Vec<Pattern> = Vec::new();
    while let Some(word) = words.next() {
        let text = match word.strip_prefix("--config") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('=').map(|text| text.trim_matches(QUOTES).to_owned()),
            None => continue,
        };
        let Some(text) = text else { continue };
        let is_known = patterns.iter().any(|known| known.text == text);
        if !text.is_empty() && !text.contains('$') && !is_known {
            patterns.push(Pattern::new(&text));
        }
    }
    patterns
}

/// What a shell's script puts around a word.
const QUOTES: [char; 3] = ['"', '\'', ';'];

/// The words of a container's command line, its variables in the place of `$(NAME)`.
pub fn words(container: &Value) -> impl Iterator<Item = String> {
    let parts = ["command", "args"].into_iter().flat_map(|field| list(container, field));
    let expanded = parts.filter_map(Value::as_str).map(|part| expanded(part, container));
    expanded.flat_map(|part| {
        let words = part.split_whitespace().map(|word| word.trim_matches(QUOTES).to_owned());
        let words: Vec<String> = words.collect();
        // An empty argument is the value of the flag before it.
        if words.is_empty() { vec![String::new()] } else { words }
    })
}

/// A part of a command line as Kubernetes hands it to the program.
fn expanded<'t>(part: &'t str, container: &Value) -> Cow<'t, str> {
    let mut part = Cow::Borrowed(part);
    if part.contains("$(") {
        for variable in list(container, "env").iter().filter(|variable| variable.get("value").is_some()) {
            part = Cow::Owned(part.replace(&format!("$({})", text(variable, "name")), text(variable, "value")));
        }
    }
    part
}

/// The settings that flags of a container's command line make, which come before those of all files:
/// `--admin.insecure` and `--admin.endpoint=HOST`.
#[must_use]
pub fn flags(container: &Value) -> Vec<(String, String)> {
    let words: Vec<String> = words(container).collect();
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some(flag) = word.strip_prefix("--").filter(|flag| flag.contains('.')) else { continue };
        let next = words.get(at + 1).filter(|next| !next.starts_with('-'));
        match flag.split_once('=') {
            Some((key, value)) => found.push((folded(key), value.trim_matches(QUOTES).to_owned())),
            None => found.push((folded(flag), next.map_or_else(|| "true".to_owned(), Clone::clone))),
        }
    }
    found
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
            (json!({"command": ["flyteadmin", "migrate", "run"]}), Command::Flyteadmin),
            (json!({"image": "example.com/flyteadmin@sha256:0"}), Command::Flyteadmin),
            (json!({"image": "example.com/mine", "name": "flyteadmin"}), Command::Flyteadmin),
            (json!({"image": "example.com/mine", "args": ["--config=/a", "serve"]}), Command::Flyteadmin),
            (json!({"name": "web"}), Command::Flyteadmin),
            (json!({"command": ["sh", "-c", "flyteadmin --config=x secrets init"]}), Command::Secrets),
            (json!({"image": "flyteadmin.example.com/nginx", "args": ["serve"]}), Command::Other),
            (json!({"image": "example.com/flyte-binary:v1", "args": ["start", "--config", "x"]}), Command::Everything),
            (json!({"image": "example.com/x", "command": ["flyte", "start"]}), Command::Everything),
            (json!({"image": "example.com/flyte-binary-v2:v2", "args": ["start", "--config=x"]}), Command::Other),
            (json!({"image": "example.com/flyte-console", "args": ["start"]}), Command::Other),
            (json!({"image": "example.com/x", "command": ["flytepropeller", "--config=x"]}), Command::Propeller),
            (json!({"image": "example.com/flytepropeller:v1", "args": ["manager"]}), Command::Propeller),
            (json!({"image": "example.com/x", "command": ["flytepropeller", "webhook"]}), Command::Webhook),
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
            (json!({"args": ["--config=$(C)/*.yaml"], "env": [{"name": "C", "value": "/a"}]}), vec!["/a/*.yaml"]),
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

    #[test]
    fn flags_with_a_dot_are_settings() {
        let container = json!({
            "command": ["flytepropeller", "--config=/a", "--Admin.endpoint=flyte.test:443", "--admin.insecure"],
            "args": ["--admin.useAuth", "true", "--propeller.cluster-id='a'"],
        });
        let found: Vec<String> = flags(&container).iter().map(|(key, value)| format!("{key} {value}")).collect();
        let expected =
            ["admin.endpoint flyte.test:443", "admin.insecure true", "admin.useauth true", "propeller.cluster-id a"];
        assert_eq!(found, expected);
    }
}
