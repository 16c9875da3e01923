//! Renders an explanation as one page.

use super::{Explanation, json};

/// The page.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    json::render(explanation)
}
