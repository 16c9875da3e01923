//! Labels and annotations of a resource, kept as places in its text.

use std::borrow::Cow;
use std::fmt;

use kube_core::Expression;
use serde_json::Value;

use crate::yaml::view::Cursor;

/// Labels and annotations.
#[derive(Default)]
pub(super) struct Metadata {
    labels: Box<[Entry]>,
    annotations: Box<[Entry]>,
    /// What is written in another way than it reads.
    decoded: String,
}

type Entry = (Place, Place);

/// Where a text is.
#[derive(Clone, Copy)]
enum Place {
    Text(u32, u32),
    Decoded(u32, u32),
}

impl Metadata {
    /// The labels and annotations in `metadata`, which was read from `text`.
    pub(super) fn read(metadata: Option<Cursor<'_, '_>>, text: &str) -> Self {
        let mut read = Self::default();
        let below = |key| metadata.and_then(|metadata| metadata.get(key));
        let mut entries = |key| {
            let entries = below(key).into_iter().flat_map(Cursor::entries);
            entries.map(|(key, value)| (read.place(&key, text), read.place(&text_of(value), text))).collect()
        };
        let (labels, annotations) = (entries("labels"), entries("annotations"));
        Self { labels, annotations, ..read }
    }

    fn place(&mut self, found: &str, text: &str) -> Place {
        let small = |at: usize| u32::try_from(at).expect("text that is read is shorter than 4 GiB");
        let start = (found.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
        if start.checked_add(found.len()).is_some_and(|end| end <= text.len()) {
            return Place::Text(small(start), small(start + found.len()));
        }
        let start = self.decoded.len();
        self.decoded.push_str(found);
        Place::Decoded(small(start), small(self.decoded.len()))
    }

    pub(super) fn labels<'r>(&'r self, text: &'r str) -> Entries<'r> {
        Entries { places: &self.labels, text, decoded: &self.decoded }
    }

    pub(super) fn annotations<'r>(&'r self, text: &'r str) -> Entries<'r> {
        Entries { places: &self.annotations, text, decoded: &self.decoded }
    }
}

/// Go's readers take numbers and booleans where metadata wants strings.
pub(super) fn text_of<'t>(cursor: Cursor<'_, 't>) -> Cow<'t, str> {
    cursor.text().unwrap_or_else(|| match cursor.value() {
        Value::String(text) => text.into(),
        Value::Null => "".into(),
        other => other.to_string().into(),
    })
}

/// Labels, or annotations, of a resource.
#[derive(Clone, Copy)]
pub struct Entries<'r> {
    places: &'r [Entry],
    text: &'r str,
    decoded: &'r str,
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(key, _)| key)).finish()
    }
}

impl<'r> Entries<'r> {
    /// The value under `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<&'r str> {
        self.iter().find_map(|(name, value)| (name == key).then_some(value))
    }

    /// Whether there is one of this key.
    #[must_use]
    pub fn contains_key(self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.places.is_empty()
    }

    /// Keys and values as they are written.
    pub fn iter(self) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.places.iter().map(move |&(key, value)| (self.at(key), self.at(value)))
    }

    fn at(self, place: Place) -> &'r str {
        match place {
            Place::Text(start, end) => &self.text[start as usize..end as usize],
            Place::Decoded(start, end) => &self.decoded[start as usize..end as usize],
        }
    }
}

/// Whether a requirement of a label selector holds where `get` finds the value of a label.
pub fn is_met<'v>(requirement: &Expression, get: impl Fn(&str) -> Option<&'v str>) -> bool {
    match requirement {
        Expression::In(key, values) => get(key).is_some_and(|value| values.contains(value)),
        Expression::NotIn(key, values) => get(key).is_none_or(|value| !values.contains(value)),
        Expression::Equal(key, value) => get(key) == Some(value.as_str()),
        Expression::NotEqual(key, value) => get(key) != Some(value.as_str()),
        Expression::Exists(key) => get(key).is_some(),
        Expression::DoesNotExist(key) => get(key).is_none(),
    }
}
