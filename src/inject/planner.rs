//! What every part of the plan needs: the items of a plane, and the draft of each item that changes.

use std::cell::OnceCell;

use super::draft::{Draft, Mismatch};
use super::traces::Traces;
use super::{Plan, Problem};
use crate::classify::Placement;
use crate::spec::{Claim, Output, Plane, Spec};
use crate::wire::Resource;

/// A plan in the making.
pub(super) struct Planner<'p> {
    pub(super) spec: &'p Spec,
    pub(super) items: &'p [Resource<'p>],
    pub(super) placements: &'p [Placement],
    pub(super) plan: Plan,
    pub(super) problems: Vec<Problem>,
    pub(super) traces: OnceCell<Traces>,
}

impl<'p> Planner<'p> {
    pub(super) fn writes(&self, plane: Plane) -> bool {
        match self.spec.output {
            Output::All => true,
            Output::Plane(written) => written == plane,
        }
    }

    pub(super) fn draft(&mut self, at: usize) -> &mut Draft {
        let items = self.items;
        self.plan.drafts.entry(at).or_insert_with(|| Draft::new(items[at].value().clone()))
    }

    /// The items of `plane`, by position.
    pub(super) fn members(&self, plane: Plane) -> impl Iterator<Item = usize> + use<'p> {
        let placements = self.placements;
        (0..self.items.len()).filter(move |&at| placements[at].is_in(plane))
    }

    /// Takes down a problem, once.
    pub(super) fn refuse(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// What the plan could not change, because it has another type.
    pub(super) fn mismatches(&mut self) {
        for (&at, draft) in &self.plan.drafts {
            let id = self.items[at].id();
            let problem = |mismatch: &Mismatch| Problem::Mismatch { id: id.clone(), mismatch: mismatch.clone() };
            self.problems.extend(draft.mismatches().iter().map(problem));
        }
    }

    /// With `output: All` a resource of both planes is written once, so it cannot be changed for one of them.
    pub(super) fn refuse_shared(&mut self, at: usize) {
        let is_shared = matches!(self.placements[at], Placement::Placed { claim: Claim::Both, .. });
        if is_shared && self.spec.output == Output::All {
            self.refuse(Problem::Shared { id: self.items[at].id().clone() });
        }
    }
}
