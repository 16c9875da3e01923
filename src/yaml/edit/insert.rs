//! Adds entries to mappings and elements to sequences.

use json_patch::jsonptr::Pointer;
use serde_json::{Map, Value};

use super::locate::{self, Place};
use super::source::Source;
use super::splice::Splice;
use super::{Candidates, replace};
use crate::yaml::scalar::{self, BlockStyle, Context};
use crate::yaml::text::without_break;
use crate::yaml::tree::{Kind, NodeId};

/// The ways to add `new` at `pointer`.
pub(super) fn plan(source: &Source, value: &Value, pointer: &Pointer, new: &Value) -> Result<Candidates, String> {
    let Some((parent, token)) = pointer.split_back() else {
        return whole(source, new);
    };
    let collection = locate::place(source, parent)?;
    let key = token.decoded();
    match source.tree[collection.node].kind {
        Kind::Mapping(_) => {
            if locate::entry(source.tree, collection.node, &key).is_some() {
                if value.pointer(pointer.as_str()) == Some(new) {
                    return Ok(vec![Vec::new()]);
                }
                let place = locate::place(source, pointer)?;
                locate::refuse_shared_inside(source.tree, place.node)?;
                return Ok(replace::plan(source, place, new));
            }
            if value.pointer(pointer.as_str()).is_some() {
                return Err(locate::MERGED.to_owned());
            }
            entry(source, collection, &key, new)
        }
        Kind::Sequence(_) => {
            let index = if key == "-" { Ok(source.tree.items(collection.node).count()) } else { key.parse() };
            item(source, collection, index.map_err(|_| locate::NOWHERE)?, new)
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
    let context = source.context_within(mapping);
    if source.tree[mapping].is_flow() {
        if entries.is_empty() && source.context_of(mapping) == Context::Block {
            let only = Value::Object(Map::from_iter([(key.to_owned(), new.clone())]));
            return Ok(replace::plan(source, collection, &only));
        }
        let rendered = scalar::inline_entry(key, new, context);
        return flow(source, mapping, entries.len(), &rendered);
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

fn item(source: &Source, collection: Place, index: usize, new: &Value) -> Result<Candidates, String> {
    let sequence = collection.node;
    let items: Vec<NodeId> = source.tree.items(sequence).collect();
    if source.tree[sequence].is_flow() {
        if items.is_empty() && source.context_of(sequence) == Context::Block {
            return Ok(replace::plan(source, collection, &Value::Array(vec![new.clone()])));
        }
        return flow(source, sequence, index, &scalar::inline(new, source.context_within(sequence)));
    }
    let dash = source.dash(sequence, 0).ok_or("the sequence has no dash")?;
    let column = source.column(dash);
    let style = source.block_style(None);
    let render = |style| {
        let mut out = " ".repeat(column);
        scalar::block_item(&mut out, new, column, style);
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
    let mut candidates = Vec::new();
    for literals in [true, false] {
        let rendered = render(BlockStyle { literals, ..style });
        let lines = source.lines(&format!("\n{}", without_break(&rendered)));
        let splices: Vec<Splice> = source.seal(node).into_iter().chain([Splice::insert(at, lines)]).collect();
        candidates.push(splices.clone());
        if at == source.text.len() {
            // A literal block at the end needs a line break even where the text has none.
            candidates.push([splices, vec![Splice::insert(at, source.newline)]].concat());
        }
    }
    candidates
}

/// A new element in brackets or braces, before the one at `index`.
fn flow(source: &Source, node: NodeId, index: usize, rendered: &str) -> Result<Candidates, String> {
    let open = source.content_start(node);
    if !matches!(source.byte(open), Some(b'[' | b'{')) {
        return Err("the mapping is written without braces".to_owned());
    }
    let spans = elements(source, node);
    if let Some(next) = spans.get(index) {
        let separator = if source.is_first_on_line(next.start) {
            format!(",{}{}", source.newline, " ".repeat(source.column(next.start)))
        } else {
            ", ".to_owned()
        };
        return Ok(vec![vec![Splice::insert(next.start, format!("{rendered}{separator}"))]]);
    }
    let Some(last) = spans.last() else {
        return Ok(vec![vec![Splice::insert(open + 1, rendered)]]);
    };
    let mut rest = source.skip_spaces(last.end);
    let has_comma = source.byte(rest) == Some(b',');
    if has_comma {
        rest = source.skip_spaces(rest + 1);
    }
    let line_end = source.line_end(rest);
    let is_last_on_line = rest == line_end || source.byte(rest) == Some(b'#');
    if !is_last_on_line || !source.is_first_on_line(last.start) {
        return Ok(vec![vec![Splice::insert(last.end, format!(", {rendered}"))]]);
    }
    let indent = " ".repeat(source.column(last.start));
    let line = format!("{}{indent}{rendered}", source.newline);
    Ok(vec![if has_comma {
        vec![Splice::insert(line_end, format!("{line},"))]
    } else {
        vec![Splice::insert(last.end, ","), Splice::insert(line_end, line)]
    }])
}

/// The bytes of the elements of a collection in brackets or braces.
pub(super) fn elements(source: &Source, node: NodeId) -> Vec<std::ops::Range<usize>> {
    let start = |id: NodeId| source.tree[id].span().start;
    let items = source.tree.items(node).map(|item| start(item)..source.end(item));
    let entry = |(key, value)| start(key)..source.end(key).max(source.end(value));
    items.chain(source.tree.entries(node).map(entry)).collect()
}
