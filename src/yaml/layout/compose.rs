//! Composes a list by editing it: in a skeleton of the document one item represents all, [`edit`](crate::yaml::edit)
//! changes what else there is to change and reads it back, and the texts of the other items go before that item.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation};
use serde_json::{Value, json};

use super::find::{self, List, Style};
use super::outline;
use crate::yaml::edit::Document;
use crate::yaml::events::CollectionStyle;
use crate::yaml::scalar::{self, BlockStyle, Context};
use crate::yaml::text::{BOM, WHITE, any_line_end, line_break, rare_break};
use crate::yaml::{Error, view};

/// The characters that end lines.
const LINE_ENDS: [char; 5] = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// What is refused beside a list that is written oddly.
const CHANGED: &str = "the list cannot be changed without changing something else in it";

/// A list document, and the key of its items.
#[derive(Clone, Copy)]
pub struct Source<'l> {
    pub text: &'l str,
    pub key: &'l str,
    pub list: &'l List,
}

/// A document with one item.
struct Skeleton<'i> {
    head: Cow<'i, str>,
    item: Cow<'i, str>,
    tail: Cow<'i, str>,
}

impl Skeleton<'_> {
    fn text(&self) -> String {
        [&*self.head, &*self.item, &*self.tail].concat()
    }
}

/// The pieces that, one after the other, are the document of `source` with `items`, and with `values` added under `key`.
pub fn pieces<'i>(
    source: Source<'i>,
    items: impl Iterator<Item = Cow<'i, str>>,
    (key, values): (&str, &[Value]),
) -> Result<Vec<Cow<'i, str>>, Error> {
    let mut items: Vec<Cow<'i, str>> = items.collect();
    let mut values = values;
    if key == source.key {
        items.extend(values.iter().map(|value| Cow::Owned(source.render(value))));
        values = &[];
    }
    if values.is_empty() && source.has(&items) {
        return Ok(vec![Cow::Borrowed(source.text)]);
    }
    let composed = if source.around().into_iter().any(|range| has_marked_line(&source.text[range])) {
        Err(CHANGED.to_owned())
    } else {
        source.composed(items, (key, values))
    };
    composed.map_err(|problem| match source.oddity() {
        Some((at, oddity)) => {
            let problem = format!("{oddity} must be removed: the list cannot be changed around it");
            Error::at(source.text, at, problem)
        }
        None => Error::at(source.text, source.list.items.last().map_or(0, |item| item.start), problem),
    })
}

impl<'l> Source<'l> {
    /// Renders a new item.
    pub fn render(self, value: &Value) -> String {
        match self.list.style {
            Style::Block { column } => {
                let text = scalar::render(&Value::Array(vec![value.clone()]), column);
                match line_break(self.text) {
                    "\n" => text,
                    other => text.replace('\n', other),
                }
            }
            Style::Flow => scalar::inline(value, Context::Flow),
            Style::Json => scalar::inline(value, Context::Json),
        }
    }

