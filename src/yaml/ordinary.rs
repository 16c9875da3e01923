//! The fast maker of trees: reads ordinary text, which is what nearly everybody writes, and nothing else.
//!
//! Ordinary are block collections, scalars that begin and end on one line, plain scalars over several lines, block
//! scalars without an indentation indicator, flow collections of short scalars, JSON, and comments. Anchors, aliases,
//! tags, `? ` keys, tabs and rare characters are not, nor is any text that is no YAML: libyaml reads those.
//!
//! Where a text is ordinary, the tree is the one that libyaml's events make; the fuzz target `ordinary` compares them.
//! So every rule here errs on the side of being unsure.

mod characters;
mod flow;
mod scalar;

use std::ops::Range;

use memchr::memchr;

use super::events::{CollectionStyle, FlowWork, ScalarStyle};
use super::tree::{Kind, Tree};

/// How deep collections may stand inside each other, well below libyaml's limit.
const MAX_DEPTH: usize = 64;

/// How long a key may be; libyaml looks for the colon no further than 1,024 bytes.
const MAX_KEY: usize = 1000;

/// Stands for the byte behind the last; no ordinary text has it.
const END: u8 = 0;

/// The text is not ordinary, or no YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsure;

/// Fills `tree` from `text`; what is in it means nothing when the text turns out not to be ordinary.
pub(super) fn read<'t>(tree: &mut Tree<'t>, text: &'t str) -> Result<(), Unsure> {
    let bytes = text.as_bytes();
    let has_tabs = characters::has_tabs(bytes)?;
    tree.clear(text);
    let awaits = Awaits::Value { at: 0 };
    Reader { bytes, at: 0, has_tabs, open: Vec::new(), awaits, flow_work: FlowWork::default(), tree }.document()
}

type Step<T = ()> = Result<T, Unsure>;

/// A block collection that is open; a sequence may stand at the column of the mapping it is a value in.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Block {
    column: usize,
    is_mapping: bool,
}

/// What the innermost block collection, or the document, may go on with.
#[derive(Clone, Copy)]
enum Awaits {
    /// A key or an entry.
    Entry,
    /// The value of the last key or entry, deeper than it; an empty one would be at `at`.
    Value { at: usize },
    /// The rest of a plain scalar, of which these bytes were read; they are its value when they are all of it.
    Rest { start: usize, end: usize, is_whole: bool },
}

struct Reader<'r, 't> {
    bytes: &'t [u8],
    at: usize,
    has_tabs: bool,
    open: Vec<Block>,
    awaits: Awaits,
    flow_work: FlowWork,
    tree: &'r mut Tree<'t>,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Step {
        while self.at < self.bytes.len() {
            self.line()?;
        }
        if self.open.is_empty() && matches!(self.awaits, Awaits::Value { .. }) {
            return Err(Unsure);
        }
        while !self.open.is_empty() {
            self.close();
        }
        if self.flow_work.is_excessive(self.bytes.len()) { Err(Unsure) } else { Ok(()) }
    }

    /// Reads what begins on the line at hand.
    fn line(&mut self) -> Step {
        let start = self.at;
        let first = self.skip_spaces(start);
        match self.byte(first) {
            b'\n' => {
                self.at = first + 1;
                return Ok(());
            }
            END => {
                self.at = first;
                return Ok(());
            }
            b'#' => {
                // A comment ends a plain scalar.
                if let Awaits::Rest { .. } = self.awaits {
                    self.end_scalar();
                }
                self.at = self.line_end(first);
                return Ok(());
            }
            _ => {}
        }
        let column = first - start;
        if let Awaits::Rest { start, .. } = self.awaits {
            if self.open.last().is_some_and(|open| column > open.column) {
                let rest_end = scalar::plain_rest_end(self.bytes, first)?;
                return self.plain(first, rest_end, Awaits::Rest { start, end: rest_end, is_whole: false });
            }
            self.end_scalar();
        }
        if column == 0 && (self.bytes[start..].starts_with(b"---") || self.bytes[start..].starts_with(b"...")) {
            return Err(Unsure);
        }
        while self.open.last().is_some_and(|open| open.column > column) {
            self.close();
        }
        self.content(start, first)
    }

