//! Applies RFC 6902 operations to the bytes of a YAML document.
//!
//! What an operation does not name keeps its bytes: comments, quotes, indentation, line endings. What it does name is
//! written the way its neighbours are: in block style with the collection's own column, in brackets as flow, in a JSON
//! document as JSON; a scalar keeps its quotes and a literal block all lines that stay the same. The result is read
//! back and compared with the patched value, so that an edit is right or refused.
//! A patch whose operations touch different places is made in one pass and costs two reads of the text; any other costs
//! about one more for each operation.
//!
//! ```
//! use json_patch::Patch;
//! use serde_json::{from_value, json};
//! use split_planes::yaml::edit::apply;
//!
//! let text = "metadata: # who\n  name: 'web' # the name\n";
//! let patch: Patch = from_value(json!([
//!     {"op": "replace", "path": "/metadata/name", "value": "api"},
//!     {"op": "add", "path": "/metadata/labels", "value": {"app": "api"}},
//! ]))?;
//! assert_eq!(
//!     apply(text, &patch)?,
//!     "metadata: # who\n  name: 'api' # the name\n  labels:\n    app: api\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Text inside text
//!
//! Text inside text, as a `ConfigMap` holds it, is edited in two steps: one [`apply`] on the decoded string, and one
//! `replace` of the string in the outer document.
//!
//! ```
//! use json_patch::Patch;
//! use serde_json::{from_value, json};
//! use split_planes::yaml::{edit::apply, view::read};
//!
//! let replace = |path: &str, value| {
//!     from_value::<Patch>(json!([{"op": "replace", "path": path, "value": value}]))
//! };
//! let text = "data:\n  log.yaml: |\n    # to stdout\n    level: 3 # info\n";
//! let outer = read(text)?;
//! let inner = outer["data"]["log.yaml"].as_str().expect("it is text");
//! let inner = apply(inner, &replace("/level", json!(5))?)?;
//! assert_eq!(
//!     apply(text, &replace("/data/log.yaml", json!(inner))?)?,
//!     "data:\n  log.yaml: |\n    # to stdout\n    level: 5 # info\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block_scalar;
mod document;
mod insert;
mod lines;
mod locate;
mod quoted;
mod remove;
mod replace;
mod source;
mod splice;
#[cfg(test)]
mod tests;

use json_patch::Patch;

pub(super) use document::Document;
pub use document::Refusal;

/// Applies `patch` to the one document of `text` and returns the text after it.
///
/// The operations are applied in order, each to the result of the one before, and all or none of them. Their pointers
/// and values mean what [`view::read`](super::view::read) reads: a key `0x10` is `/16`, and a `replace` by the value that is there changes
/// no byte.
///
/// * `add` puts an entry at the end of its mapping and an element where its index says; under a key that is there it
///   is a `replace`.
/// * `replace` keeps anchor and tag of a value, or drops both where the new one does not fit the tag.
/// * `remove` takes the comment on the line and deeper ones below along, and leaves those above. A collection that
///   loses its last child becomes `{}` or `[]`, without the comments that were in it.
/// * `move` and `copy` write the value anew: its comments and quotes do not come along.
///
/// # Errors
///
/// A refusal, when an operation does not fit the document or could not be made without changing something else:
///
/// * the text is not one document that [`view::read`](super::view::read) takes;
/// * there is nothing at the path, a `test` fails, or a value would be moved into itself or the root removed;
/// * the value is an alias, comes through a merge key, or is or holds something anchored that is used elsewhere;
/// * an entry would be added to a mapping that is written with `? key`, or one that is written so would be removed.
///
/// # Examples
///
/// ```
/// use json_patch::Patch;
/// use serde_json::{from_value, json};
/// use split_planes::yaml::edit::apply;
///
/// let patch: Patch = from_value(json!([
///     {"op": "replace", "path": "/mode", "value": 420},
///     {"op": "add", "path": "/args/-", "value": "on"},
///     {"op": "remove", "path": "/name"},
/// ]))?;
/// let text = "mode: 0644\nargs: ['-v'] # all\n# head\nname: web # tail\n";
/// assert_eq!(apply(text, &patch)?, "mode: 0644\nargs: ['-v', \"on\"] # all\n# head\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn apply(text: &str, patch: &Patch) -> Result<String, Refusal> {
    Document::read(text)?.apply(patch)
}
