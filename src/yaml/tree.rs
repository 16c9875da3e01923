//! The nodes of one YAML document in one arena; they borrow its text. What `view` reads and `edit` changes.
//!
//! A node is followed by what is in it, and knows what follows that. A scalar is decoded when it is asked for, and
//! borrowed where it is written as it reads. A tree can be filled again with another text, which costs no allocation.

mod decode;

use std::borrow::Cow;
use std::ops::Range;

use super::events::{CollectionStyle, ScalarStyle};
use super::resolve::{Resolved, plain};

/// The place of a node in its tree.
pub(super) type NodeId = u32;

/// Stands for no node, and for no properties.
const NONE: u32 = u32::MAX;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `*anchor`, as the node it stands for.
    Alias(NodeId),
    Scalar(ScalarStyle),
    Sequence(CollectionStyle),
    Mapping(CollectionStyle),
}

/// Where the text of a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In these bytes of the source.
    Verbatim(u32, u32),
    /// In these bytes of [`Tree::decoded`].
    Decoded(u32, u32),
    /// In the span of the node, to be decoded by the style.
    Written,
}

/// One node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    start: u32,
    end: u32,
    place: Place,
    /// What follows behind the node and all that is in it.
    next: NodeId,
    parent: NodeId,
    properties: u32,
}

/// What is written before a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Properties {
    /// The name after `&`.
    pub(super) anchor: Option<String>,
    /// The tag, resolved.
    pub(super) tag: Option<String>,
}

/// A collection that is being filled.
#[derive(Debug)]
struct Open {
    id: NodeId,
    is_mapping: bool,
    awaits_key: bool,
    /// Where its keys begin in [`Tree::keys`].
    first_key: usize,
}

/// The nodes of a document.
#[derive(Debug)]
pub(super) struct Tree<'t> {
    pub(super) text: &'t str,
    nodes: Vec<Node>,
    decoded: String,
    properties: Vec<Properties>,
    open: Vec<Open>,
    /// Hashes of the keys of open mappings, those of inner ones behind those of outer ones.
    keys: Vec<u64>,
    /// Where the last leaf ends.
    end: u32,
    is_simple: bool,
}

impl Default for Tree<'_> {
    fn default() -> Self {
        Self {
            text: "",
            nodes: Vec::new(),
            decoded: String::new(),
            properties: Vec::new(),
            open: Vec::new(),
            keys: Vec::new(),
            end: 0,
            is_simple: true,
        }
    }
}

impl std::ops::Index<NodeId> for Tree<'_> {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }
}

/// A place in a text or in an arena: no text that is read has 4 GiB.
#[allow(clippy::cast_possible_truncation, reason = "`parse` refuses text that is too long")]
fn small(at: usize) -> u32 {
    at as u32
}

impl Node {
    /// Its bytes, anchor and tag included. A block collection ends where its last leaf ends.
    pub(super) fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The collection it stands in.
    pub(super) fn parent(&self) -> Option<NodeId> {
        (self.parent != NONE).then_some(self.parent)
    }

    pub(super) fn is_collection(&self) -> bool {
        matches!(self.kind, Kind::Sequence(_) | Kind::Mapping(_))
    }

    /// Whether the node is a collection in brackets or braces.
    pub(super) fn is_flow(&self) -> bool {
        matches!(self.kind, Kind::Sequence(CollectionStyle::Flow) | Kind::Mapping(CollectionStyle::Flow))
    }
}

/// Making a tree.
impl<'t> Tree<'t> {
    /// Forgets everything, to be filled from `text`.
    pub(super) fn clear(&mut self, text: &'t str) {
        self.text = text;
        self.nodes.clear();
        self.decoded.clear();
        self.properties.clear();
        self.open.clear();
        self.keys.clear();
        self.end = 0;
        self.is_simple = true;
    }

    /// An empty tree of the same text, for nodes of this one.
    pub(super) fn sibling(&self) -> Self {
        let (decoded, properties) = (self.decoded.clone(), self.properties.clone());
        Self { text: self.text, decoded, properties, ..Self::default() }
    }

