//! Writes a draft as a page for people, and reads it back as the function will.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Draft, Line, Override};
use crate::report;
use crate::report::classify::list;
use crate::spec::v1alpha1::{GROUP, KIND, VERSION};
use crate::spec::{self, Claim, Plane, Spec};
use crate::wire::Resource;
use crate::wire::stream::Input;
use crate::yaml::scalar;

/// How wide a comment is.
const WIDTH: usize = 110;

/// The lists of selectors, in the order they are written.
const LISTS: [Claim; 3] = [Claim::Only(Plane::Control), Claim::Only(Plane::Data), Claim::Both];

/// The page.
pub fn render(draft: &Draft) -> String {
    render_with(draft, &draft.planes, &open_lists(draft))
}

/// What is without a place, with what is said about it.
fn open_lists(draft: &Draft) -> Vec<(&'static str, &[Line])> {
    let lists = [
        ("Nothing tells where these belong; move each line to one of the lists:", &draft.unplaced[..]),
        (
            "These look like the credentials of clusters; name each in `credentials.secret` of its cluster, or move its \
             line to `neither`:",
            &draft.credentials,
        ),
    ];
    lists.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// The page with other selectors than those of the draft.
pub fn render_with(draft: &Draft, planes: &[(Claim, Vec<Line>)], unplaced: &[(&str, &[Line])]) -> String {
    let mut page = String::new();
    head(&mut page, draft, unplaced.iter().map(|(_, lines)| lines.len()).sum());
    let _ = write!(page, "apiVersion: {GROUP}/{VERSION}\nkind: {KIND}\nmetadata:\n  name: flyte\nspec:\n  planes:\n");
    comment(&mut page, 4, "What no selector names goes where what uses it goes.");
    page.push_str("    followReferences: true\n");
    for claim in LISTS {
        let lines = planes.iter().find(|(of, _)| *of == claim).map_or(&[][..], |(_, lines)| lines);
        let is_open = claim == LISTS[0] && !unplaced.is_empty();
        if !lines.is_empty() || is_open {
            let none = if lines.is_empty() { " []" } else { "" };
            let _ = writeln!(page, "    {}:{none}", list(claim));
            for line in lines {
                item(&mut page, 4, line);
            }
        }
        for (text, lines) in unplaced.iter().filter(|_| is_open) {
            comment(&mut page, 4, text);
            for line in *lines {
                let _ = writeln!(page, "    # - {}", scalar::flow(&line.value));
            }
        }
    }
    clusters(&mut page, draft);
    overrides(&mut page, draft);
    page
}

/// What stands above the object: how it was made, and what is left to do.
fn head(page: &mut String, draft: &Draft, unplaced: usize) {
    page.push_str("# yaml-language-server: $schema=schema.json\n#\n");
    let made = format!(
        "Proposed by `split-planes init` from {} resources. `split-planes explain` shows what it makes of them; \
         `split-planes schema > schema.json` lets an editor check this file.",
        draft.count
    );
    comment(page, 0, &made);
    for remark in &draft.remarks {
        comment(page, 0, remark);
    }
    let mut open: Vec<String> = Vec::new();
    let endpoints = draft.clusters.iter().enumerate().filter(|(_, cluster)| cluster.endpoint.is_none());
    open.extend(endpoints.map(|(at, cluster)| format!("spec.clusters[{at}].endpoint: {}", placeholder(&cluster.name))));
    for (at, entry) in draft.overrides.iter().enumerate() {
        let field = |(path, value): &(String, String)| format!("spec.overrides[{at}].merge.{path}: {value}");
        open.extend(entry.placeholders.iter().filter(|(_, value)| value.contains(".example.com")).map(field));
    }
    if unplaced > 0 {
        open.push(format!("spec.planes: {unplaced} resources without a place"));
    }
    if !open.is_empty() {
        page.push_str("#\n# To fill in:\n");
        for line in open {
            let _ = writeln!(page, "#   {line}");
        }
    }
}

fn placeholder(cluster: &str) -> String {
    format!("https://{}.example.com:6443", host_label(cluster))
}

/// A cluster's name as a part of a host name or of the name of a Secret.
fn host_label(cluster: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    cluster.chars().map(legal).collect::<String>().trim_matches('-').to_owned()
}

fn clusters(page: &mut String, draft: &Draft) {
    if draft.clusters.is_empty() {
        return;
    }
    page.push_str("\n  clusters:\n");
    let explained = "The Secret is what `kubectl get secret -o yaml` prints in that cluster once the data plane is applied \
                     there; `split-planes credentials` fetches it. It is read, and is in no output.";
    comment(page, 2, explained);
    for cluster in &draft.clusters {
        let endpoint = cluster.endpoint.clone().unwrap_or_else(|| placeholder(&cluster.name));
        let secret = scalar::flow(&format!("{}-token", host_label(&cluster.name)).into());
        let name = scalar::render(&cluster.name.clone().into(), 0);
        let endpoint = scalar::render(&endpoint.into(), 0);
        let _ = writeln!(page, "  - name: {name}    endpoint: {endpoint}    credentials: {{secret: {secret}}}");
    }
    page.push_str("\n  credentials:\n");
    if let Some(namespace) = &draft.namespace {
        let _ = write!(page, "    namespace: {}", scalar::render(&namespace.clone().into(), 0));
    }
    if let Some(path) = &draft.mount_path {
        comment(page, 4, "Something else is mounted at the usual path.");
        let _ = write!(page, "    mountPath: {}", scalar::render(&path.clone().into(), 0));
    }
    page.push_str("    mounts:\n");
    for line in &draft.mounts {
        item(page, 4, line);
    }
    page.push_str("\n  clusterConfig:\n    targets:\n");
    for line in &draft.targets {
        item(page, 4, line);
    }
    if let Some(token) = &draft.token {
        page.push_str("\n  dataPlane:\n");
        comment(page, 4, "Kubernetes 1.24 and later make no token by themselves; this Secret asks for one.");
        let _ = writeln!(page, "    serviceAccountToken: {}", scalar::flow(token));
    }
}

fn overrides(page: &mut String, draft: &Draft) {
    if !draft.overrides.is_empty() {
        page.push_str("\n  overrides:\n");
    }
    for Override { comments, namespace, config_map, key, merge, .. } in &draft.overrides {
        for text in comments {
            comment(page, 2, text);
        }
        page.push_str("  - plane: DataPlane\n");
        let namespace = namespace.as_ref().map(|namespace| ("namespace", namespace));
        for (field, value) in [("configMap", config_map), ("key", key)].into_iter().chain(namespace) {
            let _ = write!(page, "    {field}: {}", scalar::render(&value.clone().into(), 0));
        }
        let _ = write!(page, "    merge:\n{}", scalar::render(&Value::Object(merge.clone()), 6));
    }
    if !draft.unreachable.is_empty() {
        page.push('\n');
        comment(page, 2, "A data plane does not reach these either, and no override changes them:");
        for text in &draft.unreachable {
            comment(page, 2, text);
        }
    }
}

/// An entry of a list, with what is said about it above.
fn item(page: &mut String, indent: usize, line: &Line) {
    for text in &line.comments {
        comment(page, indent, text);
    }
    let _ = writeln!(page, "{:indent$}- {}", "", scalar::flow(&line.value));
}

/// A comment, broken between words.
fn comment(page: &mut String, indent: usize, text: &str) {
    let mut line = String::new();
    for word in text.split(char::is_whitespace) {
        if !line.is_empty() && indent + 3 + line.len() + word.len() > WIDTH {
            let _ = writeln!(page, "{:indent$}#{line}", "");
            line.clear();
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(page, "{:indent$}#{line}", "");
}

/// The spec in `text`, as the function reads it.
///
/// # Errors
///
/// With what is wrong with it.
pub fn load(text: &str) -> Result<Spec, String> {
    let config = Resource::read(text, "").map_err(|error| format!("{error:#}"))?;
    let input = Input { items: Vec::new(), function_config: None };
    let loaded = spec::load_for_both(&input, Some(&config));
    loaded.map(|loaded| loaded.spec).map_err(|problems| {
        let lines: Vec<String> = report::spec::errors(&problems).iter().map(report::Finding::line).collect();
        lines.join("\n")
    })
}
