//! Sees, from the events alone, whether a text can be read, and picks single scalars out of it.

use serde_json::Value;

use crate::yaml::Error;
use crate::yaml::events::{Events, Glance};
use crate::yaml::ordinary;
use crate::yaml::resolve::{Resolved, plain};
use crate::yaml::view::json;

/// The values at JSON `pointers`, none of which may need unescaping; nothing when only reading tells them.
///
/// Left to the reader are aliases, tags, merge keys, keys that are no text and keys that seem to be there twice.
pub(super) fn pick<const N: usize>(text: &str, pointers: &[&str; N]) -> Result<Option<[Option<Value>; N]>, Error> {
    let mut watch = Watch::new(pointers);
    let is_seen = if let Ok(is_seen) = ordinary::glance(text, |event| watch.see(event)) {
        is_seen
    } else {
        watch = Watch::new(pointers);
        Events::new(text).glance(|event| watch.see(event))?
    };
    Ok(is_seen.then_some(watch.found))
}

/// A set of pointers, one bit for each.
type Pointers = u8;

struct Watch<'p, const N: usize> {
    pointers: &'p [&'p str; N],
    found: [Option<Value>; N],
    documents: usize,
    open: Vec<Collection>,
    /// Hashes of the keys of open mappings, those of inner ones behind those of outer ones. Two keys of one hash are
    /// for the reader to tell apart.
    keys: Vec<u64>,
}

/// A collection that is open.
struct Collection {
    is_mapping: bool,
    awaits_key: bool,
    /// How many entries came before.
    index: usize,
    /// Where its keys begin in [`Watch::keys`].
    first_key: usize,
    /// The pointers that lead through it, and those of them that lead to the value of its last key.
    pointers: Pointers,
    of_value: Pointers,
}

impl<'p, const N: usize> Watch<'p, N> {
    fn new(pointers: &'p [&'p str; N]) -> Self {
        const { assert!(N <= Pointers::BITS as usize) };
        Self { pointers, found: [const { None }; N], documents: 0, open: Vec::new(), keys: Vec::new() }
    }

    /// Whether the events may tell all there is to know, as far as this one shows.
    fn see(&mut self, event: Glance<'_>) -> bool {
        match event {
            Glance::DocumentStart => {
                self.documents += 1;
                self.documents == 1
            }
            Glance::Alias | Glance::Scalar { is_tagged: true, .. } => false,
            Glance::Scalar { value, is_plain, .. } => self.scalar(value, is_plain),
            Glance::SequenceStart => self.begin(false),
            Glance::MappingStart => self.begin(true),
            Glance::CollectionEnd => self.end(),
            Glance::Other => true,
        }
    }

    fn scalar(&mut self, value: Option<&str>, is_plain: bool) -> bool {
        if self.open.last().is_some_and(|open| open.is_mapping && open.awaits_key) {
            return value.is_some_and(|key| self.key(key, is_plain));
        }
        let Some(pointers) = self.node() else { return false };
        let here = self.ending_here(pointers);
        if here == 0 {
            return true;
        }
        let Some(value) = value else { return false };
        let resolved = if is_plain { plain(value) } else { Resolved::Text };
        // A key that stands twice is found at the end of its mapping, and leaves all to the reader.
        for (_, found) in self.found.iter_mut().enumerate().filter(|(at, _)| has(here, *at)) {
            *found = json(&resolved, value);
        }
        true
    }

    fn key(&mut self, key: &str, is_plain: bool) -> bool {
        if is_plain && (key == "<<" || plain(key) != Resolved::Text) {
            return false;
        }
        self.keys.push(hash(key));
        let depth = self.open.len();
        let Some(mapping) = self.open.last_mut() else { return false };
        mapping.awaits_key = false;
        mapping.of_value = leading(self.pointers, mapping.pointers, depth, key);
        true
    }

    fn begin(&mut self, is_mapping: bool) -> bool {
        let Some(pointers) = self.node() else { return false };
        let is_asked_for = self.ending_here(pointers) != 0;
        let first_key = self.keys.len();
        self.open.push(Collection { is_mapping, awaits_key: true, index: 0, first_key, pointers, of_value: 0 });
        !is_asked_for
    }

    /// The pointers that lead to or through the value that begins now; nothing when that is a key.
    fn node(&mut self) -> Option<Pointers> {
        let depth = self.open.len();
        let Some(outer) = self.open.last_mut() else { return Some(Pointers::MAX) };
        if outer.is_mapping {
            let is_value = !std::mem::replace(&mut outer.awaits_key, true);
            return is_value.then_some(outer.of_value);
        }
        outer.index += 1;
        if outer.pointers == 0 {
            return Some(0);
        }
        Some(leading(self.pointers, outer.pointers, depth, &(outer.index - 1).to_string()))
    }

    /// Those of `pointers` that lead no deeper than to the value that begins now.
    fn ending_here(&self, pointers: Pointers) -> Pointers {
        if pointers == 0 {
            return 0;
        }
        let depth = self.open.len();
        only(pointers, |at| self.pointers.get(at).is_some_and(|pointer| pointer.matches('/').count() == depth))
    }

    fn end(&mut self) -> bool {
        let Some(Collection { first_key, .. }) = self.open.pop() else { return true };
        let keys = &mut self.keys[first_key..];
        keys.sort_unstable();
        let is_unique = keys.windows(2).all(|pair| pair[0] != pair[1]);
        self.keys.truncate(first_key);
        is_unique
    }
}

/// Those of `among` whose step inside the collection at `depth` is `step`.
fn leading(pointers: &[&str], among: Pointers, depth: usize, step: &str) -> Pointers {
    if among == 0 {
        return 0;
    }
    only(among, |at| pointers.get(at).and_then(|pointer| pointer.split('/').nth(depth)) == Some(step))
}

fn only(pointers: Pointers, is_kept: impl Fn(usize) -> bool) -> Pointers {
    (0..Pointers::BITS as usize).filter(|&at| has(pointers, at) && is_kept(at)).fold(0, |kept, at| kept | 1 << at)
}

fn has(pointers: Pointers, at: usize) -> bool {
    pointers & 1 << at != 0
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
