//! Joins the steps that a run and an explanation have in common.

use crate::check::{self, Outcome};
use crate::classify::{self, Classified, Placement};
use crate::credentials::{self, Now, Resolved};
use crate::graph::{self, Graph};
use crate::inject;
use crate::report::{self, Finding};
use crate::spec::{Loaded, Output, Plane, Spec};
use crate::wire::{self, Resource, ResourceList};

/// What the items are, whatever is written of them.
pub struct Sorted {
    /// Who names whom.
    pub graph: Graph,
    /// Where each item belongs.
    pub classified: Classified,
    /// What is odd about the spec.
    pub findings: Vec<Finding>,
}

/// What a run writes.
pub struct Written {
    /// The positions of the items, in the order they came.
    pub kept: Vec<usize>,
    /// What is injected.
    pub plan: inject::Plan,
    /// The items that change.
    pub applied: inject::Applied,
    /// What does not hold in it; with an error it is not written.
    pub findings: Vec<Finding>,
}

/// The steps that do not depend on what is written.
#[must_use]
pub fn sort(loaded: &Loaded, items: &[Resource<'_>], graph: Graph) -> Sorted {
    let spec = &loaded.spec;
    let mut findings = report::spec::warnings(&loaded.warnings);
    if graph.is_too_large() {
        findings.push(Finding::error(format!(
            "the resources must refer to each other at most {} times; split them into several inputs, or make selectors \
             more specific",
            graph::MOST_TARGETS
        )));
    }
    findings.extend(report::classify::idle(&classify::idle_selectors(spec, items), items));
    let sources = credentials::sources(spec, items);
    let classified = classify::classify(spec, items, &graph, &loaded.configs, &sources);
    Sorted { graph, classified, findings }
}

/// The credentials, where the output needs them, and what is odd about them.
///
/// # Errors
///
/// Everything that is wrong with them.
pub fn resolve(
    spec: &Spec,
    items: &[Resource<'_>],
    now: Now,
) -> Result<(Option<Resolved>, Vec<credentials::Problem>), Vec<credentials::Problem>> {
    if spec.output == Output::Plane(Plane::Data) || spec.clusters.is_empty() {
        return Ok((None, Vec::new()));
    }
    credentials::resolve(spec, items, now).map(|(resolved, warnings)| (Some(resolved), warnings))
}

/// The steps from the sorted items to what is written.
///
/// # Errors
///
/// Everything that prevents the injection; what does not hold afterwards is among the findings.
pub fn write(
    spec: &Spec,
    items: &[Resource<'_>],
    graph: &Graph,
    placements: &[Placement],
    resolved: Option<&Resolved>,
) -> Result<Written, Vec<Finding>> {
    let plan = inject::plan(spec, items, placements, resolved)
        .map_err(|problems| report::inject::findings(spec, &problems))?;
    let applied = inject::apply(&plan, items).map_err(|problems| report::inject::findings(spec, &problems))?;

    let kept = kept(spec, placements, &plan);
    let outcome = Outcome {
        items,
        placements,
        edited: &applied.edited,
        written: &kept,
        additions: &plan.additions,
        injected: &plan.injected,
        left_out: &plan.left_out,
        forgotten: &plan.forgotten,
    };
    let mut findings = report::inject::orphans(&plan.orphans);
    for plane in planes(spec.output) {
        findings.extend(report::check::findings(*plane, &check::check(spec, graph, *plane, &outcome)));
    }
    Ok(Written { kept, plan, applied, findings })
}

fn planes(output: Output) -> &'static [Plane] {
    match output {
        Output::All => &[Plane::Control, Plane::Data],
        Output::Plane(Plane::Control) => &[Plane::Control],
        Output::Plane(Plane::Data) => &[Plane::Data],
    }
}

/// The positions of the items that the output holds.
fn kept(spec: &Spec, placements: &[Placement], plan: &inject::Plan) -> Vec<usize> {
    let is_kept = |placement: &Placement| match placement {
        Placement::Tooling => true,
        // A directory that is applied honours no mark, and a data plane needs no credentials.
        Placement::Withheld { has_credentials } => !has_credentials || spec.output != Output::Plane(Plane::Data),
        Placement::Placed { .. } => planes(spec.output).iter().any(|plane| placement.is_in(*plane)),
        Placement::Unplaced => false,
    };
    (0..placements.len()).filter(|at| is_kept(&placements[*at]) && !plan.left_out.contains(at)).collect()
}

impl Written {
    /// The items in the order they came, then the copies, then what is new.
    #[must_use]
    pub fn outputs<'o>(&'o self, list: &'o ResourceList<'_>) -> Vec<wire::Output<'o>> {
        let item = |&at: &usize| -> &'o Resource<'_> { self.applied.edited.get(&at).unwrap_or(&list.items[at]) };
        let items = self.kept.iter().map(|at| wire::Output::Text(item(at).text()));
        let copies = self.applied.copies.iter().map(|copy| wire::Output::Text(copy.text()));
        let new = self.plan.additions.iter().map(|addition| wire::Output::New(&addition.value));
        items.chain(copies).chain(new).collect()
    }
}
