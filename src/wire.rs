//! Reads and writes `ResourceList`s: what an orchestrator sends on stdin and expects on stdout.
//!
//! Source: the KRM functions specification, `config.kubernetes.io/v1`.

pub mod annotations;
pub mod lookup;
mod metadata;
pub mod scope;
pub mod stream;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use json_patch::Patch;
use kube_core::gvk::{GroupVersion, GroupVersionKind};
use serde_json::Value;

use crate::yaml::edit::{self, Refusal};
use crate::yaml::layout::{self, Layout};
use crate::yaml::view::{Cursor, View};
use crate::yaml::{self, view};
use metadata::{Metadata, text_of};

pub use metadata::{Entries, is_met};

const METADATA: &str = "metadata";

/// Where a list says what functions reported.
const RESULTS: &str = "results";

const GROUP: &str = "config.kubernetes.io";
const VERSIONS: [&str; 3] = ["v1", "v1beta1", "v1alpha1"];

/// How many bytes of items are worth another thread.
const PARALLEL_SIZE: usize = 1 << 20;

/// Why reading an item again cannot fail.
const CHECKED: &str = "the text was checked when it was read";

/// The namespace that a namespaced resource without one belongs to.
const DEFAULT_NAMESPACE: &str = "default";

/// What kustomize's selectors find in place of the namespace of a kind that has none; no namespace can be called so.
const NO_NAMESPACE: &str = "_non_namespaceable_";

/// What identifies a resource to kustomize, kpt and the API server; prints as `apps/v1/Deployment/flyte/flyteadmin`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResId {
    /// Group, version and kind; the items of a list share them.
    pub gvk: Arc<GroupVersionKind>,
    /// `metadata.namespace`, absent when it is not written.
    pub namespace: Option<String>,
    /// `metadata.name`, empty for the nameless files that kpt passes along.
    pub name: String,
}

impl ResId {
    /// The id of an object of a kind in the core group, version v1.
    #[must_use]
    pub fn core(kind: &str, namespace: Option<&str>, name: &str) -> Self {
        Self {
            gvk: GroupVersionKind::gvk("", "v1", kind).into(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    /// The namespace as kustomize compares it: `default` when none is written.
    #[must_use]
    pub fn effective_namespace(&self) -> &str {
        self.namespace.as_deref().filter(|namespace| !namespace.is_empty()).unwrap_or(DEFAULT_NAMESPACE)
    }

    /// The namespace as kustomize's selectors see it: if none is written, `default` unless the kind is a built-in one
    /// that is in none.
    #[must_use]
    pub fn selectable_namespace(&self) -> &str {
        match self.namespace.as_deref() {
            None | Some("") if scope::is_cluster_scoped(&self.gvk.group, &self.gvk.kind) => NO_NAMESPACE,
            _ => self.effective_namespace(),
        }
    }

    /// Whether both ids name the same object: version aside, and no namespace equal to `default`.
    #[must_use]
    pub fn is_same_object(&self, other: &Self) -> bool {
        self.gvk.group == other.gvk.group
            && self.gvk.kind == other.gvk.kind
            && self.name == other.name
            && self.effective_namespace() == other.effective_namespace()
    }
}

impl fmt::Display for ResId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.gvk.api_version(), self.gvk.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "/{namespace}")?;
        }
        write!(f, "/{}", self.name)
    }
}

/// One item: its bytes, its identity, and its value when somebody asks.
///
/// `Debug` shows the identity alone, because the bytes may be a Secret's.
pub struct Resource<'a> {
    text: Cow<'a, str>,
    pointer: &'static str,
    id: ResId,
    metadata: Metadata,
    value: OnceLock<Box<Value>>,
}

impl fmt::Debug for Resource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resource").field(&self.id.to_string()).finish()
    }
}

