//! Writes a list document with other items in place of its own, and with values appended to another list.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;
use std::{iter, mem};

use serde_json::Value;

use super::comments::last_end;
use super::outline::{self, Entry};
use super::seal::sealed;
use super::{Layout, Style, odd};
use crate::yaml::events::CollectionStyle;
use crate::yaml::text::{WHITE, any_line_end, is_any_line_start, line_break, skip_trivia};
use crate::yaml::{Error, scalar};

type Pieces<'i> = Box<dyn Iterator<Item = Cow<'i, str>> + 'i>;

/// A change of the text: what stands in a range, and what stands there instead.
struct Splice<'i> {
    range: Range<usize>,
    /// Whether the pieces are lines, which begin behind a line break and end with one when something follows.
    is_lines: bool,
    pieces: Pieces<'i>,
}

impl<'i> Splice<'i> {
    fn lines(range: Range<usize>, pieces: impl IntoIterator<Item = Cow<'i, str>, IntoIter: 'i>) -> Self {
        Self { range, is_lines: true, pieces: Box::new(pieces.into_iter()) }
    }

    fn inline(range: Range<usize>, pieces: impl IntoIterator<Item = Cow<'i, str>, IntoIter: 'i>) -> Self {
        Self { range, is_lines: false, pieces: Box::new(pieces.into_iter()) }
    }
}

/// The pieces of the document of `layout` with `items`, and `appended.1` under `appended.0`; an error when they would say
/// something else.
pub fn pieces<'i>(
    layout: &'i Layout<'_>,
    mut items: impl DoubleEndedIterator<Item = Cow<'i, str>> + 'i,
    appended: (&str, &[Value]),
) -> Result<impl Iterator<Item = Cow<'i, str>>, Error> {
    let last = items.next_back();
    let oddity = odd::find(layout, last.as_deref());
    let items = items.chain(last);
    let items: Box<dyn DoubleEndedIterator<Item = Cow<'i, str>> + 'i> = match oddity {
        None => Box::new(items),
        Some(oddity) => {
            let items: Vec<_> = items.collect();
            odd::check(layout, &items, appended, &oddity)?;
            Box::new(items.into_iter())
        }
    };
    Ok(spliced(layout, items, appended))
}

/// The pieces of the document of `layout` with `items`, and `values` under `key`.
pub fn spliced<'i>(
    layout: &'i Layout<'_>,
    items: impl DoubleEndedIterator<Item = Cow<'i, str>> + 'i,
    (key, values): (&str, &[Value]),
) -> impl Iterator<Item = Cow<'i, str>> + 'i {
    let mut splices = Vec::new();
    let is_there = layout.outline.entry(key).is_some();
    if key == layout.key {
        let new: Vec<Cow<'_, str>> = values.iter().map(|value| Cow::Owned(layout.render_item(value))).collect();
        layout.replace_items(items.chain(new), &mut splices);
    } else {
        // Of two splices at one place the first comes first: what continues a list, then a list that is new.
        if is_there {
            layout.append(key, values, &mut splices);
        }
        layout.replace_items(items, &mut splices);
        if !is_there {
            layout.append(key, values, &mut splices);
        }
    }
    splices.sort_by_key(|splice| splice.range.start);
    if splices.last().is_some_and(|last| last.is_lines && last.range.start == layout.text.len()) {
        splices.extend(layout.sealed_end());
        splices.sort_by_key(|splice| splice.range.start);
    }
    assemble(layout.text, splices)
}

