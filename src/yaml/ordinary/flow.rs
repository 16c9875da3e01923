//! Flow collections, JSON among them.

use super::{MAX_DEPTH, MAX_KEY, Reader, Step, Unsure, scalar};
use crate::yaml::events::{CollectionStyle, ScalarStyle};
use crate::yaml::tree::Kind;

impl Reader<'_, '_> {
    /// Reads the collection whose bracket is at hand and which stands inside `depth` others.
    pub(super) fn flow(&mut self, depth: usize) -> Step {
        if self.open.len() + depth >= MAX_DEPTH {
            return Err(Unsure);
        }
        let is_mapping = self.byte(self.at) == b'{';
        let closing = if is_mapping { b'}' } else { b']' };
        self.flow_work.begin(true);
        self.flow_work.count();
        let kind = if is_mapping { Kind::Mapping } else { Kind::Sequence };
        self.tree.begin(kind(CollectionStyle::Flow), self.at, None);
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
                        return Err(Unsure);
                    }
                }
                byte if byte == closing => {}
                _ => return Err(Unsure),
            }
        }
        self.at += 1;
        self.flow_work.end();
        self.flow_work.count();
        self.tree.finish(self.at);
        Ok(())
    }

    fn flow_key(&mut self) -> Step {
        let start = self.at;
        let is_quoted = matches!(self.byte(start), b'"' | b'\'');
        let is_verbatim = self.flow_scalar()?;
        let is_key = self.byte(self.at) == b':' && (is_quoted || self.is_blank(self.at + 1));
        if !is_key || !is_verbatim || self.at - start > MAX_KEY {
            return Err(Unsure);
        }
        self.skip_white(self.at + 1);
        Ok(())
    }

    fn flow_value(&mut self, depth: usize) -> Step {
        if matches!(self.byte(self.at), b'[' | b'{') {
            return self.flow(depth + 1);
        }
        self.flow_scalar().map(|_| ())
    }

    /// Reads the scalar at hand; whether it is its value, but for quotes.
    fn flow_scalar(&mut self) -> Step<bool> {
        self.flow_work.count();
        let start = self.at;
        if matches!(self.byte(start), b'"' | b'\'') {
            let quoted = scalar::quoted(self.bytes, start)?;
            self.quoted(start, quoted);
            self.at = quoted.end;
            return Ok(!quoted.is_escaped);
        }
        self.at = scalar::flow_plain_end(self.bytes, start)?;
        self.tree.verbatim(ScalarStyle::Plain, start..self.at, start..self.at);
        Ok(true)
    }

    fn skip_white(&mut self, from: usize) {
        self.at = from;
        while matches!(self.byte(self.at), b' ' | b'\n') {
            self.at += 1;
        }
    }
}