impl<'a> Resource<'a> {
    /// Reads an item from its text, where its value is at the JSON pointer `pointer`.
    ///
    /// # Errors
    ///
    /// When the text is not YAML that Go's readers accept, or not an object.
    pub fn read(text: impl Into<Cow<'a, str>>, pointer: &'static str) -> Result<Self> {
        let text = text.into();
        let (id, metadata) = head(object(&View::new(&text)?, pointer)?, &text);
        Ok(Self { id, metadata, text, pointer, value: OnceLock::new() })
    }

    /// The bytes, exactly as they came or as an edit left them.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a key or text in it may hold `part`, which has no blanks; most do not, and need no value.
    #[must_use]
    pub fn may_hold(&self, part: &str) -> bool {
        // With escapes a text may be anything.
        self.text.contains(part) || self.text.contains('\\')
    }

    /// Group, version, kind, namespace and name.
    #[must_use]
    pub fn id(&self) -> &ResId {
        &self.id
    }

    /// `metadata.labels`.
    #[must_use]
    pub fn labels(&self) -> Entries<'_> {
        self.metadata.labels(&self.text)
    }

    /// `metadata.annotations`, those of the orchestrator included.
    #[must_use]
    pub fn annotations(&self) -> Entries<'_> {
        self.metadata.annotations(&self.text)
    }

    /// One annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations().get(key)
    }

    /// Reads the text again for `look`, which gets the object.
    ///
    /// # Panics
    ///
    /// Never: the text was checked when it was read.
    pub fn view<T>(&self, look: impl FnOnce(Cursor<'_, '_>) -> T) -> T {
        let view = View::new(&self.text).expect(CHECKED);
        look(object(&view, self.pointer).expect(CHECKED))
    }

    /// The whole object, by the rules of kustomize's reader.
    ///
    /// # Panics
    ///
    /// Never: the text was checked when it was read.
    #[must_use]
    pub fn value(&self) -> &Value {
        self.value.get_or_init(|| self.view(|object| Box::new(object.value())))
    }

    /// The current name and every earlier one that kustomize recorded. References inside a build still use those.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.name.as_str()).chain(self.previous(annotations::PREVIOUS_NAMES))
    }

    /// The current namespace as kustomize's selectors see it, and every earlier one.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.selectable_namespace()).chain(self.previous(annotations::PREVIOUS_NAMESPACES))
    }

    /// The current kind and every earlier one.
    pub fn kinds(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.gvk.kind.as_str()).chain(self.previous(annotations::PREVIOUS_KINDS))
    }

    fn previous(&self, annotation: &str) -> impl Iterator<Item = &str> {
        self.annotation(annotation).into_iter().flat_map(|list| list.split(',')).filter(|entry| !entry.is_empty())
    }

    /// Whether it is marked as configuration of tools, never to be applied to a cluster.
    #[must_use]
    pub fn is_local_config(&self) -> bool {
        self.annotation(annotations::LOCAL_CONFIG) == Some("true")
    }

    /// The resource after `patch`, whose pointers start at the object's root; all other bytes are kept.
    ///
    /// # Errors
    ///
    /// When the bytes cannot carry the change: see [`edit::apply`].
    pub fn edited(&self, patch: &Patch) -> Result<Resource<'static>, Refusal> {
        let text = edit::apply(&self.text, &prefixed(patch, self.pointer))?;
        let unreadable = |error: anyhow::Error| Refusal { pointer: String::new(), reason: error.to_string() };
        Resource::read(text, self.pointer).map_err(unreadable)
    }
}

/// The patch with `prefix` before every pointer.
fn prefixed(patch: &Patch, prefix: &str) -> Patch {
    let mut patch = patch.clone();
    let place = |pointer: &mut json_patch::jsonptr::PointerBuf| {
        *pointer = json_patch::jsonptr::PointerBuf::parse(format!("{prefix}{pointer}"))
            .expect("a prefix and a pointer make a pointer");
    };
    for operation in &mut patch.0 {
        match operation {
            json_patch::PatchOperation::Add(add) => place(&mut add.path),
            json_patch::PatchOperation::Remove(remove) => place(&mut remove.path),
            json_patch::PatchOperation::Replace(replace) => place(&mut replace.path),
            json_patch::PatchOperation::Test(test) => place(&mut test.path),
            json_patch::PatchOperation::Move(from_to) => {
                place(&mut from_to.from);
                place(&mut from_to.path);
            }
            json_patch::PatchOperation::Copy(from_to) => {
                place(&mut from_to.from);
                place(&mut from_to.path);
            }
        }
    }
    patch
}

