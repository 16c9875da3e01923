//! Edits random documents, written in every style YAML has, by random patches.

use std::fmt::Write as _;

use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation, jsonptr::PointerBuf};
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use serde_json::Value;
use split_planes::yaml::scalar::render;
use split_planes::yaml::{edit, view};

/// Chooses among styles; the same seed chooses the same.
struct Choice(u64);

impl Choice {
    fn below(&mut self, count: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % count
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}

/// Writes a value as YAML in random style, with comments that are numbered.
struct Writer {
    choice: Choice,
    out: String,
    comments: usize,
    is_wide: bool,
    step: usize,
    /// Where a block ended to which blank lines would belong.
    keeps: usize,
}

impl Writer {
    fn write(value: &Value, seed: u64) -> String {
        let mut choice = Choice(seed | 1);
        let (is_wide, step) = (choice.one_in(3), if choice.one_in(4) { 4 } else { 2 });
        let (has_crlf, is_cut) = (choice.one_in(5), choice.one_in(5));
        let mut writer = Self { choice, out: String::new(), comments: 0, is_wide, step, keeps: 0 };
        writer.own_line_comment(0);
        writer.block(value, 0, true);
        let mut out = writer.out;
        // A block scalar may need the line break that the text ends with.
        let cut = out.trim_end_matches('\n');
        if is_cut && view::read(cut).as_ref() == Ok(value) {
            out.truncate(cut.len());
        }
        if has_crlf { out.replace('\n', "\r\n") } else { out }
    }

    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
    }

    fn comment(&mut self) {
        self.comments += 1;
        write!(self.out, "# c{}.", self.comments).expect("a string takes all");
    }

    fn own_line_comment(&mut self, indent: usize) {
        if self.choice.one_in(12) && self.keeps != self.out.len() {
            self.out.push('\n');
        }
        if self.choice.one_in(6) {
            self.spaces(indent);
            self.comment();
            self.out.push('\n');
        }
    }

    fn line_end(&mut self) {
        if self.choice.one_in(6) {
            self.out.push(' ');
            self.comment();
        }
        self.out.push('\n');
    }

    /// Writes lines from the current place, which is column `indent`; `fresh` when a new line begins here.
    fn block(&mut self, value: &Value, indent: usize, fresh: bool) {
        match value {
            Value::Object(map) if !map.is_empty() && !self.choice.one_in(6) => {
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        self.own_line_comment(indent);
                    }
                    if index > 0 || fresh {
                        self.spaces(indent);
                    }
                    self.flow_string(key, true);
                    self.out.push(':');
                    self.entry_value(value, indent);
                }
            }
            Value::Array(items) if !items.is_empty() && !self.choice.one_in(6) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.own_line_comment(indent);
                    }
                    if index > 0 || fresh {
                        self.spaces(indent);
                    }
                    self.out.push('-');
                    match item {
                        Value::Object(map) if !map.is_empty() && !self.choice.one_in(6) => {
                            self.out.push(' ');
                            self.block(item, indent + 2, false);
                        }
                        Value::Array(inner) if !inner.is_empty() && self.choice.one_in(2) => {
                            self.out.push(' ');
                            self.block(item, indent + 2, false);
                        }
                        _ => self.leaf(item, indent),
                    }
                }
            }
            _ => {
                if fresh {
                    self.spaces(indent);
                }
                self.flow(value);
                self.line_end();
            }
        }
    }

    fn entry_value(&mut self, value: &Value, indent: usize) {
        let below = match value {
            Value::Object(map) if !map.is_empty() => indent + self.step,
            Value::Array(items) if !items.is_empty() => indent + if self.is_wide { self.step } else { 0 },
            _ => return self.leaf(value, indent),
        };
        if self.choice.one_in(6) {
            return self.leaf(value, indent);
        }
        // A flow collection on a line of its own must be indented more than the key.
        let is_sequence = value.is_array();
        self.line_end();
        if self.choice.one_in(8) {
            self.spaces(below.max(indent + 1));
            self.comment();
            self.out.push('\n');
        }
        let choice = Choice(self.choice.0);
        let start = self.out.len();
        self.block(value, below, true);
        if is_sequence && below == indent && !self.out[start..].trim_start().starts_with(['-', '#']) {
            self.out.truncate(start);
            self.choice = choice;
            self.spaces(indent + 1);
            self.flow(value);
            self.line_end();
        }
    }

    fn leaf(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Null if self.choice.one_in(2) => self.line_end(),
            Value::String(text) if is_block_text(text) && self.choice.one_in(2) => self.literal(text, indent),
            _ => {
                self.out.push(' ');
                self.flow(value);
                self.line_end();
            }
        }
    }

    fn literal(&mut self, text: &str, indent: usize) {
        let step = 1 + usize::try_from(self.choice.below(4)).expect("small");
        let trailing = text.len() - text.trim_end_matches('\n').len();
        self.out.push_str(" |");
        if text.trim_start_matches('\n').starts_with([' ', '\t']) || self.choice.one_in(6) {
            write!(self.out, "{step}").expect("a string takes all");
        }
        self.out.push_str(["-", "", "+"][trailing.min(2)]);
        self.line_end();
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() || self.choice.one_in(4) {
                self.spaces(indent + step);
            }
            self.out.push_str(line);
            self.out.push('\n');
        }
        if trailing > 1 {
            self.keeps = self.out.len();
        } else if self.choice.one_in(4) {
            self.out.push('\n');
        }
    }

    fn flow(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.flow_string(text, false),
            Value::Array(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.flow(item);
                }
                self.out.push(']');
            }
            Value::Object(map) => {
                self.out.push('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.flow_string(key, true);
                    self.out.push_str(": ");
                    self.flow(value);
                }
                self.out.push('}');
            }
            _ => write!(self.out, "{value}").expect("a string takes all"),
        }
    }

    fn flow_string(&mut self, text: &str, is_key: bool) {
        let is_simple = text.len() > 1 && text.bytes().all(|b| b.is_ascii_lowercase()) && !is_word(text);
        if is_simple && !self.choice.one_in(3) {
            self.out.push_str(text);
        } else if text.bytes().all(|b| (b' '..0x7f).contains(&b)) && self.choice.one_in(2) {
            write!(self.out, "'{}'", text.replace('\'', "''")).expect("a string takes all");
        } else {
            self.out.push('"');
            let mut rest = text.chars().peekable();
            while let Some(c) = rest.next() {
                match c {
                    '"' | '\\' => self.out.extend(['\\', c]),
                    // A line break that is folded away.
                    'a' if !is_key && rest.peek() != Some(&' ') && self.choice.one_in(9) => {
                        self.out.push_str("\\x61\\\n      \\\n      ");
                    }
                    ' '..='~' => self.out.push(c),
                    c => write!(self.out, "\\U{:08x}", u32::from(c)).expect("a string takes all"),
                }
            }
            self.out.push('"');
        }
    }
}

