//! Writes a list document with other items in place of its own, and with values appended to another list.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use serde_json::Value;

use super::lines::{WHITE, last_end, line_break, line_end};
use super::outline::{self, Entry, skip_trivia};
use super::{Layout, Style};
use crate::yaml::events::CollectionStyle;
use crate::yaml::scalar;

/// A change of the text: what stands in a range, and what stands there instead.
struct Splice<'i> {
    range: Range<usize>,
    /// Whether the pieces are lines, which begin behind a line break and end with one when something follows.
    is_lines: bool,
    pieces: Vec<Cow<'i, str>>,
}

impl<'i> Splice<'i> {
    fn lines(range: Range<usize>, pieces: Vec<Cow<'i, str>>) -> Self {
        Self { range, is_lines: true, pieces }
    }

    fn inline(range: Range<usize>, pieces: Vec<Cow<'i, str>>) -> Self {
        Self { range, is_lines: false, pieces }
    }
}

/// The pieces of the document of `layout` with `items`, and `appended.1` under `appended.0`.
pub fn pieces<'i>(
    layout: &'i Layout<'_>,
    mut items: Vec<Cow<'i, str>>,
    (key, values): (&str, &[Value]),
) -> Vec<Cow<'i, str>> {
    let mut splices = Vec::new();
    if key == layout.key {
        items.extend(values.iter().map(|value| Cow::Owned(layout.render_item(value))));
    }
    layout.replace_items(items, &mut splices);
    if key != layout.key && !values.is_empty() {
        layout.append(key, values, &mut splices);
    }
    splices.sort_by_key(|splice| splice.range.start);
    assemble(layout.text, splices)
}

/// The text with `splices`, which are sorted.
fn assemble<'i>(text: &'i str, splices: Vec<Splice<'i>>) -> Vec<Cow<'i, str>> {
    let count = splices.iter().map(|splice| splice.pieces.len() + 2).sum::<usize>() + 1;
    let mut pieces: Vec<Cow<'i, str>> = Vec::with_capacity(count);
    let mut at = 0;
    let mut needs_break = false;
    for splice in splices {
        // What is appended may stand amid blank lines that go with the items.
        push(&mut pieces, &mut needs_break, text, Cow::Borrowed(&text[at..splice.range.start.max(at)]));
        at = splice.range.end.max(at);
        for piece in splice.pieces {
            needs_break |=
                splice.is_lines && pieces.iter().rfind(|piece| !piece.is_empty()).is_some_and(|piece| is_open(piece));
            push(&mut pieces, &mut needs_break, text, piece);
        }
        needs_break |=
            splice.is_lines && pieces.iter().rfind(|piece| !piece.is_empty()).is_some_and(|piece| is_open(piece));
    }
    push(&mut pieces, &mut needs_break, text, Cow::Borrowed(&text[at..]));
    pieces
}

/// Adds `piece`, behind a line break when one is needed.
fn push<'i>(pieces: &mut Vec<Cow<'i, str>>, needs_break: &mut bool, text: &str, piece: Cow<'i, str>) {
    if piece.is_empty() {
        return;
    }
    if std::mem::take(needs_break) {
        pieces.push(Cow::Borrowed(line_break(text)));
    }
    pieces.push(piece);
}

/// Whether blank lines behind `item` could become part of a block scalar at its end: one that keeps them with `+`, or
/// one that they are indented as deep as.
fn could_take(item: &str, blank: &str) -> bool {
    item.contains(['|', '>']) && (item.contains('+') || blank.contains([' ', '\t']))
}

