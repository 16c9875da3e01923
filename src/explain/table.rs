//! Renders an explanation as aligned text, for a terminal.

use std::fmt::Write as _;

use super::{Explanation, Injection, Place, words};
use crate::report::{Severity, Shown};
use crate::spec::Plane;

/// What the text is written on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// How many columns it has; without a width no line is broken.
    pub width: Option<usize>,
    /// Whether it shows colours.
    pub is_coloured: bool,
}

/// One line before it is aligned: plane, resource, the rest.
struct Row {
    label: &'static str,
    colour: Colour,
    resource: String,
    text: String,
}

#[derive(Clone, Copy)]
enum Colour {
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Dim,
    Bold,
}

/// Fewer columns than this are not worth aligning text in.
const NARROWEST: usize = 24;

/// The explanation as text: the resources by plane, what is injected, what was found, and how many there are.
#[must_use]
pub fn render(explanation: &Explanation, terminal: Terminal) -> String {
    let shown = &explanation.shown;
    let mut places = Vec::new();
    for place in Place::ALL {
        let members = explanation.resources.iter().filter(|resource| resource.place == place);
        places.extend(members.map(|resource| Row {
            label: label(place),
            colour: colour(place),
            resource: shown.text(&words::name(&resource.id)),
            text: shown.text(&words::why(explanation, resource)),
        }));
    }
    let injections: Vec<Row> = explanation.injections.iter().map(|injection| injected(injection, shown)).collect();
    let mut text = String::new();
    section(&mut text, ["PLANE", "RESOURCE", "BECAUSE OF"], &places, terminal);
    section(&mut text, ["PLANE", "RESOURCE", "INJECTED"], &injections, terminal);
    for finding in &explanation.findings {
        let severity = finding.severity.as_str();
        let colour = match finding.severity {
            Severity::Error => Colour::Red,
            Severity::Warning => Colour::Yellow,
            Severity::Info => Colour::Dim,
        };
        let line = shown.finding(finding).line();
        let mut lines = line.lines();
        let line = lines.next().unwrap_or_default();
        let rest = line.strip_prefix(severity).unwrap_or(line);
        let rest = broken(rest, terminal.width.map(|width| width.saturating_sub(severity.len())), 2);
        text += &painted(severity, colour, terminal);
        text += &rest;
        text.push('\n');
        // What is to be copied must not be broken.
        for line in lines {
            text.extend(["  ", line, "\n"]);
        }
    }
    if !explanation.findings.is_empty() {
        text.push('\n');
    }
    text + &counts(explanation) + "\n"
}

fn label(place: Place) -> &'static str {
    match place {
        Place::Unplaced => "?",
        Place::Control => "control",
        Place::Both => "both",
        Place::Data => "data",
        Place::Neither => "neither",
        Place::Local => "-",
    }
}

fn colour(place: Place) -> Colour {
    match place {
        Place::Unplaced => Colour::Red,
        Place::Control => Colour::Blue,
        Place::Both => Colour::Magenta,
        Place::Data => Colour::Green,
        Place::Neither | Place::Local => Colour::Dim,
    }
}

fn injected(injection: &Injection, shown: &Shown) -> Row {
    let place = match injection.plane {
        Plane::Control => Place::Control,
        Plane::Data => Place::Data,
    };
    Row {
        label: label(place),
        colour: colour(place),
        resource: shown.text(&words::name(&injection.resource)),
        text: shown.text(&words::injected(injection)),
    }
}

fn section(text: &mut String, heads: [&str; 3], rows: &[Row], terminal: Terminal) {
    if rows.is_empty() {
        return;
    }
    let labels = 2 + rows.iter().map(|row| row.label.len()).chain([heads[0].len()]).max().unwrap_or(0);
    let names = 2 + rows.iter().map(|row| row.resource.chars().count()).chain([heads[1].len()]).max().unwrap_or(0);
    let head = format!("{:labels$}{:names$}{}", heads[0], heads[1], heads[2]);
    let _ = writeln!(text, "{}", painted(&head, Colour::Bold, terminal));
    for Row { label, colour, resource, text: because } in rows {
        let label = painted(&format!("{label:labels$}"), *colour, terminal);
        let _ = match terminal.width.map(|width| width.saturating_sub(labels + names)) {
            Some(left) if left < NARROWEST => {
                let indent = labels + 2;
                let below = broken(because, terminal.width.map(|width| width.saturating_sub(indent)), indent);
                writeln!(text, "{label}{resource}\n{:indent$}{below}", "")
            }
            left => writeln!(text, "{label}{resource:names$}{}", broken(because, left, labels + names)),
        };
    }
    text.push('\n');
}

