//! Reads, by libyaml's events, what a document holds under its top-level keys and where.

use std::collections::HashSet;
use std::ops::Range;

use super::comments::content_end;
use crate::yaml::events::{CollectionStyle, Error, Event, EventKind, Events, ScalarStyle};
use crate::yaml::text::{
    WHITE, any_line_end, any_line_start, is_any_line_start, properties_end, skip_blanks, skip_trivia,
};

/// How many top-level keys a list document may have; real ones have five, and each is kept in memory.
pub const MAX_ENTRIES: usize = 1000;

/// The mapping that a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    pub style: CollectionStyle,
    /// The column of the keys of a block mapping.
    pub column: usize,
    /// Where a new entry goes: the end of the document, or the closing brace.
    pub end: usize,
    pub entries: Vec<Entry>,
}

/// One entry of the mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, unless it is a collection or an alias.
    pub key: Option<String>,
    /// From the key to the last token of the value; in a block mapping to the end of that line.
    pub span: Range<usize>,
    /// Where the text of the value begins: behind the colon, the blanks after it and an anchor or tag.
    pub value_start: usize,
    pub value: Value,
}

/// What an entry holds, as far as it matters for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A null that may be replaced: nothing, `~` or `null`.
    Null,
    /// A block sequence with its dashes at this column.
    Block {
        column: usize,
    },
    /// A flow sequence, which is bare when nothing is between its brackets, no comment either.
    Flow {
        is_bare: bool,
    },
    Other,
}

impl Outline {
    /// The entry under `key`.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.as_deref() == Some(key))
    }

    /// Where, in a block mapping, the lines end that may belong to `entry`.
    pub fn entry_limit(&self, entry: &Entry) -> usize {
        let next = self.entries.partition_point(|other| other.span.start <= entry.span.start);
        self.entries.get(next).map_or(self.end, |next| next.span.start - self.column)
    }

    /// Moves everything from `from` on to begin at `to`.
    pub fn shift(&mut self, from: usize, to: usize) {
        let shift = |at: &mut usize| {
            if *at >= from {
                *at = *at - from + to;
            }
        };
        shift(&mut self.end);
        for entry in &mut self.entries {
            shift(&mut entry.span.start);
            shift(&mut entry.span.end);
            shift(&mut entry.value_start);
        }
    }
}

/// Reads the one document of `text`, and where the items under `key` are: their values in a flow sequence, otherwise the
/// lines from the dash to the end of the value.
pub fn read(text: &str, key: &str) -> Result<(Outline, Vec<Range<usize>>), Error> {
    Reader { text, events: Events::new(text), leaf_end: 0, ends_in_block_scalar: false }.document(key)
}

struct Reader<'a> {
    text: &'a str,
    events: Events<'a>,
    /// Where the last token of the content ends.
    leaf_end: usize,
    ends_in_block_scalar: bool,
}

