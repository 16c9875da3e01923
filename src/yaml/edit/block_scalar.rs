//! Changes the text of a literal or folded block and leaves the lines that stay the same as they are.

use std::ops::Range;

use super::lines::kept;
use super::source::{Source, Splice};
use crate::yaml::scalar::{is_literal, needs_indicator};
use crate::yaml::tree::NodeId;

/// Writes `new` in the block that holds `old`; `None` when the block cannot carry it.
pub(super) fn rewrite(source: &Source, node: NodeId, old: &str, new: &str) -> Option<Vec<Splice>> {
    if !is_literal(new) {
        return None;
    }
    let header = source.header_range(node)?;
    let written = &source.text[header.clone()];
    let body = Body::read(source, node, old)?;
    let (new_core, new_breaks) = split_breaks(new);
    let (_, old_breaks) = split_breaks(old);

    let chomping = match written.chars().find(|c| matches!(c, '+' | '-')) {
        Some('+') if new_breaks > 0 => "+",
        _ if body.is_open && new_breaks == 0 => written.matches(['+', '-']).next().unwrap_or(""),
        _ => crate::yaml::scalar::chomping(new),
    };
    let mut indicator: String = written.chars().filter(char::is_ascii_digit).collect();
    if indicator.is_empty() && needs_indicator(new) {
        let step = body.indent.checked_sub(base(source, node))?;
        if !(1..=9).contains(&step) {
            return None;
        }
        indicator = step.to_string();
    }
    let rest = written.trim_start_matches(['|', '>', '+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    if !rest.is_empty() {
        return None;
    }
    let style = &written[..1];
    // What is written stays, whichever way round it is: `|2-` and `|-2` are the same.
    let is_same = chomping == written.matches(['+', '-']).next().unwrap_or("")
        && indicator == written.matches(|c: char| c.is_ascii_digit()).next().unwrap_or("");
    let new_header = if is_same { written.to_owned() } else { format!("{style}{indicator}{chomping}") };

    let mut out = body.lines(source, old, new_core, style == ">");
    let had_keep = written.contains('+');
    if new_breaks == 0 && body.is_open {
        out.truncate(out.trim_end_matches(['\r', '\n']).len());
    } else if chomping == "+" && !(had_keep && new_breaks == old_breaks) {
        (1..new_breaks).for_each(|_| out.push_str(source.newline));
    } else if !(had_keep && chomping != "+") {
        out.push_str(&source.text[body.core_end(source)..body.range.end]);
    }
    if body.range.is_empty() && !source.text[..body.range.start].ends_with('\n') {
        out.insert_str(0, source.newline);
    }
    let mut splices = vec![Splice::new(body.range.clone(), out)];
    if !is_same {
        splices.push(Splice::new(header, new_header));
    }
    Some(splices)
}

/// The lines of a block and how they are indented.
struct Body {
    range: Range<usize>,
    /// Spaces before every line.
    indent: usize,
    /// The source lines of each decoded line; empty for empty ones.
    groups: Vec<Range<usize>>,
    /// Where the source lines stand, line breaks included.
    lines: Vec<Range<usize>>,
    /// Whether the text ends with this block, without a line break.
    is_open: bool,
}

impl Body {
    fn read(source: &Source, node: NodeId, old: &str) -> Option<Self> {
        let start = source.next_line(source.header_range(node)?.end);
        let end = source.tree[node].span.end.max(start);
        let mut lines = Vec::new();
        let mut at = start;
        for line in source.text[start..end].split_inclusive('\n') {
            lines.push(at..at + line.len());
            at += line.len();
        }
        let bare = |line: &Range<usize>| source.text[line.clone()].trim_end_matches('\n').trim_end_matches('\r');
        let (core, _) = split_breaks(old);
        let first = core.split('\n').find(|line| !line.trim_matches([' ', '\t']).is_empty());
        let indent = match first {
            None => {
                let digit = source.header(node).chars().find_map(|c| c.to_digit(10));
                base(source, node) + digit.map_or(2, |digit| digit as usize)
            }
            Some(first) => {
                let line = lines.iter().map(bare).find(|line| !line.trim_matches([' ', '\t']).is_empty())?;
                let blank = |line: &str| line.len() - line.trim_start_matches(' ').len();
                blank(line).checked_sub(blank(first))?
            }
        };
        // A line that holds no more than its indentation is empty.
        let content = |index: usize| -> Option<&str> {
            let line = bare(lines.get(index)?);
            let spaces = line.len() - line.trim_start_matches(' ').len();
            Some(&line[spaces.min(indent)..])
        };
        let is_folded = source.header(node).starts_with('>');
        let mut groups = Vec::new();
        let mut next = 0;
        for decoded in core.split('\n') {
            if !is_folded {
                if content(next)? != decoded {
                    return None;
                }
                groups.push(next..next + 1);
                next += 1;
                continue;
            }
            if decoded.is_empty() {
                groups.push(next..next);
                continue;
            }
            while content(next)?.is_empty() {
                next += 1;
            }
            let begin = next;
            let mut joined = content(next)?.to_owned();
            next += 1;
            while joined != decoded {
                if joined.len() > decoded.len() {
                    return None;
                }
                joined.push(' ');
                joined.push_str(content(next)?);
                next += 1;
            }
            groups.push(begin..next);
        }
        let is_open = end == source.text.len() && !source.text.ends_with('\n');
        Some(Self { range: start..end, indent, groups, lines, is_open })
    }

    /// Where the last line that is not empty ends, its line break included.
    fn core_end(&self, source: &Source) -> usize {
        let last = self.groups.iter().rev().find(|group| !group.is_empty());
        last.map_or(self.range.start, |group| self.lines[group.end - 1].end).min(source.text.len())
    }

    /// The source of `new`, up to its last line that is not empty.
    fn lines(&self, source: &Source, old: &str, new: &str, is_folded: bool) -> String {
        let (old, _) = split_breaks(old);
        let old: Vec<&str> = old.split('\n').collect();
        let new: Vec<&str> = new.split('\n').collect();
        let kept = kept(&old, &new);
        let mut out = String::new();
        if !is_folded {
            for (line, kept) in new.iter().zip(kept) {
                match kept {
                    Some(kept) => self.copy(source, &mut out, kept),
                    None => self.write(source, &mut out, line),
                }
            }
            return out;
        }
        let mut before: Option<usize> = None;
        for (index, line) in new.iter().enumerate().filter(|(_, line)| !line.is_empty()) {
            let from = before.map_or(0, |before| before + 1);
            let run = before.unwrap_or(0)..=index;
            let is_kept = run.clone().all(|at| kept[at].is_some_and(|old| Some(old + (index - at)) == kept[index]))
                && (before.is_some() || kept[index] == Some(index));
            if let (true, Some(here)) = (is_kept, kept[index]) {
                let above = before.and_then(|before| kept[before]);
                let gap_start = above.map_or(self.range.start, |above| self.lines[self.groups[above].end - 1].end);
                let gap_end = self.lines[self.groups[here].start].start;
                out.push_str(&source.text[gap_start..gap_end]);
            } else {
                let is_flush = |line: &str| !line.starts_with([' ', '\t']);
                let folds = is_folded && before.is_some_and(|before| is_flush(new[before]) && is_flush(line));
                let empty = index - from + usize::from(folds);
                (0..empty).for_each(|_| out.push_str(source.newline));
            }
            match kept[index] {
                Some(kept) => self.copy(source, &mut out, kept),
                None => self.write(source, &mut out, line),
            }
            before = Some(index);
        }
        out
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
