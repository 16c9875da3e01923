//! Renders an explanation as a Mermaid flowchart, for pages that draw those.

use std::fmt::Write as _;

use super::drawing::{Damage, Drawing, Line, Node};
use super::{Explanation, words};

/// What the split breaks.
const CUT: &str = "#c62828";

/// What is not there, split or not.
const MISSING: &str = "#b26a00";

/// The flowchart: a subgraph for each plane; references that cross planes or dangle are coloured and say so.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    let drawing = Drawing::new(explanation);
    let mut text = String::from("flowchart LR\n");
    for (place, nodes) in &drawing.places {
        let _ = writeln!(text, "  subgraph {}[\"{}\"]", words::place(*place), words::title(*place));
        for node in nodes {
            let _ = writeln!(text, "    {}", shape(node));
        }
        text.push_str("  end\n");
    }
    for (name, wanted) in &drawing.missing {
        let _ = writeln!(text, "  {name}([\"{}\"]):::missing", escaped(wanted));
    }
    for arrow in &drawing.arrows {
        let line = if arrow.line == Line::Dashed { "-.->" } else { "-->" };
        let label = arrow.label.map(|label| format!("|{label}|")).unwrap_or_default();
        let _ = writeln!(text, "  {} {line}{label} {}", arrow.from, arrow.to);
    }
    if !drawing.missing.is_empty() {
        let _ = writeln!(text, "  classDef missing stroke:{MISSING},stroke-dasharray:4 3");
    }
    for (damage, colour) in [(Damage::Cut, CUT), (Damage::Missing, MISSING)] {
        let damaged = drawing.arrows.iter().enumerate().filter(|(_, arrow)| arrow.damage == damage);
        let numbers: Vec<String> = damaged.map(|(number, _)| number.to_string()).collect();
        if !numbers.is_empty() {
            let _ = writeln!(text, "  linkStyle {} stroke:{colour},stroke-width:2px", numbers.join(","));
        }
    }
    text
}

fn shape(node: &Node) -> String {
    let lines: Vec<String> = node.lines.iter().map(|line| escaped(line)).collect();
    let lines = lines.join("<br/>");
    let name = &node.name;
    if node.is_resource { format!("{name}[\"{lines}\"]") } else { format!("{name}([\"{lines}\"])") }
}

/// Text as Mermaid takes it between quotes: what could end the label or begin markup becomes an entity.
fn escaped(text: &str) -> String {
    let escape = |character: char| match character {
        '"' | '#' | '&' | '<' | '>' | ';' | '`' | '\\' | '|' => format!("#{};", u32::from(character)),
        character => character.to_string(),
    };
    text.chars().map(escape).collect()
}
