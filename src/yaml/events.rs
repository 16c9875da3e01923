//! Reads YAML text as a stream of events with byte ranges: libyaml behind a safe iterator.
//!
//! libyaml is the judge here because Go's `yaml.v3`, which kustomize and kpt read with, is a port of the same code:
//! what this parser accepts and how it decodes a scalar is what they accept and decode.
//!
//! Events tell what is written, not what it means. A scalar is text with a style, so `yes` is neither a boolean nor a
//! string here; an alias is not followed, and its anchor need not be there; a key may repeat; any number of documents
//! may follow each other. What a document means is for [`view`](super::view) to say.
//!
//! ```
//! use split_planes::yaml::events::{EventKind, Events};
//!
//! let text = "image: 'web:1' # pinned\n";
//! let mut scalars = Vec::new();
//! for event in Events::new(text) {
//!     let event = event?;
//!     if let EventKind::Scalar { value, .. } = event.kind {
//!         scalars.push((value, &text[event.span]));
//!     }
//! }
//! assert_eq!(scalars, [("image".to_owned(), "image"), ("web:1".to_owned(), "'web:1'")]);
//! # Ok::<(), split_planes::yaml::Error>(())
//! ```
//!
//! # Bounds
//!
//! Memory grows with the depth and with the longest token, not with the text. Two things that libyaml needs quadratic
//! time for are an [`Error`] instead: collections nested deeper than [`MAX_DEPTH`], and much content between many
//! brackets, where the number of open brackets and braces, added up over all events, exceeds 8 for each byte of the
//! text and 2²⁴ beyond that.

mod flow_work;
mod go;
mod parser;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;

pub(super) use flow_work::FlowWork;
use go::Disguise;
use parser::{Parser, Problem, RawEvent, Shape};

/// How many collections may stand inside each other: more than people write, as libyaml needs quadratic time for many.
///
/// ```
/// use split_planes::yaml::events::{MAX_DEPTH, validate};
///
/// let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
/// assert!(validate(&nested(MAX_DEPTH)).is_ok());
/// assert_eq!(validate(&nested(MAX_DEPTH + 1)).unwrap_err().column, MAX_DEPTH + 1);
/// ```
pub const MAX_DEPTH: usize = 512;

/// The byte-order mark, which libyaml does not count in its marks.
const BOM: &str = "\u{feff}";

/// Why a text is not YAML, or not what its reader takes, and where.
///
/// Prints as `line 1, column 9: …`.
///
/// ```
/// use split_planes::yaml::events::validate;
///
/// let error = validate("größe: a: b\n").unwrap_err();
/// assert_eq!((error.line, error.column), (1, 9), "characters count, not bytes");
/// assert_eq!(error.problem, "mapping values are not allowed in this context");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong, in libyaml's words or ours, without quoting the text.
    pub problem: String,
    /// The line of the problem, counted from 1; a line ends with a line feed.
    pub line: usize,
    /// The column of the problem in characters, counted from 1; a byte-order mark is not counted.
    pub column: usize,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.problem)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// The error that `text` has `problem` at the byte `at`.
    pub(crate) fn at(text: &str, at: usize, problem: impl Into<String>) -> Self {
        let before = &text[..text.floor_char_boundary(at)];
        let line_start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
        let line = before[line_start..].trim_start_matches(BOM);
        Self {
            problem: problem.into(),
            line: before.bytes().filter(|&byte| byte == b'\n').count() + 1,
            column: line.chars().count() + 1,
        }
    }
}

/// How a scalar is written.
///
/// For a reader the style is part of the value: only plain scalars can be numbers, booleans or null.
///
/// ```
/// use split_planes::yaml::events::{EventKind, Events, ScalarStyle};
///
/// let styles = Events::new("[1, '1', \"\\x31\"]").filter_map(|event| match event.ok()?.kind {
///     EventKind::Scalar { value, style, .. } if value == "1" => Some(style),
///     _ => None,
/// });
/// assert!(styles.eq([ScalarStyle::Plain, ScalarStyle::SingleQuoted, ScalarStyle::DoubleQuoted]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarStyle {
    /// No quotes: `text`. An empty value, as in `key:`, is plain too.
    Plain,
    /// `'text'`; `''` is its only escape.
    SingleQuoted,
    /// `"text"`, with escapes behind backslashes.
    DoubleQuoted,
    /// `|`, line breaks kept.
    Literal,
    /// `>`, single line breaks folded to spaces.
    Folded,
}

