//! `split-planes` sorts the resources of one Flyte deployment into a control plane and a data plane, and injects what
//! the control plane needs to schedule onto the data planes.
//!
//! # The line
//!
//! ```text
//! main ─► cli ─► lib = yaml ─► wire ─► spec ─► credentials ─► graph ─► classify ─► inject ─► check ─► report
//! ```
//!
//! A module may use only modules to its left. Each step is a function that takes references and returns its own types,
//! its problems among them; [`run`] joins them and [`report`] puts what they found into words.
//!
//! | module | does | must not know |
//! |---|---|---|
//! | [`yaml`] | YAML text as bytes: events, item ranges, values, new text, edits | ResourceLists, Kubernetes |
//! | [`wire`] | reads and writes ResourceLists; resources and their ids | planes, pods, secrets |
//! | [`redacted`], [`workload`] | the carrier of secret text; where pods stand in each kind | everything else |
//! | [`spec`] | what the user wrote, and the proof that it makes sense | items other than a `PlaneSplit` |
//! | [`credentials`] | where each cluster's token and CA come from, and whether they can be right | planes, edits |
//! | [`graph`] | which resource names which | planes |
//! | [`classify`] | which plane each resource belongs to, and why | edits |
//! | [`inject`] | what each output needs beyond that, as patches; applies them to the bytes | results, severity |
//! | [`check`] | what must hold between input and output | how edits were made |
//! | [`report`] | problems as results, lines on stderr and an exit status | how problems were found |
//!
//! # The words
//!
//! A **plane** is one of the two outputs. A **claim** says which planes a resource belongs to; a **conflict** is two
//! claims. A **plan** holds **edits**, which are RFC 6902 operations. A **violation** is something that must hold and
//! does not; a **finding** is what the user is told.

pub mod check;
pub mod classify;
pub mod credentials;
pub mod graph;
pub mod inject;
pub mod redacted;
pub mod report;
pub mod spec;
pub mod wire;
pub mod workload;
pub mod yaml;

use anyhow::Result;

use check::Outcome;
use classify::Placement;
use credentials::Now;
use report::{Finding, Severity};
use spec::{Output, Plane, Spec};
use wire::{Resource, ResourceList};

/// What a run leaves behind.
#[derive(Debug)]
pub struct Run {
    /// The `ResourceList` for stdout.
    pub output: String,
    /// The lines for stderr.
    pub messages: Vec<String>,
    /// Whether there was an error: the items are then as they came, and the exit status is 1.
    pub is_failure: bool,
}

/// What a good run writes.
struct Written {
    /// The positions of the items.
    kept: Vec<usize>,
    plan: inject::Plan,
    applied: inject::Applied,
    findings: Vec<Finding>,
}

/// Runs the function on the bytes of a `ResourceList`.
///
/// # Errors
///
/// When `input` is not a `ResourceList`. Everything else that is wrong is in the [`Run`].
pub fn run(input: &[u8], now: Now) -> Result<Run> {
    let list = wire::read(input)?;
    let (findings, written) = match transform(&list, now) {
        Ok(written) => (written.findings.clone(), Some(written)),
        Err(findings) => (findings, None),
    };
    let results: Vec<_> = findings.iter().map(Finding::result).collect();
    let output = match &written {
        Some(written) => list.write(&written.outputs(&list), &results),
        None => list.write_unchanged(&results),
    };
    let messages = findings.iter().map(Finding::line).collect();
    Ok(Run { output, messages, is_failure: written.is_none() })
}

/// The whole function on one screen: a step that fails leaves the items as they came.
fn transform(list: &ResourceList<'_>, now: Now) -> Result<Written, Vec<Finding>> {
    let items = &list.items;
    let loaded = spec::load(list).map_err(|problems| report::spec::errors(&problems))?;
    let spec = &loaded.spec;
    let mut findings = report::spec::warnings(&loaded.warnings);

    let sources = credentials::sources(spec, items);
    let graph = graph::build(items);
    let placements = classify::classify(spec, items, &graph, &loaded.configs, &sources)
        .map_err(|problems| report::classify::findings(&problems))?;
    findings.extend(report::classify::idle(&classify::idle_selectors(spec, items)));

    let needs_credentials = spec.output != Output::Plane(Plane::Data) && !spec.clusters.is_empty();
    let resolved = needs_credentials.then(|| credentials::resolve(spec, items, now)).transpose();
    let (resolved, warnings) =
        resolved.map_err(|problems| problems.iter().map(Finding::from).collect::<Vec<_>>())?.unzip();
    findings.extend(warnings.unwrap_or_default().iter().map(Finding::from));

    let plan = inject::plan(spec, items, &placements, resolved.as_ref())
        .map_err(|problems| report::inject::findings(spec, &problems))?;
    let applied = inject::apply(&plan, items).map_err(|problems| report::inject::findings(spec, &problems))?;

    let kept = kept(spec, &placements);
    let outcome = Outcome {
        items,
        placements: &placements,
        edited: &applied.edited,
        written: &kept,
        additions: &plan.additions,
        injected: &plan.injected,
    };
    for plane in planes(spec.output) {
        findings.extend(report::check::findings(*plane, &check::check(spec, &graph, *plane, &outcome)));
    }
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    findings.push(report::summary(spec, &placements, &plan.injected));
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
fn kept(spec: &Spec, placements: &[Placement]) -> Vec<usize> {
    let is_kept = |placement: &Placement| match placement {
        Placement::Tooling | Placement::Withheld => true,
        Placement::Placed { .. } => planes(spec.output).iter().any(|plane| placement.is_in(*plane)),
    };
    (0..placements.len()).filter(|&at| is_kept(&placements[at])).collect()
}

impl Written {
    /// The items in the order they came, then the copies, then what is new.
    fn outputs<'o>(&'o self, list: &'o ResourceList<'_>) -> Vec<wire::Output<'o>> {
        let item = |&at: &usize| -> &'o Resource<'_> { self.applied.edited.get(&at).unwrap_or(&list.items[at]) };
        let items = self.kept.iter().map(|at| wire::Output::Text(item(at).text()));
        let copies = self.applied.copies.iter().map(|copy| wire::Output::Text(copy.text()));
        let new = self.plan.additions.iter().map(wire::Output::New);
        items.chain(copies).chain(new).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    /// The line, from left to right. `redacted` and `workload` stand where they are first needed.
    const LINE: [&str; 11] = [
        "yaml",
        "redacted",
        "wire",
        "workload",
        "spec",
        "credentials",
        "graph",
        "classify",
        "inject",
        "check",
        "report",
    ];

    /// The sources below `directory`.
    fn sources(directory: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn a_module_uses_only_modules_to_its_left() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut seen = 0;
        for path in sources(&root) {
            let relative = path.strip_prefix(&root).unwrap();
            let module = relative.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
            let Some(place) = LINE.iter().position(|name| *name == module) else { continue };
            seen += 1;
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for (right, name) in LINE.iter().enumerate().filter(|(at, _)| *at > place) {
                let uses = code
                    .lines()
                    .find(|line| !line.trim().starts_with("//") && line.contains(&format!("crate::{name}")));
                assert_eq!(uses, None, "{} stands at {place} and must not use `{name}` at {right}", relative.display());
            }
        }
        assert!(seen > LINE.len(), "the sources must be found");
    }
}
