//! Checks that the containers which read the clusters read what was written, and find every file that it names.
//!
//! Source: flyteadmin reads both files of every cluster at start, of disabled ones too, and panics when one is missing;
//! flytestdlib merges configuration files in the order it finds them, where a later list replaces an earlier one.

use std::collections::{BTreeMap, BTreeSet};

use super::sight::{Container, Key, Object, Sight, keys, read_order};
use crate::field_path::FieldPath;
use crate::flyteadmin::command::{self, Command};
use crate::flyteadmin::files::is_usual;
use crate::flyteadmin::section::{Section, section};
use crate::spec::Spec;
use crate::wire::ResId;
use crate::workload::{self, CONTAINER_LISTS, list, pod_template, text};

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
    /// A container runs flyteadmin against the clusters, and nobody gave it the credentials.
    NotMounted {
        /// Its name.
        container: String,
        /// The file.
        path: String,
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
    },
    /// A container has the credentials and runs flyteadmin against the clusters, but mounts none of the targets.
    NoClusters {
        /// Its name.
        container: String,
        /// The ConfigMaps that it mounts.
        config_maps: Vec<String>,
    },
    /// A file that is read later has a list of clusters too, which replaces the one that was written.
    Overridden {
        /// The ConfigMap of the later file.
        config_map: ResId,
        /// Its key.
        key: String,
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
}

/// Checks every workload of the control plane as it will be written; `targets` are the ConfigMap keys with the clusters.
#[must_use]
pub fn check(spec: &Spec, objects: &[Object<'_>], targets: &[(ResId, String)]) -> Vec<Violation> {
    let mut check = Check {
        spec,
        names: spec.clusters.iter().map(|cluster| cluster.name.as_str()).collect(),
        sight: Sight::new(spec, objects),
        sections: sections(objects),
        targets: targets
            .iter()
            .filter_map(|(id, key)| Some((objects.iter().position(|object| object.id == *id)?, key.as_str())))
            .collect(),
        objects,
        is_mounted: BTreeSet::new(),
        is_noted: BTreeSet::new(),
        violations: Vec::new(),
    };
    for object in objects {
        check.workload(object);
    }
    check.unmounted();
    check.strays();
    check.violations
}

/// The sections there are, by the position of the ConfigMap and its key.
fn sections<'o>(objects: &'o [Object<'_>]) -> BTreeMap<Key<'o>, Section> {
    let is_config_map = |object: &Object<'_>| object.id.gvk.kind == "ConfigMap";
    let may_hold_one = |object: &Object<'_>| object.may_hold(|text| text.contains("clusters"));
    let config_maps = objects.iter().enumerate().filter(|(_, object)| is_config_map(object) && may_hold_one(object));
    config_maps
        .flat_map(|(at, object)| {
            let entries = object.value()["data"].as_object().into_iter().flatten();
            entries.filter_map(move |(key, value)| Some(((at, key.as_str()), section(value.as_str()?)?)))
        })
        .collect()
}

struct Check<'o> {
    spec: &'o Spec,
    names: BTreeSet<&'o str>,
    objects: &'o [Object<'o>],
    sight: Sight<'o>,
    sections: BTreeMap<Key<'o>, Section>,
    targets: BTreeSet<Key<'o>>,
    /// The targets that some container mounts.
    is_mounted: BTreeSet<Key<'o>>,
    /// The clusters left over that were reported, by the position of the ConfigMap.
    is_noted: BTreeSet<(usize, String)>,
    violations: Vec<Violation>,
}

impl<'o> Check<'o> {
    fn workload(&mut self, object: &'o Object<'o>) {
        let Some(template) = pod_template(&object.id) else { return };
        if !self.is_selected_at_all(object) && !object.may_hold(|text| self.concerns(text)) {
            return;
        }
        let Some(pod) = template.get(object.value(), &["spec"]) else { return };
        for containers in CONTAINER_LISTS {
            for (at, value) in list(pod, containers).iter().enumerate() {
                let name = text(value, "name");
                let container = Container {
                    name,
                    namespace: object.id.effective_namespace(),
                    value,
                    is_selected: self.is_selected(object, name),
                    command: Command::of(value),
                    patterns: command::patterns(value),
                    mounts: workload::files::mounts(pod, value),
                };
                let field = FieldPath::through(object.value(), template.path_to(&["spec", containers])).index(at);
                let faults = self.container(&container);
                let violation = |fault| Violation { id: object.id.clone(), field: field.clone(), fault };
                self.violations.extend(faults.into_iter().map(violation));
            }
        }
    }

    /// Whether `mounts` names some container of the object.
    fn is_selected_at_all(&self, object: &Object<'_>) -> bool {
        let is_of = |input| self.spec.credentials.mounts.iter().any(|mount| mount.selector.matches(input));
        object.input.is_some_and(is_of)
    }

    /// Whether an object of this text may have a container that reads the clusters or mounts a target.
    fn concerns(&self, text: &str) -> bool {
        let mut targets = self.targets.iter().flat_map(|(at, _)| &self.objects[*at].names);
        Command::may_be_in(text) || targets.any(|name| text.contains(name))
    }