    /// The JSON pointer of an item's value inside its text.
    pub fn item_pointer(self) -> &'static str {
        match self.list.style {
            Style::Block { .. } => "/0",
            Style::Flow | Style::Json => "",
        }
    }

    /// Whether `items` are the document's own.
    fn has(self, items: &[Cow<'_, str>]) -> bool {
        let own = self.list.items.iter().map(|range| &self.text[range.clone()]);
        items.len() == own.len()
            && items
                .iter()
                .zip(own)
                .all(|(item, own)| item.as_ptr() == own.as_ptr() && item.len() == own.len() || **item == *own)
    }

    fn composed(self, mut items: Vec<Cow<'l, str>>, added: (&str, &[Value])) -> Result<Vec<Cow<'l, str>>, String> {
        let Some(last) = items.pop() else { return Ok(vec![Cow::Owned(self.without_items(added)?)]) };
        let mut skeleton = self.skeleton(self.stand_in())?;
        let mut expected = view::read(&skeleton.text()).map_err(|error| error.problem)?;
        let mut item = view::read(&last).map_err(|error| error.problem)?;
        expected[self.key] = json!([item.pointer_mut(self.item_pointer()).ok_or(CHANGED)?.take()]);
        skeleton.item = if skeleton.tail.is_empty() { last } else { self.closed(last)? };
        let text = skeleton.saying(&expected).ok_or(CHANGED)?;

        let patch = additions(&expected, added);
        let mut pieces = Vec::with_capacity(2 * items.len() + 3);
        let rest = if patch.0.is_empty() {
            pieces.push(skeleton.head);
            [skeleton.item, skeleton.tail]
        } else {
            let edited = self.edited(&text, &patch)?;
            let (head, rest) = skeleton.parted(&edited).ok_or(CHANGED)?;
            pieces.push(Cow::Owned(head.to_owned()));
            [Cow::Owned(rest.to_owned()), Cow::Borrowed("")]
        };
        for (item, separator) in items.into_iter().zip(self.separators()) {
            pieces.extend([self.closed(item)?, Cow::Borrowed(separator)]);
        }
        pieces.extend(rest);
        Ok(pieces)
    }

    /// The document without items.
    fn without_items(self, added: (&str, &[Value])) -> Result<String, String> {
        let text = if self.list.items.is_empty() {
            self.text.to_owned()
        } else {
            let Skeleton { head, item, tail } = self.skeleton(self.stand_in())?;
            // Comments between the key and the first item stay.
            let key = self.list.outline.entry(self.key).map_or(0, |entry| any_line_end(&head, entry.value_start));
            let (head, comments) = head.split_at(if item.ends_with('\n') { key } else { head.len() });
            [head, &item, comments, &tail].concat()
        };
        let value = view::read(&text).map_err(|error| error.problem)?;
        let mut patch = additions(&value, added);
        if !self.list.items.is_empty() {
            let remove = RemoveOperation { path: PointerBuf::from_tokens([self.key, "0"]) };
            patch.0.insert(0, PatchOperation::Remove(remove));
        }
        self.edited(&text, &patch)
    }

    /// `text` after `patch`; lines that are added at its end go below the blank lines there, and end with a line break.
    fn edited(self, text: &str, patch: &Patch) -> Result<String, String> {
        let document = Document::read(text).map_err(|error| error.problem)?.with_style(BlockStyle::COMPACT);
        let edited = document.apply(patch).map_err(|refusal| refusal.to_string())?;
        if self.list.outline.style == CollectionStyle::Flow {
            return Ok(edited);
        }
        let is_open = !edited.ends_with('\n') && last_line(&edited) != last_line(text);
        let closed = || is_open.then(|| format!("{edited}{}", line_break(self.text)));
        let better = self.with_added_last(text, &edited).into_iter().flatten().chain(closed());
        let value = view::read(&edited);
        Ok(better.into_iter().find(|better| view::read(better) == value).unwrap_or(edited))
    }

    /// `edited` with what was added at the end of `text` below the blank lines there; or in place of a last line of
    /// spaces, which a block scalar would take.
    fn with_added_last(self, text: &str, edited: &str) -> Option<[String; 2]> {
        let content = text.trim_end_matches(WHITE);
        let below_content = || Some(edited.strip_prefix(content)?.split_once('\n')?.1);
        let added = edited.strip_prefix(text).or_else(below_content)?;
        let added = added.trim_start_matches(['\r', '\n']).trim_end_matches(WHITE);
        let gap = match text.chars().last() {
            Some('\n') => "",
            // It may be cut inside of a CRLF.
            Some('\r') => "\n",
            _ => line_break(self.text),
        };
        let lines = if last_line(text).trim().is_empty() { &text[..text.len() - last_line(text).len()] } else { text };
        (!added.is_empty()).then(|| {
            [[text, gap].concat(), lines.to_owned()].map(|text| [&text, added, line_break(self.text)].concat())
        })
    }

    /// An item that means nothing.
    fn stand_in(self) -> String {
        match self.list.style {
            Style::Block { column } => find::stand_in(column),
            Style::Flow | Style::Json => "0".to_owned(),
        }
    }

    /// The document around `item`, which is its only one.
    fn skeleton(self, item: String) -> Result<Skeleton<'l>, String> {
        if let Some((first, last)) = self.list.items.first().zip(self.list.items.last()) {
            let [head, tail] = [&self.text[..first.start], &self.text[last.end..]].map(Cow::Borrowed);
            return Ok(Skeleton { head, item: Cow::Owned(item), tail });
        }
        self.begun()
    }

    /// The document with its list begun, by an item that means nothing.
    fn begun(self) -> Result<Skeleton<'l>, String> {
        let value = view::read(self.text).map_err(|error| error.problem)?;
        let patch = additions(&value, (self.key, &[json!(0)]));
        let text = self.edited(self.text, &patch)?;
        let (outline, items) = outline::read(&text, self.key).map_err(|error| error.problem)?;
        let is_styled = match (outline.entry(self.key).map(|entry| &entry.value), self.list.style) {
            (Some(outline::Value::Block { column }), Style::Block { column: own }) => *column == own,
            (Some(outline::Value::Flow { .. }), Style::Flow | Style::Json) => true,
            _ => false,
        };
        match &items[..] {
            [Range { start, end }] if is_styled => {
                let [head, item, tail] = [&text[..*start], &text[*start..*end], &text[*end..]];
                let [head, item, tail] = [head, item, tail].map(|part| Cow::Owned(part.to_owned()));
                Ok(Skeleton { head, item, tail })
            }
            _ => Err(CHANGED.to_owned()),
        }
    }

    /// An item of a block list, ended by a line break that its value does not change with; any other as it is.
    fn closed(self, item: Cow<'_, str>) -> Result<Cow<'_, str>, String> {
        if item.ends_with('\n') || !matches!(self.list.style, Style::Block { .. }) {
            return Ok(item);
        }
        let closed = format!("{item}{}", line_break(self.text));
        if view::read(&closed) == view::read(&item) {
            return Ok(Cow::Owned(closed));
        }
        // A block scalar would take the line break for its own; edits know how to keep it from that.
        let document = Document::read(&item).map_err(|error| error.problem)?;
        let add = AddOperation { path: PointerBuf::from_tokens(["-"]), value: json!(0) };
        let patch = Patch(vec![PatchOperation::Add(add)]);
        let mut text = document.apply(&patch).map_err(|refusal| refusal.to_string())?;
        let last = last_line(text.trim_end_matches(['\r', '\n'])).len();
        text.truncate(text.trim_end_matches(['\r', '\n']).len() - last);
        Ok(Cow::Owned(text))
    }

    /// What separates the document's own items, and any more.
    fn separators(self) -> impl Iterator<Item = &'l str> {
        let (usual, own) = match self.list.style {
            Style::Block { .. } => ("", &[][..]),
            Style::Flow | Style::Json => (", ", &self.list.items[..]),
        };
        let gap = move |pair: &[Range<usize>]| &self.text[pair[0].end..pair[1].start];
        let is_usual = |gap: &&str| gap.trim_matches(WHITE) == ",";
        let usual = own.get(..2).map(gap).filter(is_usual).unwrap_or(usual);
        // Behind another item a comment might not be one.
        let gaps = own.windows(2).map(gap).map(move |gap| if gap.starts_with('#') { usual } else { gap });
        gaps.chain(iter::repeat(usual))
    }

    /// Where the document is written in a way that edits cannot be trusted with, and what that is.
    fn oddity(self) -> Option<(usize, &'static str)> {
        self.around()
            .into_iter()
            .find_map(|range| odd(&self.text[range.clone()]).map(|(at, what)| (range.start + at, what)))
    }

    /// What is before the items and behind them.
    fn around(self) -> [Range<usize>; 2] {
        let (first, last) = self.list.items.first().zip(self.list.items.last()).unzip();
        let start = if self.text.starts_with(BOM) { BOM.len() } else { 0 };
        let end = last.map_or(start, |item| item.end);
        [start..first.map_or(start, |item| item.start), end..self.text.len()]
    }
}

