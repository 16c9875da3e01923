//! Changes the text of a literal or folded block and leaves the lines that stay the same as they are.

use std::ops::Range;

use super::lines::kept;
use super::source::Source;
use super::splice::Splice;
use crate::yaml::scalar::{is_literal, needs_indicator};
use crate::yaml::text::{Header, spaces, without_break};
use crate::yaml::tree::NodeId;

/// Writes `new` in the block that holds `old`; `None` when the block cannot carry it.
pub(super) fn rewrite(source: &Source, node: NodeId, old: &str, new: &str) -> Option<Vec<Splice>> {
    if !is_literal(new) {
        return None;
    }
    let (header, range) = source.header(node)?;
    let body = Body::read(source, node, header, range.end, old)?;
    let (core, breaks) = split_breaks(new);
    let chomping = match breaks {
        0 if body.is_open => header.chomping,
        0 => Some(b'-'),
        _ if header.chomping == Some(b'+') => Some(b'+'),
        1 => None,
        _ => Some(b'+'),
    };
    let indicator = match header.indicator {
        None if needs_indicator(new) => Some(step(body.indent, base(source, node))?),
        written => written,
    };
    let mut lines = body.lines(source, old, core, header.style == b'>');
    match (header.chomping, chomping) {
        _ if breaks == 0 && body.is_open => lines.truncate(lines.trim_end_matches(['\r', '\n']).len()),
        (Some(b'+'), Some(b'+')) if breaks == split_breaks(old).1 => lines.push_str(body.blank_end(source)),
        (_, Some(b'+')) => (1..breaks).for_each(|_| lines.push_str(source.newline)),
        // The blank lines at the end were text and no longer are.
        (Some(b'+'), _) => {}
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
    fn read(source: &Source, node: NodeId, header: Header, header_end: usize, old: &str) -> Option<Self> {
        let start = source.next_line(header_end);
        let range = start..source.tree[node].span().end.max(start);
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
                spaces(line.as_bytes(), 0).checked_sub(spaces(first.as_bytes(), 0))?
            }
            None => base(source, node) + header.indicator.map_or(2, usize::from),
        };
        // A line that holds no more than its indentation is empty.
        let contents: Vec<_> = bare.iter().map(|line| &line[spaces(line.as_bytes(), 0).min(indent)..]).collect();
        let groups = if header.style == b'>' {
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
fn step(indent: usize, base: usize) -> Option<u8> {
    u8::try_from(indent.checked_sub(base)?).ok().filter(|step| (1..=9).contains(step))
}

/// The column that indentation indicators count from: that of the block collection around the scalar.
fn base(source: &Source, node: NodeId) -> usize {
    let mut parent = source.tree[node].parent();
    while let Some(id) = parent {
        if source.is_block_collection(id) {
            return source.collection_column(id).unwrap_or(0);
        }
        parent = source.tree[id].parent();
    }
    0
}

/// A text without the line breaks it ends with, and how many those are.
fn split_breaks(text: &str) -> (&str, usize) {
    let core = text.trim_end_matches('\n');
    (core, text.len() - core.len())
}

fn is_blank(line: &str) -> bool {
    line.trim_matches([' ', '\t']).is_empty()
}
