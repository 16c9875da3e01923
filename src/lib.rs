//! `split-planes` sorts the resources of one Flyte deployment into a control plane and a data plane, and injects what
//! the control plane needs to schedule onto the data planes.
//!
//! # The line
//!
//! ```text
//! main ─► cli ─► lib = yaml ─► wire ─► spec ─► credentials ─► graph ─► classify ─► inject ─► check ─► report ─► steps ─► split ─► verify ─► explain ─► init ─► fetch
//! ```
//!
//! A module may use only modules to its left. Each step is a function that takes references and returns its own types,
//! its problems among them; [`report`] puts those into words. [`run`] takes the steps for one output and writes it,
//! [`explain()`] takes them for each plane and writes nothing but what they found.
//!
//! | module | does | must not know |
//! |---|---|---|
//! | [`yaml`] | YAML text as bytes: events, item ranges, values, new text, edits | ResourceLists, Kubernetes |
//! | [`wire`] | reads and writes ResourceLists, reads streams of documents; resources and their ids | planes, pods, secrets |
//! | [`field_path`], [`redacted`], [`workload`] | the path of a field; the carrier of secret text, and what may be shown of other text; where pods are in each kind | everything else |
//! | [`flyteadmin`] | what the programs of Flyte read, and how | resources, planes |
//! | [`spec`] | what the user wrote, and the proof that it makes sense | items other than a `PlaneSplit` |
//! | [`credentials`] | where each cluster's token and CA come from, and whether they can be right | planes, edits |
//! | [`graph`] | which resource names which | planes |
//! | [`classify`] | which plane each resource belongs to, and why | edits |
//! | [`inject`] | what each output needs beyond that, as patches; applies them to the bytes | results, severity |
//! | [`check`] | what must hold between input and output | how edits were made |
//! | [`report`] | problems as results, lines on stderr and an exit status | how problems were found |
//! | [`steps`] | joins the steps for what is asked to be written | what a run or an explanation makes of it |
//! | [`mod@split`] | the planes as streams of documents | where they are written to |
//! | [`mod@verify`] | what is wrong with finished outputs, as values | how edits were made |
//! | [`mod@explain`] | what all of them found, as a table, JSON, Mermaid or a page | how it was found |
//! | [`mod@init`] | a spec that is proposed for what a deployment runs | how the spec is carried out |
//! | [`fetch`] | which Secrets of the data planes to read, and what becomes of them | how they are read |
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
pub mod fetch;
pub mod field_path;
pub mod flyteadmin;
pub mod graph;
pub mod init;
pub mod inject;
pub mod redacted;
pub mod report;
pub mod spec;
pub mod split;
pub mod steps;
pub mod verify;
#[cfg(test)]
mod walls;
pub mod wire;
pub mod workload;
pub mod yaml;

use std::io::Write;
use std::mem::ManuallyDrop;

use anyhow::{Context as _, Result, anyhow, bail};

use credentials::Now;
use explain::Explanation;
use graph::{Graph, Note};
use report::{Finding, Severity, Shown};
use spec::{Loaded, Plane};
use split::{Split, Wanted};
use steps::{Sorted, Written};
use wire::stream::Source;
use wire::{Resource, ResourceList};

/// What a run leaves behind besides what it wrote.
#[derive(Debug)]
pub struct Run {
    /// The lines for stderr.
    pub messages: Vec<String>,
    /// Whether there was an error: the items are then as they came, and the exit status is 1.
    pub is_failure: bool,
}

/// Runs the function on the bytes of a `ResourceList` and writes one to `out`, once all is decided.
///
/// # Errors
///
/// When `input` is not a `ResourceList`, and nothing is written; or when `out` cannot be written to. Everything else
/// that is wrong is in the [`Run`], and the items are written as they came; without results where the list, as it is
/// written, cannot carry them.
pub fn run(input: &[u8], now: Now, out: &mut impl Write) -> Result<Run> {
    // What was read is not freed: the process ends right after.
    let (list, notes) = wire::read_noting(input, graph::note)
        .map_err(|error| if wire::stream::is_plain(input) { no_list() } else { error })?;
    let list = &*ManuallyDrop::new(list);
    let loaded = spec::load(list);
    let spec = loaded.as_ref().ok().map(|loaded| &loaded.spec);
    let shown = Shown::of(spec, &list.items, list.function_config.as_deref());
    let (findings, written) = match transform(loaded, list, notes, now) {
        Ok(written) => (written.findings.clone(), Some(ManuallyDrop::new(written))),
        Err(findings) => (findings, None),
    };
    let findings: Vec<_> = findings.iter().map(|finding| shown.finding(finding)).collect();
    let results: Vec<_> = findings.iter().map(Finding::result).collect();
    let outputs = written.as_ref().map(|written| written.outputs(list));
    let composed = match &outputs {
        Some(outputs) => list.compose(outputs, &results),
        None => list.compose_unchanged(&results),
    };
    let unwritable = composed.as_ref().err().map(report::unwritable);
    match composed {
        Ok(mut pieces) => pieces.try_for_each(|piece| out.write_all(piece.as_bytes())),
        Err(_) => out.write_all(input),
    }
    .context("writing the ResourceList")?;
    let still_holds = |finding: &&Finding| unwritable.is_none() || finding.severity != Severity::Info;
    let messages = findings.iter().filter(still_holds).chain(&unwritable).map(Finding::line).collect();
    Ok(Run { messages, is_failure: written.is_none() || unwritable.is_some() })
}

