//! Which lines of a text are still there in another, and what changed between them.

use std::ops::Range;

/// The largest table that is filled to find them; beyond it only what begins and ends alike is kept.
const TABLE: usize = 4 << 20;

/// For every line of `new`, the line of `old` that it is; the order is kept and as many as possible are found.
pub(super) fn kept(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    let shorter = old.len().min(new.len());
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter - head).take_while(|(old, new)| old == new).count();
    let mut kept: Vec<Option<usize>> = vec![None; new.len()];
    for (index, slot) in kept.iter_mut().enumerate().take(head) {
        *slot = Some(index);
    }
    for index in 0..tail {
        kept[new.len() - tail + index] = Some(old.len() - tail + index);
    }
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    for (at_old, at_new) in common(old_middle, new_middle) {
        kept[head + at_new] = Some(head + at_old);
    }
    kept
}

/// The longest common subsequence, as pairs of places.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if old.is_empty() || new.is_empty() || width * (old.len() + 1) > TABLE {
        return Vec::new();
    }
    // `longest[i * width + j]` is the length for what follows line i of old and line j of new.
    let mut longest = vec![0_u32; width * (old.len() + 1)];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = if old[i] == new[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            pairs.push((i, j));
            i += 1;
            j += 1;
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// What has to be written in place of which bytes of `old` to make it `new`.
pub(super) fn changes<'n>(old: &str, new: &'n str) -> Vec<(Range<usize>, &'n str)> {
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let old_starts = starts(&old_lines);
    let new_starts = starts(&new_lines);
    let kept = kept(&old_lines, &new_lines);
    let mut changes = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    let ends = kept.iter().enumerate().filter_map(|(new, old)| old.map(|old| (old, new)));
    for (old_end, new_end) in ends.chain([(old_lines.len(), new_lines.len())]) {
        let (old_range, new_range) = (old_starts[old_at]..old_starts[old_end], new_starts[new_at]..new_starts[new_end]);
        if !old_range.is_empty() || !new_range.is_empty() {
            changes.push(narrowed(old, old_range, &new[new_range]));
        }
        (old_at, new_at) = (old_end + 1, new_end + 1);
    }
    changes
}

/// Where each line begins, and where the last one ends.
fn starts(lines: &[&str]) -> Vec<usize> {
    let mut at = 0;
    let mut starts = vec![0];
    starts.extend(lines.iter().map(|line| {
        at += line.len();
        at
    }));
    starts
}

/// A change without what it begins and ends with on both sides.
fn narrowed<'n>(old: &str, range: Range<usize>, new: &'n str) -> (Range<usize>, &'n str) {
    let before = &old[range.clone()];
    let head: usize = before.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (old_rest, new_rest) = (&before[head..], &new[head..]);
    let tail: usize =
        old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    (range.start + head..range.end - tail, &new_rest[..new_rest.len() - tail])
}
