//! Lets Flyte's own flyteadmin judge what the function writes.
//!
//! `make test-flyte` runs these tests; `cargo test` does not, because flyteadmin and the API servers take minutes to build.
//! `SPLIT_PLANES_FLYTE` names a checkout of flyteorg/flyte; without one the tests are skipped, under CI too. The programs of a database and a
//! Python with flytekit are looked for where Debian and `.ci/run` put them. Everything runs on loopback.

#![allow(clippy::unwrap_used, reason = "what helpers of tests cannot unwrap is a failed test")]

#[path = "common/api_server.rs"]
mod api_server;
mod common;
#[path = "flyte/deployment.rs"]
mod deployment;
#[path = "flyte/flyteadmin.rs"]
mod flyteadmin;
#[path = "flyte/postgres.rs"]
mod postgres;

use std::collections::{BTreeMap, BTreeSet};

use api_server::Cluster;
use common::{corpus, tools};
use deployment::Deployment;
use flyteadmin::Flyteadmin;
use serde_json::json;

/// The clusters that the tests start, and whether flyteadmin may use them.
const CLUSTERS: [(&str, bool); 3] = [("one", true), ("two", true), ("off", false)];

/// A deployment with three data planes, whose control plane is built and written out for flyteadmin.
struct Fixture {
    clusters: BTreeMap<&'static str, Cluster>,
    deployment: Deployment,
}

impl Fixture {
    /// Starts the clusters, applies the data planes and fetches their tokens; `change` is made to the deployment before.
    fn start(change: impl FnOnce(&mut Deployment)) -> Option<Self> {
        flyteadmin::program()?;
        Self::of(Deployment::of_the_example()?, change)
    }

    fn of(deployment: Deployment, change: impl FnOnce(&mut Deployment)) -> Option<Self> {
        let mut clusters = BTreeMap::new();
        for (name, _) in CLUSTERS {
            clusters.insert(name, Cluster::start()?);
        }
        let entries = CLUSTERS.map(|(name, enabled)| {
            let secret = json!({ "secret": format!("{name}-token") });
            let limits = json!({ "qps": 100, "burst": 200, "timeout": "30s" });
            json!({
                "name": name, "endpoint": clusters[name].endpoint(), "enabled": enabled, "credentials": secret,
                "kubeClientConfig": limits,
            })
        });
        let mut fixture = Self { clusters, deployment };
        fixture.deployment.change_spec(|spec| {
            spec["clusters"] = json!(entries);
            spec["labelClusterMap"] = json!({
                "to-one": [{ "id": "one", "weight": 1 }],
                "to-two": [{ "id": "two", "weight": 1 }],
                "to-both": [{ "id": "one", "weight": 0.5 }, { "id": "two", "weight": 0.5 }],
                "to-off": [{ "id": "off", "weight": 1 }],
            });
            spec["defaultExecutionLabel"] = json!("to-two");
        });
        change(&mut fixture.deployment);
        fixture.apply_data_planes();
        Some(fixture)
    }

    fn apply_data_planes(&mut self) {
        for (name, cluster) in &self.clusters {
            let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: flyte}}";
            cluster.kubectl(&["apply", "-f", "-"], namespace).success();
            cluster.kubectl(&["apply", "-f", "-"], &self.deployment.data_plane()).success();
            cluster.wait_for_token("flyteadmin-token");
            let secret = cluster.get("secret", "flyteadmin-token");
            self.deployment.add_credentials(&format!("{name}-token"), &secret["data"]);
        }
    }

    /// How many namespaces of a project each cluster has.
    fn project_namespaces(&self) -> BTreeMap<&'static str, usize> {
        let count = |cluster: &Cluster| {
            let names = cluster.kubectl(&["get", "namespaces", "-o", "name"], "").success();
            names.lines().filter(|name| name.starts_with("namespace/flytesnacks-")).count()
        };
        self.clusters.iter().map(|(name, cluster)| (*name, count(cluster))).collect()
    }

    /// flyteadmin makes the namespaces of its project in every enabled cluster, and in no other.
    #[track_caller]
    fn assert_synced(&self) {
        let Some(admin) = Flyteadmin::new(&self.deployment.files()) else { return };
        admin.sync().success();
        assert_eq!(self.project_namespaces(), BTreeMap::from([("one", 3), ("two", 3), ("off", 0)]));
    }

    /// The cluster that each execution was sent to.
    fn executions(&self) -> BTreeMap<String, &'static str> {
        let mut found = BTreeMap::new();
        for (name, cluster) in &self.clusters {
            let printed = cluster.kubectl(&["get", "flyteworkflows", "-A", "-o", "name"], "").success();
            found.extend(printed.lines().filter_map(|line| Some((line.split_once('/')?.1.to_owned(), *name))));
        }
        found
    }
}

