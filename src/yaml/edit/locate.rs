//! Finds what a JSON pointer names, and refuses what is written in one place and used in another.

use json_patch::jsonptr::Pointer;

use super::source::Source;
use crate::yaml::tree::{Kind, NodeId, Tree};
use crate::yaml::view;

/// The pointer names nothing.
pub(super) const NOWHERE: &str = "there is nothing at this path";
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
    let root = tree.root().ok_or("the document is empty")?;
    let mut place = Place { node: root, slot: Slot::Root };
    refuse_shared(tree, root)?;
    for token in pointer.tokens() {
        let node = place.node;
        place = match tree[node].kind {
            Kind::Mapping(_) => {
                let (index, value) = entry(tree, node, &token.decoded()).ok_or_else(|| missing(tree, node))?;
                Place { node: value, slot: Slot::Entry { mapping: node, index } }
            }
            Kind::Sequence(_) => {
                let index: usize = token.decoded().parse().map_err(|_| NOWHERE)?;
                let item = tree.items(node).nth(index).ok_or(NOWHERE)?;
                Place { node: item, slot: Slot::Item { sequence: node, index } }
            }
            Kind::Scalar(_) | Kind::Alias(_) => return Err(NOWHERE.to_owned()),
        };
        refuse_shared(tree, place.node)?;
    }
    Ok(place)
}

/// The position and the value of the entry of `mapping` with this key; `None` when there is none.
pub(super) fn entry(tree: &Tree<'_>, mapping: NodeId, key: &str) -> Option<(usize, NodeId)> {
    let is_own = |name| !view::is_merge(tree, name) && view::key_text(tree, name).as_deref() == Some(key);
    tree.entries(mapping).enumerate().find(|&(_, (name, _))| is_own(name)).map(|(index, (_, value))| (index, value))
}

/// Why a key that the value has is not written in `mapping`.
fn missing(tree: &Tree<'_>, mapping: NodeId) -> &'static str {
    if tree.entries(mapping).any(|(key, _)| view::is_merge(tree, key)) { MERGED } else { NOWHERE }
}

/// Refuses a value that stands elsewhere, or that others refer to.
fn refuse_shared(tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
    if matches!(tree[node].kind, Kind::Alias(_)) {
        return Err("the value is an alias of one that is written elsewhere".to_owned());
    }
    if tree.anchor(node).is_some() && aliases(tree).any(|(_, target)| target == node) {
        return Err("the value is anchored and used elsewhere".to_owned());
    }
    Ok(())
}

/// Refuses a value in which something is anchored that is used outside of it.
pub(super) fn refuse_shared_inside(tree: &Tree<'_>, node: NodeId) -> Result<(), String> {
    let is_inside = |id: NodeId| std::iter::successors(Some(id), |&id| tree[id].parent()).any(|id| id == node);
    if aliases(tree).any(|(alias, target)| is_inside(target) && !is_inside(alias)) {
        return Err("the value holds an anchor that is used elsewhere".to_owned());
    }
    Ok(())
}

/// Every alias and what it stands for.
fn aliases(tree: &Tree<'_>) -> impl Iterator<Item = (NodeId, NodeId)> {
    tree.ids().filter_map(|id| match tree[id].kind {
        Kind::Alias(target) => Some((id, target)),
        _ => None,
    })
}
