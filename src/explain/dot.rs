//! Renders an explanation as a graph for Graphviz.

use std::fmt::Write as _;

use super::drawing::{Damage, Drawing, Line, Node};
use super::{Explanation, words};

/// What the split breaks.
const CUT: &str = "#c62828";

/// What is not there, split or not.
const MISSING: &str = "#b26a00";

const HEAD: &str = "\
digraph planes {
  rankdir=LR
  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11]
  edge [fontname=\"sans-serif\", fontsize=10]
";

/// The graph: a cluster for each plane; references that cross planes or dangle are coloured and say so.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    let drawing = Drawing::new(explanation);
    let mut text = HEAD.to_owned();
    for (place, nodes) in &drawing.places {
        // Graphviz draws a box around a subgraph only if its name begins so.
        let _ = writeln!(text, "  subgraph cluster_{} {{", words::place(*place));
        let _ = writeln!(text, "    label={}", quoted([words::title(*place)]));
        for node in nodes {
            let _ = writeln!(text, "    {}", shape(node));
        }
        text.push_str("  }\n");
    }
    for (name, wanted) in &drawing.missing {
        let label = quoted([wanted.as_str()]);
        let _ = writeln!(text, "  {name} [label={label}, style=dashed, color=\"{MISSING}\"]");
    }
    for arrow in &drawing.arrows {
        let label = arrow.label.map(|label| format!("label={}", quoted([label])));
        let line = (arrow.line == Line::Dashed).then(|| "style=dashed".to_owned());
        let colour = match arrow.damage {
            Damage::None => None,
            Damage::Cut => Some(CUT),
            Damage::Missing => Some(MISSING),
        };
        let colour = colour.map(|colour| format!("color=\"{colour}\", fontcolor=\"{colour}\", penwidth=2"));
        let attributes: Vec<String> = label.into_iter().chain(line).chain(colour).collect();
        let _ = writeln!(text, "  {} -> {} [{}]", arrow.from, arrow.to, attributes.join(", "));
    }
    text.push_str("}\n");
    text
}

fn shape(node: &Node) -> String {
    let style = if node.is_resource { "" } else { ", style=\"rounded,bold\"" };
    format!("{} [label={}{style}]", node.name, quoted(node.lines.iter().map(String::as_str)))
}

/// Lines as one string of Graphviz's language.
fn quoted<'l>(lines: impl IntoIterator<Item = &'l str>) -> String {
    let escape = |character: char| match character {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        character => character.to_string(),
    };
    let lines: Vec<String> = lines.into_iter().map(|line| line.chars().map(escape).collect()).collect();
    format!("\"{}\"", lines.join("\\n"))
}
