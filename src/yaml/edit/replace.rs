//! Writes another value in the place of one.

use serde_json::Value;

use super::locate::{Place, Slot};
use super::source::Source;
use super::splice::{Candidates, Splice};
use super::{block_scalar, quoted};
use crate::yaml::events::ScalarStyle;
use crate::yaml::scalar::{self, BlockStyle, Context};
use crate::yaml::text::without_break;
use crate::yaml::tree::{Kind, NodeId};

/// The ways to write `new` at `place`: in the style of what is there, then in the style of its neighbours.
pub(super) fn plan(source: &Source, place: Place, new: &Value) -> Candidates {
    let mut candidates = same_style(source, place.node, new);
    let node = place.node;
    let context = source.context_of(node);
    let stays_flow = source.tree[node].is_flow() && !source.is_empty(node) && scalar::is_block_collection(new);
    if context != Context::Block || stays_flow {
        candidates.extend(in_line(source, place, new, context));
        if let Some(properties) = source.properties_end(node) {
            // The tag may not fit the new value.
            let all = source.tree[node].span().start..source.end(node).max(properties);
            candidates.push(vec![Splice::new(all, scalar::inline(new, context))]);
        }
        return candidates;
    }
    for keeps_properties in [true, false] {
        if !keeps_properties && source.properties_end(node).is_none() {
            break;
        }
        for literals in [true, false] {
            let style = BlockStyle { literals, ..source.block_style(mapping_of(place)) };
            let Some((splices, end)) = in_block(source, place, new, style, keeps_properties) else { continue };
            candidates.push(splices.clone());
            if end == source.text.len() {
                // A literal block at the end needs a line break even where the text has none.
                candidates.push([splices, vec![Splice::insert(end, source.newline)]].concat());
            }
        }
    }
    candidates
}

fn mapping_of(place: Place) -> Option<NodeId> {
    match place.slot {
        Slot::Entry { mapping, .. } => Some(mapping),
        Slot::Item { .. } | Slot::Root => None,
    }
}

/// A string in the quotes or the block of the string that is there, with as much of its source as can stay.
fn same_style(source: &Source, node: NodeId, new: &Value) -> Candidates {
    let (Kind::Scalar(style), Value::String(new)) = (source.tree[node].kind, new) else {
        return Vec::new();
    };
    let old = &source.tree.text_of(node);
    let whole = match style {
        ScalarStyle::Literal | ScalarStyle::Folded => {
            return block_scalar::rewrite(source, node, old, new).into_iter().collect();
        }
        ScalarStyle::SingleQuoted if scalar::is_single_quotable(new) => Some(scalar::single_quoted(new)),
        ScalarStyle::DoubleQuoted => Some(scalar::double_quoted(new)),
        ScalarStyle::SingleQuoted | ScalarStyle::Plain => None,
    };
    let whole = whole.map(|whole| vec![Splice::new(source.content_start(node)..source.end(node), whole)]);
    quoted::rewrite(source, node, style, old, new).into_iter().chain(whole).collect()
}

/// A value inside of brackets or braces.
fn in_line(source: &Source, place: Place, new: &Value, context: Context) -> Option<Vec<Splice>> {
    let (node, rendered) = (place.node, scalar::inline(new, context));
    let start = source.content_start(node);
    let end = source.end(node);
    if start < end {
        return Some(vec![Splice::new(start..end, rendered)]);
    }
    let Slot::Entry { mapping, index } = place.slot else { return None };
    let (key, _) = source.tree.entries(mapping).nth(index)?;
    Some(vec![match source.colon(key) {
        Some(colon) => Splice::insert(source.properties_end(node).unwrap_or(colon + 1), format!(" {rendered}")),
        None => Splice::insert(source.end(key), format!(": {rendered}")),
    }])
}

/// A value in block style: what begins on the line of its indicator, and the lines below. Also where the last ends.
fn in_block(
    source: &Source,
    place: Place,
    new: &Value,
    style: BlockStyle,
    keeps_properties: bool,
) -> Option<(Vec<Splice>, usize)> {
    let node = place.node;
    let mut rendered = String::new();
    let indicator_end = match place.slot {
        Slot::Root => return root(source, node, new, style),
        Slot::Entry { mapping, index } => {
            let (key, _) = source.tree.entries(mapping).nth(index)?;
            scalar::block_value(&mut rendered, new, source.column(source.tree[key].span().start), style);
            source.colon(key)? + 1
        }
        Slot::Item { sequence, index } => {
            let dash = source.dash(sequence, index)?;
            scalar::block_item(&mut rendered, new, source.column(dash), style);
            rendered.remove(0);
            dash + 1
        }
    };
    let properties = source.properties_end(node).filter(|_| keeps_properties);
    let after = properties.unwrap_or(indicator_end);
    if source.is_block_collection(node) {
        let aligned =
            aligned(source, node, new, style).filter(|_| properties.is_none() || source.is_below(node, after));
        return in_place_of_collection(source, node, after, &rendered, aligned);
    }
    in_place_of_leaf(source, node, after, &rendered)
}

