//! Shows libyaml another text where it refuses what Go's readers take.
//!
//! * `{a:}`: libyaml refuses a colon before `,[]{}` inside a plain scalar in brackets; to Go it is part of the scalar.
//! * `"\ud83d\ude80"` in JSON: a character above U+FFFF as most JSON writers escape it, which Go reads where it reads
//!   JSON as JSON.
//!
//! The other text has the same length, so that what libyaml says of it holds for the first, but for the values.

use std::ops::Range;

use super::ScalarStyle;
use super::parser::Problem;

/// What stands for a colon in a plain scalar.
const COLON: &str = "_";

/// What stands for a surrogate pair, of which each half is as long as this.
const HALF: &str = r"\ue000";

/// How many bytes are read again at most for the sake of colons.
const REREAD: usize = 1 << 26;

/// A text of which libyaml is shown another.
#[derive(Default)]
pub struct Disguise {
    shown: Option<String>,
    changed: Vec<usize>,
}

impl Disguise {
    /// The text to show in place of `text`, with which libyaml has a `problem`; nothing when it is one to Go, too.
    pub fn put_on(&mut self, text: &str, problem: &Problem) -> Option<String> {
        let mut shown = self.shown.take().unwrap_or_else(|| text.to_owned());
        if problem.text.starts_with("found unexpected ':'")
            && matches!(text.as_bytes()[problem.offset..], [b':', b',' | b'[' | b']' | b'{' | b'}', ..])
        {
            shown.replace_range(problem.offset..=problem.offset, COLON);
            self.changed.push(problem.offset);
            if self.changed.len() * text.len() > REREAD {
                return None;
            }
        } else if problem.text.starts_with("found invalid Unicode character escape code")
            && self.changed.is_empty()
            && is_json(text)
        {
            self.changed = surrogate_pairs(text);
            if self.changed.is_empty() {
                return None;
            }
            for &at in &self.changed {
                shown.replace_range(at..at + 2 * HALF.len(), &HALF.repeat(2));
            }
        } else {
            return None;
        }
        self.shown = Some(shown.clone());
        Some(shown)
    }

    /// Makes the `value` that was read from `span` of another text that of `text`.
    pub fn take_off(&self, value: &mut String, style: ScalarStyle, text: &str, span: Range<usize>) {
        if !self.changed.iter().any(|at| span.contains(at)) {
            return;
        }
        let source = &text[span];
        match style {
            ScalarStyle::Plain => *value = unfolded(value, source),
            _ => {
                if let Ok(read) = serde_json::from_str(source) {
                    *value = read;
                }
            }
        }
    }
}

/// The plain scalar `value` with the characters of its `source`, which has others in some places: folding leaves all as
/// they are but blanks and line breaks.
fn unfolded(value: &str, source: &str) -> String {
    let is_white = |c: &char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut written = source.chars().rev().filter(|c| !is_white(c));
    let restored: Vec<char> =
        value.chars().rev().map(|c| if is_white(&c) { c } else { written.next().unwrap_or(c) }).collect();
    restored.into_iter().rev().collect()
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Where the escapes of characters above U+FFFF begin in a JSON text.
fn surrogate_pairs(json: &str) -> Vec<usize> {
    let half = |at: usize, range: Range<u32>| {
        let digits = json.get(at..at + HALF.len())?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok().filter(|code| range.contains(code))
    };
    let mut pairs = Vec::new();
    let mut at = 0;
    while let Some(backslash) = json[at..].find('\\').map(|found| at + found) {
        let is_pair =
            half(backslash, 0xD800..0xDC00).is_some() && half(backslash + HALF.len(), 0xDC00..0xE000).is_some();
        at = backslash + 2;
        if is_pair {
            pairs.push(backslash);
            at = backslash + 2 * HALF.len();
        } else if !json.is_char_boundary(at) {
            break;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::yaml::view::{check, read};

    #[test]
    fn a_colon_before_a_bracket_is_part_of_a_scalar() {
        for (text, expected) in [
            ("[b:]", json!(["b:"])),
            ("{a:}", json!({"a:": null})),
            ("{c: d:, e::}", json!({"c": "d:", "e::": null})),
            ("a: &x [b:, !!str c:d:]\nb: *x\n", json!({"a": ["b:", "c:d:"], "b": ["b:", "c:d:"]})),
            ("[a_b\n  \u{e9}_c:]", json!(["a_b \u{e9}_c:"])),
            ("\u{feff}[b:]", json!(["b:"])),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert!(read("[a:[b]]").is_err() && read("[b:").is_err());
        assert!(read("[a:? b]").is_err(), "Go refuses it, too");
    }

    #[test]
    fn surrogate_pairs_are_characters_in_json_alone() {
        let text = r#"{"\\\ud83d\ude80": ["a\uD83D\uDE80b\ue000", "\\ud83d", "\ud83d\ude80"]}"#;
        assert_eq!(read(text), Ok(serde_json::from_str(text).unwrap()));
        for text in [r#"a: "\ud83d\ude80""#, r#"["\ud83d"]"#, r#"["\ud83d\ude80", "\ude80"]"#] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
