//! Places resources by their references: they follow what uses them, what they attach to, and what needs them first.
//!
//! Planes are gathered as sets that only grow, so neither the order of the items nor that of the references matters.
//! - What attaches (a Service, a binding, an Ingress) goes where the things it is about are, whoever uses it: a Service
//!   is of no use where its pods are not.
//! - Everything else goes wherever something uses it.
//! - A custom resource definition also goes where a role names its group. A role that is in both planes says
//!   nothing about which of the two, so it counts only if no role is in one.

use std::collections::VecDeque;

use crate::graph::{Graph, Link, Strength};
use crate::spec::{Claim, Plane};

/// A resource that references placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Where it goes.
    pub claim: Claim,
    /// How each plane was reached: for the control plane first, then for the data plane, the steps from this resource
    /// to one that was decided otherwise.
    pub chain: Vec<Step>,
}

/// One reference on the way to a resource that was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The plane that this step explains.
    pub plane: Plane,
    /// The position of the reference in [`Graph::edges`]. It may point either way.
    pub edge: usize,
    /// The position of the resource that the step leads to.
    pub toward: usize,
}

const PLANES: [Plane; 2] = [Plane::Control, Plane::Data];

/// How a resource came to a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Decided,
    Followed { edge: usize, toward: usize },
}

/// Places what `decided` leaves open. What nothing leads to stays open.
#[must_use]
pub fn follow(graph: &Graph, decided: &[Option<Claim>]) -> Vec<Option<Followed>> {
    let mut placing = Placing::new(graph, decided);
    loop {
        placing.spread();
        if !placing.grant() {
            break;
        }
    }
    (0..graph.len()).map(|resource| placing.followed(resource)).collect()
}

/// Whether the referrer goes where the target is.
fn is_about(link: &Link) -> bool {
    matches!(link.strength, Strength::Attachment | Strength::Route)
}

struct Placing<'g> {
    graph: &'g Graph,
    is_decided: Vec<bool>,
    /// For each resource, why it is in the control plane and why in the data plane.
    reasons: Vec<[Option<Reason>; 2]>,
    /// Whether a resource goes where the things it is about are.
    attaches: Vec<bool>,
    queue: VecDeque<(usize, usize)>,
}

impl<'g> Placing<'g> {
    fn new(graph: &'g Graph, decided: &[Option<Claim>]) -> Self {
        let reasons: Vec<[Option<Reason>; 2]> = decided
            .iter()
            .map(|claim| {
                PLANES.map(|plane| claim.is_some_and(|claim| claim.includes(plane)).then_some(Reason::Decided))
            })
            .collect();
        let attaches = (0..graph.len()).map(|resource| graph.links_from(resource).iter().any(is_about)).collect();
        let is_decided = decided.iter().map(Option::is_some).collect();
        let mut placing = Self { graph, is_decided, reasons, attaches, queue: VecDeque::new() };
        for resource in 0..graph.len() {
            placing.enqueue(resource);
        }
        placing
    }

    fn enqueue(&mut self, resource: usize) {
        let planes = (0..PLANES.len()).filter(|&plane| self.reasons[resource][plane].is_some());
        self.queue.extend(planes.map(|plane| (resource, plane)));
    }

    /// Carries planes along references until nothing changes, nearest first: reasons are shortest chains.
    fn spread(&mut self) {
        while let Some((resource, plane)) = self.queue.pop_front() {
            let graph = self.graph;
            for link in graph.links_from(resource) {
                let is_use =
                    matches!(link.strength, Strength::Start | Strength::Hard | Strength::Route | Strength::Membership);
                if is_use && !self.attaches[link.other] {
                    self.place(link.other, plane, link);
                }
            }
            for link in graph.links_to(resource).iter().filter(|link| is_about(link)) {
                self.place(link.other, plane, link);
            }
        }
    }

    /// Places `resource` because of `link`, which leads to it from one that is placed.
    fn place(&mut self, resource: usize, plane: usize, link: &Link) {
        if !self.is_decided[resource] && self.reasons[resource][plane].is_none() {
            self.reasons[resource][plane] = Some(Reason::Followed { edge: link.edge, toward: link.at });
            self.queue.push_back((resource, plane));
        }
    }

    /// Places definitions where roles name their group; whether that changed anything.
    fn grant(&mut self) -> bool {
        let mut granted = Vec::new();
        for definition in (0..self.graph.len()).filter(|&resource| !self.is_decided[resource]) {
            let grants = self.graph.links_to(definition).iter().filter(|link| link.strength == Strength::Grant);
            let roles: Vec<(&Link, [bool; 2])> =
                grants.map(|link| (link, self.reasons[link.other].map(|reason| reason.is_some()))).collect();
            let is_in_one = |planes: [bool; 2]| planes[0] != planes[1];
            let is_split = roles.iter().any(|&(_, planes)| is_in_one(planes));
            for &(link, planes) in roles.iter().filter(|(_, planes)| is_in_one(*planes) || !is_split) {
                let link = Link { at: link.other, other: definition, ..*link };
                granted.extend((0..2).filter(|&plane| planes[plane]).map(|plane| (plane, link)));
            }
        }
        for (plane, link) in granted {
            self.place(link.other, plane, &link);
        }
        !self.queue.is_empty()
    }

