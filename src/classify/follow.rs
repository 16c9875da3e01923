//! Places resources by their references: they follow what uses them, what they attach to, and what needs them first.
//!
//! Planes are gathered as sets that only grow, so neither the order of the items nor that of the references matters.
//! - What attaches (a Service, a binding, an Ingress) goes where the things it is about are, whoever uses it: a Service
//!   is of no use where its pods are not.
//! - Everything else goes wherever something uses it.
//! - An account whose token the data plane is asked for is used there, whatever else uses it.
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
    /// to one that was decided otherwise. No step leads from an account to the data plane that is asked for its token.
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
    /// Its token is asked for.
    Asked,
    Followed {
        edge: usize,
        toward: usize,
    },
}

/// Places what `decided` leaves open. What nothing leads to stays open.
///
/// `asked` are the accounts whose token the data plane is asked for.
#[must_use]
pub fn follow(graph: &Graph, decided: &[Option<Claim>], asked: &[usize]) -> Vec<Option<Followed>> {
    let placing = Placing::new(graph, decided, asked);
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
    /// What has come to a plane since it was last asked what is connected with it.
    frontier: Vec<usize>,
}

impl<'g> Placing<'g> {
    fn new(graph: &'g Graph, decided: &[Option<Claim>], asked: &[usize]) -> Self {
        let reasons: Vec<[Option<Reason>; 2]> = decided
            .iter()
            .map(|claim| {
                PLANES.map(|plane| claim.is_some_and(|claim| claim.includes(plane)).then_some(Reason::Decided))
            })
            .collect();
        let attaches = (0..graph.len()).map(|resource| graph.links_from(resource).iter().any(is_about)).collect();
        let is_decided = decided.iter().map(Option::is_some).collect();
        let mut placing = Self { graph, is_decided, reasons, attaches, queue: VecDeque::new(), frontier: Vec::new() };
        for (resource, plane) in (0..graph.len()).flat_map(|resource| [(resource, 0), (resource, 1)]) {
            if placing.reasons[resource][plane].is_some() {
                placing.queue.push_back((resource, plane));
            }
        }
        for &account in asked {
            placing.put(account, 1, Reason::Asked);
        }
        placing.settle();
        placing
    }

    /// Follows references until nothing changes.
    fn settle(&mut self) {
        loop {
            self.spread();
            if !self.grant() {
                return;
            }
        }
    }

    /// Carries planes along references until nothing changes, nearest first: reasons are shortest chains.
    fn spread(&mut self) {
        while let Some((resource, plane)) = self.queue.pop_front() {
            let graph = self.graph;
            self.frontier.push(resource);
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
        self.put(resource, plane, Reason::Followed { edge: link.edge, toward: link.at });
    }

    fn put(&mut self, resource: usize, plane: usize, reason: Reason) {
        if !self.is_decided[resource] && self.reasons[resource][plane].is_none() {
            self.reasons[resource][plane] = Some(reason);
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

    /// The planes that a resource is in.
    fn claim(&self, resource: usize) -> Option<Claim> {
        match self.reasons[resource].map(|reason| reason.is_some()) {
            [false, false] => None,
            [true, false] => Some(Claim::Only(Plane::Control)),
            [false, true] => Some(Claim::Only(Plane::Data)),
            [true, true] => Some(Claim::Both),
        }
    }

    fn is_open(&self, resource: usize) -> bool {
        !self.is_decided[resource] && self.claim(resource).is_none()
    }

    fn followed(&self, resource: usize) -> Option<Followed> {
        let claim = self.claim(resource).filter(|_| !self.is_decided[resource])?;
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

/// Guesses, for each resource that `decided` leaves open: what references place goes there, and what they leave open goes
/// where the nearest placed resources are that it is connected with in any direction, until references place the rest.
///
/// What is in both planes says nothing about what only uses it, nor about the rest while something near is in
/// one. Host names count only if no reference does, Namespaces where no host name does, and what is in no plane does not count.
#[must_use]
pub fn suggest(graph: &Graph, decided: &[Option<Claim>], asked: &[usize]) -> Vec<Option<Followed>> {
    let mut placing = Placing::new(graph, decided, asked);
    for weakest in [Connection::Reference, Connection::Host, Connection::Namespace] {
        placing.frontier = (0..graph.len()).filter(|&at| placing.claim(at).is_some()).collect();
        // One step at a time, so that all of the nearest count and none that is farther.
        loop {
            let candidates = placing.candidates(&|link: &Link| Connection::of(graph, link) <= weakest);
            if candidates.is_empty() {
                break;
            }
            for candidates in candidates.chunk_by(|one, other| one.at == other.at) {
                placing.suppose(candidates);
            }
            placing.settle();
        }
    }
    (0..graph.len()).map(|resource| placing.followed(resource)).collect()
}

/// What a placed resource says about an open one that is connected with it.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: usize,
    claim: Claim,
    edge: usize,
    toward: usize,
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

impl Placing<'_> {
    /// What the resources of the frontier say about the open ones beside them, by those.
    fn candidates(&mut self, is_close: &dyn Fn(&Link) -> bool) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for toward in std::mem::take(&mut self.frontier) {
            let Some(claim) = self.claim(toward) else { continue };
            let users = self.graph.links_to(toward).iter().filter(|link| claim != Claim::Both || is_about(link));
            let links = self.graph.links_from(toward).iter().chain(users);
            let open = links.filter(|link| self.is_open(link.other) && is_close(link));
            candidates.extend(open.map(|link| Candidate { at: link.other, claim, edge: link.edge, toward }));
        }
        candidates.sort_by_key(|candidate| (candidate.at, candidate.edge, candidate.toward));
        candidates
    }

    /// Places an open resource by what `candidates` say about it.
    fn suppose(&mut self, candidates: &[Candidate]) {
        let in_one = candidates.iter().filter(|candidate| candidate.claim != Claim::Both);
        let decisive: Vec<&Candidate> = in_one.collect();
        let decisive = if decisive.is_empty() { candidates.iter().collect() } else { decisive };
        for (plane, &name) in PLANES.iter().enumerate() {
            let first = decisive.iter().find(|candidate| candidate.claim.includes(name));
            if let Some(Candidate { at, edge, toward, .. }) = first {
                self.put(*at, plane, Reason::Followed { edge: *edge, toward: *toward });
            }
        }
    }
}

#[cfg(test)]
mod tests;
