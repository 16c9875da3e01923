//! libyaml behind safe types.

#![allow(unsafe_code, reason = "libyaml-rs has no safe interface; every block states why it is sound")]

use std::borrow::Cow;
use std::mem::MaybeUninit;
use std::ops::Range;
use std::pin::Pin;

use libyaml_rs as sys;

use super::{CollectionStyle, EventKind, ScalarStyle};

/// libyaml's parser and the text it reads; pinned, because libyaml keeps pointers into both.
pub struct Parser<'a> {
    state: sys::yaml_parser_t,
    failed: bool,
    /// What libyaml keeps a pointer into; nothing else reads it.
    #[allow(dead_code, reason = "it is kept alive")]
    source: Cow<'a, str>,
}

/// A raw event that frees what libyaml allocated for it.
pub struct RawEvent(sys::yaml_event_t);

/// What libyaml says of an error: its text and the byte it stands at.
pub struct Problem {
    pub text: String,
    pub offset: usize,
}

/// What an event does to the collections that are open.
pub enum Shape {
    /// It begins one.
    Start { is_flow: bool },
    /// It ends one.
    End,
    /// It ends the stream.
    StreamEnd,
    /// Nothing.
    Leaf,
}

impl<'a> Parser<'a> {
    pub fn new(text: Cow<'a, str>) -> Pin<Box<Self>> {
        let mut parser = Box::new(MaybeUninit::<Self>::uninit());
        // SAFETY: `initialize` writes the whole `state` before anything reads it and can only fail by running out of
        // memory, where the allocator aborts first. The text is valid for `text.len()` bytes and outlives the parser,
        // which owns it or borrows it for its lifetime; moving an owned text does not move its bytes. The box gives the
        // parser a stable address.
        unsafe {
            let this = parser.as_mut_ptr();
            let state = &raw mut (*this).state;
            (&raw mut (*this).failed).write(sys::yaml_parser_initialize(state).fail);
            sys::yaml_parser_set_encoding(state, sys::YAML_UTF8_ENCODING);
            sys::yaml_parser_set_input_string(state, text.as_ptr(), text.len() as u64);
            (&raw mut (*this).source).write(text);
            Pin::new_unchecked(parser.assume_init())
        }
    }

    pub fn next(self: Pin<&mut Self>) -> Result<RawEvent, Problem> {
        // SAFETY: nothing is moved out of the pinned parser.
        let this = unsafe { self.get_unchecked_mut() };
        let mut event = MaybeUninit::<sys::yaml_event_t>::uninit();
        if !this.failed {
            // SAFETY: the parser was initialized in `new` and has not failed; libyaml writes the event on success.
            unsafe {
                if sys::yaml_parser_parse(&raw mut this.state, event.as_mut_ptr()).ok {
                    return Ok(RawEvent(event.assume_init()));
                }
            }
            this.failed = true;
        }
        Err(this.problem())
    }

    fn problem(&self) -> Problem {
        // libyaml sets a mark for scanner and parser errors, and a byte offset for reader errors.
        let marked = matches!(self.state.error, sys::YAML_SCANNER_ERROR | sys::YAML_PARSER_ERROR);
        let mut text = static_text(self.state.problem).unwrap_or("it is not YAML").to_owned();
        if let Some(context) = static_text(self.state.context) {
            text = format!("{text} {context}");
        }
        let at = if marked { self.state.problem_mark.index } else { self.state.problem_offset };
        Problem { text, offset: offset(at) }
    }
}

