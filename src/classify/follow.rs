//! Places resources by their references: they follow what uses them, what they attach to, and what needs them first.
//!
//! Planes are gathered as sets that only grow, so neither the order of the items nor that of the references matters.
//! - What attaches (a Service, a binding, an Ingress) goes where the things it is about are, whoever uses it: a Service
//!   is of no use where its pods are not.
//! - Everything else goes wherever something uses it.
//! - A custom resource definition also goes where a role names its group. A role that stands in both planes says
//!   nothing about which of the two, so it counts only where no role stands in one.

use std::collections::VecDeque;

use crate::graph::{Edge, Graph, Strength};
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
        let is_about =
            |edge: &Edge| matches!(edge.strength, Strength::Attachment | Strength::Route) && !edge.targets.is_empty();
        let attaches =
            (0..graph.len()).map(|resource| graph.outgoing(resource).any(|(_, edge)| is_about(edge))).collect();
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
            for (position, edge) in graph.outgoing(resource) {
                let is_use =
                    matches!(edge.strength, Strength::Start | Strength::Hard | Strength::Route | Strength::Membership);
                for &target in edge.targets.iter().filter(|_| is_use) {
                    if !self.attaches[target] {
                        self.place(target, plane, position, resource);
                    }
                }
            }
            for (position, edge) in graph.incoming(resource) {
                if matches!(edge.strength, Strength::Attachment | Strength::Route) {
                    self.place(edge.from, plane, position, resource);
                }
            }
        }
    }

    fn place(&mut self, resource: usize, plane: usize, edge: usize, toward: usize) {
        if !self.is_decided[resource] && self.reasons[resource][plane].is_none() {
            self.reasons[resource][plane] = Some(Reason::Followed { edge, toward });
            self.queue.push_back((resource, plane));
        }
    }

    /// Places definitions where roles name their group; whether that changed anything.
    fn grant(&mut self) -> bool {
        let mut granted = Vec::new();
        for definition in (0..self.graph.len()).filter(|&resource| !self.is_decided[resource]) {
            let grants = self.graph.incoming(definition).filter(|(_, edge)| edge.strength == Strength::Grant);
            let roles: Vec<(usize, [bool; 2])> = grants
                .map(|(position, edge)| (position, self.reasons[edge.from].map(|reason| reason.is_some())))
                .collect();
            let is_in_one = |planes: [bool; 2]| planes[0] != planes[1];
            let counts = |planes| is_in_one(planes) || roles.iter().all(|&(_, planes)| !is_in_one(planes));
            for &(position, planes) in roles.iter().filter(|(_, planes)| counts(*planes)) {
                granted.extend((0..2).filter(|&plane| planes[plane]).map(|plane| (definition, plane, position)));
            }
        }
        for (definition, plane, edge) in granted {
            self.place(definition, plane, edge, self.graph.edges()[edge].from);
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
/// What stands in both planes says nothing about which of the two while something near stands in one. Host names count
/// only where no reference does, Namespaces where no host name does, and what is in no plane does not count.
#[must_use]
pub fn suggest(graph: &Graph, placed: &[Option<Claim>]) -> Vec<Option<Suggestion>> {
    let mut suggestions: Vec<Option<Suggestion>> = vec![None; graph.len()];
    for weakest in [Link::Reference, Link::Host, Link::Namespace] {
        let is_link = |edge: &Edge| Link::of(edge) <= weakest;
        let claim = |at: usize| placed[at].or(suggestions[at].map(|near| near.claim));
        let mut claims: Vec<Option<Claim>> = (0..graph.len()).map(claim).collect();
        let mut ring: Vec<usize> =
            (0..graph.len()).filter(|&at| claims[at].is_some_and(|claim| claim != Claim::Neither)).collect();
        // One ring at a time, so that all of the nearest count and none that is farther.
        while !ring.is_empty() {
            let votes = votes(graph, &claims, &ring, &is_link);
            ring.clear();
            for votes in votes.chunk_by(|(one, _), (other, _)| one == other) {
                let (at, near) = (votes[0].0, elected(votes));
                claims[at] = Some(near.claim);
                suggestions[at] = Some(near);
                ring.push(at);
            }
        }
    }
    suggestions
}

/// How much a connection tells about where something belongs, the most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Link {
    Reference,
    Host,
    Namespace,
}

impl Link {
    fn of(edge: &Edge) -> Self {
        match edge.strength {
            Strength::Soft => Self::Host,
            Strength::Membership if edge.wanted.kind == "Namespace" => Self::Namespace,
            _ => Self::Reference,
        }
    }
}

/// What the resources of `ring` say about the open ones beside them, by those.
fn votes(
    graph: &Graph,
    claims: &[Option<Claim>],
    ring: &[usize],
    is_link: &dyn Fn(&Edge) -> bool,
) -> Vec<(usize, Suggestion)> {
    let mut votes = Vec::new();
    for &toward in ring {
        let Some(claim) = claims[toward] else { continue };
        let incoming =
            graph.incoming(toward).filter(|(_, found)| is_link(found)).map(|(edge, found)| (edge, found.from));
        let outgoing = graph.outgoing(toward).filter(|(_, found)| is_link(found));
        let outgoing = outgoing.flat_map(|(edge, found)| found.targets.iter().map(move |&target| (edge, target)));
        let open = outgoing.chain(incoming).filter(|&(_, at)| claims[at].is_none());
        votes.extend(open.map(|(edge, at)| (at, Suggestion { claim, edge, toward })));
    }
    votes.sort_by_key(|(at, near)| (*at, near.edge, near.toward));
    votes
}

fn elected(votes: &[(usize, Suggestion)]) -> Suggestion {
    let is_in_one = |claim: Claim| claim != Claim::Both;
    let decisive = || votes.iter().map(|(_, near)| *near).filter(|near| is_in_one(near.claim));
    let Some(first) = decisive().next() else { return votes[0].1 };
    let claim = if decisive().all(|near| near.claim == first.claim) { first.claim } else { Claim::Both };
    Suggestion { claim, ..first }
}

#[cfg(test)]
mod tests;
