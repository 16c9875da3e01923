//! Changes the text of a literal or folded block and leaves the lines that stay the same as they are.

use std::fmt;
use std::ops::Range;

use super::lines::kept;
use super::source::Source;
use super::splice::Splice;
use crate::yaml::scalar::{is_literal, needs_indicator};
use crate::yaml::tree::NodeId;

/// Writes `new` in the block that holds `old`; `None` when the block cannot carry it.
pub(super) fn rewrite(source: &Source, node: NodeId, old: &str, new: &str) -> Option<Vec<Splice>> {
    if !is_literal(new) {
        return None;
    }
    let range = source.header_range(node)?;
    let header = Header::parse(&source.text[range.clone()])?;
    let body = Body::read(source, node, header, old)?;
    let (core, breaks) = split_breaks(new);
    let chomping = match breaks {
        0 if body.is_open => header.chomping,
        0 => Some('-'),
        _ if header.chomping == Some('+') => Some('+'),
        1 => None,
        _ => Some('+'),
    };
    let indicator = match header.indicator {
        None if needs_indicator(new) => Some(step(body.indent, base(source, node))?),
        written => written,
    };
    let mut lines = body.lines(source, old, core, header.style == '>');
    match (header.chomping, chomping) {
        _ if breaks == 0 && body.is_open => lines.truncate(lines.trim_end_matches(['\r', '\n']).len()),
        (Some('+'), Some('+')) if breaks == split_breaks(old).1 => lines.push_str(body.blank_end(source)),
        (_, Some('+')) => (1..breaks).for_each(|_| lines.push_str(source.newline)),
        // The blank lines at the end were text and no longer are.
        (Some('+'), _) => {}
        _ => lines.push_str(body.blank_end(source)),
    }
    if body.range.is_empty() && !source.text[..body.range.start].ends_with('\n') {
        lines.insert_str(0, source.newline);
    }
    let mut splices = vec![Splice::new(body.range.clone(), lines)];
    let new_header = Header { indicator, chomping, ..header };
    if new_header != header {
        splices.push(Splice::new(range, new_header.to_string()));
    }
    Some(splices)
}

/// The header of a block: `|` or `>`, by how much it is indented, and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    style: char,
    indicator: Option<char>,
    chomping: Option<char>,
}

impl Header {
    fn parse(written: &str) -> Option<Self> {
        let style = written.chars().next()?;
        let (mut indicator, mut chomping) = (None, None);
        for c in written.chars().skip(1) {
            match c {
                '1'..='9' => indicator = Some(c),
                '+' | '-' => chomping = Some(c),
                _ => return None,
            }
        }
        Some(Self { style, indicator, chomping })
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        [Some(self.style), self.indicator, self.chomping].into_iter().flatten().try_for_each(|c| write!(f, "{c}"))
    }
}

/// The lines of a block and how they are indented.
struct Body {
    range: Range<usize>,
    /// Spaces before every line.
    indent: usize,
    /// Where the source lines stand, line breaks included.
    lines: Vec<Range<usize>>,
    /// The source lines of each decoded line: one in a literal block; several that are folded, or none for an empty
    /// one, in a folded block.
    groups: Vec<Range<usize>>,
    /// Whether the text ends with this block, without a line break.
    is_open: bool,
}

impl Body {
    fn read(source: &Source, node: NodeId, header: Header, old: &str) -> Option<Self> {
        let start = source.next_line(source.header_range(node)?.end);
        let range = start..source.tree[node].span.end.max(start);
        let is_open = range.end == source.text.len() && !source.text.ends_with('\n');
        let mut at = start;
        let lines = source.text[range.clone()].split_inclusive('\n').map(|line| {
            at += line.len();
            at - line.len()..at
        });
        let lines: Vec<_> = lines.collect();
        let bare: Vec<_> = lines.iter().map(|line| without_break(&source.text[line.clone()])).collect();
        let (core, _) = split_breaks(old);
        let indent = match core.split('\n').find(|line| !is_blank(line)) {
            Some(first) => {
                let line = bare.iter().find(|line| !is_blank(line))?;
                leading_spaces(line).checked_sub(leading_spaces(first))?
            }
            None => base(source, node) + header.indicator.map_or(2, |digit| usize::from(digit as u8 - b'0')),
        };
        // A line that holds no more than its indentation is empty.
        let contents: Vec<_> = bare.iter().map(|line| &line[leading_spaces(line).min(indent)..]).collect();
        let groups = if header.style == '>' {
            folded_groups(&contents, core)?
        } else {
            let is_same = core.split('\n').enumerate().all(|(index, line)| contents.get(index) == Some(&line));
            is_same.then(|| (0..core.split('\n').count()).map(|index| index..index + 1).collect())?
        };
        Some(Self { range, indent, lines, groups, is_open })
    }

