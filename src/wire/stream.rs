//! Reads what people pipe into a command: a `ResourceList`, or the documents that `kustomize build` prints.

use std::borrow::Cow;
use std::fmt;

use anyhow::{Context, Result, bail, ensure};

use super::{GROUP, Resource};
use crate::yaml::Error;
use crate::yaml::events::{EventKind, Events};
use crate::yaml::layout::Layout;
use crate::yaml::view;

/// The resources, each with its bytes, and the functionConfig if a `ResourceList` has one.
pub struct Input<'a> {
    /// The resources in order; the items of a `List` are in its place.
    pub items: Vec<Resource<'a>>,
    /// The text of the entry `functionConfig`: a mapping document with that one key.
    pub function_config: Option<Cow<'a, str>>,
}

/// What a command reads: a file, or stdin. `Debug` shows the name alone.
pub struct Source {
    /// How messages call it.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.name).finish()
    }
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}

/// Reads the resources of all `sources`, in their order.
///
/// # Errors
///
/// As [`read`], or when there is no resource in any of them, or two have a functionConfig.
pub fn read_all(sources: &[Source]) -> Result<Input<'_>> {
    let mut all = Input { items: Vec::new(), function_config: None };
    for source in sources {
        let input = read(&source.bytes).with_context(|| format!("reading the resources from {}", source.name))?;
        ensure!(
            input.function_config.is_none() || all.function_config.is_none(),
            "{} is the second input with a functionConfig, and there can be only one",
            source.name
        );
        all.items.extend(input.items);
        all.function_config = all.function_config.or(input.function_config);
    }
    if all.items.is_empty() {
        let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        bail!("{} must hold resources, but there are none; did the previous command fail?", names.join(", "));
    }
    Ok(all)
}

/// Whether `bytes` are resources, but not in a `ResourceList`.
#[must_use]
pub fn is_plain(bytes: &[u8]) -> bool {
    let is_list = |text| documents(text).is_ok_and(|documents| documents.into_iter().any(is_resource_list));
    let has_items = || read(bytes).is_ok_and(|input| !input.items.is_empty());
    std::str::from_utf8(bytes).is_ok_and(|text| !is_list(text)) && has_items()
}

/// Reads a `ResourceList`, or a stream of any number of YAML documents with a resource each.
///
/// # Errors
///
/// When the bytes are not UTF-8, not YAML that Go's readers accept, or a document is neither empty nor an object.
pub fn read(bytes: &[u8]) -> Result<Input<'_>> {
    let text = std::str::from_utf8(bytes).context("the input must be UTF-8")?;
    let documents = documents(text).context("the input must be YAML")?;
    if let [document] = documents[..]
        && is_resource_list(document)
    {
        let list = super::read(bytes)?;
        return Ok(Input { items: list.items, function_config: list.function_config });
    }
    let mut items = Vec::new();
    for (index, document) in documents.into_iter().enumerate() {
        resources(document, &mut items).with_context(|| format!("reading document {} of the input", index + 1))?;
    }
    Ok(Input { items, function_config: None })
}

/// A resource as a document of its own: its bytes, and without the dash if it was read from a list.
#[must_use]
pub fn document<'r>(resource: &'r Resource<'_>) -> Cow<'r, str> {
    let text = resource.text();
    if resource.pointer.is_empty() {
        return Cow::Borrowed(text);
    }
    let dash = text.find('-').unwrap_or_default();
    // What is indented as a whole is a document too, so the dash may simply become part of the indentation.
    let spaced = format!("{} {}", &text[..dash], &text[dash + 1..]);
    let outdented = outdented(&spaced);
    let is_same = outdented.as_ref().is_some_and(|text| view::read(text).is_ok_and(|value| value == *resource.value()));
    Cow::Owned(outdented.filter(|_| is_same).unwrap_or(spaced))
}

/// The text with its first line at the left edge, if every other line with content is indented as far.
fn outdented(text: &str) -> Option<String> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let width = first.len() - first.trim_start_matches(' ').len();
    let line = |line: &str| {
        if line.trim().is_empty() {
            return Some(line.trim_start_matches(' ').to_owned());
        }
        let (indentation, rest) = line.split_at_checked(width.min(line.len()))?;
        indentation.trim().is_empty().then(|| rest.to_owned())
    };
    text.split_inclusive('\n').map(line).collect()
}

/// Adds a document to a stream.
pub fn push(stream: &mut String, document: &str) {
    if !stream.is_empty() && !document.starts_with("---") {
        stream.push_str("---\n");
    }
    stream.push_str(document);
    if !document.ends_with('\n') {
        stream.push('\n');
    }
}

/// The texts of the documents, those without content left out.
///
/// A line `---` may be part of a block scalar, so only the parser can tell where a document begins.
fn documents(text: &str) -> Result<Vec<&str>, Error> {
    let mut documents = Vec::new();
    let (mut start, mut has_content) = (0, false);
    for event in Events::new(text) {
        let event = event?;
        let boundary = match event.kind {
            EventKind::DocumentStart { explicit: true, .. } => event.span.start,
            EventKind::DocumentEnd { explicit: true } => event.span.end,
            EventKind::StreamEnd => text.len(),
            EventKind::Scalar { ref value, .. } if value.is_empty() => continue,
            EventKind::Scalar { .. } | EventKind::MappingStart { .. } | EventKind::SequenceStart { .. } => {
                has_content = true;
                continue;
            }
            _ => continue,
        };
        if has_content {
            documents.push(&text[start..boundary]);
        }
        (start, has_content) = (boundary, false);
    }
    Ok(documents)
}

