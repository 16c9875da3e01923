//! Takes entries out of mappings and elements out of sequences.

use serde_json::{Map, Value};

use super::insert::spans;
use super::locate::{Place, Slot};
use super::replace;
use super::source::Source;
use super::splice::{Candidates, Splice};
use crate::yaml::tree::{Kind, NodeId};

/// The ways to remove what stands at `place`.
pub(super) fn plan(source: &Source, place: Place) -> Candidates {
    let (collection, index) = match place.slot {
        Slot::Root => return Vec::new(),
        Slot::Entry { mapping, index } => (mapping, index),
        Slot::Item { sequence, index } => (sequence, index),
    };
    let (count, empty) = match source.tree[collection].kind {
        Kind::Sequence(_) => (source.tree.items(collection).count(), Value::Array(Vec::new())),
        Kind::Mapping(_) => (source.tree.entries(collection).count(), Value::Object(Map::new())),
        Kind::Scalar(_) | Kind::Alias(_) => return Vec::new(),
    };
    let is_without_braces = source.byte(source.content_start(collection)).is_none_or(|open| !b"[{".contains(&open));
    if source.tree[collection].is_flow() && !is_without_braces {
        return flow(source, collection, index).into_iter().collect();
    }
    if count == 1 {
        return replace::plan(source, place_of(source, collection), &empty);
    }
    block(source, place, collection, index)
}

/// Where a collection stands.
fn place_of(source: &Source, node: NodeId) -> Place {
    let slot = match source.tree[node].parent() {
        None => Slot::Root,
        Some(parent) => match source.tree[parent].kind {
            Kind::Sequence(_) => {
                let index = source.tree.items(parent).position(|item| item == node).unwrap_or(0);
                Slot::Item { sequence: parent, index }
            }
            Kind::Mapping(_) => {
                let index = source.tree.entries(parent).position(|(_, value)| value == node).unwrap_or(0);
                Slot::Entry { mapping: parent, index }
            }
            Kind::Scalar(_) | Kind::Alias(_) => Slot::Root,
        },
    };
    Place { node, slot }
}

/// Removes the lines of an entry or item, and the comment behind it.
fn block(source: &Source, place: Place, collection: NodeId, index: usize) -> Candidates {
    let start = match source.tree.entries(collection).nth(index) {
        Some((key, _)) if source.is_explicit(key) => return Vec::new(),
        Some((key, _)) => source.tree[key].span().start,
        None => match source.dash(collection, index) {
            Some(dash) => dash,
            None => return Vec::new(),
        },
    };
    // Comment lines below that are indented more than the entry are its own.
    let end = source.below(place.node, source.column(start) + 1);
    let next_line = source.next_line(end);
    if !source.is_first_on_line(start) {
        // The first entry of a mapping on the line of a dash: the next one, or its comment, takes its place.
        let next = next_line + (source.text[next_line..].len() - source.text[next_line..].trim_start().len());
        return vec![vec![Splice::new(start..next, "")]];
    }
    let line_start = source.line_start(start);
    if next_line > end {
        let follower = next_line + source.text[next_line..].len()
            - source.text[next_line..].trim_start_matches(['\r', '\n']).len();
        return vec![vec![Splice::new(line_start..next_line, "")], vec![Splice::new(line_start..follower, "")]];
    }
    // The text ends here without a line break, and so will what remains; unless a literal block needs it.
    let before = source.text[..line_start].trim_end_matches('\n').trim_end_matches('\r').len();
    let before = source.line_end(before.min(line_start.saturating_sub(1)));
    vec![vec![Splice::new(before..end, "")], vec![Splice::new(line_start..end, "")]]
}

/// Removes an element between brackets or braces.
fn flow(source: &Source, collection: NodeId, index: usize) -> Option<Vec<Splice>> {
    let open = source.content_start(collection);
    let spans = spans(source, collection);
    let this = spans.get(index)?;
    if let Some(next) = spans.get(index + 1) {
        return Some(vec![Splice::new(this.start..next.start, "")]);
    }
    let Some(before) = index.checked_sub(1).and_then(|index| spans.get(index)) else {
        let close = source.tree[collection].span().end.checked_sub(1)?;
        return Some(vec![Splice::new(open + 1..close, "")]);
    };
    let comma = source.skip_blank(before.end);
    let line_end = source.line_end(comma);
    if source.byte(comma) != Some(b',') || line_end > this.start {
        return Some(vec![Splice::new(before.end..this.end, "")]);
    }
    // On lines of its own: the comment behind the element before it stays, its comma goes unless one follows here too.
    let mut rest = source.skip_spaces(this.end);
    let has_comma = source.byte(rest) == Some(b',');
    if has_comma {
        rest = source.skip_spaces(rest + 1);
    }
    let is_last_on_line = rest == source.line_end(rest) || source.byte(rest) == Some(b'#');
    let has_comment = source.skip_spaces(comma + 1) != line_end;
    let removed = match (is_last_on_line, has_comment) {
        (true, _) => line_end..source.line_end(rest),
        (false, false) => line_end..rest,
        // The bracket must not become part of the comment.
        (false, true) => this.start..rest,
    };
    let mut splices = vec![Splice::new(removed, "")];
    if !has_comma {
        splices.push(Splice::new(comma..comma + 1, ""));
    }
    Some(splices)
}
