//! Checks that the containers which read the clusters read what was written, and find every file that it names.
//!
//! Source: flyteadmin reads both files of every cluster at start, of disabled ones too, and panics when one is missing;
//! a part of flyteadmin that sees no clusters works on the cluster that it runs in.

use std::collections::{BTreeMap, BTreeSet};

use super::plane_view::{Container, File, Key, PlaneView, read};
use crate::field_path::FieldPath;
use crate::flyteadmin::command::Command;
use crate::flyteadmin::files::is_usual;
use crate::flyteadmin::section::{Part, SECTION, Section};
use crate::flyteadmin::settings::Setting;
use crate::wire::ResId;

/// What does not hold, and the resource and field that it is seen in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The workload, or the ConfigMap.
    pub id: ResId,
    /// The field path.
    pub field: FieldPath,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a container, or with the clusters that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A container was to have the credentials, and a file is not there.
    MissingFile {
        /// Its name.
        container: String,
        /// The file.
        path: String,
    },
    /// A container runs flyteadmin against the clusters, and does not have the credentials.
    NotMounted {
        /// Its name.
        container: String,
        /// The file.
        path: String,
        /// Whether the cluster is enabled.
        is_enabled: bool,
    },
    /// A container makes flyteadmin's own secrets and refuses to start when it sees clusters.
    MustNotSee {
        /// Its name.
        container: String,
    },
    /// A container finds the clusters in a file that its `--config` does not name.
    NotRead {
        /// Its name.
        container: String,
        /// The file.
        path: String,
        /// What `--config` names.
        patterns: Vec<String>,
        /// Whether `mounts` names it and it reads no other clusters.
        is_error: bool,
    },
    /// A container runs flyteadmin against the clusters and sees none.
    NoClusters {
        /// Its name.
        container: String,
        /// The ConfigMaps that it reads configuration from.
        config_maps: Vec<String>,
        /// Whether `mounts` names it.
        is_selected: bool,
    },
    /// Another file of a container has something of the section that is read instead of what was written.
    Overridden {
        /// The ConfigMap or Secret of the other file.
        by: ResId,
        /// Its key.
        key: String,
        /// Whether the clusters can be written there instead: it is text of a ConfigMap.
        is_text: bool,
        /// What it has.
        parts: BTreeSet<Part>,
        /// The labels that it has; none are named of a Secret.
        labels: BTreeSet<String>,
    },
    /// A cluster that the spec does not have, from before, names a file that is not there.
    Leftover {
        /// Its name.
        cluster: String,
        /// The file.
        path: String,
        /// A container that reads it.
        container: String,
    },
    /// `labelClusterMap` maps a label to a cluster that `clusterConfigs` does not have.
    Stray {
        /// The label.
        label: String,
        /// The id that no cluster has.
        cluster: String,
    },
    /// Overrides removed clusters of the spec.
    Removed {
        /// The clusters' names.
        clusters: Vec<String>,
    },
    /// `labelClusterMap` has a label with capitals, which is read in lower case.
    Capitals {
        /// The label.
        label: String,
    },
    /// `labelClusterMap` has labels, and there is no label for executions without one.
    NoDefaultLabel,
    /// Nothing here is known to read the clusters.
    NoReader,
}

/// Checks every workload of the control plane as it will be written; `targets` are the ConfigMap keys with the clusters.
#[must_use]
pub fn check<'o>(view: &PlaneView<'o>, targets: &'o [(ResId, String)]) -> Vec<Violation> {
    let position = |id: &ResId| view.objects.iter().position(|object| object.id == *id);
    let targets: BTreeSet<Key<'_>> =
        targets.iter().filter_map(|(id, key)| Some((position(id)?, key.as_str()))).collect();
    let mut check = Check {
        view,
        names: view.spec.clusters.iter().map(|cluster| cluster.name.as_str()).collect(),
        sections: targets.iter().filter_map(|key| Some((*key, view.section(*key)?))).collect(),
        targets,
        is_mounted: BTreeSet::new(),
        is_noted: BTreeSet::new(),
        is_anyone_reading: false,
        violations: Vec::new(),
    };
    for container in view.containers() {
        check.container(&container);
    }
    check.unmounted();
    check.removed();
    check.labels();
    check.no_reader();
    check.violations
}

struct Check<'v, 'o> {
    view: &'v PlaneView<'o>,
    names: BTreeSet<&'o str>,
    targets: BTreeSet<Key<'o>>,
    sections: BTreeMap<Key<'o>, Section>,
    /// The targets that some container mounts.
    is_mounted: BTreeSet<Key<'o>>,
    /// The clusters left over that were reported, by the position of the ConfigMap.
    is_noted: BTreeSet<(usize, String)>,
    is_anyone_reading: bool,
    violations: Vec<Violation>,
}

