//! Renders new values as YAML text that both Go readers read back as the same value.
//!
//! A string is written without quotes only where `yaml.v3` (kustomize, kpt) and `yaml.v2` (kubectl) both read it as
//! that string, and where nobody else would take it for a number, a boolean or a date. Text of several lines becomes a
//! literal block, never folded; the sequences of a mapping stand at the column of their key, as kustomize writes them.
//!
//! ```
//! use serde_json::json;
//! use split_planes::yaml::{scalar::render, view::read};
//!
//! for (value, text) in [
//!     (json!("nginx:1.25"), "nginx:1.25\n"),
//!     (json!("1.10"), "\"1.10\"\n"),       // a float to both
//!     (json!("on"), "\"on\"\n"),           // a boolean to kubectl
//!     (json!("12:30"), "\"12:30\"\n"),     // 750 by YAML 1.1
//!     (json!(r"\d+"), "'\\d+'\n"),         // single quotes where they save escapes
//! ] {
//!     assert_eq!(render(&value, 0), text);
//!     assert_eq!(read(text)?, value);
//! }
//! # Ok::<(), split_planes::yaml::Error>(())
//! ```

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Where a scalar stands, which decides what it may be written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// Structure by indentation.
    Block,
    /// Inside brackets or braces.
    Flow,
    /// Inside the brackets or braces of a JSON document.
    Json,
}

/// How new block collections are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockStyle {
    /// Whether the sequences of a mapping are indented below their key.
    pub(super) wide: bool,
    /// Whether text of several lines becomes a literal block; quoted otherwise.
    pub(super) literals: bool,
}

impl BlockStyle {
    /// What kustomize writes.
    pub(super) const COMPACT: Self = Self { wide: false, literals: true };
}

/// The longest key that is written before its colon; libyaml looks no further than 1024 characters for it.
const LONG_KEY: usize = 512;

/// Renders `value` in block style, ended by a line break; every line but empty ones is indented by `indent` spaces.
///
/// Keys stay in the order of the map, line breaks are `\n`, empty collections `{}` and `[]`. A literal block needs a
/// collection to stand in: `value` itself, and text with characters that only an escape can carry, is quoted.
///
/// ```
/// use serde_json::json;
/// use split_planes::yaml::scalar::render;
///
/// let value = json!({"name": "web", "args": ["-v", "on"], "script": "set -e\nrun\n"});
/// assert_eq!(
///     render(&value, 0),
///     r#"name: web
/// args:
/// - -v
/// - "on"
/// script: |
///   set -e
///   run
/// "#
/// );
/// assert_eq!(render(&json!(["a\nb\n"]), 2), "  - |\n    a\n    b\n");
/// assert_eq!(render(&json!("a\nb\n"), 2), "  \"a\\nb\\n\"\n");
/// ```
#[must_use]
pub fn render(value: &Value, indent: usize) -> String {
    let mut out = String::new();
    spaces(&mut out, indent);
    block(&mut out, value, indent, BlockStyle::COMPACT);
    out
}

/// The text as a string in a flow collection: plain only if all of Go's readers take it for this string.
#[must_use]
pub fn flow_string(text: &str) -> String {
    string(text, Context::Flow)
}

/// Writes `value` at the current place, which is column `indent`, and its other lines from that column on.
pub(super) fn block(out: &mut String, value: &Value, indent: usize, style: BlockStyle) {
    match value {
        Value::Object(map) if !map.is_empty() => entries(out, map, indent, style),
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    spaces(out, indent);
                }
                block_item(out, item, indent, style);
            }
        }
        // A literal block of its own, outside of any collection, has no indentation to be relative to.
        _ => {
            out.push_str(&inline(value, Context::Block));
            out.push('\n');
        }
    }
}

/// Writes `- value` at the current place, which is column `indent`.
pub(super) fn block_item(out: &mut String, item: &Value, indent: usize, style: BlockStyle) {
    out.push('-');
    if is_block_collection(item) {
        out.push(' ');
        block(out, item, indent + 2, style);
    } else {
        leaf(out, item, indent, style);
    }
}

/// Writes `key: value` at the current place, which is column `indent`.
pub(super) fn block_entry(out: &mut String, key: &str, value: &Value, indent: usize, style: BlockStyle) {
    let key = string(key, Context::Block);
    if key.len() > LONG_KEY {
        out.push_str("? ");
        out.push_str(&key);
        out.push('\n');
        spaces(out, indent);
    } else {
        out.push_str(&key);
    }
    out.push(':');
    block_value(out, value, indent, style);
}

/// Writes what stands behind the colon of an entry whose key stands at column `indent`.
pub(super) fn block_value(out: &mut String, value: &Value, indent: usize, style: BlockStyle) {
    if is_block_collection(value) {
        out.push('\n');
        let indent = if value.is_array() && !style.wide { indent } else { indent + 2 };
        spaces(out, indent);
        block(out, value, indent, style);
    } else {
        leaf(out, value, indent, style);
    }
}

