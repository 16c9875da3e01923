//! Finds where the items of a list document stand, and writes the document with other items in their place.

use std::ops::Range;

use serde_json::Value;

use super::Error;

/// Where the parts of a list document stand: one mapping with a sequence of items under one of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout<'a> {
    text: &'a str,
    items: Vec<Range<usize>>,
}

impl<'a> Layout<'a> {
    /// Finds the items under `key` of the mapping that `text` is; YAML in block or flow style, or JSON.
    ///
    /// # Errors
    ///
    /// When `text` is not one document that is one mapping, or `key` holds no sequence.
    pub fn new(_text: &'a str, _key: &str) -> Result<Self, Error> {
        unimplemented!()
    }

    /// The text of the entry `key` of the outer mapping, itself a mapping document of that one entry.
    #[must_use]
    pub fn entry(&self, _key: &str) -> Option<&'a str> {
        unimplemented!()
    }

    /// The texts of the items in order: `- …` with the comments that belong to it in a block sequence, the bare value
    /// in a flow sequence or in JSON. [`item_pointer`] tells where the value stands in such a text.
    pub fn items(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.items.iter().map(|range| &self.text[range.clone()])
    }

    /// The JSON pointer of an item's value inside its text: `/0` in a block sequence, empty otherwise.
    #[must_use]
    pub fn item_pointer(&self) -> &'static str {
        unimplemented!()
    }

    /// Renders a new item in the style of the list.
    #[must_use]
    pub fn render_item(&self, _value: &Value) -> String {
        unimplemented!()
    }

    /// The document with `items` in place of the items it has and `appended.1` added at the end of the sequence under
    /// `appended.0`, which is created when it is not there. With its own items and nothing to append, it is `text`.
    #[must_use]
    pub fn compose<'i>(&self, _items: impl IntoIterator<Item = &'i str>, _appended: (&str, &[Value])) -> String {
        unimplemented!()
    }
}

/// The text of entry `key` of the mapping that an item's `text` is, itself a mapping document of that one entry.
#[must_use]
pub fn item_entry<'t>(_text: &'t str, _key: &str) -> Option<&'t str> {
    unimplemented!()
}
