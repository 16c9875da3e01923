//! Finds where the items of a list document stand, and writes the document with other items in their place.
//!
//! A list document is one mapping with a sequence under one of its keys. [`Layout`] knows the byte range of every item
//! and of every entry of that mapping. An item is text of its own: read it with [`view`](super::view), cut a value out
//! of it with [`item_value`], change it with [`edit`](super::edit), and compose the document again from the texts that
//! shall be in it. What is not an item keeps its bytes, and the items of a document compose that document.
//!
//! The items of a block list are found by a line scanner, which is fast and knows when it is not sure; then, and for
//! everything that is no block list, libyaml's events tell, or `serde_json`.
//!
//! ```
//! use serde_json::json;
//! use split_planes::yaml::layout::Layout;
//!
//! let text = "items: # all\n- name: web\n- name: 'db' # keep\nowner: me\n";
//! let layout = Layout::new(text, "items")?;
//! let new = layout.render_item(&json!({"name": "cache"}));
//! let items = layout.items().skip(1).chain([new.as_str()]);
//! assert_eq!(
//!     layout.compose(items, ("notes", &[json!("no web")]))?,
//!     "items: # all\n- name: 'db' # keep\n- name: cache\nowner: me\nnotes:\n- no web\n"
//! );
//! # Ok::<(), split_planes::yaml::Error>(())
//! ```

mod comments;
mod compose;
mod entry;
mod find;
mod json;
mod outline;
mod scan;
#[cfg(test)]
pub(in crate::yaml) mod tests;

use std::borrow::Cow;
use std::{fmt, iter};

use serde_json::Value;

use super::Error;
use super::events::CollectionStyle;
use super::text::WHITE;
use find::List;

pub use entry::item_value;

/// Where the parts of a list document stand; borrows its text.
///
/// In a block sequence every byte from the first item to the end of the last belongs to an item. Comments deeper than
/// the dashes belong to the item before them, and so do comments that touch it and not the next item; other comments
/// belong to the item that they head. Blank lines before such a head belong to the item before. Comments below the last
/// item belong to it as well, when they are deeper or touch it and no key below.
///
/// ```
/// use split_planes::yaml::layout::Layout;
///
/// let text = "items:\n- a\n  # deeper\n# touches a\n\n# heads b\n- b\n# touches b\n\n# nobody's\n";
/// let layout = Layout::new(text, "items")?;
/// assert!(layout.items().eq(["- a\n  # deeper\n# touches a\n\n", "# heads b\n- b\n# touches b\n"]));
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
///
/// In a flow sequence or JSON an item is its value alone; commas, blanks and comments between values are the list's.
#[derive(Clone, PartialEq, Eq)]
pub struct Layout<'a> {
    text: &'a str,
    key: String,
    list: List,
}

/// Leaves out the text, which may hold secrets.
impl fmt::Debug for Layout<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout").field("key", &self.key).field("items", &self.list.items).finish_non_exhaustive()
    }
}

impl<'a> Layout<'a> {
    /// Finds the items under `key` of the mapping that `text` is; YAML in block or flow style, or JSON.
    ///
    /// Without `key`, or with null under it, the document is a list of no items. What stands outside the items is
    /// checked to be YAML. The items may not be: each must be read once by itself, where one that names an anchor
    /// outside of it cannot be read.
    ///
    /// # Errors
    ///
    /// When `text` is not one document that is one mapping with at most 1,000 unique keys, or `key` holds neither a
    /// sequence nor null; when a `%` directive, a top-level key behind `? `, or a pair without braces as an item of a
    /// flow sequence stands in the way.
    ///
    /// # Examples
    ///
    /// ```
    /// use split_planes::yaml::{layout::Layout, view};
    ///
    /// let layout = Layout::new("note: |\n items:\n - none\nitems:\n- {a: 1, a: 2}\n", "items")?;
    /// assert!(layout.items().eq(["- {a: 1, a: 2}\n"]), "text is no item");
    /// assert!(layout.items().all(|item| view::check(item).is_err()), "a key stands twice");
    ///
    /// let error = Layout::new("items:\n- a\nitems:\n- b\n", "items").unwrap_err();
    /// assert_eq!(error.to_string(), "line 3, column 1: a top-level key must not stand twice");
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    pub fn new(text: &'a str, key: &str) -> Result<Self, Error> {
        Ok(Self { text, key: key.to_owned(), list: find::list(text, key)? })
    }

