//! Counts the work that libyaml has with brackets inside each other, which grows with the square of their depth.

/// How many flow collections a token may stand in, on average over the bytes of a text that is large: libyaml looks at
/// each of them again for each token. People's texts stay below 2.
const MAX_FLOW_WORK: usize = 8;

/// How many a small text may hold all the same.
const FREE_FLOW_WORK: usize = 1 << 24;

/// The work that libyaml has with flow collections that stand inside each other.
#[derive(Debug, Default)]
pub struct FlowWork {
    /// How many of the open collections are in flow style.
    depth: usize,
    done: usize,
}

impl FlowWork {
    pub fn begin(&mut self, is_flow: bool) {
        self.depth += usize::from(self.depth > 0 || is_flow);
    }

    pub fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Counts an event.
    pub fn count(&mut self) {
        self.done += self.depth;
    }

    /// Whether it is too much for a text of `size` bytes.
    pub fn is_excessive(&self, size: usize) -> bool {
        self.done > MAX_FLOW_WORK * size + FREE_FLOW_WORK
    }
}
