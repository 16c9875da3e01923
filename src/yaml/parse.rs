//! Reads YAML text into a tree: fast where it is ordinary, by libyaml's events where it is not, with the same result.

use std::collections::HashMap;
use std::ops::Range;

use super::Error;
use super::events::{Event, EventKind, Events, ScalarStyle};
use super::ordinary;
use super::tree::{Kind, NodeId, Properties, Tree};

/// Reads the one document of `text`; empty documents behind it, as a closing `---` makes them, are passed over.
pub(super) fn parse(text: &str) -> Result<Tree<'_>, Error> {
    let mut tree = Tree::default();
    parse_into(&mut tree, text)?;
    Ok(tree)
}

/// Like [`parse`], into a tree that was used before.
pub(super) fn parse_into<'t>(tree: &mut Tree<'t>, text: &'t str) -> Result<(), Error> {
    if u32::try_from(text.len()).is_err() {
        return Err(Error::at(text, 0, "a document must be shorter than 4 GiB"));
    }
    ordinary::read(tree, text).or_else(|_| by_events(tree, text))
}

/// Reads the document by libyaml's events.
pub(super) fn by_events<'t>(tree: &mut Tree<'t>, text: &'t str) -> Result<(), Error> {
    tree.clear(text);
    let mut builder = Builder { tree, anchors: HashMap::new(), documents: 0 };
    Events::new(text).try_for_each(|event| builder.take(event?))
}

struct Builder<'r, 't> {
    tree: &'r mut Tree<'t>,
    anchors: HashMap<String, NodeId>,
    documents: usize,
}

impl Builder<'_, '_> {
    fn take(&mut self, Event { kind, span }: Event) -> Result<(), Error> {
        match kind {
            EventKind::StreamStart | EventKind::StreamEnd | EventKind::DocumentEnd { .. } => {}
            EventKind::DocumentStart { .. } => self.documents += 1,
            EventKind::SequenceEnd | EventKind::MappingEnd => self.tree.finish(span.end),
            EventKind::Scalar { value, style, anchor, tag } => {
                let is_empty = style == ScalarStyle::Plain && value.is_empty() && anchor.is_none() && tag.is_none();
                if self.documents > 1 && is_empty {
                    return Ok(());
                }
                self.refuse_more(&span)?;
                let id = self.tree.scalar(style, span, &value, properties(anchor.clone(), tag));
                self.anchors.extend(anchor.map(|anchor| (anchor, id)));
            }
            EventKind::Alias { anchor } => {
                let target = self.anchors.get(&anchor).copied();
                let problem = || Error::at(self.tree.text, span.start, "unknown anchor referenced");
                let target = target.ok_or_else(problem)?;
                self.refuse_more(&span)?;
                self.tree.alias(span, target);
            }
            EventKind::SequenceStart { style, anchor, tag } => self.begin(Kind::Sequence(style), &span, anchor, tag)?,
            EventKind::MappingStart { style, anchor, tag } => self.begin(Kind::Mapping(style), &span, anchor, tag)?,
        }
        Ok(())
    }

    fn begin(
        &mut self,
        kind: Kind,
        span: &Range<usize>,
        anchor: Option<String>,
        tag: Option<String>,
    ) -> Result<(), Error> {
        self.refuse_more(span)?;
        let id = self.tree.begin(kind, span.start, properties(anchor.clone(), tag));
        self.anchors.extend(anchor.map(|anchor| (anchor, id)));
        Ok(())
    }

    fn refuse_more(&self, span: &Range<usize>) -> Result<(), Error> {
        if self.documents > 1 {
            return Err(Error::at(self.tree.text, span.start, "there must be one document only"));
        }
        Ok(())
    }
}

fn properties(anchor: Option<String>, tag: Option<String>) -> Option<Properties> {
    (anchor.is_some() || tag.is_some()).then_some(Properties { anchor, tag })
}

/// Whether `text` is ordinary, after comparing what it is read to with what libyaml makes of it.
#[cfg(any(test, fuzzing))]
pub fn compare(text: &str) -> bool {
    let (mut ours, mut theirs) = (Tree::default(), Tree::default());
    if ordinary::read(&mut ours, text).is_err() {
        return false;
    }
    assert_eq!(by_events(&mut theirs, text), Ok(()), "{text:?}");
    assert_eq!((ours.len(), ours.is_simple()), (theirs.len(), theirs.is_simple()), "{text:?}");
    for id in ours.ids() {
        let shape = |tree: &Tree<'_>| {
            let children: Vec<NodeId> = tree.children(id).collect();
            (tree[id].kind, tree[id].span(), tree[id].parent(), children, tree.text_of(id).into_owned())
        };
        assert_eq!(shape(&ours), shape(&theirs), "{id} in {text:?}");
    }
    true
}