fn is_word(text: &str) -> bool {
    matches!(text, "true" | "false" | "null")
}

fn is_block_text(text: &str) -> bool {
    text.contains('\n')
        && !text.trim_matches('\n').is_empty()
        && text.chars().all(|c| matches!(c, '\n' | '\t' | ' '..='~'))
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{1,6}",
        2 => "[a-c \n#:-]{0,12}",
        1 => "[ -~\t\n]{0,12}",
        1 => "([a-c ]{0,4}\n){1,6}",
        1 => r#"[ab'"\\\t\n\r,:#\[\]{}&*!|>%@`é🚀\u{85}\u{2028}\u{feff}\u{7}0-9.eE_+~yn=<-]{0,8}"#,
        1 => prop::sample::select(vec![
            "yes", "on", "y", "~", "null", "", "0644", "0o17", "1e3", "1_000", "12:30:45", "2024-01-01", ".inf", "=",
            "<<", "- a", "a: b", "a #b", "---", "...", " a", "a ", "*a", "&a", "!a", "%a", "@a", "`a", "1.10", "0x1F",
        ])
        .prop_map(str::to_owned),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        5 => string().prop_map(Value::String),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-1.0e9..1.0e9).prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::Array),
            hash_map(string(), inner, 0..5).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A document as functions get it: one mapping, or a sequence of one mapping.
fn document() -> impl Strategy<Value = Value> {
    (hash_map(string(), value(), 1..6), any::<bool>()).prop_map(|(map, is_item)| {
        let map = Value::Object(map.into_iter().collect());
        if is_item { Value::Array(vec![map]) } else { map }
    })
}