/// Explains where every resource goes and why, and what would be injected where.
///
/// `file` is used in place of a functionConfig. `output` does not matter: both planes are looked at. Credentials that
/// are not there yet are no error, as long as they are not needed.
///
/// # Errors
///
/// When `sources` or `file` cannot be read. Everything else that is wrong is in the [`Explanation`].
pub fn explain(sources: &[Source], file: Option<&Source>, now: Now) -> Result<Explanation> {
    let input = wire::stream::read_all(sources)?;
    let file = file.map(config).transpose()?;
    let loaded = spec::load_for_both(&input, file.as_ref());
    let spec = loaded.as_ref().ok().map(|loaded| &loaded.spec);
    let config = file.as_ref().map(Resource::text).or(input.function_config.as_deref());
    let shown = Shown::of(spec, &input.items, config);
    Ok(match loaded {
        Ok(loaded) => explain::explain(loaded, &input.items, now, shown),
        Err(problems) => Explanation { findings: report::spec::errors(&problems), shown, ..Explanation::default() },
    })
}

/// Splits `sources` into the outputs that are `wanted`, as streams of documents.
///
/// `file` is used in place of a functionConfig, and its `output` does not matter.
///
/// # Errors
///
/// When `sources` or `file` cannot be read. Everything else that is wrong is in the [`Split`].
pub fn split(sources: &[Source], file: Option<&Source>, wanted: &Wanted, now: Now) -> Result<Split> {
    let input = wire::stream::read_all(sources)?;
    let file = file.map(config).transpose()?;
    let mut split = Split::default();
    let loaded = spec::load_for_both(&input, file.as_ref());
    let spec = loaded.as_ref().ok().map(|loaded| &loaded.spec);
    let shown = Shown::of(spec, &input.items, file.as_ref().map(Resource::text).or(input.function_config.as_deref()));
    let shown = |findings: &[Finding]| findings.iter().map(|finding| shown.finding(finding)).collect::<Vec<_>>();
    let mut loaded = match loaded {
        Ok(loaded) => loaded,
        Err(problems) => {
            let findings = shown(&report::spec::errors(&problems));
            return Ok(Split { messages: findings.iter().map(Finding::line).collect(), is_failure: true, ..split });
        }
    };
    let targets = match split::targets(&loaded.spec, wanted) {
        Ok(targets) => targets,
        Err(finding) => return Ok(Split { messages: vec![finding.line()], is_failure: true, ..split }),
    };
    for target in targets {
        target.ask(&mut loaded.spec);
        let graph = graph::build(&input.items);
        let written = planned(&loaded, &input.items, graph, now).and_then(|written| {
            let text = split::text(&target, &input.items, &written).map_err(|finding| vec![finding])?;
            Ok((text, written.findings))
        });
        let findings = match written {
            Ok((text, findings)) => {
                split.outputs.push((target.clone(), text));
                findings
            }
            Err(findings) => findings,
        };
        split.report(&target, &shown(&report::located(&loaded, findings)));
    }
    if split.is_failure {
        split.outputs.clear();
    }
    Ok(split)
}

/// Finished outputs, to be checked.
#[derive(Debug)]
pub struct Outputs {
    /// What the control plane gets.
    pub control: Vec<Source>,
    /// What each data plane gets.
    pub data: Vec<Source>,
}

/// What a check of finished outputs found.
#[derive(Debug)]
pub struct Verified {
    /// What is wrong, or that nothing is.
    pub lines: Vec<String>,
    /// Whether anything is wrong.
    pub is_failure: bool,
}