/// The lines of a collection at the column of the one of its kind that it replaces, the first without indentation.
fn aligned(source: &Source, node: NodeId, new: &Value, style: BlockStyle) -> Option<String> {
    let is_same_kind = matches!(
        (source.tree[node].kind, new),
        (Kind::Sequence(_), Value::Array(_)) | (Kind::Mapping(_), Value::Object(_))
    );
    if !is_same_kind || !scalar::is_block_collection(new) {
        return None;
    }
    let mut lines = String::new();
    scalar::block(&mut lines, new, source.collection_column(node)?, style);
    Some(lines)
}

/// Comments between the lines of the collection go with it; one behind its indicator stays.
fn in_place_of_collection(
    source: &Source,
    node: NodeId,
    after: usize,
    rendered: &str,
    aligned: Option<String>,
) -> Option<(Vec<Splice>, usize)> {
    let content = source.content_start(node);
    let end = source.line_end(source.end(node));
    let whole =
        |from: usize, lines: &str| Some((vec![Splice::new(from..end, source.lines(without_break(lines)))], end));
    match (aligned, source.is_below(node, after)) {
        (Some(lines), _) => whole(content, &lines),
        (None, false) => whole(after, rendered),
        (None, true) => {
            let (head, tail) = split(rendered);
            let below = source.line_end(after)..end;
            Some((vec![Splice::insert(after, head), Splice::new(below, source.lines(tail))], end))
        }
    }
}

/// The comment behind a scalar or behind brackets stays on its line.
fn in_place_of_leaf(source: &Source, node: NodeId, after: usize, rendered: &str) -> Option<(Vec<Splice>, usize)> {
    let end = source.end(node);
    let line_end = source.line_end(end);
    if !is_trailing(&source.text[end..line_end]) {
        return None;
    }
    let (head, tail) = split(rendered);
    // Behind quotes and brackets a comment may begin without a space.
    let gap = if source.byte(end) == Some(b'#') { " " } else { "" };
    let is_above = head.is_empty() && source.skip_spaces(end) == line_end;
    let end = if is_above { line_end } else { end };
    if tail.is_empty() && source.is_below(node, after) {
        return Some((vec![Splice::new(source.content_start(node)..end, format!("{}{gap}", head.trim_start()))], end));
    }
    let tail = Splice::insert(line_end, source.lines(tail));
    Some((vec![Splice::new(after..end, format!("{head}{gap}")), tail], line_end))
}

/// The first line of what was rendered, and the others, each behind its line break.
fn split(rendered: &str) -> (&str, &str) {
    let rendered = without_break(rendered);
    rendered.split_at(rendered.find('\n').unwrap_or(rendered.len()))
}

/// Whether nothing but a comment follows on a line.
fn is_trailing(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t']);
    rest.is_empty() || rest.starts_with('#')
}

/// The whole document.
fn root(source: &Source, node: NodeId, new: &Value, style: BlockStyle) -> Option<(Vec<Splice>, usize)> {
    let mut rendered = String::new();
    scalar::block(&mut rendered, new, 0, style);
    let content = source.content_start(node);
    let end = source.end(node);
    if content >= end {
        return Some(empty_document(source, new, style));
    }
    let line_end = source.line_end(end);
    if !is_trailing(&source.text[end..line_end]) {
        return None;
    }
    let (head, tail) = split(&rendered);
    if source.is_block_collection(node) {
        return Some((vec![Splice::new(content..line_end, source.lines(without_break(&rendered)))], line_end));
    }
    if source.column(content) > 0 && scalar::is_block_collection(new) {
        // A block collection must not begin on the line of `---`.
        let before = source.text[..content].trim_end_matches([' ', '\t']).len();
        let below = source.lines(&format!("\n{head}{tail}"));
        return Some((vec![Splice::new(before..end, ""), Splice::insert(line_end, below)], line_end));
    }
    Some((vec![Splice::new(content..end, head), Splice::insert(line_end, source.lines(tail))], line_end))
}

/// A value where there was none: behind everything that is there.
pub(super) fn empty_document(source: &Source, new: &Value, style: BlockStyle) -> (Vec<Splice>, usize) {
    let mut rendered = String::new();
    scalar::block(&mut rendered, new, 0, style);
    let end = source.text.len();
    if !source.text.is_empty() && !source.text.ends_with('\n') {
        rendered.insert(0, '\n');
        rendered.truncate(without_break(&rendered).len());
    }
    (vec![Splice::insert(end, source.lines(&rendered))], end)
}