/// The places in a value.
fn pointers(value: &Value) -> Vec<PointerBuf> {
    fn collect(value: &Value, at: &PointerBuf, all: &mut Vec<PointerBuf>) {
        all.push(at.clone());
        let mut descend = |token: &str, value: &Value| {
            let mut at = at.clone();
            at.push_back(token);
            collect(value, &at, all);
        };
        match value {
            Value::Array(items) => items.iter().enumerate().for_each(|(i, item)| descend(&i.to_string(), item)),
            Value::Object(map) => map.iter().for_each(|(key, value)| descend(key, value)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    collect(value, &PointerBuf::new(), &mut all);
    all
}

/// One operation that fits `value`.
fn operation(document: &Value, choice: &mut Choice, new: &Value, key: &str) -> PatchOperation {
    let pointers = pointers(document);
    let pick = usize::try_from(choice.below(pointers.len() as u64)).expect("small");
    let mut path = pointers[pick].clone();
    match choice.below(3) {
        0 if !path.is_root() => PatchOperation::Remove(RemoveOperation { path }),
        1 => PatchOperation::Replace(ReplaceOperation { path, value: new.clone() }),
        _ => {
            match document.pointer(path.as_str()) {
                Some(Value::Array(items)) => {
                    let index = choice.below(items.len() as u64 + 1);
                    path.push_back(if choice.one_in(2) { "-".to_owned() } else { index.to_string() });
                }
                Some(Value::Object(_)) => path.push_back(key),
                _ => {}
            }
            PatchOperation::Add(AddOperation { path, value: new.clone() })
        }
    }
}

/// The numbers of the comments in a text, in order.
fn comments(text: &str) -> Vec<u32> {
    let rests = text.match_indices("# c").map(|(at, mark)| &text[at + mark.len()..]);
    rests.filter_map(|rest| rest.split_once('.')?.0.parse().ok()).collect()
}

fn is_subsequence<T: PartialEq>(part: &[T], whole: &[T]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|item| rest.any(|other| other == item))
}

mod properties {
    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rendering_reads_back_the_same(value in value(), indent in 0_usize..8) {
            let text = render(&value, indent);
            prop_assert!(text.lines().all(|line| line.is_empty() || line.starts_with(&" ".repeat(indent))), "{text}");
            prop_assert_eq!(view::read(&text), Ok(value), "{}", text);
        }

        #[test]
        fn every_style_of_document_is_read(document in document(), seed: u64) {
            let text = Writer::write(&document, seed);
            prop_assert_eq!(view::read(&text), Ok(document), "{}", text);
            prop_assert_eq!(view::check(&text), Ok(()));
        }

        #[test]
        fn patches_are_made_and_read_back(
            document in document(), seed: u64, steps in vec((value(), string(), any::<u64>()), 1..4)
        ) {
            let mut text = Writer::write(&document, seed);
            let mut document = document;
            for (new, key, seed) in steps {
                let operation = operation(&document, &mut Choice(seed | 1), &new, &key);
                let patch = Patch(vec![operation]);
                json_patch::patch(&mut document, &patch).expect("the operation fits");
                let result = edit::apply(&text, &patch);
                prop_assert!(result.is_ok(), "{}: {}\n{}", result.unwrap_err(), patch, text);
                text = result.expect("just checked");
                prop_assert_eq!(view::read(&text), Ok(document.clone()), "{}", text);
            }
        }

        #[test]
        fn an_added_key_can_be_taken_back(document in document(), seed: u64, new in value(), pick: u64) {
            let text = Writer::write(&document, seed);
            let mappings: Vec<PointerBuf> = pointers(&document)
                .into_iter()
                .filter(|at| matches!(document.pointer(at.as_str()), Some(Value::Object(map)) if !map.is_empty()))
                .collect();
            let at = &mappings[usize::try_from(pick % mappings.len() as u64).expect("small")];
            let mut path = at.clone();
            path.push_back("added by the test");
            let add = Patch(vec![PatchOperation::Add(AddOperation { path: path.clone(), value: new })]);
            let remove = Patch(vec![PatchOperation::Remove(RemoveOperation { path })]);
            let added = edit::apply(&text, &add).expect("there is room");
            let removed = edit::apply(&added, &remove).expect("it was added");
            // A literal block at the end leaves its line break.
            prop_assert_eq!(removed.trim_end(), text.trim_end(), "{}", added);
        }

        #[test]
        fn what_is_added_leaves_every_line_and_comment(
            document in document(), seed: u64, new in value(), key in string(), pick: u64
        ) {
            let text = Writer::write(&document, seed);
            let operation = operation(&document, &mut Choice(pick | 1), &new, &key);
            let PatchOperation::Add(AddOperation { path, .. }) = &operation else { return Ok(()) };
            let is_new = document.pointer(path.as_str()).is_none() || path.parent().is_some_and(|parent| {
                document.pointer(parent.as_str()).is_some_and(Value::is_array)
            });
            if is_new {
                let result = edit::apply(&text, &Patch(vec![operation])).expect("there is room");
                prop_assert!(is_subsequence(&comments(&text), &comments(&result)), "{}\n{}", text, result);
                let lines: Vec<&str> = text.lines().collect();
                let after: Vec<&str> = result.lines().collect();
                let head = lines.iter().zip(&after).take_while(|(a, b)| a == b).count();
                // One line changes at most: the one with the bracket, or the header of an unfinished block.
                prop_assert!(
                    is_subsequence(&lines[head..], &after[head..]) || is_subsequence(&lines[head + 1..], &after[head..]),
                    "{}\n{}", text, result
                );
            }
        }
    }
}