    /// The source of the blank lines that the block ends with.
    fn blank_end<'t>(&self, source: &Source<'t>) -> &'t str {
        let last = self.groups.iter().rev().find(|group| !group.is_empty());
        let start = last.map_or(self.range.start, |group| self.lines[group.end - 1].end);
        &source.text[start..self.range.end]
    }

    /// The source of `new`, which does not end with a line break.
    fn lines(&self, source: &Source, old: &str, new: &str, is_folded: bool) -> String {
        let old: Vec<&str> = split_breaks(old).0.split('\n').collect();
        let new: Vec<&str> = new.split('\n').collect();
        let kept = kept(&old, &new);
        let mut out = String::new();
        let mut before: Option<usize> = None;
        for (index, line) in new.iter().enumerate() {
            if is_folded {
                if line.is_empty() {
                    continue;
                }
                self.fold(source, &mut out, &new, &kept, before..Some(index));
                before = Some(index);
            }
            match kept[index] {
                Some(kept) => self.copy(source, &mut out, kept),
                None => self.write(source, &mut out, line),
            }
        }
        out
    }

    /// Writes what stands in a folded block between two lines, or before the first.
    fn fold(
        &self,
        source: &Source,
        out: &mut String,
        new: &[&str],
        kept: &[Option<usize>],
        between: Range<Option<usize>>,
    ) {
        let Range { start: before, end: Some(here) } = between else { return };
        let is_kept = match before {
            Some(before) => (before..here).all(|at| kept[at].map(|old| old + 1) == kept[at + 1] && kept[at].is_some()),
            None => kept[here] == Some(here),
        };
        if let (true, Some(old)) = (is_kept, kept[here]) {
            let above = before.and_then(|before| kept[before]);
            let start = above.map_or(self.range.start, |above| self.lines[self.groups[above].end - 1].end);
            out.push_str(&source.text[start..self.lines[self.groups[old].start].start]);
            return;
        }
        // One line break more is needed where the first would be folded to a space, which it is not next to lines that
        // are indented.
        let is_flush = |at: usize| !new[at].starts_with([' ', '\t']);
        let folds = before.is_some_and(|before| is_flush(before) && is_flush(here));
        let empty = here - before.map_or(0, |before| before + 1) + usize::from(folds);
        (0..empty).for_each(|_| out.push_str(source.newline));
    }

    /// Writes the source of a line as it is.
    fn copy(&self, source: &Source, out: &mut String, line: usize) {
        let group = &self.groups[line];
        out.push_str(&source.text[self.lines[group.start].start..self.lines[group.end - 1].end]);
        if !out.ends_with('\n') {
            out.push_str(source.newline);
        }
    }

    /// Writes a new line.
    fn write(&self, source: &Source, out: &mut String, line: &str) {
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', self.indent));
            out.push_str(line);
        }
        out.push_str(source.newline);
    }
}

/// For each line of the decoded text of a folded block, the source lines it was folded from.
fn folded_groups(contents: &[&str], core: &str) -> Option<Vec<Range<usize>>> {
    let mut groups = Vec::new();
    let mut next = 0;
    for decoded in core.split('\n') {
        if decoded.is_empty() {
            groups.push(next..next);
            continue;
        }
        while contents.get(next)?.is_empty() {
            next += 1;
        }
        let start = next;
        let mut folded = contents[next].to_owned();
        next += 1;
        while folded.len() < decoded.len() {
            folded.push(' ');
            folded.push_str(contents.get(next)?);
            next += 1;
        }
        if folded != decoded {
            return None;
        }
        groups.push(start..next);
    }
    Some(groups)
}

/// The indentation indicator for lines at column `indent` in a collection at column `base`.
fn step(indent: usize, base: usize) -> Option<char> {
    let step = u32::try_from(indent.checked_sub(base)?).ok()?;
    char::from_digit(step, 10).filter(|&digit| digit != '0')
}

/// The column that indentation indicators count from: that of the block collection around the scalar.
fn base(source: &Source, node: NodeId) -> usize {
    let mut parent = source.tree[node].parent;
    while let Some(id) = parent {
        if source.is_block_collection(id) {
            return source.collection_column(id).unwrap_or(0);
        }
        parent = source.tree[id].parent;
    }
    0
}

/// A text without the line breaks it ends with, and how many those are.
fn split_breaks(text: &str) -> (&str, usize) {
    let core = text.trim_end_matches('\n');
    (core, text.len() - core.len())
}

fn without_break(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

fn is_blank(line: &str) -> bool {
    line.trim_matches([' ', '\t']).is_empty()
}

fn leading_spaces(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
