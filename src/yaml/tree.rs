//! The nodes of one YAML document and the bytes each was read from; what `view` reads and `edit` changes.

use std::collections::HashMap;
use std::ops::Range;

use super::Error;
use super::events::{CollectionStyle, Event, EventKind, Events, ScalarStyle};

/// The place of a node in [`Tree::nodes`].
pub(super) type NodeId = usize;

/// What a node is.
pub(super) enum Kind {
    /// `*anchor`, as the node it stands for.
    Alias { target: NodeId },
    /// A scalar, decoded.
    Scalar { value: String, style: ScalarStyle },
    /// A sequence.
    Sequence { style: CollectionStyle, items: Vec<NodeId> },
    /// A mapping: keys and values in the order they are written.
    Mapping { style: CollectionStyle, entries: Vec<(NodeId, NodeId)> },
}

/// One node.
pub(super) struct Node {
    /// What it is.
    pub(super) kind: Kind,
    /// Its bytes, anchor and tag included. A block collection ends where its last leaf ends.
    pub(super) span: Range<usize>,
    /// The name after `&`.
    pub(super) anchor: Option<String>,
    /// The tag, resolved.
    pub(super) tag: Option<String>,
    /// The collection it stands in.
    pub(super) parent: Option<NodeId>,
}

impl Node {
    /// Whether the node is a collection in brackets or braces.
    pub(super) fn is_flow(&self) -> bool {
        matches!(
            self.kind,
            Kind::Sequence { style: CollectionStyle::Flow, .. } | Kind::Mapping { style: CollectionStyle::Flow, .. }
        )
    }
}

/// The nodes of a document; its text stays with the caller.
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// `None` when the text holds no document at all.
    pub(super) root: Option<NodeId>,
}

impl std::ops::Index<NodeId> for Tree {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }
}

impl Tree {
    /// Reads the one document of `text`; empty documents behind it, as a closing `---` makes them, are passed over.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let mut builder = Builder {
            text,
            tree: Self { nodes: Vec::new(), root: None },
            open: Vec::new(),
            anchors: HashMap::new(),
            documents: 0,
        };
        for event in Events::new(text) {
            builder.take(event?)?;
        }
        Ok(builder.tree)
    }

    /// All nodes, in the order they are written.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }
}

/// A collection that is being read.
struct Open {
    id: NodeId,
    /// The key that waits for its value.
    key: Option<NodeId>,
    /// Where the last child ends.
    end: usize,
}

struct Builder<'t> {
    text: &'t str,
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<String, NodeId>,
    documents: usize,
}

impl Builder<'_> {
    fn take(&mut self, Event { kind, span }: Event) -> Result<(), Error> {
        match kind {
            EventKind::StreamStart | EventKind::StreamEnd | EventKind::DocumentEnd { .. } => {}
            EventKind::DocumentStart { .. } => self.documents += 1,
            EventKind::Alias { anchor } => {
                let Some(&target) = self.anchors.get(&anchor) else {
                    return Err(Error::at(self.text, span.start, "unknown anchor referenced"));
                };
                self.add(Kind::Alias { target }, span, None, None)?;
            }
            EventKind::Scalar { value, style, anchor, tag } => {
                self.add(Kind::Scalar { value, style }, span, anchor, tag)?;
            }
            EventKind::SequenceStart { style, anchor, tag } => {
                self.begin(Kind::Sequence { style, items: Vec::new() }, span, anchor, tag)?;
            }
            EventKind::MappingStart { style, anchor, tag } => {
                self.begin(Kind::Mapping { style, entries: Vec::new() }, span, anchor, tag)?;
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                let Open { id, end, .. } = self.open.pop().expect("libyaml ends what it began");
                let node = &mut self.tree.nodes[id];
                // The end event of a block collection lies at the next token, behind comments and blank lines.
                node.span.end = if node.is_flow() { span.end } else { end.max(node.span.end) };
                let end = node.span.end;
                if let Some(open) = self.open.last_mut() {
                    open.end = end;
                }
            }
        }
        Ok(())
    }

    fn begin(
        &mut self,
        kind: Kind,
        span: Range<usize>,
        anchor: Option<String>,
        tag: Option<String>,
    ) -> Result<(), Error> {
        // An indentless sequence begins with its first dash, every other collection with a token of its own.
        let span = span.start..if kind_is_flow(&kind) { span.end } else { span.start };
        let end = span.end;
        let id = self.add(kind, span, anchor, tag)?;
        self.open.push(Open { id, key: None, end });
        Ok(())
    }

    fn add(
        &mut self,
        kind: Kind,
        span: Range<usize>,
        anchor: Option<String>,
        tag: Option<String>,
    ) -> Result<NodeId, Error> {
        if self.documents > 1 {
            if matches!(&kind, Kind::Scalar { value, style: ScalarStyle::Plain } if value.is_empty())
                && anchor.is_none()
                && tag.is_none()
            {
                return Ok(usize::MAX);
            }
            return Err(Error::at(self.text, span.start, "there must be one document only"));
        }
        let id = self.tree.nodes.len();
        if let Some(anchor) = &anchor {
            self.anchors.insert(anchor.clone(), id);
        }
        let parent = self.open.last().map(|open| open.id);
        let end = span.end;
        self.tree.nodes.push(Node { kind, span, anchor, tag, parent });
        let Some(open) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return Ok(id);
        };
        open.end = end;
        match &mut self.tree.nodes[open.id].kind {
            Kind::Sequence { items, .. } => items.push(id),
            Kind::Mapping { entries, .. } => match open.key.take() {
                Some(key) => entries.push((key, id)),
                None => open.key = Some(id),
            },
            Kind::Alias { .. } | Kind::Scalar { .. } => unreachable!("only collections are opened"),
        }
        Ok(id)
    }
}

fn kind_is_flow(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Sequence { style: CollectionStyle::Flow, .. } | Kind::Mapping { style: CollectionStyle::Flow, .. }
    )
}
