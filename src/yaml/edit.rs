//! Applies RFC 6902 operations to the bytes of a YAML document.

use json_patch::Patch;

/// Why an edit was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The JSON pointer of the operation that was refused.
    pub pointer: String,
    /// The reason, without quoting values.
    pub reason: String,
}

/// Applies `patch` to the one document of `text`; everything the operations do not name keeps its bytes.
///
/// # Errors
///
/// A refusal, when an operation does not fit the document or could not be made without changing something else.
pub fn apply(_text: &str, _patch: &Patch) -> Result<String, Refusal> {
    unimplemented!()
}
