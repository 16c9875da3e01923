//! A regular expression as a selector has it; most are plain words, which need none.

use regex::Regex;

/// What a whole text must match.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// One of these words.
    Words(Vec<String>),
    /// Anything else.
    Regex(Regex),
}

impl Pattern {
    /// Compiles the regular expression `text`; nothing when it is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'|');
        if text.bytes().all(is_plain) {
            return Some(Self::Words(text.split('|').map(str::to_owned).collect()));
        }
        Regex::new(&format!("^(?:{text})$")).ok().map(Self::Regex)
    }

    /// Whether it matches all of `text`.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Words(words) => words.iter().any(|word| word == text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_as_the_regular_expression_does() {
        for pattern in ["", "web", "web|api", "web|", "|", "a-b_c/d", "web||api"] {
            let words = Pattern::new(pattern).unwrap();
            assert!(matches!(words, Pattern::Words(_)), "{pattern}");
            let regex = Regex::new(&format!("^(?:{pattern})$")).unwrap();
            for text in ["", "web", "api", "we", "webs", "web|api", "a-b_c/d", "web\n", "WEB"] {
                assert_eq!(words.is_match(text), regex.is_match(text), "{pattern} on {text:?}");
            }
        }
        assert!(matches!(Pattern::new("web.*"), Some(Pattern::Regex(_))));
        assert!(Pattern::new("web(").is_none());
    }
}
