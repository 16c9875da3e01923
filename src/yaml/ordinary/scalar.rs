//! Where scalars end.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

use super::Unsure;

/// A quoted scalar on one line.
#[derive(Clone, Copy)]
pub(super) struct Quoted {
    /// Behind the closing quote.
    pub end: usize,
    /// Whether its value is not what stands between the quotes.
    pub is_escaped: bool,
}

/// Whether a blank, a line break or nothing stands at `at`.
pub(super) fn is_blank(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b' ' | b'\n'))
}

/// The quoted scalar that begins at `start`.
pub(super) fn quoted(bytes: &[u8], start: usize) -> Result<Quoted, Unsure> {
    let is_double = bytes[start] == b'"';
    let mut is_escaped = false;
    let mut at = start + 1;
    loop {
        let rest = &bytes[at..];
        let found = if is_double { memchr3(b'"', b'\\', b'\n', rest) } else { memchr2(b'\'', b'\n', rest) };
        at += found.ok_or(Unsure)?;
        match &bytes[at..] {
            [b'\n', ..] => return Err(Unsure),
            [b'\\', escape @ ..] => at += 1 + escape_length(escape)?,
            [b'\'', b'\'', ..] => at += 2,
            _ => return Ok(Quoted { end: at + 1, is_escaped }),
        }
        is_escaped = true;
    }
}

/// The length of what follows a backslash; the escapes of JSON without `\/` and surrogates.
fn escape_length(escape: &[u8]) -> Result<usize, Unsure> {
    match escape {
        [b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] => Ok(1),
        [b'u', code @ ..] if is_character(code.get(..4).ok_or(Unsure)?) => Ok(5),
        _ => Err(Unsure),
    }
}

/// Whether four hexadecimal digits are a character, and not half of a surrogate pair.
fn is_character(digits: &[u8]) -> bool {
    let is_surrogate = matches!(digits, [b'd' | b'D', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
    digits.iter().all(u8::is_ascii_hexdigit) && !is_surrogate
}

/// Where the plain scalar that begins at `start` ends as a key; nothing when it is none.
pub(super) fn plain_key(bytes: &[u8], start: usize) -> Result<Option<usize>, Unsure> {
    begin_plain(bytes, start)?;
    let mut before = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'\n' => return Ok(None),
            b'#' if before == b' ' => return Ok(None),
            b':' if is_blank(bytes, at + 1) => return if before == b' ' { Err(Unsure) } else { Ok(Some(at)) },
            _ => before = byte,
        }
    }
    Ok(None)
}

/// Where the line of the plain scalar that begins at `start` ends, without a comment and blanks.
pub(super) fn plain_end(bytes: &[u8], start: usize) -> Result<usize, Unsure> {
    begin_plain(bytes, start)?;
    plain_rest_end(bytes, start)
}

/// Where a further line of a plain scalar ends, whose content begins at `start`.
pub(super) fn plain_rest_end(bytes: &[u8], start: usize) -> Result<usize, Unsure> {
    let mut at = start;
    loop {
        at = memchr3(b'\n', b':', b'#', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        match bytes.get(at) {
            Some(b':') if is_blank(bytes, at + 1) => return Err(Unsure),
            Some(b'#') if bytes[at - 1] == b' ' => break,
            Some(b':' | b'#') => at += 1,
            _ => break,
        }
    }
    let spaces = bytes[start..at].iter().rev().take_while(|&&byte| byte == b' ').count();
    Ok(at - spaces)
}

/// What no plain scalar begins with, or not before everything.
const INDICATORS: &[u8] = b" \t\n-?:,[]{}#&*!|>'\"%@`";

/// Makes sure that a plain scalar can begin at `at`.
fn begin_plain(bytes: &[u8], at: usize) -> Result<(), Unsure> {
    match bytes.get(at) {
        Some(b'-') if !is_blank(bytes, at + 1) => Ok(()),
        Some(byte) if !INDICATORS.contains(byte) => Ok(()),
        _ => Err(Unsure),
    }
}

/// Where the plain scalar in a flow collection ends that begins at `start`: one word without colons.
pub(super) fn flow_plain_end(bytes: &[u8], start: usize) -> Result<usize, Unsure> {
    match &bytes[start..] {
        [byte, ..] if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_') => {}
        [b'-', byte, ..] if byte.is_ascii_alphanumeric() => {}
        _ => return Err(Unsure),
    }
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b'+' | b'-');
    Ok(start + bytes[start..].iter().take_while(is_word).count())
}

/// Where the block scalar ends whose indicator stands at `at` in a collection at the column `indent`: its last line,
/// and what follows. Spaces at the very end of the text are not part of it.
pub(super) fn block_end(bytes: &[u8], at: usize, indent: usize) -> Result<Range<usize>, Unsure> {
    let mut at = header_end(bytes, at + 1)?;
    let mut widest_blank = 0;
    let column = loop {
        let spaces = spaces(bytes, at);
        match bytes.get(at + spaces) {
            None if spaces > indent => return Err(Unsure),
            None => return Ok(at..bytes.len()),
            Some(b'\n') => {
                widest_blank = widest_blank.max(spaces);
                at += spaces + 1;
            }
            Some(b'\t') => return Err(Unsure),
            Some(_) if spaces <= indent => return Ok(at..at),
            Some(_) if widest_blank > spaces => return Err(Unsure),
            Some(_) => break spaces,
        }
    };
    loop {
        let spaces = spaces(&bytes[..bytes.len().min(at + column)], at);
        match bytes.get(at + spaces) {
            None => return Ok(at..bytes.len()),
            Some(b'\n') => at += spaces + 1,
            Some(_) if spaces == column => {
                at = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line_break| at + line_break + 1);
            }
            Some(b'\t') => return Err(Unsure),
            Some(_) => return Ok(at..at),
        }
    }
}

/// Where the line of a block scalar's header ends, whose indicators begin at `at`.
fn header_end(bytes: &[u8], at: usize) -> Result<usize, Unsure> {
    let at = at + usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let after = at + spaces(bytes, at);
    match bytes.get(after) {
        None => Ok(bytes.len()),
        Some(b'\n') => Ok(after + 1),
        Some(b'#') if after > at => Ok(memchr(b'\n', &bytes[after..]).map_or(bytes.len(), |end| after + end + 1)),
        Some(_) => Err(Unsure),
    }
}

/// How many spaces stand at `at`.
fn spaces(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|&&byte| byte == b' ').count()
}
