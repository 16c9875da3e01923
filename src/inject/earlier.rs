//! Takes away what an earlier run made and this one does not make again.
//!
//! Only what is known to be this function's own is touched: objects with its annotation, and in pod templates with its
//! checksum the volumes that hold nothing but files of clusters and have the name that this function gives them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::config_map::Planned;
use super::planner::Planner;
use super::pod_spec::EarlierFiles;
use super::traces::{LostFiles, Traces, clusters, directory, is_injected, is_plain};
use super::{Problem, cluster_config, config_volume, pod_spec};
use crate::classify::{Placement, Reason};
use crate::flyteadmin::is_credential_key;
use crate::flyteadmin::section::Cluster;
use crate::spec::{Plane, SecretSource};
use crate::wire::Resource;
use crate::wire::lookup::{is_object, names};
use crate::workload::{PodTemplate, pod_template};

impl Planner<'_> {
    /// What an earlier run left behind.
    fn traces(&self) -> &Traces {
        self.traces.get_or_init(|| {
            let mut traces = Traces::default();
            self.items.iter().filter(|item| self.is_earlier_secret(item)).for_each(|item| traces.add_secret(item));
            let has_mark = |at: usize| {
                let template = pod_template(self.items[at].id());
                template.is_some_and(|template| pod_spec::has_checksum(template, &self.items[at]))
            };
            if self.members(Plane::Control).any(has_mark) {
                let clusters = self.configs().flat_map(|at| clusters(self.items[at].value()));
                let is_known = |cluster: &Cluster| self.spec.clusters.iter().any(|known| known.name == cluster.name);
                let known = clusters.map(|(_, cluster)| cluster).filter(is_known);
                traces.directories.extend(known.filter_map(|cluster| directory(&cluster).map(str::to_owned)));
            }
            traces
        })
    }

    /// The ConfigMaps of the control plane.
    fn configs(&self) -> impl Iterator<Item = usize> {
        self.members(Plane::Control).filter(|&at| self.items[at].id().gvk.kind == "ConfigMap")
    }

    /// Whether an earlier run made the Secret: it has the annotation, or the name in this spec and the form that earlier
    /// versions gave it.
    fn is_earlier_secret(&self, item: &Resource<'_>) -> bool {
        let id = item.id();
        let is_secret = id.gvk.kind == "Secret" && id.gvk.group.is_empty();
        let is_generated = self.spec.credentials.source == SecretSource::Generate;
        is_secret && (is_injected(item) || (is_generated && self.is_part(item) && is_plain(item.value())))
    }

    /// The volumes of a workload that an earlier run made.
    pub(super) fn earlier_volumes(&self, at: usize, template: PodTemplate) -> BTreeSet<String> {
        let workload = &self.items[at];
        if !pod_spec::has_checksum(template, workload) {
            return BTreeSet::new();
        }
        let traces = self.traces();
        let namespace = workload.id().effective_namespace();
        let is_made = |secret: &str| traces.secrets.contains(&(namespace.to_owned(), secret.to_owned()));
        let files = EarlierFiles { is_made: &is_made, directories: &traces.directories };
        pod_spec::earlier_volumes(template, workload.value(), &files)
    }

    /// Takes the volumes of an earlier run out of the workloads that do not get any now.
    pub(super) fn forget_mounts(&mut self, is_mounted: impl Fn(usize) -> bool) {
        let own: Vec<String> = self.injected_config_maps().flat_map(names).map(str::to_owned).collect();
        for at in self.members(Plane::Control).filter(|&at| !is_mounted(at)) {
            let Some(template) = pod_template(self.items[at].id()) else { continue };
            if !pod_spec::has_checksum(template, &self.items[at]) {
                continue;
            }
            let volumes = self.earlier_volumes(at, template);
            let has_config = config_volume::has_any(template, self.items[at].value(), &own);
            if volumes.is_empty() && !has_config {
                continue;
            }
            let draft = self.draft(at);
            pod_spec::forget(draft, template, &volumes);
            config_volume::forget(draft, template, &own);
            pod_spec::remove_checksum(draft, template);
        }
    }

    /// The ConfigMaps that an earlier run made and this one does not.
    pub(super) fn forgotten_config_maps(&self) -> Vec<String> {
        let made = &self.plan.injected.config_maps;
        let forgotten = self.injected_config_maps().filter(|item| !made.iter().any(|id| is_object(item, id)));
        forgotten.flat_map(names).map(str::to_owned).collect()
    }

    fn injected_config_maps(&self) -> impl Iterator<Item = &Resource<'_>> {
        self.items.iter().filter(|item| is_injected(item) && item.id().gvk.kind == "ConfigMap")
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

    /// Takes the clusters of an earlier run out of the configuration whose files go away. One that is enabled is an error:
    /// flyteadmin panics at start without the files, and executions may run there.
    pub(super) fn forget_clusters(&mut self) {
        let lost = self.lost_files();
        if lost.is_empty() {
            return;
        }
        let gone = self.forgotten_config_maps();
        let is_gone = |item: &Resource<'_>| is_injected(item) && gone.contains(&item.id().name);
        for at in self.configs().filter(|&at| !is_gone(&self.items[at])).collect::<Vec<_>>() {
            let mut disabled: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (key, cluster) in clusters(self.planned(at)).collect::<Vec<_>>() {
                let is_lost = |files: &LostFiles| files.has(&cluster);
                if !lost.iter().any(is_lost) {
                    continue;
                }
                if cluster.is_enabled {
                    let config_map = self.items[at].id().clone();
                    self.problems.push(Problem::LeftOver { config_map, key, cluster: cluster.name });
                } else {
                    disabled.entry(key).or_default().insert(cluster.name);
                }
            }
            for (key, names) in disabled {
                let text = self.planned(at)["data"][&key].as_str().unwrap_or_default().to_owned();
                self.edit_config(Planned::Item(at), &key, &text, |draft| {
                    cluster_config::remove_clusters(draft, |name| names.contains(name));
                    Ok(())
                });
            }
        }
    }

    /// The files that an earlier run gave the pods and this one takes away, of clusters that are not in the spec.
    fn lost_files(&self) -> Vec<LostFiles> {
        let is_known = |name: &str| self.spec.clusters.iter().any(|cluster| cluster.name == name);
        let clusters = self.traces().clusters.iter().filter(|name| !is_known(name));
        let mut lost: Vec<LostFiles> = clusters.cloned().map(LostFiles::Of).collect();
        for (&at, draft) in &self.plan.drafts {
            let Some(template) = pod_template(self.items[at].id()) else { continue };
            let before = self.items[at].value();
            for name in self.earlier_volumes(at, template) {
                let [there, planned] = [before, draft.value()].map(|object| volume(template, object, &name));
                let kept = pod_spec::directories(template, draft.value(), &name);
                let directories = pod_spec::directories(template, before, &name).into_iter();
                let directories = directories.filter(|directory| there != planned || !kept.contains(directory));
                let known = self.spec.clusters.iter().map(|cluster| cluster.name.clone()).collect::<BTreeSet<_>>();
                lost.extend(directories.map(|at| LostFiles::In { directory: at.to_owned(), except: known.clone() }));
            }
        }
        lost
    }

    /// The Secrets without the annotation that look like this function's, and that nothing mounts now that a volume of an
    /// earlier run is gone.
    pub(super) fn orphans(&mut self) {
        let is_candidate = |at: &usize| {
            let item = &self.items[*at];
            item.id().gvk.kind == "Secret" && is_plain(item.value()) && !self.plan.left_out.contains(at)
        };
        let was_mounted = |secret: &Resource<'_>| {
            self.plan.drafts.keys().any(|&at| {
                let workload = &self.items[at];
                let Some(template) = pod_template(workload.id()) else { return false };
                names(secret).any(|name| pod_spec::has_volume_of(template, workload.value(), name))
            })
        };
        let candidates = self.members(Plane::Control).filter(is_candidate).map(|at| &self.items[at]);
        let orphans = candidates.filter(|secret| was_mounted(secret) && !self.is_mounted(secret));
        self.plan.orphans = orphans.map(|secret| secret.id().clone()).collect();
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
            names(secret).any(|name| pod_spec::has_volume_of(template, self.planned(at), name))
        })
    }
}

/// The volume of a pod that is called `name`.
fn volume<'v>(template: PodTemplate, object: &'v Value, name: &str) -> Option<&'v Value> {
    let volumes = template.get(object, &["spec", "volumes"])?.as_array()?;
    volumes.iter().find(|volume| volume["name"] == name)
}