impl<'o> Check<'_, 'o> {
    fn add(&mut self, id: &ResId, field: &FieldPath, fault: Fault) {
        let violation = Violation { id: id.clone(), field: field.clone(), fault };
        if !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }

    /// Takes down a fault of what is under a key.
    fn add_at(&mut self, key: Key<'o>, fault: Fault) {
        let id = self.view.objects[key.0].id.clone();
        self.add(&id, &self.view.field(key), fault);
    }

    fn container(&mut self, container: &Container<'o>) {
        let files = self.view.files(container);
        let order = read(container, &files);
        let mounted: BTreeSet<Key<'o>> =
            files.iter().map(|file| file.key).filter(|key| self.targets.contains(key)).collect();
        let by_variable = self.view.variables(container, &self.targets);
        let read: BTreeSet<Key<'o>> =
            order.iter().chain(&by_variable).copied().filter(|key| self.targets.contains(key)).collect();
        self.is_mounted.extend(&mounted);
        self.is_anyone_reading |= container.command.may_read_clusters();

        let reads_clusters = container.command.reads_clusters();
        if container.is_selected || reads_clusters {
            self.not_read(container, &files, &read);
            self.order(&order);
        }
        if reads_clusters {
            self.blind(container, &files, &order, &by_variable);
        }
        for fault in self.faults(container, read) {
            self.add(&container.workload.id, &container.field, fault);
        }
    }

    /// The targets that a container finds in files which its command line does not name.
    fn not_read(&mut self, container: &Container<'o>, files: &[File<'o>], read: &BTreeSet<Key<'o>>) {
        let is_error = container.is_selected && container.command.reads_clusters() && read.is_empty();
        let targets = self.targets.clone();
        for file in files.iter().filter(|file| targets.contains(&file.key) && !read.contains(&file.key)) {
            let patterns = container.patterns.iter().map(|pattern| pattern.text.clone()).collect();
            let (name, path) = (container.name.to_owned(), file.path.clone());
            let fault = Fault::NotRead { container: name, path, patterns, is_error };
            self.add(&container.workload.id, &container.field, fault);
        }
    }

    /// A container that runs flyteadmin against the clusters must see some, if what it sees is known.
    fn blind(&mut self, container: &Container<'o>, files: &[File<'o>], order: &[Key<'o>], variables: &[Key<'o>]) {
        let has_clusters = |key: &Key<'o>| {
            let section = self.view.section(*key);
            section.is_some_and(|section| section.clusters.is_some_and(|clusters| !clusters.is_empty()))
        };
        let finds_a_target = files.iter().any(|file| self.targets.contains(&file.key));
        let is_seeing = !variables.is_empty() || order.iter().any(has_clusters);
        if is_seeing || finds_a_target || self.view.may_read_unseen(container) {
            return;
        }
        let config_maps: BTreeSet<&str> = files
            .iter()
            .filter(|file| !self.view.is_secret(file.key))
            .map(|file| self.view.objects[file.key.0].id.name.as_str())
            .collect();
        let fault = Fault::NoClusters {
            container: container.name.to_owned(),
            config_maps: config_maps.into_iter().map(str::to_owned).collect(),
            is_selected: container.is_selected,
        };
        self.add(&container.workload.id, &container.field, fault);
    }

    /// What is wrong with the files of a container that reads `read`.
    fn faults(&mut self, container: &Container<'o>, read: BTreeSet<Key<'o>>) -> Vec<Fault> {
        let name = || container.name.to_owned();
        let mut faults = Vec::new();
        if container.command == Command::Secrets && !read.is_empty() {
            faults.push(Fault::MustNotSee { container: name() });
        }
        if container.is_selected {
            let sections = if read.is_empty() { self.targets.clone() } else { read };
            let missing = self.missing(container, &sections);
            faults.extend(missing.map(|(path, _)| Fault::MissingFile { container: name(), path }));
        } else if container.command.reads_clusters() {
            let missing = self.missing(container, &read);
            faults.extend(missing.map(|(path, is_enabled)| Fault::NotMounted { container: name(), path, is_enabled }));
        }
        faults
    }

    /// Of the files that are read in this order, none but targets may say something of the clusters that counts instead of
    /// what the targets say.
    fn order(&mut self, order: &[Key<'o>]) {
        let Some(last) = order.iter().rposition(|key| self.targets.contains(key)) else { return };
        let merged = self.view.merged(order);
        let is_target = |file: usize| self.targets.contains(&order[file]);
        let mut faults: BTreeMap<(Key<'o>, Key<'o>), (BTreeSet<Part>, BTreeSet<String>)> = BTreeMap::new();
        for (file, key) in order.iter().enumerate() {
            for setting in self.view.settings(*key) {
                let Some(part) = Part::of(&setting.path) else { continue };
                let winner = merged.winner(&setting.path, file);
                let is_read = merged.get(&setting.path).is_some_and(|(found, _)| found == file);
                let (target, other) = match winner {
                    Some(winner) if is_target(file) && !is_target(winner) => (file, winner),
                    None if is_read && !is_target(file) && adds(part, setting, file > last) => (last, file),
                    _ => continue,
                };
                let (parts, labels) = faults.entry((order[target], order[other])).or_default();
                parts.insert(part);
                if part == Part::Labels && !self.view.is_secret(order[other]) {
                    labels.extend(
                        setting.written.get(2..).map(|label| label.join(".")).filter(|label| !label.is_empty()),
                    );
                }
            }
        }
        for ((target, other), (parts, labels)) in faults {
            let by = self.view.objects[other.0].id.clone();
            self.add_at(
                target,
                Fault::Overridden { by, key: other.1.to_owned(), is_text: self.view.is_text(other), parts, labels },
            );
        }
    }

    /// Targets that no container of the output mounts are read by one elsewhere, most likely as they usually are.
    fn unmounted(&mut self) {
        for target in self.targets.clone() {
            if !self.is_mounted.contains(&target) {
                let order: Vec<Key<'o>> = self.view.keys(target.0).filter(|(_, key)| is_usual(key)).collect();
                self.order(&order);
            }
        }
    }

    /// What was written must be there after the overrides.
    fn removed(&mut self) {
        for key in self.targets.clone() {
            let section = self.sections.get(&key);
            let there = section.map(Section::names).unwrap_or_default();
            let clusters: Vec<String> = self.names.difference(&there).map(|name| (*name).to_owned()).collect();
            if !clusters.is_empty() {
                self.add_at(key, Fault::Removed { clusters });
            }
        }
    }

    /// What is odd about the labels of the targets.
    fn labels(&mut self) {
        for (key, section) in self.sections.clone() {
            for (label, cluster) in section.strays() {
                self.add_at(key, Fault::Stray { label: label.to_owned(), cluster: cluster.to_owned() });
            }
            let is_ours = |read: &str| self.view.spec.label_cluster_map.iter().any(|(label, _)| label == read);
            for label in section.labels.iter().filter(|label| label.read != label.written && !is_ours(&label.read)) {
                self.add_at(key, Fault::Capitals { label: label.written.clone() });
            }
        }
        let has_no_default = |section: &&Section| !section.labels.is_empty() && section.default_label.is_none();
        if let Some((key, _)) = self.sections.iter().find(|(_, section)| has_no_default(section)) {
            self.add_at(*key, Fault::NoDefaultLabel);
        }
    }

    fn no_reader(&mut self) {
        if let (false, Some(&target)) = (self.is_anyone_reading, self.targets.first()) {
            self.add_at(target, Fault::NoReader);
        }
    }

    /// The first file of these sections that a container would not find, and whether its cluster is enabled. What the spec
    /// does not name is only noted.
    fn missing(&mut self, container: &Container<'_>, sections: &BTreeSet<Key<'o>>) -> Option<(String, bool)> {
        let mut leftovers = Vec::new();
        let mut first: Option<(String, bool)> = None;
        for key in sections {
            let clusters = self.sections.get(key).and_then(|section| section.clusters.as_ref());
            for cluster in clusters.into_iter().flatten() {
                for path in cluster.files.iter().flatten() {
                    let is_ours = self.names.contains(cluster.name.as_str());
                    let is_strict = is_ours && container.is_selected;
                    if self.view.is_file(container, path) && (!is_strict || self.view.is_credential(container, path)) {
                        continue;
                    }
                    if !is_ours {
                        leftovers.push((*key, cluster.name.clone(), path.clone()));
                    } else if first.as_ref().is_none_or(|(_, is_enabled)| cluster.is_enabled && !is_enabled) {
                        first = Some((path.clone(), cluster.is_enabled));
                    }
                }
            }
        }
        for (key, cluster, path) in leftovers {
            if self.is_noted.insert((key.0, cluster.clone())) {
                self.add_at(key, Fault::Leftover { cluster, path, container: container.name.to_owned() });
            }
        }
        first
    }
}

/// Whether a setting of a file that is no target changes what flyteadmin reads. What an earlier file has stays, as entries
/// of the targets do that are not ours.
fn adds(part: Part, setting: &Setting, is_later: bool) -> bool {
    let is_set = match part {
        Part::Clusters => setting.path != SECTION,
        Part::Labels => setting.value.as_array().is_some_and(|members| !members.is_empty()),
        Part::DefaultLabel => setting.value.as_str().is_some_and(|label| !label.is_empty()),
    };
    is_later && is_set
}
