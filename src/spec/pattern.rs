//! A regular expression as a selector has it; most are plain words, which need none.

use regex::{Regex, RegexBuilder};

/// What a whole text must match.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// One of these words.
    Words(Vec<String>),
    /// Anything else.
    Regex(Regex),
}

impl Pattern {
    /// Compiles the regular expression `text` within `budget`.
    ///
    /// # Errors
    ///
    /// When it is none, or takes too much memory.
    pub fn new(text: &str, budget: &mut Budget) -> Result<Self, Refusal> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'|');
        if text.bytes().all(is_plain) {
            return Ok(Self::Words(text.split('|').map(str::to_owned).collect()));
        }
        budget.compile(&format!("^(?:{text})$"))
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

/// Why a regular expression is not compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is none.
    Syntax,
    /// It alone takes more than [`LARGEST`].
    TooLarge,
    /// All of them take more than [`TOGETHER`].
    TooMany,
}

/// How many bytes one regular expression may take.
const LARGEST: usize = 1 << 20;

/// How many bytes all regular expressions of a spec may take.
const TOGETHER: usize = 64 << 20;

/// How many bytes regular expressions may still take. What one takes is known only as a limit that it keeps.
#[derive(Debug)]
pub struct Budget {
    left: Option<usize>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: Some(TOGETHER) }
    }
}

impl Budget {
    /// Compiles a regular expression. After the first that is refused because there are too many, every other matches nothing.
    fn compile(&mut self, text: &str) -> Result<Pattern, Refusal> {
        let Some(left) = self.left else { return Ok(Pattern::Words(Vec::new())) };
        for limit in [4 << 10, 64 << 10, LARGEST] {
            let Some(rest) = left.checked_sub(limit) else {
                self.left = None;
                return Err(Refusal::TooMany);
            };
            match RegexBuilder::new(text).size_limit(limit).build() {
                Ok(regex) => {
                    self.left = Some(rest);
                    return Ok(Pattern::Regex(regex));
                }
                Err(regex::Error::CompiledTooBig(_)) => {}
                Err(_) => return Err(Refusal::Syntax),
            }
        }
        self.left = left.checked_sub(LARGEST);
        Err(Refusal::TooLarge)
    }
}

impl Refusal {
    /// The rule that the regular expression `text` breaks.
    #[must_use]
    pub fn rule(self, text: &str) -> String {
        match self {
            Self::Syntax => format!("must be a regular expression, got {text:?}"),
            Self::TooLarge => format!("must be a simpler regular expression, this one takes more than {LARGEST} bytes"),
            Self::TooMany => format!(
                "must be simpler, because the regular expressions of all selectors take more than {TOGETHER} bytes; \
                 use plain names or labels"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Result<Pattern, Refusal> {
        Pattern::new(text, &mut Budget::default())
    }

    #[test]
    fn memory_is_bounded_for_each_and_for_all() {
        assert!(pattern(r"\w{9}").is_ok());
        assert_eq!(pattern(r"\w{999}").unwrap_err(), Refusal::TooLarge);
        let mut budget = Budget::default();
        let refused = (0..10_000).find_map(|n| Pattern::new(&format!(r"\w{{9}}{n}"), &mut budget).err());
        assert_eq!(refused, Some(Refusal::TooMany));
        assert!(matches!(Pattern::new("web.", &mut budget), Ok(Pattern::Words(words)) if words.is_empty()));
        let mut budget = Budget::default();
        assert!((0..10_000).all(|n| Pattern::new(&format!("web-{n}-.*"), &mut budget).is_ok()));
    }

    #[test]
    fn words_match_as_the_regular_expression_does() {
        for pattern in ["", "web", "web|api", "web|", "|", "a-b_c/d", "web||api"] {
            let words = self::pattern(pattern).unwrap();
            assert!(matches!(words, Pattern::Words(_)), "{pattern}");
            let regex = Regex::new(&format!("^(?:{pattern})$")).unwrap();
            for text in ["", "web", "api", "we", "webs", "web|api", "a-b_c/d", "web\n", "WEB"] {
                assert_eq!(words.is_match(text), regex.is_match(text), "{pattern} on {text:?}");
            }
        }
        assert!(matches!(pattern("web.*"), Ok(Pattern::Regex(_))));
        assert_eq!(pattern("web(").unwrap_err(), Refusal::Syntax);
    }
}
