//! Writes list documents as strange as YAML allows, from choices on a tape of bytes; for tests and the fuzz target.

/// Text that looks like structure where it is none. None ends a scalar, in no style.
const TEXTS: [&str; 12] =
    ["a", "- b", "b c", "x:y", "items:z", "a#b", "\u{1f680}é", "-", "--- x", "b - c", "http://a:1/b", "1.10"];

/// What only some styles may hold.
const QUOTES: [&str; 4] = ["it's", "a \"b", "[a", "b} c"];

/// A document with a list under `items`: valid, as a rule, when `mutations` is 0.
#[must_use]
pub fn document(tape: &[u8], mutations: usize) -> String {
    let mut writer = Writer { tape: tape.iter(), text: String::new(), keys: 0, anchors: 0 };
    writer.document();
    let mut text = writer.text;
    for _ in 0..mutations {
        let (at, what) = (usize::from(writer.tape.next().copied().unwrap_or(0)), writer.tape.next().copied());
        let at = text.floor_char_boundary(at * 7919 % (text.len() + 1));
        match what.unwrap_or(0) % 12 {
            0 => text.truncate(at),
            1 => {
                text = [&text[..at], text[at..].split_once('\n').map_or("", |(_, rest)| rest)].concat();
            }
            2 => {
                text = [&text[..at], &text[text.ceil_char_boundary((at + 1).min(text.len()))..]].concat();
            }
            other => text.insert_str(at, ["\"", "'", "\n", " ", "- ", ": ", " #", "[", "}"][usize::from(other) - 3]),
        }
    }
    if writer.tape.next().is_some_and(|byte| byte % 8 == 0) { text.replace('\n', "\r\n") } else { text }
}

struct Writer<'a> {
    tape: std::slice::Iter<'a, u8>,
    text: String,
    keys: usize,
    anchors: usize,
}