    /// The text of the entry `key` of the outer mapping, itself a mapping document of that one entry.
    ///
    /// Nothing, when there is none, when it names an anchor of another entry, or when it is written like JSON without
    /// a space behind the colon; [`Self::entry_value`] then tells.
    ///
    /// ```
    /// use serde_json::json;
    /// use split_planes::yaml::{layout::Layout, view};
    ///
    /// let layout = Layout::new("owner: &o me # now\ncreator: *o\nitems: []\n", "items")?;
    /// let entry = layout.entry("owner").expect("it stands alone");
    /// assert_eq!(entry, "owner: &o me # now\n");
    /// assert_eq!(view::read(entry)?, json!({"owner": "me"}));
    /// assert_eq!(layout.entry("creator"), None);
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&'a str> {
        let outline = &self.list.outline;
        let entry = outline.entry(key)?;
        let start = match outline.style {
            CollectionStyle::Block => entry.span.start - outline.column,
            CollectionStyle::Flow => entry.span.start,
        };
        let text = &self.text[start..entry.span.end];
        entry::is_self_contained(text).then_some(text)
    }

    /// The text of the value of entry `key`, itself a document, where the outer mapping is in flow style or JSON.
    ///
    /// Nothing, when there is none, and for every entry of a mapping in block style. An alias in it may name an anchor
    /// outside of it.
    ///
    /// ```
    /// use split_planes::yaml::layout::Layout;
    ///
    /// let layout = Layout::new(r#"{"owner":"me","items":[]}"#, "items")?;
    /// assert_eq!(layout.entry("owner"), None, "`\"owner\":\"me\"` alone is no mapping");
    /// assert_eq!(layout.entry_value("owner"), Some("\"me\""));
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    #[must_use]
    pub fn entry_value(&self, key: &str) -> Option<&'a str> {
        let entry = self.list.outline.entry(key)?;
        (self.list.outline.style == CollectionStyle::Flow)
            .then(|| self.text[entry.value_start..entry.span.end].trim_matches(WHITE))
    }

    /// The texts of the items in order: `- …` with the comments that belong to it in a block sequence, the bare value
    /// in a flow sequence or in JSON. [`item_pointer`](Self::item_pointer) tells where the value stands in such a text.
    ///
    /// ```
    /// use split_planes::yaml::layout::Layout;
    ///
    /// assert!(Layout::new("items:\n  - a: 1 # one\n", "items")?.items().eq(["  - a: 1 # one\n"]));
    /// assert!(Layout::new("items: [{a: 1}, b] # one\n", "items")?.items().eq(["{a: 1}", "b"]));
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    #[must_use]
    pub fn items(&self) -> impl ExactSizeIterator<Item = &'a str> + DoubleEndedIterator + '_ {
        self.list.items.iter().map(|range| &self.text[range.clone()])
    }

    /// The texts that are no item: what is before the first, in a flow sequence what is between them, and what is behind
    /// the last. They stay when items are dropped, and so do the comments in them.
    ///
    /// ```
    /// use split_planes::yaml::layout::Layout;
    ///
    /// let layout = Layout::new("items: # all\n- a # one\n# of a\n\n# the end\n", "items")?;
    /// assert!(layout.around_items().eq(["items: # all\n", "\n# the end\n"]));
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    pub fn around_items(&self) -> impl Iterator<Item = &'a str> + '_ {
        let starts = iter::once(0).chain(self.list.items.iter().map(|item| item.end));
        let ends = self.list.items.iter().map(|item| item.start).chain([self.text.len()]);
        starts.zip(ends).map(|(start, end)| &self.text[start..end]).filter(|text| !text.is_empty())
    }

    /// The JSON pointer of an item's value inside its text: `/0` in a block sequence, empty otherwise. A patch for
    /// [`edit::apply`](super::edit::apply) needs it before its pointers as well.
    ///
    /// ```
    /// use serde_json::json;
    /// use split_planes::yaml::{layout::Layout, view};
    ///
    /// for text in ["items:\n- 0x10\n", "items: [0x10]\n"] {
    ///     let layout = Layout::new(text, "items")?;
    ///     let item = view::read(layout.items().next().expect("there is one"))?;
    ///     assert_eq!(item.pointer(layout.item_pointer()), Some(&json!(16)));
    /// }
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    #[must_use]
    pub fn item_pointer(&self) -> &'static str {
        self.source().item_pointer()
    }

    /// Renders a new item in the style of the list: at the column of its dashes and with its line breaks, in flow style
    /// between brackets, or as JSON in a JSON document.
    ///
    /// ```
    /// use serde_json::json;
    /// use split_planes::yaml::layout::Layout;
    ///
    /// let new = json!({"a": "on"});
    /// let block = Layout::new("items:\r\n  - b\r\n", "items")?;
    /// assert_eq!(block.render_item(&new), "  - a: \"on\"\r\n");
    /// assert_eq!(Layout::new("items: [b]\n", "items")?.render_item(&new), "{a: \"on\"}");
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    #[must_use]
    pub fn render_item(&self, value: &Value) -> String {
        self.source().render(value)
    }

    fn source(&self) -> compose::Source<'_> {
        compose::Source { text: self.text, key: &self.key, list: &self.list }
    }

    /// The document with `items` in place of the items it has and the values `appended.1` added at the end of the
    /// sequence under the top-level key `appended.0`, which is created when it is not there. With its own items and
    /// nothing to append, it is `text`.
    ///
    /// `items` are texts as [`items`](Self::items) and [`render_item`](Self::render_item) give them, in any order, as
    /// they are or edited. What is outside of the list keeps its bytes, but for blank lines right behind it, which go
    /// when another last item with a block scalar would take them. When something follows a last line without a line
    /// break, the line gets one, and a block scalar there says that the break is not its own; spaces at the end of the
    /// text that would become part of it go. Nothing is appended to an entry that holds neither a sequence nor null.
    ///
    /// The values are added by [`edit`](super::edit), in a document with the last item alone, and that document is read
    /// back: it says what it said, what was added, and that item. The other items are not looked at.
    ///
    /// # Errors
    ///
    /// When what is outside of the items or the last one cannot be read by itself, or when the document, read back, would
    /// say something else: as with a lone CR, NEL, LS or PS, a byte-order mark amid the text or a tab on a line of blanks
    /// near the place of a change. With its own items and nothing to append there is no error.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde_json::json;
    /// use split_planes::yaml::layout::Layout;
    ///
    /// let layout = Layout::new("items: # all\n- a\n- b", "items")?;
    /// assert_eq!(layout.compose(["- b", "- a\n"], ("notes", &[]))?, "items: # all\n- b\n- a\n");
    /// assert_eq!(layout.compose([], ("notes", &[json!(1)]))?, "items: [] # all\nnotes:\n- 1\n");
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    pub fn compose<'i>(
        &'i self,
        items: impl IntoIterator<Item = &'i str>,
        appended: (&str, &[Value]),
    ) -> Result<String, Error> {
        let mut text = String::with_capacity(self.text.len());
        text.extend(self.pieces(items.into_iter().map(Cow::Borrowed), appended)?);
        Ok(text)
    }

    /// The pieces that, one after the other, are the document that [`compose`](Self::compose) returns; what was not
    /// rendered is borrowed, so that a large document is written without a copy.
    ///
    /// # Errors
    ///
    /// As [`compose`](Self::compose), before the first piece.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::borrow::Cow;
    ///
    /// use split_planes::yaml::layout::Layout;
    ///
    /// let layout = Layout::new("items:\n- a\n- b\nz: 1\n", "items")?;
    /// let pieces: Vec<_> = layout.pieces(layout.items().skip(1).map(Cow::Borrowed), ("notes", &[]))?.collect();
    /// assert!(pieces.iter().all(|piece| matches!(piece, Cow::Borrowed(_))));
    /// assert_eq!(pieces.concat(), "items:\n- b\nz: 1\n");
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    pub fn pieces<'i>(
        &'i self,
        items: impl IntoIterator<Item = Cow<'i, str>>,
        appended: (&str, &[Value]),
    ) -> Result<impl Iterator<Item = Cow<'i, str>>, Error> {
        compose::pieces(self.source(), items.into_iter(), appended).map(Vec::into_iter)
    }
}

/// What the lines and what the events of `text` say, for the fuzz target.
#[cfg(any(test, fuzzing))]
pub fn both<'a>(text: &'a str, key: &str) -> (Option<Layout<'a>>, Result<Layout<'a>, Error>) {
    let layout = |list| Layout { text, key: key.to_owned(), list };
    (find::by_lines(text, key).map(layout), find::by_events(text, key).map(layout))
}
