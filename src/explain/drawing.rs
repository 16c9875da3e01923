//! What a drawing of an explanation shows, whatever draws it: boxes for the places, nodes, and arrows between them.

use std::collections::BTreeMap;

use super::{Change, Explanation, Injection, Place, Reference, State, words};
use crate::graph::Strength;
use crate::wire::ResId;

/// What a Secret or ConfigMap of this function's making says of itself.
const MADE: &str = "made by split-planes";

/// A node: its name in the drawing, and its lines.
pub struct Node {
    /// Unique among the nodes.
    pub name: String,
    /// What it says.
    pub lines: Vec<String>,
    /// Whether it is among the resources, and not new.
    pub is_resource: bool,
}

/// An arrow between two nodes; several references between them are one arrow.
pub struct Arrow {
    /// The name of the node that refers.
    pub from: String,
    /// The name of the node that is referred to.
    pub to: String,
    /// What is wrong with it, in words.
    pub label: Option<&'static str>,
    /// How to draw it.
    pub line: Line,
    /// What it means.
    pub damage: Damage,
}

/// How an arrow is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// The referrer needs what it refers to.
    Solid,
    /// It can do without.
    Dashed,
}

/// Whether an arrow leads somewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It does.
    None,
    /// The split cuts it.
    Cut,
    /// There is nothing at its end, split or not.
    Missing,
}

/// What to draw.
pub struct Drawing {
    /// The places that hold something, each with its nodes.
    pub places: Vec<(Place, Vec<Node>)>,
    /// What is referred to and not there: the names of the nodes, and what each would be.
    pub missing: Vec<(String, String)>,
    /// The arrows.
    pub arrows: Vec<Arrow>,
}

impl Drawing {
    /// Lays out what there is to draw.
    ///
    /// References to Namespaces and definitions, and those of roles to definitions, are drawn only if they are broken:
    /// nearly every resource has one.
    pub fn new(explanation: &Explanation) -> Self {
        let mut places = Vec::new();
        for place in Place::ALL {
            let resources = (0..explanation.resources.len()).filter(|&at| explanation.resources[at].place == place);
            let mut nodes: Vec<Node> = resources.map(|at| resource(explanation, at)).collect();
            nodes.extend(made(explanation, place));
            if !nodes.is_empty() {
                places.push((place, nodes));
            }
        }
        let (missing, arrows) = arrows(explanation);
        Self { places, missing, arrows }
    }
}

/// The node of a resource: what it is called, and what is added to it.
fn resource(explanation: &Explanation, at: usize) -> Node {
    let id = &explanation.resources[at].id;
    let additions = explanation.injections.iter().filter(|injection| injection.resource == *id);
    let additions = additions.map(|injection| match &injection.change {
        Change::Secret { .. } | Change::Clusters { is_own: true, .. } => MADE.to_owned(),
        Change::Mount { secrets, .. } => format!("+ mount of {}", secrets.join(", ")),
        Change::Clusters { is_own: false, .. } => "+ clusters".to_owned(),
        Change::Override { .. } => "+ override".to_owned(),
        Change::Checksum => "+ checksum".to_owned(),
    });
    Node { name: format!("r{at}"), lines: shown(explanation, lines(id).chain(additions)), is_resource: true }
}

/// The nodes of what is new in a plane.
fn made(explanation: &Explanation, place: Place) -> Vec<Node> {
    let is_new = |injection: &&Injection| {
        let is_here = words::place(place) == words::plane(injection.plane);
        is_here && !explanation.resources.iter().any(|resource| resource.id == injection.resource)
    };
    let new = explanation.injections.iter().filter(is_new).enumerate();
    let node = |(number, injection): (usize, &Injection)| Node {
        name: format!("{}{number}", words::place(place)),
        lines: shown(explanation, lines(&injection.resource).chain([MADE.to_owned()])),
        is_resource: false,
    };
    new.map(node).collect()
}

/// What is shown of some lines.
fn shown(explanation: &Explanation, lines: impl Iterator<Item = String>) -> Vec<String> {
    lines.map(|line| explanation.shown.text(&line)).collect()
}

fn lines(id: &ResId) -> impl Iterator<Item = String> {
    let parts = [Some(&id.gvk.kind), Some(&id.name), id.namespace.as_ref()];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).cloned()
}

/// The nodes that are missing, and the arrows.
fn arrows(explanation: &Explanation) -> (Vec<(String, String)>, Vec<Arrow>) {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut arrows: BTreeMap<(usize, String), &Reference> = BTreeMap::new();
    for reference in explanation.references.iter().filter(|reference| is_drawn(reference)) {
        let mut add = |to: String| {
            let arrow = arrows.entry((reference.from, to)).or_insert(reference);
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
    let named = |(wanted, number): (&str, usize)| (format!("m{number}"), explanation.shown.text(wanted));
    let missing = missing.into_iter().map(named).collect();
    (missing, arrows.into_iter().map(|((from, to), reference)| arrow(from, to, reference)).collect())
}

fn arrow(from: usize, to: String, reference: &Reference) -> Arrow {
    let label = match reference.state {
        _ if reference.is_optional => None,
        State::CrossesPlanes => Some("crosses planes"),
        State::LeftOut => Some("left out"),
        State::Undecided => Some("without a place"),
        State::Missing => Some("missing"),
        State::Holds | State::External | State::Idle => None,
    };
    let is_loose = reference.strength == Strength::Soft || reference.is_optional;
    let line = if is_loose { Line::Dashed } else { Line::Solid };
    let damage = match (label, reference.state) {
        (None, _) => Damage::None,
        (_, State::Missing) => Damage::Missing,
        _ => Damage::Cut,
    };
    Arrow { from: format!("r{from}"), to, label, line, damage }
}

fn is_broken(state: State) -> bool {
    matches!(state, State::CrossesPlanes | State::LeftOut | State::Undecided | State::Missing)
}

fn is_drawn(reference: &Reference) -> bool {
    let is_everywhere = matches!(reference.strength, Strength::Membership | Strength::Grant);
    !is_everywhere || is_broken(reference.state)
}
