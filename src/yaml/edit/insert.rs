//! Adds entries to mappings and elements to sequences.

use std::ops::Range;

use json_patch::jsonptr::Pointer;
use serde_json::{Map, Value};

use super::locate::{self, Place};
use super::replace;
use super::source::Source;
use super::splice::{Candidates, Splice};
use crate::yaml::scalar::{self, BlockStyle, Context};
use crate::yaml::text::without_break;
use crate::yaml::tree::{Kind, NodeId};

/// The ways to add `new`, values one after the other, at `pointer`.
pub(super) fn plan(source: &Source, value: &Value, pointer: &Pointer, new: &[&Value]) -> Result<Candidates, String> {
    let last = new.last().ok_or(locate::NOWHERE)?;
    let Some((parent, token)) = pointer.split_back() else {
        return whole(source, last);
    };
    let collection = locate::place(source, parent)?;
    let key = token.decoded();
    match source.tree[collection.node].kind {
        Kind::Mapping(_) => {
            if locate::entry(source.tree, collection.node, &key).is_some() {
                if value.pointer(pointer.as_str()) == Some(last) {
                    return Ok(vec![Vec::new()]);
                }
                let place = locate::place(source, pointer)?;
                locate::refuse_shared_inside(source.tree, place.node)?;
                return Ok(replace::plan(source, place, last));
            }
            if value.pointer(pointer.as_str()).is_some() {
                return Err(locate::MERGED.to_owned());
            }
            entry(source, collection, &key, last)
        }
        Kind::Sequence(_) => {
            let index = if key == "-" { Ok(source.tree.items(collection.node).count()) } else { key.parse() };
            elements(source, collection, index.map_err(|_| locate::NOWHERE)?, new)
        }
        Kind::Scalar(_) | Kind::Alias(_) => Err(locate::NOWHERE.to_owned()),
    }
}

/// The ways to write another document.
pub(super) fn whole(source: &Source, new: &Value) -> Result<Candidates, String> {
    if source.tree.root().is_none() {
        return Ok(vec![replace::empty_document(source, new, source.block_style(None)).0]);
    }
    let place = locate::place(source, Pointer::root())?;
    locate::refuse_shared_inside(source.tree, place.node)?;
    Ok(replace::plan(source, place, new))
}

fn entry(source: &Source, collection: Place, key: &str, new: &Value) -> Result<Candidates, String> {
    let mapping = collection.node;
    let entries: Vec<(NodeId, NodeId)> = source.tree.entries(mapping).collect();
    if source.tree[mapping].is_flow() {
        if source.is_bare(mapping) && source.context_of(mapping) == Context::Block {
            let only = Value::Object(Map::from_iter([(key.to_owned(), new.clone())]));
            return Ok(replace::plan(source, collection, &only));
        }
        let rendered = scalar::inline_entry(key, new, source.context_within(mapping));
        return flow(source, mapping, entries.len(), &[rendered]);
    }
    if entries.iter().any(|&(key, _)| source.is_explicit(key)) {
        return Err("the mapping is written with `? key`".to_owned());
    }
    let column = source.collection_column(mapping).ok_or("the mapping has no column")?;
    let last = entries.last().map_or(mapping, |&(_, value)| value);
    let render = |style| {
        let mut out = " ".repeat(column);
        scalar::block_entry(&mut out, key, new, column, style);
        out
    };
    Ok(below(source, last, column, source.block_style(Some(mapping)), render))
}

fn elements(source: &Source, collection: Place, index: usize, new: &[&Value]) -> Result<Candidates, String> {
    let sequence = collection.node;
    let items: Vec<NodeId> = source.tree.items(sequence).collect();
    if source.tree[sequence].is_flow() {
        if source.is_bare(sequence) && source.context_of(sequence) == Context::Block {
            return Ok(replace::plan(source, collection, &new.iter().copied().cloned().collect()));
        }
        let context = source.context_within(sequence);
        let rendered: Vec<String> = new.iter().map(|value| scalar::inline(value, context)).collect();
        return flow(source, sequence, index, &rendered);
    }
    let dash = source.dash(sequence, 0).ok_or("the sequence has no dash")?;
    let column = source.column(dash);
    let style = source.block_style(None);
    let render = |style| {
        let mut out = String::new();
        for value in new {
            out.extend(std::iter::repeat_n(' ', column));
            scalar::block_item(&mut out, value, column, style);
        }
        out
    };
    match index.checked_sub(1).and_then(|before| items.get(before)) {
        Some(&before) => Ok(below(source, before, column, style, render)),
        None => Ok([true, false]
            .map(|literals| {
                let rendered = render(BlockStyle { literals, ..style });
                let above = format!("{}{}", &rendered[column..], " ".repeat(column));
                vec![Splice::insert(dash, source.lines(&above))]
            })
            .into()),
    }
}

