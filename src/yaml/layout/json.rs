//! Reads what a JSON document holds under its top-level keys and where; `serde_json` tells whether it is JSON.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use serde::Deserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::outline::{Entry, MAX_ENTRIES, Outline, Value};
use crate::yaml::events::CollectionStyle;
use crate::yaml::text::BOM;

/// Reads `text`, and the items under `key`; nothing when it is not a JSON object with unique keys and a list there.
pub fn read(text: &str, key: &str) -> Option<(Outline, Vec<Range<usize>>)> {
    let body = text.strip_prefix(BOM).unwrap_or(text).trim_start_matches([' ', '\t', '\n', '\r']);
    if !body.starts_with('{') {
        return None;
    }
    let mut reader = serde_json::Deserializer::from_str(body);
    let members = (&mut reader).deserialize_map(Members).ok()?;
    reader.end().ok()?;
    let mut outline = Outline {
        style: CollectionStyle::Flow,
        column: 0,
        end: text.trim_end_matches([' ', '\t', '\n', '\r']).len() - 1,
        entries: Vec::with_capacity(members.len()),
    };
    let mut items = Vec::new();
    if members.len() > MAX_ENTRIES {
        return None;
    }
    let mut after = text.len() - body.len() + 1;
    for (name, raw) in members {
        let span = range(text, raw);
        // Between two values stand a comma, the key and a colon.
        let start = after + text[after..].find('"')?;
        after = span.end;
        let value = match raw.get().as_bytes() {
            b"null" => Value::Null,
            [b'[', inside @ .., b']'] => Value::Flow { is_bare: inside.trim_ascii().is_empty() },
            _ => Value::Other,
        };
        if name == key {
            match value {
                Value::Other => return None,
                Value::Flow { .. } => {
                    let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
                    items = elements.into_iter().map(|element| range(text, element)).collect();
                }
                _ => {}
            }
        }
        outline.entries.push(Entry { key: Some(name), value_start: span.start, span: start..span.end, value });
    }
    Some((outline, items))
}

/// Where `raw`, borrowed from `text`, stands in it.
fn range(text: &str, raw: &RawValue) -> Range<usize> {
    let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
    start..start + raw.get().len()
}

/// The members of an object in their order, each key once.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        let mut keys = HashSet::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom("a key stands twice"));
            }
            members.push((key, value));
        }
        Ok(members)
    }
}
