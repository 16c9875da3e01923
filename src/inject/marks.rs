//! Plans what marks an item: as local configuration, with its plane's label, or with its place in a kpt package.

use serde_json::{Value, json};

use super::Problem;
use super::draft::Draft;
use super::planner::Planner;
use crate::classify::Placement;
use crate::spec::{Claim, Directories, Output, Plane};
use crate::wire::{Resource, annotations};

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

/// Plans the removal of the annotation that placed the item, which has done its work.
fn spend_annotation(draft: &mut Draft) {
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

/// Plans the file of an item. kpt carries a change of this annotation over to the older one by itself.
fn route(draft: &mut Draft, path: &str) {
    draft.set(&["metadata", "annotations", annotations::PATH], json!(path));
}

/// Where an item of `claim` goes; nothing when it does not say where it comes from.
fn routes(item: &Resource<'_>, claim: Claim, directories: &Directories) -> Option<Routes> {
    let path = file_of(item)?;
    let Directories { control_plane, data_plane } = directories;
    let inside = |directory: &str| path.strip_prefix(directory).and_then(|rest| rest.strip_prefix('/'));
    let rest = inside(control_plane).or_else(|| inside(data_plane)).unwrap_or(path);
    let control = format!("{control_plane}/{rest}");
    let data = format!("{data_plane}/{rest}");
    Some(match claim {
        Claim::Only(Plane::Control) | Claim::Neither => Routes { path: control, copy: None },
        Claim::Only(Plane::Data) => Routes { path: data, copy: None },
        Claim::Both if path == data => Routes { path: data, copy: Some(control) },
        Claim::Both => Routes { path: control, copy: Some(data) },
    })
}

impl Planner<'_> {
    /// Plans what marks every item: local configuration, labels, directories, and the spent annotation.
    pub(super) fn marks(&mut self) {
        for at in 0..self.items.len() {
            match &self.placements[at] {
                Placement::Tooling | Placement::Unplaced => {}
                Placement::Withheld => withhold(self.draft(at)),
                Placement::Placed { claim, .. } => {
                    let claim = *claim;
                    if self.items[at].annotation(annotations::PLANE).is_some() {
                        spend_annotation(self.draft(at));
                    }
                    if self.spec.output == Output::All {
                        self.mark_all(at, claim);
                    }
                }
            }
        }
        if self.spec.output == Output::All {
            for addition in &mut self.plan.additions {
                mark_addition(addition, self.spec.directories.as_ref());
            }
        }
    }

    /// `output: All`: a label, or a place in the plane's directory.
    fn mark_all(&mut self, at: usize, claim: Claim) {
        let Some(directories) = &self.spec.directories else {
            label(self.draft(at), claim);
            return;
        };
        let items = self.items;
        let Some(routes) = routes(&items[at], claim, directories) else {
            self.problems.push(Problem::NoPath { id: items[at].id().clone() });
            return;
        };
        let is_there = |path: &String| {
            let twin = |item: &&Resource<'_>| item.id() == items[at].id() && file_of(item) == Some(path);
            items.iter().any(|item| twin(&item))
        };
        if let Some(copy) = routes.copy.filter(|copy| !is_there(copy)) {
            let mut draft = self.draft(at).clone();
            route(&mut draft, &copy);
            self.plan.copies.push((at, draft));
        }
        route(self.draft(at), &routes.path);
    }
}

/// Marks what is new: the Secret that asks for a token is the data plane's, all else is the control plane's.
fn mark_addition(addition: &mut Value, directories: Option<&Directories>) {
    let is_token = addition["type"] == "kubernetes.io/service-account-token";
    let plane = if is_token { Plane::Data } else { Plane::Control };
    let kind = addition["kind"].as_str().unwrap_or_default().to_lowercase();
    let mut draft = Draft::new(addition.take());
    match directories {
        None => label(&mut draft, Claim::Only(plane)),
        Some(Directories { control_plane, data_plane }) => {
            let directory = if plane == Plane::Control { control_plane } else { data_plane };
            let name = draft.get(&["metadata", "name"]).and_then(Value::as_str).unwrap_or_default();
            let file = format!("{directory}/{kind}_{name}.yaml");
            route(&mut draft, &file);
        }
    }
    *addition = draft.value().clone();
}