/// What names `object`, and what is attached to it; `text` is what it was read from.
fn head(object: Cursor<'_, '_>, text: &str) -> (ResId, Metadata) {
    let metadata = object.get(METADATA);
    let of_metadata =
        |key| metadata.and_then(|metadata| metadata.get(key)).map(text_of).filter(|text| !text.is_empty());
    let only_text = |key| object.get(key).and_then(Cursor::text).unwrap_or_default();
    let group_version: GroupVersion = only_text("apiVersion").parse().unwrap_or_else(|_| GroupVersion::gv("", ""));
    let id = ResId {
        gvk: group_version.with_kind(&only_text("kind")).into(),
        namespace: of_metadata("namespace").map(Cow::into_owned),
        name: of_metadata("name").unwrap_or_default().into_owned(),
    };
    (id, Metadata::read(metadata, text))
}

/// The object of an item whose value is at `pointer`: all of its text, or the only element of it.
fn object<'r, 't>(view: &'r View<'t>, pointer: &str) -> Result<Cursor<'r, 't>> {
    let root = view.root().and_then(|root| if pointer.is_empty() { Some(root) } else { root.items().next() });
    root.filter(|object| object.is_mapping()).context("an item must be an object")
}

/// A `ResourceList` and the bytes it was read from. `Debug` shows the identities of the items alone.
pub struct ResourceList<'a> {
    layout: Layout<'a>,
    /// The items in order.
    pub items: Vec<Resource<'a>>,
    /// The text of the entry `functionConfig`: a mapping document with that one key.
    pub function_config: Option<Cow<'a, str>>,
}

impl fmt::Debug for ResourceList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}

/// An item of the list to write.
#[derive(Clone, Copy)]
pub enum Output<'o> {
    /// The bytes of a resource that was read, as it came or edited.
    Text(&'o str),
    /// A resource that is new.
    New(&'o Value),
}

/// The text of a list, piece by piece.
pub type Pieces<'i> = Box<dyn Iterator<Item = Cow<'i, str>> + 'i>;

/// Reads the `ResourceList` on stdin.
///
/// # Errors
///
/// When the bytes are not UTF-8, not one YAML document, or that document is not a `ResourceList` of a known version.
pub fn read(bytes: &[u8]) -> Result<ResourceList<'_>> {
    read_noting(bytes, |_, _| ()).map(|(list, _)| list)
}

/// Like [`read`], and what `note` makes of each item and its object, so that it is read once.
///
/// # Errors
///
/// As [`read`].
pub fn read_noting<'a, T: Send>(
    bytes: &'a [u8],
    note: impl Fn(&Resource<'a>, Cursor<'_, 'a>) -> T + Sync,
) -> Result<(ResourceList<'a>, Vec<T>)> {
    ensure!(!bytes.is_empty(), "stdin must hold a ResourceList, it is empty");
    let text = std::str::from_utf8(bytes).context("stdin must be UTF-8")?;
    let layout = Layout::new(text, "items").context("stdin must be a ResourceList in YAML or JSON")?;
    let string = |key: &str| -> Result<String> {
        let Some(entry) = entry(&layout, key) else { return Ok(String::new()) };
        Ok(view::read(&entry)?.get(key).and_then(Value::as_str).unwrap_or_default().to_owned())
    };
    let kind = string("kind")?;
    ensure!(kind == "ResourceList", "stdin must be a ResourceList, got kind {kind:?}");
    let api_version = string("apiVersion")?;
    if !VERSIONS.iter().any(|version| api_version == format!("{GROUP}/{version}")) {
        let known = VERSIONS.map(|version| format!("{GROUP}/{version}")).join(", ");
        bail!("`apiVersion` of the ResourceList must be one of {known}, got {api_version:?}");
    }
    let (items, notes) = read_items(&layout, &note)?;
    let function_config = entry(&layout, "functionConfig");
    Ok((ResourceList { layout, items, function_config }, notes))
}

