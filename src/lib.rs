//! `split-planes` sorts the resources of one Flyte deployment into a control plane and a data plane, and injects what
//! the control plane needs to schedule onto the data planes.
//!
//! # The line
//!
//! ```text
//! main ─► cli ─► lib = yaml ─► wire ─► spec ─► credentials ─► graph ─► classify ─► inject ─► check ─► report ─► explain
//! ```
//!
//! A module may use only modules to its left. Each step is a function that takes references and returns its own types,
//! its problems among them; [`run`] joins them and [`report`] puts what they found into words. [`explain()`] takes the same
//! steps for both planes and writes nothing but what they found.
//!
//! | module | does | must not know |
//! |---|---|---|
//! | [`yaml`] | YAML text as bytes: events, item ranges, values, new text, edits | ResourceLists, Kubernetes |
//! | [`wire`] | reads and writes ResourceLists, reads streams of documents; resources and their ids | planes, pods, secrets |
//! | [`redacted`], [`workload`] | the carrier of secret text; where pods stand in each kind | everything else |
//! | [`spec`] | what the user wrote, and the proof that it makes sense | items other than a `PlaneSplit` |
//! | [`credentials`] | where each cluster's token and CA come from, and whether they can be right | planes, edits |
//! | [`graph`] | which resource names which | planes |
//! | [`classify`] | which plane each resource belongs to, and why | edits |
//! | [`inject`] | what each output needs beyond that, as patches; applies them to the bytes | results, severity |
//! | [`check`] | what must hold between input and output | how edits were made |
//! | [`report`] | problems as results, lines on stderr and an exit status | how problems were found |
//! | [`mod@explain`] | what all of them found, as a table, JSON, Mermaid or a page | how it was found |
//!
//! # The words
//!
//! A **plane** is one of the two outputs. A **claim** says which planes a resource belongs to; a **conflict** is two
//! claims. A **plan** holds **edits**, which are RFC 6902 operations. A **violation** is something that must hold and
//! does not; a **finding** is what the user is told.

pub mod check;
pub mod classify;
pub mod credentials;
pub mod explain;
pub mod graph;
pub mod inject;
pub mod redacted;
pub mod report;
pub mod spec;
pub mod wire;
pub mod workload;
pub mod yaml;

use std::io::Write;

use anyhow::{Context as _, Result, bail, ensure};

use check::Outcome;
use classify::{Classified, Placement};
use credentials::{Now, Resolved, Rule};
use explain::Explanation;
use graph::Graph;
use report::{Finding, Severity};
use spec::{Loaded, Output, Plane, SecretSource, Spec};
use wire::{Resource, ResourceList};

/// What a run leaves behind besides what it wrote.
#[derive(Debug)]
pub struct Run {
    /// The lines for stderr.
    pub messages: Vec<String>,
    /// Whether there was an error: the items are then as they came, and the exit status is 1.
    pub is_failure: bool,
}

/// What the items are, whatever is written of them.
struct Sorted {
    graph: Graph,
    classified: Classified,
    /// What is odd about the spec.
    findings: Vec<Finding>,
}

/// What a run writes.
struct Written {
    /// The positions of the items.
    kept: Vec<usize>,
    plan: inject::Plan,
    applied: inject::Applied,
    /// What does not hold in it; with an error it is not written.
    findings: Vec<Finding>,
}

/// Runs the function on the bytes of a `ResourceList` and writes one to `out`, once all is decided.
///
/// # Errors
///
/// When `input` is not a `ResourceList`, and nothing is written; or when `out` cannot be written to. Everything else
/// that is wrong is in the [`Run`], and the items are written as they came.
pub fn run(input: &[u8], now: Now, out: &mut impl Write) -> Result<Run> {
    let list = wire::read(input)?;
    let (findings, written) = match transform(&list, now) {
        Ok(written) => (written.findings.clone(), Some(written)),
        Err(findings) => (findings, None),
    };
    let results: Vec<_> = findings.iter().map(Finding::result).collect();
    match &written {
        Some(written) => list.write(&written.outputs(&list), &results, out),
        None => list.write_unchanged(&results, out),
    }
    .context("writing the ResourceList")?;
    Ok(Run { messages: findings.iter().map(Finding::line).collect(), is_failure: written.is_none() })
}

/// Explains where every resource goes and why, and what would be injected where.
///
/// `input` is a `ResourceList` or a stream of documents, `file` stands in place of a functionConfig. `output` does not
/// matter: both planes are looked at. Credentials that are not there yet are no error, as long as nobody needs them.
///
/// # Errors
///
/// When `input` or `file` cannot be read. Everything else that is wrong is in the [`Explanation`].
pub fn explain(input: &[u8], file: Option<&[u8]>, now: Now) -> Result<Explanation> {
    let input = wire::stream::read(input).context("reading the resources from stdin")?;
    ensure!(!input.items.is_empty(), "stdin must hold resources, it has none: did what should print them fail?");
    let file = file.map(wire::stream::read).transpose().context("reading the functionConfig")?;
    let file = match file.as_ref().map(|file| &file.items[..]) {
        None => None,
        Some([config]) => Some(config),
        Some(_) => bail!("the file with the functionConfig must hold one document"),
    };
    Ok(match spec::load_for_both(&input, file) {
        Ok(loaded) => explanation(loaded, &input.items, now),
        Err(problems) => Explanation { findings: report::spec::errors(&problems), ..Explanation::default() },
    })
}

