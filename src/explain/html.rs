//! Renders an explanation as one page that needs no network, no server and no other file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{Explanation, json};

const PAGE: &str = include_str!("page.html");

/// The page. It runs its own script and nothing else, whatever the names in it are.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    // Inside a script element only `<` can end it or begin a comment.
    let data = explanation.shown.value_of_lines(json::value(explanation)).to_string().replace('<', "\\u003c");
    let (before, after) = PAGE.split_once("{explanation}").unwrap_or((PAGE, ""));
    let before = before.replacen("{script-hash}", &hash(after, "<script>", "</script>"), 1).replacen(
        "{style-hash}",
        &hash(before, "<style>", "</style>"),
        1,
    );
    [&before, data.as_str(), after].concat()
}

/// The digest by which a content security policy knows the first inline text between two tags.
fn hash(page: &str, open: &str, close: &str) -> String {
    let inline = page.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map_or("", |(inline, _)| inline);
    format!("sha256-{}", STANDARD.encode(Sha256::digest(inline)))
}
