//! Changes the text of a plain or quoted scalar and leaves the source of what stays the same as it is: its escapes, and
//! the places where it is folded.

use std::ops::Range;

use super::lines;
use super::source::Source;
use super::splice::Splice;
use crate::yaml::events::ScalarStyle;
use crate::yaml::scalar;
use crate::yaml::tree::NodeId;

/// Source bytes and the decoded bytes they stand for.
struct Piece {
    source: Range<usize>,
    decoded: Range<usize>,
    kind: PieceKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PieceKind {
    /// Bytes that stand for themselves; they can be parted.
    Text,
    /// `\n`, `''`.
    Escape,
    /// Line breaks and the spaces around them.
    Fold,
}

/// Writes `new` in the quotes, or without them, that hold `old`; `None` when that is not known to work.
pub(super) fn rewrite(source: &Source, node: NodeId, style: ScalarStyle, old: &str, new: &str) -> Option<Vec<Splice>> {
    let (start, end) = (source.content_start(node), source.end(node));
    let quotes = usize::from(style != ScalarStyle::Plain);
    let body = start + quotes..end.checked_sub(quotes)?;
    let context = source.context_of(node);
    let is_possible = match style {
        ScalarStyle::DoubleQuoted => true,
        ScalarStyle::SingleQuoted => new.chars().all(|c| c == '\n' || scalar::is_printable(c)),
        _ => scalar::is_plain(&new.replace('\n', " "), context),
    };
    if !is_possible || source.text.get(body.clone()).is_none_or(str::is_empty) {
        return None;
    }
    let pieces = pieces(source.text, body.clone(), style);
    if pieces.last()?.decoded.end != old.len() {
        return None;
    }
    let indent = pieces.iter().find(|piece| piece.kind == PieceKind::Fold).map(|piece| {
        let fold = &source.text[piece.source.clone()];
        fold.rsplit('\n').next().unwrap_or_default()
    });
    let mut splices = Vec::new();
    for (range, text) in lines::changes(old, new) {
        // What is only a part of an escape or a fold is written anew with all of it.
        let range_start = pieces.iter().find(|piece| piece.cuts(range.start)).map_or(range.start, |p| p.decoded.start);
        let range_end = pieces.iter().find(|piece| piece.cuts(range.end)).map_or(range.end, |p| p.decoded.end);
        let text = format!("{}{text}{}", old.get(range_start..range.start)?, old.get(range.end..range_end)?);
        let (from, after_fold) = position(&pieces, range_start, body.start);
        let (to, _) = position(&pieces, range_end, body.start);
        if from > to {
            return None;
        }
        let before_fold = pieces.iter().any(|piece| piece.kind == PieceKind::Fold && piece.source.start == to);
        let written = match style {
            ScalarStyle::DoubleQuoted => double_quoted(&text, after_fold, before_fold),
            ScalarStyle::SingleQuoted => folded(&text.replace('\'', "''"), source.newline, indent)?,
            _ => folded(&text, source.newline, indent)?,
        };
        splices.push(Splice::new(from..to, written));
    }
    Some(splices)
}

impl Piece {
    /// Whether `at` lies inside of a piece that cannot be parted.
    fn cuts(&self, at: usize) -> bool {
        self.kind != PieceKind::Text && self.decoded.start < at && at < self.decoded.end
    }
}

/// Where a decoded byte stands in the source, and whether a fold ends there.
fn position(pieces: &[Piece], at: usize, start: usize) -> (usize, bool) {
    let piece = pieces.iter().find(|piece| piece.decoded.start < at && at <= piece.decoded.end);
    piece.map_or((start, false), |piece| match piece.kind {
        PieceKind::Text => (piece.source.start + (at - piece.decoded.start), false),
        PieceKind::Escape => (piece.source.end, false),
        PieceKind::Fold => (piece.source.end, true),
    })
}

/// Text between double quotes; spaces that would be folded away are escaped.
fn double_quoted(text: &str, after_fold: bool, before_fold: bool) -> String {
    let mut out = scalar::string_in_quotes(text);
    if before_fold && out.ends_with(' ') {
        out.insert(out.len() - 1, '\\');
    }
    if after_fold && out.starts_with(' ') {
        out.insert(0, '\\');
    }
    out
}

/// Text whose line breaks are written as folds; `None` for what folding does not keep.
fn folded(text: &str, newline: &str, indent: Option<&str>) -> Option<String> {
    if !text.contains('\n') {
        return Some(text.to_owned());
    }
    let (indent, mut out) = (indent?, String::new());
    let mut rest = text;
    while let Some(at) = rest.find('\n') {
        let breaks = rest[at..].len() - rest[at..].trim_start_matches('\n').len();
        out.push_str(&rest[..at]);
        (0..=breaks).for_each(|_| out.push_str(newline));
        out.push_str(indent);
        rest = &rest[at + breaks..];
    }
    out.push_str(rest);
    Some(out)
}

/// Takes the source of a plain or quoted scalar, without its quotes, apart.
fn pieces(text: &str, body: Range<usize>, style: ScalarStyle) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = body.start;
    let mut decoded = 0;
    while at < body.end {
        let (kind, length, stands_for) = piece(&text[at..body.end], style);
        let next = decoded + stands_for;
        match pieces.last_mut() {
            Some(last) if kind == PieceKind::Text && last.kind == PieceKind::Text => {
                last.source.end += length;
                last.decoded.end = next;
            }
            _ => pieces.push(Piece { source: at..at + length, decoded: decoded..next, kind }),
        }
        at += length;
        decoded = next;
    }
    pieces
}

/// The piece that `rest` begins with: what it is, how many bytes it has, and how many it stands for.
fn piece(rest: &str, style: ScalarStyle) -> (PieceKind, usize, usize) {
    let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    let breaks = rest[..blank].matches('\n').count();
    if breaks > 0 {
        return (PieceKind::Fold, blank, if breaks == 1 { 1 } else { breaks - 1 });
    }
    if style == ScalarStyle::SingleQuoted && rest.starts_with("''") {
        return (PieceKind::Escape, 2, 1);
    }
    let Some(escape) = rest.strip_prefix('\\').filter(|_| style == ScalarStyle::DoubleQuoted) else {
        let first = rest.chars().next().map_or(1, char::len_utf8);
        return (PieceKind::Text, first, first);
    };
    let digits = match escape.bytes().next() {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(b'\r' | b'\n') => {
            let blank = escape.len() - escape.trim_start_matches([' ', '\t', '\r', '\n']).len();
            // A carriage return alone breaks a line too; such text is left to the other ways to write it.
            return (PieceKind::Fold, 1 + blank, escape[..blank].matches('\n').count().saturating_sub(1));
        }
        Some(b'N' | b'_') => return (PieceKind::Escape, 2, 2),
        Some(b'L' | b'P') => return (PieceKind::Escape, 2, 3),
        // A rare line break stands for nothing; such text is left to the other ways, too.
        _ => return (PieceKind::Escape, 1 + escape.chars().next().map_or(0, char::len_utf8), 1),
    };
    let code = escape.get(1..=digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    (PieceKind::Escape, 2 + digits, code.and_then(char::from_u32).map_or(0, char::len_utf8))
}
