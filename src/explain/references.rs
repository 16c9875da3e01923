//! Says what becomes of each reference when its ends are sorted into planes.

use std::collections::HashSet;

use super::{Explained, Outcome, Place, Reference, State};
use crate::check::references::{Violation, crossings, holds};
use crate::field_path::FieldPath;
use crate::graph::{Edge, Graph, Strength};
use crate::report::references::described;
use crate::spec::{Plane, Spec};
use crate::wire::{ResId, Resource};

/// Every reference of the graph, at the same position.
pub fn references(
    spec: &Spec,
    items: &[Resource<'_>],
    graph: &Graph,
    resources: &[Explained],
    outcomes: &[Outcome],
) -> Vec<Reference> {
    let planes = [Plane::Control, Plane::Data].map(|plane| {
        let outcome = outcomes.iter().find(|outcome| outcome.plane == plane);
        PlaneReferences::new(spec, items, graph, resources, plane, outcome)
    });
    let reference = |edge: &Edge| Reference {
        from: edge.from,
        field: edge.field.clone(),
        wanted: described(&edge.wanted),
        targets: edge.targets.clone(),
        strength: edge.strength,
        is_optional: edge.optional,
        state: state(&planes, edge),
    };
    graph.edges().iter().map(reference).collect()
}

fn state(planes: &[PlaneReferences<'_, '_>; 2], edge: &Edge) -> State {
    let is_concerned = |plane: &&PlaneReferences<'_, '_>| plane.has(edge.from);
    let [control, data] = planes;
    if !planes.iter().any(|plane| plane.has(edge.from)) {
        return State::Idle;
    }
    if planes.iter().filter(is_concerned).all(|plane| plane.accepts(edge)) {
        let leads = |plane: &PlaneReferences<'_, '_>| edge.targets.iter().any(|&target| plane.has(target));
        return match edge.strength {
            Strength::Grant | Strength::Soft => State::Holds,
            Strength::Attachment if planes.iter().filter(is_concerned).any(leads) => State::Holds,
            _ if planes.iter().filter(is_concerned).all(leads) => State::Holds,
            _ => State::External,
        };
    }
    let is_open = |&target: &usize| control.resources[target].place == Place::Unplaced;
    match edge.targets[..] {
        [] => State::Missing,
        _ if edge.targets.iter().any(is_open) => State::Undecided,
        _ if edge.targets.iter().any(|&target| control.has(target) || data.has(target)) => State::CrossesPlanes,
        _ => State::LeftOut,
    }
}

/// What one plane makes of the references of its resources.
struct PlaneReferences<'j, 'a> {
    spec: &'j Spec,
    items: &'j [Resource<'a>],
    graph: &'j Graph,
    resources: &'j [Explained],
    plane: Plane,
    injected: &'j [ResId],
    /// Host names without a Service: who says them in which field, and the Service.
    cut: HashSet<(ResId, FieldPath, ResId)>,
}

impl<'j, 'a> PlaneReferences<'j, 'a> {
    fn new(
        spec: &'j Spec,
        items: &'j [Resource<'a>],
        graph: &'j Graph,
        resources: &'j [Explained],
        plane: Plane,
        outcome: Option<&'j Outcome>,
    ) -> Self {
        let written = |at: usize| {
            let item = outcome.and_then(|outcome| outcome.written.applied.edited.get(&at)).unwrap_or(&items[at]);
            resources[at].place.is_in(plane).then_some(item)
        };
        let crossings = crossings(graph, items, &written, &spec.planes.external);
        let cut = crossings.into_iter().filter_map(|violation| match violation {
            Violation::CrossesPlanes(crossing) => Some((crossing.from, crossing.field, crossing.service)),
            _ => None,
        });
        let injected = outcome.map_or(&[][..], |outcome| &outcome.written.plan.injected.secrets);
        Self { spec, items, graph, resources, plane, injected, cut: cut.collect() }
    }

    fn has(&self, resource: usize) -> bool {
        self.resources[resource].place.is_in(self.plane)
    }

    fn accepts(&self, edge: &Edge) -> bool {
        match edge.strength {
            Strength::Grant => true,
            Strength::Soft => {
                let from = self.items[edge.from].id();
                !edge.targets.iter().any(|&target| {
                    let said = (from.clone(), edge.field.clone(), self.items[target].id().clone());
                    self.cut.contains(&said)
                })
            }
            _ => holds(self.graph, edge, self.items, &|at| self.has(at), &self.spec.planes.external, self.injected),
        }
    }
}