    /// Reads the dashes, the key and the value of a line that begins at `start` and has its content at `first`.
    fn content(&mut self, start: usize, first: usize) -> Step {
        let mut at = first;
        while self.byte(at) == b'-' && self.is_blank(at + 1) {
            self.entry(Block { column: at - start, is_mapping: false }, at)?;
            self.awaits = Awaits::Value { at: at + 1 };
            at = self.skip_spaces(at + 1);
            if self.is_end(at) {
                self.at = self.line_end(at);
                return Ok(());
            }
        }
        let column = at - start;
        let Some((key_end, is_plain)) = self.key_end(at)? else {
            let is_deeper = self.open.last().is_none_or(|open| column > open.column);
            return if is_deeper && matches!(self.awaits, Awaits::Value { .. }) { self.value(at) } else { Err(Unsure) };
        };
        self.refuse_tabs(start, key_end)?;
        self.entry(Block { column, is_mapping: true }, at)?;
        let quote = usize::from(!is_plain);
        self.tree.verbatim(style(self.byte(at)), at..key_end, at + quote..key_end - quote);
        self.awaits = Awaits::Value { at: key_end + 1 };
        let value = self.skip_spaces(key_end + 1);
        if self.is_end(value) {
            self.at = self.line_end(value);
            return Ok(());
        }
        if self.byte(value) == b'-' && self.is_blank(value + 1) { Err(Unsure) } else { self.value(value) }
    }

    /// Goes on with the entries of `block`, or begins it at `at`.
    fn entry(&mut self, block: Block, at: usize) -> Step {
        let outer = self.open.last().copied();
        if let Awaits::Value { .. } = self.awaits {
            let is_inner = outer.is_none_or(|outer| {
                block.column > outer.column || block.column == outer.column && outer.is_mapping && !block.is_mapping
            });
            if is_inner {
                if self.open.len() == MAX_DEPTH {
                    return Err(Unsure);
                }
                self.open.push(block);
                let kind = if block.is_mapping { Kind::Mapping } else { Kind::Sequence };
                self.tree.begin(kind(CollectionStyle::Block), at, None);
                return Ok(());
            }
            self.end_scalar();
        }
        let outer = outer.ok_or(Unsure)?;
        if outer == block {
            return Ok(());
        }
        // A sequence at the column of its key ends where the next key begins.
        if !block.is_mapping || self.open.iter().nth_back(1) != Some(&block) {
            return Err(Unsure);
        }
        self.close();
        Ok(())
    }

    /// Closes the innermost block collection.
    fn close(&mut self) {
        self.end_scalar();
        self.open.pop();
        self.tree.finish(0);
    }

    /// Ends the scalar that is awaited or not yet known to be whole.
    fn end_scalar(&mut self) {
        match std::mem::replace(&mut self.awaits, Awaits::Entry) {
            Awaits::Entry => {}
            Awaits::Value { at } => self.tree.verbatim(ScalarStyle::Plain, at..at, at..at),
            Awaits::Rest { start, end, is_whole: true } => {
                self.tree.verbatim(ScalarStyle::Plain, start..end, start..end);
            }
            Awaits::Rest { start, end, is_whole: false } => self.tree.written(ScalarStyle::Plain, start..end),
        }
    }

    fn quoted(&mut self, start: usize, quoted: scalar::Quoted) {
        let (style, end) = (style(self.bytes[start]), quoted.end);
        if quoted.is_escaped {
            self.tree.written(style, start..end);
        } else {
            self.tree.verbatim(style, start..end, start + 1..end - 1);
        }
    }