/// How a sequence or mapping is written.
///
/// ```
/// use split_planes::yaml::events::{CollectionStyle, EventKind, Events};
///
/// let styles = Events::new("- {\"json\": [1]}\n").filter_map(|event| match event.ok()?.kind {
///     EventKind::SequenceStart { style, .. } => Some(style),
///     EventKind::MappingStart { style, .. } => Some(style),
///     _ => None,
/// });
/// assert!(styles.eq([CollectionStyle::Block, CollectionStyle::Flow, CollectionStyle::Flow]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectionStyle {
    /// By indentation.
    Block,
    /// In brackets or braces, as in JSON.
    Flow,
}

/// What one step of the parser found.
///
/// Starts and ends are balanced: every document stands inside the stream, every collection inside its document. The
/// children of a mapping come as key, value, key, value.
///
/// ```
/// use split_planes::yaml::events::{Event, EventKind, Events, ScalarStyle};
///
/// let events = Events::new("--- !!str 1").collect::<Result<Vec<Event>, _>>()?;
/// assert_eq!(events[1].kind, EventKind::DocumentStart { explicit: true, directives: false });
/// let (style, tag) = (ScalarStyle::Plain, Some("tag:yaml.org,2002:str".to_owned()));
/// assert_eq!(events[2].kind, EventKind::Scalar { value: "1".to_owned(), style, anchor: None, tag });
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The stream begins; always the first event.
    StreamStart,
    /// The stream ends; always the last event of a text without an error.
    StreamEnd,
    /// A document begins.
    DocumentStart {
        /// Whether `---` is written.
        explicit: bool,
        /// Whether a `%YAML` or `%TAG` directive is written.
        directives: bool,
    },
    /// A document ends.
    DocumentEnd {
        /// Whether `...` is written.
        explicit: bool,
    },
    /// `*anchor`, which is not followed.
    Alias {
        /// The name after `*`.
        anchor: String,
    },
    /// A scalar, decoded.
    Scalar {
        /// The text: escapes, folding and indentation resolved, line breaks as `\n` but for U+2028 and U+2029.
        value: String,
        /// How it is written.
        style: ScalarStyle,
        /// The name after `&`.
        anchor: Option<String>,
        /// The tag, resolved: `tag:yaml.org,2002:str` for `!!str`, `!mine` for `!mine`.
        tag: Option<String>,
    },
    /// A sequence begins.
    SequenceStart {
        /// How it is written.
        style: CollectionStyle,
        /// The name after `&`.
        anchor: Option<String>,
        /// The tag, resolved.
        tag: Option<String>,
    },
    /// A sequence ends.
    SequenceEnd,
    /// A mapping begins.
    MappingStart {
        /// How it is written.
        style: CollectionStyle,
        /// The name after `&`.
        anchor: Option<String>,
        /// The tag, resolved.
        tag: Option<String>,
    },
    /// A mapping ends.
    MappingEnd,
}

/// Says what was read and not what it holds, which may be a secret.
impl fmt::Debug for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::StreamStart => "StreamStart",
            Self::StreamEnd => "StreamEnd",
            Self::DocumentStart { .. } => "DocumentStart",
            Self::DocumentEnd { .. } => "DocumentEnd",
            Self::Alias { .. } => "Alias",
            Self::Scalar { style, .. } => {
                return f.debug_struct("Scalar").field("style", style).finish_non_exhaustive();
            }
            Self::SequenceStart { .. } => "SequenceStart",
            Self::SequenceEnd => "SequenceEnd",
            Self::MappingStart { .. } => "MappingStart",
            Self::MappingEnd => "MappingEnd",
        };
        f.write_str(name)
    }
}

