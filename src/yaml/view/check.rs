//! Sees without reading that a text can be read.

use crate::yaml::Error;
use crate::yaml::events::{Events, Glance};
use crate::yaml::resolve::{Resolved, plain};

/// Whether a text can be read; `false` when that is not seen without reading.
///
/// Aliases, tags, merge keys, keys that are no text and keys that seem to be there twice are left to the reader.
pub(super) fn is_plainly_readable(text: &str) -> Result<bool, Error> {
    let mut open = Open::default();
    let mut documents = 0;
    Events::new(text).glance(|event| match event {
        Glance::DocumentStart => {
            documents += 1;
            documents == 1
        }
        Glance::Alias | Glance::Scalar { is_tagged: true, .. } => false,
        Glance::Scalar { value, is_plain, .. } => open.scalar(value, is_plain),
        Glance::SequenceStart => open.begin(false),
        Glance::MappingStart => open.begin(true),
        Glance::CollectionEnd => open.end(),
        Glance::Other => true,
    })
}

/// The collections that are open and the keys of those that are mappings.
#[derive(Default)]
struct Open {
    collections: Vec<Collection>,
    /// Hashes of keys, those of inner mappings behind those of outer ones. Two keys of one hash are for the reader to
    /// tell apart.
    keys: Vec<u64>,
}

struct Collection {
    is_mapping: bool,
    awaits_key: bool,
    /// Where its keys begin in [`Open::keys`].
    first_key: usize,
}

impl Open {
    fn scalar(&mut self, value: &str, is_plain: bool) -> bool {
        let Some(collection) = self.collections.last_mut().filter(|collection| collection.is_mapping) else {
            return true;
        };
        let is_key = collection.awaits_key;
        collection.awaits_key = !is_key;
        if is_key {
            if is_plain && (value == "<<" || plain(value) != Resolved::Text) {
                return false;
            }
            self.keys.push(hash(value));
        }
        true
    }

    fn begin(&mut self, is_mapping: bool) -> bool {
        if let Some(collection) = self.collections.last_mut().filter(|collection| collection.is_mapping) {
            if collection.awaits_key {
                return false;
            }
            collection.awaits_key = true;
        }
        self.collections.push(Collection { is_mapping, awaits_key: true, first_key: self.keys.len() });
        true
    }

    fn end(&mut self) -> bool {
        let Some(Collection { first_key, .. }) = self.collections.pop() else { return true };
        let keys = &mut self.keys[first_key..];
        keys.sort_unstable();
        let is_unique = keys.windows(2).all(|pair| pair[0] != pair[1]);
        self.keys.truncate(first_key);
        is_unique
    }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
