//! Makes what is new: an object with its plane and, inside a kustomize build, the history of its neighbours.
//!
//! Source: kustomize `api/filters/nameref` and `api/resource`. A name that is written with a namespace is looked for among
//! the objects whose *original* namespace this is, and only if there are none among those whose current one it is. An object
//! without history has its current namespace as the original one: it alone would be searched, and the name not found.

use serde_json::{Value, json};

use super::Plan;
use super::planner::Planner;
use crate::spec::Plane;
use crate::wire::{ResId, Resource, annotations, scope};

/// A resource that is new. It has no `Debug`, because it may be a Secret.
#[derive(Clone)]
pub struct Addition {
    /// What identifies it.
    pub id: ResId,
    /// The plane it is made for.
    pub plane: Plane,
    /// The object.
    pub value: Value,
}

impl Addition {
    /// An object for `plane`, of a kind in the core group.
    #[must_use]
    pub fn new(plane: Plane, value: Value) -> Self {
        let mut addition = Self { id: id_of(&value), plane, value };
        addition.annotate(annotations::INJECTED, "true");
        addition
    }

    fn annotate(&mut self, key: &str, value: &str) {
        self.value["metadata"]["annotations"][key] = json!(value);
    }

    /// Gives it the history of `neighbour`, as if it had been there from the start.
    fn follow(&mut self, neighbour: &Resource<'_>) {
        let Some(namespaces) = history(&self.id, neighbour) else { return };
        let repeated = |text: &str| vec![text; namespaces.split(',').count()].join(",");
        let (names, kinds) = (repeated(&self.id.name), repeated(&self.id.gvk.kind));
        self.annotate(annotations::PREVIOUS_NAMES, &names);
        self.annotate(annotations::PREVIOUS_NAMESPACES, &namespaces);
        self.annotate(annotations::PREVIOUS_KINDS, &kinds);
    }
}

impl Plan {
    /// What is new under the id `id`.
    #[must_use]
    pub fn addition(&self, id: &ResId) -> Option<&Addition> {
        self.additions.iter().find(|addition| addition.id.is_same_object(id))
    }
}

impl Planner<'_> {
    /// Adds an object. `owner` is the item that it is made for, by position, if that is among the items.
    pub(super) fn add(&mut self, owner: Option<usize>, mut addition: Addition) {
        if let Some(at) = owner.or_else(|| self.neighbour(&addition)) {
            let neighbour = &self.items[at];
            addition.follow(neighbour);
            // kustomize gives no namespace to what Helm rendered; what goes with it stays with it.
            if let Some(mark) = neighbour.annotation(annotations::HELM_GENERATED) {
                addition.annotate(annotations::HELM_GENERATED, mark);
            }
        }
        self.plan.additions.push(addition);
    }

    /// An item of the same plane and namespace; if there is none, of the same plane.
    fn neighbour(&self, addition: &Addition) -> Option<usize> {
        let is_namespaced = |at: &usize| {
            let gvk = &self.items[*at].id().gvk;
            !scope::is_cluster_scoped(&gvk.group, &gvk.kind)
        };
        let is_near = |at: &usize| self.items[*at].id().effective_namespace() == addition.id.effective_namespace();
        let members = || self.members(addition.plane).filter(is_namespaced);
        members().find(is_near).or_else(|| members().next())
    }
}

/// The earlier namespaces, oldest first, that let kustomize treat the object `id` as it treats `neighbour`; none outside a
/// kustomize build, and none if both are treated alike already.
fn history(id: &ResId, neighbour: &Resource<'_>) -> Option<String> {
    let recorded = neighbour.annotation(annotations::PREVIOUS_NAMESPACES).filter(|recorded| !recorded.is_empty());
    let namespace = neighbour.id().effective_namespace();
    if namespace == id.effective_namespace() {
        return recorded.map(str::to_owned);
    }
    // A layer above may move both into one namespace; then the original ones are compared.
    neighbour.annotation(annotations::KUSTOMIZE_ID)?;
    let original = recorded.and_then(|recorded| recorded.split(',').next()).unwrap_or(namespace);
    (original != id.effective_namespace()).then(|| original.to_owned())
}

/// The id of a Secret or ConfigMap.
fn id_of(object: &Value) -> ResId {
    let text = |key: &str| object["metadata"][key].as_str();
    let kind = object["kind"].as_str().unwrap_or_default();
    ResId::core(kind, text("namespace"), text("name").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The history of a Secret in the namespace `namespace` beside an item with these annotations, which is in `flyte`.
    fn beside(namespace: &str, annotations: &Value) -> Value {
        let neighbour = json!({
            "apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "prod-a", "namespace": "flyte", "annotations": annotations},
        });
        let neighbour = Resource::read(neighbour.to_string(), "").unwrap();
        let secret = json!({"kind": "Secret", "metadata": {"name": "s", "namespace": namespace}});
        let mut addition = Addition::new(Plane::Control, secret);
        addition.follow(&neighbour);
        let annotations = &addition.value["metadata"]["annotations"];
        [annotations::PREVIOUS_NAMES, annotations::PREVIOUS_NAMESPACES, annotations::PREVIOUS_KINDS]
            .map(|key| annotations[key].clone())
            .into()
    }

    #[test]
    fn the_history_of_a_neighbour_is_repeated_with_the_name_of_its_own() {
        let moved = json!({annotations::PREVIOUS_NAMES: "a,a", annotations::PREVIOUS_NAMESPACES: "default,flyte"});
        assert_eq!(beside("flyte", &moved), json!(["s,s", "default,flyte", "Secret,Secret"]));
    }

    #[test]
    fn in_another_namespace_the_original_one_is_shared() {
        let none = json!([null, null, null]);
        let moved = json!({annotations::PREVIOUS_NAMESPACES: "default,test", annotations::KUSTOMIZE_ID: "x"});
        assert_eq!(beside("shop", &moved), json!(["s", "default", "Secret"]));
        assert_eq!(beside("default", &moved), none, "it is the same already");
        assert_eq!(beside("shop", &json!({annotations::KUSTOMIZE_ID: "x"})), json!(["s", "flyte", "Secret"]));
    }

    #[test]
    fn outside_a_build_there_is_no_history() {
        let none = json!([null, null, null]);
        assert_eq!(beside("flyte", &json!({})), none);
        assert_eq!(beside("shop", &json!({annotations::PATH: "a.yaml"})), none);
    }
}