/// The text of an entry of the list: a mapping document with that one key.
fn entry<'a>(layout: &Layout<'a>, key: &str) -> Option<Cow<'a, str>> {
    if let Some(written) = layout.entry(key) {
        return Some(Cow::Borrowed(written));
    }
    let value = layout.entry_value(key)?;
    // In JSON, half a character may be escaped; behind a key without quotes it is YAML, where it may not.
    let read = if value.contains("\\u") { serde_json::from_str::<Value>(value).ok() } else { None };
    Some(Cow::Owned(read.map_or_else(|| format!("{key}: {value}"), |value| format!("{key}: {value}"))))
}

/// Reads the items on as many cores as there are, because each must be validated before anything is written.
fn read_items<'a, T: Send>(
    layout: &Layout<'a>,
    note: &(impl Fn(&Resource<'a>, Cursor<'_, 'a>) -> T + Sync),
) -> Result<(Vec<Resource<'a>>, Vec<T>)> {
    let count = layout.items().len();
    let share = share_of(count, layout.items().map(str::len).sum());
    if share >= count {
        return read_share(layout, 0, count, note);
    }
    thread::scope(|scope| {
        let read = |start| scope.spawn(move || read_share(layout, start, share, note));
        let shares: Vec<_> = (0..count).step_by(share).map(read).collect();
        let (mut items, mut notes) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for share in shares {
            let (more_items, more_notes) = share.join().expect("reading does not panic")?;
            items.extend(more_items);
            notes.extend(more_notes);
        }
        Ok((items, notes))
    })
}

/// Reads the `count` items of the list from position `start` on, as far as there are so many.
fn read_share<'a, T>(
    layout: &Layout<'a>,
    start: usize,
    count: usize,
    note: &impl Fn(&Resource<'a>, Cursor<'_, 'a>) -> T,
) -> Result<(Vec<Resource<'a>>, Vec<T>)> {
    let mut kinds = HashSet::new();
    let mut view = View::default();
    let pointer = layout.item_pointer();
    let (mut items, mut notes) = (Vec::new(), Vec::new());
    for (index, text) in layout.items().enumerate().skip(start).take(count) {
        let mut read = || {
            view.read(text)?;
            let object = object(&view, pointer)?;
            let (mut id, metadata) = head(object, text);
            // A list has many items and few kinds.
            if let Some(known) = kinds.get(&id.gvk) {
                id.gvk = Arc::clone(known);
            } else {
                kinds.insert(Arc::clone(&id.gvk));
            }
            let resource = Resource { id, metadata, text: text.into(), pointer, value: OnceLock::new() };
            notes.push(note(&resource, object));
            items.push(resource);
            anyhow::Ok(())
        };
        read().with_context(|| format!("reading {}", described(index, text)))?;
    }
    Ok((items, notes))
}

/// What `look` finds in each resource and its object, by position; on as many cores as there are, where that is worth it.
///
/// # Panics
///
/// Never: the texts were checked when they were read.
pub fn each_object<'s, T: Send>(
    items: &'s [Resource<'s>],
    look: impl Fn(&'s Resource<'s>, Cursor<'_, 's>) -> T + Sync,
) -> Vec<T> {
    let share = |items: &'s [Resource<'s>]| {
        let mut view = View::default();
        let look = |item: &'s Resource<'s>| {
            view.read(&item.text).expect(CHECKED);
            look(item, object(&view, item.pointer).expect(CHECKED))
        };
        items.iter().map(look).collect::<Vec<T>>()
    };
    let size = items.iter().map(|item| item.text.len()).sum();
    thread::scope(|scope| {
        let mut shares =
            items.chunks(share_of(items.len(), size)).map(|items| scope.spawn(|| share(items))).collect::<Vec<_>>();
        shares.drain(..).flat_map(|share| share.join().expect("reading does not panic")).collect()
    })
}

