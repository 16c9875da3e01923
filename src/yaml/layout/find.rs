//! Finds the items of a list: by the line scanner where it is sure, otherwise by `serde_json` or libyaml's events.

use std::ops::Range;

use super::comments::{boundary, last_end};
use super::json;
use super::outline::{self, Outline, Value};
use super::scan::Scanner;
use crate::yaml::Error;
use crate::yaml::events::CollectionStyle;
use crate::yaml::text::{Unsure, any_line_end, rare_break};

/// A list document: what its mapping holds, and where the items are.
#[derive(Clone, PartialEq, Eq)]
pub struct List {
    pub style: Style,
    pub items: Vec<Range<usize>>,
    pub outline: Outline,
}

/// How the items are written, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// With dashes at this column.
    Block { column: usize },
    /// In brackets.
    Flow,
    /// In the brackets of a JSON document.
    Json,
}

/// Finds the items under the top-level `key` of `text`.
pub fn list(text: &str, key: &str) -> Result<List, Error> {
    if let Some((outline, items)) = json::read(text, key) {
        return Ok(List { style: Style::Json, items, outline });
    }
    by_lines(text, key).map_or_else(|| by_events(text, key), Ok)
}

/// Finds the items of a block list by its lines, where they tell.
pub fn by_lines(text: &str, key: &str) -> Option<List> {
    let block = block(text, key).ok()?;
    let outline = outline_around(text, key, &block)?;
    Some(List { style: Style::Block { column: block.column }, items: block.items, outline })
}

/// Finds the items by libyaml's events.
pub fn by_events(text: &str, key: &str) -> Result<List, Error> {
    let (outline, items) = outline::read(text, key)?;
    let entry = outline.entry(key);
    // Edits write block style in place of braces with nothing in them.
    let is_bare = outline.entries.is_empty() && text[..outline.end].trim_end().ends_with('{');
    let style = match (outline.style, entry.map(|entry| &entry.value)) {
        (CollectionStyle::Flow, _) if is_bare => Style::Block { column: 0 },
        (CollectionStyle::Flow, _) | (_, Some(Value::Flow { is_bare: false })) => Style::Flow,
        (_, Some(Value::Block { column })) => Style::Block { column: *column },
        _ => Style::Block { column: outline.column },
    };
    let items = match style {
        Style::Block { column } => with_comments(text, &outline, key, &items, column),
        Style::Flow | Style::Json => items,
    };
    Ok(List { style, items, outline })
}

/// An item with its dash at `column` that means nothing.
pub fn stand_in(column: usize) -> String {
    format!("{}- 0\n", " ".repeat(column))
}

/// The items of a block sequence, comments included, and the column of its dashes.
struct Block {
    items: Vec<Range<usize>>,
    column: usize,
    /// Where the last line ends that is no comment and not blank.
    content_end: usize,
}

impl Block {
    /// Ends the last item between its content and the next key, or the end of the document.
    fn end(&mut self, text: &str, content_end: usize, to: usize, is_before_key: bool) {
        self.content_end = content_end;
        if let Some(last) = self.items.last_mut() {
            last.end = last_end(text, content_end, to, self.column, is_before_key);
        }
    }
}

/// Finds the items of the block sequence under the top-level `key`.
fn block(text: &str, key: &str) -> Result<Block, Unsure> {
    let bytes = text.as_bytes();
    if rare_break(bytes).is_some() {
        return Err(Unsure);
    }
    let mut scanner = Scanner::of_document(bytes)?;
    let mut root = None;
    let mut found: Option<Block> = None;
    let mut is_inside = false;
    while let Some(line) = scanner.line()? {
        let root = *root.get_or_insert(line.column);
        if line.column == root && line.dashes == 0 {
            if let Some(block) = found.as_mut().filter(|_| is_inside) {
                block.end(text, line.gap, line.start, true);
            }
            is_inside = false;
            if line.key.ok_or(Unsure)?.is(bytes, key)? {
                if found.is_some() || !scanner.expects_value() {
                    return Err(Unsure);
                }
                is_inside = true;
                found = Some(Block { items: Vec::new(), column: usize::MAX, content_end: 0 });
            }
            continue;
        }
        if line.column < root {
            return Err(Unsure);
        }
        let Some(block) = found.as_mut().filter(|_| is_inside) else { continue };
        if block.items.is_empty() && line.dashes > 0 {
            block.column = line.column;
        }
        if line.column < block.column || line.column == block.column && line.dashes == 0 {
            return Err(Unsure);
        }
        if line.column == block.column {
            let start = boundary(text, line.gap, line.start, line.column);
            if let Some(last) = block.items.last_mut() {
                last.end = start;
            }
            block.items.push(start..start);
        }
    }
    let mut block = found.ok_or(Unsure)?;
    if is_inside {
        block.end(text, scanner.content_end(), scanner.at(), false);
    }
    if block.items.is_empty() { Err(Unsure) } else { Ok(block) }
}

/// Reads the rest of the document with libyaml, one item in place of those of `block`; not when libyaml sees something
/// else.
fn outline_around(text: &str, key: &str, block: &Block) -> Option<Outline> {
    let (start, end) = (block.items.first()?.start, block.items.last()?.end);
    let stand_in = stand_in(block.column);
    let skeleton = [&text[..start], &stand_in, &text[end..]].concat();
    let (mut outline, items) = outline::read(&skeleton, key).ok()?;
    let is_stand_in = matches!(items[..], [Range { start: at, .. }] if at == start);
    let is_same = outline.entry(key)?.value == Value::Block { column: block.column };
    if !is_stand_in || !is_same {
        return None;
    }
    outline.shift(start + stand_in.len(), end);
    for entry in outline.entries.iter_mut().filter(|entry| entry.key.as_deref() == Some(key)) {
        entry.span.end = block.content_end;
    }
    Some(outline)
}

/// Gives the lines between `items`, found by libyaml, to the items they belong to.
fn with_comments(text: &str, outline: &Outline, key: &str, items: &[Range<usize>], column: usize) -> Vec<Range<usize>> {
    let Some(entry) = outline.entry(key) else { return Vec::new() };
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(items.len());
    let mut content_end = any_line_end(text, entry.value_start);
    for item in items {
        let start = boundary(text, content_end, item.start, column);
        if let Some(last) = ranges.last_mut() {
            last.end = start;
        }
        ranges.push(start..start);
        content_end = item.end;
    }
    if let Some(last) = ranges.last_mut() {
        let to = outline.entry_limit(entry);
        last.end = last_end(text, content_end, to, column, to < outline.end);
    }
    ranges
}
