//! A document that is edited: every way to make an edit is read back, until one says what it must.

use std::fmt;

use json_patch::jsonptr::{Pointer, PointerBuf};
use json_patch::{AddOperation, Patch, PatchErrorKind, PatchOperation, RemoveOperation, patch_unsafe};
use serde_json::Value;

use super::source::Source;
use super::splice::{Candidates, splice};
use super::{insert, locate, remove, replace};
use crate::yaml::parse::parse;
use crate::yaml::scalar::BlockStyle;
use crate::yaml::tree::Tree;
use crate::yaml::{Error, view};

/// Why an edit was not made; the text stays as it is.
///
/// Prints as `` `/0/args/-` cannot be edited: … ``.
///
/// ```
/// use json_patch::Patch;
/// use serde_json::{from_value, json};
/// use split_planes::yaml::edit::apply;
///
/// let patch: Patch = from_value(json!([{"op": "add", "path": "/0/args/-", "value": "--v=2"}]))?;
/// let refusal = apply("- &a {args: []}\n- *a\n", &patch).unwrap_err();
/// assert_eq!(refusal.pointer, "/0/args/-");
/// assert_eq!(refusal.reason, "the value is anchored and used elsewhere");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The JSON pointer of the operation that was refused; empty, as that of the root, when the text cannot be read.
    pub pointer: String,
    /// The reason, without quoting values; when the text cannot be read, the [`Error`] as it prints.
    pub reason: String,
}

impl Refusal {
    fn new(pointer: &Pointer, reason: impl Into<String>) -> Self {
        Self { pointer: pointer.to_string(), reason: reason.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be edited: {}", self.pointer, self.reason)
    }
}

impl std::error::Error for Refusal {}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::new(Pointer::root(), error.to_string())
    }
}

/// A text with what is in it.
pub(in crate::yaml) struct Document<'t> {
    tree: Tree<'t>,
    value: Value,
    /// How new block collections are written; as their neighbours are, when it is not said.
    style: Option<BlockStyle>,
}

impl<'t> Document<'t> {
    /// Reads the one document of `text`.
    pub(in crate::yaml) fn read(text: &'t str) -> Result<Self, Error> {
        let tree = parse(text)?;
        let value = view::value(&tree)?;
        Ok(Self { tree, value, style: None })
    }

    /// The document, with new block collections to be written in `style`, whatever their neighbours are written in.
    pub(in crate::yaml) fn with_style(self, style: BlockStyle) -> Self {
        Self { style: Some(style), ..self }
    }

    /// The text after `patch`, which was read back.
    pub(in crate::yaml) fn apply(&self, patch: &Patch) -> Result<String, Refusal> {
        if let Some(edited) = self.at_once(patch) {
            return Ok(edited);
        }
        let step =
            |text: String, operations: &[_]| Document { style: self.style, ..Document::read(&text)? }.step(operations);
        groups(patch).try_fold(self.tree.text.to_owned(), step)
    }

    /// Makes all edits in one pass, each in its best way. `None` when they touch each other or do not read back right:
    /// they are made one after the other then, which also tells which one is refused.
    fn at_once(&self, patch: &Patch) -> Option<String> {
        let mut patched = self.value.clone();
        patch_unsafe(&mut patched, patch).ok()?;
        let source = Source::new(&self.tree, self.style);
        let edits = groups(patch).filter(|edits| !matches!(edits, [PatchOperation::Test(_)]));
        let splices = edits.map(|edits| plan(&source, &self.value, edits).ok()?.into_iter().next());
        let edited = splice(self.tree.text, splices.collect::<Option<Vec<_>>>()?.concat())?;
        (view::read(&edited).ok()? == patched).then_some(edited)
    }