/// The text in lines of at most `width`, the second and further ones moved right by `indent`.
fn broken(text: &str, width: Option<usize>, indent: usize) -> String {
    let Some(width) = width.map(|width| width.max(NARROWEST)) else { return text.to_owned() };
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + word.trim_end().chars().count() > width {
            lines.push(word.to_owned());
        } else {
            last.push_str(word);
        }
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

fn painted(text: &str, colour: Colour, terminal: Terminal) -> String {
    let code = match colour {
        _ if !terminal.is_coloured => return text.to_owned(),
        Colour::Red => 31,
        Colour::Green => 32,
        Colour::Yellow => 33,
        Colour::Blue => 34,
        Colour::Magenta => 35,
        Colour::Dim => 2,
        Colour::Bold => 1,
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

fn counts(explanation: &Explanation) -> String {
    let count = |wanted: Place| explanation.resources.iter().filter(|resource| resource.place == wanted).count();
    let both = count(Place::Both);
    let mut parts = vec![
        format!("control plane: {}", count(Place::Control) + both),
        format!("data plane: {}", count(Place::Data) + both),
        format!("of these in both: {both}"),
    ];
    for (place, what) in [(Place::Neither, "neither"), (Place::Local, "local"), (Place::Unplaced, "without a place")] {
        let number = count(place);
        if number > 0 {
            parts.push(format!("{what}: {number}"));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Explained, Rule};
    use crate::report::Finding;
    use crate::wire::ResId;

    fn explanation(name: &str) -> Explanation {
        let explained = |id: ResId, place, field: &'static str| Explained {
            id,
            path: None,
            place,
            rule: Rule::Selector { field: field.into(), selector: "{name: a}".to_owned() },
        };
        Explanation {
            resources: vec![
                explained(ResId::core("Service", Some("flyte"), name), Place::Data, "spec.planes.dataPlane[0]"),
                explained(ResId::core("Namespace", None, "flyte"), Place::Both, "one two three four five six seven"),
            ],
            findings: vec![Finding::warning("must be eight nine ten eleven twelve thirteen fourteen")],
            ..Explanation::default()
        }
    }

    #[test]
    fn columns_are_aligned_and_planes_stand_together() {
        let text = render(&explanation("redis"), Terminal::default());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "PLANE  RESOURCE             BECAUSE OF",
                "both   Namespace flyte      [\"one two three four five six seven\"] {name: a}",
                "data   Service flyte/redis  spec.planes.dataPlane[0] {name: a}",
            ]
        );
        assert_eq!(lines.last(), Some(&"control plane: 1, data plane: 2, of these in both: 1"));
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn lines_fit_the_width() {
        for width in [40, 52, 60, 80] {
            let text = render(&explanation("redis"), Terminal { width: Some(width), is_coloured: false });
            let body = || text.lines().filter(|line| !line.starts_with("control plane"));
            assert!(body().all(|line| line.chars().count() <= width), "{width}\n{text}");
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&text), words(&render(&explanation("redis"), Terminal::default())), "{width}");
        }
    }

    #[test]
    fn colours_leave_the_text_alone() {
        let coloured = render(&explanation("redis"), Terminal { width: None, is_coloured: true });
        assert!(coloured.contains("\u{1b}[32mdata"), "{coloured}");
        let codes = regex::Regex::new("\u{1b}\\[[0-9]+m").unwrap();
        assert_eq!(codes.replace_all(&coloured, ""), render(&explanation("redis"), Terminal::default()));
    }

    #[test]
    fn names_do_not_steer_the_terminal() {
        let text = render(&explanation("x\u{1b}[2J\u{7}"), Terminal::default());
        assert!(!text.contains(['\u{1b}', '\u{7}']) && text.contains(r"\u{1b}[2J"), "{text}");
    }
}