/// Whether the last line of `piece` has no line break.
fn is_open(piece: &str) -> bool {
    !piece.ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

impl Layout<'_> {
    /// Renders `values` as entries of a block sequence at `column`, with the document's line breaks.
    pub(super) fn render_block(&self, values: &[Value], column: usize) -> String {
        let text = scalar::render(&Value::Array(values.to_vec()), column);
        match line_break(self.text) {
            "\n" => text,
            other => text.replace('\n', other),
        }
    }

    /// Puts `items` in place of the document's own.
    fn replace_items<'i>(&'i self, items: Vec<Cow<'i, str>>, splices: &mut Vec<Splice<'i>>) {
        let own = self.items.first().zip(self.items.last()).map(|(first, last)| first.start..last.end);
        let entry = self.outline.entry(&self.key);
        match (self.style, own, entry) {
            (_, None, _) if items.is_empty() => {}
            (Style::Block { .. }, Some(mut own), Some(entry)) => {
                let last = self.items.last().map(|last| &self.text[last.clone()]);
                if let Some(item) = items.last().filter(|item| Some(&***item) != last) {
                    let lines = self.text[own.end..].split_inclusive('\n').take_while(|line| line.trim().is_empty());
                    let blank = &self.text[own.end..][..lines.map(str::len).sum()];
                    if could_take(item, blank) {
                        own.end += blank.len();
                    }
                }
                if items.is_empty() {
                    splices.push(Splice::inline(entry.value_start..entry.value_start, vec![Cow::Borrowed(" []")]));
                }
                splices.push(Splice::lines(own, items));
            }
            (Style::Block { .. }, _, entry) => self.begin_block(entry, &self.key, items, splices),
            (Style::Flow, Some(own), Some(entry)) => {
                if items.is_empty()
                    && let outline::Value::Flow { brackets, .. } = &entry.value
                {
                    splices.push(Splice::inline(brackets.clone(), vec![Cow::Borrowed("[]")]));
                } else {
                    splices.push(Splice::inline(own, self.separated(items)));
                }
            }
            (Style::Flow, _, entry) => self.begin_flow(entry, &self.key, items, splices),
        }
    }

    /// Adds `values` at the end of the sequence under `key`.
    fn append<'i>(&'i self, key: &str, values: &[Value], splices: &mut Vec<Splice<'i>>) {
        let entry = self.outline.entry(key);
        let flow = || values.iter().map(|value| Cow::Owned(render_flow(value))).collect();
        match entry.map(|entry| (entry, &entry.value)) {
            Some((_, outline::Value::Other)) => {}
            Some((entry, outline::Value::Block { column })) => {
                let end = last_end(self.text, entry.span.end, self.outline.entry_limit(entry), *column);
                splices.push(Splice::lines(end..end, vec![Cow::Owned(self.render_block(values, *column))]));
            }
            Some((_, outline::Value::Flow { brackets, content_end })) if !is_empty_list(self.text, brackets) => {
                let (at, separator) = self.end_of_flow(*content_end, brackets.end - 1, " ");
                let mut pieces = joined(flow());
                pieces.insert(0, Cow::Owned(separator));
                splices.push(Splice::inline(at..at, pieces));
            }
            _ if self.outline.style == CollectionStyle::Flow => self.begin_flow(entry, key, flow(), splices),
            _ => {
                let lines = vec![Cow::Owned(self.render_block(values, self.outline.column))];
                self.begin_block(entry, key, lines, splices);
            }
        }
    }

    /// Writes a block sequence of `lines` under `key`, which holds an empty list, null, or nothing.
    fn begin_block<'i>(
        &'i self,
        entry: Option<&Entry>,
        key: &str,
        lines: Vec<Cow<'i, str>>,
        splices: &mut Vec<Splice<'i>>,
    ) {
        let Some(entry) = entry else {
            let mut pieces = vec![Cow::Owned(format!("{:1$}{key}:", "", self.outline.column))];
            pieces.extend(lines);
            splices.push(Splice::lines(self.outline.end..self.outline.end, pieces));
            return;
        };
        let (outline::Value::Null(old) | outline::Value::Flow { brackets: old, .. }) = &entry.value else { return };
        let blanks = self.text[..old.start].trim_end_matches([' ', '\t']).len().max(entry.value_start);
        let end = line_end(self.text, old.end);
        splices.push(Splice::inline(blanks..old.end, Vec::new()));
        splices.push(Splice::lines(end..end, lines));
    }

    /// Writes a flow sequence of `values` under `key`, which holds an empty list, null, or nothing.
    fn begin_flow<'i>(
        &'i self,
        entry: Option<&Entry>,
        key: &str,
        values: Vec<Cow<'i, str>>,
        splices: &mut Vec<Splice<'i>>,
    ) {
        let mut pieces = joined(values);
        match entry.map(|entry| &entry.value) {
            Some(outline::Value::Flow { brackets, .. }) => {
                let inside = brackets.start + 1;
                splices.push(Splice::inline(inside..inside, pieces));
            }
            Some(outline::Value::Null(old)) => {
                pieces.insert(0, Cow::Borrowed(if old.is_empty() { " [" } else { "[" }));
                pieces.push(Cow::Borrowed("]"));
                splices.push(Splice::inline(old.clone(), pieces));
            }
            _ => {
                let (at, separator) = self.end_of_flow_root();
                pieces.insert(0, Cow::Owned(format!("{separator}{}: [", quoted(key))));
                pieces.push(Cow::Borrowed("]"));
                splices.push(Splice::inline(at..at, pieces));
            }
        }
    }

    /// Where a new entry of the flow mapping goes, and what stands before it.
    fn end_of_flow_root(&self) -> (usize, String) {
        let Some(last) = self.outline.entries.last() else { return (self.outline.end, String::new()) };
        let before = &self.text[..last.span.start];
        self.end_of_flow(last.span.end, self.outline.end, &before[before.trim_end_matches(WHITE).len()..])
    }

    /// Where a new element goes between the end of the last one and the closing bracket, and what stands before it:
    /// a comma, unless there is one, and `blanks`.
    fn end_of_flow(&self, content_end: usize, close: usize, blanks: &str) -> (usize, String) {
        let mut after = skip_trivia(self.text, content_end);
        if self.text[after..].starts_with(':') {
            after = skip_trivia(self.text, after + 1);
        }
        let comma = if self.text[after..].starts_with(',') { "" } else { "," };
        if self.text[content_end..close].contains('#') {
            return (close, format!("{comma} "));
        }
        let blanks = if comma.is_empty() && blanks.is_empty() { " " } else { blanks };
        (self.text[..close].trim_end_matches(WHITE).len().max(content_end), format!("{comma}{blanks}"))
    }

    /// The values with what separates the document's own items between them.
    fn separated<'i>(&'i self, values: Vec<Cow<'i, str>>) -> Vec<Cow<'i, str>> {
        let mut gaps = self.items.windows(2).map(|pair| &self.text[pair[0].end..pair[1].start]);
        let usual = self.usual_separator();
        let mut pieces = Vec::with_capacity(2 * values.len());
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                pieces.push(Cow::Borrowed(gaps.next().unwrap_or(usual)));
            }
            pieces.push(value);
        }
        pieces
    }

    /// What separates the first two items, unless that holds a comment.
    fn usual_separator(&self) -> &str {
        let gap = self.items.get(..2).map(|pair| &self.text[pair[0].end..pair[1].start]);
        gap.filter(|gap| gap.trim_matches(WHITE) == ",").unwrap_or(", ")
    }
}

