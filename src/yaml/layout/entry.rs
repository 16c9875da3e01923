//! Cuts one entry out of a mapping, as a mapping document of its own.

use memchr::memchr;

use super::scan::{Line, Scanner, Unsure, has_rare_breaks};
use crate::yaml::events::{EventKind, Events};

/// Cuts the entry `key` out of a mapping that is one item of a block list, without reading the rest of the item.
///
/// What comes back are lines of `text`, themselves a mapping document of that one entry.
///
/// Nothing, when there is none or when that cannot be told by looking at lines alone; the caller then reads the whole
/// item. That is so for items without a dash, in flow style or JSON, keys behind `? `, an anchor or a tag, quoted keys
/// with escapes, and an entry with an alias to an anchor outside of it. Of two entries with the same key, which the
/// readers refuse, this finds the first. What it finds in a text that is not YAML means nothing.
///
/// ```
/// use serde_json::json;
/// use split_planes::yaml::{layout::item_entry, view::read};
///
/// let item = "- kind: Shop\n  meta: # of it\n    kind: x\n  z: 1\n";
/// let entry = item_entry(item, "meta").expect("lines tell");
/// assert_eq!(entry, "  meta: # of it\n    kind: x\n");
/// assert_eq!(read(entry)?, json!({"meta": {"kind": "x"}}));
/// assert_eq!(item_entry("- {kind: Shop}\n", "kind"), None);
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
#[must_use]
pub fn item_entry<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let entry = find(text, key).ok()??;
    let is_whole = memchr(b'*', entry.as_bytes()).is_none() || is_self_contained(entry);
    is_whole.then_some(entry)
}

fn find<'t>(text: &'t str, key: &str) -> Result<Option<&'t str>, Unsure> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner::new(bytes);
    let first = scanner.line()?.ok_or(Unsure)?;
    let (true, Some(first_key)) = (first.dashes == 1, first.key) else { return Err(Unsure) };
    let column = first_key.column;
    let mut line = first;
    loop {
        let (start, is_first) = (line.start, line.start == first.start);
        let is_found = match line.key {
            Some(found) => found.column == column && found.is(bytes, key)?,
            None => return Err(Unsure),
        };
        let next = next_key(&mut scanner, column)?;
        if is_found {
            let end = scanner_gap(&scanner, next);
            if has_rare_breaks(&bytes[..end]) {
                return Err(Unsure);
            }
            let start = if is_first { first_key.start } else { start };
            let entry = &text[start..end];
            // Without its dash the entry moves left, and an indentation that a block scalar states with it.
            return if is_first && states_indentation(entry) { Err(Unsure) } else { Ok(Some(entry)) };
        }
        match next {
            Some(next) => line = next,
            None => return Ok(None),
        }
    }
}

/// Reads on to the next key of the mapping at `column`.
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

fn scanner_gap(scanner: &Scanner<'_>, next: Option<Line>) -> usize {
    next.map_or(scanner.content_end(), |line| line.gap)
}

/// Whether a block scalar header with a digit could stand in `entry`.
fn states_indentation(entry: &str) -> bool {
    entry
        .match_indices(['|', '>'])
        .any(|(at, _)| entry[at + 1..].trim_start_matches(['+', '-']).starts_with(|char: char| char.is_ascii_digit()))
}

/// Whether `entry` is a mapping document of one entry, with every anchor that its aliases name.
pub fn is_self_contained(entry: &str) -> bool {
    let mut anchors = Vec::new();
    let mut depth = 0;
    let mut children = 0;
    let mut is_mapping = false;
    for event in Events::new(entry) {
        let Ok(event) = event else { return false };
        let (opens, anchor) = match event.kind {
            EventKind::DocumentStart { .. } if is_mapping => return false,
            EventKind::MappingStart { anchor, .. } => {
                is_mapping |= depth == 0;
                (true, anchor)
            }
            EventKind::SequenceStart { anchor, .. } => (true, anchor),
            EventKind::Scalar { anchor, .. } => (false, anchor),
            EventKind::Alias { anchor } if !anchors.contains(&anchor) => return false,
            EventKind::Alias { .. } => (false, None),
            EventKind::MappingEnd | EventKind::SequenceEnd => {
                depth -= 1;
                continue;
            }
            _ => continue,
        };
        children += usize::from(depth == 1);
        depth += usize::from(opens);
        anchors.extend(anchor);
    }
    is_mapping && children == 2
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_entry_is_cut_out_with_all_of_its_lines() {
        for (key, expected) in [
            ("apiVersion", Some("apiVersion: v1\n")),
            ("kind", Some("  kind: \"ConfigMap\" # comment\n")),
            ("metadata", Some("  'metadata':\n    name: web\n    labels:\n    - metadata: x\n")),
            ("data", Some("  data:\n  - a: |\n      kind: b\n\n    c: \"\n  spec: d\"\n")),
            ("z", Some("  z: 1\n")),
            ("spec", None),
            ("name", None),
        ] {
            assert_eq!(item_entry(ITEM, key), expected, "{key}");
        }
    }

    #[test]
    fn what_lines_do_not_tell_is_left_to_the_reader() {
        for item in [
            "- {kind: a}\n",
            "{\"kind\": \"a\"}",
            "- - kind: a\n",
            "- &x\n  kind: a\n",
            "- &x kind: a\n",
            "- ? kind\n  : a\n",
            "- \"k\\x69nd\": a\n",
            "- !!map\n  kind: a\n",
            "- a: b\n  ? c\n  : d\n  kind: a\n",
            "- a: &x b\n  kind: *x\n",
            "- kind: |2\n     a\n",
            "- a: b\n  kind:\n  |\n   c\n",
            "- kind: a\u{2028}  b: c\n",
            "- a: b\n c: d\n  kind: a\n",
            "- \tkind: a\n",
            "",
        ] {
            assert_eq!(item_entry(item, "kind"), None, "{item:?}");
        }
    }

    #[test]
    fn an_alias_to_an_anchor_of_the_same_entry_is_no_obstacle() {
        let item = "- kind: a\n  metadata: {a: &x b, c: *x}\n  cron: \"*/5\"\n";
        assert_eq!(item_entry(item, "metadata"), Some("  metadata: {a: &x b, c: *x}\n"));
        assert_eq!(item_entry(item, "cron"), Some("  cron: \"*/5\"\n"));
    }
}