/// How many of `count` items, which have `size` bytes together, one thread reads.
fn share_of(count: usize, size: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    if size < PARALLEL_SIZE { count.max(1) } else { count.div_ceil(cores).max(1) }
}

/// How to tell an item that cannot be read as a whole: by what it calls itself, where that is a kind and a name.
fn described(index: usize, text: &str) -> String {
    let value = |key| layout::item_value(text, key).and_then(|value| view::read(value).ok());
    let kind = value("kind").filter(|kind| is_made_of(kind, |byte| byte.is_ascii_alphanumeric()));
    let name = value(METADATA).and_then(|mut metadata| metadata.get_mut("name").map(Value::take));
    let name = name.filter(|name| is_made_of(name, |byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)));
    let known: Vec<&str> = kind.iter().chain(&name).filter_map(Value::as_str).collect();
    if known.is_empty() { format!("`items[{index}]`") } else { format!("`items[{index}]`, {}", known.join(" ")) }
}

fn is_made_of(value: &Value, is_legal: impl Fn(u8) -> bool) -> bool {
    value.as_str().is_some_and(|text| text.len() < 254 && text.bytes().all(is_legal))
}

impl ResourceList<'_> {
    /// The pieces that, one after the other, are the list with `items` in place of its own and `results` added to those
    /// that earlier functions reported.
    ///
    /// # Errors
    ///
    /// When the list is written so oddly that it cannot carry the change: see [`Layout::pieces`].
    pub fn compose<'i>(&'i self, items: &'i [Output<'i>], results: &'i [Value]) -> Result<Pieces<'i>, yaml::Error> {
        let text = |item: &Output<'i>| match *item {
            Output::Text(text) => Cow::Borrowed(text),
            Output::New(value) => Cow::Owned(self.layout.render_item(value)),
        };
        Ok(Box::new(self.layout.pieces(items.iter().map(text), (RESULTS, results))?))
    }

    /// The pieces of the list as it came, with `results` added.
    ///
    /// # Errors
    ///
    /// As [`compose`](Self::compose); without results there are none.
    pub fn compose_unchanged<'i>(&'i self, results: &'i [Value]) -> Result<Pieces<'i>, yaml::Error> {
        Ok(Box::new(self.layout.pieces(self.layout.items().map(Cow::Borrowed), (RESULTS, results))?))
    }
}

#[cfg(test)]
mod tests {
    use json_patch::jsonptr::PointerBuf;
    use json_patch::{AddOperation, PatchOperation};
    use serde_json::json;

    use super::*;