    /// Where the key that begins at `at` ends, before its colon, and whether it is plain; nothing when that is no key.
    fn key_end(&self, at: usize) -> Step<Option<(usize, bool)>> {
        let byte = self.byte(at);
        let end = match byte {
            b'"' | b'\'' => {
                let quoted = scalar::quoted(self.bytes, at)?;
                let is_key = self.byte(quoted.end) == b':' && self.is_blank(quoted.end + 1);
                if is_key && quoted.is_escaped {
                    return Err(Unsure);
                }
                is_key.then_some(quoted.end)
            }
            b'[' | b'{' | b'|' | b'>' => None,
            _ => scalar::plain_key(self.bytes, at)?,
        };
        if end.is_some_and(|end| end - at > MAX_KEY) {
            return Err(Unsure);
        }
        Ok(end.map(|end| (end, !matches!(byte, b'"' | b'\''))))
    }

    /// Reads the value that begins at `at`.
    fn value(&mut self, at: usize) -> Step {
        match self.byte(at) {
            b'"' | b'\'' => {
                let quoted = scalar::quoted(self.bytes, at)?;
                self.end_line(at, quoted.end)?;
                self.quoted(at, quoted);
                self.awaits = Awaits::Entry;
            }
            b'[' | b'{' => {
                self.at = at;
                self.flow(0)?;
                self.end_line(at, self.at)?;
                self.awaits = Awaits::Entry;
            }
            indicator @ (b'|' | b'>') => {
                let indent = self.open.last().ok_or(Unsure)?.column;
                let Range { start: end, end: next } = scalar::block_end(self.bytes, at, indent)?;
                self.tree.written(style(indicator), at..end);
                (self.at, self.awaits) = (next, Awaits::Entry);
            }
            _ => {
                if self.open.is_empty() {
                    return Err(Unsure);
                }
                let end = scalar::plain_end(self.bytes, at)?;
                self.plain(at, end, Awaits::Rest { start: at, end, is_whole: true })?;
            }
        }
        Ok(())
    }

    /// Reads the part from `start` to `end` of a plain scalar, which a comment behind it would end.
    fn plain(&mut self, start: usize, end: usize, read: Awaits) -> Step {
        let is_commented = self.end_line(start, end)?;
        self.awaits = read;
        if is_commented {
            self.end_scalar();
        }
        Ok(())
    }

    /// Goes to the next line when at most a comment follows what was read from `start` to `end`; whether one does.
    fn end_line(&mut self, start: usize, end: usize) -> Step<bool> {
        self.refuse_tabs(start, end)?;
        let at = self.skip_spaces(end);
        let is_commented = self.byte(at) == b'#' && at > end;
        if !is_commented && !matches!(self.byte(at), b'\n' | END) {
            return Err(Unsure);
        }
        self.at = self.line_end(at);
        Ok(is_commented)
    }

    /// Tabs are ordinary in comments and block scalars.
    fn refuse_tabs(&self, start: usize, end: usize) -> Step {
        if self.has_tabs && memchr(b'\t', &self.bytes[start..end]).is_some() { Err(Unsure) } else { Ok(()) }
    }

    /// The byte at `at`; [`END`] behind the last.
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(END)
    }

    fn is_blank(&self, at: usize) -> bool {
        scalar::is_blank(self.bytes, at)
    }

    /// Whether the content of the line ends at `at`, before which a blank stands.
    fn is_end(&self, at: usize) -> bool {
        matches!(self.byte(at), b'\n' | b'#' | END)
    }

    fn skip_spaces(&self, at: usize) -> usize {
        at + self.bytes[at..].iter().take_while(|&&byte| byte == b' ').count()
    }

    /// Where the line of `at` ends, behind its line break.
    fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |line_break| at + line_break + 1)
    }
}