/// Checks finished `outputs` against the `base` that they were made from.
///
/// # Errors
///
/// When something cannot be read. Everything else that is wrong is in [`Verified`].
pub fn verify(base: &[Source], file: Option<&Source>, outputs: &Outputs, now: Now) -> Result<Verified> {
    let base = wire::stream::read_all(base)?;
    let file = file.map(config).transpose()?;
    let mut read = finished(Plane::Control, &outputs.control)?;
    read.extend(finished(Plane::Data, &outputs.data)?);
    let loaded = spec::load_for_both(&base, file.as_ref());
    let spec = loaded.as_ref().ok().map(|loaded| &loaded.spec);
    let shown = Shown::of(spec, &base.items, file.as_ref().map(Resource::text));
    let findings = match loaded {
        Ok(loaded) => {
            let outputs: Vec<_> =
                read.iter().map(|(plane, name, items)| verify::Output { name, plane: *plane, items }).collect();
            report::located(&loaded, verify::verify(&loaded, &base.items, &outputs, now))
        }
        Err(problems) => report::spec::errors(&problems),
    };
    let is_failure = !findings.is_empty();
    let mut lines: Vec<String> = findings.iter().map(|finding| shown.finding(finding).line()).collect();
    if !is_failure {
        let count: usize = read.iter().map(|(_, _, items)| items.len()).sum();
        lines.push(format!("info: {count} resources in {} outputs are what the base and the spec say", read.len()));
    }
    Ok(Verified { lines, is_failure })
}

/// The resources of finished outputs, with the plane and the name of each.
fn finished(plane: Plane, sources: &[Source]) -> Result<Vec<(Plane, &str, Vec<Resource<'_>>)>> {
    let mut all = Vec::new();
    for source in sources {
        let input = wire::stream::read(&source.bytes).with_context(|| format!("reading {}", source.name))?;
        all.push((plane, source.name.as_str(), input.items));
    }
    Ok(all)
}

/// The text of a `PlaneSplit` that is proposed for `sources`.
///
/// # Errors
///
/// When `sources` cannot be read, or `clusters` have no legal names or endpoints.
pub fn init(sources: &[Source], clusters: &[init::Cluster]) -> Result<String> {
    init::init(wire::stream::read_all(sources)?, clusters)
}

/// Which Secrets of the data planes hold the credentials that a spec names.
///
/// # Errors
///
/// When `file` cannot be read. Inside, a finding for each reason why it is no legal spec or names no such Secret.
pub fn fetch_plan(file: &Source) -> Result<Result<fetch::Plan, Vec<Finding>>> {
    let config = config(file)?;
    let nothing = wire::stream::Input { items: Vec::new(), function_config: None };
    let loaded = spec::load_for_both(&nothing, Some(&config)).map_err(|problems| report::spec::errors(&problems));
    Ok(loaded.and_then(|loaded| fetch::plan(loaded).map_err(|finding| vec![finding])))
}

/// The one object in a file that is used in place of a functionConfig.
fn config(file: &Source) -> Result<Resource<'_>> {
    let mut input =
        wire::stream::read(&file.bytes).with_context(|| format!("reading the functionConfig from {}", file.name))?;
    match input.items.pop() {
        Some(config) if input.items.is_empty() => Ok(config),
        _ => bail!("{}, the file with the functionConfig, must hold one document", file.name),
    }
}

/// What who pipes a build into the function is told.
fn no_list() -> anyhow::Error {
    anyhow!(
        "stdin must be a ResourceList, as orchestrators send it; it is a stream of resources, which \
         `split-planes split -c planes.yaml -o DIR` splits and `split-planes explain -c planes.yaml` explains"
    )
}

/// Does what the spec says.
fn transform(
    loaded: Result<Loaded, Vec<spec::Problem>>,
    list: &ResourceList<'_>,
    notes: Vec<Note<'_>>,
    now: Now,
) -> Result<Written, Vec<Finding>> {
    let loaded = loaded.map_err(|problems| report::spec::errors(&problems))?;
    if list.items.is_empty() {
        return Err(vec![report::no_items()]);
    }
    match planned(&loaded, &list.items, graph::connect(&list.items, notes), now) {
        Ok(written) => Ok(Written { findings: report::located(&loaded, written.findings), ..written }),
        Err(findings) => Err(report::located(&loaded, findings)),
    }
}

/// The whole function on one screen: a step that fails leaves the items as they came.
fn planned(loaded: &Loaded, items: &[Resource<'_>], graph: Graph, now: Now) -> Result<Written, Vec<Finding>> {
    let spec = &loaded.spec;
    let Sorted { graph, classified, mut findings } = steps::sort(loaded, items, graph);
    let graph = ManuallyDrop::new(graph);
    if graph.is_too_large() {
        return Err(findings);
    }
    if !classified.problems.is_empty() {
        findings.extend(report::classify::findings(&classified.problems));
        return Err(findings);
    }
    let placements = &classified.placements;
    let (resolved, warnings) =
        steps::resolve(spec, items, now).map_err(|problems| problems.iter().map(Finding::from).collect::<Vec<_>>())?;
    findings.extend(warnings.iter().map(Finding::from));

    let mut written = steps::write(spec, items, &graph, placements, resolved.as_ref())?;
    findings.append(&mut written.findings);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    findings.push(report::summary(spec, items, placements, &written.plan));
    Ok(Written { findings, ..written })
}