/// One step of the parser, and the bytes it was read from.
///
/// The range of a scalar covers anchor and tag as well, that of a block scalar the blank lines behind it. The end
/// events of block collections lie at the next token, behind comments and blank lines; for those the end of the last
/// leaf is the end of the collection.
///
/// ```
/// use split_planes::yaml::events::{Event, EventKind, Events};
///
/// let text = "a: &x !!str b # c\n";
/// let events = Events::new(text).collect::<Result<Vec<Event>, _>>()?;
/// assert_eq!(&text[events[4].span.clone()], "&x !!str b");
/// let end = Event { kind: EventKind::MappingEnd, span: text.len()..text.len() };
/// assert_eq!(events[5], end, "behind the comment");
/// # Ok::<(), split_planes::yaml::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was read.
    pub kind: EventKind,
    /// Where, in bytes of the text given to [`Events::new`]; always on character boundaries.
    pub span: Range<usize>,
}

/// The events of a text, up to and including [`EventKind::StreamEnd`] or the first error; nothing follows either.
///
/// What stands before an error comes out before it, so that only the last event proves that all of the text is YAML.
///
/// ```
/// use split_planes::yaml::events::Events;
///
/// let mut events = Events::new("- a\n- [b\n");
/// let error = events.find_map(Result::err).expect("a bracket is missing");
/// assert_eq!((error.line, error.column), (3, 1));
/// assert!(events.next().is_none());
/// ```
pub struct Events<'a> {
    parser: Pin<Box<Parser<'a>>>,
    text: &'a str,
    /// Bytes of a byte-order mark, which libyaml is not shown.
    skipped: usize,
    /// What libyaml is shown in place of what it does not take and Go does.
    disguise: Disguise,
    /// How many events libyaml has given.
    taken: usize,
    depth: usize,
    flow_work: FlowWork,
    finished: bool,
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("depth", &self.depth).finish_non_exhaustive()
    }
}

impl<'a> Events<'a> {
    /// Starts reading `text`, which may begin with a byte-order mark.
    ///
    /// ```
    /// use split_planes::yaml::events::{Event, Events};
    ///
    /// let events = Events::new("\u{feff}key:").collect::<Result<Vec<Event>, _>>()?;
    /// assert_eq!(events[3].span, 3..6, "the mark counts in spans");
    /// # Ok::<(), split_planes::yaml::Error>(())
    /// ```
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let body = text.strip_prefix(BOM).unwrap_or(text);
        Self {
            parser: Parser::new(Cow::Borrowed(body)),
            text,
            skipped: text.len() - body.len(),
            disguise: Disguise::default(),
            taken: 0,
            depth: 0,
            flow_work: FlowWork::default(),
            finished: false,
        }
    }

    /// Reads on to the end of the stream without decoding what is read.
    fn drain(mut self) -> Result<(), Error> {
        while !self.finished {
            self.step(|_| ())?;
        }
        Ok(())
    }

    /// Takes one step and hands the raw event to `read` before it is freed.
    fn step<T>(&mut self, read: impl FnOnce(&RawEvent) -> T) -> Result<T, Error> {
        let raw = match self.raw() {
            Ok(raw) => raw,
            Err(problem) => {
                self.finished = true;
                return Err(self.error(problem.text, problem.offset));
            }
        };
        match raw.shape() {
            Shape::StreamEnd => self.finished = true,
            Shape::Start { is_flow } => {
                self.depth += 1;
                self.flow_work.begin(is_flow);
            }
            Shape::End => {
                self.depth -= 1;
                self.flow_work.end();
            }
            Shape::Leaf => {}
        }
        self.flow_work.count();
        if self.depth > MAX_DEPTH {
            self.finished = true;
            let problem = format!("collections must not be nested more than {MAX_DEPTH} deep");
            return Err(self.error(problem, raw.span().start));
        }
        if self.flow_work.is_excessive(self.text.len()) {
            self.finished = true;
            let problem = "collections in brackets must not hold so much at such a depth".to_owned();
            return Err(self.error(problem, raw.span().start));
        }
        Ok(read(&raw))
    }

    /// The next event; where libyaml stops at what Go reads, that of the text in disguise.
    fn raw(&mut self) -> Result<RawEvent, Problem> {
        loop {
            let problem = match self.parser.as_mut().next() {
                Ok(raw) => {
                    self.taken += 1;
                    return Ok(raw);
                }
                Err(problem) => problem,
            };
            let Some(shown) = self.disguise.put_on(&self.text[self.skipped..], &problem) else { return Err(problem) };
            self.parser = Parser::new(Cow::Owned(shown));
            for _ in 0..self.taken {
                self.parser.as_mut().next()?;
            }
        }
    }

    fn error(&self, problem: String, offset: usize) -> Error {
        Error::at(self.text, self.skipped + offset, problem)
    }
}

