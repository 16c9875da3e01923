//! Makes characters visible that would steer a terminal, forge a line or turn the direction of text around.

use std::borrow::Cow;

/// Characters beside the control characters that are not seen but change what is: line and paragraph separators,
/// directional marks, joiners, byte-order marks and tags.
const UNSEEN: [(char, char); 8] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{e0000}', '\u{e007f}'),
];

/// Whether a character shows itself and changes nothing around it.
#[must_use]
pub fn is_visible(character: char) -> bool {
    !character.is_control() && !UNSEEN.iter().any(|&(first, last)| (first..=last).contains(&character))
}

/// The text with every other character escaped as Rust does: `\n`, `\u{1b}`.
///
/// ```
/// use split_planes::redacted::visible;
///
/// assert_eq!(visible("a\u{1b}[31m\nerror: forged"), "a\\u{1b}[31m\\nerror: forged");
/// ```
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_visible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_visible(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_or_hides_is_escaped() {
        for (text, shown) in [
            ("a\r\n\tb", "a\\r\\n\\tb"),
            ("\u{1b}]0;x\u{7}\u{7f}\u{9b}1m", "\\u{1b}]0;x\\u{7}\\u{7f}\\u{9b}1m"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a\\u{2028}b\\u{2029}c\\u{85}d"),
            ("\u{202e}txt\u{2066}\u{200f}\u{61c}", "\\u{202e}txt\\u{2066}\\u{200f}\\u{61c}"),
            ("\u{feff}\u{200b}\u{e0041}", "\\u{feff}\\u{200b}\\u{e0041}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in ["", "apps/v1/Deployment/flyte/flyteadmin", "é🚀 中文 עברית \"'`\\n"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