/// How the scalar is written that begins with this byte.
fn style(first: u8) -> ScalarStyle {
    match first {
        b'"' => ScalarStyle::DoubleQuoted,
        b'\'' => ScalarStyle::SingleQuoted,
        b'|' => ScalarStyle::Literal,
        b'>' => ScalarStyle::Folded,
        _ => ScalarStyle::Plain,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::yaml::layout::tests::generate;
    use crate::yaml::parse::compare;

    #[test]
    fn what_people_write_is_ordinary() {
        for text in [
            "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: web # the name\n    labels: {app: web, 'a/b': \"c\"}\n",
            "# c\n\na: 1\nb:\n- c\n- d: e\n  f:\n  - g\nh:\n  - i\n\n  - j\nk: l",
            "a:\n  b: text\n    that goes on\n\n    and on # but no further\n  c: d\n",
            "a: |\n  x\n\n    y\n# c\nb: >- # c\n\n  z\nc: |\nd: |+\n\n",
            "a: |\n  x\ty # \t\n  \tz\n# \t\n",
            "-\n  a: b\n-\n- - c\n  -\n  - d: e\n-\n",
            "a:\nb:\n  c:\nd: # null\n  # still\ne:\n-\n-\nf: 1\n",
            "args: [-a, \"--b=c\", 'it''s', -1, /bin/sh, [], {}]\nb: {\"a\":1,\n\"b\": 2}\n",
            "{\"a\":[{\"b\":\"c\\n\\\"\\u003c\"},null,true,-1.5e+3],\n  \"d\": {}}\n",
            "\"a b\": c\n'd': 'e: # f'\ng h/i-j[0]: http://k:80/#l\n-m: -n\n",
            "a: \u{e9}\u{2014}\u{1f680}\n\u{e9}: b\n",
        ] {
            assert!(compare(text), "{text}");
        }
    }

    #[test]
    fn what_only_libyaml_knows_is_left_to_it() {
        for text in [
            "",
            "# c\n",
            "text\n",
            "a: &x b\nc: *x\n",
            "a: !!str b\n",
            "? a\n: b\n",
            "a: b: c\n",
            "a:\n- b\n c: d\n",
            "a: b\n  c: d\n",
            "a: 'b\n  c'\n",
            "a: \"\\/\"\n",
            "a: \"\\ud83d\\ude00\"\n",
            "\"a\\n\": b\n",
            "a: |2\n  b\n",
            "a: |\n\tb\n",
            "a: |\n  \tb\n",
            "a: |\n  b\n c\n",
            "a: |\n    \n  b\n",
            "a: b\n---\nc: d\n",
            "a: b\n...\n",
            "---\na: b\n",
            "a: b\r\n",
            "a:\tb\n",
            "a: b\t\n",
            "- a\n\t\n",
            "a: b\u{85}\n",
            "a: b\u{2028}\n",
            "\u{feff}a: b\n",
            "a: \u{7f}\n",
            "a: [b c]\n",
            "a: [b, ]\n",
            "a: {b}\n",
            "a: {b:c}\n",
            "a: {\"b\" : c}\n",
            "a: [--b]\n",
            "a: [b # c\n]\n",
            "a: [\n]: b\n",
            "a: [b]c\n",
            "a: \"b\" c\n",
            "a: - b\n",
            "a:\n- b\n-c\n",
            "- a\nb: c\n",
            "a: b\n- c\n",
            " a: b\nc: d\n",
            "a: @b\n",
            "a: `b\n",
            "a: %b\n",
        ] {
            assert!(!compare(text), "{text:?}");
        }
        let deep = |depth| format!("a: {}{}\n", "[".repeat(depth), "]".repeat(depth));
        assert!(compare(&deep(60)) && !compare(&deep(70)));
        let long = |length| format!("{}: b\n", "a".repeat(length));
        assert!(compare(&long(900)) && !compare(&long(1100)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_event_is_libyaml_s(tape in prop::collection::vec(any::<u8>(), 0..400), mutations in 0_usize..4) {
            compare(&generate::document(&tape, mutations));
        }

        #[test]
        fn every_event_of_anything_is_libyaml_s(text in "(a|b: |: |- |-|\n|\n  |\n    |#| #|'|\"|\\[|\\]|\\{|\\}|, |,|\\||>|\t|\\\\){0,24}") {
            compare(&text);
        }
    }
}
