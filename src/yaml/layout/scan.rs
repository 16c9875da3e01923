//! Reads block YAML line by line, only as far as it must to know which lines begin keys and list entries.
//!
//! It is no validator. Where libyaml accepts a text, this scanner sees the same lines or says that it is not sure;
//! where libyaml refuses one, what it sees means nothing. Columns and indentation follow libyaml's scanner.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

use crate::yaml::events::MAX_DEPTH;
use crate::yaml::text::{self, BOM, Header, Unsure, is_blank, spaces};

/// A line that begins a key or a list entry, or stands alone as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Where the content before this line ends: behind its line break, before comments and blank lines.
    pub gap: usize,
    /// Where the line begins.
    pub start: usize,
    /// How many spaces it begins with.
    pub column: usize,
    /// How many dashes follow.
    pub dashes: usize,
    /// The key that follows, unless an anchor or a tag stands before it.
    pub key: Option<Key>,
}

/// A key of a block mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Where the key begins, its quote included.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Where the colon ends.
    pub value: usize,
    /// The column of the mapping it is a key of.
    pub column: usize,
}

impl Key {
    /// Whether the key reads as `name`; a key with escapes does not tell.
    pub fn is(&self, bytes: &[u8], name: &str) -> Result<bool, Unsure> {
        let key = &bytes[self.start..self.end];
        match key {
            [b'"', .., b'"'] | [b'\'', .., b'\''] => {
                let inner = &key[1..key.len() - 1];
                if memchr2(b'\\', b'\'', inner).is_some() { Err(Unsure) } else { Ok(inner == name.as_bytes()) }
            }
            _ => Ok(key == name.as_bytes()),
        }
    }
}

/// What may follow the line that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A key or an entry.
    Entry,
    /// The value of the last key or entry, deeper than it.
    Value,
    /// The rest of a plain scalar, deeper than its collection.
    Rest,
}

/// The lines of a block document, or of one item of a block sequence.
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    bytes: &'a [u8],
    /// Where the next line begins.
    at: usize,
    /// The column of the innermost collection of the last line; -1 before the first.
    indent: isize,
    expected: Expected,
    content_end: usize,
}