    fn list(items: &str) -> String {
        format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}")
    }

    #[test]
    fn a_resource_answers_to_every_name_kustomize_gave_it() {
        let text = list(
            "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: over-web\n    namespace: shop\n    annotations:\n\
             \x20     internal.config.kubernetes.io/previousNames: web,pre-web\n\
             \x20     internal.config.kubernetes.io/previousNamespaces: default,test\n",
        );
        let list = read(text.as_bytes()).unwrap();
        let item = &list.items[0];
        assert_eq!(item.id().to_string(), "apps/v1/Deployment/shop/over-web");
        assert_eq!(item.names().collect::<Vec<_>>(), ["over-web", "web", "pre-web"]);
        assert_eq!(item.namespaces().collect::<Vec<_>>(), ["shop", "default", "test"]);
    }

    #[test]
    fn no_namespace_is_the_default_one() {
        let bare = ResId::core("Service", None, "web");
        assert!(bare.is_same_object(&ResId::core("Service", Some("default"), "web")));
        assert!(bare.is_same_object(&ResId::core("Service", Some(""), "web")));
        assert!(!bare.is_same_object(&ResId::core("Service", Some("shop"), "web")));
    }

    #[test]
    fn a_kind_that_stands_in_no_namespace_is_selected_by_none() {
        let of = |api_version: &str, kind: &str, namespace: &str| {
            let text =
                format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a, namespace: {namespace}}}\n");
            let resource = Resource::read(text, "").unwrap();
            resource.namespaces().collect::<Vec<_>>().join(",")
        };
        assert_eq!(of("rbac.authorization.k8s.io/v1", "ClusterRole", ""), NO_NAMESPACE);
        assert_eq!(of("rbac.authorization.k8s.io/v1", "ClusterRole", "shop"), "shop");
        assert_eq!(of("rbac.authorization.k8s.io/v1", "Role", ""), "default");
        assert_eq!(of("example.com/v1", "ClusterRole", ""), "default");
    }

    #[test]
    fn nameless_items_and_numbers_in_metadata_are_read() {
        let text = list(
            "- kind: Kustomization\n- apiVersion: v1\n  kind: Service\n  metadata: {name: 1, labels: {a: true}, annotations: }\n",
        );
        let list = read(text.as_bytes()).unwrap();
        assert_eq!(list.items[0].id().name, "");
        assert_eq!(list.items[1].id().name, "1");
        assert_eq!(list.items[1].labels().get("a"), Some("true"));
        assert!(list.items[1].annotations().is_empty());
    }

    #[test]
    fn what_is_no_object_is_named_by_its_position() {
        for item in ["- text\n", "- [1]\n", "-\n"] {
            let text = list(&format!("- {{kind: Service}}\n{item}"));
            let error = format!("{:#}", read(text.as_bytes()).unwrap_err());
            assert!(error.contains("`items[1]`") && error.contains("must be an object"), "{item:?}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_kind_and_name() {
        let text = list("- kind: Secret\n  metadata: {name: s}\n  data:\n    a: hunter2\n    a: hunter2\n");
        let error = format!("{:#}", read(text.as_bytes()).unwrap_err());
        assert!(error.starts_with("reading `items[0]`, Secret s: line 5, column 5: "), "{error}");
        let text = list("- kind: 'hunter2\n  hunter2'\n  metadata: {name: s}\n  a: 1\n  a: 1\n");
        let error = format!("{:#}", read(text.as_bytes()).unwrap_err());
        assert!(error.contains("`items[0]`, s: ") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn an_edit_changes_its_line_alone_and_the_identity_never() {
        let text = list("# the web\n- kind: Service # one\n  apiVersion: v1\n  metadata:\n    name: 'web'\n");
        let list = read(text.as_bytes()).unwrap();
        let path = PointerBuf::from_tokens(["metadata", "labels"]);
        let add = PatchOperation::Add(AddOperation { path, value: json!({"a": "b"}) });
        let edited = list.items[0].edited(&Patch(vec![add])).unwrap();
        assert_eq!(edited.text(), format!("{}    labels:\n      a: b\n", list.items[0].text()));
        assert_eq!(edited.id(), list.items[0].id());
    }

    #[test]
    fn debug_shows_the_identity_and_no_value() {
        let text = list("- apiVersion: v1\n  kind: Secret\n  metadata: {name: s}\n  stringData: {token: hunter2}\n");
        let list = read(text.as_bytes()).unwrap();
        assert_eq!(format!("{list:?}"), "[Resource(\"v1/Secret/s\")]");
    }

    #[test]
    fn many_items_are_read_in_order() {
        let padding = "x".repeat(1000);
        let item =
            |at| format!("- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{at}}}, data: {{x: {padding}}}}}\n");
        let items = (0..2000).map(item).collect::<Vec<_>>().concat();
        let text = list(&items);
        assert!(text.len() > PARALLEL_SIZE);
        let names = read(text.as_bytes()).unwrap().items.iter().map(|item| item.id().name.clone()).collect::<Vec<_>>();
        assert_eq!(names, (0..2000).map(|at| format!("c{at}")).collect::<Vec<_>>());
    }
}