impl Iterator for Events<'_> {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let skipped = self.skipped;
        let read = |raw: &RawEvent| {
            let Range { start, end } = raw.span();
            Event { kind: raw.kind(), span: skipped + start..skipped + end }
        };
        Some(self.step(read).map(|mut event| {
            if let EventKind::Scalar { value, style, .. } = &mut event.kind {
                self.disguise.take_off(
                    value,
                    *style,
                    &self.text[skipped..],
                    event.span.start - skipped..event.span.end - skipped,
                );
            }
            event
        }))
    }
}

/// Checks that `text` is YAML by its syntax: any number of documents, aliases and keys not looked at.
///
/// It copies nothing. [`view::check`](super::view::check) says whether a text can be read, too.
///
/// # Errors
///
/// The error that [`Events`] would end with.
///
/// # Examples
///
/// ```
/// use split_planes::yaml::{events::validate, view::check};
///
/// assert!(validate("[1, 2").is_err());
/// assert!(validate("a: *b").is_ok());
/// assert_eq!(check("a: *b").unwrap_err().problem, "unknown anchor referenced");
/// ```
pub fn validate(text: &str) -> Result<(), Error> {
    Events::new(text).drain()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_value() {
        let events: Vec<_> = Events::new("token: &a hunter2\n").map(Result::unwrap).collect();
        let shown = format!("{events:?}");
        assert!(shown.contains("Scalar") && !shown.contains("hunter2") && !shown.contains("token"), "{shown}");
    }

    #[test]
    fn ranges_are_bytes_and_count_a_byte_order_mark() {
        let text = "\u{feff}é🚀: x\nb: y";
        let spans: Vec<&str> = Events::new(text)
            .map(|event| event.expect("this is YAML"))
            .filter(|event| matches!(event.kind, EventKind::Scalar { .. }))
            .map(|event| &text[event.span])
            .collect();
        assert_eq!(spans, ["é🚀", "x", "b", "y"]);
    }

    #[test]
    fn errors_name_line_and_column() {
        let error = validate("a: 1\nb: [1, 2\nc: 3").expect_err("the bracket is open");
        assert_eq!((error.line, error.column), (3, 2), "{error}");
    }

    #[test]
    fn reader_errors_name_line_and_column_too() {
        let error = validate("a: 1\nb: \u{0}").expect_err("NUL is not YAML");
        assert_eq!(error.line, 2, "{error}");
    }

    #[test]
    fn deep_brackets_that_hold_much_are_refused() {
        let text = format!("{}{}a{}", "[".repeat(500), "a,".repeat(40_000), "]".repeat(500));
        let error = validate(&text).expect_err("libyaml would look at every bracket for every value");
        assert!(error.problem.contains("depth"), "{error}");
        assert!(validate(&format!("{}{}", "[".repeat(100), "]".repeat(100))).is_ok());
    }

    #[test]
    fn deep_nesting_is_refused_at_once() {
        for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100_000)] {
            let error = validate(&text).expect_err("it is too deep");
            assert!(error.problem.contains("nested"), "{error}");
        }
    }
}