fn is_resource_list(document: &str) -> bool {
    Layout::new(document, "items").is_ok_and(|layout| {
        let kind = layout.entry("kind").and_then(|entry| view::read(entry).ok());
        kind.is_some_and(|entry| entry["kind"] == "ResourceList")
    })
}

/// Adds the resource that `document` is, or those that it lists.
fn resources<'a>(document: &'a str, items: &mut Vec<Resource<'a>>) -> Result<()> {
    let resource = match Resource::read(document, "") {
        Err(_) if view::read(document).is_ok_and(|value| value.is_null()) => return Ok(()),
        read => read?,
    };
    let kind = resource.id().gvk.kind.clone();
    ensure!(!kind.is_empty(), "it has no `kind`, so it is no Kubernetes resource");
    ensure!(
        kind != "ResourceList" || resource.id().gvk.group != GROUP,
        "a ResourceList must be the only document of the input"
    );
    // kustomize opens up every kind that is called so and has items, and so does kubectl.
    if !kind.ends_with("List") || !resource.value().get("items").is_some_and(serde_json::Value::is_array) {
        items.push(resource);
        return Ok(());
    }
    let layout = Layout::new(document, "items")?;
    for (index, item) in layout.items().enumerate() {
        let item = Resource::read(item, layout.item_pointer()).with_context(|| format!("reading `items[{index}]`"))?;
        ensure!(!item.id().gvk.kind.is_empty(), "`items[{index}]` has no `kind`, so it is no Kubernetes resource");
        items.push(item);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap().items.iter().map(|item| item.id().to_string()).collect()
    }

    #[test]
    fn documents_are_what_the_parser_says() {
        let tricky = "kind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    ---\n    y\n";
        for (text, expected) in [
            (format!("{tricky}---\nkind: Service\nmetadata: {{name: b}}\n"), vec!["v1/ConfigMap/a", "v1/Service/b"]),
            (format!("# head\n---\n{tricky}---\n---\n# only a comment\n"), vec!["v1/ConfigMap/a"]),
            (
                format!("%YAML 1.1\n---\n{tricky}...\n# next\n---\n  kind: Service\n  metadata: {{name: b}}\n"),
                vec!["v1/ConfigMap/a", "v1/Service/b"],
            ),
            (tricky.replace('\n', "\r\n"), vec!["v1/ConfigMap/a"]),
            (format!("\u{feff}{tricky}"), vec!["v1/ConfigMap/a"]),
            (r#"{"kind": "ConfigMap", "metadata": {"name": "a"}}"#.to_owned(), vec!["v1/ConfigMap/a"]),
            (format!("null\n---\n{tricky}---\n~\n"), vec!["v1/ConfigMap/a"]),
            (String::new(), vec![]),
            ("# nothing\n".to_owned(), vec![]),
        ] {
            let expected: Vec<String> = expected.iter().map(|id| id.trim_start_matches("v1").to_owned()).collect();
            assert_eq!(ids(&text), expected, "{text}");
        }
    }

    #[test]
    fn a_list_is_opened_up() {
        let list = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n\
                    - apiVersion: v1\n  kind: Service\n  metadata: {name: b}\n";
        assert_eq!(ids(list), ["v1/Service/a", "v1/Service/b"]);
        let custom = "apiVersion: example.com/v1\nkind: PriceList\nmetadata: {name: a}\n";
        assert_eq!(ids(custom), ["example.com/v1/PriceList/a"]);
    }

    #[test]
    fn an_item_of_a_list_becomes_a_document() {
        for (list, expected) in [
            (
                "items:\n- kind: A\n  # why\n  b: |\n    - c\n\n    d\n- kind: B\n",
                vec!["kind: A\n# why\nb: |\n  - c\n\n  d\n", "kind: B\n"],
            ),
            ("items:\n  -   kind: A\n      b: 'c\n    d'\n", vec!["      kind: A\n      b: 'c\n    d'\n"]),
            ("items:\r\n- kind: A\r\n  b: c\r\n", vec!["kind: A\r\nb: c\r\n"]),
            ("items: [{kind: A, b: c}]\n", vec!["{kind: A, b: c}"]),
        ] {
            let list = format!("apiVersion: v1\nkind: List\n{list}");
            let input = read(list.as_bytes()).unwrap();
            let documents: Vec<_> = input.items.iter().map(document).collect();
            assert_eq!(documents, expected);
            for (item, document) in input.items.iter().zip(&documents) {
                assert_eq!(view::read(document).unwrap(), *item.value());
            }
        }
    }

    #[test]
    fn a_stream_has_a_mark_between_its_documents() {
        let mut stream = String::new();
        for document in ["# Source: a\nkind: A\n", "---\n# Source: b\nkind: B", "kind: C\n"] {
            push(&mut stream, document);
        }
        assert_eq!(stream, "# Source: a\nkind: A\n---\n# Source: b\nkind: B\n---\nkind: C\n");
    }

    #[test]
    fn a_resource_list_brings_its_function_config() {
        let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- {kind: Service, metadata: {name: a}}\n\
                    functionConfig: {kind: PlaneSplit}\n";
        let input = read(list.as_bytes()).unwrap();
        assert_eq!(input.items.len(), 1);
        assert!(input.function_config.unwrap().contains("PlaneSplit"));
        assert!(read(format!("{list}---\na: 1\n").as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_resource_is_refused_with_its_number() {
        for text in
            ["kind: A\n---\n- b\n", "kind: A\n---\nb: 1\nb: 2\n", "kind: A\n---\nPulled: x\n", "kind: A\n---\ntext\n"]
        {
            let error = format!("{:#}", read(text.as_bytes()).unwrap_err());
            assert!(error.contains("document 2"), "{error}");
        }
        assert!(read(b"a: [1\n").is_err());
    }
}
