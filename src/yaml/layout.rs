//! Finds where the items of a list document stand, and writes the document with other items in their place.
//!
//! The items of a block list are found by a line scanner ([`scan`]), which is fast and knows when it is not sure; then,
//! and for everything that is no block list, libyaml's events tell ([`outline`]), or `serde_json` ([`json`]).

mod compose;
mod entry;
mod find;
mod json;
mod lines;
mod outline;
mod scan;

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use super::Error;
use super::events::CollectionStyle;
use outline::{Item, Outline};

pub use entry::item_entry;

/// Where the parts of a list document stand: one mapping with a sequence of items under one of its keys.
///
/// In a block sequence every byte between the first item and what follows the last belongs to an item. Comments deeper
/// than the dashes belong to the item before them, and so do comments that touch it and not the next item; other
/// comments belong to the item that they head. Blank lines before such a head belong to the item before. After the
/// last item only deeper comments belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout<'a> {
    text: &'a str,
    key: String,
    style: Style,
    items: Vec<Range<usize>>,
    outline: Outline,
}

/// How the items are written, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// With dashes at this column.
    Block { column: usize },
    /// In brackets.
    Flow,
}

impl<'a> Layout<'a> {
    /// Finds the items under `key` of the mapping that `text` is; YAML in block or flow style, or JSON.
    ///
    /// What stands outside the items is checked to be YAML. The items are not: each must be read once by itself.
    ///
    /// # Errors
    ///
    /// When `text` is not one document that is one mapping with unique keys, or `key` is there and holds neither a
    /// sequence nor null; when a `%` directive, a key behind `? ` or an item that begins amid a line stands in the way.
    pub fn new(text: &'a str, key: &str) -> Result<Self, Error> {
        if let Some((outline, items)) = json::read(text, key) {
            return Ok(Self::from_outline(text, key, outline, items));
        }
        if let Ok(list) = find::block_list(text, key)
            && let Some(outline) = find::outline_around(text, key, &list)
        {
            let style = Style::Block { column: list.column };
            return Ok(Self { text, key: key.to_owned(), style, items: list.items, outline });
        }
        let (outline, items) = outline::read(text, key)?;
        Ok(Self::from_outline(text, key, outline, items))
    }

    fn from_outline(text: &'a str, key: &str, outline: Outline, items: Vec<Item>) -> Self {
        let entry = outline.entry(key);
        let style = match (outline.style, entry.map(|entry| &entry.value)) {
            (CollectionStyle::Flow, _) => Style::Flow,
            (_, Some(outline::Value::Block { column })) => Style::Block { column: *column },
            (_, Some(outline::Value::Flow(brackets))) if !compose::is_empty_list(text, brackets) => Style::Flow,
            _ => Style::Block { column: outline.column },
        };
        let items = match style {
            Style::Block { column } => find::with_comments(text, &outline, key, items, column),
            Style::Flow => items.into_iter().map(|item| item.start..item.end).collect(),
        };
        Self { text, key: key.to_owned(), style, items, outline }
    }

    /// The text of the entry `key` of the outer mapping, itself a mapping document of that one entry.
    ///
    /// Nothing, when there is none, when it names an anchor of another entry, or when it is written like JSON without
    /// a space behind the colon; [`Self::entry_value`] then tells.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'a str> {
        let entry = self.outline.entry(key)?;
        let start = match self.outline.style {
            CollectionStyle::Block => entry.span.start - self.outline.column,
            CollectionStyle::Flow => entry.span.start,
        };
        let text = &self.text[start..entry.span.end];
        entry::is_self_contained(text).then_some(text)
    }

    /// The text of the value of entry `key` of a document in flow style or JSON, itself a document.
    #[must_use]
    pub fn entry_value(&self, key: &str) -> Option<&'a str> {
        let entry = self.outline.entry(key)?;
        (self.outline.style == CollectionStyle::Flow).then(|| self.text[entry.value_start..entry.span.end].trim())
    }

    /// The texts of the items in order: `- …` with the comments that belong to it in a block sequence, the bare value
    /// in a flow sequence or in JSON. [`item_pointer`](Self::item_pointer) tells where the value stands in such a text.
    pub fn items(&self) -> impl ExactSizeIterator<Item = &'a str> + '_ {
        self.items.iter().map(|range| &self.text[range.clone()])
    }

    /// The JSON pointer of an item's value inside its text: `/0` in a block sequence, empty otherwise.
    #[must_use]
    pub fn item_pointer(&self) -> &'static str {
        match self.style {
            Style::Block { .. } => "/0",
            Style::Flow => "",
        }
    }

    /// Renders a new item in the style of the list.
    #[must_use]
    pub fn render_item(&self, value: &Value) -> String {
        match self.style {
            Style::Block { column } => self.render_block(std::slice::from_ref(value), column),
            Style::Flow => compose::render_flow(value),
        }
    }

    /// The document with `items` in place of the items it has and `appended.1` added at the end of the sequence under
    /// `appended.0`, which is created when it is not there. With its own items and nothing to append, it is `text`.
    ///
    /// A last line without a line break gets one when something follows it. Nothing is appended to an entry that holds
    /// neither a sequence nor null.
    #[must_use]
    pub fn compose<'i>(&self, items: impl IntoIterator<Item = &'i str>, appended: (&str, &[Value])) -> String {
        compose::pieces(self, items.into_iter().map(Cow::Borrowed).collect(), appended).concat()
    }

    /// The pieces that, one after the other, are the document that [`compose`](Self::compose) returns.
    #[must_use]
    pub fn pieces<'i>(
        &'i self,
        items: impl IntoIterator<Item = &'i str>,
        appended: (&str, &[Value]),
    ) -> Vec<Cow<'i, str>> {
        compose::pieces(self, items.into_iter().map(Cow::Borrowed).collect(), appended)
    }
}