    /// Whether `mounts` names the container.
    fn is_selected(&self, object: &Object<'_>, container: &str) -> bool {
        self.spec.credentials.mounts.iter().any(|mount| {
            object.input.is_some_and(|input| mount.selector.matches(input))
                && mount.containers.as_ref().is_none_or(|wanted| wanted.iter().any(|wanted| wanted == container))
        })
    }

    /// What is wrong with a container.
    fn container(&mut self, container: &Container<'o>) -> Vec<Fault> {
        let found = self.sight.files(container);
        let by_file: BTreeSet<Key<'o>> =
            found.iter().map(|(_, key)| *key).filter(|key| self.targets.contains(key)).collect();
        self.is_mounted.extend(&by_file);
        let order = read_order(container, &found);
        let by_variable = self.sight.variables(container, &self.targets);
        let read: BTreeSet<Key<'o>> =
            order.iter().copied().filter(|key| self.targets.contains(key)).chain(by_variable.iter().copied()).collect();
        let name = || container.name.to_owned();
        let is_reader = container.is_selected || container.command == Command::Clusters;

        let mut faults = Vec::new();
        if is_reader {
            for (path, _) in found.iter().filter(|(_, key)| by_file.contains(key) && !read.contains(key)) {
                let patterns = container.patterns.iter().map(|pattern| pattern.text.clone()).collect();
                faults.push(Fault::NotRead { container: name(), path: path.clone(), patterns });
            }
            self.order(&order);
        }
        let is_blind = by_file.is_empty() && by_variable.is_empty() && !found.is_empty();
        if container.is_selected && container.command == Command::Clusters && is_blind {
            let config_maps: BTreeSet<&str> =
                found.iter().map(|(_, (at, _))| self.objects[*at].id.name.as_str()).collect();
            let config_maps = config_maps.into_iter().map(str::to_owned).collect();
            faults.push(Fault::NoClusters { container: name(), config_maps });
        }
        if container.command == Command::Secrets && !read.is_empty() {
            faults.push(Fault::MustNotSee { container: name() });
        }
        faults.extend(match (container.is_selected, container.command) {
            (true, _) => {
                let sections = if read.is_empty() { self.targets.clone() } else { read };
                self.missing(container, &sections).map(|path| Fault::MissingFile { container: name(), path })
            }
            (false, Command::Clusters) => {
                self.missing(container, &read).map(|path| Fault::NotMounted { container: name(), path })
            }
            (false, _) => None,
        });
        faults
    }

    /// Of the files that are read in this order the last one with a list of clusters must be a target.
    fn order(&mut self, order: &[Key<'o>]) {
        let replaces = |key: &&Key<'o>| self.sections.get(key).is_some_and(|section| section.is_list);
        let Some(last) = order.iter().rfind(replaces).filter(|last| !self.targets.contains(last)) else { return };
        for (at, key) in order.iter().filter(|key| self.targets.contains(key)) {
            let config_map = self.objects[last.0].id.clone();
            let violation = Violation {
                id: self.objects[*at].id.clone(),
                field: FieldPath::at("data").key(key),
                fault: Fault::Overridden { config_map, key: last.1.to_owned() },
            };
            if !self.violations.contains(&violation) {
                self.violations.push(violation);
            }
        }
    }

    /// Targets that no container of the output mounts are read by one elsewhere, most likely as they usually are.
    fn unmounted(&mut self) {
        for (at, key) in self.targets.clone() {
            if !self.is_mounted.contains(&(at, key)) {
                let mut order: Vec<Key<'o>> = keys(self.objects[at].value()).map(|key| (at, key)).collect();
                order.retain(|(_, key)| is_usual(key));
                order.sort_unstable();
                self.order(&order);
            }
        }
    }

    /// What the targets map to clusters that are not there.
    fn strays(&mut self) {
        for target in &self.targets {
            let (at, key) = target;
            for (label, cluster) in self.sections.get(target).iter().flat_map(|section| &section.strays) {
                let fault = Fault::Stray { label: label.clone(), cluster: cluster.clone() };
                let id = self.objects[*at].id.clone();
                self.violations.push(Violation { id, field: FieldPath::at("data").key(key), fault });
            }
        }
    }

    /// The first file of these sections that a container would not find. What the spec does not name is only noted.
    fn missing(&mut self, container: &Container<'_>, sections: &BTreeSet<Key<'o>>) -> Option<String> {
        let mut leftovers = Vec::new();
        let mut first = None;
        for (at, key) in sections {
            for (cluster, path) in self.sections.get(&(*at, *key)).iter().flat_map(|section| &section.files) {
                let is_ours = self.names.contains(cluster.as_str());
                let is_strict = is_ours && container.is_selected;
                if self.sight.is_file(container, path) && (!is_strict || self.sight.is_credential(container, path)) {
                    continue;
                }
                if is_ours {
                    first = first.or_else(|| Some(path.clone()));
                } else {
                    leftovers.push((*at, *key, cluster.clone(), path.clone()));
                }
            }
        }
        for (at, key, cluster, path) in leftovers {
            if self.is_noted.insert((at, cluster.clone())) {
                let fault = Fault::Leftover { cluster, path, container: container.name.to_owned() };
                let id = self.objects[at].id.clone();
                self.violations.push(Violation { id, field: FieldPath::at("data").key(key), fault });
            }
        }
        first
    }
}