impl Reader<'_> {
    fn document(mut self, key: &str) -> Result<(Outline, Vec<Range<usize>>), Error> {
        self.next()?;
        let start = self.next()?;
        if let EventKind::DocumentStart { directives: true, .. } = start.kind {
            return Err(self.error("a `%` directive must not stand before the document", start.span.start));
        }
        let root = self.next_unless_empty(&start)?;
        let EventKind::MappingStart { style, .. } = root.kind else {
            return Err(self.error("the document must be a mapping", root.span.start));
        };
        let mut outline = Outline { style, column: 0, end: 0, entries: Vec::new() };
        let mut items = Vec::new();
        let mut keys = HashSet::new();
        loop {
            let event = self.next()?;
            if event.kind == EventKind::MappingEnd {
                outline.end = event.span.start;
                break;
            }
            let entry = self.entry(&event, style, key, &mut items)?;
            if outline.entries.len() == MAX_ENTRIES {
                let problem = format!("the document must not have more than {MAX_ENTRIES} top-level keys");
                return Err(self.error(&problem, entry.span.start));
            }
            if let Some(name) = &entry.key
                && !keys.insert(name.clone())
            {
                return Err(self.error("a top-level key must not stand twice", entry.span.start));
            }
            if style == CollectionStyle::Block && outline.entries.is_empty() {
                outline.column = entry.span.start - any_line_start(self.text, entry.span.start);
            }
            outline.entries.push(entry);
        }
        let end = self.next()?;
        if style == CollectionStyle::Block {
            outline.end = match end.kind {
                EventKind::DocumentEnd { explicit: true } => any_line_start(self.text, end.span.start),
                _ => self.text.len(),
            };
            let limits: Vec<usize> = outline.entries.iter().map(|entry| outline.entry_limit(entry)).collect();
            for (entry, limit) in outline.entries.iter_mut().zip(limits) {
                entry.span.end = content_end(self.text, entry.span.end, limit);
            }
        }
        let after = self.next()?;
        if after.kind != EventKind::StreamEnd {
            return Err(self.error("a second document must not follow", after.span.start));
        }
        Ok((outline, items))
    }

    /// Reads the root, which an empty stream does not have.
    fn next_unless_empty(&mut self, start: &Event) -> Result<Event, Error> {
        if start.kind == EventKind::StreamEnd {
            return Err(self.error("the document must be a mapping", start.span.start));
        }
        self.next()
    }

    /// Reads one entry, whose key begins with `event`.
    fn entry(
        &mut self,
        event: &Event,
        style: CollectionStyle,
        key: &str,
        items: &mut Vec<Range<usize>>,
    ) -> Result<Entry, Error> {
        let start = event.span.start;
        self.rest(event)?;
        let name = match &event.kind {
            EventKind::Scalar { value, .. } => Some(value.clone()),
            _ => None,
        };
        let key_end = self.leaf_end.max(start);
        let mut value_start = key_end;
        if style == CollectionStyle::Block {
            let line = any_line_start(self.text, start);
            let blanks = |range: Range<usize>| self.text[range].bytes().all(|byte| byte == b' ');
            let colon = skip_blanks(self.text.as_bytes(), key_end);
            if !blanks(line..start) || !self.text[colon..].starts_with(':') {
                return Err(self.error("a top-level key must stand on a line of its own, without `? `", start));
            }
            value_start = colon + 1;
        } else {
            let colon = skip_trivia(self.text, key_end);
            if self.text[colon..].starts_with(':') {
                value_start = colon + 1;
            }
        }
        let has_colon = value_start > key_end;
        let first = self.next()?;
        let value = match &first.kind {
            EventKind::SequenceStart { style: CollectionStyle::Block, .. } => {
                let dash = self.first_dash(&first);
                if first.span.start != dash {
                    value_start = properties_end(self.text, first.span.start);
                }
                let column = dash - any_line_start(self.text, dash);
                if name.as_deref() == Some(key) {
                    self.block_items(dash, column, items)?;
                } else {
                    self.rest(&first)?;
                }
                Value::Block { column }
            }
            EventKind::SequenceStart { style: CollectionStyle::Flow, .. } => {
                let open = first.span.end - 1;
                self.see(&first);
                let items = Some(items).filter(|_| name.as_deref() == Some(key));
                self.flow_items(items)?;
                Value::Flow { is_bare: self.text[open + 1..self.leaf_end - 1].trim_matches(WHITE).is_empty() }
            }
            EventKind::Scalar { value, style: ScalarStyle::Plain, anchor: None, tag: None }
                if has_colon && matches!(value.as_str(), "" | "~" | "null" | "Null" | "NULL") =>
            {
                self.rest(&first)?;
                Value::Null
            }
            _ => {
                self.rest(&first)?;
                Value::Other
            }
        };
        if name.as_deref() == Some(key) && value == Value::Other {
            return Err(self.error(&format!("`{key}` must hold a sequence"), first.span.start));
        }
        let end = match style {
            CollectionStyle::Block => self.content_end(),
            CollectionStyle::Flow => self.leaf_end,
        };
        Ok(Entry { key: name, span: start..end.max(value_start), value_start, value })
    }

    /// Reads the items of a block sequence, whose first dash stands at `dash`.
    fn block_items(&mut self, dash: usize, column: usize, items: &mut Vec<Range<usize>>) -> Result<(), Error> {
        let mut dash = Some(dash);
        loop {
            let event = self.next()?;
            if event.kind == EventKind::SequenceEnd {
                return Ok(());
            }
            let at = dash.ok_or_else(|| self.error("an item must begin on a line of its own", event.span.start))?;
            let start = any_line_start(self.text, at);
            if self.text[start..at].bytes().any(|byte| byte != b' ') {
                return Err(self.error("an item must begin on a line of its own", at));
            }
            self.leaf_end = self.leaf_end.max(at + 1);
            self.ends_in_block_scalar = false;
            self.rest(&event)?;
            let end = self.content_end();
            items.push(start..end);
            dash = self.next_dash(end, column);
        }
    }

    /// Reads on to the end of a flow sequence, for `items` when they are asked for.
    fn flow_items(&mut self, mut items: Option<&mut Vec<Range<usize>>>) -> Result<(), Error> {
        loop {
            let event = self.next()?;
            if event.kind == EventKind::SequenceEnd {
                self.see(&event);
                return Ok(());
            }
            let start = event.span.start;
            self.rest(&event)?;
            let Some(items) = &mut items else { continue };
            let is_pair =
                matches!(event.kind, EventKind::MappingStart { .. }) && !self.text[start..self.leaf_end].ends_with('}');
            if is_pair || event.span.is_empty() {
                return Err(self.error("an item must be a whole value, not a pair without braces", start));
            }
            items.push(start..self.leaf_end);
        }
    }

    /// The first dash of the block sequence that begins with `event`, behind anchor and tag.
    fn first_dash(&self, event: &Event) -> usize {
        // libyaml marks the sequence up to its first dash, or, where that stands at the column of the key, behind it.
        let end = event.span.end;
        if self.text[end..].starts_with('-') { end } else { end - 1 }
    }

    /// The next dash at `column` from the line at `from` on.
    fn next_dash(&self, from: usize, column: usize) -> Option<usize> {
        let mut at = from;
        while at < self.text.len() {
            let line = &self.text[at..];
            let content = line.trim_start_matches(' ');
            if line.len() - content.len() == column && content.starts_with('-') {
                return Some(at + column);
            }
            at = any_line_end(self.text, at);
        }
        None
    }

    /// Reads on to the end of the node that begins with `event`.
    fn rest(&mut self, event: &Event) -> Result<(), Error> {
        self.see(event);
        let mut depth = depth_change(&event.kind);
        while depth > 0 {
            let event = self.next()?;
            self.see(&event);
            depth += depth_change(&event.kind);
        }
        Ok(())
    }

    /// Takes note of a token's end; ends of block collections lie at the next token and do not count.
    fn see(&mut self, event: &Event) {
        let text = &self.text[event.span.clone()];
        let is_token = match &event.kind {
            EventKind::SequenceEnd => text == "]",
            EventKind::MappingEnd => text == "}",
            EventKind::Scalar { .. } | EventKind::Alias { .. } => !text.is_empty(),
            EventKind::SequenceStart { style, .. } | EventKind::MappingStart { style, .. } => {
                *style == CollectionStyle::Flow
            }
            _ => false,
        };
        if is_token {
            self.leaf_end = self.leaf_end.max(event.span.end);
            self.ends_in_block_scalar =
                matches!(event.kind, EventKind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. });
        }
    }

    /// The end of the line on which the content ends.
    fn content_end(&self) -> usize {
        if self.ends_in_block_scalar && is_any_line_start(self.text, self.leaf_end) {
            self.leaf_end
        } else {
            any_line_end(self.text, self.leaf_end)
        }
    }

    fn next(&mut self) -> Result<Event, Error> {
        match self.events.next() {
            Some(event) => event,
            None => Err(self.error("the document must be a mapping", self.text.len())),
        }
    }

    fn error(&self, problem: &str, at: usize) -> Error {
        Error::at(self.text, at, problem)
    }
}

fn depth_change(kind: &EventKind) -> isize {
    match kind {
        EventKind::SequenceStart { .. } | EventKind::MappingStart { .. } => 1,
        EventKind::SequenceEnd | EventKind::MappingEnd => -1,
        _ => 0,
    }
}
