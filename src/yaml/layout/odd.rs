//! Reads a composed document back where its text is written so oddly that composing it cannot be trusted.

use std::borrow::Cow;
use std::{fmt, iter, mem};

use serde_json::{Value, json};

use super::compose::spliced;
use super::{Layout, Style, find};
use crate::yaml::text::{BOM, rare_break};
use crate::yaml::{Error, view};

/// What is odd around the items of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Oddity {
    at: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Go breaks lines where most tools do not: at a lone CR, at NEL, LS or PS.
    RareBreak,
    /// A byte-order mark that is not the first character, which takes a column at the start of a line.
    ByteOrderMark,
    /// A line of blanks with a tab among them, which block scalars may take for content.
    Tab,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RareBreak => "a line break that is neither LF nor CRLF",
            Self::ByteOrderMark => "a byte-order mark amid the text",
            Self::Tab => "a tab on a line of blanks",
        })
    }
}

/// What is odd outside of the items of `layout`, or in `last`, the last item that it shall have.
pub fn find(layout: &Layout<'_>, last: Option<&str>) -> Option<Oddity> {
    let text = layout.text;
    let start = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let starts = iter::once(start).chain(layout.items.iter().map(|item| item.end));
    let ends = layout.items.iter().map(|item| item.start).chain([text.len()]);
    let mut around = starts.zip(ends).map(|(from, to)| (from, &text[from..to]));
    let around = around.find_map(|(from, gap)| in_text(gap).map(|oddity| Oddity { at: from + oddity.at, ..oddity }));
    around.or_else(|| Some(Oddity { at: layout.items.last().map_or(0, |item| item.start), ..in_text(last?)? }))
}

fn in_text(text: &str) -> Option<Oddity> {
    // The usual case, as a long list in brackets has it between all of its items.
    if text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)) {
        return None;
    }
    let rare = rare_break(text.as_bytes()).map(|at| (at, Kind::RareBreak));
    let mark = || text.find(BOM).map(|at| (at, Kind::ByteOrderMark));
    let (at, kind) = rare.or_else(mark).or_else(|| Some((blank_tab(text)?, Kind::Tab)))?;
    Some(Oddity { at, kind })
}

/// A tab on a line of blanks.
fn blank_tab(text: &str) -> Option<usize> {
    let lines = text.split_inclusive('\n').scan(0, |end, line| {
        let start = mem::replace(end, *end + line.len());
        Some((start, line))
    });
    let mut blank = lines.filter(|(_, line)| line.trim_matches([' ', '\t', '\r', '\n']).is_empty());
    blank.find_map(|(start, line)| Some(start + line.find('\t')?))
}

/// Reads back what stands around the items, the last one of `items` among it.
///
/// # Errors
///
/// At `oddity`, when the document with `items` and `appended` would not say what was put in.
pub fn check(
    layout: &Layout<'_>,
    items: &[Cow<'_, str>],
    appended: (&str, &[Value]),
    oddity: &Oddity,
) -> Result<(), Error> {
    if appended.1.is_empty() && items.iter().map(Cow::as_ref).eq(layout.items()) {
        return Ok(());
    }
    let last = || items.last().map(|item| Cow::Borrowed(item.as_ref())).into_iter();
    let composed: String = spliced(layout, last(), appended).collect();
    let expected = expected(layout, items.last().map(Cow::as_ref), appended);
    if expected.is_some() && view::read(&composed).ok() == expected {
        return Ok(());
    }
    let problem = format!("{} must be removed: the list cannot be changed around it", oddity.kind);
    Err(Error::at(layout.text, oddity.at, problem))
}

/// What the document says with `last` for its only item, and with `values` appended under `key`.
fn expected(layout: &Layout<'_>, last: Option<&str>, (key, values): (&str, &[Value])) -> Option<Value> {
    let mut value = view::read(&without_items(layout)).ok()?;
    let last = match last {
        Some(last) => Some(view::read(last).ok()?.pointer(layout.item_pointer())?.clone()),
        None => None,
    };
    if last.is_some() || !layout.items.is_empty() {
        value[&layout.key] = last.into_iter().collect();
    }
    if !values.is_empty() {
        let entry = &mut value[key];
        if entry.is_null() {
            *entry = json!([]);
        }
        entry.as_array_mut().into_iter().for_each(|list| list.extend_from_slice(values));
    }
    Some(value)
}

/// The text with one plain item in place of its own.
fn without_items(layout: &Layout<'_>) -> String {
    let Some((first, last)) = layout.items.first().zip(layout.items.last()) else { return layout.text.to_owned() };
    let stand_in = match layout.style {
        Style::Block { column } => find::stand_in(column),
        Style::Flow => "0".to_owned(),
    };
    [&layout.text[..first.start], &stand_in, &layout.text[last.end..]].concat()
}