    /// The text after operations of one group.
    fn step(&self, operations: &[PatchOperation]) -> Result<String, Refusal> {
        let value_at = |from: &PointerBuf, path: &PointerBuf| {
            let value = self.value.pointer(from.as_str()).cloned();
            value.ok_or_else(|| Refusal::new(path, "there is nothing at the path in `from`"))
        };
        match operations {
            [PatchOperation::Test(_)] => self.patched(operations).map(|_| self.tree.text.to_owned()),
            [PatchOperation::Copy(copy)] => {
                let value = value_at(&copy.from, &copy.path)?;
                self.edit(&[PatchOperation::Add(AddOperation { path: copy.path.clone(), value })])
            }
            [PatchOperation::Move(moved)] if moved.path == moved.from => Ok(self.tree.text.to_owned()),
            [PatchOperation::Move(moved)] if moved.path.starts_with(&moved.from) => {
                Err(Refusal::new(&moved.path, "a value must not be moved into itself"))
            }
            [PatchOperation::Move(moved)] => {
                let value = value_at(&moved.from, &moved.path)?;
                let text = self.edit(&[PatchOperation::Remove(RemoveOperation { path: moved.from.clone() })])?;
                let add = PatchOperation::Add(AddOperation { path: moved.path.clone(), value });
                Document { style: self.style, ..Document::read(&text)? }.edit(&[add])
            }
            _ => self.edit(operations),
        }
    }

    /// Makes an edit in the first way that reads back as the patched value.
    fn edit(&self, operations: &[PatchOperation]) -> Result<String, Refusal> {
        let patched = self.patched(operations)?;
        let source = Source::new(&self.tree, self.style);
        let path = operations.first().map_or(Pointer::root(), PatchOperation::path);
        let candidates = plan(&source, &self.value, operations).map_err(|reason| Refusal::new(path, reason))?;
        let reason = if candidates.is_empty() {
            "it is written in a way that edits leave alone, such as `? key`"
        } else {
            "the edit would change something else as well"
        };
        let right = candidates.into_iter().find_map(|splices| {
            let edited = splice(self.tree.text, splices)?;
            (view::read(&edited).ok()? == patched).then_some(edited)
        });
        right.ok_or_else(|| Refusal::new(path, reason))
    }

    /// The value after `operations`.
    fn patched(&self, operations: &[PatchOperation]) -> Result<Value, Refusal> {
        let mut value = self.value.clone();
        patch_unsafe(&mut value, operations).map_err(|error| {
            let reason = match error.kind {
                PatchErrorKind::TestFailed => "the value is not the one that the `test` expects",
                _ => "there is nothing at this path",
            };
            Refusal::new(operations.first().map_or(Pointer::root(), PatchOperation::path), reason)
        })?;
        Ok(value)
    }
}

/// The operations of `patch`, each for itself but for those that add to the end of the same sequence.
fn groups(patch: &Patch) -> impl Iterator<Item = &[PatchOperation]> {
    patch.0.chunk_by(|one, next| match (one, next) {
        (PatchOperation::Add(one), PatchOperation::Add(next)) => {
            one.path == next.path && one.path.back().is_some_and(|token| token.encoded() == "-")
        }
        _ => false,
    })
}

/// The ways to make an edit that fits the value.
fn plan(source: &Source, value: &Value, operations: &[PatchOperation]) -> Result<Candidates, String> {
    match operations {
        [PatchOperation::Add(add), ..] => {
            let new = operations.iter().filter_map(|operation| match operation {
                PatchOperation::Add(add) => Some(&add.value),
                _ => None,
            });
            insert::plan(source, value, &add.path, &new.collect::<Vec<_>>())
        }
        [PatchOperation::Replace(replace)] if value.pointer(replace.path.as_str()) == Some(&replace.value) => {
            Ok(vec![Vec::new()])
        }
        [PatchOperation::Replace(replace)] if replace.path.is_root() => insert::whole(source, &replace.value),
        [PatchOperation::Replace(replace)] => {
            let place = locate::place(source, &replace.path)?;
            locate::refuse_shared_inside(source.tree, place.node)?;
            Ok(replace::plan(source, place, &replace.value))
        }
        [PatchOperation::Remove(remove)] => {
            let place = locate::place(source, &remove.path)?;
            locate::refuse_shared_inside(source.tree, place.node)?;
            Ok(remove::plan(source, place))
        }
        _ => Ok(Vec::new()),
    }
}
