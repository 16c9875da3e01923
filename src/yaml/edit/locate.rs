//! Finds what a JSON pointer names, and refuses what is written in one place and used in another.

use json_patch::jsonptr::Pointer;

use super::source::Source;
use crate::yaml::tree::{Kind, NodeId, Tree};
use crate::yaml::view;

/// The pointer names nothing.
pub(super) const NOWHERE: &str = "the pointer leads nowhere";
/// The pointer names what another mapping has.
pub(super) const MERGED: &str = "the value comes through a merge key (`<<`)";

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) node: NodeId,
    pub(super) slot: Slot,
}

/// What holds a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// The document.
    Root,
    /// The entry of a mapping.
    Entry { mapping: NodeId, index: usize },
    /// The element of a sequence.
    Item { sequence: NodeId, index: usize },
}

/// Finds the value at `pointer`.
pub(super) fn place(source: &Source, pointer: &Pointer) -> Result<Place, String> {
    let tree = source.tree;
    let root = tree.root.ok_or("the document is empty")?;
    let mut place = Place { node: root, slot: Slot::Root };
    refuse_shared(tree, root)?;
    for token in pointer.tokens() {
        let node = place.node;
        place = match &tree[node].kind {
            Kind::Mapping { .. } => {
                let index = entry(tree, node, &token.decoded()).ok_or_else(|| missing(tree, node))?;
                let Kind::Mapping { entries, .. } = &tree[node].kind else { unreachable!() };
                Place { node: entries[index].1, slot: Slot::Entry { mapping: node, index } }
            }
            Kind::Sequence { items, .. } => {
                let index: usize = token.decoded().parse().map_err(|_| NOWHERE)?;
                let node_at = items.get(index).ok_or(NOWHERE)?;
                Place { node: *node_at, slot: Slot::Item { sequence: node, index } }
            }
            Kind::Scalar { .. } | Kind::Alias { .. } => return Err(NOWHERE.to_owned()),
        };
        refuse_shared(tree, place.node)?;
    }
    Ok(place)
}

/// The entry of `mapping` with this key; `None` when there is none.
pub(super) fn entry(tree: &Tree, mapping: NodeId, key: &str) -> Option<usize> {
    let Kind::Mapping { entries, .. } = &tree[mapping].kind else { return None };
    let is_own = |&(name, _): &(NodeId, NodeId)| {
        !view::is_merge(tree, name) && view::key_text(tree, name).as_deref() == Some(key)
    };
    entries.iter().position(is_own)
}

/// Why a key that the value has is not written in `mapping`.
fn missing(tree: &Tree, mapping: NodeId) -> &'static str {
    let Kind::Mapping { entries, .. } = &tree[mapping].kind else { return NOWHERE };
    if entries.iter().any(|&(key, _)| view::is_merge(tree, key)) { MERGED } else { NOWHERE }
}

/// Refuses a value that stands elsewhere, or that others refer to.
fn refuse_shared(tree: &Tree, node: NodeId) -> Result<(), String> {
    if matches!(tree[node].kind, Kind::Alias { .. }) {
        return Err("the value is an alias of one that is written elsewhere".to_owned());
    }
    if tree[node].anchor.is_some() && aliases(tree).any(|(_, target)| target == node) {
        return Err("the value is anchored and used elsewhere".to_owned());
    }
    Ok(())
}

/// Refuses a value in which something is anchored that is used outside of it.
pub(super) fn refuse_shared_inside(tree: &Tree, node: NodeId) -> Result<(), String> {
    let is_inside = |id: NodeId| std::iter::successors(Some(id), |&id| tree[id].parent).any(|id| id == node);
    if aliases(tree).any(|(alias, target)| is_inside(target) && !is_inside(alias)) {
        return Err("the value holds an anchor that is used elsewhere".to_owned());
    }
    Ok(())
}

/// Every alias and what it stands for.
fn aliases(tree: &Tree) -> impl Iterator<Item = (NodeId, NodeId)> {
    tree.nodes().iter().enumerate().filter_map(|(id, node)| match node.kind {
        Kind::Alias { target } => Some((id, target)),
        _ => None,
    })
}