impl<'a> Scanner<'a> {
    /// Starts on a text without byte-order mark and document markers.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, indent: -1, expected: Expected::Value, content_end: 0 }
    }

    /// Starts on a document, behind its byte-order mark and `---`.
    pub fn of_document(bytes: &'a [u8]) -> Result<Self, Unsure> {
        let mut scanner = Self::new(bytes);
        if bytes.starts_with(BOM.as_bytes()) {
            scanner.at = BOM.len();
        }
        let mut at = scanner.at;
        loop {
            let first = at + spaces(bytes, at);
            match scanner.byte(first) {
                b'\n' | b'\r' | b'#' => at = scanner.line_end(first),
                b'-' if first == at && bytes[at..].starts_with(b"---") && is_blank(scanner.byte(at + 3)) => {
                    scanner.at = scanner.finished(scanner.skip_blanks(at + 3))?;
                    break;
                }
                _ => break,
            }
        }
        scanner.content_end = scanner.at;
        Ok(scanner)
    }

    /// Where the content that was read ends.
    pub fn content_end(&self) -> usize {
        self.content_end
    }

    /// Where the lines that were read end; at the end that is the end of the document, `...` excluded.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether the last line leaves its value to the next.
    pub fn expects_value(&self) -> bool {
        self.expected == Expected::Value
    }

    /// Reads the next line that is no comment, blank or part of a scalar or flow collection begun before.
    pub fn line(&mut self) -> Result<Option<Line>, Unsure> {
        loop {
            let start = self.at;
            let first = start + spaces(self.bytes, start);
            match self.byte(first) {
                0 if first == self.bytes.len() => return Ok(None),
                b'\n' | b'\r' => self.at = self.line_end(first),
                b'#' => {
                    self.at = self.line_end(first);
                    // A comment ends a plain scalar.
                    if self.expected == Expected::Rest {
                        self.expected = Expected::Entry;
                    }
                }
                b'\t' => return Err(Unsure),
                _ if self.expected == Expected::Rest && as_column(first - start) > self.indent => {
                    self.at = self.line_end(first);
                    self.content_end = self.at;
                }
                byte if first == start && self.is_marker(start, byte)? => return Ok(None),
                _ => return self.content_line(start, first).map(Some),
            }
        }
    }

    /// Whether the document ends at this line; anything else that means something at column 0 alone is not known.
    fn is_marker(&self, start: usize, byte: u8) -> Result<bool, Unsure> {
        let rest = &self.bytes[start..];
        match byte {
            b'%' => Err(Unsure),
            0xEF if rest.starts_with(BOM.as_bytes()) => Err(Unsure),
            b'-' if rest.starts_with(b"---") && is_blank(self.byte(start + 3)) => Err(Unsure),
            b'.' if rest.starts_with(b"...") && is_blank(self.byte(start + 3)) => {
                let mut at = self.finished(self.skip_blanks(start + 3))?;
                while at < self.bytes.len() {
                    at = self.finished(at + spaces(self.bytes, at))?;
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn content_line(&mut self, start: usize, first: usize) -> Result<Line, Unsure> {
        let mut line = Line { gap: self.content_end, start, column: first - start, dashes: 0, key: None };
        let expects_value = self.expected == Expected::Value;
        // libyaml takes a block scalar, and no other scalar, at the column of the collection it belongs to.
        let is_block_scalar_allowed = expects_value && as_column(line.column) >= self.indent;
        let mut is_value_allowed = expects_value && as_column(line.column) > self.indent;
        let mut is_key_allowed = true;
        let mut has_properties = false;
        let mut node = first;
        let mut at = first;
        self.expected = Expected::Value;
        loop {
            let byte = self.byte(at);
            match byte {
                b'\n' | b'\r' | b'#' => break,
                0 if at == self.bytes.len() => break,
                b'-' if is_blank(self.byte(at + 1)) => {
                    if !is_key_allowed || has_properties {
                        return Err(Unsure);
                    }
                    self.indent = as_column(at - start);
                    line.dashes += 1;
                    at += 1;
                    at += spaces(self.bytes, at);
                    if self.byte(at) == b'\t' {
                        return Err(Unsure);
                    }
                    node = at;
                    is_value_allowed = true;
                }
                b'?' | b':' if is_blank(self.byte(at + 1)) => return Err(Unsure),
                b'&' | b'!' => {
                    if !is_value_allowed && !is_key_allowed {
                        return Err(Unsure);
                    }
                    at = if byte == b'&' { self.anchor_end(at)? } else { self.word_end(at) };
                    at = self.skip_blanks(at);
                    has_properties = true;
                    if self.finished(at).is_ok() && !is_value_allowed {
                        return Err(Unsure);
                    }
                }
                b'|' | b'>' => {
                    if !(is_value_allowed || is_block_scalar_allowed && at == first) {
                        return Err(Unsure);
                    }
                    self.at = self.block_scalar_end(at)?;
                    self.content_end = self.at;
                    self.expected = Expected::Entry;
                    return Ok(line);
                }
                b'%' | b'@' | b'`' | b',' | b']' | b'}' => return Err(Unsure),
                _ => {
                    let end = match byte {
                        b'"' | b'\'' => self.quoted_end(at)?,
                        b'[' | b'{' => self.flow_end(at)?,
                        b'*' => self.anchor_end(at)?,
                        _ if is_key_allowed => self.plain_end(at),
                        _ => at,
                    };
                    let after = self.skip_blanks(end);
                    let is_key = is_key_allowed && self.byte(after) == b':' && is_blank(self.byte(after + 1));
                    if is_key {
                        if matches!(byte, b'[' | b'{' | b'*') || memchr(b'\n', &self.bytes[at..end]).is_some() {
                            return Err(Unsure);
                        }
                        let column = node - start;
                        self.indent = as_column(column);
                        line.key = (!has_properties).then_some(Key { start: at, end, value: after + 1, column });
                        at = self.skip_blanks(after + 1);
                        node = at;
                        is_key_allowed = false;
                        is_value_allowed = true;
                        has_properties = false;
                        continue;
                    }
                    if !is_value_allowed {
                        return Err(Unsure);
                    }
                    let is_plain = !matches!(byte, b'"' | b'\'' | b'[' | b'{' | b'*');
                    self.at = if is_plain { self.line_end(end) } else { self.finished(after)? };
                    self.content_end = self.at;
                    self.expected = if is_plain { Expected::Rest } else { Expected::Entry };
                    return Ok(line);
                }
            }
        }
        self.at = self.line_end(at);
        self.content_end = self.at;
        Ok(line)
    }

    /// Where the value stands that begins behind white space at `at` and is written like JSON's; what is in brackets may
    /// be anything in flow style.
    pub fn json_value(&self, at: usize) -> Result<Range<usize>, Unsure> {
        let start = self.skip_white(at);
        let end = match self.byte(start) {
            b'"' => self.quoted_end(start)?,
            b'[' | b'{' => self.flow_end(start)?,
            byte => {
                let mut end = start + usize::from(byte == b'-');
                // What has no digit or letter here could be a marker.
                if !self.byte(end).is_ascii_alphanumeric() {
                    return Err(Unsure);
                }
                while self.byte(end).is_ascii_alphanumeric() || matches!(self.byte(end), b'.' | b'+' | b'-') {
                    end += 1;
                }
                end
            }
        };
        Ok(start..end)
    }

    /// The byte at `at`; 0 behind the end, where libyaml sees a NUL.
    pub fn byte(&self, at: usize) -> u8 {
        text::byte(self.bytes, at)
    }

    /// Where the line of `at` ends, behind its line break.
    fn line_end(&self, at: usize) -> usize {
        text::line_end(self.bytes, at)
    }

    /// Where the line of `at` ends, when nothing but a comment follows.
    fn finished(&self, at: usize) -> Result<usize, Unsure> {
        match self.byte(at) {
            b'\n' | b'\r' | b'#' => Ok(self.line_end(at)),
            0 if at >= self.bytes.len() => Ok(self.bytes.len()),
            _ => Err(Unsure),
        }
    }

    /// The first byte from `at` on that is no blank and no line break.
    pub fn skip_white(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\t' | b'\n' | b'\r') {
            at += 1;
        }
        at
    }

    fn skip_blanks(&self, at: usize) -> usize {
        text::skip_blanks(self.bytes, at)
    }

    fn word_end(&self, mut at: usize) -> usize {
        while !is_blank(self.byte(at)) {
            at += 1;
        }
        at
    }

    /// The end of `&name` or `*name`.
    fn anchor_end(&self, at: usize) -> Result<usize, Unsure> {
        let end = self.name_end(at + 1);
        if is_blank(self.byte(end)) { Ok(end) } else { Err(Unsure) }
    }

    fn name_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_ascii_alphanumeric() || matches!(self.byte(at), b'-' | b'_') {
            at += 1;
        }
        at
    }

    /// The end of a quoted scalar, behind the closing quote.
    fn quoted_end(&self, at: usize) -> Result<usize, Unsure> {
        let quote = self.byte(at);
        let mut at = at + 1;
        loop {
            let rest = self.bytes.get(at..).ok_or(Unsure)?;
            let found = if quote == b'"' { memchr2(b'"', b'\\', rest) } else { memchr(b'\'', rest) };
            at += found.ok_or(Unsure)?;
            let is_escape = self.byte(at) == b'\\' || quote == b'\'' && self.byte(at + 1) == b'\'';
            if !is_escape {
                return Ok(at + 1);
            }
            at += 2;
        }
    }

    /// The end of the part of a plain scalar that may be a key: at `: `, ` #` or the line break.
    fn plain_end(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(found) = memchr2(b':', b'\n', &self.bytes[at..]) {
            at += found;
            if self.bytes[at] == b'\n' {
                return at;
            }
            if is_blank(self.byte(at + 1)) {
                let key = &self.bytes[start..at];
                let comment = memchr_iter(b'#', key).find(|&hash| hash > 0 && matches!(key[hash - 1], b' ' | b'\t'));
                let end = comment.map_or(at, |hash| start + hash);
                return end - key[..end - start].iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            }
            at += 1;
        }
        self.bytes.len()
    }

    /// The end of a flow collection, behind its closing bracket.
    fn flow_end(&self, mut at: usize) -> Result<usize, Unsure> {
        let mut depth = 0;
        loop {
            match self.byte(at) {
                b'[' | b'{' => {
                    depth += 1;
                    if depth > MAX_DEPTH {
                        return Err(Unsure);
                    }
                    at += 1;
                }
                b']' | b'}' => {
                    depth -= 1;
                    at += 1;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' => at += 1,
                b'#' => at = self.line_end(at),
                b'"' | b'\'' => at = self.quoted_end(at)?,
                b'&' | b'*' => at = self.name_end(at + 1),
                b'!' => {
                    while matches!(self.byte(at), b'!' | b'/' | b'.' | b':') || self.name_end(at) > at {
                        at = self.name_end(at + 1);
                    }
                    if !is_blank(self.byte(at)) && self.byte(at) != b',' {
                        return Err(Unsure);
                    }
                }
                b'-' if is_blank(self.byte(at + 1)) => return Err(Unsure),
                0 | b'?' | b'|' | b'>' | b'%' | b'@' | b'`' | 0xEF => return Err(Unsure),
                _ => at = self.flow_plain_end(at)?,
            }
        }
    }

    /// The end of a plain scalar inside a flow collection, which may go on over blanks and lines.
    fn flow_plain_end(&self, mut at: usize) -> Result<usize, Unsure> {
        loop {
            loop {
                match self.byte(at) {
                    b' ' | b'\t' | b'\n' | b'\r' => break,
                    b',' | b'[' | b']' | b'{' | b'}' => return Ok(at),
                    b':' => match self.byte(at + 1) {
                        b',' | b'?' | b'[' | b']' | b'{' | b'}' => return Err(Unsure),
                        next if is_blank(next) => return Ok(at),
                        _ => at += 1,
                    },
                    0 => return Err(Unsure),
                    _ => at += 1,
                }
            }
            at = self.skip_white(at);
            if self.byte(at) == b'#' {
                return Ok(at);
            }
        }
    }

    /// The end of a block scalar: where the first line begins that is neither blank nor indented far enough.
    fn block_scalar_end(&self, at: usize) -> Result<usize, Unsure> {
        let (header, Range { end, .. }) = Header::read(self.bytes, at).ok_or(Unsure)?;
        let mut at = self.finished(self.skip_blanks(end))?;
        let indent = match header.indicator {
            Some(step) => usize::try_from(self.indent).unwrap_or(0) + usize::from(step),
            None => self.detected_indent(at)?,
        };
        loop {
            let content = at + self.bytes[at..].iter().take(indent).take_while(|&&byte| byte == b' ').count();
            match self.byte(content) {
                0 if content == self.bytes.len() => return Ok(at),
                b'\n' | b'\r' => at = self.line_end(content),
                _ if content - at == indent => at = self.line_end(content),
                b'\t' => return Err(Unsure),
                _ => return Ok(at),
            }
        }
    }

    /// The indentation of a block scalar that does not state it. libyaml counts the blank lines at its head, too.
    fn detected_indent(&self, mut at: usize) -> Result<usize, Unsure> {
        let mut widest = usize::try_from(self.indent + 1).unwrap_or(0).max(1);
        loop {
            let column = spaces(self.bytes, at);
            widest = widest.max(column);
            match self.byte(at + column) {
                b'\n' | b'\r' => at = self.line_end(at + column),
                b'\t' => return Err(Unsure),
                _ => return Ok(widest),
            }
        }
    }
}

fn as_column(column: usize) -> isize {
    isize::try_from(column).unwrap_or(isize::MAX)
}
