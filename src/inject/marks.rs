//! Plans what marks an item: as local configuration, with its plane's label, or with its place in a kpt package.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::json;

use super::Problem;
use super::addition::Addition;
use super::draft::Draft;
use super::planner::Planner;
use crate::classify::Placement;
use crate::spec::{Claim, Directories, Output, Plane};
use crate::wire::{ResId, Resource, annotations};

/// The label of `output: All`, for `kubectl apply -l`.
const LABEL: &str = "split-planes.dev/plane";

/// Where a resource goes in the package, and where its copy for the other plane goes.
struct Routes {
    /// Its own file.
    pub path: String,
    /// The copy's file, for a resource of both planes.
    pub copy: Option<String>,
}

/// Plans the annotation that keeps an item out of clusters: kustomize drops it at the end, kpt keeps the user's file.
fn withhold(draft: &mut Draft) {
    draft.set(&["metadata", "annotations", annotations::LOCAL_CONFIG], json!("true"));
}

/// Plans the removal of the annotation that placed the item, which is then consumed.
fn remove_plane_annotation(draft: &mut Draft) {
    let all = ["metadata", "annotations"];
    let own = ["metadata", "annotations", annotations::PLANE];
    let is_only = draft.get(&all).and_then(|all| all.as_object()).is_some_and(|all| all.len() == 1);
    if is_only { draft.remove(&all) } else { draft.remove(&own) }
}

/// Plans the plane's label.
fn label(draft: &mut Draft, claim: Claim) {
    let plane = match claim {
        Claim::Only(Plane::Control) => "control-plane",
        Claim::Only(Plane::Data) => "data-plane",
        Claim::Both => "both",
        Claim::Neither => return,
    };
    draft.set(&["metadata", "labels", LABEL], json!(plane));
}

/// The file that kpt reads an item from.
fn file_of<'r>(item: &'r Resource<'_>) -> Option<&'r str> {
    item.annotation(annotations::PATH).or_else(|| item.annotation(annotations::LEGACY_PATH))
}

/// The place of an item in its file; nothing if it says none.
fn index_of(item: &Resource<'_>) -> Option<u64> {
    let index = item.annotation(annotations::INDEX).or_else(|| item.annotation(annotations::LEGACY_INDEX));
    index?.parse().ok()
}

/// Plans the file of an item. kpt carries a change of this annotation over to the older one by itself.
fn route(draft: &mut Draft, path: &str) {
    draft.set(&["metadata", "annotations", annotations::PATH], json!(path));
}

/// Where an item of `claim` that comes from the file `path` goes.
fn routes(path: &str, claim: Claim, directories: &Directories) -> Routes {
    let Directories { control_plane, data_plane } = directories;
    let inside = |directory: &str| path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
    let rest = inside(control_plane).or_else(|| inside(data_plane)).unwrap_or(path);
    let control = format!("{control_plane}/{rest}");
    let data = format!("{data_plane}/{rest}");
    match claim {
        Claim::Only(Plane::Control) | Claim::Neither => Routes { path: control, copy: None },
        Claim::Only(Plane::Data) => Routes { path: data, copy: None },
        Claim::Both if path == data => Routes { path: data, copy: Some(control) },
        Claim::Both => Routes { path: control, copy: Some(data) },
    }
}

/// The places in each file that are taken: kpt refuses two resources with one file and one index.
#[derive(Default)]
struct Places {
    taken: BTreeMap<String, BTreeSet<Option<u64>>>,
}

impl Places {
    /// Takes the place `wanted`, or, where that is taken, the one behind all that are.
    fn take(&mut self, file: &str, wanted: Option<u64>) -> Option<u64> {
        let taken = self.taken.entry(file.to_owned()).or_default();
        let last = taken.last().copied().flatten().unwrap_or_default();
        let place = if taken.contains(&wanted) { Some(last.saturating_add(1)) } else { wanted };
        taken.insert(place);
        place
    }

    /// Plans a way of `item` into `file`.
    fn route(&mut self, draft: &mut Draft, item: &Resource<'_>, file: &str) {
        let before = index_of(item);
        let place = self.take(file, before);
        route(draft, file);
        if let Some(index) = place.filter(|_| place != before) {
            draft.set(&["metadata", "annotations", annotations::INDEX], json!(index.to_string()));
        }
    }
}

impl Planner<'_> {
    /// Plans what marks every item: local configuration, labels, directories, and the spent annotation.
    pub(super) fn marks(&mut self) {
        let spec = self.spec;
        let is_labelled = spec.output == Output::All && spec.directories.is_none();
        for at in 0..self.items.len() {
            match &self.placements[at] {
                Placement::Tooling | Placement::Unplaced => {}
                Placement::Withheld { .. } => withhold(self.draft(at)),
                Placement::Placed { claim, .. } => {
                    let claim = *claim;
                    if self.items[at].annotation(annotations::PLANE).is_some() {
                        remove_plane_annotation(self.draft(at));
                    }
                    if is_labelled {
                        label(self.draft(at), claim);
                    }
                }
            }
        }
        if spec.output == Output::All {
            if let Some(directories) = &spec.directories {
                self.directories(directories);
            }
            for addition in &mut self.plan.additions {
                mark_addition(addition, spec.directories.as_ref());
            }
        }
    }

    /// Plans a place in the plane's directory for every item. What is there already keeps its own, so that a second run
    /// changes nothing.
    fn directories(&mut self, directories: &Directories) {
        let items = self.items;
        let there: HashSet<_> = items.iter().filter_map(|item| Some((item.id(), file_of(item)?))).collect();
        let mut places = Places::default();
        let (mut moves, mut copies) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            let claim = match &self.placements[at] {
                Placement::Placed { claim: Claim::Neither, .. } => continue,
                Placement::Placed { claim, .. } => Some(*claim),
                Placement::Tooling | Placement::Withheld { .. } | Placement::Unplaced => None,
            };
            let routes = match (file_of(item), claim) {
                (Some(file), Some(claim)) => routes(file, claim, directories),
                (Some(file), None) => Routes { path: file.to_owned(), copy: None },
                (None, Some(_)) => {
                    self.problems.push(Problem::NoPath { id: item.id().clone() });
                    continue;
                }
                (None, None) => continue,
            };
            if let Some(copy) = routes.copy.filter(|copy| !there.contains(&(item.id(), copy.as_str()))) {
                copies.push((at, self.draft(at).clone(), copy));
            }
            if file_of(item) == Some(&routes.path) {
                places.take(&routes.path, index_of(item));
            } else {
                moves.push((at, routes.path));
            }
        }
        for (at, file) in moves {
            places.route(self.draft(at), &items[at], &file);
        }
        for (at, mut draft, file) in copies {
            places.route(&mut draft, &items[at], &file);
            self.plan.copies.push((at, draft));
        }
    }
}

/// Marks what is new.
fn mark_addition(addition: &mut Addition, directories: Option<&Directories>) {
    let mut draft = Draft::new(addition.value.take());
    match directories {
        None => label(&mut draft, Claim::Only(addition.plane)),
        Some(Directories { control_plane, data_plane }) => {
            let directory = if addition.plane == Plane::Control { control_plane } else { data_plane };
            let ResId { gvk, name, .. } = &addition.id;
            let file = format!("{directory}/{}_{name}.yaml", gvk.kind.to_lowercase());
            route(&mut draft, &file);
        }
    }
    addition.value = draft.value().clone();
}
