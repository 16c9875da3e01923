//! Where things stand in a text: lines, columns, indicators.

use std::ops::Range;

use super::splice::Splice;
use crate::yaml::events::ScalarStyle;
use crate::yaml::scalar::{BlockStyle, Context};
use crate::yaml::text::{self, BOM, Header};
use crate::yaml::tree::{Kind, NodeId, Tree};

/// A text, its tree, and its habits.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) tree: &'t Tree<'t>,
    /// The line break that new lines end with.
    pub(super) newline: &'static str,
    is_json: bool,
    style: Option<BlockStyle>,
}

impl<'t> Source<'t> {
    /// New block collections are written in `style`, or as their neighbours are.
    pub(super) fn new(tree: &'t Tree<'t>, style: Option<BlockStyle>) -> Self {
        let text = tree.text;
        let body = text.trim_start_matches(BOM);
        let is_json =
            body.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok();
        Self { text, tree, newline: text::line_break(text), is_json, style }
    }

    /// What a value inside of `node` is written in.
    pub(super) fn context_within(&self, node: NodeId) -> Context {
        match self.tree[node] {
            _ if self.is_json => Context::Json,
            ref node if node.is_flow() => Context::Flow,
            _ => Context::Block,
        }
    }

    /// What `node` itself is written in.
    pub(super) fn context_of(&self, node: NodeId) -> Context {
        match self.tree[node].parent() {
            Some(parent) => self.context_within(parent),
            None if self.is_json => Context::Json,
            None => Context::Block,
        }
    }

    /// New lines with this text's line breaks.
    pub(super) fn lines(&self, rendered: &str) -> String {
        if self.newline == "\n" { rendered.to_owned() } else { rendered.replace('\n', self.newline) }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// Where the line of `at` begins.
    pub(super) fn line_start(&self, at: usize) -> usize {
        let body = || self.text.len() - self.text.trim_start_matches(BOM).len();
        self.text[..at].rfind('\n').map_or_else(body, |newline| newline + 1)
    }

    /// Where the line of `at` ends, before its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        at + text::without_break(&self.text[at..self.next_line(at)]).len()
    }

    /// Where the line behind the one of `at` begins.
    pub(super) fn next_line(&self, at: usize) -> usize {
        text::line_end(self.text.as_bytes(), at)
    }

