//! Lines, blanks and headers in the text of YAML: what every reader and writer here agrees on.
//!
//! Two things break lines. LF does, alone or behind CR, and is what nearly all text has. Go and libyaml also break at a
//! lone CR, at NEL, LS and PS: the functions named `any_…` see those as well.

use std::fmt;
use std::ops::Range;

use memchr::{memchr, memchr3_iter};

/// It cannot be told from the text alone how libyaml reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsure;

/// Stands for the byte behind the last; libyaml forbids it in a text.
pub(super) const END: u8 = 0;

/// The byte-order mark.
pub(super) const BOM: &str = "\u{feff}";

/// Blanks and line breaks as YAML knows them; other white space is content.
pub(super) const WHITE: [char; 7] = [' ', '\t', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

/// The byte at `at`; [`END`] behind the last.
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(END)
}

/// Whether a token ends before `byte`: a blank, a line break, or the end.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | END)
}

/// How many spaces there are at `at`.
pub(super) fn spaces(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|&&byte| byte == b' ').count()
}

/// The first byte from `at` on that is neither space nor tab.
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Where the line of `at` ends, behind its LF.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line_break| at + line_break + 1)
}

/// A line without its LF or CRLF.
pub(super) fn without_break(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// The line break that `text` uses, by its first line.
pub(super) fn line_break(text: &str) -> &'static str {
    match memchr(b'\n', text.as_bytes()) {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// The first line break that is neither LF nor CRLF.
pub(super) fn rare_break(bytes: &[u8]) -> Option<usize> {
    memchr3_iter(b'\r', 0xC2, 0xE2, bytes).find(|&at| match &bytes[at..] {
        [b'\r', rest @ ..] => rest.first() != Some(&b'\n'),
        rest => matches!(rest, [0xC2, 0x85, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..]),
    })
}

/// The length of the line break of any kind that `bytes` begins with, or 0.
fn any_break_length(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] | [0xC2, 0x85, ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        [0xE2, 0x80, 0xA8 | 0xA9, ..] => 3,
        _ => 0,
    }
}

/// Where the line of `at` ends, behind its line break of any kind.
pub(super) fn any_line_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = at;
    while end < bytes.len() {
        let length = any_break_length(&bytes[end..]);
        if length > 0 {
            return end + length;
        }
        end += 1;
    }
    end
}

/// Where the line of `at` begins, behind a line break of any kind or a byte-order mark.
pub(super) fn any_line_start(text: &str, at: usize) -> usize {
    let mut start = at;
    while start > 0 && !is_any_line_start(text, start) {
        start -= 1;
    }
    start
}

/// Whether a line begins at `at`, behind a line break of any kind or a byte-order mark.
pub(super) fn is_any_line_start(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let inside_crlf = at > 0 && bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n');
    at == 0
        || !inside_crlf && matches!(bytes[..at], [.., b'\n' | b'\r'] | [.., 0xC2, 0x85] | [.., 0xE2, 0x80, 0xA8 | 0xA9])
        || at == BOM.len() && text.starts_with(BOM)
}

/// Where the next token begins, behind blanks, line breaks of any kind and comments.
pub(super) fn skip_trivia(text: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        at = text.len() - text[at..].trim_start_matches(WHITE).len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at = any_line_end(text, at);
    }
}

/// Where the anchor and the tag end that begin at `at`; `at` without them.
pub(super) fn properties_end(text: &str, at: usize) -> usize {
    let mut end = at;
    let mut next = at;
    while text[next..].starts_with(['&', '!']) {
        end = next + text[next..].find(WHITE).unwrap_or(text.len() - next);
        next = skip_trivia(text, end);
    }
    end
}

/// The header of a block scalar: `|` or `>`, by how much it is indented, and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// `|` or `>`.
    pub(super) style: u8,
    /// By how many columns the text is deeper than its collection, where the header says so.
    pub(super) indicator: Option<u8>,
    /// `-` for no line break at the end, `+` for all of them.
    pub(super) chomping: Option<u8>,
}

impl Header {
    /// Reads the header at `at`, and where it ends; what follows is not looked at.
    pub(super) fn read(bytes: &[u8], at: usize) -> Option<(Self, Range<usize>)> {
        let style = byte(bytes, at);
        let mut header = Self { style, indicator: None, chomping: None };
        let mut end = at + 1;
        loop {
            match byte(bytes, end) {
                digit @ b'1'..=b'9' if header.indicator.is_none() => header.indicator = Some(digit - b'0'),
                sign @ (b'+' | b'-') if header.chomping.is_none() => header.chomping = Some(sign),
                _ => break,
            }
            end += 1;
        }
        matches!(style, b'|' | b'>').then_some((header, at..end))
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = [Some(self.style), self.indicator.map(|step| step + b'0'), self.chomping];
        written.into_iter().flatten().try_for_each(|byte| write!(f, "{}", char::from(byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_where_go_ends_them() {
        for (text, ends) in
            [("a\nb", &[2, 3][..]), ("a\r\nb\rc", &[3, 5, 6]), ("a\u{85}b\u{2028}c\u{2029}", &[3, 7, 11]), ("", &[])]
        {
            let mut at = 0;
            let found = std::iter::from_fn(|| {
                (at < text.len()).then(|| {
                    at = any_line_end(text, at);
                    at
                })
            });
            assert_eq!(found.collect::<Vec<_>>(), ends, "{text:?}");
        }
        assert_eq!(any_line_start("a\r\n", 2), 0, "CR LF is one line break");
        assert_eq!(any_line_start("\u{feff}ab", 4), 3);
        assert_eq!(line_end(b"a\rb\nc", 0), 4);
        assert_eq!(rare_break("a\r\n\u{c0}\u{2027}b\u{85}".as_bytes()), Some(9));
    }

    #[test]
    fn tokens_begin_behind_comments_and_properties() {
        let text = " # c\n\u{85}&a # d\n !!str x";
        assert_eq!(skip_trivia(text, 0), 7);
        assert_eq!(&text[properties_end(text, 7)..], " x");
        assert_eq!(properties_end("a", 0), 0);
    }

    #[test]
    fn headers_are_written_as_they_are_read() {
        for (text, header) in [("|", "|"), (">2- # c", ">2-"), ("|+1\n", "|1+"), ("|0", "|"), ("|--", "|-")] {
            let (read, range) = Header::read(text.as_bytes(), 0).unwrap();
            assert_eq!(read.to_string(), header);
            assert_eq!(range.end, header.len());
        }
        assert_eq!(Header::read(b"a", 0), None);
    }
}
