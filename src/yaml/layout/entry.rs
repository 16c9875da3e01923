//! Cuts one value out of the mapping that an item is, as a document of its own.

use memchr::{memchr, memchr2_iter};

use super::scan::{Line, Scanner};
use crate::yaml::events::{EventKind, Events};
use crate::yaml::text::{Unsure, rare_break};

/// The text of the value under `key` of the mapping that an item's `text` is, itself a document; read no further.
///
/// Nothing, when there is none or when that cannot be told without a parser: the caller then reads the whole item. That
/// is so for keys behind `? `, an anchor or a tag, quoted keys with escapes, values with an alias to an anchor outside
/// of them, and flow style that is not JSON as far as it must be read. Of two entries with the same key, which the
/// readers refuse, this finds the first. What it finds in a text that is not YAML means nothing.
///
/// ```
/// use serde_json::json;
/// use split_planes::yaml::{layout::item_value, view::read};
///
/// let item = "- kind: Shop\n  meta: # of it\n    kind: x\n  z: 1\n";
/// let value = item_value(item, "meta").expect("lines tell");
/// assert_eq!(value, " # of it\n    kind: x\n");
/// assert_eq!(read(value)?, json!({"kind": "x"}));
/// assert_eq!(item_value(r#"{"kind":"Shop"}"#, "kind"), Some(r#""Shop""#));
/// assert_eq!(item_value("- &a {kind: Shop}\n", "kind"), None);
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
#[must_use]
pub fn item_value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let found = if text.starts_with('{') { find_in_object(text, key) } else { find_in_block(text, key) };
    let value = found.ok()??;
    let is_whole = memchr(b'*', value.as_bytes()).is_none() || has_its_anchors(value);
    is_whole.then_some(value)
}

fn find_in_block<'t>(text: &'t str, name: &str) -> Result<Option<&'t str>, Unsure> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner::new(bytes);
    let first = scanner.line()?.ok_or(Unsure)?;
    let (1, Some(mut key)) = (first.dashes, first.key) else { return Err(Unsure) };
    let column = key.column;
    loop {
        let next = next_key(&mut scanner, column)?;
        if key.is(bytes, name)? {
            let end = next.map_or(scanner.content_end(), |line| line.gap);
            let value = &text[key.value..end];
            let is_moved = states_indentation(value) || begins_with_tab(value);
            return if is_moved || rare_break(&bytes[..end]).is_some() { Err(Unsure) } else { Ok(Some(value)) };
        }
        match next {
            Some(line) => key = line.key.ok_or(Unsure)?,
            None => return Ok(None),
        }
    }
}

/// Reads on to the next line of the mapping at `column`.
fn next_key(scanner: &mut Scanner<'_>, column: usize) -> Result<Option<Line>, Unsure> {
    while let Some(line) = scanner.line()? {
        if line.column < column {
            return Err(Unsure);
        }
        if line.column == column && line.dashes == 0 {
            // libyaml takes a block scalar at the column of the key that it is the value of.
            return if line.key.is_some() { Ok(Some(line)) } else { Err(Unsure) };
        }
    }
    Ok(None)
}

/// Whether a block scalar header with a digit could stand in `value`: the digit counts from the column of the key.
fn states_indentation(value: &str) -> bool {
    memchr2_iter(b'|', b'>', value.as_bytes())
        .any(|at| value[at + 1..].trim_start_matches(['+', '-']).starts_with(|char: char| char.is_ascii_digit()))
}

/// Whether a tab separates the value from its key; no document may begin with one.
fn begins_with_tab(value: &str) -> bool {
    value.trim_start_matches(' ').starts_with('\t')
}

/// Goes through the members of a JSON object, or of a flow mapping as far as its keys and values are written like JSON's.
fn find_in_object<'t>(text: &'t str, name: &str) -> Result<Option<&'t str>, Unsure> {
    if !name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
        return Err(Unsure);
    }
    let bytes = text.as_bytes();
    let scanner = Scanner::new(bytes);
    // At the brace or comma before a member.
    let mut at = 0;
    while scanner.byte(at) != b'}' {
        let key = scanner.json_value(at + 1)?;
        let colon = scanner.skip_white(key.end);
        let value = scanner.json_value(colon + 1)?;
        at = scanner.skip_white(value.end);
        let is_member =
            bytes[key.start] == b'"' && scanner.byte(colon) == b':' && matches!(scanner.byte(at), b',' | b'}');
        if !is_member {
            return Err(Unsure);
        }
        if &text[key.start + 1..key.end - 1] == name {
            return if rare_break(&bytes[..value.end]).is_some() { Err(Unsure) } else { Ok(Some(&text[value])) };
        }
    }
    Ok(None)
}

