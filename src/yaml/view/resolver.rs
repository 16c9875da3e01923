//! Follows aliases and merge keys, and refuses what the readers refuse.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{is_merge, key_text, scalar};
use crate::yaml::Error;
use crate::yaml::events::MAX_DEPTH;
use crate::yaml::resolve::{Resolved, resolve as resolve_scalar};
use crate::yaml::tree::{Kind, NodeId, Tree};

/// The bytes that aliases may add to a text, beyond its own length.
const EXPANSION: usize = 16 << 20;

const NO_MAPPING: &str = "a merge key must have a mapping or a sequence of mappings";

/// A tree that has, in place of each alias and merge key of `tree`, what it stands for.
pub(super) fn resolve<'t>(tree: &Tree<'t>) -> Result<Tree<'t>, Error> {
    let mut resolver = Resolver { tree, into: tree.sibling(), expanding: Vec::new(), decoded: 0, aliased: 0, bytes: 0 };
    if let Some(root) = tree.root() {
        resolver.node(root, 0)?;
    }
    Ok(resolver.into)
}

struct Resolver<'r, 't> {
    tree: &'r Tree<'t>,
    into: Tree<'t>,
    /// The aliases on the way to the current node.
    expanding: Vec<NodeId>,
    decoded: usize,
    aliased: usize,
    /// Bytes of scalars that were read through an alias.
    bytes: usize,
}

