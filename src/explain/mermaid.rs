//! Renders an explanation as a Mermaid flowchart, for pages that draw those.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Change, Explanation, Injection, Place, Reference, State, words};
use crate::graph::Strength;
use crate::wire::ResId;

/// What the split breaks.
const CUT: &str = "#c62828";

/// What is not there, split or not.
const MISSING: &str = "#b26a00";

/// What a Secret or ConfigMap of this function's making says of itself.
const MADE: &str = "made by split-planes";

/// The flowchart: a subgraph for each plane; references that cross planes or dangle are coloured and say so.
///
/// References to Namespaces and definitions, and those of roles to definitions, are drawn only where they are broken:
/// nearly every resource has one.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    let mut text = String::from("flowchart LR\n");
    for place in Place::ALL {
        let resources = (0..explanation.resources.len()).filter(|&at| explanation.resources[at].place == place);
        let mut nodes: Vec<String> = resources.map(|at| resource(explanation, at)).collect();
        nodes.extend(made(explanation, place));
        if !nodes.is_empty() {
            let _ = writeln!(text, "  subgraph {}[\"{}\"]", words::place(place), words::title(place));
            for node in nodes {
                let _ = writeln!(text, "    {node}");
            }
            text.push_str("  end\n");
        }
    }
    edges(&mut text, explanation);
    text
}

/// The node of a resource: what it is called, and what is added to it.
fn resource(explanation: &Explanation, at: usize) -> String {
    let id = &explanation.resources[at].id;
    let additions = explanation.injections.iter().filter(|injection| injection.resource == *id);
    let additions = additions.map(|injection| match &injection.change {
        Change::Secret { .. } | Change::Clusters { is_own: true, .. } => MADE.to_owned(),
        Change::Mount { secrets, .. } => format!("+ mount of {}", escaped(&secrets.join(", "))),
        Change::Clusters { is_own: false, .. } => "+ clusters".to_owned(),
        Change::Override { .. } => "+ override".to_owned(),
    });
    format!("r{at}[\"{}\"]", lines(id).chain(additions).collect::<Vec<_>>().join("<br/>"))
}

/// The nodes of what is new in a plane.
fn made(explanation: &Explanation, place: Place) -> Vec<String> {
    let is_new = |injection: &&Injection| {
        let is_here = words::place(place) == words::plane(injection.plane);
        is_here && !explanation.resources.iter().any(|resource| resource.id == injection.resource)
    };
    let new = explanation.injections.iter().filter(is_new).enumerate();
    let node = |(number, injection): (usize, &Injection)| {
        let text = lines(&injection.resource).chain([MADE.to_owned()]).collect::<Vec<_>>();
        format!("{}{number}([\"{}\"])", words::place(place), text.join("<br/>"))
    };
    new.map(node).collect()
}

fn lines(id: &ResId) -> impl Iterator<Item = String> {
    let parts = [Some(&id.gvk.kind), Some(&id.name), id.namespace.as_ref()];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).map(|part| escaped(part))
}

/// An arrow between two nodes; several references between them are one arrow.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Arrow {
    from: usize,
    to: String,
}

fn edges(text: &mut String, explanation: &Explanation) {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut arrows: BTreeMap<Arrow, &Reference> = BTreeMap::new();
    for reference in explanation.references.iter().filter(|reference| is_drawn(reference)) {
        let mut add = |to: String| {
            let arrow = arrows.entry(Arrow { from: reference.from, to }).or_insert(reference);
            if is_broken(reference.state) && !is_broken(arrow.state) {
                *arrow = reference;
            }
        };
        for target in &reference.targets {
            add(format!("r{target}"));
        }
        if reference.state == State::Missing {
            let next = missing.len();
            add(format!("m{}", missing.entry(&reference.wanted).or_insert(next)));
        }
    }
    for (wanted, number) in &missing {
        let _ = writeln!(text, "  m{number}([\"{}\"]):::missing", escaped(wanted));
    }
    let (mut cut, mut absent) = (Vec::new(), Vec::new());
    for (number, (arrow, reference)) in arrows.iter().enumerate() {
        let label = match reference.state {
            _ if reference.is_optional => "",
            State::CrossesPlanes => "|crosses planes|",
            State::LeftOut => "|left out|",
            State::Undecided => "|without a place|",
            State::Missing => "|missing|",
            State::Holds | State::External | State::Idle => "",
        };
        let line = if reference.strength == Strength::Soft || reference.is_optional { "-.->" } else { "-->" };
        let _ = writeln!(text, "  r{} {line}{label} {}", arrow.from, arrow.to);
        match (label, reference.state) {
            ("", _) => {}
            (_, State::Missing) => absent.push(number.to_string()),
            _ => cut.push(number.to_string()),
        }
    }
    if !missing.is_empty() {
        let _ = writeln!(text, "  classDef missing stroke:{MISSING},stroke-dasharray:4 3");
    }
    for (numbers, colour) in [(cut, CUT), (absent, MISSING)] {
        if !numbers.is_empty() {
            let _ = writeln!(text, "  linkStyle {} stroke:{colour},stroke-width:2px", numbers.join(","));
        }
    }
}

fn is_broken(state: State) -> bool {
    matches!(state, State::CrossesPlanes | State::LeftOut | State::Undecided | State::Missing)
}

fn is_drawn(reference: &Reference) -> bool {
    let is_everywhere = matches!(reference.strength, Strength::Membership | Strength::Grant);
    !is_everywhere || is_broken(reference.state)
}

/// Text as Mermaid takes it between quotes: what could end the label or begin markup becomes an entity.
fn escaped(text: &str) -> String {
    let escape = |character: char| match character {
        '"' | '#' | '&' | '<' | '>' | ';' | '`' | '\\' | '|' => format!("#{};", u32::from(character)),
        character if character.is_control() => " ".to_owned(),
        character => character.to_string(),
    };
    text.chars().map(escape).collect()
}
