//! Plans what marks an item: as local configuration, with its plane's label, or with its place in a kpt package.

use serde_json::json;

use super::draft::Draft;
use crate::spec::{Claim, Directories, Plane};
use crate::wire::{Resource, annotations};

/// The label of `output: All`, for `kubectl apply -l`.
const LABEL: &str = "split-planes.dev/plane";

/// Where a resource goes in the package, and where its copy for the other plane goes.
pub struct Routes {
    /// Its own file.
    pub path: String,
    /// The copy's file, for a resource of both planes.
    pub copy: Option<String>,
}

/// Plans the annotation that keeps an item out of clusters: kustomize drops it at the end, kpt keeps the user's file.
pub fn withhold(draft: &mut Draft) {
    draft.set(&["metadata", "annotations", annotations::LOCAL_CONFIG], json!("true"));
}

/// Plans the removal of the annotation that placed the item, which has done its work.
pub fn spend_annotation(draft: &mut Draft) {
    let all = ["metadata", "annotations"];
    let own = ["metadata", "annotations", annotations::PLANE];
    if draft.get(&own).is_none() {
        return;
    }
    let is_only = draft.get(&all).and_then(|all| all.as_object()).is_some_and(|all| all.len() == 1);
    if is_only { draft.remove(&all) } else { draft.remove(&own) }
}

/// Plans the plane's label.
pub fn label(draft: &mut Draft, claim: Claim) {
    let plane = match claim {
        Claim::Only(Plane::Control) => "control-plane",
        Claim::Only(Plane::Data) => "data-plane",
        Claim::Both => "both",
        Claim::Neither => return,
    };
    draft.set(&["metadata", "labels", LABEL], json!(plane));
}

/// The file that kpt reads an item from.
#[must_use]
pub fn path<'r>(item: &'r Resource<'_>) -> Option<&'r str> {
    item.annotation(annotations::PATH).or_else(|| item.annotation(annotations::LEGACY_PATH))
}

/// Plans the file of an item. kpt carries a change of this annotation over to the older one by itself.
pub fn route(draft: &mut Draft, path: &str) {
    draft.set(&["metadata", "annotations", annotations::PATH], json!(path));
}

/// Where an item of `claim` goes; nothing when it does not say where it comes from.
#[must_use]
pub fn routes(item: &Resource<'_>, claim: Claim, directories: &Directories) -> Option<Routes> {
    let path = path(item)?;
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