    /// Adds a scalar that reads as it is written in the bytes `value`.
    pub(super) fn verbatim(&mut self, style: ScalarStyle, span: Range<usize>, value: Range<usize>) {
        self.add(Kind::Scalar(style), span, Place::Verbatim(small(value.start), small(value.end)), None);
    }

    /// Adds a scalar to be decoded from its ordinary text.
    pub(super) fn written(&mut self, style: ScalarStyle, span: Range<usize>) {
        self.add(Kind::Scalar(style), span, Place::Written, None);
    }

    /// Adds a scalar that was decoded to `value`.
    pub(super) fn scalar(
        &mut self,
        style: ScalarStyle,
        span: Range<usize>,
        value: &str,
        properties: Option<Properties>,
    ) -> NodeId {
        let start = match style {
            ScalarStyle::Plain if self.text[..span.end].ends_with(value) => Some(span.end - value.len()),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted
                if self.text[..span.end - 1].ends_with(value) && span.end - span.start == value.len() + 2 =>
            {
                Some(span.start + 1)
            }
            _ => None,
        };
        let place = if let Some(start) = start {
            Place::Verbatim(small(start), small(start + value.len()))
        } else {
            let start = self.decoded.len();
            self.decoded.push_str(value);
            Place::Decoded(small(start), small(self.decoded.len()))
        };
        self.add(Kind::Scalar(style), span, place, properties)
    }

    pub(super) fn alias(&mut self, span: Range<usize>, target: NodeId) {
        self.is_simple = false;
        self.add(Kind::Alias(target), span, Place::Written, None);
    }

    /// Begins a collection at `start`; for one in brackets, `end` is behind the first.
    pub(super) fn begin(&mut self, kind: Kind, start: usize, properties: Option<Properties>) -> NodeId {
        let id = self.add(kind, start..start, Place::Written, properties);
        let is_mapping = matches!(kind, Kind::Mapping(_));
        self.open.push(Open { id, is_mapping, awaits_key: true, first_key: self.keys.len() });
        id
    }

    /// Ends the innermost collection; one in brackets ends at `flow_end`.
    pub(super) fn finish(&mut self, flow_end: usize) {
        let Some(Open { id, first_key, .. }) = self.open.pop() else { return };
        let next = small(self.nodes.len());
        let node = &mut self.nodes[id as usize];
        if node.is_flow() {
            self.end = small(flow_end);
        }
        node.end = self.end.max(node.start);
        node.next = next;
        let keys = &mut self.keys[first_key..];
        keys.sort_unstable();
        self.is_simple &= keys.windows(2).all(|pair| pair[0] != pair[1]);
        self.keys.truncate(first_key);
    }

    /// Adds a copy of a leaf of the tree that this one is a [`sibling`](Self::sibling) of.
    pub(super) fn copy(&mut self, node: &Node) {
        let id = self.add(node.kind, node.span(), node.place, None);
        self.nodes[id as usize].properties = node.properties;
        self.is_simple &= self.tag(id).is_none();
    }

    /// Begins a collection as `node` is one.
    pub(super) fn begin_copy(&mut self, node: &Node) {
        self.begin(node.kind, node.start as usize, None);
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Forgets the last entry of the open mapping, whose key is the node `key`.
    pub(super) fn forget_entry(&mut self, key: usize) {
        self.nodes.truncate(key);
    }

    fn add(&mut self, kind: Kind, span: Range<usize>, place: Place, properties: Option<Properties>) -> NodeId {
        let id = small(self.nodes.len());
        let parent = self.open.last().map_or(NONE, |open| open.id);
        let properties = match properties {
            None => NONE,
            Some(properties) => {
                self.is_simple &= properties.tag.is_none();
                self.properties.push(properties);
                small(self.properties.len() - 1)
            }
        };
        let (start, end) = (small(span.start), small(span.end));
        self.nodes.push(Node { kind, start, end, place, next: id + 1, parent, properties });
        self.end = end;
        if let Some(open) = self.open.last_mut().filter(|open| open.is_mapping) {
            let is_key = open.awaits_key;
            open.awaits_key = !is_key;
            if is_key {
                self.note_key(id);
            }
        }
        id
    }

    fn note_key(&mut self, key: NodeId) {
        let Kind::Scalar(style) = self[key].kind else {
            self.is_simple = false;
            return;
        };
        let text = self.text_of(key);
        let is_text = style != ScalarStyle::Plain || &*text != "<<" && plain(&text) == Resolved::Text;
        let hash = hash(text.as_bytes());
        self.is_simple &= is_text;
        self.keys.push(hash);
    }
}

/// Reading a tree.
impl<'t> Tree<'t> {
    /// Whether nothing in it needs to be resolved: it has no aliases, tags and merge keys, all keys are text, and no two
    /// keys of a mapping have the same hash.
    pub(super) fn is_simple(&self) -> bool {
        self.is_simple
    }

