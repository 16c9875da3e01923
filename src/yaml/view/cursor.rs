//! One value of a document and the way from it to what is in it.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::{json, key_text, scalar};
use crate::yaml::events::ScalarStyle;
use crate::yaml::resolve::{Resolved, plain};
use crate::yaml::tree::{Kind, NodeId, Tree};

/// A value in a [`View`](super::View): small, to be copied and passed along.
///
/// ```
/// use serde_json::json;
/// use split_planes::yaml::view::View;
///
/// let view = View::new("ports: [{name: web, port: 0x50}]\n")?;
/// let port = view.root().and_then(|root| root.get("ports")?.items().next()).expect("it is there");
/// assert_eq!(port.get("name").and_then(|name| name.text()).as_deref(), Some("web"));
/// assert_eq!(port.value(), json!({"name": "web", "port": 80}));
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Cursor<'r, 't> {
    tree: &'r Tree<'t>,
    node: NodeId,
}

/// Shows where it is and not what is there, which may be a secret.
impl fmt::Debug for Cursor<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("node", &self.node).finish_non_exhaustive()
    }
}

impl<'r, 't> Cursor<'r, 't> {
    /// The node of a tree that is resolved.
    pub(super) fn new(tree: &'r Tree<'t>, node: NodeId) -> Self {
        Self { tree, node }
    }

    /// The value under `key`; nothing where there is none, or this is no mapping.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        let value = if self.tree.is_simple() {
            self.tree.value_under(self.node, key)
        } else {
            let is_key = |name| key_text(self.tree, name).as_deref() == Some(key);
            self.tree.entries(self.node).find(|&(name, _)| is_key(name)).map(|(_, value)| value)
        };
        value.map(|value| Self { node: value, ..self })
    }

    /// The value below the `keys`, one after the other.
    #[must_use]
    pub fn at<'k>(self, keys: impl IntoIterator<Item = &'k str>) -> Option<Self> {
        keys.into_iter().try_fold(self, Self::get)
    }

    /// The elements of a sequence; none of anything else.
    pub fn items(self) -> impl Iterator<Item = Self> + use<'r, 't> {
        self.tree.items(self.node).map(move |item| Self { node: item, ..self })
    }

    /// The keys and values of a mapping; none of anything else.
    pub fn entries(self) -> impl Iterator<Item = (Cow<'t, str>, Self)> + use<'r, 't> {
        let entry = move |(key, value)| (key_text(self.tree, key).unwrap_or_default(), Self { node: value, ..self });
        self.tree.entries(self.node).map(entry)
    }

    /// The text of a value that is text to kustomize.
    #[must_use]
    pub fn text(self) -> Option<Cow<'t, str>> {
        match self.tree[self.node].kind {
            Kind::Scalar(_) if self.tree.tag(self.node).is_some() => match scalar(self.tree, self.node) {
                Some(Value::String(text)) => Some(Cow::Owned(text)),
                _ => None,
            },
            Kind::Scalar(ScalarStyle::Plain) => Some(self.tree.text_of(self.node)).filter(|text| is_text(text)),
            Kind::Scalar(_) => Some(self.tree.text_of(self.node)),
            _ => None,
        }
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        matches!(self.tree[self.node].kind, Kind::Mapping(_))
    }

    /// Whether it is a sequence.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self.tree[self.node].kind, Kind::Sequence(_))
    }

    /// All of it as a JSON value.
    #[must_use]
    pub fn value(self) -> Value {
        json(self.tree, self.node)
    }
}

/// Whether an untagged plain scalar is text in JSON.
fn is_text(text: &str) -> bool {
    match plain(text) {
        Resolved::Text | Resolved::Timestamp => true,
        Resolved::Float(float) => !float.is_finite(),
        _ => false,
    }
}
