//! Proposes a `PlaneSplit` for what a deployment runs.
//!
//! Every value comes from the resources; what only the user can know is a placeholder that the page lists at its top.
//! Each selector is tried: one that changes nothing is left out.

mod cluster_config;
mod components;
mod hosts;
mod page;
mod placing;
mod selectors;
mod without_flyte;

use anyhow::{Result, anyhow};
use serde_json::{Map, Value};

use crate::graph;
use crate::spec::Claim;
use crate::spec::v1alpha1::{GROUP, KIND};
use crate::wire::Resource;
use crate::wire::stream::Input;
use components::Component;

/// A cluster as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// The URL of its API server, if it is known.
    pub endpoint: Option<String>,
}

/// A resource that a selector places, and why there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seed {
    at: usize,
    claim: Claim,
    why: String,
}

/// A selector, and what is said about it.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    comments: Vec<String>,
    value: Value,
}

/// Everything that the page says.
#[derive(Debug, Default)]
struct Draft {
    /// How many resources it is made from.
    count: usize,
    /// What is known about the whole, in sentences.
    remarks: Vec<String>,
    /// The selectors of each list of `planes`.
    planes: Vec<(Claim, Vec<Line>)>,
    /// The resources that have no place, as selectors.
    unplaced: Vec<Line>,
    /// The Secrets that look like credentials, as selectors.
    credentials: Vec<Line>,
    /// `clusters`; none where nothing reads them.
    clusters: Vec<Cluster>,
    /// `credentials.namespace`.
    namespace: Option<String>,
    /// `credentials.mountPath`, if the default is taken.
    mount_path: Option<String>,
    /// `credentials.mounts`.
    mounts: Vec<Line>,
    /// `clusterConfig.targets`.
    targets: Vec<Line>,
    /// `dataPlane.serviceAccountToken`.
    token: Option<Value>,
    /// `overrides`.
    overrides: Vec<Override>,
    /// What no override reaches.
    unreachable: Vec<String>,
}

/// One of `overrides`.
#[derive(Debug, PartialEq)]
struct Override {
    comments: Vec<String>,
    namespace: Option<String>,
    config_map: String,
    key: String,
    merge: Map<String, Value>,
    /// The field paths below `merge` that hold a placeholder, and it.
    placeholders: Vec<(String, String)>,
}

/// The text of a `PlaneSplit` for `input`.
///
/// # Errors
///
/// When there is no resource to place, or the proposal would be no legal spec.
pub fn init(input: Input<'_>, clusters: &[Cluster]) -> Result<String> {
    let is_config = |item: &Resource<'_>| item.id().gvk.group == GROUP && item.id().gvk.kind == KIND;
    let items: Vec<Resource<'_>> = input.items.into_iter().filter(|item| !is_config(item)).collect();
    let graph = graph::build(&items);
    let components: Vec<Option<Component>> = items.iter().map(components::of).collect();
    let is_flyte = components.iter().flatten().any(|component| component.is_flyte());

    let mut draft = Draft { count: items.len(), ..Draft::default() };
    let seeds = if is_flyte {
        cluster_config::propose(&mut draft, &items, &components, clusters);
        placing::seeds(&items, &graph, &components, cluster_config::account(&items, &components))
    } else {
        without_flyte::propose(&mut draft, &items, &graph)
    };
    let placed = placing::place(&draft, &items, &graph, seeds).map_err(|problem| anyhow!(problem))?;
    hosts::propose(&mut draft, &items, &placed.claims);
    placing::fill(&mut draft, &items, &graph, &placed);
    let text = page::render(&draft);
    page::load(&text).map_err(|problem| anyhow!("the proposed spec is not legal: {problem}; please report it"))?;
    Ok(text)
}