impl Writer<'_> {
    /// A number below `count`; 0 when the tape has ended.
    fn choose(&mut self, count: usize) -> usize {
        usize::from(self.tape.next().copied().unwrap_or(0)) % count
    }

    fn pick(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.choose(texts.len())]
    }

    fn write(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    fn document(&mut self) {
        let head = self.pick(&["", "", "---\n", "\u{feff}", "# c\n\n--- # d\n", "\u{feff}# c\n"]);
        self.write(head);
        let column = self.choose(8).saturating_sub(6);
        let before = self.choose(3);
        for _ in 0..before {
            self.entry(column, 3);
        }
        self.spaces(column);
        self.write("items:");
        self.line_end(true);
        let dashes = column + self.choose(3);
        let count = 1 + self.choose(5);
        for _ in 0..count {
            self.spaces(dashes);
            self.element(dashes, 0);
        }
        let after = self.choose(3);
        for _ in 0..after {
            self.entry(column, 3);
        }
        let tail = self.pick(&["", "", "# end\n", "...\n", "...\n# end\n", "  # end"]);
        self.write(tail);
        if self.choose(8) == 0 {
            self.text.truncate(self.text.trim_end().len());
        }
    }

    /// The end of a line, and comments and blank lines behind it.
    fn line_end(&mut self, is_comment_allowed: bool) {
        if is_comment_allowed && self.choose(6) == 0 {
            self.write(" # - c \"");
        }
        self.write("\n");
        self.between(is_comment_allowed);
    }

    /// Comments and blank lines; at column 0 alone where deeper ones could be text.
    fn between(&mut self, is_deep_allowed: bool) {
        while self.choose(6) == 1 {
            let column = if is_deep_allowed { self.choose(7) } else { 0 };
            self.spaces(column);
            let line = self.pick(&["\n", "# c\n", "#\n", "# - 'd: [\n"]);
            self.write(line);
        }
    }

    /// An element of the sequence with its dashes at `column`.
    fn element(&mut self, column: usize, depth: usize) {
        self.write("-");
        let blanks = 1 + self.choose(8).saturating_sub(5);
        match self.choose(5) {
            0 | 1 if depth < 4 => {
                self.spaces(blanks);
                self.mapping(column + 1 + blanks, depth + 1);
            }
            2 if depth < 4 => {
                self.spaces(blanks);
                self.sequence(column + 1 + blanks, depth + 1);
            }
            _ => self.value(column, false, depth),
        }
    }

    /// A mapping at `column`, where the text already stands.
    fn mapping(&mut self, column: usize, depth: usize) {
        let count = self.choose(3);
        for _ in 0..count {
            self.entry_here(column, depth);
            self.spaces(column);
        }
        self.entry_here(column, depth);
    }

    fn sequence(&mut self, column: usize, depth: usize) {
        let count = self.choose(3);
        for _ in 0..count {
            self.element(column, depth);
            self.spaces(column);
        }
        self.element(column, depth);
    }

    fn entry(&mut self, column: usize, depth: usize) {
        self.spaces(column);
        self.entry_here(column, depth);
    }

    fn entry_here(&mut self, column: usize, depth: usize) {
        self.keys += 1;
        let (open, close) =
            [("k", ""), ("k", ""), ("\"k", "\""), ("'k", "'"), ("k \"'", " "), ("-k#[", "")][self.choose(6)];
        self.write(&format!("{open}{}{close}:", self.keys));
        self.value(column, true, depth);
    }

    /// A value behind a dash or key at `column`, to the end of its last line.
    fn value(&mut self, column: usize, is_in_mapping: bool, depth: usize) {
        match self.choose(10) {
            0 => {
                self.anchors += 1;
                let anchor = format!(" &x{}", self.anchors);
                self.write(&anchor);
            }
            1 => self.write(" !!str"),
            2 if self.anchors > 0 => {
                let anchor = 1 + self.choose(self.anchors);
                self.write(&format!(" *x{anchor}"));
                return self.line_end(true);
            }
            _ => {}
        }
        let has_tag = self.text.ends_with("!!str");
        let kind = self.choose(if depth < 4 && !has_tag { 10 } else { 6 });
        if kind > 6 || kind < 5 && self.choose(4) == 0 {
            self.line_end(true);
            let deeper = column + 1 + self.choose(3);
            match kind {
                7 => {
                    self.spaces(deeper);
                    return self.mapping(deeper, depth + 1);
                }
                8 | 9 => {
                    let column = if is_in_mapping && kind == 8 { column } else { deeper };
                    self.spaces(column);
                    return self.sequence(column, depth + 1);
                }
                _ => self.spaces(deeper),
            }
        } else {
            let blanks = self.pick(&[" ", " ", "  "]);
            self.write(blanks);
        }
        match kind {
            0 | 1 => self.plain(column),
            2 => self.quoted('"'),
            3 => self.quoted('\''),
            4 => return self.block_scalar(column),
            6 => self.flow(depth),
            _ => {}
        }
        self.line_end(true);
    }

    fn plain(&mut self, column: usize) {
        let first = self.pick(&["a", "b c", "x:y", "-a", "?b", ":c", "it's", "a \"b", "a#b [", "\u{1f680}"]);
        self.write(first);
        while self.choose(4) == 1 {
            let blank = self.pick(&["\n", "\n", "\n\n", " \n   \n"]);
            self.write(blank);
            let deeper = column + 1 + self.choose(4);
            self.spaces(deeper);
            let texts = if self.choose(2) == 0 { &TEXTS[..] } else { &QUOTES[..] };
            let text = self.pick(texts);
            self.write(text);
        }
    }

    fn quoted(&mut self, quote: char) {
        self.text.push(quote);
        let count = self.choose(4);
        for _ in 0..count {
            let text = self.pick(&TEXTS);
            self.write(text);
            let more = self.pick(&[" # c", ": b", "]", "\t", if quote == '"' { "\\\"'" } else { "''\"" }, ""]);
            self.write(more);
            let end = self.pick(&["", " ", "\n", "\n\n", "\n ", if quote == '"' { "\\\n" } else { "\n\t" }]);
            self.write(end);
            // A marker ends the document even there.
            if self.text.ends_with('\n') {
                self.write("  ");
                let looks = self.pick(&[
                    "",
                    "- ",
                    "items:\n  - ",
                    "'' \"\" ".trim_matches(if quote == '"' { '"' } else { '\'' }),
                ]);
                if !looks.contains(quote) {
                    self.text.truncate(self.text.len() - 2);
                    self.write(looks);
                }
            }
        }
        if self.text.ends_with("---") {
            self.text.push('x');
        }
        self.text.push(quote);
    }

    fn block_scalar(&mut self, column: usize) {
        let header = self.pick(&["|", ">", "|-", ">+", "|+"]);
        self.write(header);
        let states_indent = self.choose(4) == 0;
        let increment = 1 + self.choose(4);
        if states_indent {
            self.write(&increment.to_string());
        }
        let comment = self.pick(&["\n", "\n", " # c\n", "  \n"]);
        self.write(comment);
        let indent = column + increment;
        let count = self.choose(5);
        for at in 0..count {
            if self.choose(5) == 0 {
                let blanks = self.choose(indent + 1);
                self.spaces(blanks);
                self.write("\n");
                continue;
            }
            self.spaces(indent);
            if at > 0 || states_indent {
                let more = self.pick(&["", "", "  ", "\t"]);
                self.write(more);
            }
            let texts = if self.choose(2) == 0 { &TEXTS[..] } else { &QUOTES[..] };
            let text = self.pick(texts);
            self.write(text);
            let more = self.pick(&["\n", "\n", " # c\n", ": \n"]);
            self.write(more);
        }
        self.between(false);
    }

    fn flow(&mut self, depth: usize) {
        let is_mapping = self.choose(2) == 0;
        self.write(if is_mapping { "{" } else { "[" });
        self.flow_blank();
        let count = self.choose(4);
        for at in 0..count {
            if at > 0 {
                self.write(",");
                self.flow_blank();
            }
            if is_mapping {
                self.keys += 1;
                let (open, close) = [("k", ": "), ("\"k", "\":"), ("'k", "' : "), ("k'\"", ": ")][self.choose(4)];
                self.write(&format!("{open}{}{close}", self.keys));
            }
            match self.choose(6) {
                0 if depth < 6 => self.flow(depth + 1),
                1 => self.quoted('"'),
                2 => self.quoted('\''),
                3 => self.write("!!str a"),
                _ => {
                    let text = self.pick(&["a", "b'c \"d", "a#b", "-a", "a\n  - \"b", "x:y", "it's\n\n\tb"]);
                    self.write(text);
                }
            }
            self.flow_blank();
        }
        self.write(if is_mapping { "}" } else { "]" });
    }

    fn flow_blank(&mut self) {
        let blank = self.pick(&["", "", " ", "\n", " # c ]}\n", "\n\n    ", "\t"]);
        self.write(blank);
    }
}