fn entries(out: &mut String, map: &Map<String, Value>, indent: usize, style: BlockStyle) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            spaces(out, indent);
        }
        block_entry(out, key, value, indent, style);
    }
}

/// Writes what stands on the line of its indicator, or begins there, behind a space.
fn leaf(out: &mut String, value: &Value, parent: usize, style: BlockStyle) {
    out.push(' ');
    match value {
        Value::String(text) if style.literals && text.contains('\n') && is_literal(text) => {
            let header = literal_header(text, 2);
            out.push_str(&header);
            out.push('\n');
            for line in literal_lines(text) {
                if !line.is_empty() {
                    spaces(out, parent + 2);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        _ => {
            out.push_str(&inline(value, Context::Block));
            out.push('\n');
        }
    }
}

/// Whether a value is written on lines of its own.
pub(super) fn is_block_collection(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

fn spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// A value on one line, as it is written inside brackets or braces.
#[must_use]
pub fn flow(value: &Value) -> String {
    inline(value, Context::Flow)
}

/// A value on one line.
pub(super) fn inline(value: &Value, context: Context) -> String {
    let inner = if context == Context::Json { Context::Json } else { Context::Flow };
    match value {
        Value::String(text) => string(text, context),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, inner)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, value)| inline_entry(key, value, inner)).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// `key: value` inside braces.
pub(super) fn inline_entry(key: &str, value: &Value, context: Context) -> String {
    let key = string(key, context);
    let mark = if context == Context::Flow && key.len() > LONG_KEY { "? " } else { "" };
    format!("{mark}{key}: {}", inline(value, context))
}

/// A string on one line, in quotes where it needs them.
pub(super) fn string(text: &str, context: Context) -> String {
    match context {
        _ if is_plain(text, context) => text.to_owned(),
        Context::Block | Context::Flow if text.contains(['"', '\\']) && is_single_quotable(text) => single_quoted(text),
        _ => double_quoted(text),
    }
}

/// `'text'`, for text of one line.
pub(super) fn single_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Whether text of one line can be written in single quotes.
pub(super) fn is_single_quotable(text: &str) -> bool {
    text.chars().all(|c| c != '\n' && is_printable(c))
}

/// `"text"`.
pub(super) fn double_quoted(text: &str) -> String {
    format!("\"{}\"", string_in_quotes(text))
}

/// Text as it stands between double quotes; the escapes are JSON's as well.
pub(super) fn string_in_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_printable(c) => out.push(c),
            // What is not printable lies below U+10000, so that JSON's form of an escape does.
            c => write!(out, "\\u{:04x}", u32::from(c)).expect("a string takes all that is written"),
        }
    }
    out
}

/// Whether a character may stand in a scalar as it is, in every style: no control character, no line break, no
/// byte-order mark.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\t' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
        | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a literal block can carry `text`; the first line decides about its indentation, so one must not be empty.
pub(super) fn is_literal(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || is_printable(c)) && text.chars().any(|c| c != '\n')
}

/// `|` with what says how the block is indented, where its first line does not show it, and how it ends.
///
/// `step` is by how much its lines are indented more than the collection it stands in.
pub(super) fn literal_header(text: &str, step: usize) -> String {
    let mut header = String::from("|");
    if needs_indicator(text) {
        header.push_str(&step.to_string());
    }
    header.push_str(chomping(text));
    header
}

/// Whether the indentation of a block cannot be seen from its first line.
pub(super) fn needs_indicator(text: &str) -> bool {
    text.trim_start_matches('\n').starts_with([' ', '\t'])
}

/// What says that a block ends with no line break, with one (nothing says it), or with more.
pub(super) fn chomping(text: &str) -> &'static str {
    match text.len() - text.trim_end_matches('\n').len() {
        0 => "-",
        1 => "",
        _ => "+",
    }
}

/// The lines of a literal block.
fn literal_lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n')
}

/// Words that some reader takes for a boolean or null, in lower case.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// Whether `text` can stand without quotes and is that text to every reader.
pub(super) fn is_plain(text: &str, context: Context) -> bool {
    let Some(first) = text.chars().next() else { return false };
    let second = text.chars().nth(1);
    let is_led = match first {
        '0'..='9' => is_evidently_no_number(text),
        '-' => second.is_some_and(|c| c.is_ascii_alphabetic() || c == '-') && !text.starts_with("---"),
        '.' => second.is_some_and(|c| c.is_ascii_alphabetic() || c == '/') && !is_special_float(text),
        '/' | '_' | '$' | '(' => true,
        c => c.is_alphabetic() && !WORDS.contains(&text.to_lowercase().as_str()),
    };
    let is_safe = |c: char| match c {
        ',' | ':' | '[' | ']' | '{' | '}' | '#' | '?' => context == Context::Block,
        c => c.is_alphanumeric() || " /_$()-.+=@%^~;*<>\"'&!|\\".contains(c),
    };
    context != Context::Json
        && is_led
        && text.chars().all(is_safe)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
}