    fn followed(&self, resource: usize) -> Option<Followed> {
        let claim = match self.reasons[resource].map(|reason| reason.is_some()) {
            _ if self.is_decided[resource] => return None,
            [false, false] => return None,
            [true, false] => Claim::Only(Plane::Control),
            [false, true] => Claim::Only(Plane::Data),
            [true, true] => Claim::Both,
        };
        let mut chain = Vec::new();
        for (plane, &name) in PLANES.iter().enumerate() {
            let mut at = resource;
            while let Some(Reason::Followed { edge, toward }) = self.reasons[at][plane] {
                chain.push(Step { plane: name, edge, toward });
                at = toward;
            }
        }
        Some(Followed { claim, chain })
    }
}

/// Where an unmatched resource probably belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggestion {
    /// The planes of the nearest placed resources that are connected with it, in whatever direction.
    pub claim: Claim,
    /// The position of the reference that leads to the first of them.
    pub edge: usize,
    /// The position of the resource at its other end.
    pub toward: usize,
}

/// Guesses, for each resource that `placed` leaves open, by the nearest placed resources that references connect it with.
///
/// What is in both planes says nothing about what only uses it, nor about the rest while something near is in
/// one. Host names count only if no reference does, Namespaces where no host name does, and what is in no plane does not count.
#[must_use]
pub fn suggest(graph: &Graph, placed: &[Option<Claim>]) -> Vec<Option<Suggestion>> {
    let mut suggestions: Vec<Option<Suggestion>> = vec![None; graph.len()];
    for weakest in [Connection::Reference, Connection::Host, Connection::Namespace] {
        let is_close = |link: &Link| Connection::of(graph, link) <= weakest;
        let claim = |at: usize| placed[at].or(suggestions[at].map(|near| near.claim));
        let mut claims: Vec<Option<Claim>> = (0..graph.len()).map(claim).collect();
        let mut frontier: Vec<usize> =
            (0..graph.len()).filter(|&at| claims[at].is_some_and(|claim| claim != Claim::Neither)).collect();
        // One step at a time, so that all of the nearest count and none that is farther.
        while !frontier.is_empty() {
            let candidates = candidates(graph, &claims, &frontier, &is_close);
            frontier.clear();
            for candidates in candidates.chunk_by(|(one, _), (other, _)| one == other) {
                let (at, near) = (candidates[0].0, nearest(candidates));
                claims[at] = Some(near.claim);
                suggestions[at] = Some(near);
                frontier.push(at);
            }
        }
    }
    suggestions
}

/// How much a connection tells about where something belongs, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Connection {
    Reference,
    Host,
    Namespace,
}

impl Connection {
    fn of(graph: &Graph, link: &Link) -> Self {
        match link.strength {
            Strength::Soft => Self::Host,
            Strength::Membership if graph.edges()[link.edge].wanted.kind == "Namespace" => Self::Namespace,
            _ => Self::Reference,
        }
    }
}

/// What the resources of `frontier` say about the open ones beside them, by those.
fn candidates(
    graph: &Graph,
    claims: &[Option<Claim>],
    frontier: &[usize],
    is_close: &dyn Fn(&Link) -> bool,
) -> Vec<(usize, Suggestion)> {
    let mut candidates = Vec::new();
    for &toward in frontier {
        let Some(claim) = claims[toward] else { continue };
        let users = graph.links_to(toward).iter().filter(|link| claim != Claim::Both || is_about(link));
        let links = graph.links_from(toward).iter().chain(users);
        let open = links.filter(|link| claims[link.other].is_none() && is_close(link));
        candidates.extend(open.map(|link| (link.other, Suggestion { claim, edge: link.edge, toward })));
    }
    candidates.sort_by_key(|(at, near)| (*at, near.edge, near.toward));
    candidates
}

fn nearest(candidates: &[(usize, Suggestion)]) -> Suggestion {
    let is_in_one = |claim: Claim| claim != Claim::Both;
    let decisive = || candidates.iter().map(|(_, near)| *near).filter(|near| is_in_one(near.claim));
    let Some(first) = decisive().next() else { return candidates[0].1 };
    let claim = if decisive().all(|near| near.claim == first.claim) { first.claim } else { Claim::Both };
    Suggestion { claim, ..first }
}

#[cfg(test)]
mod tests;