/// Whether every alias in `text` is to an anchor before it in `text`.
fn has_its_anchors(text: &str) -> bool {
    let mut anchors = Vec::new();
    Events::new(text).all(|event| match event.map(|event| event.kind) {
        Ok(EventKind::Alias { anchor }) => anchors.contains(&anchor),
        Ok(
            EventKind::Scalar { anchor, .. }
            | EventKind::SequenceStart { anchor, .. }
            | EventKind::MappingStart { anchor, .. },
        ) => {
            anchors.extend(anchor);
            true
        }
        event => event.is_ok(),
    })
}

/// Whether `entry` is a mapping document of one entry, with every anchor that its aliases name.
pub fn is_self_contained(entry: &str) -> bool {
    let mut depth = 0;
    let mut children = 0;
    let mut is_mapping = false;
    for event in Events::new(entry) {
        let Ok(event) = event else { return false };
        match event.kind {
            EventKind::DocumentStart { .. } if is_mapping => return false,
            EventKind::MappingStart { .. } | EventKind::SequenceStart { .. } => {
                is_mapping |= depth == 0 && matches!(event.kind, EventKind::MappingStart { .. });
                children += usize::from(depth == 1);
                depth += 1;
            }
            EventKind::Scalar { .. } | EventKind::Alias { .. } => children += usize::from(depth == 1),
            EventKind::MappingEnd | EventKind::SequenceEnd => depth -= 1,
            _ => {}
        }
    }
    is_mapping && children == 2 && has_its_anchors(entry)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::yaml::view::read;

    const ITEM: &str = "\
# heads it
- apiVersion: v1
  kind: \"ConfigMap\" # comment
  'metadata':
    name: web
    labels:
    - metadata: x
  # of data
  data:
  - a: |
      kind: b

    c: \"
  spec: d\"
  z: 1
";

    #[test]
    fn a_value_is_cut_out_with_all_of_its_lines() {
        for (key, expected) in [
            ("apiVersion", Some(" v1\n")),
            ("kind", Some(" \"ConfigMap\" # comment\n")),
            ("metadata", Some("\n    name: web\n    labels:\n    - metadata: x\n")),
            ("data", Some("\n  - a: |\n      kind: b\n\n    c: \"\n  spec: d\"\n")),
            ("z", Some(" 1\n")),
            ("spec", None),
            ("name", None),
        ] {
            assert_eq!(item_value(ITEM, key), expected, "{key}");
        }
    }

    #[test]
    fn a_value_of_a_json_object_is_found_wherever_it_stands() {
        let compact = r#"{"apiVersion":"v1","spec":{"kind":"x","a":["]",{"b":"\"}"}]},"n":-1.5e3,"kind":"Pod","metadata":{"name":"web"}}"#;
        let pretty = "{\r\n  \"spec\" : {\r\n    \"kind\": [1, true]\r\n  },\n\t\"kind\" :\n \"Pod\" ,\"metadata\": {\"name\": \"web\"}\n}";
        for item in [compact, pretty] {
            assert_eq!(item_value(item, "kind"), Some("\"Pod\""), "{item}");
            let metadata = read(item_value(item, "metadata").unwrap()).unwrap();
            assert_eq!(metadata, json!({"name": "web"}));
            assert_eq!(item_value(item, "name"), None);
        }
        assert_eq!(item_value(compact, "n"), Some("-1.5e3"));
    }

    #[test]
    fn what_cannot_be_told_without_a_parser_is_left_to_it() {
        for item in [
            "- {kind: a}\n",
            "{kind: a}",
            "{'a': b, \"kind\": \"c\"}",
            "{\"a\": b c, \"kind\": \"d\"}",
            "{\"a\": &x {}, \"kind\": \"c\"}",
            "{\"a\", \"kind\": \"c\"}",
            "{\"a\": 1, # kind\n \"kind\": \"c\"}",
            "{\"a\": [1}, \"kind\": \"c\"",
            "{\"kind\": ---}",
            "{\"k\\u0069nd\": \"a\"}",
            "{\"kind\"",
            "{}",
            "- - kind: a\n",
            "- &x\n  kind: a\n",
            "- &x kind: a\n",
            "- ? kind\n  : a\n",
            "- \"k\\x69nd\": a\n",
            "- !!map\n  kind: a\n",
            "- a: b\n  ? c\n  : d\n  kind: a\n",
            "- a: &x b\n  kind: *x\n",
            "- kind: |2\n     a\n",
            "- a: b\n  kind: !!str |2\n     a\n",
            "- a: b\n  kind:\n  |\n   c\n",
            "- kind: a\u{2028}  b: c\n",
            "- a: b\n c: d\n  kind: a\n",
            "- \tkind: a\n",
            "- kind: \ta\n",
            "",
        ] {
            assert_eq!(item_value(item, "kind"), None, "{item:?}");
        }
    }

    #[test]
    fn an_alias_to_an_anchor_of_the_same_value_is_no_obstacle() {
        let item = "- kind: a\n  metadata: {a: &x b, c: *x}\n  cron: \"*/5\"\n";
        assert_eq!(item_value(item, "metadata"), Some(" {a: &x b, c: *x}\n"));
        assert_eq!(item_value(item, "cron"), Some(" \"*/5\"\n"));
    }
}
