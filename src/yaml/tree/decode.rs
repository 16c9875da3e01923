//! Decodes the scalars of ordinary text: see [`ordinary`](crate::yaml::ordinary) for what that is.

use crate::yaml::events::ScalarStyle;

/// What the scalar means that is written as `source`.
pub(super) fn scalar(source: &str, style: ScalarStyle) -> String {
    match style {
        ScalarStyle::Plain => folded_lines(source),
        ScalarStyle::SingleQuoted => source[1..source.len() - 1].replace("''", "'"),
        // Its escapes are JSON's.
        ScalarStyle::DoubleQuoted => serde_json::from_str(source).unwrap_or_default(),
        ScalarStyle::Literal | ScalarStyle::Folded => block(source, style == ScalarStyle::Folded),
    }
}

/// A plain scalar over several lines: a line break is a space, and blank lines are line breaks.
fn folded_lines(source: &str) -> String {
    let mut lines = source.split('\n').map(|line| line.trim_matches(' '));
    let mut out = lines.next().unwrap_or_default().to_owned();
    let mut blank = 0;
    for line in lines {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if blank == 0 {
            out.push(' ');
        }
        out.extend(std::iter::repeat_n('\n', blank));
        out.push_str(line);
        blank = 0;
    }
    out
}

/// A block scalar without an indentation indicator: the first line that is not blank shows how it is indented.
fn block(source: &str, is_folded: bool) -> String {
    let (header, body) = source.split_once('\n').unwrap_or((source, ""));
    let chomping = header.as_bytes().get(1);
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let first = body.split('\n').find(|line| !line.trim_matches(' ').is_empty());
    let column = first.map_or(usize::MAX, indent);
    let mut out = String::with_capacity(body.len());
    // The line break of the last line with content, and the blank lines since.
    let (mut line_break, mut blank) = ("", 0);
    let mut was_indented = false;
    for line in body.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let ended = &line[content.len()..];
        let content = content.get(column..).unwrap_or_default();
        if content.is_empty() {
            blank += ended.len();
            continue;
        }
        let is_indented = content.starts_with([' ', '\t']);
        if is_folded && !line_break.is_empty() && !was_indented && !is_indented {
            if blank == 0 {
                out.push(' ');
            }
        } else {
            out.push_str(line_break);
        }
        out.extend(std::iter::repeat_n('\n', blank));
        out.push_str(content);
        (line_break, blank, was_indented) = (ended, 0, is_indented);
    }
    if chomping != Some(&b'-') {
        out.push_str(line_break);
    }
    if chomping == Some(&b'+') {
        out.extend(std::iter::repeat_n('\n', blank));
    }
    out
}