/// The values with commas between them.
fn joined(values: Vec<Cow<'_, str>>) -> Vec<Cow<'_, str>> {
    let mut pieces = Vec::with_capacity(2 * values.len() + 2);
    for value in values {
        if !pieces.is_empty() {
            pieces.push(Cow::Borrowed(", "));
        }
        pieces.push(value);
    }
    pieces
}

/// Whether nothing stands between the brackets.
pub fn is_empty_list(text: &str, brackets: &Range<usize>) -> bool {
    text[brackets.start + 1..brackets.end - 1].trim_start_matches(WHITE).is_empty()
}

/// Renders `value` as JSON that YAML readers take as well: what libyaml refuses or breaks lines at is escaped.
pub fn render_flow(value: &Value) -> String {
    escape(&value.to_string())
}

fn quoted(key: &str) -> String {
    render_flow(&Value::from(key))
}

fn escape(json: &str) -> String {
    let is_escaped =
        |char| matches!(char, '\u{7F}'..='\u{9F}' | '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    if !json.contains(is_escaped) {
        return json.to_owned();
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        if is_escaped(char) {
            // Such characters stand in JSON strings alone, where every reader takes the escape.
            let _ = write!(escaped, "\\u{:04x}", u32::from(char));
        } else {
            escaped.push(char);
        }
    }
    escaped
}
