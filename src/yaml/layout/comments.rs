//! Whom the comments between two items belong to.

use crate::yaml::text::{WHITE, any_line_end};

/// What a line between two items is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    /// A comment at the column of the dashes or left of it.
    Comment,
    /// A deeper comment.
    Deeper,
    /// What can only belong to the item before: dashes, colons and question marks with nothing behind them.
    Content,
}

/// The lines of `text` from `from` to `to`: where they begin, where they end, what they are beside dashes at `column`.
fn lines(text: &str, from: usize, to: usize, column: usize) -> impl Iterator<Item = (usize, usize, Kind)> {
    let mut at = from;
    std::iter::from_fn(move || {
        if at >= to {
            return None;
        }
        let (start, end) = (at, any_line_end(text, at));
        at = end;
        let content = text[start..end].trim_start_matches(' ');
        let kind = if content.starts_with('#') {
            if end - start - content.len() > column { Kind::Deeper } else { Kind::Comment }
        } else if content.trim_start_matches(WHITE).is_empty() {
            Kind::Blank
        } else {
            Kind::Content
        };
        Some((start, end, kind))
    })
}

/// Where the last item ends whose content ends at `from`, before a key or the end of the document at `to`.
///
/// Deeper comments belong to it, and so do those that touch it but not the key.
pub fn last_end(text: &str, from: usize, to: usize, column: usize, is_before_key: bool) -> usize {
    let from = deeper_end(text, from, to, column);
    let touching = lines(text, from, to, column).take_while(|&(.., kind)| kind == Kind::Comment);
    match touching.last() {
        Some((_, end, _)) if end < to || !is_before_key => end,
        _ => from,
    }
}

/// Where the lines end that can only belong to the content that ends at `from`.
fn deeper_end(text: &str, from: usize, to: usize, column: usize) -> usize {
    let own = lines(text, from, to, column).filter(|&(.., kind)| matches!(kind, Kind::Deeper | Kind::Content));
    own.last().map_or(from, |(_, end, _)| end)
}

/// Where the content ends whose last token ends at `from`: empty values have none.
pub fn content_end(text: &str, from: usize, to: usize) -> usize {
    let content = lines(text, from, to, 0).filter(|&(.., kind)| kind == Kind::Content);
    content.last().map_or(from, |(_, end, _)| end)
}

/// Where, between the content that ends at `from` and the dash line that begins at `to`, the next item begins.
///
/// As a reader sees it: deeper comments belong to the item before, and so does a comment that touches it but not the
/// next item. All other comments head the next item. Blank lines before the next item's head belong to the item before.
pub fn boundary(text: &str, from: usize, to: usize, column: usize) -> usize {
    if from == to {
        return to;
    }
    let from = deeper_end(text, from, to, column);
    let mut lines = lines(text, from, to, column).peekable();
    let mut end = from;
    while let Some((_, comment_end, _)) = lines.next_if(|&(.., kind)| kind == Kind::Comment) {
        end = comment_end;
    }
    if lines.peek().is_none() {
        // The comment touches both items, or there is none.
        return from;
    }
    while let Some((_, blank_end, _)) = lines.next_if(|&(.., kind)| kind == Kind::Blank) {
        end = blank_end;
    }
    end
}
