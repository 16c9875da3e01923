//! The planes as streams of documents: what kustomize with the function prints for the same resources.

use std::iter;

use json_patch::jsonptr::PointerBuf;
use json_patch::{Patch, PatchOperation, RemoveOperation};

use crate::classify::is_tooling;
use crate::field_path::FieldPath;
use crate::report::{Finding, Severity, plane_name};
use crate::spec::{Output, Plane, Spec};
use crate::steps::Written;
use crate::wire::{ResId, Resource, annotations, stream};
use crate::yaml::edit::Refusal;
use crate::yaml::scalar;

/// Which outputs are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The control plane and every data plane.
    All,
    /// One of them.
    One(Target),
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The plane.
    pub plane: Plane,
    /// The cluster whose data plane it is, if the data planes differ.
    pub cluster: Option<String>,
}

impl Target {
    /// The name of the file that it is written to.
    #[must_use]
    pub fn file_name(&self) -> String {
        match (self.plane, &self.cluster) {
            (Plane::Control, _) => "control-plane.yaml".to_owned(),
            (Plane::Data, None) => "data-plane.yaml".to_owned(),
            (Plane::Data, Some(cluster)) => format!("data-plane-{cluster}.yaml"),
        }
    }

    /// How messages call it.
    fn title(&self) -> String {
        let plane = plane_name(self.plane);
        self.cluster.as_ref().map_or_else(|| plane.to_owned(), |cluster| format!("{plane} of {cluster}"))
    }

    /// Makes `spec` one that asks for this output.
    pub fn ask(&self, spec: &mut Spec) {
        spec.output = Output::Plane(self.plane);
        spec.cluster.clone_from(&self.cluster);
        spec.directories = None;
    }
}

/// The outputs that are `wanted` by a spec, in the order they are written.
///
/// # Errors
///
/// When one is wanted that there is not, with the error to report.
pub fn targets(spec: &Spec, wanted: &Wanted) -> Result<Vec<Target>, Finding> {
    let part = spec.cluster_part();
    match wanted {
        Wanted::One(target) => one(spec, target, part.as_ref()).map(|target| vec![target]),
        Wanted::All => Ok(outputs(spec)),
    }
}

/// The control plane, and every data plane that differs.
#[must_use]
pub fn outputs(spec: &Spec) -> Vec<Target> {
    let data_plane = |cluster| Target { plane: Plane::Data, cluster };
    let clusters = spec.clusters.iter().map(|cluster| data_plane(Some(cluster.name.clone())));
    let data_planes = if spec.cluster_part().is_some() { clusters.collect() } else { vec![data_plane(None)] };
    let control_plane = Target { plane: Plane::Control, cluster: None };
    iter::once(control_plane).chain(data_planes).collect()
}

/// One output, of the cluster in the spec if it is a data plane and none is wanted.
fn one(spec: &Spec, target: &Target, part: Option<&FieldPath>) -> Result<Target, Finding> {
    if let Some(cluster) = &target.cluster {
        return match spec.known_cluster(cluster) {
            Ok(()) => Ok(target.clone()),
            Err(rule) => Err(Finding::error(format!("`--cluster` {rule}"))),
        };
    }
    let cluster = spec.cluster.clone().filter(|_| target.plane == Plane::Data);
    match part.filter(|_| target.plane == Plane::Data && cluster.is_none()) {
        Some(part) => Err(Finding::error(format!(
            "`--cluster` must be beside `--plane data`, because `{part}` makes the data planes of the clusters differ; it is \
             one of {}",
            spec.cluster_list()
        ))),
        None => Ok(Target { cluster, ..target.clone() }),
    }
}

/// Whether a file is called as [`Target::file_name`] calls one.
#[must_use]
pub fn is_output_name(name: &str) -> bool {
    let stem = name.strip_suffix(".yaml");
    stem.is_some_and(|stem| stem == "control-plane" || stem == "data-plane" || stem.starts_with("data-plane-"))
}

/// What a split leaves behind.
#[derive(Debug, Default)]
pub struct Split {
    /// The outputs and their text; none if there is an error.
    pub outputs: Vec<(Target, Text)>,
    /// The lines for stderr.
    pub messages: Vec<String>,
    /// Whether there was an error, and nothing is to be written.
    pub is_failure: bool,
}

/// The text of an output. `Debug` shows its length alone, because it may hold a Secret.
pub struct Text(pub String);

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl Split {
    /// Adds the findings that no earlier output has, and notes whether one is an error.
    pub fn report(&mut self, target: &Target, findings: &[Finding]) {
        for finding in findings {
            self.is_failure |= finding.severity == Severity::Error;
            let line = finding.line();
            let is_summary = finding.severity == Severity::Info && finding.resource.is_none();
            let line = if is_summary { format!("{} -> {}", line, target.file_name()) } else { line };
            if !self.messages.contains(&line) {
                self.messages.push(line);
            }
        }
    }
}

/// The text of what is written, without what is local to the tools.
///
/// # Errors
///
/// When the annotations of the orchestrator cannot be removed from a resource, with the error to report.
pub fn text(target: &Target, items: &[Resource<'_>], written: &Written) -> Result<Text, Finding> {
    let mut text = String::new();
    let kept = written.kept.iter().map(|at| written.applied.edited.get(at).unwrap_or(&items[*at]));
    for resource in kept.filter(|resource| !is_tooling(resource)) {
        push(target, &mut text, resource)?;
    }
    for addition in &written.plan.additions {
        let resource = Resource::read(scalar::render(&addition.value, 0), "");
        let resource = resource.map_err(|error| unwritable(target, &addition.id, &error.to_string()))?;
        push(target, &mut text, &resource)?;
    }
    Ok(Text(text))
}

fn push(target: &Target, text: &mut String, resource: &Resource<'_>) -> Result<(), Finding> {
    let clean = without_tracks(resource).map_err(|refusal| unwritable(target, resource.id(), &refusal.reason))?;
    stream::push(text, &stream::document(clean.as_ref().unwrap_or(resource)));
    Ok(())
}

fn unwritable(target: &Target, id: &ResId, reason: &str) -> Finding {
    Finding::error(format!("the {} cannot be written: {reason}", target.title())).on(id)
}

/// The resource without the annotations by which an orchestrator tracks it; nothing if it has none.
fn without_tracks(resource: &Resource<'_>) -> Result<Option<Resource<'static>>, Refusal> {
    let is_track = |key: &&str| {
        key.starts_with(annotations::INTERNAL_PREFIX)
            || [annotations::LEGACY_PATH, annotations::LEGACY_INDEX, annotations::LEGACY_ID].contains(key)
    };
    let all: Vec<&str> = resource.annotations().iter().map(|(key, _)| key).collect();
    let tracks: Vec<&str> = all.iter().copied().filter(is_track).collect();
    if tracks.is_empty() {
        return Ok(None);
    }
    let place = ["metadata", "annotations"];
    let remove = |path| PatchOperation::Remove(RemoveOperation { path });
    let patch = if tracks.len() == all.len() {
        vec![remove(PointerBuf::from_tokens(place))]
    } else {
        let path = |key: &&str| PointerBuf::from_tokens(place.into_iter().chain([*key]));
        tracks.iter().map(path).map(remove).collect()
    };
    resource.edited(&Patch(patch)).map(Some)
}