/// New lines below a node.
fn below(
    source: &Source,
    node: NodeId,
    column: usize,
    style: BlockStyle,
    render: impl Fn(BlockStyle) -> String,
) -> Candidates {
    let at = source.below(node, column);
    let end = source.text.len();
    // With a line break behind them, spaces at the end of the text are a line that a block scalar would keep.
    let spaces = source.text.trim_end_matches(' ').len()..end;
    let is_line_of_spaces = !spaces.is_empty()
        && source.text[..spaces.start].ends_with('\n')
        && source.text[at.min(spaces.start)..].trim().is_empty();
    let mut candidates = Vec::new();
    for literals in [true, false] {
        let rendered = source.lines(&render(BlockStyle { literals, ..style }));
        let lines = format!("{}{}", source.newline, without_break(&rendered));
        let splices: Vec<Splice> = source.seal(node).into_iter().chain([Splice::insert(at, lines)]).collect();
        candidates.push(splices.clone());
        if at == end {
            // A literal block at the end needs a line break even where the text has none.
            candidates.push([splices, vec![Splice::insert(at, source.newline)]].concat());
        }
        if is_line_of_spaces {
            candidates.push(vec![Splice::new(spaces.clone(), rendered)]);
        }
    }
    candidates
}

/// New elements in brackets or braces, before the one at `index`.
fn flow(source: &Source, node: NodeId, index: usize, rendered: &[String]) -> Result<Candidates, String> {
    let open = source.content_start(node);
    if !matches!(source.byte(open), Some(b'[' | b'{')) {
        return Err("the mapping is written without braces".to_owned());
    }
    let spans = spans(source, node);
    let line = |at| format!("{}{}", source.newline, " ".repeat(source.column(at)));
    if let Some(next) = spans.get(index) {
        let is_line = source.is_first_on_line(next.start);
        let separator = if is_line { format!(",{}", line(next.start)) } else { ", ".to_owned() };
        let text = rendered.join(&separator) + &separator;
        return Ok(vec![vec![Splice::insert(next.start, text)]]);
    }
    let Some(last) = spans.last() else {
        // A comment may begin right behind a bracket, and nowhere else.
        let gap = if source.byte(open + 1) == Some(b'#') { " " } else { "" };
        return Ok(vec![vec![Splice::insert(open + 1, format!("{}{gap}", rendered.join(", ")))]]);
    };
    let mut rest = source.skip_spaces(last.end);
    let has_comma = source.byte(rest) == Some(b',');
    if has_comma {
        rest = source.skip_spaces(rest + 1);
    }
    let line_end = source.line_end(rest);
    let is_last_on_line = rest == line_end || source.byte(rest) == Some(b'#');
    let is_line = source.is_first_on_line(last.start);
    let is_compact = || matches!(&spans[..], [.., one, two] if source.text[one.end..two.start] == *",");
    let separator =
        if is_line { format!(",{}", line(last.start)) } else { if is_compact() { "," } else { ", " }.to_owned() };
    let text = rendered.join(&separator);
    if !is_last_on_line || !is_line {
        // Right behind a colon libyaml would read on.
        let gap = if source.text[..last.end].ends_with(':') { " " } else { "" };
        return Ok(vec![vec![Splice::insert(last.end, format!("{gap}{separator}{text}"))]]);
    }
    let lines = format!("{}{text}", line(last.start));
    Ok(vec![if has_comma {
        vec![Splice::insert(line_end, format!("{lines},"))]
    } else {
        vec![Splice::insert(last.end, ","), Splice::insert(line_end, lines)]
    }])
}

/// The bytes of the elements of a collection in brackets or braces.
pub(super) fn spans(source: &Source, node: NodeId) -> Vec<Range<usize>> {
    let start = |id: NodeId| source.tree[id].span().start;
    let items = source.tree.items(node).map(|item| start(item)..source.end(item));
    let key_end = |key| source.colon(key).map_or(source.end(key), |colon| colon + 1);
    let entry = |(key, value)| start(key)..key_end(key).max(source.end(value));
    items.chain(source.tree.entries(node).map(entry)).collect()
}
