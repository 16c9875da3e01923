//! Takes away what an earlier run made and this one does not make again.
//!
//! Only what is known to be this function's own is touched: objects with its annotation, and volumes of a Secret that has it
//! under the name that this function gives them.

use std::collections::BTreeSet;

use super::planner::Planner;
use super::{Problem, pod_spec};
use crate::classify::{Placement, Reason};
use crate::flyteadmin::is_credential_key;
use crate::flyteadmin::section::Section;
use crate::spec::Plane;
use crate::wire::lookup::{is_object, names};
use crate::wire::{Resource, annotations};
use crate::workload::{PodTemplate, pod_template};
use crate::yaml::view;

impl Planner<'_> {
    /// The volumes of a workload that an earlier run made.
    pub(super) fn earlier_volumes(&self, at: usize, template: PodTemplate) -> BTreeSet<String> {
        let workload = &self.items[at];
        let is_made = |secret: &str| {
            self.items.iter().any(|item| {
                is_injected(item)
                    && item.id().gvk.kind == "Secret"
                    && item.id().effective_namespace() == workload.id().effective_namespace()
                    && names(item).any(|name| name == secret)
            })
        };
        let is_any_made = self.items.iter().any(is_injected);
        if is_any_made { pod_spec::earlier_volumes(template, workload.value(), is_made) } else { BTreeSet::new() }
    }

    /// Takes the volumes of an earlier run out of the workloads that do not get any now.
    pub(super) fn forget_mounts(&mut self, is_mounted: impl Fn(usize) -> bool) {
        for at in self.members(Plane::Control).filter(|&at| !is_mounted(at)) {
            let Some(template) = pod_template(self.items[at].id()) else { continue };
            let volumes = self.earlier_volumes(at, template);
            if volumes.is_empty() {
                continue;
            }
            let draft = self.draft(at);
            pod_spec::forget(draft, template, &volumes);
            pod_spec::remove_checksum(draft, template);
        }
    }

    /// Leaves out the objects of an earlier run that this one did not make.
    pub(super) fn forget_objects(&mut self) {
        let made = [&self.plan.injected.secrets[..], &self.plan.injected.config_maps[..]].concat();
        for (at, item) in self.items.iter().enumerate() {
            let Placement::Placed { claim, reason: Reason::Injected } = &self.placements[at] else { continue };
            let is_written =
                [Plane::Control, Plane::Data].into_iter().any(|plane| claim.includes(plane) && self.writes(plane));
            let is_own = is_injected(item) || self.is_part(item);
            if is_written && is_own && !made.iter().any(|id| is_object(item, id)) {
                self.plan.left_out.insert(at);
                if !self.is_mounted(item) {
                    self.plan.forgotten.push(item.id().clone());
                }
            }
        }
    }

    /// Refuses to take away the files of a cluster that flyteadmin would still read: it panics at start without them.
    pub(super) fn refuse_left_overs(&mut self) {
        let removed = self.removed_clusters();
        if removed.is_empty() {
            return;
        }
        for at in self.members(Plane::Control).filter(|&at| self.items[at].id().gvk.kind == "ConfigMap") {
            let texts = self.planned(at)["data"].as_object().into_iter().flatten();
            let texts = texts.filter_map(|(key, text)| Some((key, text.as_str()?)));
            let left_over = texts.flat_map(|(key, text)| {
                let enabled = enabled_clusters(text).into_iter();
                enabled.filter(|cluster| removed.contains(cluster)).map(|cluster| (key.clone(), cluster))
            });
            let config_map = self.items[at].id();
            let problem = |(key, cluster)| Problem::LeftOver { config_map: config_map.clone(), key, cluster };
            let problems: Vec<_> = left_over.map(problem).collect();
            self.problems.extend(problems);
        }
    }

    /// The clusters whose token is in a Secret of an earlier run and in none that is made elsewhere or now.
    fn removed_clusters(&self) -> BTreeSet<String> {
        let made = self.items.iter().filter(|item| is_injected(item) && item.id().gvk.kind == "Secret");
        let keys = made.filter_map(|item| item.value()["data"].as_object()).flat_map(|data| data.keys());
        let clusters = keys.filter_map(|key| key.strip_suffix("_token"));
        let is_known = |name: &&str| self.spec.clusters.iter().any(|cluster| cluster.name == *name);
        clusters.filter(|name| !is_known(name)).map(str::to_owned).collect()
    }

    /// Whether an item without the annotation is a Secret that an earlier version made under the name in this spec.
    fn is_part(&self, item: &Resource<'_>) -> bool {
        let keys = item.value()["data"].as_object();
        item.id().gvk.kind == "Secret"
            && names(item).any(|name| self.spec.credentials.is_part(name))
            && keys.is_some_and(|keys| keys.keys().all(|key| is_credential_key(key)))
    }

    /// Whether a workload still has a volume of the Secret.
    fn is_mounted(&self, secret: &Resource<'_>) -> bool {
        self.members(Plane::Control).any(|at| {
            let Some(template) = pod_template(self.items[at].id()) else { return false };
            let value = self.plan.drafts.get(&at).map_or_else(|| self.items[at].value(), |draft| draft.value());
            names(secret).any(|name| pod_spec::has_volume_of(template, value, name))
        })
    }
}

/// Whether this function made the item in an earlier run.
pub(super) fn is_injected(item: &Resource<'_>) -> bool {
    item.annotation(annotations::INJECTED) == Some("true")
}

/// The names of the clusters that the text of a file has flyteadmin use.
fn enabled_clusters(text: &str) -> Vec<String> {
    let section = view::read(text).ok().and_then(|config| Section::read(&config));
    let clusters = section.and_then(|section| section.clusters).into_iter().flatten();
    clusters.filter(|cluster| cluster.is_enabled).map(|cluster| cluster.name).collect()
}