impl Skeleton<'_> {
    /// The text, when it says what is expected. Where a block scalar at the end of the item would take what is behind
    /// it for its own, blank lines there go, or comments move before the item.
    fn saying(&mut self, expected: &Value) -> Option<String> {
        let read = |skeleton: &Self| {
            let text = skeleton.text();
            (view::read(&text).ok()? == *expected).then_some(text)
        };
        if let Some(text) = read(self) {
            return Some(text);
        }
        let lines = |is_meant: fn(&str) -> bool| {
            let lines = self.tail.split_inclusive('\n').take_while(|line| is_meant(line.trim_start()));
            lines.map(str::len).sum()
        };
        let (blank, trivia): (usize, usize) =
            (lines(str::is_empty), lines(|line| line.is_empty() || line.starts_with('#')));
        let tail = self.tail.clone();
        self.tail = Cow::Owned(tail[blank..].to_owned());
        if let Some(text) = read(self) {
            return Some(text);
        }
        let moved = tail[..trivia].trim_end();
        self.head = Cow::Owned(format!("{}{moved}{}", self.head, line_break(&self.head)));
        self.tail = Cow::Owned(tail[trivia..].to_owned());
        read(self)
    }

    /// Parts `edited`, in which only what is before the item changed or only what is behind its beginning, at the item.
    fn parted<'e>(&self, edited: &'e str) -> Option<(&'e str, &'e str)> {
        if edited.starts_with(&*self.head) {
            return edited.split_at_checked(self.head.len());
        }
        let rest = edited.strip_suffix(&*self.tail)?.strip_suffix(&*self.item)?.len();
        edited.split_at_checked(rest)
    }
}

/// The operations that add `values` under `key` of a mapping that is `value`; none where there is no list to add to.
fn additions(value: &Value, (key, values): (&str, &[Value])) -> Patch {
    let add = |path, value| PatchOperation::Add(AddOperation { path, value });
    let path = PointerBuf::from_tokens([key]);
    Patch(match value.get(key) {
        _ if values.is_empty() => Vec::new(),
        None | Some(Value::Null) => vec![add(path, Value::Array(values.to_vec()))],
        Some(Value::Array(_)) => {
            values.iter().map(|value| add(PointerBuf::from_tokens([key, "-"]), value.clone())).collect()
        }
        Some(_) => Vec::new(),
    })
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or_default()
}

/// Whether a line begins with a byte-order mark: it takes a column there, which not every reader counts.
fn has_marked_line(text: &str) -> bool {
    text.match_indices(BOM).any(|(at, _)| text[..at].ends_with(LINE_ENDS))
}

/// Where Go breaks lines and most tools do not, or what block scalars may take for content.
fn odd(text: &str) -> Option<(usize, &'static str)> {
    let rare = rare_break(text.as_bytes()).map(|at| (at, "a line break that is neither LF nor CRLF"));
    let mark = || text.find(BOM).map(|at| (at, "a byte-order mark amid the text"));
    let tab = || {
        let lines = text.split_inclusive('\n').filter(|line| line.trim().is_empty());
        let tab = lines.filter_map(|line| line.find('\t').map(|at| line.as_ptr().addr() - text.as_ptr().addr() + at));
        Some((tab.min()?, "a tab on a line of blanks"))
    };
    rare.or_else(mark).or_else(tab)
}
