//! Flow collections, JSON among them.

use super::{MAX_DEPTH, MAX_KEY, Reader, Step, Stop, Unsure, scalar};
use crate::yaml::events::Glance;

impl<S: FnMut(Glance<'_>) -> bool> Reader<'_, S> {
    /// Reads the collection whose bracket is at hand and which stands inside `depth` others.
    pub(super) fn flow(&mut self, depth: usize) -> Step {
        if self.open.len() + depth >= MAX_DEPTH {
            return Err(Stop::Unsure);
        }
        let is_mapping = self.byte(self.at) == b'{';
        let closing = if is_mapping { b'}' } else { b']' };
        self.flow_work.begin(true);
        self.flow_event(if is_mapping { Glance::MappingStart } else { Glance::SequenceStart })?;
        self.skip_white(self.at + 1);
        while self.byte(self.at) != closing {
            if is_mapping {
                self.flow_key()?;
            }
            self.flow_value(depth)?;
            self.skip_white(self.at);
            match self.byte(self.at) {
                b',' => {
                    self.skip_white(self.at + 1);
                    // Not ordinary: a comma that nothing follows.
                    if self.byte(self.at) == closing {
                        return Err(Stop::Unsure);
                    }
                }
                byte if byte == closing => {}
                _ => return Err(Stop::Unsure),
            }
        }
        self.at += 1;
        self.flow_work.end();
        self.flow_event(Glance::CollectionEnd)
    }

    fn flow_key(&mut self) -> Step {
        let start = self.at;
        let (value, end, is_plain) = self.flow_scalar(start)?;
        let is_key = self.byte(end) == b':' && (!is_plain || self.is_blank(end + 1));
        if !is_key || value.is_none() || end - start > MAX_KEY {
            return Err(Stop::Unsure);
        }
        self.flow_event(Glance::Scalar { value, is_plain, is_tagged: false })?;
        self.skip_white(end + 1);
        Ok(())
    }

    fn flow_value(&mut self, depth: usize) -> Step {
        if matches!(self.byte(self.at), b'[' | b'{') {
            return self.flow(depth + 1);
        }
        let (value, end, is_plain) = self.flow_scalar(self.at)?;
        self.at = end;
        self.flow_event(Glance::Scalar { value, is_plain, is_tagged: false })
    }

    fn flow_event(&mut self, event: Glance<'_>) -> Step {
        self.flow_work.count();
        self.show(event)
    }

    fn skip_white(&mut self, from: usize) {
        self.at = from;
        while matches!(self.byte(self.at), b' ' | b'\n') {
            self.at += 1;
        }
    }
}

impl<'a, S> Reader<'a, S> {
    /// The scalar that begins at `start`, where it ends, and whether it is plain.
    fn flow_scalar(&self, start: usize) -> Result<(Option<&'a str>, usize, bool), Unsure> {
        if matches!(self.bytes.get(start), Some(b'"' | b'\'')) {
            let quoted = scalar::quoted(self.bytes, start)?;
            return Ok((quoted.value(self.text, start), quoted.end, false));
        }
        let end = scalar::flow_plain_end(self.bytes, start)?;
        Ok((Some(&self.text[start..end]), end, true))
    }
}