/// Whether text that begins with a digit holds a letter that no number, date or duration in base 60 has.
fn is_evidently_no_number(text: &str) -> bool {
    let is_prefixed = text.starts_with('0') && text[1..].starts_with(['x', 'X', 'o', 'O', 'b', 'B']);
    let is_telling = |c: char| c.is_ascii_alphabetic() && !matches!(c, 'a'..='f' | 'A'..='F' | 'T' | 't' | 'Z' | 'z');
    !is_prefixed && text.contains(is_telling)
}

fn is_special_float(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), ".inf" | ".nan")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_are_plain_only_where_nobody_reads_something_else() {
        let plain = [
            "a",
            "web-1",
            "nginx:1.25",
            "registry.example.com/a/b:v1@sha256:0a",
            "--v=2",
            "-v",
            "500m",
            "10Gi",
            "a b",
            "it's",
            "/x",
            "./x",
            "$(VAR)",
            "http://example.com:80/?a=b",
            "a#b",
            "a,b",
            "Größe",
            "_x",
            "(x)",
        ];
        let quoted = [
            "",
            " ",
            "a ",
            " a",
            "y",
            "N",
            "yes",
            "On",
            "OFF",
            "true",
            "null",
            "~",
            "0",
            "-1",
            "+1",
            "1.0",
            ".5",
            "1e3",
            "1_000",
            "0644",
            "0o17",
            "0x1F",
            "0b1",
            "1.2.3",
            "12:30:45",
            "1:30",
            "2024-01-01",
            ".inf",
            "-.inf",
            ".NaN",
            "=",
            "<<",
            "-",
            "--- a",
            "...",
            "- a",
            "? a",
            ": a",
            "a: b",
            "a:",
            "a #b",
            "#a",
            "*a",
            "&a",
            "!a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "'a",
            "\"a",
            "[a",
            "{a",
            "]",
            "}",
            ",",
            "a\tb",
            "a\rb",
            "a\u{7f}",
            "a\u{85}b",
            "a\u{2028}b",
            "\u{feff}a",
            "1d",
            "1f",
            "0xgg",
        ];
        for text in plain {
            assert_eq!(string(text, Context::Block), text);
        }
        for text in quoted {
            assert!(string(text, Context::Block).starts_with(['\'', '"']), "{text:?}");
        }
        for text in ["a,b", "a:b", "a]", "a}", "a?b", "[a", "a#b"] {
            assert!(string(text, Context::Flow).starts_with('"'), "{text:?}");
        }
    }

    #[test]
    fn quotes_are_those_that_need_no_escapes() {
        assert_eq!(string(r"\d+", Context::Block), r"'\d+'");
        assert_eq!(string("\"it's\"", Context::Block), r#"'"it''s"'"#);
        assert_eq!(string("a\r\u{7}\u{7f}\u{feff}\u{1F600}", Context::Block), "\"a\\r\\u0007\\u007f\\ufeff\u{1F600}\"");
        assert_eq!(string(r"\d", Context::Json), r#""\\d""#);
        assert_eq!(string("a", Context::Json), r#""a""#);
    }

    #[test]
    fn text_of_several_lines_is_a_literal_block_where_one_can_carry_it() {
        let cases = [
            ("a\nb\n", "k: |\n  a\n  b\n"),
            ("a\nb", "k: |-\n  a\n  b\n"),
            ("a\n\n\n", "k: |+\n  a\n\n\n"),
            ("\na\n", "k: |\n\n  a\n"),
            ("  a\nb\n", "k: |2\n    a\n  b\n"),
            ("\n\ta\n", "k: |2\n\n  \ta\n"),
            ("a \n \n\t\n", "k: |\n  a \n   \n  \t\n"),
            ("---\n# a\n...\n", "k: |\n  ---\n  # a\n  ...\n"),
            ("\n", "k: \"\\n\"\n"),
            ("a\r\nb\n", "k: \"a\\r\\nb\\n\"\n"),
            ("a\u{85}\nb", "k: \"a\\u0085\\nb\"\n"),
        ];
        for (text, expected) in cases {
            assert_eq!(render(&json!({"k": text}), 0), expected);
        }
    }

    #[test]
    fn collections_are_written_as_kustomize_writes_them() {
        let value = json!({"a": {"b": [], "c": {}, "d": [[1, [2]], {"e": "f", "g": ["h"]}, null]}, "on": 1.5});
        assert_eq!(
            render(&value, 2),
            "  a:\n    b: []\n    c: {}\n    d:\n    - - 1\n      - - 2\n    - e: f\n      g:\n      - h\n    - null\n  \"on\": 1.5\n"
        );
    }

    #[test]
    fn keys_that_are_too_long_for_a_line_are_written_behind_a_question_mark() {
        let key = "k".repeat(2000);
        let value = json!({ key.as_str(): {"a": [1]}, "b": 2 });
        let text = render(&value, 0);
        assert_eq!(text, format!("? {key}\n:\n  a:\n  - 1\nb: 2\n"));
        assert_eq!(crate::yaml::view::read(&text), Ok(value));
    }
}