    /// `None` when the text holds no document at all.
    pub(super) fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(0)
    }

    /// All nodes, in the order they are written.
    pub(super) fn ids(&self) -> Range<NodeId> {
        0..small(self.nodes.len())
    }

    /// What stands in a node: the elements of a sequence, the keys and values of a mapping by turns.
    pub(super) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + Clone + use<'_, 't> {
        let end = if self[id].is_collection() { self[id].next } else { id };
        let mut at = id + 1;
        std::iter::from_fn(move || {
            let child = at;
            (child < end).then(|| {
                at = self[child].next;
                child
            })
        })
    }

    /// The elements of a sequence; none of anything else.
    pub(super) fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> + Clone + use<'_, 't> {
        self.children(id).take(if matches!(self[id].kind, Kind::Sequence(_)) { usize::MAX } else { 0 })
    }

    /// The keys and values of a mapping; none of anything else.
    pub(super) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + Clone + use<'_, 't> {
        let is_mapping = matches!(self[id].kind, Kind::Mapping(_));
        let keys = self.children(id).step_by(2).take(if is_mapping { usize::MAX } else { 0 });
        keys.map(|key| (key, self[key].next))
    }

    /// The value under the key of a mapping whose text is `text`.
    pub(super) fn value_under(&self, mapping: NodeId, text: &str) -> Option<NodeId> {
        let Node { kind: Kind::Mapping(_), next: end, .. } = self[mapping] else { return None };
        let mut key = mapping + 1;
        while key < end {
            let value = self[key].next;
            let is_it = match self[key].place {
                Place::Verbatim(start, end) => &self.text[start as usize..end as usize] == text,
                _ => self.text_of(key) == text,
            };
            if is_it {
                return Some(value);
            }
            key = self[value].next;
        }
        None
    }

    /// The text of a scalar, decoded; empty for anything else.
    pub(super) fn text_of(&self, id: NodeId) -> Cow<'t, str> {
        let node = &self[id];
        let Kind::Scalar(style) = node.kind else { return Cow::Borrowed("") };
        match node.place {
            Place::Verbatim(start, end) => Cow::Borrowed(&self.text[start as usize..end as usize]),
            Place::Decoded(start, end) => Cow::Owned(self.decoded[start as usize..end as usize].to_owned()),
            Place::Written => Cow::Owned(decode::scalar(&self.text[node.span()], style)),
        }
    }

    pub(super) fn is_plain(&self, id: NodeId) -> bool {
        self[id].kind == Kind::Scalar(ScalarStyle::Plain)
    }

    pub(super) fn tag(&self, id: NodeId) -> Option<&str> {
        self.properties.get(self[id].properties as usize)?.tag.as_deref()
    }

    pub(super) fn anchor(&self, id: NodeId) -> Option<&str> {
        self.properties.get(self[id].properties as usize)?.anchor.as_deref()
    }
}

/// Tells most keys apart; equal ones always have the same.
fn hash(bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = (hash ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR).rotate_left(29);
    }
    let rest = rest.iter().fold(0, |rest, &byte| rest << 8 | u64::from(byte));
    (hash ^ rest).wrapping_mul(FACTOR)
}
