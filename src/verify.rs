//! Checks finished outputs against the resources that they were made from, whoever wrote them.
//!
//! What is expected is built anew from the spec, as values and not as text, and shares nothing with what plans edits:
//! only the placement of the resources is taken from where it is decided.

mod clusters;
mod expected;
mod leaks;
mod objects;
mod pods;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::classify::{Classified, Placement};
use crate::credentials::{self, Now};
use crate::field_path::FieldPath;
use crate::graph;
use crate::report::{self, Finding, plane_name};
use crate::spec::{Loaded, Plane, Spec};
use crate::steps;
use crate::wire::{ResId, Resource};
use expected::Expected;
use objects::Objects;

/// A finished output.
pub struct Output<'o, 'a> {
    /// How messages call it.
    pub name: &'o str,
    /// Which plane it is.
    pub plane: Plane,
    /// Its resources.
    pub items: &'o [Resource<'a>],
}

/// Everything that is wrong with `outputs`; nothing is.
#[must_use]
pub fn verify(loaded: &Loaded, base: &[Resource<'_>], outputs: &[Output<'_, '_>], now: Now) -> Vec<Finding> {
    let spec = &loaded.spec;
    let Classified { placements, problems } = steps::sort(loaded, base, graph::build(base)).classified;
    if !problems.is_empty() {
        return report::classify::findings(&problems);
    }
    let credentials = credentials::resolve(spec, base, now).ok().map(|(resolved, _)| resolved);
    let judged = |output: &Output<'_, '_>, cluster: Option<&str>| {
        let expected = Expected::new(spec, base, &placements, output, cluster, credentials.as_ref());
        differences(spec, base, &placements, output, &expected)
    };
    let mut findings: Vec<Finding> = outputs.iter().flat_map(|output| clusters::judge(spec, output, &judged)).collect();
    findings.extend(leaks::leaks(base, outputs));
    findings
}

/// What is missing, too much, or different in one output.
fn differences(
    spec: &Spec,
    base: &[Resource<'_>],
    placements: &[Placement],
    output: &Output<'_, '_>,
    expected: &Expected,
) -> Vec<Finding> {
    let found = Objects::new(output.items);
    let mut findings: Vec<Finding> = found.duplicates().map(|id| on(output, id, "is there twice")).collect();
    let mut known = vec![false; output.items.len()];
    let mut renamed = BTreeMap::new();
    let mut pairs = Vec::new();
    for (at, item) in base.iter().enumerate() {
        let place = found.find(item);
        let belongs = placements[at].is_in(output.plane);
        match place {
            Some(place) if belongs => {
                let (old, new) = (&item.id().name, &output.items[place].id().name);
                if old != new {
                    renamed.insert(new.clone(), old.clone());
                }
                pairs.push((at, place));
            }
            Some(place) if !output.items[place].is_local_config() => {
                findings.push(on(output, item.id(), &format!("does not belong to the {}", plane_name(output.plane))));
            }
            None if belongs => findings.push(on(output, item.id(), "is missing")),
            _ => {}
        }
        if let Some(place) = place {
            known[place] = true;
        }
    }
    for (at, place) in pairs {
        let wanted = expected.resource(at);
        let there = pods::plain(output.items[place].id(), output.items[place].value(), expected.own_config_maps());
        let mut fields = Vec::new();
        objects::compare(&wanted, &there, &renamed, &mut FieldPath::default(), &mut fields);
        findings.extend(
            fields.iter().map(|path| on(output, base[at].id(), "differs from what the base and the spec say").at(path)),
        );
        findings.extend(
            expected
                .missing_checksum(at, output.items[place].value())
                .map(|path| on(output, base[at].id(), "must have a checksum of its configuration there").at(path)),
        );
    }
    findings.extend(expected.additions(spec, output, &mut known));
    let invented = (0..known.len()).filter(|&at| !known[at] && !output.items[at].is_local_config());
    findings
        .extend(invented.map(|at| on(output, output.items[at].id(), "is neither in the base nor made by the spec")));
    findings
}

/// An error about a resource of an output.
fn on(output: &Output<'_, '_>, id: &ResId, rule: &str) -> Finding {
    Finding::error(format!("{}: {rule}", output.name)).on(id)
}

/// The object of a value; an empty one for anything else.
fn entries(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