impl<'t> Resolver<'_, 't> {
    fn error(&self, node: NodeId, problem: impl Into<String>) -> Error {
        Error::at(self.tree.text, self.tree[node].span().start, problem)
    }

    fn node(&mut self, id: NodeId, depth: usize) -> Result<(), Error> {
        self.count(id)?;
        if depth > MAX_DEPTH {
            let problem = format!("collections must not be nested more than {MAX_DEPTH} deep through aliases");
            return Err(self.error(id, problem));
        }
        let tree = self.tree;
        match tree[id].kind {
            Kind::Alias(target) => return self.through(id, |resolver| resolver.node(target, depth + 1)),
            Kind::Scalar(_) => {
                self.refuse_misfit(id)?;
                self.into.copy(&tree[id]);
            }
            Kind::Sequence(_) => {
                self.into.begin_copy(&tree[id]);
                tree.items(id).try_for_each(|item| self.node(item, depth + 1))?;
                self.into.finish(tree[id].span().end);
            }
            Kind::Mapping(_) => {
                self.into.begin_copy(&tree[id]);
                self.mapping(id, &mut HashSet::new(), depth)?;
                self.into.finish(tree[id].span().end);
            }
        }
        Ok(())
    }

    /// Reads what an alias stands for.
    fn through<T>(&mut self, alias: NodeId, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.expanding.contains(&alias) {
            return Err(self.error(alias, "an anchor must not contain itself"));
        }
        self.expanding.push(alias);
        let result = read(self);
        self.expanding.pop();
        result
    }

    /// Counts a node as `yaml.v3` does, to stop where it stops.
    fn count(&mut self, id: NodeId) -> Result<(), Error> {
        self.decoded += 1;
        let Some(&outermost) = self.expanding.first() else { return Ok(()) };
        self.aliased += 1;
        self.bytes += self.tree.text_of(id).len();
        #[allow(clippy::cast_precision_loss, reason = "the limit is as imprecise in Go")]
        let (decoded, aliased) = (self.decoded as f64, self.aliased as f64);
        let allowed = 0.99 - 0.89 * ((decoded - 400_000.0) / 3_600_000.0).clamp(0.0, 1.0);
        let is_excessive = self.aliased > 100 && self.decoded > 1000 && aliased / decoded > allowed;
        if is_excessive || self.bytes > EXPANSION + self.tree.text.len() {
            return Err(self.error(outermost, "the document contains excessive aliasing"));
        }
        Ok(())
    }

    /// Refuses a scalar that does not fit its tag.
    fn refuse_misfit(&self, id: NodeId) -> Result<(), Error> {
        if self.tree.tag(id).is_none() || scalar(self.tree, id).is_some() {
            return Ok(());
        }
        let is_tag_known = resolve_scalar(self.tree.tag(id), &self.tree.text_of(id), self.tree.is_plain(id)).is_some();
        let problem = if is_tag_known { "a `!!binary` value must be base64" } else { "the value does not fit its tag" };
        Err(self.error(id, problem))
    }

    /// Adds the entries of a mapping to the one that is open, which has `names` already.
    fn mapping(&mut self, id: NodeId, names: &mut HashSet<Cow<'t, str>>, depth: usize) -> Result<(), Error> {
        let tree = self.tree;
        self.refuse_duplicates(id)?;
        let mut merged = None;
        for (key, value) in tree.entries(id) {
            if is_merge(tree, key) {
                merged = Some(value);
                continue;
            }
            let name = self.key(key)?;
            self.count(key)?;
            let at = self.into.len();
            self.into.copy(&tree[self.target(key)]);
            self.node(value, depth + 1)?;
            if !names.insert(name) {
                self.into.forget_entry(at);
            }
        }
        let Some(merged) = merged else { return Ok(()) };
        if depth > MAX_DEPTH {
            return Err(self.error(id, "merge keys are nested too deep"));
        }
        if matches!(tree[merged].kind, Kind::Sequence(_)) {
            return tree.items(merged).try_for_each(|item| self.merge(item, names, depth));
        }
        self.merge(merged, names, depth)
    }

    /// What an alias stands for; any other node is itself.
    fn target(&self, id: NodeId) -> NodeId {
        match self.tree[id].kind {
            Kind::Alias(target) => self.target(target),
            _ => id,
        }
    }

    fn key(&self, key: NodeId) -> Result<Cow<'t, str>, Error> {
        key_text(self.tree, key).ok_or_else(|| self.error(key, "a key must be text, a number or a boolean"))
    }

    /// Refuses two keys of the same source text, as `yaml.v3` does, and two that become the same key in JSON.
    fn refuse_duplicates(&self, id: NodeId) -> Result<(), Error> {
        let tree = self.tree;
        let mut texts = Vec::new();
        let mut is_text_alone = true;
        for (key, _) in tree.entries(id) {
            if !matches!(tree[key].kind, Kind::Scalar(_)) {
                is_text_alone = false;
                continue;
            }
            let text = tree.text_of(key);
            is_text_alone &= resolve_scalar(tree.tag(key), &text, tree.is_plain(key)) == Some(Resolved::Text);
            texts.push((text, key));
        }
        self.refuse_repeated(texts)?;
        if is_text_alone {
            return Ok(());
        }
        let own = tree.entries(id).filter(|&(key, _)| !is_merge(tree, key));
        let names = own.map(|(key, _)| Ok((self.key(key)?, key)));
        self.refuse_repeated(names.collect::<Result<_, _>>()?)
    }

    /// Refuses the first key whose text stands before it as well.
    fn refuse_repeated(&self, mut texts: Vec<(Cow<'t, str>, NodeId)>) -> Result<(), Error> {
        // Nodes are numbered in the order they are written.
        texts.sort_unstable();
        let repeated = texts.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1].1).min();
        repeated.map_or(Ok(()), |key| Err(self.error(key, "the mapping has this key already")))
    }

    /// Adds what stands behind `<<`, or an element of the sequence there, of which earlier ones win.
    fn merge(&mut self, merged: NodeId, names: &mut HashSet<Cow<'t, str>>, depth: usize) -> Result<(), Error> {
        self.count(merged)?;
        match self.tree[merged].kind {
            Kind::Mapping(_) => self.mapping(merged, names, depth + 1),
            Kind::Alias(target) if matches!(self.tree[target].kind, Kind::Mapping(_)) => {
                self.through(merged, |resolver| {
                    resolver.count(target)?;
                    resolver.mapping(target, names, depth + 1)
                })
            }
            _ => Err(self.error(merged, NO_MAPPING)),
        }
    }
}
