//! Keeps a block scalar at the end of a text from taking for its own a line break that is added.

use crate::yaml::events::{EventKind, Events};
use crate::yaml::text::{properties_end, skip_trivia};

/// The text as it must end to say the same when a line break is added; nothing when it may stay as it is.
///
/// The header of a block scalar at its end says that it has no line break, or the line of blanks that it would complete
/// goes. An alias may name an anchor outside of the text.
pub fn sealed(text: &str) -> Option<String> {
    if !text.contains(['|', '>']) {
        return None;
    }
    let kinds = kinds(text)?;
    let is_kept = |text: &String| self::kinds(&format!("{text}\n")).as_ref() == Some(&kinds);
    if is_kept(&text.to_owned()) {
        return None;
    }
    let without_blanks = || {
        let rest = text.trim_end_matches(' ');
        rest.strip_suffix("\r\n").or_else(|| rest.strip_suffix('\n')).map(str::to_owned)
    };
    stripped(text).filter(is_kept).or_else(|| without_blanks().filter(is_kept))
}

/// What the text holds, wherever it stands.
fn kinds(text: &str) -> Option<Vec<EventKind>> {
    Events::new(text).map(|event| event.map(|event| event.kind)).collect::<Result<_, _>>().ok()
}

/// The text with a header for its last scalar, a block, that says that no line break is at its end.
fn stripped(text: &str) -> Option<String> {
    let written = Events::new(text).flatten().filter(|event| !event.span.is_empty());
    let last = written.filter(|event| matches!(event.kind, EventKind::Scalar { .. })).last()?;
    let start = skip_trivia(text, properties_end(text, last.span.start));
    let rest = text[start..].trim_start_matches(['|', '>', '+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    let end = text.len() - rest.len();
    let header = text[start..end].replace(['+', '-'], "");
    Some([&text[..start], &header, "-", rest].concat())
}
