//! Finds the items of a block list with the line scanner, and says so when it is not sure.

use std::ops::Range;

use super::comments::{boundary, last_end};
use super::outline::{self, Item, Outline, Value};
use super::scan::Scanner;
use crate::yaml::text::{self, Unsure, rare_break};

/// The items of a block sequence, comments included, and the column of its dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockList {
    pub items: Vec<Range<usize>>,
    pub column: usize,
    /// Where the last line ends that is no comment and not blank.
    pub content_end: usize,
}

/// Finds the items of the block sequence under the top-level `key`.
pub fn block_list(text: &str, key: &str) -> Result<BlockList, Unsure> {
    let bytes = text.as_bytes();
    if rare_break(bytes).is_some() {
        return Err(Unsure);
    }
    let mut scanner = Scanner::of_document(bytes)?;
    let mut root = None;
    let mut found: Option<BlockList> = None;
    let mut is_inside = false;
    while let Some(line) = scanner.line()? {
        let root = *root.get_or_insert(line.column);
        if line.column == root && line.dashes == 0 {
            if let Some(list) = found.as_mut().filter(|_| is_inside) {
                end(text, list, line.gap, line.start);
            }
            is_inside = false;
            if line.key.ok_or(Unsure)?.is(bytes, key)? {
                if found.is_some() || !scanner.expects_value() {
                    return Err(Unsure);
                }
                is_inside = true;
                found = Some(BlockList { items: Vec::new(), column: usize::MAX, content_end: 0 });
            }
            continue;
        }
        if line.column < root {
            return Err(Unsure);
        }
        let Some(list) = found.as_mut().filter(|_| is_inside) else { continue };
        if list.items.is_empty() && line.dashes > 0 {
            list.column = line.column;
        }
        if line.column < list.column || line.column == list.column && line.dashes == 0 {
            return Err(Unsure);
        }
        if line.column == list.column {
            let start = boundary(text, line.gap, line.start, line.column);
            if let Some(last) = list.items.last_mut() {
                last.end = start;
            }
            list.items.push(start..start);
        }
    }
    let mut list = found.ok_or(Unsure)?;
    if is_inside {
        end(text, &mut list, scanner.content_end(), scanner.at());
    }
    if list.items.is_empty() { Err(Unsure) } else { Ok(list) }
}

/// Ends the last item of `list` between its content and the next key.
fn end(text: &str, list: &mut BlockList, from: usize, to: usize) {
    list.content_end = from;
    if let Some(last) = list.items.last_mut() {
        last.end = last_end(text, from, to, list.column);
    }
}

/// Reads the rest of the document with libyaml, one item in place of `list`; not when libyaml sees something else.
pub fn outline_around(text: &str, key: &str, list: &BlockList) -> Option<Outline> {
    let (start, end) = (list.items.first()?.start, list.items.last()?.end);
    let stand_in = stand_in(list.column);
    let skeleton = [&text[..start], &stand_in, &text[end..]].concat();
    let (mut outline, items) = outline::read(&skeleton, key).ok()?;
    let is_stand_in = matches!(items[..], [Item { start: at, .. }] if at == start);
    let is_same = outline.entry(key)?.value == Value::Block { column: list.column };
    if !is_stand_in || !is_same {
        return None;
    }
    outline.shift(start + stand_in.len(), end);
    for entry in outline.entries.iter_mut().filter(|entry| entry.key.as_deref() == Some(key)) {
        entry.span.end = list.content_end;
    }
    Some(outline)
}

/// An item with its dash at `column` that means nothing.
pub fn stand_in(column: usize) -> String {
    format!("{}- 0\n", " ".repeat(column))
}

/// Gives the lines between `items`, found by libyaml, to the items they belong to.
pub fn with_comments(text: &str, outline: &Outline, key: &str, items: Vec<Item>, column: usize) -> Vec<Range<usize>> {
    let Some(entry) = outline.entry(key) else { return Vec::new() };
    let key_line = text::any_line_end(text, entry.value_start);
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(items.len());
    let mut content_end = key_line;
    for item in items {
        let start = boundary(text, content_end, item.start, column);
        if let Some(last) = ranges.last_mut() {
            last.end = start;
        }
        ranges.push(start..start);
        content_end = item.end;
    }
    if let Some(last) = ranges.last_mut() {
        last.end = last_end(text, content_end, outline.entry_limit(entry), column);
    }
    ranges
}