#[test]
fn projects_come_to_every_enabled_data_plane_and_executions_follow_the_labels() {
    let Some(fixture) = Fixture::start(|_| ()) else { return };
    let files = fixture.deployment.files();
    let Some(admin) = Flyteadmin::new(&files) else { return };
    admin.sync().success();
    assert_eq!(fixture.project_namespaces(), BTreeMap::from([("one", 3), ("two", 3), ("off", 0)]));

    let server = admin.serve();
    server.client(&["register"]);
    let started = |label: &[&str], count: &str| -> BTreeSet<&'static str> {
        let arguments: Vec<&str> = ["execute", count].iter().chain(label).copied().collect();
        let names = server.client(&arguments);
        let executions = fixture.executions();
        names.lines().map(|name| executions[name]).collect()
    };
    assert_eq!(started(&["to-one"], "3"), BTreeSet::from(["one"]));
    assert_eq!(started(&["to-two"], "3"), BTreeSet::from(["two"]));
    assert_eq!(started(&[], "3"), BTreeSet::from(["two"]), "the default label");
    assert_eq!(started(&["to-both"], "20"), BTreeSet::from(["one", "two"]));
    assert!(!fixture.executions().values().any(|cluster| *cluster == "off"), "a disabled cluster gets no execution");

    // ValidateCluster: the producer of an event is nobody, flytepropeller's default, or the cluster of the execution.
    for (producer, answer) in [
        ("", "OK"),
        ("propeller", "OK"),
        ("one", "OK"),
        ("two", "FAILED_PRECONDITION"),
        ("ONE", "FAILED_PRECONDITION"),
        ("something-else", "FAILED_PRECONDITION"),
    ] {
        let name = server.client(&["execute", "1", "to-one"]);
        assert_eq!(server.client(&["event", name.trim(), producer]).trim(), answer, "producer {producer:?}");
    }

    // What an execution of before the split is: flyteadmin recorded no cluster for it.
    let name = server.client(&["execute", "1", "to-one"]);
    let name = name.trim();
    admin.sql(&format!("update executions set cluster = '' where execution_name = '{name}'"));
    assert_eq!(server.client(&["event", name, "one"]).trim(), "FAILED_PRECONDITION");
    assert_eq!(server.client(&["event", name, "propeller"]).trim(), "OK");
    assert_ne!(server.client(&["terminate", name]).trim(), "OK", "it cannot be aborted any more");
}

#[test]
fn a_container_without_the_files_of_an_enabled_cluster_panics() {
    let Some(fixture) = Fixture::start(|_| ()) else { return };
    let mut files = fixture.deployment.files();
    files.content.retain(|path, _| !path.ends_with("one_token"));
    let Some(admin) = Flyteadmin::new(&files) else { return };
    let synced = admin.sync();
    assert!(synced.stderr.contains("Failed to get auth token"), "{}", synced.stderr);
}

#[test]
fn a_config_map_of_its_own_is_read_too() {
    let Some(fixture) = Fixture::start(|deployment| {
        // A file beside the one that is there is read only through a pattern.
        for file in ["flyteadmin.yaml", "syncresources.yaml"] {
            deployment.replace(file, "/etc/flyte/config/flyteadmin_config.yaml", "/etc/flyte/config/*.yaml");
        }
        deployment.change_spec(|spec| {
            let target = json!({ "configMap": "flyte-clusters", "key": "clusters.yaml", "create": true });
            spec["clusterConfig"]["targets"] = json!([target]);
        });
    }) else {
        return;
    };
    fixture.assert_synced();
}

#[test]
fn secrets_that_were_made_elsewhere_open_the_data_planes() {
    let Some(fixture) = Fixture::start(|deployment| {
        deployment.change_spec(|spec| {
            for cluster in spec["clusters"].as_array_mut().unwrap() {
                cluster["credentials"] = json!({ "existingSecret": cluster["credentials"]["secret"] });
            }
            let secrets = json!({ "kind": "Secret", "name": "(one|two|off)-token" });
            spec["planes"]["controlPlane"].as_array_mut().unwrap().push(secrets);
        });
    }) else {
        return;
    };
    fixture.assert_synced();
}

#[test]
fn what_the_chart_renders_runs_with_the_spec_for_it() {
    let Some(corpus) = corpus::find() else { return tools::skip("the corpus of real deployments is not there") };
    if flyteadmin::program().is_none() {
        return;
    }
    let render = corpus.join("helm-eks-v1.12.0/single.yaml");
    let Some(deployment) = Deployment::of_the_chart(&render) else { return };
    let Some(fixture) = Fixture::of(deployment, |_| ()) else { return };
    fixture.assert_synced();
}