    /// The column of `at`, in characters as libyaml counts them.
    pub(super) fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().count()
    }

    /// Whether nothing but spaces stands before `at` on its line.
    pub(super) fn is_first_on_line(&self, at: usize) -> bool {
        self.text[self.line_start(at)..at].bytes().all(|byte| byte == b' ')
    }

    /// The next byte from `at` on that is no space, tab, line break or comment.
    pub(super) fn skip_blank(&self, mut at: usize) -> usize {
        while let Some(byte) = self.byte(at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' => at = self.line_end(at),
                _ => break,
            }
        }
        at
    }

    /// The next byte from `at` on that is no space or tab.
    pub(super) fn skip_spaces(&self, at: usize) -> usize {
        text::skip_blanks(self.text.as_bytes(), at)
    }

    /// Where a node begins behind its anchor and tag.
    pub(super) fn content_start(&self, node: NodeId) -> usize {
        let span = self.tree[node].span();
        let mut at = span.start;
        while matches!(self.byte(at), Some(b'&' | b'!')) {
            let rest = &self.text[at..span.end.max(at)];
            let end = at + rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
            let next = self.skip_blank(end);
            if next >= span.end && !self.tree[node].is_collection() {
                return end;
            }
            at = next;
        }
        at
    }

    /// Where the anchor and the tag of a node end; `None` without them.
    pub(super) fn properties_end(&self, node: NodeId) -> Option<usize> {
        let start = self.tree[node].span().start;
        let content = self.content_start(node);
        let properties = &self.text[start..content];
        let mut end = None;
        let mut at = start;
        while at < content && !properties.is_empty() && matches!(self.byte(at), Some(b'&' | b'!')) {
            let rest = &self.text[at..content];
            let stop = at + rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
            end = Some(stop);
            at = self.skip_blank(stop);
        }
        end
    }

    /// Whether a node is a collection without children.
    pub(super) fn is_empty(&self, node: NodeId) -> bool {
        self.tree[node].is_collection() && self.tree.children(node).next().is_none()
    }

    /// Whether nothing is between the brackets of a collection, no comment either.
    pub(super) fn is_bare(&self, node: NodeId) -> bool {
        let inside = self.content_start(node) + 1..self.tree[node].span().end.saturating_sub(1);
        self.is_empty(node) && self.text.get(inside).is_some_and(|inside| inside.trim().is_empty())
    }

    /// Whether a node is a collection by indentation.
    pub(super) fn is_block_collection(&self, node: NodeId) -> bool {
        self.tree[node].is_collection() && !self.tree[node].is_flow()
    }

    /// Whether a node begins below the line on which its indicator ends at `after`.
    pub(super) fn is_below(&self, node: NodeId, after: usize) -> bool {
        let content = self.content_start(node);
        content < self.end(node) && self.line_end(after) < content
    }

    /// Whether a node is a literal or folded block.
    pub(super) fn is_block_scalar(&self, node: NodeId) -> bool {
        matches!(self.tree[node].kind, Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded))
    }

    /// The last leaf of a node.
    pub(super) fn last_leaf(&self, mut node: NodeId) -> NodeId {
        while self.is_block_collection(node) {
            let Some(last) = self.tree.children(node).last() else { break };
            node = last;
        }
        node
    }

    /// Where a node ends: behind its last byte, for a block scalar before the line break of its last line.
    pub(super) fn end(&self, node: NodeId) -> usize {
        let leaf = self.last_leaf(node);
        let span = self.tree[leaf].span();
        if !self.is_block_scalar(leaf) {
            return span.start + self.text[span.clone()].trim_end().len();
        }
        let body = &self.text[..span.end];
        let mut end = text::without_break(body);
        if self.header(leaf).is_some_and(|(header, _)| header.chomping != Some(b'+')) {
            while end.ends_with('\n') {
                end = text::without_break(end);
            }
        }
        end.len()
    }

    /// The header of a block scalar, and its bytes.
    pub(super) fn header(&self, node: NodeId) -> Option<(Header, Range<usize>)> {
        let bytes = self.text.as_bytes();
        self.is_block_scalar(node).then(|| Header::read(bytes, self.content_start(node)))?
    }

    /// Keeps the value of a block scalar that ends with the text, without a line break, when lines are added below.
    pub(super) fn seal(&self, node: NodeId) -> Option<Splice> {
        let leaf = self.last_leaf(node);
        let (header, range) = self.header(leaf)?;
        // Spaces of a last line that is blank are not part of it: its own last line is ended then.
        let body = &self.text[range.end..self.tree[leaf].span().end.max(range.end)];
        let is_open = body.contains('\n') && !body.ends_with(['\n', '\r']);
        let sealed = Header { chomping: Some(b'-'), ..header };
        (is_open && sealed != header).then(|| Splice::new(range, sealed.to_string()))
    }

    /// Where the indicator of item `index` stands in a block sequence: its dash.
    pub(super) fn dash(&self, sequence: NodeId, index: usize) -> Option<usize> {
        let at = match index.checked_sub(1) {
            None => self.skip_blank(self.content_start(sequence)),
            Some(before) => {
                let item = self.tree.items(sequence).nth(before)?;
                self.skip_blank(self.tree[item].span().end.max(self.end(item)))
            }
        };
        (self.byte(at) == Some(b'-')).then_some(at)
    }

    /// The column of a block collection's keys or dashes.
    pub(super) fn collection_column(&self, node: NodeId) -> Option<usize> {
        match self.tree[node].kind {
            Kind::Sequence(_) => Some(self.column(self.dash(node, 0)?)),
            Kind::Mapping(_) => Some(self.column(self.tree[self.tree.children(node).next()?].span().start)),
            Kind::Scalar(_) | Kind::Alias(_) => None,
        }
    }

    /// Where the colon behind a key stands.
    pub(super) fn colon(&self, key: NodeId) -> Option<usize> {
        let at = self.skip_blank(self.end(key));
        (self.byte(at) == Some(b':')).then_some(at)
    }

    /// Whether a key is written behind `?`.
    pub(super) fn is_explicit(&self, key: NodeId) -> bool {
        let start = self.tree[key].span().start;
        self.text[self.line_start(start)..start].trim_end_matches([' ', '\t']).ends_with('?')
            || self.line_start(start) != self.line_start(self.colon(key).unwrap_or(start))
    }

    /// Where lines can be added below a node whose siblings have the column `column`: before the line break of its last
    /// line, or of the comment lines that belong to it: deeper ones, and those directly below that do not belong to what
    /// follows.
    pub(super) fn below(&self, node: NodeId, column: usize) -> usize {
        let mut end = self.line_end(self.end(node));
        let follower = self.skip_blank(self.next_line(end));
        let is_last = follower == self.text.len() || self.text[follower..].starts_with("...");
        let indent = if is_last { column } else { column.max(self.column(follower) + 1) };
        let mut at = end;
        while self.next_line(at) < self.text.len() {
            let start = self.skip_spaces(self.next_line(at));
            let is_touching = at == end;
            at = self.line_end(start);
            match self.byte(start) {
                Some(b'#') if self.column(start) > column || is_touching && self.column(start) >= indent => end = at,
                Some(b'\r' | b'\n') => {}
                _ => break,
            }
        }
        end
    }

    /// How new block collections are to be written in `collection`: as its neighbours are, or the rest of the text.
    pub(super) fn block_style(&self, collection: Option<NodeId>) -> BlockStyle {
        if let Some(style) = self.style {
            return style;
        }
        let mut near = collection.into_iter().chain(self.tree.ids());
        let wide = near.find_map(|node| self.is_wide(node)).unwrap_or(BlockStyle::COMPACT.wide);
        BlockStyle { wide, ..BlockStyle::COMPACT }
    }

    /// Whether the first block sequence under a key of `mapping` is indented below that key.
    fn is_wide(&self, mapping: NodeId) -> Option<bool> {
        if self.tree[mapping].is_flow() || !matches!(self.tree[mapping].kind, Kind::Mapping(_)) {
            return None;
        }
        let column = self.collection_column(mapping)?;
        self.tree.entries(mapping).find_map(|(_, value)| {
            let is_sequence = matches!(self.tree[value].kind, Kind::Sequence(_));
            if is_sequence && self.is_block_collection(value) {
                Some(self.collection_column(value)? > column)
            } else {
                None
            }
        })
    }
}