/// The text with `splices`, which are sorted.
fn assemble<'i>(text: &'i str, mut splices: Vec<Splice<'i>>) -> impl Iterator<Item = Cow<'i, str>> {
    splices.push(Splice::inline(text.len()..text.len(), []));
    let mut at = 0;
    let pieces = splices.into_iter().flat_map(move |Splice { range, is_lines, pieces }| {
        // What is appended may stand amid blank lines that go with the items.
        let kept = &text[at..range.start.max(at)];
        // With a line break behind them, blanks at the end of the text are a line that a block scalar before them keeps.
        let goes = is_lines && !kept.is_empty() && kept.bytes().all(|byte| byte == b' ') && text.contains('+');
        let kept = Cow::Borrowed(if goes { "" } else { kept });
        at = range.end.max(at);
        let end = is_lines.then_some(Cow::Borrowed(""));
        iter::once((false, kept)).chain(pieces.chain(end).map(move |piece| (is_lines, piece)))
    });
    let (mut is_amid_line, mut needs_break) = (false, false);
    let pieces = pieces.filter_map(move |(is_line, piece)| {
        needs_break |= is_line && is_amid_line;
        if piece.is_empty() {
            return None;
        }
        is_amid_line = is_open(&piece);
        Some((mem::take(&mut needs_break), piece))
    });
    let mut pieces = pieces.peekable();
    let broken = iter::from_fn(move || {
        let (is_behind_break, piece) = pieces.next()?;
        // A block scalar at the end of an item would take the line break for its own.
        let is_before_break = pieces.peek().is_some_and(|&(is_behind_break, _)| is_behind_break);
        let sealed = if is_before_break { sealed(&piece) } else { None };
        let line_break = is_behind_break.then(|| Cow::Borrowed(line_break(text)));
        Some([line_break, Some(sealed.map_or(piece, Cow::Owned))])
    });
    broken.flatten().flatten()
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
    fn replace_items<'i>(
        &'i self,
        mut items: impl DoubleEndedIterator<Item = Cow<'i, str>> + 'i,
        splices: &mut Vec<Splice<'i>>,
    ) {
        let own = self.items.first().zip(self.items.last()).map(|(first, last)| first.start..last.end);
        let entry = self.outline.entry(&self.key);
        let last = items.next_back();
        let is_empty = last.is_none();
        let taken = last.as_deref().map_or(0, |last| self.blank_lines_taken(last));
        let items = items.chain(last);
        match (self.style, own, entry) {
            (_, None, _) if is_empty => {}
            (Style::Block { .. }, Some(mut own), Some(entry)) => {
                own.end += taken;
                if is_empty {
                    splices.push(Splice::inline(entry.value_start..entry.value_start, [Cow::Borrowed(" []")]));
                }
                splices.push(Splice::lines(own, items));
            }
            (Style::Block { .. }, _, entry) => self.begin_block(entry, &self.key, items, splices),
            (Style::Flow, Some(own), Some(entry)) => {
                if is_empty && let outline::Value::Flow { brackets, .. } = &entry.value {
                    splices.push(Splice::inline(brackets.clone(), [Cow::Borrowed("[]")]));
                } else {
                    splices.push(Splice::inline(own, separated(items, self.separators())));
                }
            }
            (Style::Flow, _, entry) => self.begin_flow(entry, &self.key, items, splices),
        }
    }

    /// How many bytes of blank lines behind the list could become part of a block scalar at the end of `last`, another
    /// last item: of one that keeps them with `+`, or that they are indented as deep as.
    fn blank_lines_taken(&self, last: &str) -> usize {
        let Some(own) = self.items.last() else { return 0 };
        let lines = self.text[own.end..].split_inclusive('\n').take_while(|line| line.trim().is_empty());
        let blank = &self.text[own.end..][..lines.map(str::len).sum()];
        let could_take = last.contains(['|', '>']) && (last.contains('+') || blank.contains([' ', '\t']));
        if could_take && *last != self.text[own.clone()] { blank.len() } else { 0 }
    }

    /// What stands in place of the last entry when lines follow it and a block scalar would take its end for its own. The
    /// items see to theirs themselves.
    fn sealed_end(&self) -> Option<Splice<'_>> {
        let last = self.outline.entries.last().filter(|last| last.key.as_deref() != Some(&self.key))?;
        let start = last.span.start - self.outline.column;
        let sealed = sealed(&self.text[start..]).filter(|_| is_open(self.text))?;
        Some(Splice::inline(start..self.text.len(), [Cow::Owned(sealed), Cow::Borrowed(line_break(self.text))]))
    }

    /// Adds `values` at the end of the sequence under `key`.
    fn append<'i>(&'i self, key: &str, values: &[Value], splices: &mut Vec<Splice<'i>>) {
        if values.is_empty() {
            return;
        }
        let entry = self.outline.entry(key);
        let flow = || values.iter().map(|value| Cow::Owned(render_flow(value))).collect::<Vec<_>>().into_iter();
        match entry.map(|entry| (entry, &entry.value)) {
            Some((_, outline::Value::Other)) => {}
            Some((entry, outline::Value::Block { column })) => {
                let end = last_end(self.text, entry.span.end, self.outline.entry_limit(entry), *column);
                splices.push(Splice::lines(end..end, [Cow::Owned(self.render_block(values, *column))]));
            }
            Some((_, outline::Value::Flow { brackets, content_end })) if *content_end > brackets.start + 1 => {
                let (at, separator) = self.end_of_flow(*content_end, brackets.end - 1, " ");
                splices.push(Splice::inline(at..at, iter::once(Cow::Owned(separator)).chain(joined(flow()))));
            }
            // Brackets with nothing but a comment in them stay.
            Some((_, outline::Value::Flow { brackets, .. })) if !is_blank(self.text, brackets) => {
                self.begin_flow(entry, key, flow(), splices);
            }
            _ if self.outline.style == CollectionStyle::Flow => self.begin_flow(entry, key, flow(), splices),
            _ => {
                let lines = self.render_block(values, self.outline.column);
                self.begin_block(entry, key, iter::once(Cow::Owned(lines)), splices);
            }
        }
    }

    /// Writes a block sequence of `lines` under `key`, which holds an empty list, null, or nothing.
    fn begin_block<'i>(
        &'i self,
        entry: Option<&Entry>,
        key: &str,
        lines: impl Iterator<Item = Cow<'i, str>> + 'i,
        splices: &mut Vec<Splice<'i>>,
    ) {
        let Some(entry) = entry else {
            let key = iter::once(Cow::Owned(format!("{:1$}{key}:", "", self.outline.column)));
            splices.push(Splice::lines(self.outline.end..self.outline.end, key.chain(lines)));
            return;
        };
        let (outline::Value::Null(old) | outline::Value::Flow { brackets: old, .. }) = &entry.value else { return };
        let blanks = self.text[..old.start].trim_end_matches([' ', '\t']).len().max(entry.value_start);
        let end = any_line_end(self.text, old.end);
        let old_end = match self.text[old.end..end].trim_start_matches([' ', '\t']) {
            _ if !is_any_line_start(self.text, blanks) => old.end,
            rest if rest.starts_with('#') => end - rest.len(),
            _ => end,
        };
        // A comment may begin right behind a bracket, and nowhere else.
        let gap = self.text[old_end..].starts_with('#').then_some(Cow::Borrowed(" "));
        splices.push(Splice::inline(blanks..old_end, gap));
        splices.push(Splice::lines(end..end, lines));
    }

    /// Writes a flow sequence of `values` under `key`, which holds an empty list, null, or nothing.
    fn begin_flow<'i>(
        &'i self,
        entry: Option<&Entry>,
        key: &str,
        values: impl Iterator<Item = Cow<'i, str>> + 'i,
        splices: &mut Vec<Splice<'i>>,
    ) {
        let values = joined(values);
        let list = |open: Cow<'i, str>, values| iter::once(open).chain(values).chain([Cow::Borrowed("]")]);
        match entry.map(|entry| &entry.value) {
            Some(outline::Value::Flow { brackets, .. }) => {
                let inside = brackets.start + 1;
                let gap = self.text[inside..].starts_with('#').then_some(Cow::Borrowed(" "));
                splices.push(Splice::inline(inside..inside, values.chain(gap)));
            }
            Some(outline::Value::Null(old)) => {
                let open = Cow::Borrowed(if old.is_empty() { " [" } else { "[" });
                splices.push(Splice::inline(old.clone(), list(open, values)));
            }
            _ => {
                let (at, mut separator) = self.end_of_flow_root();
                let is_second = splices.iter().any(|splice| splice.range.start == at);
                if is_second {
                    ", ".clone_into(&mut separator);
                }
                let open = Cow::Owned(format!("{separator}{}: [", quoted(key)));
                splices.push(Splice::inline(at..at, list(open, values)));
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
        let has_comma = self.text[after..].starts_with(',');
        if self.text[content_end..close].contains('#') {
            return (close, if has_comma { " " } else { ", " }.to_owned());
        }
        let at = self.text[..close].trim_end_matches(WHITE).len().max(content_end);
        let separator = match (has_comma, blanks) {
            (true, "") => " ".to_owned(),
            (true, _) => blanks.to_owned(),
            // Right behind a colon libyaml would read on.
            (false, _) if self.text[..at].ends_with(':') => format!(" ,{blanks}"),
            (false, _) => format!(",{blanks}"),
        };
        (at, separator)
    }

    /// What separates the document's own items, and any more.
    fn separators(&self) -> impl Iterator<Item = &str> {
        let gap = |pair: &[Range<usize>]| &self.text[pair[0].end..pair[1].start];
        let is_usual = |gap: &&str| gap.trim_matches(WHITE) == ",";
        let usual = self.items.get(..2).map(gap).filter(is_usual).unwrap_or(", ");
        self.items.windows(2).map(gap).chain(iter::repeat(usual))
    }
}

/// The values with commas between them.
fn joined<'i>(values: impl Iterator<Item = Cow<'i, str>>) -> impl Iterator<Item = Cow<'i, str>> {
    separated(values, iter::repeat(", "))
}

/// The values with separators between them.
fn separated<'i>(
    values: impl Iterator<Item = Cow<'i, str>>,
    separators: impl Iterator<Item = &'i str>,
) -> impl Iterator<Item = Cow<'i, str>> {
    let before = iter::once("").chain(separators);
    before.zip(values).flat_map(|(before, value)| [Cow::Borrowed(before), value])
}

/// Whether nothing stands between the brackets, no comment either.
pub fn is_blank(text: &str, brackets: &Range<usize>) -> bool {
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