impl RawEvent {
    /// What was read.
    pub fn kind(&self) -> EventKind {
        let raw = &self.0;
        // SAFETY: libyaml fills the union field that `type_` names; its strings are NUL-terminated or null, a scalar's
        // value is valid for `length` bytes.
        unsafe {
            match raw.type_ {
                sys::YAML_STREAM_START_EVENT => EventKind::StreamStart,
                sys::YAML_DOCUMENT_START_EVENT => {
                    let start = raw.data.document_start;
                    EventKind::DocumentStart {
                        explicit: !start.implicit,
                        directives: !start.version_directive.is_null()
                            || start.tag_directives.start != start.tag_directives.end,
                    }
                }
                sys::YAML_DOCUMENT_END_EVENT => EventKind::DocumentEnd { explicit: !raw.data.document_end.implicit },
                sys::YAML_ALIAS_EVENT => EventKind::Alias { anchor: name(raw.data.alias.anchor).unwrap_or_default() },
                sys::YAML_SCALAR_EVENT => {
                    let scalar = raw.data.scalar;
                    let value = std::slice::from_raw_parts(scalar.value, offset(scalar.length));
                    EventKind::Scalar {
                        value: String::from_utf8_lossy(value).into_owned(),
                        style: match scalar.style {
                            sys::YAML_SINGLE_QUOTED_SCALAR_STYLE => ScalarStyle::SingleQuoted,
                            sys::YAML_DOUBLE_QUOTED_SCALAR_STYLE => ScalarStyle::DoubleQuoted,
                            sys::YAML_LITERAL_SCALAR_STYLE => ScalarStyle::Literal,
                            sys::YAML_FOLDED_SCALAR_STYLE => ScalarStyle::Folded,
                            _ => ScalarStyle::Plain,
                        },
                        anchor: name(scalar.anchor),
                        tag: name(scalar.tag),
                    }
                }
                sys::YAML_SEQUENCE_START_EVENT => {
                    let start = raw.data.sequence_start;
                    EventKind::SequenceStart {
                        style: collection_style(start.style == sys::YAML_FLOW_SEQUENCE_STYLE),
                        anchor: name(start.anchor),
                        tag: name(start.tag),
                    }
                }
                sys::YAML_SEQUENCE_END_EVENT => EventKind::SequenceEnd,
                sys::YAML_MAPPING_START_EVENT => {
                    let start = raw.data.mapping_start;
                    EventKind::MappingStart {
                        style: collection_style(start.style == sys::YAML_FLOW_MAPPING_STYLE),
                        anchor: name(start.anchor),
                        tag: name(start.tag),
                    }
                }
                sys::YAML_MAPPING_END_EVENT => EventKind::MappingEnd,
                _ => EventKind::StreamEnd,
            }
        }
    }

    /// The bytes it was read from.
    pub fn span(&self) -> Range<usize> {
        offset(self.0.start_mark.index)..offset(self.0.end_mark.index)
    }

    /// What it does to the collections that are open.
    pub fn shape(&self) -> Shape {
        // SAFETY: libyaml fills the union field that `type_` names.
        unsafe {
            match self.0.type_ {
                sys::YAML_STREAM_END_EVENT | sys::YAML_NO_EVENT => Shape::StreamEnd,
                sys::YAML_SEQUENCE_START_EVENT => {
                    Shape::Start { is_flow: self.0.data.sequence_start.style == sys::YAML_FLOW_SEQUENCE_STYLE }
                }
                sys::YAML_MAPPING_START_EVENT => {
                    Shape::Start { is_flow: self.0.data.mapping_start.style == sys::YAML_FLOW_MAPPING_STYLE }
                }
                sys::YAML_SEQUENCE_END_EVENT | sys::YAML_MAPPING_END_EVENT => Shape::End,
                _ => Shape::Leaf,
            }
        }
    }
}

impl Drop for Parser<'_> {
    fn drop(&mut self) {
        // SAFETY: the parser was initialized in `new` and is not used again.
        unsafe { sys::yaml_parser_delete(&raw mut self.state) }
    }
}

impl Drop for RawEvent {
    fn drop(&mut self) {
        // SAFETY: the event was written by libyaml and is freed once, here.
        unsafe { sys::yaml_event_delete(&raw mut self.0) }
    }
}

/// A libyaml message: a constant of the library.
fn static_text(text: *const i8) -> Option<&'static str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: libyaml's messages are NUL-terminated string constants of the library.
    unsafe { std::ffi::CStr::from_ptr(text.cast()) }.to_str().ok()
}

/// A position libyaml counts, which never exceeds the length of a text in memory.
fn offset(index: u64) -> usize {
    usize::try_from(index).expect("a byte offset into a text in memory fits in usize")
}

fn collection_style(is_flow: bool) -> CollectionStyle {
    if is_flow { CollectionStyle::Flow } else { CollectionStyle::Block }
}

/// An anchor or a tag.
///
/// # Safety
///
/// `text` must be null or NUL-terminated.
unsafe fn name(text: *const u8) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: by this function's contract.
    let text = unsafe { std::ffi::CStr::from_ptr(text.cast()) };
    Some(text.to_string_lossy().into_owned())
}