/// The whole function on one screen: a step that fails leaves the items as they came.
fn transform(list: &ResourceList<'_>, now: Now) -> Result<Written, Vec<Finding>> {
    let items = &list.items;
    let loaded = spec::load(list).map_err(|problems| report::spec::errors(&problems))?;
    let spec = &loaded.spec;

    let Sorted { graph, classified, mut findings } = sort(&loaded, items);
    if !classified.problems.is_empty() {
        return Err(report::classify::findings(&classified.problems));
    }
    let placements = &classified.placements;
    let (resolved, warnings) =
        resolve(spec, items, now).map_err(|problems| problems.iter().map(Finding::from).collect::<Vec<_>>())?;
    findings.extend(warnings.iter().map(Finding::from));

    let mut written = write(spec, items, &graph, placements, resolved.as_ref())?;
    findings.append(&mut written.findings);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    findings.push(report::summary(spec, items, placements, &written.plan.injected));
    Ok(Written { findings, ..written })
}

/// The steps that do not depend on what is written.
fn sort(loaded: &Loaded, items: &[Resource<'_>]) -> Sorted {
    let spec = &loaded.spec;
    let mut findings = report::spec::warnings(&loaded.warnings);
    findings.extend(report::classify::idle(&classify::idle_selectors(spec, items)));
    let sources = credentials::sources(spec, items);
    let graph = graph::build(items);
    let classified = classify::classify(spec, items, &graph, &loaded.configs, &sources);
    Sorted { graph, classified, findings }
}

/// The credentials, where the output needs them, and what is odd about them.
fn resolve(
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
fn write(
    spec: &Spec,
    items: &[Resource<'_>],
    graph: &Graph,
    placements: &[Placement],
    resolved: Option<&Resolved>,
) -> Result<Written, Vec<Finding>> {
    let plan = inject::plan(spec, items, placements, resolved)
        .map_err(|problems| report::inject::findings(spec, &problems))?;
    let applied = inject::apply(&plan, items).map_err(|problems| report::inject::findings(spec, &problems))?;

    let kept = kept(spec, placements);
    let outcome = Outcome {
        items,
        placements,
        edited: &applied.edited,
        written: &kept,
        additions: &plan.additions,
        injected: &plan.injected,
    };
    let mut findings = Vec::new();
    for plane in planes(spec.output) {
        findings.extend(report::check::findings(*plane, &check::check(spec, graph, *plane, &outcome)));
    }
    Ok(Written { kept, plan, applied, findings })
}

/// Takes the steps for each plane and keeps what they found.
fn explanation(mut loaded: Loaded, items: &[Resource<'_>], now: Now) -> Explanation {
    let Sorted { graph, classified, mut findings } = sort(&loaded, items);
    let spec = &mut loaded.spec;
    findings.extend(report::classify::findings(&classified.problems));
    let mut written = Vec::new();
    for plane in [Plane::Control, Plane::Data] {
        spec.output = Output::Plane(plane);
        let source = spec.credentials.source;
        let resolved = resolve(spec, items, now).or_else(|problems| {
            findings.extend(problems.iter().map(credential_finding));
            // How the rest is wired does not depend on what is inside the Secret.
            spec.credentials.source = SecretSource::Existing;
            resolve(spec, items, now)
        });
        let result = resolved.ok().map(|(resolved, warnings)| {
            findings.extend(warnings.iter().map(Finding::from));
            write(spec, items, &graph, &classified.placements, resolved.as_ref())
        });
        spec.credentials.source = source;
        // What lacks a place is missing everywhere else too: one error is enough.
        let is_sorted = classified.problems.is_empty();
        match result {
            Some(Ok(result)) => {
                findings.extend(result.findings.iter().filter(|_| is_sorted).cloned());
                written.push((plane, result));
            }
            Some(Err(problems)) if is_sorted => findings.extend(problems),
            Some(Err(_)) | None => {}
        }
    }
    let outcomes: Vec<explain::Outcome<'_>> = written
        .iter()
        .map(|(plane, written)| explain::Outcome {
            plane: *plane,
            plan: &written.plan,
            edited: &written.applied.edited,
        })
        .collect();
    explain::explain(spec, items, &graph, &classified, &outcomes, findings)
}

/// The finding for a credential; what is simply not there yet is no error before a control plane is written.
fn credential_finding(problem: &credentials::Problem) -> Finding {
    let finding = Finding::from(problem);
    let is_to_come = matches!(problem.rule, Rule::NoItem { .. });
    if is_to_come { Finding { severity: Severity::Warning, ..finding } } else { finding }
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
        Placement::Unplaced => false,
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
